"""What becomes of one call: right, wrong, silent, an error, or not there.

Right is a value equal to NumPy's own on plain arrays, and a gradient equal to central differences
of Σ (weights · result) over all floating-point results. Silent is a gradient that is missing in
part or whole where differences find one: a plain result, or zeros. Layout in memory is not
compared. All is judged under `grad`: at the top level of a script a leaf may leave the graph.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy

import autograd_nn
from autograd_nn import Tensor
from autograd_nn.engine.errors import AutogradError
from tests.numpy_coverage.functions import Call

RIGHT = "right"
WRONG = "wrong"
SILENT = "silent"
OWN_ERROR = "own error"
OTHER_ERROR = "other error"
ABSENT = "absent"
NOT_IN_NUMPY = "not in this NumPy"  # older, or newer; left out of the counts
CLASSES = (RIGHT, WRONG, SILENT, OWN_ERROR, OTHER_ERROR, ABSENT, NOT_IN_NUMPY)

# Where an error of ours is what is right, and what its message has to say.
#   out=    a recorded result is a new Tensor: nothing that is there is written over.
#   where=  without out= NumPy leaves memory as it was found where the mask is False, so there is
#           no value to be equal to. (With out= it would be the other case.)
_WAY_WITHOUT_OUT = r"\bout\b.*\bUse "
_WAY_WITHOUT_WHERE = r"\bwhere\b.*\bUse .*np\.where\("
REFUSED = {
    **{
        f"{name}(out)": _WAY_WITHOUT_OUT
        for name in ("sum", "mean", "prod", "max", "min", "var", "std")
    },
    **{f"{name}(out=)": _WAY_WITHOUT_OUT for name in ("concatenate", "exp", "add")},
    **{f"{name}(where=)": _WAY_WITHOUT_WHERE for name in ("exp", "add")},
}


class Verdict(NamedTuple):
    """The class of one call, and why where it is not right."""

    kind: str
    why: str = ""


class Library(NamedTuple):
    """What records: its `np`, the class of its recorded values, their plain arrays, gradients."""

    np: Any
    variable: type
    plain: Callable[[Any], Any]
    gradient: Callable[[Callable[[Any], Any], Any], Any]


OURS = Library(numpy, Tensor, lambda t: t.data, lambda total, x: autograd_nn.grad(total)(x))


def judge(name: str, call: Call, point: Any, library: Library = OURS) -> Verdict:
    """Compare one call on recorded values with the same call on plain arrays."""
    with warnings.catch_warnings(), numpy.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of what is deprecated, and of empty slices
        try:
            expected = list(leaves(call(numpy, point.copy())))
        except (AttributeError, TypeError) as error:
            return Verdict(NOT_IN_NUMPY, first_line(error))
        try:
            found, gradient = _recorded(call, point, library, len(expected))
        except AutogradError as error:
            if re.search(REFUSED.get(name, "(?!)"), str(error), re.DOTALL):
                return Verdict(RIGHT)
            return Verdict(OWN_ERROR, first_line(error))
        except AttributeError as error:
            return Verdict(ABSENT, first_line(error))
        except Exception as error:
            return Verdict(OTHER_ERROR, first_line(error))
        if name in REFUSED and library is OURS:
            return Verdict(WRONG, "refused is what would be right")
        return _compared(call, point, library, expected, found, gradient)


def _recorded(call: Call, point: Any, library: Library, count: int) -> tuple[list[Any], Any]:
    """The results of a call, and the gradient of their weighted sum as far as it is recorded."""
    found: list[Any] = []

    def total(x: Any) -> Any:
        found[:] = leaves(call(library.np, x))
        parts = [
            (leaf * weight).sum()
            for leaf, weight in zip(found, weights(found), strict=True)
            if isinstance(leaf, library.variable) and is_floating(library.plain(leaf))
        ]
        return sum(parts, start=(x * 0).sum())

    gradient = library.gradient(total, point.copy())
    return found, numpy.zeros_like(point) if gradient is None else numpy.asarray(gradient)


def _compared(
    call: Call, point: Any, library: Library, expected: list[Any], found: list[Any], gradient: Any
) -> Verdict:
    values = [library.plain(v) if isinstance(v, library.variable) else v for v in found]
    if len(values) != len(expected):
        return Verdict(WRONG, f"{len(values)} results in place of {len(expected)}")
    for got, want in zip(map(numpy.asarray, values), map(numpy.asarray, expected), strict=True):
        if (got.shape, got.dtype) != (want.shape, want.dtype):
            return Verdict(
                WRONG, f"{got.dtype} of shape {got.shape}, not {want.dtype} of shape {want.shape}"
            )
        tolerance = 1e-6 if want.dtype == numpy.float32 else 1e-12
        if not _agree(got, want, tolerance):
            return Verdict(WRONG, f"the value is {got.ravel()[:4]}, not {want.ravel()[:4]}")
    differences = by_differences(call, point, expected)
    tolerance = 1e-3 if _is_coarse(expected) else 1e-6
    if _agree(gradient, differences, tolerance):
        return Verdict(RIGHT)
    plain = [v for v in found if not isinstance(v, library.variable) and is_floating(v)]
    kind = SILENT if plain or not gradient.any() else WRONG
    return Verdict(
        kind, f"the gradient is {gradient.ravel()[:4]}, by differences {differences.ravel()[:4]}"
    )


def _agree(got: Any, want: Any, tolerance: float) -> bool:
    """Whether two arrays are equal, up to a part of the largest number of the second."""
    if want.dtype.kind not in "fc":
        return numpy.array_equal(got, want)
    near = tolerance * float(numpy.max(numpy.abs(want), initial=0.0, where=numpy.isfinite(want)))
    return numpy.allclose(got, want, rtol=tolerance, atol=near, equal_nan=True)


def by_differences(call: Call, point: Any, results: list[Any], times: float = 1.0) -> Any:
    """Central differences of the weighted sum of all floating-point results of a call.

    ``times`` makes the step longer than it is when a call is judged.
    """

    def total(x: Any) -> float:
        found = list(leaves(call(numpy, x)))
        return float(
            sum(
                (leaf * weight).real.sum()
                for leaf, weight in zip(map(numpy.asarray, found), weights(found), strict=True)
                if is_floating(leaf)
            )
        )

    # In float32 a power of two that the sixty-fourths of the point can take exactly.
    step = times * (2.0**-8 if _is_coarse(results) else 6e-6)
    gradient = numpy.zeros_like(point)
    for index in numpy.ndindex(point.shape):
        above, below = point.copy(), point.copy()
        above[index] += step
        below[index] -= step
        gradient[index] = (total(above) - total(below)) / (2 * step)
    return gradient


def _is_coarse(results: list[Any]) -> bool:
    return any(numpy.asarray(result).dtype == numpy.float32 for result in results)


def leaves(result: Any) -> Iterator[Any]:
    """The arrays and numbers in lists and tuples."""
    if isinstance(result, (list, tuple)):
        for item in result:
            yield from leaves(item)
    else:
        yield result


def is_floating(value: Any) -> bool:
    return numpy.asarray(value).dtype.kind in "fc"


def weights(results: list[Any]) -> list[Any]:
    """Numbers between ½ and 1½, the same at every call, so that nothing cancels."""
    random = numpy.random.default_rng(0)
    return [0.5 + random.random(numpy.shape(result)) for result in results]


def first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"
