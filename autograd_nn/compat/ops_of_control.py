"""Of ``keras.ops`` what calls functions: Python's own ``if`` and ``for``, with Keras's arguments.

Nothing here needs to be compiled, so each runs as one would write it, and is recorded as it runs.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.compat.own_gradients import custom_gradient
from autograd_nn.compat.tensors import convert_to_tensor
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.transforms.first_derivatives import jvp as _jvp
from autograd_nn.layers.placeholder import Placeholder

__all__ = [
    "associative_scan", "cond", "custom_gradient", "fori_loop", "jvp", "map", "scan", "switch",
    "vectorized_map", "while_loop",
]  # fmt: skip


def _decided(value: Any, way: str) -> Any:
    if isinstance(value, Placeholder):
        raise ArgumentTypeError(
            "What a functional model computes cannot depend on the values of its inputs in this "
            f"way: {way}, or write a layer of your own."
        )
    return value


def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """What one of two functions gives."""
    is_true = bool(_decided(pred, "take ops.where(pred, a, b)"))
    return true_fn() if is_true else false_fn()


def switch(index: Any, branches: Any, *operands: Any) -> Any:
    """What one of several functions gives; an index beyond the ends is that at the end."""
    place = int(_decided(index, "compute all of them, and take ops.where"))
    return branches[min(max(place, 0), len(branches) - 1)](*operands)


def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    maximum_iterations: int | None = None,
) -> Any:
    """``loop_vars`` replaced by what ``body`` gives for them as long as ``cond`` holds of them."""
    is_one = not isinstance(loop_vars, (list, tuple))
    values = (loop_vars,) if is_one else tuple(loop_vars)
    turns = 0
    while (maximum_iterations is None or turns < maximum_iterations) and bool(cond(*values)):
        found = body(*values)
        values = tuple(found) if isinstance(found, (list, tuple)) else (found,)
        turns += 1
    return values[0] if is_one else values


def fori_loop(lower: Any, upper: Any, body_fun: Callable[[int, Any], Any], init_val: Any) -> Any:
    """``init_val`` replaced by ``body_fun(i, value)`` for each i from lower to upper − 1."""
    value = init_val
    for i in range(int(lower), int(upper)):
        value = body_fun(i, value)
    return value


def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: Any = 1,
) -> tuple[Any, Any]:
    """carry, y = f(carry, x) for every x along the first axis: the last carry, all y stacked."""
    values, outline = flatten(xs)
    arrays = [convert_to_tensor(x) for x in values if x is not None]
    count = len(arrays[0]) if arrays else int(length or 0)
    carry, results = init, []
    places = range(count)
    for i in reversed(places) if reverse else places:
        x = rebuild(outline, [array[i] for array in arrays]) if arrays else None
        carry, y = f(carry, x)
        results.append(y)
    return carry, _stacked(results[::-1] if reverse else results)


def map(f: Callable[[Any], Any], xs: Any) -> Any:
    """What a function gives for every x along the first axis, stacked."""
    return scan(lambda _, x: (None, f(x)), None, xs)[1]


vectorized_map = map


def associative_scan(
    f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0
) -> Any:
    """x₁, f(x₁, x₂), f(f(x₁, x₂), x₃) … along an axis: of np.add the running sum."""
    values, outline = flatten(elems)
    arrays = [np.moveaxis(convert_to_tensor(x), axis, 0) for x in values]
    places = range(len(arrays[0]))
    parts = [rebuild(outline, [array[i] for array in arrays]) for i in places]
    results: list[Any] = []
    for part in reversed(parts) if reverse else parts:
        results.append(f(results[-1], part) if results else part)
    stacked, outline = flatten(_stacked(results[::-1] if reverse else results))
    return rebuild(outline, [np.moveaxis(x, 0, axis) for x in stacked])


def _stacked(results: list[Any]) -> Any:
    """A list of structures as a structure of what stands at each of its places, stacked."""
    if not results or results[0] is None:
        return None
    columns = zip(*(flatten(result)[0] for result in results), strict=True)
    outline = flatten(results[0])[1]
    return rebuild(outline, [np.stack(list(builtins.map(convert_to_tensor, x))) for x in columns])


def jvp(fun: Callable[..., Any], primals: Any, tangents: Any, has_aux: bool = False) -> Any:
    """What a function gives, and how it changes where its arguments go along the tangents."""
    along, direction = (tuple(builtins.map(convert_to_tensor, x)) for x in (primals, tangents))
    return _jvp(fun, along, direction, has_aux)
