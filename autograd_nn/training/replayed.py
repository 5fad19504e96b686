"""The program of one batch shape, as a step of training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor
from autograd_nn.losses import Loss
from autograd_nn.program.planning.planner import Plan, with_ones_column
from autograd_nn.training.choices import Training
from autograd_nn.training.one_step import targets


class Replayed:
    """The program of one batch shape."""

    def __init__(self, made: Plan, training: Training, gives_output: bool, output: Any) -> None:
        self.made = made
        self.optimizer = training.optimizer
        self.gives_output = gives_output
        self._loss = training.needed_loss()
        # A stand-in for the output, by which true values are brought into their form.
        self._like = np.broadcast_to(output.dtype.type(0.5), output.shape)
        # Shape and dtype of true values that have this form already.
        self._as_given: tuple[Any, Any] | None = None
        self.samples = len(output)
        self._wide: dict[str, tuple[Any, Any]] = {}
        # Of each input its name, and whether it is wanted with a column of ones.
        self.inputs = [
            (v.name, False) if v.data is None else (v.data.name, True) for v in made.inputs
        ]
        self._settings = [v.name for v in made.settings]
        self.moves = made.memory.optimizer is not None
        self.step = made.step
        self._gradients: list[tuple[Tensor, Any]] = []
        for block, whole in zip(made.memory.blocks, made.wholes, strict=True):
            self._gradients += block.views_of(whole)
        self.takes_rate_alone = self.moves and self._settings == ["learning_rate"]

    def true_values(self, y: Any) -> Any:
        """y in the form that the loss takes, checked."""
        if (y.shape, y.dtype) == self._as_given:
            self._loss.check_true(y, "y")
            return y
        fitted = targets(self._loss, y, self._like, alone=True)
        if fitted is y and type(self._loss).prepared is Loss.prepared:
            self._as_given = y.shape, y.dtype
        return fitted

    def arguments(self, given: dict[str, Any]) -> list[Any]:
        """What the program is called with, from data as the model takes them."""
        return [
            self._with_ones(name, given[name]) if wide else given[name]
            for name, wide in self.inputs
        ]

    def _with_ones(self, name: str, array: Any) -> Any:
        if name not in self._wide:
            wide = with_ones_column(array)
            self._wide[name] = wide, wide[:, :-1]
        wide, inside = self._wide[name]
        inside[...] = array
        return wide

    def run(self, arguments: Sequence[Any]) -> tuple[Any, Any]:
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
        self.optimizer.apply_gradients(
            [(g if type(t._data) is np.ndarray else g[()], t) for t, g in self._gradients]
        )

    def leave_gradients(self) -> None:
        """Put the gradients of the last call into ``.grad``, as arrays of their own."""
        for parameter, gradient in self._gradients:
            is_array = type(parameter._data) is np.ndarray
            parameter._grad = gradient.copy() if is_array else gradient[()]
