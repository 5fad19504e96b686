"""Taking elements out, putting them in, and choosing between two arrays."""

from __future__ import annotations

import operator
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd_nn.engine.applying import apply, as_constant, copy_of
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.observing import noted
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.choosing import chosen
from autograd_nn.engine.operations.reductions import leading
from autograd_nn.engine.recording import numbers_recorded, switched
from autograd_nn.engine.taking import lengths, look_at_length, position_from
from autograd_nn.engine.tensor import Tensor

# An index may hold arrays, which are inputs: ``x[:, places]`` has the inputs x and places, and as
# ``key`` what stands in the brackets, with this word at the place of every array.
ARRAY = "array"
_NO_RULES = (None,) * 8


def filled(key: Any, arrays: tuple[Any, ...]) -> Any:
    """What stands in the brackets, with the arrays at their places."""
    if not arrays:
        return key
    if not isinstance(key, tuple):
        return arrays[0]
    rest = iter(arrays)
    return tuple(next(rest) if isinstance(k, str) else k for k in key)


def _getitem(x: Any, *arrays: Any, key: Any = ARRAY) -> Any:
    return x[filled(key, arrays)]


def _scatter(g: Any, *arrays: Any, key: Any = ARRAY, shape: Any) -> Any:
    out = np.zeros(shape, g.dtype)
    if _takes_each_once(key, arrays):
        out[filled(key, arrays)] = g
    else:
        np.add.at(out, filled(key, arrays), g)  # an element taken twice gets both gradients
    return out


def _takes_each_once(key: Any, arrays: tuple[Any, ...]) -> bool:
    keys = key if isinstance(key, tuple) else (key,)
    arrays = (*arrays, *(k for k in keys if getattr(k, "ndim", 0)))
    return not arrays or (len(arrays) == 1 and arrays[0].dtype.kind == "b")


def _put_back(g: Any, out: Any, x: Any, *arrays: Any, key: Any = ARRAY) -> Any:
    if g.ndim == out.ndim:
        return scatter(g, *arrays, key=key, shape=x.shape)
    shape, arrays, key = _of_each(g, out, x.shape, arrays, key)
    return _shaped(scatter(g, *arrays, key=key, shape=shape), (*leading(g, out), *x.shape))


def _shaped(x: Any, shape: tuple[int, ...]) -> Any:
    return x if x.shape == shape else x.reshape(shape)


getitem = Operation(
    "getitem",
    symbol="[·]",
    value=_getitem,
    gradients=(_put_back, *_NO_RULES),
)


def elements(a: Any, *places: Any) -> Any:
    """``a[places]``, recorded also where ``a`` is plain and the places are not."""
    return (
        getitem(a, *places, key=(ARRAY,) * len(places)) if len(places) > 1 else getitem(a, *places)
    )


def _taken_out(g: Any, out: Any, arrays: Any, key: Any) -> Any:
    """The elements at ``key`` of g, which has the shape of ``out``, or of each in a batch."""
    if g.ndim == out.ndim:
        return getitem(g, *arrays, key=key)
    shape, arrays, key = _of_each(g, out, out.shape, arrays, key)
    return getitem(_shaped(g, shape), *arrays, key=key)


# The other way round: zeros of ``shape`` with ``g`` added at ``key``. Each is the other's gradient.
scatter: Operation = Operation(
    "scatter",
    value=_scatter,
    gradients=(
        lambda g, out, x, *arrays, key=ARRAY, shape: _taken_out(g, out, arrays, key),
        *_NO_RULES,
    ),
)

# The places that an index takes, counted through the array.
_places_of = Operation(
    "places",
    value=lambda *arrays, key, shape: np.arange(int(np.prod(shape))).reshape(shape)[
        filled(key, arrays)
    ],
    gradients=_NO_RULES,
)


