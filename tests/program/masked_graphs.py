"""Random graphs with comparisons, masks, positions, floors, −∞ and arrays without elements."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn import LeavingGraphWarning, Tensor, gradients

UNARY: list[Callable[[Any], Any]] = [
    np.tanh, np.exp, np.sqrt, np.log, np.square, np.abs, np.negative,
    lambda x: x * np.sign(x), lambda x: x - np.floor(x), lambda x: x + np.trunc(x) * 0.5,
    lambda x: np.where(np.isfinite(x), x, 0.5), lambda x: x * (x > 0),
    lambda x: np.where(x > 0.3, x, 0.1 * x), lambda x: np.clip(x, -1.0, 1.0),
    lambda x: x * ~(x <= 0.2), lambda x: x / (1.0 + (x > 0).sum()),
    lambda x: x * np.all(x > -9.0), lambda x: np.maximum(x, 0.0), lambda x: x.T.T,
]  # fmt: skip

BINARY: list[Callable[[Any, Any], Any]] = [
    lambda x, y: x + y, lambda x, y: x * y, lambda x, y: x - y,
    lambda x, y: np.where(x > y, x, y * 0.5), lambda x, y: np.where((x > 0) & (y < 0.5), x, y),
    lambda x, y: np.minimum(x, y) * (x != y), lambda x, y: x * np.logical_or(x > y, y > 0),
]  # fmt: skip

OF_ROWS: list[Callable[[Any], Any]] = [
    lambda x: x[np.argsort(x[:, 0])] if x.size else x,
    lambda x: x[np.argmax(x[:, 0])] + x if x.size else x,
    lambda x: x * (x > 0).sum(0), lambda x: x + (x > 0.1).any(axis=1, keepdims=True),
    lambda x: x.at[x > 0.4].set(0.25), lambda x: x.at[x < 0].add(1.0),
    lambda x: x + x[np.arange(x.shape[0]), x.argmax(1)].reshape(-1, 1) if x.size else x,
    lambda x: x - x.max(axis=1, keepdims=True) if x.shape[1] else x,
]  # fmt: skip


def recipe(rng: np.random.Generator) -> Callable[[Any, Any], Any]:
    """A computation of (data, parameters), the same at every call."""
    picks = [(rng.integers(4), rng.integers(100), rng.integers(100)) for _ in range(6)]

    def loss(x: Any, w: Any) -> Any:
        values = [x * w, w + 0.1 * x]
        for kind, which, operand in picks:
            first, second = values[-1], values[operand % len(values)]
            if kind == 0:
                values.append(UNARY[which % len(UNARY)](first))
            elif kind == 1:
                values.append(BINARY[which % len(BINARY)](first, second))
            elif kind == 2:
                values.append(OF_ROWS[which % len(OF_ROWS)](first))
            else:
                values.append(UNARY[which % len(UNARY)](second))
        return sum(value.sum() for value in values)

    return loss


def data(rng: np.random.Generator, shape: tuple[int, int]) -> Any:
    x = rng.normal(size=shape)
    if x.size and rng.random() < 0.3:
        x.flat[rng.integers(x.size)] = rng.choice([-np.inf, np.inf, 0.0, np.nan])
    return x


def mismatch(seed: int) -> str | None:
    """Where a program of a random graph differs from recording anew, None where it does not."""
    rng = np.random.default_rng(seed)
    shape = [(4, 3), (1, 5), (3, 1), (0, 3), (3, 0)][rng.choice(5, p=[0.5, 0.2, 0.2, 0.05, 0.05])]
    f = recipe(rng)
    x, w = Tensor(data(rng, shape), requires_grad=False), Tensor(rng.normal(size=shape))
    with np.errstate(all="ignore"):
        loss = f(x, w)
        with warnings.catch_warnings():
            warnings.simplefilter("error", LeavingGraphWarning)
            try:
                program = loss.program([w], inputs={"x": x})
            except LeavingGraphWarning:  # a single count or truth was taken, and that is said
                return None
        for _ in range(3):
            new = data(rng, shape)
            w.data = rng.normal(size=shape)
            twin = Tensor(w.data)
            expected = f(Tensor(new, requires_grad=False), twin)
            slope = gradients(expected, twin)
            for name, run in (("planned", program), ("plain", program.plain)):
                value, (gradient,) = run(x=new)
                exactly = name == "plain"
                if not same(value, expected.item(), exactly):
                    return f"{name} {seed}: {value} for {expected.item()}"
                if not same(gradient, slope, exactly):
                    return f"{name} {seed}: gradient {gradient} for {slope}"
    return None


def same(found: Any, expected: Any, exactly: bool) -> bool:
    if exactly:
        return np.array_equal(found, expected, equal_nan=True)
    return np.allclose(found, expected, rtol=1e-8, atol=1e-9, equal_nan=True)
