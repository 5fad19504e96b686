"""Gradients as one wants them, with TensorFlow's names: rules of one's own, and limits of norms."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.compat.tensors import convert_to_tensor
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.transforms.own_rules import custom_gradient as of_arrays
from autograd_nn.samples import array_of


def custom_gradient(f: Callable[..., Any]) -> Any:
    """``f(*inputs)`` gives (value, rule), and ``rule`` takes and gives gradients: Tensors, all."""

    @functools.wraps(f, updated=())
    def told(*inputs: Any) -> tuple[Any, Any]:
        value, rule = f(*map(convert_to_tensor, inputs))
        if type(value) is Tensor and value.requires_grad and not any(map(_is_wanted, inputs)):
            raise ArgumentTypeError(
                f"{name} uses a Tensor from outside, whose gradient would be lost. Give it as an "
                "input, with a gradient for it from the rule."
            )

        def pulled(g: Any) -> Any:
            found = rule(convert_to_tensor(g))
            if type(g) is Tensor:
                return found
            is_one = not isinstance(found, (list, tuple))
            return array_of(found) if is_one else tuple(map(array_of, found))

        return array_of(value), pulled

    name = getattr(f, "__name__", type(f).__name__)
    made = of_arrays(told)
    return lambda *inputs: made(*map(convert_to_tensor, inputs))


def _is_wanted(x: Any) -> bool:
    return type(x) is Tensor and x.requires_grad


def clip_by_norm(t: Any, clip_norm: float, axes: Any = None) -> Tensor:
    """The same direction, no longer than ``clip_norm``."""
    t = convert_to_tensor(t)
    square = np.sum(t * t, axis=axes, keepdims=True)
    return t * (clip_norm / np.sqrt(np.maximum(square, clip_norm**2)))


def clip_by_global_norm(t_list: Any, clip_norm: float) -> tuple[list[Any], Tensor]:
    """All of them multiplied by one number, so that together they are no longer than that."""
    norm = np.sqrt(sum(np.sum(t * t) for t in map(convert_to_tensor, t_list)))
    return [t * (clip_norm / np.maximum(norm, clip_norm)) for t in t_list], norm
