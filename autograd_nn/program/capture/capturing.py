"""One signature of a compiled function: run as it is written at first, then replayed."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.engine.graph import topological
from autograd_nn.engine.recording import recorded, recording, switched, value_needed
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor, new_leaf
from autograd_nn.engine.transforms import argument
from autograd_nn.program.capture.captured import Captured, RecordedCall, disagreement, nearby
from autograd_nn.program.capture.differentiable import Differentiable
from autograd_nn.program.capture.signatures import is_input, names_of, number_dtype, plain
from autograd_nn.program.planned import Planned
from autograd_nn.program.program import Program
from autograd_nn.program.scalars.levels import suits
from autograd_nn.program.values import own

_array = np.ndarray


class Capture:
    """What is known of one signature.

    ``program`` is there from the third call on, or ``reason`` says why there is none.
    """

    def __init__(self, f: Callable[..., Any], name: str) -> None:
        self._f = f
        self._name = name
        self._first: RecordedCall | None = None
        self.program: Program | None = None
        self.reason: str | None = None

    # ------------------------------------------------------------------ as it is written

    def run(self, args: tuple[Any, ...], keywords: dict[str, Any], inputs: list[Any]) -> Any:
        """One call that is no replay. It is observed until there is a reason why not to."""
        run, failure = None, None
        if self.reason is None:
            try:
                run = self._observed(args, keywords, self._on_the_graph(inputs))
                failure = _number_among_others(run, inputs)
            except Exception as error:
                failure = f"{type(error).__name__}: {error}"
        if run is None or failure is not None:
            # Its own error is raised here, where it is an error of its own.
            with switched(value_needed):
                returned = self._f(*args, **keywords)
            self.reason = self.reason or failure
            return _settled(returned, inputs, None)
        first, self._first = self._first, run
        if first is None:
            self.reason = disagreement(run, run)
        else:
            self._make(args, keywords, inputs, first, run)
        if self.program is not None or self.reason is not None:
            self._first = None
        return _settled(run.results.assembled(run.results.outputs), inputs, _fresh(run))

    def _observed(
        self, args: tuple[Any, ...], keywords: dict[str, Any], replacements: list[Any]
    ) -> RecordedCall:
        values, outline = flatten([list(args), keywords])
        names = names_of(self._f, args, keywords)
        places = [place for place, value in enumerate(values) if is_input(value)]
        given = {names[place]: x for place, x in zip(places, replacements, strict=True)}

        def call() -> Any:
            for place, x in zip(places, replacements, strict=True):
                values[place] = x
            called, named = rebuild(outline, values)
            return self._f(*called, **named)

        return RecordedCall(given, call)

    def _on_the_graph(self, inputs: list[Any]) -> list[Any]:
        """What takes the place of the inputs: nodes of their own on the Tensors of the caller."""
        found = self._apart(inputs)
        with recorded():
            for place, x in enumerate(inputs):
                if type(x) is Tensor and x._requires_grad and type(found[place]) is Tensor:
                    found[place] = argument(x)
        return found

    def _apart(self, inputs: list[Any], change: Callable[[Any], Any] = np.array) -> list[Any]:
        """Tensors that lead to nothing else."""
        number = number_dtype(inputs)
        found: list[Any] = []
        for x in inputs:
            data = number.type(x) if type(x) is float else plain(x)
            is_float = data.dtype.kind == "f"
            found.append(Tensor(change(data) if is_float else data, is_float))
        return found

    # ------------------------------------------------------------------ the program

    def _make(
        self,
        args: tuple[Any, ...],
        keywords: dict[str, Any],
        inputs: list[Any],
        first: RecordedCall,
        second: RecordedCall,
    ) -> None:
        """The program, where two calls and a third run on other numbers are one computation."""
        self.reason = disagreement(first, second) or self._unlike_written(args, keywords, second)
        if self.reason is not None:
            return
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                third = self._observed(args, keywords, self._apart(inputs, nearby))
            self.reason = disagreement(second, third)
            if self.reason is None and third.root is not None and suits(third.root):
                self.reason = (
                    "It computes with very many single numbers, of which a program would be too "
                    "long. Compute with arrays; loss.program(wrt) replays such a loss by levels."
                )
            if self.reason is not None:
                return
            self._captured = Captured(self._name, third, second)
            planned = self._planned = Planned(self._captured)
            given = third.given
            names = list(given)
            self._conversions = [_conversion(x) for x in given.values()]
            self._places = [names.index(name) for name in planned.arguments]
            # Arrays that a program takes as they are given, which need no conversion.
            self._as_given = planned.arguments == names and all(x.ndim for x in given.values())
            found = planned.outputs(self._arguments(inputs))
            self.reason = _unlike(found, second)
        except Exception as error:
            self.reason = f"{type(error).__name__}: {error}"
        if self.reason is None:
            self._differentiable = Differentiable(self._f, self._captured, planned, args, keywords)
            self.program = Program.of(self._captured, planned)

    def _unlike_written(
        self, args: tuple[Any, ...], keywords: dict[str, Any], run: RecordedCall
    ) -> str | None:
        """Whether the function does something else with arrays than with Tensors."""
        values, outline = flatten([list(args), keywords])
        if any(type(x) is Tensor for x in values):
            return None
        copies = [x.copy() if isinstance(x, _array) else x for x in values]
        called, named = rebuild(outline, copies)
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                returned, shape = flatten(self._f(*called, **named))
        except Exception:  # it is written for Tensors
            return None
        if shape != run.results.outline:
            return "It returns another structure for arrays than for Tensors."
        found = [returned[place] for place in run.results.computed]
        found = [x._data if type(x) is Tensor else x for x in found]
        unlike = _unlike(found, run)
        return unlike and "It computes something else from arrays than from Tensors."

    def _arguments(self, inputs: list[Any]) -> list[Any]:
        return [
            x if type(x := inputs[place]) is _array and x.ndim else self._conversions[place](x)
            for place in self._places
        ]

    def replayed(self, inputs: list[Any], only_arrays: bool) -> Any:
        """One call of the program."""
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
    seen = [x for x in (*run.given.values(), *run.recording.steps) if type(x) is Tensor]
    seen += run.operands("held", "constant")
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
