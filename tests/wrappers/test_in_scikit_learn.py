"""The estimators inside of what scikit-learn makes of estimators."""

import pickle
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import VotingClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from autograd_nn import Model, Sequential
from autograd_nn.datasets import make_moons
from autograd_nn.layers import Dense
from autograd_nn.optimizers import SGD, Adam
from autograd_nn.wrappers import NNClassifier, NNRegressor

MOONS, CODES = make_moons(80, noise=0.1, seed=0)
X = np.concatenate([MOONS, np.random.default_rng(0).normal(size=(80, 1))], axis=1)
Y = np.array(["upper", "lower"])[CODES]
LEARNS: dict[str, Any] = {"learning_rate": 0.02, "epochs": 40, "random_state": 0}


def build(units: int, rate: float) -> Model:
    model = Sequential([Dense(units, activation="tanh"), Dense(1, activation="sigmoid")])
    model.compile(Adam(rate), "binary_crossentropy")
    return model


def test_a_pipeline() -> None:
    pipeline = make_pipeline(StandardScaler(), NNClassifier(**LEARNS))
    assert pipeline.fit(X * 1000, Y).score(X * 1000, Y) > 0.9
    pipeline.fit(X, Y, nnclassifier__sample_weight=np.ones(80))


def test_cross_validation_is_that_of_every_fold_alone() -> None:
    estimator = NNClassifier(**LEARNS)
    folds = [(np.arange(80) % 4 != n, np.arange(80) % 4 == n) for n in range(4)]
    scores = cross_val_score(estimator, X, Y, cv=folds)
    alone = [NNClassifier(**LEARNS).fit(X[a], Y[a]).score(X[b], Y[b]) for a, b in folds]
    assert scores.tolist() == alone
    assert np.mean(alone) > 0.7


def test_a_search_over_settings_and_over_those_of_a_function() -> None:
    search = GridSearchCV(NNClassifier(**LEARNS), {"hidden": [(1,), (25, 15)]}, cv=3)
    assert search.fit(X, Y).best_params_ == {"hidden": (25, 15)}
    own = NNClassifier(build, model_kwargs={"rate": 0.02}, epochs=5, random_state=0)
    search = GridSearchCV(own, {"model__units": [2, 3], "batch_size": [8, 32]}, cv=2)
    search.fit(X, Y)
    assert search.best_estimator_.model_.layers[0].units == search.best_params_["model__units"]
    assert search.best_estimator_.get_params()["model__rate"] == 0.02


def test_a_search_over_optimizers_trains_each_fit_with_a_new_one() -> None:
    search = GridSearchCV(
        NNClassifier(epochs=2, random_state=0), {"optimizer": [Adam(0.1), "sgd"]}, cv=2
    )
    search.fit(X, Y)
    one = NNClassifier(epochs=2, random_state=0, optimizer=Adam(0.1))
    folds = [search.cv_results_[f"split{n}_test_score"][0] for n in range(2)]
    assert folds == cross_val_score(one, X, Y, cv=2).tolist()


def test_calibration_and_voting() -> None:
    calibrated = CalibratedClassifierCV(NNClassifier(**LEARNS), cv=2).fit(X, Y)
    assert calibrated.score(X, Y) > 0.85
    vote = VotingClassifier(
        [("network", NNClassifier(**LEARNS)), ("line", LogisticRegression())], voting="soft"
    ).fit(X, Y)
    expected = (
        NNClassifier(**LEARNS).fit(X, Y).predict_proba(X)
        + LogisticRegression().fit(X, Y).predict_proba(X)
    ) / 2
    np.testing.assert_allclose(vote.predict_proba(X), expected, rtol=1e-6)


def test_importance_finds_the_column_of_noise() -> None:
    learned = NNClassifier(**LEARNS).fit(X, Y)
    found = permutation_importance(learned, X, Y, n_repeats=3, random_state=0)
    assert found.importances_mean.argmin() == 2


def test_regressors_with_scaled_targets_and_several_of_them() -> None:
    y = 1000 + 50 * X[:, 0]
    network = NNRegressor(activation="tanh", **LEARNS)
    scaled = TransformedTargetRegressor(network, transformer=StandardScaler()).fit(X, y)
    assert scaled.score(X, y) > 0.9
    several = MultiOutputRegressor(network).fit(X, X[:, :2])
    second = NNRegressor(activation="tanh", **LEARNS).fit(X, X[:, 1])
    np.testing.assert_array_equal(several.predict(X)[:, 1], second.predict(X))


def test_threads_and_one_process_find_the_same() -> None:
    grid = {"learning_rate": [0.01, 0.02], "hidden": [4, (8, 4)]}
    search = GridSearchCV(NNClassifier(epochs=3, random_state=0), grid, cv=2)
    alone = search.fit(X, Y).cv_results_["mean_test_score"]
    with joblib.parallel_config(backend="threading", n_jobs=3):
        together = search.fit(X, Y).cv_results_["mean_test_score"]
    assert alone.tolist() == together.tolist()


@pytest.mark.slow
def test_processes_and_one_process_find_the_same() -> None:
    grid = {"model__units": [2, 3], "model__rate": [0.01, 0.02]}
    search = GridSearchCV(NNClassifier(build, epochs=3, random_state=0), grid, cv=2)
    alone = search.fit(X, Y).cv_results_["mean_test_score"]
    together = search.set_params(n_jobs=2).fit(X, Y).cv_results_["mean_test_score"]
    assert alone.tolist() == together.tolist()


