"""What may come in as data: arrays, lists, frames of numbers; and what is refused, in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.conversion import is_masked, refuse_kinds
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.observing import noted
from autograd_nn.engine.tensor import Tensor
from autograd_nn.frames import column_of, frame_as_array, is_frame, series_as_array

Array = np.ndarray

BLOCK = 2**20
"""So many numbers are looked at at once: what lies in a file is never in memory as a whole."""


def as_array(value: Any, name: str, dtype: Any = None) -> Array:
    """The numbers in ``value`` as an array, in ``dtype`` where one is given.

    Parameters   value: an array, a number, a (nested) list, a Tensor, a frame or series of numbers
                 name: how the errors call it
    Raises       ArgumentTypeError for text and other objects, naming column or row;
                 ArgumentError for rows of different lengths, and for a number that has no place in
                 ``dtype``
    """
    is_numbers = type(value) is Array and value.dtype.kind in "fiub"
    array: Array = value if is_numbers else _numbers(value, name)
    return array if dtype is None or array.dtype == dtype else cast(array, dtype, name)


def cast(array: Array, dtype: Any, name: str) -> Array:
    """The same numbers in another dtype, up to rounding, or which of them has no place in it."""
    try:
        with np.errstate(over="raise"):
            return array.astype(dtype, order="C")
    except FloatingPointError:
        largest = np.finfo(dtype).max
    index = tuple(int(i) for i in np.argwhere(np.isfinite(array) & (abs(array) > largest))[0])
    raise ArgumentError(
        f"`{name}` has {array[index]} at index {index}, which is too large for {np.dtype(dtype)} "
        f"(it ends at {largest:.1e}). Scale `{name}`, or choose set_floatx('float64')."
    )


def alone(value: Any, axes: int | None = None) -> Any:
    """Of a list with one array of samples in it that array; anything else as it is.

    Parameters   axes: how many an array of samples has, None where it is not known
    """
    if not isinstance(value, (list, tuple)) or len(value) != 1:
        return value
    ndim = getattr(value[0], "ndim", 0)
    return value[0] if (ndim == axes if axes is not None else ndim > 1) else value


def refuse_not_finite(
    array: Array,
    name: str,
    way_out: str = "Remove these rows or replace the values before training.",
    given: Any = None,
) -> None:
    """Refuse NaN and infinity, with their number and the first index.

    Parameters   given: what the array was made of, for the name of a frame's column
    """
    if array.dtype.kind != "f":
        return
    # A sum of squares is finite only where every element is, and is found faster than a look at
    # each; a product of BLAS warns of nothing, unless the squares of large elements overflow.
    if array.dtype == np.float16:  # of which 70,000 squares add up to infinity, and that warns
        if np.isfinite(array).all():
            return
    elif array.size <= BLOCK:
        flat = array.reshape(-1)
        if math.isfinite(flat.dot(flat)):
            return
    elif all(math.isfinite(flat.dot(flat)) for flat in map(np.ravel, blocks_of(array))):
        return
    count, rows = 0, 0
    first: Any = None
    everywhere = []
    for block in blocks_of(array):
        bad = ~np.isfinite(block)
        if first is None and bad.any():
            place = np.argwhere(bad)[0].tolist()
            value = block[tuple(place)]
            first = (rows + place[0], *place[1:]) if place else ()
        count += int(bad.sum())
        rows += len(bad) if bad.ndim else 1
        everywhere.append(bad.all(axis=0))
    if not count:
        return
    way_out = whole_columns(bad if len(everywhere) == 1 else np.stack(everywhere)) or way_out
    raise ArgumentError(
        f"`{name}` has {count} value{'s' if count > 1 else ''} that {'are' if count > 1 else 'is'} "
        f"non-finite (NaN or inf); the first is {value} at index {first}"
        f"{column_of(given, first)}. {way_out}"
    )


def blocks_of(array: Array) -> Iterator[Array]:
    """The rows, so many at once as need little memory where they are copied."""
    if array.size <= BLOCK:
        yield array
        return
    length = len(array)
    rows = max(1, BLOCK * length // array.size)
    for start in range(0, length, rows):
        yield array[start : start + rows]


def whole_columns(bad: Array) -> str:
    """A sentence of the columns that are bad in every row, as those are that were divided by a
    spread of 0; "" where there is none."""
    columns = columns_bad_in_every_row(bad)
    if not columns.size:
        return ""
    shown = ", ".join(map(str, columns[:8])) + (", …" if columns.size > 8 else "")
    return (
        f"{'Column' if columns.size == 1 else 'Columns'} {shown} in every row, as 0/0 gives: of a "
        "constant column, (x - x.mean(0)) / x.std(0) divides 0 by a spread of 0. Leave such a "
        "column out, or divide by np.where(std == 0, 1, std)."
    )


def columns_bad_in_every_row(bad: Array) -> Array:
    """Their numbers, none where that is all of it, as after a run that broke down."""
    if bad.ndim != 2 or len(bad) < 2:
        return np.zeros(0, int)
    columns = np.flatnonzero(bad.all(axis=0))
    return columns[:0] if columns.size == bad.shape[1] > 1 else columns


def refuse_negative(weight: Array, name: str) -> None:
    """Refuse weights of samples below 0: they would make a loss large instead of small."""
    if weight.size and weight.min() < 0:
        index = tuple(int(i) for i in np.argwhere(weight < 0)[0])
        raise ArgumentError(
            f"`{name}` must be at least 0, got {weight[index]} at index {index}: the loss of a "
            "sample with a negative weight would be made large. 0 leaves a sample out."
        )


def _numbers(value: Any, name: str) -> Array:
    if isinstance(value, Tensor):
        noted("its values, as an array")
        return np.asarray(value._data)
    if value is None:
        raise ArgumentTypeError(f"`{name}` is missing (None): give an array.")
    if is_frame(value):
        return frame_as_array(value, name)
    if hasattr(value, "to_numpy"):
        numbers = series_as_array(value)
        value = value if numbers is None else numbers
    if hasattr(value, "toarray") and not isinstance(value, Array):
        raise ArgumentTypeError(
            f"`{name}` is a sparse matrix ({type(value).__name__}). Use {name}.toarray()."
        )
    if is_masked(value):
        refuse_kinds(value)
    if isinstance(value, (str, bytes)):
        raise _text(name, value)
    if hasattr(value, "__next__") or isinstance(value, (set, Mapping)):
        raise _no_array(value, name)
    if isinstance(value, (list, tuple)) and any(isinstance(row, Tensor) for row in value):
        noted("its values, as an array")
        value = [row._data if isinstance(row, Tensor) else row for row in value]
    try:
        array = np.asarray(value)
    except ValueError:
        raise ArgumentError(_ragged(value, name)) from None
    if array.dtype.kind == "O":
        array = _from_objects(array, value, name)
    if array.dtype.kind in "US":
        raise _text(name, array.flat[0] if array.size else "")
    if array.dtype.kind not in "fiub":
        way = ""
        if names := array.dtype.names:
            way = f" np.column_stack([{name.split()[-1]}[name] for name in {names}]) is an array."
        raise ArgumentTypeError(f"`{name}` must hold real numbers, got {array.dtype}.{way}")
    return array


def _no_array(value: Any, name: str) -> ArgumentTypeError:
    way = ""
    if isinstance(value, dict):
        way = f" np.column_stack(list({name.split()[-1]}.values())) puts its columns side by side."
    elif isinstance(value, Mapping) and (kept := next(iter(value), None)) is not None:
        way = f" Give one of what it holds, such as {name.split()[-1]}[{kept!r}]."
    elif hasattr(value, "collect"):
        way = f" Use {name.split()[-1]}.collect()."
    elif hasattr(value, "__iter__") and not isinstance(value, (set, dict)):  # batches, one by one
        way = " Go through batches: for x, y in batches: model.train_on_batch(x, y)."
    return ArgumentTypeError(
        f"`{name}` must be an array, a list or a frame of numbers, got {type(value).__name__}.{way}"
    )


def _from_objects(array: Array, value: Any, name: str) -> Array:
    """Objects that are all numbers are numbers; else the first that is not is named."""
    if array.ndim == 0:
        raise _no_array(value, name)
    for index, item in np.ndenumerate(array):
        if isinstance(item, (list, tuple, Array)):
            if array.ndim == 1 and _are_alike(array):
                raise ArgumentTypeError(
                    f"`{name}` holds {len(array)} objects of type {type(item).__name__}, as a "
                    f"column of a frame may: np.stack(np.asarray({name.split()[-1]})) is an array."
                )
            raise ArgumentError(_ragged(value, name))
        if not isinstance(item, (int, float, np.number, np.bool_)):
            if isinstance(item, (str, bytes)):
                raise _text(name, item, index)
            raise ArgumentTypeError(
                f"`{name}` must hold numbers, got {item!r} of type {type(item).__name__} "
                f"at index {index}."
            )
    try:
        return array.astype(np.float64)
    except OverflowError:
        raise ArgumentError(
            f"`{name}` holds an integer too large for a float64, which ends at 1.8e+308."
        ) from None


def _are_alike(rows: Array) -> bool:
    """Whether all are arrays, or lists, of one shape."""
    try:
        return len({np.shape(row) for row in rows}) == 1
    except ValueError:  # a row that is ragged itself
        return False


def _text(name: str, item: Any, index: Any = None) -> ArgumentTypeError:
    where = f" at index {index}" if index is not None else ""
    way_out = "Encode it as numbers."
    if name.split()[-1] in ("y", "y_true", "labels"):
        way_out = (
            "Encode the labels as integers: "
            f"classes, labels = np.unique({name.split()[-1]}, return_inverse=True)."
        )
    return ArgumentTypeError(
        f"`{name}` must hold numbers, got text: {str(item)[:40]!r} (str){where}. {way_out}"
    )


def _ragged(value: Any, name: str) -> str:
    lengths = [np.size(row) if isinstance(row, (list, tuple, Array)) else None for row in value]
    for row, length in enumerate(lengths):
        if length != lengths[0]:
            first, other = (
                "is a number" if n is None else f"has length {n}" for n in (lengths[0], length)
            )
            return (
                f"`{name}` is ragged: row 0 {first} and row {row} {other}. "
                "All rows must have the same length."
            )
    return f"`{name}` is ragged: its rows differ at a deeper level. Make their lengths equal."


def are_arrays(inputs: Any) -> bool:
    """Whether a list is one of arrays with axes, and not of numbers."""
    return bool(inputs) and all(
        isinstance(part, (np.ndarray, Tensor)) and part.ndim for part in inputs
    )
