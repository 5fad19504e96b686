"""A layer is built whole or not at all, whatever interrupts it, and so is a chain of layers."""

from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, set_random_seed, settings
from autograd_nn.initializers import GlorotUniform
from autograd_nn.layers import (
    LSTM,
    BatchNormalization,
    Bidirectional,
    Dense,
    Layer,
    TimeDistributed,
)
from tests.interrupts import Interrupts

X = np.random.default_rng(0).normal(size=(4, 5, 3)).astype(np.float32)


class Drawn(GlorotUniform):
    """Draws, and is then interrupted at its turn.

    Parameters   at: how many are drawn before that, None for never
    """

    at: int | None = None

    def values(self, shape: Any, dtype: Any) -> Any:
        found = super().values(shape, dtype)
        if Drawn.at is not None:
            Drawn.at -= 1
            if Drawn.at < 0:
                Drawn.at = None
                raise KeyboardInterrupt
        return found


class Block(Layer):
    """With a layer from the start, one that it makes when it is built, and weights around them."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Dense(3, kernel_initializer=Drawn())

    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight((3,), Drawn(), "scale")
        self.first.build(input_shape)
        self.second = Dense(2, kernel_initializer=Drawn())
        self.second.build((*input_shape[:-1], 3))
        self.shift = self.add_weight((2,), Drawn(), "shift")

    def call(self, inputs: Any) -> Any:
        return self.second(self.first(inputs) * self.scale) + self.shift


def model() -> Sequential:
    set_random_seed(5)
    inner = Sequential([Dense(4, kernel_initializer=Drawn()), BatchNormalization()])
    recurrent = LSTM(2, kernel_initializer=Drawn(), return_sequences=True)
    return Sequential(
        [TimeDistributed(inner), Bidirectional(recurrent), Block(), Dense(1)], name="chain"
    )


def drawn() -> Any:
    return settings.generator("weights").bit_generator.state


DRAWS = 7
WAYS = {
    "build": lambda made: made.build((None, *X.shape[1:])),
    "call": lambda made: made(X),
    "predict": lambda made: made.predict(X, verbose=0),
}


@pytest.mark.parametrize("way", WAYS)
def test_interrupted_at_any_draw_it_is_built_by_the_next_call(way: str) -> None:
    twin = model()
    WAYS[way](twin)
    for at in range(DRAWS):
        made = model()
        before, Drawn.at = drawn(), at
        with pytest.raises(KeyboardInterrupt):
            WAYS[way](made)
        assert Drawn.at is None
        if way == "build":
            assert drawn() == before and not made.built
            assert not made.weights and not any(layer.built for layer in made.layers)
        WAYS[way](made)
        assert [w.name for w in made.weights] == [w.name for w in twin.weights]
        for ours, theirs in zip(made.get_weights(), twin.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)
    Drawn.at = DRAWS
    WAYS[way](model())
    assert Drawn.at == 0  # so many draws there are
    Drawn.at = None


def test_a_signal_interrupts_building() -> None:
    twin = model()
    twin.build((None, *X.shape[1:]))
    interrupts = Interrupts(3, 0.004)
    for _ in range(60):
        made = model()
        before = drawn()
        interrupts(lambda: made.build((None, *X.shape[1:])))  # noqa: B023
        if not made.built:
            assert drawn() == before and not made.weights
            made.build((None, *X.shape[1:]))
        for ours, theirs in zip(made.get_weights(), twin.get_weights(), strict=True):
            np.testing.assert_array_equal(ours, theirs)
    assert interrupts.count > 5


def test_first_weights_that_do_not_fit_leave_the_layer_without_any() -> None:
    layer = Dense(2, weights=[np.ones((3, 2)), np.ones(7)])
    for _ in range(2):
        with pytest.raises(ValueError, match=r"shape \(2,\), got \(7,\)"):
            layer.build((None, 3))
        assert not layer.built and not layer.weights


def test_weights_are_set_whole_or_not_at_all() -> None:
    made = Sequential([Dense(4) for _ in range(40)])
    made.build((None, 4))
    values = [[np.full(w.shape, x, np.float32) for w in made.weights] for x in (0.0, 1.0)]
    interrupts, seen = Interrupts(1, 0.003), set()
    switches = np.geterr()
    for number in range(150):
        interrupts(lambda: made.set_weights(values[number % 2]))  # noqa: B023
        found = {float(x) for array in made.get_weights() for x in array.flat}
        if number:
            assert len(found) == 1
            seen |= found
        else:
            made.set_weights(values[0])
        assert np.geterr() == switches
    assert interrupts.count > 10 and seen == {0.0, 1.0}


def test_a_layer_is_added_and_taken_off_whole_or_not_at_all() -> None:
    made = model()
    made.build((None, *X.shape[1:]))
    outputs, layers = made.predict(X, verbose=0), list(made.layers)
    ends = made.inputs, made.outputs
    for broken in (Block(), Bidirectional(LSTM(2, kernel_initializer=Drawn()))):
        before, Drawn.at = drawn(), 1
        with pytest.raises(KeyboardInterrupt):
            made.add(broken)
        assert made.layers == layers and made.built and not broken.built and drawn() == before
        np.testing.assert_array_equal(made.predict(X, verbose=0), outputs)
        assert made.outputs[0].shape == ends[1][0].shape
    with pytest.raises(ValueError):
        made.add(layers[0])  # refused at once: the ends are those that were there
    kept = made.inputs, made.outputs
    with pytest.raises(ValueError):
        made.add(layers[0])
    assert made.inputs[0] is kept[0][0] and made.outputs[0] is kept[1][0]
    made.add(broken)
    assert made.predict(X, verbose=0).shape == (4, 4)
    assert made.pop() is broken
    np.testing.assert_array_equal(made.predict(X, verbose=0), outputs)


def test_a_signal_interrupts_taking_off() -> None:
    made = Sequential([Dense(2) for _ in range(12)])
    made.build((None, 2))
    interrupts = Interrupts(2, 0.002)
    for _ in range(60):
        count = len(made.layers)
        interrupts(lambda: made.pop() if count == 12 else made.add(Dense(2)))  # noqa: B023
        assert len(made.layers) in (11, 12) and made.built
        assert made.output_shape == (None, 2)
        assert made.predict(X[0, :, :2], verbose=0).shape == (5, 2)
    assert interrupts.count > 5


def test_a_first_layer_that_cannot_be_added_says_nothing_of_the_input() -> None:
    made = Sequential()
    Drawn.at = 0
    with pytest.raises(KeyboardInterrupt):
        made.add(Dense(2, kernel_initializer=Drawn(), input_shape=(7,)))
    made.add(Dense(2, input_shape=(3,)))
    assert made.input_shape == (None, 3)
