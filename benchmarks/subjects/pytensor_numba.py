"""PyTensor: value and gradient as one function, compiled by Numba."""

from time import perf_counter

import numpy as np
import pytensor
import pytensor.tensor as pt

from benchmarks.functions import SMALL
from benchmarks.measure import Ready


def small(name: str) -> Ready:
    written, at = SMALL[name]
    x = pt.dvector("x") if at.ndim else pt.dscalar("x")
    start = perf_counter()
    value = written(pt)(x)
    if name == "ODE":
        slope = pytensor.gradient.jacobian(value, x, vectorize=True)
    else:
        slope = pytensor.grad(value, x)
    function = pytensor.function([x], [value, slope], mode="NUMBA")
    given = np.asarray(at)
    results = function(given)
    note = f"made in {perf_counter() - start:.1f} s"

    def call() -> float:
        function(given)
        return 0.0

    return Ready(call, note, first=np.concatenate([np.ravel(r) for r in results]).tolist())
