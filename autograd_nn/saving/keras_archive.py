"""`.keras`: a whole model in the format of Keras 3, which Keras reads and writes as well.

    metadata.json       which Keras wrote it, and when
    config.json         what the model is, and what ``compile`` chose
    model.weights.h5    its weights, and what the optimizer keeps
    autograd_nn.json    what Keras has no place for, and does not read: how far layers were in their
                        draws, how steps are made; and under autograd_nn/ the states of stateful
                        layers, and what optimizers keep that Keras does not keep in the same form

Layers, losses and so on have Keras's names and arguments, so that most of it is the same in both.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn import losses, metrics, optimizers
from autograd_nn.engine.errors import ArgumentError, FileFormatError
from autograd_nn.engine.mutation import assign_all
from autograd_nn.layers.room import Room, reading
from autograd_nn.models.architecture import written_value
from autograd_nn.models.model import Model
from autograd_nn.saving.archives import Archive, archive_at
from autograd_nn.saving.arrays_in_archives import read_array, stored_array, write_archive
from autograd_nn.saving.description import (
    FORMAT_VERSION,
    compile_as_described,
    progress_of,
    progress_of_training,
    put_progress,
    refuse_newer,
    written_choice,
)
from autograd_nn.saving.hdf5 import StoredArrays, as_hdf5, put_in
from autograd_nn.saving.keras_config import from_keras, in_keras
from autograd_nn.saving.keras_optimizer import (
    is_same_in_keras,
    put_back_from_keras,
    state_in_keras,
)
from autograd_nn.saving.keras_read import KerasReader
from autograd_nn.saving.keras_written import described_for_keras
from autograd_nn.saving.named_weights import (
    KEPT,
    OF_OPTIMIZER,
    kept_of,
    optimizer_of,
    put_back_optimizer,
    refuse_misfits,
)
from autograd_nn.saving.plain_values import (
    MOST_BYTES,
    checked_dict,
    is_too_large,
    refuse_too_large,
)
from autograd_nn.saving.restoring import read_as

KERAS_VERSION = "3.15.0"
_METADATA, _CONFIG, _WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
_BESIDE, _BESIDE_ARRAYS = "autograd_nn.json", "autograd_nn/"


def write_model(path: Path, model: Any, include_optimizer: bool) -> None:
    """Write a whole model."""
    description = described_for_keras(model)
    training = model._training if include_optimizer else None
    if training is not None:
        description["compile_config"] = compile_in_keras(training)
    texts = {
        _METADATA: {"keras_version": KERAS_VERSION, "date_saved": _now()},
        _CONFIG: description,
        _BESIDE: _progress(model, training),
    }
    of_optimizer = state_in_keras(model) if training is not None else {}
    members = {name: text_of(value) for name, value in texts.items()}
    write_archive(
        path, _arrays_beside(model, training), members | {_WEIGHTS: as_hdf5(model, of_optimizer)}
    )


def read_model(path: Path, custom_objects: Any, with_compile: bool) -> Any:
    """Make a model of a file."""
    with archive_at(path) as archive, read_as(path, custom_objects):
        _refuse_incomplete(archive)
        description = value_of(archive.read(_CONFIG, MOST_BYTES))
        beside = _beside(archive)
        with _stored(archive) as stored:
            # What is float64 in the description may be float32 in the file, as with JAX.
            held = sum(archive.size(name) for name in archive.names if name.endswith(".npy"))
            token = reading.set(Room(held + sum(8 * array.size for array in stored.values())))
            try:
                model = KerasReader()(description)
                if not isinstance(model, Model):
                    raise FileFormatError(f"it describes {type(model).__name__}, no model.")
                if beside is not None:
                    put_progress(model, beside)
            finally:
                reading.reset(token)
            put_in(stored, model, "What the file has")
            if beside is not None:
                _put_kept(model, archive)
            chosen = description.get("compile_config")
            if with_compile and chosen:
                training = compile_here(chosen) | (beside or {}).get("training", {})
                is_compiled = compile_as_described(model, training, custom_objects)
                if beside is not None and (state := _read_beside(archive, OF_OPTIMIZER)):
                    if is_compiled:
                        put_back_optimizer(model, state)
                elif is_compiled:
                    put_back_from_keras(model, stored.of_optimizer())
    return model


def read_weights(path: Path, model: Any) -> None:
    """Put the weights of a file into a model that is there."""
    with archive_at(path) as archive:
        _refuse_incomplete(archive)
        with _stored(archive) as stored:
            put_in(stored, model, repr(str(path)))


def _stored(archive: Archive) -> StoredArrays:
    size = archive.size(_WEIGHTS)
    return StoredArrays(archive.path, io.BytesIO(archive.read(_WEIGHTS, size)))


def _refuse_incomplete(archive: Archive) -> None:
    for name in (_CONFIG, _WEIGHTS):
        if name not in archive.names:
            raise FileFormatError(
                f"{str(archive.path)!r} is no model of Keras 3: it has no {name}, and has "
                f"{', '.join(archive.names)[:200]}."
            )


# ---------------------------------------------------------------------- what Keras has no place for


def _progress(model: Any, training: Any) -> dict[str, Any]:
    found = {"format_version": FORMAT_VERSION, **progress_of(model)}
    if training is not None:
        chosen = {"jit_compile": training.jit_compile}
        found["training"] = chosen | progress_of_training(model, training)
    return found


def _arrays_beside(model: Any, training: Any) -> dict[str, Any]:
    """States of layers, and what an optimizer keeps where Keras's form of it is not the same."""
    arrays = {KEPT + name: np.asarray(tensor._data) for name, tensor in kept_of(model).items()}
    if training is not None and not is_same_in_keras(training.optimizer):
        arrays |= optimizer_of(model)
    return {_BESIDE_ARRAYS + name: array for name, array in arrays.items()}


