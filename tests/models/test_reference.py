"""Training follows real Keras from equal weights, epoch for epoch (numbers recorded once)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import losses, optimizers
from autograd_nn.layers import Dense, Input
from autograd_nn.models import Sequential
from tests.reference import recorded
from tests.reference.problems import PROBLEMS, Problem, summarised


def model_of(problem: Problem) -> Sequential:
    model = Sequential([Input((problem.load()[0].shape[1],))])
    for units, activation in problem.layers:
        model.add(Dense(units, activation=activation))
    model.set_weights(problem.weights())
    model.compile(
        loss=getattr(losses, problem.loss)(),
        optimizer=getattr(optimizers, problem.optimizer).from_config(problem.optimizer_arguments),
        metrics=list(problem.metrics),
    )
    return model


@pytest.mark.parametrize("name", PROBLEMS)
def test_twenty_epochs(name: str) -> None:
    problem, expected = PROBLEMS[name], recorded.training()[name]
    x, y, x_test, y_test = problem.load()
    model = model_of(problem)
    found: dict[str, Any] = model.fit(
        x, y, validation_data=(x_test, y_test), verbose=0, **problem.fit_arguments()
    ).history
    assert set(found) == set(expected["history"])
    for key, values in expected["history"].items():
        np.testing.assert_allclose(found[key], values, rtol=1e-5, err_msg=key)
    for mine, theirs in zip(summarised(model.get_weights()), expected["weights"], strict=True):
        assert mine["shape"] == theirs["shape"]
        np.testing.assert_allclose(mine["norm"], theirs["norm"], rtol=1e-5)
        np.testing.assert_allclose(mine["elements"], theirs["elements"], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(
        model.predict(x_test[:3]), expected["predictions"], rtol=1e-4, atol=1e-7
    )
