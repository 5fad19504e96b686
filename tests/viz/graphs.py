"""Graphs that several tests draw."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd_nn import Tensor, ops
from autograd_nn.engine.recording import scope
from autograd_nn.viz import Edge, GraphView, Node


class Lesson(NamedTuple):
    """L = (tanh(w·x + b) − y)² + λ·(w·w), and its numbers by hand."""

    loss: Tensor
    w: float = 2.0
    x: float = 0.3
    b: float = -0.1
    y: float = 0.8
    penalty: float = 0.1

    @property
    def a(self) -> float:
        return math.tanh(self.w * self.x + self.b)

    @property
    def by_tanh(self) -> float:
        """dL/d(w·x + b) = 2(a − y)(1 − a²)."""
        return 2 * (self.a - self.y) * (1 - self.a**2)

    @property
    def by_w(self) -> float:
        """dL/dw = 2(a − y)(1 − a²)·x + 2λw."""
        return self.by_tanh * self.x + 2 * self.penalty * self.w


def lesson() -> Lesson:
    """The scalar example, with w used three times."""
    w, b = Tensor(2.0, name="w"), Tensor(-0.1, name="b")
    x = Tensor(0.3, name="x", requires_grad=False)
    error: Any = np.tanh(w * x + b) - 0.8
    loss: Any = error**2 + 0.1 * (w * w)
    loss.name = "L"
    return Lesson(loss)


def network() -> tuple[Tensor, dict[str, Any]]:
    """One step of the 25-15-1 network on 32 examples, with a fused loss."""
    random = np.random.default_rng(0)
    x = random.random((32, 64)).astype(np.float32)
    y = (random.random((32, 1)) > 0.5).astype(np.float32)
    outputs: Any = x
    inputs = 64
    for name, units in (("dense", 25), ("dense_1", 15), ("dense_2", 1)):
        weights = (random.standard_normal((inputs, units)) * 0.2).astype(np.float32)
        kernel = Tensor(weights, name=f"{name}/kernel")
        bias = Tensor(np.zeros(units, np.float32), name=f"{name}/bias")
        with scope(name):
            logits = outputs @ kernel + bias
            outputs = ops.sigmoid(logits)
        inputs = units
    loss = ops.mean(ops.sigmoid_cross_entropy(logits, y, outputs))
    loss.name = "loss"
    return loss, {"x": x, "y": y}


def node_called(view: GraphView, label: str) -> Node:
    """The node with that label."""
    (found,) = [node for node in view.nodes if node.label == label]
    return found


def edges_from(view: GraphView, label: str) -> list[Edge]:
    """The edges that leave the node with that label."""
    return [edge for edge in view.edges if edge.source == node_called(view, label).id]


def value(numbers: Any) -> float:
    """The one number of what is one number."""
    (found,) = numbers.values
    return float(found)


def nodes_of(parsed: Any) -> list[str]:
    """The nodes in a DOT text that pygraphviz has read, without the labels of edges among them."""
    return [node for node in parsed.nodes() if not node.endswith(".label")]


def edges_of(parsed: Any) -> list[Any]:
    """The edges in a DOT text that pygraphviz has read, one with a tail and a head counted once."""
    return [edge for edge in parsed.edges() if not edge[1].endswith(".label")]
