"""NNClassifier and NNRegressor: what they learn and what they take."""

import pickle
import threading
from typing import Any

import numpy as np
import pandas
import pytest
from sklearn.base import clone
from sklearn.model_selection import KFold, cross_val_score

from autograd_nn import Input, Model, Sequential, keras, set_random_seed
from autograd_nn.callbacks import EarlyStopping
from autograd_nn.datasets import make_moons
from autograd_nn.layers import Conv2D, Dense, Flatten
from autograd_nn.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from autograd_nn.optimizers import SGD, Adam
from autograd_nn.wrappers import NNClassifier, NNRegressor

X, CODES = make_moons(60, noise=0.1, seed=0)
NAMES = np.array(["upper", "lower"])[CODES]
THREE = np.array(["a", "b", "c"])[np.arange(60) % 3]
FAST: dict[str, Any] = {"epochs": 2, "random_state": 0}


def weights(estimator: Any) -> list[np.ndarray]:
    found: list[np.ndarray] = estimator.model_.get_weights()
    return found


def same(a: Any, b: Any) -> bool:
    return all(map(np.array_equal, weights(a), weights(b)))


# ---------------------------------------------------------------------- classes


def test_labels_of_any_kind_come_back() -> None:
    learned = NNClassifier(learning_rate=0.02, epochs=60, random_state=0).fit(X, NAMES)
    assert learned.classes_.tolist() == ["lower", "upper"]
    assert learned.score(X, NAMES) > 0.95
    chances = learned.predict_proba(X)
    np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-12)
    assert (learned.classes_[chances.argmax(axis=1)] == learned.predict(X)).all()
    assert learned.model_.predict(X).shape == (60, 1)


def head(units: int, activation: str | None, loss: Any) -> Any:
    def build() -> Model:
        model = Sequential([Dense(8, activation="relu"), Dense(units, activation=activation)])
        model.compile(Adam(0.02), loss)
        return model

    return build


@pytest.mark.parametrize(
    "units, activation, loss",
    [
        (1, "sigmoid", "binary_crossentropy"),
        (1, None, BinaryCrossentropy(from_logits=True)),
        (2, "softmax", "sparse_categorical_crossentropy"),
        (2, None, SparseCategoricalCrossentropy(from_logits=True)),
        (2, "softmax", "categorical_crossentropy"),
        (2, None, CategoricalCrossentropy(from_logits=True)),
        (2, "sigmoid", "binary_crossentropy"),
        (1, "sigmoid", "mse"),
        (1, "tanh", "hinge"),
        (2, None, "categorical_hinge"),
    ],
)
def test_every_head_and_loss_learns_the_classes(units: int, activation: Any, loss: Any) -> None:
    learned = NNClassifier(head(units, activation, loss), epochs=40, random_state=1)
    learned.fit(X, NAMES)
    assert learned.score(X, NAMES) > 0.8
    if "hinge" in str(loss):
        with pytest.raises(RuntimeError, match="no probabilities"):
            learned.predict_proba(X)
    else:
        chances = learned.predict_proba(X)
        np.testing.assert_allclose(chances.sum(axis=1), 1, rtol=1e-5)
        right = learned.classes_[chances.argmax(axis=1)] == learned.predict(X)
        assert right[abs(chances[:, 0] - 0.5) > 1e-6].all()


@pytest.mark.parametrize(
    "loss, outputs",
    [("hinge", 1), ("categorical_crossentropy", 2), ("binary_focal_crossentropy", 1)],
)
def test_a_loss_of_the_users_own_chooses_the_outputs(loss: str, outputs: int) -> None:
    learned = NNClassifier(loss=loss, learning_rate=0.02, epochs=40, random_state=0).fit(X, NAMES)
    assert learned.model_.predict(X).shape == (60, outputs)
    assert learned.score(X, NAMES) > 0.8


