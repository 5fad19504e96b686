"""Files of models and of weights as they should be, in every format that is read."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from autograd_nn import Input, Model, Sequential, layers
from autograd_nn.models import load_model

WIDE = 600  # the files have some megabytes, so that memory says something


class Honest(NamedTuple):
    """A file as it should be, and how it is read.

    Parameters   name: under the folder of all of them
                 model: that it is of, or is read into, where it is of one
                 weights: that are there when it was read
    """

    name: str
    content: bytes
    read: Callable[[Path], Any]
    model: Any = None
    weights: Any = ()


def files_of_models(folder: Path) -> list[Honest]:
    """Whole models and weights, in every format that the installed packages read."""
    x, y = np.ones((4, 12), np.float32), np.ones((4, 2), np.float32)
    chain = Sequential(
        name="chain",
        layers=[
            Input((12,)),
            layers.Dense(WIDE, "relu", kernel_regularizer="l2"),
            layers.Dropout(0.2, seed=1),
            layers.BatchNormalization(),
            layers.Dense(WIDE, kernel_initializer="he_normal", kernel_constraint="non_neg"),
            layers.Dense(2),
        ],
    )
    chain.compile("adam", "mse", metrics=["mae"])
    chain.fit(x, y, epochs=1, verbose=0)
    found = [_of_model(folder, chain, "chain.npz")]
    wide = Sequential([Input((12,)), layers.Dense(2 * WIDE), layers.Dense(WIDE, "tanh")])
    found += [_of_weights(folder, wide, name) for name in ("weights.npz", "weights.safetensors")]
    a, b = Input((3, 4), name="a"), Input((12,), name="b")
    shared = layers.LSTM(8, return_sequences=True)
    z = np.concatenate([layers.Flatten()(shared(a)), b], axis=1)
    inner_in = Input((36,))
    inner = Model(inner_in, layers.Dense(WIDE, "tanh")(inner_in), name="inner")
    z = inner(z * np.array([2.0], np.float32)) + inner(np.exp(-z))
    graph = Model([a, b], [layers.Dense(WIDE)(z), np.sum(z, axis=1, keepdims=True)], "graph")
    graph.compile("sgd", ["mse", None])
    found.append(_of_model(folder, graph, "graph.npz"))
    many = Sequential(
        name="many",
        layers=[
            Input((8, 8, 2)),
            layers.Conv2D(6, 3, padding="same"),
            layers.MaxPooling2D(),
            layers.UpSampling2D(2),
            layers.ZeroPadding2D(1),
            layers.DepthwiseConv2D(3),
            layers.Permute((2, 1, 3)),
            layers.Reshape((64, 6)),
            layers.Bidirectional(layers.GRU(4, return_sequences=True)),
            layers.Conv1D(5, 2, strides=2),
            layers.TimeDistributed(layers.Dense(3)),
            layers.LayerNormalization(),
            layers.GlobalAveragePooling1D(),
            layers.RepeatVector(3),
            layers.Flatten(),
            layers.Dense(WIDE),
            layers.Dense(WIDE),
        ],
    )
    many.compile("rmsprop", "mae")
    found.append(_of_model(folder, many, "many.npz"))
    if importlib.util.find_spec("h5py") is not None:
        found += [_of_model(folder, model, f"{model.name}.keras") for model in (chain, many, graph)]
        found.append(_of_weights(folder, wide, "wide.weights.h5"))
        found.append(_of_model(folder, graph, "graph.h5"))
    return found


def _of_model(folder: Path, model: Model, name: str) -> Honest:
    model.save(folder / name)
    return Honest(name, (folder / name).read_bytes(), load_model, model, model.get_weights())


def _of_weights(folder: Path, model: Model, name: str) -> Honest:
    model.save_weights(folder / name)
    read = model.load_weights
    return Honest(name, (folder / name).read_bytes(), read, model, model.get_weights())
