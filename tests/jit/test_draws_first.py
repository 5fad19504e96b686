"""Random draws are taken out of the steps that are compiled, in their order."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn import Tensor, random
from autograd_nn.jit.before_a_call import draws_first
from autograd_nn.program.memory import Memory
from autograd_nn.program.planning.planner import plan


def test_the_steps_read_arrays_that_the_draws_fill() -> None:
    x = Tensor(np.ones(3), name="x")
    source, same = random.generator(4), np.random.Generator(random.generator(4).bit_generator)
    loss = (x * random.normal((3,), dtype="float64", seed=source)).sum()
    loss = loss + (x * random.uniform((2, 1), dtype="float64", seed=source)).sum()
    taken: list[Any] = []
    plan(loss, [x], {}, Memory([]), compile_steps=lambda *given: taken.append(given))
    steps, drawn = draws_first(taken[0][0])
    assert not any(value.kind == "generator" for step in steps.steps for value in step.read())
    assert {value for value in steps.leaves() if value.role == "array"} == drawn.keys()
    same.standard_normal(3), same.random((2, 1))  # what the recording drew
    expected = [same.standard_normal(3), same.random((2, 1))]
    for draw, then in zip(drawn.values(), expected, strict=True):
        assert draw.array.shape == then.shape
        np.testing.assert_array_equal(draw.content(), then)


def test_steps_that_draw_nothing_stay_as_they_are() -> None:
    x = Tensor(np.ones(3), name="x")
    taken: list[Any] = []
    plan((x * x).sum(), [x], {}, Memory([]), compile_steps=lambda *given: taken.append(given))
    steps, drawn = draws_first(taken[0][0])
    assert steps is taken[0][0] and not drawn
