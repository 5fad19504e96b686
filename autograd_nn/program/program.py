"""Program: what was recorded, as plain NumPy that is read, kept and run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.engine.graph import topological
from autograd_nn.engine.reverse import as_seed, check_output
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor, described
from autograd_nn.program.inputs import (
    LabelCheck,
    check_complete,
    check_found,
    fitting_inputs,
    named_inputs,
    not_by_name,
    settings_of,
)
from autograd_nn.program.lock import Turn
from autograd_nn.program.refusals import Unreached

# The rest is imported by what needs it: together it would double the time of importing the library.
if TYPE_CHECKING:
    from autograd_nn.program.capture.captured import Captured
    from autograd_nn.program.plain import Plain
    from autograd_nn.program.planning.planner import Plan
    from autograd_nn.program.reporting import Report
    from autograd_nn.program.scalars.levels import Levels

_array = np.ndarray


class Program:
    """A recorded graph as a program: the loss, its gradients, and the step of an optimizer.

    Made by ``loss.program(wrt)``. A call computes anew from the present data of the parameters:
    ``program()`` gives ``(loss, gradients)``, or with an optimizer moves the parameters and gives
    the loss. ``program(x=…)`` takes other data in place of a named input, of the same shape.

    ``f.program`` of a compiled function takes all inputs by name and gives what the function gives.

    ``source`` is the NumPy text that a call runs. ``plain`` is the same program as it was recorded,
    a line for each operation: slower, for reading, and equal to the recording bit for bit.

    Example      w² at 3 is 9, its gradient 2w is 6

    >>> from autograd_nn import Tensor
    >>> w = Tensor(3.0, name="w")
    >>> program = (w * w).program(w)
    >>> print(*program())
    9.0 6.0
    >>> "loss = w_2 * w_2" in program.plain.source
    True
    """

    def __init__(
        self,
        loss: Tensor,
        wrt: Any,
        optimizer: Any = None,
        inputs: Any = None,
        *,
        function: Captured | None = None,
    ) -> None:
        check_output(loss)
        as_seed(loss, None)  # a gradient starts from one number
        wanted, self._outline = flatten(wrt)
        for tensor in wanted:
            _check_wanted(tensor)
        _check_optimizer(optimizer)
        self._loss = loss
        self._wanted = wanted
        self._optimizer = optimizer
        self._function = function
        self._turn = Turn()
        self._plain: Plain | None = None
        self._given = inputs
        self._levels = self._leveled(inputs) if function is None else None
        if self._levels is None:
            self._inputs = named_inputs(inputs)
            if function is None:
                check_found(self._inputs, loss)
            self._labels = LabelCheck(loss, self._inputs)
            self._plan: Plan = self._planned(_moved(loss, wanted, self._inputs))

    def _leveled(self, inputs: Any) -> Levels | None:
        """The way of large graphs of scalars; None where it is not one."""
        from autograd_nn.program.scalars.levels import level_program, suits

        if not suits(self._loss):
            return None
        try:
            return level_program(self._loss, self._wanted, inputs)
        except StateError:  # long and narrow, or of operations that take numbers only
            return None

    def _planned(self, parameters: list[Tensor]) -> Plan:
        optimizer = self._optimizer
        moved = set(parameters)  # a list would compare Tensors element by element
        if optimizer is not None and (left := [t for t in self._wanted if t not in moved]):
            raise _cannot_move(left, self._loss)
        from autograd_nn.program.memory import Memory
        from autograd_nn.program.planning.planner import plan

        memory = Memory(parameters, optimizer)
        wrt = list(dict.fromkeys(self._wanted))
        try:
            if self._function is not None:
                return self._function.planned()
            return plan(self._loss, wrt, self._inputs, memory)
        except Unreached as error:
            return self._planned([t for t in parameters if t in moved.difference(error.tensors)])

    # ------------------------------------------------------------------ reading it

    @property
    def source(self) -> str:
        """The text of the program, that which a call runs.

        For a large graph of scalars, which is computed level by level, what each level does.
        """
        if self._levels is not None:
            return self._levels.source
        return self._plan.written.text

    @property
    def plain(self) -> Plain:
        """The same program as it was recorded, without passes: a line for each operation."""
        if self._plain is None:
            if self._levels is not None:
                self._inputs = named_inputs(self._given)
            from autograd_nn.program.plain import Plain

            self._plain = Plain(
                self._loss,
                self._wanted,
                self._outline,
                self._optimizer,
                self._inputs,
                self._function,
            )
        return self._plain

    def report(self) -> Report:
        """What the planner did, pass by pass, and what a step costs; printed as a table."""
        if self._levels is not None:
            raise _by_levels("reported on", "repr(program)")
        from autograd_nn.program.reporting import reported

        return reported(self._plan)

    def draw(self, **options: Any) -> Any:
        """A picture of the graph that the program was made from; `viz.draw` has the options.

        Inputs bear the names by which a call gives them.
        """
        from autograd_nn.viz import draw  # a convenience that reaches upwards

        inputs = {} if self._levels is not None else self._inputs
        named = {name: x for name, x in inputs.items() if type(x) is Tensor}
        return draw(self._loss, **{"names": named, **options})

    def save(self, path: Any) -> None:
        """Write the program as a file of Python that needs NumPy only, path ending in ".py".

        ``python step.py`` runs it on the data that were recorded; ``from step import step`` takes
        it into another program. With an optimizer it starts from the present parameters, state and
        learning rate; the formula of a schedule is part of the file. Arrays of more than 16
        elements stand in an archive beside it, step.npz. What is easier to read, ``program.plain``,
        has the same method.

        Raises       ArgumentError, ArgumentTypeError where the file cannot be written, or the
                     archive would take the place of one that is something else
        """
        if self._levels is not None:
            raise _by_levels("saved", "program.plain.save(path)")
        made, written = self._plan, self._plan.written
        made.memory.take_in()
        given = dict(zip(written.arguments, made.arguments, strict=True))
        arrays = {v: array for v, array in given.items() if v.role != "temporary"}
        sample = fitting_inputs(self._inputs, {})
        arrays |= {v: sample[v.name] for v in written.inputs}
        gradients = ["all parameters, one after the other" for _ in made.memory.blocks]
        gradients += [tensor.name or described(tensor) for tensor in made.others]
        from autograd_nn.program.standalone import Content, save

        content = Content(
            written.text,
            written.names,
            written.arguments,
            written.inputs,
            written.settings,
            arrays,
            self._optimizer,
            None if self._function is None else self._function.name,
            gradients,
            planned=True,
        )
        save(path, content)

    def __repr__(self) -> str:
        if self._levels is not None:
            return f"<Program of {described(self._loss)}: {self._levels!r}>"
        names = ", ".join(self._inputs) or "no inputs"
        if self._function is not None:
            name = self._function.name
            return f"<Program of {name}, {self._plan.written.calls} calls; {names}>"
        return f"<Program of {described(self._loss)}, {self._plan.written.calls} calls; {names}>"

    # ------------------------------------------------------------------ running it

    def __call__(self, /, *unnamed: Any, **inputs: Any) -> Any:
        """The loss and the gradients, or with an optimizer one step of it and the loss before.

        Raises       ArgumentTypeError, ShapeError for data that are not those of the recording
                     but for their numbers; ArgumentError for a label that is no class
        """
        if unnamed:
            names = self._inputs if self._levels is None else self._levels.inputs
            raise not_by_name(len(unnamed), names)
        if self._levels is not None:
            return self._called_by_levels(self._levels, inputs)
        given = fitting_inputs(self._inputs, inputs)
        self._labels.check(given)
        if self._function is not None:
            check_complete(self._function.name, self._inputs, inputs)
            outputs = self.outputs([given[name] for name in self.arguments])
            return self._function.results.assembled(outputs)
        optimizer = self._optimizer
        with self._turn:
            if optimizer is not None:
                return own(self._plan.move(given, settings_of(optimizer)))
            loss, *results = self._plan.run(given, {})
            found = self._plan.gradients(results)
            return own(loss), rebuild(self._outline, [found.get(t) for t in self._wanted])

    @property
    def arguments(self) -> list[str]:
        """The inputs that are read, in the order in which ``outputs`` takes them."""
        return self._plan.names

    def outputs(self, arguments: Sequence[Any]) -> list[Any]:
        """The results of the program of a function, for inputs that fit."""
        turn = self._turn
        with turn.lock:  # as `with turn` does, in half of its time
            turn.begin()
            try:
                results = self._plan.run_on(arguments)
                return [x.copy() if type(x) is _array and x.ndim else own(x) for x in results]
            finally:
                turn.taken = False

    def _called_by_levels(self, levels: Levels, inputs: dict[str, Any]) -> Any:
        with self._turn:
            loss, gradients = levels(**inputs)
            if self._optimizer is None:
                return loss, rebuild(self._outline, gradients)
            self._optimizer.apply_gradients(zip(gradients, self._wanted, strict=True))
            return loss


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


def _moved(loss: Tensor, wanted: Sequence[Tensor], inputs: Mapping[str, Any]) -> list[Tensor]:
    """Of the wanted Tensors the leaves that the loss was computed from, and that are not given."""
    reached = set(topological(loss))
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


def own(value: Any) -> Any:
    """A result that no later call writes into: an array of its own, or a NumPy scalar."""
    if not isinstance(value, np.ndarray):
        return value
    return value.copy() if value.ndim else value[()]


def _by_levels(what: str, instead: str) -> StateError:
    return StateError(
        f"A large graph of scalars is computed level by level, which cannot be {what}: see "
        f"{instead}."
    )
