"""jacobian and hessian: all derivatives at once, many rows or columns in one sweep."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.derivatives import swept
from autograd_nn.engine.graph import topological
from autograd_nn.engine.operations.linear_algebra import matmul
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.structures import rebuild
from autograd_nn.engine.tensor import Tensor, new_leaf
from autograd_nn.engine.transforms.first_derivatives import call_of_gradient
from autograd_nn.engine.transforms.variables import (
    FunctionCall,
    check_function,
    settled,
)

BLOCK = 32
"""So many seeds go through one sweep, or up to twice as many where these are all: enough that the
time is NumPy's and not Python's, few enough that what is under way stays in the cache."""


def jacobian(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that computes all derivatives of all elements of what ``f`` returns.

    Formula      J[i, j] = ∂f(x)[i] / ∂x[j], by rows (reverse sweeps) or, where the argument has
                 far fewer elements than the result, by columns; many at once in either case
    Shapes       f's shape followed by the argument's shape; for structures one such array for
                 each array returned (outside) and given (inside)
    Parameters   argnums: which argument, or a tuple of several
                 has_aux: f returns (value, anything), and the result is (jacobian, anything)
    Returns      arrays for arrays and numbers; recorded Tensors for Tensors, so that it nests
    Example      x² elementwise has the Jacobian diag(2x)

    >>> import numpy as np
    >>> from autograd_nn import jacobian
    >>> jacobian(lambda x: x ** 2)(np.array([1.0, 2.0])).tolist()
    [[2.0, 0.0], [0.0, 4.0]]
    """
    check_function(f)

    @functools.wraps(f, updated=())
    def matrix(*args: Any, **keywords: Any) -> Any:
        call = FunctionCall(f, argnums, args, has_aux, keywords)
        matrices = _matrices(call)
        call.warn_of_independence([any_of(column) for column in zip(*matrices, strict=True)])
        return _arranged(call, matrices, has_aux)

    return matrix


def hessian(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that computes all second derivatives of the scalar function ``f``.

    Formula      H[i, j] = ∂²f(x) / ∂x[i]∂x[j]: the Jacobian of the gradient
    Shapes       the argument's shape twice; for structures one such array for each pair
    Parameters   as of `jacobian`
    Example      x²y at (2, 3): [[2y, 2x], [2x, 0]]

    >>> import numpy as np
    >>> from autograd_nn import hessian
    >>> hessian(lambda x: x[0] ** 2 * x[1])(np.array([2.0, 3.0])).tolist()
    [[6.0, 4.0], [4.0, 0.0]]
    """
    check_function(f)

    @functools.wraps(f, updated=())
    def matrix(*args: Any, **keywords: Any) -> Any:
        call = call_of_gradient(f, argnums, args, has_aux, keywords)
        return _arranged(call, _matrices(call), has_aux)

    return matrix


def any_of(column: Sequence[Any]) -> Any:
    return next((found for found in column if found is not None), None)


def _arranged(call: FunctionCall, matrices: list[list[Any]], has_aux: bool) -> Any:
    """In the structure of the outputs, and in it of the arguments; 0 in place of None."""
    rows = [
        [
            settled(
                np.zeros((*np.shape(output), *x.shape), x.dtype)[()] if found is None else found,
                call.recorded,
            )
            for x, found in zip(call.variables, row, strict=True)
        ]
        for output, row in zip(call.outputs, matrices, strict=True)
    ]
    result = rebuild(call.outline, [call.arranged(row) for row in rows])
    return (result, call.aux) if has_aux else result


def _matrices(call: FunctionCall) -> list[list[Any]]:
    """For each output and each variable all derivatives of the one by the other, or None."""
    with recorded():
        found = iter(_by_columns(call) if _columns_are_cheaper(call) else _by_rows(call))
    nothing: list[Any] = [None] * len(call.variables)
    return [next(found) if place in call.roots else nothing for place in range(len(call.outputs))]


def _columns_are_cheaper(call: FunctionCall) -> bool:
    """A sweep for each block, and for columns one more before, which records the gradient."""
    rows = sum(-(-root.size // _step(root.size)) for root in call.root_tensors)
    columns = sum(-(-x.size // _step(x.size)) for x in call.variables)
    # The rules of a user's own operation need not work on Tensors.
    return 1 + columns < rows and not any(
        node.operation.is_own  # type: ignore[union-attr]
        for root in call.root_tensors
        for node in topological(root, leaves=False)
    )


def _by_rows(call: FunctionCall) -> list[list[Any]]:
    return [
        [
            _shaped(found, (*root.shape, *x.shape))
            for x, found in zip(
                call.variables, _of_each_element(root, call.variables, call.recorded), strict=True
            )
        ]
        for root in call.root_tensors
    ]


def _by_columns(call: FunctionCall) -> list[list[Any]]:
    ones, pulled = call.transposed()
    columns = []
    for x, pull in zip(call.variables, pulled, strict=True):
        parts: list[Any] = [None] * len(ones)
        if pull is not None and pull._requires_grad:
            parts = _of_each_element(pull, ones, call.recorded)
        columns.append(
            [
                found
                if found is None
                else _shaped(
                    found.reshape((x.size, one.size)).T.astype(x.dtype), (*one.shape, *x.shape)
                )
                for one, found in zip(ones, parts, strict=True)
            ]
        )
    return [list(row) for row in zip(*columns, strict=True)]


def _shaped(found: Any, shape: tuple[int, ...]) -> Any:
    if found is None or found.shape == shape:
        return found
    return found.reshape(shape) if shape or type(found) is Tensor else found.reshape(())[()]


def _of_each_element(root: Tensor, wanted: list[Tensor], record: bool) -> list[Any]:
    """The gradients of every element of ``root``, along a first axis; None where there is none."""
    start, blocks = root, _blocks(root)
    if not record and _is_row_times_constant(root):
        # Its Jacobian is the matrix: seeds of 1 need not be multiplied with it.
        start, matrix = root.inputs
        blocks = (matrix.T[rows] for rows in _slices(root.size))
    found = []
    for seeds in blocks:
        found.append(swept(start, new_leaf(seeds) if record else seeds, wanted, record, len(seeds)))
    if not found:
        return [np.zeros((0, *x.shape), x.dtype) for x in wanted]
    if len(found) == 1:
        # A rule may have returned the seeds themselves, or a view.
        return [x.copy() if type(x) is np.ndarray else x for x in found[0]]
    return [
        None if parts[0] is None else np.concatenate(parts) for parts in zip(*found, strict=True)
    ]


def _is_row_times_constant(root: Tensor) -> bool:
    """Whether it is x @ y with a vector x and a plain matrix y, as gradients often end."""
    if root.operation is not matmul:
        return False
    x, y = root.inputs
    plain = type(x) is Tensor and type(y) is np.ndarray
    return plain and x.ndim == 1 and y.ndim == 2 and x.dtype == y.dtype


def _step(size: int) -> int:
    return max(size, 1) if size <= 2 * BLOCK else BLOCK


def _slices(size: int) -> Iterator[slice]:
    step = _step(size)
    for start in range(0, size, step):
        yield slice(start, min(start + step, size))


def _blocks(root: Tensor) -> Iterator[Any]:
    """The rows of the identity matrix, each in the shape of ``root``, some at a time."""
    for rows in _slices(root.size):
        number = rows.stop - rows.start
        block = np.eye(number, root.size, rows.start, root.dtype)
        yield block.reshape((number, *root.shape))
