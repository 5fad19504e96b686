"""Reading elements of one array into others, and adding them up: the calls that a replay makes."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

Call = Callable[[], Any]

# Runs of sums with as many terms each are added as matrices, in a third of the time of reduceat;
# from here on the runs are so short that one reduceat is faster.
_MOST_RUNS = 8


def gathered(source: Any, places: Any) -> tuple[Any, list[Call]]:
    """An array of ``source[places]``, and what has to be called to bring it up to date.

    Neighbours are a view and need no call.
    """
    flat = places.reshape(-1)
    first = int(flat[0])
    if (np.diff(flat) == 1).all():
        return source[first : first + flat.size].reshape(places.shape), []
    buffer = np.empty(places.shape, source.dtype)
    return buffer, [taking(source, places, buffer)]


def taking(source: Any, places: Any, out: Any) -> Call:
    """``source[places]`` written into ``out``."""
    # "clip" would hide a wrong place; with "raise" NumPy goes through a copy of `out`.
    assert places.min() >= 0 and places.max() < source.size
    return functools.partial(source.take, places, None, out, "clip")


def summed(source: Any, places: Any, lengths: Any, out: Any) -> list[Call]:
    """Each element of ``out`` is the sum over as many of ``source[places]`` as ``lengths`` says."""
    ends = [*(np.flatnonzero(np.diff(lengths)) + 1).tolist(), len(lengths)]
    if len(ends) > _MOST_RUNS:
        terms, calls = gathered(source, places)
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        return [*calls, functools.partial(np.add.reduceat, terms, starts, 0, None, out)]
    calls = []
    begin = place = 0
    for end in ends:
        size = (end - begin) * int(lengths[begin])
        block = places[place : place + size].reshape(end - begin, -1)
        calls += _summed_block(source, block, out[begin:end])
        begin, place = end, place + size
    return calls


def _summed_block(source: Any, block: Any, out: Any) -> list[Call]:
    number, length = block.shape
    if length == 1:
        return [taking(source, block.reshape(-1), out)]
    # The longer axis innermost: row after row is added to the result.
    axis = 0 if number > length else 1
    block = np.ascontiguousarray(block.T) if axis == 0 else block
    terms, calls = gathered(source, block)
    return [*calls, functools.partial(np.add.reduce, terms, axis, None, out)]
