"""Reductions with the further arguments that NumPy's take: dtype, initial, where."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.composing import grouped
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.extrema import max_, min_
from autograd_nn.engine.operations.reductions import mean, prod, sum_
from autograd_nn.engine.operations.without_derivative import all_, any_
from autograd_nn.engine.ufunc_methods import converted, refused_out

# What stands for elements that are left out, and how ``initial`` is taken in.
_NEUTRAL: dict[Operation, Any] = {sum_: 0, prod: 1, mean: 0, any_: False, all_: True}
_BEGUN: dict[Operation, Any] = {
    sum_: np.add, prod: np.multiply, max_: np.maximum, min_: np.minimum,
}  # fmt: skip
_NO_VALUE: Any = np._NoValue


def with_further_arguments(
    operation: Operation,
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    *,
    initial: Any = _NO_VALUE,
    where: Any = True,
) -> Any:
    """A reduction as NumPy's, in steps: converted, chosen, reduced, begun with ``initial``."""
    name = operation.name
    if out is not None:
        raise refused_out(name)
    if operation not in _NEUTRAL | _BEGUN or (initial is not _NO_VALUE and operation not in _BEGUN):
        raise TypeError(f"{name}() got an unexpected keyword argument")
    with grouped(name):
        a = converted(a, dtype)
        reduced = getattr(type(a), name.rstrip("_"))
        if where is True:
            result = reduced(a, axis, keepdims=keepdims)
        elif operation is mean:
            kept = np.sum(np.broadcast_to(where, a.shape), axis=axis, keepdims=keepdims)
            result = np.sum(np.where(where, a, 0), axis=axis, keepdims=keepdims) / kept.astype(
                a.dtype
            )
        else:
            left_out = _NEUTRAL.get(operation, initial)
            if left_out is _NO_VALUE:
                raise ArgumentError(
                    f"{name} with `where` needs `initial`, the result where no element is left."
                )
            result = reduced(np.where(where, a, left_out), axis, keepdims=keepdims)
        return result if initial is _NO_VALUE else _BEGUN[operation](result, initial)
