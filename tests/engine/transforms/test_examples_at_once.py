"""All examples from one call: what each gives alone, and a call for each where it cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from autograd_nn import Operation, Tensor, detect_anomaly, grad, per_example_gradients
from autograd_nn import random as own_random
from autograd_nn.activations import relu, softplus
from autograd_nn.engine.structures import flatten
from autograd_nn.ops import softmax_cross_entropy, sparse_softmax_cross_entropy
from tests.engine.samples import BY_NAME, SAMPLES

pytestmark = pytest.mark.filterwarnings("ignore:The output does not depend")

N = 9
rng = np.random.default_rng(0)
X, Y, Z = rng.normal(size=(N, 5)), rng.normal(size=N), rng.normal(size=(N, 4, 5))
LABELS = rng.integers(3, size=N)
P = {"w": rng.normal(size=(5, 3)), "b": rng.normal(size=3), "flat": rng.normal(size=9)}


class Counted:
    """How often a function is called."""

    def __init__(self, f):
        self.f, self.calls = f, 0

    def __call__(self, *args):
        self.calls += 1
        return self.f(*args)


def check(f, p, *examples, calls=2):
    counted = Counted(f)
    found = flatten(per_example_gradients(counted)(p, *examples))[0]
    assert counted.calls == calls
    rows = [flatten(grad(f)(p, *(x[n] for x in examples)))[0] for n in range(len(examples[0]))]
    for at_once, alone in zip(found, zip(*rows, strict=True), strict=True):
        expected = np.stack(alone)
        assert (at_once.shape, at_once.dtype) == (expected.shape, expected.dtype)
        np.testing.assert_allclose(at_once, expected, rtol=1e-10, atol=1e-12)


def network(p, x, y):
    h = np.tanh(p["flat"].reshape(3, 3) @ relu(x @ p["w"] + p["b"]))
    return softmax_cross_entropy(h, np.eye(3)[0] * y)


AT_ONCE = [
    (network, X, Y),
    (
        lambda p, x, y: sparse_softmax_cross_entropy(x @ p["w"], y) + (p["flat"] ** 2).sum(),
        X,
        LABELS,
    ),
    (lambda p, x: np.sum(np.tanh(x @ p["w"]) * p["b"]), Z),
    (lambda p, x: np.sum(x.T @ (x @ p["w"])), Z),
    (lambda p, x: p["flat"][:5] @ x.mean(axis=0) + np.max(x @ p["w"]), Z),
    (lambda p, x: np.sum(p["flat"][:4] @ x), Z),
    (lambda p, x, y: np.where(p["b"][0] * y > 0, 2.0, -1.0) * softplus(p["b"][1] * y), X, Y),
    (lambda p, x: np.linalg.norm(np.concatenate([p["b"], x[:2]])), X),
    (lambda p, x: np.einsum("ij,ti,tk->jk", p["w"], x, x).sum(), Z),
    (lambda p, x: np.log(np.linalg.det(x @ x.T + 9 * np.eye(4)) * p["b"][0] ** 2), Z),
    (lambda p, x: sum(np.split(x @ p["w"], 3))[0] * 2, X),
    (lambda p, x: np.std(np.stack([x @ p["w"], p["b"]])) * np.prod(x), X),
    (lambda p, x: (p["b"].sum() if (x < 99).all() else p["flat"].sum()) * x[0], X),
]


@pytest.mark.parametrize("case", AT_ONCE)
def test_one_call_gives_what_each_example_gives(case):
    f, *examples = case
    check(f, P, *examples)


@pytest.mark.parametrize(
    "f",
    [
        lambda p, x: p["b"][0] * x[0] if x[0] > 0 else p["b"][1] * x[0],
        lambda p, x: p["flat"][int(abs(x[0]))] * x[1],
        lambda p, x: p["b"] @ np.array([x[0], x[1], 1.0]),
        lambda p, x: p["b"][len(f"{x[0]:.3f}") % 2] * x[1],
        lambda p, x: p["b"][0] * x.tolist()[0],
        lambda p, x: p["b"] @ p["b"],
        lambda p, x: p["b"][{True: 0, False: 1}[bool(x[0] > 0)]] * x[1],
    ],
)
def test_what_looks_at_an_example_is_called_for_each(f):
    check(f, P, X, calls=1 + N)


def test_what_draws_or_counts_is_called_for_each():
    drawn = np.random.default_rng(1)
    found = per_example_gradients(lambda w, x: w * x * drawn.normal())(1.0, np.ones(N))
    assert len(set(found)) == N
    found = per_example_gradients(lambda w, x: w * x * own_random.normal(()))(1.0, np.ones(N))
    assert len(set(found)) == N
    counted = []
    found = per_example_gradients(lambda w, x: counted.append(1) or w * x * len(counted))(
        1.0, np.ones(N)
    )
    assert np.diff(found).tolist() == [1.0] * (N - 1)


def test_what_is_wrong_with_one_example_is_said():
    labels = LABELS.copy()
    labels[2] = -1
    with pytest.raises(ValueError, match="label -1"):
        per_example_gradients(lambda w, x, y: sparse_softmax_cross_entropy(x @ w, y))(
            P["w"], X, labels
        )


def test_own_operations():
    def rule(g, out, x):
        assert x.ndim == 2
        return g.T * 3  # of one example: the result is the transposed

    transposed = Operation("transposed", value=lambda x: 3 * x.T, gradients=(rule,))
    check(lambda p, x: (transposed(p["w"] * x[:, None]) ** 2).sum(), P, X)

    def written(g, out, x):
        g *= 2
        return g

    own = Operation("own", value=lambda x: 2 * x, gradients=(written,))
    with pytest.raises(ValueError, match="writes into"):
        per_example_gradients(lambda w, x: own(w * x).sum())(np.ones(5), X)


def test_float32_memory_and_anomalies():
    w, x = P["w"].astype(np.float32), X.astype(np.float32)
    found = per_example_gradients(lambda w, x: np.tanh(x @ w).sum())(w, x)
    assert (found.dtype, found.shape) == (np.float32, (N, 5, 3))
    first, second = per_example_gradients(lambda a, b, x: ((a + b) * x).sum(), (0, 1))(
        X[0], X[1], X
    )
    first += 1
    assert not np.shares_memory(first, second)
    np.testing.assert_array_equal(second, X)
    with detect_anomaly():
        check(lambda p, x: p["b"][0] * x[0], P, X, calls=N)
    check(lambda p, x: p["b"][0] * x[0], P, Tensor(X).data)
    found = per_example_gradients(lambda w, x: w @ x)(np.ones(5), Tensor(X))
    np.testing.assert_array_equal(found, X)


EVERY = [
    (BY_NAME[name], case, f"{name}-{number}")
    for name, cases in SAMPLES.items()
    for number, case in enumerate(cases)
]
CASES = [
    pytest.param(operation, case, id=name, marks=pytest.mark.slow if place % 15 else ())
    for place, (operation, case, name) in enumerate(EVERY)
]


@pytest.mark.parametrize(("operation", "case"), CASES)
@pytest.mark.filterwarnings("ignore")
def test_every_operation(operation, case):
    """Of Σ weights · operation(x · s), with s the example, by every x of floating point."""
    places = [
        place
        for place, x in enumerate(case.inputs)
        if np.asarray(x).dtype == np.float64 and type(x) is not float
    ]
    if not places:
        return

    def f(given, s):
        inputs = list(case.inputs)
        for place, x in zip(places, given, strict=True):
            inputs[place] = x * s
        results = operation(*inputs, **case.attributes)
        results = results if isinstance(results, tuple) else (results,)
        results = [r for r in results if type(r) is Tensor and r.requires_grad]
        return sum((np.sin(1 + np.arange(r.size)) * r.reshape(-1)).sum() for r in results)

    given = [np.asarray(case.inputs[place]) for place in places]
    s = 1 + 0.01 * np.arange(N)
    with np.errstate(all="ignore"):
        try:
            rows = [grad(f)(given, one) for one in s]
        except (TypeError, ValueError):  # nothing that has a gradient
            return
        for found, row in zip(
            per_example_gradients(f)(given, s), zip(*rows, strict=True), strict=True
        ):
            np.testing.assert_allclose(found, np.stack(row), rtol=1e-9, atol=1e-11)
