"""Laws of calculus, for every operation and for random compositions of all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_nn import Tensor, grad, gradients, hessian, hvp, jacobian, jvp, vjp
from tests.engine.maps import MAPS, Ours, composed
from tests.engine.samples import Case
from tests.engine.test_operations import BROADCAST, CASES, ELEMENTWISE, is_float, tensors_of

seeds = st.integers(0, 2**31)
names = st.sampled_from(sorted(MAPS))
several = st.lists(names, min_size=1, max_size=4).map(tuple)


def random_like(x: Any, random: np.random.Generator) -> Any:
    return random.uniform(-1, 1, np.shape(x))


def pulled(results: Any, inputs: Any, vs: Any) -> list[Any]:
    """The gradients from a seed for each result, added up; 0 where nothing arrives."""
    total: list[Any] = [np.zeros(x.shape) for x in inputs]
    for result, v in zip(results, vs, strict=True):
        if result.requires_grad:
            found = gradients(result, inputs, v)
            total = [t if g is None else t + g for t, g in zip(total, found, strict=True)]
    return total


def same(found: Any, expected: Any, near: float = 1e-9) -> None:
    """Equal but for rounding, relative to the largest."""
    size = max((np.abs(x).max() for x in expected if np.size(x)), default=0.0)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=near, atol=near * size)


# -------------------------------------------------------------- of every operation


@pytest.mark.parametrize(("operation", "case"), CASES)
def test_a_gradient_is_linear_in_its_seed(operation: Any, case: Case) -> None:
    inputs, results = tensors_of(operation, case)
    random = np.random.default_rng(3)
    u, v = ([random_like(r, random) for r in results] for _ in range(2))
    both = [2 * a - 3 * b for a, b in zip(u, v, strict=True)]
    expected = [
        2 * a - 3 * b
        for a, b in zip(pulled(results, inputs, u), pulled(results, inputs, v), strict=True)
    ]
    same(pulled(results, inputs, both), expected)
    same(pulled(results, inputs, [0 * a for a in u]), [np.zeros(x.shape) for x in inputs])


@pytest.mark.parametrize(("operation", "case"), CASES)
def test_an_operation_used_twice_sends_back_twice(operation: Any, case: Case) -> None:
    """The sum rule: of one Tensor that two nodes use, and of one given in two places."""
    inputs, results = tensors_of(operation, case)
    rest = iter(inputs)
    given = [next(rest) if is_float(x) or type(x) is Tensor else x for x in case.inputs]
    again = operation(*given, **case.attributes)
    others = again if isinstance(again, tuple) else (again,)
    random = np.random.default_rng(4)
    v = [random_like(r, random) for r in results]
    loss = sum(
        (a * (2 * w)).sum() + (b * w).sum() for a, b, w in zip(results, others, v, strict=True)
    )
    if type(loss) is not Tensor or not loss.requires_grad:
        return
    found = [
        np.zeros(x.shape) if g is None else g
        for x, g in zip(inputs, gradients(loss, inputs), strict=True)
    ]
    same(found, [3 * g for g in pulled(results, inputs, v)])


@pytest.mark.parametrize(("operation", "case"), CASES)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_gradients_have_the_shape_and_the_dtype_of_their_inputs(
    operation: Any, case: Case, dtype: Any
) -> None:
    try:
        inputs, results = tensors_of(operation, case, dtype=dtype)
    except TypeError:
        assert dtype == np.float16  # NumPy's linear algebra and SciPy have none of it
        return
    for result in results:
        if result.requires_grad:
            with np.errstate(all="ignore"):
                found = gradients(result, inputs, np.ones(result.shape))
            for x, g in zip(inputs, found, strict=True):
                assert g is None or (g.shape == x.shape and g.dtype == dtype)


@pytest.mark.parametrize(("operation", "case"), BROADCAST)
def test_of_two_dtypes_each_input_gets_its_own(operation: Any, case: Case) -> None:
    for first, second in ((np.float32, np.float64), (np.float64, np.float32)):
        x, y = (Tensor(np.asarray(a, d)) for a, d in zip(case.inputs, (first, second), strict=True))
        for g, t in zip(gradients(operation(x, y).sum(), [x, y]), (x, y), strict=True):
            assert g.dtype == t.dtype and g.shape == t.shape


@pytest.mark.parametrize(("operation", "case"), ELEMENTWISE)
@given(seed=seeds)
@settings(max_examples=5, deadline=None)
def test_an_element_depends_on_its_own_element_alone(operation: Any, case: Case, seed: int) -> None:
    """The order of the elements does not matter: neither to the value nor to the gradient."""
    random = np.random.default_rng(seed)
    order = random.permutation(case.inputs[0].size)
    flat = [np.asarray(x).ravel() for x in case.inputs]
    v = random.uniform(-1, 1, flat[0].shape)
    straight, mixed = [Tensor(x) for x in flat], [Tensor(x[order]) for x in flat]
    out, out_mixed = operation(*straight), operation(*mixed)
    np.testing.assert_allclose(out_mixed.data, out.data[order], rtol=1e-14)
    for a, b in zip(
        gradients(out_mixed, mixed, v[order]), gradients(out, straight, v), strict=True
    ):
        np.testing.assert_allclose(a, b[order], rtol=1e-13)


# -------------------------------------------------------------- of random compositions


def at_random(names: tuple[str, ...], seed: int) -> tuple[Any, Any, Any]:
    random = np.random.default_rng(seed)
    return random.uniform(-1, 1, (3, 3)), random.uniform(-1, 1, (3, 3)), random


def one(name: str) -> Any:
    return lambda x: np.tanh(0.5 * MAPS[name](Ours, x) + 0.3 * x)


@given(several, names, seeds)
@settings(max_examples=60, deadline=None)
def test_the_chain_rule(inner: tuple[str, ...], outer: str, seed: int) -> None:
    x, v, _ = at_random(inner, seed)
    step, last = composed(inner, Ours, total=False), one(outer)
    middle, pull_inner = vjp(step, x)
    value, pull_outer = vjp(last, middle)
    whole, pull = vjp(lambda x: last(step(x)), x)
    np.testing.assert_array_equal(whole, value)
    same(pull(v), pull_inner(*pull_outer(v)))


@given(several, several, seeds)
@settings(max_examples=60, deadline=None)
def test_the_sum_and_the_product_rule(first: Any, second: Any, seed: int) -> None:
    x, _, _ = at_random(first, seed)
    f, h = composed(first, Ours), composed(second, Ours)
    df, dh = grad(f)(x), grad(h)(x)
    same([grad(lambda x: f(x) + h(x))(x)], [df + dh])
    same([grad(lambda x: f(x) * h(x))(x)], [df * h(x) + f(x) * dh])


@given(several, seeds)
@settings(max_examples=60, deadline=None)
def test_forwards_and_backwards_are_one_derivative(names: tuple[str, ...], seed: int) -> None:
    """u·(J·v) = (Jᵀ·u)·v, and the Jacobian has both."""
    x, v, random = at_random(names, seed)
    f = composed(names, Ours, total=False)
    value, forwards = jvp(f, (x,), (v,))
    u = random_like(value, random)
    (backwards,) = vjp(f, x)[1](u)
    size = np.abs(forwards).max() + np.abs(backwards).max()
    np.testing.assert_allclose((u * forwards).sum(), (backwards * v).sum(), atol=1e-9 * size)
    j = jacobian(f)(x)
    same([np.tensordot(j, v, 2)], [forwards])
    same([np.tensordot(u, j, 2)], [backwards])


@given(several, seeds)
@settings(max_examples=40, deadline=None)
def test_forwards_over_backwards_is_backwards_over_backwards(
    names: tuple[str, ...], seed: int
) -> None:
    x, v, _ = at_random(names, seed)
    f = composed(names, Ours)
    forwards = jvp(grad(f), (x,), (v,))[1]
    backwards = grad(lambda x: (grad(f)(x) * v).sum())(x)
    h = hessian(f)(x)
    same([forwards, hvp(f, x, v)], [backwards, np.tensordot(h, v, 2)])
    same([h.reshape(9, 9).T], [h.reshape(9, 9)])


@given(several, seeds)
@settings(max_examples=60, deadline=None)
def test_a_derivative_is_that_of_differences(names: tuple[str, ...], seed: int) -> None:
    x, v, _ = at_random(names, seed)
    f, h = composed(names, Ours), 1e-5
    # Of fourth order, so that the differences are not what is wrong.
    along = [f(x + k * h * v) for k in (-2, -1, 1, 2)]
    by_difference = (along[0] - 8 * along[1] + 8 * along[2] - along[3]) / (12 * h)
    by_rule = (grad(f)(x) * v).sum()
    np.testing.assert_allclose(by_rule, by_difference, rtol=1e-6, atol=1e-7)
