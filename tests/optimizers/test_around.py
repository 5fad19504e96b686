"""What is done around every rule: averages, gradients added up, decay of some parameters only."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, Tensor, optimizers, set_random_seed
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, StateError
from autograd_nn.layers import Dense
from autograd_nn.optimizers import SGD, Adam, AdamW, Optimizer
from tests.interrupts import Interrupts
from tests.thorough import slow_or_thorough

rng = np.random.default_rng(0)
X = rng.normal(size=(70, 4)).astype(np.float32)
Y = (X.sum(1, keepdims=True) > 0).astype(np.float32)
RULES = [
    *("SGD", "RMSprop", "Adam", "AdamW", "Adamax", "Nadam"),
    *("Adagrad", "Adadelta", "Lion", "Ftrl", "Lamb"),
]
OPTIONS: list[dict[str, Any]] = [
    {"weight_decay": 0.1},
    {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 3},
    {"gradient_accumulation_steps": 2, "clipnorm": 0.1, "weight_decay": 0.1},
    {"gradient_accumulation_steps": 3, "use_ema": True, "ema_overwrite_frequency": 2},
    {"gradient_accumulation_steps": 2, "global_clipnorm": 0.1, "loss_scale_factor": 8.0},
]


def trained(name: str, options: dict[str, Any], **how: Any) -> tuple[Any, ...]:
    """Weights, losses and the count of steps of a small network, and whether a program moves it."""
    set_random_seed(3)
    model = Sequential([Dense(3, "tanh"), Dense(1, "sigmoid")])
    optimizer = getattr(optimizers, name)(learning_rate=0.05, **options)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    model.compile(optimizer, "binary_crossentropy", **how)
    losses = model.fit(X, Y, 16, 2, verbose=0).history["loss"]
    losses += [model.train_on_batch(X[:8], Y[:8]) for _ in range(4)]
    losses += model.fit(X, Y, 16, 2, verbose=0).history["loss"]
    memory = model._training.stepper._memory
    return model.get_weights(), losses, optimizer.iterations, memory and memory.optimizer


def check_alike(name: str, options: dict[str, Any], **how: Any) -> None:
    weights, losses, count, mover = trained(name, options, **how)
    expected, right, steps, _ = trained(name, options, run_eagerly=True)
    assert count == steps
    assert mover is not None
    np.testing.assert_allclose(losses, right, rtol=1e-5)
    for mine, theirs in zip(weights, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("name", "options"), list(zip(RULES, OPTIONS * 3, strict=False)), ids=str)
def test_programs_step_as_written(name: str, options: dict[str, Any]) -> None:
    check_alike(name, options)


@pytest.mark.slow
@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_programs_of_every_rule_step_as_written(name: str, options: dict[str, Any]) -> None:
    check_alike(name, options)


@pytest.mark.parametrize("options", OPTIONS[1:4], ids=str)
def test_constraints_beside_what_is_around_a_rule(options: dict[str, Any]) -> None:
    def weights(**how: Any) -> Any:
        set_random_seed(3)
        model = Sequential([Dense(3, kernel_constraint="non_neg"), Dense(1)])
        model.compile(Adam(0.05, **options), "mse", **how)
        model.fit(X, Y, 16, 3, verbose=0)
        return model.get_weights()

    found = weights()
    # Averages are of what is there before the constraint, as in Keras.
    assert (found[0] >= 0).all() or "use_ema" in options
    for mine, theirs in zip(found, weights(run_eagerly=True), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)


def test_a_compiled_program_steps_as_written() -> None:
    check_alike("Nadam", OPTIONS[3], jit_compile=True)


@pytest.mark.parametrize(
    ("name", "options"),
    slow_or_thorough(itertools.product(RULES, OPTIONS), lambda place, _: place % 6 == 1),
)
def test_compiled_programs_step_as_written(name: str, options: dict[str, Any]) -> None:
    check_alike(name, options, jit_compile=True)


@pytest.mark.parametrize("name", ["SGD", "Lamb"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_the_text_of_a_program_is_the_same_step(name: str, options: dict[str, Any]) -> None:
    def moved(how: str) -> Any:
        w = Tensor(np.array([[1.0, -2.0, 0.5]]), name="w")
        b = Tensor(0.5, name="b")
        optimizer = getattr(optimizers, name)(learning_rate=0.1, **options)
        optimizer.exclude_from_weight_decay([b])
        program = ((w * w).sum() + b * b * b).program([w, b], optimizer)
        for _ in range(5):
            if how == "eager":
                gradients = [2 * w.data, 3 * b.data**2]
                scale = optimizer.scale_loss(1.0)
                optimizer.apply_gradients(zip([g * scale for g in gradients], [w, b], strict=True))
            else:
                getattr(program, how, program)()
        assert optimizer._iterations == 5
        return [*w.tolist()[0], b.item()]

    np.testing.assert_allclose(moved("plain"), moved("eager"), rtol=1e-12)
    np.testing.assert_allclose(moved("__call__"), moved("eager"), rtol=1e-12)


def test_a_saved_program_adds_up_and_averages(tmp_path: Any) -> None:
    w = Tensor([1.0, -2.0], name="w")
    optimizer = Adam(
        0.1, gradient_accumulation_steps=2, use_ema=True, ema_overwrite_frequency=2, clipnorm=1.0
    )
    loss = (w * w * w).sum()
    loss.program([w], optimizer)()
    program = loss.program([w], optimizer)
    losses = []
    for form in (program, program.plain):
        form.save(tmp_path / "step_of_test.py")
        names: dict[str, Any] = {"__name__": "step", "__file__": str(tmp_path / "step_of_test.py")}
        exec((tmp_path / "step_of_test.py").read_text("utf-8"), names)
        losses.append([float(names["step"]()) for _ in range(5)])
    right = [program() for _ in range(5)]
    np.testing.assert_allclose(losses, [right, right], rtol=1e-12)


def test_gradients_add_up_by_hand() -> None:
    w = Tensor(1.0)
    optimizer = SGD(0.1, weight_decay=0.5, clipvalue=2.0, gradient_accumulation_steps=3)
    values = []
    for gradient in (1.0, 5.0, 6.0, 3.0):
        optimizer.apply_gradients([(gradient, w)])
        values.append(w.item())
    # The mean 4 is made 2: 1 − 1·0.5·0.1 − 0.1·2.
    assert values == pytest.approx([1.0, 1.0, 0.75, 0.75])
    assert optimizer.iterations == 1


def test_averages_by_hand() -> None:
    w = Tensor(1.0)
    optimizer = SGD(1.0, use_ema=True, ema_momentum=0.5)
    for _ in range(3):
        optimizer.apply_gradients([(1.0, w)])
    assert w.item() == -2.0
    optimizer.finalize_variable_values([w, Tensor(3.0)])
    # 0; 0.5·0 − 0.5·1; 0.5·(−0.5) − 0.5·2
    assert w.item() == -1.25


def test_fit_ends_with_the_averages() -> None:
    model = Sequential([Dense(1, use_bias=False, kernel_initializer="ones")])
    model.compile(SGD(0.5, use_ema=True, ema_momentum=0.5), "mse")
    x = np.ones((1, 1), np.float32)
    model.fit(x, 0 * x, epochs=2, verbose=0)
    # w: 1 − 0.5·2·1 = 0, and stays there; the average is 0, and then 0.
    assert model.get_weights()[0].item() == 0.0
    model.fit(x, x * 2, epochs=2, verbose=0)
    # w: 0 + 0.5·2·2 = 2 and 2; the average 0.5·0 + 0.5·2 = 1, then 1.5.
    assert model.get_weights()[0].item() == 1.5


def test_what_is_kept_has_no_name_of_the_rule() -> None:
    class Watching(Optimizer):
        def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
            assert state.keys() <= {"seen"}
            assert step == self.iterations + 1
            return parameter - gradient, {"seen": state.get("seen", 0.0) + gradient}

    w = Tensor(0.0)
    optimizer = Watching(0.1, use_ema=True, gradient_accumulation_steps=2)
    for gradient in (1.0, 3.0, 5.0, 7.0):
        optimizer.apply_gradients([(gradient, w)])
    assert w.item() == -8.0
    assert optimizer._state[w]["seen"] == 8.0


def test_decay_leaves_alone_what_is_named_or_listed() -> None:
    kernel, bias, other = (Tensor(2.0, name=n) for n in ("dense/kernel", "dense/bias", "other"))
    optimizer = AdamW(0.1, weight_decay=0.5)
    optimizer.exclude_from_weight_decay([other], ["bias", "norm"])
    assert [optimizer.decays(t) for t in (kernel, bias, other)] == [True, False, False]
    optimizer.apply_gradients([(0.0, kernel), (0.0, bias), (0.0, other)])
    assert [t.item() for t in (kernel, bias, other)] == pytest.approx([1.9, 2.0, 2.0])
    with pytest.raises(ArgumentTypeError, match="var_names"):
        optimizer.exclude_from_weight_decay(var_names=[bias])


def test_decay_that_is_taken_off_is_noticed() -> None:
    def last(**how: Any) -> Any:
        set_random_seed(1)
        model = Sequential([Dense(1)])
        model.compile(SGD(0.1, weight_decay=0.5), "mse", **how)
        model.fit(X, Y, epochs=3, verbose=0)
        model.optimizer.exclude_from_weight_decay(var_names=["kernel"])
        model.fit(X, Y, epochs=3, verbose=0)
        return model.get_weights()[0]

    np.testing.assert_allclose(last(), last(run_eagerly=True), rtol=1e-5)


@pytest.mark.parametrize("steps_before", [0, 1, 2])
def test_an_interrupted_step_is_not_made_in_part(steps_before: int) -> None:
    parameters = [Tensor(np.ones(2)), Tensor(np.ones(3))]
    optimizer = Adam(0.1, gradient_accumulation_steps=2, use_ema=True)
    interrupts = Interrupts(steps_before, 3e-4)

    def step() -> None:
        optimizer.apply_gradients([(p.data * 0.1, p) for p in parameters])

    for _ in range(steps_before):
        step()
    for _ in range(40):
        known = [dict(optimizer._state.get(p, {})) for p in parameters]
        before = [p.numpy() for p in parameters], known, optimizer._iterations
        interrupts(step)
        if optimizer._iterations == before[2]:
            for p, array, state in zip(parameters, before[0], known, strict=True):
                np.testing.assert_array_equal(p.numpy(), array)
                now = optimizer._state.get(p, {})
                assert now.keys() == state.keys()
                assert all(now[key] is state[key] for key in state)
        else:
            assert optimizer._iterations == before[2] + 1
            assert all("parameter_average" in optimizer._state[p] for p in parameters)
    assert interrupts.count > 0


def test_the_learning_rate_can_be_assigned_and_read() -> None:
    optimizer = SGD(0.5)
    rate = optimizer.learning_rate
    rate.assign(rate / 2)
    assert optimizer.learning_rate == 0.25
    assert float(rate) == 0.5
    optimizer.learning_rate = np.array(0.125)
    assert optimizer.learning_rate.numpy() == 0.125
    assert f"{optimizer.learning_rate:.3f} {optimizer.learning_rate}" == "0.125 0.125"
    with pytest.raises(ArgumentError, match="-1"):
        rate.assign(-1)


def test_the_learning_rate_keeps_float32() -> None:
    rate = SGD(0.5).learning_rate
    a = np.ones(2, np.float32)
    for result in (
        *(a * rate, rate * a, a - rate, rate - a, a / rate, rate / a, a**rate),
        *(a[0] * rate, rate * a[0], np.maximum(a, rate), np.where(a > 0, rate, a)),
        *((Tensor(a) * rate).data, (rate * Tensor(a)).data),
    ):
        assert result.dtype == np.float32
    a -= rate
    assert a.tolist() == [0.5, 0.5]


def test_gradients_and_parameters_as_two_lists() -> None:
    w, v = Tensor(1.0), Tensor(2.0)
    optimizer = SGD(0.5)
    with pytest.raises(StateError, match=r"trainable_variables"):
        optimizer.apply([1.0])
    optimizer.apply([1.0, 2.0], [w, v])
    optimizer.apply([1.0, 2.0])
    assert (w.item(), v.item()) == (0.0, 0.0)
    with pytest.raises(ArgumentError, match="2 parameters, got 1"):
        optimizer.apply([1.0])
    optimizer = SGD(0.5, momentum=0.5)
    assert not optimizer.built
    optimizer.build([w])
    assert optimizer.built
    optimizer.apply([2.0])
    assert [x.item() for x in optimizer.variables] == [1, 0.5, -1.0]
    with pytest.raises(ValueError, match="read-only"):
        optimizer.variables[2][...] = 0
    with pytest.raises(ShapeError, match="shape"):
        optimizer.apply([np.ones(2)])


@pytest.mark.parametrize("name", RULES)
def test_a_config_makes_an_equal_optimizer(name: str) -> None:
    made = getattr(optimizers, name)(0.25, use_ema=True, gradient_accumulation_steps=3)
    again = optimizers.deserialize(optimizers.serialize(made))
    assert repr(again) == repr(made)
    assert repr(optimizers.get(name.upper())) == repr(getattr(optimizers, name)())
    assert optimizers.get(optimizers.serialize(made)).get_config() == made.get_config()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"use_emma": True}, "use_ema"),
        ({"gradient_accumulation_steps": 1}, "gradient_accumulation_steps"),
        ({"ema_overwrite_frequency": 0}, "ema_overwrite_frequency"),
        ({"ema_momentum": 1.5}, "ema_momentum"),
        ({"use_ema": 1}, "use_ema"),
        ({"loss_scale_factor": 0.0}, "loss_scale_factor"),
        ({"momentum": 2}, "momentum"),
    ],
)
def test_arguments_that_cannot_be(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=words):
        SGD(**arguments)
