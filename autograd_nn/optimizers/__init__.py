"""Optimizers: how parameters move once their gradients are known."""

from __future__ import annotations

import sys
from numbers import Number
from typing import TYPE_CHECKING, Any

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.later import imported_later
from autograd_nn.optimizers import schedules
from autograd_nn.optimizers.optimizer import Optimizer
from autograd_nn.optimizers.rmsprop import RMSprop

if TYPE_CHECKING:
    from autograd_nn.optimizers.adam import Adam
    from autograd_nn.optimizers.sgd import SGD

__all__ = ["SGD", "Adam", "Optimizer", "RMSprop", "get", "schedules"]

if not TYPE_CHECKING:
    # What the optimizer that `compile` takes by itself does not need.
    __getattr__, __dir__ = imported_later(__name__, {"adam": "Adam", "sgd": "SGD"})

_CLASSES = {name.lower(): name for name in ("SGD", "RMSprop", "Adam")}


def get(identifier: Any) -> Optimizer:
    """The optimizer that ``identifier`` stands for.

    Parameters   identifier: a name in any case ("sgd", "Adam"), or an optimizer
    Raises       ArgumentError for an unknown name, with the nearest one; ArgumentTypeError
    Example

    >>> get("Adam")
    Adam(learning_rate=0.001)
    """
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, str):
        found = _CLASSES.get(identifier.lower())
        if found is None:
            raise ArgumentError(
                f"There is no optimizer {identifier!r}.{suggestion(identifier, _CLASSES)}"
            )
        made: Optimizer = getattr(sys.modules[__name__], found)()
        return made
    way_out = ""
    if isinstance(identifier, type) and issubclass(identifier, Optimizer):
        way_out = f" That is a class: write {identifier.__name__}()."
    if isinstance(identifier, Number) and not isinstance(identifier, bool):
        way_out = f" For a learning rate write SGD(learning_rate={identifier})."
    if isinstance(identifier, schedules.LearningRateSchedule):
        way_out = " It is a learning rate: write SGD(learning_rate=…) around it."
    raise ArgumentTypeError(
        "`optimizer` must be a name such as 'sgd', or an optimizer such as "
        f"SGD(learning_rate=0.1), got {identifier!r} of type {type(identifier).__name__}.{way_out}"
    )
