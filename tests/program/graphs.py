"""Random graphs that can be computed anew from other data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import hypothesis.strategies as st
import numpy as np

from autograd_nn import Operation, Tensor, ops

SHAPES: list[tuple[int, ...]] = [(), (1,), (3,), (2, 1), (2, 3), (3, 2), (2, 2, 3)]
CONSTANTS = [0.5, 2.0, -1.0, 1, 1.0, 0.0, 3, np.float32(0.25), np.float64(-0.5)]
MASK = np.array([True, False, True, True, False, True])

weighted = Operation(
    "weighted",
    value=lambda x, y, weight: x * weight + y * (1 - weight),
    gradients=(
        lambda g, out, x, y, weight: g * weight,
        lambda g, out, x, y, weight: g * (1 - weight),
    ),
)


def _turned(g: Any, out: Any, x: Any, y: Any) -> tuple[Any, Any]:
    """Of (x·cos y, x·sin y); where nothing came back there is None."""
    to_first, to_second = (0.0 if d is None else d for d in g)
    return to_first * np.cos(y) + to_second * np.sin(y), to_second * out[0] - to_first * out[1]


turned = Operation("turned", value=lambda x, y: (x * np.cos(y), x * np.sin(y)), gradients=_turned)


def apart(x: Any) -> Any:
    """Moved so that no two elements are equal and none is 0, where a derivative would jump."""
    return x + (np.sqrt(2) * np.arange(1, x.size + 1).reshape(x.shape) / 7).astype(x.dtype)


UNARY: list[Callable[[Any], Any]] = [
    np.tanh, np.sin, np.square, ops.sigmoid, ops.sigmoid_slope, ops.softplus, np.negative,
    ops.copy, ops.sum, ops.mean, ops.logsumexp,
    lambda x: np.exp(np.tanh(x)),
    lambda x: np.expm1(-x.sigmoid()),
    lambda x: np.sqrt(x * x + 1),
    lambda x: np.log(x * x + 1),
    lambda x: np.log1p(x**2),
    lambda x: (x * x + 1) ** -0.5,
    lambda x: (x * x + 0.5) ** -1,
    lambda x: 2.0 ** np.tanh(x),
    lambda x: x**3,
    lambda x: x**2,
    lambda x: x + x,
    lambda x: x - x.mean(),
    lambda x: x * x.sum(),
    lambda x: abs(apart(x)),
    lambda x: apart(x).relu(),
    lambda x: apart(x).clip(-0.5, 0.75),
    lambda x: apart(x).max(),
    lambda x: apart(x).min(axis=-1, keepdims=True) if x.ndim else x,
    lambda x: apart(x).max(axis=0) if x.ndim else x,
    lambda x: x.sum(axis=-1) if x.ndim else x,
    lambda x: x.sum(axis=0, keepdims=True) if x.ndim else x,
    lambda x: x.mean(axis=(0, -1)) if x.ndim > 1 else x,
    lambda x: x.logsumexp(axis=-1, keepdims=True) if x.ndim else x,
    lambda x: x.softmax() if x.ndim else x,
    lambda x: x.log_softmax(axis=0) if x.ndim else x,
    lambda x: x.T,
    lambda x: x.reshape(-1),
    lambda x: x.reshape(3, -1) if x.size % 3 == 0 else x,
    lambda x: x.swapaxes(0, -1) if x.ndim else x,
    lambda x: x.squeeze(),
    lambda x: np.expand_dims(x, 0) if x.ndim < 3 else x,
    lambda x: np.broadcast_to(x, (2, *x.shape)) if x.ndim < 3 else x,
    lambda x: np.broadcast_to(x, (1, *x.shape)) if x.ndim < 3 else x,
    lambda x: np.broadcast_to(x, x.shape),
    lambda x: x.T.T,
    lambda x: x[0] if x.ndim else x,
    lambda x: x[..., ::-1] if x.ndim else x,
    lambda x: x[..., :2] if x.ndim else x,
    lambda x: x[np.array([0, -1, 0])] if x.ndim else x,
    lambda x: x[MASK[: len(x)]] if x.ndim else x,
    lambda x: x.at[0].set(0.5) if x.ndim else x,
    lambda x: x.at[np.array([0, 0])].add(0.5) if x.ndim else x,
    lambda x: ops.split(x, indices_or_sections=[1], axis=-1)[0] if x.ndim else x,
    lambda x: sum(ops.split(x, indices_or_sections=x.shape[0])) if x.ndim else x,
    lambda x: x.astype(np.float32).tanh(),
    lambda x: x.astype(np.float64) * 0.5,
    lambda x: np.where(MASK[: x.size].reshape(x.shape), x, 0.0) if x.size <= 6 else x,
    lambda x: ops.sigmoid_cross_entropy(x, 0.25 * np.ones(x.shape, x.dtype), ops.sigmoid(x)),
    lambda x: ops.binary_cross_entropy(ops.sigmoid(x), 0.25 * np.ones(x.shape, x.dtype)),
    lambda x: ops.softmax_cross_entropy(x, np.eye(x.shape[-1])[0]) if x.ndim == 1 else x,
    lambda x: (
        ops.categorical_cross_entropy(x.softmax(), np.eye(*x.shape)) if x.ndim == 2 else x
    ),
    lambda x: (
        ops.sparse_softmax_cross_entropy(x, np.arange(len(x)) % x.shape[1]) if x.ndim == 2 else x
    ),
    lambda x: (
        ops.sparse_categorical_cross_entropy(x.softmax(), np.arange(len(x)) % x.shape[1])
        if x.ndim == 2
        else x
    ),
]  # fmt: skip

ELEMENTWISE: list[Callable[[Any, Any], Any]] = [
    np.add, np.subtract, np.multiply, lambda x, y: weighted(x, y, weight=0.25),
    lambda x, y: x / (y * y + 1),
    lambda x, y: np.maximum(apart(x), y * 0.5) if x.shape == y.shape else x * y,
    lambda x, y: np.minimum(apart(x), y * 0.5) if x.shape == y.shape else x - y,
    lambda x, y: turned(x, y)[1],
    lambda x, y: turned(x, y)[0] - turned(y, x)[1],
    lambda x, y: -x + y * 1.0,
    lambda x, y: x * 0.5 * 3.0 - y,
    lambda x, y: np.where(MASK[: x.size].reshape(x.shape), x, y) if x.size <= 6 else x,
]  # fmt: skip

OF_ONE_SHAPE: list[Callable[[Any, Any], Any]] = [
    lambda x, y: np.concatenate([x, y], axis=-1) if x.ndim else x,
    lambda x, y: np.concatenate([x, y, x], axis=0) if x.ndim else x,
    lambda x, y: np.stack([x, y]) if x.ndim < 3 else x,
    lambda x, y: np.stack([y, x], axis=-1) if x.ndim < 3 else x,
]


class Recipe(NamedTuple):
    """What to compute: leaves, then of each step the function and which results it is given."""

    leaves: list[Any]
    steps: list[tuple[Callable[..., Any], tuple[int, ...]]]

    def computed(self, leaves: list[Tensor]) -> list[Any]:
        """All results, the loss last."""
        pool = list(leaves)
        for function, places in self.steps:
            pool.append(function(*(pool[place] for place in places)))
        return pool

    def tensors(self) -> list[Tensor]:
        """Leaves that hold the data of this recipe."""
        return [Tensor(data, name=f"t{number}") for number, data in enumerate(self.leaves)]

    def other_data(self, seed: int) -> list[Any]:
        """Data of the same shapes and dtypes."""
        random = np.random.default_rng(seed)
        return [
            np.asarray(random.uniform(-1, 1, data.shape), data.dtype)[()] for data in self.leaves
        ]


def _fits(x: Any, y: Any) -> bool:
    try:
        return len(np.broadcast_shapes(x.shape, y.shape)) <= 3
    except ValueError:
        return False


@st.composite
def recipes(draw: Any, steps: int = 12) -> Recipe:
    """A scalar loss computed from some leaves, each result from any of those before."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    leaves = [
        np.asarray(
            random.uniform(-1, 1, draw(st.sampled_from(SHAPES))),
            draw(st.sampled_from([np.float64, np.float64, np.float32])),
        )[()]
        for _ in range(draw(st.integers(1, 4)))
    ]
    recipe = Recipe(leaves, [])
    pool: list[Any] = recipe.tensors()

    def add(function: Callable[..., Any], *places: int) -> None:
        recipe.steps.append((function, places))
        pool.append(function(*(pool[place] for place in places)))

    for _ in range(draw(st.integers(0, steps))):
        place = draw(st.integers(0, len(pool) - 1))
        kind = draw(st.sampled_from(["unary", "unary", "binary", "binary", "constant", "matmul"]))
        x = pool[place]
        if kind == "constant":
            add(_with_constant(draw(st.integers(0, 3)), draw(st.sampled_from(CONSTANTS))), place)
            continue
        if kind == "unary":
            add(draw(st.sampled_from(UNARY)), place)
        elif kind == "matmul":
            others = [i for i, y in enumerate(pool) if x.ndim and y.ndim and _multiplies(x, y)]
            if others:
                add(np.matmul, place, draw(st.sampled_from(others)))
        else:
            others = [i for i, y in enumerate(pool) if _fits(x, y)]
            other = draw(st.sampled_from(others))
            rules = ELEMENTWISE + (OF_ONE_SHAPE if x.shape == pool[other].shape else [])
            add(draw(st.sampled_from(rules)), place, other)
        if np.size(pool[-1]._data) > 60:
            add(lambda x: x.mean(axis=0), len(pool) - 1)
        if np.max(np.abs(pool[-1]._data), initial=0) > 20:
            add(np.tanh, len(pool) - 1)
    add(lambda *all: sum((0.5 + i) * x.mean() for i, x in enumerate(all)), *_last(draw, pool))
    return recipe


def _last(draw: Any, pool: list[Any]) -> list[int]:
    """Of what the loss is made: some results, the last among them, so that several are shared."""
    some = draw(st.lists(st.integers(0, len(pool) - 1), max_size=3))
    return [place for place in [*some, len(pool) - 1] if pool[place].size]


def _multiplies(x: Any, y: Any) -> bool:
    try:
        return np.ndim(np.zeros(x.shape) @ np.zeros(y.shape)) <= 3
    except ValueError:
        return False


def _with_constant(way: int, constant: Any) -> Callable[[Any], Any]:
    return [
        lambda x: x * constant,
        lambda x: constant - x,
        lambda x: x + constant,
        lambda x: constant * x + np.full(x.shape, 0.5, x.dtype),
    ][way]
