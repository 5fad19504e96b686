"""The parts of a graph that nobody named: equal steps of a loop, and stretches of a long one.

A page opens every box that it shows, so no level may hold more than can be looked at. Layers,
calls and scopes are levels already. Where one of them holds too much, the steps of a loop get a
box each, in their order, and what is left is cut into stretches, as deep as it takes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd_nn.engine.composing import is_call
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.grouping import READABLE, Unit, kind_of, tokens
from autograd_nn.viz.graph.periods import Repetition, runs
from autograd_nn.viz.graph.walk import Walk
from autograd_nn.viz.wording.saying import say

MANY = 24
"""On a level of more units loops are sought, and of more boxes some stand together."""

BOXES = 12
"""So many boxes stand where there were too many."""


@dataclass(frozen=True)
class Part:
    """A box of the picture that is no layer."""

    name: str
    members: list[Unit | Part]


def divided(walk: Walk) -> dict[int, str]:
    """The paths of the items, with the parts between the layers; empty where none are needed."""
    found: dict[int, str] = {}
    computed = [item for item in walk.order if type(item) is Tensor and item.operation]
    operations = computed[:-1]  # the result stands outside
    _divide(walk, operations, "", "", found)
    if all(found[id(item)] == (walk.scope(item) or "") for item in operations):
        return {}
    _take_leaves(walk, found)
    return found


def _divide(walk: Walk, items: list[Tensor], level: str, path: str, found: dict[int, str]) -> None:
    """Give paths to the operations of the layer ``level``, which stands at ``path`` from now on."""
    inside: dict[Any, list[Tensor]] = {}
    for item in items:
        rest = (walk.scope(item) or "").removeprefix(level).removeprefix("/")
        inside.setdefault(rest.partition("/")[0] or id(item), []).append(item)
    layers = {id(its[0]): name for name, its in inside.items() if isinstance(name, str)}
    place = {id(item): number for number, item in enumerate(items)}
    units = [Unit(tuple(its), tuple(map(kind_of, its)), "", "") for its in inside.values()]
    units.sort(key=lambda unit: place[id(unit.items[-1])])

    def take(members: Sequence[Unit | Part], path: str) -> None:
        for member in members:
            if isinstance(member, Part):
                take(member.members, _joined(path, member.name))
            elif name := layers.get(id(member.items[0])):
                _divide(walk, inside[name], _joined(level, name), _joined(path, name), found)
            else:
                found[id(member.items[0])] = path

    take(_arranged(walk, units), path)


def _joined(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


def _arranged(walk: Walk, units: list[Unit]) -> list[Unit | Part]:
    """The units of a level, the steps of loops in boxes, in stretches where it is too much."""
    members: list[Unit | Part] = list(units)
    if len(units) > MANY:
        members, place = [], 0
        sequence = tokens(units)
        loops = [run for run in runs(sequence) if run.length > 1]
        for number, run in enumerate(loops):
            starts = _steps(units, sequence, run, place)
            members += units[place : starts.start]
            which = number + 1 if len(loops) > 1 else 0
            blocks = [units[start : start + run.length] for start in starts]
            steps = [
                Part(_called(n + 1, n + 1, which), _arranged(walk, block))
                for n, block in enumerate(blocks)
            ]
            members += _bundled(steps, which)
            place = starts.stop
        members += units[place:]
    return _cut(walk, members)


def _steps(units: list[Unit], sequence: list[Any], run: Repetition, place: int) -> range:
    """Where the steps of a loop begin, and where the last one ends.

    A run repeats itself from any of its units on; steps begin where they hold the most. The first
    takes what was given, the others what was before them, so that its kinds alone are equal.
    """
    length, stop = run.length, run.stop
    while stop < len(units) and sequence[stop] == sequence[stop - length]:
        stop += 1
    best, found = (0, False), range(place, place)
    for first in range(max(run.start, place), run.start + length):  # behind the loop before
        last = first + (stop - first) // length * length
        before = [unit.kind for unit in units[max(first - length, place) : first]]
        takes_given = before == [unit.kind for unit in units[first : first + length]]
        first -= length * takes_given
        if (last - first, takes_given) > best:
            best, found = (last - first, takes_given), range(first, last, length)
    return found


def _cut(walk: Walk, members: list[Unit | Part]) -> list[Unit | Part]:
    """The members, or where they are too many stretches of them, again and again."""
    if len(members) <= READABLE:
        return members
    size = -(-len(members) // BOXES)
    pieces = [members[start : start + size] for start in range(0, len(members), size)]
    return [Part(_from_to(walk, piece), _cut(walk, piece)) for piece in pieces]


def _called(first: int, last: int, loop: int) -> str:
    """``step 3``, ``steps 3 to 5 of loop 2``."""
    words = {"first": first, "last": last, "loop": loop}
    if first == last:
        return say("numbers.step_of_loop" if loop else "numbers.step", **words)
    return say("numbers.steps_of_loop" if loop else "numbers.steps_to", **words)


def _bundled(steps: list[Part], which: int, first: int = 1) -> list[Unit | Part]:
    """Steps by themselves, or where they are many some together, again and again."""
    if len(steps) <= MANY:
        return list(steps)
    size = -(-len(steps) // BOXES)
    bundles: list[Unit | Part] = []
    for start in range(0, len(steps), size):
        few = steps[start : start + size]
        name = _called(first + start, first + start + len(few) - 1, which)
        bundles.append(Part(name, _bundled(few, which, first + start)))
    return bundles


def _from_to(walk: Walk, members: Sequence[Unit | Part]) -> str:
    ends = [_label(walk, members[0], 0), _label(walk, members[-1], -1)]
    return notation.clean(" … ".join(ends), 60).replace("/", ".")


def _label(walk: Walk, member: Unit | Part, place: int) -> str:
    if isinstance(member, Part):
        return member.name
    item = member.items[place]
    return (walk.scope(item) or "").partition("/")[0] or walk.label(item)


def _take_leaves(walk: Walk, found: dict[int, str]) -> None:
    """A leaf stands in the innermost box around all that use it."""
    users: dict[int, list[str]] = {}
    for user, _, item in walk.slots:
        if id(item) not in found:
            users.setdefault(id(item), []).append(found.get(id(user), ""))
    for name, paths in users.items():
        shared = os.path.commonprefix([path.split("/") for path in paths])
        while shared and is_call(shared[-1]):
            shared = shared[:-1]
        found[name] = "/".join(shared)
