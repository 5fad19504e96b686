"""Learning rates that depend on the step: by hand, as Keras gives them, in all kinds of steps."""

from __future__ import annotations

import copy
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_nn.compat.tensorflow as tf
from autograd_nn import Sequential, Tensor, optimizers, set_random_seed
from autograd_nn.callbacks import Callback, LearningRateScheduler
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.layers import Dense, Input
from autograd_nn.optimizers import SGD, Adam, Optimizer, RMSprop, schedules
from autograd_nn.optimizers.schedules import (
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    LearningRateSchedule,
    PiecewiseConstantDecay,
    PolynomialDecay,
)
from tests.reference import recorded

RECORD = recorded.schedules()
ALL = [
    ExponentialDecay(0.1, decay_steps=5, decay_rate=0.5, staircase=True),
    InverseTimeDecay(0.1, decay_steps=5, decay_rate=0.5),
    PolynomialDecay(0.1, decay_steps=10, end_learning_rate=0.01, cycle=True),
    PiecewiseConstantDecay([3, 12], [0.1, 0.05, 0.01]),
    CosineDecay(0.01, decay_steps=20, alpha=0.1, warmup_target=0.2, warmup_steps=4),
    CosineDecayRestarts(0.1, first_decay_steps=5, t_mul=1.5, m_mul=0.8),
]


class Harmonic(LearningRateSchedule):
    """One of the user's own, which asks for the numbers of the step."""

    def __init__(self, start: float, wait: int = 2) -> None:
        self.start = start
        self.wait = wait

    def __call__(self, step: int) -> Any:
        if step < self.wait:
            return self.start
        return np.float64(self.start / math.sqrt(step))


class Nameless(LearningRateSchedule):
    """It does not keep its argument."""

    def __init__(self, start: float) -> None:
        self._it = start

    def __call__(self, step: int) -> Any:
        return self._it


# ---------------------------------------------------------------------- the numbers


def test_exponential_decay_by_hand() -> None:
    rate = ExponentialDecay(0.8, decay_steps=2, decay_rate=0.25)
    # a factor √0.25 for every step
    assert [rate(step) for step in (0, 1, 2, 4)] == [0.8, 0.4, 0.2, 0.05]
    stairs = ExponentialDecay(0.8, 2, 0.25, staircase=True)
    assert [stairs(step) for step in (0, 1, 2, 3, 4)] == [0.8, 0.8, 0.2, 0.2, 0.05]


def test_inverse_time_decay_by_hand() -> None:
    rate = InverseTimeDecay(0.6, decay_steps=4, decay_rate=2.0)
    # 0.6 / (1 + 2·step/4)
    assert [rate(step) for step in (0, 2, 4)] == pytest.approx([0.6, 0.3, 0.2], rel=1e-15)
    stairs = InverseTimeDecay(0.6, 4, 2.0, staircase=True)
    assert [stairs(step) for step in (3, 4, 7)] == pytest.approx([0.6, 0.2, 0.2], rel=1e-15)


def test_polynomial_decay_by_hand() -> None:
    line = PolynomialDecay(1.0, decay_steps=4, end_learning_rate=0.5)
    assert [line(step) for step in (0, 1, 2, 4, 100)] == [1.0, 0.875, 0.75, 0.5, 0.5]
    square = PolynomialDecay(1.0, 4, end_learning_rate=0.0, power=2.0)
    assert [square(step) for step in (1, 2, 3)] == [0.75**2, 0.5**2, 0.25**2]
    cycle = PolynomialDecay(1.0, 4, end_learning_rate=0.0, cycle=True)
    # After 4 steps it goes on as one of 8: 1 - 5/8, …, 1 - 8/8, then of 12.
    assert [cycle(step) for step in (0, 4, 5, 6, 8, 9)] == [1, 0, 0.375, 0.25, 0, 0.25]


def test_a_boundary_belongs_to_what_is_before_it() -> None:
    rate = PiecewiseConstantDecay((2, 5), (3, 0.5, 0.25))
    assert [rate(step) for step in range(8)] == [3, 3, 3, 0.5, 0.5, 0.5, 0.25, 0.25]
    assert type(rate(0)) is float


