"""Steps that a subclass of Model wrote itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, gradients, metrics, set_random_seed
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.keras import ops
from autograd_nn.layers import Dense
from autograd_nn.optimizers import SGD

random = np.random.default_rng(3)
X = random.normal(size=(20, 3)).astype(np.float32)
Y = X[:, :1] * 2 + 1


def built(kind: type[Model] = Model) -> Model:
    set_random_seed(0)
    x = Input((3,))
    return kind(x, Dense(1)(Dense(4, activation="tanh")(x)))


class AsWritten(Model):
    """The step that every model takes, written out."""

    def train_step(self, data: Any) -> dict[str, Any]:
        x, y = data
        y_pred = self(x, training=True)
        loss = self.compute_loss(y=y, y_pred=y_pred)
        found = gradients(loss, self.trainable_variables)
        self.optimizer.apply(found, self.trainable_variables)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {metric.name: metric.result() for metric in self.metrics}


class Inherited(Model):
    def train_step(self, data: Any) -> dict[str, Any]:
        return super().train_step(data)

    def test_step(self, data: Any) -> dict[str, Any]:
        return super().test_step(data)


@pytest.mark.parametrize("kind", [AsWritten, Inherited])
def test_a_step_written_out_is_the_step(kind: type[Model]) -> None:
    ours, plain = built(kind), built()
    for model in (ours, plain):
        model.compile(SGD(0.1), "mse", ["mae"])
    data: dict[str, Any] = {"epochs": 3, "batch_size": 5, "shuffle": False, "verbose": 0}
    one = ours.fit(X, Y, validation_data=(X, Y), **data).history
    other = plain.fit(X, Y, validation_data=(X, Y), **data).history
    assert one.keys() == other.keys()
    for key, values in other.items():
        np.testing.assert_allclose(one[key], values, rtol=1e-5)
    np.testing.assert_allclose(ours.evaluate(X, Y, verbose=0), plain.evaluate(X, Y, verbose=0))
    assert ours.train_on_batch(X, Y, return_dict=True).keys() == {"loss", "mae"}


class OwnMetrics(Model):
    """As in the guides: metrics of its own, no loss and no metrics in `compile`."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.tracker = metrics.Mean(name="loss")
        self.mae = metrics.MeanAbsoluteError(name="mae")

    @property
    def metrics(self) -> list[Any]:
        return [self.tracker, self.mae]

    def train_step(self, data: Any) -> dict[str, Any]:
        x, y, *weight = data
        y_pred = self(x, training=True)
        loss = ((y_pred - y) ** 2).mean()
        self.optimizer.apply_gradients(
            zip(gradients(loss, self.trainable_weights), self.trainable_weights, strict=True)
        )
        self.tracker.update_state(loss)
        self.mae.update_state(y, y_pred, *weight)
        return {"loss": self.tracker.result(), "mae": self.mae.result()}


def test_metrics_of_ones_own_start_anew_in_every_epoch() -> None:
    model = built(OwnMetrics)
    model.compile(SGD(0.1))
    history = model.fit(X, Y, epochs=30, verbose=0).history
    assert list(history) == ["loss", "mae"]
    p = model.predict(X)
    last = model.fit(X, Y, verbose=0).history["mae"]
    assert last == pytest.approx([np.abs(p - Y).mean()], rel=1e-5)
    model.fit(X, Y, sample_weight=np.ones(20), verbose=0)


