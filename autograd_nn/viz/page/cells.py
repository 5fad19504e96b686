"""What the page needs to show the numbers behind one cell, of an array of any operation.

Of products of matrices, sums and operations element by element the page computes the terms from
the arrays that it has. Of others it gets the local derivatives that are not 0. Where an array is
too large to be in the page, the terms of its largest cells are computed here.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.operation import part
from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.elements.jacobians import agree, column, is_floating, maker, row
from autograd_nn.viz.elements.labels import indices
from autograd_nn.viz.elements.matmul_pairs import row_and_column, uses
from autograd_nn.viz.graph import notation, symbols
from autograd_nn.viz.graph.flows import result_of_rule, terms_of_elements, values_of
from autograd_nn.viz.graph.walk import Walk
from autograd_nn.viz.wording.saying import say

ROWS = 3_000
"""So many rows of local derivatives are computed for a page, in about half a second."""

ENTRIES = 30_000
"""So many local derivatives of one operation at most are in a page."""

LARGEST, TERMS = 8, 8
"""Of a large array so many cells are opened, each into so many terms and what is left."""

VERY_LARGE = 20_000
"""Where a cell takes a backward pass through more elements, three cells are opened."""

PREPARED = 400
"""So many cells of large arrays are opened for a page."""


class Entries(NamedTuple):
    """Local derivatives: of the element at ``out`` by the one at ``place`` of input ``slot``."""

    out: Any
    slot: Any
    place: Any
    local: Any


class Cells:
    """The terms of the nodes and steps of one page; how many there may be is counted."""

    def __init__(self, walk: Walk, whole: int, is_live: bool = False) -> None:
        self._walk, self._whole, self._is_live = walk, whole, is_live
        self._rows, self._prepared = ROWS, PREPARED
        self._kinds: dict[int, dict[str, Any] | None] = {}

    def of_node(self, node: Tensor) -> dict[str, Any]:
        """How an element of a node comes about: ``terms``, and ``cells`` where it is too large."""
        self._kinds[id(node)] = terms = self._terms(node)
        found: dict[str, Any] = {"terms": terms}
        if type(node._data) is tuple:
            found["parts"] = [
                self._walk.ids[id(x)]
                for x in self._walk.order
                if type(x) is Tensor and x.operation is part and x.inputs[0] is node
            ]
            return found
        if self._is_live:  # numbers of now would soon be old: the page asks the rules
            return found
        size = _most(node._data, *values_of(maker(node)[0]))
        if node.inputs and not (terms and size <= self._whole):
            found["cells"] = self._largest(
                node._data, lambda place: _of_value(self._walk, node, place), size
            )
        return found

    def of_step(self, flow: Contribution) -> dict[str, Any]:
        """The same for what a step sends back."""
        if self._is_live:
            return {}
        node = flow.node
        size = _most(flow.contribution, *values_of(node), *_as_tuple(flow.upstream))
        known = self._kinds.get(id(node)) or type(node._data) is tuple
        if node.operation is part or (known and size <= self._whole):
            return {}
        return {
            "cells": self._largest(
                flow.contribution, lambda place: _of_contribution(self._walk, flow, place), size
            )
        }

    def _terms(self, node: Tensor) -> dict[str, Any] | None:
        if not node.inputs or type(node._data) is tuple:
            return None
        known = terms_of_elements(node)
        if known:
            return known
        entries = moved(node)
        if entries is None and node._data.size <= self._rows:
            self._rows -= node._data.size
            entries = derivatives(node)
        if entries is not None and len(entries.out) > ENTRIES:
            entries = None
        if entries is None and not self._is_live:
            return None
        made_of = maker(node)[0]
        found = {
            "kind": "entries",
            "of": self._walk.ids[id(made_of)],
            "inputs": [self._id_of(made_of, slot) for slot in range(len(made_of.inputs))],
        }
        if entries is None:
            return found
        return found | {
            "count": len(entries.out),
            "out": _packed(entries.out, "<i4"),
            "slot": _packed(entries.slot, "<i4"),
            "place": _packed(entries.place, "<i4"),
            "local": None if self._is_live else _packed(entries.local, "<f8"),
        }

    def _id_of(self, node: Tensor, slot: int) -> str | None:
        item = self._walk.input_at(node, slot)
        return None if item is None else self._walk.ids[id(item)]

    def _largest(self, array: Any, terms: Any, work: int) -> list[dict[str, Any]]:
        """The largest elements with their terms; each goes through ``work`` elements."""
        flat = np.abs(np.ravel(array).astype(np.float64))
        most = LARGEST if work <= VERY_LARGE else 3
        many = min(most, flat.size, self._prepared)
        self._prepared -= many
        order = np.argsort(-np.where(np.isnan(flat), np.inf, flat), kind="stable")[:many]
        found = []
        for place in order.tolist():
            told = terms(place)
            if told is not None:
                number = float(np.ravel(array)[place])
                found.append({"i": place, "amount": _strict(number), **_summarised(told)})
        return found


# ---------------------------------------------------------------------- local derivatives


def moved(node: Tensor) -> Entries | None:
    """The entries of an operation that only puts elements into other places; else None.

    Found by putting numbers of places through it: that holds for users' operations, too.
    """
    made_of, result = maker(node)
    assert made_of.operation is not None
    values, starts, start = values_of(made_of), {}, 0
    codes: list[Any] = list(values)
    for slot, value in enumerate(values):
        if is_floating(value):
            starts[slot] = start
            codes[slot] = (np.arange(value.size, dtype=np.float64) + start + 1).reshape(value.shape)
            start += value.size
    if not starts or start > 10**7:
        return None
    try:
        with np.errstate(all="ignore"):
            found = made_of.operation.value(*codes, **made_of.attributes or {})
        found = np.asarray(found if result is None else found[result])
        if found.shape != node._data.shape or found.dtype != np.float64:
            return None
        whole = np.concatenate([[0.0], *(np.ravel(values[slot]) for slot in starts)])
        origin = found.ravel().astype(np.intp)
        if not np.array_equal(found.ravel(), origin) or origin.min(initial=1) < 0:
            return None
        if not np.array_equal(whole[origin], node._data.ravel(), equal_nan=True):
            return None
    except Exception:  # whatever a function raises on numbers that it was not written for
        return None
    out = np.flatnonzero(origin)
    place = origin[out] - 1
    slots, firsts = (np.array(list(x)) for x in (starts.keys(), starts.values()))
    which = np.searchsorted(firsts, place, side="right") - 1
    entries = Entries(out, slots[which], place - firsts[which], out * 0 + 1.0)
    return entries if _is_rule_of(made_of, result, node, entries) else None


def _is_rule_of(made_of: Tensor, result: int | None, node: Tensor, entries: Entries) -> bool:
    """Whether the gradient rule agrees that the elements are only moved."""
    g = np.linspace(1.0, 2.0, node._data.size).reshape(node._data.shape)
    given: Any = g
    if result is not None:
        given = tuple(g if i == result else None for i in range(len(made_of._data)))
    own = made_of.operation.gradients  # type: ignore[union-attr]
    for slot, operand in enumerate(made_of.inputs):
        if not (type(operand) is Tensor and operand._requires_grad):
            continue
        if isinstance(own, tuple) and own[slot] is None:
            continue
        expected = np.zeros(operand._data.size)
        here = entries.slot == slot
        np.add.at(expected, entries.place[here], g.ravel()[entries.out[here]])
        try:
            found = result_of_rule(made_of, slot, given)
        except Exception:
            return False
        if np.size(found) != expected.size or not np.allclose(np.ravel(found), expected):
            return False
    return True


def derivatives(node: Tensor) -> Entries | None:
    """The entries by the rule of the operation, one element of the result after the other."""
    found: list[tuple[list[int], ...]] = []
    for place in range(node._data.size):
        try:
            rows = row(node, place)
        except Exception:  # an own rule may be made for other gradients
            return None
        for slot, (places, numbers) in rows.items():
            found.append(([place] * len(places), [slot] * len(places), places, numbers))
        if sum(len(entry[0]) for entry in found[-2:]) * node._data.size > 100 * ENTRIES:
            return None
    columns = [[x for entry in found for x in entry[i]] for i in range(4)]
    out, slot_, place_ = (np.array(column, np.intp) for column in columns[:3])
    return Entries(out, slot_, place_, np.array(columns[3], np.float64))


# ---------------------------------------------------------------------- large arrays


class Told(NamedTuple):
    """Terms: their amounts, label and factors of the one at a place, and whether they add up."""

    amounts: Any
    words: Callable[[int], tuple[str, str]]
    add_up: bool = True


def _of_value(walk: Walk, node: Tensor, place: int) -> Told | None:
    """The terms of one element of a result."""
    made_of, _ = maker(node)
    values, labels = values_of(made_of), walk.input_labels(made_of)

    def name(slot: int, at: int) -> str:
        return labels[slot] + indices(np.shape(values[slot]), [at])[0]

    if made_of.operation is ops.matmul:
        left, right = row_and_column(np.shape(values[0]), np.shape(values[1]), place)
        x, y = np.ravel(values[0])[left], np.ravel(values[1])[right]
        return Told(
            x * y, lambda i: (f"{name(0, left[i])}·{name(1, right[i])}", _times(x[i], y[i]))
        )
    try:
        rows = row(node, place)
    except Exception:  # as in `derivatives`
        return None
    slots = [slot for slot, found in rows.items() for _ in found.places]
    places = [at for found in rows.values() for at in found.places]
    slopes = np.array([number for found in rows.values() for number in found.numbers], np.float64)
    parts = [np.ravel(values[slot])[found.places] for slot, found in rows.items()]
    own = np.concatenate(parts) if parts else np.zeros(0)
    amounts = slopes * own
    value = np.ravel(node._data)[place]
    add_up = agree(value.dtype.type(amounts.sum()), value, np.abs(amounts).sum())

    def words(i: int) -> tuple[str, str]:
        detail = "" if slopes[i] == 1 else f"{say('numbers.slope')} {_times(slopes[i], own[i])}"
        return name(slots[i], places[i]), detail

    return Told(amounts, words, add_up)


def _of_contribution(walk: Walk, flow: Contribution, place: int) -> Told | None:
    """The terms of one element of what a step sends back: each slope × gradient above."""
    node, slot = flow.node, flow.slot
    if node.operation is ops.matmul:
        values = values_of(node)
        shapes = [np.shape(value) for value in values]
        places, partners = uses(shapes[0], shapes[1], slot, place)
        slopes: Any = np.ravel(values[1 - slot])[partners]
        above: Any = np.ravel(flow.upstream)[places]
        results: list[int | None] = [None] * len(places)
    else:
        found = column(node, slot, place, flow.upstream, np.ravel(flow.contribution)[place])
        if found is None:
            return None
        places = [use.place for use in found]
        slopes, above = (np.array([use[i] for use in found], np.float64) for i in (2, 3))
        results = [use.result for use in found]
    name = symbols.total(walk.label(walk.root), walk.label(node))

    def words(i: int) -> tuple[str, str]:
        result = results[i]
        shape = np.shape(node._data) if result is None else np.shape(node._data[result])
        which = "" if result is None else f" {say('numbers.part', n=result)}"
        return f"{name}{which}{indices(shape, [places[i]])[0]}", _times(slopes[i], above[i])

    return Told(slopes * above, words)


def _times(x: Any, y: Any) -> str:
    return f"{notation.element(float(x))} × {notation.element(float(y))}"


def _summarised(told: Told) -> dict[str, Any]:
    """The largest terms, and how many others there are with their sum."""
    sizes = np.abs(np.asarray(told.amounts, np.float64))
    order = np.argsort(-np.where(np.isnan(sizes), np.inf, sizes), kind="stable")
    shown, others = order[:TERMS].tolist(), order[TERMS:]
    terms = []
    for i in shown:
        label, detail = told.words(i)
        terms.append([label, _strict(float(told.amounts[i])), detail])
    rest = np.asarray(told.amounts, np.float64)[others].sum()
    return {
        "terms": terms,
        "more": len(others),
        "rest": _strict(float(rest)),
        "addUp": told.add_up,
    }


def _strict(x: float) -> Any:
    return x if np.isfinite(x) else "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"


def _most(*arrays: Any) -> int:
    """The size of the largest of some arrays; several results are looked at one by one."""
    return max(np.size(x) for array in arrays for x in _as_tuple(array) if x is not None)


def _as_tuple(x: Any) -> tuple[Any, ...]:
    return x if type(x) is tuple else (x,)


def _packed(numbers: Any, kind: str) -> str | float | None:
    """Numbers as text; one number where all are the same, None where they count from 0 on."""
    if len(numbers) and (numbers == numbers[0]).all() and np.isfinite(numbers[0]):
        return float(numbers[0])
    if np.array_equal(numbers, np.arange(len(numbers))):
        return None
    return base64.b64encode(np.asarray(numbers).astype(kind).tobytes()).decode()
