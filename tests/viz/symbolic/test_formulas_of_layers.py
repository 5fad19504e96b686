"""The formula of every operation, of every layer, and of random graphs is the gradient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as of_hypothesis

from autograd_nn import Tensor, gradients, settings
from autograd_nn.engine.graph import topological
from tests.engine.samples import BY_NAME, SAMPLES
from tests.layers.samples import FAMILIES
from tests.layers.test_every_layer import Made
from tests.viz.symbolic.evaluating import derivation_of, gradient_of_lines
from tests.viz.test_random_graphs import losses


@pytest.fixture(autouse=True)
def float32_again() -> Iterator[None]:
    yield
    settings.set_floatx("float32")


def check(loss: Any, w: Tensor) -> None:
    with np.errstate(all="ignore"):
        expected = gradients(loss, [w])[0]
        if expected is not None:
            found = gradient_of_lines(derivation_of(loss, w))
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", SAMPLES)
def test_of_every_operation(name: str) -> None:
    for case in SAMPLES[name]:
        inputs = [Tensor(a) if np.asarray(a).dtype.kind == "f" else a for a in case.inputs]
        with np.errstate(all="ignore"):
            made = BY_NAME[name](*inputs, **case.attributes)
            results = made if isinstance(made, tuple) else (made,)
            loss: Any = sum(
                (x * x * np.random.default_rng(3).uniform(0.5, 1.5, x.shape)).sum()
                for x in results
                if x.requires_grad
            )
        if isinstance(loss, Tensor):
            for x in inputs:
                if isinstance(x, Tensor):
                    check(loss, x)


@of_hypothesis(max_examples=40, deadline=None)
@given(losses())
def test_of_random_graphs(loss: Tensor) -> None:
    for w in topological(loss):
        if w.operation is None:
            check(loss, w)


def of_layers(first: bool) -> list[Any]:
    return [
        pytest.param(sample, id=f"{name}-{place}")
        for entries in FAMILIES.values()
        for name, samples in entries.items()
        for place, sample in enumerate(samples)
        if (place == 0) == first
    ]


def check_layer(sample: Any) -> None:
    made = Made(sample)
    for training in (False, True):
        loss = made.loss(training)
        if isinstance(loss, Tensor) and loss.requires_grad:
            for w in made.wrt:
                check(loss, w)


@pytest.mark.parametrize("sample", of_layers(first=True))
def test_of_every_layer(sample: Any) -> None:
    check_layer(sample)


@pytest.mark.slow
@pytest.mark.parametrize("sample", of_layers(first=False))
def test_of_every_layer_with_other_arguments(sample: Any) -> None:
    check_layer(sample)
