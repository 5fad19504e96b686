"""What Python code sees of the values of Tensors, noted while a computation is recorded.

A program can repeat a computation with other numbers only where nothing was decided by looking at
them. A comparison may go on as an operand, as in ``np.where(x > 0, x, 0.1 * x)``: it is remembered
together with what it was computed from. Whatever else is done with its result is a look.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.recording import current_looks, current_scope
from autograd_nn.engine.tensor import Tensor


@contextlib.contextmanager
def observing() -> Iterator[Looks]:
    """Note every look at values inside; it belongs to the thread and to the asyncio task.

    Example      The sign of x decides which formula is recorded

    >>> from autograd_nn import Tensor
    >>> x = Tensor(2.0)
    >>> with observing() as looks:
    ...     y = x * x if x.item() > 0 else -x
    >>> print(looks.notes[0].split(" (")[0])
    item()
    """
    looks = Looks()
    token = current_looks.set(looks)
    try:
        yield looks
    finally:
        current_looks.reset(token)


class Derived(NamedTuple):
    """An array without a gradient that a program can compute anew: ``function(*operands)``."""

    array: Any
    function: Callable[..., Any]
    operands: tuple[Any, ...]


class Looks:
    """What was seen of values: a line of text for each place, and the arrays that were derived.

    ``notes`` is empty where nothing was seen. ``effects`` are sweeps on numbers and changes of
    data: a step of training consists of them, a function that is replayed must not. ``derived``
    has the derived arrays by ``id``; it keeps them alive, so that no id is used twice.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.effects: list[str] = []
        self.derived: dict[int, Derived] = {}

    def note(self, how: str) -> None:
        """One more look, with the layer and the line of the code that looks."""
        self._note(how, self.notes)

    def did(self, what: str) -> None:
        """One more effect, in the same words."""
        self._note(what, self.effects)

    def _note(self, what: str, into: list[str]) -> None:
        scope = current_scope.get()
        layer = f" in layer {scope!r}" if scope else ""
        text = f"{what}{layer} ({_place()})"
        if text not in into:
            into.append(text)

    def derive(self, function: Callable[..., Any], *operands: Any) -> Watched:
        """``function`` of Tensors, watched arrays and constants: computed, and remembered.

        An Operation is a function here that a program calls as it is, also where it draws numbers.
        """
        kept = tuple(_as_operand(operand) for operand in operands)
        run = function.value if isinstance(function, Operation) else function
        array = np.asarray(run(*(x._data if type(x) is Tensor else x for x in kept)))
        self.derived[id(array)] = Derived(array, function, kept)
        return Watched(self, array)

    def watched(self, array: Any) -> Watched:
        """A stand-in for data that cannot be a Tensor with a gradient, such as labels.

        An operation takes it for ``array`` itself; what is computed from it is derived.
        """
        return Watched(self, array)


def as_type(array: Any, dtype: Any) -> Any:
    """``array.astype(dtype)``, as a function that can be derived by."""
    return array.astype(dtype)


def counted(array: Any, keepdims: bool, *axes: Any) -> Any:
    """The sum along axes, or with None of all, as a function that can be derived by."""
    return np.sum(array, axis=None if axes == (None,) else axes, keepdims=keepdims)


