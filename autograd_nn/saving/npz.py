"""`.npz`: a model, or its weights alone, as one archive of NumPy.

    dense/kernel.npy                      a weight, by its name
    optimizer/dense/kernel/velocity.npy   what the optimizer keeps of it
    kept/lstm/states.npy                  a Tensor of a layer that is no weight, such as its state
    description.json                      what the model is; not where weights are saved alone

``np.load(path)["dense/kernel"]`` reads it without this library.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.engine.errors import FileFormatError
from autograd_nn.saving.archives import Archive, archive_at
from autograd_nn.saving.arrays_in_archives import (
    StoredArray,
    read_array,
    stored_array,
    write_archive,
)
from autograd_nn.saving.description import described
from autograd_nn.saving.named_weights import (
    KEPT,
    OF_OPTIMIZER,
    kept_of,
    optimizer_of,
    put_back,
    refuse_misfits,
    tensors_of,
    weights_of,
)
from autograd_nn.saving.plain_values import MOST_BYTES, text_of, value_of
from autograd_nn.saving.restoring import made_of, read_as

_DESCRIPTION = "description.json"


def write_model(path: Path, model: Any, include_optimizer: bool) -> None:
    """Write a whole model."""
    kept = {f"{KEPT}{name}": np.asarray(x._data) for name, x in kept_of(model).items()}
    arrays = weights_of(model) | kept | (optimizer_of(model) if include_optimizer else {})
    description = described(model, include_optimizer) | {"arrays": list(arrays)}
    write_archive(path, arrays, {_DESCRIPTION: text_of(description)})


def read_model(path: Path, custom_objects: Any, with_compile: bool) -> Any:
    """Make a model of a file."""
    with archive_at(path) as archive:
        if _DESCRIPTION not in archive.names:
            raise FileFormatError(
                f"{str(path)!r} is no model: it has no {_DESCRIPTION}. Weights that were saved "
                "alone are read by load_weights of a model that is there."
            )
        stored = stored_arrays(archive)
        with read_as(path, custom_objects):
            description = value_of(archive.read(_DESCRIPTION, MOST_BYTES))
            model = made_of(description, stored, custom_objects)
            own = {name: x for name, x in stored.items() if not name.startswith(OF_OPTIMIZER)}
            wanted = tensors_of(model) | kept_of(model)
            refuse_misfits(model, wanted, _with_names(own), "What the file has")
            put_back(model, _with_names(_read(archive, own)), with_kept=True)
            if with_compile and description["compile"] is not None:
                from autograd_nn.saving.restoring import compiled_of

                rest = {name: x for name, x in stored.items() if name not in own}
                compiled_of(model, description, _read(archive, rest), custom_objects)
    return model


def write_weights(path: Path, model: Any) -> None:
    """Write the weights alone."""
    write_archive(path, weights_of(model), {})


def read_weights(path: Path, model: Any) -> None:
    """Put the weights of a file, or of the whole model in it, into a model that is there."""
    with archive_at(path) as archive:
        stored = stored_arrays(archive)
        beside = (OF_OPTIMIZER, KEPT)
        own = {name: x for name, x in stored.items() if not name.startswith(beside)}
        refuse_misfits(model, tensors_of(model), own, repr(str(path)))
        put_back(model, _read(archive, own))


def stored_arrays(archive: Archive) -> dict[str, StoredArray]:
    """The shapes and dtypes of all arrays by name."""
    found = {}
    for name in archive.names:
        if name.endswith(".npy"):
            found[name.removesuffix(".npy")] = stored_array(archive, name)
        elif name != _DESCRIPTION:
            raise FileFormatError(
                f"{str(archive.path)!r} is refused: its part {name[:100]!r} is neither an array "
                "nor the description of a model."
            )
    return found


def _with_names(arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Arrays by the names of the Tensors that they are for."""
    return {name.removeprefix(KEPT): array for name, array in arrays.items()}


def _read(archive: Archive, stored: Mapping[str, StoredArray]) -> dict[str, np.ndarray[Any, Any]]:
    return {name: read_array(archive, f"{name}.npy", one) for name, one in stored.items()}
