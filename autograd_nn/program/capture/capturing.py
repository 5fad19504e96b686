"""The calls of a compiled function: run as they are written at first, then replayed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.engine.errors import StateError
from autograd_nn.engine.graph import topological
from autograd_nn.engine.recording import switched, value_needed
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program.capture.bindings import Binding, are_same, bindings
from autograd_nn.program.capture.captured import Captured, RecordedCall, disagreement, quiet
from autograd_nn.program.capture.differentiable import Differentiable
from autograd_nn.program.capture.recorder import Recorder, Refused
from autograd_nn.program.capture.signatures import plain
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
        self.recorder = Recorder(disagreement, self._captured, few)
        self._bindings: dict[Any, list[Binding]] = {}
        self._times_rebound: dict[Any, int] = {}

    def run(
        self, kind: Any, args: tuple[Any, ...], keywords: dict[str, Any], inputs: list[Any]
    ) -> Any:
        """One call as it is written, which is recorded besides where that is of use.

        Raises       StateError where a program cannot repeat what is computed
        """
        run, failure = None, None
        known = self._bindings.get(kind)
        if known is not None and not are_same(known):
            self._rebound(kind)
        if self.recorder.wants(kind):
            try:
                run = RecordedCall(self._f, args, keywords)
            except Refused as error:
                failure = str(error)
            except Exception as error:
                failure = f"{type(error).__name__}: {error}"
            else:
                self._add(kind, run)
        takes_tensors = any(type(x) is Tensor for x in inputs)
        if run is not None and not takes_tensors:
            returned = run.results.assembled(run.outputs)
        else:
            with switched(value_needed):  # its own error is raised here, where it is one
                returned = self._f(*args, **keywords)
            if failure is not None:
                self.recorder.refuse(kind, failure)
        if takes_tensors:
            return returned
        return _plain(returned)

    def as_written(self, args: tuple[Any, ...], keywords: dict[str, Any], inputs: list[Any]) -> Any:
        """One call with Tensors in place of arrays, so that each operation can be looked at."""
        if any(type(x) is Tensor for x in inputs):
            with switched(value_needed):
                return self._f(*args, **keywords)
        try:
            run = RecordedCall(self._f, args, keywords)
        except Refused:
            return _plain(self._f(*args, **keywords))
        return _plain(run.results.assembled(run.outputs))

    def _add(self, kind: Any, run: RecordedCall) -> None:
        run.bindings = self._bindings[kind] = bindings(self._f, run.args)
        refusal = self.recorder.add(kind, run)
        if refusal is not None and refusal.differs:
            self.recorder.refusals.pop(kind, None)  # it stays an error
            raise StateError(
                f"@compiled is said of {self._name}, but a program cannot repeat what is computed. "
                f"{refusal.reason} Without @compiled it runs as it is written."
            )

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

    def _captured(self, run: RecordedCall) -> Capture:
        return Capture(self._name, run)


def _plain(returned: Any) -> Any:
    values, outline = flatten(returned)
    return rebuild(outline, [own(x._data if type(x) is Tensor else x) for x in values])


class Capture:
    """The program of one signature.

    Parameters   run: the second call, which agrees with the first
    Raises       Refused where a run on other numbers, or the program, gives something else
    """

    def __init__(self, name: str, run: RecordedCall) -> None:
        third = run.nearby()
        reason = _unlike_written(run) or disagreement(run, third)
        if reason is not None:
            raise Refused(reason, differs=True)
        if suits(third.root):
            raise Refused(
                "It computes with very many single numbers, of which a program would be too long. "
                "Compute with arrays; loss.program(wrt) replays such a loss by levels."
            )
        self._captured = Captured(name, third, run)
        planned = self._planned = Planned(self._captured)
        given = third.inputs
        names = list(given)
        self._conversions = [_conversion(x) for x in given.values()]
        self._places = [names.index(name) for name in planned.arguments]
        # Arrays that a program takes as they are given, which need no conversion.
        self._as_given = planned.arguments == names and all(x.ndim for x in given.values())
        found = planned.outputs(self._arguments(run.originals))
        if _unlike(found, run):
            raise Refused("The program that was made of it gives other numbers than the function.")
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


def _unlike_written(run: RecordedCall) -> str | None:
    """Whether the function does something else with arrays than with Tensors."""
    if any(type(x) is Tensor for x in run.originals):
        return None
    values, outline = flatten([list(run.args), run.keywords])
    copies = [x.copy() if isinstance(x, _array) else x for x in values]
    args, keywords = rebuild(outline, copies)
    try:
        with quiet():
            values, outline = flatten(run.f(*args, **keywords))
    except Exception:  # it is written for Tensors
        return None
    if outline != run.results.outline:
        return "It returns another structure for arrays than for Tensors."
    found = [values[place] for place in run.results.computed]
    if _unlike([x._data if type(x) is Tensor else x for x in found], run):
        return "It computes something else from arrays than from Tensors."
    return None


def _unlike(found: list[Any], run: RecordedCall) -> bool:
    """Whether these are other results than those of the run, beyond rounding."""
    # What is float64 at the end may have been float32 on the way.
    dtypes = {x.dtype for x in topological(run.root) if type(x._data) is not tuple}
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
            return True
    return False
