"""The update rules: numbers by hand, and the five steps recorded from Keras."""

from typing import Any

import numpy as np
import pytest

from autograd_nn import optimizers
from autograd_nn.engine.tensor import Tensor
from autograd_nn.optimizers import SGD, Adam, RMSprop
from tests.reference import recorded

CASES = recorded.optimizers()["cases"]


def run(optimizer: Any, gradients: list[float], start: float = 1.0) -> list[float]:
    """The values of one scalar after each step."""
    parameter = Tensor(start)
    values = []
    for gradient in gradients:
        optimizer.apply_gradients([(gradient, parameter)])
        values.append(parameter.item())
    return values


def test_sgd_by_hand() -> None:
    assert run(SGD(0.1), [4.0, -2.0]) == pytest.approx([0.6, 0.8])


def test_momentum_by_hand() -> None:
    # velocity: -0.1; -0.05 - 0.1 = -0.15
    assert run(SGD(0.1, momentum=0.5), [1.0, 1.0]) == pytest.approx([0.9, 0.75])


def test_nesterov_by_hand() -> None:
    # velocity: -0.1, -0.15; moves 0.5·v - 0.1: -0.15, -0.175
    optimizer = SGD(0.1, momentum=0.5, nesterov=True)
    assert run(optimizer, [1.0, 1.0]) == pytest.approx([0.85, 0.675])


def test_rmsprop_by_hand() -> None:
    # velocity: 0.5·4 = 2, then 0.5·2 + 0.5·4 = 3
    expected = [1 - 0.2 / np.sqrt(2), 1 - 0.2 / np.sqrt(2) - 0.2 / np.sqrt(3)]
    assert run(RMSprop(0.1, rho=0.5, epsilon=0), [2.0, 2.0]) == pytest.approx(expected, rel=1e-12)


def test_epsilon_of_rmsprop_is_inside_the_root_and_of_adam_outside() -> None:
    # velocity 0.5·4 = 2: √(2 + 7) = 3
    assert run(RMSprop(0.3, rho=0.5, epsilon=7), [2.0]) == pytest.approx([1 - 0.6 / 3])
    # rate 0.3·√0.75/0.5, momentum 0.5·2 = 1, √velocity = √(0.25·4) = 1
    rate = 0.3 * np.sqrt(0.25) / 0.5
    adam = Adam(0.3, beta_1=0.5, beta_2=0.75, epsilon=7)
    assert run(adam, [2.0]) == pytest.approx([1 - rate * 1 / (1 + 7)])


def test_first_step_of_adam_is_the_learning_rate() -> None:
    for gradient in (1e-3, 5.0, -1e6):
        expected = 1 - 0.01 * np.sign(gradient)
        assert run(Adam(0.01, epsilon=0), [gradient]) == pytest.approx([expected], rel=1e-12)


def test_weight_decay_by_hand() -> None:
    # 1 - 1·0.5·0.1 = 0.95, then the step of 0.1·2
    assert run(SGD(0.1, weight_decay=0.5), [2.0]) == pytest.approx([0.75])


def test_weight_decay_comes_after_clipping() -> None:
    assert run(SGD(0.1, weight_decay=0.5, clipnorm=1.0), [2.0]) == pytest.approx([0.85])


def test_centered_rmsprop_of_equal_gradients_stays_finite() -> None:
    # The variance tends to 0, and rounding brings the difference below it.
    parameter = Tensor(np.zeros(50, np.float32))
    gradient = np.linspace(1, 1e4, 50, dtype=np.float32)
    optimizer = RMSprop(1e-3, centered=True)
    for _ in range(300):
        optimizer.apply_gradients([(gradient, parameter)])
    assert np.isfinite(parameter.numpy()).all()


@pytest.mark.parametrize(
    "case", CASES, ids=[f"{case['optimizer']}-{case['arguments']}" for case in CASES]
)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-6)])
def test_five_steps_as_keras_makes_them(case: dict[str, Any], dtype: str, tolerance: float) -> None:
    if dtype not in case:  # of the options around a rule
        dtype, tolerance = "float64", 1e-12
    record = recorded.optimizers()
    parameters = [Tensor(np.array(values, dtype)) for values in record["start"]]
    optimizer = getattr(optimizers, case["optimizer"])(**case["arguments"])
    for gradients, expected in zip(record["gradients"], case[dtype][:5], strict=True):
        arrays = [np.array(gradient, dtype) for gradient in gradients]
        optimizer.apply_gradients(zip(arrays, parameters, strict=True))
        check_equal(parameters, expected, dtype, tolerance)
    if len(case[dtype]) > 5:
        optimizer.finalize_variable_values(parameters)
        check_equal(parameters, case[dtype][5], dtype, tolerance)
    assert optimizer.iterations == 5 // case["arguments"].get("gradient_accumulation_steps", 1)


