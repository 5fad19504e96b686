"""Frames of pandas, Polars and Arrow: their columns as arrays of numbers, or which are none."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentTypeError

Array = np.ndarray


def is_frame(value: Any) -> bool:
    """Whether it is a table with named columns."""
    if hasattr(value, "to_numpy") or hasattr(value, "to_dask_array"):
        return hasattr(value, "columns") and getattr(value, "ndim", 2) == 2
    return hasattr(value, "column_names") and hasattr(value, "column")


def column_names(frame: Any) -> list[Any]:
    """The names of the columns, in their order."""
    return list(frame.column_names if hasattr(frame, "column_names") else frame.columns)


def columns_of(frame: Any) -> dict[str, Any]:
    """The columns by their names, as a model of several inputs or outputs takes them."""
    return {str(name): _column(frame, place) for place, name in enumerate(column_names(frame))}


def frame_as_array(frame: Any, name: str) -> Array:
    """The numbers of a frame; what is missing is NaN.

    Shapes       N rows of F columns → (N, F); the index of the rows is no column
    Raises       ArgumentTypeError naming the columns that hold something else, and their kinds
    """
    names = column_names(frame)
    columns = [_column(frame, place) for place in range(len(names))]
    arrays = [series_as_array(column) for column in columns]
    bad = [
        f"{of!r} ({_kind(column)})"
        for of, column, array in zip(names, columns, arrays, strict=True)
        if array is None
    ]
    refuse_columns(bad, name)
    # Column by column: to_numpy() makes objects of booleans beside numbers, or keeps them turned.
    dtype = np.result_type(*arrays) if arrays else np.dtype(float)
    found = np.empty((len(frame), len(arrays)), dtype)
    for place, array in enumerate(arrays):
        found[:, place] = array
    return found


def refuse_columns(bad: list[str], name: str) -> None:
    """Refuse the columns that hold no numbers, where there are any."""
    if bad:
        raise ArgumentTypeError(
            f"`{name}` must hold numbers; of its columns {', '.join(bad)} hold text or other "
            "objects. Drop them, or encode them as numbers (one column per value)."
        )


def series_as_array(series: Any) -> Array | None:
    """The numbers of one column, what is missing as NaN; None where it holds anything else."""
    array = np.asarray(series)
    if array.ndim == 1 and array.dtype.kind == "O":
        if not all(_is_number(item) or _is_missing(item) for item in array):
            return None
        return np.array([np.nan if _is_missing(item) else item for item in array], float)
    return array if array.ndim == 1 and array.dtype.kind in "fiub" else None


def column_of(given: Any, index: tuple[int, ...]) -> str:
    """For an error: the column in which an index lies, "" where no frame was given."""
    if len(index) != 2 or not is_frame(given):
        return ""
    return f", column {column_names(given)[index[1]]!r}"


def _column(frame: Any, place: int) -> Any:
    """By its place: two columns may have the same name."""
    if hasattr(frame, "to_dask_array"):
        return frame[frame.columns[place]]
    if hasattr(frame, "iloc"):
        return frame.iloc[:, place]
    return frame.column(place) if hasattr(frame, "column") else frame[:, place]


def _kind(column: Any) -> str:
    return str(getattr(column, "dtype", None) or getattr(column, "type", ""))


def _is_number(item: Any) -> bool:
    return isinstance(item, (int, float, np.number, np.bool_))


def _is_missing(item: Any) -> bool:
    return item is None or type(item).__name__ == "NAType"
