"""The order of telling: of a loop one step is done before the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from autograd_nn import Tensor, ops, viz
from autograd_nn.engine.graph import topological
from autograd_nn.engine.recording import scope
from autograd_nn.viz.graph.order_of_steps import told_order
from tests.viz.graphs import lesson, network
from tests.viz.test_random_graphs import losses

Cell = Callable[[Any, Any], Any]
random = np.random.default_rng(0)
W, U, P = (Tensor(random.standard_normal((4, 4)), name=name) for name in "WUP")
GATES = [Tensor(random.standard_normal((4, 4))) for _ in range(8)]


def lstm(x: Any, state: Any) -> Any:
    h, c = state if isinstance(state, tuple) else (state, np.zeros((2, 4)))
    f, i, o, g = (x @ GATES[n] + h @ GATES[n + 4] for n in range(4))
    c = ops.sigmoid(f) * c + ops.sigmoid(i) * np.tanh(g)
    return ops.sigmoid(o) * np.tanh(c), c


CELLS: dict[str, Cell] = {
    "input first": lambda x, h: np.tanh(x @ U + h @ W),
    "state first": lambda x, h: np.tanh(h @ W + x @ U),
    "a layer before": lambda x, h: np.tanh(np.maximum(x @ P + 0.1, 0.0) @ U + h @ W),
    "residual": lambda x, h: h + np.tanh(x @ U + h @ W),
    "no input": lambda x, h: np.tanh(h @ W),
    "lstm": lstm,
}


def unrolled(cell: Cell, inputs: Any, every: bool) -> Any:
    """A loop of four steps, a scope each; the loss of every step, or of the last."""
    state: Any = Tensor(np.zeros((2, 4)), name="h0")
    found = []
    for n in range(4):
        with scope(f"step {n}"):
            state = cell(inputs[n], state)
            h = state[0] if isinstance(state, tuple) else state
            if every or n == 3:
                found.append(((h - 0.5) ** 2).mean())
    return sum(found[1:], found[0])


def steps_of(nodes: list[Tensor]) -> list[str]:
    return [node.scope for node in nodes if node.operation is not None and node.scope]


@pytest.mark.parametrize("every", [False, True], ids=["one loss", "losses"])
@pytest.mark.parametrize("name", CELLS)
def test_a_loop_is_told_step_by_step_and_backward_from_the_last(name: str, every: bool) -> None:
    inputs = random.standard_normal((4, 2, 4))
    loss = unrolled(CELLS[name], inputs, every)
    told = viz.steps(loss)
    forward = steps_of([step.node for step in told if step.phase == "forward"])
    assert forward == sorted(forward)
    backward = steps_of([step.node for step in told if step.phase == "backward"])
    assert backward == sorted(backward, reverse=True)


def test_inputs_that_were_computed_at_once_are_taken_when_they_are_needed() -> None:
    inputs = np.maximum(random.standard_normal((4, 2, 4)) @ P, 0.0)
    scopes = steps_of(told_order(unrolled(CELLS["input first"], inputs, every=False)))
    assert scopes == sorted(scopes)


def test_otherwise_it_is_told_from_left_to_right() -> None:
    a, b, w = (Tensor(x, name=name) for x, name in [(0.5, "a"), (2.0, "b"), (3.0, "w")])
    losses = [
        *(lesson().loss, network()[0], a * b + np.tanh(b * w)),
        np.tanh(w * a + b) ** 2 + 0.1 * (w * w + b * b),
        np.var(a * W) + np.var(b * W) * np.var(np.tanh(W)),
        np.stack([a * b, np.tanh(a * w), a + b]).sum(),
    ]
    for loss in losses:
        assert [id(x) for x in told_order(loss)] == [id(x) for x in topological(loss)]


@settings(max_examples=60)
@given(losses())
def test_inputs_come_before_their_users(loss: Tensor) -> None:
    order = told_order(loss)
    assert set(order) == set(topological(loss)) and len(set(order)) == len(order)
    assert order[-1] is loss
    place = {node: number for number, node in enumerate(order)}
    for node in order:
        assert all(place[x] < place[node] for x in node.inputs if type(x) is Tensor)
