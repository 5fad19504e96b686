"""An own rule that depends on how many elements values choose, on text, or on keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Sequential, Tensor, gradients, replayable
from autograd_nn.layers import Dense
from autograd_nn.optimizers import SGD, Optimizer
from autograd_nn.program.refusals import NotTraceable
from autograd_nn.settings import set_random_seed

DECIDING: dict[str, Callable[[Any], Any]] = {
    "len": lambda z: len(z[z > 0]),
    "shape": lambda z: z[z > 0].shape[0],
    "a mask among others": lambda z: z[None][:, z > 0].size,
    "a loop": lambda z: sum(1 for _ in z[z > 0]),
    "np.nonzero": lambda z: len(np.nonzero(z > 0)[0]),
    "np.where": lambda z: len(np.where(z > 0)[0]),
    "np.unique": lambda z: len(np.unique(np.sign(z))),
    "np.compress": lambda z: np.compress(z > 0, z).size,
    "np.repeat": lambda z: len(np.repeat(z, (z > 0).astype(int))),
    "a list": lambda z: len([1] * (z > 0).sum()),
    "text": lambda z: float(len(str(z.sum() > 0))),
    "a key": lambda z: {0: 1.0, 1: 2.0}.get(z.argmax(), 3.0),
}
STARTS = [np.array([0.5, -1.0, -2.0, 3.0]), np.array([2.0, 1.0, 0.5, -1.0])]


@pytest.mark.parametrize("how", DECIDING)
def test_a_rule_of_an_optimizer_is_refused_and_fit_runs_it_as_it_is_written(how: str) -> None:
    class Counting(Optimizer):
        replayable = True

        def update(self, parameter: Any, gradient: Any, state: Any, step: Any) -> Any:
            factor = 1.0 + DECIDING[how](gradient.reshape(-1)) / 10
            return parameter - self.learning_rate * gradient * factor, state

    w = Tensor(STARTS[0])
    with pytest.raises(NotTraceable, match="cannot become part of a program"):
        (w**2).sum().program(w, Counting(0.1))
    x = np.random.default_rng(0).normal(size=(12, 4)) * [1, -2, 3, 1]
    found = []
    for run_eagerly in (False, True):
        set_random_seed(0)
        model = Sequential([Dense(1, use_bias=False)])
        model.compile(Counting(0.05), "mse", run_eagerly=run_eagerly)
        model.fit(x, x.sum(1), epochs=8, batch_size=3, shuffle=False, verbose=0)
        found.append(model.get_weights()[0])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5)


@pytest.mark.parametrize("how", DECIDING)
def test_a_constraint_runs_as_it_is_written(how: str) -> None:
    @replayable
    def limited(w: Any) -> Any:
        return w * (1 - DECIDING[how](w.reshape(-1)) / 100)

    x = np.random.default_rng(0).normal(size=(12, 4)) * [1, -2, 3, 1]
    found = []
    for run_eagerly in (False, True):
        set_random_seed(1)
        model = Sequential([Dense(1, use_bias=False, kernel_constraint=limited)])
        model.compile(SGD(0.1), "mse", run_eagerly=run_eagerly)
        model.fit(x, -x.sum(1), epochs=8, batch_size=3, shuffle=False, verbose=0)
        found.append(model.get_weights()[0])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5)


@pytest.mark.parametrize("how", DECIDING)
def test_a_value_and_a_rule_of_an_operation_are_computed_anew(how: str) -> None:
    def factor(x: Any) -> Any:
        return 1.0 + DECIDING[how](x)

    scaled = Operation(
        "scaled", value=lambda x: x * factor(x), gradients=(lambda g, out, x: g * factor(x),)
    )
    w = Tensor(STARTS[0])
    program = (scaled(w) ** 2).sum().program(w)
    for data in STARTS:
        w.data = data
        for run in (program, program.plain):
            loss, gradient = run()
            expected = DECIDING[how](data) + 1.0
            np.testing.assert_allclose(loss, ((data * expected) ** 2).sum())
            np.testing.assert_allclose(gradient, 2 * data * expected**2)
    assert gradients((scaled(w) ** 2).sum(), w).tolist() == gradient.tolist()


def test_a_choice_by_an_array_of_ones_own_is_no_such_choice() -> None:
    class Half(Optimizer):
        def update(self, parameter: Any, gradient: Any, state: Any, step: Any) -> Any:
            even = np.arange(len(gradient)) % 2 == 0
            return parameter - self.learning_rate * gradient[even].mean(), state

    w = Tensor(STARTS[0])
    program = (w**2).sum().program(w, Half(0.1))
    program()
    np.testing.assert_allclose(w.data, STARTS[0] + 0.1 * 1.5)  # the mean of 1 and -4
