"""Scalar graphs level by level: a network built of numbers, replayed as a few array operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np

from autograd_nn.engine.graph import topological
from autograd_nn.engine.mutation import changed_since
from autograd_nn.engine.operations.arithmetic import add
from autograd_nn.engine.structures import flatten
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program.inputs import fitting_inputs
from autograd_nn.program.scalars.level_steps import LevelStep, OperationStep, SumStep
from autograd_nn.program.scalars.leveling import (
    Leveling,
    NotByLevels,
    are_scalars,
    leveled,
    reached_from,
)
from autograd_nn.program.scalars.slots import Slots

_FEWEST_NODES = 300
# A group takes 6 to 10 µs, a line of straight code for one node and its gradient 1.
_NODES_PER_GROUP = 8
_MANY_GROUPS = 1_000


def suits(order: Sequence[Tensor]) -> bool:
    """Whether a graph is one of scalars, and large enough that levels pay.

    Whether it is wide enough, and its operations elementwise, `level_program` finds out.
    """
    return len(order) >= _FEWEST_NODES and are_scalars(order)


def level_program(
    loss: Tensor,
    wrt: Sequence[Tensor],
    inputs: Mapping[str, Tensor | Sequence[Any]] | None = None,
    order: list[Tensor] | None = None,
) -> Levels:
    """The recorded graph of ``loss`` as a function that computes it and its gradients again.

    Nodes of one operation on one level are computed together, as one array, by the operation's
    own rules. Leaves that are neither in ``wrt`` nor among the inputs keep the values they have
    now, and a choice that was made while recording (an `if`, a comparison) stays made.

    Parameters   wrt: leaves; their gradients are wanted, their data read at every call
                 inputs: leaves by name, one or a (nested) list of them: a call may give values
                 order: what `topological` gives for the loss, where that is known
    Raises       NotByLevels where the graph is not one of scalars of one dtype, is long and narrow,
                 was changed since, or holds an operation that is not elementwise on arrays
    Example      x²y at 2 and 3: the value 12, the gradients 2xy = 12 and x² = 4

    >>> from autograd_nn import Tensor
    >>> x, y = Tensor(2.0), Tensor(3.0)
    >>> levels = level_program(x * x * y, [x, y])
    >>> loss, gradients = levels()
    >>> float(loss), [float(g) for g in gradients]
    (12.0, [12.0, 4.0])
    >>> x.data = 1.0
    >>> [float(g) for g in levels()[1]]
    [6.0, 1.0]
    """
    named = {name: _Input(leaves) for name, leaves in (inputs or {}).items()}
    leaves = [*wrt, *(leaf for x in named.values() for leaf in x.leaves)]
    if order is None:
        order = topological(loss)
    if any(leaf.operation is not None for leaf in leaves) or not are_scalars([*order, *leaves]):
        raise NotByLevels
    _check_unchanged(order)
    leveling = leveled(order, reached_from(loss, order, wrt))
    groups = len(leveling.groups)
    if groups > _MANY_GROUPS and len(order) < _NODES_PER_GROUP * groups:
        raise NotByLevels  # too narrow
    return Levels(leveling, list(wrt), named)


@final
class Levels:
    """A graph of scalars that is computed level by level; made by `level_program`.

    A call takes values for the named inputs (those not given have their Tensors' present data) and
    returns the loss and a list with the gradient of each Tensor in ``wrt``, None where the loss
    does not reach it. NumPy's warnings come as for arrays: one for a whole group. The buffers are
    those of the object: two threads need one each.
    """

    def __init__(self, leveling: Leveling, wrt: list[Tensor], inputs: dict[str, _Input]) -> None:
        self._wrt = list(dict.fromkeys(wrt))
        self._inputs = inputs
        leaves = dict.fromkeys([*wrt, *(leaf for x in inputs.values() for leaf in x.leaves)])
        placing = Slots(leveling, list(leaves))
        self._values, self._received = placing.values, placing.received
        self.dtype = placing.values.dtype
        self.nodes = len(leveling.order)
        self._places = {
            name: np.array([placing.leaves[leaf] for leaf in x.leaves], np.intp)
            for name, x in inputs.items()
        }
        self._steps = _steps(leveling, placing)
        self._backward = [step for step in reversed(self._steps) if step.goes_back]
        # The leaves that are not reached receive nothing, and the sums know no empty runs.
        reached = [leaf for leaf in self._wrt if leaf in leveling.reached]
        self._found = np.empty(len(reached), self.dtype)
        self._last = placing.gathering_leaves(reached, self._found)
        picks = {leaf: pick for pick, leaf in enumerate(reached)}
        self._picks = [picks.get(leaf) for leaf in wrt]

    def __call__(self, **values: Any) -> tuple[Any, list[Any]]:
        now = self._values
        now[: len(self._wrt)] = [leaf._data for leaf in self._wrt]
        if self._inputs or values:
            present = {name: x.present() for name, x in self._inputs.items()}
            for name, given in fitting_inputs(present, values).items():
                now[self._places[name]] = given.reshape(-1)
        for step in self._steps:
            step.forward()
        for step in self._backward:
            step.backward()
        for call in self._last:
            call()
        found = list(self._found)
        return now[-1], [None if pick is None else found[pick] for pick in self._picks]

    @property
    def groups(self) -> int:
        """How many groups of nodes are computed together."""
        return len(self._steps)

    @property
    def source(self) -> str:
        """What is replayed, in words: one line for each group, forward and backward."""
        megabytes = (self._values.nbytes + self._received.nbytes) / 2**20
        head = (
            f"{self.nodes:,} nodes of {self.dtype} in {self.groups:,} groups, "
            f"{megabytes:.1f} MiB of values and gradients"
        )
        forward = [f"  {step.title}" for step in self._steps]
        backward = [f"  {step.title}{step.receivers()}" for step in self._backward]
        return "\n".join([head, "forward", *forward, "backward", *backward])

    def __repr__(self) -> str:
        return f"<Levels: {self.nodes:,} nodes in {self.groups:,} groups>"


class _Input:
    """A named input: its leaves from left to right, and the shape in which values are given."""

    __slots__ = ("leaves", "shape")

    def __init__(self, given: Any) -> None:
        self.leaves, outline = flatten(given)
        try:
            self.shape = np.shape(outline)
        except ValueError:  # rows of different lengths
            raise NotByLevels from None
        if any(type(leaf) is not Tensor for leaf in self.leaves):
            raise NotByLevels

    def present(self) -> Any:
        """The data of the leaves."""
        return np.array([leaf._data for leaf in self.leaves]).reshape(self.shape)


def _check_unchanged(order: list[Tensor]) -> None:
    """The groups are checked by the recorded values, so these have to be those of the leaves."""
    newest = max(node._clock for node in order if node.operation is None)
    if newest <= min(node._clock for node in order if node.operation is not None):
        return
    for node in order:
        for x in node.inputs:
            if type(x) is Tensor and x.operation is None and changed_since(x, node):
                raise NotByLevels


def _steps(leveling: Leveling, placing: Slots) -> list[LevelStep]:
    with np.errstate(all="ignore"):  # what a check warns of was told while recording
        return [
            (SumStep if group.operation is add else OperationStep)(placing, index, group)
            for index, group in enumerate(leveling.groups)
        ]