def _of_each(g: Any, out: Any, shape: Any, arrays: Any, key: Any) -> Any:
    """An index of each array in a batch: the shape to see the batch in, its arrays and its key.

    Arrays that stand apart in the brackets have their axes in front, where the batch has its own,
    so these become places in flat arrays.
    """
    front = leading(g, out)
    keys = key if isinstance(key, tuple) else (key,)
    whole = (slice(None),) * len(front)
    # What stands for an array here: the word, and truth values, which NumPy takes as arrays.
    arrays_at = [place for place, k in enumerate(keys) if isinstance(k, (str, bool, np.bool_))]
    numbers = [place for place, k in enumerate(keys) if isinstance(k, (int, np.integer))]
    numbers = sorted({*numbers, *arrays_at})
    together = not numbers or numbers[-1] - numbers[0] == len(numbers) - 1
    if together or not arrays_at:
        return (*front, *shape), arrays, (*whole, *keys)
    places = _places_of(*arrays, key=key, shape=shape)
    return (*front, int(np.prod(shape))), (places,), (*whole, ARRAY)


def _set_at(x: Any, v: Any, *arrays: Any, key: Any = ARRAY) -> Any:
    out = np.array(x)
    key = filled(key, arrays)
    try:
        out[key] = v
    except ValueError:
        raise ValueError(
            f"values of shape {np.shape(v)} are given for elements of shape {out[key].shape}"
        ) from None
    return out


def _surviving(*arrays: Any, key: Any = ARRAY, shape: Any) -> Any:
    numbers = np.full(shape, -1)
    key = filled(key, arrays)
    own = np.arange(numbers[key].size).reshape(numbers[key].shape)
    numbers[key] = own
    return numbers[key] == own


# Which of the values set are still there: of several for one place only the last.
_survivors = Operation("survivors", value=_surviving, gradients=_NO_RULES)


def _set_values(g: Any, out: Any, x: Any, v: Any, *arrays: Any, key: Any = ARRAY) -> Any:
    taken = _taken_out(g, out, arrays, key)
    if _takes_each_once(key, arrays):
        return taken
    return chosen(_survivors(*arrays, key=key, shape=out.shape), taken)


def _set_around(g: Any, out: Any, x: Any, v: Any, *arrays: Any, key: Any = ARRAY) -> Any:
    if g.ndim == out.ndim:
        return set_at(g, 0, *arrays, key=key)
    shape, arrays, key = _of_each(g, out, out.shape, arrays, key)
    return _shaped(set_at(_shaped(g, shape), 0, *arrays, key=key), g.shape)


set_at: Operation = Operation(
    "set_at",
    symbol="[·]=",
    value=_set_at,
    gradients=(
        _set_around,
        _set_values,
        *_NO_RULES,
    ),
)


def _add_at(x: Any, v: Any, *arrays: Any, key: Any = ARRAY) -> Any:
    out = np.array(x)
    key = filled(key, arrays)
    try:
        np.add.at(out, key, v)
    except ValueError:
        raise ValueError(
            f"values of shape {np.shape(v)} are given for elements of shape {out[key].shape}"
        ) from None
    return out


add_at = Operation(
    "add_at",
    symbol="[·]+=",
    value=_add_at,
    gradients=(
        lambda g, out, x, v, *arrays, key=ARRAY: g,
        lambda g, out, x, v, *arrays, key=ARRAY: _taken_out(g, out, arrays, key),
        *_NO_RULES,
    ),
)


def _np_where(condition: Any, x: Any = None, y: Any = None) -> Any:
    if x is None and y is None:
        return np.nonzero(condition)
    if x is None or y is None:
        raise ArgumentTypeError("np.where of a Tensor needs one argument or three.")
    if not hasattr(condition, "dtype"):
        condition = np.asarray(condition)
    return apply(where, condition, x, y)


# A gradient of exactly 0 goes to the branch not taken; what lies behind that branch may still make
# NaN of it (0·∞): guard its argument with a second where. A rule that took 0·∞ as 0 could not tell
# this 0 from a computed one: exp(log x) and (√x)², whose derivative is 1 at 0, would get 0.
where: Operation = Operation(
    "where",
    numpy={np.where: _np_where},
    value=np.where,
    gradients=(
        None,
        lambda g, out, condition, x, y: chosen(condition, g),
        lambda g, out, condition, x, y: np.where(condition, 0, g),
    ),
)


def _taken_apart(tensor: Tensor, key: Any) -> tuple[Any, tuple[Any, ...]]:
    """An index as what stands in the brackets, and its arrays and Tensors."""
    arrays: list[Any] = []
    if isinstance(key, tuple):  # a named one too
        key = tuple(_part_of_key(tensor, k, arrays) for k in key)
    else:
        key = _part_of_key(tensor, key, arrays)
    if len(arrays) > len(_NO_RULES):
        raise ArgumentTypeError(f"An index takes up to {len(_NO_RULES)} arrays, got {len(arrays)}.")
    return key, tuple(arrays)


