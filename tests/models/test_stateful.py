"""Layers that remember something from call to call are found by what a call changes in them."""

import itertools
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor
from autograd_nn.layers import Activation, Dense, Dropout, Flatten, Layer
from autograd_nn.losses import Loss
from autograd_nn.models import Model, Sequential
from autograd_nn.optimizers import Adam
from autograd_nn.settings import generator
from autograd_nn.training.stateful import Fingerprint, changed, state_of

X = np.random.default_rng(5).normal(size=(6, 3)).astype(np.float32)
Y = X[:, :1] > 0


class Counter:
    """An object of a user's own."""

    def __init__(self) -> None:
        self.calls = 0


class Own(Layer):
    """A layer whose call does what a test plants."""

    calls = 0
    source: Any
    count: Any
    seen: Any
    last: Any
    counter: Any

    def __init__(self, act: Callable[..., Any], **attributes: Any) -> None:
        super().__init__(name="own")
        vars(self).update(attributes)
        self.act = act

    def call(self, inputs: Any) -> Any:
        self.act(self, inputs)
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


def built(*layers: Layer) -> Model:
    model = Sequential([Dense(4), *layers, Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"], run_eagerly=True)
    model.train_on_batch(X, Y)
    return model


def counting(layer: Any, x: Any) -> None:
    layer.calls += 1


def counting_for_all(layer: Any, x: Any) -> None:
    type(layer).calls += 1


def remembering(layer: Any, x: Any) -> None:
    layer.last = x


def counting_elsewhere(layer: Any, x: Any) -> None:
    layer.counter.calls += 1


def averaging(layer: Any, x: Any) -> None:
    layer.seen[...] += 1.0


PLANTED: dict[str, tuple[Callable[..., Any], str]] = {
    "np.random": (
        lambda layer, x: np.random.rand(),
        "Random numbers are drawn from NumPy's global generator (np.random) during a call.",
    ),
    "random": (
        lambda layer, x: random.random(),
        "Random numbers are drawn from Python's global generator (random) during a call.",
    ),
    "a stream of the library": (
        lambda layer, x: generator("weights").random(),
        "Random numbers are drawn from the stream 'weights' of the library during a call.",
    ),
    "a generator": (
        lambda layer, x: layer.source.random(),
        "layer 'own' draws random numbers from its own generator, `source`.",
    ),
    "a generator of Python": (
        lambda layer, x: layer.python.random(),
        "layer 'own' draws random numbers from its own generator, `python`.",
    ),
    "a counter": (
        counting,
        "layer 'own' changes its attribute `calls` when it is called (",
    ),
    "a counter of the class": (
        counting_for_all,
        "layer 'own' changes its attribute `Own.calls` when it is called (",
    ),
    "a counter in an object": (
        counting_elsewhere,
        "layer 'own' changes its attribute `counter` when it is called.",
    ),
    "a count": (
        lambda layer, x: next(layer.count),
        "layer 'own' changes its attribute `count` when it is called.",
    ),
    "a list": (
        lambda layer, x: layer.kept.append(1.0),
        "layer 'own' changes its attribute `kept` when it is called.",
    ),
    "a dict": (
        lambda layer, x: layer.table.update(n=layer.table.get("n", 0) + 1),
        "layer 'own' changes its attribute `table` when it is called.",
    ),
    "an array in place": (
        averaging,
        "layer 'own' changes its attribute `seen` when it is called.",
    ),
    "the last output": (
        remembering,
        "layer 'own' changes its attribute `last` when it is called.",
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_layer_with_a_memory_is_found_and_named(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, words = PLANTED[what]
    monkeypatch.setattr(Own, "calls", 0)
    own = Own(
        act,
        source=np.random.default_rng(1),
        python=random.Random(1),
        count=itertools.count(),
        counter=Counter(),
        kept=[],
        table={},
        seen=np.zeros(2),
    )
    generator("weights")
    model = built(own)
    before = state_of(model)
    model.train_on_batch(X, Y)
    sentence = changed(before, state_of(model))
    assert sentence is not None
    assert sentence.startswith(words)


@pytest.mark.parametrize(
    "layers",
    [
        [],
        [Activation("relu"), Flatten()],
        [Dropout(0.5), Dropout(0.5, seed=1)],
        [Own(lambda layer, x: None, nan=float("nan"), system=random.SystemRandom())],
    ],
)
def test_a_model_without_a_memory_does_not_change(layers: list[Layer]) -> None:
    model = built(*layers)
    before = state_of(model, model.loss)
    model.train_on_batch(X, Y)
    model.fit(X, Y, verbose=0, shuffle=False)
    assert changed(before, state_of(model, model.loss)) is None


STEPS = 0


def test_a_variable_around_a_layer_that_counts_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def warming(layer: Any, x: Any) -> None:
        global STEPS
        STEPS += 1

    monkeypatch.setitem(globals(), "STEPS", 0)
    model = built(Own(warming))
    before = state_of(model)
    model.train_on_batch(X, Y)
    sentence = changed(before, state_of(model))
    assert sentence is not None
    assert sentence.startswith("layer 'own' changes the variable `STEPS` when it is called (")


def test_a_generator_around_a_layer_or_a_loss_is_found() -> None:
    source = np.random.default_rng(1)

    class Skipping(Layer):
        def call(self, inputs: Any) -> Any:
            return inputs if source.random() < 0.999 else inputs * 2

    model = built(Skipping(name="skipping"))
    before = state_of(model)
    model.train_on_batch(X, Y)
    sentence = changed(before, state_of(model))
    assert sentence == "layer 'skipping' draws random numbers from the generator `source`."

    def loss(y_true: Any, y_pred: Any) -> Any:
        return (y_pred - y_true) ** 2 * (1.0 if source.random() < 0.999 else 2.0)

    model = Sequential([Dense(1)])
    model.compile("sgd", loss, run_eagerly=True)
    model.train_on_batch(X, Y)
    before = state_of(model, model.loss)
    model.train_on_batch(X, Y)
    sentence = changed(before, state_of(model, model.loss))
    assert sentence == "FunctionLoss 'loss' draws random numbers from the generator `source`."


def test_a_layer_inside_of_another_is_found() -> None:
    class Block(Layer):
        def __init__(self) -> None:
            super().__init__(name="block")
            self.inner = [Own(counting)]

        def call(self, inputs: Any) -> Any:
            return self.inner[0](inputs)

    model = built(Block())
    before = state_of(model)
    model.train_on_batch(X, Y)
    sentence = changed(before, state_of(model))
    assert sentence is not None
    assert "layer 'own' changes its attribute `calls`" in sentence


def test_a_loss_that_counts_is_found() -> None:
    class Warming(Loss):
        calls = 0

        def call(self, y_true: Any, y_pred: Any) -> Any:
            self.calls += 1
            return (y_pred - y_true) ** 2 / self.calls

    loss = Warming()
    model = Sequential([Dense(1)])
    model.compile("sgd", loss, run_eagerly=True)
    model.train_on_batch(X, Y)
    before = state_of(model, loss)
    model.train_on_batch(X, Y)
    sentence = changed(before, state_of(model, loss))
    assert sentence is not None
    assert sentence.startswith("Warming 'warming' changes its attribute `calls`")


def test_objects_that_hold_each_other_come_to_an_end() -> None:
    one, other = Counter(), Counter()
    vars(one).update(other=other)
    vars(other).update(other=one)
    model = built(Own(lambda layer, x: None, one=one))
    assert changed(state_of(model), state_of(model)) is None


# ---------------------------------------------------------------------- between calls


def test_training_leaves_the_fingerprint_as_it_is() -> None:
    model = built(Dropout(0.3), Activation("tanh"))
    before = Fingerprint(model, model._training)
    model.train_on_batch(X, Y)
    model.optimizer.learning_rate = 0.5
    model.fit(X, Y, epochs=2, verbose=0)
    assert before.unchanged()


def thinner(model: Any) -> None:
    model.layers[1].rate = 0.1


def frozen(model: Any) -> None:
    model.layers[0].trainable = False


def frozen_by_hand(model: Any) -> None:
    model.layers[0].kernel.requires_grad = False


def clipped(model: Any) -> None:
    model.optimizer.clipnorm = 1.0


def smoothed(model: Any) -> None:
    model.loss.label_smoothing = 0.1


def renewed(model: Any) -> None:
    model._training.optimizer = Adam()


def compiled_anew(model: Any) -> None:
    model.compile("adam", "mse", run_eagerly=True)


def longer(model: Any) -> None:
    model.layers[2].widths.append(3)


def deeper(model: Any) -> None:
    model.layers[2].settings["scale"] = 3.0


def exchanged(model: Any) -> None:
    model.layers[2].act = print


def another_weight(model: Any) -> None:
    model.layers[2].factor = Tensor(2.0, requires_grad=False)


def another_array(model: Any) -> None:
    model.layers[2].table = np.ones(3)


def removed(model: Any) -> None:
    del model.layers[2].scale


def added(model: Any) -> None:
    model.layers[2].extra = 1


def a_variable_of_the_call(model: Any) -> None:
    model.layers[2].act.__globals__["STEPS"] = 7


def a_variable_of_the_closure(model: Any) -> None:
    model.layers[2].act.__closure__[0].cell_contents = 7.0


def an_array_for_a_number(model: Any) -> None:
    model.layers[2].scale = np.ones(3)


@pytest.mark.parametrize(
    "change",
    [
        thinner,
        frozen,
        frozen_by_hand,
        clipped,
        smoothed,
        renewed,
        compiled_anew,
        longer,
        deeper,
        exchanged,
        another_weight,
        another_array,
        removed,
        added,
        an_array_for_a_number,
        a_variable_of_the_call,
        a_variable_of_the_closure,
    ],
)
def test_what_is_set_between_two_steps_is_noticed(
    change: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "STEPS", 0)
    factor = 2.0
    own = Own(
        lambda layer, x: (STEPS, factor),
        widths=[1, 2],
        settings={"scale": 2.0},
        factor=Tensor(2.0, requires_grad=False),
        table=np.ones(3),
        scale=1.5,
    )
    model = built(Dropout(0.3), own)
    before = Fingerprint(model, model._training)
    change(model)
    assert not before.unchanged()


def test_an_equal_number_is_no_change() -> None:
    factor = 1000.5
    own = Own(lambda layer, x: factor, scale=1000.5)
    model = built(own)
    before = Fingerprint(model, model._training)
    own.scale = factor = float("1000.5")
    model.train_on_batch(X, Y)
    assert before.unchanged()
