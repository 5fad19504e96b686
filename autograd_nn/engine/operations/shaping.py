"""Changing the shape, joining and splitting, and copies."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from autograd_nn.engine.applying import apply
from autograd_nn.engine.conversion import array_of, checked_dtype
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.reductions import from_the_end, leading
from autograd_nn.engine.tensor import Tensor


def _reshaped_back(g: Any, out: Any, x: Any, *_: Any, **__: Any) -> Any:
    return g.reshape((*leading(g, out), *x.shape))


def _reshape(x: Any, shape: Any) -> Any:
    return x.reshape(shape)


def _squeeze(x: Any, axis: Any = None) -> Any:
    return np.squeeze(x, axis)


def _expand_dims(x: Any, axis: Any) -> Any:
    return np.expand_dims(x, axis)


reshape = Operation(
    "reshape",
    numpy={
        np.reshape: lambda a, shape, order="C", copy=None: a.reshape(shape, order=order),
        np.ravel: lambda a, order="C": a.ravel(order),
    },
    value=_reshape,
    gradients=(_reshaped_back,),
)
squeeze = Operation(
    "squeeze",
    numpy={np.squeeze: lambda a, axis=None: a.squeeze(axis)},
    value=_squeeze,
    gradients=(_reshaped_back,),
)
expand_dims: Operation = Operation(
    "expand_dims",
    numpy={np.expand_dims: lambda a, axis: apply(expand_dims, a, axis=axis)},
    value=_expand_dims,
    gradients=(_reshaped_back,),
)


def _transpose(x: Any, axes: Any = None) -> Any:
    return x.transpose(axes)


def _transposed_back(g: Any, out: Any, x: Any, axes: Any = None) -> Any:
    n = x.ndim
    order = from_the_end(axes, n)[::-1] if axes is None else from_the_end(axes, n)
    back = sorted(range(-n, 0), key=lambda axis: order[axis])
    front = g.ndim - n
    return g.transpose((*range(front), *(axis + g.ndim for axis in back)))


transpose = Operation(
    "transpose",
    symbol="ᵀ",
    numpy={
        np.transpose: lambda a, axes=None: a.transpose(axes),
        np.swapaxes: lambda a, axis1, axis2: a.swapaxes(axis1, axis2),
    },
    value=_transpose,
    gradients=(_transposed_back,),
)


def _np_broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
    return apply(broadcast_to, array, shape=shape)


def _np_full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
) -> Any:
    if type(fill_value) is not Tensor:
        return np.full(
            np.shape(a) if shape is None else shape, fill_value, a.dtype if dtype is None else dtype
        )
    filled = _np_broadcast_to(fill_value, np.shape(a) if shape is None else shape)
    dtype = np.result_type(a) if dtype is None else np.dtype(dtype)
    return filled if filled.dtype == dtype else filled.astype(dtype)


broadcast_to = Operation(
    "broadcast_to",
    numpy={np.broadcast_to: _np_broadcast_to, np.full_like: _np_full_like},
    value=lambda x, shape: np.broadcast_to(x, shape),
    gradients=(lambda g, out, x, shape: g,),  # the engine sums over the new axes
)


def _concatenate(*arrays: Any, axis: int = 0) -> Any:
    return np.concatenate(arrays, axis)


def _concatenate_gradient(g: Any, out: Any, *arrays: Any, axis: int = 0) -> Any:
    axis = from_the_end(axis, out.ndim)[0]
    ends = np.cumsum([array.shape[axis] for array in arrays])[:-1]
    return tuple(np.split(g, [int(end) for end in ends], axis))


def _np_concatenate(
    arrays: Any, axis: int | None = 0, *, dtype: Any = None, casting: str = "same_kind"
) -> Any:
    if dtype is not None:
        arrays = [array_of(a).astype(dtype) for a in arrays]
    if axis is None:
        return apply(concatenate, *(np.ravel(a) for a in arrays))
    return apply(concatenate, *arrays, axis=axis)


concatenate = Operation(
    "concatenate",
    numpy={np.concatenate: _np_concatenate},
    value=_concatenate,
    gradients=_concatenate_gradient,
)


def _stack(*arrays: Any, axis: int = 0) -> Any:
    return np.stack(arrays, axis)


def _stack_gradient(g: Any, out: Any, *arrays: Any, axis: int = 0) -> Any:
    behind = (slice(None),) * (-1 - from_the_end(axis, out.ndim)[0])
    return tuple(g[(..., position, *behind)] for position in range(len(arrays)))


stack: Operation = Operation(
    "stack",
    numpy={np.stack: lambda arrays, axis=0, **further: _np_stack(arrays, axis, **further)},
    value=_stack,
    gradients=_stack_gradient,
)


def _np_stack(arrays: Any, axis: int, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    if dtype is not None:
        arrays = [a.astype(dtype) for a in arrays]
    return apply(stack, *arrays, axis=axis)


def _split(x: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    return tuple(np.split(x, indices_or_sections, axis))


def _split_gradient(g: Any, out: Any, x: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    front = next(leading(d, piece) for d, piece in zip(g, out, strict=True) if d is not None)
    pieces = [_zeros(piece, front) if d is None else d for d, piece in zip(g, out, strict=True)]
    return np.concatenate(pieces, from_the_end(axis, x.ndim)[0])


def _zeros(like: Any, front: tuple[int, ...]) -> Any:
    zeros = np.zeros_like(like)
    return np.broadcast_to(zeros, (*front, *like.shape)) if front else zeros


def _np_split(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
    axis = normalize_axis_index(axis, np.ndim(ary))
    places = np.split(np.arange(ary.shape[axis]), indices_or_sections)
    if sum(map(len, places)) > ary.shape[axis]:  # pieces that overlap: the ends go back
        return [ary[(*(slice(None),) * axis, part)] for part in places]
    return list(apply(split, ary, indices_or_sections=indices_or_sections, axis=axis))


split = Operation("split", numpy={np.split: _np_split}, value=_split, gradients=(_split_gradient,))

copy: Operation = Operation(
    "copy",
    numpy={
        np.copy: lambda a, order="K", subok=False: apply(copy, a),
        np.positive: None,
    },
    value=np.copy,
    gradients=(lambda g, out, x: g,),
)
# The engine brings the gradient back to the dtype of the input.
astype: Operation = Operation(
    "astype",
    # From NumPy 2.1 on.
    numpy={np.astype: lambda x, dtype, /, *, copy=True, device=None: x.astype(dtype)}
    if hasattr(np, "astype")
    else None,
    value=lambda x, dtype: x.astype(dtype),
    gradients=(lambda g, out, x, dtype: g,),
)


def _reshape_method(self: Tensor, *shape: Any, order: str = "C", copy: Any = None) -> Any:
    """The same elements in another shape; one length may be -1, as NumPy's."""
    if len(shape) == 1 and isinstance(shape[0], (tuple, list)):
        shape = tuple(shape[0])
    if order != "C":
        return _in_columns(self, order).reshape(shape[::-1]).transpose()
    known = math.prod(n for n in shape if n != -1)
    if -1 not in shape and known != self.size or -1 in shape and (not known or self.size % known):
        raise ShapeError(
            f"reshape of shape {self.shape} ({self.size} elements) to {tuple(shape)} is not "
            "possible: the number of elements must stay."
        )
    return apply(reshape, self, shape=tuple(int(n) for n in shape))


