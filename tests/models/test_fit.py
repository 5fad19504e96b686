"""fit, evaluate, train_on_batch: numbers by hand, data in every form, what is refused first."""

from __future__ import annotations

import gc
import tracemalloc
from typing import Any

import numpy as np
import pytest

from autograd_nn import settings
from autograd_nn.datasets import load_digits
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.engine.recording import no_grad, recording
from autograd_nn.layers import Dense, Flatten, Input
from autograd_nn.losses import BinaryCrossentropy
from autograd_nn.models import Sequential
from autograd_nn.optimizers import SGD

X = np.array([[1.0], [2.0], [3.0]])
Y = np.array([2.0, 4.0, 6.0])


def line(rate: float = 0.1, **compiled: Any) -> Sequential:
    """y = w·x with w = 1."""
    model = Sequential(
        [Input((1,)), Dense(1, use_bias=False, kernel_initializer=np.array([[1.0]]))]
    )
    model.compile(**({"optimizer": SGD(rate), "loss": "mse"} | compiled))
    return model


def weight(model: Sequential) -> float:
    return float(model.weights[0].data[0, 0])


def test_two_steps_by_hand() -> None:
    model = line()
    # Batches {1, 2} and {3}: loss (1 + 4)/2 = 2.5, dL/dw = 2·(−1·1 − 2·2)/2 = −5, w = 1.5;
    # loss (6 − 4.5)² = 2.25, dL/dw = 2·(−1.5)·3 = −9, w = 2.4.
    history = model.fit(X, Y, batch_size=2, shuffle=False, verbose=0)
    np.testing.assert_allclose(weight(model), 2.4, rtol=1e-6)
    np.testing.assert_allclose(history.history["loss"], [(2 * 2.5 + 2.25) / 3], rtol=1e-6)
    np.testing.assert_allclose(model.weights[0].grad, [[-9.0]], rtol=1e-6)
    assert history is model.history and history.epoch == [0]
    assert history.params == {"verbose": 0, "epochs": 1, "steps": 2}
    assert type(history.history["loss"][0]) is float


def test_train_on_batch_is_that_step() -> None:
    model = line(metrics=["mae"])
    assert model.train_on_batch(X[:2], Y[:2]) == [2.5, 1.5]
    assert model.train_on_batch(X[2:], Y[2:], return_dict=True) == {"loss": 2.25, "mae": 1.5}
    np.testing.assert_allclose(weight(model), 2.4, rtol=1e-6)
    assert line().test_on_batch(X[:2], Y[:2]) == 2.5


def test_weights_of_samples_and_classes() -> None:
    model = line(weighted_metrics=["mae"], metrics=["mae"])
    found = model.evaluate(X, Y, sample_weight=[1.0, 0.0, 2.0], verbose=0, return_dict=True)
    # (1·1 + 0·4 + 2·9)/3; mae weighted (1·1 + 2·3)/(1 + 2)
    np.testing.assert_allclose(list(found.values()), [19 / 3, 2.0, 7 / 3], rtol=1e-6)
    assert list(found) == ["loss", "mae", "weighted_mae"]
    a, b = line(0.01), line(0.01)
    labels = np.array([0, 1, 1])
    a.fit(X, labels, class_weight={1: 3.0}, verbose=0, shuffle=False)
    b.fit(X, labels, sample_weight=[1.0, 3.0, 3.0], verbose=0, shuffle=False)
    assert weight(a) == weight(b)
    with pytest.raises(ArgumentError, match="both"):
        a.fit(X, labels, class_weight={1: 3.0}, sample_weight=np.ones(3))


def test_validation_takes_the_tail_and_changes_nothing() -> None:
    a, b = line(), line()
    found = a.fit(X, Y, validation_split=0.34, verbose=0, shuffle=False, epochs=2).history
    b.fit(X[:1], Y[:1], epochs=2, verbose=0, shuffle=False)
    assert weight(a) == weight(b)
    # After the second epoch, on {2, 3}: mean of (4 − 2w)² and (6 − 3w)².
    w = weight(a)
    np.testing.assert_allclose(
        found["val_loss"][1], ((4 - 2 * w) ** 2 + (6 - 3 * w) ** 2) / 2, rtol=1e-5
    )
    assert a.evaluate(X[1:], Y[1:], verbose=0) == found["val_loss"][1]


def test_fit_goes_on_from_where_it_was() -> None:
    a, b = line(0.01), line(0.01)
    a.fit(X, Y, epochs=3, verbose=0)
    b.fit(X, Y, epochs=1, verbose=0)
    history = b.fit(X, Y, epochs=3, initial_epoch=1, verbose=0)
    np.testing.assert_allclose(weight(a), weight(b), rtol=1e-6)
    assert history.epoch == [1, 2]
    assert b.fit(X, Y, epochs=0, verbose=0).history == {}


