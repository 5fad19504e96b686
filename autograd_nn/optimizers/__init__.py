"""Optimizers: how parameters move once their gradients are known."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from numbers import Number
from typing import TYPE_CHECKING, Any

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.later import imported_later
from autograd_nn.names import initialized, written
from autograd_nn.optimizers import schedules
from autograd_nn.optimizers.optimizer import Optimizer
from autograd_nn.optimizers.rmsprop import RMSprop

if TYPE_CHECKING:
    from autograd_nn.optimizers.adadelta import Adadelta
    from autograd_nn.optimizers.adafactor import Adafactor
    from autograd_nn.optimizers.adagrad import Adagrad
    from autograd_nn.optimizers.adam import Adam, AdamW
    from autograd_nn.optimizers.adamax import Adamax
    from autograd_nn.optimizers.ftrl import Ftrl
    from autograd_nn.optimizers.lamb import Lamb
    from autograd_nn.optimizers.lion import Lion
    from autograd_nn.optimizers.nadam import Nadam
    from autograd_nn.optimizers.sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "deserialize",
    "get",
    "schedules",
    "serialize",
]

if not TYPE_CHECKING:
    # What the optimizer that `compile` takes by itself does not need.
    __getattr__, __dir__ = imported_later(
        __name__,
        {
            "adadelta": "Adadelta",
            "adafactor": "Adafactor",
            "adagrad": "Adagrad",
            "adam": "Adam AdamW",
            "adamax": "Adamax",
            "ftrl": "Ftrl",
            "lamb": "Lamb",
            "lion": "Lion",
            "nadam": "Nadam",
            "sgd": "SGD",
        },
    )

_CLASSES = {name.lower(): name for name in __all__ if name[0].isupper() and name != "Optimizer"}


def get(identifier: Any) -> Optimizer:
    """The optimizer that ``identifier`` stands for.

    Parameters   identifier: a name in any case ("sgd", "Adam"), an optimizer, or what
                 ``serialize`` gave
    Raises       ArgumentError for an unknown name, with the nearest one; ArgumentTypeError
    Example

    >>> get("Adam")
    Adam(learning_rate=0.001)
    """
    if isinstance(identifier, Optimizer):
        initialized(identifier)
        return identifier
    if isinstance(identifier, str):
        return _class_named(identifier)()
    if isinstance(identifier, Mapping):
        return deserialize(identifier)
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


def serialize(optimizer: Optimizer) -> dict[str, Any]:
    """Name and arguments of an optimizer, which ``deserialize`` reads; fit for JSON."""
    return written(optimizer)


def deserialize(
    config: Mapping[str, Any], custom_objects: Mapping[str, type[Any]] | None = None
) -> Optimizer:
    """The optimizer, without state, that ``serialize`` gave, here or in Keras.

    Parameters   custom_objects: optimizers and schedules of your own, class by name
    Raises       ArgumentError for a name that is not known; ArgumentTypeError
    """
    if not isinstance(config, Mapping) or not {"class_name", "config"} <= set(config):
        raise ArgumentTypeError(
            "`config` must be what `serialize` gave, {'class_name': 'SGD', 'config': {…}}, "
            f"got {config!r:.80} of type {type(config).__name__}."
        )
    from autograd_nn.own_classes import get_registered_object  # seldom needed

    name = str(config["class_name"])
    found = get_registered_object(name, custom_objects) or _class_named(name)
    made: Optimizer = found.from_config(dict(config["config"]), custom_objects)
    return made


def _class_named(name: str) -> Any:
    """The class of this name in any case, or an error with the nearest name."""
    found = _CLASSES.get(name.lower())
    if found is None:
        from autograd_nn.missing_names import reason_for

        reason = reason_for("optimizers", name)
        way_out = suggestion(name, _CLASSES) if reason is None else f" Keras has it. {reason}"
        raise ArgumentError(f"There is no optimizer {name!r:.80}.{way_out}")
    return getattr(sys.modules[__name__], found)
