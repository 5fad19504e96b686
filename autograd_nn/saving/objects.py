"""Parts of models as plain values, as Keras writes them, and made of them again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.layers.layer import Layer
from autograd_nn.own_classes import CustomObjectScope, get_registered_object
from autograd_nn.saving.keras_config import (
    KINDS,
    MODULES,
    from_keras,
    in_keras,
    module_of,
    own_class,
)
from autograd_nn.saving.keras_read import KerasReader
from autograd_nn.saving.keras_written import KerasWriter


def serialize_keras_object(obj: Any) -> Any:
    """What a ``get_config`` of your own may give of a layer, a loss, a function and the like.

    Plain values stay as they are; of lists and dicts each part is written.

    >>> from autograd_nn.layers import Dense
    >>> entry = serialize_keras_object(Dense(3, name="inner"))
    >>> entry["class_name"], entry["config"]["units"]
    ('Dense', 3)
    >>> deserialize_keras_object(entry)
    <Dense name=inner, built=False>
    """
    if isinstance(obj, Layer):
        return KerasWriter([])(obj)
    if isinstance(obj, (list, tuple)):
        return [serialize_keras_object(part) for part in obj]
    if isinstance(obj, Mapping):
        return {key: serialize_keras_object(part) for key, part in obj.items()}
    for module, kind in KINDS.items():
        if isinstance(obj, kind):
            return in_keras(MODULES[module].serialize(obj), module)
    return in_keras(obj)


@checked_keywords
def deserialize_keras_object(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """What `serialize_keras_object` wrote, made again; what is no description stays as it is.

    Parameters   custom_objects: classes and functions of your own by name
    Raises       ArgumentError for a class that is not known
    """
    with CustomObjectScope(custom_objects or {}):
        return _made(config)


def _made(value: Any) -> Any:
    if isinstance(value, str):
        own = get_registered_object(value)
        return value if own is None else own
    if isinstance(value, list):
        return [_made(part) for part in value]
    if not isinstance(value, dict):
        return value
    if not {"class_name", "config"} <= set(value):
        return {key: _made(part) for key, part in value.items()}
    if value.get("module") is None and own_class(value) is None:
        return MODULES[_only_module_with(value["class_name"])].deserialize(value)
    found = from_keras(value, KerasReader())
    return MODULES[module_of(value)].deserialize(found) if isinstance(found, dict) else found


def _only_module_with(name: Any) -> str:
    """Of an entry that says no module, as those of ``layers.serialize`` and its like."""
    found = [module for module, held in MODULES.items() if name in held.__all__]
    if len(found) == 1:
        return found[0]
    known = " or ".join(f"{module}.deserialize" for module in found or MODULES)
    raise ArgumentError(
        f"`config` names the class {name!r:.60}, which is in {' and '.join(found) or 'no module'} "
        f"here: {known} knows of which kind it is."
    )
