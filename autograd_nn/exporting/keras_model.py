"""`to_keras`: a model as a model of Keras."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ExportError, MissingPackageError
from autograd_nn.engine.taking import warn_outside
from autograd_nn.exporting.recorded_model import refuse_unbuilt
from autograd_nn.saving.keras_written import computed_otherwise
from autograd_nn.saving.named_weights import kept_of, layers_of


@checked_keywords
def to_keras(model: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The same model in Keras 3: each layer as Keras's of that name, with copies of the weights.

    Compiled as it is here, it goes on training with the state of its optimizer. It is what Keras
    reads from the file that ``model.save("m.keras")`` writes.

    Parameters   custom_objects: for layers and functions of your own those of Keras, by name; a
                 class has the same name there, the same arguments, and its weights in that order
    Raises       ExportError for what Keras has not;
                 MissingPackageError without Keras: pip install keras

    >>> from autograd_nn import Input, Sequential, layers
    >>> model = Sequential([Input((4,)), layers.Dense(2)])
    >>> theirs = to_keras(model)                                          # doctest: +SKIP
    >>> theirs.fit(x, y)                                                  # doctest: +SKIP
    """
    refuse_unbuilt(model)
    try:
        import keras
    except ImportError:
        raise MissingPackageError(
            "to_keras makes a model of Keras 3: pip install keras, and jax, torch or tensorflow, "
            "which compute for it."
        ) from None
    _refuse_own(model, custom_objects or {}, keras)
    if differing := computed_otherwise(model):
        raise ExportError(
            f"sparsemax of {', '.join(differing)} gives in Keras what does not add up to 1, with "
            "another threshold. Use softmax, or a layer of your own, written for both."
        )
    if lost := [name for name, tensor in kept_of(model).items() if np.any(tensor._data)]:
        warn_outside(
            f"What {', '.join(lost)} of {model.name!r} holds is no weight, and begins anew in "
            "Keras.",
        )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        model.save(path)
        try:
            theirs = keras.saving.load_model(path, custom_objects)
        except (TypeError, ValueError) as error:
            said = re.sub(r"\x1b\[\d*m", "", str(error))  # which Keras writes in bold
            raise ExportError(f"Keras cannot make the model {model.name!r}: {said}") from error
    _exclude_from_weight_decay(model, theirs)
    return theirs


def _exclude_from_weight_decay(model: Any, theirs: Any) -> None:
    """Leave the same weights alone there, of which Keras's file says nothing."""
    if not theirs.compiled or model.optimizer._undecayed is None:
        return
    pairs = zip(model.trainable_weights, theirs.trainable_weights, strict=True)
    excluded = [other for ours, other in pairs if not model.optimizer.decays(ours)]
    theirs.optimizer.exclude_from_weight_decay(excluded)


def _refuse_own(model: Any, given: Mapping[str, Any], keras: Any) -> None:
    """Refuse classes of the user's own that Keras is not told of, all at once."""
    own = [type(layer).__name__ for layer in layers_of(model).values() if layer._is_own]
    missing = [
        name
        for name in dict.fromkeys(own)
        if keras.saving.get_registered_object(name, custom_objects=given) is None
    ]
    if missing:
        entries = ", ".join(f"{name!r}: …" for name in missing)
        raise ExportError(
            f"Keras has no {' and no '.join(missing)}, which {model.name!r} is made of: write "
            "each for Keras too, with the same name, arguments and weights, and give "
            f"custom_objects={{{entries}}}."
        )
