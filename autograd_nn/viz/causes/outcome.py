"""How wrong the predictions are: where they are nearly right, gradients are small and should be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.causes.scale import rms
from autograd_nn.viz.graph.flows import values_of
from autograd_nn.viz.graph.path import norm
from autograd_nn.viz.wording.saying import say

NEARLY_RIGHT = 0.05
"""Predictions this near to the targets leave little to learn: 5 % of probability on the wrong
classes in the mean, or residuals of 5 % of the spread of the targets."""

_FROM_PROBABILITIES = (
    ops.binary_cross_entropy,
    ops.categorical_cross_entropy,
    ops.sparse_categorical_cross_entropy,
)
_FLATTENING = (ops.sigmoid, ops.tanh, ops.softmax, ops.relu)
_BINARY = (ops.binary_cross_entropy, ops.sigmoid_cross_entropy)
_SPARSE = (ops.sparse_categorical_cross_entropy, ops.sparse_softmax_cross_entropy)
_SOFTMAX = (ops.softmax_cross_entropy, ops.sparse_softmax_cross_entropy)
_CROSS_ENTROPIES = {*_BINARY, *_SPARSE, *_SOFTMAX, ops.categorical_cross_entropy}


class Outcome(NamedTuple):
    """How wrong the predictions are, from 0; and of differences how large the targets are."""

    error: float
    text: str
    residual: float = 0.0
    targets: float = 0.0


def outcome(path: Sequence[Contribution]) -> Outcome | None:
    """How wrong the predictions are by the loss at the head of a path; None for other losses."""
    for step in path:
        node = step.node
        if node.operation is ops.matmul:
            return None  # what lies further in is the model and not the loss
        if node.operation is ops.log:
            return _of_logarithm(step)
        if node.operation in _CROSS_ENTROPIES:
            error = float(np.mean(np.abs(_wrong(node)).sum(axis=-1)))
            if node.operation not in _BINARY:
                error /= 2
            return Outcome(error, say("verdict.wrong_classes", share=_percent(error)))
        if (difference := _difference(node)) is not None:
            return _of_difference(difference)
        if _is_margin(node):
            return None if np.any(node._data) else Outcome(0.0, say("verdict.margins"))
    return None


def wanted_by(path: Sequence[Contribution], activation: Contribution) -> float | None:
    """The size of (p - y) · upstream: what a cross-entropy on probabilities sends through the
    sigmoid or softmax below it, where nothing is lost to the clip; None elsewhere.

    Together they are well behaved: one divides by what the other multiplies with.
    """
    for step in path:
        if step is activation:
            return None
        if step.node.operation in _FROM_PROBABILITIES:
            upstream = np.asarray(step.upstream)
            if step.node.operation not in _BINARY:
                upstream = upstream[..., None]
                return norm(_wrong(step.node) * upstream)
            return norm(_wrong(step.node).reshape(np.shape(upstream)) * upstream)
    return None


def growth_above(path: Sequence[Contribution], activation: Contribution) -> float:
    """How much the steps of the loss enlarge the gradient right above an activation: a log written
    by hand divides by what the activation multiplies with, as a cross-entropy does."""
    growth = 1.0
    for step in path:
        if step is activation:
            break
        gain = norm(step.contribution) / (norm(step.upstream) or np.inf)
        if step.node.operation is ops.matmul or step.node.operation in _FLATTENING:
            growth = 1.0
        elif step.node.operation in (ops.log, ops.divide):
            growth *= max(1.0, gain)
    return growth


def _of_logarithm(step: Contribution) -> Outcome | None:
    """−log p by hand: of each element with a gradient, what p lacks to 1."""
    p, weights = np.asarray(step.input._data), np.abs(np.asarray(step.upstream))
    if not weights.sum() > 0 or np.any((p < 0) | (p > 1)):
        return None
    error = float(np.sum(weights * (1 - p)) / np.sum(weights))
    return Outcome(error, say("verdict.lacking", share=_percent(error)))


def _wrong(node: Tensor) -> Any:
    """p - y of a cross-entropy, with a last axis over the classes."""
    x, y = values_of(node)[:2]
    if node.operation is ops.sigmoid_cross_entropy:
        return np.abs(ops.sigmoid_residual.value(x, y))[..., None]
    if node.operation is ops.binary_cross_entropy:
        return np.abs(np.asarray(x) - y)[..., None]
    p = ops.softmax.value(x) if node.operation in _SOFTMAX else x
    if node.operation in _SPARSE:
        y = np.asarray(y)[..., None] == np.arange(p.shape[-1])
    return p - y


def _difference(node: Tensor) -> Tensor | None:
    """d = p - y where a node is d², |d|, d·d or d ** 2."""
    is_size = node.operation in (ops.square, ops.absolute)
    if node.operation is ops.power:
        is_size = isinstance(node.inputs[1], (int, float)) and node.inputs[1] > 1
    elif node.operation is ops.multiply:
        is_size = node.inputs[0] is node.inputs[1]
    if not is_size:
        return None
    d = node.inputs[0]
    return d if type(d) is Tensor and d.operation is ops.subtract else None


def _is_margin(node: Tensor) -> bool:
    """max(0, 1 − y·p) and its like: a relu of a number and what is compared with it."""
    if node.operation not in (ops.relu, ops.maximum):
        return False
    z = next((x for x in node.inputs if type(x) is Tensor and x.operation is not None), None)
    if z is None or z.operation not in (ops.add, ops.subtract):
        return False
    return any(type(x) is not Tensor and np.ndim(x) == 0 for x in z.inputs)


def _of_difference(d: Tensor) -> Outcome | None:
    targets = [
        np.asarray(value)
        for x, value in zip(d.inputs, values_of(d), strict=True)
        if type(x) is not Tensor or not x._requires_grad
    ]
    if len(targets) != 1:
        return None
    y = targets[0]
    # Of one number, or of several that are equal, the spread is 0: their size stands for it.
    spread = float(np.std(y)) if y.size > 1 else 0.0
    scale = spread or rms(y) or 1.0
    residual = float(np.mean(np.abs(d._data)))
    text = say("verdict.residuals", share=_percent(residual / scale))
    return Outcome(residual / scale, text, residual, rms(y))


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %"
