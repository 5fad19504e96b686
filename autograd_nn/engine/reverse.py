"""The reverse sweep: from dL/dL = 1 back to the gradient of every input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.contributions import from_numbers, of_each_seed, with_part
from autograd_nn.engine.conversion import converted, to_data
from autograd_nn.engine.errors import ArgumentTypeError, ShapeError, StateError
from autograd_nn.engine.fast_reverse import fast_sweep
from autograd_nn.engine.graph import between, topological
from autograd_nn.engine.observing import noted
from autograd_nn.engine.operation import part
from autograd_nn.engine.recording import anomalies_sought
from autograd_nn.engine.tensor import Tensor, current_watch, described

_array = np.ndarray


class Contribution(NamedTuple):
    """One edge of the sweep: what ``node`` adds to the gradient of its input.

    ``total`` is what the input has received with this one; None on the way to a node with several
    results, whose gradient is a tuple, None where no gradient came.
    """

    node: Tensor
    slot: int
    input: Tensor
    upstream: Any
    contribution: Any
    total: Any


def sweep(
    root: Tensor,
    seed: Any,
    contributions: Callable[[Tensor, Any, list[int]], Iterable[tuple[int, Any]]],
    wanted: Iterable[Tensor] | None = None,
) -> Iterator[Contribution]:
    """Every contribution to a gradient, in the order in which they add up bit for bit.

    It starts with dL/d(root) = ``seed`` and visits users before what they used. So when the turn
    of a node comes, all its users have sent their part, and what is pending for it is its whole
    gradient g. The rules of its operation turn g into one contribution for each input.

    ``contributions(node, g, slots)`` runs these rules on one kind of value: on numbers, on Tensors
    (then the gradients are recorded), or on the values of a program. With ``wanted`` only the ways
    to these Tensors are followed.
    """
    order = topological(root, leaves=False)
    needed = None if wanted is None else between(order, wanted)
    pending: dict[Tensor, Any] = {root: seed}
    for node in reversed(order):
        if (g := pending.get(node)) is None:
            continue
        slots = [
            slot
            for slot, x in enumerate(node.inputs)
            if type(x) is Tensor and x._requires_grad and (needed is None or x in needed)
        ]
        for slot, d in contributions(node, g, slots):
            x, total = node.inputs[slot], None
            before = pending.get(x)
            if node.operation is part:
                pending[x] = with_part(node, d, before)
            else:
                total = pending[x] = d if before is None else before + d
            yield Contribution(node, slot, x, g, d, total)


def walk_back(root: Tensor, seed: Any = None) -> Iterator[Contribution]:
    """The sweep on numbers, to be looked at."""
    check_output(root)
    return sweep(root, as_seed(root, seed), from_numbers)


def show_to_watch(
    root: Tensor, seed: Any, wanted: list[Tensor] | None = None, number: int | None = None
) -> None:
    """Every contribution, in numbers, where anomalies are sought in this thread."""
    if (watch := current_watch()) is not None and anomalies_sought.get():
        seeds = tuple(map(_plain, seed)) if type(seed) is tuple else _plain(seed)
        rules = from_numbers if number is None else of_each_seed(from_numbers, number)
        for step in sweep(root, seeds, rules, wanted):
            watch.sent(step)


def _plain(x: Any) -> Any:
    return x._data if type(x) is Tensor else x


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
    noted("backward()")
    start = as_seed(self, seed)
    show_to_watch(self, start)
    nodes = topological(self, leaves=False)
    # One for each node in the order of the sweep; a dictionary would take ten times the memory.
    interior: list[Any] = []
    leaves = fast_sweep(self, start, nodes, None, None, interior)
    for leaf, gradient in leaves.items():
        if leaf._grad is not None:
            leaves[leaf] = leaf._grad + gradient
    for node, gradient in zip(reversed(nodes), interior, strict=True):
        node._grad = gradient
    for leaf, gradient in leaves.items():
        if leaf._requires_grad:  # it may have been switched off after the recording
            leaf._grad = gradient


Tensor.backward = backward  # type: ignore[assignment]


# ------------------------------------------------------------------ where a sweep starts and ends


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


def as_seed(output: Tensor, seed: Any, what: str = "seed") -> Any:
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
    given = to_data(seed._data if type(seed) is Tensor else seed)
    given = converted(f"`{what}`", given, data.dtype).astype(data.dtype, copy=False)
    if given.shape != data.shape:
        raise ShapeError(
            f"`{what}` must have the shape {data.shape} of {described(output)}, got {given.shape}."
        )
    return given[()]
