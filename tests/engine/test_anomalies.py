"""detect_anomaly: the first NaN or infinity, forward and backward, and what is let through."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from autograd_nn import (
    AutogradError,
    Sequential,
    Tensor,
    compiled,
    detect_anomaly,
    grad,
    gradients,
    hessian,
    jacobian,
    no_grad,
    ops,
)
from autograd_nn.engine.recording import anomalies_sought
from autograd_nn.engine.tensor import current_watch
from autograd_nn.layers import Dense


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield
    assert current_watch() is None
    assert not anomalies_sought.get()


def found(action):
    with detect_anomaly(), pytest.raises(FloatingPointError) as caught:
        action()
    assert isinstance(caught.value, AutogradError)
    return str(caught.value)


def test_forward_the_operation_the_index_and_the_input_are_named():
    x = Tensor([[1.0, 2.0], [-3.0, -4.0]], name="x")
    text = found(lambda: np.log(x))
    assert "log gave nan at index (1, 0) of a result of shape (2, 2)" in text
    assert "Tensor 'x' of shape (2, 2) (-3 there)" in text
    assert "exp gave inf at index (1,)" in found(
        lambda: np.exp(np.array([1.0, 999.0]) * Tensor(1.0))
    )
    text = found(lambda: x[0] / Tensor([1.0, 0.0]))
    assert "divide gave inf at index (1,)" in text
    assert "(2 there)" in text
    assert "(0 there)" in text


def test_forward_without_a_gradient_and_under_no_grad():
    assert "sqrt gave nan" in found(lambda: np.sqrt(Tensor([-1.0], requires_grad=False)))
    with no_grad():
        assert "sqrt gave nan" in found(lambda: np.sqrt(Tensor([-1.0])))


def test_backward_the_first_rule_is_named():
    def loss(x):
        return (np.sqrt(x) * 2.0).sum()

    text = found(lambda: grad(loss)(np.array([1.0, 0.0])))
    assert "rule of sqrt gave an infinity at index (1,) for its input 0" in text
    assert "(0 there)" in text
    x = Tensor([4.0, 0.0], name="x")
    y = loss(x)  # recorded outside
    assert "rule of sqrt" in found(y.backward)
    assert x.grad is None
    assert "rule of sqrt" in found(lambda: gradients(y, x))
    assert "rule of sqrt" in found(lambda: gradients(y, x, create_graph=True))
    assert "rule of sqrt" in found(lambda: jacobian(np.sqrt)(np.array([1.0, 0.0])))
    assert "rule of sqrt" in found(lambda: jacobian(np.sqrt)(Tensor([1.0, 0.0])))


def test_second_derivatives():
    text = found(lambda: hessian(lambda x: (x**1.5).sum())(np.array([1.0, 0.0])))
    assert "rule of power gave NaN at index (1,)" in text  # 0 · ∞ in the row of the other


def test_several_results_and_layers():
    first, _ = np.split(Tensor([0.0, 4.0]), 2)
    assert "rule of sqrt" in found(lambda: np.sqrt(first).backward([1.0]))
    model = Sequential([Dense(2, activation="exponential", name="hidden")])
    model(np.ones((1, 2)))
    model.layers[0].kernel.data[...] = 1e4
    assert "exp in layer 'hidden' gave inf at index (0, 0)" in found(lambda: model(np.ones((1, 2))))


def test_what_is_not_finite_from_the_start():
    scores = Tensor([1.0, 2.0, 3.0])
    with detect_anomaly():
        p = ops.softmax(scores + np.array([0.0, -np.inf, 0.0]))
        p[0].backward()
        assert np.nanmean(Tensor([np.nan, 2.0, 4.0])).item() == 3.0
    assert np.isfinite(scores.grad).all()
    text = found(lambda: Tensor([1.0, np.nan], name="data") * 2)
    assert "Input 0 of multiply, Tensor 'data' of shape (2,), holds nan at index (1,)" in text
    assert "subtract gave nan" in found(lambda: Tensor([np.inf]) - Tensor([np.inf]))
    y = Tensor([1.0]) * 2
    text = found(lambda: y.backward([np.nan]))
    assert "The gradient that multiply received holds nan at index (0,) from the start" in text


def test_what_is_finite_stays_as_it_is():
    x = np.array([0.3, 2.0])
    with detect_anomaly():
        inside = hessian(lambda x: np.exp(np.sin(x)).sum())(x)
    np.testing.assert_array_equal(inside, hessian(lambda x: np.exp(np.sin(x)).sum())(x))
    with detect_anomaly():  # roots of sums of squares at 0 have the derivative 0 here
        assert grad(lambda x: np.linalg.norm(x))(np.zeros(2)).tolist() == [0.0, 0.0]
        assert grad(lambda x: np.std(x))(np.ones(2)).tolist() == [0.0, 0.0]


def test_compiled_functions_are_looked_into():
    f = compiled(lambda x: np.log(x).sum())
    for _ in range(3):
        assert f(np.ones(2)) == 0.0
    assert "log gave -inf at index (1,)" in found(lambda: f(np.array([1.0, 0.0])))
    assert "log gave -inf at index (1,)" in found(lambda: f(Tensor([1.0, 0.0])))
    with detect_anomaly():
        inside = f(np.ones(2))
    assert type(inside) is type(f(np.ones(2)))
    assert f(np.array([1.0, 0.0])) == -np.inf


def test_as_a_decorator_of_functions_and_generators():
    @detect_anomaly()
    def bad():
        return np.log(Tensor(-1.0))

    @detect_anomaly()
    def each():
        yield 1
        yield np.log(Tensor(-1.0))

    with pytest.raises(FloatingPointError, match="log gave nan"):
        bad()
    steps = each()
    assert next(steps) == 1
    assert np.isnan(np.log(Tensor(-1.0)).item())  # the caller is not switched
    with pytest.raises(FloatingPointError, match="log gave nan"):
        next(steps)


def test_contexts_nest_and_threads_are_apart():
    with detect_anomaly():
        with detect_anomaly():
            pass
        assert "log gave nan" in found(lambda: np.log(Tensor(-1.0)))
        seen = []

        def elsewhere():
            with np.errstate(all="ignore"):
                seen.append(np.log(Tensor(-1.0)).item())

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert np.isnan(seen[0])
    assert np.isnan(np.log(Tensor(-1.0)).item())


def test_behind_a_branch_not_taken_the_way_is_told():
    x = Tensor([4.0, 0.0])
    text = found(lambda: gradients(np.where(x > 0, np.sqrt(x), 0).sum(), x))
    assert "rule of sqrt gave NaN at index (1,)" in text
    assert "it received 0, and 0 · ∞ is NaN" in text
    assert "np.sqrt(np.where(x > 0, x, 1))" in text
