"""Compiled programs on disk: for later processes, checked before they are read, never needed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

KEPT = 200
"""So many compiled programs stay in the cache; beyond, the oldest are removed."""

_PREFIX = "autograd_nn_step_"
_ABANDONED = 3600  # seconds, after which nobody is still writing a temporary file


def name_of(text: str, numba: Any) -> str:
    """What a program is called: a hash of its text, and of what else machine code depends on."""
    from llvmlite.binding import get_host_cpu_features, get_host_cpu_name

    around = (
        platform.python_version(), numba.__version__, np.__version__,
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


def written(name: str, text: str) -> Path | None:
    """The text as a module in the cache; None, with a warning, where there can be no cache."""
    try:
        folder = cache_folder()
        folder.mkdir(parents=True, exist_ok=True)
        if not _are_ours([folder]):
            raise PermissionError(f"{folder} belongs to another user")
        path = folder / f"{name}.py"
        if not path.exists() or not _are_ours([path]) or path.read_bytes() != text.encode():
            put(path, text)
            _drop_oldest(folder)
        return path
    except (OSError, RuntimeError) as error:  # full, read-only, or a user without a home
        unusable(error)
        return None


def unusable(error: Exception) -> None:
    """Say that a program was compiled for this process alone."""
    warnings.warn(
        f"A compiled program was not kept for later processes: {error}. The variable "
        "AUTOGRAD_NN_CACHE names a folder for them.",
        stacklevel=2,
    )


def put(path: Path, text: str) -> None:
    """Write a file whole: another process never reads half of it."""
    handle, part = tempfile.mkstemp(".tmp", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            file.write(text.encode())
        os.replace(part, path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def is_sound(path: Path, folder: Path) -> bool:
    """Whether what Numba keeps of a module in ``folder`` is ours, and is what was sealed.

    What is not is removed: of damaged machine code the process would die.

    Raises       OSError where it cannot be removed
    """
    files, sealed = _made_from(path, folder), path.with_suffix(".sha256")
    with contextlib.suppress(OSError):
        if files and _are_ours([folder, sealed, *files]) and sealed.read_text() == _digest(files):
            return True
    for file in files:
        file.unlink(missing_ok=True)
    return False


def seal(path: Path, folder: Path) -> None:
    """Note what Numba has just kept of a module."""
    put(path.with_suffix(".sha256"), _digest(_made_from(path, folder)))


def _made_from(path: Path, folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{path.stem}.*.nb[ci]"))


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _are_ours(paths: Iterable[Path]) -> bool:
    """Whether no other user could have written these."""
    if not hasattr(os, "getuid"):
        return True
    return all(path.stat().st_uid == os.getuid() for path in paths)


def _drop_oldest(folder: Path) -> None:
    """Keep the newest programs. What is running has been read, and is not looked up again."""
    with contextlib.suppress(OSError):  # another process removes them too, or has one open
        programs = sorted(folder.glob(f"{_PREFIX}*.py"), key=lambda path: path.stat().st_mtime)
        for path in programs[:-KEPT]:
            for made_from_it in _made_from(path, folder / "__pycache__"):
                made_from_it.unlink(missing_ok=True)
            path.with_suffix(".sha256").unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        for part in [*folder.glob("*.tmp"), *(folder / "__pycache__").glob(f"{_PREFIX}*.tmp.*")]:
            if part.stat().st_mtime < time.time() - _ABANDONED:
                part.unlink(missing_ok=True)
