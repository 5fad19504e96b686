"""Layers that go over sequences: masks, states, cells of one's own, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, layers, replayable, set_random_seed, settings, viz
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.layers import Dense, Layer
from autograd_nn.layers.masks import mask_of
from tests.reference import masked_sequences, recorded

rng = np.random.default_rng(0)


@pytest.fixture
def float64() -> Iterator[None]:
    settings.set_floatx("float64")
    yield
    settings.set_floatx("float32")


@pytest.mark.parametrize("name", masked_sequences.MADE)
@pytest.mark.usefixtures("float64")
def test_sequences_with_masks_are_keras_s(name: str) -> None:
    found = masked_sequences.outputs(masked_sequences.MADE[name], layers)
    for ours, keras in zip(found, recorded.masks()[name], strict=True):
        np.testing.assert_allclose(ours, keras, rtol=1e-10, atol=1e-13)


@pytest.mark.usefixtures("float64")
def test_a_stateful_layer_goes_on_from_batch_to_batch_as_keras_s_does() -> None:
    found = masked_sequences.over_batches(layers)
    np.testing.assert_allclose(found, recorded.masks()["stateful"], rtol=1e-10)


def test_a_stateful_layer_refuses_another_number_of_sequences_until_it_is_reset() -> None:
    layer = layers.GRU(2, stateful=True)
    layer(np.ones((3, 4, 1)))
    with pytest.raises(ShapeError, match="goes on from the 3 sequences of the call before, got 2"):
        layer(np.ones((2, 4, 1)))
    layer.reset_state()
    assert layer(np.ones((2, 4, 1))).shape == (2, 2)


def test_a_stateful_layer_goes_on_from_a_state_that_it_was_given() -> None:
    # state = 2·state + x, from 3: 2·3 + 1 = 7, 2·7 + 1 = 15, 2·15 + 1 = 31
    arguments = {"kernel_initializer": "ones", "recurrent_initializer": np.full((1, 1), 2.0)}
    layer = layers.SimpleRNN(1, "linear", stateful=True, **arguments)
    x = np.ones((1, 1, 1))
    results = [layer(x, initial_state=[np.full((1, 1), 3.0)]), layer(x), layer(x)]
    assert [result.item() for result in results] == [7.0, 15.0, 31.0]
    assert layer(np.ones((2, 1, 1)), initial_state=[np.ones((2, 1))]).tolist() == [[3.0], [3.0]]


WORDS = rng.integers(0, 12, (24, 5))
Y = rng.normal(size=(24, 1))
SEQUENCES = rng.normal(size=(24, 5, 2))


@replayable
class Decaying(Layer):
    """A cell of one's own: half of the state, and the inputs."""

    state_size = 3

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight((input_shape[-1], 3), name="kernel")

    def call(self, inputs: Any, states: Any) -> Any:
        state = states[0] * 0.5 + inputs @ self.kernel
        return state, [state]


MODELS: dict[str, Any] = {
    "masked": (
        WORDS,
        lambda: [layers.Embedding(12, 3, mask_zero=True), layers.LSTM(3), Dense(1)],
    ),
    "both ways": (
        WORDS,
        lambda: [
            layers.Embedding(12, 3, mask_zero=True),
            layers.Bidirectional(layers.GRU(2, return_sequences=True)),
            layers.LSTM(2),
            Dense(1),
        ],
    ),
    "stateful": (SEQUENCES, lambda: [layers.LSTM(3, stateful=True), Dense(1)]),
    "dropout": (SEQUENCES, lambda: [layers.GRU(3, dropout=0.3, recurrent_dropout=0.3), Dense(1)]),
    "own cell": (SEQUENCES, lambda: [layers.RNN(Decaying()), Dense(1)]),
    "limited": (
        SEQUENCES,
        lambda: [
            layers.LSTM(3, kernel_regularizer="l2", recurrent_constraint="max_norm"),
            Dense(1),
        ],
    ),
}


