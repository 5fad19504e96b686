"""Nested lists, tuples and dicts of values: taken apart and put together again."""

from __future__ import annotations

from typing import Any

from autograd_nn.engine.errors import ArgumentTypeError


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


def flatten_like(outline: Any, structure: Any, what: str) -> list[Any]:
    """The values of ``structure`` at the places that ``outline`` has; they may be lists."""
    if type(outline) is int:
        return [structure]
    if isinstance(outline, dict):
        fits = isinstance(structure, dict) and structure.keys() == outline.keys()
    else:
        fits = isinstance(structure, (list, tuple)) and len(structure) == len(outline)
    if not fits:
        raise ArgumentTypeError(
            f"`{what}` must have the structure of what it belongs to, {described(outline)}, got "
            f"{described(structure)}."
        )
    keys = outline if isinstance(outline, dict) else range(len(outline))
    return [x for key in keys for x in flatten_like(outline[key], structure[key], what)]


def paths_of(outline: Any) -> list[str]:
    """Where each value stands, as one writes it: ``[0]['w']``."""
    if type(outline) is int:
        return [""]
    items = outline.items() if isinstance(outline, dict) else enumerate(outline)
    return [f"[{key!r}]{path}" for key, item in items for path in paths_of(item)]


def described(structure: Any) -> str:
    """What it is, in words."""
    if isinstance(structure, dict):
        keys = ", ".join(map(repr, structure))
        return f"a dict with the keys {keys}" if keys else "an empty dict"
    if isinstance(structure, (list, tuple)):
        return f"a {type(structure).__name__} of {len(structure)}"
    shape = getattr(structure, "shape", None)
    return type(structure).__name__ + (f" of shape {shape}" if shape is not None else "")


def rebuild(outline: Any, values: list[Any]) -> Any:
    """The structure of ``outline`` with ``values`` in place of its positions."""
    if type(outline) is int:
        return values[outline]
    if isinstance(outline, dict):
        return {key: rebuild(item, values) for key, item in outline.items()}
    if isinstance(outline, tuple) and hasattr(outline, "_fields"):
        return type(outline)(*(rebuild(item, values) for item in outline))
    return type(outline)([rebuild(item, values) for item in outline])
