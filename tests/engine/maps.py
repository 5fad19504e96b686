"""A smooth map for every operation, for random compositions: here and in JAX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn import activations, ops, special


class Ours:
    """What the maps are written in: the names of NumPy, SciPy's special functions, activations."""

    np, special, activations = np, special, activations

    @staticmethod
    def set_at(x: Any, key: Any, values: Any) -> Any:
        return ops.set_at(x, values, key=key)

    @staticmethod
    def add_at(x: Any, key: Any, values: Any) -> Any:
        return ops.add_at(x, values, key=key)


class Jax:
    """The same of JAX."""

    @staticmethod
    def set_at(x: Any, key: Any, values: Any) -> Any:
        return x.at[key].set(values)

    @staticmethod
    def add_at(x: Any, key: Any, values: Any) -> Any:
        return x.at[key].add(values)

    def __init__(self) -> None:
        import jax

        self.np, self.special, self.activations = jax.numpy, jax.scipy.special, jax.nn


def activation(name: str, lib: Any, x: Any) -> Any:
    """An activation as an operation here; in JAX its own, or as one writes it."""
    x = x / 10 if name == "sparsemax" else x  # so near one another no probability is 0
    if lib is Ours:
        how = {"leaky_relu": {"negative_slope": 0.1}, "threshold": {"threshold": 0.1}}
        how |= {"hard_shrink": {"threshold": 0.5}, "soft_shrink": {"threshold": 0.5}}
        return getattr(ops, name)(x, **how.get(name, {}))
    np_, nn = lib.np, lib.activations
    written = {
        "gelu": lambda: nn.gelu(x, approximate=False),
        "hard_shrink": lambda: np_.where(abs(x) > 0.5, x, 0.0),
        "leaky_relu": lambda: nn.leaky_relu(x, 0.1),
        "normal_cdf": lambda: lib.special.ndtr(x),
        "soft_shrink": lambda: np_.where(abs(x) > 0.5, x - 0.5 * np_.sign(x), 0.0),
        "softsign": lambda: nn.soft_sign(x),
        "sparsemax": lambda: x - (x.sum(-1, keepdims=True) - 1) / x.shape[-1],
        "tanh_shrink": lambda: x - np_.tanh(x),
        "threshold": lambda: np_.where(x > 0.1, x, 0.0),
    }
    return written[name]() if name in written else getattr(nn, name)(x)


def positive(x: Any) -> Any:
    return 0.5 + x * x


def within(lib: Any, x: Any) -> Any:
    return 0.8 * lib.np.tanh(x)


def definite(lib: Any, x: Any) -> Any:
    return x @ x.T + np.diag([1.0, 2.0, 4.0])


def regular(x: Any) -> Any:
    return x + np.diag([3.0, -4.0, 5.0])


def by_recurrence(lib: Any, x: Any) -> Any:
    """Written out for JAX, one operation here."""
    if lib is Ours:
        return ops.recurrence(x, 2 * x, axis=-2)
    rows = [2 * x[0]]
    for t in (1, 2):
        rows.append(x[t] * rows[-1] + 2 * x[t])
    return lib.np.stack(rows)


def cofactors(lib: Any, x: Any) -> Any:
    x = regular(x)
    return ops.cofactors(x) if lib is Ours else lib.np.linalg.det(x) * lib.np.linalg.inv(x).T


# Windows of 2 by 2 of a matrix with a row and a column before it: as many as it has elements.
_WINDOWS: dict[str, Any] = {"strides": (1, 1), "padding": ((1, 0), (1, 0))}
_CONVOLVED = {**_WINDOWS, "dilation": (1, 1)}
_POOLED = {**_WINDOWS, "size": (2, 2)}
_COUNTS = np.array([[1, 2, 2], [2, 4, 4], [2, 4, 4]])


def _seen(lib: Any, x: Any, fill: float = 0.0) -> Any:
    """What the windows have in their first place, in their second, and so on."""
    whole = lib.np.pad(x, ((1, 0), (1, 0)), constant_values=fill)
    return [whole[i : i + 3, j : j + 3] for i in (0, 1) for j in (0, 1)]


def _put_back(lib: Any, parts: Any) -> Any:
    whole = lib.np.zeros((4, 4))
    for place, part in enumerate(parts):
        i, j = divmod(place, 2)
        whole = whole.at[i : i + 3, j : j + 3].add(part)
    return whole[1:, 1:]


