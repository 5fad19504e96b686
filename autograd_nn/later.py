"""Names of a package that are imported with the first that asks for them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any


def imported_later(
    package: str, files: dict[str, str], modules: str = ""
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """``__getattr__`` and ``__dir__`` of a package, which load a file when a name is asked for.

    Parameters   package: its ``__name__``
                 files: each file below it with the names that it defines, parted by spaces
                 modules: those below it that are found as attributes, too
    """
    # Held by name: the package is in `sys.modules` before its first line runs.
    names = vars(sys.modules[package])
    place_of = {name: file for file, defined in files.items() for name in defined.split()}

    inner = modules.split()

    def load(name: str) -> Any:
        if name in inner:
            return import_module(f"{package}.{name}")
        if name not in place_of:
            from autograd_nn.missing_names import missing  # which asks for what is there, mostly

            raise missing(package, name, names["__all__"])
        found = names[name] = getattr(import_module(f"{package}.{place_of[name]}"), name)
        return found

    def listed() -> list[str]:
        return sorted({*names, *names["__all__"], *inner})

    return load, listed
