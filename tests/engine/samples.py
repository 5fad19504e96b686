"""Samples of every operation: inputs away from kinks, and what NumPy or SciPy says of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.special

from autograd_nn import Operation, ops, special
from tests.engine import sequences, windows


@dataclass
class Case:
    """One call: the inputs, the attributes, and the same thing said by somebody else."""

    inputs: tuple[Any, ...]
    reference: Callable[..., Any]
    attributes: dict[str, Any] = field(default_factory=dict)
    elementwise: bool = False  # then 0-d, empty, broadcast and strided inputs are made from it


def numbers(*shape: int, low: float = -2.0, high: float = 2.0, seed: int = 0) -> Any:
    return np.random.default_rng([seed, *shape]).uniform(low, high, shape)


def positive(*shape: int, seed: int = 0) -> Any:
    return numbers(*shape, low=0.3, high=2.5, seed=seed)


def away_from_zero(*shape: int, seed: int = 0) -> Any:
    x = numbers(*shape, seed=seed)
    return np.where(np.abs(x) < 0.2, 0.5, x)


def within_one(*shape: int, seed: int = 0) -> Any:
    return numbers(*shape, low=-0.9, high=0.9, seed=seed)


def above_one(*shape: int, seed: int = 0) -> Any:
    return 1 + positive(*shape, seed=seed)


def regular(*shape: int, seed: int = 0) -> Any:
    return numbers(*shape, seed=seed) + 3 * np.eye(shape[-1])


def definite(*shape: int, seed: int = 0) -> Any:
    x = numbers(*shape, seed=seed)
    return x @ np.swapaxes(x, -1, -2) + np.diag(1.0 + np.arange(shape[-1]))


def matrices(function: Callable[..., Any]) -> list[Case]:
    return [Case((regular(3, 3),), function), Case((regular(2, 3, 3),), function)]


def by_recurrence(a: Any, b: Any, axis: int) -> Any:
    """The plain loop that recurrence stands for."""
    out = np.array(b)
    for t in range(1, len(b)):
        out[t] = a[t] * out[t - 1] + b[t]
    return out


def summed(*operands: Any, subscripts: str) -> Any:
    return np.einsum(subscripts, *operands)


def unary(function: Callable[..., Any], make: Callable[..., Any] = numbers) -> list[Case]:
    return [
        Case((make(2, 3),), function, elementwise=True),
        Case((make(4, seed=1),), function, elementwise=True),
    ]


def binary(
    function: Callable[..., Any],
    first: Callable[..., Any] = numbers,
    second: Callable[..., Any] = numbers,
) -> list[Case]:
    return [Case((first(2, 3), second(2, 3, seed=5)), function, elementwise=True)]


def reduction(function: Callable[..., Any]) -> list[Case]:
    x = numbers(2, 3, 4)
    return [Case((x,), function)] + [
        Case((x,), function, attributes)
        for attributes in (
            {"axis": 1},
            {"axis": -1, "keepdims": True},
            {"axis": (0, 2)},
            {"axis": (0, -1), "keepdims": True},
            {"keepdims": True},
        )
    ]


def along_axis(function: Callable[..., Any]) -> list[Case]:
    x = numbers(2, 3, 4)
    return [
        Case((x,), function),
        Case((x,), function, {"axis": 0}),
        Case((x,), function, {"axis": -2}),
    ]


def with_values(x: Any, v: Any, key: Any, add: bool) -> Any:
    """The plain loop over places that set_at and add_at stand for."""
    out = np.array(x)
    places = np.arange(x.size).reshape(x.shape)[key]
    values = np.broadcast_to(v, places.shape)
    flat = out.reshape(-1)
    for place, value in zip(places.reshape(-1), values.reshape(-1), strict=True):
        flat[place] = flat[place] + value if add else value
    return out


def clipped(x: Any, min: Any = None, max: Any = None) -> Any:
    return np.clip(x, min, max)


def reshaped(x: Any, shape: Any) -> Any:
    return np.reshape(x, shape)


KEYS: list[Any] = [
    1,
    -1,
    slice(0, 2),
    (slice(None), 1),
    (..., slice(None, None, -1)),
    (None, 0),
    np.array([0, 1, 1]),
    np.array([[0, 1], [1, 0]]),
    (np.array([0, 0, 1]), np.array([2, 2, 0])),
    (slice(None), np.array([2, 2])),
    np.array([True, False]),
    np.array([[True, False, True], [False, False, True]]),
]


def of_windows() -> dict[str, list[Case]]:
    """Convolutions and poolings of two channels, the results of which are seeds of the others."""
    found: dict[str, list[Case]] = {}

    def add(name: str, reference: Any, *inputs: Any, **attributes: Any) -> Any:
        found.setdefault(name, []).append(Case(inputs, reference, attributes))
        return reference(*inputs, **attributes)

    for how in [*windows.CONVOLUTIONS, windows.SOLID_CONVOLUTION]:
        n = len(how.get("strides", "hw"))
        x, size = numbers(2, *(5, 4, 3)[:n], 2), (2, 2, 2)[:n]
        kernel = numbers(*size, 2 // how.get("groups", 1), 2, seed=1)
        g = numbers(*add("convolution", windows.convolved, x, kernel, **how).shape, seed=2)
        shape = x.shape[1:-1]
        add("convolution_input", windows.convolved_input, g, kernel, shape=shape, **how)
        add("convolution_kernel", windows.convolved_kernel, x, g, size=size, **how)
    for how in [*windows.POOLINGS, windows.SOLID_POOLING]:
        x = numbers(2, *(5, 4, 3)[: len(how["size"])], 2)
        g = numbers(*add("max_pooling", windows.max_pooled, x, **how).shape, seed=2)
        add("max_pooling_input", windows.max_pooled_input, g, x, **how)
        add("max_pooling_taken", windows.max_pooled_taken, numbers(*x.shape, seed=3), x, **how)
        add("average_pooling", windows.average_pooled, x, **how)
        shape = x.shape[1:-1]
        add("average_pooling_input", windows.average_pooled_input, g, shape=shape, **how)
    return found


def of_sequences(gates: int, states: int, reference: Any, *bias: int) -> list[Case]:
    """Two sequences of three steps with two features, and a state of two units."""
    weights = numbers(2, 2 * gates), numbers(2, 2 * gates, seed=1), numbers(*bias)
    first = [numbers(2, 2, seed=4 + k) for k in range(states)]
    some = np.array([[True, False, True], [False, True, True]])
    return [
        Case((numbers(2, 3, 2), *weights, *first), reference),
        Case((numbers(2, 3, 2), *weights[:2], None, *first), reference),
        Case((numbers(2, 3, 2), *weights, *first, some), reference),
    ]


INDICES = np.array([[2, 0, 2], [1, 2, 3]])
probabilities = numbers(4, 3, low=0.05, high=0.95)
labels = np.array([0, 2, 1, 2])
one_hot = np.eye(3)[labels]
soft = scipy.special.softmax(numbers(4, 3, seed=9), axis=-1)
bits = numbers(4, 3, low=0.0, high=1.0, seed=3)


def bce(p: Any, y: Any) -> Any:
    return -(scipy.special.xlogy(y, p) + scipy.special.xlogy(1 - y, 1 - p))


SAMPLES: dict[str, list[Case]] = {
    **of_windows(),
    "lstm": of_sequences(4, 2, sequences.lstm, 8),
    "gru": of_sequences(3, 1, sequences.gru, 2, 6),
    "embed": [
        Case((numbers(4, 3), INDICES), lambda table, indices: table[indices]),
        Case((numbers(4), INDICES), lambda table, indices: table[indices]),
    ],
    "add_rows": [
        Case((numbers(2, 3, width), INDICES), sequences.added_rows, {"rows": 5}) for width in (2, 3)
    ],
    "add": binary(np.add),
    "subtract": binary(np.subtract),
    "multiply": binary(np.multiply),
    "divide": binary(np.divide, numbers, away_from_zero),
    "negative": unary(np.negative),
    "power": [
        *binary(np.power, positive, numbers),
        Case((numbers(2, 3), 3), np.power),
        Case((away_from_zero(2, 3), -2.0), np.power),
        Case((2.0, numbers(3)), np.power),
    ],
    "square": unary(np.square),
    "sqrt": unary(np.sqrt, positive),
    "root": unary(np.sqrt, positive),
    "absolute": unary(np.abs, away_from_zero),
    "exp": unary(np.exp),
    "expm1": unary(np.expm1),
    "log": unary(np.log, positive),
    "log1p": unary(np.log1p, positive),
    "logsumexp": reduction(scipy.special.logsumexp),
    "sin": unary(np.sin),
    "cos": unary(np.cos),
    "tan": unary(np.tan, within_one),
    "sinh": unary(np.sinh),
    "cosh": unary(np.cosh),
    "tanh": unary(np.tanh),
    "arcsin": unary(np.arcsin, within_one),
    "arccos": unary(np.arccos, within_one),
    "arctan": unary(np.arctan),
    "arcsinh": unary(np.arcsinh),
    "arccosh": unary(np.arccosh, above_one),
    "arctanh": unary(np.arctanh, within_one),
    "arctan2": binary(np.arctan2, away_from_zero, away_from_zero),
    "hypot": binary(np.hypot, away_from_zero, away_from_zero),
    "sinc": unary(np.sinc),
    "i0": unary(scipy.special.i0),
    "exp2": unary(np.exp2),
    "log2": unary(np.log2, positive),
    "log10": unary(np.log10, positive),
    "logaddexp": binary(np.logaddexp),
    "logaddexp2": binary(np.logaddexp2),
    "cbrt": unary(np.cbrt, away_from_zero),
    "reciprocal": unary(np.reciprocal, away_from_zero),
    "remainder": binary(np.remainder, numbers, away_from_zero),
    "fmod": binary(np.fmod, numbers, away_from_zero),
    # Without a derivative in the sign that is given, and in the number that is compared with 0.
    "copysign": [Case((away_from_zero(2, 3), np.array([1, -1, -2], np.int8)), np.copysign)],
    "ldexp": [Case((numbers(2, 3), np.array([1, -2, 0])), np.ldexp)],
    "heaviside": [Case((np.array([-1, 0, 2], np.int8), numbers(2, 3)), np.heaviside)],
    "fmax": binary(np.fmax),
    "fmin": binary(np.fmin),
    "maximum": binary(np.maximum),
    "minimum": binary(np.minimum),
    "max": reduction(np.max),
    "min": reduction(np.min),
    "clip": [
        Case((numbers(3, 4),), clipped, {"min": -0.7, "max": 1.1}),
        Case((numbers(3, 4),), clipped, {"min": None, "max": 0.5}),
        Case((numbers(3, 4),), clipped, {"min": 0.25}),
    ],
    "where": [
        Case((numbers(2, 3) > 0, numbers(2, 3, seed=1), numbers(2, 3, seed=2)), np.where),
        Case((np.array([True, False, True]), numbers(2, 1), 3.0), np.where),
        Case((numbers(2, 1) > 0, numbers(3), numbers(2, 3, seed=2)), np.where),
    ],
    "sum": reduction(np.sum) + [Case((np.zeros((0, 3)),), np.sum, {"axis": 0})],
    "mean": reduction(np.mean),
    "prod": [
        *reduction(np.prod),
        Case((np.array([[2.0, 0.0, 3.0], [0.0, 0.0, 1.5]]),), np.prod, {"axis": 1}),
        Case((np.array([2.0, 0.0, 3.0]),), np.prod),
    ],
    "cumsum": [Case((numbers(2, 3),), np.cumsum, {"axis": axis}) for axis in (-1, -2)],
    "cumprod": [
        *(Case((numbers(2, 3),), np.cumprod, {"axis": axis}) for axis in (-1, -2)),
        Case((np.array([1.5, 0.0, 3.0, 0.0, 2.0]),), np.cumprod, {"axis": -1}),
    ],
    "recurrence": [
        Case((numbers(4), numbers(4, seed=1)), by_recurrence, {"axis": -1}),
        Case((numbers(4, 3), numbers(4, 3, seed=1)), by_recurrence, {"axis": -2}),
    ],
    "einsum": [
        Case(
            tuple(numbers(*shape, seed=k) for k, shape in enumerate(shapes)),
            summed,
            {"subscripts": text},
        )
        for text, shapes in [
            ("ij,jk->ik", [(2, 3), (3, 4)]),
            ("ij->", [(2, 3)]),
            ("ij->j", [(2, 3)]),
            ("ij->ji", [(2, 3)]),
            ("ii->i", [(3, 3)]),
            ("ii->", [(3, 3)]),
            ("i,j->ij", [(2,), (3,)]),
            ("bij,bjk,bk->bi", [(2, 3, 4), (2, 4, 3), (2, 3)]),
        ]
    ],
    "inv": matrices(np.linalg.inv),
    "det": matrices(np.linalg.det),
    "slogdet": matrices(lambda x: tuple(np.linalg.slogdet(x))),
    "cofactors": matrices(
        lambda x: np.linalg.det(x)[..., None, None] * np.swapaxes(np.linalg.inv(x), -1, -2)
    ),
    "solve": [
        Case((regular(3, 3), numbers(3)), np.linalg.solve),
        Case((regular(3, 3), numbers(3, 2)), np.linalg.solve),
        Case((regular(2, 3, 3), numbers(3, 2)), np.linalg.solve),
        Case((regular(2, 3, 3), numbers(3)), np.linalg.solve),
    ],
    "pinv": [
        *matrices(np.linalg.pinv),
        Case((numbers(3, 4),), np.linalg.pinv),
        Case((numbers(4, 3),), np.linalg.pinv),
    ],
    "cholesky": [Case((definite(*shape),), np.linalg.cholesky) for shape in [(3, 3), (2, 3, 3)]],
    "eigh": [
        Case((definite(*shape),), lambda x: tuple(np.linalg.eigh(x)))
        for shape in [(3, 3), (2, 3, 3)]
    ],
    "eigvalsh": [Case((definite(*shape),), np.linalg.eigvalsh) for shape in [(3, 3), (2, 3, 3)]],
    "svd": [
        Case((numbers(*shape),), lambda x: tuple(np.linalg.svd(x, full_matrices=False)))
        for shape in [(3, 3), (3, 4), (4, 3), (2, 3, 2)]
    ],
    "svdvals": [
        Case((numbers(*shape),), lambda x: np.linalg.svd(x, compute_uv=False))
        for shape in [(3, 3), (3, 4), (4, 3), (2, 3, 2)]
    ],
    "qr": [
        Case((numbers(*shape),), lambda x: tuple(np.linalg.qr(x)))
        for shape in [(3, 3), (4, 3), (2, 3, 2)]
    ],
    "matmul": [
        Case((numbers(*a), numbers(*b, seed=1)), np.matmul)
        for a, b in [
            ((2, 3), (3, 4)),
            ((3,), (3,)),
            ((3,), (3, 4)),
            ((2, 3), (3,)),
            ((5, 2, 3), (3, 4)),
            ((2, 3), (5, 3, 4)),
            ((5, 2, 3), (5, 3, 4)),
            ((1, 2, 3), (5, 3, 4)),
            ((3,), (5, 3, 4)),
            ((5, 2, 3), (3,)),
            ((2, 1, 2, 3), (4, 3, 2)),
            ((0, 3), (3, 4)),
            ((2, 0), (0, 4)),
        ]
    ],
    "reshape": [
        Case((numbers(2, 3),), reshaped, {"shape": (3, 2)}),
        Case((numbers(2, 3),), reshaped, {"shape": (-1,)}),
        Case((numbers(1),), reshaped, {"shape": ()}),
        Case((np.zeros((0, 3)),), reshaped, {"shape": (3, 0)}),
    ],
    "transpose": [
        Case((numbers(2, 3),), np.transpose),
        Case((numbers(2, 3, 4),), np.transpose),
        Case((numbers(2, 3, 4),), np.transpose, {"axes": (1, 2, 0)}),
        Case((numbers(2, 3, 4),), np.transpose, {"axes": (-1, 0, 1)}),
        Case((np.zeros((0, 3)),), np.transpose),
    ],
    "squeeze": [
        Case((numbers(1, 3, 1),), np.squeeze),
        Case((numbers(1, 3, 1),), np.squeeze, {"axis": -1}),
        Case((numbers(1, 1),), np.squeeze),
    ],
    "expand_dims": [
        Case((numbers(2, 3),), np.expand_dims, {"axis": 1}),
        Case((numbers(2, 3),), np.expand_dims, {"axis": (0, -1)}),
        Case((np.float64(1.5),), np.expand_dims, {"axis": 0}),
    ],
    "broadcast_to": [
        Case((numbers(3),), np.broadcast_to, {"shape": (2, 3)}),
        Case((numbers(2, 1),), np.broadcast_to, {"shape": (4, 2, 3)}),
        Case((np.float64(1.5),), np.broadcast_to, {"shape": (2, 2)}),
        Case((numbers(1, 3),), np.broadcast_to, {"shape": (0, 3)}),
    ],
    "concatenate": [
        Case((numbers(2, 3), numbers(1, 3)), lambda *a, axis=0: np.concatenate(a, axis)),
        Case(
            (numbers(2, 3), numbers(2, 1), numbers(2, 0)),
            lambda *a, axis=0: np.concatenate(a, axis),
            {"axis": -1},
        ),
        Case((numbers(4),), lambda *a, axis=0: np.concatenate(a, axis)),
    ],
    "stack": [
        Case((numbers(2, 3), numbers(2, 3, seed=1)), lambda *a, axis=0: np.stack(a, axis)),
        Case(
            (numbers(2, 3), numbers(2, 3, seed=1)),
            lambda *a, axis=0: np.stack(a, axis),
            {"axis": 1},
        ),
        Case(
            (numbers(2, 3), numbers(2, 3, seed=1)),
            lambda *a, axis=0: np.stack(a, axis),
            {"axis": -1},
        ),
        Case((np.float64(1.0), np.float64(2.0)), lambda *a, axis=0: np.stack(a, axis)),
    ],
    "split": [
        Case((numbers(6),), lambda x, **k: tuple(np.split(x, **k)), {"indices_or_sections": 3}),
        Case(
            (numbers(2, 5),),
            lambda x, **k: tuple(np.split(x, **k)),
            {"indices_or_sections": [1, 3], "axis": 1},
        ),
    ],
    "copy": unary(np.copy),
    "astype": [Case((numbers(2, 3),), lambda x, dtype: x.astype(dtype), {"dtype": np.dtype("f8")})],
    "getitem": [Case((numbers(2, 3),), lambda x, key: x[key], {"key": key}) for key in KEYS],
    "scatter": [
        Case(
            (numbers(*np.zeros((2, 3))[key].shape, seed=4),),
            lambda g, key, shape: with_values(np.zeros(shape), g, key, add=True),
            {"key": key, "shape": (2, 3)},
        )
        for key in KEYS
    ],
    "set_at": [
        Case(
            (numbers(2, 3), numbers(*np.zeros((2, 3))[key].shape, seed=4)),
            lambda x, v, key: with_values(x, v, key, add=False),
            {"key": key},
        )
        for key in KEYS
    ],
    "add_at": [
        Case(
            (numbers(2, 3), numbers(*np.zeros((2, 3))[key].shape, seed=4)),
            lambda x, v, key: with_values(x, v, key, add=True),
            {"key": key},
        )
        for key in KEYS
    ],
    "sigmoid": unary(scipy.special.expit),
    "sigmoid_slope": unary(lambda x: scipy.special.expit(x) * scipy.special.expit(-x)),
    "softplus": unary(lambda x: np.logaddexp(x, 0)),
    "log_cosh": unary(lambda x: np.logaddexp(x, -x) - np.log(2)),
    "kept_positive": unary(lambda p: p, lambda *shape, seed=0: abs(within_one(*shape, seed=seed))),
    "relu": unary(lambda x: np.maximum(x, 0), away_from_zero),
    "softmax": along_axis(lambda x, axis=-1: scipy.special.softmax(x, axis=axis)),
    "log_softmax": along_axis(lambda x, axis=-1: scipy.special.log_softmax(x, axis=axis)),
    "binary_cross_entropy": [Case((probabilities, bits), bce)],
    "categorical_cross_entropy": [
        Case((probabilities, soft), lambda p, y: -(y * np.log(p)).sum(axis=-1))
    ],
    "sparse_categorical_cross_entropy": [
        Case((probabilities, labels), lambda p, y: -np.log(p[np.arange(4), y]))
    ],
    "sigmoid_residual": [Case((numbers(4, 3), bits), lambda z, y: scipy.special.expit(z) - y)],
    "sigmoid_cross_entropy": [
        Case((numbers(4, 3), bits), lambda z, y: bce(scipy.special.expit(z), y)),
        Case(
            (numbers(4, 3), bits, scipy.special.expit(numbers(4, 3))),
            lambda z, y, p: bce(scipy.special.expit(z), y),
        ),
    ],
    "softmax_cross_entropy": [
        Case(
            (numbers(4, 3), y),
            lambda z, y: -(y * scipy.special.log_softmax(z, axis=-1)).sum(axis=-1),
        )
        for y in (one_hot, soft, 2 * soft, bits)  # weights, too, which need not add up to 1
    ],
    "sparse_softmax_cross_entropy": [
        Case(
            (numbers(4, 3), labels),
            lambda z, y: -scipy.special.log_softmax(z, axis=-1)[np.arange(4), y],
        )
    ],
}


def per_cent(*shape: int, seed: int = 0) -> Any:
    return numbers(*shape, low=0.1, high=0.9, seed=seed)


# Of `autograd_nn.special`.
SAMPLES |= {
    **{
        name: unary(getattr(scipy.special, name))
        for name in ["erf", "erfc", "erfcx", "ndtr", "log_ndtr", "i0e", "i1e"]
    },
    "logit": unary(scipy.special.logit, per_cent),
    "entr": unary(scipy.special.entr, per_cent),
    "gammaln": unary(scipy.special.gammaln, positive),
    "psi": unary(scipy.special.psi, positive),
    "polygamma": [Case((2, positive(2, 3)), scipy.special.polygamma)],
    **{
        name: binary(getattr(scipy.special, name), per_cent, positive)
        for name in ["beta", "betaln", "xlogy", "xlog1py", "rel_entr", "kl_div"]
    },
}


def beside_kinks(*shape: int, seed: int = 0) -> Any:
    """Numbers in every piece of the activations that have pieces, none of them at an end."""
    pieces = [-7.2, -3.4, -1.7, -0.8, -0.3, 0.2, 0.7, 1.6, 3.3, 6.4]
    return np.random.default_rng([seed, *shape]).choice(pieces, shape)


def one(function: Callable[..., Any], make: Callable[..., Any] = numbers) -> list[Case]:
    return unary(function, make)[:1]


def with_attributes(
    function: Callable[..., Any], *attributes: dict[str, Any], make: Callable[..., Any]
) -> list[Case]:
    return [Case((make(3, 4),), function, given) for given in attributes]


def rectified(
    x: Any, negative_slope: float = 0.0, max_value: float = np.inf, threshold: float = 0.0
) -> Any:
    below = negative_slope * (x - threshold)
    return np.select([x > max_value, x > threshold], [np.full_like(x, max_value), x], below)


def exponential_below_0(x: Any, alpha: float = 1.0, per: float = 1.0, scale: float = 1.0) -> Any:
    return scale * np.where(x > 0, x, alpha * (np.exp(x / per) - 1))


def nearest_probabilities(x: Any, axis: int = -1) -> Any:
    """max(x − t, 0) with the t at which it adds up to 1, by halving an interval."""
    low, high = x.max(axis, keepdims=True) - 1, x.max(axis, keepdims=True)
    for _ in range(80):
        t = (low + high) / 2
        too_much = np.maximum(x - t, 0).sum(axis, keepdims=True) > 1
        low, high = np.where(too_much, t, low), np.where(too_much, high, t)
    return np.maximum(x - t, 0)


def bent_by_tanh(x: Any) -> Any:
    return x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


SAMPLES["relu"] += with_attributes(
    rectified,
    {"negative_slope": 0.1},
    {"max_value": 6.0},
    {"threshold": 0.5},
    {"negative_slope": 0.1, "max_value": 1.5, "threshold": 0.5},
    make=beside_kinks,
)
SAMPLES |= {
    "leaky_relu": [
        *one(lambda x: np.where(x > 0, x, x / 5), beside_kinks),
        *with_attributes(rectified, {"negative_slope": 0.3}, make=beside_kinks),
    ],
    "relu6": one(lambda x: rectified(x, max_value=6.0), beside_kinks),
    "elu": [
        *one(exponential_below_0, beside_kinks),
        *with_attributes(exponential_below_0, {"alpha": 0.4}, make=beside_kinks),
    ],
    "celu": [
        *one(exponential_below_0, beside_kinks),
        *with_attributes(
            lambda x, alpha: exponential_below_0(x, alpha, per=alpha),
            {"alpha": 1.5},
            make=beside_kinks,
        ),
    ],
    "selu": one(
        lambda x: exponential_below_0(x, 1.6732632423543772, scale=1.0507009873554805),
        beside_kinks,
    ),
    "hard_sigmoid": one(lambda x: np.clip(x / 6 + 0.5, 0, 1), beside_kinks),
    "hard_silu": one(lambda x: x * np.clip(x / 6 + 0.5, 0, 1), beside_kinks),
    "hard_tanh": one(lambda x: np.clip(x, -1, 1), beside_kinks),
    "sparse_sigmoid": one(lambda x: np.clip(x / 2 + 0.5, 0, 1), beside_kinks),
    "sparse_plus": one(
        lambda x: np.select([x > 1, x > -1], [x, (x + 1) ** 2 / 4], 0.0), beside_kinks
    ),
    "hard_shrink": [
        *one(lambda x: x * (np.abs(x) > 0.5), beside_kinks),
        *with_attributes(
            lambda x, threshold: x * (np.abs(x) > threshold), {"threshold": 1.0}, make=beside_kinks
        ),
    ],
    "soft_shrink": [
        *one(lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0), beside_kinks),
        *with_attributes(
            lambda x, threshold: np.sign(x) * np.maximum(np.abs(x) - threshold, 0),
            {"threshold": 1.0},
            make=beside_kinks,
        ),
    ],
    "threshold": with_attributes(
        lambda x, threshold, default_value: np.where(x > threshold, x, default_value),
        {"threshold": 0.5, "default_value": -2.0},
        make=beside_kinks,
    ),
    "sparsemax": along_axis(nearest_probabilities),
    "log_sigmoid": one(scipy.special.log_expit),
    "softsign": one(lambda x: x / (1 + np.abs(x)), away_from_zero),
    "silu": one(lambda x: x * scipy.special.expit(x)),
    "squareplus": [
        *one(lambda x: (x + np.sqrt(x**2 + 4)) / 2),
        *with_attributes(lambda x, b: (x + np.sqrt(x**2 + b)) / 2, {"b": 2.0}, make=numbers),
    ],
    "mish": one(lambda x: x * np.tanh(np.log1p(np.exp(x)))),
    "tanh_shrink": one(lambda x: x - np.tanh(x)),
    "normal_cdf": one(scipy.special.ndtr),
    "gelu": [
        *one(lambda x: x * scipy.special.ndtr(x)),
        *with_attributes(
            lambda x, approximate: bent_by_tanh(x), {"approximate": True}, make=numbers
        ),
    ],
}


def halves(*shape: int, seed: int = 0) -> Any:
    """Numbers of which several are equal, and some are whole."""
    return np.random.default_rng([seed, *shape]).integers(-3, 4, shape) / 2


def truths(*shape: int, seed: int = 0) -> Any:
    return halves(*shape, seed=seed) > 0


def along(function: Callable[..., Any]) -> list[Case]:
    x = halves(2, 3, 4)
    return [Case((x,), function), Case((x,), function, {"axis": 1})]


TWO_TRUTHS = [
    "logical_and",
    "logical_or",
    "logical_xor",
    "bitwise_and",
    "bitwise_or",
    "bitwise_xor",
]
OF_ONE = ["sign", "floor", "ceil", "rint", "trunc", "isnan", "isinf", "isfinite", "signbit"]
OF_AXES = ["argmax", "argmin", "any", "all", "count_nonzero"]

# Operations through which no gradient flows: what NumPy says of them.
WITHOUT_DERIVATIVE: dict[str, list[Case]] = {
    **{
        name: binary(getattr(np, name), halves, halves)
        for name in ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal"]
    },
    **{
        name: binary(getattr(np, name), truths, truths)
        for name in [
            "logical_and",
            "logical_or",
            "logical_xor",
            "bitwise_and",
            "bitwise_or",
            "bitwise_xor",
        ]
    },
    **{
        name: unary(getattr(np, name), halves)
        for name in [
            "sign",
            "floor",
            "ceil",
            "rint",
            "trunc",
            "isnan",
            "isinf",
            "isfinite",
            "signbit",
            "logical_not",
        ]
    },
    "invert": unary(np.invert, truths),
    **{
        name: along(getattr(np, name))
        for name in ["argmax", "argmin", "any", "all", "count_nonzero"]
    },
    "floor_divide": binary(np.floor_divide, numbers, away_from_zero),
    "exponent": unary(lambda x: np.frexp(x)[1], halves),
    "round": [
        *unary(np.round, halves),
        Case((numbers(2, 3),), np.round, {"decimals": 1}),
    ],
    "argpartition": [Case((numbers(5),), np.argpartition, {"kth": 2})],
    "stable_argsort": [
        Case((halves(2, 5),), lambda x, axis=-1: np.argsort(x, axis, kind="stable"), {"axis": axis})
        for axis in (-1, 0)
    ],
    "first_places": [Case((halves(9),), lambda x: np.unique(x, return_index=True)[1])],
    "searchsorted": [Case((np.array([0.0, 1.0, 2.0]), numbers(4)), np.searchsorted)],
    "digitize": [Case((numbers(4), np.array([0.0, 1.0, 2.0])), np.digitize)],
    "interval": [
        Case(
            (numbers(5), np.array([-1.0, 0.0, 1.5])),
            lambda x, xp: np.array([0 if v < 0 else 1 for v in x]),
        )
    ],
    "quantile_places": [
        Case(
            (np.array([[3.0, 1.0, 2.0]]),),
            lambda x, q, method, nan: np.array([q * 2]),
            {"q": 0.3, "method": "linear", "nan": False},
        )
    ],
    "argsort": [
        Case((numbers(2, 3),), np.argsort),
        Case((numbers(2, 3),), np.argsort, {"axis": 0}),
    ],
}

# Every operation by its name, also those of `autograd_nn.special`.
BY_NAME = {
    entry.name: entry for entry in vars(special).values() if isinstance(entry, Operation)
} | {name: getattr(ops, name) for name in ops.__all__}