class Watched(NDArrayOperatorsMixin):
    """Stands for a plain array while observing: an operand like it, and every look is noted.

    It is no subclass of an array: NumPy would read the elements of one without asking it.
    """

    __slots__ = ("_looks", "plain")

    def __init__(self, looks: Looks, plain: Any) -> None:
        self._looks = looks
        self.plain = plain

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes."""
        return self.plain.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self.plain.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self.plain.size

    @property
    def dtype(self) -> Any:
        """The NumPy dtype."""
        return self.plain.dtype

    def __len__(self) -> int:
        return len(self.plain)

    def __repr__(self) -> str:
        return repr(self.plain[()])

    def __format__(self, spec: str) -> str:
        return format(self.plain[()], spec)

    def astype(self, dtype: Any, **options: Any) -> Any:
        """The elements in another dtype, derived from these."""
        return self._looks.derive(as_type, self, np.dtype(dtype))

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        if any(type(x) is Tensor for x in inputs):
            return NotImplemented
        if method == "__call__" and not keywords and ufunc.nout == 1:
            return self._looks.derive(ufunc, *inputs)
        if ufunc is np.add and method == "reduce" and keywords.keys() <= {"axis", "keepdims"}:
            axis, keepdims = keywords.get("axis", 0), keywords.get("keepdims", False)
            axes = axis if isinstance(axis, tuple) else (axis,)
            return self._looks.derive(counted, inputs[0], keepdims, *axes)
        self._looks.note(f"np.{ufunc.__name__}")
        return getattr(ufunc, method)(*_plain(inputs), **_plain(keywords))

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        if Tensor in types:
            return NotImplemented
        if function is np.where and len(args) == 3 and not keywords:
            return self._looks.derive(np.where, *args)
        if function not in _SHAPE_ONLY:
            self._looks.note(f"np.{function.__name__}")
        return function(*_plain(args), **_plain(keywords))

    def __hash__(self) -> int:
        self._looks.note(f"hash() of a {_kind(self.plain)}")
        return hash(self.plain[()])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        self._looks.note(f"the values of a {_kind(self.plain)}")
        return np.array(self.plain, dtype=dtype)

    def __reduce__(self) -> Any:
        self._looks.note(f"a copy of a {_kind(self.plain)}")
        return (np.array, (self.plain,))


_SHAPE_ONLY = {
    np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.full_like, np.empty_like,
    np.result_type, np.array2string, np.array_repr, np.array_str,
}  # fmt: skip


# ------------------------------------------------------------------ what is not said above


def _seen(name: str) -> Any:
    """A method of an array, the use of which is a look."""

    def method(self: Watched, *args: Any, **keywords: Any) -> Any:
        self._looks.note(f"{name}() of a {_kind(self.plain)}")
        return getattr(self.plain, name)(*_plain(args), **_plain(keywords))

    method.__name__ = name
    return method


def _seen_attribute(name: str) -> Any:
    def attribute(self: Watched) -> Any:
        self._looks.note(f".{name} of a {_kind(self.plain)}")
        return getattr(self.plain, name)

    return property(attribute)


_SPECIAL = ("bool", "float", "int", "index", "iter", "contains", "getitem", "setitem")

for _name in (*dir(np.ndarray), *(f"__{name}__" for name in _SPECIAL)):
    if _name in vars(Watched) or (_name.startswith("_") and _name.strip("_") not in _SPECIAL):
        continue
    _make = _seen if callable(getattr(np.ndarray, _name)) else _seen_attribute
    setattr(Watched, _name, _make(_name))


def _kind(array: Any) -> str:
    return "comparison" if array.dtype.kind == "b" else "result that depends on the data"


def _as_operand(operand: Any) -> Any:
    """What a derived array is computed from: a Tensor, an array or a number, nothing watched."""
    if type(operand) is Watched:
        return operand.plain
    if type(operand) is Tensor or not (
        isinstance(operand, (list, tuple))
        or (hasattr(operand, "__array__") and not isinstance(operand, (np.ndarray, np.generic)))
    ):
        return operand
    return np.asarray(operand)


def _plain(value: Any) -> Any:
    """The arrays in place of what stands for them, also inside of lists."""
    if type(value) is Watched:
        return value.plain
    if type(value) is Tensor:
        return value._data
    if type(value) in (list, tuple):
        return type(value)(_plain(item) for item in value)
    if type(value) is dict:
        return {key: _plain(item) for key, item in value.items()}
    return value


_OWN = (
    os.path.dirname(os.path.dirname(__file__)) + os.sep,
    os.path.dirname(np.__file__) + os.sep,
)


def outside(frame: Any) -> tuple[Any, int]:
    """The first frame from this one upwards whose code is not ours, and how far it is."""
    steps = 0
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OWN):
        frame, steps = frame.f_back, steps + 1
    return frame, steps


def _place() -> str:
    """File and line of the innermost code that is neither this package nor NumPy."""
    frame, _ = outside(sys._getframe(1))
    return f"{os.path.basename(frame.f_code.co_filename)}, line {frame.f_lineno}"