def check_equal(parameters: list[Tensor], expected: Any, dtype: str, tolerance: float) -> None:
    for parameter, values in zip(parameters, expected, strict=True):
        assert parameter.dtype == dtype
        np.testing.assert_allclose(parameter.numpy(), values, rtol=tolerance, atol=tolerance / 10)


def test_scalars_follow_the_same_rules() -> None:
    record = recorded.optimizers()
    for case in CASES:
        if any(argument.endswith("clipnorm") for argument in case["arguments"]):
            continue
        if case["optimizer"] in ("Adafactor", "Lamb"):  # which look at a parameter as a whole
            continue
        parameter = Tensor(record["start"][0][1])
        optimizer = getattr(optimizers, case["optimizer"])(**case["arguments"])
        for gradients, expected in zip(record["gradients"], case["float64"][:5], strict=True):
            optimizer.apply_gradients([(gradients[0][1], parameter)])
            assert parameter.item() == pytest.approx(expected[0][1], rel=1e-12)


EVERY_RULE = [name for name in optimizers.__all__ if name[0].isupper() and name != "Optimizer"]


@pytest.mark.parametrize("name", EVERY_RULE)
@pytest.mark.parametrize("shape", [(), (3, 2), (0, 2)])
def test_a_rate_of_0_is_a_dry_run(name: str, shape: tuple[int, ...]) -> None:
    """Nothing moves, whatever steps were taken before, and what comes after is finite."""
    parameter = Tensor(np.full(shape, 0.5, np.float32))
    optimizer = getattr(optimizers, name)(0.0)
    for rate in (0.0, 0.1, 0.0, 0.1):
        before = parameter.numpy().copy()
        optimizer.learning_rate = rate
        optimizer.apply_gradients([(np.full(shape, 0.25, np.float32), parameter)])
        assert np.isfinite(parameter.numpy()).all()
        assert np.array_equal(before, parameter.numpy()) == (rate == 0 or 0 in shape)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "optimizer",
    [
        SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.1),
        RMSprop(centered=True, momentum=0.5, clipvalue=0.1),
        Adam(amsgrad=True, global_clipnorm=0.1),
    ],
)
@pytest.mark.parametrize("shape", [(), (3,), (0, 2)])
def test_parameters_and_state_keep_their_dtype(
    optimizer: Any, dtype: str, shape: tuple[int, ...]
) -> None:
    parameter = Tensor(np.ones(shape, dtype))
    for _ in range(2):
        optimizer.apply_gradients([(np.ones(shape, "float64"), parameter)])
    assert parameter.dtype == dtype
    assert parameter.shape == shape
    assert {array.dtype for array in optimizer._state[parameter].values()} == {np.dtype(dtype)}


def test_a_norm_whose_square_overflows() -> None:
    for limit in ({"clipnorm": 1.0}, {"global_clipnorm": 1.0}):
        parameter = Tensor(np.zeros(2, np.float32))
        # The norm is 5e30; the squares do not fit into float32.
        gradient = np.array([3e30, -4e30], np.float32)
        SGD(1.0, **limit).apply_gradients([(gradient, parameter)])
        np.testing.assert_allclose(parameter.numpy(), [-0.6, 0.8], rtol=1e-6)


def test_gradients_within_the_limit_stay_as_they_are() -> None:
    for limit in ({"clipnorm": 5.0}, {"clipvalue": 4.0}, {"global_clipnorm": 5.0}):
        parameter = Tensor(np.zeros(2))
        SGD(1.0, **limit).apply_gradients([(np.array([3.0, -4.0]), parameter)])
        assert parameter.tolist() == [-3.0, 4.0]


def test_an_infinite_global_norm_shows() -> None:
    parameters = [Tensor(np.zeros(1)), Tensor(np.zeros(1))]
    gradients = [np.array([np.inf]), np.array([1.0])]
    SGD(1.0, global_clipnorm=1.0).apply_gradients(zip(gradients, parameters, strict=True))
    assert np.isnan(parameters[1].numpy()).all()
