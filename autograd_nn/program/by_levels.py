"""The form of a program for large graphs of scalars: many numbers at once, level by level."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, final

from autograd_nn.engine.errors import StateError
from autograd_nn.program.inputs import named_inputs
from autograd_nn.program.lock import Turn
from autograd_nn.program.recorded_loss import RecordedLoss
from autograd_nn.program.scalars.leveling import NotByLevels
from autograd_nn.program.scalars.levels import level_program, suits


@final
class ByLevels:
    """A graph of scalars that is computed level by level.

    Raises       NotByLevels where it is long and narrow, or of operations that take numbers only
    """

    def __init__(self, recorded: RecordedLoss, inputs: Any) -> None:
        self.inputs: Mapping[str, Any] = (
            inputs if isinstance(inputs, Mapping) else named_inputs(inputs)
        )
        self._recorded = recorded
        self._levels = level_program(recorded.root, recorded.wanted, self.inputs, recorded.nodes)
        self._turn = Turn()

    @property
    def source(self) -> str:
        """What each level does, in words."""
        return self._levels.source

    def __call__(self, inputs: Mapping[str, Any]) -> Any:
        """One call, with data in place of some inputs."""
        recorded = self._recorded
        with self._turn:
            loss, gradients = self._levels(**inputs)
            if recorded.optimizer is None:
                return loss, recorded.assembled(gradients)
            recorded.optimizer.apply_unscaled(zip(gradients, recorded.wanted, strict=True))
            return loss

    def report(self) -> NoReturn:
        """There are no passes to tell of."""
        raise _by_levels("reported on", "repr(program)")

    def save(self, path: Any) -> NoReturn:
        """There is no text to save."""
        raise _by_levels("saved", "program.plain.save(path)")

    def __repr__(self) -> str:
        return f": {self._levels!r}"


def by_levels(recorded: RecordedLoss, inputs: Any) -> ByLevels | None:
    """This form of a program; None where the graph does not suit it."""
    if not suits(recorded.nodes):
        return None
    try:
        return ByLevels(recorded, inputs)
    except NotByLevels:
        return None


def _by_levels(what: str, instead: str) -> StateError:
    return StateError(
        f"A large graph of scalars is computed level by level, which cannot be {what}: see "
        f"{instead}."
    )
