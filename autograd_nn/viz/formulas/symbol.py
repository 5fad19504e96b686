"""Symbol: a value that writes down what is done to it. A rule run on symbols is its own formula."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.indexing import ARRAY, filled, getitem, scatter, set_at


class NoFormula(Exception):
    """What a rule does is no formula: it looks at numbers, or the formula would be too long."""


class Symbol(NDArrayOperatorsMixin):
    """``function`` of ``operands``, which are symbols, numbers and arrays; or a letter by itself.

    It has a shape and no numbers: whoever asks for those gets `NoFormula`.
    """

    __slots__ = ("function", "name", "operands", "options", "shape")
    __hash__ = object.__hash__

    def __init__(
        self,
        shape: tuple[int, ...],
        name: str = "",
        function: Any = None,
        operands: tuple[Any, ...] = (),
        options: dict[str, Any] | None = None,
    ) -> None:
        self.shape = shape
        self.name = name
        self.function = function
        self.operands = operands
        self.options = options or {}

    # ------------------------------------------------------------------ what needs no numbers

    dtype = np.dtype(np.float64)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self.shape))

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a symbol without axes")
        return self.shape[0]

    # ------------------------------------------------------------------ what is written down

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        if method == "reduce" and ufunc in _REDUCTIONS:
            options = {"axis": 0} | {k: v for k, v in keywords.items() if v is not None}
            if keywords.get("axis", 0) is None:
                del options["axis"]
            return _written(_REDUCTIONS[ufunc], inputs, options)
        if method != "__call__" or keywords or ufunc.nout != 1:
            raise NoFormula(f"np.{ufunc.__name__}.{method}")
        if ufunc is np.matmul:
            return _written(ufunc, inputs, {})
        shape = np.broadcast_shapes(*(np.shape(x) for x in inputs))
        return Symbol(shape, function=ufunc, operands=inputs)

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        if function is np.swapaxes:
            return self.swapaxes(*args[1:], **keywords)
        if function is np.linalg.inv:  # the example of `_written` would have no inverse
            shape = self.shape
            if self.ndim < 2 or shape[-1] != shape[-2]:
                raise NoFormula(f"the inverse of the shape {shape}")
            return Symbol(shape, function=function, operands=args)
        if function in _OF_SHAPES:
            return function(*_examples(args), **_examples(keywords))
        if function is np.split:
            pieces = function(*_examples(args), **_examples(keywords))
            cut = args[1:]
            return [
                Symbol(piece.shape, "", piece_of, args[:1], {"place": n, "cut": cut, **keywords})
                for n, piece in enumerate(pieces)
            ]
        return _written(function, args, keywords)

    def apply_operation(
        self, operation: Operation, inputs: tuple[Any, ...], attributes: dict[str, Any]
    ) -> Any:
        """An operation that a rule calls: one of NumPy's functions, or itself by its name."""
        value = operation.value
        if operation in _OF_PLACES and len(inputs) > 1:
            # Where the arrays of an index lie is not known; the shape of the result is.
            shape = _OF_PLACES[operation](inputs, attributes)
            return Symbol(shape, "", operation, inputs, attributes)
        if isinstance(value, np.ufunc) or type(value) is type(len):
            return value(*inputs, **attributes)  # such as operator.mul
        return _written(operation, inputs, attributes)

    def __getitem__(self, key: Any) -> Any:
        shape = np.broadcast_to(0.5, self.shape)[key].shape
        return Symbol(shape, function=taken, operands=(self,), options={"key": key})

    @property
    def T(self) -> Any:
        """The axes reversed."""
        return np.transpose(self)

    def transpose(self, *axes: Any) -> Any:
        """The axes in another order."""
        order = axes[0] if len(axes) == 1 else axes or None
        return np.transpose(self, order)

    def reshape(self, *shape: Any) -> Any:
        """The same elements in another shape."""
        return np.reshape(self, shape[0] if len(shape) == 1 else shape)

    def dot(self, other: Any) -> Any:
        """The product of vectors and matrices."""
        return np.matmul(self, other)

    def swapaxes(self, first: int, second: int) -> Any:
        """Two axes exchanged."""
        order = list(range(self.ndim))
        order[first], order[second] = order[second], order[first]
        return np.transpose(self, tuple(order))

    def astype(self, dtype: Any, **options: Any) -> Any:
        """Itself: a formula has no precision."""
        return self

    def copy(self) -> Any:
        """Itself."""
        return self

    # ------------------------------------------------------------------ what needs numbers

    def _refused(self, *_: Any) -> Any:
        raise NoFormula("a rule that looks at numbers")

    __bool__ = __float__ = __int__ = __index__ = __iter__ = __contains__ = __array__ = _refused
    __setitem__ = __iadd__ = __imul__ = __isub__ = __itruediv__ = _refused


