"""An element of a gradient as the sum of what it came from: over its uses, and inside each."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.graph import topological
from autograd_nn.engine.reverse import Contribution, walk_back
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.elements.jacobians import Use, column
from autograd_nn.viz.elements.labels import Labels, indices
from autograd_nn.viz.elements.matmul_pairs import uses
from autograd_nn.viz.elements.scalars import added_in_pairs, one_of_each
from autograd_nn.viz.elements.terms import SumOfTerms, Term, with_shares
from autograd_nn.viz.graph import symbols
from autograd_nn.viz.graph.flows import values_of
from autograd_nn.viz.wording.saying import say


class Sources(NamedTuple):
    """The terms of an element of a gradient, and the element as the reverse sweep computed it."""

    sum: SumOfTerms
    total: Any


def sources_of(tensor: Tensor, place: int, loss: Tensor, labels: Labels) -> Sources | None:
    """None where ``loss`` does not reach the Tensor."""
    if tensor is loss:
        one = loss._data.dtype.type(1)
        itself = SumOfTerms(
            (Term(say("zooming.loss_itself"), 1.0, share=1.0),), "1", lambda _: Tensor(one), _added
        )
        return Sources(itself, one)
    events = [event for event in walk_back(loss) if event.input is tensor]
    if not events:
        return None
    lengths = _lengths_of_batches(loss)
    edges = [_Edge(event, place, labels) for event in events]
    terms = [term for edge in edges for term in edge.terms(len(edges) > 1, lengths)]
    where = [(edge, i) for edge in edges for i in range(edge.count)]
    total = sum((edge.contribution for edge in edges[1:]), edges[0].contribution)

    def piece(index: int) -> Tensor:
        edge, i = where[index]
        return edge.piece(i)

    return Sources(SumOfTerms(with_shares(terms), "sum", piece, _added), total)


def _added(pieces: list[tuple[int, Tensor]], rest: Tensor | None) -> Tensor:
    total = added_in_pairs([scalar for _, scalar in pieces] + ([] if rest is None else [rest]))
    for scalar in topological(total):
        if scalar.is_leaf:
            scalar.requires_grad = False  # recorded all the same: here they are given numbers
    return total


class _Edge:
    """One use of the Tensor by an operation, and what comes back along it to the element.

    ``uses`` is None where the operation's rule cannot be taken apart; ``partners`` are the places
    of the other factors in a product of matrices.
    """

    def __init__(self, event: Contribution, place: int, labels: Labels) -> None:
        self.node, self.slot, self.place = event.node, event.slot, place
        self.contribution = event.contribution.flat[place]
        self.is_leaf = event.input.operation is None
        self.partners: list[int] | None = None
        self.labels = labels
        self.uses: list[Use] | None
        if self.node.operation is ops.matmul:
            values = values_of(self.node)
            left, right = (np.shape(value) for value in values)
            places, self.partners = uses(left, right, self.slot, place)
            upstream, other = np.asarray(event.upstream).flat, values[1 - self.slot].flat
            pairs = zip(places, self.partners, strict=True)
            self.uses = [Use(None, p, other[q], upstream[p]) for p, q in pairs]
        else:
            self.uses = column(self.node, self.slot, place, event.upstream, self.contribution)
        self.count = 1 if self.uses is None else len(self.uses)
        # A sum, or a broadcast undone, passes on what arrives.
        self.passes_on = self.partners is None and all(use.local == 1 for use in self.uses or ())

    def terms(self, several: bool, lengths: set[int]) -> list[Term]:
        """A term for each place of the result that uses the element."""
        through = self.labels.array(self.node)
        twice = sum(x is self.node.inputs[self.slot] for x in self.node.inputs) > 1
        operation, count = self.node.operation, len(self.node.inputs)
        assert operation is not None
        role = symbols.role(operation, self.slot, count)
        which = say("zooming.its", role=role) if twice else ""
        if self.uses is None:
            label = say("zooming.own_rule", through=f"{through}{which}")
            return [Term(label, float(self.contribution))]
        names = [name + which for name in self._names(through, list(range(self.count)))]
        if self._are_examples(lengths):
            batch = self.node.inputs[0] if self.partners is not None else None
            is_named = batch is not None and self.labels.name(batch) is not None
            rows = self.labels.array(batch) if is_named else ""
            names = [say("zooming.example", n=i) for i in range(self.count)]
            if rows:
                names = [
                    say("numbers.and", first=name, second=f"{rows}[{i}]")
                    for i, name in enumerate(names)
                ]
            if several:
                by = f"{through}{which}"
                names = [say("zooming.through", name=name, through=by) for name in names]
        if self.passes_on:
            return [
                Term(name, float(use.upstream)) for name, use in zip(names, self.uses, strict=True)
            ]
        return [
            Term(
                name,
                float(use.local * use.upstream),
                factors=(float(use.local), float(use.upstream)),
            )
            for name, use in zip(names, self.uses, strict=True)
        ]

    def piece(self, index: int) -> Tensor:
        """One term as scalars: local × upstream, each with its name."""
        through = self.labels.array(self.node)
        if self.uses is None:
            return Tensor(self.contribution, name=say("zooming.sends_back", through=through))
        use, (name,) = self.uses[index], self._names(through, [index])
        upstream = Tensor(use.upstream, name=self._by(through, name))
        if self.passes_on:
            return upstream
        return Tensor(use.local, name=self._name_of_local(index, name)) * upstream

    def _by(self, through: str, name: str) -> str:
        """The gradient by an element of the result: ``∂loss/∂(dense/z)[5, 2]``."""
        return symbols.total(self.labels.root, through) + name.removeprefix(through)

    def _names(self, through: str, indices_of_uses: list[int]) -> list[str]:
        """The elements of the result, at the places of some of the uses."""
        assert self.uses is not None
        chosen = [self.uses[i] for i in indices_of_uses]
        if type(self.node._data) is not tuple:
            at = indices(self.node._data.shape, [use.place for use in chosen])
            return [through + text for text in at]
        names = []
        for use in chosen:
            assert use.result is not None
            (text,) = indices(self.node._data[use.result].shape, [use.place])
            names.append(f"{through} {say('numbers.part', n=use.result)}{text}")
        return names

    def _name_of_local(self, index: int, name: str) -> str:
        """The other factor of a product by its name; elsewhere a derivative."""
        node, slot = self.node, self.slot
        assert self.uses is not None
        if self.partners is not None:
            return self.labels.element(node.inputs[1 - slot], self.partners[index])
        if node.operation is ops.multiply:
            beside = one_of_each(node, node, self.uses[index].place) or {}
            if 1 - slot in beside:
                other = beside[1 - slot][0]
                return self.labels.element(other.source, other.place)
        by = self.labels.element(node.inputs[slot], self.place)
        return say("zooming.slope_by", slope=symbols.slope(name, slot), by=by)

    def _are_examples(self, lengths: set[int]) -> bool:
        """Whether the terms are the examples of a batch: one for each place along axis 0.

        They are in the product Xᵀ·G; elsewhere where some input of the graph that is not to be
        trained has an axis 0 of this length.
        """
        node = self.node
        shape = () if type(node._data) is tuple else node._data.shape
        if not shape or not self.is_leaf or not self.uses or self.count != shape[0]:
            return False
        step = node._data.size // shape[0]
        if len({use.place % step for use in self.uses}) > 1:
            return False
        by_product = self.partners is not None and self.slot == 1 and np.ndim(node.inputs[0]) > 1
        return by_product or shape[0] in lengths


def _lengths_of_batches(loss: Tensor) -> set[int]:
    found = set()
    for node in topological(loss):
        for operand in node.inputs:
            data = operand
            if type(operand) is Tensor:
                if operand.operation is not None or operand._requires_grad:
                    continue
                data = operand._data
            if np.ndim(data):
                found.add(len(data))
    return found
