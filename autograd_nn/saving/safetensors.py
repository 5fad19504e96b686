"""`.safetensors`: weights alone, in the format of Hugging Face, which others read and write.

    8 bytes            how long the header is, little end first
    the header         JSON: {"dense/kernel": {"dtype": "F32", "shape": […], "data_offsets": […]}}
    the numbers        of all arrays, one after the other, without a hole

The package of this name opens the same files.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from autograd_nn.engine.errors import ArgumentError, FileFormatError
from autograd_nn.saving.archives import readable
from autograd_nn.saving.named_weights import put_back, refuse_misfits, tensors_of, weights_of
from autograd_nn.saving.plain_values import MOST_BYTES, library, value_of

_DTYPES = {
    "F16": "<f2", "F32": "<f4", "F64": "<f8", "BOOL": "|b1", "I8": "|i1", "I16": "<i2",
    "I32": "<i4", "I64": "<i8", "U8": "|u1", "U16": "<u2", "U32": "<u4", "U64": "<u8",
}  # fmt: skip
_NAMES = {np.dtype(dtype): name for name, dtype in _DTYPES.items()}
_MOST_AXES = 32


class Stored(NamedTuple):
    """What the header says of an array.

    Parameters   start: where the numbers begin, counted from the end of the header
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    start: int

    @property
    def nbytes(self) -> int:
        """How many bytes the array has."""
        return math.prod(self.shape) * self.dtype.itemsize


def write_weights(path: Path, model: Any) -> None:
    """Write the weights alone."""
    write_arrays(path, weights_of(model))


def write_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    """Write arrays by name."""
    header: dict[str, Any] = {"__metadata__": {"library": library()}}
    place = 0
    for name, array in arrays.items():
        dtype = _NAMES.get(array.dtype)
        if dtype is None:
            raise ArgumentError(
                f"{name!r} has the dtype {array.dtype}, which .safetensors has not."
            )
        header[name] = {
            "dtype": dtype,
            "shape": list(array.shape),
            "data_offsets": [place, place + array.nbytes],
        }
        place += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # numbers begin where a machine reads them fastest
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for array in arrays.values():
            file.write(np.ascontiguousarray(array).data)


def read_weights(path: Path, model: Any) -> None:
    """Put the weights of a file into a model that is there."""
    with path.open("rb") as file, readable(path):
        beginning, stored = stored_arrays(path, file)
        refuse_misfits(model, tensors_of(model), stored, repr(str(path)))
        put_back(model, {name: _read(file, beginning, one) for name, one in stored.items()})


def stored_arrays(path: Path, file: IO[bytes]) -> tuple[int, dict[str, Stored]]:
    """Where the numbers begin, and what the header says of each array, checked against the size."""

    def refuse(text: str) -> FileFormatError:
        return FileFormatError(f"{str(path)!r} is no file of this format, or damaged: {text}")

    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(file.read(8), "little")
    if size < 10 or length > size - 8:
        raise refuse("it is truncated, or too short for its header.")
    if length > MOST_BYTES:
        raise refuse(f"its header has a size of {length:,} bytes, more than {MOST_BYTES:,}.")
    try:
        header = value_of(file.read(length))
        metadata = header.pop("__metadata__", {})
        if not all(isinstance(text, str) for text in metadata.values()):
            raise refuse("what it says of itself is no text.")
        found = {name: _of_entry(entry) for name, entry in header.items()}
    except FileFormatError as error:
        raise refuse(str(error)) from error
    place = 0
    for name, one in sorted(found.items(), key=lambda item: (item[1].start, item[1].nbytes)):
        if one.start != place:
            raise refuse(f"{name!r} does not begin where the array before it ends.")
        place += one.nbytes
    if 8 + length + place != size:
        raise refuse(f"its arrays have {place:,} bytes together, and it has {size - 8 - length:,}.")
    return 8 + length, found


def _of_entry(entry: Any) -> Stored:
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise FileFormatError("it says of an array something else than its dtype, shape and place.")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if dtype not in _DTYPES:
        raise FileFormatError(f"it has an array of the dtype {dtype!r:.40}, which NumPy has not.")
    if (
        not (isinstance(shape, list) and isinstance(offsets, list))
        or not all(type(n) is int and n >= 0 for n in [*shape, *offsets])
        or len(offsets) != 2
        or len(shape) > _MOST_AXES
    ):
        raise FileFormatError("it has an array whose shape and place are not whole numbers.")
    found = Stored(tuple(shape), np.dtype(_DTYPES[dtype]), offsets[0])
    if offsets[1] - offsets[0] != found.nbytes:
        raise FileFormatError("it has an array whose place is not of the size of its shape.")
    return found


def _read(file: IO[bytes], beginning: int, stored: Stored) -> np.ndarray[Any, Any]:
    file.seek(beginning + stored.start)
    numbers = np.fromfile(file, stored.dtype, math.prod(stored.shape))
    return numbers.reshape(stored.shape)
