"""What an exercise is made of: a graph with its numbers, questions, and the verdict on answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.graph import notation, rules, symbols
from autograd_nn.viz.graph.flows import Sweep
from autograd_nn.viz.graph.walk import Walk

CELLS = 9
"""An array of at most so many elements is asked for whole, of a larger one one element."""

MOST = 12
"""So many questions are asked at most: a sheet that one can finish."""


@dataclass(frozen=True, eq=False)
class Question:
    """One thing that is asked: ``name`` is what the answer stands under, ``text`` the question.

    ``target`` is what it is about, ``slot`` the input of it where an edge is meant, and ``place``
    the element, where not a whole array is asked for.
    """

    name: str
    text: str
    target: Tensor = field(repr=False)
    slot: int | None = field(default=None, repr=False)
    place: tuple[int, ...] | None = None

    def taken(self, array: Any) -> Any:
        """What is asked for of an array."""
        return np.asarray(array) if self.place is None else np.asarray(array)[self.place]


@dataclass(frozen=True)
class Verdict:
    """What an answer is worth: ``right``, or which ``mistake`` it shows, and ``where``.

    ``mistake`` is None where everything answered is right, and "unknown" where no common mistake
    gives that number. ``others`` are mistakes that give the same. ``answers`` says of each question
    whether it is right, None where it was not answered. ``sentence`` tells all of it.
    """

    right: bool
    mistake: str | None
    where: str | None
    sentence: str
    answers: dict[str, bool | None]
    others: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return self.sentence


class AskedGraph:
    """The graph that is asked about, with its labels, its gradients and a source of chance."""

    def __init__(
        self, walk: Walk, sweep: Sweep, names: Mapping[str, Any] | None = None, seed: int = 0
    ) -> None:
        self.walk, self.sweep, self.names = walk, sweep, names
        self.root = walk.root
        self.random = np.random.default_rng(seed)

    def not_finite(self, backward: bool) -> str | None:
        """The first name with infinity or NaN among its numbers, in the order of the passes."""
        numbers = {x: x._data for x in self.walk.order if type(x) is Tensor}
        passes = [(numbers, self.label), (self.sweep.gradients if backward else {}, self.total)]
        for found, named in passes:
            for item, data in found.items():
                parts = data if type(data) is tuple else (data,)
                if not all(x is None or np.isfinite(x).all() for x in parts):
                    return named(item)
        return None

    def computed(self) -> list[Tensor]:
        """What operations computed, in order."""
        return [
            item
            for item in self.walk.order
            if type(item) is Tensor
            and item.operation is not None
            and type(item._data) is not tuple
            and item._data.size
        ]

    def gradients(self) -> list[Tensor]:
        """What receives a gradient besides the root, in the order in which they are complete."""
        found: dict[Tensor, None] = {}
        for step in self.sweep.steps:
            found.pop(step.input, None)
            found[step.input] = None
        return [
            x for x in found if x is not self.root and x in self.sweep.gradients and x._data.size
        ]

    def some(self, items: list[Any]) -> list[Any]:
        """At most twelve of them, drawn, in their order."""
        if len(items) <= MOST:
            return items
        chosen = self.random.choice(len(items), MOST, replace=False)
        return [items[n] for n in sorted(chosen)]

    def place(self, array: Any) -> tuple[int, ...] | None:
        """The element that is asked for; None where it is the whole array.

        One that says something: not 0, not infinite, and of those one by chance.
        """
        array = np.asarray(array)
        if array.size <= CELLS:
            return None
        sizes = np.abs(np.where(np.isfinite(array), array, 0)).ravel()
        telling = np.flatnonzero(sizes > 0.1 * sizes.max(initial=0))
        chosen = self.random.choice(telling if telling.size else sizes.size)
        return tuple(int(n) for n in np.unravel_index(chosen, array.shape))

    # ------------------------------------------------------------------ words

    def label(self, item: Any) -> str:
        """What a Tensor is called."""
        return self.walk.label(item)

    def total(self, item: Tensor) -> str:
        """``∂L/∂w``."""
        return symbols.total(self.label(self.root), self.label(item))

    def expression(self, node: Tensor) -> str:
        """How a node was computed: ``w × x``."""
        assert node.operation is not None
        return rules.expression(node.operation, self.walk.input_labels(node), node.attributes)

    def way(self, node: Tensor, slot: int) -> str:
        """``from v3, its second factor``."""
        assert node.operation is not None
        return symbols.way(self.label(node), node.operation, slot, len(node.inputs))

    def named(self, computed: bool) -> dict[str, Any]:
        """The numbers that go into the graph, and with ``computed`` those that come out, by name.

        Numbers that stand in a formula as they are have no name.
        """
        found = {}
        for item in self.walk.order:
            is_computed = type(item) is Tensor and item.operation is not None
            data = item._data if type(item) is Tensor else item.data
            is_plain = type(item) is not Tensor and np.ndim(data) == 0
            if type(data) is not tuple and not is_plain and (computed or not is_computed):
                found[self.label(item)] = data
        return found

    def told(self, computed: bool) -> list[str]:
        """The same in lines: ``z = w × x = 6``."""
        expressions = {self.label(node): self.expression(node) for node in self.computed()}
        return [
            f"{label} = {f'{expressions[label]} = ' if label in expressions else ''}{_told(data)}"
            for label, data in self.named(computed).items()
        ]


def _told(data: Any) -> str:
    numbers = notation.summarise(data)
    text = notation.amount(numbers)
    return text if numbers.values is not None else f"{notation.shape(numbers.shape)}, {text}"
