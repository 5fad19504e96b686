"""TensorFlow's names for what `keras.ops` and NumPy have: its axes, sizes and orders of results."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.special

import autograd_nn.compat.tensorflow as tf
from autograd_nn.engine.errors import ArgumentError

rng = np.random.default_rng(0)
X = rng.uniform(-1.5, 1.5, (3, 4)).astype(np.float32)
POSITIVE = np.abs(X) + np.float32(0.1)
SQUARE = (X @ X.T + 3 * np.eye(3)).astype(np.float32)
IDS = [2, 0, 2]


def _shifted(x: Any, axis: int) -> Any:
    return np.cumsum(x, axis) - x


CASES: dict[str, tuple[Any, Any]] = {  # what tf gives, and what NumPy or SciPy says
    "cumsum": (tf.cumsum(X), np.cumsum(X, 0)),
    "cumsum exclusive": (tf.cumsum(X, axis=1, exclusive=True), _shifted(X, 1)),
    "cumsum reverse": (tf.cumsum(X, 1, reverse=True), np.cumsum(X[:, ::-1], 1)[:, ::-1]),
    "cumprod": (tf.math.cumprod(X), np.cumprod(X, 0)),
    "cumprod both": (
        tf.math.cumprod(X, axis=1, exclusive=True, reverse=True),
        np.stack([X[:, j + 1 :].prod(1) for j in range(4)], 1),
    ),
    "split": (tf.split(X, [1, 3], axis=1)[1], X[:, 1:]),
    "split rest": (tf.split(X, [-1, 1], axis=0)[0], X[:2]),
    "split even": (tf.split(X, 2, axis=1)[1], X[:, 2:]),
    "names": (tf.math.subtract(y=X, x=2 * X), X),
    "names of tables": (tf.gather(indices=[1], params=X), X[[1]]),
    "transpose": (tf.transpose(X[None], perm=[1, 0, 2]), X[:, None]),
    "squeeze": (tf.squeeze(X[None], [0]), X),
    "one_hot": (
        tf.one_hot([0, -1], 2, on_value=5.0, off_value=1.0, dtype=tf.float32),
        [[5, 1], [1, 1]],
    ),
    "eye": (tf.eye(2, 3), np.eye(2, 3)),
    "constant": (tf.constant([1, 2, 3, 4], shape=[2, 2]), [[1, 2], [3, 4]]),
    "constant of one": (tf.constant(2.0, shape=(2,)), [2, 2]),
    "argmax": (tf.argmax(X, axis=1, output_type=tf.int32), X.argmax(1)),
    "erf": (tf.math.erf(X), scipy.special.erf(X)),
    "lgamma": (tf.math.lgamma(POSITIVE), scipy.special.gammaln(POSITIVE)),
    "digamma": (tf.math.digamma(POSITIVE), scipy.special.psi(POSITIVE)),
    "xlogy": (tf.math.xlogy([0.0, 2.0], [0.0, 3.0]), [0, 2 * np.log(3)]),
    "segment_mean": (
        tf.math.unsorted_segment_mean(X, IDS, num_segments=4),
        [X[1], 0 * X[1], (X[0] + X[2]) / 2, 0 * X[1]],
    ),
    "confusion_matrix": (tf.math.confusion_matrix([0, 1, 2, 2], [0, 2, 2, 2]), np.array(
        [[1, 0, 0], [0, 0, 1], [0, 0, 2]])),
    "euclidean": (tf.math.reduce_euclidean_norm(X, axis=[1]), np.linalg.norm(X, axis=1)),
    "band_part": (tf.linalg.band_part(SQUARE, 1, 0), np.triu(np.tril(SQUARE), -1)),
    "matvec": (tf.linalg.matvec(X, X[0]), X @ X[0]),
    "eigh": (tf.linalg.eigh(SQUARE)[0], np.linalg.eigvalsh(SQUARE)),
    "svd": (
        (lambda s, u, v: (u * s) @ tf.transpose(v))(*tf.linalg.svd(X)),
        X,
    ),
    "triangular": (tf.linalg.triangular_solve(SQUARE, X), np.linalg.solve(np.tril(SQUARE), X)),
    "global_norm": (tf.linalg.global_norm([X, X]), np.sqrt(2 * (X * X).sum())),
    "weighted": (
        tf.nn.weighted_cross_entropy_with_logits([1.0, 0.0], [0.5, 0.5], pos_weight=2.0),
        [2 * np.log1p(np.exp(-0.5)), np.log1p(np.exp(0.5))],
    ),
    "conv2d": (
        tf.nn.conv2d(X[None, :, :, None], np.ones((2, 2, 1, 1)), [1, 1, 1, 1], "VALID")[0, ..., 0],
        X[:-1, :-1] + X[1:, :-1] + X[:-1, 1:] + X[1:, 1:],
    ),
    "conv1d": (tf.nn.conv1d(X[..., None], [[[1.0]], [[1.0]]], stride=2)[..., 0],
               X[:, ::2] + X[:, 1::2]),
    "max_pool": (
        tf.nn.max_pool2d(X[None, :2, :, None], 2, 2, "VALID")[0, 0, :, 0],
        X[:2].reshape(2, 2, 2).max((0, 2)),
    ),
    "foldl": (tf.foldl(lambda a, b: a + b, X), X.sum(0)),
    "scan": (tf.scan(lambda a, b: a + b, X), np.cumsum(X, 0)),
    "while_loop": (tf.while_loop(lambda i, s: i < 4, lambda i, s: (i + 1, s + i), [0, 0])[1], 6),
    "cond": (tf.cond(tf.constant(2.0) > 1, lambda: X, lambda: -X), X),
    "scatter": (
        tf.tensor_scatter_nd_update([1.0, 2.0, 3.0], [[0], [2]], [9.0, 8.0]),
        [9, 2, 8],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_gives_what_numpy_gives(name: str) -> None:
    found, right = CASES[name]
    np.testing.assert_allclose(tf.convert_to_tensor(found).numpy(), right, rtol=2e-5, atol=1e-6)


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ArgumentError, match="must add up to 4"):
        tf.split(X, [1, 2], axis=1)
    with pytest.raises(ValueError, match="reshape"):
        tf.constant([1, 2, 3], shape=[2, 2])
    for place, wrong, right in (
        (tf.math, "reduce_men", "reduce_mean"),
        (tf.nn, "sofmax", "softmax"),
        (tf.linalg, "slogdt", "slogdet"),
    ):
        with pytest.raises(AttributeError, match=f"of TensorFlow's .*Did you mean.*'{right}'"):
            getattr(place, wrong)


def test_single_whole_numbers_are_tensors_too() -> None:
    assert tf.cast(tf.Variable(2.7), tf.int32).numpy() == 2
    assert tf.argmax([1.0, 3.0]).numpy() == 1


def test_gradients_pass_through() -> None:
    v = tf.Variable(X)
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(tf.cumsum(v, axis=1, exclusive=True))
    np.testing.assert_allclose(tape.gradient(total, v).data, np.tile([3, 2, 1, 0], (3, 1)))
    with tf.GradientTape() as tape:
        total = tf.reduce_sum(tf.split(v, [1, 3], axis=1)[0])
    np.testing.assert_allclose(tape.gradient(total, v).data, np.tile([1, 0, 0, 0], (3, 1)))
