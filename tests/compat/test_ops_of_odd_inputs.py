"""``keras.ops`` of truth values, bytes, NaN and parts beyond the ends, and with inputs by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, gradients
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.keras import ops

X = np.random.default_rng(0).uniform(-1.5, 1.5, (2, 3, 4)).astype(np.float32)


def _values(x: Any) -> Any:
    return np.asarray(ops.convert_to_numpy(x))


def test_functions_of_truth_values_and_bytes_are_in_single_precision() -> None:
    for small in (np.array([True, False]), np.array([1, 60], np.uint8)):
        for name in ("sin", "sqrt", "exp", "tanh", "arctan"):
            found = _values(getattr(ops, name)(small))
            right = getattr(np, name)(small.astype(np.float32))
            assert found.dtype == np.float32
            np.testing.assert_allclose(found, right, rtol=1e-6)
    assert ops.sin(np.ones(2, np.float16)).dtype == np.float16


def test_whole_numbers_do_not_become_float64_nor_are_divided_as_such() -> None:
    whole = np.array([1, 2, 4], np.int32)
    for name, right in {
        "reciprocal": 1 / whole,
        "rsqrt": whole**-0.5,
        "logsumexp": np.log(np.exp(whole.astype(float)).sum()),
        "normalize": whole / np.sqrt(21),
    }.items():
        found = _values(getattr(ops, name)(whole))
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, right, rtol=1e-6)
    divided = ops.divide_no_nan(X, 2)
    assert divided.dtype == np.float32
    np.testing.assert_array_equal(divided.data, X / 2)
    np.testing.assert_array_equal(ops.nan_to_num(whole).data, whole)


def test_normalize_over_several_axes_divides_by_the_root_of_the_squares() -> None:
    found = ops.normalize(X, axis=(0, 1))
    np.testing.assert_allclose(found.data, X / np.sqrt((X * X).sum((0, 1), keepdims=True)), 1e-5)
    np.testing.assert_allclose(ops.normalize([1e-9, 0.0]).data, [0.01, 0.0], rtol=1e-5)
    t = Tensor(np.zeros(2, np.float32))
    assert np.isfinite(gradients(np.sum(ops.normalize(t)), [t])[0]).all()
    with pytest.raises(ArgumentError, match="`order` must be an integer of at least 1"):
        ops.normalize(X, order=0)


def test_nan_is_seen() -> None:
    assert np.isnan(ops.hard_silu(np.float32(np.nan)).data)
    assert np.isnan(ops.segment_max([1.0, np.nan, 2.0], [0, 0, 0], num_segments=1).data)
    holes = Tensor([[np.nan, 1.0, 3.0], [2.0, np.nan, -1.0]])
    assert _values(ops.nanargmax(holes, axis=1)).tolist() == [2, 0]
    assert _values(ops.nanargmin(holes, axis=1)).tolist() == [1, 2]


def test_questions_are_answered_of_what_is_recorded() -> None:
    t = Tensor([np.inf, -np.inf, 1.0, -2.0]) * 1.0
    assert _values(ops.isposinf(t)).tolist() == [True, False, False, False]
    assert _values(ops.isneginf(t)).tolist() == [False, True, False, False]
    assert _values(ops.isreal(t)).all()
    np.testing.assert_allclose(_values(ops.angle(t[2:])), [0, np.pi])


def test_segments_are_those_of_numpy_and_rows_beyond_them_are_left_out() -> None:
    rows = X.reshape(6, 4)
    ids = np.array([2, 0, -1, 2, 9, 0])
    for name, reduce, none in (
        ("sum", np.sum, 0.0),
        ("prod", np.prod, 1.0),
        ("max", np.max, -np.inf),
        ("min", np.min, np.inf),
    ):
        right = [reduce(rows[ids == n], axis=0) if (ids == n).any() else none for n in range(4)]
        right = np.stack([np.broadcast_to(r, 4) for r in right])
        for given in (ids, ids.tolist(), Tensor(ids)):
            found = getattr(ops, f"segment_{name}")(rows, given, num_segments=4)
            np.testing.assert_allclose(found.data, right, rtol=1e-6)
    whole = ops.segment_max(np.array([3, 5], np.int32), [1, 1], num_segments=2)
    assert whole.tolist() == [np.iinfo(np.int32).min, 5]
    with pytest.raises(ShapeError, match="one number for each of 6 rows"):
        ops.segment_sum(rows, [0, 1])


def test_labels_beyond_the_classes_are_rows_of_zeros_and_axes_of_one_stay() -> None:
    assert ops.one_hot([0, -1, 5], 3).tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert ops.one_hot([[0], [1]], 2).shape == (2, 1, 2)


def test_parts_are_within_the_whole() -> None:
    np.testing.assert_array_equal(ops.slice(X, (0, 1, 2), (2, -1, 1)).data, X[:, 1:, 2:3])
    with pytest.raises(ShapeError, match=r"not all within \(2, 3, 4\)"):
        ops.slice(X, (0, 2, 0), (2, 2, 1))
    with pytest.raises(ShapeError, match=r"not all within"):
        ops.slice_update(X, (0, 2, 0), X[:, :2])
    with pytest.raises(ShapeError, match="each of 3 axes"):
        ops.slice(X, (0, 0), (1, 1))
    with pytest.raises(ShapeError, match="3 parts along axis 1, and not `num` 7"):
        ops.unstack(X, 7, axis=1)
    with pytest.raises(ArgumentError, match="`k` must be from 0 to 4"):
        ops.top_k(X, 9)
    np.testing.assert_array_equal(ops.take_along_axis(X, [3, 20]).data, X.ravel()[[3, 20]])


def test_inputs_are_given_by_their_names() -> None:
    np.testing.assert_array_equal(ops.sum(x=X, axis=1).data, X.sum(1))
    np.testing.assert_array_equal(ops.subtract(x2=X, x1=2 * X).data, X)
    np.testing.assert_array_equal(ops.clip(X, x_min=-1.0, x_max=0.5).data, X.clip(-1, 0.5))
    np.testing.assert_array_equal(ops.where(condition=X > 0, x1=X, x2=0.0).data, X.clip(0))
    np.testing.assert_array_equal(ops.reshape(X, newshape=(6, 4)).data, X.reshape(6, 4))
    np.testing.assert_array_equal(ops.concatenate(xs=[X, X]).data, np.concatenate([X, X]))
    assert ops.trapezoid(y=[1.0, 3.0], x=[0.0, 2.0]).item() == 4


def test_only_the_triangle_of_a_factor_counts() -> None:
    lower = np.array([[2.0, 7.0], [1.0, 3.0]], np.float32)
    right = np.linalg.inv(np.tril(lower) @ np.tril(lower).T)
    np.testing.assert_allclose(ops.cholesky_inverse(lower).data, right, rtol=1e-5)


def test_a_rule_of_ones_own_is_written_with_ops() -> None:
    @ops.custom_gradient
    def log1pexp(x: Any) -> Any:
        e = ops.exp(x)

        def grad(*args: Any, upstream: Any = None) -> Any:
            (upstream,) = args
            return ops.multiply(upstream, 1.0 - 1.0 / ops.add(1.0, e))

        return ops.log(1.0 + e), grad

    assert log1pexp(np.zeros(2)).data == pytest.approx(np.log(2))
    t = Tensor(100.0)
    assert gradients(log1pexp(t), [t])[0] == 1
    outside = Tensor(3.0)
    with pytest.raises(ArgumentTypeError, match="uses a Tensor from outside"):
        ops.custom_gradient(lambda x: (x * outside, lambda g: g))(2.0)


@pytest.mark.parametrize(
    ("wrong", "right"), [("matmull", "matmul"), ("sofmax", "softmax"), ("summ", "sum")]
)
def test_a_misspelt_name_is_answered_with_the_nearest(wrong: str, right: str) -> None:
    with pytest.raises(AttributeError, match=f"Did you mean.*'{right}'"):
        getattr(ops, wrong)