class Autoencoder(Model):
    """No true values."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.outside = Dense(2), Dense(3)

    def call(self, inputs: Any) -> Any:
        return self.outside(self.inside(inputs))

    def train_step(self, data: Any) -> dict[str, Any]:
        loss = ((self(data) - data) ** 2).mean()
        self.optimizer.apply(gradients(loss, self.trainable_weights), self.trainable_weights)
        return {"reconstruction": loss}


def test_a_step_without_true_values() -> None:
    model = Autoencoder()
    model.compile(SGD(0.1))
    found = model.fit(X, epochs=20, verbose=0).history["reconstruction"]
    assert found[-1] < found[0]


class Fourth(Model):
    """A loss of its own, of inputs and outputs."""

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        return ((y - y_pred) ** 4).mean() + 0.1 * (x**2).mean()


class Replayed(Fourth):
    replayable = True


@pytest.mark.parametrize("kind", [Fourth, Replayed])
def test_a_loss_of_ones_own(kind: type[Model]) -> None:
    model = built(kind)
    model.compile(SGD(0.01), metrics=["mae"])
    before = model.predict(X)
    right = ((before - Y) ** 4).mean() + 0.1 * (X**2).mean()
    with pytest.warns(UserWarning, match="run as it is written") if kind is Fourth else nothing():
        history = model.fit(X, Y, epochs=4, verbose=0).history
    assert history["loss"][0] == pytest.approx(right, rel=1e-5)
    assert history["mae"][0] == pytest.approx(np.abs(before - Y).mean(), rel=1e-5)
    assert model._training.stepper._recorder.replays == (2 if kind is Replayed else 0)
    assert model.evaluate(X, Y, verbose=0)[0] < right


def nothing() -> Any:
    import contextlib

    return contextlib.nullcontext()


class Doubled(Model):
    """More than what `compile` was given."""

    replayable = True

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        return 2 * super().compute_loss(x, y, y_pred, sample_weight)


def test_the_loss_of_compile_inside_of_ones_own() -> None:
    plain, model = built(), built(Doubled)
    for one in (plain, model):
        one.compile(SGD(0.01), "mse")
    assert model.loss is plain.loss or type(model.loss) is type(plain.loss)
    found = model.fit(X, Y, epochs=4, verbose=0).history["loss"]
    assert found[0] == pytest.approx(2 * plain.evaluate(X, Y, verbose=0), rel=1e-5)
    assert model._training.stepper._recorder.replays == 2


class WithPenalties(Model):
    """The sum that Keras's guide writes: what layers add is added here, and nowhere else."""

    replayable = True

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        loss = ((y - y_pred) ** 2).mean()
        return loss + ops.sum(self.losses) if self.losses else loss


@pytest.mark.parametrize("kind", [WithPenalties, Doubled])
@pytest.mark.parametrize("run_eagerly", [True, False])
def test_penalties_are_added_once_beside_a_loss_of_ones_own(
    kind: type[Model], run_eagerly: bool
) -> None:
    def penalized(kind: type[Model]) -> Model:
        x = Input((X.shape[1],))
        hidden = Dense(3, kernel_regularizer="l2", activity_regularizer="l1", name="hidden")(x)
        model = kind(x, Dense(1, name="out")(hidden))
        for weight in model.weights:
            weight.assign(np.linspace(-1, 1, weight.size).reshape(weight.shape))
        return model

    plain, model = penalized(Model), penalized(kind)
    factor = 2 if kind is Doubled else 1
    plain.compile(SGD(0.01 * factor), "mse")
    model.compile(SGD(0.01), "mse", run_eagerly=run_eagerly)
    right = plain.fit(X, Y, epochs=4, batch_size=8, shuffle=False, verbose=0).history["loss"]
    found = model.fit(X, Y, epochs=4, batch_size=8, shuffle=False, verbose=0).history["loss"]
    np.testing.assert_allclose(found, factor * np.array(right), rtol=1e-5)
    after = plain.evaluate(X, Y, verbose=0)
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(factor * after, rel=1e-5)


def test_predictions_of_ones_own() -> None:
    class Rounded(Model):
        def predict_step(self, data: Any) -> Any:
            return np.round(super().predict_step(data))

    model = built(Rounded)
    assert set(model.predict(X, batch_size=7).ravel() % 1) == {0}


def test_what_is_told_wrong() -> None:
    class Tells(Model):
        def train_step(self, data: Any) -> Any:
            return 3.0

    class Gives(Model):
        def compute_loss(self, **parts: Any) -> Any:
            return parts["y_pred"]

    model = built(Tells)
    with pytest.raises(StateError, match="Compile the model"):
        model.fit(X, Y)
    model.compile("sgd")
    with pytest.raises(ArgumentTypeError, match="train_step must return a dict of numbers"):
        model.fit(X, Y, verbose=0)
    with pytest.raises(ArgumentError, match="without a `loss`"):
        model.evaluate(X, Y)
    wrong = built(Gives)
    wrong.compile("sgd")
    with pytest.raises(ArgumentTypeError, match="compute_loss .* must return one number"):
        wrong.fit(X, Y, verbose=0)


