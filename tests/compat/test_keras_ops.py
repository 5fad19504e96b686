"""``keras.ops`` in functional models, of lists of Tensors, and after any other of its names."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, check_gradients, gradients, keras, missing_names
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.keras import ops
from tests.reference import keras_ops, recorded

X = np.random.default_rng(0).uniform(0.1, 2.0, (3, 4, 5)).astype(np.float32)
W = np.ones((5, 2), np.float32)

OF_ONE: dict[str, tuple[Any, Any]] = {  # what ops gives, and what NumPy says
    "relu": (lambda t: ops.relu(t - 1), np.maximum(X - 1, 0)),
    "exp": (ops.exp, np.exp(X)),
    "sum": (lambda t: ops.sum(t, axis=[1, 2]), X.sum((1, 2))),
    "mean": (lambda t: ops.mean(t, axis=-1, keepdims=True), X.mean(-1, keepdims=True)),
    "reshape": (lambda t: ops.reshape(t, (-1, 20)), X.reshape(3, 20)),
    "concatenate": (lambda t: ops.concatenate([t, t], axis=-1), np.concatenate([X, X], -1)),
    "stack": (lambda t: ops.stack([t, t], axis=1), np.stack([X, X], 1)),
    "take": (lambda t: ops.take(t, [0, 2], axis=1), X[:, [0, 2]]),
    "tile": (lambda t: ops.tile(t, [1, 2, 1]), np.tile(X, (1, 2, 1))),
    "pad": (lambda t: ops.pad(t, [[0, 0], [1, 1], [0, 0]]), np.pad(X, [(0, 0), (1, 1), (0, 0)])),
    "zeros": (lambda t: t + ops.zeros((4, 5)), X),
    "where": (lambda t: ops.where(t > 0.5, t, 0.0), np.where(X > 0.5, X, 0)),
    "cast": (lambda t: ops.cast(t, "int32"), X.astype(int)),
    "one_hot": (
        lambda t: ops.one_hot(ops.argmax(t, axis=-1), 5),
        np.eye(5, dtype=np.float32)[X.argmax(-1)],
    ),
    "einsum": (lambda t: ops.einsum("bij,jk->bik", t, W), X @ W),
    "norm": (lambda t: ops.norm(t, axis=[1, 2]), np.sqrt((X * X).sum((1, 2)))),
    "normalize": (ops.normalize, X / np.sqrt((X * X).sum(-1, keepdims=True))),
    "top_k": (lambda t: ops.top_k(t, 2)[0], -np.sort(-X, axis=-1)[..., :2]),
    "logical_and": (lambda t: ops.logical_and(t > 0.5, t < 1), (X > 0.5) & (X < 1)),
    "any": (lambda t: ops.any(t > 1.5, axis=-1), (X > 1.5).any(-1)),
}


@pytest.mark.parametrize("name", OF_ONE)
def test_gives_the_same_for_arrays_and_in_functional_models(name: str) -> None:
    compute, right = OF_ONE[name]
    x = keras.Input((4, 5))
    model = keras.Model(x, compute(x))
    np.testing.assert_allclose(np.asarray(compute(X).data), right, rtol=1e-5)
    np.testing.assert_allclose(model.predict(X, verbose=0), right, rtol=1e-5)


@pytest.mark.parametrize("call", keras_ops.calls())
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_gives_what_keras_gives(call: str) -> None:
    found = keras_ops.result(call, ops)
    for ours, expected in zip(found, recorded.ops()[call], strict=True):
        right = np.array(expected)
        assert ours.shape == right.shape
        if right.dtype.kind == "U":
            assert ours == right
        else:
            np.testing.assert_allclose(ours, right.astype(float), rtol=2e-6, atol=1e-6)
        assert ours.dtype != np.float64


def test_every_name_of_keras_is_here_or_told_why_not() -> None:
    called = {call.partition("(")[0].removeprefix("nn.") for call in keras_ops.calls()}
    # No arrays, no fixed numbers, or deliberately others.
    apart = {"custom_gradient", "empty_like", "is_tensor", "linalg", "nn", "numpy", "sparsemax"}
    left_out = {n for names in missing_names.LEFT_OUT["keras_ops"].values() for n in names.split()}
    for name in keras_ops.NAMES_OF_KERAS.split():
        if name in left_out:
            with pytest.raises(AttributeError, match=f"Keras has {name}"):
                getattr(ops, name)
        else:
            assert name in called | apart
            getattr(ops, name)
    with pytest.raises(ImportError, match="losses.CTC"):
        exec("from autograd_nn.keras.ops import ctc_loss", {})
    with pytest.raises(AttributeError, match="Did you mean 'segment_sum'"):
        ops.segment_summ  # noqa: B018


OF_FLOATS: dict[str, Any] = {
    "scatter": lambda t: ops.scatter(np.array([[1], [1], [0]]), t[:, 0, 0], (3,)),
    "scatter_update": lambda t: ops.scatter_update(t, np.array([[0, 1], [2, 0]]), t[:2, 2] * 2),
    "slice_update": lambda t: ops.slice_update(t, (0, 1, 1), t[:2, :2, :2] ** 2),
    "segment_max": lambda t: ops.segment_max(t, np.array([0, 1, 0]), 2),
    "scan": lambda t: ops.scan(lambda c, x: (c * x, c + x), ops.ones((4, 5)), t)[1],
    "while_loop": lambda t: ops.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, x * t), (0, t)),
    "map": lambda t: ops.map(lambda row: row * row[0], t),
    "associative_scan": lambda t: ops.associative_scan(np.multiply, t, axis=1),
    "conv": lambda t: ops.conv(t, t[:2, :2].swapaxes(1, 2), padding="same"),
    "dot_product_attention": lambda t: ops.dot_product_attention(t[None], t[None], t[None]),
    "layer_normalization": lambda t: ops.layer_normalization(t, t[0, 0], t[1, 1]),
    "categorical_crossentropy": lambda t: ops.categorical_crossentropy(X / 2, t, from_logits=True),
    "divide_no_nan": lambda t: ops.divide_no_nan(t, ops.where(t > 1, t, 0.0)),
}


@pytest.mark.parametrize("name", OF_FLOATS)
def test_gradients_flow_through(name: str) -> None:
    def total(t: Any) -> Any:
        found = OF_FLOATS[name](t)
        found = found[-1] if isinstance(found, tuple) else found
        return np.sum(found * found)

    check_gradients(total, X.astype(np.float64))


def test_branches_are_those_of_the_values() -> None:
    t = Tensor(2.0)
    (grown,) = gradients(ops.cond(t > 1, lambda: t * t, lambda: -t), [t])
    assert grown == 4
    assert ops.switch(5, [lambda x: x, lambda x: 2 * x], 3.0) == 6.0
    with pytest.raises(ArgumentTypeError, match=r"ops\.where"):
        ops.cond(keras.Input(()) > 1, lambda: 1, lambda: 2)


def test_no_name_changes_what_the_others_do() -> None:
    for name in ["any", "all", "sum", "abs", "isinstance", "tuple", "list", "max", "round"]:
        getattr(ops, name, None)
    assert ops.reshape(X, (-1, 20)).shape == (3, 20)
    assert ops.take(X, [0, 2], axis=1).shape == (3, 2, 5)


def test_a_list_of_tensors_is_one_with_its_gradient() -> None:
    a, b = Tensor(2.0), Tensor(3.0)
    total = ops.sum([a * a, b])
    total.backward()
    assert total.item() == 7
    assert (a.grad.item(), b.grad.item()) == (4, 1)


def test_gelu_is_the_approximation_as_in_keras_unless_told_otherwise() -> None:
    inner = math.sqrt(2 / math.pi) * (X + 0.044715 * X**3)
    np.testing.assert_allclose(ops.gelu(X).data, X / 2 * (1 + np.tanh(inner)), rtol=1e-5)
    exact = [v / 2 * (1 + math.erf(v / math.sqrt(2))) for v in X.ravel().tolist()]
    np.testing.assert_allclose(ops.gelu(X, approximate=False).data.ravel(), exact, rtol=1e-5)


def test_what_is_made_from_nothing_is_in_single_precision() -> None:
    for made in (ops.zeros((4, 5)), ops.eye(3), ops.linspace(0, 1, 5), ops.sum([1.5, 2.0])):
        assert made.dtype == np.float32
    for wide in (ops.zeros(3, dtype="float64"), ops.ones(3, "float64"), ops.eye(3, dtype=float)):
        assert wide.dtype == np.float64
    assert ops.exp(X.astype(np.float64)).dtype == np.float64
    assert (X + ops.zeros((4, 5))).dtype == np.float32
    assert ops.arange(5).dtype.kind == "i"


def test_a_variable_of_keras_is_a_leaf_and_a_weight_of_the_layer_that_holds_it() -> None:
    value: float
    for value, dtype in ((3, "int32"), (3.0, "float32")):
        assert keras.Variable(value).dtype == dtype == keras.Variable(np.array([value])).dtype
    assert not keras.Variable(3).requires_grad
    assert not keras.Variable(3.0, trainable=False).requires_grad
    ones = keras.Variable(keras.initializers.Ones(), shape=(2,), name="scale")
    assert (ones.name, ones.tolist()) == ("scale", [1, 1])

    class Scaled(keras.layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.scale = ones

        def call(self, inputs: Any) -> Any:
            return inputs * self.scale

    layer = Scaled()
    layer(np.ones((1, 2)))
    assert [w is ones for w in layer.trainable_weights] == [True]
    variable = keras.Variable(10.0)
    keras.optimizers.SGD(0.1).apply([np.float32(2.0)], [variable])
    assert variable.numpy() == pytest.approx(9.8)
    assert keras.backend.backend() == keras.config.backend() == "autograd_nn"
    assert keras.config.floatx() == "float32"
