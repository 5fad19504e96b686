"""Positions: of the largest, in order, among others; as functions that Numba compiles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_nn.jit.compiled_form import CompiledForm, Former, argument, by_name, only, whole
from autograd_nn.program import METHODS, Function, Instruction, Value

_ARGSORT = """
def argsort_FLOAT(x, out, other):
    groups, length, width = out.shape
    x, places = x.reshape(out.shape), np.empty(length, int64)
    for i in range(groups):
        for k in range(width):
            for t in range(length):
                places[t] = t
            merged = 1  # so many, one behind another, are in order
            while merged < length:
                for start in range(0, length, 2 * merged):
                    middle, end = min(start + merged, length), min(start + 2 * merged, length)
                    left, right = start, middle
                    for t in range(start, end):
                        takes_left = right == end
                        if left < middle and right < end:
                            a, b = x[i, places[left], k], x[i, places[right], k]
                            takes_left = not (b < a or (a != a and b == b))
                        if takes_left:
                            other[t] = places[left]
                            left += 1
                        else:
                            other[t] = places[right]
                            right += 1
                for t in range(length):
                    places[t] = other[t]
                merged *= 2
            for t in range(length):
                out[i, t, k] = places[t]
"""

_ARGMAX = """
def argmax_FLOAT(x, out):
    groups, width = out.shape
    length = x.size // out.size
    x = x.reshape((groups, length, width))
    for i in range(groups):
        for k in range(width):
            at = 0
            for t in range(1, length):
                a, b = x[i, at, k], x[i, t, k]
                if b > a or (b != b and a == a):
                    at = t
            out[i, k] = at
"""
_ARGMIN = _ARGMAX.replace("argmax", "argmin").replace("b > a", "b < a")

# How many of the sorted ones lie before each of others. They may go down, as edges of bins may.
_BELOW = """
def below_FLOAT(x, ordered, or_equal, may_go_down, out):
    x, out, n = x.reshape(x.size), out.reshape(x.size), len(ordered)
    down = False
    if may_go_down:
        down = ordered[0] > ordered[n - 1]
        for t in range(1, n):
            if (ordered[t] > ordered[t - 1]) if down else (ordered[t] < ordered[t - 1]):
                return True
    for i in range(x.size):
        low, high = 0, n
        while low < high:
            middle = (low + high) // 2
            a, b = ordered[n - 1 - middle if down else middle], x[i]
            if or_equal:
                is_before = not (b < a or (a != a and b == b))
            else:
                is_before = a < b or (b != b and a == a)
            if is_before:
                low = middle + 1
            else:
                high = middle
        out[i] = n - low if down else low
    return False
"""

_FIRST_PLACES = """
def first_places_FLOAT(x, out, order, other):
    argsort_FLOAT(x, order.reshape((1, x.size, 1)), other)
    x, found = x.reshape(x.size), 0
    for t in range(x.size):
        a, b = x[order[t]], x[order[max(t - 1, 0)]]
        if t == 0 or (a != b and (a == a or b == b)):
            if found == out.size:
                return True
            out[found] = order[t]
            found += 1
    return found < out.size
"""

_PLACES = """
def places_FLOAT(mask, out):
    found = np.nonzero(mask)
    if len(found[0]) != out.shape[1]:
        return True
    for axis in range(out.shape[0]):
        out[axis, :] = found[axis]
    return False
"""
OTHER_NUMBER = (
    "A mask chose, or equal elements left, another number of elements than when the program was "
    "recorded, which it is made for. Record anew, or multiply by the mask."
)
_INT = np.dtype(np.int64)


def _groups(shape: tuple[int, ...], axis: Any) -> tuple[int, int, int]:
    """The shape with the axes before and behind an axis as one each."""
    if axis is None or not shape:  # a number may be ordered along an axis that it has not
        return 1, math.prod(shape), 1
    axis %= len(shape)
    return math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])


def _argsort(place: int) -> Former:
    """Of a call with the axis at this place."""

    def form(step: Instruction) -> CompiledForm:
        x, output = step.inputs[0], step.output
        groups = _groups(x.shape, argument(step, place, "axis", -1))
        buffers = groups, groups[1:2]
        return CompiledForm(
            "argsort", 1, buffers, whole(*output.shape), dtype=_INT, given=step.inputs[:1]
        )

    return form


def _extreme(name: str) -> Former:
    def form(step: Instruction) -> CompiledForm:
        x, output = step.inputs[0], step.output
        groups, _, width = _groups(x.shape, argument(step, 1, "axis"))
        buffers = ((groups, width),)
        return CompiledForm(
            name, 1, buffers, whole(*output.shape), dtype=_INT, given=step.inputs[:1]
        )

    return form


def _below(step: Instruction, x: Any, ordered: Any, or_equal: bool, error: str) -> CompiledForm:
    shape = step.output.shape
    given = x, ordered, or_equal, bool(error)
    return CompiledForm("below", 4, (shape,), whole(*shape), error, dtype=_INT, given=given)


def _searchsorted(step: Instruction) -> CompiledForm:
    ordered, x = step.inputs[:2]
    only(step, 3, "sorter", None)
    return _below(step, x, ordered, argument(step, 2, "side", "left") == "right", "")


def _digitize(step: Instruction) -> CompiledForm:
    error = "bins must be monotonically increasing or decreasing"
    x, bins = step.inputs[:2]
    return _below(step, x, bins, not argument(step, 2, "right", False), error)


def _first_places(step: Instruction) -> CompiledForm:
    n, size = step.output.shape, step.inputs[0].shape
    flat = (math.prod(size),)
    buffers = n, flat, flat
    return CompiledForm("first_places", 1, buffers, whole(*n), OTHER_NUMBER, dtype=_INT)


def places_of(mask: Value, number: int) -> CompiledForm:
    """The places of so many true ones, as a step of its own."""
    shape = len(mask.shape), number
    return CompiledForm("places", 1, (shape,), whole(*shape), OTHER_NUMBER, dtype=_INT)


_argmax, _argmin = _extreme("argmax"), _extreme("argmin")

TEXTS = by_name(_ARGSORT, _ARGMAX, _ARGMIN, _BELOW, _FIRST_PLACES, _PLACES)
FORMS: dict[Function | str, Former] = {
    np.argsort: _argsort(1),
    "stable_argsort": _argsort(1),
    np.argpartition: _argsort(2),
    np.argmax: _argmax,
    np.argmin: _argmin,
    METHODS["argmax"]: _argmax,
    METHODS["argmin"]: _argmin,
    np.searchsorted: _searchsorted,
    np.digitize: _digitize,
    "first_places": _first_places,
}
