"""Many seeds in one sweep give what each gives alone, for every operation and to any order."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograd_nn import Tensor
from autograd_nn.engine.derivatives import swept
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.structures import flatten
from autograd_nn.engine.tensor import new_leaf, new_node
from autograd_nn.engine.transforms.variables import joined
from tests.engine.samples import BY_NAME, SAMPLES, numbers
from tests.numpy_coverage.forms import FORMS, METHODS
from tests.numpy_coverage.functions import LINALG, NUMPY, POINT, SQUARE

K = 7  # no length of an axis in the samples

CASES = [
    pytest.param(BY_NAME[name], case, id=f"{name}-{number}")
    for name, cases in SAMPLES.items()
    for number, case in enumerate(cases)
]


def is_float(x):
    return np.asarray(x).dtype.kind == "f" and type(x) is not float


def root_of(results):
    results = [r for r in results if type(r) is Tensor and r.requires_grad]
    return new_node(joined, tuple(r._data for r in results), tuple(results), None, "")


def seeds_for(root, *front):
    return tuple(
        numbers(*front, *x.shape, seed=place).astype(x.dtype) for place, x in enumerate(root._data)
    )


def row(seeds, place):
    return tuple(seed[place] for seed in seeds)


def leaves(seeds):
    return tuple(new_leaf(np.array(seed)[()]) for seed in seeds)


def values(found):
    return [x._data if type(x) is Tensor else x for x in found]


def same(batch, rows):
    """K results at once, and each of them alone."""
    for at_once, alone in zip(values(batch), zip(*map(values, rows), strict=True), strict=True):
        assert (at_once is None) == (alone[0] is None)
        if at_once is not None:
            assert at_once.shape == (K, *np.shape(alone[0]))
            assert at_once.dtype == alone[0].dtype
            np.testing.assert_allclose(at_once, np.stack(alone), rtol=1e-11, atol=1e-12)


def check(results, inputs):
    """Batches of numbers, recorded ones, and batches through what a sweep and a batch recorded."""
    root = root_of(results)
    seeds = seeds_for(root, K)
    with recorded():
        alone = [swept(root, leaves(row(seeds, k)), inputs, True) for k in range(K)]
        same(swept(root, seeds, inputs, False, K), alone)
        together = swept(root, leaves(seeds), inputs, True, K)
        same(together, alone)
        for first in (alone[0], together):
            if any(type(d) is Tensor and d.requires_grad for d in first):
                again = root_of(first)
                further = seeds_for(again, K)
                rows = [swept(again, row(further, k), inputs, False) for k in range(K)]
                same(swept(again, further, inputs, False, K), rows)
                same(swept(again, leaves(further), inputs, True, K), rows)


def check_transposed(results, inputs):
    """The gradient of uᵀ·J with respect to u pushes forward: u·(J·t) = (uᵀ·J)·t."""
    root = root_of(results)
    ones = [new_leaf(np.ones_like(x)[()], True) for x in root._data]
    pulled = swept(root, tuple(ones), inputs, True)
    pairs = [(x, d) for x, d in zip(inputs, pulled, strict=True) if d is not None]
    u = seeds_for(root)
    by_u = [d for d in swept(root, u, inputs, False) if d is not None]
    t = [numbers(*x.shape, seed=9).astype(x.dtype) for x, _ in pairs]
    backwards = sum((d * part).sum() for d, part in zip(by_u, t, strict=True))
    pairs = [(d, part) for (_, d), part in zip(pairs, t, strict=True) if d.requires_grad]
    forwards = 0.0
    if pairs:
        again = root_of([d for d, _ in pairs])
        pushed = swept(again, tuple(part for _, part in pairs), ones, False)
        forwards = sum((a * b).sum() for a, b in zip(u, pushed, strict=True) if b is not None)
    # In float32 where a result is converted to that.
    near = 1e-10 if all(x.dtype == np.float64 for x in root._data) else 1e-6
    np.testing.assert_allclose(forwards, backwards, rtol=near, atol=near)


@pytest.mark.parametrize(("operation", "case"), CASES)
def test_every_operation(operation, case):
    given = [Tensor(np.asarray(x)) if is_float(x) else x for x in case.inputs]
    result = operation(*given, **case.attributes)
    inputs = [x for x in given if type(x) is Tensor]
    results = result if isinstance(result, tuple) else (result,)
    check(results, inputs)
    check_transposed(results, inputs)


def called(call, point):
    """The variable, and the results that have a gradient; none where the call is refused."""
    x = Tensor(point.copy())
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            results = flatten(call(np, x))[0]
        except (AttributeError, TypeError, ValueError, RuntimeError):
            return x, []
    return x, [r for r in results if type(r) is Tensor and r.requires_grad]


CALLS = [
    pytest.param(call, point, id=name)
    for name, call, point in (
        *((f"np.{name}", call, POINT) for name, call in NUMPY.items()),
        *((f"np.linalg.{name}", call, SQUARE) for name, call in LINALG.items()),
        *((name, call, POINT) for name, call in (METHODS | FORMS).items()),
    )
    if called(call, point)[1]
]


@pytest.mark.parametrize(("call", "point"), CALLS)
def test_every_function_of_numpy(call, point):
    x, results = called(call, point)
    with np.errstate(all="ignore"):
        check(results, [x])
        check_transposed(results, [x])


@st.composite
def keys(draw, shape=(2, 3, 4, 2)):
    """What stands in the brackets: numbers, slices, new axes, dots, positions, masks."""
    parts, axis, dots = [], 0, False
    broadcast = draw(st.sampled_from([(2,), (1,), (3, 1), ()]))
    while axis < len(shape):
        kind = draw(
            st.sampled_from(["number", "slice", "array", "new", "dots", "mask", "recorded", "end"])
        )
        n = shape[axis]
        if kind == "end":
            break
        if kind == "number":
            parts.append(draw(st.integers(-n, n - 1)))
        elif kind == "slice":
            ends = st.none() | st.integers(-n, n)
            parts.append(slice(draw(ends), draw(ends), draw(st.sampled_from([None, 1, 2, -1]))))
        elif kind in ("array", "recorded"):
            places = np.random.default_rng(draw(st.integers(0, 99))).integers(-n, n, broadcast)
            parts.append(Tensor(places) if kind == "recorded" else places)
        elif kind == "mask":
            mask = np.zeros(n, bool)
            mask[draw(st.integers(0, n - 1))] = True
            parts.append(mask)
        elif kind == "new":
            parts.append(None)
            continue
        elif dots:
            continue
        else:
            dots = True
            parts.append(...)
            axis += draw(st.integers(0, len(shape) - axis - 1))
            continue
        axis += 1
    return tuple(parts)


def plain(key):
    return tuple(k.data if type(k) is Tensor else k for k in key)


@settings(max_examples=300)
@given(keys())
def test_every_index(key):
    x = numbers(2, 3, 4, 2)
    try:
        taken = x[plain(key)]
    except (IndexError, DeprecationWarning):  # out of bounds, also where nothing is taken
        assume(False)
    t, v = Tensor(x), Tensor(numbers(*taken.shape, seed=3))
    check([t[key]], [t])
    check([t.at[key].set(v)], [t, v])
    check([t.at[key].add(v * v)], [t, v])
    check([(t[key] * t[key]).sum()], [t])
