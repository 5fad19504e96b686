"""Where a picture, a page or a program is written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError


def checked_path(path: Any, *kinds: str) -> Path:
    """The path of a file that can be written and ends in one of ``kinds``, or what is wrong."""
    if not isinstance(path, (str, os.PathLike)):
        raise ArgumentTypeError(f"`path` must be the path of a file, got {path!r:.80}.")
    path = Path(path)
    if path.is_dir():
        raise ArgumentError(f"`path` must be a file, and {str(path)!r} is a folder.")
    if path.suffix.removeprefix(".").lower() not in kinds:
        known = f".{kinds[0]}" if len(kinds) == 1 else f"one of .{', .'.join(kinds)}"
        raise ArgumentError(f"`path` must end in {known}, got {str(path)!r}.")
    if not path.parent.is_dir():
        raise ArgumentError(f"`path` is {str(path)!r}, and there is no folder {path.parent}.")
    return path
