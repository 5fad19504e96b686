"""Cheaper forms of operations, for programs: equal to the operation's own up to rounding.

A form is ordinary NumPy and may use other operations; where one was computed already, the same
steps are found again and not repeated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.operation import Operation


def _sigmoid(x: Any) -> Any:
    # Four calls instead of seven. exp overflows below -88 (float32), and 1/inf is the 0 wanted.
    return np.reciprocal(np.exp(-x) + 1)


def _sigmoid_slope(x: Any) -> Any:
    a = ops.sigmoid(x)
    return a * (1 - a)


def _relu(x: Any) -> Any:
    return np.maximum(x, 0)


def _clip(x: Any, min: Any = None, max: Any = None) -> Any:
    x = x if min is None else np.maximum(x, min)
    return x if max is None else np.minimum(x, max)


FORMS: dict[Operation, Callable[..., Any]] = {
    ops.sigmoid: _sigmoid,
    ops.sigmoid_slope: _sigmoid_slope,
    ops.relu: _relu,
    ops.clip: _clip,
    ops.copy: lambda x: x.copy(),
}
