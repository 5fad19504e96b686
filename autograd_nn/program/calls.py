"""What can be called in a program: functions, known by identity, and what kind of call each is.

A step holds the function itself. Its text is looked up when the step is written, and decides
nothing: an operation that a user named "np.exp" is that operation.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterable
from operator import getitem
from typing import Any, final

import numpy as np

from autograd_nn.engine.operation import Operation

Function = Callable[..., Any]


@final
class Method:
    """A method of arrays and of NumPy's scalars, whose owner is the first operand."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, owner: Any, *inputs: Any, **attributes: Any) -> Any:
        return getattr(owner, self.name)(*inputs, **attributes)


# Each exists once: `METHODS["dot"] is DOT`.
METHODS = {
    name: Method(name)
    for name in (
        "all", "any", "argmax", "argmin", "astype", "clip", "copy", "cumsum", "dot", "flatten",
        "max", "mean", "min", "prod", "ravel", "repeat", "reshape", "round", "squeeze", "std",
        "sum", "swapaxes", "take", "transpose", "var",
    )
}  # fmt: skip
ASTYPE, COPY, DOT, RESHAPE = (METHODS[name] for name in ("astype", "copy", "dot", "reshape"))
T = operator.attrgetter("T")


def join(*parts: Any) -> Any:
    """All elements one after the other."""
    return np.concatenate([np.ravel(part) for part in parts])