def test_classes_that_come_later_are_named_first() -> None:
    estimator = NNClassifier(random_state=0)
    estimator.partial_fit(X[:5], np.full(5, "b"), classes=["a", "b", "c"])
    estimator.partial_fit(X, THREE)
    assert estimator.predict_proba(X).shape == (60, 3)
    with pytest.raises(ValueError, match=r"'d'.*not among the classes \['a', 'b', 'c'\]"):
        estimator.partial_fit(X[:1], ["d"])


def test_weights_of_classes_go_by_their_labels() -> None:
    skewed = NNClassifier(class_weight={"lower": 1000, "upper": 1e-3}, epochs=40, random_state=0)
    assert (skewed.fit(X, NAMES).predict(X) == "lower").mean() > 0.9
    balanced = NNClassifier(class_weight="balanced", **FAST).fit(X, NAMES)
    assert same(balanced, NNClassifier(**FAST).fit(X, NAMES, np.ones(60)))  # 30 of each


@pytest.mark.parametrize("model", [None, head(3, "softmax", "categorical_crossentropy")])
def test_rows_with_a_one_are_labels(model: Any) -> None:
    """As in the lessons that make them with to_categorical for a network of scikit-learn."""
    labels = np.arange(len(X)) % 3
    rows = np.eye(3)[labels]
    one = NNClassifier(model, **FAST).fit(X, labels)
    other = NNClassifier(model, **FAST).fit(X, rows)
    np.testing.assert_array_equal(other.predict_proba(X), one.predict_proba(X))
    np.testing.assert_array_equal(other.predict(X), np.eye(3)[one.predict(X)])
    assert other.predict(X).dtype == rows.dtype and other.classes_.tolist() == [0, 1, 2]
    assert other.score(X, rows) == one.score(X, labels)
    scores = [cross_val_score(one, X, y, cv=KFold(3)).tolist() for y in (labels, rows)]
    assert scores[0] == scores[1]
    other.partial_fit(X, rows)
    for wrong in (labels, np.eye(4)[labels]):
        with pytest.raises(ValueError, match=r"was begun with rows of 3, a column for each class"):
            other.partial_fit(X, wrong)
    with pytest.raises(ValueError, match="should be a 1d array"):  # by scikit-learn
        one.partial_fit(X, rows)
    for fault in (rows + rows[::-1], rows * 0, rows / 2):
        with pytest.raises(ValueError, match="a single 1 in the column of the class"):
            NNClassifier(model, **FAST).fit(X, fault)


# ---------------------------------------------------------------------- models


def build(X: Any, y: Any, units: int = 4, rate: float = 0.01) -> Model:
    model = Sequential([Input((X.shape[1],)), Dense(units), Dense(y.shape[1], "softmax")])
    model.compile(SGD(rate), "categorical_crossentropy")
    return model


def test_a_function_is_given_the_data_and_the_keywords() -> None:
    learned = NNClassifier(build, model_kwargs={"units": 7}, **FAST).fit(X, THREE)
    assert [w.shape for w in weights(learned)] == [(2, 7), (7,), (7, 3), (3,)]


def test_keywords_of_the_function_are_parameters_of_a_search() -> None:
    estimator = NNClassifier(build, model_kwargs={"rate": 0.1})
    estimator.set_params(model__units=5, epochs=1)
    assert estimator.model_kwargs == {"rate": 0.1, "units": 5}
    assert estimator.get_params()["model__units"] == 5
    copy = clone(estimator)
    assert copy.get_params() == estimator.get_params()
    assert weights(copy.fit(X, THREE))[0].shape == (2, 5)


