"""The recorded graph: its order, its walks, its memory."""

from __future__ import annotations

import contextlib
import gc
import subprocess
import sys
import textwrap
import weakref

import numpy as np
import pytest

from autograd_nn import Tensor, gradients
from autograd_nn.engine.graph import between, topological
from autograd_nn.engine.reverse import walk_back


@pytest.fixture
def without_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def names(tensors):
    return [t.name or (t.operation and t.operation.name) for t in tensors]


def test_diamond():
    """b = a + a, c = b + b: dc/da = 4, and the interior node is visited once."""
    a = Tensor(3.0, name="a")
    b = a + a
    c = b + b
    c.backward()
    assert (c.item(), c.grad, b.grad, a.grad) == (12.0, 1.0, 2.0, 4.0)
    assert names(topological(c)) == ["a", "add", "add"]


def test_two_backwards_through_a_reused_node():
    """y = 2b, b = a² at 3: dy/da = 4a = 12, and 24 after the second call."""
    a = Tensor(3.0)
    b = a * a
    y = b + b
    for times in (1, 2):
        y.backward()
        assert (a.grad, b.grad) == (12.0 * times, 2.0)


def test_branches_of_different_depth_meet():
    """f = x·eˣ + eˣ: f' = (x + 2)·eˣ."""
    x = Tensor(0.5)
    e = x.exp()
    y = x * e + e
    y.backward()
    assert abs(x.grad - 2.5 * np.exp(0.5)) < 1e-14


def test_a_square_has_two_inputs():
    x = Tensor(3.0, name="x")
    y = x * x
    assert len(y.inputs) == 2
    assert y.inputs[0] is x
    assert y.inputs[1] is x
    assert [(c.slot, c.contribution) for c in walk_back(y)] == [(0, 3.0), (1, 3.0)]


def test_order_is_inputs_first_left_to_right_and_stable():
    def build():
        a, b, c = (Tensor(float(i), name=n) for i, n in enumerate("abc"))
        left = a * b
        right = np.exp(c)
        return (left - right) / (right + left + 2.0)

    expected = ["a", "b", "multiply", "c", "exp", "subtract", "add", "add", "divide"]
    for _ in range(3):
        y = build()
        order = topological(y)
        assert names(order) == expected
        assert names(topological(y, leaves=False)) == [n for n in expected if len(n) > 1]
        place = {t: i for i, t in enumerate(order)}
        for node in order:
            assert all(place[x] < place[node] for x in node.inputs if isinstance(x, Tensor))


def test_constants_are_not_nodes():
    x, a = Tensor([1.0, 2.0], name="x"), np.array([1.0, 2.0])
    assert names(topological(x * a - 3)) == ["x", "multiply", "subtract"]
    c = Tensor([1.0, 2.0], requires_grad=False, name="c")
    assert names(topological(c * 2.0 + x * c)) == [None, "x", "c", "multiply", "add"]


def test_between():
    x, y = Tensor(1.0, name="x"), Tensor(2.0, name="y")
    a = x.exp()
    b = y.sin()
    out = a * b
    order = topological(out)
    assert between(order, [x]) == {x, a, out}
    assert between(order, [a, x]) == {x, a, out}
    assert between(order, [y]) == {y, b, out}


@pytest.mark.usefixtures("without_collector")
def test_a_long_chain_is_built_differentiated_and_freed():
    x = Tensor(1.0)
    y = x
    for _ in range(50_000):
        y = y + 1.0
    assert y.item() == 50_001.0
    assert len(topological(y)) == 50_001
    assert sum(1 for _ in walk_back(y)) == 50_000
    y.backward()
    assert x.grad == 1.0
    assert gradients(y, x, create_graph=True).item() == 1.0
    before = len(gc.get_objects())
    del y, _
    assert before - len(gc.get_objects()) >= 50_000


def test_doublings_are_walked_once():
    """2³⁰ paths, 30 nodes, 60 edges."""
    x = Tensor(1.0)
    y = x
    for _ in range(30):
        y = y + y
    assert len(topological(y)) == 31
    assert sum(1 for _ in walk_back(y)) == 60
    y.backward()
    assert x.grad == 2.0**30
    assert gradients(y, x, create_graph=True).item() == 2.0**30


@pytest.mark.parametrize("n", [1_000, 2_000])
def test_the_sweep_calls_each_rule_once(n):
    """Work grows with the number of edges: counted, not timed."""
    from autograd_nn import Operation

    calls = []
    rule = lambda g, out, x, y: calls.append(1) or g  # noqa: E731
    plus = Operation("plus", value=lambda x, y: x + y, gradients=(rule, rule))
    x = Tensor(1.0)
    y = x
    for _ in range(n):
        y = plus(y, x)
    y.backward()
    assert len(calls) == 2 * n
    assert x.grad == n + 1


@pytest.mark.usefixtures("without_collector")
def test_dropping_the_loss_frees_the_graph_at_once():
    w = Tensor(np.ones((4, 3)))

    def step():
        hidden = (np.ones((5, 4)) @ w).sigmoid()
        pieces = np.split(hidden, 3, axis=1)
        loss = (
            (pieces[0] * pieces[2]).mean() + np.concatenate(pieces, axis=0).sum() + w[[0, 0]].max()
        )
        w.zero_grad()
        loss.backward()
        arrays = [weakref.ref(t._data) for t in (hidden, *pieces)]
        return loss, arrays

    loss, arrays = step()
    assert all(array() is not None for array in arrays)
    del loss
    assert all(array() is None for array in arrays)
    step()
    before = len(gc.get_objects())
    for _ in range(20):
        step()
    assert abs(len(gc.get_objects()) - before) < 5


@pytest.mark.usefixtures("without_collector")
def test_gradients_that_are_recorded_are_freed_too():
    x = Tensor(np.ones(3))

    def second():
        (first,) = gradients((x**3).sum(), [x], create_graph=True)
        return gradients(first.sum(), x)

    assert second().tolist() == [6.0, 6.0, 6.0]
    before = len(gc.get_objects())
    for _ in range(20):
        second()
    assert abs(len(gc.get_objects()) - before) < 5


@pytest.mark.usefixtures("without_collector")
def test_an_error_leaves_no_graph_behind():
    x = Tensor(np.ones(3))

    def fail():
        with contextlib.suppress(ValueError):
            (x * 2) @ np.ones(4)
        with contextlib.suppress(RuntimeError):
            (x * 2).backward()

    fail()
    before = len(gc.get_objects())
    for _ in range(20):
        fail()
    assert abs(len(gc.get_objects()) - before) < 5


MILLION = """
    import gc, resource, sys
    import numpy as np
    from autograd_nn import Tensor

    def resident():
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize()

    gc.disable()
    n = int(sys.argv[1])
    x = Tensor(1.0)
    (x + 1.0).backward()
    x.zero_grad()
    before = resident()
    y = x
    for _ in range(n):
        y = y + 1.0
    y.backward()
    assert y.item() == n + 1.0 and x.grad == 1.0
    after = resident()
    # Not ru_maxrss, which counts what the process was before it became this one.
    with open("/proc/self/status") as file:
        peak = next(int(s.split()[1]) * 1024 for s in file if s.startswith("VmHWM"))
    objects = len(gc.get_objects())
    y = None
    assert objects - len(gc.get_objects()) >= n
    print((after - before) / n, (peak - before) / n, (resident() - before) / n)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_million_additions_fit_into_300_bytes_each():
    """Built, differentiated and freed with the cyclic collector off, in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(MILLION), "1000000"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    after, peak, freed = map(float, run.stdout.split())
    assert after < 300
    assert peak < 300
    assert freed < 60
