"""Files of models and of weights, of the format that the extension says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.engine.argument_checks import true_or_false
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.structures import flatten
from autograd_nn.engine.taking import warn_outside
from autograd_nn.layers.recurrent import Recurrent
from autograd_nn.models.model import Model
from autograd_nn.saving.named_weights import kept_of, layers_of
from autograd_nn.saving.whole_files import whole_file

# Each a file beside this one, with write_model and read_model, or write_weights and read_weights.
OF_MODELS = {
    ".npz": "npz",
    ".keras": "keras_archive",
    ".h5": "older_hdf5",
    ".hdf5": "older_hdf5",
}
OF_WEIGHTS = {
    ".npz": "npz",
    ".safetensors": "safetensors",
    ".weights.h5": "hdf5",
}

# By them a class tells Keras how it is kept.
_HOOKS = (
    *("save_own_variables", "load_own_variables", "save_assets", "load_assets"),
    *("get_build_config", "build_from_config"),
)


def save_model(
    model: Any, filepath: Any, overwrite: bool = True, include_optimizer: bool = True
) -> None:
    """Write a model: what it is, its weights, what ``compile`` chose, and the optimizer's state.

    The file is written whole or not at all: what stood there before stays until then. Of several
    processes that train one model the first one writes it, and the others go on.

    Parameters   filepath: ends in ``.npz``, or in ``.keras``, which Keras 3 reads as well; ``.h5``
                 and ``.hdf5`` are its older format
                 overwrite: False refuses where a file is there already
                 include_optimizer: False leaves out what ``compile`` chose
    Raises       FileWriteError, an OSError, where it cannot be written; ArgumentError,
                 ArgumentTypeError for what has no description, such as a lambda, and for
                 a layer of your own with save_own_variables and the like, which nothing calls
    """
    _check_model(model)
    _refuse_hooks(model)
    true_or_false("include_optimizer", include_optimizer)
    path, module = _to_write(filepath, OF_MODELS, overwrite)
    if _is_written_by_another(model):
        return
    if module.__name__.endswith("older_hdf5"):
        _warn_of_lost(model, kept_of(model))
    with whole_file(path) as unfinished:
        module.write_model(unfinished, model, include_optimizer)


def load_model(filepath: Any, custom_objects: Any = None, compile: bool = True) -> Any:
    """The model of a file that ``model.save`` wrote, or Keras 3; training goes on where it was.

    Nothing that a file says is run, and no file gets more memory than it has itself.

    Parameters   custom_objects: layers, losses, functions and the like of your own by name,
                 {"MyLayer": MyLayer}; with ``register_keras_serializable`` they are found without
                 compile: False leaves the model without optimizer, loss and metrics
    Raises       FileNotFoundError; FileFormatError, a ValueError, where no model can be made of it
    """
    path, module = _to_read(filepath, OF_MODELS)
    model = module.read_model(path, custom_objects, true_or_false("compile", compile))
    _refuse_hooks(model)
    return model


def save_weights(model: Any, filepath: Any, overwrite: bool = True) -> None:
    """Write the weights alone, in the format that the extension says; see ``save_model``."""
    _check_model(model)
    _refuse_hooks(model)
    path, module = _to_write(filepath, OF_WEIGHTS, overwrite)
    if not model.built:
        model._refuse_unbuilt("save_weights(…)")
    if _is_written_by_another(model):
        return
    of_calls = [x for layer in layers_of(model).values() for x in _states(layer)]
    kept = kept_of(model).items()
    _warn_of_lost(model, {name: x for name, x in kept if not any(x is one for one in of_calls)})
    with whole_file(path) as unfinished:
        module.write_weights(unfinished, model)


def load_weights(model: Any, filepath: Any) -> None:
    """Put the weights of a file into a model, by their names; all or none.

    Raises       FileNotFoundError; FileFormatError where it cannot be read; ArgumentError with all
                 that is missing, extra, or of another shape
    """
    _check_model(model)
    _refuse_hooks(model)
    path, module = _to_read(filepath, {**OF_MODELS, **OF_WEIGHTS})
    module.read_weights(path, model)


def _check_model(model: Any) -> None:
    if not isinstance(model, Model):
        raise ArgumentTypeError(f"`model` must be a model, got {type(model).__name__}.")


def _refuse_hooks(model: Any) -> None:
    """Refuse layers that say themselves what Keras keeps of them, and are not asked here."""
    for layer in layers_of(model).values():
        found = [name for name in _HOOKS if layer._is_own and hasattr(layer, name)]
        if found:
            raise ArgumentError(
                f"{type(layer).__name__} has {' and '.join(found)}, which nothing calls here. Let "
                "its get_config give what it is made of, and hold arrays that are to be kept as "
                "weights, self.add_weight(…, trainable=False)."
            )


def _warn_of_lost(model: Any, tensors: Mapping[str, Any]) -> None:
    """Say what is not in the file, of Tensors that are no weights."""
    lost = [name for name, tensor in tensors.items() if np.any(tensor._data)]
    if lost:
        warn_outside(
            f"{', '.join(lost)} of {model.name!r} will not be in the file, which holds weights: "
            "model.save('….npz') keeps all, and every file has what is a weight, "
            "self.add_weight(…, trainable=False).",
        )


def _states(layer: Any) -> list[Any]:
    """What a stateful layer goes on with, which is no weight in Keras either."""
    return flatten(layer.states)[0] if isinstance(layer, Recurrent) and layer.states else []


def _is_written_by_another(model: Any) -> bool:
    """Whether several processes train it, of which the first one writes, and this is not it."""
    shared = model._training.shared if model._training is not None else None
    return shared is not None and shared.rank != 0


def _to_write(path: Any, formats: dict[str, str], overwrite: Any) -> tuple[Path, Any]:
    found, module = _format_of(path, formats)
    if not found.parent.is_dir():
        raise ArgumentError(f"`filepath` is {str(found)!r}, and there is no folder {found.parent}.")
    if not true_or_false("overwrite", overwrite) and found.exists():
        raise ArgumentError(f"{str(found)!r} is there already, and overwrite=False was given.")
    return found, module


def _to_read(path: Any, formats: dict[str, str]) -> tuple[Path, Any]:
    found, module = _format_of(path, formats)
    if not found.exists():
        raise FileNotFoundError(f"There is no file {str(found)!r}.")
    return found, module


def extension_of(name: str) -> str | None:
    """The extension that says of which format a file of this name is, None where none does."""
    for extension in (*OF_WEIGHTS, *OF_MODELS):  # of .weights.h5 and .h5 the longer one is first
        if name.lower().endswith(extension) and len(name) > len(extension):
            return extension
    return None


def _format_of(path: Any, formats: dict[str, str]) -> tuple[Path, Any]:
    """The path, and the module that reads and writes files of its extension."""
    if not isinstance(path, (str, os.PathLike)):
        raise ArgumentTypeError(f"`filepath` must be the path of a file, got {path!r:.80}.")
    found = Path(path)
    if "\0" in str(found):
        raise ArgumentError(f"`filepath` has the letter NUL, which no name has: {str(found)!r}.")
    extension = extension_of(found.name)
    if extension in formats:
        if found.is_dir():
            raise ArgumentError(f"`filepath` must be a file, and {str(found)!r} is a folder.")
        if found.exists() and not found.is_file():  # nobody may ever write into a pipe
            raise ArgumentError(
                f"`filepath` must be a file, and {str(found)!r} is a device or a pipe."
            )
        return found, import_module(f"autograd_nn.saving.{formats[extension]}")
    raise ArgumentError(
        f"`filepath` must have an extension that says its format, {' or '.join(formats)}, got "
        f"{str(found)!r}."
    )
