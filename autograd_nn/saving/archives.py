"""Zip archives, read so that none can ask for more memory than it has bytes itself.

The members of a file that this library writes, and Keras, are stored as they are. So what a member
says of its size is checked against the size of the file, before anything is read.
"""

from __future__ import annotations

import contextlib
import os
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from autograd_nn.engine.errors import AutogradError, FileFormatError

MOST_MEMBERS = 20_000
_OF_ONE_NAME = 512  # bytes that the table of contents may have for a member


class Archive:
    """The members of a zip file by name, of checked sizes.

    Parameters   path: of the file
                 zipped: the same, open
    """

    def __init__(self, path: Path, zipped: zipfile.ZipFile) -> None:
        self.path = path
        self._zipped = zipped
        self._members = {member.filename: member for member in _checked(path, zipped.infolist())}

    @property
    def names(self) -> list[str]:
        """The names of all members, in their order."""
        return list(self._members)

    def size(self, name: str) -> int:
        """How many bytes a member has."""
        return self._members[name].file_size

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """A member as a file; what is wrong with its bytes is a FileFormatError."""
        with readable(self.path, f"its part {name!r}"), self._zipped.open(name) as file:
            yield file

    def read(self, name: str, most: int) -> bytes:
        """All bytes of a member.

        Raises       FileFormatError where there are more than ``most``
        """
        if self.size(name) > most:
            raise FileFormatError(
                f"{str(self.path)!r} is refused: its part {name!r} has a size of "
                f"{self.size(name):,} bytes, and more than {most:,} are not read."
            )
        with self.open(name) as file:
            return file.read()


@contextlib.contextmanager
def archive_at(path: Any) -> Iterator[Archive]:
    """A zip file, opened and looked at.

    Raises       FileNotFoundError; FileFormatError where it is damaged, or is no zip file
    """
    path = Path(path)
    with open(path, "rb") as file:
        _look_at_the_ends(path, file)
        with readable(path):
            zipped = zipfile.ZipFile(file)
        with zipped:
            yield Archive(path, zipped)


@contextlib.contextmanager
def readable(path: Path, what: str = "it") -> Iterator[None]:
    """Around reading: whatever goes wrong inside is said of the file, once and in one way."""
    try:
        yield
    except (AutogradError, FileNotFoundError, PermissionError):
        raise
    except Exception as error:
        raise FileFormatError(
            f"{str(path)!r} is damaged: {what} cannot be read, as where a file is truncated or "
            f"was changed ({_one_line(error)}). Take another copy of it, or save it again."
        ) from error


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".partition("\n")[0][:200]


def _look_at_the_ends(path: Path, file: IO[bytes]) -> None:
    """Refuse what is no zip file, or has a table of contents that is too long to be read."""
    size = os.fstat(file.fileno()).st_size
    start = file.read(4)
    if not size:
        raise FileFormatError(f"{str(path)!r} is damaged: it is truncated to nothing, and empty.")
    if start[:1] == b"\x80":
        raise FileFormatError(
            f"{str(path)!r} is no file of this format. It looks like a pickle, which could do "
            "anything when it is read, and is not read here."
        )
    if start[:2] != b"PK":
        raise FileFormatError(
            f"{str(path)!r} is not of the format that its extension says, or it is corrupt: it "
            f"begins with {start!r}."
        )
    file.seek(max(size - 65_557, 0))
    end = file.read()
    place = end.rfind(b"PK\5\6")
    if place < 0 or len(end) < place + 22:
        raise FileFormatError(
            f"{str(path)!r} is truncated: the table of contents, which a zip file has at its end, "
            "is missing. Take another copy of it, or save it again."
        )
    count, length = struct.unpack("<HL", end[place + 10 : place + 16])
    large = end[max(place - 76, 0) : place - 20]
    if large.startswith(b"PK\6\6") and len(large) == 56:
        count, length = struct.unpack("<QQ", large[32:48])
    if count > MOST_MEMBERS or length > MOST_MEMBERS * _OF_ONE_NAME // 4:
        raise FileFormatError(
            f"{str(path)!r} is refused: its table of contents says that it has {count:,} parts and "
            f"a size of {length:,} bytes itself; more than {MOST_MEMBERS:,} parts are not read."
        )
    file.seek(0)


def _checked(path: Path, members: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """The members, or what is wrong with one of them, or with all."""

    def refuse(text: str) -> FileFormatError:
        return FileFormatError(f"{str(path)!r} is refused: {text}")

    names: set[str] = set()
    for member in members:
        name = member.filename
        if name in names:
            raise refuse(f"it has the part {name[:100]!r} twice, a duplicate.")
        names.add(name)
        parts = name.split("/")
        if not all(parts) or ".." in parts or "\\" in name or ":" in parts[0] or "\0" in name:
            raise refuse(f"the name {name[:100]!r} of a part could lead out of a folder.")
        if member.flag_bits & 0x1:
            raise refuse(f"its part {name[:100]!r} is encrypted.")
        if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
            raise refuse(
                f"its part {name[:100]!r} is compressed, {member.compress_size:,} bytes of what "
                f"says to have a size of {member.file_size:,}. Parts are read as they are: "
                "write them without compression, as np.savez and model.save do."
            )
    total, size = sum(member.file_size for member in members), path.stat().st_size
    if total > size:
        raise refuse(f"its parts say to have {total:,} bytes together, and it has {size:,} itself.")
    return members
