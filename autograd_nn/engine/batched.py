"""Batched: a kind of value that stands for the value of each example, so that rules run once.

Value functions and gradient rules are ordinary NumPy for one example. Run on Batched values they
do what they do to all examples at once: what they ask and see is of one example, and the arrays
behind have one more axis in front.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation, frozen
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor, new_leaf

_array = np.ndarray


class OneByOne(Exception):
    """Something is to be known that differs from example to example: take them one by one."""


class Batched(np.lib.mixins.NDArrayOperatorsMixin):
    """One value for each of N examples.

    Shapes       values (N, *S), which is seen as an array of shape S
    """

    __slots__ = ("values",)

    def __init__(self, values: Any) -> None:
        self.values = values

    @property
    def shape(self) -> tuple[int, ...]:
        return self.values.shape[1:]

    @property
    def ndim(self) -> int:
        return self.values.ndim - 1

    @property
    def size(self) -> int:
        return self.values[0].size

    @property
    def dtype(self) -> Any:
        return self.values.dtype

    @property
    def T(self) -> Batched:
        return self.transpose()

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Batched:
        keys = key if isinstance(key, tuple) else (key,)
        arrays = [
            k for k in keys if not isinstance(k, (int, np.integer, slice, type(None), type(...)))
        ]
        if not arrays or (len(keys) == 1 and type(arrays[0]) in (_array, list)):
            return Batched(self.values[(slice(None), *keys)])
        return row_by_row(lambda x, key: x[key], (self, key), {})

    # ------------------------------------------------------------------ functions of NumPy

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        if any(type(x) is Tensor for x in inputs):
            return NotImplemented  # the Tensor says what is done
        if "out" in keywords or method == "at":
            raise OneByOne  # it writes into what others may read
        if method == "reduce":
            return self._reduced(ufunc, *inputs, **keywords)
        if ufunc is np.matmul and method == "__call__" and not keywords:
            return _product(*inputs)
        if ufunc.signature is not None or method != "__call__":
            return row_by_row(getattr(ufunc, method), inputs, keywords)
        ndim = max(map(np.ndim, inputs))
        given = [_aligned(x, ndim) for x in inputs]
        if "where" in keywords:
            keywords["where"] = _aligned(keywords["where"], ndim)
        return _batched(ufunc(*given, **keywords))

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        if Tensor in types:
            return NotImplemented
        if function in _OF_ONE:
            return function(*map(_row, args), **keywords)
        if (form := _FORMS.get(function)) is not None:
            return form(*args, **keywords)
        return row_by_row(function, args, keywords)

    def apply_operation(
        self, operation: Operation, inputs: tuple[Any, ...], attributes: dict[str, Any]
    ) -> Any:
        """As an input of an operation: a constant beside Tensors; alone, what becomes of it."""
        if any(type(x) is Tensor for x in inputs):
            given = [new_leaf(x) if type(x) is Batched else x for x in inputs]
            return operation(*given, **attributes)
        try:
            return operation.value(*inputs, **attributes)
        except Exception:  # an array may say in its own words that it takes no Batched
            return row_by_row(operation.value, inputs, attributes)

    # ------------------------------------------------------------------ methods of arrays

    def _reduced(
        self, ufunc: Any, x: Any, axis: Any = 0, where: Any = True, **keywords: Any
    ) -> Any:
        if type(x) is not Batched:
            raise OneByOne
        if where is not True:
            keywords["where"] = _aligned(where, x.ndim)
        return Batched(ufunc.reduce(x.values, axis=x._axes(axis), **keywords))

    def _axes(self, axis: Any) -> Any:
        """An axis, or several, of one example as those of the array."""
        if axis is None:
            return tuple(range(1, self.values.ndim))
        if isinstance(axis, (tuple, list)):
            return tuple(map(self._axes, axis))
        if not -self.ndim <= axis < self.ndim:
            raise np.exceptions.AxisError(axis, self.ndim)
        return axis + 1 if axis >= 0 else axis

    def reshape(self, *shape: Any) -> Batched:
        lengths = shape[0] if len(shape) == 1 and isinstance(shape[0], (tuple, list)) else shape
        return Batched(self.values.reshape((len(self.values), *lengths)))

    def ravel(self) -> Batched:
        return self.reshape(self.size)

    flatten = ravel

    def transpose(self, *axes: Any) -> Batched:
        given = axes[0] if len(axes) == 1 and isinstance(axes[0], (tuple, list)) else axes
        order = range(self.ndim)[::-1] if given in ((), (None,)) else given
        return Batched(self.values.transpose((0, *(a % self.ndim + 1 for a in order))))

    def swapaxes(self, first: int, second: int) -> Batched:
        return Batched(self.values.swapaxes(self._axes(first), self._axes(second)))

    def astype(self, dtype: Any, copy: bool = True) -> Batched:
        return Batched(self.values.astype(dtype, copy=copy))

    def argmax(self, axis: Any = None) -> Batched:
        if axis is None:
            return self.ravel().argmax(0)
        return Batched(self.values.argmax(axis=self._axes(axis)))

    def copy(self) -> Batched:
        return Batched(self.values.copy())

    def dot(self, other: Any) -> Any:
        if self.ndim > 2 or np.ndim(other) > 2 or not (self.ndim and np.ndim(other)):
            raise OneByOne
        return _product(self, other)

    # ------------------------------------------------------------------ what differs

    def __bool__(self) -> bool:
        """The answer where all examples give the same one."""
        if self.ndim or not (self.values == self.values[0]).all():
            raise OneByOne
        return bool(self.values[0])

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise OneByOne

    __float__ = __int__ = __index__ = __array__ = __setitem__ = __repr__ = __str__ = _refuse
    __format__ = item = tolist = _refuse
    __hash__ = object.__hash__


def _reduction(name: str) -> Any:
    def method(self: Batched, axis: Any = None, **keywords: Any) -> Batched:
        return Batched(getattr(self.values, name)(axis=self._axes(axis), **keywords))

    return method


for _name in ("sum", "prod", "mean", "max", "min", "any", "all"):
    setattr(Batched, _name, _reduction(_name))
for _name in dir(np.ndarray):  # what else an array has
    if not hasattr(Batched, _name):
        setattr(Batched, _name, property(Batched._refuse))


def row_by_row(function: Callable[..., Any], args: Any, keywords: dict[str, Any]) -> Any:
    """What a function of NumPy gives for each example by itself."""
    given, outline = flatten([list(args), keywords])
    number = next(len(x.values) for x in given if type(x) is Batched)
    rows = []
    for place in range(number):
        one = [frozen(x.values[place]) if type(x) is Batched else x for x in given]
        args, keywords = rebuild(outline, one)
        rows.append(function(*args, **keywords))
    parts, outline = flatten(rows[0])
    columns = list(zip(*(flatten(row)[0] for row in rows), strict=True))
    if not all(isinstance(x, (np.ndarray, np.generic)) for x in parts):
        raise OneByOne
    if any(x.shape != column[0].shape for column in columns for x in column):
        raise OneByOne
    return rebuild(outline, [Batched(np.stack(column)) for column in columns])


def _batched(found: Any) -> Any:
    return tuple(map(Batched, found)) if type(found) is tuple else Batched(found)


def _aligned(x: Any, ndim: int) -> Any:
    """What broadcasts as one example of so many axes does: new axes stand behind the first."""
    if type(x) is not Batched:
        return x
    missing = ndim - x.ndim
    if missing <= 0:
        return x.values
    return x.values.reshape((len(x.values), *(1,) * missing, *x.shape))


def _row(x: Any) -> Any:
    return x.values[0] if type(x) is Batched else x


# Of one example as of another.
_OF_ONE = {np.shape, np.ndim, np.size, np.result_type, np.iscomplexobj, np.isrealobj}


def _product(x: Any, y: Any) -> Any:
    """x @ y; with one matrix on the right a single product for all rows of all examples."""
    row, column = np.ndim(x) == 1, np.ndim(y) == 1
    if type(y) is not Batched:
        if np.ndim(y) > 2:
            return _product_of_many(x, y, row)
        rows = x.values.reshape((-1, x.shape[-1]))
        return Batched((rows @ y).reshape((*x.values.shape[:-1], *y.shape[1:])))
    if column and np.ndim(x) <= 2 and type(x) is not Batched:
        return Batched(y.values @ np.transpose(x))
    if column:
        found = _product_of_many(x, y[:, None], row)
        return found[..., 0]
    return _product_of_many(x, y, row)


def _product_of_many(x: Any, y: Any, row: bool) -> Any:
    x = x[None] if row else x
    ndim = max(x.ndim, y.ndim)
    found = Batched(_aligned(x, ndim) @ _aligned(y, ndim))
    return found[..., 0, :] if row else found


# ------------------------------------------------------------------ functions of several arrays


def _where(condition: Any, x: Any, y: Any) -> Batched:
    ndim = max(np.ndim(condition), np.ndim(x), np.ndim(y))
    return Batched(np.where(*(_aligned(a, ndim) for a in (condition, x, y))))


def _vdot(x: Any, y: Any) -> Batched:
    return (x.ravel() * y.ravel()).sum()


def _broadcast_to(x: Batched, shape: tuple[int, ...]) -> Batched:
    return Batched(np.broadcast_to(_aligned(x, len(shape)), (len(x.values), *shape)))


def _take_along_axis(x: Any, places: Any, axis: Any) -> Batched:
    if not type(x) is type(places) is Batched or axis is None or (places.values < 0).any():
        raise OneByOne
    return Batched(np.take_along_axis(x.values, places.values, x._axes(axis)))


def _put_along_axis(x: Any, places: Any, values: Any, axis: Any) -> None:
    if not type(x) is type(places) is Batched or axis is None or np.ndim(values):
        raise OneByOne
    np.put_along_axis(x.values, places.values, values, x._axes(axis))


def _in_place(*_: Any, **__: Any) -> None:
    raise OneByOne


_FORMS: dict[Any, Callable[..., Any]] = {
    np.take_along_axis: _take_along_axis,
    np.put_along_axis: _put_along_axis,
    **dict.fromkeys((np.copyto, np.put, np.putmask, np.place, np.fill_diagonal), _in_place),
    np.where: _where,
    np.vdot: _vdot,
    np.broadcast_to: _broadcast_to,
}