def test_cosine_decay_by_hand() -> None:
    rate = CosineDecay(0.8, decay_steps=6, alpha=0.5)
    # cos 0 = 1, cos 60° = ½, cos 90° = 0, cos 120° = −½, cos 180° = −1
    expected = [0.8, 0.8 * (0.5 * 0.75 + 0.5), 0.6, 0.8 * (0.5 * 0.25 + 0.5), 0.4, 0.4]
    assert [rate(step) for step in (0, 2, 3, 4, 6, 50)] == pytest.approx(expected, rel=1e-15)


def test_the_warmup_comes_before_the_steps_of_the_decay() -> None:
    rate = CosineDecay(0.2, decay_steps=6, warmup_target=1.0, warmup_steps=4)
    expected = [0.2, 0.4, 0.8, 1.0, 0.75, 0.0, 0.0]
    found = [rate(step) for step in (0, 1, 3, 4, 6, 10, 11)]
    assert found == pytest.approx(expected, rel=1e-15, abs=1e-16)


def test_cosine_decay_restarts_by_hand() -> None:
    even = CosineDecayRestarts(1.0, first_decay_steps=2, t_mul=1.0, m_mul=0.5)
    assert [even(step) for step in (0, 1, 2, 3, 4)] == pytest.approx([1, 0.5, 0.5, 0.25, 0.25])
    # Waves of 2, 4 and 8 steps.
    longer = CosineDecayRestarts(1.0, first_decay_steps=2)
    assert [longer(step) for step in (0, 2, 4, 6, 10)] == pytest.approx([1, 1, 0.5, 1, 0.5])


@pytest.mark.parametrize("t_mul", [2, 3, 5, 7, 10])
@pytest.mark.parametrize("first", [1, 7, 1000])
def test_every_restart_is_at_its_step(t_mul: int, first: int) -> None:
    """log(3⁵)/log(3) is 4.999…: a restart must not be late by rounding."""
    rate = CosineDecayRestarts(1.0, first_decay_steps=first, t_mul=t_mul)
    start, length = 0, first
    while start < 10**7:
        assert rate(start) == pytest.approx(1.0)
        start, length = start + length, length * t_mul
        if length > t_mul:  # the last step of a wave is not its end
            left = 0.5 * (1 + math.cos(math.pi * (1 - t_mul / length)))
            assert rate(start - 1) == pytest.approx(left, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(
    "case", RECORD["cases"], ids=[f"{c['schedule']}-{c['arguments']}" for c in RECORD["cases"]]
)
def test_rates_as_keras_gives_them(case: dict[str, Any]) -> None:
    schedule = getattr(schedules, case["schedule"])(**case["arguments"])
    rates = [schedule(step) for step in RECORD["steps"]]
    # Keras takes the cosine in float32, whatever the dtype.
    exact = {"rtol": 1e-6, "atol": 1e-8} if "Cosine" in case["schedule"] else {"rtol": 1e-12}
    np.testing.assert_allclose(rates, case["float64"], **exact)
    np.testing.assert_allclose(rates, case["float32"], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-8), ("float32", 1e-6)])
@pytest.mark.parametrize("case", RECORD["five_steps"])
def test_five_steps_as_keras_makes_them(case: dict[str, Any], dtype: str, tolerance: float) -> None:
    """Keras's own config of an optimizer with a schedule is read."""
    start, gradients = recorded.optimizers()["start"], recorded.optimizers()["gradients"]
    parameters = [Tensor(np.array(values, dtype)) for values in start]
    optimizer = getattr(optimizers, case["optimizer"]).from_config(case["arguments"])
    for every, expected in zip(gradients, case[dtype], strict=True):
        arrays = [np.array(gradient, dtype) for gradient in every]
        optimizer.apply_gradients(zip(arrays, parameters, strict=True))
        for parameter, values in zip(parameters, expected, strict=True):
            assert parameter.dtype == dtype
            np.testing.assert_allclose(
                parameter.numpy(), values, rtol=tolerance, atol=tolerance / 10
            )


