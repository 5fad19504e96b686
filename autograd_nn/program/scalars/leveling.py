"""A graph of scalars sorted into levels: which nodes can be computed together, as one array."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.graph import between
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.arithmetic import add
from autograd_nn.engine.operations.powers import power
from autograd_nn.engine.tensor import Tensor

_SCALARS = (np.float64, np.float32, np.float16)
_NOTHING: frozenset[Tensor] = frozenset()


class NotByLevels(Exception):
    """A graph is not one of scalars that are worth computing level by level; it is planned."""


class LevelGroup:
    """Nodes of one level and one operation: their results stand side by side.

    ``results`` are numbers of nodes in the order of recording. ``operands`` holds the inputs of
    the first, then those of the second, and so on: the number of a node, or a constant. Nodes of
    an operation have as many inputs each as ``tensors`` has entries, which tell where the nodes
    are, and ``wanted`` tells which of them get a gradient. Sums have as many as ``lengths`` says
    for each, all of them numbers, and one entry in ``wanted`` for all.
    """

    __slots__ = (
        "attributes",
        "lengths",
        "level",
        "operands",
        "operation",
        "results",
        "tensors",
        "wanted",
    )

    def __init__(
        self, level: int, operation: Operation, tensors: tuple[bool, ...], wanted: tuple[bool, ...]
    ) -> None:
        self.level = level
        self.operation = operation
        self.tensors = tensors
        self.wanted = wanted
        self.results: list[int] = []
        self.operands: list[Any] = []
        self.lengths: list[int] = []
        self.attributes: dict[str, Any] = {}


class Leveling(NamedTuple):
    """The groups of a graph, lowest level first, and the terms of sums that are plain numbers.

    Nodes are known by their number in ``order``; the terms among the ``constants`` have the
    numbers behind those.
    """

    order: list[Tensor]
    reached: set[Tensor]
    constants: list[float]
    groups: list[LevelGroup]


def are_scalars(nodes: Iterable[Tensor]) -> bool:
    """Whether all are numbers of one floating-point dtype, and so can be elements of an array."""
    kind = None
    constants: list[Any] = []
    for node in nodes:
        data = node._data
        if type(data) is not kind:
            if node.operation is None and not node._requires_grad:
                constants.append(data)
            elif kind is None and type(data) in _SCALARS:
                kind = type(data)
            else:
                return False
    # Constants of a smaller dtype, such as float32, become what the results are without loss.
    return all(
        np.ndim(x) == 0 and x.dtype.kind == "f" and np.can_cast(x.dtype, kind or x.dtype)
        for x in constants
    )


def reached_from(root: Tensor, order: list[Tensor], wrt: Iterable[Tensor]) -> set[Tensor]:
    """The Tensors that a gradient reaches on its way from ``root`` to the leaves ``wrt``."""
    leaves = {node for node in order if node.operation is None}
    needed = between(order, [leaf for leaf in wrt if leaf in leaves and leaf._requires_grad])
    operations = {node.operation for node in order}
    if all(_has_rules(operation) for operation in operations if operation is not None):
        return needed if root in needed else set()
    reached = {root} & needed
    for node in reversed(order):
        if node in reached and node.operation is not None:
            for slot, x in enumerate(node.inputs):
                if type(x) is Tensor and x in needed and has_rule(node.operation, slot):
                    reached.add(x)
    return reached


def _has_rules(operation: Operation) -> bool:
    return not isinstance(operation.gradients, tuple) or None not in operation.gradients


def has_rule(operation: Operation, slot: int) -> bool:
    """Whether a gradient goes from the operation to this input."""
    rules = operation.gradients
    return not isinstance(rules, tuple) or rules[slot] is not None


def leveled(order: list[Tensor], reached: set[Tensor]) -> Leveling:
    """Sort the nodes of a topological ``order`` into groups.

    A chain of ``+`` becomes one sum of many terms where nothing else uses the sums within, else
    the sum over 100 examples would be 100 levels. A node stands one level above the highest of
    its inputs.
    """
    number = {node: index for index, node in enumerate(order)}
    inner = _inner_sums(order)
    wanted = [node in reached for node in order]
    levels = [0] * len(order)
    constants: list[float] = []
    unfinished: dict[Tensor, list[int]] = {}  # the terms of the sums within others
    groups: dict[Any, LevelGroup] = {}
    level_of, terms_within = levels.__getitem__, unfinished.pop
    # One loop without calls for the commonest cases: a third of the time of a preparation.
    for index, node in enumerate(order):
        operation = node.operation
        if operation is None:
            continue
        live = wanted[index]
        operands: list[Any] = []
        if operation is add:
            for x in node.inputs:
                if type(x) is Tensor:
                    terms = terms_within(x, None)
                    if terms is None:
                        operands.append(number[x])
                    elif len(terms) > len(operands):  # no long chain is copied at every link
                        terms += operands
                        operands = terms
                    else:
                        operands += terms
                elif x != 0:  # as `sum()` starts
                    operands.append(len(levels))
                    constants.append(float(x))
                    levels.append(0)
            if node in inner:
                unfinished[node] = operands
                continue
            level = max(map(level_of, operands))
            key: Any = (level, add, live)
        else:
            level = 0
            kinds: list[Any] = []
            for x in node.inputs:
                if type(x) is Tensor:
                    place = number[x]
                    if levels[place] > level:
                        level = levels[place]
                    operands.append(place)
                    kinds.append(live and wanted[place])
                else:
                    operands.append(x)
                    kinds.append(_kind(operation, x))
            attributes = node.attributes
            key = (level, operation, attributes and _attributes_key(attributes), *kinds)
        level += 1
        group = groups.get(key)
        if group is None:
            group = groups[key] = _new_group(level, node, reached if live else _NOTHING)
        if operation is add:
            group.lengths.append(len(operands))
        group.operands += operands
        group.results.append(index)
        levels[index] = level
    found = sorted(groups.values(), key=lambda group: group.level)
    return Leveling(order, reached, constants, found)


def _inner_sums(order: list[Tensor]) -> set[Tensor]:
    """The sums that are a term of one other sum and of nothing else."""
    within: set[Tensor] = set()
    elsewhere: set[Tensor] = set()
    for node in order:
        outer = node.operation is add
        for x in node.inputs:
            if type(x) is Tensor and x.operation is add:
                (within if outer and x not in within else elsewhere).add(x)
    return within - elsewhere


def _kind(operation: Operation, x: Any) -> Any:
    """What is equal in all nodes of a group: constants of one dtype can be one array."""
    if operation is power:  # x² is computed as a square only where the exponent is one number
        return ("equal", x.item() if isinstance(x, np.ndarray) else x)
    if type(x) in (int, float):
        return float
    return type(x) if x is None or type(x) is bool else x.dtype


def _attributes_key(attributes: dict[str, Any]) -> Any:
    key = tuple(attributes.items())
    try:
        hash(key)
    except TypeError:
        return id(attributes)
    return key


def _new_group(level: int, node: Tensor, live: Container[Tensor]) -> LevelGroup:
    operation: Operation = node.operation  # type: ignore[assignment]
    if operation is add:
        return LevelGroup(level, add, (True,), (node in live,))
    tensors = tuple([type(x) is Tensor for x in node.inputs])
    wanted = tuple(
        [
            is_tensor and x in live and has_rule(operation, slot)
            for slot, (x, is_tensor) in enumerate(zip(node.inputs, tensors, strict=True))
        ]
    )
    group = LevelGroup(level, operation, tensors, wanted)
    group.attributes = node.attributes or {}
    return group
