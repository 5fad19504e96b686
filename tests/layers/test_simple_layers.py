"""Layers of one formula: what they refuse, their masks, their functional forms, their draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, layers, replayable, set_random_seed
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.layers.masks import mask_of

ROW, SEQUENCE = np.ones((2, 3)), np.ones((2, 4, 3))


@pytest.mark.parametrize(
    ("layer", "inputs", "error", "message"),
    [
        (layers.Add(), ROW, ArgumentTypeError, r"a list of inputs, got one. Write Add\("),
        (layers.Add(), [ROW, np.ones((2, 4))], ShapeError, r"\(2, 3\) and \(2, 4\)"),
        (layers.Add(), [ROW, np.ones((1, 3))], ShapeError, "as many samples"),
        (layers.Subtract(), [ROW] * 3, ArgumentTypeError, "takes 2 inputs, got 3"),
        (layers.Concatenate(), [ROW, SEQUENCE], ShapeError, "other lengths must be equal"),
        (layers.Concatenate(1), [SEQUENCE, np.ones((2, 4, 5))], ShapeError, "along axis 1"),
        (layers.Concatenate(4), [ROW, ROW], ShapeError, "along axis 4"),
        (layers.Dot(1), [ROW, SEQUENCE], ShapeError, "equally long"),
        (layers.Dot(2), [ROW, ROW], ShapeError, "sums over axis 2"),
        (layers.Dot(1), [ROW] * 3, ArgumentTypeError, "two inputs"),
        (layers.Reshape((5,)), SEQUENCE, ShapeError, "their 12 numbers do not fill it"),
        (layers.Reshape((-1, 5)), SEQUENCE, ShapeError, "their 12 numbers do not fill it"),
        (layers.Permute((1, 2, 3)), SEQUENCE, ShapeError, "3 axes to order"),
        (layers.RepeatVector(2), SEQUENCE, ShapeError, "rows of features"),
        (layers.SpatialDropout1D(0.5), ROW, ShapeError, "3 axes"),
        (layers.Dropout(0.5, (None, 1)), SEQUENCE, ShapeError, "as many axes"),
        (layers.PReLU(shared_axes=[3]), SEQUENCE, ShapeError, "shared axes"),
    ],
)
def test_what_inputs_are_refused(layer: Any, inputs: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        layer(inputs, training=True)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: layers.Concatenate(0), ArgumentError, "samples of one batch"),
        (lambda: layers.Dot(0), ArgumentError, "axis 0 are the samples"),
        (lambda: layers.Dot((1, 2, 3)), ArgumentTypeError, "a pair"),
        (lambda: layers.Reshape(12), ArgumentTypeError, r"Write \(12,\)"),
        (lambda: layers.Reshape((-1, -1)), ArgumentError, "at most once"),
        (lambda: layers.Permute((0, 1)), ArgumentError, "each of 1 … 2 once"),
        (lambda: layers.RepeatVector(0), ArgumentError, "`n`"),
        (lambda: layers.ReLU(max_value=-1), ArgumentError, "`max_value`"),
        (lambda: layers.LeakyReLU(-1.0), ArgumentError, "`negative_slope`"),
        (
            lambda: layers.LeakyReLU(negativ_slope=0.1),
            ArgumentTypeError,
            "Did you mean 'negative_slope'",
        ),
        (lambda: layers.Softmax("last"), ArgumentTypeError, "`axis`"),
        (lambda: layers.GaussianNoise(-1.0), ArgumentError, "`stddev`"),
        (lambda: layers.GaussianDropout(1.0), ArgumentError, "`rate`"),
        (lambda: layers.Dropout(0.5, 3), ArgumentTypeError, "seed=1"),
        (lambda: layers.SpatialDropout2D(0.5, "first"), ArgumentError, "channels_first"),
        (lambda: layers.Lambda(3), ArgumentTypeError, "`function`"),
        (lambda: layers.Lambda(abs).get_config(), ArgumentError, "a layer of your own"),
        (lambda: layers.PReLU(shared_axes=[0]), ArgumentError, "counts from 1"),
    ],
)
def test_what_arguments_are_refused(make: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_the_former_name_of_the_slope_is_told_of_and_taken() -> None:
    with pytest.warns(UserWarning, match="`negative_slope` now"):
        layer = layers.LeakyReLU(alpha=0.1)
    assert layer([[-10.0]]).tolist() == [[-1.0]]


def test_functional_forms() -> None:
    a, b = Input((3,)), Input((3,))
    both = layers.concatenate([layers.add([a, b]), layers.multiply([a, b])], name="both")
    mean = layers.average([layers.maximum([a, b]), layers.minimum([a, b]), a])
    model = Model([a, b], [both, mean, layers.subtract([a, b]), layers.dot([a, b], axes=1)])
    x, y = np.array([[1.0, 2.0, 3.0]]), np.array([[3.0, 2.0, 0.0]])
    found = [output.tolist() for output in model([x, y])]
    assert found[0] == [[4, 4, 3, 3, 4, 0]]
    np.testing.assert_allclose(found[1], (x + y + x) / 3, rtol=1e-6)
    assert found[2:] == [(x - y).tolist(), [[7.0]]]
    assert [output.shape for output in model.outputs] == [
        (None, 6),
        (None, 3),
        (None, 3),
        (None, 1),
    ]


def test_lists_of_numbers_as_inputs() -> None:
    assert layers.Add()([[[1.0, 2.0]], [[3.0, 4.0]]]).tolist() == [[4.0, 6.0]]
    assert layers.Concatenate()(([[1]], [[2, 3]])).tolist() == [[1.0, 2.0, 3.0]]
    with pytest.raises(ArgumentTypeError, match="takes a list of inputs, got one"):
        layers.Add()(np.ones((2, 2)))


def test_a_layer_as_an_activation_trains_and_has_no_name() -> None:
    model = Sequential([layers.Dense(4, activation=layers.PReLU()), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(np.ones((8, 3)), np.ones(8), epochs=3, verbose=0)
    assert model._training.stepper.programs
    assert [weight.shape for weight in model.weights] == [(3, 4), (4,), (4,), (4, 1), (1,)]
    with pytest.raises(ArgumentError, match="is a layer.*behind this one"):
        model.layers[0].get_config()


def test_masks_of_several_inputs() -> None:
    steps = layers.Masking()
    first, second = np.ones((1, 3, 2)), np.ones((1, 3, 2))
    first[0, 1:], second[0, 2] = 0, 0
    masked = [steps(first), steps(second)]
    assert mask_of(layers.Add()(masked)).tolist() == [[True, True, False]]
    assert mask_of(layers.Concatenate()(masked)).tolist() == [[True, True, False]]
    behind = layers.Concatenate(axis=1)([masked[0], second])
    assert mask_of(behind).tolist() == [[True, False, False, True, True, True]]
    assert mask_of(layers.Add()([masked[0], second])) is None
    assert mask_of(layers.Dot(2)(masked)) is None


def test_softmax_of_what_is_there() -> None:
    x = np.array([[1.0, 2.0, 3.0]])
    found = layers.Softmax()(x, mask=np.array([[True, False, True]]))
    np.testing.assert_allclose(found.data, [[0.11920291, 0.0, 0.880797]], rtol=1e-6)  # Keras
    assert layers.Softmax()(x, mask=np.array([[False] * 3])).data.sum() == pytest.approx(1)


def test_length_1_of_zeros_and_of_tiny_vectors_as_in_keras() -> None:
    ones = np.array([[1.0, 0.0]] * 3)
    rows = np.array([[0.0, 0.0], [1e-8, 0.0], [1e-3, 0.0]])
    found = layers.Dot(1, normalize=True)([rows, ones])
    np.testing.assert_allclose(found.data, [[0.0], [0.1], [1.0]], rtol=1e-6)


# ---------------------------------------------------------------------- draws


def test_whole_features_are_dropped() -> None:
    set_random_seed(1)
    for layer, x in (
        (layers.SpatialDropout1D(0.5), np.ones((8, 5, 6))),
        (layers.SpatialDropout2D(0.5), np.ones((8, 2, 3, 6))),
    ):
        found = layer(x, training=True).data
        assert set(np.unique(found)) == {0.0, 2.0}
        places = tuple(range(1, found.ndim - 1))
        assert (found.min(places) == found.max(places)).all()
    first = layers.SpatialDropout2D(0.5, "channels_first")(np.ones((8, 6, 2, 3)), training=True)
    assert (first.data.min((2, 3)) == first.data.max((2, 3))).all()


@pytest.mark.parametrize(
    ("layer", "mean", "deviation"),
    [
        (layers.GaussianNoise(0.5), 0.0, (1 + 0.25) ** 0.5),
        # Of x · e: (1 + rate / (1 − rate)) times the mean of x².
        (layers.GaussianDropout(0.2), 0.0, (1 / 0.8) ** 0.5),
        (layers.AlphaDropout(0.2), 0.0, 1.0),
    ],
)
def test_moments_of_noise(layer: Any, mean: float, deviation: float) -> None:
    x = np.random.default_rng(3).standard_normal((200, 100))
    found = layer(x, training=True).data
    # Of 20,000 numbers: the mean is right to 1/140.
    assert found.mean() == pytest.approx(mean, abs=0.03)
    assert found.std() == pytest.approx(deviation, abs=0.03)
    assert layer(x).data is not found and (layer(x).data == x.astype(np.float32)).all()


# ---------------------------------------------------------------------- functions as layers


def test_a_function_as_a_layer_is_replayed_where_that_is_declared() -> None:
    def sharpened(x: Any, power: float) -> Any:
        return x**power

    x, y = np.random.default_rng(0).random((8, 3)), np.ones((8, 1))
    for declared in (True, False):
        function = replayable(sharpened) if declared else lambda x, power: x**power
        model = Sequential(
            [layers.Dense(2), layers.Lambda(function, arguments={"power": 2}), layers.Dense(1)]
        )
        model.compile("sgd", "mse")
        if declared:
            model.fit(x, y, epochs=3, verbose=0)
            assert model._training.stepper.programs
        else:
            with pytest.warns(UserWarning, match="run as it is written"):
                model.fit(x, y, epochs=3, verbose=0)
        assert model.layers[1].compute_output_shape((None, 2)) == (None, 2)


def test_a_function_is_told_of_training_and_its_shape_is_said() -> None:
    def scaled(x: Any, training: bool = False) -> Any:
        return x * (2.0 if training else 1.0)

    layer = layers.Lambda(scaled, output_shape=(3,))
    assert layer(ROW, training=True).data.max() == 2 and layer(ROW).data.max() == 1
    assert layer.compute_output_shape((None, 7)) == (None, 3)
    assert layers.Lambda(abs, lambda s: (s[0], 9)).compute_output_shape((None, 7)) == (None, 9)


def test_an_embedding_takes_what_older_programs_give() -> None:
    assert layers.Embedding(5, 2, input_length=4)(np.array([[0, 4]])).shape == (1, 2, 2)


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_no_number_is_no_row_and_nothing_is_warned_of(number: float) -> None:
    with pytest.raises(ShapeError, match=rf"index {number} at \(0, 1\) .* from 0 to 4\.$"):
        layers.Embedding(5, 2)(np.array([[1.0, number]]))


def test_a_misspelt_argument_lists_each_name_once() -> None:
    with pytest.raises(ArgumentTypeError, match="Did you mean 'embeddings_constraint'") as raised:
        layers.Embedding(5, 2, embedings_constraint="non_neg")
    names = str(raised.value).split("Known: ")[1].rstrip(".").split(", ")
    assert len(names) == len({*names})
