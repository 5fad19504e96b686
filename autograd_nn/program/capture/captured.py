"""A function run once under observation, and what a program of it is made from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_nn.engine.observing import observing
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program.capture.comparing import Recording, difference
from autograd_nn.program.inputs import LabelCheck, check_complete, fitting_inputs
from autograd_nn.program.memory import Memory
from autograd_nn.program.planning.planner import Plan, plan
from autograd_nn.program.planning.simplifying import without_dead_steps
from autograd_nn.program.reading import Reading, as_steps
from autograd_nn.program.values import Instructions, own

_array = np.ndarray


@dataclass
class Results:
    """What a function returned: taken apart, with the places of what was computed."""

    values: list[Any]
    outline: Any
    computed: list[int]

    @property
    def outputs(self) -> list[Any]:
        """The Tensors and arrays among the values."""
        return [self.values[place] for place in self.computed]

    def assembled(self, outputs: Sequence[Any]) -> Any:
        """The structure with other ``outputs``."""
        values = list(outputs)
        if len(values) < len(self.values):
            values = list(self.values)
            for place, output in zip(self.computed, outputs, strict=True):
                values[place] = output
        return rebuild(self.outline, values)


def results_of(returned: Any) -> Results:
    """Take apart what a function returned."""
    values, outline = flatten(returned)
    places = [i for i, x in enumerate(values) if type(x) is Tensor or type(x) is _array]
    return Results(values, outline, places)


class RecordedCall:
    """One run of a function, with every look at values noted.

    Parameters   given: by name what takes the place of the inputs, Tensors and arrays
                 call: runs the function on these
    """

    def __init__(self, given: dict[str, Any], call: Callable[[], Any]) -> None:
        self.given = given
        with recorded(), observing() as looks:
            self.results = results_of(call())
        self.looks = looks
        self.seeds: dict[str, Tensor] = {}
        for place, output in enumerate(self.results.outputs):
            dtype = output.dtype if output.dtype.kind == "f" else np.float64
            name = f"seed_{place}" if place else "seed"
            while name in given:
                name += "_"
            self.seeds[name] = Tensor(np.ones(output.shape, dtype), True)
        self.root = self._root()
        self.recording = (
            None if self.root is None else Recording(self.root, {**given, **self.seeds}, looks)
        )

    def _root(self) -> Tensor | None:
        """Σ seed · output: one Tensor that depends on all outputs, with their gradients."""
        root: Any = None
        with recorded(), np.errstate(all="ignore"):
            for seed, output in zip(self.seeds.values(), self.results.outputs, strict=True):
                term = seed * output
                term = term.sum() if term.ndim else term
                root = term if root is None else root + term
        return root

    @property
    def draws(self) -> bool:
        """Whether numbers are drawn at random."""
        assert self.recording is not None
        return any(
            isinstance(x, np.random.Generator)
            for step in self.recording.steps
            for x in (step.attributes or {}).values()
        )

    def held(self) -> list[Tensor]:
        """The Tensors that were neither given nor computed."""
        assert self.recording is not None
        return list(dict.fromkeys(x for x in self.recording.held if type(x) is Tensor))


def disagreement(first: RecordedCall, second: RecordedCall) -> str | None:
    """Why two runs are not one computation with other numbers; None where they are."""
    if first.recording is None or second.recording is None:
        return "What it returns holds no Tensor and no array."
    if first.looks.effects:
        return f"It does what a replay would leave out: {first.looks.effects[0]}."
    if first.looks.notes:
        return difference(first.recording, second.recording)
    one, other = first.results, second.results
    if one.outline != other.outline or one.computed != other.computed:
        return "What it returns has another structure from call to call."
    for place, (a, b) in enumerate(zip(one.values, other.values, strict=True)):
        if place not in one.computed and not (type(a) is type(b) and (a is b or a == b)):
            return f"It returns {b!r} where it returned {a!r} before."
    return difference(first.recording, second.recording)


class Captured:
    """A function as recorded by ``run``, of which ``other`` is a run that agrees.

    What a program is made of, as `RecordedLoss` is.
    """

    optimizer = None
    wanted: tuple[Tensor, ...] = ()

    def __init__(self, name: str, run: RecordedCall, other: RecordedCall) -> None:
        assert run.root is not None
        self.name = self.function = name
        self.results = run.results
        self.inputs = run.given
        self.seeds = run.seeds
        self.root = run.root
        self.assignments = run.looks.assignments
        before = {id(tensor) for tensor in other.held()}
        held = run.held()
        # Leaves that only one run has were made on the way.
        self.constants = [tensor for tensor in held if id(tensor) not in before]
        self.held = [tensor for tensor in held if id(tensor) in before]
        self._labels = LabelCheck(self.root, self.inputs)

    @property
    def outputs(self) -> list[Any]:
        """The Tensors and arrays that a call computes."""
        return self.results.outputs

    def given(self, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The data of a call, which gives all inputs by name."""
        found = fitting_inputs(self.inputs, inputs)
        self._labels.check(found)
        check_complete(self.name, self.inputs, inputs)
        return found

    @property
    def has_labels(self) -> bool:
        """Whether labels of classes are among the inputs."""
        return bool(self._labels.classes)

    def check_labels(self, inputs: Sequence[Any]) -> None:
        """Refuse labels that are no classes, among inputs in their order."""
        given = {
            name: x._data if type(x) is Tensor else np.asarray(x)
            for name, x in zip(self.inputs, inputs, strict=True)
        }
        self._labels.check(given)

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
            assignments=self.assignments,
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
        )

    def as_recorded(self) -> tuple[Reading, Instructions, list[Any]]:
        """The steps of the values without passes, and no gradients."""
        reading = Reading(
            self.root, self.inputs, constants=self.constants, assignments=self.assignments
        )
        first, *rest = self.outputs
        return reading, without_dead_steps(as_steps(reading, [], rest, first)), []


def nearby(data: Any) -> Any:
    """Slightly smaller numbers, each by its own factor: what was in a range stays in it."""
    factors = np.random.default_rng(0).uniform(0.0, 1.0, np.shape(data))
    with np.errstate(all="ignore"):
        moved = data * (1 - factors / 1000) + (np.asarray(data) == 0) * factors * 1e-6
    return moved.astype(data.dtype)