def with_ones(rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Features by sample (I, N) with a row of ones below: (I + 1, N)."""
    whole = np.ones((len(rows) + 1, *rows.shape[1:]), rows.dtype)
    whole[:-1] = rows
    return whole


def with_ones_column(rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Rows (N, I) with a 1 behind each: (N, I + 1)."""
    whole = np.ones((len(rows), rows.shape[1] + 1), rows.dtype)
    whole[:, :-1] = rows
    return whole


def placed(
    parts: tuple[Any, ...], keys: tuple[tuple[Any, ...], ...], shape: tuple[int, ...]
) -> np.ndarray[Any, Any]:
    """Zeros of ``shape`` with parts at places: keys of whole numbers, slices and `...`."""
    whole = np.zeros(shape, parts[0].dtype)
    for part, key in zip(parts, keys, strict=True):
        whole[key] = part
    return whole


def folded(
    windows: np.ndarray[Any, Any],
    lengths: tuple[int, int],
    strides: tuple[int, int],
    padding: tuple[tuple[int, int], tuple[int, int]],
    dilation: tuple[int, int],
) -> np.ndarray[Any, Any]:
    """What windows overlap in, added up: (G, L, *K, C, M, N) → (G, H, C, W, N).

    The opposite of taking windows out of H by W, of which at (l, m) the element (i, j) is at
    (l·stride + i·dilation − padding, …).
    """
    g, _, _, _, c, _, n = windows.shape
    whole = np.zeros((g, lengths[0], c, lengths[1], n), windows.dtype)
    for into, of in overlaps(windows.shape, lengths, strides, padding, dilation):
        whole[into] += windows[of]
    return whole


def overlaps(shape: Any, lengths: Any, strides: Any, padding: Any, dilation: Any) -> Any:
    """For every place in a window: where in the whole what it has belongs, and where that is."""
    _, rows, kh, kw, _, columns, _ = shape
    found = []
    for i, j in np.ndindex(kh, kw):
        (h, of_h), (w, of_w) = (
            inside(length, places, place * d - before, s)
            for length, places, place, d, (before, _), s in zip(
                lengths, (rows, columns), (i, j), dilation, padding, strides, strict=True
            )
        )
        every = slice(None)
        found.append(((every, h, every, w), (every, of_h, i, j, every, of_w)))
    return found


def inside(length: int, places: int, first: int, stride: int) -> tuple[slice, slice]:
    """Of ``places``, first + stride · l, those within 0 … length: as a slice of the length, and
    which of the places they are."""
    start = max(0, -(first // stride))
    stop = max(start, min(places, (length - 1 - first) // stride + 1))
    at = first + stride * start
    if start == stop:
        return slice(0, 0), slice(0, 0)
    step = None if stride == 1 or stop - start == 1 else stride
    return slice(at, at + stride * (stop - start - 1) + 1, step), slice(start, stop)


def zero_where_equal(x: Any, a: Any, b: Any) -> Any:
    """x with 0 where a is b: a product or difference that is 0 there but for 0·∞ or ∞ − ∞."""
    return np.where(np.equal(a, b), 0, x)


ASSEMBLED: frozenset[Function] = frozenset({join, with_ones, with_ones_column, placed})
"""No calls of NumPy: parts that are computed into a whole, or copied."""

FILLED: dict[Function, int] = {with_ones: 1, with_ones_column: 1, placed: 0}
"""What is in the rest of the whole."""


def _ufuncs(lines: Iterable[str]) -> frozenset[Function]:
    return frozenset(getattr(np, name) for line in lines for name in line.split())


ELEMENTWISE = frozenset({np.where, zero_where_equal}) | _ufuncs(
    [
        "add subtract multiply divide floor_divide remainder power float_power negative positive",
        "absolute fabs sign square sqrt cbrt reciprocal exp exp2 expm1 log log2 log10 log1p",
        "logaddexp sin cos tan arcsin arccos arctan arctan2 hypot sinh cosh tanh arcsinh arccosh",
        "arctanh maximum minimum fmax fmin copysign heaviside floor ceil rint trunc isfinite isnan",
        "isinf greater greater_equal less less_equal equal not_equal logical_and logical_or",
        "logical_not bitwise_and bitwise_or bitwise_xor invert",
    ]
)
COMMUTATIVE = _ufuncs(["add multiply maximum minimum"])
REDUCTIONS: frozenset[Function] = frozenset(
    {np.add.reduce, np.maximum.reduce, np.minimum.reduce, np.multiply.reduce}
)
PRODUCTS: frozenset[Function] = frozenset({DOT, operator.matmul, np.dot, np.matmul})

VIEWS: frozenset[Any] = frozenset(
    {T, getitem, np.squeeze, np.expand_dims, np.broadcast_to, np.swapaxes, np.transpose, np.reshape}
    | {np.lib.stride_tricks.sliding_window_view}
    | {METHODS[name] for name in ("reshape", "swapaxes", "transpose", "squeeze", "ravel")}
)
"""Calls that give another view of the same memory, where they can."""

UFUNCS: dict[Function, Function] = {
    operator.add: np.add, operator.sub: np.subtract, operator.mul: np.multiply,
    operator.truediv: np.divide, operator.floordiv: np.floor_divide, operator.mod: np.remainder,
    operator.pow: np.power, operator.gt: np.greater, operator.ge: np.greater_equal,
    operator.lt: np.less, operator.le: np.less_equal, operator.eq: np.equal,
    operator.ne: np.not_equal, operator.and_: np.bitwise_and, operator.or_: np.bitwise_or,
    operator.xor: np.bitwise_xor, operator.invert: np.invert, operator.neg: np.negative,
    operator.abs: np.absolute,
}  # fmt: skip
"""What an operator does to arrays."""

MAKING: frozenset[Any] = frozenset(
    {DOT, COPY, operator.matmul, np.matmul, np.concatenate, np.stack, np.full, folded}
    | (ELEMENTWISE | UFUNCS.keys() | REDUCTIONS | ASSEMBLED)
)
"""Calls that always give memory of their own."""

AS_REDUCTION: dict[Function, Function] = {
    METHODS["sum"]: np.add.reduce, METHODS["max"]: np.maximum.reduce,
    METHODS["min"]: np.minimum.reduce, METHODS["prod"]: np.multiply.reduce,
    np.sum: np.add.reduce, np.max: np.maximum.reduce, np.min: np.minimum.reduce,
}  # fmt: skip
"""What the short forms of reductions do."""

_OPERATORS: frozenset[Function] = frozenset({*UFUNCS, operator.matmul, getitem})


def run(function: Function, inputs: Iterable[Any], attributes: dict[str, Any]) -> Any:
    """What a call gives."""
    called = function.value if type(function) is Operation else function
    return called(*inputs, **attributes)


def is_reduction(function: Function) -> bool:
    """Whether this is the ``reduce`` of a ufunc."""
    owner = getattr(function, "__self__", None)
    return isinstance(owner, np.ufunc) and function == owner.reduce


def is_known(function: Any) -> bool:
    """Whether a function is an operator or NumPy's, so that it needs no source to be written."""
    kind = type(function)
    if kind is type(operator.add) and function in _OPERATORS:
        return True
    if kind is np.ufunc and function in ELEMENTWISE:
        return True  # most of them, without a search by name
    name = numpy_name(function)
    return name is not None and not name.startswith("np.ndarray.")


def numpy_name(thing: Any) -> str | None:
    """The name that leads to a thing of NumPy, from `np` on, or to a special function of SciPy.

    None where there is none.
    """
    name = getattr(thing, "__name__", None)
    if not isinstance(name, str):
        return None
    if isinstance(thing, np.ufunc):
        special = sys.modules.get("scipy.special")
        if special is not None and getattr(special, name, None) is thing:
            return f"scipy.special.{name}"
    owner = getattr(thing, "__self__", None)
    if isinstance(owner, np.ufunc):
        of_ufunc = numpy_name(owner)
        return None if of_ufunc is None else f"{of_ufunc}.{name}"
    if getattr(thing, "__objclass__", None) is np.ndarray:
        return f"np.ndarray.{name}"
    module = getattr(thing, "__module__", None)
    path = module.split(".")[1:] if isinstance(module, str) else []
    for parts in ([*path, name], [name], ["lib", "stride_tricks", name]):
        found: Any = np
        for part in parts:
            found = getattr(found, part, None)
        if found is thing and not any(part.startswith("_") or part == "random" for part in parts):
            return ".".join(["np", *parts])
    return None


def keeps_memory(function: Function) -> bool:
    """Whether it is an operation of ours that takes a dict, for arrays that all calls use."""
    return _takes(function, "memory")


def writes_into(function: Function) -> bool:
    """Whether it is an operation of ours that can write its result into memory that is there."""
    return _takes(function, "out")


def _takes(function: Function, name: str) -> bool:
    if type(function) is not Operation or function.is_own:
        return False
    code = getattr(function.value, "__code__", None)
    return code is not None and name in code.co_varnames[: code.co_argcount]


def label(function: Function) -> str:
    """A function as errors and reports speak of it."""
    if type(function) is Operation:
        return function.name
    if type(function) is Method:
        return f".{function.name}"
    if function is getitem:
        return "indexing"
    return numpy_name(function) or str(getattr(function, "__name__", function))
