"""Calls of which the numbers decide how many there are in the result."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn.program.calls import METHODS

_OF_ANY = frozenset(
    [np.nonzero, np.flatnonzero, np.argwhere, np.trim_zeros, np.bincount, np.unique]
    + [np.unique_values, np.unique_counts, np.unique_inverse, np.unique_all]
    + [np.union1d, np.intersect1d, np.setdiff1d, np.setxor1d]
)
# Of these one argument decides, which stands there.
_OF_ONE: dict[Any, tuple[int, str]] = {
    np.compress: (0, "condition"), np.extract: (0, "condition"), np.delete: (1, "obj"),
    np.repeat: (1, "repeats"), METHODS["repeat"]: (1, "repeats"),
}  # fmt: skip


def is_sized_by_values(
    function: Any, inputs: tuple[Any, ...], attributes: Mapping[str, Any], kind: Any
) -> bool:
    """Whether the size of what a call gives depends on the numbers of a value of this kind."""
    if function is operator.getitem:
        keys = inputs[1] if type(inputs[1]) is tuple else inputs[1:]
        return any(type(key) is kind and key.dtype == np.bool_ for key in keys)
    if function is operator.mul:  # a list so many times
        return any(isinstance(x, (list, tuple)) for x in inputs) and any(
            type(x) is kind and not x.ndim for x in inputs
        )
    if function in _OF_ONE:
        place, name = _OF_ONE[function]
        return kind in (type(x) for x in (*inputs[place : place + 1], attributes.get(name)))
    return function in _OF_ANY or (function is np.where and len(inputs) == 1)
