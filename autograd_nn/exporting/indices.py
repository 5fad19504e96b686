"""What stands in the brackets of an index, key by key."""

from __future__ import annotations

from typing import Any


def keys_of(key: Any, arrays: tuple[Any, ...]) -> list[Any]:
    """The keys, with the arrays at their places."""
    rest = iter(arrays)
    keys = list(key) if type(key) is tuple else [key]
    return [next(rest) if isinstance(k, str) else k for k in keys]


def written_out(keys: list[Any], ndim: int) -> list[Any]:
    """The keys with slices in place of the three dots: one for each axis, beside new axes."""
    taken = sum(k is not None and k is not Ellipsis for k in keys)
    place = next((n for n, k in enumerate(keys) if k is Ellipsis), len(keys))
    return [*keys[:place], *[slice(None)] * (ndim - taken), *keys[place + 1 :]]


def widths_around(key: Any, arrays: tuple[Any, ...], shape: Any) -> list[tuple[int, int]] | None:
    """How much of each axis lies before and behind a block; None where the key takes no block."""
    keys = [] if arrays else written_out(keys_of(key, ()), len(shape))
    if len(keys) != len(shape) or not all(isinstance(k, slice) for k in keys):
        return None
    found = []
    for k, n in zip(keys, shape, strict=True):
        start, stop, step = (0, n, 1) if k == slice(None) else k.indices(n)
        if step != 1:
            return None
        found.append((start, 0 if stop is n else n - stop))
    return found