def convolved(name: str, lib: Any, x: Any) -> Any:
    if lib is Ours:
        picture = x[None, :, :, None]
        if name == "convolution_kernel":
            how = {**_CONVOLVED, "padding": ((1, 1), (1, 1))}
            return ops.convolution_kernel(picture, picture, size=(3, 3), **how)[..., 0, 0]
        kernel = x[:2, :2, None, None]
        if name == "convolution":
            return ops.convolution(picture, kernel, **_CONVOLVED)[0, ..., 0]
        return ops.convolution_input(picture, kernel, shape=(3, 3), **_CONVOLVED)[0, ..., 0]
    if name == "convolution_kernel":
        whole = lib.np.pad(x, 1)
        sums = [(whole[i : i + 3, j : j + 3] * x).sum() for i in range(3) for j in range(3)]
        return lib.np.stack(sums).reshape(3, 3)
    kernel = [x[i, j] for i in (0, 1) for j in (0, 1)]
    if name == "convolution":
        return sum(k * seen for k, seen in zip(kernel, _seen(lib, x), strict=True))
    return _put_back(lib, [k * x for k in kernel])


def pooled(name: str, lib: Any, x: Any) -> Any:
    if lib is Ours:
        picture, other = x[None, :, :, None], x.T[None, :, :, None]
        if name == "average_pooling_input":
            return ops.average_pooling_input(picture, shape=(3, 3), **_POOLED)[0, ..., 0] * x
        operation = getattr(ops, name)
        return operation(*[other, picture][-operation_inputs(name) :], **_POOLED)[0, ..., 0] * x
    if name == "average_pooling":
        return sum(_seen(lib, x)) / _COUNTS * x
    if name == "average_pooling_input":
        return _put_back(lib, [x / _COUNTS] * 4) * x
    seen = _seen(lib, x, -1e9)
    largest = lib.np.max(lib.np.stack(seen), axis=0)
    wins = [one == largest for one in seen]
    if name == "max_pooling":
        return largest * x
    if name == "max_pooling_input":
        return _put_back(lib, [lib.np.where(w, x.T, 0.0) for w in wins]) * x
    taken = zip(wins, _seen(lib, x.T), strict=True)
    return sum(lib.np.where(w, one, 0.0) for w, one in taken) * x


def operation_inputs(name: str) -> int:
    return len(getattr(ops, name).gradients)


def cross_entropy(name: str, lib: Any, z: Any) -> Any:
    """The cross-entropies as one writes them down, and as operations."""
    np_, y = lib.np, np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3], [1.0, 0.0, 0.0]])
    labels, p = np.array([0, 2, 1]), 0.1 + 0.8 * lib.special.expit(z)
    if lib is Ours:
        first = p if name in ("binary", "categorical", "sparse_categorical") else z
        second = labels if name.startswith("sparse") else y
        operation = getattr(
            ops, "sigmoid_residual" if name == "residual" else f"{name}_cross_entropy"
        )
        return z * operation(first, second).reshape((3, -1))
    logs, s = z - lib.special.logsumexp(z, axis=-1, keepdims=True), lib.special.expit(z)
    rows = np.arange(3)
    found = {
        "binary": lambda: -(y * np_.log(p) + (1 - y) * np_.log(1 - p)),
        "categorical": lambda: -(y * np_.log(p)).sum(-1),
        "sparse_categorical": lambda: -np_.log(p[rows, labels]),
        "sigmoid": lambda: np_.logaddexp(z, 0.0) - z * y,
        "softmax": lambda: -(y * logs).sum(-1),
        "sparse_softmax": lambda: -logs[rows, labels],
        "residual": lambda: s - y,
    }[name]()
    return z * found.reshape((3, -1))


