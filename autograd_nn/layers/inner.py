"""The configuration of a layer that is an argument of another one."""

from __future__ import annotations

import copy
from typing import Any

from autograd_nn.engine.errors import ArgumentError, suggestion
from autograd_nn.own_classes import get_registered_object


def described(layer: Any) -> dict[str, Any]:
    """The class of a layer by name, and its arguments."""
    return {"class_name": type(layer).__name__, "config": layer.get_config()}


def made_again(entry: Any) -> Any:
    """The layer of which this is the description; a layer itself stays what it is.

    Raises       ArgumentError for a class of one's own, which no name leads back to
    """
    if not isinstance(entry, dict):
        return entry
    from autograd_nn import layers

    name = entry["class_name"]
    kind = get_registered_object(name)
    if kind is None and name in layers.__all__:
        kind = getattr(layers, name)
    if kind is None:
        raise ArgumentError(
            f"There is no layer {name!r} in autograd_nn.layers.{suggestion(name, layers.__all__)} "
            "Write @register_keras_serializable() above one of your own, or make it anew by hand "
            "and give it in its place."
        )
    made: Any = kind.from_config(entry["config"])
    return made


serialize, deserialize = described, made_again  # Keras's names


def like(layer: Any, name: str, **changes: Any) -> Any:
    """A new layer with the arguments of one that is there, but for some; without its weights."""
    if layer.built and layer.weights:
        return type(layer).from_config({**layer.get_config(), "name": name, **changes})
    made = copy.deepcopy(layer)  # also of arrays and functions, which have no description
    made._rename(name)
    for key, value in changes.items():
        setattr(made, key, value)
    return made
