"""Gradients as one wants them, with TensorFlow's names: rules of one's own, and limits of norms."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.compat.tensors import convert_to_tensor
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.transforms.own_rules import custom_gradient as of_arrays
from autograd_nn.samples import array_of


def custom_gradient(f: Callable[..., Any]) -> Any:
    """``f(*inputs)`` gives (value, rule), and ``rule`` takes and gives gradients: Tensors, all.

    Of several values it takes one gradient for each, as in TensorFlow, or else all in a tuple.
    """

    @functools.wraps(f, updated=())
    def told(*inputs: Any) -> tuple[Any, Any]:
        value, rule = f(*map(convert_to_tensor, inputs))
        several = isinstance(value, (list, tuple))
        if any(map(_is_wanted, value if several else (value,))) and not any(
            map(_is_wanted, inputs)
        ):
            raise ArgumentTypeError(
                f"{name} uses a Tensor from outside, whose gradient would be lost. Give it as an "
                "input, with a gradient for it from the rule."
            )

        def pulled(g: Any) -> Any:
            parts = g if several else (g,)
            given = [convert_to_tensor(part) for part in parts]
            apart = not several or _takes(rule, given)
            found = rule(*given) if apart else rule(tuple(given))
            if any(type(part) is Tensor for part in parts):
                return found
            is_one = not isinstance(found, (list, tuple))
            return array_of(found) if is_one else tuple(map(array_of, found))

        return tuple(map(array_of, value)) if several else array_of(value), pulled

    name = getattr(f, "__name__", type(f).__name__)
    made = of_arrays(told)
    return lambda *inputs: made(*map(convert_to_tensor, inputs))


def _is_wanted(x: Any) -> bool:
    return type(x) is Tensor and x.requires_grad


def _takes(rule: Callable[..., Any], given: list[Any]) -> bool:
    try:
        inspect.signature(rule).bind(*given)
    except TypeError:
        return False
    return True


def clip_by_norm(t: Any, clip_norm: float, axes: Any = None) -> Tensor:
    """The same direction, no longer than ``clip_norm``."""
    t = convert_to_tensor(t)
    square = np.sum(t * t, axis=axes, keepdims=True)
    return t * (clip_norm / np.sqrt(np.maximum(square, clip_norm**2)))


def clip_by_global_norm(t_list: Any, clip_norm: float) -> tuple[list[Any], Tensor]:
    """All of them multiplied by one number, so that together they are no longer than that."""
    norm = np.sqrt(sum(np.sum(t * t) for t in map(convert_to_tensor, t_list)))
    return [t * (clip_norm / np.maximum(norm, clip_norm)) for t in t_list], norm
