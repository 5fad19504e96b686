"""Schedules: learning rates that depend on the step, with Keras's names and arguments.

Every optimizer takes one as its ``learning_rate``. It is called with the number of steps made so
far, 0 before the first, and gives the rate of the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.optimizers.schedules.cosine import CosineDecay, CosineDecayRestarts
from autograd_nn.optimizers.schedules.decays import (
    ExponentialDecay,
    InverseTimeDecay,
    PiecewiseConstantDecay,
    PolynomialDecay,
)
from autograd_nn.optimizers.schedules.schedule import LearningRateSchedule

__all__ = [
    "CosineDecay",
    "CosineDecayRestarts",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
    "deserialize",
    "serialize",
]

_CLASSES: dict[str, type[LearningRateSchedule]] = {
    made.__name__: made
    for made in (
        *(ExponentialDecay, InverseTimeDecay, PolynomialDecay),
        *(PiecewiseConstantDecay, CosineDecay, CosineDecayRestarts),
    )
}


def serialize(schedule: LearningRateSchedule) -> dict[str, Any]:
    """Name and arguments of a schedule, which ``deserialize`` reads; fit for JSON."""
    return {"class_name": type(schedule).__name__, "config": schedule.get_config()}


def deserialize(
    config: Mapping[str, Any], custom_objects: Mapping[str, type[Any]] | None = None
) -> LearningRateSchedule:
    """The schedule that ``serialize`` gave, here or in Keras.

    Parameters   custom_objects: classes of your own by name
    Raises       ArgumentError for a name that is not known; ArgumentTypeError
    """
    if not isinstance(config, Mapping) or not {"class_name", "config"} <= set(config):
        raise ArgumentTypeError(
            "`config` must be what `serialize` gave, {'class_name': 'ExponentialDecay', 'config': "
            f"{{…}}}}, got {config!r:.80} of type {type(config).__name__}."
        )
    known = {**_CLASSES, **(custom_objects or {})}
    found = known.get(config["class_name"])
    if found is None:
        raise ArgumentError(
            f"There is no schedule {config['class_name']!r}."
            f"{suggestion(str(config['class_name']), known)} For one of your own give "
            "custom_objects={'MySchedule': MySchedule}."
        )
    made: LearningRateSchedule = found.from_config(config["config"])
    return made
