"""``keras.saving``: files, and how classes of the user's own are found again by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_nn.own_classes import (
    CustomObjectScope,
    custom_object_scope,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
)
from autograd_nn.saving import load_model, load_weights, save_model, save_weights
from autograd_nn.saving.objects import deserialize_keras_object, serialize_keras_object

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "deserialize_keras_object",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "load_model",
    "load_weights",
    "register_keras_serializable",
    "save_model",
    "save_weights",
    "serialize_keras_object",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        from autograd_nn.missing_names import missing

        raise missing(__name__, name, __all__)
