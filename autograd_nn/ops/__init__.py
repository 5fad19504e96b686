"""Every operation, by name. Each is called with Tensors, arrays and numbers: ``ops.exp(x)``.

The list is made from the entries in ``engine/operations/``, where each operation says all that is
known of it. The less usual families are imported when one of them is asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from autograd_nn.engine import operations
from autograd_nn.engine.operation import Operation


def _entries(families: Any) -> dict[str, Operation]:
    return {
        entry.name: entry
        for family in families
        for name, entry in vars(import_module(f"{operations.__name__}.{family}")).items()
        if isinstance(entry, Operation) and not name.startswith("_")
    }


globals().update(_entries(operations.__all__))


# With a type, mypy takes what it has not read yet for something that cannot be called.
def __getattr__(name):  # type: ignore[no-untyped-def]
    if name == "__all__" or not name.startswith("__"):
        globals().update(_entries(operations.LATER))
        globals()["__all__"] = sorted(_entries([*operations.__all__, *operations.LATER]))
        if name in globals():
            return globals()[name]
    raise AttributeError(f"There is no operation {name!r} here.")