def run_over(name: str, lib: Any, x: Any) -> Any:
    """Three sequences of three steps, a state of one unit, and weights that depend on x too."""
    steps, h = x[:, :, None], x[:, :1] / 2
    gates = 4 if name == "lstm" else 3
    kernel = lib.np.stack([x[0, 0], x[1, 2], x[2, 1], x[1, 1]][:gates])[None]
    if lib is Ours and name == "lstm":
        outputs, _, c = ops.lstm(steps, kernel, -kernel, kernel[0] / 2, h, h * h)
        return outputs[:, :, 0] + c
    if lib is Ours:
        bias = lib.np.stack([kernel[0], kernel[0] / 2])
        return ops.gru(steps, kernel, -kernel, bias, h)[0][:, :, 0]
    c, outputs, sigmoid = h * h, [], lib.activations.sigmoid
    for t in range(3):
        a, b = steps[:, t] @ kernel, h @ -kernel
        if name == "lstm":
            i, f, new, o = (part[:, None] for part in (a + b + kernel[0] / 2).T)
            c = sigmoid(f) * c + sigmoid(i) * lib.np.tanh(new)
            h = sigmoid(o) * lib.np.tanh(c)
        else:
            a, b = (part.T[:, :, None] for part in (a + kernel[0], b + kernel[0] / 2))
            z = sigmoid(a[0] + b[0])
            h = z * h + (1 - z) * lib.np.tanh(a[2] + sigmoid(a[1] + b[1]) * b[2])
        outputs.append(h[:, 0])
    return lib.np.stack(outputs, 1) + (c if name == "lstm" else 0)


C = np.array([[0.3, -0.7, 0.2], [0.9, 0.4, -0.5], [-0.1, 0.8, 0.6]])
PLACES = np.array([0, 2, 2])