def test_a_loop_by_hand() -> None:
    model, optimizer = Sequential([Input((3,)), Dense(1)]), SGD(0.1)
    for _ in range(200):
        loss = ((model(X) - Y) ** 2).mean()
        optimizer.apply(gradients(loss, model.trainable_variables), model.trainable_variables)
    assert loss.item() < 1e-6


@pytest.mark.parametrize("name", ["compute_metrics", "get_metrics_result"])
def test_what_a_subclass_adds_to_the_metrics_is_in_history_and_evaluation(name: str) -> None:
    def with_more(self: Any, *arguments: Any) -> dict[str, Any]:
        found = getattr(super(kind, self), name)(*arguments)
        return {**found, "twice": 2 * found["mae"]}

    kind = type("Telling", (Model,), {name: with_more})
    model = built(kind)
    model.compile(SGD(0.1), "mse", metrics=["mae"])
    found = model.fit(X, Y, validation_data=(X, Y), epochs=2, batch_size=7, verbose=0).history
    np.testing.assert_allclose(found["twice"], 2 * np.array(found["mae"]), rtol=1e-6)
    np.testing.assert_allclose(found["val_twice"], 2 * np.array(found["val_mae"]), rtol=1e-6)
    assert list(model.evaluate(X, Y, verbose=0, return_dict=True)) == ["loss", "mae", "twice"]
    same = built()
    same.compile(SGD(0.1), "mse", metrics=["mae"])
    usual = same.fit(X, Y, validation_data=(X, Y), epochs=2, batch_size=7, verbose=0).history
    for key, values in usual.items():
        np.testing.assert_allclose(found[key], values, rtol=1e-5)


@pytest.mark.parametrize("step", ["train", "test", "predict"])
def test_what_nobody_would_call_is_refused(step: str) -> None:
    kind = type("Making", (Model,), {f"make_{step}_function": lambda self, force=False: None})
    with pytest.raises(ArgumentError, match=rf"write {step}_step\(self, data\)"):
        built(kind).compile("sgd", "mse")


class Penalised(Model):
    """Its loss reads a weight of a layer, which is there when the model was called."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.out = Dense(2), Dense(1)

    def call(self, inputs: Any) -> Any:
        return self.out(self.hidden(inputs))

    def compute_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None, **_: Any) -> Any:
        penalty = (self.hidden.kernel**2).sum()
        return super().compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight) + penalty


class Reconstructs(Model):
    """Its loss calls a layer that the model itself does not."""

    def __init__(self) -> None:
        super().__init__()
        self.code, self.back = Dense(2), Dense(3)

    def call(self, inputs: Any) -> Any:
        return self.code(inputs)

    def compute_loss(self, x: Any, y_pred: Any, **_: Any) -> Any:
        return ((self.back(y_pred) - x) ** 2).mean()


@pytest.mark.parametrize("kind", [Penalised, Reconstructs])
@pytest.mark.parametrize("call", ["fit", "train_on_batch", "evaluate"])
def test_a_loss_of_ones_own_of_a_model_that_is_not_built(kind: Any, call: str) -> None:
    """As of the same model, built before: the layers of the loss, too, move from the first step."""
    x = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)
    y = x[:, : 1 if kind is Penalised else 2]
    found = []
    for is_built in (False, True):
        set_random_seed(5)
        model = kind()
        model.compile("sgd", "mse", run_eagerly=True)
        if is_built:
            model.build((None, 3))
            if kind is Reconstructs:
                model.back.build((None, 2))
        before = getattr(model, call)(x, y, **({} if call == "train_on_batch" else {"verbose": 0}))
        told = before.history["loss"] if call == "fit" else before
        found.append([told, *model.get_weights()])
    assert len(found[0]) == 5
    for a, b in zip(*found, strict=True):
        np.testing.assert_array_equal(a, b)
