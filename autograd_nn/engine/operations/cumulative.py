"""Running sums and products, and the recurrence that is behind their derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine.applying import apply
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.reductions import widened
from autograd_nn.engine.tensor import Tensor


def _along(axis: int, key: Any) -> tuple[Any, ...]:
    """An index of one axis, which is counted from the end."""
    return (..., key, *(slice(None),) * (-1 - axis))


def _reversed(x: Any, axis: int) -> Any:
    return x[_along(axis, slice(None, None, -1))]


def _accumulated(ufunc: Any, x: Any, axis: int) -> Any:
    if x.dtype == np.float16:
        return ufunc.accumulate(widened(x), axis).astype(x.dtype)
    # As np.cumsum, which counts the true ones of booleans.
    dtype = np.int64 if x.dtype.kind in "bi" else np.uint64 if x.dtype.kind == "u" else None
    return ufunc.accumulate(x, axis, dtype)


def _from_here_on(x: Any, axis: int) -> Any:
    return _reversed(np.cumsum(_reversed(x, axis), axis), axis)


# For formulas alone, which name it.
_named_from_here_on = Operation("sums_from_here_on", value=_from_here_on, gradients=(None,))

cumsum = Operation(
    "cumsum",
    symbol="Σ…",
    numpy={np.cumsum: lambda a, axis=None, dtype=None: a.cumsum(axis, dtype)},
    value=lambda x, axis: _accumulated(np.add, x, axis),
    gradients=(lambda g, out, x, axis: _from_here_on(g, axis),),
    formula=(lambda g, out, x, axis: _named_from_here_on(g, axis=axis),),
)


def _recurrence(a: Any, b: Any, axis: int) -> Any:
    out = np.array(np.broadcast_to(widened(b), np.broadcast_shapes(a.shape, b.shape)))
    factors, steps = np.moveaxis(np.broadcast_to(a, out.shape), axis, 0), np.moveaxis(out, axis, 0)
    for t in range(1, len(steps)):
        steps[t] += factors[t] * steps[t - 1]
    return out.astype(b.dtype, copy=False)


def _shifted(x: Any, axis: int, by: int) -> Any:
    """The elements one place further on (1) or back (-1), a zero where none comes from."""
    zero = np.zeros_like(x[_along(axis, slice(0, 1))])
    if by == 1:
        return np.concatenate([zero, x[_along(axis, slice(None, -1))]], axis)
    return np.concatenate([x[_along(axis, slice(1, None))], zero], axis)


def _sent_back(g: Any, a: Any, axis: int) -> Any:
    # What reaches step t: g[t] and, by the factor a[t + 1], all that reaches step t + 1.
    later = _reversed(_shifted(a, axis, -1), axis)
    return _reversed(recurrence(later, _reversed(g, axis), axis=axis), axis)


_named_back = Operation("recurrence_from_end", value=_sent_back, gradients=(None, None))
_named_previous = Operation(
    "previous", value=lambda x, axis: _shifted(x, axis, 1), gradients=(None,)
)

# out[t] = a[t]·out[t − 1] + b[t]. The gradient is a recurrence from the end, of any order.
recurrence: Operation = Operation(
    "recurrence",
    value=_recurrence,
    gradients=(
        lambda g, out, a, b, axis: _sent_back(g, a, axis) * _shifted(out, axis, 1),
        lambda g, out, a, b, axis: _sent_back(g, a, axis),
    ),
    formula=(
        lambda g, out, a, b, axis: _named_back(g, a, axis=axis) * _named_previous(out, axis=axis),
        lambda g, out, a, b, axis: _named_back(g, a, axis=axis),
    ),
)


def _before(out: Any, axis: int) -> Any:
    """The products before each factor, which begin with 1."""
    one = np.ones_like(out[_along(axis, slice(0, 1))])
    return np.concatenate([one, out[_along(axis, slice(None, -1))]], axis)


_named_before = Operation("previous_or_1", value=_before, gradients=(None,))

# out[t] = x[t]·out[t − 1] from 1 on: never out / x, which is NaN where a factor is 0.
cumprod = Operation(
    "cumprod",
    symbol="Π…",
    numpy={np.cumprod: lambda a, axis=None, dtype=None: a.cumprod(axis, dtype)},
    value=lambda x, axis: _accumulated(np.multiply, x, axis),
    gradients=(lambda g, out, x, axis: _sent_back(g, x, axis) * _before(out, axis),),
    formula=(lambda g, out, x, axis: _named_back(g, x, axis=axis) * _named_before(out, axis=axis),),
)


def _accumulating(operation: Operation) -> Any:
    def method(self: Tensor, axis: Any = None, dtype: Any = None) -> Any:
        x = self if dtype is None else self.astype(dtype)
        if axis is None or x.ndim == 0:
            x, axis = x.ravel(), 0 if axis is None else axis
        return apply(operation, x, axis=normalize_axis_index(axis, x.ndim) - x.ndim)

    method.__name__ = operation.name
    method.__qualname__ = f"Tensor.{operation.name}"
    method.__doc__ = f"The running {operation.symbol} along ``axis``, of all elements for None."
    return method


Tensor.cumsum = _accumulating(cumsum)
Tensor.cumprod = _accumulating(cumprod)