# ---------------------------------------------------------------------- steps, one by one


class Follows(Optimizer):
    """An optimizer of the user's own."""

    def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
        return parameter - gradient * self.learning_rate, state


@pytest.mark.parametrize("kind", [SGD, Follows])
def test_the_rate_of_a_step_is_that_of_the_steps_before_it(kind: Any) -> None:
    w, v, optimizer = Tensor(1.0), Tensor(1.0), kind(PiecewiseConstantDecay([0, 1], [0.5, 0.25, 0]))
    assert optimizer.learning_rate == 0.5
    seen = []
    for _ in range(3):
        optimizer.apply_gradients([(1.0, w), (2.0, v)])
        seen.append((w.item(), v.item(), optimizer.learning_rate))
    # w: 1 - 0.5 - 0.25 - 0, v with twice the gradient
    assert seen == [(0.5, 0.0, 0.25), (0.25, -0.5, 0.0), (0.25, -0.5, 0.0)]


def test_weight_decay_follows_the_schedule() -> None:
    w, optimizer = Tensor(1.0), SGD(PiecewiseConstantDecay([0], [0.5, 0.25]), weight_decay=0.5)
    optimizer.apply_gradients([(0.0, w)])
    optimizer.apply_gradients([(0.0, w)])
    assert w.item() == 1 * (1 - 0.5 * 0.5) * (1 - 0.25 * 0.5)


def test_a_schedule_is_asked_once_a_step() -> None:
    asked: list[int] = []

    class Asked(LearningRateSchedule):
        def __call__(self, step: int) -> float:
            asked.append(step)
            return 0.1

    optimizer = RMSprop(Asked())
    parameters = [Tensor(1.0), Tensor(2.0), Tensor([3.0])]
    asked.clear()
    for _ in range(3):
        optimizer.apply_gradients([(np.ones(p.shape), p) for p in parameters])
    assert asked == [0, 1, 2]


def test_a_step_that_fails_leaves_the_schedule() -> None:
    class Fails(Follows):
        def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
            raise ZeroDivisionError

    optimizer = Fails(ALL[0])
    with pytest.raises(ZeroDivisionError):
        optimizer.apply_gradients([(1.0, Tensor(1.0))])
    assert optimizer.learning_rate == 0.1
    assert "ExponentialDecay" in repr(optimizer)


# ---------------------------------------------------------------------- setting it


def test_a_number_is_not_set_in_the_place_of_a_schedule() -> None:
    optimizer = Adam(ALL[0])
    with pytest.raises(ArgumentTypeError) as caught:
        optimizer.learning_rate = 0.05
    for word in ("ExponentialDecay", "0.05", "Adam(learning_rate=…)"):
        assert word in str(caught.value)
    assert optimizer.learning_rate == 0.1
    optimizer.learning_rate = PiecewiseConstantDecay([1], [0.5, 0.25])
    assert optimizer.learning_rate == 0.5


def test_a_schedule_is_set_in_the_place_of_a_number_and_goes_on_from_its_steps() -> None:
    w, optimizer = Tensor(1.0), SGD(0.5)
    optimizer.apply_gradients([(1.0, w)])
    optimizer.learning_rate = PiecewiseConstantDecay([0], [0.125, 0.25])
    optimizer.apply_gradients([(1.0, w)])
    assert w.item() == 1 - 0.5 - 0.25


