"""What one node of a graph sends back to its inputs: its rules, run on one kind of value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd_nn.engine.batched import OneByOne, row_by_row
from autograd_nn.engine.composing import in_words
from autograd_nn.engine.errors import MutationError, ShapeError
from autograd_nn.engine.linear_algebra_errors import explained
from autograd_nn.engine.mutation import changed_since
from autograd_nn.engine.operation import frozen, part, written_to
from autograd_nn.engine.recording import current_scope
from autograd_nn.engine.tensor import Tensor, described, new_node
from autograd_nn.engine.unbroadcasting import EXAMPLES, NUMBERS, RECORDED, unbroadcast


def from_numbers(
    node: Tensor, g: Any, slots: list[int], batch: tuple[int, ...] = ()
) -> Iterator[tuple[int, Any]]:
    """For each slot the contribution to the gradient of that input, in numbers."""
    check_unchanged(node)
    operation: Any = node.operation
    out = node._data
    values = [x._data if type(x) is Tensor else x for x in node.inputs]
    if operation.is_own:
        g, out, *values = (frozen(x) for x in (g, out, *values))
    try:
        for slot, d in ruled(operation, g, out, values, node.attributes, slots):
            if operation is not part:
                d = unbroadcast(d, values[slot], node, slot, batch=batch)
            yield slot, d
    except ValueError as error:
        raise explained(written_to(operation, "A gradient rule", error)) from None


def from_tensors(
    node: Tensor, g: Any, slots: list[int], batch: tuple[int, ...] = ()
) -> Iterator[tuple[int, Any]]:
    """The same with the rules run on Tensors: the contributions are recorded.

    From a plain g comes what is plain until a rule reads an input.
    """
    check_unchanged(node)
    out = node if type(node._data) is not tuple else _parts(node)
    for slot, d in ruled(node.operation, g, out, node.inputs, node.attributes, slots):
        if node.operation is not part:
            kind = RECORDED if type(d) is Tensor or type(g) is Tensor else NUMBERS
            d = unbroadcast(d, node.inputs[slot], node, slot, kind, batch)
        yield slot, d


def from_examples(node: Tensor, g: Any, slots: list[int]) -> Iterator[tuple[int, Any]]:
    """The same for all examples at once, whose data are `Batched`."""
    values = [x._data if type(x) is Tensor else x for x in node.inputs]

    def contributed(g: Any, out: Any, *values: Any) -> dict[int, Any]:
        return dict(ruled(node.operation, g, out, values, node.attributes, slots))

    try:
        found = contributed(g, node._data, *values)
    except OneByOne:
        found = row_by_row(contributed, (g, node._data, *values), {})
    for slot, d in found.items():
        if node.operation is not part:
            d = unbroadcast(d, values[slot], node, slot, EXAMPLES)
        yield slot, d


def of_each_seed(rules: Any, number: int) -> Any:
    """The same for so many seeds in one sweep, which come and go along a first axis.

    A rule that keeps axes in front takes them all at once; others take one after the other.
    """

    def contributions(node: Tensor, g: Any, slots: list[int]) -> Iterator[tuple[int, Any]]:
        if node.operation.batched:  # type: ignore[union-attr]
            return rules(node, g, slots, (number,))
        rows = [dict(rules(node, _row(g, place), slots)) for place in range(number)]
        return ((slot, np.stack([row[slot] for row in rows])) for slot in rows[0])

    return contributions


def _row(g: Any, place: int) -> Any:
    if type(g) is tuple:
        return tuple(None if d is None else d[place] for d in g)
    return g[place]


def _parts(node: Tensor) -> tuple[Any, ...]:
    """The results of a node with several, as nodes: a rule that reads one depends on the inputs."""
    around = current_scope.get() or ""
    return tuple(
        new_node(part, data, (node,), {"index": index}, around, data.dtype.kind == "f")
        for index, data in enumerate(node._data)
    )


def ruled(
    operation: Any,
    g: Any,
    out: Any,
    values: Any,
    attributes: dict[str, Any] | None,
    slots: list[int],
) -> Iterator[tuple[int, Any]]:
    """What the rules of an operation return, for each of the slots that has a rule."""
    if operation is part:
        yield 0, g
        return
    rules, attributes = operation.gradients, attributes or {}
    if isinstance(rules, tuple):
        for slot in slots:
            if rules[slot] is not None:
                yield slot, rules[slot](g, out, *values, **attributes)
        return
    found = rules(g, out, *values, **attributes)
    if not isinstance(found, (tuple, list)) or len(found) != len(values):
        raise ShapeError(
            f"The gradient rule of {operation.name} must return one gradient for each of its "
            f"{len(values)} inputs, got {type(found).__name__}."
        )
    for slot in slots:
        if found[slot] is not None:
            yield slot, found[slot]


def with_part(node: Tensor, d: Any, before: tuple[Any, ...] | None) -> tuple[Any, ...]:
    """The gradient of one result of several, in its place in the tuple of the packed node."""
    places = before or (None,) * len(node.inputs[0]._data)
    index = node.attributes["index"]  # type: ignore[index]
    if places[index] is not None:  # taken out twice: once more by a rule
        d = places[index] + d
    return (*places[:index], d, *places[index + 1 :])


def check_unchanged(node: Tensor) -> None:
    """Refuse to go on where data were changed since ``node`` was recorded with them."""
    for slot, x in enumerate(node.inputs):
        if type(x) is Tensor and x._clock > node._clock and changed_since(x, node):
            raise MutationError(
                f"The data of {described(x)} was changed in place after {node.operation.name} "  # type: ignore[union-attr]
                f"was recorded with it (input {slot}), so the gradient would be wrong. "
                "Call backward() before changing data, or compute the loss again."
            )


def described_node(node: Tensor) -> str:
    """A node in a note to an error: its operation, its name, the layer."""
    where = f" in {in_words(node.scope)}" if node.scope else ""
    name = f" {node.name!r}" if node.name else ""
    return f"{node.operation.name if node.operation else 'leaf'}{name}{where}"
