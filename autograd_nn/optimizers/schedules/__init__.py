"""Schedules: learning rates that depend on the step, with Keras's names and arguments.

Every optimizer takes one as its ``learning_rate``. It is called with the number of steps made so
far, 0 before the first, and gives the rate of the next.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.later import imported_later
from autograd_nn.names import written
from autograd_nn.optimizers.schedules.schedule import LearningRateSchedule

if TYPE_CHECKING:
    from autograd_nn.optimizers.schedules.cosine import CosineDecay, CosineDecayRestarts
    from autograd_nn.optimizers.schedules.decays import (
        ExponentialDecay,
        InverseTimeDecay,
        PiecewiseConstantDecay,
        PolynomialDecay,
    )

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

if not TYPE_CHECKING:
    # What an optimizer with a number does not need.
    __getattr__, __dir__ = imported_later(
        __name__,
        {
            "cosine": "CosineDecay CosineDecayRestarts",
            "decays": "ExponentialDecay InverseTimeDecay PiecewiseConstantDecay PolynomialDecay",
        },
    )

_CLASSES = [name for name in __all__ if name[0].isupper() and name != "LearningRateSchedule"]


def serialize(schedule: LearningRateSchedule) -> dict[str, Any]:
    """Name and arguments of a schedule, which ``deserialize`` reads; fit for JSON."""
    return written(schedule)


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
    from autograd_nn.own_classes import get_registered_object  # seldom needed

    name, own = str(config["class_name"]), custom_objects or {}
    found: Any = get_registered_object(name, own)
    if found is None and name not in _CLASSES:
        raise ArgumentError(
            f"There is no schedule {name!r:.80}.{suggestion(name, [*_CLASSES, *own])} For one of "
            "your own give custom_objects={'MySchedule': MySchedule}."
        )
    kind = found or getattr(sys.modules[__name__], name)
    made: LearningRateSchedule = kind.from_config(config["config"])
    return made