@pytest.mark.parametrize(
    ("wrong", "error", "words"),
    [
        (ExponentialDecay, ArgumentTypeError, ["class ExponentialDecay", "ExponentialDecay(…)"]),
        (lambda step: 0.1, ArgumentTypeError, ["LearningRateSchedule", "__call__(self, step)"]),
        (float, ArgumentTypeError, ["learning_rate", "float"]),
        ({"class_name": "CosineDecay", "config": {}}, ArgumentTypeError, ["learning_rate"]),
    ],
)
def test_what_is_no_learning_rate(wrong: Any, error: type[Exception], words: list[str]) -> None:
    with pytest.raises(error) as caught:
        SGD(wrong)
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize(
    ("rate", "error"),
    [
        (-0.1, ArgumentError),
        (math.nan, ArgumentError),
        (np.inf, ArgumentError),
        (None, ArgumentTypeError),
        (np.ones(2), ArgumentTypeError),
        ("0.1", ArgumentTypeError),
    ],
)
def test_a_schedule_that_gives_no_rate(rate: Any, error: type[Exception]) -> None:
    class Breaks(LearningRateSchedule):
        def __call__(self, step: int) -> Any:
            return 0.5 if step < 1 else rate

    w, optimizer = Tensor(1.0), SGD(Breaks())
    optimizer.apply_gradients([(1.0, w)])
    with pytest.raises(error, match=r"Breaks\(\)\(1\)"):
        optimizer.apply_gradients([(1.0, w)])
    assert w.item() == 0.5
    assert optimizer.iterations == 1


def test_an_optimizer_is_no_schedule() -> None:
    with pytest.raises(
        ArgumentTypeError, match=r"It is a learning rate: write SGD\(learning_rate="
    ):
        optimizers.get(ALL[0])


# ---------------------------------------------------------------------- wrong arguments


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ExponentialDecay(0.1, -5, 0.9), ArgumentError, ["decay_steps", "-5"]),
        (lambda: ExponentialDecay(0.1, 0, 0.9), ArgumentError, ["decay_steps", "0"]),
        (lambda: ExponentialDecay(-0.1, 5, 0.9), ArgumentError, ["initial_learning_rate", "-0.1"]),
        (lambda: ExponentialDecay(0.1, 5, -0.9), ArgumentError, ["decay_rate", "-0.9"]),
        (lambda: ExponentialDecay("0.1", 5, 0.9), ArgumentTypeError, ["'0.1'", "str"]),
        (lambda: ExponentialDecay(0.1, 5, 0.9, staircase=1), ArgumentTypeError, ["staircase"]),
        (lambda: ExponentialDecay(0.1, 5, 0.9, name=3), ArgumentTypeError, ["name", "3"]),
        (lambda: ExponentialDecay(0.1, 5, rate=0.9), ArgumentTypeError, ["rate", "decay_rate"]),
        (lambda: InverseTimeDecay(0.1, math.nan, 1), ArgumentError, ["decay_steps", "nan"]),
        (lambda: InverseTimeDecay(0.1, 10, -1), ArgumentError, ["decay_rate", "-1"]),
        (lambda: PolynomialDecay(0.1, 10, power=-1), ArgumentError, ["power", "-1"]),
        (lambda: PolynomialDecay(0.1, 10, -1e-4), ArgumentError, ["end_learning_rate"]),
        (lambda: PolynomialDecay(0.1, 10, cycle=None), ArgumentTypeError, ["cycle", "None"]),
        (
            lambda: PiecewiseConstantDecay([10, 20], [0.1, 0.05]),
            ArgumentError,
            ["one element more", "length 2"],
        ),
        (lambda: PiecewiseConstantDecay([], [0.1]), ArgumentError, ["at least one", "length 0"]),
        (
            lambda: PiecewiseConstantDecay([20, 10], [0.1, 0.05, 0.01]),
            ArgumentError,
            ["increasing", "10 behind 20", "index 1"],
        ),
        (
            lambda: PiecewiseConstantDecay([10, 10], [0.1, 0.05, 0.01]),
            ArgumentError,
            ["increasing", "10 behind 10"],
        ),
        (
            lambda: PiecewiseConstantDecay([10], [0.1, -0.05]),
            ArgumentError,
            ["values[1]", "-0.05"],
        ),
        (
            lambda: PiecewiseConstantDecay(["10"], [0.1, 0.05]),
            ArgumentTypeError,
            ["boundaries[0]", "'10'"],
        ),
        (
            lambda: PiecewiseConstantDecay(10, [0.1, 0.05]),
            ArgumentTypeError,
            ["boundaries", "list of numbers", "10"],
        ),
        (lambda: CosineDecay(0.1, 0), ArgumentError, ["decay_steps"]),
        (lambda: CosineDecay(0.1, 10, alpha=2), ArgumentError, ["alpha", "[0, 1]", "2"]),
        (
            lambda: CosineDecay(0.0, 10, warmup_target=0.1),
            ArgumentError,
            ["warmup_target=0.1", "warmup_steps=0", "both or none"],
        ),
        (
            lambda: CosineDecay(0.0, 10, warmup_steps=5),
            ArgumentError,
            ["warmup_target=None", "warmup_steps=5"],
        ),
        (
            lambda: CosineDecay(0.0, 10, warmup_target=0.1, warmup_steps=-5),
            ArgumentError,
            ["warmup_steps", "-5"],
        ),
        (lambda: CosineDecayRestarts(0.1, -1), ArgumentError, ["first_decay_steps", "-1"]),
        (lambda: CosineDecayRestarts(0.1, 10, t_mul=0.5), ArgumentError, ["t_mul", "0.5"]),
        (lambda: CosineDecayRestarts(0.1, 10, m_mul=-1), ArgumentError, ["m_mul", "-1"]),
        (lambda: ALL[0](-1), ArgumentError, ["step", "-1"]),
        (lambda: ALL[0]("1"), ArgumentTypeError, ["step", "'1'"]),
        (lambda: LearningRateSchedule(), TypeError, ["abstract", "__call__"]),
    ],
)
def test_wrong_arguments(call: Any, error: type[Exception], words: list[str]) -> None:
    with pytest.raises(error) as caught:
        call()
    assert all(word in str(caught.value) for word in words)


