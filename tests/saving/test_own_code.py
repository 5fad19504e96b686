"""Classes and functions of one's own in files: found where they were told of, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, own_classes
from autograd_nn.constraints import Constraint
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, FileFormatError
from autograd_nn.initializers import Initializer
from autograd_nn.layers import Bidirectional, Dense, Flatten, Lambda, Layer, SimpleRNN
from autograd_nn.losses import Loss, MeanSquaredError
from autograd_nn.metrics import MeanAbsoluteError, Metric
from autograd_nn.models import clone_model, load_model
from autograd_nn.optimizers import SGD, Optimizer
from autograd_nn.optimizers.schedules import LearningRateSchedule
from autograd_nn.regularizers import Regularizer

X = np.random.default_rng(2).normal(size=(12, 3)).astype(np.float32)
Y = X[:, :1] * 2


@pytest.fixture(autouse=True)
def nothing_registered() -> Iterator[None]:
    before = dict(own_classes.REGISTERED)
    yield
    own_classes.REGISTERED.clear()
    own_classes.REGISTERED.update(before)


class Fourth(Loss):
    def __init__(self, power: float = 4.0) -> None:
        super().__init__()
        self.power = power

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return (abs(y_pred - y_true) ** self.power).mean(axis=-1)

    def get_config(self) -> dict[str, Any]:
        return {"power": self.power}


class Count(Metric):
    def __init__(self, name: str = "count", **keywords: Any) -> None:
        super().__init__(name=name, **keywords)
        self.total = self.add_variable((), "zeros", name="total")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.total.assign_add(float(len(y_true)))

    def result(self) -> Any:
        return self.total


class Halving(LearningRateSchedule):
    def __init__(self, start: float) -> None:
        self.start = start

    def __call__(self, step: Any) -> Any:
        return self.start / 2**step

    def get_config(self) -> dict[str, Any]:
        return {"start": self.start}


class Counting(Optimizer):
    """A rule whose state has a number of Python beside an array."""

    def __init__(self, learning_rate: Any = 0.1, **keywords: Any) -> None:
        super().__init__(learning_rate, **keywords)

    def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
        seen = state.get("seen", 0) + 1
        mean = state.get("mean", 0.0) * 0.5 + gradient
        return parameter - self.learning_rate * mean / seen, {"seen": seen, "mean": mean}


def twice(y_true: Any, y_pred: Any) -> Any:
    return 2 * abs(y_true - y_pred)


def bent(x: Any) -> Any:
    return x * 0.5 + np.tanh(x)


OWN = {thing.__name__: thing for thing in (Fourth, Count, Halving, Counting, twice, bent)}


def compiled(optimizer: Any, loss: Any, metrics: Any = None) -> Model:
    model = Sequential([Input((3,)), Dense(4, activation=bent), Dense(1)])
    model.compile(optimizer, loss, metrics=metrics, run_eagerly=True)
    return model


@pytest.mark.parametrize(
    ("optimizer", "loss", "metrics"),
    [
        (Counting(0.1), Fourth(3.0), [Count()]),
        (Counting(Halving(0.2)), twice, [twice, Count]),
        (SGD(Halving(0.2), momentum=0.5), "mse", ["mae", twice]),
    ],
)
def test_all_of_ones_own_goes_on(optimizer: Any, loss: Any, metrics: Any, tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    model = compiled(optimizer, loss, metrics)
    model.fit(X, Y, epochs=2, verbose=0)
    model.save(path)
    with pytest.raises(FileFormatError, match="custom_objects"):
        load_model(path)
    again = load_model(path, OWN)
    assert not own_classes.REGISTERED
    for thing in OWN.values():
        own_classes.register_keras_serializable("mine")(thing) if not isinstance(
            thing, type
        ) or hasattr(thing, "get_config") else None
    registered = load_model(path)
    logs = [one.fit(X, Y, epochs=3, verbose=0, shuffle=False).history for one in (model, again)]
    assert logs[0] == logs[1]
    registered.fit(X, Y, epochs=3, verbose=0, shuffle=False)
    for a, b, c in zip(*(m.get_weights() for m in (model, again, registered)), strict=True):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)


def test_a_state_that_is_no_number_is_said(tmp_path: Path) -> None:
    class Keeps(Counting):
        def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
            return parameter, {"who": "a text"}

    model = compiled(Keeps(), "mse")
    model.fit(X, Y, verbose=0)
    with pytest.raises(ArgumentTypeError, match="'a text'.*'who'.*include_optimizer=False"):
        model.save(tmp_path / "m.npz")
    assert not list(tmp_path.iterdir())
    model.save(tmp_path / "m.npz", include_optimizer=False)
    assert load_model(tmp_path / "m.npz", OWN).optimizer is None


def doubled(x: Any, by: float) -> Any:
    return x * 2 + by


@pytest.mark.parametrize("ending", ["npz", "keras"])
def test_a_lambda_of_a_function_that_has_a_name(ending: str, tmp_path: Path) -> None:
    layer = Lambda(doubled, output_shape=(3,), arguments={"by": 0.5})
    model = Sequential([Input((3,)), layer, Dense(1)])
    path = tmp_path / f"m.{ending}"
    model.save(path)
    again = load_model(path, {"doubled": doubled})
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    with pytest.raises(FileFormatError, match="no function 'doubled' here. For one of your own"):
        load_model(path)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (lambda: Dense(2, activation=lambda x: x), "lambda"),
        (lambda: Lambda(lambda x: 2 * x), "holds a function"),
    ],
)
def test_what_no_name_leads_back_to_is_refused_when_it_is_saved(
    layer: Any, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ArgumentError, match=said):
        Sequential([Input((3,)), layer()]).save(tmp_path / "m.npz")
    model = Sequential([Input((3,)), Dense(1)])
    model.compile("sgd", lambda y, p: (y - p) ** 2)
    with pytest.raises(ArgumentError, match="top level of a module"):
        model.save(tmp_path / "m.npz")
    assert not list(tmp_path.iterdir())


class Plain(Layer):
    """Without a get_config: what it takes is found by the names of its attributes."""

    def __init__(self, units: int, activation: Any = "relu") -> None:
        super().__init__()
        self.units = units
        self.activation = activation
        self.inner = Dense(units, activation)

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)


class Forgets(Layer):
    def __init__(self, units: int) -> None:
        super().__init__()
        self.inner = Dense(units)

    def call(self, inputs: Any) -> Any:
        return self.inner(inputs)


def test_classes_without_a_config(tmp_path: Path) -> None:
    model = Sequential([Input((3,)), Plain(4, "tanh"), Dense(1, name="last")])
    model.layers[0].inner.trainable = False
    model.save(tmp_path / "m.npz")
    again = load_model(tmp_path / "m.npz", {"Plain": Plain})
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert again.layers[0].activation == "tanh" and len(again.trainable_weights) == 2
    assert again.layers[0].name == "plain"
    with pytest.raises(ArgumentError, match="takes `units`.*no attribute"):
        Sequential([Input((3,)), Forgets(4)]).save(tmp_path / "n.npz")
    assert [file.name for file in tmp_path.iterdir()] == ["m.npz"]


@pytest.mark.parametrize("ending", ["npz", "keras"])
def test_a_class_that_takes_its_own_arguments_alone(ending: str, tmp_path: Path) -> None:
    class Scaled(Layer):
        def __init__(self, by: float) -> None:
            super().__init__()
            self.by = by

        def call(self, inputs: Any) -> Any:
            return inputs * self.by

        def get_config(self) -> dict[str, Any]:
            return {"by": self.by}

    model = Sequential([Input((3,)), Scaled(3.0), Plain(4, "tanh"), Dense(1)])
    model.layers[1].trainable = False
    path = tmp_path / f"m.{ending}"
    model.save(path)
    again = load_model(path, {"Scaled": Scaled, "Plain": Plain})
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert [layer.name for layer in again.layers] == ["scaled", "plain", "dense"]
    assert [weight.name for weight in again.trainable_weights] == ["dense/kernel", "dense/bias"]


@pytest.mark.parametrize("ending", ["npz", "keras"])
def test_a_compile_of_ones_own_is_called_by_its_author(ending: str, tmp_path: Path) -> None:
    class Two(Model):
        replayable = True

        def __init__(self) -> None:
            super().__init__()
            self.last = Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.last(inputs)

        def compile(self, generator: Any, loss_fn: Any) -> None:
            super().compile(generator, loss_fn)
            self.loss_fn = loss_fn

    model = Two()
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    path = tmp_path / f"m.{ending}"
    model.save(path)
    with pytest.warns(UserWarning, match="not compiled: its class Two .*'generator'"):
        again = load_model(path, {"Two": Two})
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    again.compile("sgd", "mse")
    again.fit(X, Y, verbose=0)


@pytest.mark.parametrize("hook", ["save_own_variables", "load_assets", "build_from_config"])
def test_what_nothing_would_call_is_refused(hook: str, tmp_path: Path) -> None:
    class Special(Dense):
        pass

    plain = Sequential([Input((3,)), Dense(2)])
    plain.save_weights(tmp_path / "w.npz")
    setattr(Special, hook, lambda self, *given: None)
    model = Sequential([Input((3,)), Special(2)])
    for call in (
        lambda: model.save(tmp_path / "m.npz"),
        lambda: model.save_weights(tmp_path / "m.weights.h5"),
        lambda: model.load_weights(tmp_path / "w.npz"),
    ):
        with pytest.raises(ArgumentError, match=f"Special has {hook}, which nothing calls here"):
            call()
    assert [file.name for file in tmp_path.iterdir()] == ["w.npz"]


@pytest.mark.parametrize("ending", ["npz", "keras"])
def test_classes_of_ones_own_that_are_given_when_it_is_read(ending: str, tmp_path: Path) -> None:
    class Half(Initializer):  # written as for Keras
        def __call__(self, shape: Any, dtype: Any = None) -> Any:
            return np.full(shape, 0.5)

    model = Sequential([Input((3,)), Dense(1, kernel_initializer=Half())])
    model.compile("sgd", Fourth(3.0))
    path = tmp_path / f"m.{ending}"
    model.save(path)
    again = load_model(path, {"Half": Half, "Fourth": Fourth})
    assert again.loss.power == 3.0
    fresh = clone_model(again)  # whose weights are made anew
    np.testing.assert_array_equal(fresh.get_weights()[0], np.full((3, 1), 0.5))
    with pytest.raises(FileFormatError, match="Half|Fourth"):
        load_model(path)


class Eighth(Initializer):
    def values(self, shape: Any, dtype: Any) -> Any:
        return np.full(shape, 0.125, dtype)


class Sum(Regularizer):
    def __init__(self, factor: float = 0.5) -> None:
        self.factor = factor

    def __call__(self, x: Any) -> Any:
        return self.factor * x.sum()

    def get_config(self) -> dict[str, Any]:
        return {"factor": self.factor}


class AtLeast(Constraint):
    def __call__(self, w: Any) -> Any:
        return np.maximum(w, 0.1)


def test_rules_of_weights(tmp_path: Path) -> None:
    dense = Dense(2, "relu", True, Eighth(), "zeros", Sum(0.25), kernel_constraint=AtLeast())
    model = Sequential([Input((3,)), dense, Dense(1)])
    model.compile("sgd", "mse", run_eagerly=True)
    model.save(tmp_path / "m.npz")
    with pytest.raises(FileFormatError, match="Eighth|Sum|AtLeast"):
        load_model(tmp_path / "m.npz")
    own = {"Eighth": Eighth, "Sum": Sum, "AtLeast": AtLeast}
    again = load_model(tmp_path / "m.npz", own)
    for one in (model, again):
        one.fit(X, Y, epochs=2, verbose=0, shuffle=False)
    np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])
    assert again.losses[0].item() == model.losses[0].item()


def test_a_cell_of_ones_own_in_a_layer_that_holds_it(tmp_path: Path) -> None:
    class Mine(SimpleRNN):
        pass

    model = Sequential([Input((4, 3)), Bidirectional(Mine(2)), Dense(1)])
    model.save(tmp_path / "m.npz")
    with pytest.raises(FileFormatError, match="Mine"):
        load_model(tmp_path / "m.npz")
    again = load_model(tmp_path / "m.npz", {"Mine": Mine})
    x = np.ones((2, 4, 3), np.float32)
    np.testing.assert_array_equal(again.predict(x), model.predict(x))


class SaysItself:
    """Mixed into a class, it says an argument itself, and hands on what else it is given."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(name="mine", **keywords)  # type: ignore[call-arg]


