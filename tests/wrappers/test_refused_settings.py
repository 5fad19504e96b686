"""NNClassifier and NNRegressor: what they refuse, and where scikit-learn is not there."""

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError

from autograd_nn import Input, Model, Sequential
from autograd_nn.layers import Dense
from autograd_nn.wrappers import NNClassifier, NNRegressor
from tests.wrappers.test_estimators import FAST, THREE, X, build, head


def not_compiled() -> Model:
    return Sequential([Dense(1)])


@pytest.mark.parametrize(
    "settings, error, words",
    [
        ({"model": (25, 15)}, TypeError, r"hidden=\(25, 15\)"),
        ({"model": not_compiled}, ValueError, "not compiled"),
        ({"model": lambda: None}, TypeError, "return model"),
        ({"model": not_compiled(), "model_kwargs": {"units": 3}}, ValueError, "for a function"),
        ({"model": build, "model_kwargs": 3}, TypeError, "`model_kwargs` must be a dict"),
        ({"model": head(4, "softmax", "mse")}, ValueError, "3 units"),
        ({"model": head(1, "sigmoid", "mse")}, ValueError, "tells 2 classes apart"),
        ({"hidden": (3, 0.5)}, TypeError, "`hidden` must be a positive integer"),
        ({"activation": "rellu"}, ValueError, "relu"),
        ({"optimizer": "adm"}, ValueError, "adam"),
        ({"loss": "binary_crosentropy"}, ValueError, "binary_crossentropy"),
        ({"validation_split": 1.0}, ValueError, "validation_split"),
        ({"epochs": 1.5}, TypeError, "epochs"),
        ({"fit_kwargs": {"class_weight": {0: 1}}}, ValueError, r"NNClassifier\(class_weight"),
        ({"fit_kwargs": {"validation_split": 0.1}}, ValueError, "estimator itself"),
        ({"fit_kwargs": {"calbacks": []}}, TypeError, "callbacks"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any], error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        NNClassifier(**settings).fit(X, THREE)


def test_misspelt_arguments_have_an_answer() -> None:
    with pytest.raises(TypeError, match="learning_rate"):
        NNClassifier(lr=0.1)
    with pytest.raises(ValueError, match="hiden"):
        NNClassifier().set_params(hiden=3)


def test_what_y_cannot_be() -> None:
    with pytest.raises(ValueError, match="one class, 'a'"):
        NNClassifier().fit(X, np.full(60, "a"))
    with pytest.raises(ValueError, match="zero"):
        NNRegressor().fit(X, X[:, 0], sample_weight=np.zeros(60))
    with pytest.raises(NotFittedError):
        NNRegressor().predict(X)
    begun = NNRegressor().partial_fit(X, X[:, 0])
    with pytest.raises(ValueError, match="one number for each sample"):
        begun.partial_fit(X, X)


@pytest.mark.parametrize(
    "setting", [{"optimizer": "sgd"}, {"learning_rate": 0.1}, {"hidden": (3,)}, {"loss": "mse"}]
)
def test_a_setting_that_the_model_would_not_follow_is_refused(setting: dict[str, Any]) -> None:
    (name,) = setting
    with pytest.raises(ValueError, match=f"`{name}` is .* by 'model__{name}'"):
        NNClassifier(build, **setting, **FAST).fit(X, THREE)


def test_a_model_of_several_outputs_is_refused() -> None:
    x = Input((2,))
    model = Model(x, [Dense(1)(x), Dense(1)(x)])
    model.compile("sgd", "mse")
    for given in (model, lambda: model):
        with pytest.raises(ValueError, match="2 outputs"):
            NNRegressor(given, **FAST).fit(X, X[:, 0])


def test_without_scikit_learn_one_sentence_says_how_to_get_it() -> None:
    program = (
        "import sys; sys.modules['sklearn'] = None\n"
        "import autograd_nn\n"
        "autograd_nn.wrappers\n"
        "try:\n    from autograd_nn.wrappers import NNClassifier\n"
        "except ImportError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == (
        "NNClassifier and NNRegressor need scikit-learn: pip install 'autograd-nn[sklearn]'.\n"
    ), done.stderr


def test_nothing_of_scikit_learn_is_imported_before_it_is_asked_for() -> None:
    program = (
        "import sys, autograd_nn.wrappers, autograd_nn.models\n"
        "print([name for name in sys.modules if name.startswith('sklearn')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
