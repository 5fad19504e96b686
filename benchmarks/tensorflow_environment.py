"""python -m benchmarks.tensorflow_environment: make the one that Keras on TensorFlow runs in.

TensorFlow wants versions of its own of what the other libraries share with it. It gets a virtual
environment in the cache folder (about 2 GB); nothing else installs it.
"""

import os
import platform
import subprocess
import sys
import venv
from pathlib import Path

PACKAGES = ("keras", "numpy")


def folder() -> Path:
    """Return where the environment is, or would be."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "autograd_nn" / "benchmarks" / "tensorflow"


def interpreter() -> Path:
    """Return its Python."""
    inside = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    return folder() / inside


def is_there() -> bool:
    """Whether it was made: the mark is written last."""
    return (folder() / "complete").exists() and interpreter().exists()


def version() -> str:
    """Return the version of TensorFlow that is in it."""
    ask = "import importlib.metadata as m; print(m.version({!r}))"
    command = [str(interpreter()), "-c", ask.format(_distribution())]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def make() -> None:
    """Make it anew, and say where."""
    print(f"Making {folder()} …", flush=True)
    venv.create(folder(), clear=True, with_pip=True)
    pip = [str(interpreter()), "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, _distribution(), *PACKAGES], check=True)
    (folder() / "complete").touch()
    print("Keras on TensorFlow takes part in `python -m benchmarks tutorial` from now on.")


def _distribution() -> str:
    linux = sys.platform == "linux" and platform.machine() == "x86_64"
    return "tensorflow-cpu" if linux else "tensorflow"


if __name__ == "__main__":
    make()
