"""Forms of functions on random indices, sums of products, orders and remainders, run by Python."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Any

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given, settings

from autograd_nn import Tensor, gradients, ops, special
from autograd_nn.jit import compiling
from autograd_nn.program.memory import Memory
from autograd_nn.program.planning.planner import plan
from tests.jit.as_python import run_by_python
from tests.program.agreement import assert_close
from tests.program.graphs import Recipe, recipes
from tests.program.test_random_programs import in_single, scale_of


@pytest.fixture(autouse=True, scope="module")
def by_python() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        run_by_python(patch)
        yield


def assert_same(loss: Tensor, leaves: list[Tensor], outputs: Any = ()) -> None:
    """The program for a compiler gives the loss, its gradients and the outputs."""
    expected = gradients(loss, leaves)
    steps = compiling.compiled_step
    made = plan(loss, leaves, {}, Memory([]), outputs, compile_steps=steps)
    made.memory.take_in()
    value, *results = made.step()
    np.testing.assert_allclose(value, loss.data, rtol=1e-12, atol=1e-12)
    found = made.gradients(results)
    for leaf, g in zip(leaves, expected, strict=True):
        if g is not None:
            np.testing.assert_allclose(found[leaf], g, rtol=1e-12, atol=1e-12)
    for result, output in zip(results[len(made.others) :], outputs, strict=True):
        np.testing.assert_array_equal(result, output.data)


def weighted(x: Tensor) -> Tensor:
    return (x * np.arange(1.0, 1 + x.size).reshape(x.shape)).sum()


@st.composite
def keys(draw: Any, shape: tuple[int, ...]) -> Any:
    """What may stand in brackets behind an array of this shape, arrays among it."""
    left = list(shape)
    found: list[Any] = []
    counted = draw(st.sampled_from([(), (1,), (3,), (2, 1), (2, 3)]))
    has_mask = False
    while left and draw(st.integers(0, 5)):
        length = left[0]
        kind = draw(st.sampled_from(["int", "slice", "none", "array", "array", "mask", "rest"]))
        if kind == "none":
            found.append(None)
            continue
        if kind == "rest" and ... not in [k for k in found if not isinstance(k, np.ndarray)]:
            found.append(...)
            skipped = draw(st.integers(0, len(left)))
            del left[:skipped]
            continue
        if kind == "mask" and not has_mask:
            has_mask = True
            bits = draw(st.lists(st.booleans(), min_size=length, max_size=length))
            found.append(np.array(bits))
            left.pop(0)
            continue
        left.pop(0)
        if kind == "int":
            found.append(draw(st.integers(-length, length - 1)))
        elif kind == "array":
            own = draw(st.sampled_from([counted, counted[-1:], (1,) * len(counted)]))
            size = int(np.prod(own))
            places = draw(st.lists(st.integers(-length, length - 1), min_size=size, max_size=size))
            dtype = draw(st.sampled_from([np.int64, np.int32, np.int8]))
            found.append(np.array(places, dtype).reshape(own))
        else:
            steps = st.sampled_from([None, 1, 2, -1, -2])
            ends = st.none() | st.integers(-length - 1, length + 1)
            found.append(slice(draw(ends), draw(ends), draw(steps)))
    return tuple(found)


@st.composite
def indexed(draw: Any) -> tuple[Any, Any]:
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple))
    x = np.random.default_rng(draw(st.integers(0, 99))).normal(size=shape)
    key = draw(keys(shape))
    try:
        taken = x[key]
    except IndexError:  # shapes of arrays that do not fit
        assume(False)
    assume(any(isinstance(k, np.ndarray) for k in key))
    arrays = [k for k in key if isinstance(k, np.ndarray)]
    # Beside arrays a mask is refused: one that chooses one element is stretched.
    assume(taken.size and not any(k.dtype == bool for k in arrays) or len(arrays) == 1)
    return x, key


@settings(max_examples=60)
@given(indexed())
def test_elements_at_places(case: tuple[Any, Any]) -> None:
    data, key = case
    x = Tensor(data, name="x")
    assert_same(weighted(x[key] ** 2), [x])


@settings(max_examples=40)
@given(indexed(), st.booleans())
def test_values_put_at_places(case: tuple[Any, Any], adds: bool) -> None:
    data, key = case
    x, v = Tensor(data, name="x"), Tensor(np.random.default_rng(1).normal(size=data[key].shape))
    put = x.at[key].add(v) if adds else x.at[key].set(v)
    assert_same(weighted(put**2), [x, v])


@settings(max_examples=60)
@given(st.data())
def test_sums_of_products(data: Any) -> None:
    letters = string.ascii_lowercase[: data.draw(st.integers(1, 4))]
    names = data.draw(st.lists(st.text(letters, min_size=1, max_size=3), min_size=1, max_size=3))
    known = sorted({k for name in names for k in name})
    result = "".join(data.draw(st.permutations(known))[: data.draw(st.integers(0, len(known)))])
    sizes = {k: data.draw(st.integers(1, 3)) for k in known}
    random = np.random.default_rng(0)
    leaves = [Tensor(random.normal(size=[sizes[k] for k in name])) for name in names]
    found = np.einsum(f"{','.join(names)}->{result}", *leaves)
    assert_same(weighted(found) if found.ndim else found * 1.5, leaves)


ENDS = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 0.1, 1e300]


@settings(max_examples=40)
@pytest.mark.filterwarnings("ignore:invalid value")
@given(st.lists(st.sampled_from(ENDS), min_size=1, max_size=9), st.booleans())
def test_orders_and_positions(numbers: list[float], right: bool) -> None:
    x, row = Tensor(np.array(numbers), name="x"), np.sort(np.array(numbers))
    outputs = [
        ops.stable_argsort(x),
        ops.searchsorted(row, x, side="right" if right else "left"),
        ops.astype(ops.isnan(x), dtype=np.dtype(int)),
        np.argmax(x + np.zeros((2, 1)), axis=-1),
        np.argmin(x + np.zeros((2, 1)), axis=-1),
    ]
    assert_same(np.where(np.isfinite(x), x, 0.0).sum(), [x], outputs)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_remainders_of_everything(dtype: Any) -> None:
    with np.errstate(over="ignore"):
        ends = np.array([*ENDS, 3.0, -3.0, 7.25]).astype(dtype)
    a, b = (Tensor(x.ravel()) for x in np.meshgrid(ends, ends))
    with np.errstate(all="ignore"):
        outputs = [
            ops.remainder(a, b), ops.floor_divide(a, b), ops.fmod(a, b), np.sinc(a), np.cbrt(a),
            np.round(a), np.round(a, 1), np.logaddexp(a, b), ops.signbit(a), ops.exponent(a),
            ops.heaviside(a, b), np.clip(a, -1, 2),
        ]  # fmt: skip
        steps = compiling.compiled_step
        loss = Tensor(dtype(1)) * 1.0
        made = plan(loss, [], {}, Memory([]), outputs, compile_steps=steps)
        made.memory.take_in()
        _, *results = made.step()
    for result, output in zip(results, outputs, strict=True):
        expected = output.data
        assert result.dtype == expected.dtype
        eps = np.finfo(dtype).eps
        np.testing.assert_allclose(result, expected, rtol=4 * eps, atol=eps)  # as of sin at π
        if dtype == np.float64 and expected.dtype.kind == "f":
            signed = ~np.isnan(expected) & (expected == 0)
            np.testing.assert_array_equal(np.signbit(result)[signed], np.signbit(expected)[signed])


def outputs_of(*outputs: Tensor) -> list[Any]:
    """What a program for a compiler gives for them."""
    steps = compiling.compiled_step
    made = plan(Tensor(1.0) * 1.0, [], {}, Memory([]), outputs, compile_steps=steps)
    made.memory.take_in()
    return made.step()[1:]


def assert_bits(found: Any, expected: Any) -> None:
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(np.signbit(found), np.signbit(expected))


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_zeros_keep_their_sign(dtype: Any) -> None:
    x, y = np.array([0.0, -0.0, 0.0, -0.0], dtype), np.array([0.0, 0.0, -0.0, -0.0], dtype)
    a, b = Tensor(x), Tensor(y)
    found = outputs_of(
        np.maximum(a, b), np.minimum(a, b), ops.relu(a), np.tanh(a), np.log1p(a),
        np.copysign(a, -0.0), (a + 1) / -0.0,
    )  # fmt: skip
    expected = [
        np.maximum(x, y), np.minimum(x, y), np.maximum(x, 0), x, x,
        np.full(4, -0.0), np.full(4, -np.inf),
    ]  # fmt: skip
    for one, other in zip(found, expected, strict=True):
        assert_bits(one, other)


def test_a_negative_number_to_a_power() -> None:
    x = Tensor(np.array([0.0, 1.0, 2.0, 3.0]))
    (found,) = outputs_of((-2.0) ** x)
    np.testing.assert_array_equal(found, [1, -2, 4, -8])


def test_numbers_beside_float32_are_float32() -> None:
    x = np.array([0.3, 0.7, 1.5, 3.0, 700.0, -0.3], np.float32)
    t, divisor = Tensor(x), np.float32(0.3)
    quotients, rests = outputs_of(t // 0.3, t % 0.3)
    np.testing.assert_array_equal(quotients, x // divisor)
    np.testing.assert_array_equal(rests, x % divisor)


def test_the_slope_of_psi_at_infinity() -> None:
    x = Tensor(np.array([np.inf, 1.0]), name="x")
    made = plan(
        special.digamma(x).sum(), [x], {}, Memory([]), compile_steps=compiling.compiled_step
    )
    made.memory.take_in()
    np.testing.assert_allclose(made.step()[1], [0, np.pi**2 / 6], rtol=1e-12)


@pytest.mark.filterwarnings("ignore:divide by zero")
def test_polygamma_at_its_poles() -> None:
    x = Tensor(np.array([0.0, -1.0, -2.0]))
    for n, pole in ((1, np.inf), (2, -np.inf), (3, np.inf)):
        (found,) = outputs_of(special.polygamma(n, x))
        np.testing.assert_array_equal(found, [pole] * 3)


def test_the_order_of_one_number() -> None:
    x = Tensor(np.array([2.5, 1.0])).sum()
    np.testing.assert_array_equal(outputs_of(ops.argsort(x, axis=-1)), [[0]])


def test_numbers_become_truths_within_a_loop() -> None:
    x = Tensor(np.array([0.0, -0.0, 0.5, -2.0, np.inf]), name="x")
    made = plan(
        (np.where(np.isfinite(x), x, 1.0) * x.astype(bool)).sum(), [x], {}, Memory([]),
        [x.astype(bool).astype(float)], compile_steps=compiling.compiled_step,
    )  # fmt: skip
    made.memory.take_in()
    value, gradient, truths = made.step()
    assert value == -0.5  # 0.5 - 2 + 1, and not their squares
    np.testing.assert_array_equal(gradient, [0, 0, 1, 1, 0])
    np.testing.assert_array_equal(truths, [0, 0, 1, 1, 1])


def test_a_number_is_summed_along_an_axis_that_it_has_not() -> None:
    x = Tensor(np.array([3.0, -2.0]), name="x")
    assert_same(np.add.reduce(x.sum(), axis=0) * 2.0 + np.max(x[0], axis=-1), [x])


@settings(max_examples=60)
@given(recipes(steps=8))
def test_programs_of_random_graphs(recipe: Recipe) -> None:
    leaves = recipe.tensors()
    loss = recipe.computed(leaves)[-1]
    expected = gradients(loss, leaves)
    reached = [x for x, g in zip(leaves, expected, strict=True) if g is not None]
    memory = Memory(reached)
    made = plan(loss, reached, {}, memory, compile_steps=compiling.compiled_step)
    eps = float(np.finfo(np.float32 if in_single(loss) else np.float64).eps)
    for _ in range(2):
        memory.take_in()
        value, *results = made.step()
        found = made.gradients(results)
        own = np.asarray(value)[()], [found.get(x) for x in leaves]
        assert_close(own, (loss._data, expected), 1000 * eps, scale_of(loss))
