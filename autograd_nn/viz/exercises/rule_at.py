"""One edge of a backward pass as it is computed rightly, for others to compute wrongly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from autograd_nn.engine.contributions import ruled
from autograd_nn.engine.operation import part
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.unbroadcasting import unbroadcast
from autograd_nn.viz.formulas.derivation import RuleFormula
from autograd_nn.viz.graph.flows import formula_at, values_of


class RuleAt:
    """The way from ``node`` to its input number ``slot``, with the gradient ``g`` of ``node``.

    ``values`` and ``out`` stand in for the inputs and the result where other numbers are wanted
    than those that were recorded.
    """

    def __init__(
        self,
        node: Tensor,
        slot: int,
        g: Any,
        values: Sequence[Any] | None = None,
        out: Any = None,
    ) -> None:
        self.node, self.slot, self.g = node, slot, g
        self.values = values_of(node) if values is None else list(values)
        self.out = node._data if out is None else out
        self.attributes = node.attributes or {}
        self.operation: Any = node.operation

    @property
    def x(self) -> Any:
        """The input that the contribution goes to."""
        return self.values[self.slot]

    @property
    def is_plain(self) -> bool:
        """Whether the node has one result: of several the gradient is a tuple."""
        return type(self.out) is not tuple and self.operation is not part

    @cached_property
    def raw(self) -> Any:
        """What the rule returns, before broadcasting is undone."""
        return self.ruled()

    @cached_property
    def contribution(self) -> Any:
        """What is right."""
        return self.fitted(self.raw)

    @cached_property
    def formula(self) -> RuleFormula | None:
        """The formula of the rule, where it has one."""
        return formula_at(self.node, self.slot)

    def ruled(
        self,
        g: Any = None,
        out: Any = None,
        values: Sequence[Any] | None = None,
        slot: int | None = None,
    ) -> Any:
        """What a rule returns where something else is put into it."""
        slot = self.slot if slot is None else slot
        found = ruled(
            self.operation,
            self.g if g is None else g,
            self.out if out is None else out,
            self.values if values is None else values,
            self.attributes,
            [slot],
        )
        return dict(found)[slot]

    def recomputed(self, values: Sequence[Any]) -> Any:
        """The result for other inputs."""
        return self.operation.value(*values, **self.attributes)

    def with_input(self, x: Any) -> list[Any]:
        """The inputs with another in this place."""
        return [*self.values[: self.slot], x, *self.values[self.slot + 1 :]]

    def fitted(self, raw: Any) -> Any:
        """What a rule returned in the shape of the input: broadcasting is undone."""
        return unbroadcast(raw, np.asarray(self.x), self.node, self.slot)

    def others(self) -> Iterator[int]:
        """The other inputs that have a rule."""
        rules = self.operation.gradients
        for slot, value in enumerate(self.values):
            has_rule = not isinstance(rules, tuple) or rules[slot] is not None
            is_number = getattr(np.asarray(value).dtype, "kind", "") == "f"
            if slot != self.slot and has_rule and is_number:
                yield slot
