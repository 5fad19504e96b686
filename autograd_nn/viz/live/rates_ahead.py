"""The learning rates that a schedule has for the steps that a page may take."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_nn.optimizers.schedules.schedule import rate_at

AHEAD = 5_000
"""So many steps: 53 kB, where every rate is another."""


class Rates(NamedTuple):
    """``values`` are those of the next steps, the last of all others of the ``known`` ones, too."""

    values: Any
    known: int


def rates_ahead(optimizer: Any) -> Rates | None:
    """What the schedule of an optimizer says from its next step on; None where it has none."""
    schedule, done = optimizer._schedule, optimizer._iterations
    if schedule is None:
        return None
    found: list[float] = []
    try:
        for step in range(done, done + AHEAD):
            found.append(rate_at(schedule, step))
    except Exception:  # one of a user's own may come to an end
        if not found:
            raise
    values = np.array(found)
    changes = np.flatnonzero(np.diff(values))
    return Rates(values[: changes[-1] + 2 if changes.size else 1], len(found))
