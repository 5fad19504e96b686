"""Nested lists, tuples and dicts of plain values and arrays, as one archive of NumPy."""

from __future__ import annotations

import functools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentTypeError, FileFormatError
from autograd_nn.saving.archives import archive_at
from autograd_nn.saving.arrays_in_archives import read_array, stored_array, write_archive

_VALUES = "values.json"
_MOST_BYTES = 2**28


def write_values(path: Path, value: Any) -> None:
    """Write a value; `read_values` gives an equal one, of the same types."""
    arrays: dict[str, Any] = {}
    text = json.dumps(_taken_apart(value, arrays), separators=(",", ":"), allow_nan=False)
    write_archive(path, arrays, {_VALUES: text})


def read_values(path: Path) -> Any:
    """What `write_values` wrote; nothing in it is run.

    Raises       FileFormatError for a damaged file, and for any other
    """
    with archive_at(path) as archive:
        if _VALUES not in archive.names:
            raise FileFormatError(f"{str(path)!r} is refused: it has no {_VALUES}.")
        arrays = {}
        for name in archive.names:
            if name != _VALUES:
                arrays[name] = read_array(archive, name, stored_array(archive, name))
        try:
            text = archive.read(_VALUES, _MOST_BYTES)
            return json.loads(text, object_pairs_hook=functools.partial(_put_together, arrays))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise FileFormatError(f"{str(path)!r} is refused: {error!r:.200}") from error


def is_nested_values(value: Any) -> bool:
    """Whether `write_values` writes it."""
    try:
        _taken_apart(value, {})
    except (ArgumentTypeError, RecursionError):
        return False
    return True


# Lists are lists, and what JSON has not is a dict of one key that says what it is.


def _taken_apart(value: Any, arrays: dict[str, Any]) -> Any:
    kind = type(value)
    if value is None or kind in (bool, int, str):
        return value
    if kind is float:
        return value if math.isfinite(value) else {"float": str(value)}
    if kind in (list, tuple):
        parts = [_taken_apart(part, arrays) for part in value]
        return parts if kind is list else {"tuple": parts}
    if kind is dict:
        pairs = [[_taken_apart(k, arrays), _taken_apart(v, arrays)] for k, v in value.items()]
        return {"dict": pairs}
    if (kind is np.ndarray or isinstance(value, np.generic)) and _is_numbers(value.dtype):
        name = f"{len(arrays)}.npy"
        arrays[name.removesuffix(".npy")] = value
        return {"array" if kind is np.ndarray else "number": name}
    raise ArgumentTypeError(
        f"{value!r:.80} of type {kind.__name__} cannot be written: numbers, texts, arrays of "
        "numbers, and lists, tuples and dicts of them can."
    )


def _is_numbers(dtype: Any) -> bool:
    return dtype.kind in "biuf" and dtype.isnative and dtype.itemsize <= 8


def _put_together(arrays: dict[str, Any], pairs: list[tuple[str, Any]]) -> Any:
    """The value of a dict of one key, in which everything is put together already."""
    ((kind, inner),) = pairs
    if kind == "dict":
        return dict(inner)
    if kind == "tuple":
        return tuple(inner)
    if kind == "float":
        return float(inner)
    if kind not in ("array", "number"):
        raise ValueError(f"there is no kind {kind!r:.40}")
    return arrays[inner] if kind == "array" else arrays[inner][()]