def test_the_order_follows_the_seed() -> None:
    weights = []
    for seed in (1, 1, 2):
        settings.set_random_seed(seed)
        model = line(0.05)
        model.fit(X, Y, batch_size=1, epochs=1, verbose=0)
        weights.append(weight(model))
    assert weights[0] == weights[1] != weights[2]


@pytest.mark.parametrize("kind", [list, np.float64, np.int8, bool])
def test_data_in_many_forms(kind: Any) -> None:
    x = X.tolist() if kind is list else X.astype(kind)
    assert np.isfinite(line(0.01).fit(x, Y.tolist(), verbose=0).history["loss"][0])


def test_frames_of_numbers() -> None:
    import pandas

    frame = pandas.DataFrame({"a": [1, 2, 3], "b": [True, False, True]})
    model = Sequential([Dense(1)])
    model.compile("sgd", "mse")
    model.fit(frame, pandas.Series(Y), verbose=0)
    assert model.weights[0].shape == (2, 1)
    assert model.predict(frame).shape == (3, 1)
    frame["c"] = ["p", "q", "r"]
    with pytest.raises(ArgumentTypeError, match="'c'"):
        model.predict(frame)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "nan": ({"x": [[1.0], [np.nan], [np.inf]]}, r"`x` has 2 values.*nan at index \(1, 0\)"),
    "beyond float32": (
        {"x": [[1.0], [1e300], [1.0]]},
        r"1e\+300 at index \(1, 0\).*too large",
    ),
    "lengths": ({"y": [1.0, 2.0]}, "3 samples.*2 samples"),
    "no y": ({"y": None}, "`y` is missing"),
    "width": ({"y": np.ones((3, 2))}, r"\(3, 2\).*\(3, 1\)"),
    "validation": ({"validation_data": (np.ones((2, 3)), np.ones(2))}, r"validation x.*\(2, 3\)"),
    "validation nan": ({"validation_data": (X, Y * np.nan)}, "validation y"),
    "validation form": ({"validation_data": X}, "tuple"),
    "split": ({"validation_split": 1.5}, "validation_split"),
    "verbose": ({"verbose": 7}, "verbose"),
    "weights nan": ({"sample_weight": [1.0, np.nan, 1.0]}, "sample_weight"),
    "initial_epoch": ({"initial_epoch": -1}, "initial_epoch"),
    "shuffle": ({"shuffle": "batch"}, "shuffle"),
    "text": ({"x": [["a"], ["b"], ["c"]]}, "text"),
    "generator": ({"x": iter([1, 2, 3])}, "gives batches"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("built", [True, False])
def test_what_is_refused_changes_nothing(name: str, built: bool) -> None:
    arguments, message = REFUSED[name]
    model = Sequential([*([Input((1,))] if built else []), Dense(2), Dense(1)])
    model.compile("rmsprop", "mse")
    before = [w.data.tobytes() for w in model.weights]
    streams = [settings.generator(s).bit_generator.state for s in ("weights", "shuffle")]
    with pytest.raises((ValueError, TypeError), match=message):
        model.fit(**({"x": X, "y": Y, "verbose": 0} | arguments))
    assert [w.data.tobytes() for w in model.weights] == before
    assert model.built is built and model.history is None
    assert model.optimizer.iterations == 0 and recording()
    assert streams == [settings.generator(s).bit_generator.state for s in ("weights", "shuffle")]


def test_labels_are_checked_for_the_loss() -> None:
    model = Sequential([Input((1,)), Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ArgumentError, match=r"`y` has the label 3 at index \(2,\)"):
        model.fit(X, [0, 1, 3])
    model.compile("sgd", "categorical_crossentropy")
    with pytest.raises(ShapeError, match="to_categorical"):
        model.fit(X, [0, 1, 2])
    model = Sequential([Input((1,)), Dense(1, activation="sigmoid")])
    model.compile("sgd", "bce")
    with pytest.raises(ArgumentError, match="-1"):
        model.fit(X, [-1, 1, 1])


def test_a_metric_that_does_not_fit_says_so_before_training() -> None:
    model = line(metrics=["sparse_categorical_accuracy", lambda y, p: y / 0])
    with pytest.raises((ShapeError, ZeroDivisionError, RuntimeWarning)):
        model.fit(X, Y, verbose=0)
    assert weight(model) == 1.0


def test_a_loss_that_became_nan_is_told_once() -> None:
    model = line(1e20)
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="epoch") as told:
        history = model.fit(X, Y, epochs=4, batch_size=1, verbose=0)
    assert len(told) == 1 and np.isnan(history.history["loss"][-1])


def test_inside_no_grad_it_trains_all_the_same() -> None:
    model = line()
    with no_grad():
        model.fit(X, Y, verbose=0)
        assert not recording()
    assert weight(model) != 1.0


def test_memory_is_flat_without_the_collector() -> None:
    model = Sequential([Input((8,)), Dense(16, activation="relu"), Dense(1)])
    model.compile("adam", "mse")
    x = np.ones((64, 8), np.float32)
    gc.collect()
    gc.disable()
    try:
        model.fit(x, x[:, 0], epochs=2, verbose=0)
        tracemalloc.start()
        grown = []
        for epochs in (3, 60, 60):  # what Python keeps of a first long run it keeps once
            before = tracemalloc.get_traced_memory()[0]
            model.fit(x, x[:, 0], epochs=epochs, verbose=0)
            grown.append(tracemalloc.get_traced_memory()[0] - before)
    finally:
        tracemalloc.stop()
        gc.enable()
    # One graph holds 64·16 floats several times over, 20 kB; 120 of them would be 2 MB.
    assert min(grown[1:]) < 20_000


def test_the_tutorial_on_zeros_and_ones() -> None:
    (X, Y), (x_test, y_test) = load_digits(classes=(0, 1))
    model = Sequential([
        Dense(units=25, activation='sigmoid'),
        Dense(units=15, activation='sigmoid'),
        Dense(units=1, activation='sigmoid'),
    ])  # fmt: skip
    model.compile(loss=BinaryCrossentropy())
    model.fit(X, Y, epochs=100, verbose=0)
    assert model.history is not None and model.history.history["loss"][-1] < 0.01
    assert ((model.predict(x_test)[:, 0] > 0.5) == y_test).mean() >= 0.98


def test_ten_digits() -> None:
    (x, y), (x_test, y_test) = load_digits()
    model = Sequential([Dense(64, activation="relu"), Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
    model.fit(x, y, epochs=40, verbose=0)
    assert model.evaluate(x_test, y_test, verbose=0)[1] >= 0.97


@pytest.mark.parametrize("eager", [False, True])
def test_numbers_alone_are_samples_of_the_one_feature_that_a_model_takes(eager: bool) -> None:
    celsius = np.array([-40.0, -10, 0, 8, 15, 22, 38])
    fahrenheit = celsius * 1.8 + 32
    weight, bias, rate = 1.0, 0.0, 0.0005
    model = Sequential([Input((1,)), Dense(1)])
    model.set_weights([np.ones((1, 1)), np.zeros(1)])
    model.compile(SGD(rate), "mse", run_eagerly=eager)
    found = model.fit(celsius, fahrenheit, epochs=4, shuffle=False, verbose=0).history["loss"]
    for loss in found:
        error = weight * celsius + bias - fahrenheit
        assert loss == pytest.approx(np.mean(error**2), rel=1e-5)
        weight -= rate * np.mean(2 * error * celsius)
        bias -= rate * np.mean(2 * error)
    expected = [[100 * weight + bias]]
    np.testing.assert_allclose(model.predict(np.array([100.0])), expected, rtol=1e-5)
    np.testing.assert_allclose(model(np.array([100.0])).data, expected, rtol=1e-5)
    assert model.evaluate(celsius, fahrenheit, verbose=0) == pytest.approx(
        np.mean((weight * celsius + bias - fahrenheit) ** 2), rel=1e-5
    )


def test_an_axis_of_one_too_few_or_too_many_is_put_right_and_no_other() -> None:
    flat = Sequential([Flatten(), Dense(1, kernel_initializer="ones")])
    flat.build((None, 4, 4))
    pictures = np.arange(48.0).reshape(3, 4, 4)
    sums = pictures.sum(axis=(1, 2))[:, None]
    np.testing.assert_allclose(flat.predict(pictures[..., None]), sums)
    with pytest.raises(ShapeError):
        flat.predict(np.ones((3, 4, 4, 2)))
    two = Sequential([Input((2,)), Dense(1)])
    with pytest.raises(ShapeError, match=r"reshape\(-1, 1\)"):
        two.predict(np.ones(7))
    unbuilt = Sequential([Dense(1)])  # takes any number of features, and so may mean a row
    unbuilt.compile("sgd", "mse")
    with pytest.raises(ShapeError, match=r"`x` of shape \(3,\).*reshape"):
        unbuilt.fit(np.ones(3), np.ones(3), verbose=0)
    assert not unbuilt.built


def test_weights_of_labels_that_never_occur_are_told() -> None:
    model = Sequential([Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy")
    labels = np.array([0, 1, 2, 0, 1])
    with pytest.warns(UserWarning, match=r"names the label 3, 0\.5, .*labels in y are 0, 1, 2\."):
        model.fit(np.ones((5, 2)), labels, class_weight={0: 2.0, 3: 1.0, 0.5: 1.0}, verbose=0)
    # In one batch of many a label may well be absent.
    model.train_on_batch(np.ones((2, 2)), labels[:2], class_weight={0: 1.0, 2: 2.0})
