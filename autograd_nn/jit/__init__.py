"""Programs as machine code, by Numba."""

import importlib.util

from autograd_nn.engine.errors import AutogradError, MissingPackageError

INSTALL = "pip install 'autograd-nn[jit]'"


class NotCompilable(AutogradError):
    """A step of a program has no compiled form."""


def check_installed() -> None:
    """Raise MissingPackageError where the extra `jit` is not installed; it is not imported."""
    if any(importlib.util.find_spec(package) is None for package in ("numba", "scipy")):
        raise MissingPackageError(
            f"Compiling needs the packages numba and scipy, which are not installed: {INSTALL}."
        )
