"""Weights that are no parameters are assigned to inside of a layer: part of the recorded step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, compiled, random
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.recording import scope
from autograd_nn.optimizers import SGD
from autograd_nn.program.capture.observer import Observer
from autograd_nn.program.program import Program
from autograd_nn.program.refusals import NotTraceable

rng = np.random.default_rng(0)


def step(x: Any, w: Tensor, mean: Tensor, count: Tensor) -> Tensor:
    h = x * w
    with scope("normalisation"):
        batch = h.mean(0)
        mean.assign(mean * 0.9 + batch * 0.1)
        count.assign_add(1.0)
        y = h - batch
    return (y**3).sum() + (y**2).sum()


def tensors(w: Any, mean: Any, count: Any) -> tuple[Tensor, Tensor, Tensor]:
    return Tensor(w), Tensor(mean, requires_grad=False), Tensor(count, requires_grad=False)


@pytest.mark.parametrize("optimizer", [None, SGD(0.1)], ids=["gradients", "a step"])
def test_a_running_mean_and_a_count_go_on_as_they_do_eagerly(optimizer: Any) -> None:
    x = Tensor(rng.normal(size=(5, 3)), requires_grad=False)
    w, mean, count = tensors(np.ones(3), np.zeros(3), 0.0)
    with Observer() as observer:
        loss = step(x, w, mean, count)
    assert observer.notes == []
    program = Program(loss, [w], optimizer, {"x": x}, observer.assignments)
    eager = tensors(w.data, mean.data, count.item())
    for call in range(6):
        batch = rng.normal(size=(5, 3))
        expected = step(Tensor(batch), *eager)
        found = (program if call % 2 else program.plain)(x=batch)
        assert np.isclose(found if optimizer else found[0], expected.item(), rtol=1e-12)
        expected.backward()
        if optimizer is None:
            np.testing.assert_allclose(found[1][0], eager[0].grad, rtol=1e-9)
        else:
            eager[0].data -= 0.1 * eager[0].grad
        eager[0].zero_grad()
        for mine, theirs in zip((w, mean, count), eager, strict=True):
            np.testing.assert_allclose(mine.data, theirs.data, rtol=1e-12)


def test_what_is_read_after_it_was_assigned_to_is_refused() -> None:
    w, mean, _ = tensors(np.ones(3), np.zeros(3), 0.0)
    with Observer() as observer, scope("layer"):
        mean.assign(w * 2.0)
        loss = (w * mean).sum()
    with pytest.raises(NotTraceable, match="is read after it was assigned to"):
        Program(loss, [w], None, None, observer.assignments)


def test_a_function_that_assigns_runs_as_it_is_written() -> None:
    total = Tensor(np.zeros(2), requires_grad=False)

    @compiled
    def added(x: Any) -> Any:
        with scope("layer"):
            total.assign_add(x)
        return x * 2.0

    with pytest.warns(UserWarning, match="assigns to weights"):
        added(np.array([1.0, 2.0]))
    for call in range(1, 6):
        assert added(np.array([1.0, 2.0])).tolist() == [2.0, 4.0]
        assert total.tolist() == [1.0 + call, 2.0 * (1.0 + call)]


def test_what_can_be_assigned() -> None:
    w = Tensor([1.0, 2.0])
    w.assign([3, 4])
    assert w.tolist() == [3.0, 4.0]
    w.assign_sub(Tensor([1.0, 1.0]))
    assert w.tolist() == [2.0, 3.0]
    w.assign_add(1)
    assert w.tolist() == [3.0, 4.0]
    with pytest.raises(ValueError, match="shape"):
        w.assign([1.0])
    with pytest.raises(RuntimeError, match="computed by multiply"):
        (w * 2).assign([1.0, 2.0])
    with pytest.raises(TypeError, match="would not keep"):
        Tensor([1], dtype=int).assign([0.5])


def test_a_trial_is_undone() -> None:
    w, n, source = Tensor([1.0, 2.0]), Tensor(3.0), random.generator(0)
    with undone():
        w.assign([5.0, 6.0])
        w.data = [7.0, 8.0]
        n.assign_add(1.0)
        drawn = random.normal(3, seed=source)
    assert w.tolist() == [1.0, 2.0]
    assert n.item() == 3.0
    assert random.normal(3, seed=source).tolist() == drawn.tolist()