def test_a_learning_rate_that_is_set_holds_for_what_goes_on() -> None:
    slow = NNClassifier(learning_rate=0.01, optimizer=SGD(), epochs=2, random_state=0).partial_fit(
        X, Y
    )
    before = slow.model_.get_weights()
    slow.set_params(learning_rate=0.0).partial_fit(X, Y)
    for there, here in zip(before, slow.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(there, here)
    slow.set_params(learning_rate=0.5, warm_start=True).fit(X, Y)
    assert slow.model_.optimizer.learning_rate == 0.5
    slow.model_.optimizer.learning_rate = 0.25  # as a callback may have made it
    slow.partial_fit(X, Y)
    assert slow.model_.optimizer.learning_rate == 0.25


@pytest.mark.parametrize("goes_on", ["partial_fit", "warm_start"])
@pytest.mark.parametrize(
    ("made", "changed", "said"),
    [
        ({"hidden": [4]}, {"hidden": (8, 4)}, r"`hidden` is \(8, 4\) now.*made with \(4,\)"),
        ({}, {"activation": "tanh"}, "`activation` is 'tanh' now.*made with 'relu'"),
        ({}, {"loss": "binary_focal_crossentropy"}, "`loss` is 'binary_foc.*made with None"),
        ({"optimizer": Adam(0.1)}, {"optimizer": SGD(0.1)}, "`optimizer` is SGD.*with Adam"),
        ({}, {"metrics": ["accuracy"]}, r"`metrics` is \['accuracy'\] now"),
        ({}, {"model": build, "model__units": 3}, "`model` is <function build.*with None"),
        (
            {"model": build, "model_kwargs": {"units": 3, "rate": 0.1}},
            {"model__units": 4},
            "`model_kwargs` is {'units': 4, 'rate': 0.1} now.*{'units': 3",
        ),
    ],
)
def test_a_network_that_is_there_cannot_become_another(
    goes_on: str, made: Any, changed: Any, said: str
) -> None:
    estimator = NNClassifier(epochs=1, random_state=0, warm_start=True, **made).fit(X, Y)
    if goes_on == "partial_fit":
        estimator.fit = estimator.partial_fit
    before = estimator.model_.get_weights()
    estimator.set_params(**estimator.get_params(deep=False)).fit(X, Y)  # the same is no change
    between = estimator.model_.get_weights()
    assert not np.array_equal(before[0], between[0])
    estimator.set_params(**changed)
    with pytest.raises(ValueError, match=f"{said}.*warm_start=False.*clone"):
        estimator.fit(X, Y)
    for there, here in zip(between, estimator.model_.get_weights(), strict=True):
        np.testing.assert_array_equal(there, here)


def test_what_a_new_network_has_is_taken_by_a_fit_from_the_start() -> None:
    estimator = NNClassifier(hidden=(4,), epochs=1, random_state=0).fit(X, Y)
    kept = pickle.loads(pickle.dumps(estimator)).partial_fit(X, Y)  # of the same settings
    kept.epochs = 2
    kept.set_params(batch_size=16).partial_fit(X, Y)
    estimator.set_params(hidden=(8,)).fit(X, Y)
    assert estimator.model_.get_weights()[0].shape == (3, 8)
    assert estimator.partial_fit(X, Y).model_.optimizer.iterations == 6  # 80 samples by 32, twice
    sizes = {"units": 3, "rate": 0.1}
    of_function = NNClassifier(build, model_kwargs=sizes, epochs=1).fit(X, Y)
    with pytest.raises(ValueError, match="`loss` is 'hinge', which `model` does not follow"):
        of_function.set_params(loss="hinge").partial_fit(X, Y)
    of_function.set_params(loss=None).partial_fit(X, Y)
    sizes["units"] = 5  # in the dict itself
    with pytest.raises(ValueError, match="`model_kwargs` is {'units': 5.*made with {'units': 3"):
        of_function.partial_fit(X, Y)


def test_no_learning_rate_is_that_of_the_optimizer_again() -> None:
    given = NNClassifier(optimizer=SGD(0.125), learning_rate=0.5, epochs=1).fit(X, Y)
    assert given.model_.optimizer.learning_rate == 0.5
    given.set_params(learning_rate=None).partial_fit(X, Y)
    assert given.model_.optimizer.learning_rate == 0.125


def test_a_random_state_that_is_set_holds_for_what_goes_on() -> None:
    def after(*seeds: int) -> Any:
        estimator = NNClassifier(epochs=1, random_state=1000)
        for seed in (1000, *seeds):
            estimator = pickle.loads(pickle.dumps(estimator))
            estimator.set_params(random_state=seed).partial_fit(X, Y)
        return estimator.model_.get_weights()[0]

    np.testing.assert_array_equal(after(2000), after(2000))
    assert not np.array_equal(after(2000), after(3000))
    plain = NNClassifier(random_state=1000).partial_fit(X, Y).partial_fit(X, Y)
    np.testing.assert_allclose(after(1000), plain.model_.get_weights()[0], rtol=1e-6)
