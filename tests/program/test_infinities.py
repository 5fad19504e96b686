"""Programs at the ends of the numbers: infinite, denormal, NaN; given after they were recorded."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from autograd_nn import Tensor, gradients, ops
from autograd_nn.engine.graph import topological
from autograd_nn.jit.compiling import compiled_step
from autograd_nn.program.memory import Memory
from autograd_nn.program.planning.planner import plan
from tests.program.agreement import assert_close, assert_equal
from tests.program.graphs import Recipe, recipes

INF = np.inf
DTYPES = [np.float32, np.float64]

# Logit, label, −y log σ(z) − (1 − y) log(1 − σ(z)) in the limit, and its slope σ(z) − y.
BINARY = [
    (INF, 1.0, 0.0, 0.0),
    (INF, 0.5, INF, 0.5),
    (INF, 0.0, INF, 1.0),
    (-INF, 0.0, 0.0, 0.0),
    (-INF, 0.5, INF, -0.5),
    (-INF, 1.0, INF, -1.0),
]
# Logits, the class that is asked for, −log softmax in the limit, and its slopes.
SPARSE = [
    ([-INF, 0.0, 0.0], 1, np.log(2), [0.0, -0.5, 0.5]),
    ([-INF, 0.0, 0.0], 0, INF, [-1.0, 0.5, 0.5]),
    ([-INF, 3.0, -INF], 1, 0.0, [0.0, 0.0, 0.0]),
    ([INF, 0.0, 1.0], 0, 0.0, [0.0, 0.0, 0.0]),
    ([INF, 0.0, 1.0], 2, INF, [1.0, 0.0, -1.0]),
]
LABELS = np.array([label for _, label, _, _ in SPARSE])


def binary(dtype: Any) -> tuple[list[Any], Callable[..., Any]]:
    z, y, _, _ = (np.array(column, dtype) for column in zip(*BINARY, strict=True))
    return [z, y], lambda z, y, w: (ops.sigmoid_cross_entropy(z, y, ops.sigmoid(z)) * w).sum()


def sparse(dtype: Any) -> tuple[list[Any], Callable[..., Any]]:
    rows = [row for row, *_ in SPARSE]
    return [np.array(rows, dtype)], lambda z, w: (
        ops.sparse_softmax_cross_entropy(z, LABELS, ops.softmax(z)) * w
    ).sum()


def dense(dtype: Any) -> tuple[list[Any], Callable[..., Any]]:
    (rows,), _ = sparse(dtype)
    y = np.eye(3, dtype=dtype)[[label for _, label, _, _ in SPARSE]]
    return [rows], lambda z, w: (ops.softmax_cross_entropy(z, y, ops.softmax(z)) * w).sum()


EXPECTED = {
    binary: ([x for *_, x, _ in BINARY], [x for *_, x in BINARY]),
    sparse: ([x for *_, x, _ in SPARSE], [x for *_, x in SPARSE]),
    dense: ([x for *_, x, _ in SPARSE], [x for *_, x in SPARSE]),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("cross_entropy", EXPECTED)
def test_a_cross_entropy_follows_the_limit(cross_entropy: Any, dtype: Any) -> None:
    """Eagerly without a warning, and by a program that was recorded on other numbers."""
    values, slopes = EXPECTED[cross_entropy]
    data, computed = cross_entropy(dtype)
    z = Tensor(data[0])
    weights = Tensor(np.ones(len(data[0]), dtype))
    loss = computed(z, *data[1:], weights)
    # The gradient of the weights are the single losses.
    found = gradients(loss, [weights, z])
    recorded = [Tensor(np.linspace(-1, 1, d.size).reshape(d.shape).astype(dtype)) for d in data]
    weights = Tensor(np.ones(len(data[0]), dtype))
    program = computed(*recorded, weights).program([weights, recorded[0]])
    for tensor, array in zip(recorded, data, strict=True):
        tensor.data = array
    with np.errstate(invalid="ignore"):
        ways = [found, program()[1], program.plain()[1]]
    for single, slope in ways:
        np.testing.assert_allclose(single, np.array(values, dtype), rtol=1e-6, atol=0)
        np.testing.assert_allclose(slope, np.array(slopes, dtype), rtol=1e-6, atol=0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.slow
def test_compiled_too(dtype: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path))
    wrt: list[Tensor] = []
    loss: Any = 0.0
    for cross_entropy in (binary, sparse):
        data, computed = cross_entropy(dtype)
        weights = Tensor(np.ones(len(data[0]), dtype))
        z = Tensor(data[0])
        loss = loss + computed(z, *data[1:], weights)
        wrt += [weights, z]
    memory = Memory(wrt)
    # Labels that are given are checked before a call; others have to be checked inside of it, and
    # that does not compile.
    made = plan(loss, wrt, {"labels": LABELS}, memory, compile_steps=compiled_step)
    memory.take_in()
    _, *results = made.step(LABELS)
    found = made.gradients(results)
    expected = [*EXPECTED[binary], *EXPECTED[sparse]]
    for tensor, right in zip(wrt, expected, strict=True):
        np.testing.assert_allclose(found[tensor], np.array(right, dtype), rtol=1e-6, atol=0)


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sigmoid": ops.sigmoid,
    "sigmoid_slope": ops.sigmoid_slope,
    "relu": ops.relu,
    "softplus": ops.softplus,
    "tanh": np.tanh,
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "expm1": np.expm1,
    "sqrt": np.sqrt,
    "square": np.square,
    "absolute": np.abs,
    "minus absolute": lambda x: -abs(x),
    "clip": lambda x: x.clip(-1.0, 2.0),
    "reciprocal": lambda x: 1 / x,
    "cube": lambda x: x**3,
    "root": lambda x: x**0.5,
    "power -1": lambda x: x**-1,
    "power 0": lambda x: x**0,
    "maximum": lambda x: np.maximum(x, 0.0),
    "minimum": lambda x: np.minimum(x, 1.0),
    "two factors": lambda x: x * 2.0 * 3.0,
    "factors beyond the range": lambda x: x * 1e20 * 1e20,
    "quotient of itself": lambda x: x / x,
    "difference to itself": lambda x: x - x,
    "times 0": lambda x: x * 0.0,
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_as_recording_anew_gives_it(name: str, dtype: Any) -> None:
    limits = np.finfo(dtype)
    positive = [0.0, 1.0, 17.0, 20.0, 88.5, 104.0, 709.5, 746.0, INF, limits.max, limits.tiny / 8]
    ends = np.array([sign * x for sign, x in itertools.product((1, -1), positive)] + [np.nan])
    ends = ends.astype(dtype)
    x = Tensor(np.linspace(0.5, 1.5, len(ends)).astype(dtype))
    weights = Tensor(np.ones(len(ends), dtype))
    computed = FUNCTIONS[name]
    program = (computed(x) * weights).sum().program([weights, x])
    x.data = ends
    anew = Tensor(ends)
    expected = gradients((computed(anew) * weights).sum(), [weights, anew])
    for found in (program()[1], program.plain()[1]):
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=200 * limits.eps, atol=4 * limits.tiny)


SPECIAL = [np.inf, -np.inf, np.nan, 0.0, -0.0, 1e-40, 200.0, -200.0]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@settings(max_examples=100)
@given(recipes(steps=8), st.integers(0, 1000), st.data())
def test_random_programs_with_special_numbers_given_later(
    recipe: Recipe, seed: int, data: st.DataObject
) -> None:
    """Values; gradients multiply what is infinite by slopes that round to 0 or not."""
    leaves = recipe.tensors()
    program = recipe.computed(leaves)[-1].program(leaves)
    anew = []
    for leaf, numbers in zip(leaves, recipe.other_data(seed), strict=True):
        array = np.array(numbers)
        if array.size and data.draw(st.booleans()):
            array.reshape(-1)[0] = data.draw(st.sampled_from(SPECIAL))
        leaf.data = array[()]
        anew.append(Tensor(array[()], name=leaf.name))
    nodes = topological(recipe.computed(anew)[-1])
    loss = nodes[-1]
    numbers = [x.data for x in nodes if type(x.data) is not tuple and x.dtype.kind == "f"]
    eps = max(np.finfo(x.dtype).eps for x in numbers)
    scale = max(np.max(np.abs(x), initial=1, where=np.isfinite(x)) for x in numbers)
    assert_equal(program.plain()[0], loss.data)
    assert_close(program()[0], loss.data, 1000 * eps, float(scale))