# For each operation a smooth map of matrices (3, 3) to such or to what broadcasts with them.
MAPS: dict[str, Callable[[Any, Any], Any]] = {
    **{
        name: (lambda lib, x, name=name: convolved(name, lib, x))
        for name in ("convolution", "convolution_input", "convolution_kernel")
    },
    **{
        name: (lambda lib, x, name=name: pooled(name, lib, x))
        for name in (
            "max_pooling", "max_pooling_input", "max_pooling_taken",
            "average_pooling", "average_pooling_input",
        )
    },
    "add": lambda lib, x: x + x.T,
    "subtract": lambda lib, x: x - x[0],
    "multiply": lambda lib, x: x * x[:, :1],
    "divide": lambda lib, x: x / positive(x[0]),
    "negative": lambda lib, x: -x,
    "power": lambda lib, x: positive(x) ** (0.5 * x[0]) + x**3,
    "square": lambda lib, x: lib.np.square(x),
    "sqrt": lambda lib, x: lib.np.sqrt(positive(x)),
    "root": lambda lib, x: x * lib.np.std(x, axis=0),
    "absolute": lambda lib, x: x * lib.np.abs(x),
    "exp": lambda lib, x: lib.np.exp(x),
    "expm1": lambda lib, x: lib.np.expm1(x),
    "log": lambda lib, x: lib.np.log(positive(x)),
    "log1p": lambda lib, x: lib.np.log1p(x * x),
    "logsumexp": lambda lib, x: x * lib.special.logsumexp(x, axis=0),
    "sin": lambda lib, x: lib.np.sin(x),
    "cos": lambda lib, x: lib.np.cos(x),
    "tan": lambda lib, x: lib.np.tan(within(lib, x)),
    "sinh": lambda lib, x: lib.np.sinh(x),
    "cosh": lambda lib, x: lib.np.cosh(x),
    "tanh": lambda lib, x: lib.np.tanh(x),
    "arcsin": lambda lib, x: lib.np.arcsin(within(lib, x)),
    "arccos": lambda lib, x: lib.np.arccos(within(lib, x)),
    "arctan": lambda lib, x: lib.np.arctan(x),
    "arcsinh": lambda lib, x: lib.np.arcsinh(x),
    "arccosh": lambda lib, x: lib.np.arccosh(1 + positive(x)),
    "arctanh": lambda lib, x: lib.np.arctanh(within(lib, x)),
    "arctan2": lambda lib, x: lib.np.arctan2(x, positive(x.T)),
    "hypot": lambda lib, x: lib.np.hypot(x, positive(x.T)),
    "sinc": lambda lib, x: lib.np.sinc(0.3 + 0.5 * positive(x)),
    "i0": lambda lib, x: lib.np.i0(x),
    "exp2": lambda lib, x: lib.np.exp2(x),
    "log2": lambda lib, x: lib.np.log2(positive(x)),
    "log10": lambda lib, x: lib.np.log10(positive(x)),
    "logaddexp": lambda lib, x: lib.np.logaddexp(x, x.T * x),
    "logaddexp2": lambda lib, x: lib.np.logaddexp2(x, x.T * x),
    "cbrt": lambda lib, x: lib.np.cbrt(positive(x)),
    "reciprocal": lambda lib, x: lib.np.reciprocal(positive(x)),
    "remainder": lambda lib, x: x * lib.np.remainder(x, 10.0 + positive(x.T)),
    "fmod": lambda lib, x: x * lib.np.fmod(x, 10.0 + positive(x.T)),
    "copysign": lambda lib, x: x * lib.np.copysign(x, C),
    "ldexp": lambda lib, x: x * lib.np.ldexp(x, np.array([0, 1, -1])),
    "lstm": lambda lib, x: run_over("lstm", lib, x),
    "gru": lambda lib, x: run_over("gru", lib, x),
    "embed": lambda lib, x: (
        ops.embed(x, PLACES) if lib is Ours else x[PLACES]
    ) ** 2,
    "add_rows": lambda lib, x: (
        ops.add_rows(x, PLACES, rows=3) if lib is Ours else (x * 0).at[PLACES].add(x)
    ) ** 2,
    "heaviside": lambda lib, x: x * x if lib is not Ours else x * np.heaviside(np.zeros((3, 3)), x),
    "fmax": lambda lib, x: lib.np.fmax(x * x, x * x.T - 0.1),
    "fmin": lambda lib, x: lib.np.fmin(x * x, x * x.T - 0.1),
    "maximum": lambda lib, x: lib.np.maximum(x * x, x * x.T - 0.1),
    "minimum": lambda lib, x: lib.np.minimum(x * x, x * x.T - 0.1),
    "max": lambda lib, x: x * lib.np.max(x, axis=1),
    "min": lambda lib, x: x * lib.np.min(x, axis=0, keepdims=True),
    "clip": lambda lib, x: x * lib.np.clip(x, -0.4, 0.6),
    "where": lambda lib, x: lib.np.where(C > 0, x * x, lib.np.exp(x)),
    "sum": lambda lib, x: x * lib.np.sum(x * x, axis=1),
    "mean": lambda lib, x: x * lib.np.mean(x * x, axis=0),
    "prod": lambda lib, x: x * lib.np.prod(x, axis=1, keepdims=True),
    "cumsum": lambda lib, x: lib.np.cumsum(x * x, axis=0),
    "cumprod": lambda lib, x: lib.np.cumprod(1.2 * x, axis=1),
    "recurrence": by_recurrence,
    "einsum": lambda lib, x: lib.np.einsum("ij,kj,ll->ik", x, x, x),
    "inv": lambda lib, x: lib.np.linalg.inv(regular(x)),
    "det": lambda lib, x: x * lib.np.linalg.det(regular(x)) / 50,
    "slogdet": lambda lib, x: x * lib.np.linalg.slogdet(regular(x))[1],
    "cofactors": cofactors,
    "solve": lambda lib, x: lib.np.linalg.solve(regular(x), x.T),
    "pinv": lambda lib, x: lib.np.linalg.pinv(regular(x)),
    "cholesky": lambda lib, x: lib.np.linalg.cholesky(definite(lib, x)),
    "eigh": lambda lib, x: (lambda w, v: (v * w**2) @ v.T / 9)(
        *lib.np.linalg.eigh(definite(lib, x))
    ),
    "eigvalsh": lambda lib, x: x * lib.np.linalg.eigvalsh(definite(lib, x)),
    "svd": lambda lib, x: (lambda u, s, v: (u * s**2) @ v)(
        *lib.np.linalg.svd(regular(x), full_matrices=False)
    )
    / 9,
    "svdvals": lambda lib, x: x * lib.np.linalg.svd(regular(x), compute_uv=False),
    "qr": lambda lib, x: (lambda q, r: q * lib.np.abs(lib.np.diagonal(r)) + r * r)(
        *lib.np.linalg.qr(regular(x))
    )
    / 9,
    "matmul": lambda lib, x: x @ x.T + x @ C,
    "reshape": lambda lib, x: (x.reshape(9) ** 2).reshape((3, 3)),
    "transpose": lambda lib, x: lib.np.transpose(x) ** 2,
    "squeeze": lambda lib, x: lib.np.squeeze(x[None] ** 2, 0),
    "expand_dims": lambda lib, x: (lib.np.expand_dims(x, 1) * x).sum(0),
    "broadcast_to": lambda lib, x: lib.np.broadcast_to(x[0], (3, 3)) * x,
    "concatenate": lambda lib, x: lib.np.concatenate([x[:1] ** 2, x[1:]], 0),
    "stack": lambda lib, x: lib.np.stack([x[0], x[1] * x[0], x[2]], -1),
    "split": lambda lib, x: lib.np.split(x, 3, 1)[1] * x,
    "copy": lambda lib, x: lib.np.copy(x) * x,
    "astype": lambda lib, x: x.astype(np.float64) * x,
    "getitem": lambda lib, x: x[PLACES] * x[:, PLACES],
    "scatter": lambda lib, x: lib.add_at(lib.np.zeros_like(x) * x, PLACES, x * x),
    "set_at": lambda lib, x: lib.set_at(x, (PLACES[:2], 1), x[0, :2] ** 2),
    "add_at": lambda lib, x: lib.add_at(x, PLACES, x * x),
    "sigmoid": lambda lib, x: lib.activations.sigmoid(x),
    "sigmoid_slope": lambda lib, x: x * lib.activations.sigmoid(x),
    "softplus": lambda lib, x: lib.activations.softplus(x),
    # JAX has neither; between the ends of its clip the second is its input.
    "log_cosh": lambda lib, x: ops.log_cosh(x) if lib is Ours else lib.np.log(lib.np.cosh(x)),
    "kept_positive": lambda lib, x: (
        ops.kept_positive(0.5 + 0.4 * within(lib, x)) if lib is Ours else 0.5 + 0.4 * within(lib, x)
    ),
    "relu": lambda lib, x: x * lib.activations.relu(x),
    **{
        name: (lambda lib, x, name=name: x * activation(name, lib, x))
        for name in (
            *("celu", "elu", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh"),
            *("leaky_relu", "log_sigmoid", "mish", "normal_cdf", "relu6", "selu", "silu"),
            *("soft_shrink", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax"),
            *("squareplus", "tanh_shrink", "threshold"),
        )
    },
    "softmax": lambda lib, x: lib.activations.softmax(x, axis=0),
    "log_softmax": lambda lib, x: lib.activations.log_softmax(x),
    "logit": lambda lib, x: lib.special.logit(0.5 + 0.5 * within(lib, x)),
    "entr": lambda lib, x: lib.special.entr(positive(x)),
    "gammaln": lambda lib, x: lib.special.gammaln(1 + positive(x)),
    "psi": lambda lib, x: lib.special.digamma(1 + positive(x)),
    "polygamma": lambda lib, x: lib.special.polygamma(1, 1 + positive(x)),
    "beta": lambda lib, x: lib.special.beta(1 + positive(x), 1 + positive(x.T)),
    "betaln": lambda lib, x: lib.special.betaln(1 + positive(x), 1 + positive(x.T)),
    "xlogy": lambda lib, x: lib.special.xlogy(x, positive(x.T)),
    "xlog1py": lambda lib, x: lib.special.xlog1py(x, positive(x.T)),
    "rel_entr": lambda lib, x: lib.special.rel_entr(positive(x), positive(x.T)),
    "kl_div": lambda lib, x: lib.special.kl_div(positive(x), positive(x.T)),
    # e^(x²)·erfc(x), of which JAX has no function of its own.
    "erfcx": lambda lib, x: (
        special.erfcx(x) if lib is Ours else lib.np.exp(x * x) * lib.special.erfc(x)
    ),
    **{
        name: (lambda lib, x, name=name: getattr(lib.special, name)(x))
        for name in ("erf", "erfc", "ndtr", "log_ndtr", "i0e", "i1e")
    },
    **{
        f"{name}_cross_entropy" if name != "residual" else "sigmoid_residual": (
            lambda lib, x, name=name: cross_entropy(name, lib, x)
        )
        for name in (
            "binary", "categorical", "sparse_categorical", "sigmoid", "softmax", "sparse_softmax",
            "residual",
        )
    },
}  # fmt: skip


def composed(names: tuple[str, ...], lib: Any, total: bool = True) -> Callable[[Any], Any]:
    """One map after the other; the weighted sum of what comes out, or that itself."""

    def f(x: Any) -> Any:
        for name in names:
            # Kept within ±1, so that the derivatives stay of a size.
            x = lib.np.tanh(0.5 * MAPS[name](lib, x) + 0.3 * x) + 0.05 * x
        return lib.np.sum(x * (1 + C)) if total else x

    return f
