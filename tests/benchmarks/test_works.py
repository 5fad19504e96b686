"""Every subject starts from the same numbers, and computes the same thing."""

import numpy as np
import pytest

from benchmarks.baselines.step import make_step
from benchmarks.subjects import ours
from benchmarks.works import BY_HAND, CHAIN_ANSWER, LIBRARIES, OURS, SIZES, starting_point, works


@pytest.mark.parametrize("size", SIZES)
def test_starting_point_is_that_of_the_baseline(size: str) -> None:
    x, y, parameters = starting_point(size)
    a = x.astype(float)
    for kernel, bias in zip(parameters[::2], parameters[1::2], strict=True):
        a = 1 / (1 + np.exp(-(a @ kernel + bias)))
    loss = -(y * np.log(a) + (1 - y) * np.log(1 - a)).mean()
    assert make_step(*SIZES[size])() == pytest.approx(loss, rel=1e-5)


def test_the_chain_has_a_derivative_in_closed_form() -> None:
    x = y = 0.5
    derivative = 1.0
    for _ in range(500):
        derivative, y = derivative * x + y + 1, y * x + x
    assert derivative == pytest.approx(CHAIN_ANSWER, rel=1e-12)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("written", [ours.step, ours.step_of_model])
def test_our_steps_follow_the_baseline(written: object, size: str) -> None:
    assert callable(written)
    by_hand = make_step(*SIZES[size])
    call = written(size).call
    assert [call() for _ in range(3)] == pytest.approx([by_hand() for _ in range(3)], rel=1e-5)


@pytest.mark.parametrize("kind", ["scalar", "array"])
def test_our_chain_has_the_right_gradient(kind: str) -> None:
    assert ours.chain(kind).call() == pytest.approx(CHAIN_ANSWER, rel=1e-6)


@pytest.mark.parametrize("name", ["step", "step_large"])
def test_steps_are_compared_with_every_library_that_has_arrays(name: str) -> None:
    work = works()[name]
    labels = [row.library.label for row in work.rows]
    assert len(work.answers) == 3
    assert labels[:3] == [BY_HAND.label, OURS.label, OURS.label]
    assert labels[3:] == ["PyTorch", "JAX jit", "MyGrad", "HIPS autograd"]


def test_labels_are_unique_within_a_work() -> None:
    for work in works().values():
        labels = [row.label for row in work.rows]
        assert len(set(labels)) == len(labels)
        assert {row.library for row in work.rows} <= set(LIBRARIES)
