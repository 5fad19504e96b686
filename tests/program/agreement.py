"""Do the forms of a program agree with the engine? What several tests of programs ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn import Tensor, gradients
from autograd_nn.program.program import Program

FORMS: list[Callable[[Program, dict[str, Any]], Any]] = [
    lambda program, inputs: program(**inputs),
]
"""How the planned program is run. A compiler adds its way here."""


def without_passes(program: Program, **inputs: Any) -> Any:
    """The result of the program as it was recorded."""
    return program.plain(**inputs)


def leaves(structure: Any) -> list[Any]:
    """The arrays, numbers and Nones of a nested structure, from left to right."""
    if isinstance(structure, dict):
        return [x for item in structure.values() for x in leaves(item)]
    if isinstance(structure, (list, tuple)):
        return [x for item in structure for x in leaves(item)]
    return [structure]


def assert_alike(found: Any, expected: Any) -> None:
    """The same structure, and in it the same kinds, shapes and dtypes."""
    assert type(found) is type(expected), f"{type(found)} for {type(expected)}"
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        found, expected = list(found.values()), list(expected.values())
    if isinstance(expected, (list, tuple)):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_alike(one, other)
    elif expected is not None:
        assert found.shape == expected.shape
        assert found.dtype == expected.dtype


def assert_equal(found: Any, expected: Any) -> None:
    """Bit for bit; a NaN is a NaN."""
    assert_alike(found, expected)
    for one, other in zip(leaves(found), leaves(expected), strict=True):
        if other is not None:
            np.testing.assert_array_equal(one, other)
            assert (np.signbit(one) == np.signbit(other))[~np.isnan(other)].all()


def assert_close(
    found: Any, expected: Any, rtol: float | None = None, scale: float | None = None
) -> None:
    """Up to rounding: each element within some rounding errors of the largest beside it.

    A program adds in another order, so an error is measured by what was added: a sum that cancels
    may lose all the digits of its small result. 200 rounding errors stand for chains of a dozen
    operations; a step left out or done twice is off by far more. What is below the smallest normal
    number (1.2e-38 in float32) counts as zero: the fast sigmoid's slope ends there, and not at 0.
    """
    assert_alike(found, expected)
    for one, other in zip(leaves(found), leaves(expected), strict=True):
        if other is None or not np.size(other):
            continue
        largest = float(np.max(np.abs(other), where=np.isfinite(other), initial=0))
        limits = np.finfo(other.dtype)
        tolerance = rtol or 200 * float(limits.eps)
        atol = tolerance * (scale or largest) + float(limits.tiny)
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=atol)


def assert_agrees(loss: Tensor, wrt: Any, inputs: Any = None, **others: Any) -> Program:
    """Every form of the program gives what the engine gives on the data as they are."""
    program = loss.program(wrt, inputs=inputs)
    assert_forms_agree(program, loss, wrt)
    return program


def assert_forms_agree(program: Program, loss: Tensor, wrt: Any) -> None:
    """Every form of a program that was made before gives what the engine gives now."""
    expected = loss._data, gradients(loss, wrt)
    assert_equal(without_passes(program), expected)
    for run in FORMS:
        for _ in range(2):  # what the first call leaves in memory must not matter
            assert_close(run(program, {}), expected)
