"""Which elements a product of matrices pairs with each other, for one element of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Shape = tuple[int, ...]


def row_and_column(left: Shape, right: Shape, place: int) -> tuple[list[int], list[int]]:
    """The places of the row of ``left`` and of the column of ``right`` whose products add up to
    the element at ``place`` of the product."""
    rows, columns, out = _as_stacks(left, right)
    *stack, i, j = np.unravel_index(place, out.shape)
    return rows[(*stack, i)].tolist(), columns[(*stack, slice(None), j)].tolist()


def uses(left: Shape, right: Shape, slot: int, place: int) -> tuple[list[int], list[int]]:
    """The places of the product to which the element at ``place`` of an operand contributes, and
    for each the place in the other operand of the element that it is multiplied with."""
    rows, columns, out = _as_stacks(left, right)
    own, other = (left, columns) if slot == 0 else (right, rows)
    at: tuple[Any, ...] = np.unravel_index(place, own)
    if len(own) == 1:
        at = (0, *at) if slot == 0 else (*at, 0)
        own = (1, *own) if slot == 0 else (*own, 1)
    *stack, i, j = at
    # Along an axis that broadcasting made, the element is used everywhere.
    key: list[Any] = [slice(None)] * (out.ndim - len(own))
    key += [slice(None) if length == 1 else a for a, length in zip(stack, own[:-2], strict=True)]
    if slot == 0:
        return out[(*key, i)].ravel().tolist(), other[(*key, j)].ravel().tolist()
    used, partners = out[(*key, slice(None), j)], other[(*key, slice(None), i)]
    return used.ravel().tolist(), partners.ravel().tolist()


def _as_stacks(left: Shape, right: Shape) -> tuple[Any, Any, Any]:
    """The places of both operands and of the product, as stacks of matrices of one length."""
    rows = _places(left).reshape(left if len(left) > 1 else (1, *left))
    columns = _places(right).reshape(right if len(right) > 1 else (*right, 1))
    stack = np.broadcast_shapes(rows.shape[:-2], columns.shape[:-2])
    out = (*stack, rows.shape[-2], columns.shape[-1])
    return (
        np.broadcast_to(rows, (*stack, *rows.shape[-2:])),
        np.broadcast_to(columns, (*stack, *columns.shape[-2:])),
        _places(out).reshape(out),
    )


def _places(shape: Shape) -> Any:
    return np.arange(math.prod(shape))
