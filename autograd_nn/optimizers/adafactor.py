"""Adafactor: steps as Adam's, with far less to keep for a matrix."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, final

import numpy as np

from autograd_nn.engine.argument_checks import number_within, true_or_false
from autograd_nn.optimizers.optimizer import Optimizer
from autograd_nn.optimizers.schedules import LearningRateSchedule

if TYPE_CHECKING:
    from typing import Unpack

    from autograd_nn.optimizers.options import Options


@final
class Adafactor(Optimizer):
    """Gradients over the root of their mean square, of which rows and columns alone are kept.

    Formula          rate = min(learning_rate, 1 / √step) · max(epsilon_2, rms(parameter))
                     part = 1 − step**beta_2_decay
                     square = gradient² + epsilon_1
                     rows = part · rows + (1 − part) · mean of square along the last axis
                     columns = part · columns + (1 − part) · mean along the one before it
                     velocity = rows / mean(rows) · columns; of a vector as it is, without the two
                     change = gradient / √velocity
                     parameter = parameter − rate · change / max(1, rms(change) / clip_threshold)

                 rms is the root of the mean square
    Parameters   learning_rate: at least 0, or a schedule; default 0.001
                 beta_2_decay: below 0, default -0.8: how fast the past comes to count
                 epsilon_1, epsilon_2: at least 0, default 1e-30 and 1e-3
                 clip_threshold: above 0, default 1: how large the root mean square of a change is
                 relative_step: what Keras takes; its steps, and these, are relative either way
                 weight_decay, use_ema and what else is the same for all: see Optimizer
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Source       Shazeer and Stern 2018 (arXiv:1804.04235)
    Example      All gradients are alike, so that each changes by 1: w = 2 − 0.01·2

    >>> import numpy as np
    >>> from autograd_nn import Tensor
    >>> w = Tensor(np.full((2, 3), 2.0))
    >>> Adafactor(0.01).apply_gradients([(np.full((2, 3), 5.0), w)])
    >>> print(w.numpy().round(6).tolist())
    [[1.98, 1.98, 1.98], [1.98, 1.98, 1.98]]
    """

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule = 0.001,
        beta_2_decay: float = -0.8,
        epsilon_1: float = 1e-30,
        epsilon_2: float = 1e-3,
        clip_threshold: float = 1.0,
        relative_step: bool = True,
        **options: Unpack[Options],
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta_2_decay = number_within(
            "beta_2_decay", beta_2_decay, -math.inf, 0, low_open=True, high_open=True
        )
        self.epsilon_1 = number_within("epsilon_1", epsilon_1, 0, math.inf, high_open=True)
        self.epsilon_2 = number_within("epsilon_2", epsilon_2, 0, math.inf, high_open=True)
        self.clip_threshold = number_within(
            "clip_threshold", clip_threshold, 0, math.inf, low_open=True, high_open=True
        )
        self.relative_step = true_or_false("relative_step", relative_step)

    def update(
        self, parameter: Any, gradient: Any, state: dict[str, Any], step: int
    ) -> tuple[Any, dict[str, Any]]:
        """One step of the formula above."""
        if not parameter.size:  # no element has a mean
            return parameter, state
        part = 1 - step**self.beta_2_decay
        square = gradient * gradient + self.epsilon_1
        if np.ndim(parameter) < 2:
            velocity = part * state.get("velocity", 0.0) + (1 - part) * square
            after = {"velocity": velocity}
        else:
            rows = part * state.get("rows", 0.0) + (1 - part) * square.mean(axis=-1)
            columns = part * state.get("columns", 0.0) + (1 - part) * square.mean(axis=-2)
            shares = rows / rows.mean(axis=-1, keepdims=True)
            velocity = shares[..., None] * columns[..., None, :]
            after = {"rows": rows, "columns": columns}
        change = gradient / np.sqrt(velocity)
        rate = min(self._learning_rate, 1 / math.sqrt(step))
        size = np.maximum(_rms(parameter), self.epsilon_2) * rate
        return parameter - size * (
            change / np.maximum(_rms(change) / self.clip_threshold, 1)
        ), after

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer, as plain Python values."""
        return {
            **super().get_config(),
            "beta_2_decay": self.beta_2_decay,
            "epsilon_1": self.epsilon_1,
            "epsilon_2": self.epsilon_2,
            "clip_threshold": self.clip_threshold,
            "relative_step": self.relative_step,
        }


def _rms(x: Any) -> Any:
    return np.sqrt((x * x).mean())
