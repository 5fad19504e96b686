"""The third phase: the steps of an optimizer told in numbers, against its own step."""

import copy
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, Tensor, gradients, optimizers, viz
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.graph import topological
from autograd_nn.layers import Dense
from autograd_nn.optimizers import SGD, Adam, AdamW, Lion, Optimizer, RMSprop
from tests.viz.graphs import lesson, network
from tests.viz.pages import array_of, data_of
from tests.viz.said import check_equation, number


def updates_of(loss: Tensor, optimizer: Any) -> list[viz.Step]:
    return [step for step in viz.steps(loss, optimizer=optimizer) if step.phase == "update"]


def leaves(loss: Tensor) -> list[Tensor]:
    return [t for t in topological(loss) if t.operation is None and t.requires_grad]


RULES: list[Any] = [
    lambda: SGD(0.1),
    lambda: SGD(0.1, momentum=0.9),
    lambda: SGD(0.1, momentum=0.9, nesterov=True),
    lambda: SGD(0.1, clipnorm=0.01, weight_decay=0.1),
    lambda: Adam(0.01),
    lambda: Adam(0.01, amsgrad=True),
    lambda: AdamW(0.01),
    lambda: RMSprop(0.01),
    lambda: Lion(0.01),
    lambda: SGD(optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)),
]


@pytest.mark.parametrize("make", RULES)
def test_what_is_told_is_what_the_optimizer_does(make: Any) -> None:
    """The first step and the third, of numbers and of arrays."""
    for loss in (lesson().loss, network()[0]):
        optimizer: Optimizer = make()
        parameters = leaves(loss)
        found = gradients(loss, parameters)
        for _ in range(2):
            told = updates_of(loss, optimizer)
            before = [p.data.copy() for p in parameters]
            given = {step.node: step for step in told[:-1]}
            assert list(given) == parameters
            # The step itself, on the parameters of a copy of the graph's leaves.
            twins = [Tensor(p.data, name=p.name) for p in parameters]
            acting = copy.copy(optimizer)
            acting._state = {
                t: dict(optimizer._state[p])
                for t, p in zip(twins, parameters, strict=True)
                if p in optimizer._state
            }
            acting.apply_gradients(zip(found, twins, strict=True))
            for parameter, twin, old in zip(parameters, twins, before, strict=True):
                step = given[parameter]
                np.testing.assert_array_equal(step.before, old)
                np.testing.assert_array_equal(step.after, twin.data)
                np.testing.assert_array_equal(step.contribution, twin.data - old)
                assert np.array_equal(parameter.data, old)  # nothing was changed
            optimizer._state = {
                p: acting._state[t]
                for t, p in zip(twins, parameters, strict=True)
                if t in acting._state
            }
            optimizer._iterations = acting._iterations
            assert parameters[0].grad is None


def test_gradient_descent_by_hand() -> None:
    example = lesson()
    to_w, to_b, to_loss = updates_of(example.loss, SGD(0.1))
    after_w, after_b = 2.0 - 0.1 * example.by_w, -0.1 - 0.1 * example.by_tanh
    assert to_w.sentence == ("w ← w − α·∂L/∂w = 2 − 0.1·0.2406 = 1.976, with α = 0.1.")
    assert (float(to_w.after), float(to_b.after)) == pytest.approx((after_w, after_b), rel=1e-12)
    error = np.tanh(after_w * example.x + after_b) - example.y
    expected = error**2 + example.penalty * after_w**2
    assert float(to_loss.after) == pytest.approx(expected, rel=1e-12)
    assert to_loss.sentence == (
        f"With the new parameters L goes from 0.5142 to {expected:.4g}: down by "
        f"{float(example.loss.data) - expected:.4g}."
    )


@pytest.mark.parametrize("make", [RULES[i] for i in (0, 1, 2, 4, 6, 7)])
def test_every_equation_of_an_update_is_right(make: Any) -> None:
    """Both sides of each assignment, by what the letters are said to be."""
    example = lesson()
    optimizer = make()
    for step in updates_of(example.loss, optimizer)[:-1]:
        text, _, given = step.sentence.removesuffix(".").partition(", with ")
        letters = {x.split(" = ")[0]: number(x.split(" = ")[1]) for x in given.split(", ")}
        label = step.node.name
        values: dict[str, Any] = letters | {
            f"∂L/∂{label}": float(step.upstream),
            str(label): float(step.before),
            f"velocity({label})": 0.0,
            f"momentum({label})": 0.0,
        }
        for line in text.split("; "):
            target, _, equation = line.partition(" ← ")
            equation = equation.replace("^t", "^1")  # the first step
            equation = re.sub(r"√([\w.−]+(?:\([^)]*\))?|\([^)]*\))", r"\1^0.5", equation)
            check_equation(equation, values)
            values[target] = number(equation.split(" = ")[-1])
        assert values[str(label)] == pytest.approx(float(step.after), rel=6e-4, abs=1e-5)


