"""The configuration of a layer, also of one that is an argument of another one."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Mapping
from typing import Any

from autograd_nn.engine.errors import ArgumentError, suggestion
from autograd_nn.names import (
    check_that_none_is_lost,
    is_own_code,
    lost_argument,
    parameters_of,
)
from autograd_nn.own_classes import CustomObjectScope, get_registered_object


def described(layer: Any) -> dict[str, Any]:
    """The class of a layer by name, and its arguments; beside them what these leave open."""
    config = config_of(layer)
    known = {"name": layer.name, "trainable": layer.trainable} if says_nothing(layer) else {}
    return {"class_name": type(layer).__name__, "config": config, **known}


def config_of(layer: Any) -> dict[str, Any]:
    """The arguments that make an equal layer, also where its class has no ``get_config``.

    Raises       ArgumentError for an argument of a class of one's own that would be lost
    """
    if says_nothing(layer):
        return _own_arguments(layer)
    config: dict[str, Any] = layer.get_config()
    if layer._is_own:
        check_that_none_is_lost(layer, config)
    return config


def another(layer: Any) -> Any:
    """A new layer, without weights, of the same class and arguments."""
    entry = described(layer)
    made = type(layer).from_config(entry["config"])
    name_again(made, entry)
    return made


def says_nothing(layer: Any) -> bool:
    """Whether it has arguments of its own and no ``get_config``: where there is nothing to say,
    nobody writes one."""
    kind = type(layer)
    return kind._is_own and not is_own_code(kind.get_config) and is_own_code(kind.__init__)


def _own_arguments(layer: Any) -> dict[str, Any]:
    """What a class without a ``get_config`` takes, found as attributes of the same names."""
    from autograd_nn.layers.layer import Layer

    kind = type(layer)
    given = inspect.signature(kind.__init__).parameters.values()
    for item in given:
        if item.kind is item.VAR_POSITIONAL:
            raise lost_argument(layer, item.name)
    declared = {
        name
        for part in kind.__mro__
        if is_own_code(part) and "__init__" in vars(part)
        for name in inspect.signature(vars(part)["__init__"]).parameters
    }
    # What a model says of itself are its layers, and these it makes anew.
    is_model = hasattr(kind, "layer_graph")
    inherited = Layer.get_config(layer) if is_model else layer.get_config()
    of_every_layer = parameters_of(Layer)
    found: dict[str, Any] = {}
    for name in parameters_of(kind):
        if name in inherited:
            found[name] = inherited[name]
        elif name in declared and name in vars(layer):
            found[name] = vars(layer)[name]
        elif name in declared and name not in of_every_layer:
            raise lost_argument(layer, name)
    return found


def made_again(entry: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The layer of which this is the description; a layer itself stays what it is.

    Parameters   custom_objects: layers of your own by name
    Raises       ArgumentError for a class of one's own, which no name leads back to
    """
    if not isinstance(entry, dict):
        return entry
    from autograd_nn import layers

    name = entry["class_name"]
    kind = get_registered_object(name, custom_objects)
    if kind is None and name in layers.__all__:
        kind = getattr(layers, name)
    if kind is None:
        raise no_such_layer(name, custom_objects or {})
    with CustomObjectScope(custom_objects or {}):  # what the layer holds is found in it, too
        made: Any = kind.from_config(entry["config"])
    name_again(made, entry)
    return made


def no_such_layer(name: str, custom_objects: Mapping[str, Any]) -> ArgumentError:
    """The error for a name that leads to no class."""
    from autograd_nn import layers

    near = suggestion(name, [*layers.__all__, *custom_objects])
    return ArgumentError(
        f"There is no layer {name!r:.80} here.{near} "
        f"For a layer of your own give custom_objects={{{name!r:.80}: {name!s:.80}}}, or write "
        "@register_keras_serializable() above it."
    )


def name_again(layer: Any, entry: Mapping[str, Any]) -> None:
    """Put in what the arguments leave open."""
    if "name" in entry:
        layer._rename(str(entry["name"]))
        if entry.get("trainable") is False:
            layer.trainable = False


serialize, deserialize = described, made_again  # Keras's names


def like(layer: Any, name: str, **changes: Any) -> Any:
    """A new layer with the arguments of one that is there, but for some; without its weights."""
    if layer.built and layer.weights:
        return type(layer).from_config({**config_of(layer), "name": name, **changes})
    made = copy.deepcopy(layer)  # also of arrays and functions, which have no description
    made._rename(name)
    for key, value in changes.items():
        setattr(made, key, value)
    return made
