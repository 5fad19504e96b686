"""What was recorded between inputs and outputs, as steps that refer to each other by number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.errors import ExportError
from autograd_nn.engine.mutation import made_by, source_of
from autograd_nn.engine.operation import Operation, part
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.tensor import Tensor
from autograd_nn.exporting.by_steps import BY_STEPS
from autograd_nn.program import Observer


class Given(NamedTuple):
    """An input of the model, by its place."""

    place: int


class Weight(NamedTuple):
    """A weight of the model, by its place."""

    place: int


class Result(NamedTuple):
    """What a step gives, by its place."""

    place: int


class RecordedStep(NamedTuple):
    """One operation applied.

    inputs     each a Given, a Weight, a Result, or a constant
    shape      of what it gives, as ``dtype``; None where that is several arrays
    scope      the layers around
    is_apart   no gradient flows back from it, as from what is detached
    """

    operation: Operation
    inputs: tuple[Any, ...]
    attributes: dict[str, Any]
    shape: Any
    dtype: Any
    scope: str
    is_apart: bool


class Stepwise:
    """The steps that lead to recorded Tensors.

    Parameters   given, weights: the Tensors that are inputs, and weights
                 assignments: the weights that were assigned to, each with what it got and when
                 knows: asked whether an operation with these inputs is a step; another one is
                 opened, which means that its value is recorded on Tensors, as the simpler
                 operations that it is made of
                 opens_own: whether operations of the user's own are opened too
    """

    def __init__(
        self,
        given: list[Tensor],
        weights: list[Tensor],
        assignments: list[tuple[Tensor, Tensor, int]],
        knows: Callable[[Operation, tuple[Any, ...]], bool],
        opens_own: bool,
    ) -> None:
        self.steps: list[RecordedStep] = []
        self._knows, self._opens_own = knows, opens_own
        self._assignments = assignments
        self._found: dict[Tensor, Any] = {x: Given(place) for place, x in enumerate(given)}
        self._found |= {x: Weight(place) for place, x in enumerate(weights)}
        # What is computed of constants alone, by the identity of its inputs, with these kept.
        self._aside: dict[int, tuple[Any, Any]] = {}

    def of(self, tensor: Any) -> Any:
        """Where the value of a Tensor comes from; a constant is itself."""
        if type(tensor) is not Tensor:
            return tensor
        waiting = [tensor]
        while waiting:
            node = waiting[-1]
            if node in self._found:
                waiting.pop()
                continue
            operands = (self._then(x, node) for x in _operands(node))
            missing = [x for x in operands if type(x) is Tensor and x not in self._found]
            if missing:
                waiting += reversed(missing)
                continue
            self._found[node] = self._entered(node)
        return self._found[tensor]

    def _entered(self, node: Tensor) -> Any:
        if node.operation is not None:
            return self._applied(node, node.operation, node.inputs, node.attributes or {})
        if (source := source_of(node)) is not None:
            return source
        computed = made_by(node)
        if computed is None:
            return node._data
        operation, inputs, attributes, index = computed
        if index is None:
            return self._applied(node, operation, inputs, attributes or {}, is_apart=True)
        if id(inputs) not in self._aside:
            several = self._applied(None, operation, inputs, attributes or {}, is_apart=True)
            self._aside[id(inputs)] = (several, inputs)
        return self._part(node, self._aside[id(inputs)][0], index)

    def _applied(
        self,
        node: Tensor | None,
        operation: Operation,
        inputs: tuple[Any, ...],
        attributes: dict[str, Any],
        is_apart: bool = False,
    ) -> Any:
        inputs = inputs if node is None else tuple(self._then(x, node) for x in inputs)
        places = tuple(self._found[x] if type(x) is Tensor else x for x in inputs)
        if operation is part:
            return self._part(node, places[0], attributes["index"])
        if not self._knows(operation, places):
            return self._opened(node, operation, inputs, attributes, is_apart)
        return self._added(node, operation, places, attributes, is_apart)

    def _then(self, x: Any, node: Tensor) -> Any:
        """What stood for an operand when a node was computed: for a weight what it had got."""
        for weight, value, time in reversed(self._assignments):
            if x is weight and node._clock >= time:
                return value
        return x

    def _part(self, node: Tensor | None, several: Any, index: int) -> Any:
        if type(several) is tuple:  # of an operation that was opened
            return several[index]
        return self._added(node, part, (several,), {"index": index})

    def _added(
        self,
        node: Tensor | None,
        operation: Operation,
        places: tuple[Any, ...],
        attributes: dict[str, Any],
        is_apart: bool = False,
    ) -> Result:
        data = None if node is None or type(node._data) is tuple else node._data
        shape, dtype = (None, None) if data is None else (np.shape(data), data.dtype)
        scope = "" if node is None else node.scope or ""
        is_apart = is_apart or not (operation is part or operation.has_rules)
        self.steps.append(
            RecordedStep(operation, places, attributes, shape, dtype, scope, is_apart)
        )
        return Result(len(self.steps) - 1)

    def _opened(
        self,
        node: Tensor | None,
        operation: Operation,
        inputs: tuple[Any, ...],
        attributes: dict[str, Any],
        is_apart: bool,
    ) -> Any:
        """The value of an operation, by the operations that it is made of."""
        where = named(operation, None if node is None else node.scope)
        if operation.is_own and not self._opens_own:
            raise ExportError(
                f"{where} is of your own and has gradient rules of its own, which cannot be "
                "translated. Compute it by operations of autograd_nn.ops, or write it anew there."
            )
        if not inputs:
            raise ExportError(f"{where} draws random numbers, which it does not there.")
        stand_ins = [Tensor(x._data, x._requires_grad) if type(x) is Tensor else x for x in inputs]
        for stand_in, x in zip(stand_ins, inputs, strict=True):
            if type(x) is Tensor:
                self._found[stand_in] = self._found[x]
        try:
            with recorded(), Observer() as observer, np.errstate(all="ignore"):
                function = BY_STEPS.get(operation, operation.value)
                value = function(*stand_ins, **attributes)
            results = value if type(value) is tuple else (value,)
        except Exception:  # anything may go wrong in a function that is for arrays
            results = (None,)
        if observer.notes or any(not _is_opened(x, operation) for x in results):
            raise ExportError(
                f"{where} has no counterpart there, and is not made of operations that have one."
            )
        start = len(self.steps)
        found = tuple(map(self.of, results))
        if is_apart or not operation.has_rules:
            self.steps[start:] = [step._replace(is_apart=True) for step in self.steps[start:]]
        return found if type(value) is tuple else found[0]


def _is_opened(x: Any, operation: Operation) -> bool:
    """Whether it was recorded, and as something else than the same operation."""
    if type(x) is not Tensor or x.operation is operation:
        return False
    return x.operation is not part or x.inputs[0].operation is not operation


def _operands(node: Tensor) -> tuple[Any, ...]:
    if node.operation is not None:
        return node.inputs
    computed = made_by(node) if source_of(node) is None else None
    return () if computed is None else computed[1]


def named(operation: Operation, scope: str | None) -> str:
    """An operation in words, with the layer that it is applied in."""
    where = f" in the layer {scope!r}" if scope else ""
    return f"The operation {operation.name!r}{where}"
