"""Terms of losses that a chain of other operations would compute with less accuracy."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.cross_entropy import EPSILON


def _log_cosh(x: Any) -> Any:
    # cosh x = 1 + 2 sinh²(x/2): near 0 log1p keeps the digits of x²/2, where |x| − log 2 + … has
    # none left; from 1 on sinh would overflow.
    a = np.abs(x)
    half = np.sinh(np.minimum(a, 1) / 2)
    return np.where(a < 1, np.log1p(2 * half * half), a + np.log1p(np.exp(-2 * a)) - _LOG_2)


_LOG_2 = 0.6931471805599453

log_cosh = Operation("log_cosh", value=_log_cosh, gradients=(lambda g, out, x: g * np.tanh(x),))

# Of a probability that is 0, and so confidently wrong, a logarithm or a root has no finite
# gradient, and one that is clipped has none at all: here it is clipped, and keeps its gradient.
# `check_gradients` disagrees beyond the clip.
kept_positive = Operation(
    "kept_positive",
    symbol="clip",
    value=lambda p: np.minimum(np.maximum(p, EPSILON), 1),
    gradients=(lambda g, out, p: g,),
)
