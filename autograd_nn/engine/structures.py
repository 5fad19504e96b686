"""Nested lists, tuples and dicts of values: taken apart and put together again."""

from __future__ import annotations

from typing import Any


def flatten(structure: Any) -> tuple[list[Any], Any]:
    """The values from left to right (dicts by insertion), and the shape to put them back into."""
    values: list[Any] = []
    return values, _outline(structure, values)


def _outline(structure: Any, values: list[Any]) -> Any:
    if type(structure) in (list, tuple):
        return type(structure)(_outline(item, values) for item in structure)
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return type(structure)(*(_outline(item, values) for item in structure))
    if isinstance(structure, dict):
        return {key: _outline(item, values) for key, item in structure.items()}
    values.append(structure)
    return len(values) - 1


def rebuild(outline: Any, values: list[Any]) -> Any:
    """The structure of ``outline`` with ``values`` in place of its positions."""
    if type(outline) is int:
        return values[outline]
    if isinstance(outline, dict):
        return {key: rebuild(item, values) for key, item in outline.items()}
    if isinstance(outline, tuple) and hasattr(outline, "_fields"):
        return type(outline)(*(rebuild(item, values) for item in outline))
    return type(outline)([rebuild(item, values) for item in outline])
