"""Arrays as members of a zip archive, as NumPy writes them: ``np.load`` reads the same files."""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Mapping
from typing import IO, Any, NamedTuple

import numpy as np

from autograd_nn.engine.errors import FileFormatError
from autograd_nn.saving.archives import Archive

# All that NumPy writes above numbers. Objects, texts and records have other headers.
_HEADER = re.compile(
    rb"\{'descr': '(?P<dtype>[<>|=][biuf]\d)', 'fortran_order': (?P<order>True|False), "
    rb"'shape': \((?P<shape>[\d, ]*)\),? *\} *\n?"
)
_MOST_OF_A_HEADER = 10_000
_MOST_AXES = 32
_AT_ONCE = 2**20


class StoredArray(NamedTuple):
    """What a member says of its array, checked against its size.

    Parameters   start: where in the member the numbers begin
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    in_columns: bool
    start: int

    @property
    def nbytes(self) -> int:
        """How many bytes the array has."""
        return math.prod(self.shape) * self.dtype.itemsize


def stored_array(archive: Archive, name: str) -> StoredArray:
    """The shape and dtype of an array, before anything is allocated.

    Raises       FileFormatError where they are not those of an array of numbers of this size
    """
    with archive.open(name) as file:
        found = _of_header(file)
        if found is None or found.start + found.nbytes != archive.size(name):
            said = "" if found is None else f", and says to be of shape {found.shape}"
            raise FileFormatError(
                f"{str(archive.path)!r} is refused: its part {name!r}, {archive.size(name):,} "
                f"bytes in size, is not an array of numbers as np.savez writes it{said}. Arrays of "
                "objects or texts are not read."
            )
    return found


def _of_header(file: IO[bytes]) -> StoredArray | None:
    start = file.read(8)
    if start not in (b"\x93NUMPY\x01\x00", b"\x93NUMPY\x02\x00"):
        return None
    count = int.from_bytes(file.read(2 if start[6] == 1 else 4), "little")
    if count > _MOST_OF_A_HEADER:
        return None
    found = _HEADER.fullmatch(file.read(count))
    if found is None:
        return None
    lengths = found["shape"].replace(b" ", b"").rstrip(b",")
    shape = tuple(int(length) for length in lengths.split(b",")) if lengths else ()
    if len(shape) > _MOST_AXES:
        return None
    dtype = np.dtype(found["dtype"].decode())
    return StoredArray(shape, dtype, found["order"] == b"True", file.tell())


def read_array(archive: Archive, name: str, stored: StoredArray) -> np.ndarray[Any, Any]:
    """The array of a member."""
    numbers = np.empty(math.prod(stored.shape), stored.dtype)
    room = numbers.view(np.uint8)
    with archive.open(name) as file:
        file.read(stored.start)
        place = 0
        while place < len(room):
            part = file.read(min(_AT_ONCE, len(room) - place))
            if not part:
                raise EOFError
            room[place : place + len(part)] = np.frombuffer(part, np.uint8)
            place += len(part)
        file.read(1)  # the sum of all bytes is compared at the end
    return numbers.reshape(stored.shape, order="F" if stored.in_columns else "C")


def write_archive(path: Any, arrays: Mapping[str, Any], texts: Mapping[str, str | bytes]) -> None:
    """Write arrays, as ``np.savez`` does, and texts beside them."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as zipped:
        for name, text in texts.items():
            zipped.writestr(_member(name), text)
        for name, array in arrays.items():
            with zipped.open(_member(f"{name}.npy"), "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asarray(array), allow_pickle=False)


def _member(name: str) -> zipfile.ZipInfo:
    # Not the time of now: equal models give equal files.
    return zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