# ---------------------------------------------------------------------- as text and as JSON


@pytest.mark.parametrize("schedule", ALL, ids=repr)
def test_repr_and_json_make_an_equal_schedule(schedule: Any) -> None:
    twins = [
        eval(repr(schedule), vars(schedules)),
        schedules.deserialize(json.loads(json.dumps(schedules.serialize(schedule)))),
        type(schedule).from_config(schedule.get_config()),
    ]
    for twin in twins:
        assert type(twin) is type(schedule)
        assert twin.get_config() == schedule.get_config()
        assert [twin(step) for step in range(40)] == [schedule(step) for step in range(40)]


def test_repr_leaves_out_defaults() -> None:
    assert repr(CosineDecay(0.1, 100)) == "CosineDecay(initial_learning_rate=0.1, decay_steps=100)"
    assert repr(SGD(CosineDecay(0.1, 100))) == f"SGD(learning_rate={CosineDecay(0.1, 100)!r})"


@pytest.mark.parametrize("kind", [SGD, RMSprop, Adam])
def test_the_config_of_an_optimizer_holds_its_schedule(kind: Any) -> None:
    config = json.loads(json.dumps(kind(ALL[4]).get_config()))
    assert config["learning_rate"]["class_name"] == "CosineDecay"
    twin = kind.from_config(config)
    assert twin.get_config() == kind(ALL[4]).get_config()
    assert twin.learning_rate == 0.01
    assert kind.from_config(kind(0.25).get_config()).learning_rate == 0.25


def test_configs_are_those_of_keras() -> None:
    for case in RECORD["five_steps"]:
        config = case["arguments"]["learning_rate"]
        assert schedules.deserialize(config).get_config() == config["config"]


def test_a_schedule_of_ones_own_comes_back_by_its_name() -> None:
    optimizer = SGD(Harmonic(0.5, wait=3))
    config = optimizer.get_config()
    twin = SGD.from_config(config, custom_objects={"Harmonic": Harmonic})
    assert repr(twin) == repr(optimizer) == "SGD(learning_rate=Harmonic(start=0.5, wait=3))"
    with pytest.raises(ArgumentError, match=r"Harmonic.*custom_objects"):
        SGD.from_config(config)
    with pytest.raises(ArgumentTypeError, match="class_name"):
        schedules.deserialize({"name": "CosineDecay"})