def trained(name: str, **how: Any) -> tuple[Any, Any]:
    set_random_seed(1)
    x, make = MODELS[name]
    model = Sequential(make())
    model.compile("sgd", "mse", **how)
    history = model.fit(x, Y, epochs=3, batch_size=8, shuffle=False, verbose=0)
    return history.history["loss"], model.get_weights()


def agree(name: str, **how: Any) -> None:
    (losses, weights), (expected, right) = trained(name, **how), trained(name, run_eagerly=True)
    np.testing.assert_allclose(losses, expected, rtol=2e-5)
    for mine, theirs in zip(weights, right, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=2e-4, atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_fit_by_programs_trains_as_it_does_eagerly(name: str) -> None:
    agree(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in MODELS if name != "dropout"])
def test_compiled_training_is_as_it_is_eagerly(name: str) -> None:
    agree(name, jit_compile=True)


def test_an_index_that_is_no_row_ends_training_between_two_steps() -> None:
    model = Sequential([layers.Embedding(12, 3), layers.GlobalAveragePooling1D(), Dense(1)])
    model.compile("sgd", "mse")
    model.fit(WORDS, Y, epochs=2, batch_size=8, shuffle=False, verbose=0)
    wrong = WORDS.copy()
    wrong[20, 3] = 12
    before, start = model.optimizer.iterations, [w.copy() for w in model.get_weights()]
    with pytest.raises(
        ValueError, match=r"The index 12 at \(4, 3\) is no row of a table of 12 rows"
    ):
        model.fit(wrong, Y, batch_size=8, shuffle=False, verbose=0)
    # Steps that are made together are taken back together.
    made, after = model.optimizer.iterations - before, model.get_weights()
    assert made in (0, 1, 2)
    model.set_weights(start)
    for first in range(0, 8 * made, 8):
        model.train_on_batch(WORDS[first : first + 8], Y[first : first + 8])
    for found, expected in zip(after, model.get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_the_mask_of_words_goes_on_to_the_outputs_of_all_steps() -> None:
    words = layers.Embedding(12, 3, mask_zero=True)(WORDS)
    np.testing.assert_array_equal(mask_of(words), WORDS != 0)
    every = layers.LSTM(2, return_sequences=True)(words)
    np.testing.assert_array_equal(mask_of(every), WORDS != 0)
    assert mask_of(layers.LSTM(2)(words)) is None


def test_a_state_to_begin_with_goes_in_and_comes_out() -> None:
    layer = layers.LSTM(3, return_state=True)
    whole, h, c = layer(SEQUENCES)
    _, h_first, c_first = layer(SEQUENCES[:, :2])
    again, _, _ = layer(SEQUENCES[:, 2:], initial_state=[h_first, c_first])
    np.testing.assert_allclose(again.data, whole.data, rtol=1e-5)
    np.testing.assert_array_equal(h.data, whole.data)
    with pytest.raises(ArgumentError, match="must have 2 parts"):
        layer(SEQUENCES, initial_state=h)
    with pytest.raises(ShapeError, match=r"must have shape \(24, 3\), got \(2, 3\)"):
        layer(SEQUENCES, initial_state=[np.zeros((2, 3)), c])


@pytest.mark.parametrize("name", ["SimpleRNN", "LSTM", "GRU"])
def test_the_settings_of_the_cell_are_those_of_the_layer(name: str) -> None:
    layer = getattr(layers, name)(3, activation="relu", dropout=0.25, bias_initializer="ones")
    assert (layer.units, layer.dropout, layer.use_bias) == (3, 0.25, True)
    assert layer.activation is layer.cell.activation
    assert layer.bias_initializer is layer.cell.bias_initializer
    assert hasattr(layer, "recurrent_activation") == (name != "SimpleRNN")
    with pytest.raises(AttributeError):
        layer.units = 4


def test_arguments_that_change_no_number() -> None:
    x = np.ones((2, 3, 2), np.float32)
    for kind in (layers.LSTM, layers.GRU):
        one = kind(2, kernel_initializer="ones", recurrent_initializer="ones")
        other = kind(
            2,
            kernel_initializer="ones",
            recurrent_initializer="ones",
            implementation=1,
            use_cudnn=False,
        )
        np.testing.assert_array_equal(one(x).data, other(x).data)


def test_unrolled_a_picture_shows_step_by_step_and_the_numbers_are_the_same() -> None:
    layer = layers.LSTM(2, unroll=True)
    loss = layer(SEQUENCES[:2, :3]).sum()
    assert all(f"step_{t}" in viz.draw(loss).text() for t in range(3))
    whole = layers.LSTM(2)
    whole.build((None, 3, 2))
    whole.set_weights(layer.get_weights())
    as_one = whole(SEQUENCES[:2, :3])
    assert "step_0" not in viz.draw(as_one.sum()).text()
    np.testing.assert_allclose(as_one.data.sum(), loss.item(), rtol=1e-5)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: layers.LSTM(0), ArgumentError, "`units` must be a positive integer, got 0"),
        (lambda: layers.GRU(2, droput=0.1), ArgumentTypeError, "Did you mean 'dropout'"),
        (lambda: layers.RNN(Dense(2)), ArgumentTypeError, "must have `state_size`"),
        (lambda: layers.LSTM(2)(np.ones((3, 4))), ShapeError, r"write x\[..., None\]"),
        (lambda: layers.LSTM(2)(np.ones((3, 0, 1))), ShapeError, "at least one step"),
        (lambda: layers.LSTMCell(2).build((None, 4, 1)), ShapeError, r"put it into RNN\(cell\)"),
        (lambda: layers.Bidirectional(Dense(2)), ArgumentTypeError, "must be a recurrent layer"),
        (lambda: layers.Bidirectional(layers.GRU(2), "add"), ArgumentError, "`merge_mode`"),
        (
            lambda: layers.Bidirectional(layers.GRU(2), backward_layer=layers.GRU(2)),
            ArgumentError,
            "the other way",
        ),
        (lambda: layers.TimeDistributed(2), ArgumentTypeError, "`layer` must be a layer"),
        (lambda: layers.TimeDistributed(Dense(1))(np.ones((2, 3))), ShapeError, "takes sequences"),
        (lambda: layers.Embedding(3, 2)(np.array([[3]])), ValueError, "whole numbers from 0 to 2"),
    ],
)
def test_what_is_refused(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()


def test_both_directions_begin_with_weights_of_their_own_and_take_functions() -> None:
    def leaky(x: Any) -> Any:
        return np.maximum(x, 0.1 * x)

    both = layers.Bidirectional(layers.SimpleRNN(2, activation=leaky))
    both(SEQUENCES)
    forward, backward = both.forward_layer, both.backward_layer
    assert (forward.name, backward.name) == ("forward_simple_rnn", "backward_simple_rnn")
    assert (forward.go_backwards, backward.go_backwards) == (False, True)
    assert forward.cell.activation is backward.cell.activation is leaky
    assert not np.array_equal(forward.cell.kernel.data, backward.cell.kernel.data)
    assert len(both.trainable_weights) == 6


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
def test_the_page_shows_every_recurrent_layer(kind: str, tmp_path: Path) -> None:
    model = Sequential([getattr(layers, kind)(3), Dense(2, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    x = rng.normal(size=(2, 5, 3))
    model.explore(x, np.array([0, 1]), tmp_path / "page.html")
    assert model.layers[0].name in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_the_length_of_the_state() -> None:
    cells = [layers.LSTMCell(2), layers.GRUCell(3)]
    sizes = [layer.state_size for layer in (layers.GRU(2), layers.LSTM(2), layers.RNN(cells))]
    assert sizes == [2, [2, 2], [[2, 2], 3]]
