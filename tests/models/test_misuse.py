"""Calls that newcomers write: taken where what is meant is plain, else the answer helps."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, Tensor, losses, metrics
from autograd_nn.activations import get as activation_named
from autograd_nn.callbacks import EarlyStopping
from autograd_nn.engine import errors
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, suggestion
from autograd_nn.layers import Activation, Dense, Flatten, Layer
from autograd_nn.losses import CategoricalCrossentropy, SparseCategoricalCrossentropy
from autograd_nn.optimizers import SGD

X = np.random.default_rng(0).normal(size=(40, 2)).astype("float32")
Y = (X[:, :1] > 0).astype("float32")
IMAGES = np.zeros((10, 4, 4), "float32")


def model_of(*layers: Any, loss: Any = "binary_crossentropy") -> Sequential:
    model = Sequential(list(layers) or [Input((2,)), Dense(3, "tanh"), Dense(1, "sigmoid")])
    model.compile("sgd", loss)
    return model


# ---------------------------------------------------------------------- lists of arrays


@pytest.mark.parametrize("built", [True, False])
@pytest.mark.parametrize("wrapped", [lambda x: [x], lambda x: (x,), lambda x: [Tensor(x)]])
def test_x_alone_in_a_list_is_x(built: bool, wrapped: Callable[[Any], Any]) -> None:
    first = [Input((2,))] if built else []
    model = model_of(*first, Dense(1, "sigmoid", kernel_initializer="ones"))
    outputs = model.predict(X.astype(float))
    np.testing.assert_array_equal(model.predict(wrapped(X)), outputs)
    np.testing.assert_allclose(model(wrapped(X)).data, outputs, rtol=1e-6)
    assert model([X.astype(float)]).dtype == np.float32
    loss = model.evaluate(X, Y, verbose=0)
    assert model.evaluate(wrapped(X), [Y], verbose=0) == loss
    assert model.test_on_batch(wrapped(X), [Y]) == model.test_on_batch(X, Y)
    assert model.train_on_batch(wrapped(X), [Y]) == pytest.approx(loss)
    history = model.fit(wrapped(X), [Y], validation_data=(wrapped(X), [Y]), verbose=0)
    assert history.history["val_loss"][0] == model.evaluate(X, Y, verbose=0)


@pytest.mark.parametrize("rows", [[X[0]], [X[0], X[1]], [[1.0, 2.0]], [[1.0, 2.0], [3.0, 4.0]]])
def test_a_list_of_rows_stays_one(rows: Any) -> None:
    model = model_of()
    np.testing.assert_array_equal(model.predict(rows), model.predict(np.array(rows, "float32")))


def test_a_list_of_pictures_stays_one_where_the_model_takes_pictures() -> None:
    model = model_of(Input((4, 4)), Flatten(), Dense(1, "sigmoid"))
    assert model.predict([IMAGES[0]]).shape == (1, 1)
    assert model.predict([IMAGES[0], IMAGES[1]]).shape == (2, 1)
    assert model.predict([IMAGES]).shape == (10, 1)


def test_several_inputs_for_a_model_of_one() -> None:
    with pytest.raises(ArgumentError, match=r"list of 2 arrays.*\(40, 2\), \(40, 2\).*one input"):
        model_of().predict([X, X])


@pytest.mark.parametrize("given", [(X, Y), [X, Y], (X, Y, Y[:, 0])])
def test_x_and_y_in_one_tuple(given: Any) -> None:
    model = model_of()
    for call in (model.fit, model.evaluate, model.train_on_batch, model.test_on_batch):
        with pytest.raises(ArgumentTypeError, match=r"`y` is missing: .*fit\(x, y\)"):
            call(given)


# ---------------------------------------------------------------------- numbers of no use


def test_what_does_not_fit_into_float32_is_called_that() -> None:
    large = X.astype(float)
    large[3, 1] = -1e300
    model = model_of(loss="mse")
    for call in (
        lambda: model.fit(large, Y),
        lambda: model.predict(large),
        lambda: model(large),
        lambda: model.train_on_batch(large, Y),
    ):
        with pytest.raises(ArgumentError, match=r"-1e\+300 at index \(3, 1\).*float32.*3\.4e\+38"):
            call()
    with pytest.raises(ArgumentError, match=r"`y` has -1e\+300 at index \(3, 0\)"):
        model.fit(X, large[:, 1:])
    with pytest.raises(ArgumentError, match=r"`class_weight\[1\]`.*1e\+300"):
        model.fit(X, Y, class_weight={1: 1e300})
    with pytest.raises(ArgumentError, match="too large for a float64"):
        model.predict([[10**400, 1]])


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch", "test_on_batch"])
def test_weights_of_samples_are_not_negative(method: str) -> None:
    weight = np.ones(40)
    weight[7] = -0.5
    model = model_of()
    before = model.get_weights()
    with pytest.raises(ArgumentError, match=r"`sample_weight`.*at least 0.*-0\.5 at index \(7,\)"):
        getattr(model, method)(X, Y, sample_weight=weight)
    for there, here in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(there, here)
    for callable_thing in (losses.MeanSquaredError(), metrics.MeanSquaredError()):
        with pytest.raises(ArgumentError, match="`sample_weight`.*at least 0"):
            callable_thing(Y, X[:, :1], sample_weight=weight)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_weights_are_finite(bad: float) -> None:
    model = model_of()
    before = model.get_weights()
    spoilt = [w.copy() for w in before]
    spoilt[2][1, 0] = bad
    with pytest.raises(ArgumentError, match=r"weights\[2\] \(dense_1/kernel\).*index \(1, 0\)"):
        model.set_weights(spoilt)
    with pytest.raises(ArgumentError, match=r"weights\[0\].*1e\+300.*too large for float32"):
        model.set_weights([np.full(w.shape, 1e300) for w in before])
    for there, here in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(there, here)


def test_what_a_layer_remembers_may_start_at_infinity() -> None:
    class Largest(Layer):
        def build(self, input_shape: Any) -> None:
            self.largest = self.add_weight((), lambda s, d: np.full(s, -np.inf), trainable=False)

        def call(self, inputs: Any) -> Any:
            return inputs

    model = Sequential([Input((2,)), Largest(), Dense(1)])
    model.set_weights(model.get_weights())
    assert model.get_weights()[0] == -np.inf


def test_early_stopping_has_no_nan_to_come_back_to() -> None:
    model = model_of(Input((2,)), Dense(1), loss="mse")
    model.compile(SGD(1e30), "mse")
    with pytest.warns(RuntimeWarning):
        model.fit(
            X,
            Y,
            epochs=9,
            verbose=0,
            callbacks=EarlyStopping("loss", restore_best_weights=True),
        )
    assert np.isnan(model.get_weights()[0]).all()


# ---------------------------------------------------------------------- what cannot learn


def test_a_softmax_over_one_unit_warns() -> None:
    with pytest.warns(UserWarning, match="softmax over one unit is constant.*'sigmoid'") as caught:
        Dense(1, activation="softmax")
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="log_softmax over one unit"):
        Dense(1, activation="log_softmax")
    with pytest.warns(UserWarning, match="softmax over one unit"):
        Sequential([Dense(1), Activation("softmax")])(X)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Sequential([Dense(2), Activation("softmax")])(X)
        Dense(1, activation="sigmoid")


@pytest.mark.parametrize(
    ("loss", "y"), [(CategoricalCrossentropy, Y * 0 + 1), (SparseCategoricalCrossentropy, Y * 0)]
)
def test_a_cross_entropy_over_one_class_warns(loss: Any, y: Any) -> None:
    message = f"{loss.__name__}.*one class only"
    with pytest.warns(UserWarning, match=message) as caught:
        model_of(Dense(1), loss=loss(from_logits=True)).fit(X, y, verbose=0)
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match=message):
        loss()(y, np.ones((40, 1)))


@pytest.mark.parametrize(
    ("units", "activation", "loss", "y"),
    [
        (3, "softmax", "sparse_categorical_crossentropy", np.zeros(10, int)),
        (3, "softmax", "categorical_crossentropy", np.eye(3)[[0] * 10]),
        (1, "sigmoid", "binary_crossentropy", np.zeros(10)),
        (2, None, "mse", np.zeros((10, 2))),
    ],
)
def test_pictures_that_were_not_flattened(units: int, activation: Any, loss: Any, y: Any) -> None:
    with pytest.raises(ShapeError, match=r"\(10, 4, 4\).*Put Flatten\(\) first"):
        model_of(Dense(units, activation), loss=loss).fit(IMAGES, y)
    model_of(Flatten(), Dense(units, activation), loss=loss).fit(IMAGES, y, verbose=0)


# ---------------------------------------------------------------------- names


@pytest.mark.parametrize(
    "call",
    [
        lambda: model_of().compile("muon", "mse"),
        lambda: model_of().compile("sgd", "mse", steps_per_execution=3),
    ],
)
def test_a_name_of_keras_that_is_not_here_is_not_answered_by_another(call: Any) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match="Keras has it") as raised:
        call()
    assert "Did you mean" not in str(raised.value)


def test_the_names_that_are_not_here_are_not_here() -> None:
    known = [losses._BY_NAME, metrics._BY_NAME]
    for name in errors._NOT_YET.split():
        with pytest.raises(ArgumentError):
            activation_named(name)
        assert not all(name in {n.lower().replace("_", "") for n in names} for names in known)


@pytest.mark.parametrize("name", ["crossentropy", "cross_entropy", "Crossentropy"])
def test_a_part_of_names_is_answered_by_all_of_them(name: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        model_of().compile("sgd", name)
    for full in ("binary", "categorical", "sparse_categorical"):
        assert f"'{full}_crossentropy'" in str(raised.value)


def test_misspelt_names_are_answered_by_the_nearest() -> None:
    with pytest.raises(ArgumentError, match=r"Did you mean 'binary_crossentropy'\?"):
        losses.get("binary_cross_entropy")
    assert "'kernel_initializer'" in suggestion("kernel_initialiser", ["kernel_initializer", "x"])
    assert "'glorot_uniform'" in suggestion("xavier_uniform", ["glorot_uniform", "he_uniform"])
    with pytest.raises(ArgumentTypeError, match="Did you mean 'kernel_regularizer'"):
        Dense(3, kernel_regularizr="l2")
    with pytest.raises(ArgumentTypeError, match="Did you mean 'input_shape'"):
        Dense(3, inputshape=(2,))


def test_classes_and_brackets_that_are_missing() -> None:
    with pytest.raises(ArgumentTypeError, match=r"class: write SGD\(\)"):
        model_of().compile(SGD, "mse")
    for wrong in (lambda: Sequential(Dense(3)), lambda: Sequential(Dense(3), Dense(1))):
        with pytest.raises(ArgumentTypeError, match=r"Sequential\(\[…\]\)"):
            wrong()


def test_the_functional_form() -> None:
    inputs = Input((2,))
    for wrong in (lambda: Model(inputs, X), lambda: Model(inputs=inputs, outputs=X)):
        with pytest.raises(ArgumentTypeError, match="`outputs` of a model are placeholders"):
            wrong()
    for wrong in (lambda: Model(inputs), lambda: Model("name"), lambda: Model(outputs=inputs)):
        with pytest.raises(ArgumentTypeError, match="takes placeholders"):
            wrong()


# ---------------------------------------------------------------------- metrics by hand


def test_metrics_are_called() -> None:
    metric = metrics.MeanSquaredError()
    assert metric([0.0, 0.0], [1.0, 3.0]) == 5.0  # (1 + 9) / 2
    assert metric([0.0], [2.0]) == pytest.approx(14 / 3)  # it goes on counting, as Keras's
    assert metrics.Mean()([1.0, 3.0], sample_weight=[1, 3]) == 2.5
    assert metrics.BinaryAccuracy()([1, 0], [0.9, 0.9], [3, 1]) == 0.75


# ---------------------------------------------------------------------- code of one's own


class ReturnsNothing(Layer):
    def call(self, inputs: Any) -> Any:
        inputs * 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ReturnsNothing()(X), "ReturnsNothing.call gave None: its `return` is missing"),
        (lambda: model_of(ReturnsNothing(), Dense(1)).fit(X, Y), "`return` is missing"),
        (lambda: model_of(loss=lambda y, p: None).fit(X, Y), "'<lambda>'.*`return` is missing"),
        (lambda: model_of(loss=lambda y, p: 3.0).fit(X, Y), "must return a Tensor.*3.0.*float"),
        (
            lambda: model_of(loss=lambda y, p: np.square(y - p.data).mean()).fit(X, Y),
            "Was the loss computed from Tensors, without .*[.]data",
        ),
        (lambda: model_of(loss=metrics.MeanSquaredError()), "is a metric.*give a loss"),
        (lambda: model_of(loss=metrics.MeanSquaredError), "is a metric.*give a loss"),
        (lambda: losses.BinaryCrossentropy(Y, X), r"shape \(40, 1\).*BinaryCrossentropy\(\)\(y_t"),
        (lambda: setattr(SGD(), "lr", 0.1), "set `learning_rate`"),
        (lambda: SGD().lr, "use `learning_rate`"),
        (lambda: Sequential([Dense(1), "relu"]), r"Activation\('relu'\)"),
        (lambda: Sequential([Dense(1)]).build((64,)), r"build\(\(None, 64\)\)"),
        (lambda: model_of().draw(y=Y), "`x` is missing"),
        (lambda: model_of().get_layer(1), r"get_layer\(index=1\)"),
        (lambda: model_of().fit(X, Y, class_weight={"0": 2.0}), "the label '0' of type str"),
        (lambda: model_of().fit(X[:, 0], Y), r"`x` of shape \(40,\).* for one sample of 40 fea"),
        (lambda: model_of().predict(X[:, :1]), r"`x` of shape \(40, 1\).*shape \(40, 1\)[.]"),
        (lambda: Dense(3)(X[0]), r"inputs of shape \(2,\)"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*code of your own is run as it is written")
def test_the_answer_names_the_way_out(call: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError, RuntimeError, AttributeError), match=message):
        call()


@pytest.mark.parametrize("name", ["loss", "optimizer"])
def test_what_compile_chose_is_not_set_by_itself(name: str) -> None:
    model = Sequential([Dense(1)])
    model.compile("sgd", "mse")
    chosen = getattr(model, name)
    with pytest.raises(AttributeError, match=f"`{name}` of a model is what compile chose"):
        setattr(model, name, "mae")
    assert getattr(model, name) is chosen
