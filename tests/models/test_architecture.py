"""Models written as plain values, made again, cloned, and shown as tables and pictures."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Operation, Sequential, Tensor
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.structures import flatten
from autograd_nn.layers import Dense, Dropout, Layer
from autograd_nn.models import clone_model, model_from_json
from tests.reference.functional import PROBLEMS, nested, shared, two_heads

OURS = SimpleNamespace(
    Input=Input,
    Model=Model,
    Dense=Dense,
    concatenate=lambda parts: np.concatenate(parts, axis=1),
)
X = np.random.default_rng(5).normal(size=(6, 4)).astype(np.float32)


def many_functions() -> Model:
    x = Input((4,), name="x")
    norm = np.linalg.norm(x, axis=1)[:, None]
    y = np.where(x[:, 1:3] > 0, np.sum(x, axis=1, keepdims=True), norm)
    y = y + np.add.reduce(x, axis=1)[..., None] * np.float32(2)
    return Model(x, y + np.array([1, 2], np.float32) - Tensor(np.ones(2, np.float32)))


def assert_equal_models(one: Model, other: Model, x: Any) -> None:
    assert [layer.name for layer in one.layers] == [layer.name for layer in other.layers]
    assert not set(one.weights) & set(other.weights)
    other.set_weights(one.get_weights())
    for a, b in zip(flatten(one.predict(x))[0], flatten(other.predict(x))[0], strict=True):
        np.testing.assert_array_equal(a, b)
    assert one.to_json() == other.to_json()


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("again", [clone_model, lambda m: model_from_json(m.to_json())])
def test_the_same_model_again(problem: str, again: Any) -> None:
    model, _, data = PROBLEMS[problem](OURS)
    assert_equal_models(model, again(model), data["x"])


@pytest.mark.parametrize("again", [clone_model, lambda m: model_from_json(m.to_json())])
def test_functions_and_their_arguments(again: Any) -> None:
    model = many_functions()
    assert_equal_models(model, again(model), X)


def test_sequential_again() -> None:
    inner = Model(x := Input((3,)), Dense(2)(x), name="inner")
    model = Sequential([Input((4,), name="given"), Dense(3), inner, Dropout(0.5)], name="whole")
    for other in (clone_model(model), model_from_json(model.to_json())):
        assert_equal_models(model, other, X)
        assert other.name == "whole" and other.inputs[0].name == "given"
    assert Sequential.from_config(model.get_config()).layers[1].name == "inner"
    unbuilt = model_from_json(Sequential([Dense(1)]).to_json())
    assert not unbuilt.built and unbuilt.predict(X).shape == (6, 1)
    frozen = Sequential([Input((4,)), Dense(3, trainable=False), Dense(1)])
    assert len(model_from_json(frozen.to_json()).trainable_weights) == 2


def test_clones_of_other_layers_and_on_other_inputs() -> None:
    model = two_heads(OURS)[0]

    def wider(layer: Layer) -> Layer:
        config = layer.get_config()
        return type(layer).from_config(config | ({"units": 7} if layer.name == "h" else {}))

    assert clone_model(model, clone_function=wider).get_layer("h").kernel.shape == (3, 7)
    a, b = Input((3,), name="other"), Input((2,))
    assert clone_model(model, [a, b]).inputs == [a, b]
    with pytest.raises(ArgumentTypeError, match="clone_model takes a model"):
        clone_model(Dense(1))


cube = Operation("cube_here", value=lambda x: x**3, gradients=(lambda g, out, x: g * 3 * x**2,))


class Twice(Layer):
    def call(self, inputs: Any) -> Any:
        return 2 * inputs


def test_what_is_ones_own() -> None:
    x = Input((4,))
    model = Model(x, cube(Twice()(x)))
    np.testing.assert_allclose(model.predict(X), (2 * X) ** 3, rtol=1e-5)
    text = model.to_json()
    with pytest.raises(ArgumentError, match="custom_objects={'Twice': Twice}"):
        model_from_json(text)
    with pytest.raises(ArgumentError, match="custom_objects={'cube_here': cube_here}"):
        model_from_json(text, {"Twice": Twice})
    again = model_from_json(text, {"Twice": Twice, "cube_here": cube})
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    with pytest.raises(ArgumentError, match="Did you mean 'Dense'"):
        model_from_json(json.dumps({"class_name": "Dens", "config": {}}))


def summary(model: Model, **options: Any) -> str:
    told: list[str] = []
    model.summary(print_fn=told.append, **options)
    return told[0]


def test_a_summary_says_what_is_connected() -> None:
    text = summary(shared(OURS)[0])
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines()]
    assert ["shared (Dense)", "(None, 4)", "16", "a, b"] in rows
    assert ["subtract (function)", "(None, 4)", "0", "shared[0], shared[1]"] in rows
    assert "Connected to" in text and "Total params: 21" in text
    assert len({len(line) for line in text.splitlines()[1:-3]}) == 1


def test_a_summary_of_nested_models() -> None:
    model = nested(OURS)[0]
    assert "inner" not in summary(model)
    assert "└ inner (Dense)" in summary(model, expand_nested=True)
    assert model.count_params() == 17


def test_pictures_of_branches() -> None:
    picture = two_heads(OURS)[0].draw()
    assert picture.dot.count("->") == 7
    text = picture.text()
    assert "concatenate (function)   ← h, b" in text and "q (Dense)                ← add" in text
    assert "↓ dense_1" in Sequential([Input((4,)), Dense(3), Dense(1)]).draw().text()
