"""A walk and its backward pass as the plain data that the page of the explorer reads."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program import say_what_was_taken
from autograd_nn.viz.graph import letters, notation, rules, symbols
from autograd_nn.viz.graph.flows import Sweep, is_elementwise, receipt, step_of
from autograd_nn.viz.graph.walk import ConstantNode, Item, Walk
from autograd_nn.viz.live.live_program import LiveProgram, NotLive
from autograd_nn.viz.live.predicting import answers_of, is_logit
from autograd_nn.viz.page.cells import Cells
from autograd_nn.viz.stepping import Step, told
from autograd_nn.viz.wording.saying import in_a_row, say

WHOLE = (4096, 1024, 256, 64, 16)
"""Arrays of at most so many elements travel whole: the first number with which the page stays
small enough. Of the others travel statistics and a thumbnail."""

ROOM = 3_000_000
"""Bytes that the numbers of one page may take before they are written as text."""

THUMBNAIL = 32

SMALLEST_PICTURE = 6
"""An input of so many features squared, or more, is taken for a square picture row by row."""


def payload(walk: Walk, sweep: Sweep, optimizer: Any = None) -> dict[str, Any]:
    """The nodes in their order and the steps with their numbers, and the program of the page.

    Where the page computes, an array that is computed is ``{"shape", "dtype", "at"}``, its place in
    the memory of the program; else, and where it is given, it is as follows.

    An array is ``{"shape", "dtype", "data", "bits"}``: base64 of its little-endian float32 or
    float64 elements, of one element where all are the same; or, where it is too large, its
    statistics with the ``thumbnail`` of block means. Nothing is rounded: what was float64 comes
    back bit for bit.
    """
    places: dict[int, list[int]] = {}
    for place, (user, _, _) in enumerate(walk.slots):
        places.setdefault(id(user), []).append(place)
    live, why = _live(walk, sweep, optimizer)
    steps = told(walk, sweep, optimizer, as_holes=live is not None)
    many = [array for step in steps for array in (step.local, step.contribution, step.after)]
    whole = WHOLE[0] if live else _whole([_data(item) for item in walk.order] + many)
    flows = iter(sweep.steps)
    cells = Cells(walk, whole, is_live=live is not None)
    with np.errstate(all="ignore"):
        return {
            "root": walk.ids[id(walk.root)],
            "rootLabel": walk.label(walk.root),
            "whole": whole,
            "note": steps.note,
            "examples": _examples(walk),
            "letters": letters.explained("\n".join(step.sentence for step in steps)),
            "nodes": [_node(walk, sweep, item, places, whole, cells, live) for item in walk.order],
            "steps": [_step(walk, step, flows, whole, cells, live) for step in steps],
            **_program(walk, live, why),
        }


def _live(walk: Walk, sweep: Sweep, optimizer: Any) -> tuple[LiveProgram | None, NotLive | None]:
    """The program of the page, or why there is none."""
    try:
        return LiveProgram(walk, sweep, optimizer), None
    except NotLive as why:
        return None, why


def _program(walk: Walk, live: LiveProgram | None, why: NotLive | None) -> dict[str, Any]:
    if live is None:
        assert why is not None
        return {"live": None, "notLive": say(why.key, **why.holes)}
    program = live.data()
    contents = {place: packed(data) for place, data in program["contents"].items()}
    parts = {name: [place, packed(which)] for name, (place, which) in program["parts"].items()}
    own = {"computing.drawn": live.is_drawn, "computing.scheduled": live.rates is not None}
    notes = [say(key) for key, is_so in own.items() if is_so]
    if places := say_what_was_taken([x for x in walk.order if type(x) is Tensor], {}):
        notes.append(say("computing.taken", places=say("numbers.semicolon").join(places)))
    root = np.asarray(walk.root._data)
    recorded = float(root.item()) if root.size == 1 and np.isfinite(root).all() else None
    program |= {"contents": contents, "parts": parts, "rates": None, "recorded": recorded}
    if live.rates is not None:
        values, known = live.rates
        program["rates"] = {"values": packed(values), "known": known}
    return {"live": program, "liveNote": in_a_row(notes)}


def _node(
    walk: Walk,
    sweep: Sweep,
    item: Item,
    places: dict[int, list[int]],
    whole: int,
    cells: Cells,
    live: LiveProgram | None,
) -> dict[str, Any]:
    operation = item.operation if type(item) is Tensor else None
    data = _data(item)
    value = None
    if type(data) is not tuple:
        place = None if live is None else live.value(item)
        # What is given travels whole, for the page to compute with.
        value = _array(data, math.inf if live and operation is None else whole, place)
    found: dict[str, Any] = {
        "id": walk.ids[id(item)],
        "label": walk.label(item),
        "role": _role(walk, item),
        "layer": path_of(walk.scope(item) or ""),
        "missing": sweep.missing(item),
        "value": value,
    }
    if isinstance(item, ConstantNode) or operation is None:
        return found
    labels = walk.input_labels(item)
    return found | {
        "operation": notation.clean(operation.name),
        "symbol": rules.symbol(operation),
        "expression": rules.expression(operation, labels, item.attributes),
        "inputs": [walk.ids[id(operand)] for operand in walk.inputs(item)],
        "edges": [f"e{place}" for place in places.get(id(item), ())],  # a draw has none
        **cells.of_node(item),
    }


def path_of(scope: str) -> str:
    """A path as the page has it: the same text wherever it stands."""
    return notation.clean(scope, 1000)


def _role(walk: Walk, item: Item) -> str:
    if isinstance(item, ConstantNode):
        return "constant"
    if item.operation is None:
        return "parameter" if item._requires_grad else "constant"
    return "result" if item is walk.root else "computed"


def _step(
    walk: Walk,
    step: Step,
    flows: Iterator[Contribution],
    whole: int,
    cells: Cells,
    live: LiveProgram | None,
) -> dict[str, Any]:
    node = walk.ids[id(step.node)]
    found: dict[str, Any] = {"phase": step.phase, "sentence": step.sentence, "node": node}
    if step.phase == "forward":
        return found
    if step.phase == "update":
        place = None if live is None else live.after(step.node)
        found |= {"after": _array(step.after, whole, place)}  # before is that of the node
        return found if live is None else found | {"kept": dict(_kept(live.kept(step.node)))}
    if step.slot is None:  # dL/dL = 1
        return found | {"input": node, "after": _array(step.after, whole)}
    flow = next(flows)
    about = step_of(flow, walk)
    found |= {
        "input": walk.ids[id(flow.input)],
        "edge": walk.edge(flow.node, flow.slot),
        "slot": step.slot,
        "way": symbols.way(about.out, about.operation, about.slot, len(about.inputs)),
        "formula": rules.derivative(about) or receipt(flow, walk).rule,
    }
    found |= cells.of_step(flow)

    def array(data: Any, what: str) -> dict[str, Any]:
        place = None if live is None else live.of_edge(flow.node, flow.slot, what)
        return _array(data, whole, place)

    found["contribution"] = array(step.contribution, "contribution")
    if step.after is None:  # a part of several results: its place in a tuple, not a sum
        return found
    local = step.local
    if local is not None and is_elementwise(flow.node, flow.slot):
        local = np.broadcast_to(local, flow.node._data.shape)
    found["local"] = None if local is None else array(local, "local")
    if step.before is not None:  # before, the sum was nothing, and is now the contribution itself
        found["after"] = array(step.after, "after")
    return found


def _kept(
    known: dict[str, tuple[tuple[int, ...], int, int, bool]],
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """What the optimizer keeps for a parameter, before and after the step."""
    for name, (shape, before, after, is_new) in known.items():
        pair = [{"shape": list(shape), "dtype": "float64", "at": at} for at in (before, after)]
        yield name, [pair[0] | {"isNew": is_new}, pair[1]]


def _examples(walk: Walk) -> dict[str, Any] | None:
    """The batch that goes in: its name, the shape of one example where that is a picture; and its
    labels, and what is answered for it."""
    given = [item for item in walk.order if _is_input(item)]
    if not given:
        return None
    known = {id(item): answers_of(walk, item) for item in given}
    batch = max(given, key=lambda item: (bool(known[id(item)].outputs), np.size(_data(item))))
    name, one = walk.name(batch), np.shape(_data(batch))[1:]
    side = math.isqrt(one[0])
    shape = None
    if len(one) > 1:
        shape = [one[0], math.prod(one[1:])]
    elif side * side == one[0] and side >= SMALLEST_PICTURE:
        shape = [side, side]
    answers = known[id(batch)]
    output = answers.outputs[0] if answers.outputs else None
    return {
        "node": walk.ids[id(batch)],
        "label": walk.label(batch) if name else None,
        "shape": shape,
        "labels": None if answers.labels is None else walk.ids[id(answers.labels)],
        "output": None if output is None else walk.ids[id(output)],
        "isLogit": output is not None and is_logit(walk, output),
    }


def _is_input(item: Item) -> bool:
    """Whether this is an array of numbers that nobody trains: rows of a batch, perhaps."""
    data = _data(item)
    if not _is_array(data) or np.ndim(data) < 2 or np.asarray(data).dtype.kind != "f":
        return False
    return isinstance(item, ConstantNode) or (item.operation is None and not item._requires_grad)


# ---------------------------------------------------------------------- numbers


def _data(item: Item) -> Any:
    return item._data if type(item) is Tensor else item.data


def _whole(arrays: list[Any]) -> int:
    """How many elements an array may have to travel whole, so that the page stays small enough."""
    sizes = [(np.size(a), _kind(np.asarray(a)).itemsize) for a in arrays if _is_array(a)]
    for most in WHOLE:
        if sum(size * each for size, each in sizes if size <= most) <= ROOM:
            return most
    return WHOLE[-1]


def _is_array(data: Any) -> bool:
    return data is not None and type(data) is not tuple


def _kind(array: Any) -> np.dtype[Any]:
    """The kind of number that every element fits into exactly (integers beyond 2⁵³ do not)."""
    return np.dtype("<f4" if np.can_cast(array.dtype, np.float32) else "<f8")


def _array(data: Any, whole: float, place: int | None = None) -> dict[str, Any]:
    """An array for the page; where the page computes it, its place in the memory of the program."""
    array = np.asarray(data)
    if place is not None:
        return {"shape": list(array.shape), "dtype": str(array.dtype), "at": place}
    if array.size > whole:
        return {"shape": list(array.shape), "dtype": str(array.dtype)} | _summary(array)
    return packed(array)


def packed(array: Any) -> dict[str, Any]:
    """All elements of an array as text."""
    kind = _kind(array)
    raw = array.astype(kind).tobytes()
    if raw == raw[: kind.itemsize] * array.size:
        raw = raw[: kind.itemsize]
    text = base64.b64encode(raw).decode()
    found = {"shape": list(array.shape), "dtype": str(array.dtype)}
    return found | {"data": text, "bits": 8 * kind.itemsize}


def _summary(array: Any) -> dict[str, Any]:
    """Statistics of the finite elements, and the means of at most 32 × 32 blocks."""
    told = notation.summarise(array)
    rows = np.asarray(array, np.float64).reshape(-1, array.shape[-1])
    starts = [_starts(length) for length in rows.shape]
    sums = np.add.reduceat(np.add.reduceat(rows, starts[0], axis=0), starts[1], axis=1)
    counts = [np.diff(np.append(s, length)) for s, length in zip(starts, rows.shape, strict=True)]
    means = (sums / np.outer(*counts)).astype("<f4")
    return {
        "low": told.low,
        "mean": told.mean,
        "high": told.high,
        "norm": told.norm,
        "notFinite": told.not_finite,
        "thumbnail": {
            "shape": list(means.shape),
            "dtype": "float32",
            "data": base64.b64encode(means.tobytes()).decode(),
            "bits": 32,
        },
    }


def _starts(length: int) -> Any:
    """Where each of at most 32 blocks of about equal length begins."""
    many = min(THUMBNAIL, length)
    return np.arange(many) * length // many
