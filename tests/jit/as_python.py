"""Compiled programs run by Python: the text that Numba compiles, in milliseconds.

Stand-ins take the place of what Numba brings: its decorator, and its doors to BLAS and LAPACK.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import scipy.linalg.lapack as lapack

from autograd_nn.jit import compiling


def run_by_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on a program is not compiled, but run as it stands."""
    monkeypatch.setattr(compiling, "_function", lambda text, *_: (_function(text), False))
    monkeypatch.setattr(compiling, "_entry", lambda function: function)


def _function(text: str) -> Callable[..., Any]:
    text, count = re.subn("(?m)^from numba import njit, types$", "", text)
    assert count == 1
    text = re.sub(r"(?m)^def of_scipy(.|\n)*?\n\n\n", "", text)
    space = {"njit": _njit, "types": _TYPES, "of_scipy": _of_scipy}
    exec(compile(text, "<a program for Numba>", "exec"), space)
    steps: Callable[..., Any] = space["steps"]

    def quietly(*arguments: Any) -> None:
        with np.errstate(all="ignore"):
            steps(*arguments)

    return quietly


def _njit(function: Any = None, **_: Any) -> Any:
    return function if callable(function) else _njit


def _of_scipy(name: str, _: int) -> Callable[..., Any]:
    import scipy.special

    return lambda *numbers: getattr(scipy.special, name)(*numbers[:-1])


class _Types(SimpleNamespace):
    """numba.types, as far as texts use it."""

    def ExternalFunction(self, name: str, signature: Any) -> Callable[..., Any]:
        return _DOORS[name.removeprefix("numba_")]

    def intc(self, *_: Any) -> None:
        return None


_TYPES = _Types(char=None, intp=None)
_KINDS = {ord("s"): np.float32, ord("d"): np.float64}


def _at(address: int, shape: tuple[int, ...], dtype: Any) -> Any:
    """The array that lies at an address."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    return np.frombuffer((ctypes.c_char * size).from_address(address), dtype).reshape(shape)


def _by_columns(address: int, rows: int, columns: int, length: int, kind: int) -> Any:
    """A matrix as LAPACK has it."""
    return _at(address, (columns, length), _KINDS[kind])[:, :rows].T


def _gemm(
    kind: int, a_stored: int, b_stored: int, m: int, n: int, k: int, one: int, a: int,
    length_a: int, b: int, length_b: int, zero: int, c: int, length_c: int,
) -> int:  # fmt: skip
    def matrix(at: int, rows: int, columns: int, length: int, stored: int) -> Any:
        if stored == ord("n"):
            return _by_columns(at, rows, columns, length, kind)
        return _by_columns(at, columns, rows, length, kind).T

    product = matrix(a, m, k, length_a, a_stored) @ matrix(b, k, n, length_b, b_stored)
    _by_columns(c, m, n, length_c, kind)[...] = product
    return 0


def _called(name: str, kind: int, *arguments: Any, **keywords: Any) -> Any:
    function: Any = getattr(lapack, {ord("s"): "s", ord("d"): "d"}[kind] + name)
    return function(*arguments, **keywords)


def _gesv(kind: int, n: int, k: int, a: int, _: int, pivots: int, b: int, length: int) -> int:
    right = _by_columns(b, n, k, n, kind)
    *_, x, info = _called("gesv", kind, _by_columns(a, n, n, n, kind), right)
    right[...] = x
    return int(info)


def _getrf(kind: int, m: int, n: int, a: int, length: int, pivots: int) -> int:
    matrix = _by_columns(a, m, n, length, kind)
    matrix[...], order, info = _called("getrf", kind, matrix)
    _at(pivots, (n,), np.int32)[...] = order + 1
    return int(info)


def _potrf(kind: int, triangle: int, n: int, a: int, length: int) -> int:
    matrix = _by_columns(a, n, n, length, kind)
    found, info = _called("potrf", kind, matrix, lower=triangle == ord("L"), clean=False)
    matrix[...] = found
    return int(info)


def _evd(kind: int, wanted: int, triangle: int, n: int, a: int, length: int, w: int) -> int:
    matrix = _by_columns(a, n, n, length, kind)
    values, vectors, info = _called(
        "syevd", kind, matrix, compute_v=wanted == ord("V"), lower=triangle == ord("L")
    )
    _at(w, (n,), _KINDS[kind])[...], matrix[...] = values, vectors
    return int(info)


def _gesdd(
    kind: int, wanted: int, m: int, n: int, a: int, length: int, s: int, u: int, length_u: int,
    vt: int, length_vt: int,
) -> int:  # fmt: skip
    some, few = wanted != ord("N"), min(m, n)
    left, values, right, info = _called(
        "gesdd", kind, _by_columns(a, m, n, length, kind), compute_uv=some,
        full_matrices=wanted == ord("A"),
    )  # fmt: skip
    _at(s, (few,), _KINDS[kind])[...] = values
    if some:
        _by_columns(u, m, left.shape[1], length_u, kind)[...] = left
        _by_columns(vt, right.shape[0], n, length_vt, kind)[...] = right
    return int(info)


def _geqrf(kind: int, m: int, n: int, a: int, length: int, factors: int) -> int:
    matrix = _by_columns(a, m, n, length, kind)
    matrix[...], found, _, info = _called("geqrf", kind, matrix)
    _at(factors, (min(m, n),), _KINDS[kind])[...] = found
    return int(info)


def _gqr(kind: int, m: int, n: int, k: int, a: int, length: int, factors: int) -> int:
    matrix = _by_columns(a, m, n, length, kind)
    found, _, info = _called("orgqr", kind, matrix, _at(factors, (k,), _KINDS[kind]))
    matrix[...] = found
    return int(info)


_DOORS: dict[str, Callable[..., int]] = {
    "xxgemm": _gemm,
    "xgesv": _gesv,
    "xxgetrf": _getrf,
    "xxpotrf": _potrf,
    "ez_xxxevd": _evd,
    "ez_gesdd": _gesdd,
    "ez_geqrf": _geqrf,
    "ez_xxgqr": _gqr,
}