def test_a_schedule_that_does_not_keep_its_arguments() -> None:
    optimizer = SGD(Nameless(0.5))
    assert repr(optimizer) == "SGD(learning_rate=Nameless())"
    with pytest.raises(StateError, match=r"Nameless.*'start'.*self\.start"):
        optimizer.get_config()


# ---------------------------------------------------------------------- training

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(44, 6)).astype(np.float32)
Y = (X[:, :1] > 0.2).astype(np.float32)


@pytest.fixture
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path))


def model_with(optimizer: Optimizer, **how: Any) -> Sequential:
    set_random_seed(3)
    model = Sequential([Input((6,)), Dense(5, "tanh"), Dense(1, "sigmoid")])
    model.compile(copy.deepcopy(optimizer), "binary_crossentropy", **how)
    return model


def by_hand(optimizer: Optimizer, schedule: Any, epochs: int, batch_size: int) -> list[Any]:
    """The weights after steps with a number for a rate, which is set before each of them."""
    model = model_with(optimizer, run_eagerly=True)
    for step in range(epochs * math.ceil(len(X) / batch_size)):
        start = step * batch_size % (len(X) + -len(X) % batch_size)
        model.optimizer.learning_rate = float(schedule(step))
        model.train_on_batch(X[start : start + batch_size], Y[start : start + batch_size])
    return model.get_weights()


@pytest.mark.parametrize("how", [{}, {"run_eagerly": True}], ids=["replayed", "eagerly"])
@pytest.mark.parametrize("kind", [SGD, Adam, lambda rate: RMSprop(rate, weight_decay=0.1)])
@pytest.mark.parametrize("schedule", [*ALL, Harmonic(0.1)], ids=repr)
def test_fit_follows_the_schedule(schedule: Any, kind: Any, how: dict[str, Any]) -> None:
    model = model_with(kind(schedule), **how)
    model.fit(X, Y, epochs=6, batch_size=8, shuffle=False, verbose=0)
    if not how:
        assert len(model._training.stepper.programs) == 2
    assert model.optimizer.iterations == 36
    assert model.optimizer.learning_rate == schedule(36)
    for ours, expected in zip(model.get_weights(), by_hand(kind(0.1), schedule, 6, 8), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=2e-5)


@pytest.mark.usefixtures("_own_cache")
def test_compiled_steps_follow_the_schedule() -> None:
    model = model_with(Adam(ALL[4]), jit_compile=True)
    model.fit(X, Y, epochs=8, batch_size=22, shuffle=False, verbose=0)
    assert len(model._training.stepper.programs) == 1
    for ours, expected in zip(model.get_weights(), by_hand(Adam(0.1), ALL[4], 8, 22), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=2e-5)


def test_train_on_batch_and_callbacks_that_watch_batches() -> None:
    class Rates(Callback):
        def __init__(self) -> None:
            self.seen: list[float] = []

        def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
            self.seen.append(self.model.optimizer.learning_rate)

    optimizer, rates = SGD(ALL[5], momentum=0.5), Rates()
    watched, single = model_with(optimizer), model_with(optimizer)
    watched.fit(X, Y, epochs=8, batch_size=22, shuffle=False, verbose=0, callbacks=[rates])
    assert rates.seen == [ALL[5](step) for step in range(16)]
    for step in range(16):
        start = step % 2 * 22
        single.train_on_batch(X[start : start + 22], Y[start : start + 22])
    expected = by_hand(SGD(0.1, momentum=0.5), ALL[5], 8, 22)
    for model in (watched, single):
        for ours, by_numbers in zip(model.get_weights(), expected, strict=True):
            np.testing.assert_allclose(ours, by_numbers, rtol=1e-4, atol=2e-5)


def test_a_schedule_that_is_set_or_changed_during_training_counts() -> None:
    found = []
    for how in ({}, {"run_eagerly": True}):
        model = model_with(SGD(0.1), **how)
        model.fit(X, Y, epochs=4, batch_size=22, shuffle=False, verbose=0)
        schedule = ExponentialDecay(0.4, decay_steps=3, decay_rate=0.5)
        model.optimizer.learning_rate = schedule
        model.fit(X, Y, epochs=3, batch_size=22, shuffle=False, verbose=0)
        schedule.decay_rate = 0.9
        model.fit(X, Y, epochs=3, batch_size=22, shuffle=False, verbose=0)
        assert model.optimizer.learning_rate == 0.4 * 0.9 ** (20 / 3)
        found.append(model.get_weights())
    for ours, expected in zip(*found, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=2e-5)


