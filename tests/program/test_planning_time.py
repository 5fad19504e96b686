"""Planning takes time in proportion to the program; counted in lines that run, not by a clock."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, gradients, ops
from autograd_nn.engine.graph import topological
from autograd_nn.jit import NotCompilable
from autograd_nn.jit.allocation import Allocation
from autograd_nn.jit.compiling import LONGEST, compiled_step
from autograd_nn.jit.fusing import Fusing
from autograd_nn.optimizers import SGD, Adam
from autograd_nn.program.memory import Memory
from autograd_nn.program.planning.planner import plan


def chain(x: Any, n: int) -> Any:
    for _ in range(n):
        x = np.tanh(x * 1.01)
    return x.sum()


def all_live_at_once(x: Any, n: int) -> Any:
    parts = [np.tanh(x * (i * 0.001)) for i in range(n)]
    return sum(part * part for part in parts).sum()


def views(x: Any, n: int) -> Any:
    for _ in range(n):
        x = x[::-1].reshape(5, -1).T.reshape(-1) * 0.99
    return x.sum()


def sums_and_arrays_in_turn(x: Any, n: int) -> Any:
    for _ in range(n):
        x = x * 0.5 + x.sum() * 0.001
    return x.sum()


def many_shapes(x: Any, n: int) -> Any:
    total: Any = 0.0
    for i in range(n):
        total = total + np.tanh(np.concatenate([x] * (i % 20 + 1))[: 1 + (7 * i) % 500]).sum()
    return total


def one_of_many(x: Any, n: int) -> Any:
    return np.concatenate([x * (i + 1.0) for i in range(n)]).sum()


def layers(x: Any, n: int) -> Any:
    x = x.reshape(5, 10)
    for _ in range(n // 4):
        x = ops.softmax(x @ x.T @ x)
    return (x * x).mean()


def lines_run(f: Callable[[], Any]) -> int:
    """How many lines of Python run in a call."""
    count = 0

    def trace(frame: Any, event: str, argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        f()
    finally:
        sys.settrace(before)
    return count


def planning(loss: Tensor, wrt: list[Tensor], optimizer: Any = None) -> Callable[[], Any]:
    return lambda: plan(loss, wrt, {}, Memory(wrt, optimizer))


@pytest.mark.parametrize(
    "program",
    [
        chain,
        all_live_at_once,
        views,
        sums_and_arrays_in_turn,
        many_shapes,
        one_of_many,
        layers,
    ],
)
def test_four_times_the_operations_take_four_times_the_lines(program: Any) -> None:
    counts = []
    for n in (60, 240):
        x = Tensor(np.linspace(-1, 1, 50), name="x")
        counts.append(lines_run(planning(program(x, n), [x])))
    assert counts[1] < 4.4 * counts[0]


@pytest.mark.parametrize("optimizer", [None, SGD(clipnorm=1.0), Adam(global_clipnorm=1.0)])
def test_four_times_the_parameters_take_four_times_the_lines(optimizer: Any) -> None:
    counts = []
    for n in (30, 120):
        wrt = [Tensor(np.ones(5), name=f"w_{i}") for i in range(n)]
        loss: Any = sum((w * w).sum() for w in wrt)
        counts.append(lines_run(planning(loss, wrt, optimizer)))
    assert counts[1] < 4.4 * counts[0]


def test_a_program_with_very_much_memory() -> None:
    """Its arrays are global, and it gives what it gave."""
    x = Tensor(np.linspace(0, 0.1, 50), name="x")
    loss = all_live_at_once(x, 1200)
    program = loss.program(x)
    assert "    global " in program.source
    value, gradient = program()
    np.testing.assert_allclose(value, loss.data, rtol=1e-12)
    np.testing.assert_allclose(gradient, gradients(loss, x), rtol=1e-12)


@pytest.mark.parametrize(
    "name", ["file", *(pytest.param(name, marks=pytest.mark.slow) for name in ("results", "loss"))]
)
def test_its_global_names_are_not_those_of_the_file_it_is_saved_in(
    name: str, tmp_path: Any
) -> None:
    x = Tensor(np.linspace(0, 0.1, 50), name=name)
    loss = all_live_at_once(x, 1200)
    for node in list(topological(loss))[1:-1:100]:
        node.name = name
    path = tmp_path / "step.py"
    loss.program(x).save(path)
    found, gradient = runpy.run_path(str(path), run_name="__main__")["step"]()
    np.testing.assert_allclose(found, loss.data, rtol=1e-12)
    np.testing.assert_allclose(gradient, gradients(loss, x), rtol=1e-12)


def test_what_waits_in_turn_is_put_in_order_without_recursion() -> None:
    x = Tensor(np.linspace(-1, 1, 50), name="x")
    made = plan(sums_and_arrays_in_turn(x, 700), [], {}, Memory([]))
    steps = made.stages[-1].steps
    fusing = Fusing(steps, Allocation(steps, dict.fromkeys(made.written.arguments, x.data)))
    assert len(fusing.items) >= 700


def test_too_many_steps_are_not_compiled() -> None:
    x = Tensor(np.linspace(-1, 1, 50), name="x")
    with pytest.raises(NotCompilable, match=f"steps.*up to {LONGEST:,} are compiled"):
        plan(chain(x, LONGEST), [x], {}, Memory([x]), compile_steps=compiled_step)
