"""The name of a class as the name of a thing, and the arguments that a thing was made with."""

from __future__ import annotations

import re
from typing import Any


def snake_case(name: str) -> str:
    """Words in lower case with underscores between: MyLayer → my_layer."""
    words = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", words).lower().lstrip("_")


def arguments_of(thing: Any) -> dict[str, Any]:
    """The arguments of its class that it keeps as attributes of their names."""
    import inspect

    names = inspect.signature(type(thing)).parameters
    return {name: getattr(thing, name) for name in names if hasattr(thing, name)}
