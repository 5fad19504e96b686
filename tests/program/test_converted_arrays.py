"""Arrays that layers and losses convert: in a compiled function as in one that is written out."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, Tensor, compiled, value_and_grad
from autograd_nn.layers import Activation, Dense
from autograd_nn.losses import BinaryCrossentropy, MeanAbsoluteError, MeanSquaredError

MODEL = Sequential([Input((3,)), Dense(4, "tanh"), Dense(1)])
X = np.random.default_rng(0).normal(size=(5, 3))
Y = X[:, :1]
WHOLE = np.arange(15).reshape(5, 3)
mse, mae = MeanSquaredError(), MeanAbsoluteError()
bce = BinaryCrossentropy(from_logits=True)

CASES: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "float64": (lambda x: MODEL(x), (X,)),
    "float16": (lambda x: MODEL(x), (X.astype(np.float16),)),
    "whole numbers": (lambda x: MODEL(x), (WHOLE,)),
    "computed": (lambda x: MODEL(np.where(x > 0, x * 2.0, 0)), (X,)),
    "a mask": (lambda x: MODEL(x > 0), (X,)),
    "a list": (lambda xs: MODEL(xs[0] - xs[1]), ([X, X * 0.5],)),
    "without weights": (lambda x: Activation("tanh")(x), (X,)),
    "targets": (lambda x, y: mse(y, MODEL(x)), (X, Y)),
    "whole targets": (lambda x, y: mse(y, MODEL(x)), (X, np.arange(5))),
    "truths": (lambda x, y: bce(y, MODEL(x)), (X, Y > 0)),
    "sample weights": (lambda x, y, w: mse(y, MODEL(x), w), (X, Y, np.arange(5.0))),
    "whole predictions": (lambda y, p: mae(y, p), (X, WHOLE)),
    # A Tensor is taken as it is.
    "a Tensor": (lambda x: MODEL(x), (Tensor(X),)),
    "a Tensor made inside": (lambda x: MODEL(Tensor(np.ones((5, 3)))) + x[:, :1], (X,)),
    "what is differentiated": (
        lambda x, y: value_and_grad(lambda z: mse(y, MODEL(z)))(x),
        (X, Y),
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_dtypes_are_those_of_the_function_as_it_is_written(what: str) -> None:
    f, arguments = CASES[what]
    replayed = compiled(f)
    expected = results(f(*arguments))
    for _ in range(4):
        for ours, theirs in zip(results(replayed(*arguments)), expected, strict=True):
            assert ours.dtype == theirs.dtype
            np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    assert replayed.program is not None


def results(returned: Any) -> list[Any]:
    found = returned if isinstance(returned, tuple) else (returned,)
    return [x.data if isinstance(x, Tensor) else np.asarray(x) for x in found]