def _method(function: Any) -> Any:
    def method(self: Symbol, *args: Any, **keywords: Any) -> Any:
        return function(self, *args, **keywords)

    method.__name__ = function.__name__
    method.__doc__ = f"As np.{function.__name__}."
    return method


for _function in (np.sum, np.mean, np.max, np.min, np.prod, np.squeeze, np.ravel, np.clip, np.all):
    setattr(Symbol, _function.__name__, _method(_function))
Symbol.any = _method(np.any)  # type: ignore[attr-defined]
Symbol.flatten = Symbol.ravel  # type: ignore[attr-defined]


_REDUCTIONS = {
    np.add: np.sum,
    np.maximum: np.max,
    np.minimum: np.min,
    np.multiply: np.prod,
    np.logical_or: np.any,
    np.logical_and: np.all,
}

_OF_PLACES = {
    scatter: lambda inputs, options: options["shape"],
    set_at: lambda inputs, options: inputs[0].shape,
    getitem: lambda inputs, options: _shape_of_places(*inputs, **options),
}

_OF_SHAPES = {np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.result_type}


def taken(array: Any, key: Any) -> Any:
    """``array[key]``."""
    return array[key]


def _shape_of_places(array: Any, *arrays: Any, key: Any = ARRAY) -> tuple[int, ...]:
    """The shape of ``array[key]``, with positions for symbols."""
    places = tuple(np.zeros(x.shape, int) if type(x) is Symbol else x for x in arrays)
    return np.broadcast_to(0.5, array.shape)[filled(key, places)].shape


def piece_of(array: Any, place: int, cut: tuple[Any, ...], **keywords: Any) -> Any:
    """One of the pieces of ``np.split(array, *cut)``."""
    return np.split(array, *cut, **keywords)[place]


def piece_key(shape: tuple[int, ...], place: int, cut: tuple[Any, ...], axis: int = 0) -> Any:
    """The index that takes the same piece of an array of this shape."""
    axis = (cut[1] if len(cut) > 1 else axis) % len(shape)
    own = np.split(np.arange(shape[axis]), cut[0])
    start = sum(map(len, own[:place]))
    piece = slice(start, start + len(own[place]))
    return (*(slice(None),) * axis, piece) if axis else piece


def _written(function: Any, operands: tuple[Any, ...], options: dict[str, Any]) -> Symbol:
    run = function.value if isinstance(function, Operation) else function
    with np.errstate(all="ignore"):
        example = run(*_examples(operands), **_examples(options))
    if type(example) in (tuple, list):
        raise NoFormula("a function with several results")
    return Symbol(np.shape(example), "", function, tuple(operands), dict(options))


def _examples(value: Any) -> Any:
    """Arrays in place of symbols: what they hold does not matter, and they take no memory."""
    if type(value) is Symbol:
        return np.broadcast_to(0.5, value.shape)
    if type(value) in (tuple, list):
        return type(value)(map(_examples, value))
    if type(value) is dict:
        return {key: _examples(item) for key, item in value.items()}
    return value
