"""A training step of a small transformer in NumPy, each formula as one derives it on paper."""

from collections.abc import Callable
from typing import Any

import numpy as np

EPSILON = 1e-5


def make_transformer_step(
    x: Any, y: Any, blocks: list[list[Any]], learning_rate: float
) -> Callable[[], float]:
    """Return what takes a step of SGD and gives the mean squared error before it.

    Shapes   x, y (N, T, D); of each block [Wq (D, H, K), bq (H, K), Wk, bk, Wv, bv, Wo (H, K, D),
             bo, gamma, beta, W1, b1, W2, b2, gamma, beta]
    """
    blocks = [[parameter.copy() for parameter in block] for block in blocks]

    def step() -> float:
        value, saved = x, []
        for block in blocks:
            value, kept = _forward(value, block)
            saved.append(kept)
        g = 2 * (value - y) / y.size
        loss = float(np.mean((value - y) ** 2))
        for block, kept in zip(blocks[::-1], saved[::-1], strict=True):
            g, slopes = _backward(g, block, kept)
            for parameter, slope in zip(block, slopes, strict=True):
                parameter -= learning_rate * slope
        return loss

    return step


def _forward(x: Any, block: list[Any]) -> tuple[Any, tuple[Any, ...]]:
    wq, bq, wk, bk, wv, bv, wo, bo, gamma1, beta1, w1, b1, w2, b2, gamma2, beta2 = block
    q, k, v = (
        np.einsum("ntd,dhk->nhtk", x, w) + b[:, None] for w, b in ((wq, bq), (wk, bk), (wv, bv))
    )
    scores = q @ k.swapaxes(2, 3) / np.sqrt(q.shape[-1], dtype=q.dtype)
    e = np.exp(scores - scores.max(-1, keepdims=True))
    p = e / e.sum(-1, keepdims=True)
    heads = p @ v
    first = _normalized(x + np.einsum("nhtk,hkd->ntd", heads, wo) + bo)
    middle = first[0] * gamma1 + beta1
    hidden = np.maximum(middle @ w1 + b1, 0)
    second = _normalized(middle + hidden @ w2 + b2)
    return second[0] * gamma2 + beta2, (x, q, k, v, p, heads, first, middle, hidden, second)


def _backward(g: Any, block: list[Any], kept: tuple[Any, ...]) -> tuple[Any, list[Any]]:
    wq, _, wk, _, wv, _, wo, _, gamma1, _, w1, _, w2, _, gamma2, _ = block
    x, q, k, v, p, heads, first, middle, hidden, second = kept
    over = (0, 1)
    of_gamma2, of_beta2 = (g * second[0]).sum(over), g.sum(over)
    g = _through_norm(g * gamma2, second)
    g_hidden = g @ w2.T * (hidden > 0)
    of_w2, of_b2 = np.einsum("nti,nto->io", hidden, g), g.sum(over)
    of_w1, of_b1 = np.einsum("nti,nto->io", middle, g_hidden), g_hidden.sum(over)
    g = g + g_hidden @ w1.T
    of_gamma1, of_beta1 = (g * first[0]).sum(over), g.sum(over)
    g = _through_norm(g * gamma1, first)
    of_wo, of_bo = np.einsum("nhtk,ntd->hkd", heads, g), g.sum(over)
    g_heads = np.einsum("ntd,hkd->nhtk", g, wo)
    g_p = g_heads @ v.swapaxes(2, 3)
    g_scores = p * (g_p - (g_p * p).sum(-1, keepdims=True))
    g_scores = g_scores / np.sqrt(q.shape[-1], dtype=q.dtype)
    slopes = []
    g_q, g_k, g_v = g_scores @ k, g_scores.swapaxes(2, 3) @ q, p.swapaxes(2, 3) @ g_heads
    for w, part in ((wq, g_q), (wk, g_k), (wv, g_v)):
        slopes += [np.einsum("ntd,nhtk->dhk", x, part), part.sum((0, 2))]
        g = g + np.einsum("nhtk,dhk->ntd", part, w)
    slopes += [of_wo, of_bo, of_gamma1, of_beta1, of_w1, of_b1, of_w2, of_b2, of_gamma2, of_beta2]
    return g, slopes


def _normalized(x: Any) -> tuple[Any, Any]:
    """x with mean 0 and variance 1 along the last axis, and what it was divided by."""
    centred = x - x.mean(-1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(-1, keepdims=True) + EPSILON)
    return centred / deviation, deviation


def _through_norm(g: Any, norm: tuple[Any, Any]) -> Any:
    out, deviation = norm
    g = g - g.mean(-1, keepdims=True) - out * (g * out).mean(-1, keepdims=True)
    return g / deviation
