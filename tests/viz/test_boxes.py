"""Loops and long stretches as boxes: which, in what order, and that every box can be opened."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, ops, viz
from autograd_nn.engine.recording import scope
from autograd_nn.viz.graph.boxes import MANY, _steps, divided
from autograd_nn.viz.graph.grouping import READABLE, Unit
from autograd_nn.viz.graph.periods import runs
from autograd_nn.viz.graph.walk import Walk
from tests.viz.graphs import lesson, network
from tests.viz.pages import data_of


def recurrent(steps: int) -> Any:
    """h = tanh(x_t @ U + h @ W), some times; the mean of its squares."""
    random = np.random.default_rng(0)
    w, u = (
        Tensor(random.standard_normal(size), name=n) for n, size in [("W", (4, 4)), ("U", (3, 4))]
    )
    h: Any = Tensor(np.zeros((2, 4)), name="h0")
    for _ in range(steps):
        h = np.tanh(random.standard_normal((2, 3)) @ u + h @ w)
    return (h**2).mean()


def chain(length: int) -> Any:
    w, h = Tensor(0.5, name="w"), Tensor(0.1, name="h")
    for _ in range(length):
        h = np.tanh(w * h + 0.1)
    return h


def irregular(length: int) -> Any:
    """No two stretches of it are alike."""
    random = np.random.default_rng(1)
    found: list[Any] = [Tensor(0.3, name="a"), Tensor(0.7, name="b")]
    kinds = [np.sin, np.tanh, np.cos, lambda x: x * 0.5]
    for _ in range(length):
        kind = random.integers(5)
        other = found[random.integers(len(found))]
        found.append(kinds[kind](found[-1]) if kind < 4 else found[-1] + 0.1 * other)
    return found[-1]


def paths(root: Tensor) -> tuple[Walk, dict[str, set[str]]]:
    """The walk, and the labels of what stands at each path."""
    walk = Walk(root)
    walk.take_paths(divided(walk))
    found: dict[str, set[str]] = defaultdict(set)
    for item in walk.order:
        found[walk.scope(item) or ""].add(walk.label(item))
    return walk, found


def test_the_steps_of_a_recurrent_network() -> None:
    walk, found = paths(recurrent(10))
    assert set(found) == {
        "",
        *(f"step {n}" for n in range(1, 11)),
    }
    symbols = {path: [] for path in found}  # type: dict[str, list[str]]
    for item in walk.order:
        if type(item) is Tensor and item.operation is not None:
            symbols[walk.scope(item) or ""].append(item.operation.symbol)
    assert all(sorted(symbols[f"step {n}"]) == ["+", "@", "@", "tanh"] for n in range(1, 11))
    assert {"W", "U"} <= found[""]  # what all steps share stands outside
    # Each step takes the result of the one before.
    for user, _, item in walk.slots:
        ends = [walk.scope(item) or "", walk.scope(user) or ""]
        if all(ends) and ends[0] != ends[1]:
            before, after = (int(end.removeprefix("step ")) for end in ends)
            assert after == before + 1


@pytest.mark.parametrize("root", [lesson().loss, network()[0], chain(5), recurrent(3)])
def test_what_can_be_looked_at_as_it_is_stays_so(root: Tensor) -> None:
    assert divided(Walk(root)) == {}


@pytest.mark.parametrize("root", [chain(1000), irregular(3000), irregular(100), recurrent(60)])
def test_no_level_holds_more_than_can_be_looked_at(root: Tensor) -> None:
    walk, found = paths(root)
    inside: dict[str, set[str]] = defaultdict(set)
    for path, labels in found.items():
        steps = path.split("/") if path else []
        for depth, step in enumerate(steps):
            inside["/".join(steps[:depth])].add(f"box {step}")
        computed = {walk.label(x) for x in walk.order if type(x) is Tensor and x.operation}
        inside[path] |= labels & computed
    assert max(map(len, inside.values())) <= READABLE
    assert len(inside) > 1


@pytest.mark.parametrize("root", [chain(300), irregular(500), recurrent(40)])
def test_no_arrow_between_boxes_runs_backwards(root: Tensor) -> None:
    walk, _ = paths(root)
    after: dict[str, set[str]] = defaultdict(set)
    for user, _, item in walk.slots:
        one, two = ((walk.scope(x) or "").partition("/")[0] for x in (item, user))
        if one and two and one != two:
            after[one].add(two)
    done: set[str] = set()

    def visit(box: str, around: tuple[str, ...]) -> None:
        assert box not in around
        if box not in done:
            for other in after[box]:
                visit(other, (*around, box))
            done.add(box)

    for box in list(after):
        visit(box, ())


def test_of_two_loops_no_unit_is_in_both() -> None:
    """Whose kinds of steps begin alike, so that the second could begin within the first."""
    for seed in range(300):
        random = np.random.default_rng(seed)
        words = [random.integers(3, size=random.integers(2, 6)) for _ in range(3)]
        # What the first step of a loop takes lies elsewhere than what the others take.
        sequence = [
            (int(kind), step == 0 and other)
            for word in words
            for step in range(random.integers(4, 9))
            for kind, other in zip(word, random.integers(2, size=len(word)) > 0, strict=True)
        ]
        units: Any = [Unit((), kind, "", "") for kind, _ in sequence]
        place = 0
        for run in runs(sequence):
            starts = _steps(units, sequence, run, place)
            assert place <= starts.start <= starts.stop <= len(units)
            place = starts.stop


def test_blocks_of_layers_are_steps_too() -> None:
    random = np.random.default_rng(0)
    x: Any = random.standard_normal((3, 4))
    for n in range(40):
        with scope(f"dense_{n}" if n else "dense"):
            x = ops.relu(x @ Tensor(random.standard_normal((4, 4)), name=f"dense_{n}/kernel"))
        x = x * 0.9
    walk, found = paths(x.sum())
    level = {path.partition("/")[0] for path in found if path}
    assert 2 <= len(level) <= MANY
    assert all(path.startswith("step") for path in level)
    assert any(path.endswith("/dense_7") for path in found)


def test_the_page_knows_the_boxes_by_their_paths(tmp_path: Any) -> None:
    data = data_of(viz.explore(chain(400), tmp_path / "chain.html"))
    known = {node["layer"] for node in data["nodes"]}
    for layout in data["layouts"]:
        for path in layout["opens"].values():
            assert path.startswith("/") and any(
                f"/{layer}/".startswith(f"{path}/") for layer in known
            )
    assert data["layouts"][0]["opens"]
