"""`.h5`: a whole model in Keras's older format, which many programs still write; `.keras` is newer.

    model_config, training_config      what the model is, and what ``compile`` chose, as JSON
    model_weights/dense/…              the weights of each layer, in the order of its weight_names
    optimizer_weights/…                what the optimizer keeps

Keras 3 writes and reads it as well. Files of Keras 2 describe layers in another way.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograd_nn.engine.errors import ArgumentError, FileFormatError
from autograd_nn.engine.mutation import assign_all
from autograd_nn.engine.taking import warn_outside
from autograd_nn.layers.room import Room, reading
from autograd_nn.models.model import Model
from autograd_nn.saving.description import compile_as_described
from autograd_nn.saving.hdf5 import OF_OPTIMIZER, StoredArrays, new_file
from autograd_nn.saving.keras_archive import (
    KERAS_VERSION,
    compile_here,
    compile_in_keras,
    text_of,
    value_of,
)
from autograd_nn.saving.keras_config import own_class
from autograd_nn.saving.keras_optimizer import put_back_from_keras, state_in_keras
from autograd_nn.saving.keras_read import KerasReader
from autograd_nn.saving.keras_written import described_for_keras
from autograd_nn.saving.plain_values import MOST_BYTES
from autograd_nn.saving.restoring import read_as

_MODEL, _TRAINING = "model_config", "training_config"
_WEIGHTS, _OPTIMIZER, _REST = "model_weights", "optimizer_weights", "top_level_model_weights"


def write_model(path: Path, model: Any, include_optimizer: bool) -> None:
    """Write a whole model."""
    description = described_for_keras(model)
    training = model._training if include_optimizer else None
    if training is not None and training.optimizer._undecayed is not None:
        raise ArgumentError(
            "What exclude_from_weight_decay was told has no place in .h5: save as .npz or .keras, "
            "or with include_optimizer=False."
        )
    with new_file(path) as root:
        root.attrs["keras_version"], root.attrs["backend"] = KERAS_VERSION, "numpy"
        root.attrs[_MODEL] = text_of({key: description[key] for key in ("class_name", "config")})
        weights = root.create_group(_WEIGHTS)
        weights.attrs["keras_version"], weights.attrs["backend"] = KERAS_VERSION, "numpy"
        weights.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        held = {layer.name: _weights_of(layer) for layer in model.layers}
        for name, tensors in {**held, _REST: _beside(model)}.items():
            _write_group(weights.create_group(name), [x._data for x in tensors])
        if training is not None:
            chosen = compile_in_keras(training)
            _warn_of_what_is_left_out(model.optimizer)
            optimizer = chosen.pop("optimizer")
            root.attrs[_TRAINING] = text_of({**chosen, "optimizer_config": optimizer})
            _write_group(root.create_group(_OPTIMIZER), list(state_in_keras(model).values()))


def _warn_of_what_is_left_out(optimizer: Any) -> None:
    """Say that an optimizer of one's own, which Keras cannot name the arrays of, begins anew."""
    if optimizer._is_own and optimizer._iterations:
        warn_outside(
            f"What the optimizer {type(optimizer).__name__} keeps after {optimizer._iterations} "
            "steps is not in this file: of a class of your own .h5 has its settings alone, with "
            "which it begins anew. model.save('model.keras') and '.npz' keep it."
        )


def _weights_of(layer: Any) -> list[Any]:
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _beside(model: Any) -> list[Any]:
    """The weights of the model itself that belong to none of its layers."""
    of_layers = [x for layer in model.layers for x in layer.weights]
    return [x for x in _weights_of(model) if not any(x is one for one in of_layers)]


def _write_group(group: Any, arrays: list[Any]) -> None:
    """Arrays in their order, which the attribute tells."""
    group.attrs["weight_names"] = [f"{number}".encode() for number in range(len(arrays))]
    for number, array in enumerate(arrays):
        group[str(number)] = array


def read_model(path: Path, custom_objects: Any, with_compile: bool) -> Any:
    """Make a model of a file."""
    with (
        path.open("rb") as file,
        read_as(path, custom_objects),
        StoredArrays(path, file, older=True) as stored,
    ):
        description = value_of(_text(stored, _MODEL))
        token = reading.set(Room(sum(8 * array.size for array in stored.values())))
        try:
            model = KerasReader()(_with_modules(description))
        finally:
            reading.reset(token)
        if not isinstance(model, Model):
            raise FileFormatError(f"it describes {type(model).__name__}, which is no model.")
        _put_in(stored, model)
        if with_compile and stored.attribute("", _TRAINING, MOST_BYTES) is not None:
            _compile(model, stored, custom_objects)
    return model


