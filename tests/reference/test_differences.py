"""What is listed as a deliberate difference from Keras is one: here, and live in Keras."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, losses, metrics
from autograd_nn.engine.errors import AutogradError
from tests.reference.differences import DIFFERENCES, REFUSED, Difference

IN_KERAS = """
import json, sys, warnings
warnings.simplefilter("ignore")
import jax, numpy as np
from keras import losses, metrics

def gradient(loss, y, p):
    return jax.grad(lambda p: loss(np.array(y), p))(np.array(p, "float32"))

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

losses, metrics = Given(losses), Given(metrics)
print(json.dumps([np.asarray(eval(call)).tolist() for call in json.load(sys.stdin)]))
"""


def gradient(loss: Any, y: Any, p: Any) -> Any:
    p = Tensor(p)
    loss(y, p).backward()
    return p.grad


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda difference: difference.call[:50])
def test_ours(difference: Difference) -> None:
    names = {"losses": losses, "metrics": metrics, "np": np, "gradient": gradient}
    if isinstance(difference.ours, str):
        assert difference.ours == REFUSED
        with pytest.raises(AutogradError):
            eval(difference.call, names)
        return
    np.testing.assert_allclose(eval(difference.call, names), difference.ours, rtol=1e-6)
    assert not np.allclose(difference.ours, difference.keras, rtol=1e-3)


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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            near = np.allclose(found, difference.keras, rtol=1e-5, atol=1e-9, equal_nan=True)
        assert near, (difference.call, found)
