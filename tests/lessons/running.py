"""Lessons written for other libraries, run as they are or with their imports changed.

What is written for PyTorch, or for NumPy alone, cannot be made ours by imports: beside each such
lesson stands, in the folder ``here``, the same as one writes it with this library.
"""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.own_classes import REGISTERED

HERE = Path(__file__).parent
LESSONS = {
    library: {path.stem: path for path in sorted((HERE / f"{library}_programs").glob("*.py"))}
    for library in sorted(
        folder.name.removesuffix("_programs") for folder in HERE.glob("*_programs")
    )
}
CHANGES = {
    "import keras": "from autograd_nn import keras",
    "import tensorflow as tf": "import autograd_nn.compat.tensorflow as tf",
    r"from keras\b": "from autograd_nn.keras",
    r"from tensorflow\b": "from autograd_nn.compat.tensorflow",
    r"import autograd\.numpy": "import numpy",
    r"from autograd\.scipy\.special": "from autograd_nn.special",
    r"from autograd import": "from autograd_nn import",
    r"import jax\.numpy": "import numpy",
    "from jax import .*": "from autograd_nn import compiled as jit, grad, hessian, jvp, vjp\n"
    "from autograd_nn import jacobian as jacfwd, jacobian as jacrev, value_and_grad",
    "from micrograd.engine import Value": "from autograd_nn import Tensor as Value",
    "from mygrad import tensor": "from autograd_nn import Tensor as tensor",
}


def with_imports_changed(text: str) -> str:
    """The program with our names in its first lines, and nothing else changed."""
    for theirs, ours in CHANGES.items():
        text = re.sub(f"^{theirs}", ours, text, flags=re.MULTILINE)
    return text


def run(path: Path, changed: bool) -> dict[str, Any]:
    """What a program leaves in `results`, as lists of numbers."""
    ours = path.parent / "here" / path.name
    text = (ours if changed and ours.exists() else path).read_text("utf-8")
    code = compile(with_imports_changed(text) if changed else text, str(path), "exec")
    space: dict[str, Any] = {"__name__": path.stem}
    with contextlib.redirect_stdout(io.StringIO()), _own_place():
        exec(code, space)
    return {key: plain(value) for key, value in space["results"].items()}


@contextlib.contextmanager
def _own_place() -> Iterator[None]:
    """A folder for the files of a program; what it registers is forgotten after it."""
    before = dict(REGISTERED)
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        try:
            yield
        finally:
            REGISTERED.clear()
            REGISTERED.update(before)


def plain(value: Any) -> Any:
    """Numbers that JSON takes."""
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, str):
        return value
    array = np.asarray(value)
    return array.astype(float).tolist() if array.dtype.kind == "f" else array.tolist()


def record(library: str, lessons: list[str]) -> dict[str, Any]:
    """What lessons of a library, or all, give with that library itself, in this process."""
    return {
        name: run(path, changed=False)
        for name, path in LESSONS[library].items()
        if not lessons or name in lessons
    }
