"""The calls of a compiled function: run as they are written at first, then replayed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.engine.errors import StateError
from autograd_nn.engine.graph import topological
from autograd_nn.engine.mutation import Leaf
from autograd_nn.engine.recording import recorded, recording, switched, value_needed
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor, new_leaf
from autograd_nn.engine.transforms import argument
from autograd_nn.program.capture.bindings import Binding, are_same, bindings
from autograd_nn.program.capture.captured import Captured, RecordedCall, disagreement, nearby
from autograd_nn.program.capture.differentiable import Differentiable
from autograd_nn.program.capture.recorder import Recorder, Refused
from autograd_nn.program.capture.signatures import is_input, names_of, number_dtype, plain
from autograd_nn.program.planned import Planned
from autograd_nn.program.program import Program
from autograd_nn.program.scalars.levels import suits
from autograd_nn.program.values import own

_array = np.ndarray

OFTEN = 4
"""A function whose names are bound anew more often than this is not replayed."""


class Captures:
    """The calls of a function that are no replay, and what is recorded of them."""

    def __init__(self, f: Callable[..., Any], name: str, few: int) -> None:
        self._f = f
        self._name = name
        self.recorder = Recorder(_disagreement, self._captured, few)
        self._bindings: dict[Any, list[Binding]] = {}
        self._times_rebound: dict[Any, int] = {}

    def run(
        self, kind: Any, args: tuple[Any, ...], keywords: dict[str, Any], inputs: list[Any]
    ) -> Any:
        """One call, which is recorded where that is of use.

        Raises       StateError where a program cannot repeat what is computed
        """
        recorder, run, failure = self.recorder, None, None
        known = self._bindings.get(kind)
        if known is not None and not are_same(known):
            self._rebound(kind)
        if recorder.wants(kind):
            try:
                run = _RecordedRun(self._f, args, keywords, inputs)
                failure = _number_among_others(run.call, inputs)
            except Exception as error:
                failure = f"{type(error).__name__}: {error}"
        if run is None or failure is not None:
            # Its own error is raised here, where it is an error of its own.
            with switched(value_needed):
                returned = self._f(*args, **keywords)
            if failure is not None:
                recorder.refuse(kind, failure)
            return _settled(returned, inputs, None)
        self._bindings[kind] = run.bindings
        refusal = recorder.add(kind, run)
        if refusal is not None and refusal.differs:
            recorder.refusals.pop(kind, None)  # it stays an error
            raise StateError(
                f"@compiled is said of {self._name}, but a program cannot repeat what is computed. "
                f"{refusal.reason} Without @compiled it runs as it is written."
            )
        results = run.call.results
        return _settled(results.assembled(results.outputs), inputs, _fresh(run.call))

    def _rebound(self, kind: Any) -> None:
        """A name means another array or Tensor than in the last recording: record anew."""
        del self._bindings[kind]
        self.recorder.start_again(kind)
        self._times_rebound[kind] = times = self._times_rebound.get(kind, 0) + 1
        if times > OFTEN:
            self.recorder.refuse(
                kind,
                "An array or Tensor that it takes from around it is another one from call to call. "
                "Give it as an argument, or change its data in place.",
            )

    def _captured(self, run: _RecordedRun) -> Capture:
        return Capture(self._name, run)


class _RecordedRun:
    """One call of a function as recorded, with what is needed to call it again."""

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        keywords: dict[str, Any],
        inputs: list[Any],
    ) -> None:
        self.f = f
        self.args, self.keywords, self.inputs = args, keywords, inputs
        self.call = self._observed(_on_the_graph(inputs))
        self.bindings = bindings(f, args)

    def nearby(self) -> RecordedCall:
        """The same call on slightly other numbers."""
        return self._observed(_apart(self.inputs, nearby))

    def _observed(self, replacements: list[Any]) -> RecordedCall:
        values, outline = flatten([list(self.args), self.keywords])
        names = names_of(self.f, self.args, self.keywords)
        places = [place for place, value in enumerate(values) if is_input(value)]
        given = {names[place]: x for place, x in zip(places, replacements, strict=True)}

        def call() -> Any:
            for place, x in zip(places, replacements, strict=True):
                values[place] = x
            called, named = rebuild(outline, values)
            return self.f(*called, **named)

        return RecordedCall(given, call)

    def unlike_written(self) -> str | None:
        """Whether the function does something else with arrays than with Tensors."""
        values, outline = flatten([list(self.args), self.keywords])
        if any(type(x) is Tensor for x in values):
            return None
        copies = [x.copy() if isinstance(x, _array) else x for x in values]
        called, named = rebuild(outline, copies)
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                returned, shape = flatten(self.f(*called, **named))
        except Exception:  # it is written for Tensors
            return None
        if shape != self.call.results.outline:
            return "It returns another structure for arrays than for Tensors."
        found = [returned[place] for place in self.call.results.computed]
        found = [x._data if type(x) is Tensor else x for x in found]
        unlike = _unlike(found, self.call)
        return unlike and "It computes something else from arrays than from Tensors."


def _disagreement(first: _RecordedRun, second: _RecordedRun) -> str | None:
    if first.call.recording is None:
        raise Refused("What it returns holds no Tensor and no array.")
    if first.call.draws:
        # A gradient would be that of other numbers than those that the result was computed with.
        raise Refused("Numbers are drawn at random in it.")
    if first.call.looks.assignments:
        raise Refused("It assigns to weights.")
    reason = disagreement(first.call, second.call)
    if reason is None and first is not second:
        reason = second.unlike_written()
    return reason


def _on_the_graph(inputs: list[Any]) -> list[Any]:
    """What takes the place of the inputs: nodes of their own on the Tensors of the caller."""
    found = _apart(inputs)
    with recorded():
        for place, x in enumerate(inputs):
            if type(x) is Tensor and x._requires_grad and type(found[place]) is Tensor:
                found[place] = argument(x)
    return found


def _apart(inputs: list[Any], change: Callable[[Any], Any] = np.array) -> list[Any]:
    """Tensors that lead to nothing else."""
    number = number_dtype(inputs)
    found: list[Any] = []
    for x in inputs:
        data = number.type(x) if type(x) is float else plain(x)
        is_float = data.dtype.kind == "f"
        found.append(Tensor(change(data) if is_float else data, is_float))
        found[-1]._leaf = Leaf(source=x)  # in whose place it is
    return found


class Capture:
    """The program of one signature.

    Parameters   run: the second call, which agrees with the first
    Raises       Refused where a run on other numbers, or the program, gives something else
    """

    def __init__(self, name: str, run: _RecordedRun) -> None:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            third = run.nearby()
        if (reason := disagreement(run.call, third)) is not None:
            raise Refused(reason, differs=True)
        if third.root is not None and suits(third.root):
            raise Refused(
                "It computes with very many single numbers, of which a program would be too long. "
                "Compute with arrays; loss.program(wrt) replays such a loss by levels."
            )
        self._captured = Captured(name, third, run.call)
        planned = self._planned = Planned(self._captured)
        given = third.given
        names = list(given)
        self._conversions = [_conversion(x) for x in given.values()]
        self._places = [names.index(name) for name in planned.arguments]
        # Arrays that a program takes as they are given, which need no conversion.
        self._as_given = planned.arguments == names and all(x.ndim for x in given.values())
        if (reason := _unlike(planned.outputs(self._arguments(run.inputs)), run.call)) is not None:
            raise Refused(reason)
        self._differentiable = Differentiable(
            run.f, self._captured, planned, run.args, run.keywords
        )
        self.program = Program.of(self._captured, planned)
        self.nbytes = planned.plan.written.nbytes
        self.bindings = run.bindings
        self._has_labels = self._captured.has_labels

    def _arguments(self, inputs: list[Any]) -> list[Any]:
        return [
            x if type(x := inputs[place]) is _array and x.ndim else self._conversions[place](x)
            for place in self._places
        ]

    def replayed(self, inputs: list[Any], only_arrays: bool) -> Any:
        """One call of the program."""
        if self._has_labels:
            self._captured.check_labels(inputs)
        if only_arrays and self._as_given:
            return self._captured.results.assembled(self._planned.outputs(inputs))
        outputs = self._planned.outputs(self._arguments(inputs))
        if any(type(x) is Tensor for x in inputs):
            operands = [
                x if type(x) is Tensor else convert(x)
                for x, convert in zip(inputs, self._conversions, strict=True)
            ]
            outputs = self._differentiable.recorded(outputs, operands)
        return self._captured.results.assembled(outputs)


# ---------------------------------------------------------------------- what goes in and out


def _conversion(like: Any) -> Callable[[Any], Any]:
    """From an input to what the program takes."""
    if type(like) is not Tensor:
        return lambda x: x._data if type(x) is Tensor else np.asarray(x)
    if type(like._data) is _array:
        return lambda x: x if type(x) is _array else plain(x)
    kind = type(like._data)
    return lambda x: kind(x._data if type(x) is Tensor else x)


def _settled(returned: Any, inputs: list[Any], fresh: frozenset[Tensor] | None) -> Any:
    """What a run gives to the caller: arrays for arrays, Tensors where one was given."""
    values, outline = flatten(returned)
    if not any(type(x) is Tensor for x in inputs):
        values = [own(x._data) if type(x) is Tensor else own(x) for x in values]
    elif fresh is not None:
        keep = recording()
        values = [
            new_leaf(own(x._data))
            if type(x) is Tensor and not (keep and _leads_out(x, fresh))
            else x
            for x in values
        ]
    return rebuild(outline, values)


def _fresh(run: RecordedCall) -> frozenset[Tensor]:
    """The leaves that the caller knows nothing of."""
    return frozenset(x for x in run.given.values() if type(x) is Tensor and x.operation is None)


def _leads_out(result: Tensor, fresh: frozenset[Tensor]) -> bool:
    """Whether a gradient of the result reaches a Tensor of somebody else."""
    return any(
        x.operation is None and x._requires_grad and x not in fresh for x in topological(result)
    )


def _number_among_others(run: RecordedCall, inputs: list[Any]) -> str | None:
    """A Python float takes the dtype of what it meets, which an input of a program cannot."""
    if run.recording is None or not any(type(x) is float for x in inputs):
        return None
    mine = number_dtype(inputs)
    given = [x for x in run.given.values() if type(x) is Tensor]
    seen = [*given, *run.recording.steps, *run.recording.held]
    found = {x.dtype for x in seen if hasattr(x, "dtype") and x.dtype.kind == "f"}
    if found <= {mine}:
        return None
    others = ", ".join(sorted(str(dtype) for dtype in found))
    return (
        f"A Python float was given where {others} are computed with, and its dtype would depend on "
        "what it meets. Give np.float32(x), or an array."
    )


def _unlike(found: list[Any], run: RecordedCall) -> str | None:
    """Whether the program gives other results than the run it was made from."""
    # What is float64 at the end may have been float32 on the way.
    dtypes = {x.dtype for x in topological(run.root) if type(x._data) is not tuple}  # type: ignore[arg-type]
    eps = max((np.finfo(dtype).eps for dtype in dtypes if dtype.kind == "f"), default=0.0)
    for ours, output in zip(found, run.results.outputs, strict=True):
        theirs = np.asarray(output._data if type(output) is Tensor else output)
        ours = np.asarray(ours)
        close = ours.shape == theirs.shape and ours.dtype == theirs.dtype
        if close and theirs.dtype.kind == "f":
            finite = theirs[np.isfinite(theirs)]
            near = float(np.sqrt(eps))
            scale = near * float(np.abs(finite).max()) if finite.size else 0.0
            close = np.allclose(ours, theirs, rtol=near, atol=scale, equal_nan=True)
        elif close:
            close = np.array_equal(ours, theirs)
        if not close:
            return "The program that was made of it gives other numbers than the function."
    return None
