"""Compiled programs on disk: for later processes, checked before they are read, never needed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import platform
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np

KEPT = 200
"""So many compiled programs stay in the cache; beyond, the oldest are removed."""

_PREFIX = "autograd_nn_step_"
_ABANDONED = 3600  # seconds, after which nobody is still writing a temporary file


def name_of(text: str, types: Any, numba: Any) -> str:
    """What a program is called: a hash of its text, and of what else machine code depends on."""
    from llvmlite.binding import get_host_cpu_features, get_host_cpu_name

    around = (
        str(types), platform.python_version(), numba.__version__, np.__version__,
        get_host_cpu_name(), get_host_cpu_features().flatten(),
    )  # fmt: skip
    digest = hashlib.sha256("\n".join((text, *around)).encode()).hexdigest()
    return f"{_PREFIX}{digest[:20]}"


def cache_folder() -> Path:
    """Where compiled programs are kept; the variable AUTOGRAD_NN_CACHE names another folder."""
    own = os.environ.get("AUTOGRAD_NN_CACHE")
    if own:
        return Path(own)
    if sys.platform == "win32":
        root = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Caches"
    else:
        root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "autograd_nn"


class KeptCode:
    """The file of one program; a dispatcher of Numba asks it for machine code, and gives it some.

    ``content`` is None where there is no such file, or one that is damaged or of another user.
    """

    def __init__(self, name: str) -> None:
        self.content: bytes | None = None
        self._path: Path | None = None
        try:
            folder = cache_folder()
            folder.mkdir(parents=True, exist_ok=True)
            if not _is_ours(folder):
                raise PermissionError(f"{folder} belongs to another user")
            self._path = folder / name
            self.content = _sound(self._path)
        except (OSError, RuntimeError) as error:  # read-only, or a user without a home
            _unusable(error)

    def load_overload(self, _: Any, target: Any) -> Any:
        """The function as Numba knows it; None where it has to compile."""
        from numba.core.compiler import CompileResult

        if self.content is None:
            return None
        target.refresh()
        try:
            return CompileResult._rebuild(target, *pickle.loads(self.content))
        except Exception as error:  # made by something that no name tells of
            _unusable(error)
            return None

    def save_overload(self, _: Any, compiled: Any) -> None:
        """Keep what was compiled; say so where it cannot be."""
        from numba.core.serialize import dumps

        if self._path is None:
            return
        try:
            content = dumps(compiled._reduce())
            put(self._path, hashlib.sha256(content).digest() + content)
            _drop_oldest(self._path.parent)
        except OSError as error:
            _unusable(error)


def _sound(path: Path) -> bytes | None:
    """What was put there. Of damaged machine code the process would die."""
    if not path.exists() or not _is_ours(path):
        return None
    whole = path.read_bytes()
    digest, content = whole[:32], whole[32:]
    return content if hashlib.sha256(content).digest() == digest else None


def _unusable(error: Exception) -> None:
    """Say that a program was compiled for this process alone."""
    warnings.warn(
        f"A compiled program was not kept for later processes: {error}. The variable "
        "AUTOGRAD_NN_CACHE names a folder for them.",
        stacklevel=2,
    )


def put(path: Path, content: bytes) -> None:
    """Write a file whole: another process never reads half of it."""
    handle, part = tempfile.mkstemp(".tmp", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            file.write(content)
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def _is_ours(path: Path) -> bool:
    """Whether no other user could have written this."""
    return not hasattr(os, "getuid") or path.stat().st_uid == os.getuid()


def _drop_oldest(folder: Path) -> None:
    """Keep the newest programs. What is running has been read, and is not looked up again."""
    with contextlib.suppress(OSError):  # another process removes them too, or has one open
        programs = sorted(folder.glob(f"{_PREFIX}*"), key=lambda path: path.stat().st_mtime)
        for path in programs[:-KEPT]:
            path.unlink(missing_ok=True)
        for part in folder.glob("*.tmp"):
            if part.stat().st_mtime < time.time() - _ABANDONED:
                part.unlink(missing_ok=True)
