"""The reverse sweep: from dL/dL = 1 back to the gradient of every input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.errors import ArgumentTypeError, MutationError, ShapeError, StateError
from autograd_nn.engine.graph import between, topological
from autograd_nn.engine.mutation import changed_since
from autograd_nn.engine.operation import part
from autograd_nn.engine.recording import had_effect, numbers_recorded, recorded, switched
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor, described
from autograd_nn.engine.unbroadcasting import fitted, fitted_recorded

_array = np.ndarray


def gradients(output: Tensor, inputs: Any, seed: Any = None, create_graph: bool = False) -> Any:
    """The gradients of ``output`` with respect to ``inputs``; nothing is stored in ``.grad``.

    Formula      dL/dx = Σ over the uses of x of (local derivative)ᵀ · upstream
    Shapes       each gradient has the shape of its input
    Parameters   inputs: a Tensor, or a (nested) list, tuple or dict of Tensors
                 seed: dL/d(output), of output's shape; 1 for a scalar when None
                 create_graph: give recorded Tensors, which can be differentiated again
    Returns      the structure of ``inputs``; None for an input that ``output`` does not reach
    Raises       StateError when output is not recorded, or not a scalar without a seed
    Example      d(x²y)/dx = 2xy = 12 and d(x²y)/dy = x² = 4 at x = 2, y = 3

    >>> from autograd_nn import Tensor, gradients
    >>> x, y = Tensor(2.0), Tensor(3.0)
    >>> [float(g) for g in gradients(x * x * y, [x, y])]
    [12.0, 4.0]
    """
    wanted, shape = flatten(inputs)
    for leaf in wanted:
        if type(leaf) is not Tensor:
            raise ArgumentTypeError(
                f"`inputs` must be Tensors that output was computed from, got {leaf!r}."
            )
    check_output(output)
    start = as_seed(output, seed)
    if create_graph:
        with recorded(), switched(numbers_recorded):
            found = _recorded_sweep(output, Tensor(start, requires_grad=False), wanted)
    else:
        had_effect("gradients() without create_graph=True")
        nodes = topological(output, leaves=False)
        found = _sweep(output, start, nodes, between(nodes, wanted), set(wanted))
        found = {leaf: _unshared(found[leaf], found, start) for leaf in wanted if leaf in found}
    return rebuild(shape, [found.get(leaf) if leaf._requires_grad else None for leaf in wanted])


def backward(self: Tensor, seed: Any = None) -> None:
    """Compute the gradient of this Tensor with respect to everything it was computed from.

    Leaves accumulate: a second call adds one more copy to their ``.grad`` (``zero_grad`` forgets
    it). Interior nodes are assigned, so that they can be looked at. Nothing is changed when an
    error occurs half-way.

    Parameters   seed: dL/d(self), of self's shape; 1 when None, which needs a single element
    Raises       StateError when self is not a scalar, or is not recorded
    Example      L = Σ x²: dL/dx = 2x

    >>> from autograd_nn import Tensor
    >>> x = Tensor([1.0, 2.0])
    >>> (x * x).sum().backward()
    >>> x.grad.tolist()
    [2.0, 4.0]
    """
    check_output(self)
    had_effect("backward()")
    start = as_seed(self, seed)
    nodes = topological(self, leaves=False)
    # One for each node in the order of the sweep; a dictionary would take ten times the memory.
    interior: list[Any] = []
    leaves = _sweep(self, start, nodes, None, None, interior)
    for leaf, gradient in leaves.items():
        if leaf._grad is not None:
            leaves[leaf] = leaf._grad + gradient
    for node, gradient in zip(reversed(nodes), interior, strict=True):
        node._grad = gradient
    for leaf, gradient in leaves.items():
        if leaf._requires_grad:  # it may have been switched off after the recording
            leaf._grad = gradient


Tensor.backward = backward  # type: ignore[assignment]


# ---------------------------------------------------------------------- the sweep on numbers


def _sweep(
    root: Tensor,
    seed: Any,
    nodes: list[Tensor],
    needed: set[Tensor] | None,
    keep: set[Tensor] | None,
    interior: list[Any] | None = None,
) -> dict[Tensor, Any]:
    """Gradients of the leaves, or of the Tensors in ``keep``; those of the nodes into
    ``interior``, one for each in the order of the sweep.

    The readable form of this loop is `walk_back`; here the cases of one and of two inputs are
    written out, which saves a third of the time of a chain of scalars. Measure before changing.
    """
    pending: dict[Any, Any] = {root: seed}
    kept: dict[Tensor, Any] = {}
    take = pending.pop
    node = root
    try:
        for node in reversed(nodes):
            g = take(node, None)
            if interior is not None:
                interior.append(g)
            elif node in keep and g is not None:  # type: ignore[operator]
                kept[node] = g
            if g is None:
                continue
            rules = node.operation.gradients  # type: ignore[union-attr]
            inputs = node.inputs
            number = len(inputs)
            if number == 2 and node.attributes is None and type(rules) is tuple:
                x, y = inputs
                wants_x = wants_y = False
                if type(x) is Tensor:
                    if x._clock > node._clock:
                        _check_unchanged(node)
                    x_data = x._data
                    wants_x = x._requires_grad and (needed is None or x in needed)
                else:
                    x_data = x
                if type(y) is Tensor:
                    if y._clock > node._clock:
                        _check_unchanged(node)
                    y_data = y._data
                    wants_y = y._requires_grad and (needed is None or y in needed)
                else:
                    y_data = y
                out = node._data
                if wants_x and (rule := rules[0]) is not None:
                    d = rule(g, out, x_data, y_data)
                    kind = type(x_data)
                    if type(d) is not kind:
                        d = fitted(d, x_data, node, 0)
                    elif kind is _array:
                        if d.shape != x_data.shape or d.dtype is not x_data.dtype:
                            d = fitted(d, x_data, node, 0)
                        elif x.operation is None and (d is g or d.base is not None):
                            d = d.copy()
                    pending[x] = pending[x] + d if x in pending else d
                if wants_y and (rule := rules[1]) is not None:
                    d = rule(g, out, x_data, y_data)
                    kind = type(y_data)
                    if type(d) is not kind:
                        d = fitted(d, y_data, node, 1)
                    elif kind is _array:
                        if d.shape != y_data.shape or d.dtype is not y_data.dtype:
                            d = fitted(d, y_data, node, 1)
                        elif y.operation is None and (d is g or d.base is not None):
                            d = d.copy()
                    pending[y] = pending[y] + d if y in pending else d
            elif number == 1 and type(rules) is tuple:
                x = inputs[0]
                if x._clock > node._clock:
                    _check_unchanged(node)
                if (rule := rules[0]) is not None and (needed is None or x in needed):
                    data = x._data
                    if node.attributes is None:
                        d = rule(g, node._data, data)
                    else:
                        d = rule(g, node._data, data, **node.attributes)
                    kind = type(data)
                    if type(d) is not kind:
                        d = fitted(d, data, node, 0)
                    elif kind is _array:
                        if d.shape != data.shape or d.dtype is not data.dtype:
                            d = fitted(d, data, node, 0)
                        elif x.operation is None and (d is g or d.base is not None):
                            d = d.copy()
                    pending[x] = pending[x] + d if x in pending else d
            else:
                _add_contributions(node, g, needed, pending)
    except Exception as error:
        error.add_note(f"This happened while the gradient of {described_node(node)} was computed.")
        raise
    if keep is not None:
        kept.update((leaf, g) for leaf, g in pending.items() if leaf in keep)
        return kept
    return pending


def _add_contributions(
    node: Tensor, g: Any, needed: set[Tensor] | None, pending: dict[Any, Any]
) -> None:
    for slot, contribution in _contributions(node, g, needed):
        operand = node.inputs[slot]
        if node.operation is part:
            add_part(node, contribution, pending)
            continue
        if (
            operand.operation is None
            and type(contribution) is _array
            and (contribution is g or contribution.base is not None)
        ):
            contribution = contribution.copy()
        before = pending.get(operand)
        pending[operand] = contribution if before is None else before + contribution


def add_part(node: Tensor, contribution: Any, pending: dict[Any, Any]) -> None:
    """The gradient of one result of several goes to its place in the tuple of the packed node."""
    packed = node.inputs[0]
    places = pending.get(packed) or (None,) * len(packed._data)
    index = node.attributes["index"]  # type: ignore[index]
    pending[packed] = (*places[:index], contribution, *places[index + 1 :])


def _contributions(node: Tensor, g: Any, needed: set[Tensor] | None) -> Iterator[tuple[int, Any]]:
    """For each input that wants a gradient: its slot, and what this node contributes to it."""
    _check_unchanged(node)
    operation, inputs = node.operation, node.inputs
    if operation is part:
        yield 0, g
        return
    values = [x._data if type(x) is Tensor else x for x in inputs]
    attributes = node.attributes or {}
    wanted = [
        slot
        for slot, x in enumerate(inputs)
        if type(x) is Tensor and x._requires_grad and (needed is None or x in needed)
    ]
    for slot, contribution in ruled(operation, g, node._data, values, attributes, wanted):
        yield slot, fitted(contribution, values[slot], node, slot)


def ruled(
    operation: Any, g: Any, out: Any, values: Any, attributes: dict[str, Any], wanted: list[int]
) -> Iterator[tuple[int, Any]]:
    """What the rules of an operation return, for each slot that is wanted and has a rule."""
    rules = operation.gradients
    if type(rules) is tuple:
        for slot in wanted:
            if rules[slot] is not None:
                yield slot, rules[slot](g, out, *values, **attributes)
        return
    found = rules(g, out, *values, **attributes)
    if not isinstance(found, (tuple, list)) or len(found) != len(values):
        raise ShapeError(
            f"The gradient rule of {operation.name} must return one gradient for each of its "
            f"{len(values)} inputs, got {type(found).__name__}."
        )
    for slot in wanted:
        if found[slot] is not None:
            yield slot, found[slot]


# ---------------------------------------------------------------------- the sweep that is recorded


def _recorded_sweep(root: Tensor, seed: Tensor, wanted: list[Tensor]) -> dict[Tensor, Any]:
    """The same sweep with the rules run on Tensors: the result is a recorded graph."""
    nodes = topological(root, leaves=False)
    needed = between(nodes, wanted)
    pending: dict[Any, Any] = {root: seed}
    for node in reversed(nodes):
        if (g := pending.get(node)) is None or node not in needed:
            continue
        _check_unchanged(node)
        if node.operation is part:
            add_part(node, g, pending)
            continue
        slots = [i for i, x in enumerate(node.inputs) if type(x) is Tensor and x in needed]
        out = node if type(node._data) is not tuple else node._data
        for slot, d in ruled(node.operation, g, out, node.inputs, node.attributes or {}, slots):
            x = node.inputs[slot]
            d = fitted_recorded(d, x, node, slot)
            before = pending.get(x)
            pending[x] = d if before is None else before + d
    return pending


# ---------------------------------------------------------------------- the sweep, to be looked at


class Contribution(NamedTuple):
    """One edge of the sweep: what ``node`` adds to the gradient of its input.

    ``total`` is what the input has received with this one; None on the way to a node with several
    results, whose gradient is a tuple.
    """

    node: Tensor
    slot: int
    input: Tensor
    upstream: Any
    contribution: Any
    total: Any


def walk_back(root: Tensor, seed: Any = None) -> Iterator[Contribution]:
    """Every contribution of the reverse sweep in its order; in this order they add up bit for bit.

    The contributions of a node with several results have a tuple as ``upstream``, None where no
    gradient came.
    """
    check_output(root)
    pending: dict[Any, Any] = {root: as_seed(root, seed)}
    for node in reversed(topological(root)):
        if node.operation is None or (g := pending.get(node)) is None:
            continue
        for slot, contribution in _contributions(node, g, None):
            x, total = node.inputs[slot], None
            if node.operation is part:
                add_part(node, contribution, pending)
            else:
                before = pending.get(x)
                total = pending[x] = contribution if before is None else before + contribution
            yield Contribution(node, slot, x, g, contribution, total)


# ---------------------------------------------------------------------- what a sweep starts from


def check_output(output: Any) -> None:
    """Refuse to differentiate what is not a Tensor, or leads to nothing that wants a gradient."""
    if type(output) is not Tensor:
        raise ArgumentTypeError(
            f"A gradient starts from a Tensor, got {type(output).__name__}. Was the loss computed "
            "from Tensors, without .item(), .data or float()?"
        )
    if not output._requires_grad:
        raise StateError(
            f"{described(output)} is not part of a recorded graph, so it has no gradient: it was "
            "computed inside no_grad(), or no input of it has requires_grad=True."
        )


def as_seed(output: Tensor, seed: Any) -> Any:
    """dL/d(output): the one given, checked, or 1 for a single element."""
    data = output._data
    if seed is None:
        if type(data) is not _array:
            return type(data)(1)
        if data.size != 1:
            raise StateError(
                f"A gradient starts from a scalar, {described(output)} has {data.size} elements. "
                "Reduce it with .sum() or .mean(), or give the gradient to start from: "
                "backward(seed)."
            )
        return np.ones_like(data)
    if type(seed) is Tensor:
        seed = seed._data
    seed = np.array(seed, dtype=data.dtype)
    if seed.shape != data.shape:
        raise ShapeError(
            f"`seed` must have the shape {data.shape} of the output, got {seed.shape}."
        )
    return seed[()] if seed.ndim == 0 else seed


def _check_unchanged(node: Tensor) -> None:
    for slot, x in enumerate(node.inputs):
        if type(x) is Tensor and x._clock > node._clock and changed_since(x, node):
            raise MutationError(
                f"The data of {described(x)} was changed in place after {node.operation.name} "  # type: ignore[union-attr]
                f"was recorded with it (input {slot}), so the gradient would be wrong. "
                "Call backward() before changing data, or compute the loss again."
            )


def _unshared(gradient: Any, found: dict[Tensor, Any], seed: Any) -> Any:
    """The sweep shares arrays between nodes; results handed to a user share nothing."""
    if type(gradient) is not _array:
        return gradient
    shared = gradient is seed or gradient.base is not None
    shared = shared or sum(other is gradient for other in found.values()) > 1
    return gradient.copy() if shared else gradient


def described_node(node: Tensor) -> str:
    """A node in a note to an error: its operation, its name, the layer."""
    where = f" in layer {node.scope!r}" if node.scope else ""
    name = f" {node.name!r}" if node.name else ""
    return f"{node.operation.name if node.operation else 'leaf'}{name}{where}"
