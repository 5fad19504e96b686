"""A user's own optimizer in a program: beside its own eager steps, or refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, gradients
from autograd_nn.optimizers import SGD, Adam, Optimizer
from autograd_nn.optimizers.schedules import CosineDecay, LearningRateSchedule
from autograd_nn.program.refusals import NotTraceable
from tests.program.agreement import assert_close, assert_equal, without_passes


class Signs(Optimizer):
    """Elementwise, with a state."""

    def update(self, parameter, gradient, state, step):
        mean = 0.9 * state.get("mean", 0.0) + 0.1 * np.sign(gradient)
        return parameter - self.learning_rate * mean / np.sqrt(step), {"mean": mean}


class ByNorm(Optimizer):
    """Every gradient by its own norm."""

    def update(self, parameter, gradient, state, step):
        norm = np.sqrt((gradient * gradient).sum()) + 1e-3
        return parameter - self.learning_rate * gradient / norm, state


class BySize(Optimizer):
    """Asks for nothing but the shape: matrices shrink, vectors do not."""

    def update(self, parameter, gradient, state, step):
        if np.ndim(parameter) > 1:
            parameter = parameter * 0.9
        return parameter - self.learning_rate * gradient, state


class Delayed(Optimizer):
    """What becomes of one state is another as it was."""

    def update(self, parameter, gradient, state, step):
        first, second = state.get("first", 0.0), state.get("second", 0.0)
        after = {"second": first + 0.0 * gradient, "first": gradient + 0.5 * first}
        return parameter - self.learning_rate * (gradient + second), after


class Swapped(Optimizer):
    """Two states change places."""

    def update(self, parameter, gradient, state, step):
        zeros = np.zeros_like(gradient)
        first, second = state.get("first", zeros), state.get("second", zeros)
        return parameter - self.learning_rate * (gradient + first), {
            "first": second,
            "second": first + gradient * first + gradient,
        }


class Exact(Optimizer):
    """A state in float64 for every parameter."""

    def update(self, parameter, gradient, state, step):
        total = state.get("total", 0.0) + gradient.astype(np.float64)
        change = (self.learning_rate * total).astype(gradient.dtype)
        return parameter - change, {"total": total}


class FromOne(Optimizer):
    """A state that is 1 at first."""

    def update(self, parameter, gradient, state, step):
        total = state.get("total", 1.0) + gradient * gradient
        return parameter - self.learning_rate * gradient / np.sqrt(total), {"total": total}


class Looking(Optimizer):
    """Another way where a gradient is large."""

    def update(self, parameter, gradient, state, step):
        if np.max(np.abs(gradient)) > 1:
            gradient = gradient / 2
        return parameter - self.learning_rate * gradient, state


class Warming(Optimizer):
    """Another way in the first steps."""

    def update(self, parameter, gradient, state, step):
        rate = self.learning_rate * 0.1 if step < 3 else self.learning_rate
        return parameter - rate * gradient, state


class Counting(Optimizer):
    """Counts its calls by itself."""

    calls = 0

    def update(self, parameter, gradient, state, step):
        self.calls += 1
        return parameter - self.learning_rate / self.calls * gradient, state


class Noisy(Optimizer):
    """Draws numbers."""

    def update(self, parameter, gradient, state, step):
        noise = np.random.default_rng().normal(size=np.shape(gradient))
        return parameter - self.learning_rate * (gradient + noise), state


class Typed(Optimizer):
    """Goes another way for anything that is no array."""

    def update(self, parameter, gradient, state, step):
        rate = self.learning_rate if isinstance(gradient, (np.ndarray, np.generic)) else 0.0
        return parameter - rate * gradient, state


SINGLE, DOUBLE = np.float32, np.float64


def parameters(*dtypes: Any) -> list[Tensor]:
    """A matrix, a vector and a number of every dtype."""
    random = np.random.default_rng(3)
    return [
        Tensor(random.normal(size=shape).astype(dtype), name=f"{name}_{dtype.__name__}")
        for dtype in dtypes
        for name, shape in [("w", (3, 2)), ("b", (2,)), ("s", ())]
    ]


def loss_of(weights: list[Tensor]) -> Any:
    x = np.linspace(-1, 1, 12).reshape(4, 3)
    loss: Any = 0.0
    for w, b, s in zip(weights[::3], weights[1::3], weights[2::3], strict=True):
        out = np.tanh(x.astype(w.dtype) @ w + b) * s
        loss = loss + (out * out).sum() + 0.1 * s * s
    return loss


@pytest.mark.parametrize("dtypes", [(SINGLE,), (DOUBLE,), (SINGLE, DOUBLE)])
@pytest.mark.parametrize("options", [{}, {"clipnorm": 0.3}, {"weight_decay": 0.1}])
@pytest.mark.parametrize("rule", [Signs, ByNorm, BySize, Delayed, Swapped, Exact])
def test_own_rule_in_a_program(rule: Any, options: dict[str, Any], dtypes: Any) -> None:
    eager, plain, planned = (parameters(*dtypes) for _ in range(3))
    optimizers = [rule(0.05, **options) for _ in range(3)]
    programs = [
        loss_of(weights).program(weights, optimizer)
        for weights, optimizer in zip((plain, planned), optimizers[1:], strict=True)
    ]
    for _ in range(5):
        loss = loss_of(eager)
        optimizers[0].apply_gradients(zip(gradients(loss, eager), eager, strict=True))
        assert_equal(without_passes(programs[0]), loss._data)
        assert_close(programs[1](), loss._data, 2e-5 if SINGLE in dtypes else 1e-13)
        for expected, one, other in zip(eager, plain, planned, strict=True):
            assert_equal(one._data, expected._data)
            assert_close(other._data, expected._data, 2e-5 if expected.dtype == SINGLE else 1e-13)
            state, own = optimizers[0]._state[expected], optimizers[2]._state[other]
            assert own.keys() == state.keys()
            for key in state:
                assert own[key].dtype == state[key].dtype
                np.testing.assert_allclose(
                    own[key], state[key], rtol=0, atol=1e-5 if expected.dtype == SINGLE else 1e-13
                )


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (FromOne, "does not start as zeros"),
        (Looking, "looks at the numbers"),
        (Warming, "looks at the numbers"),
        (Counting, "changes the optimizer"),
        (Noisy, "something else each time"),
        (Typed, "something else to numbers"),
    ],
)
def test_rule_that_cannot_be_written_is_named(rule: Any, reason: str) -> None:
    weights = parameters(DOUBLE)
    before = [np.array(w._data) for w in weights]
    with pytest.raises(NotTraceable, match=rf"The update of {rule.__name__} .*{reason}"):
        loss_of(weights).program(weights, rule(0.05))
    assert all((w._data == b).all() for w, b in zip(weights, before, strict=True))


def test_counter_of_a_rule_is_left_alone() -> None:
    weights, optimizer = parameters(DOUBLE), Counting(0.05)
    with pytest.raises(NotTraceable):
        loss_of(weights).program(weights, optimizer)
    assert optimizer.calls == 0


def test_two_dtypes_have_the_rate_each_in_its_own() -> None:
    """0.1 in float32 is 0.10000000149: a float64 parameter must not move by that."""
    w, v = Tensor(np.ones(3, SINGLE), name="w"), Tensor(np.ones(3), name="v")
    optimizer = Signs(0.1)
    ((w * 2).sum() + (v * 2).sum()).program([w, v], optimizer)()
    # mean = 0.1, so that v = 1 − 0.1·0.1
    np.testing.assert_allclose(v._data, 0.99, rtol=1e-15)


def test_learning_rate_and_iteration_are_those_of_the_call() -> None:
    w, optimizer = Tensor(np.array([1.0, 2.0]), name="w"), Adam(0.1)
    program = (w * w).sum().program([w], optimizer)
    optimizer.learning_rate = 0.0
    program()
    assert w._data.tolist() == [1.0, 2.0]
    assert optimizer.iterations == 1
    optimizer.learning_rate = 0.5
    twin, other = Tensor(np.array([1.0, 2.0])), Adam(0.0)
    other.apply_gradients([(2 * twin._data, twin)])
    other.learning_rate = 0.5
    other.apply_gradients([(2 * twin._data, twin)])
    program()
    np.testing.assert_allclose(w._data, twin._data, rtol=1e-14)


def test_power_of_two_numbers_is_an_operator() -> None:
    """Of two numbers NumPy's operator and np.power may differ in the last digit, by processor."""
    weights = parameters(SINGLE)
    source = loss_of(weights).program(weights, Adam(0.01)).plain.source
    assert "np.float32(0.999) ** iteration" in source
    assert "np.power" not in source


