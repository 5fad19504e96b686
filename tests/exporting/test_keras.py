"""Models of Keras of all layers: what they compute, and a step of training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, export, layers, to_keras, to_torch
from autograd_nn.engine.errors import ExportError
from autograd_nn.layers import Layer
from autograd_nn.optimizers import SGD, AdamW
from tests.exporting.samples import EVERY, MODELS, as_model, made, parts, structured
from tests.layers.samples.reshaping import squared
from tests.layers.samples.sample import Sample, numbers, weighting

pytestmark = [
    pytest.mark.peers,
    pytest.mark.filterwarnings("ignore:Explicitly requested dtype"),  # JAX has no int64 by itself
]

# What Keras cannot make, or computes otherwise.
LEFT_OUT = {
    "Activation-26": "sparsemax of Keras does not add up to 1",
    "GroupQueryAttention-2": "Keras wants as many features of the queries as of the values",
}
# Each is compiled by JAX anew, so that all take minutes.
CASES = [
    pytest.param(
        *case.values,
        id=case.id,
        marks=[pytest.mark.thorough] if place % 16 else [pytest.mark.peers],
    )
    for place, case in enumerate(EVERY)
    if case.id not in LEFT_OUT
]


def as_array(x: Any) -> Any:
    import keras

    return keras.ops.convert_to_numpy(x)


def assert_same(model: Any, theirs: Any, arrays: list[Any]) -> list[Any]:
    ours = [np.asarray(x.data) for x in parts(model(structured(model, arrays)))]
    for a, b in zip(ours, parts(theirs(structured(model, arrays))), strict=True):
        np.testing.assert_allclose(as_array(b), a, rtol=1e-6, atol=1e-6)
    return ours


def assert_step_is_the_same(model: Any, theirs: Any, arrays: list[Any], outputs: Any) -> None:
    x = structured(model, arrays)
    y = [weighting(out.shape, place).astype("float32") for place, out in enumerate(outputs)]
    for one in (model, theirs):
        one.train_on_batch(x, y if len(y) > 1 else y[0])
    for ours, other in zip(model.weights, theirs.weights, strict=True):
        found = as_array(other.value)
        np.testing.assert_allclose(found, ours.data, rtol=1e-5, atol=1e-5, err_msg=ours.name)


@pytest.mark.parametrize("sample", CASES)
def test_every_layer_computes_and_learns_the_same(sample: Sample) -> None:
    model, arrays = as_model(sample)
    model.compile(SGD(0.1), "mse")
    theirs = to_keras(model, {"squared": squared})
    outputs = assert_same(model, theirs, arrays)
    if model.trainable_weights and not sample.draws:
        assert_step_is_the_same(model, theirs, arrays, outputs)


@pytest.mark.parametrize(
    "name",
    [
        "nested",
        *(pytest.param(x, marks=pytest.mark.thorough) for x in ("words", "pictures", "attention")),
    ],
)
def test_models_of_many_layers(name: str) -> None:
    model, arrays = made(name)
    assert_same(model, to_keras(model), arrays)


def test_the_state_of_the_optimizer_goes_along() -> None:
    model = Sequential([Input((3,)), layers.Dense(4, "tanh"), layers.Dense(1)])
    model.compile(SGD(0.1, momentum=0.9), "mse")
    x, y = numbers(8, 3).astype("float32"), numbers(8, 1).astype("float32")
    model.fit(x, y, epochs=3, shuffle=False, verbose=0)
    theirs = to_keras(model)
    for one in (model, theirs):
        one.fit(x, y, epochs=3, shuffle=False, verbose=0)
    for ours, other in zip(model.weights, theirs.weights, strict=True):
        np.testing.assert_allclose(as_array(other.value), ours.data, rtol=1e-5, atol=1e-6)


def test_what_weight_decay_leaves_alone_goes_along() -> None:
    model = Sequential([Input((3,)), layers.Dense(4, "tanh"), layers.Dense(1)])
    optimizer = AdamW(0.01, weight_decay=0.5)
    optimizer.exclude_from_weight_decay([model.layers[1].kernel], var_names=["bias"])
    model.compile(optimizer, "mse")
    x, y = numbers(8, 3).astype("float32"), numbers(8, 1).astype("float32")
    model.fit(x, y, epochs=2, verbose=0)
    theirs = to_keras(model)
    for one in (model, theirs):
        one.fit(x, y, epochs=3, shuffle=False, verbose=0)
    for ours, other in zip(model.weights, theirs.weights, strict=True):
        np.testing.assert_allclose(as_array(other.value), ours.data, rtol=1e-5, atol=1e-6)


class Stretched(Layer):
    """A layer of one's own."""

    def __init__(self, by: float = 2.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.by = by

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight((input_shape[-1],), "ones", "scale")

    def call(self, x: Any) -> Any:
        return x * self.scale * self.by

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "by": self.by}


