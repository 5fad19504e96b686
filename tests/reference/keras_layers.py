"""Every layer of real Keras on its samples: the numbers in the folder keras_layers.

``python -m tests.reference.keras_layers DIRECTORY FAMILY`` records one family alone, a module of
``tests.layers.samples``. All is computed in float64, with the weights of ``weights_for``. The
gradients are those of the sum of all outputs, each multiplied as ``weighting`` says: of the weights
that are trained, then of the inputs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from inspect import signature
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"
import jax
import keras
import numpy as np
from keras.src.backend.common import dtypes

from tests.layers.samples import FAMILIES
from tests.layers.samples.sample import Sample, weighting, weights_for
from tests.reference.writing import write


def record(directory: Path, *families: str) -> None:
    """A file for each family: for each layer an entry for each sample, null if not compared."""
    with in_float64():
        for family in families or FAMILIES:
            entries = {
                name: [None if sample.differs else _entry(sample) for sample in samples]
                for name, samples in FAMILIES[family].items()
            }
            directory.mkdir(exist_ok=True)
            write(directory / f"{family}.json", entries)


@contextmanager
def in_float64() -> Iterator[None]:
    """Keras computes in float64 all the way."""
    jax.config.update("jax_enable_x64", True)
    keras.config.set_floatx("float64")
    # On JAX Keras turns float64 into float32 where its own rules promote a dtype, as in tanh.
    narrowed = dtypes.BIT64_TO_BIT32_DTYPE
    dtypes.BIT64_TO_BIT32_DTYPE = {}
    try:
        yield
    finally:
        dtypes.BIT64_TO_BIT32_DTYPE = narrowed
        keras.config.set_floatx("float32")


def _entry(sample: Sample) -> dict[str, Any]:
    return {
        "training" if training else "outputs": _numbers_of(sample, training)
        for training in sample.compared
    }


def _numbers_of(sample: Sample, training: bool) -> dict[str, Any]:
    layer = sample.make(keras.layers)
    given = [keras.ops.convert_to_tensor(x) for x in sample.inputs]
    sample.called(layer, given)
    layer.set_weights(weights_for(layer.weights))
    kept = [v.value for v in layer.non_trainable_variables]
    mode = {"training": training} if "training" in signature(layer.call).parameters else {}
    floats = [x for x in given if x.dtype == "float64"]

    def summed(trained: Any, floats: Any) -> Any:
        left = iter(floats)
        inputs = [next(left) if x.dtype == "float64" else x for x in given]
        outputs, after = sample.called(partial(layer.stateless_call, trained, kept), inputs, **mode)
        outputs = jax.tree_util.tree_leaves(outputs)
        assert all(x.dtype != "float32" for x in outputs), sample
        total = sum((x * weighting(x.shape, place)).sum() for place, x in enumerate(outputs))
        return total, (outputs, after)

    trained = [v.value for v in layer.trainable_variables]
    slopes, (outputs, after) = jax.grad(summed, argnums=(0, 1), has_aux=True)(trained, floats)
    found = {"values": _short(outputs), "gradients": _short([*slopes[0], *slopes[1]])}
    if training and layer.non_trainable_weights:
        by_path = {v.path: x for v, x in zip(layer.non_trainable_variables, after, strict=True)}
        found["kept"] = _short([by_path[w.path] for w in layer.non_trainable_weights])
    return found


def _short(arrays: Any) -> list[Any]:
    """Nine digits, a thousand times finer than what is compared."""
    return [
        np.array([float(f"{x:.9g}") for x in np.ravel(array)]).reshape(np.shape(array)).tolist()
        for array in arrays
    ]


if __name__ == "__main__":
    record(Path(sys.argv[1]), *sys.argv[2:])
