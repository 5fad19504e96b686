"""A recorded loss as what a program is made of: what it computes, from what, and what it moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.graph import topological
from autograd_nn.engine.reverse import as_seed, check_output
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor, described
from autograd_nn.program.inputs import (
    LabelCheck,
    check_found,
    fitting_inputs,
    named_inputs,
)
from autograd_nn.program.memory import Memory
from autograd_nn.program.planning.planner import Plan, plan
from autograd_nn.program.reading import Assignments, Reading, as_steps
from autograd_nn.program.refusals import Unreached
from autograd_nn.program.tracing import Forms
from autograd_nn.program.values import Instructions, own


class RecordedLoss:
    """A loss and its gradients for ``wrt``, or with an optimizer a step of it.

    A program of any form asks this, or `Captured`, which is the same for a function.
    """

    function: str | None = None  # the name of the function that was recorded

    def __init__(
        self,
        loss: Tensor,
        wrt: Any,
        optimizer: Any,
        inputs: Any,
        assignments: Assignments = (),
    ) -> None:
        check_output(loss)
        as_seed(loss, None)  # a gradient starts from one number
        self.root = loss
        self.nodes = topological(loss)
        self.name = described(loss)
        self.wanted, self._outline = flatten(wrt)
        for tensor in self.wanted:
            _check_wanted(tensor)
        _check_optimizer(optimizer)
        self.optimizer = optimizer
        self._may_replace = inputs
        self._assignments = assignments

    @cached_property
    def inputs(self) -> dict[str, Any]:
        """By name the Tensors and arrays that a call may replace."""
        found = named_inputs(self._may_replace)
        check_found(found, self.nodes)
        return found

    @cached_property
    def _labels(self) -> LabelCheck:
        return LabelCheck(self.nodes, self.inputs)

    def given(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The data of all inputs for a call: those given, and those recorded."""
        found = fitting_inputs(self.inputs, inputs)
        self._labels.check(found)
        return found

    # ------------------------------------------------------------------ as a planned program

    def planned(self) -> Plan:
        """The fast program."""
        return self._planned(_moved(self.nodes, self.wanted, self.inputs))

    def _planned(self, parameters: list[Tensor]) -> Plan:
        moved = set(parameters)  # a list would compare Tensors element by element
        if self.optimizer is not None and (left := [t for t in self.wanted if t not in moved]):
            raise _cannot_move(left, self.root)
        memory = Memory(parameters, self.optimizer)
        wrt = list(dict.fromkeys(self.wanted))
        try:
            return plan(self.root, wrt, self.inputs, memory, assignments=self._assignments)
        except Unreached as error:
            return self._planned([t for t in parameters if t in moved.difference(error.tensors)])

    def called(self, made: Plan, given: Mapping[str, Any]) -> Any:
        """What a call of the planned program gives."""
        if self.optimizer is not None:
            return own(made.move(given))
        loss, *results = made.run(given)
        found = made.gradients(results)
        return own(loss), self.assembled([found.get(tensor) for tensor in self.wanted])

    # ------------------------------------------------------------------ as it was recorded

    def as_recorded(self, forms: Forms | None = None) -> tuple[Reading, Instructions, list[Any]]:
        """The steps without passes, and the gradients.

        Parameters   forms: see `Trace`
        """
        reading = Reading(self.root, self.inputs, forms, assignments=self._assignments)
        gradients = reading.differentiated(self.wanted)
        return reading, as_steps(reading, gradients), gradients

    def returned(self, results: Any) -> Any:
        """What a call of the plain program gives, of what its text returns."""
        if self.optimizer is not None:
            return results
        loss, gradients = results if self.wanted else (results, [])
        return loss, self.assembled(gradients)

    def assembled(self, gradients: Sequence[Any]) -> Any:
        """Gradients in the structure of ``wrt``."""
        return rebuild(self._outline, list(gradients))


def _check_wanted(tensor: Any) -> None:
    if type(tensor) is not Tensor:
        raise ArgumentTypeError(
            f"`wrt` must hold Tensors, such as model.trainable_weights, got {tensor!r}."
        )


def _check_optimizer(optimizer: Any) -> None:
    if optimizer is None or (hasattr(optimizer, "update") and hasattr(optimizer, "learning_rate")):
        if not isinstance(optimizer, type):
            return
        got = f"the class: write {optimizer.__name__}()"
    else:
        got = f"{optimizer!r:.60} of type {type(optimizer).__name__}"
    raise ArgumentTypeError(f"`optimizer` must be an optimizer, such as SGD(0.1), got {got}.")


def _moved(
    nodes: Sequence[Tensor], wanted: Sequence[Tensor], inputs: Mapping[str, Any]
) -> list[Tensor]:
    """Of the wanted Tensors the leaves that the loss was computed from, and that are not given."""
    reached = set(nodes)
    given = {id(item) for item in inputs.values()}
    return [
        tensor
        for tensor in dict.fromkeys(wanted)
        if tensor.operation is None
        and tensor._requires_grad
        and tensor in reached
        and id(tensor) not in given
    ]


def _cannot_move(tensors: Sequence[Tensor], loss: Tensor) -> ArgumentError:
    names = ", ".join(described(tensor) for tensor in tensors)
    return ArgumentError(
        f"An optimizer cannot move {names}: {described(loss)} does not depend on it, or it was "
        "computed, is an input, or wants no gradient. Give the leaves that the loss was computed "
        "from."
    )