def test_a_class_of_ones_own_is_given() -> None:
    import keras

    class Theirs(keras.layers.Layer):  # which has the same name there
        def __init__(self, by: float, **keywords: Any) -> None:
            super().__init__(**keywords)
            self.by = by

        def build(self, input_shape: Any) -> None:
            self.scale = self.add_weight((input_shape[-1],), "ones", name="scale")

        def call(self, x: Any) -> Any:
            return x * self.scale * self.by

    Theirs.__name__ = "Stretched"
    model = Sequential([Input((3,)), Stretched(3.0), layers.Dense(2)])
    with pytest.raises(ExportError, match=r"Keras has no Stretched, .*\{'Stretched': …\}"):
        to_keras(model)
    model.layers[0].scale = [1.0, 2.0, 3.0]
    theirs = to_keras(model, custom_objects={"Stretched": Theirs})
    assert_same(model, theirs, [numbers(4, 3).astype("float32")])


def test_what_a_stateful_layer_keeps_from_call_to_call() -> None:
    model = Sequential([
        Input(batch_shape=(2, 3, 4)), layers.LSTM(3, stateful=True), layers.Dense(2),
    ])  # fmt: skip
    theirs = to_keras(model)
    for steps in numbers(3, 2, 3, 4).astype("float32"):
        assert_same(model, theirs, [steps])
    with pytest.warns(UserWarning, match="lstm/states.* begins anew in Keras"):
        again = to_keras(model)
    model.layers[0].reset_states()
    assert_same(model, again, [steps])


def halved(x: Any) -> Any:
    return x / 2


def test_a_lambda_whose_function_is_given() -> None:
    model = Sequential([Input((3,)), layers.Lambda(halved), layers.Dense(2)])
    theirs = to_keras(model, custom_objects={"halved": halved})
    assert_same(model, theirs, [numbers(4, 3).astype("float32")])


@pytest.mark.parametrize(
    ("layer", "shapes", "said"),
    [
        (layers.Lambda(np.tanh), [(3,)], "'lambda' holds a function"),
        (layers.Dense(2, "sparsemax", name="last"), [(3,)], "sparsemax of last gives in Keras"),
        (layers.GroupQueryAttention(2, 4, 2), [(3, 4), (3, 2)], "`value_shape` must be equal"),
    ],
    ids=["Lambda", "sparsemax", "GroupQueryAttention"],
)
def test_what_keras_cannot_make_is_told(layer: Any, shapes: Any, said: str) -> None:
    inputs = [Input(shape) for shape in shapes]
    model = Model(inputs, layer(*inputs))
    with pytest.raises(ValueError, match=said):
        to_keras(model)


def test_the_readme_says_how_to_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    block = readme.split("## When to leave")[1].split("```py\n")[1].split("```")[0]
    monkeypatch.chdir(tmp_path)
    found = {"model": MODELS["chain"][0]()}
    exec(block, found)
    assert (tmp_path / "model.onnx").stat().st_size > 100
    assert found["export"] is export and found["to_torch"] is to_torch
    assert found["theirs"].count_params() == found["model"].count_params()
