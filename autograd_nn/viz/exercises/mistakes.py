"""The mistakes that can be made in a graph, and the numbers that come out with each of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from autograd_nn.engine.contributions import from_numbers
from autograd_nn.engine.operation import part
from autograd_nn.engine.reverse import Contribution, as_seed, sweep
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.exercises.rule_at import RuleAt
from autograd_nn.viz.exercises.wrong_rules import KINDS, same, wrong_contributions
from autograd_nn.viz.exercises.wrong_values import KINDS as KINDS_OF_VALUES
from autograd_nn.viz.exercises.wrong_values import recomputed, wrong_results
from autograd_nn.viz.graph.flows import Sweep

Numbers = Mapping[Any, Any]
"""Tensors with their values, or with their gradients."""


@dataclass(frozen=True, eq=False)
class Mistake:
    """One mistake: what it is, where it happens, and all the numbers that follow from it.

    It happens in ``node``, on the way to its input number ``slot`` (None: in its value, or in the
    sum that ``node`` receives). ``about`` is the part of the formula, or the number, that it is
    about. ``change`` are the results, or the contributions along edges, that are others than they
    should be.
    """

    phrase: str
    node: Tensor
    slot: int | None
    about: Any
    change: Mapping[Any, Any]
    root: Tensor = field(repr=False)

    @property
    def kind(self) -> str:
        """Its name: "sign"."""
        return self.phrase.rpartition(".")[2]

    @property
    def rank(self) -> int:
        """Its place among the kinds: those with the most to say come first."""
        return (_ORDER_OF_VALUES if self.is_of_values else _ORDER).index(self.phrase)

    @property
    def is_of_values(self) -> bool:
        """Whether it happens in the forward pass."""
        return self.node in self.change

    @cached_property
    def numbers(self) -> Numbers:
        """The gradients, or the values, of all Tensors with this mistake."""
        with np.errstate(all="ignore"):
            if self.is_of_values:
                return recomputed(self.root, self.change)
            found: dict[Any, Any] = {self.root: as_seed(self.root, None)}
            for step in mistaken_contributions(self.root, self.change):
                if step.node.operation is not part:
                    found[step.input] = step.total
            return found

    @property
    def target(self) -> Tensor:
        """The Tensor whose number is the first that is wrong."""
        return self.node if self.slot is None else self.node.inputs[self.slot]


_ORDER_OF_VALUES = tuple(KINDS_OF_VALUES)
_ORDER = (
    "mistakes.overwritten",
    *KINDS,
    "mistakes.path_forgotten",
    "mistakes.forgotten",
)


def mistaken_gradients(root: Tensor, found: Sweep, at: Iterable[Tensor]) -> Iterator[Mistake]:
    """Every mistake in a backward pass that changes the gradient of one of ``at`` at once."""
    for target in at:
        received = [step for step in found.received.get(target, ()) if step.node.operation != part]
        if len(received) > 1:
            yield from _overwritten(root, target, received)
        for step in received:
            edge = RuleAt(step.node, step.slot, step.upstream)
            with np.errstate(all="ignore"):
                for wrong in wrong_contributions(edge):
                    phrase = wrong.phrase
                    if phrase == "mistakes.forgotten" and len(received) > 1:
                        if len(received) == 2:
                            continue  # the other is left alone: overwritten
                        phrase = "mistakes.path_forgotten"
                    change = {(step.node, step.slot): wrong.contribution}
                    yield Mistake(
                        phrase,
                        step.node,
                        step.slot,
                        wrong.about,
                        change,
                        root,
                    )


def _overwritten(root: Tensor, target: Tensor, received: list[Any]) -> Iterator[Mistake]:
    """One contribution alone is left of several, the last first: that is what assigning does."""
    told: list[Any] = []
    for kept in reversed(received):
        if any(same(kept.contribution, other) for other in told):
            continue
        told.append(kept.contribution)
        change = {(step.node, step.slot): None for step in received if step is not kept}
        yield Mistake("mistakes.overwritten", target, None, kept.node, change, root)


def mistaken_contributions(
    root: Tensor, change: Mapping[tuple[Tensor, int], Any]
) -> Iterator[Contribution]:
    """A backward pass in which some contributions are others (None: nothing is sent)."""

    def contributions(node: Tensor, g: Any, slots: list[int]) -> Iterator[tuple[int, Any]]:
        for slot, d in from_numbers(node, g, slots):
            d = change.get((node, slot), d)
            if d is not None:
                yield slot, d

    return sweep(root, as_seed(root, None), contributions)


def mistaken_values(root: Tensor, at: Iterable[Tensor]) -> Iterator[Mistake]:
    """Every mistake in a forward pass that changes the value of one of ``at`` at once."""
    for node in at:
        with np.errstate(all="ignore"):
            for phrase, value in wrong_results(node):
                yield Mistake(phrase, node, None, None, {node: value}, root)
