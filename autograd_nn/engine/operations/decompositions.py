"""Inverses, determinants and decompositions of matrices, also of stacks of them.

A matrix of which NumPy reads one triangle only, as a symmetric one, has its gradient there, as
differences of its elements say.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.applying import apply
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.operation import Operation


def _turned(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


def _lower(n: int, k: int = 0) -> Any:
    return np.tri(n, k=k, dtype=bool)


def _in_lower_triangle(s: Any) -> Any:
    """The gradient for the lower triangle, which is read for the upper one too."""
    n = s.shape[-1]
    both = s + _turned(s)
    return np.where(_lower(n, -1), both, np.where(np.eye(n, dtype=bool), s, 0))


# For formulas alone, which name them.
_named_in_lower_triangle = Operation(
    "into_lower_triangle", value=_in_lower_triangle, gradients=(None,)
)
_named_half = Operation(
    "tril_half_diagonal",
    value=lambda x: (np.tril(x) + np.tril(x, -1)) / 2,
    gradients=(None,),
)
_named_diagonal = Operation(
    "diag", value=lambda x: x[..., None] * np.eye(x.shape[-1]), gradients=(None,)
)

inv: Operation = Operation(
    "inv",
    symbol="⁻¹",
    numpy=np.linalg.inv,
    value=np.linalg.inv,
    gradients=(lambda g, out, x: -(_turned(out) @ g @ _turned(out)),),
)


def _cofactors(x: Any) -> Any:
    # By singular values, so that a matrix without an inverse has them too.
    u, s, vt = np.linalg.svd(x)
    n = s.shape[-1]
    others = np.where(np.eye(n, dtype=bool), 1, s[..., None, :]).prod(-1)
    sign = np.linalg.det(u) * np.linalg.det(vt)
    return sign[..., None, None] * (u * others[..., None, :]) @ vt


def _cofactors_gradient(g: Any, out: Any, x: Any) -> Any:
    inverse = _turned(np.linalg.inv(x))
    together = (g * out).sum(axis=(-1, -2), keepdims=True)
    return together * inverse - inverse @ _turned(g) @ out


cofactors = Operation("cofactors", value=_cofactors, gradients=(_cofactors_gradient,))

det = Operation(
    "det",
    numpy=np.linalg.det,
    value=np.linalg.det,
    gradients=(lambda g, out, x: g[..., None, None] * cofactors(x),),
    formula=(lambda g, out, x: (g * out)[..., None, None] * _turned(np.linalg.inv(x)),),
)

slogdet = Operation(
    "slogdet",
    value=lambda x: tuple(np.linalg.slogdet(x)),
    gradients=(
        lambda g, out, x: 0 if g[1] is None else g[1][..., None, None] * _turned(np.linalg.inv(x)),
    ),
)


def _solved_right(g: Any, out: Any, a: Any, b: Any) -> Any:
    if b.ndim == 1:
        return np.linalg.solve(_turned(a), g[..., None])[..., 0]
    return np.linalg.solve(_turned(a), g)


def _solved_left(g: Any, out: Any, a: Any, b: Any) -> Any:
    sent = _solved_right(g, out, a, b)
    if b.ndim == 1:
        return -(sent[..., :, None] * out[..., None, :])
    return -(sent @ _turned(out))


def _inverse_applied(g: Any, a: Any, b: Any) -> Any:
    inverse = _turned(np.linalg.inv(a))
    return inverse @ g if b.ndim > 1 or g.ndim == 1 else (inverse @ g[..., None])[..., 0]


solve = Operation(
    "solve",
    numpy=np.linalg.solve,
    value=np.linalg.solve,
    gradients=(_solved_left, _solved_right),
    formula=(
        lambda g, out, a, b: (
            -(_inverse_applied(g, a, b)[..., :, None] * out[..., None, :])
            if b.ndim == 1
            else -(_inverse_applied(g, a, b) @ _turned(out))
        ),
        lambda g, out, a, b: _inverse_applied(g, a, b),
    ),
)


def _pinv_gradient(g: Any, out: Any, x: Any, rcond: Any = None) -> Any:
    p, gt = _turned(out), _turned(g)
    beyond_rows = np.eye(x.shape[-2], dtype=x.dtype) - x @ out
    beyond_columns = np.eye(x.shape[-1], dtype=x.dtype) - out @ x
    return beyond_rows @ gt @ out @ p + p @ out @ gt @ beyond_columns - p @ g @ p


def _np_pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    a = _mirrored(a) if hermitian else a
    return apply(pinv, a, rcond=rcond if rtol is None else rtol)


pinv: Operation = Operation(
    "pinv",
    numpy={np.linalg.pinv: _np_pinv},
    value=lambda x, rcond=None: np.linalg.pinv(x, rcond),
    gradients=(_pinv_gradient,),
)


def _cholesky_gradient(g: Any, out: Any, x: Any) -> Any:
    n = x.shape[-1]
    inner = _turned(out) @ g
    half = np.where(_lower(n, -1), inner, np.where(np.eye(n, dtype=bool), inner / 2, 0))
    left = np.linalg.solve(_turned(out), half)
    s = _turned(np.linalg.solve(_turned(out), _turned(left)))
    return _in_lower_triangle(s)


def _np_cholesky(a: Any, /, *, upper: bool = False) -> Any:
    return _turned(apply(cholesky, _turned(a))) if upper else apply(cholesky, a)


cholesky: Operation = Operation(
    "cholesky",
    numpy={np.linalg.cholesky: _np_cholesky},
    value=np.linalg.cholesky,
    gradients=(_cholesky_gradient,),
    formula=(
        lambda g, out, x: _named_in_lower_triangle(
            _turned(np.linalg.inv(out)) @ _named_half(_turned(out) @ g) @ np.linalg.inv(out)
        ),
    ),
)


def _gaps(w: Any) -> Any:
    """1/(w_j − w_i) in row i and column j; 0 where two are equal, whose vectors may be any."""
    gap = w[..., None, :] - w[..., :, None]
    equal = gap == 0
    return np.where(equal, 0, 1 / np.where(equal, 1, gap))


_named_gaps = Operation("inverse_gaps", value=_gaps, gradients=(None,))
_named_eigenvectors = Operation(
    "eigenvectors", value=lambda x: np.linalg.eigh(x)[1], gradients=(None,)
)


def _eigh_gradient(g: Any, out: Any, x: Any) -> Any:
    w, v = out
    by_values, by_vectors = g
    n = x.shape[-1]
    inner = 0.0
    if by_values is not None:
        inner = np.where(np.eye(n, dtype=bool), by_values[..., None, :], 0)
    if by_vectors is not None:
        inner = inner + (_turned(v) @ by_vectors) * _gaps(w)
    return _in_lower_triangle(v @ inner @ _turned(v))


def _by_triangle(a: Any, UPLO: str) -> Any:
    if UPLO.upper() not in ("L", "U"):
        raise ArgumentError(f"`UPLO` must be 'L' or 'U', got {UPLO!r}.")
    return _turned(a) if UPLO.upper() == "U" else a


eigh = Operation(
    "eigh",
    value=lambda x: tuple(np.linalg.eigh(x)),
    gradients=(_eigh_gradient,),
    formula=(
        lambda g, out, x: _named_in_lower_triangle(
            out[1]
            @ (_named_diagonal(g[0]) + (_turned(out[1]) @ g[1]) * _named_gaps(out[0]))
            @ _turned(out[1])
        ),
    ),
)


def _eigvalsh_gradient(g: Any, out: Any, x: Any) -> Any:
    _, v = eigh(x)
    s = (v * g[..., None, :]) @ _turned(v)
    return _in_lower_triangle(s)


eigvalsh: Operation = Operation(
    "eigvalsh",
    numpy={np.linalg.eigvalsh: lambda a, UPLO="L": apply(eigvalsh, _by_triangle(a, UPLO))},
    value=np.linalg.eigvalsh,
    gradients=(_eigvalsh_gradient,),
    formula=(
        lambda g, out, x: _named_in_lower_triangle(
            _named_eigenvectors(x) @ _named_diagonal(g) @ _turned(_named_eigenvectors(x))
        ),
    ),
)


def _svd_gradient(g: Any, out: Any, x: Any) -> Any:
    u, s, vt = out
    by_u, by_s, by_vt = g
    v = _turned(vt)
    squares = _gaps(s * s)
    diagonal = np.eye(s.shape[-1], dtype=bool)
    inner = 0.0 if by_s is None else np.where(diagonal, by_s[..., None, :], 0)
    outer = 0.0
    if by_u is not None:
        turned = _turned(u) @ by_u
        inner = inner + (squares * (turned - _turned(turned))) * s[..., None, :]
        outer = outer + (by_u - u @ turned) / s[..., None, :] @ vt
    if by_vt is not None:
        by_v = _turned(by_vt)
        turned = vt @ by_v
        inner = inner + s[..., :, None] * (squares * (turned - _turned(turned)))
        outer = outer + (u / s[..., None, :]) @ _turned(by_v - v @ turned)
    return u @ inner @ vt + outer


# The thin form: matrices of as many columns and rows as there are singular values.
svd = Operation(
    "svd",
    value=lambda x: tuple(np.linalg.svd(x, full_matrices=False)),
    gradients=(_svd_gradient,),
    formula=("the matrix equations of the singular value decomposition, run backwards",),
)


def _svdvals_gradient(g: Any, out: Any, x: Any) -> Any:
    u, _, vt = svd(x)
    return (u * g[..., None, :]) @ vt


_named_u = Operation(
    "left_vectors", value=lambda x: np.linalg.svd(x, full_matrices=False)[0], gradients=(None,)
)
_named_v = Operation(
    "right_vectors",
    value=lambda x: _turned(np.linalg.svd(x, full_matrices=False)[2]),
    gradients=(None,),
)

svdvals = Operation(
    "svdvals",
    value=lambda x: np.linalg.svd(x, compute_uv=False),
    gradients=(_svdvals_gradient,),
    formula=(lambda g, out, x: _named_u(x) @ _named_diagonal(g) @ _turned(_named_v(x)),),
)


def _qr_gradient(g: Any, out: Any, x: Any) -> Any:
    q, r = out
    by_q, by_r = g
    m = 0.0 if by_r is None else r @ _turned(by_r)
    if by_q is not None:
        m = m - _turned(by_q) @ q
    symmetric = _mirrored(m)
    inner = q @ symmetric if by_q is None else by_q + q @ symmetric
    return _turned(np.linalg.solve(r, _turned(inner)))


def _mirrored(x: Any) -> Any:
    """The symmetric matrix that has the lower triangle of x."""
    return np.where(_lower(x.shape[-1]), x, _turned(x))


_named_mirrored = Operation("symmetric_from_lower", value=_mirrored, gradients=(None,))

# Of matrices with at least as many rows as columns.
qr = Operation(
    "qr",
    value=lambda x: tuple(np.linalg.qr(x)),
    gradients=(_qr_gradient,),
    formula=(
        lambda g, out, x: (
            (g[0] + out[0] @ _named_mirrored(out[1] @ _turned(g[1]) - _turned(g[0]) @ out[0]))
            @ _turned(np.linalg.inv(out[1]))
        ),
    ),
)
