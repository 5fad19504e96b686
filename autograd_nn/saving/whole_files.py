"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograd_nn.engine.errors import FileWriteError

_numbers = itertools.count()
_UNFINISHED = re.compile(r"\.(?P<machine>[\w-]*)-(?P<process>\d+)-\d+\.unfinished")


@contextlib.contextmanager
def whole_file(path: Any) -> Iterator[Path]:
    """A path to write to, whose file takes the place of ``path`` when the block ends well.

    Until then, and wherever it does not end well, what stood there stays, and nothing else is left.
    Of a process that was killed meanwhile an unfinished file is left beside it, which the next
    that writes there takes away.

    Raises       FileWriteError where the file cannot be written, such as on a full disk
    Example

    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp(), "a.txt")
    >>> with whole_file(path) as unfinished:
    ...     _ = unfinished.write_text("all of it")
    >>> path.read_text()
    'all of it'
    """
    path = Path(os.path.realpath(path))  # what a link leads to is written, and the link stays
    stem = f".{path.name[:100]}"
    end = f".{_machine()}-{os.getpid()}-{next(_numbers)}.unfinished"
    unfinished = path.with_name(stem + end)
    try:
        if path.exists() and not path.is_file():
            raise OSError(errno.EEXIST, "there is a folder, a device or a pipe, and no file")
        _take_away_those_of_the_dead(path.parent, stem)
        yield unfinished
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, unfinished)
        os.replace(unfinished, path)
        _settle(path.parent)
    except OSError as error:
        raise FileWriteError(
            error.errno,
            f"The file cannot be written: {error.strerror or error}. What stood there before is "
            "as it was",
            str(path),
        ) from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink()


def _take_away_those_of_the_dead(folder: Path, stem: str) -> None:
    """Remove what processes of this machine that are no more have left of a file."""
    for entry in os.scandir(folder):
        if entry.name.startswith(stem):
            found = _UNFINISHED.fullmatch(entry.name, len(stem))
            if found and found["machine"] == _machine() and not _lives(int(found["process"])):
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)


def _lives(process: int) -> bool:
    if process == os.getpid():
        return True
    if sys.platform == "win32":
        return False  # a file that somebody writes cannot be removed there
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True
    return True


def _machine() -> str:
    import platform  # takes long to import

    return re.sub(r"[^\w-]", "_", platform.node()[:50])


def _settle(folder: Path) -> None:
    """Have the disk know the new name, too, where folders can be asked for that."""
    with contextlib.suppress(OSError):
        place = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(place)
        finally:
            os.close(place)
