"""What is listed as a deliberate difference from Keras is one: here, and live in Keras."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, keras, losses, metrics
from autograd_nn.engine.errors import AutogradError
from tests.reference.differences import DIFFERENCES
from tests.reference.differences.difference import Difference, outcome

IN_KERAS = """
import json, sys
import jax, keras, numpy as np
from keras import losses, metrics
from tests.reference.differences.difference import outcome

jax.config.update("jax_enable_x64", True)

def loss_gradient(loss, y, p):
    return jax.grad(lambda p: loss(np.array(y), p))(np.array(p, "float32"))

def gradient(f, x):
    return jax.grad(lambda x: f(x).sum())(np.array(x, "float32"))

class Given:
    def __init__(self, module):
        self.module = module
    def __getattr__(self, name):
        made = getattr(self.module, name)
        def make(*a, **k):
            thing = made(*a, **k)
            def call(y, p, sample_weight=None):
                w = None if sample_weight is None else np.array(sample_weight)
                p = p if hasattr(p, "shape") else np.array(p)
                return thing(np.array(y), p, sample_weight=w)
            return call
        return make

names = {
    "keras": keras, "losses": Given(losses), "metrics": Given(metrics),
    "loss_gradient": loss_gradient, "gradient": gradient,
}
print(json.dumps([outcome(call, names) for call in json.load(sys.stdin)]))
"""


def loss_gradient(loss: Any, y: Any, p: Any) -> Any:
    p = Tensor(p)
    loss(y, p).backward()
    return p.grad


def gradient(f: Any, x: Any) -> Any:
    x = Tensor(np.float32(x))
    f(x).sum().backward()
    return x.grad


OURS = {
    "keras": keras,
    "losses": losses,
    "metrics": metrics,
    "loss_gradient": loss_gradient,
    "gradient": gradient,
}


def same(found: Any, said: Any, tolerance: float) -> bool:
    """Whether two results are equal: numbers nearly, what is no number exactly."""
    if any(np.asarray(x).dtype.kind not in "fi" for x in (found, said)):
        return bool(found == said)
    return bool(np.allclose(found, said, rtol=tolerance, atol=1e-9, equal_nan=True))


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.reason[:50])
def test_ours(difference: Difference) -> None:
    found = outcome(difference.call, OURS, refusals=AutogradError)
    assert same(found, difference.ours, 1e-6), found
    assert not same(difference.ours, difference.keras, 1e-3)


@pytest.mark.peers
def test_keras() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_KERAS],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        input=json.dumps([difference.call for difference in DIFFERENCES]),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for difference, found in zip(DIFFERENCES, json.loads(done.stdout), strict=True):
        assert same(found, difference.keras, 1e-5), (difference.reason, found)
