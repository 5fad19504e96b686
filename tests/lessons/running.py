"""Programs written for Keras, run with it or, with their imports changed, with this library."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import numpy as np

PROGRAMS = {path.stem: path for path in sorted((Path(__file__).parent / "keras_programs").glob("*.py"))}


def with_imports_changed(text: str) -> str:
    """`import keras` and `from keras…` as they are written for this library."""
    text = re.sub(r"^import keras$", "from autograd_nn import keras", text, flags=re.MULTILINE)
    return re.sub(r"^from keras\b", "from autograd_nn.keras", text, flags=re.MULTILINE)


def run(name: str, changed: bool) -> dict[str, Any]:
    """What a program leaves in `results`, as lists of numbers."""
    text = PROGRAMS[name].read_text("utf-8")
    space: dict[str, Any] = {"__name__": name}
    code = compile(with_imports_changed(text) if changed else text, str(PROGRAMS[name]), "exec")
    with contextlib.redirect_stdout(io.StringIO()):
        exec(code, space)
    return {key: plain(value) for key, value in space["results"].items()}


def plain(value: Any) -> Any:
    """Numbers that JSON takes."""
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, str):
        return value
    array = np.asarray(value)
    return array.astype(float).tolist() if array.dtype.kind == "f" else array.tolist()
