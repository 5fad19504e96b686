"""`fit(record_gradients=True)`: the norms in History, by hand, and nothing else changed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, settings
from autograd_nn.callbacks import Callback
from autograd_nn.datasets import make_moons
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.layers import Dense, Input
from autograd_nn.models import Model, Sequential
from autograd_nn.norms import norm
from autograd_nn.optimizers import SGD
from autograd_nn.training.gradient_norms import named

X = np.array([[1.0], [2.0], [3.0]])
Y = np.array([2.0, 4.0, 6.0])


def line() -> Sequential:
    """y = w·x with w = 1."""
    model = Sequential(
        [Input((1,)), Dense(1, use_bias=False, kernel_initializer=np.array([[1.0]]))]
    )
    model.compile(SGD(0.1), "mse")
    return model


def trained(**options: Any) -> tuple[Sequential, Any]:
    settings.set_random_seed(3)
    model = Sequential([Dense(6, activation="tanh"), Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    return model, model.fit(*make_moons(70, seed=1), epochs=3, verbose=0, **options)


def test_the_mean_of_two_norms_by_hand() -> None:
    # The gradients of the two batches are −5 and −9: see test_two_steps_by_hand of test_fit.
    model = line()
    found = model.fit(X, Y, batch_size=2, shuffle=False, verbose=0, record_gradients=True)
    assert found.history["grad_norm/dense/kernel"] == pytest.approx([(5 + 9) / 2])
    assert type(found.history["grad_norm/dense/kernel"][0]) is float
    np.testing.assert_allclose(model.weights[0].grad, [[-9.0]], rtol=1e-6)


def test_every_parameter_in_every_epoch_and_not_without_asking() -> None:
    history = trained(record_gradients=True)[1].history
    names = [f"grad_norm/{layer}/{w}" for layer in ("dense", "dense_1") for w in ("kernel", "bias")]
    assert list(history) == ["loss", *names]
    assert {len(values) for values in history.values()} == {3}
    assert list(trained()[1].history) == ["loss"]


def test_training_is_the_same_with_it() -> None:
    without, with_it = trained()[0], trained(record_gradients=True)[0]
    for a, b in zip(without.weights, with_it.weights, strict=True):
        np.testing.assert_array_equal(a.data, b.data)
        np.testing.assert_array_equal(a.grad, b.grad)


def test_callbacks_and_the_printed_line_do_not_have_them(capsys: Any) -> None:
    seen: list[str] = []

    class Look(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.extend(logs)

    line().fit(X, Y, verbose=2, record_gradients=True, callbacks=[Look()])
    assert seen == ["loss"] and "grad_norm" not in capsys.readouterr().out


def test_interrupted_it_keeps_the_whole_epochs() -> None:
    class Interrupt(Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if self.model.optimizer.iterations == 8:
                raise KeyboardInterrupt

    model = line()
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, 1, 9, verbose=0, record_gradients=True, callbacks=[Interrupt()])
    assert model.history is not None and model.history.seconds is not None
    assert {len(values) for values in model.history.history.values()} == {2}


@pytest.mark.parametrize("value", [1, "yes", None])
def test_what_is_not_true_or_false_is_refused(value: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="record_gradients.*True or False"):
        line().fit(X, Y, record_gradients=value)


def test_a_gradient_that_was_not_computed_is_not_zero() -> None:
    class Half(Model):
        replayable = True

        def __init__(self) -> None:
            super().__init__()
            self.used, self.idle = Dense(1), Dense(1)

        def call(self, inputs: Any) -> Any:
            self.idle(inputs)
            return self.used(inputs)

    model = Half()
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="No gradient"):
        history = model.fit(X, Y, verbose=0, record_gradients=True).history
    idle = [values for name, values in history.items() if "dense_1/" in name]
    assert len(idle) == 2 and all(math.isnan(values[0]) for values in idle)


def test_a_name_that_comes_again_is_told_apart() -> None:
    parameters = [Tensor(1.0, name="w"), Tensor(2.0, name="w"), Tensor(3.0)]
    assert list(named(parameters)) == ["w", "w_1", "parameter"]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([3.0, 4.0]), 5.0),
        (np.float32([3e30, 4e30]), 5e30),
        (np.array([3e-200, 4e-200]), 5e-200),
        (np.zeros((2, 2)), 0.0),
        (np.float64(-2.0), 2.0),
        (np.array([1.0, np.inf]), math.inf),
    ],
)
def test_norms(array: Any, expected: float) -> None:
    assert norm(array) == pytest.approx(expected, rel=1e-6)


def test_the_norm_of_nan_is_nan() -> None:
    assert math.isnan(norm(np.array([1.0, np.nan])))