class Warmup(LearningRateSchedule):
    """One of the user's own, which asks for the number of the step."""

    def __call__(self, step):
        return 0.01 * step if step < 5 else 0.05


@pytest.mark.parametrize("make", [lambda rate: SGD(rate, momentum=0.9), Adam, Signs, ByNorm])
@pytest.mark.parametrize(
    "schedule", [CosineDecay(0.0, 5, warmup_target=0.1, warmup_steps=3), Warmup()], ids=repr
)
def test_a_program_follows_the_schedule_of_its_optimizer(make, schedule) -> None:
    parameters = [Tensor(np.array([1.0, 2.0]), name="w") for _ in range(3)]
    planned, plain, eager = (make(schedule) for _ in parameters)
    by_number = make(0.5)
    other = Tensor(np.array([1.0, 2.0]))
    first = (parameters[0] ** 2).sum().program(parameters[0], planned)
    second = (parameters[1] ** 2).sum().program(parameters[1], plain).plain
    for step in range(10):
        first()
        second()
        eager.apply_gradients([(2 * parameters[2]._data, parameters[2])])
        by_number.learning_rate = float(schedule(step))
        by_number.apply_gradients([(2 * other._data, other)])
    for parameter in parameters:
        np.testing.assert_allclose(parameter._data, other._data, rtol=1e-13)
    assert planned.iterations == plain.iterations == 10
    assert not np.allclose(other._data, [1.0, 2.0])


def test_a_schedule_that_is_set_later_counts() -> None:
    w, optimizer = Tensor(1.0, name="w"), SGD(0.5)
    program = (3 * w).program(w, optimizer)
    program()
    optimizer.learning_rate = CosineDecay(0.25, decay_steps=2)
    program()
    # cos of a quarter turn is 0: half of 0.25
    assert w.item() == pytest.approx(1 - 3 * 0.5 - 3 * 0.125, rel=1e-15)
    program()
    assert w.item() == pytest.approx(1 - 3 * 0.5 - 3 * 0.125, rel=1e-15)