def test_momentum_starts_from_what_was_kept() -> None:
    w = Tensor(1.0, name="w")
    loss: Any = w * w
    loss.name = "L"
    optimizer = SGD(0.1, momentum=0.5)
    optimizer._state[w] = {"velocity": np.float64(-0.4)}
    (to_w, _) = updates_of(loss, optimizer)
    # −0.2 − 0.2 = −0.4, and 1 − 0.4
    assert "velocity(w) ← μ·velocity(w) − α·∂L/∂w = 0.5·(−0.4) − 0.1·2 = −0.4" in to_w.sentence
    assert float(to_w.after) == pytest.approx(0.6)
    assert optimizer._state[w] == {"velocity": -0.4} and optimizer.iterations == 0


def test_another_rule_is_told_by_its_results() -> None:
    class SignDescent(Optimizer):
        def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
            return parameter - self.learning_rate * np.sign(gradient), {}

    w = Tensor(1.0, name="w")
    (to_w, _) = updates_of(w * w, SignDescent(learning_rate=0.25))
    assert to_w.sentence == "w ← SignDescent(w, ∂v1/∂w). w: 1 → 0.75."


def test_what_is_kept_is_told_where_it_is_new_and_where_it_was() -> None:
    w = Tensor(1.0, name="w")
    optimizer = Lion(0.25)
    (to_w, _) = updates_of(w * w, optimizer)
    # 0.01·2 of a mean that was not there, and a step against the sign
    assert to_w.sentence == "w ← Lion(w, ∂v1/∂w). w: 1 → 0.75; momentum(w): new, 0.02."
    optimizer._state[w] = {"momentum": np.float64(1.0)}
    (to_w, _) = updates_of(w * w, optimizer)
    assert to_w.sentence.endswith("momentum(w): 1 → 1.01.")
    (_, to_loss) = updates_of(w * w, SGD(0.0))
    assert to_loss.sentence == "With the new parameters v1 goes from 1 to 1: unchanged."


def test_without_an_optimizer_or_a_gradient_nothing_is_updated() -> None:
    assert not updates_of(lesson().loss, None)
    assert not updates_of(Tensor([1.0, 2.0]) * 2.0, "sgd")
    with pytest.raises(ArgumentError, match="adamm"):
        viz.steps(lesson().loss, optimizer="adamm")


def test_what_was_drawn_at_random_is_not_drawn_anew() -> None:
    from autograd_nn import random

    w = Tensor(np.ones(3), name="w")
    loss = (w * random.normal((3,), seed=1)).sum()
    (to_w, to_loss) = updates_of(loss, SGD(0.1))
    noise = gradients(loss, w)
    assert float(to_loss.after) == pytest.approx(float((to_w.after * noise).sum()), rel=1e-12)


@pytest.mark.usefixtures("travelling")
def test_a_page_of_a_model_has_its_update(tmp_path: Path) -> None:
    model = Sequential([Dense(2, activation="tanh"), Dense(1)])
    model.compile(optimizer=SGD(0.5), loss="mse")
    x, y = np.ones((4, 3), np.float32), np.zeros((4, 1), np.float32)
    page = model.explore(x, y, tmp_path / "page.html")
    data = data_of(page)
    told = [step for step in data["steps"] if step["phase"] == "update"]
    assert len(told) == 5
    labels = {node["id"]: node["label"] for node in data["nodes"]}
    kernel = next(step for step in told if labels[step["node"]].endswith("dense/kernel"))
    before = model.layers[0].kernel.numpy()
    model.train_on_batch(x, y)
    values = {node["id"]: node["value"] for node in data["nodes"]}
    np.testing.assert_allclose(array_of(values[kernel["node"]]), before)
    np.testing.assert_allclose(array_of(kernel["after"]), model.layers[0].kernel.numpy(), rtol=1e-5)
    assert float(array_of(told[-1]["after"])) == pytest.approx(
        float(model.evaluate(x, y, verbose=0)), rel=1e-5
    )
