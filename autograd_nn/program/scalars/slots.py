"""Where values and gradients of a levelled graph stand: two arrays, and places in them."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.engine.operations.arithmetic import add
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program.scalars.indexed_sums import Call, summed
from autograd_nn.program.scalars.leveling import LevelGroup, Leveling


@final
class Slots:
    """The two arrays of a replay, with the places of everything in them.

    ``values`` holds the leaves (those given first, in their order), the constant terms of sums,
    then the results of one group after the other. ``received`` holds what is sent back: of each
    group of sums one gradient for each sum, which is that of all its terms; of each group of an
    operation one contribution for each node and each input that wants it. A node adds up the
    places of ``received`` that its users have written.
    """

    def __init__(self, leveling: Leveling, leaves: list[Tensor]) -> None:
        order, groups = leveling.order, leveling.groups
        self.leaves = {leaf: place for place, leaf in enumerate(leaves)}
        self._place = np.full(len(order) + len(leveling.constants), -1, np.intp)
        for number, node in enumerate(order):
            if node.operation is None:
                self._place[number] = self.leaves.setdefault(node, len(self.leaves))
        first = len(self.leaves)
        behind = first + len(leveling.constants)
        self._place[len(order) :] = np.arange(first, behind)
        self.spans: list[slice] = []
        self.lengths: list[Any] = []
        for group in groups:
            self.lengths.append(_sorted_by_length(group))
            self.spans.append(slice(behind, behind + len(group.results)))
            behind += len(group.results)
            self._place[group.results] = np.arange(self.spans[-1].start, behind)
        self.values = np.empty(behind, order[-1]._data.dtype)
        self.values[: len(self.leaves)] = [leaf._data for leaf in self.leaves]
        self.values[len(self.leaves) : self.spans[0].start] = leveling.constants
        for group, span in zip(groups, self.spans, strict=True):
            self.values[span] = [order[number]._data for number in group.results]
        self._route(leveling)

    def operands(self, group: LevelGroup, slot: int) -> Any:
        """The places of one input of a group's nodes, or its constants."""
        found = group.operands[slot :: len(group.tensors)]
        return self._place[found] if group.tensors[slot] else found

    def terms(self, group: LevelGroup) -> Any:
        """The places of all terms of a group's sums."""
        return self._place[group.operands]

    def gathering(self, targets: slice, out: Any) -> list[Call]:
        """The calls that add up what the nodes of ``targets`` receive."""
        ends = self._ends[targets.start : targets.stop + 1]
        return summed(self.received, self._senders[ends[0] : ends[-1]], np.diff(ends), out)

    def gathering_leaves(self, leaves: list[Tensor], out: Any) -> list[Call]:
        """The same for leaves, all of which receive something."""
        if not leaves:
            return []
        spans = [self._ends[place : place + 2] for place in map(self.leaves.__getitem__, leaves)]
        senders = np.concatenate([self._senders[begin:end] for begin, end in spans])
        return summed(self.received, senders, np.array([end - begin for begin, end in spans]), out)

    def _route(self, leveling: Leveling) -> None:
        """Lay out ``received`` and tell for each place of ``values`` who sends to it."""
        reached = np.zeros(self.values.size, bool)
        reached[[place for leaf, place in self.leaves.items() if leaf in leveling.reached]] = True
        self.sent: list[dict[int, slice]] = []
        edges = [(np.empty(0, np.intp), np.empty(0, np.intp))]
        end = 0
        for group, span, lengths in zip(leveling.groups, self.spans, self.lengths, strict=True):
            number = len(group.results)
            reached[span] = any(group.wanted)
            self.sent.append({})
            for slot in [slot for slot, wanted in enumerate(group.wanted) if wanted]:
                self.sent[-1][slot] = slice(end, end + number)
                senders = np.arange(end, end + number)
                if group.operation is add:
                    edges.append((self.terms(group), np.repeat(senders, lengths)))
                else:
                    edges.append((self.operands(group, slot), senders))
                end += number
        targets, senders = map(np.concatenate, zip(*edges, strict=True))
        kept = reached[targets]
        targets, senders = targets[kept], senders[kept]
        self._senders = senders[np.argsort(targets, kind="stable")]
        counts = np.bincount(targets, minlength=self.values.size)
        self._ends = np.concatenate([[0], np.cumsum(counts)])
        self.received = np.zeros(end, self.values.dtype)


def _sorted_by_length(group: LevelGroup) -> Any:
    """Put sums of as many terms side by side; the number of terms of each."""
    lengths = np.array(group.lengths, np.intp)
    if lengths.size == 0 or (lengths == lengths[0]).all():
        return lengths
    order = np.argsort(lengths, kind="stable")
    begins = np.cumsum(lengths) - lengths
    lengths = lengths[order]
    shifts = begins[order] - (np.cumsum(lengths) - lengths)
    within = np.repeat(shifts, lengths) + np.arange(lengths.sum())
    group.operands = np.array(group.operands, np.intp)[within].tolist()
    group.results = np.array(group.results, np.intp)[order].tolist()
    return lengths