class Mended:
    """The same, as the error says."""

    def __init__(self, name: str = "mine", **keywords: Any) -> None:
        super().__init__(name=name, **keywords)  # type: ignore[call-arg]


@pytest.mark.parametrize("ending", ["npz", "keras"])
@pytest.mark.parametrize("kind", [MeanSquaredError, MeanAbsoluteError, SGD, Flatten])
def test_an_argument_that_a_class_says_itself(kind: Any, ending: str, tmp_path: Path) -> None:
    first, second = (type("Mine", (form, kind), {}) for form in (SaysItself, Mended))
    own_classes.register_keras_serializable("mine")(first)
    model = Sequential([Input((3,)), first() if kind is Flatten else Flatten(), Dense(1)])
    model.compile(
        first() if kind is SGD else "sgd",
        first() if kind is MeanSquaredError else "mse",
        metrics=[first() if kind is MeanAbsoluteError else "mae"],
        run_eagerly=True,
    )
    model.fit(X, Y, verbose=0)
    path = tmp_path / f"m.{ending}"
    model.save(path)
    words = r"Mine.__init__ says `name` itself.*name='mine', \*\*keywords\) with super"
    with pytest.raises(FileFormatError, match=words):
        load_model(path)
    own_classes.REGISTERED["mine>Mine"] = second
    again = load_model(path)
    assert again.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)
    again.fit(X, Y, verbose=0)
