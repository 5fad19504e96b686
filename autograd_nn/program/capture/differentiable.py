"""The call of a program as one operation, so that gradients flow through it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograd_nn.engine.derivatives import gradients
from autograd_nn.engine.operation import Operation, part
from autograd_nn.engine.recording import current_scope, recorded
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor, new_leaf, new_node
from autograd_nn.engine.transforms.variables import argument
from autograd_nn.program.capture.recorded_call import RecordedCall, Results, weighted
from autograd_nn.program.capture.signatures import is_input
from autograd_nn.program.lock import Turn
from autograd_nn.program.planned import Planned
from autograd_nn.program.planning.planner import Plan
from autograd_nn.program.refusals import NotTraceable
from autograd_nn.program.tracing import Traced


class Differentiable:
    """The operation that a captured function is.

    Its inputs are those of the function, then the Tensors that it closes over. First derivatives
    are a program too; for higher ones the function runs as it is written.
    """

    def __init__(self, run: RecordedCall, captured: Any, planned: Planned) -> None:
        self._f = run.f
        self._captured = captured
        self._planned = planned
        given, self._outline = flatten([list(run.args), run.keywords])
        self._places = [place for place, value in enumerate(given) if is_input(value)]
        # Of what is no input the value belongs to the signature.
        self._others = [None if is_input(value) else value for value in given]
        self._names = list(captured.inputs)
        self._is_tensor = [type(output) is Tensor for output in captured.outputs]
        self._wants = [x._requires_grad for x in captured.outputs if type(x) is Tensor]
        self._plans: dict[Any, Plan] = {}
        self._turn = Turn()
        self.operation = Operation(
            captured.name, value=self.value, gradients=self.rule, batched=False
        )

    def recorded(self, outputs: list[Any], inputs: Sequence[Any]) -> list[Any]:
        """The outputs with Tensors in place of arrays, recorded where a gradient is wanted."""
        operands = (*inputs, *self._captured.held)
        around = current_scope.get()
        wants = around is not None and any(type(x) is Tensor and x._requires_grad for x in operands)
        data = list(itertools.compress(outputs, self._is_tensor))
        if not wants:
            made = [new_leaf(x) for x in data]
        else:
            wrt = tuple(
                name
                for name, x in zip(self._names, inputs, strict=True)
                if type(x) is Tensor and x._requires_grad
            )
            made = self._nodes(data, operands, wrt, around)
        tensors = iter(made)
        return [
            next(tensors) if is_tensor else output
            for is_tensor, output in zip(self._is_tensor, outputs, strict=True)
        ]

    def _nodes(
        self, data: list[Any], operands: tuple[Any, ...], wrt: tuple[str, ...], around: Any
    ) -> list[Tensor]:
        attributes = {"wrt": wrt}
        if len(data) == 1:
            wants = self._wants[0]
            return [new_node(self.operation, data[0], operands, attributes, around, wants)]
        packed = new_node(self.operation, tuple(data), operands, attributes, around)
        return [
            new_node(part, x, (packed,), {"index": place}, around, wants)
            for place, (x, wants) in enumerate(zip(data, self._wants, strict=True))
        ]

    # ------------------------------------------------------------------ as an operation

    def value(self, *operands: Any, wrt: tuple[str, ...] = ()) -> Any:
        """The results that are Tensors, from data."""
        _refuse_traced(operands)
        given = dict(zip(self._names, operands, strict=False))
        outputs = self._planned.outputs([given[name] for name in self._planned.arguments])
        found = tuple(itertools.compress(outputs, self._is_tensor))
        return found if len(found) > 1 else found[0]

    def rule(self, g: Any, out: Any, *operands: Any, wrt: tuple[str, ...]) -> list[Any]:
        """The gradient for each operand, None where none is wanted."""
        seeds = g if type(g) is tuple else (g,)
        _refuse_traced((*seeds, *operands))
        if any(type(x) is Tensor for x in operands):
            return self._recorded_gradients(seeds, operands, wrt)
        captured = self._captured
        held = tuple(tensor._requires_grad for tensor in captured.held)
        wanted = [captured.inputs[name] for name in wrt]
        wanted += itertools.compress(captured.held, held)
        with self._turn:
            plan = self._plans.get((wrt, held))
            if plan is None:
                plan = self._plans[wrt, held] = captured.differentiated(wanted)
            given = dict(zip(self._names, operands, strict=False)) | self._seeded(seeds)
            found = plan.gradients(plan.run(given)[1:])
        leaves = (*captured.inputs.values(), *captured.held)
        return [found.get(leaf) if type(leaf) is Tensor else None for leaf in leaves]

    def _seeded(self, seeds: Sequence[Any]) -> dict[str, Any]:
        """A seed for each output; those of which no gradient came are zero."""
        rest = iter(seeds)
        found = {}
        for (name, like), is_tensor in zip(
            self._captured.seeds.items(), self._is_tensor, strict=True
        ):
            seed = next(rest) if is_tensor else None
            found[name] = np.zeros_like(like._data)[()] if seed is None else seed
        return found

    # ------------------------------------------------------------------ higher derivatives

    def _recorded_gradients(
        self, seeds: Sequence[Any], operands: Sequence[Any], wrt: tuple[str, ...]
    ) -> list[Any]:
        """The same with recorded operations: the function runs as it is written."""
        number = len(self._names)
        called = [
            argument(x) if name in wrt else x
            for name, x in zip(self._names, operands[:number], strict=True)
        ]
        values = list(self._others)
        for place, x in zip(self._places, called, strict=True):
            values[place] = x
        args, keywords = rebuild(self._outline, values)
        wanted = [x for name, x in zip(self._names, called, strict=True) if name in wrt]
        held = [x for x in operands[number:] if x._requires_grad]
        with recorded(), _cut(wanted):
            outputs = [x for x in Results(self._f(*args, **keywords)).outputs if type(x) is Tensor]
            pairs = zip(seeds, outputs, strict=True)
            root = weighted(pair for pair in pairs if pair[0] is not None)
            leaves = [*wanted, *held]
            found = dict(zip(leaves, gradients(root, leaves, create_graph=True), strict=True))
        return [found.get(x) if type(x) is Tensor else None for x in (*called, *operands[number:])]


def _refuse_traced(operands: Sequence[Any]) -> None:
    """In a program of something around it, a program is called as a whole, with numbers."""
    if any(type(x) is Traced for x in operands):
        raise NotTraceable("This is a program already.")


@contextmanager
def _cut(nodes: Sequence[Tensor]) -> Iterator[None]:
    """Nodes that for the time being lead to nothing: what is differentiated by ends at them.

    The function may also close over what they were computed from, which counts by itself.
    """
    before = [(node.operation, node.inputs) for node in nodes]
    try:
        for node in nodes:
            node.operation, node.inputs = None, ()
        yield
    finally:
        for node, (operation, inputs) in zip(nodes, before, strict=True):
            node.operation, node.inputs = operation, inputs