def read_weights(path: Path, model: Any) -> None:
    """Put the weights of a file into a model that is there."""
    with path.open("rb") as file, read_as(path), StoredArrays(path, file, older=True) as stored:
        _put_in(stored, model)


def _text(stored: StoredArrays, name: str) -> bytes:
    text = stored.attribute("", name, MOST_BYTES)
    if not isinstance(text, (str, bytes)):
        raise FileFormatError(f"it has no {name}, and so it is no model.")
    return text.encode() if isinstance(text, str) else text


def _with_modules(entry: Any) -> Any:
    """The description of a model with the module of each of its layers, which is not told here."""
    if not isinstance(entry, dict) or not isinstance(entry.get("config"), dict):
        raise FileFormatError("it describes a layer by something else than class and config.")
    config = entry["config"]
    if isinstance(config.get("layers"), list):
        config = {**config, "layers": [_with_modules(one) for one in config["layers"]]}
    if (
        "batch_input_shape" in config
        or isinstance(config.get("dtype"), str)
        and (entry.get("class_name") != "InputLayer")
    ):
        raise FileFormatError(
            "it was written by Keras 2: load it in Keras 3, and save it as .keras there."
        )
    known = {} if own_class(entry) is not None else {"module": "keras.layers"}
    return {**known, **entry, "config": config}


def _put_in(stored: StoredArrays, model: Any) -> None:
    """Put the weights into a model, layer after layer, all or, where one does not fit, none."""
    top = _WEIGHTS if any(name.startswith(f"{_WEIGHTS}/") for name in stored) else ""
    start = f"{top}/" if top else ""  # Keras 2 wrote weights alone without it
    saved = [
        [f"{start}{name}/{one}" for one in stored.names(start + name, "weight_names")]
        for name in stored.names(top, "layer_names")
    ]
    path = start + _REST
    rest = [f"{path}/{one}" for one in stored.names(path, "weight_names", required=False)]
    own = [tensors for layer in model.layers if (tensors := _weights_of(layer))]
    groups = [*filter(None, saved), rest]
    wanted = [*own, _beside(model)]
    shapes = [[tuple(stored[name].shape) for name in group] for group in groups]
    expected = [[x.shape for x in group] for group in wanted]
    if shapes != expected:
        raise ArgumentError(
            f"The weights of the file do not fit the model, layer after layer: it has the shapes "
            f"{shapes!r:.300}, and {model.name!r} {expected!r:.300}."
        )
    pairs = [
        (tensor, stored.read(name))
        for tensors, group in zip(wanted, groups, strict=True)
        for tensor, name in zip(tensors, group, strict=True)
    ]
    assign_all(pairs, [])


def _compile(model: Any, stored: StoredArrays, custom_objects: Any) -> None:
    config = value_of(_text(stored, _TRAINING))
    optimizer = config.pop("optimizer_config")
    chosen: dict[str, Any] = {
        **config,
        "optimizer": {"module": "keras.optimizers", **optimizer},
        "loss": _in_module(config.get("loss"), "keras.losses"),
        "metrics": _in_module(config.get("metrics"), "keras.metrics"),
        "weighted_metrics": _in_module(config.get("weighted_metrics"), "keras.metrics"),
    }
    if compile_as_described(model, compile_here(chosen), custom_objects):
        has_state = any(name.startswith(f"{_OPTIMIZER}/") for name in stored)
        names = stored.names(_OPTIMIZER, "weight_names") if has_state else []
        arrays = {
            f"{OF_OPTIMIZER}{number}": stored.read(f"{_OPTIMIZER}/{name}")
            for number, name in enumerate(names)
        }
        put_back_from_keras(model, arrays)


def _in_module(value: Any, module: str) -> Any:
    """Losses and metrics with the module of each, which is not told here."""
    if isinstance(value, list):
        return [_in_module(part, module) for part in value]
    if isinstance(value, Mapping):
        if "class_name" in value:
            return {"module": module, **value}
        return {name: _in_module(part, module) for name, part in value.items()}
    return value
