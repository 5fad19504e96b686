"""The calls of a compiled function: recorded at first, then replayed by a program."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.errors import StateError
from autograd_nn.engine.graph import topological
from autograd_nn.engine.recording import switched, value_needed
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor, new_leaf
from autograd_nn.engine.unwinding import unwound
from autograd_nn.program.capture.bindings import (
    Binding,
    are_same,
    bindings,
    what_changed,
    without_counted,
)
from autograd_nn.program.capture.differentiable import Differentiable
from autograd_nn.program.capture.recorded_call import (
    RecordedCall,
    disagreement,
    unlike,
    unlike_values,
    unlike_written,
)
from autograd_nn.program.capture.recorder import OF_NUMBERS, Recorder, Refused
from autograd_nn.program.capture.signatures import plain
from autograd_nn.program.inputs import LabelCheck, check_complete, fitting_inputs
from autograd_nn.program.memory import Memory
from autograd_nn.program.planned import Planned
from autograd_nn.program.planning.planner import Plan, plan
from autograd_nn.program.planning.simplifying import without_dead_steps
from autograd_nn.program.program import Program
from autograd_nn.program.reading import Reading, as_steps
from autograd_nn.program.scalars.levels import suits
from autograd_nn.program.tracing import Forms
from autograd_nn.program.values import Instructions, own

_array = np.ndarray

MANY = 2000
"""Of more nodes that are single numbers no program is made, which would be as many lines."""

OFTEN = 4
"""A function whose names are bound anew more often than this is not replayed."""


class Captures:
    """The calls of a function that are no replay, and what is recorded of them."""

    def __init__(
        self, f: Callable[..., Any], name: str, few: int, compile_steps: Any = None
    ) -> None:
        self._f = f
        self._name = name
        self._compile_steps = compile_steps
        self.recorder = Recorder(disagreement, self._captured, few)
        self._bindings: dict[Any, list[Binding]] = {}
        self._times_rebound: dict[Any, int] = {}

    @unwound
    def run(
        self, kind: Any, args: tuple[Any, ...], keywords: dict[str, Any], inputs: list[Any]
    ) -> Any:
        """One call as it is written, which is recorded besides where that is of use.

        Raises       StateError where a program cannot repeat what is computed
        """
        run, failure = None, None
        known = self._bindings.get(kind)
        if known is not None and not are_same(known):
            self._rebound(kind, what_changed(known))
        if self.recorder.wants(kind):
            before = bindings(self._f, args)
            try:
                run = RecordedCall(self._f, args, keywords)
            except Refused as error:
                failure = error.reason
            except Exception as error:
                failure = f"{type(error).__name__}: {error}"
            else:
                run.bindings = without_counted(bindings(self._f, run.args), before)
                self._add(kind, run)
        takes_tensors = any(type(x) is Tensor for x in inputs)
        if run is not None and not takes_tensors:
            values, outline = run.results.values, run.results.outline
        else:
            with switched(value_needed):  # its own error is raised here, where it is one
                values, outline = flatten(self._f(*args, **keywords))
            if failure is not None:
                self.recorder.refuse(kind, failure)
            elif run is not None:
                how = "where it is recorded than as it is written"
                self._refuse_unlike(kind, run, unlike_values(run, values, outline, how))
        if not takes_tensors:
            values = [own(x._data if type(x) is Tensor else x) for x in values]
        elif run is not None and outline == run.results.outline:
            # As a program gives it: of an array that was computed from arrays too.
            for place in run.results.computed:
                if type(values[place]) is not Tensor and type(run.results.values[place]) is Tensor:
                    values[place] = new_leaf(own(values[place]))
        return rebuild(outline, values)

    @unwound
    def as_written(self, args: tuple[Any, ...], keywords: dict[str, Any], inputs: list[Any]) -> Any:
        """One call with Tensors in place of arrays, so that each operation can be looked at."""
        with switched(value_needed):
            if any(type(x) is Tensor for x in inputs):
                return self._f(*args, **keywords)
            try:
                values = (results := RecordedCall(self._f, args, keywords).results).values
                outline = results.outline
            except Refused:
                values, outline = flatten(self._f(*args, **keywords))
        return rebuild(outline, [own(x._data if type(x) is Tensor else x) for x in values])

    def _add(self, kind: Any, run: RecordedCall) -> None:
        self._bindings[kind] = run.bindings
        refusal = self.recorder.add(kind, run)
        if refusal is not None and refusal.differs:
            self._refuse(kind, refusal.reason)
        if self.recorder.has_first(kind) and not any(type(x) is Tensor for x in run.originals):
            self._refuse_unlike(kind, run, unlike_written(run))

    def _refuse_unlike(self, kind: Any, run: RecordedCall, reason: str | None) -> None:
        """An error where the run is not what is written, or another one from call to call."""
        if reason is not None:
            self.recorder.start_again(kind)
            again = RecordedCall(run.f, run.args, run.keywords)
            self._refuse(kind, disagreement(run, again) or f"{reason} {OF_NUMBERS}")

    def _refuse(self, kind: Any, reason: str) -> None:
        self.recorder.refusals.pop(kind, None)  # it stays an error
        raise StateError(
            f"@compiled is said of {self._name}, but a program cannot repeat what is computed. "
            f"{reason} Without @compiled it runs as it is written."
        )

    def _rebound(self, kind: Any, what: str) -> None:
        """A name means another thing than in the last recording: record anew."""
        del self._bindings[kind]
        self.recorder.start_again(kind)
        self._times_rebound[kind] = times = self._times_rebound.get(kind, 0) + 1
        if times > OFTEN:
            self.recorder.refuse(
                kind,
                f"What it takes from around it is another thing from call to call: {what}. Give it "
                "as an argument, or where it is an array or a Tensor change its data in place.",
            )

    def _captured(self, run: RecordedCall) -> Captured:
        return Captured(self._name, run, self._compile_steps)


class Captured:
    """A function as it was recorded, and its program for one signature.

    What a program of any form is made of, as `RecordedLoss` is.

    Parameters   run: the second call, which agrees with the first
                 compile_steps: see `plan`
    Raises       Refused where a run on other numbers, or the program, gives something else
    """

    optimizer = None
    wanted: tuple[Tensor, ...] = ()

    def __init__(self, name: str, run: RecordedCall, compile_steps: Any = None) -> None:
        third = run.nearby()
        takes_tensors = any(type(x) is Tensor for x in run.originals)
        reason = None if takes_tensors else unlike_written(run)
        if reason is not None:
            raise Refused(f"{reason} {OF_NUMBERS}", differs=True)
        if (reason := disagreement(run, third)) is not None:
            raise Refused(reason, differs=True)
        nodes = topological(third.root)
        if compile_steps is None and len(nodes) > MANY and suits(nodes):
            raise Refused(
                "It computes with very many single numbers, of which a program would be too long. "
                "Compute with arrays; loss.program(wrt) replays such a loss by levels."
            )
        self.name = self.function = name
        self._compile_steps = compile_steps
        self.results = third.results
        self.outputs = third.results.outputs
        self.inputs = third.inputs
        self.seeds = third.seeds
        self.root = third.root
        before = set(run.held_tensors)
        # Leaves that only one run has were made on the way.
        self.constants = [tensor for tensor in third.held_tensors if tensor not in before]
        self.held = [tensor for tensor in third.held_tensors if tensor in before]
        self.is_as_bound = functools.partial(are_same, run.bindings)
        self._labels = LabelCheck(nodes, self.inputs)
        self._planned = Planned(self)
        names = list(self.inputs)
        self._kinds = [type(x._data) for x in self.inputs.values()]
        self._places = [names.index(name) for name in self._planned.arguments]
        # Arrays that a program takes as they are given, which need no conversion.
        self._as_given = self._places == list(range(len(names))) and set(self._kinds) <= {_array}
        if unlike(self._planned.outputs(self._arguments(run.originals)), run):
            raise Refused("The program that was made of it gives other numbers than the function.")
        self._differentiable = Differentiable(run, self, self._planned)
        self.program = Program.of(self, self._planned)
        self.nbytes = self._planned.plan.written.nbytes

    def replayed(self, inputs: list[Any], only_arrays: bool) -> Any:
        """One call of the program."""
        if self._labels.classes:
            self._labels.check(dict(zip(self.inputs, map(plain, inputs), strict=True)))
        if only_arrays and self._as_given:
            return self.results.assembled(self._planned.outputs(inputs))
        outputs = self._planned.outputs(self._arguments(inputs))
        if any(type(x) is Tensor for x in inputs):
            operands = [
                x if type(x) is Tensor else _converted(x, kind)
                for x, kind in zip(inputs, self._kinds, strict=True)
            ]
            outputs = self._differentiable.recorded(outputs, operands)
        return self.results.assembled(outputs)

    def _arguments(self, inputs: list[Any]) -> list[Any]:
        return [_converted(inputs[place], self._kinds[place]) for place in self._places]

    # ------------------------------------------------------------------ what a program is made of

    def given(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The data of a call, which gives all inputs by name."""
        found = fitting_inputs(self.inputs, inputs)
        self._labels.check(found)
        check_complete(self.name, self.inputs, inputs)
        return found

    def called(self, made: Plan, given: Mapping[str, Any]) -> Any:
        """What a call of the planned program gives."""
        return self.results.assembled([own(x) for x in made.run(given)])

    def returned(self, results: Any) -> Any:
        """What a call of the plain program gives, of what its text returns."""
        return self.results.assembled(results if isinstance(results, tuple) else (results,))

    def planned(self) -> Plan:
        """The program of the values."""
        first, *rest = self.outputs
        return plan(
            self.root,
            [],
            self.inputs,
            Memory([]),
            rest,
            f"One call of {self.name}.",
            loss=first,
            constants=self.constants,
            compile_steps=self._compile_steps,
        )

    def differentiated(self, wrt: list[Tensor]) -> Plan:
        """The program of the vector-Jacobian product: the gradients of Σ seed · output."""
        return plan(
            self.root,
            wrt,
            {**self.inputs, **self.seeds},
            Memory([]),
            (),
            f"The gradients of {self.name}.",
            loss=next(iter(self.seeds.values())),
            constants=self.constants,
            compile_steps=self._compile_steps,
        )

    def as_recorded(self, forms: Forms | None = None) -> tuple[Reading, Instructions, list[Any]]:
        """The steps of the values without passes, and no gradients."""
        reading = Reading(self.root, self.inputs, forms, constants=self.constants)
        first, *rest = self.outputs
        return reading, without_dead_steps(as_steps(reading, [], rest, first)), []


def _converted(x: Any, kind: type) -> Any:
    """An input as the program takes it."""
    if kind is _array:
        return x if type(x) is _array else plain(x)
    return kind(plain(x))
