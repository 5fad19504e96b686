"""What training shows: nothing, a bar for each epoch, or a line for each epoch."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Mapping
from typing import Any

from autograd_nn.callbacks.callback import Callback, Logs
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.terminal import can_redraw, columns, printable

_SEVERAL = 10  # numbers of one metric that are shown
_REDRAW = 0.1  # seconds: building the text of the metrics takes longer than a small step


def as_verbose(value: Any, otherwise: int = 2) -> int:
    """``verbose`` as 0, 1 or 2; "auto" is 1 where a bar can move, ``otherwise`` elsewhere."""
    if isinstance(value, str):
        if value != "auto":
            raise ArgumentError(f"`verbose` must be 'auto', 0, 1 or 2, got {value!r}.")
        return 1 if can_redraw() else otherwise
    if isinstance(value, bool) or (isinstance(value, int) and value in (0, 1, 2)):
        return int(value)
    if isinstance(value, int):
        raise ArgumentError(f"`verbose` must be 'auto', 0, 1 or 2, got {value!r}.")
    raise ArgumentTypeError(
        f"`verbose` must be 'auto', 0, 1 or 2, got {value!r} of type {type(value).__name__}."
    )


def named_values(logs: Mapping[str, float]) -> str:
    """`` - loss: 0.6965 - accuracy: 0.8100``, what is validated last."""
    ordered = sorted(logs.items(), key=lambda item: item[0].startswith("val_"))
    return "".join(f" - {name}: {_number(value)}" for name, value in ordered)


def _number(value: Any) -> str:
    if getattr(value, "ndim", 0):  # of a metric with a number for each class
        return f"[{' '.join(_number(float(each)) for each in value.reshape(-1)[:_SEVERAL])}]"
    return f"{value:.4f}" if abs(value) > 1e-3 or not math.isfinite(value) else f"{value:.4e}"


def _per_step(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.0f}s/step"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.0f}ms/step"
    return f"{seconds * 1e6:.0f}us/step"


class EpochLines(Callback):
    """One line for each epoch, for files and logs."""

    def __init__(self) -> None:
        self.start = 0.0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Print the number of the epoch where there are several."""
        self.start = time.perf_counter()
        if self.params["epochs"] > 1:
            print(f"Epoch {epoch + 1}/{self.params['epochs']}")

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Print the line."""
        print(line(self.params["steps"], time.perf_counter() - self.start, logs or {}), flush=True)


def line(steps: int | None, seconds: float, logs: Mapping[str, float]) -> str:
    """``7/7 - 0s - 1ms/step - loss: 0.6965``."""
    of = "" if steps is None else f"{steps}/{steps} - "
    each = "" if steps is None else f" - {_per_step(seconds / steps)}"
    return printable(f"{of}{seconds:.0f}s{each}{named_values(logs)}")


class Bar:
    """A tqdm bar over the steps of an epoch or an evaluation, with the running values."""

    def __init__(self, steps: int | None, title: str = "") -> None:
        from tqdm import tqdm

        self._bar = tqdm(
            total=steps,
            desc=f"{title} " if title else None,
            file=sys.stdout,
            leave=False,  # `close` writes the last state in full
            ncols=columns() - 1,
            nrows=24,
            bar_format="{desc}{n_fmt}/{total_fmt} {bar:20} {elapsed}<{remaining}{postfix}",
        )
        self._shown = 0.0

    def step(self, logs: Any) -> None:
        """One more step; ``logs`` is a function that gives the running values."""
        now = time.perf_counter()
        if now - self._shown >= _REDRAW:
            self._shown = now
            self._bar.set_postfix_str(printable(named_values(logs())[3:]), refresh=False)
        self._bar.update()

    def close(self, logs: Mapping[str, float]) -> None:
        """Draw it a last time, with the final values, in as many lines as they take."""
        self._bar.set_postfix_str(printable(named_values(logs)[3:]), refresh=False)
        last = self._bar.format_meter(**{**self._bar.format_dict, "ncols": None})
        self._bar.close()
        print(last, flush=True)


class EpochBars(Callback):
    """A bar for each epoch, for terminals and notebooks."""

    def __init__(self) -> None:
        self.bar: Bar | None = None

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Draw an empty bar."""
        epochs = self.params["epochs"]
        self.bar = Bar(self.params["steps"], f"Epoch {epoch + 1}/{epochs}" if epochs > 1 else "")

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Move the bar."""
        if self.bar is not None:
            self.bar.step(lambda: logs or {})

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Draw the bar with the values of the epoch."""
        self.close(logs)

    def close(self, logs: Logs = None) -> None:
        """Leave the bar as it is, also where an exception ended the epoch."""
        if self.bar is not None:
            self.bar.close(logs or {})
            self.bar = None


def shown(verbose: int) -> list[Callback]:
    """The callbacks that show training."""
    if verbose == 0:
        return []
    return [EpochBars() if verbose == 1 else EpochLines()]
