"""The planned form of a program: the fast one, that a call runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, final

import numpy as np

from autograd_nn.engine.errors import ArgumentError, AutogradError
from autograd_nn.engine.tensor import described
from autograd_nn.program.inputs import fitting_inputs
from autograd_nn.program.lock import Turn
from autograd_nn.program.source.expressions import PROGRAM
from autograd_nn.program.values import own

if TYPE_CHECKING:
    from autograd_nn.program.reporting import Report
    from autograd_nn.program.standalone import Content

_array = np.ndarray


@final
class Planned:
    """The planned form of what was recorded, a `RecordedLoss` or `Captured`."""

    def __init__(self, recorded: Any) -> None:
        self.inputs: Mapping[str, Any] = recorded.inputs
        self.plan = recorded.planned()
        self._recorded = recorded
        self._turn = Turn()

    @property
    def source(self) -> str:
        """The text that a call runs."""
        compiled = self.plan.compiled
        return str(self.plan.written.text if compiled is None else compiled.source)

    def __call__(self, inputs: Mapping[str, Any]) -> Any:
        """One call, with data in place of some inputs."""
        recorded, turn = self._recorded, self._turn
        given = recorded.given(inputs)
        with turn.lock:  # as `with turn` does, in half of its time
            turn.begin()
            try:
                return recorded.called(self.plan, given)
            except ValueError as error:
                raise self._located(error) from None
            finally:
                turn.taken = False

    def _located(self, error: ValueError) -> ValueError:
        """The error with the line of the program where it arose, which has the layer's name."""
        place = error.__traceback__
        while place is not None and place.tb_frame.f_code.co_filename != PROGRAM:
            place = place.tb_next
        if isinstance(error, AutogradError) or place is None:
            return error
        line = self.source.splitlines()[place.tb_lineno - 1].partition("  # ")[0].strip()
        return ArgumentError(f"{error}, in `{line}`, line {place.tb_lineno} of the program.")

    @property
    def arguments(self) -> list[str]:
        """The inputs that are read, in the order in which ``outputs`` takes them."""
        return self.plan.names

    def outputs(self, arguments: Sequence[Any]) -> list[Any]:
        """The results of the program of a function, for inputs that fit."""
        turn = self._turn
        with turn.lock:
            turn.begin()
            try:
                results = self.plan.run_on(arguments)
                if self.plan.compiled is not None:
                    return list(results)
                # Turned ones stay turned: copying them by rows takes three times as long.
                return [x.copy("K") if type(x) is _array and x.ndim else own(x) for x in results]
            finally:
                turn.taken = False

    def save(self, path: Any) -> None:
        """Write it as a file of Python."""
        from autograd_nn.program.standalone import save

        if self.plan.compiled is not None:
            self.plan.compiled.save(path, fitting_inputs(self.inputs, {}))
        else:
            save(path, self.content())

    def report(self) -> Report:
        """What the planner did."""
        from autograd_nn.program.reporting import reported

        return reported(self.plan)

    def content(self) -> Content:
        """What a file of it is made of."""
        from autograd_nn.program.standalone import Content

        made, written = self.plan, self.plan.written
        made.memory.take_in()
        given = dict(zip(written.arguments, made.arguments, strict=True))
        arrays = {v: array for v, array in given.items() if v.role != "temporary"}
        sample = fitting_inputs(self.inputs, {})
        arrays |= {v: sample[v.name] for v in written.inputs}
        gradients = ["all parameters, one after the other" for _ in made.memory.blocks]
        gradients += [tensor.name or described(tensor) for tensor in made.others]
        return Content(
            written.text,
            written.names,
            written.heads,
            arrays,
            self._recorded,
            gradients,
            planned=True,
        )

    def __repr__(self) -> str:
        return f", {self.plan.written.calls} calls; {', '.join(self.inputs) or 'no inputs'}"