def test_a_callback_that_sets_a_number_is_told() -> None:
    class Sets(Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            self.model.optimizer.learning_rate = 0.1

    with pytest.raises(ArgumentTypeError, match="CosineDecay.*cannot be set to 0.1"):
        model_with(SGD(ALL[4])).fit(X, Y, verbose=0, callbacks=[Sets()])


def test_a_schedule_that_breaks_in_a_replayed_epoch_leaves_the_last_whole_step() -> None:
    class Breaks(LearningRateSchedule):
        def __call__(self, step: int) -> Any:
            return 0.1 if step < 11 else math.nan

    model = model_with(SGD(Breaks()))
    with pytest.raises(ArgumentError, match=r"Breaks\(\)\(11\)"):
        model.fit(X, Y, epochs=8, batch_size=22, shuffle=False, verbose=0)
    assert model.optimizer.iterations == 11
    expected = model_with(SGD(0.1), run_eagerly=True)
    for step in range(11):
        start = step % 2 * 22
        expected.train_on_batch(X[start : start + 22], Y[start : start + 22])
    for ours, whole in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(ours, whole, rtol=1e-4, atol=2e-5)


def test_a_rate_computed_with_operations_is_a_number() -> None:
    """The warm-up of "Attention is all you need", as lessons write it, and a rate set so."""

    class WarmUp(LearningRateSchedule):
        def __call__(self, step: Any) -> Any:
            step = tf.cast(step + 1, "float32")
            return tf.math.rsqrt(4.0) * tf.minimum(tf.math.rsqrt(step), step * 8.0**-1.5)

    model, twin = model_with(SGD(WarmUp())), model_with(SGD(WarmUp()), run_eagerly=True)
    for one in (model, twin):
        one.fit(X, Y, epochs=5, batch_size=22, shuffle=False, verbose=0)
        # of the eleventh step: 1/2 · min(1/√11, 11 / 8^1.5)
        assert one.optimizer.learning_rate == pytest.approx(0.5 / 11**0.5)
    for ours, expected in zip(model.get_weights(), twin.get_weights(), strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=2e-5)
    model = model_with(SGD(0.5))
    model.optimizer.learning_rate = Tensor(0.25)
    halved = LearningRateScheduler(lambda epoch, rate: rate * tf.constant(0.5))
    fitted = model.fit(X, Y, epochs=2, verbose=0, callbacks=[halved])
    assert fitted.history["learning_rate"] == [0.125, 0.0625]


@pytest.mark.parametrize("schedule", [ALL[3], Harmonic(0.1)], ids=repr)
def test_the_program_of_a_model_follows_the_schedule(schedule: Any) -> None:
    model, twin = model_with(Adam(schedule)), model_with(Adam(schedule), run_eagerly=True)
    program = model.program(X, Y)
    assert "learning_rate" in program.source  # given with every call
    ours = [float(program()) for _ in range(15)]
    np.testing.assert_allclose(ours, [twin.train_on_batch(X, Y) for _ in range(15)], rtol=1e-4)
    assert model.optimizer.learning_rate == schedule(15)


def test_a_large_graph_of_scalars_follows_the_schedule() -> None:
    rate = PiecewiseConstantDecay([0, 1], [0.25, 0.125, 0.0])
    weights = [Tensor(1.0, name=f"w{place}") for place in range(3000)]
    total = Tensor(0.0, requires_grad=False)
    for weight in weights:
        total = total + weight * weight
    optimizer = SGD(rate)
    program = total.program(weights, optimizer)
    # w − rate·2w: a half of it, then three quarters, then all
    assert [float(program()) for _ in range(4)] == pytest.approx([3000, 750, 421.875, 421.875])
    assert optimizer.iterations == 4
