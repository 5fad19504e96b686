"""Models that are exported: each sample of each layer, and some of several layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, layers
from tests.layers.samples import FAMILIES
from tests.layers.samples.sample import Sample, numbers, weights_for

EVERY = [
    pytest.param(sample, id=f"{name}-{place}")
    for entries in FAMILIES.values()
    for name, samples in entries.items()
    for place, sample in enumerate(samples)
]


def as_model(sample: Sample) -> tuple[Any, list[Any]]:
    """A model of the one layer, with weights, and its inputs."""
    arrays = [x.astype("float32") if x.dtype.kind == "f" else x for x in sample.inputs]
    ends = [Input(x.shape[1:], dtype=x.dtype) for x in arrays]
    outputs = sample.called(sample.make(layers), ends)
    return with_weights(Model(ends if len(ends) > 1 else ends[0], outputs)), arrays


def with_weights(model: Any) -> Any:
    model.set_weights(weights_for(model.weights))
    return model


def parts(outputs: Any) -> list[Any]:
    """What a model gave, as a list, also of nested lists and dicts."""
    if isinstance(outputs, dict):
        outputs = list(outputs.values())
    if isinstance(outputs, (list, tuple)):
        return [x for part in outputs for x in parts(part)]
    return [outputs]


def chain() -> Any:
    return Sequential([
        Input((4,)),
        layers.Dense(5, "relu"),
        layers.BatchNormalization(),
        layers.Dropout(0.3),
        layers.Dense(3, "softmax"),
    ])  # fmt: skip


def nested() -> Any:
    """Two inputs and outputs, models as layers, one of them called twice."""
    left, right = Input((4,), name="left"), Input((6,), name="right")
    inner, other = chain(), chain()
    shared = layers.BatchNormalization()
    joined = layers.Concatenate()([
        inner(left), layers.Dense(2)(right), other(left), inner(np.tanh(left)),
    ])  # fmt: skip
    outputs = {"all": shared(shared(joined)), "sum": np.sum(joined[:, ::-2], axis=1)}
    return Model({"left": left, "right": right}, outputs)


def words() -> Any:
    """A mask that goes on from layer to layer."""
    return Sequential([
        Input((5,), dtype="int32"),
        layers.Embedding(7, 4, mask_zero=True),
        layers.LSTM(3, return_sequences=True),
        layers.Bidirectional(layers.GRU(2, return_sequences=True)),
        layers.SimpleRNN(3),
        layers.Dense(1),
    ])  # fmt: skip


def pictures() -> Any:
    """Of any height and width."""
    return Sequential([
        Input((None, None, 2)),
        layers.Conv2D(3, 3, padding="same", activation="relu"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(2),
    ])  # fmt: skip


def attention() -> Any:
    """Of any length."""
    x = Input((None, 4))
    return Model(x, layers.MultiHeadAttention(2, 3)(x, x))


class Waves(layers.Layer):
    """A layer of one's own, by NumPy's functions; it depends on the number of samples."""

    def build(self, input_shape: Any) -> None:
        self.rate = self.add_weight((input_shape[-1],), "ones", "rate")

    def call(self, x: Any) -> Any:
        shifted = np.where(x > 0, np.exp(-x * self.rate), np.sin(x))
        return shifted + np.zeros((x.shape[0], 1), x.dtype) + np.sum(x, axis=0) / x.shape[0]


class Ways(Model):
    """A model of one's own, with dicts that go in and come out."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = layers.Dense(2), layers.Dense(3, "gelu")

    def call(self, inputs: Any) -> Any:
        return {"sum": self.first(inputs["u"]) + inputs["v"], "b": [self.second(inputs["u"])]}


def ways() -> Any:
    model = Ways()
    model({"u": numbers(2, 3), "v": numbers(2, 2)})
    return model


def words_of(*shape: int) -> Any:
    return np.arange(np.prod(shape), dtype="int32").reshape(shape) ** 2 % 7


MODELS: dict[str, tuple[Callable[[], Any], list[tuple[int, ...]]]] = {
    "chain": (chain, [(7, 4)]),
    "nested": (nested, [(3, 4), (3, 6)]),
    "words": (words, [(4, 5)]),
    "pictures": (pictures, [(2, 6, 7, 2)]),
    "attention": (attention, [(3, 6, 4)]),
    "own layer": (lambda: Sequential([Input((4,)), Waves(), layers.Dense(2)]), [(5, 4)]),
    "own model": (ways, [(3, 3), (3, 2)]),
    "nothing": (lambda: Model(x := Input((3,)), x), [(2, 3)]),
}


def made(name: str) -> tuple[Any, list[Any]]:
    """A model with weights, and its inputs."""
    make, shapes = MODELS[name]
    of_words = name == "words"
    arrays = [words_of(*s) if of_words else numbers(*s).astype("float32") for s in shapes]
    return with_weights(make()), arrays


def structured(model: Any, arrays: list[Any]) -> Any:
    """The inputs as the model takes them."""
    if isinstance(model, Ways):
        return dict(zip(["u", "v"], arrays, strict=True))
    if model.layer_graph is not None and isinstance(model.input, dict):
        return dict(zip(model.input, arrays, strict=True))
    return arrays if len(arrays) > 1 else arrays[0]
