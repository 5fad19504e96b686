"""The way from a loss back to one Tensor: the steps between, and what flows along each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.engine.graph import between, topological
from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor, described
from autograd_nn.engine.unbroadcasting import unbroadcast
from autograd_nn.norms import euclidean
from autograd_nn.viz.graph import notation, rules
from autograd_nn.viz.graph.flows import Sweep, result_of_rule, values_of, worded
from autograd_nn.viz.graph.naming import labels_of
from autograd_nn.viz.graph.walk import Walk, checked_names
from autograd_nn.viz.wording.saying import say

MOST_LINES = 40
"""A chain of more nodes is shown by its two ends."""


class GradientPath:
    """Of the sweep from ``loss`` every step that takes the gradient to ``w``.

    ``nodes`` are the Tensors on the way, inputs before their users; ``uses`` has for each of them
    the steps that bring it gradient, in the order of the sweep. ``steps``, ``gradients`` and
    ``received`` are those of the whole `Sweep`.

    Raises       MutationError where data were changed since
    """

    def __init__(self, loss: Tensor, w: Tensor) -> None:
        self.loss, self.w = loss, w
        self.order = topological(loss)
        sweep = Sweep(loss)
        if sweep.error is not None:
            raise sweep.error
        self.steps, self.gradients, self.received = sweep.steps, sweep.gradients, sweep.received
        near = between(self.order, [w])
        self.uses: dict[Tensor, list[Contribution]] = {}
        for step in self.steps:
            if step.input in near:
                self.uses.setdefault(step.input, []).append(step)
        self.reached = w in self.gradients
        self.nodes = [t for t in self.order if t is loss or t in self.uses]

    @property
    def is_scalar(self) -> bool:
        """Whether every Tensor on the way is one number."""
        return all(type(t._data) is not tuple and t.size == 1 for t in self.nodes)

    def number_of_paths(self) -> int:
        """In how many ways one can walk from the loss to ``w``; counted without walking them."""
        paths = {self.w: 1}
        below: dict[Tensor, list[Tensor]] = {}
        for steps in self.uses.values():
            for step in steps:
                below.setdefault(step.node, []).append(step.input)
        for node in self.nodes:
            if node is not self.w:
                paths[node] = sum(paths.get(t, 0) for t in below.get(node, ()))
        return paths[self.loss]


def local_derivative(step: Contribution) -> float:
    """d(node)/d(input) where both are one number: a rule is linear, so g = 1 gives it."""
    ones = np.ones_like(step.node._data)
    raw = result_of_rule(step.node, step.slot, ones if ones.ndim else ones[()])
    return float(np.asarray(unbroadcast(raw, step.input._data, step.node, step.slot)).item())


def norm(array: Any) -> float:
    """The Euclidean norm; of several results, over all that are there."""
    parts = array if type(array) is tuple else (array,)
    return float(euclidean([np.asarray(x, np.float64) for x in parts if x is not None]))


class PathLabels:
    """What Tensors are called, as in the picture: their names, else v1, v2, …"""

    def __init__(self, root: Tensor, names: Mapping[str, Any] | None) -> None:
        self._root = root
        self._names = checked_names(names) or {}
        self._walk: Walk | None = None
        try:
            self._walk = Walk(root, self._names)
            self._labels = self._walk.labels
        except ArgumentError:  # too large for a picture, so there is none to agree with
            order = topological(root)
            labels = labels_of(order, [self._given(t) for t in order])
            self._labels = {id(t): label for t, label in zip(order, labels, strict=True)}

    def label(self, tensor: Tensor) -> str:
        """The label of a Tensor; one outside of the graph is named, or described."""
        if id(tensor) in self._labels:
            return self._labels[id(tensor)]
        given = self._given(tensor)
        if given is not None:
            return notation.clean(given)
        return say("chain.tensor", shape=notation.shape(tensor.shape))

    def _given(self, tensor: Tensor) -> str | None:
        return tensor.name or next((n for n, t in self._names.items() if t is tensor), None)

    def scope(self, node: Tensor) -> str | None:
        """The layer or the call that a node belongs to, as in the picture."""
        found = node.scope if self._walk is None else self._walk.scope(node)
        return notation.clean(found) if found else None

    def of_inputs(self, node: Tensor) -> tuple[str, ...]:
        """The labels of the inputs of an operation, numbers as numbers."""
        if self._walk is not None:
            return self._walk.input_labels(node)
        return tuple(self._of_operand(x) for x in node.inputs)

    def _of_operand(self, operand: Any) -> str:
        if type(operand) is Tensor:
            return self.label(operand)
        if operand is None or np.ndim(operand):
            return "None" if operand is None else f"array{notation.shape(np.shape(operand))}"
        return notation.number(np.asarray(operand).item())

    def expression(self, node: Tensor) -> str:
        """How a Tensor was computed, in labels."""
        assert node.operation is not None
        return rules.expression(node.operation, self.of_inputs(node), node.attributes)

    def words(self, step: Contribution, raw: Any) -> rules.AppliedRule:
        """A step as `rules` takes it to put it into words."""
        node = step.node
        shapes = tuple(() if type(x) is tuple else np.shape(x) for x in values_of(node))
        inputs, out, root = self.of_inputs(node), self.label(node), self.label(self._root)
        return worded(node, step.slot, inputs, out, shapes, np.shape(raw), root)


def check_arguments(function: str, loss: Any, w: Any) -> None:
    """Refuse what is not a scalar Tensor and a Tensor."""
    for name, given in (("loss", loss), ("w", w)):
        if type(given) is not Tensor:
            raise ArgumentTypeError(
                f"{function}(loss, w) takes two Tensors, `{name}` is {type(given).__name__}. "
                "Give the Tensor itself, not its .data, .grad, .item() or float()."
            )
    if loss.size != 1:
        raise StateError(
            f"{function}(loss, w) needs a scalar loss, {described(loss)} has {loss.size} elements. "
            "Reduce it with .sum() or .mean(), or take one element: loss[i]."
        )


def ends(nodes: list[Tensor]) -> list[Tensor | None]:
    """The nodes, or where there are many the first and the last of them with None between."""
    if len(nodes) <= MOST_LINES:
        return [*nodes]
    half = MOST_LINES // 2
    return [*nodes[:half], None, *nodes[-half:]]
