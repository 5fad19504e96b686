"""A value that is watched from epoch to epoch: whether it has become better."""

from __future__ import annotations

import math
from typing import Any

from autograd_nn.callbacks.callback import Callback
from autograd_nn.engine.argument_checks import number_within
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.taking import warn_outside

_BETTER_UP = ("acc", "auc", "precision", "recall", "f1", "fbeta", "r2", "iou")
_BETTER_DOWN = ("loss", "error", "mse", "mae", "mape", "msle", "crossentropy", "false_")


class Monitored(Callback):
    """What callbacks have in common that look at one value of the logs."""

    monitor: str
    mode: str
    min_delta: float
    _has_warned = False

    def _watch(self, monitor: object, mode: str, min_delta: object) -> None:
        if not isinstance(monitor, str):
            raise ArgumentTypeError(f"`monitor` must be a string, got {monitor!r}.")
        self.monitor = monitor
        self.min_delta = number_within("min_delta", min_delta, 0, math.inf, high_open=True)
        self.mode = direction(mode, monitor)

    def _forget(self) -> None:
        """Before a run: nothing is known of an earlier one."""
        self.best = -math.inf if self.mode == "max" else math.inf
        self._has_warned = False

    def _is_better(self, value: float, than: float) -> bool:
        if self.mode == "max":
            return value - self.min_delta > than
        return value + self.min_delta < than

    def _value(self, logs: dict[str, Any]) -> Any:
        """The value, or None and one warning where there is none."""
        value = logs.get(self.monitor)
        if value is None and not self._has_warned:
            self._has_warned = True
            way_out = ""
            if self.monitor.startswith("val_"):
                way_out = " Give fit validation_data or validation_split."
            warn_outside(
                f"{type(self).__name__} watches {self.monitor!r}, which is not among "
                f"{', '.join(sorted(logs))}: it does nothing.{way_out}",
            )
        return value


def direction(mode: str, monitor: str) -> str:
    """ "min" or "max"; "auto" by the name of what is watched."""
    if mode in ("min", "max"):
        return mode
    if mode != "auto":
        raise ArgumentError(f"`mode` must be 'min', 'max' or 'auto', got {mode!r}.")
    if any(part in monitor for part in _BETTER_DOWN):
        return "min"
    if any(part in monitor for part in _BETTER_UP):
        return "max"
    raise ArgumentError(
        f"Whether {monitor!r} is better when small or when large cannot be told from its name: "
        "give `mode`, 'min' or 'max'."
    )