def _part_of_key(tensor: Tensor, key: Any, arrays: list[Any]) -> Any:
    if type(key) in _PLAIN_KEYS:
        return key
    if isinstance(key, slice):
        ends = (key.start, key.stop, key.step)
        return slice(*(operator.index(k) if type(k) is Tensor else k for k in ends))
    source = key if isinstance(key, np.ndarray) else None
    if isinstance(key, np.integer):
        taken = position_from(tensor, key)
        if taken is None:
            return key
        with switched(numbers_recorded):
            key = apply(taken.operation, tensor, **taken.attributes or {})  # type: ignore[arg-type]
    if isinstance(key, np.bool_):
        return key
    if type(key) is not Tensor and not isinstance(key, np.ndarray):
        if hasattr(key, "__index__") and not hasattr(key, "__array__"):
            return operator.index(key)
        key = np.asarray(key)  # a sequence of any kind, as NumPy takes it
        if not key.size:
            key = key.astype(np.intp)
    if key.dtype.kind not in "iub":
        raise ArgumentTypeError(
            f"An index must be made of integers, slices or booleans, got an array of "
            f"{key.dtype}. Convert it with .astype(int)."
        )
    if type(key) is not Tensor:
        key = copy_of(key, source)  # which nobody changes before the gradient is computed
    arrays.append(key)
    return ARRAY


_PLAIN_KEYS = frozenset([int, type(None), type(...), bool])


def _item(self: Tensor, key: Any) -> Any:
    """The elements at ``key``, as NumPy's indexing."""
    if type(key) in _PLAIN_KEYS:
        return apply(getitem, self, key=key)
    key, arrays = _taken_apart(self, key)
    _note_masks(arrays)
    if key is ARRAY:
        return apply(getitem, self, *arrays)  # without attributes the sweep goes a shorter way
    return apply(getitem, self, *arrays, key=key)


def _note_masks(arrays: tuple[Any, ...]) -> None:
    """How many elements a mask chooses depends on values."""
    for x in arrays:
        if x.dtype.kind == "b":
            lengths.were_decided = True
            if x.operation is not None:
                noted("choosing by a mask")


def _iterate(self: Tensor) -> Iterator[Tensor]:
    if lengths.were_decided:
        look_at_length(self, sys._getframe(1))
    if not self._requires_grad:
        noted("iterating")  # over plain numbers, outside of what is observed
    return (self[position] for position in range(len(self)))


class _At:
    """``t.at[index]``: recorded assignment to elements."""

    __slots__ = ("_arrays", "_key", "_tensor")

    def __init__(self, tensor: Tensor, key: Any = None, arrays: tuple[Any, ...] = ()) -> None:
        self._tensor = tensor
        self._key = key
        self._arrays = arrays

    def __getitem__(self, key: Any) -> _At:
        return _At(self._tensor, *_taken_apart(self._tensor, key))

    def set(self, values: Any) -> Any:
        """A new Tensor with ``values`` at the index."""
        values = self._fitting(values)
        return apply(set_at, self._tensor, values, *self._arrays, key=self._key)

    def add(self, values: Any) -> Any:
        """A new Tensor with ``values`` added at the index; repeated places add up."""
        values = self._fitting(values)
        return apply(add_at, self._tensor, values, *self._arrays, key=self._key)

    def _fitting(self, values: Any) -> Any:
        """Values that would not be cut off to integers."""
        if np.ndim(values):
            _note_masks(self._arrays)
        if isinstance(values, (list, tuple)):
            values = as_constant(values, set_at)
        kind = values.dtype.kind if hasattr(values, "dtype") else "f" * isinstance(values, float)
        if kind == "f" and self._tensor.dtype.kind != "f":
            raise ArgumentTypeError(
                f"Floating-point values do not fit into a Tensor of {self._tensor.dtype}. "
                "Convert it first: t.astype(float).at[i].set(v)."
            )
        return values


Tensor.__getitem__ = _item
Tensor.__iter__ = _iterate
Tensor.at = property(_At, doc="Recorded assignment: ``t.at[i].set(v)``, ``t.at[i].add(v)``.")