def _transpose_method(self: Tensor, *axes: Any) -> Any:
    """The axes in another order; reversed when none is given."""
    if len(axes) == 1 and (axes[0] is None or isinstance(axes[0], (tuple, list))):
        axes = tuple(axes[0] or ())
    return apply(transpose, self, axes=axes) if axes else apply(transpose, self)


def _swapaxes_method(self: Tensor, axis1: int, axis2: int) -> Any:
    """The two axes exchanged."""
    order = list(range(self.ndim))
    for axis in (axis1, axis2):
        if not -self.ndim <= axis < self.ndim:
            raise np.exceptions.AxisError(axis, self.ndim)
    order[axis1], order[axis2] = order[axis2], order[axis1]
    return apply(transpose, self, axes=tuple(order))


def _squeeze_method(self: Tensor, axis: Any = None) -> Any:
    """Without the axes of length 1 (all of them, or those given)."""
    return apply(squeeze, self) if axis is None else apply(squeeze, self, axis=axis)


def _flatten_method(self: Tensor, order: str = "C") -> Any:
    """All elements on one axis."""
    x = self if order == "C" else _in_columns(self, order)
    return apply(reshape, x, shape=(-1,))


def _in_columns(t: Tensor, order: str) -> Any:
    """The axes reversed, for elements that are counted with the first axis fastest."""
    if order != "F":
        raise ArgumentError(
            f"`order` must be 'C' or 'F', got {order!r}: a Tensor has no order of its own."
        )
    return t.transpose()


def _astype_method(self: Tensor, dtype: Any) -> Any:
    """Converted to another dtype; the gradient comes back in this one's."""
    return apply(astype, self, dtype=checked_dtype(dtype))


Tensor.reshape = _reshape_method
Tensor.transpose = _transpose_method
Tensor.T = property(_transpose_method, doc="The axes reversed.")
Tensor.swapaxes = _swapaxes_method
Tensor.squeeze = _squeeze_method
Tensor.flatten = Tensor.ravel = _flatten_method
Tensor.astype = _astype_method
# A node of its own, so that what is done to it in place is not done to t.
Tensor.copy = Tensor.__pos__ = lambda self: apply(copy, self)
