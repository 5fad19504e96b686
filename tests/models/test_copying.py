"""Models, optimizers, losses and histories are copied and pickled, and train on as they would."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Operation, Sequential, Tensor, activations, ops
from autograd_nn.callbacks import Callback
from autograd_nn.engine.errors import StateError
from autograd_nn.layers import Dense, Dropout, Layer
from autograd_nn.losses import BinaryCrossentropy
from autograd_nn.optimizers import SGD, Adam, RMSprop, schedules

X = np.random.default_rng(1).normal(size=(40, 2))
Y = X[:, :1] > 0
FACTOR = math.pi

cube = Operation("cube", value=lambda x: x**3, gradients=(lambda g, out, x: 3 * g * x**2,))


def _pickled(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


BOTH = pytest.mark.parametrize("duplicate", [copy.deepcopy, _pickled])


class ReadsAModule(Layer):
    replayable = True

    def call(self, inputs: Any) -> Any:
        return inputs * (FACTOR / math.pi)


def _model(optimizer: Any, *more: Any, **how: Any) -> Sequential:
    model = Sequential([Input((2,)), Dense(3, activation="tanh"), *more, Dense(1, "sigmoid")])
    model.compile(optimizer, BinaryCrossentropy(), metrics=["accuracy"], **how)
    return model


def _trained_on(model: Any) -> list[Any]:
    model.fit(X, Y, epochs=3, shuffle=False, verbose=0)
    return model.get_weights()


@BOTH
@pytest.mark.parametrize("epochs", [0, 1, 3])
@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(0.1, momentum=0.9),
        Adam(0.01),
        RMSprop(schedules.ExponentialDecay(0.1, 3, 0.9), clipnorm=1.0),
    ],
    ids=lambda optimizer: optimizer.name,
)
@pytest.mark.parametrize("eagerly", [True, False])
def test_a_copy_trains_on_as_the_model_does(
    duplicate: Any, epochs: int, optimizer: Any, eagerly: bool
) -> None:
    model = _model(copy.deepcopy(optimizer), run_eagerly=eagerly)
    model.fit(X, Y, epochs=epochs, shuffle=False, verbose=0)
    twin = duplicate(model)
    before = model.get_weights()
    assert twin.optimizer.iterations == model.optimizer.iterations == 2 * epochs
    after_twin = _trained_on(twin)
    for there, here in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(there, here)
    for there, here in zip(after_twin, _trained_on(model), strict=True):
        np.testing.assert_array_equal(there, here)


@BOTH
@pytest.mark.filterwarnings("ignore:The steps of")
def test_also_with_code_of_ones_own_and_in_the_middle_of_a_run(duplicate: Any) -> None:
    class KeepsTwins(Callback):
        twins: list[Any] = []

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.twins.append((duplicate(self.model), self.model.get_weights()))

    keeper = KeepsTwins()
    _model("adam", ReadsAModule(), Dropout(0.2, seed=1)).fit(
        X, Y, epochs=3, verbose=0, callbacks=keeper
    )
    for twin, weights in keeper.twins:
        assert twin.optimizer.iterations > 0
        for there, here in zip(twin.get_weights(), weights, strict=True):
            np.testing.assert_array_equal(there, here)
        _trained_on(twin)


@BOTH
def test_gradients_are_kept(duplicate: Any) -> None:
    w = Tensor([1.0, 2.0], name="w")
    (w * w).sum().backward()
    twin = duplicate(w)
    np.testing.assert_array_equal(twin.grad, [2.0, 4.0])
    twin.grad = [0.0, 0.0]
    np.testing.assert_array_equal(w.grad, [2.0, 4.0])
    model = _model("sgd")
    model.fit(X, Y, verbose=0)
    for there, here in zip(duplicate(model).weights, model.weights, strict=True):
        np.testing.assert_array_equal(there.grad, here.grad)


@BOTH
def test_a_history_has_its_numbers(duplicate: Any) -> None:
    model = _model("sgd")
    history = model.fit(X, Y, epochs=4, verbose=0)
    twin = duplicate(history)
    assert twin.history == history.history
    assert twin.epoch == [0, 1, 2, 3]
    assert twin.seconds == history.seconds
    assert history.model is model
    assert twin.model is None


@BOTH
def test_operations_are_known_by_identity(duplicate: Any) -> None:
    for name in ops.__all__:
        operation = getattr(ops, name)
        if isinstance(operation, Operation):
            assert duplicate(operation) is operation
    assert duplicate(cube) is cube
    layer = duplicate(Dense(2, activation="relu"))
    assert layer.activation is activations.relu


def test_an_operation_that_no_module_holds_says_so() -> None:
    local = Operation("local", value=np.exp, gradients=(lambda g, out, x: g * out,))
    assert copy.deepcopy(local) is local
    with pytest.raises(StateError, match="'local'.*outside of all functions"):
        pickle.dumps(local)


@BOTH
def test_what_is_shared_stays_shared(duplicate: Any) -> None:
    model = _model("adam")
    model.fit(X, Y, verbose=0)
    twin, weights, optimizer = duplicate((model, model.weights, model.optimizer))
    assert all(a is b for a, b in zip(twin.weights, weights, strict=True))
    assert twin.optimizer is optimizer
    before = twin.get_weights()
    optimizer.apply_gradients([(np.ones(w.shape), w) for w in weights])
    assert all((a != b).any() for a, b in zip(twin.get_weights(), before, strict=True))


@BOTH
@pytest.mark.parametrize("linked", [False, True], ids=["not asked before", "asked before"])
def test_a_chain_and_its_copy_have_placeholders_of_their_own(duplicate: Any, linked: bool) -> None:
    model = Sequential([Input((2,)), Dense(3, activation="tanh"), Dense(1)])
    if linked:
        assert model.output.shape == (None, 1)
    twin = duplicate(model)
    inner = twin.layers[0].output
    assert inner.shape == (None, 3) and inner is not model.layers[0].output
    assert twin.output is twin.layers[1].output and twin.layers[1].input is inner
    features = Model(twin.inputs, inner).predict(X, verbose=0)
    kernel, bias = model.layers[0].get_weights()
    np.testing.assert_allclose(features, np.tanh(X @ kernel + bias), rtol=1e-4, atol=1e-6)


def test_a_shared_layer_was_first_in_the_model_that_was_made_first() -> None:
    shared = Dense(3)
    one = Sequential([Input((2,)), shared])
    other = Sequential([Input((2,)), shared, Dense(1)])
    third = shared(Input((2,)))
    assert shared.output is one.output and shared.output is not third
    assert other.layers[1].input is not one.output
    other.pop()
    assert other.output.shape == (None, 3) and other.output is not one.output


def test_whoever_asks_for_placeholders_does_not_change_how_steps_are_taken() -> None:
    model = Sequential([Dense(3, activation="tanh"), Dense(1)])
    model.compile(SGD(0.1), "mse")
    model.fit(X, Y, batch_size=20, epochs=2, verbose=0)
    programs = dict(model._training.stepper.programs)
    assert programs and model.output.shape == (None, 1)
    model.fit(X, Y, batch_size=20, epochs=2, verbose=0)
    assert model._training.stepper.programs == programs
