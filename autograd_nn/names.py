"""The name of a class as the name of a thing."""

from __future__ import annotations

import re


def snake_case(name: str) -> str:
    """Words in lower case with underscores between: MyLayer → my_layer, Conv2D → conv2d."""
    words = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower().lstrip("_")
