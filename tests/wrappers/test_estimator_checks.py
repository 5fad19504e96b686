"""scikit-learn's own checks of estimators: all of them, none skipped, none expected to fail."""

import os
import subprocess
import sys
from typing import Any

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator, parametrize_with_checks

from autograd_nn.wrappers import NNClassifier, NNRegressor

# What takes a moment, and what is easily broken; the others are slow tests.
SAMPLE = {
    "check_dont_overwrite_parameters",
    "check_estimators_overwrite_params",
    "check_mixin_order",
    "check_no_attributes_set_in_init",
    "check_sample_weight_equivalence_on_dense_data",
    "check_set_params",
    "check_valid_tag_types",
}

# SciPy reads in its first import whether it is to know arrays of other libraries.
WITH_ARRAY_API = "check_array_api_input"

PROGRAM = f"""
from sklearn.utils.estimator_checks import estimator_checks_generator
from autograd_nn.wrappers import NNClassifier, NNRegressor

for kind in (NNClassifier, NNRegressor):
    for estimator, check in estimator_checks_generator(kind()):
        if check.func.__name__ == "{WITH_ARRAY_API}":
            check(estimator)
            print(kind.__name__)
"""


@pytest.mark.slow
@parametrize_with_checks([NNClassifier(), NNRegressor()])
def test_every_check_passes(estimator: Any, check: Any) -> None:
    if check.func.__name__ != WITH_ARRAY_API:
        check(estimator)


@pytest.mark.slow
def test_the_check_with_arrays_of_other_libraries_passes_too() -> None:
    environment = os.environ | {"SCIPY_ARRAY_API": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True
    )
    assert done.stdout.split() == ["NNClassifier", "NNRegressor"], done.stderr


@pytest.mark.parametrize("kind", [NNClassifier, NNRegressor])
def test_a_sample_of_the_checks_passes(kind: Any) -> None:
    done = set()
    for estimator, check in estimator_checks_generator(kind()):
        if check.func.__name__ in SAMPLE:
            check(estimator)
            done.add(check.func.__name__)
    assert done == SAMPLE