def test_of_a_model_each_fit_has_new_weights_and_a_new_optimizer() -> None:
    model = Sequential([Input((2,)), Dense(4, "tanh"), Dense(1, "sigmoid")])
    model.compile(Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
    before = model.get_weights()
    estimator = NNClassifier(model, **FAST)
    first = weights(estimator.fit(X, NAMES))
    second = weights(clone(estimator).fit(X, NAMES))
    assert all(map(np.array_equal, before, model.get_weights()))
    assert all(map(np.array_equal, first, second))
    assert estimator.model_.optimizer is not model.optimizer
    assert estimator.model_.optimizer.learning_rate == pytest.approx(0.02)
    assert {"loss", "accuracy"} == set(estimator.history_)


def test_pictures_are_samples_of_a_model() -> None:
    pictures = np.random.default_rng(0).normal(size=(12, 5, 5, 1))

    def convolution() -> Model:
        model = Sequential([Conv2D(2, 3), Flatten(), Dense(3, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        return model

    learned = NNClassifier(convolution, **FAST).fit(pictures, THREE[:12])
    assert learned.predict_proba(pictures).shape == (12, 3)
    with pytest.raises(ValueError, match="dim 4|4 dimensions|dim <= 2"):
        NNClassifier(**FAST).fit(pictures, THREE[:12])


def test_a_regressor_gives_y_in_its_shape() -> None:
    targets = np.stack([X[:, 0], X[:, 1] ** 2], axis=1)
    learned = NNRegressor(activation="tanh", learning_rate=0.02, random_state=0)
    assert learned.fit(X, targets).predict(X).shape == (60, 2)
    assert learned.score(X, targets) > 0.9
    assert learned.fit(X, targets[:, 0]).predict(X).shape == (60,)
    assert learned.fit(X, targets[:, :1]).predict(X).shape == (60, 1)


def test_a_regressor_of_a_function_of_ones_own() -> None:
    def two(units: int) -> Model:
        model = Sequential([Dense(units), Dense(1)])
        model.compile("sgd", "mae")
        return model

    learned = NNRegressor(two, model_kwargs={"units": 3}, **FAST).fit(X, X[:, 0])
    assert learned.predict(X).shape == (60,)


# ---------------------------------------------------------------------- numbers


def test_a_seed_makes_fits_the_same_and_leaves_the_others_alone() -> None:
    set_random_seed(3)
    first = Dense(3)(np.ones((1, 2))).data
    set_random_seed(3)
    one = NNClassifier(**FAST).fit(X, NAMES)
    assert np.array_equal(Dense(3)(np.ones((1, 2))).data, first)
    assert same(one, NNClassifier(**FAST).fit(X, NAMES))
    assert not same(one, NNClassifier(epochs=2, random_state=1).fit(X, NAMES))


def test_without_a_seed_the_process_has_it() -> None:
    set_random_seed(5)
    one = NNClassifier(epochs=2).fit(X, NAMES)
    two = NNClassifier(epochs=2).fit(X, NAMES)
    set_random_seed(5)
    assert same(one, NNClassifier(epochs=2).fit(X, NAMES))
    assert not same(one, two)


def test_threads_do_not_draw_from_each_others_streams() -> None:
    alone = [NNClassifier(epochs=3, random_state=n).fit(X, NAMES) for n in range(3)]
    together = [NNClassifier(epochs=3, random_state=n) for n in range(3)]
    threads = [threading.Thread(target=e.fit, args=(X, NAMES)) for e in together]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(map(same, alone, together))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_network_computes_in_the_dtype_of_the_data(dtype: str) -> None:
    learned = NNClassifier(**FAST).fit(X.astype(dtype), NAMES)
    assert {w.dtype.name for w in weights(learned)} == {dtype}
    assert learned.predict_proba(X.astype(dtype)).dtype == dtype
    # So small a step is none in float32.
    moved = learned.predict_proba((X.astype("float64") + 1e-12).astype(dtype))
    differs = (moved != learned.predict_proba(X.astype(dtype))).any()
    assert differs == (dtype == "float64")


def test_weights_count_by_their_ratios() -> None:
    weight = np.arange(60.0)
    one = NNRegressor(**FAST).fit(X, X[:, 0], sample_weight=weight)
    two = NNRegressor(**FAST).fit(X, X[:, 0], sample_weight=weight * 1024)
    assert same(one, two)
    assert not same(one, NNRegressor(**FAST).fit(X, X[:, 0]))


def test_going_on_is_as_if_it_had_not_stopped() -> None:
    warm = NNClassifier(epochs=2, warm_start=True, random_state=0)
    warm.fit(X, NAMES)
    model, before = warm.model_, weights(warm)
    warm.fit(X, NAMES)
    assert warm.model_ is model
    assert not np.array_equal(before[0], weights(warm)[0])
    assert warm.model_.optimizer.iterations == 8  # 2 batches, 4 epochs
    # Another order of the batches in every part.
    steps = NNClassifier(random_state=0)
    for _ in range(3):
        steps.partial_fit(X, NAMES)
    assert steps.model_.optimizer.iterations == 6


def test_a_copy_by_pickle_predicts_and_goes_on_equal() -> None:
    one = NNClassifier(learning_rate=0.01, **FAST).fit(X, NAMES)
    two = pickle.loads(pickle.dumps(one))
    assert np.array_equal(one.predict_proba(X), two.predict_proba(X))
    for a, b in zip(
        weights(one.partial_fit(X, NAMES)), weights(two.partial_fit(X, NAMES)), strict=True
    ):
        np.testing.assert_allclose(a, b, rtol=1e-4)  # float32; the copy records its steps anew


def test_a_part_for_validation_is_drawn_alike_in_every_class() -> None:
    seen: list[Any] = []

    class Watch(EarlyStopping):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            seen.append(set(logs))
            super().on_epoch_end(epoch, logs)

    labels = np.sort(NAMES)  # the last part is of one class
    learned = NNClassifier(
        validation_split=0.2, fit_kwargs={"callbacks": [Watch(monitor="val_loss")]}, **FAST
    ).fit(X, labels, sample_weight=np.ones(60))
    assert seen[0] == {"loss", "val_loss"}
    assert len(learned.history_["val_loss"]) == 2
    given = {"validation_data": (X[:9], NAMES[:9])}  # labels, too
    learned = NNClassifier(fit_kwargs=given, metrics=["accuracy"], **FAST).fit(X, NAMES)
    assert learned.history_["val_accuracy"][-1] == learned.score(X[:9], NAMES[:9])


def test_whoever_goes_on_evaluates_the_same_samples() -> None:
    seen: list[bytes] = []

    class Watched(NNRegressor):
        def _split(self, X: Any, y: Any, weight: Any) -> Any:
            found = super()._split(X, y, weight)
            seen.append(found[1][0].tobytes())
            return found

    estimator = Watched(validation_split=0.3, warm_start=True, **FAST)
    estimator.fit(X, X[:, 0]).fit(X, X[:, 0]).partial_fit(X, X[:, 0])
    assert len(seen) == 3 and len(set(seen)) == 1
    set_random_seed(1)
    free = Watched(validation_split=0.3, epochs=1)
    free.fit(X, X[:, 0])
    set_random_seed(1)
    free.fit(X, X[:, 0])
    assert seen[3] == seen[4]


def test_going_through_once_is_once_whatever_else_is_said() -> None:
    estimator = NNRegressor(fit_kwargs={"epochs": 5}, **FAST)
    assert len(estimator.fit(X, X[:, 0]).history_["loss"]) == 5
    assert len(estimator.partial_fit(X, X[:, 0]).history_["loss"]) == 1


def test_the_path_of_keras_leads_here() -> None:
    assert keras.wrappers.NNClassifier is NNClassifier
    with pytest.raises(ImportError, match=r"NNClassifier\(model=…, model_kwargs=…"):
        from autograd_nn.keras.wrappers import SKLearnClassifier  # noqa: F401
    with pytest.raises(AttributeError, match="NNRegressor"):
        keras.wrappers.SKLearnRegressor  # noqa: B018


def test_names_of_columns_are_kept_and_compared() -> None:
    frame = pandas.DataFrame(X, columns=["east", "north"])
    learned = NNClassifier(**FAST).fit(frame, NAMES)
    assert learned.feature_names_in_.tolist() == ["east", "north"]
    with pytest.raises(ValueError, match="feature names"):
        learned.predict(frame[["north", "east"]])
