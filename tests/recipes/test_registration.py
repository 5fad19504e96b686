"""What is added in a script of one's own, without a word to anybody, works where ours works."""

import numpy as np
import pytest

from autograd_nn import Operation, Tensor, replayable, viz
from autograd_nn.callbacks import Callback
from autograd_nn.initializers import Initializer
from autograd_nn.layers import Activation, Dense, Layer
from autograd_nn.losses import Loss
from autograd_nn.metrics import Metric
from autograd_nn.optimizers import Optimizer
from autograd_nn.optimizers.schedules import LearningRateSchedule
from tests.recipes.training import X, Y, agree, drawn, model_of

bump = Operation(
    "bump", value=lambda x: np.exp(-x * x), gradients=(lambda g, out, x: g * out * (-2 * x),)
)


class Scale(Layer):
    replayable = True

    def build(self, input_shape):
        self.factor = self.add_weight(input_shape[1:], "ones", "factor")

    def call(self, inputs):
        return inputs * self.factor


class Bumps(Layer):
    replayable = True

    def call(self, inputs):
        return bump(inputs)


class FourthPower(Loss):
    replayable = True

    def call(self, y_true, y_pred):
        return ((y_pred - y_true) ** 4).mean(axis=-1)


class Downhill(Optimizer):
    replayable = True

    def update(self, parameter, gradient, state, step):
        return parameter - self.learning_rate * gradient, state


class Halving(LearningRateSchedule):
    def __call__(self, step):
        return 0.05 / (1 + step)

    def get_config(self):
        return {}


class Halves(Initializer):
    def values(self, shape, dtype):
        return np.full(shape, 0.5, dtype)


class Largest(Metric):
    def reset_state(self):
        self.value = 0.0

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.value = max(self.value, float(np.max(y_pred)))

    def result(self):
        return self.value


def with_layer(layer):
    return lambda **options: model_of(Dense(3), layer(), **options)


def with_activation(**options):
    def bounded(x):
        return x / (1 + x**2)

    return model_of(Dense(3), Activation(replayable(bounded)), **options)


@pytest.mark.parametrize(
    ("make", "owner", "method"),
    [
        pytest.param(with_layer(Scale), Scale, "call", id="layer"),
        pytest.param(with_layer(Bumps), Bumps, "call", id="operation"),
        pytest.param(with_activation, Activation, "call", id="activation"),
        pytest.param(
            lambda **options: model_of(loss=FourthPower(), optimizer=Downhill(0.001), **options),
            FourthPower,
            "call",
            id="loss",
        ),
        pytest.param(
            lambda **options: model_of(optimizer=Downhill(0.01), **options),
            Downhill,
            "update",
            id="optimizer",
        ),
        pytest.param(
            lambda **options: model_of(optimizer=Downhill(Halving()), **options),
            Dense,
            "call",
            id="schedule",
        ),
        pytest.param(
            lambda **options: model_of(Dense(3, kernel_initializer=Halves()), **options),
            Dense,
            "call",
            id="initializer",
        ),
    ],
)
def test_what_is_declared_is_replayed_and_drawn(make, owner, method, monkeypatch):
    model = agree(make, owner, method, monkeypatch)
    picture = drawn(model)
    for layer in model.layers:
        assert layer.name in picture


@pytest.mark.parametrize("kind", [Scale, FourthPower])
def test_what_is_not_declared_runs_as_it_is_written_and_that_is_said(kind, monkeypatch):
    monkeypatch.setattr(kind, "replayable", False)
    parts, loss = ([], FourthPower()) if kind is FourthPower else ([kind()], "mse")
    model = model_of(*parts, loss=loss, optimizer=Downhill(0.001))
    calls = []
    of_class = kind.call
    monkeypatch.setattr(kind, "call", lambda *given: calls.append(1) or of_class(*given))
    with pytest.warns(UserWarning, match=f"replayable = True in {kind.__name__}"):
        model.fit(X, Y, epochs=5, batch_size=8, verbose=0)
    assert len(calls) >= 40


def test_formula_and_program_of_an_operation():
    x = Tensor(1.0, name="x")
    assert "= −2·v1·x = −0.7358" in viz.explain(bump(x), x).text
    program = bump(x).program([x], inputs={"x": x})
    value, (gradient,) = program(x=np.float64(0.5))
    assert np.isclose(value, np.exp(-0.25)) and np.isclose(gradient, -np.exp(-0.25))


def test_metric_and_callback():
    seen = []

    class Tell(Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append((epoch, sorted(logs)))

    model = model_of(metrics=[Largest(name="largest")])
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[Tell()])
    assert seen == [(0, ["largest", "loss"]), (1, ["largest", "loss"])]
