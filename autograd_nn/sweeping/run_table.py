"""RunTable: the runs of a sweep side by side."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograd_nn.callbacks.monitored import direction
from autograd_nn.engine.errors import ArgumentError, MissingPackageError, suggestion
from autograd_nn.models import Model
from autograd_nn.sweeping.grids import GridRun
from autograd_nn.sweeping.one_run import Job, trained_again

_MOST_LINES = 30


class RunTable:
    """The runs of a `sweep`, as dicts in ``rows``, in the order of the grid.

    A row has the parameters, ``seed``, every value of the history after the last epoch (``loss``,
    ``val_loss`` …), ``seconds``, the whole ``history``, and ``checkpoint``, a file of the weights.
    A parameter that is called as one of these is ``param_loss``. Printed, the best come first.
    """

    def __init__(
        self,
        rows: list[dict[str, Any]],
        runs: list[GridRun],
        job: Job,
        monitor: str | None,
        mode: str,
        folder: Path,
    ) -> None:
        self.rows = rows
        self.folder = folder
        self._runs = {row["checkpoint"]: run for row, run in zip(rows, runs, strict=True)}
        self._job = job
        values = rows[0]["history"]
        if monitor is None:
            monitor = "val_loss" if "val_loss" in values else "loss"
        elif monitor not in values:
            raise ArgumentError(
                f"`monitor` {monitor!r} is not in the history, which has {', '.join(values)}."
                f"{suggestion(monitor, values)} The runs are kept in {folder}."
            )
        self.monitor = monitor
        self._most_is_best = direction(mode, monitor) == "max"

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.rows)

    @property
    def best(self) -> dict[str, Any]:
        """The row that is best in ``monitor`` after the last epoch; NaN comes last."""
        return self._sorted()[0]

    def model(self, row: dict[str, Any] | None = None) -> Model:
        """The trained model of a row, the best where none is given: built, with its weights.

        Its optimizer has taken no step yet.
        """
        checkpoint = (self.best if row is None else row)["checkpoint"]
        if checkpoint not in self._runs:
            raise ArgumentError(f"`row` is none of this table: {row!r:.80}.")
        return trained_again(self._job, self._runs[checkpoint], checkpoint)

    def frame(self) -> Any:
        """The rows as a frame of pandas, without their histories."""
        try:
            import pandas
        except ImportError:
            raise MissingPackageError("A frame needs pandas: pip install pandas.") from None
        return pandas.DataFrame(self.rows).drop(columns="history")

    def __repr__(self) -> str:
        rows = self._sorted()
        left_out = {"history", "checkpoint"}
        names = list(dict.fromkeys(name for row in rows for name in row if name not in left_out))
        lines = [names]
        lines += [[_told(row.get(name, "")) for name in names] for row in rows[:_MOST_LINES]]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        more = [f"… {len(rows) - _MOST_LINES} more"] if len(rows) > _MOST_LINES else []
        table = ["  ".join(map(str.rjust, line, widths)) for line in lines]
        return "\n".join([f"{len(rows)} runs, the best in {self.monitor} first:", *table, *more])

    def _sorted(self) -> list[dict[str, Any]]:
        def place(row: dict[str, Any]) -> float:
            value: float = row.get(self.monitor, math.nan)
            if math.isnan(value):
                return math.inf
            return -value if self._most_is_best else value

        return sorted(self.rows, key=place)


def _told(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(getattr(value, "__name__", value))
