"""The program of one batch shape, as a step of training."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor
from autograd_nn.program.planning.planner import Plan, with_ones_column


class Replayed:
    """The program of one batch shape."""

    def __init__(self, made: Plan, optimizer: Any, gives_output: bool, output: Any) -> None:
        self.made = made
        self.optimizer = optimizer
        self.gives_output = gives_output
        # A stand-in for the output, by which true values are brought into their form.
        self.like = np.broadcast_to(output.dtype.type(0.5), output.shape)
        self.samples = len(output)
        self._wide: dict[str, Any] = {}
        # Of each input its name, and whether it is wanted with a column of ones.
        self.inputs = [
            (v.name, False) if v.data is None else (v.data.name, True) for v in made.inputs
        ]
        self._settings = [v.name for v in made.settings]
        self.moves = made.memory.optimizer is not None
        self.counts = self._settings != ["learning_rate"]

    def arguments(self, given: dict[str, Any]) -> tuple[Any, ...]:
        """What the program is called with, from data as the model takes them."""
        return tuple(
            self._with_ones(name, given[name]) if wide else given[name]
            for name, wide in self.inputs
        )

    def _with_ones(self, name: str, array: Any) -> Any:
        if name not in self._wide:
            self._wide[name] = with_ones_column(array)
        else:
            self._wide[name][:, :-1] = array
        return self._wide[name]

    def run(self, arguments: tuple[Any, ...]) -> tuple[Any, Any]:
        """One step: the loss before it, and the output where it is asked for."""
        optimizer = self.optimizer
        result = self.made.step(*arguments, *[self._setting(name) for name in self._settings])
        if self.moves:
            optimizer._iterations += 1
            return result if self.gives_output else (result, None)
        loss, *rest = result
        self._apply()
        return loss, rest[-1] if self.gives_output else None

    def _setting(self, name: str) -> Any:
        if name == "learning_rate":
            return self.optimizer._learning_rate
        return self.optimizer._iterations + 1

    def _apply(self) -> None:
        """The step of an optimizer whose rule could not be written down."""
        pairs = [(part, t) for t, part in self._gradients(copied=False)]
        self.optimizer.apply_gradients(pairs)

    def leave_gradients(self, copied: bool = True) -> None:
        """Put the gradients of the last call into ``.grad``."""
        for parameter, gradient in self._gradients(copied):
            parameter._grad = gradient

    def _gradients(self, copied: bool) -> list[tuple[Tensor, Any]]:
        found: list[tuple[Tensor, Any]] = []
        for block, whole in zip(self.made.memory.blocks, self.made.wholes, strict=True):
            found += block.parts(whole.copy() if copied else whole)
        return found