def _beside(archive: Archive) -> Any:
    """What was written beside it; None in a file of Keras, which does not keep it."""
    if _BESIDE not in archive.names:
        return None
    beside = value_of(archive.read(_BESIDE, MOST_BYTES))
    refuse_newer(beside)
    return beside


def _read_beside(archive: Archive, beginning: str) -> dict[str, Any]:
    found = {}
    for name in archive.names:
        if name.startswith(_BESIDE_ARRAYS + beginning) and name.endswith(".npy"):
            array = read_array(archive, name, stored_array(archive, name))
            found[name.removeprefix(_BESIDE_ARRAYS).removesuffix(".npy")] = array
    return found


def _put_kept(model: Any, archive: Archive) -> None:
    arrays = {name.removeprefix(KEPT): x for name, x in _read_beside(archive, KEPT).items()}
    kept = kept_of(model)
    refuse_misfits(model, kept, arrays, "What the file has")
    assign_all([(tensor, arrays[name]) for name, tensor in kept.items()], [])


# ---------------------------------------------------------------------- compile


def compile_in_keras(training: Any) -> dict[str, Any]:
    """The arguments of ``compile``, the optimizer as it is now."""
    return {
        "optimizer": in_keras(optimizers.serialize(training.optimizer), "optimizers"),
        "loss": _chosen(written_choice(training.given_loss, losses), "losses"),
        "loss_weights": in_keras(training.loss_weights),
        "metrics": _chosen(written_choice(training.plain, metrics), "metrics"),
        "weighted_metrics": _chosen(written_choice(training.weighted, metrics), "metrics"),
        "run_eagerly": training.run_eagerly,
        "steps_per_execution": 1,
        "jit_compile": "auto",  # which is of other compilers there
    }


def _chosen(written: Any, key: str) -> Any:
    """Losses or metrics in the structure in which ``compile`` takes them."""
    if isinstance(written, list):
        return [_chosen(part, key) for part in written]
    if isinstance(written, dict) and set(written) == {"of_outputs"}:
        return {name: _chosen(part, key) for name, part in written["of_outputs"].items()}
    return in_keras(written, key)


def compile_here(config: Any) -> dict[str, Any]:
    """The same as `compile_as_described` takes it."""
    found = from_keras(config, KerasReader())
    weights = found.get("loss_weights")
    return {
        "optimizer": found["optimizer"],
        "loss": _of_outputs(found.get("loss")),
        "loss_weights": None if weights is None else written_value(weights),
        "metrics": _of_outputs(found.get("metrics")),
        "weighted_metrics": _of_outputs(found.get("weighted_metrics")),
        "steps": {},
        "run_eagerly": found.get("run_eagerly", False),
        "jit_compile": False,
    }


def _of_outputs(value: Any) -> Any:
    if isinstance(value, list):
        return [_of_outputs(part) for part in value]
    if isinstance(value, dict) and "class_name" not in value:
        return {"of_outputs": {name: _of_outputs(part) for name, part in value.items()}}
    return value


# ---------------------------------------------------------------------- JSON


def text_of(value: Any) -> str:
    """A description as JSON, refused where it would not be read again."""
    text = json.dumps(value)
    if is_too_large(text.encode()):
        raise ArgumentError(
            f"What describes the model has {len(text):,} bytes, and more than {MOST_BYTES:,} would "
            "not be read again. Arrays among the arguments of layers belong into weights."
        )
    return text


def value_of(text: bytes) -> Any:
    """What stands in the JSON of a file, refused where it is too large."""
    refuse_too_large(text)
    try:
        return json.loads(text, object_pairs_hook=checked_dict)
    except RecursionError:
        raise FileFormatError("it is nested too deep.") from None


def _now() -> str:
    from datetime import datetime  # takes long to import

    return datetime.now().strftime("%Y-%m-%d@%H:%M:%S")
