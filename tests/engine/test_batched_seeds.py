"""Many seeds in one sweep give what each gives alone, for every operation and to any order."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from autograd_nn import Tensor
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.reverse import swept
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


@pytest.mark.parametrize(("operation", "case"), CASES)
def test_every_operation(operation, case):
    given = [Tensor(np.asarray(x)) if is_float(x) else x for x in case.inputs]
    result = operation(*given, **case.attributes)
    inputs = [x for x in given if type(x) is Tensor]
    check(result if isinstance(result, tuple) else (result,), inputs)


# To the second order of these one batch alone takes seconds; they are made of what is above.
CALLS = [
    *((f"np.{name}", call, POINT) for name, call in NUMPY.items()),
    *((f"np.linalg.{name}", call, SQUARE) for name, call in LINALG.items()),
    *((name, call, POINT) for name, call in (METHODS | FORMS).items()),
]


@pytest.mark.parametrize(("name", "call", "point"), CALLS, ids=[name for name, _, _ in CALLS])
def test_every_function_of_numpy(name, call, point):
    x = Tensor(point.copy())
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            results = call(np, x)
        except (AttributeError, TypeError, ValueError, RuntimeError):
            pytest.skip("what is not recorded has other tests")
        from autograd_nn.engine.structures import flatten

        results = flatten(results)[0]
        if any(type(r) is Tensor and r.requires_grad for r in results):
            check(results, [x])
