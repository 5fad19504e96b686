"""What everything in a graph is called: each label stands for one thing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.composing import is_call
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.graph import notation

LETTERS = "vutsrqponmlkjihgfedcba"
"""What has no name is v1, v2, …; where a user's name could be one of these it is u1, u2, …"""


def labels_of(items: Sequence[Any], names: Sequence[str | None]) -> list[str]:
    """A label for each Tensor or constant, in the order of computation.

    Users' names are kept; what bears the name of another gets a number behind it. The sum before
    the activation of a layer is its z, the result its a. Numbers are themselves, and the others are
    counted.
    """
    given = [_as_label(name) for name in names]
    inside = results_of_layers([item for item in items if type(item) is Tensor])
    taken = {label for label in given if label}
    used: set[str] = set()
    letter = _free_letter(taken | set(inside.values()))
    labels, count = [], 0
    for item, label in zip(items, given, strict=True):
        if label is None and type(item) is not Tensor and np.ndim(item.data) == 0:
            labels.append(notation.number(np.asarray(item.data).item()))
            continue
        if label is None and item in inside:
            label = _free(inside[item], taken, used)
        if label is None:
            count += 1
            label = f"{letter}{count}"
        label = _free(label, used)
        used.add(label)
        labels.append(label)
    return labels


def _as_label(name: str | None) -> str | None:
    if not name or not name.strip():
        return None
    label = notation.clean(name)
    return repr(label) if notation.looks_like_number(label) else label


def _free_letter(taken: set[str]) -> str:
    """The first letter with which no name consists of it and a number."""
    first = {label[0] for label in taken if label[1:2].isdecimal()}
    return next((letter for letter in LETTERS if letter not in first), "node ")


def _free(label: str, *taken: set[str]) -> str:
    found, count = label, 1
    while any(found in labels for labels in taken):
        count += 1
        found = f"{label}#{count}"
    return found


def results_of_layers(tensors: Sequence[Tensor]) -> dict[Any, str]:
    """``dense/z`` and ``dense/a`` of every layer that is a product with its kernel, a bias where it
    has one, and an activation."""
    found: dict[Any, str] = {}
    weights: dict[str, set[str]] = {}
    for tensor in tensors:
        if tensor.operation is None and tensor.name:
            owner, _, own = tensor.name.rpartition("/")
            weights.setdefault(owner, set()).add(own)
    last: dict[str, Tensor] = {}  # the newest z or a in each scope
    for node in tensors:
        scope = node.scope or ""
        if node.operation is None or not scope or is_call(scope):
            continue
        kernel_of = _with_weight(node, "kernel", scope)
        if kernel_of is not None and weights[kernel_of] <= {"kernel", "bias"}:
            found[node] = f"{kernel_of}/z"
            last[scope] = node
        elif scope in last:
            before = last[scope]
            layer, _, what = found[before].rpartition("/")
            is_sum = what == "z" and _with_weight(node, "bias", scope) == layer
            if is_sum or what == "a":
                del found[before]
            found[node] = f"{layer}/z" if is_sum else f"{layer}/a"
            last[scope] = node
    return found


def _with_weight(node: Tensor, name: str, scope: str) -> str | None:
    """The owner of the weight of that name among the inputs of an operation in its layer."""
    for x in node.inputs:
        if type(x) is Tensor and x.operation is None and x.name:
            owner, _, own = x.name.rpartition("/")
            if own == name and owner and (scope == owner or scope.endswith(f"/{owner}")):
                return owner
    return None
