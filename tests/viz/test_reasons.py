"""`why`: the right cause for planted faults, in scalar and in layer form, and silence otherwise."""

import math
import re
import warnings
from collections.abc import Callable
from typing import Any

import hypothesis
import numpy as np
import pytest

from autograd_nn import Operation, Sequential, Tensor, gradients, no_grad, ops, viz
from autograd_nn.datasets import load_digits, make_circles, make_moons, make_spirals
from autograd_nn.engine.errors import ArgumentTypeError, MutationError, StateError
from autograd_nn.engine.graph import topological
from autograd_nn.initializers import Constant, RandomNormal
from autograd_nn.layers import BatchNormalization, Conv2D, Dense, GlobalAveragePooling2D, Layer
from autograd_nn.losses import (
    BinaryCrossentropy,
    Hinge,
    SparseCategoricalCrossentropy,
    SquaredHinge,
)
from autograd_nn.optimizers import SGD, Adam
from autograd_nn.settings import set_random_seed
from autograd_nn.training.one_step import recorded_loss
from autograd_nn.viz.causes.finding import CAUSES
from tests.viz.test_random_graphs import losses

Case = tuple[Any, Tensor]
"""A loss and the Tensor that is asked about."""


def scalar(value: float, name: str = "w", **options: Any) -> Tensor:
    return Tensor(value, name=name, **options)


def constant(value: float, name: str = "x") -> Tensor:
    return Tensor(value, name=name, requires_grad=False)


def digits(n: int = 32) -> tuple[Any, Any]:
    (x, y), _ = load_digits(classes=(0, 1))
    return x[:n], y[:n].reshape(-1, 1).astype(np.float32)


def network(activation: Any = "sigmoid", *, factor: float = 1.0, **options: Any) -> Any:
    """The recorded, fused loss of one step of 64-25-15-1, and its model."""
    x, y = digits()
    model = Sequential(
        [
            Dense(25, activation=activation, **options),
            Dense(15, activation=activation, **options),
            Dense(1, activation="sigmoid"),
        ]
    )
    return step(model, x * np.float32(factor), y), model


def step(model: Any, x: Any, y: Any, loss: str = "binary_crossentropy") -> Any:
    """The loss of one training step as the model would record it."""
    model.compile(loss=loss)
    y = model.loss.prepared(y, model(x))[0]
    return recorded_loss(model, model.loss, x, y)[0]


class Applied(Layer):
    """A function as a layer."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self.function = function

    def call(self, inputs: Any) -> Any:
        return self.function(inputs)


def with_layer(function: Callable[[Any], Any], loss: str = "mse", **options: Any) -> Case:
    """A Dense layer, the function, and a Dense layer; asked is for the first kernel."""
    x, y = digits()
    model = Sequential([Dense(8, **options), Applied(function), Dense(1)])
    return step(model, x, y, loss), model.layers[0].kernel


# ---------------------------------------------------------------------- planted faults


def sigmoid_scalar() -> Case:
    w = scalar(3.0)
    return (ops.sigmoid(w * 3.0) - 0.0) ** 2, w


def sigmoid_layer() -> Case:
    loss, model = network(bias_initializer=Constant(12))
    return loss, model.layers[0].kernel


def sigmoid_output_of_mse() -> Case:
    x, y = digits()
    model = Sequential([Dense(1, activation="sigmoid", bias_initializer=Constant(-12))])
    return step(model, x, np.ones_like(y), "mse"), model.layers[0].kernel


def tanh_scalar() -> Case:
    w = scalar(2.0)
    return (np.tanh(w * constant(2.0) + 1.0) + 1.0) ** 2, w


def tanh_layer() -> Case:
    loss, model = network("tanh", bias_initializer=Constant(-7))
    return loss, model.layers[1].kernel


def softmax_scalar() -> Case:
    w = scalar(4.0)
    p = ops.softmax(np.stack([w * 4.0, w * 0.5]))
    return (p[1] - 1.0) ** 2, w


def softmax_layer() -> Case:
    loss, w = with_layer(ops.softmax, bias_initializer=np.array([20.0] + [0.0] * 7))
    return loss, w


def relu_scalar() -> Case:
    w = scalar(1.0)
    return (ops.relu(w * constant(0.5) - 5.0) - 2.0) ** 2, w


def relu_layer() -> Case:
    loss, model = network("relu", bias_initializer=Constant(-8))
    return loss, model.layers[0].kernel


def relu_behind_the_kernel() -> Case:
    """The kernel that is multiplied by nothing but zeros."""
    loss, model = network("relu", bias_initializer=Constant(-8))
    return loss, model.layers[2].kernel


def relu_written_as_maximum() -> Case:
    w = scalar(1.0)
    return (np.maximum(w * constant(0.5) - 5.0, 0) - 2.0) ** 2, w


def detached_scalar() -> Case:
    w, v = scalar(2.0), scalar(3.0, "v")
    return (w.detach() * v) ** 2, w


def detached_layer() -> Case:
    x, y = digits()
    first, second = Dense(8, activation="tanh"), Dense(1)
    prediction = second(first(x).detach())
    return ops.mean((prediction - y) ** 2), first.kernel


def not_connected_scalar() -> Case:
    w, v = scalar(2.0), scalar(3.0, "v")
    return v * w.item(), w


def not_connected_layer() -> Case:
    loss, _ = network()
    _, other = network()
    return loss, other.layers[0].kernel


def unrecorded_loss() -> Case:
    w = scalar(2.0)
    with no_grad():
        return w * w, w


def cancelled_scalar() -> Case:
    w, v = scalar(2.0), scalar(3.0, "v")
    h = w * 1.5
    return h * 3.0 - 3.0 * h + v, w


def cancelled_layer() -> Case:
    x, y = digits()
    first, second = Dense(8, activation="tanh"), Dense(1)
    hidden = first(x)
    return ops.mean((second(hidden) - second(hidden * 1.0) - y) ** 2), first.kernel


def cancelled_over_the_batch() -> Case:
    """An input that is 1 as often as -1 where all targets are 1: p = 1/2 for each of them."""
    x = np.tile([[1.0], [-1.0]], (8, 1)).astype(np.float32)
    model = Sequential([Dense(1, activation="sigmoid", kernel_initializer="zeros")])
    return step(model, x, np.ones((16, 1), np.float32)), model.layers[0].kernel


def inputs_scalar() -> Case:
    w = scalar(0.5)
    return (np.tanh(w * constant(200.0)) + 0.3) ** 2, w


def inputs_of_a_line() -> Case:
    w = scalar(0.5)
    return (w * constant(200.0) - 3.0) ** 2, w


def inputs_layer() -> Case:
    loss, model = network(factor=255)
    return loss, model.layers[0].kernel


def inputs_of_relu() -> Case:
    loss, model = network("relu", factor=255)
    return loss, model.layers[2].kernel


def tiny_inputs_scalar() -> Case:
    w = scalar(0.5)
    return (w * constant(1e-6) - 1.0) ** 2, w


def tiny_inputs_layer() -> Case:
    loss, model = network("tanh", factor=1e-6)
    return loss, model.layers[0].kernel


def zero_inputs_layer() -> Case:
    loss, model = network(factor=0)
    return loss, model.layers[0].kernel


def weights_scalar() -> Case:
    w = scalar(60.0)
    return (np.tanh(w * constant(1.0)) + 0.3) ** 2, w


def weights_layer() -> Case:
    loss, model = network(kernel_initializer=RandomNormal(stddev=20.0))
    return loss, model.layers[0].kernel


def weights_of_relu() -> Case:
    """Each layer multiplies the size by more than 100, and the gradient explodes."""
    x, y = digits()
    options: dict[str, Any] = {"kernel_initializer": RandomNormal(stddev=20.0)}
    model = Sequential([*(Dense(25, activation="relu", **options) for _ in range(4)), Dense(1)])
    return step(model, x, y, "mse"), model.layers[0].kernel


def weights_on_the_left() -> Case:
    """Columns for the examples, W @ x."""
    random = np.random.default_rng(0)
    x, w = random.random((64, 32)), Tensor(random.standard_normal((25, 64)) * 20, name="w")
    return ops.mean((ops.sigmoid(w @ x) - 0.3) ** 2), w


def zero_weights_scalar() -> Case:
    w, v = scalar(2.0), scalar(0.0, "v")
    return (w * v - 1.0) ** 2, w


def zero_weights_layer() -> Case:
    loss, model = network("tanh", kernel_initializer="zeros")
    return loss, model.layers[0].kernel


def zero_weights_of_relu() -> Case:
    loss, model = network("relu", kernel_initializer="zeros")
    return loss, model.layers[0].kernel


def bypassed_scalar() -> Case:
    z = scalar(0.3, "v") * 2.0
    p = ops.sigmoid(z)
    p.name = "p"
    return ops.sigmoid_cross_entropy(z, 1.0, p), p


def bypassed_layer() -> Case:
    x, _ = digits()
    model = Sequential([Dense(4, activation="tanh"), Dense(3, activation="softmax")])
    model.compile(loss="sparse_categorical_crossentropy")
    p = model(x)
    y = np.zeros(len(x), int)
    return ops.mean(model.loss.elements_of_output(y, p)), p


def left_over_scalar() -> Case:
    w = scalar(2.0)
    loss = w**3
    loss.backward()
    loss.backward()
    return loss, w


def left_over_layer() -> Case:
    loss, model = network()
    other, _ = network()
    kernel = model.layers[1].kernel
    kernel.grad = np.ones(kernel.shape)
    loss.backward()
    return loss, kernel


def unwanted_scalar() -> Case:
    x = constant(2.0)
    return scalar(3.0) * x, x


def unwanted_layer() -> Case:
    x, y = digits()
    model = Sequential([Dense(4, activation="tanh"), Dense(1)])
    model.build((None, 64))
    model.layers[0].trainable = False
    return step(model, x, y, "mse"), model.layers[0].kernel


ROUND = Operation("rounded", value=np.round, gradients=(None,))


def underived_scalar() -> Case:
    w, v = scalar(2.3), scalar(1.0, "v")
    return ROUND(w) * v, w


def underived_layer() -> Case:
    return with_layer(ROUND)


def nan_data_scalar() -> Case:
    w = scalar(2.0)
    return w * constant(math.nan), w


def nan_data_layer() -> Case:
    x, y = digits()
    x = x.copy()
    x[5, 7] = np.nan
    model = Sequential([Dense(4, activation="tanh"), Dense(1)])
    return step(model, x, y, "mse"), model.layers[0].kernel


def nan_scalar() -> Case:
    w = scalar(-2.0)
    return np.log(w * 2.0), w


def nan_layer() -> Case:
    return with_layer(np.log)


def nan_behind_where() -> Case:
    a = Tensor([1.0, 0.0, 4.0], name="a")
    return np.where(a.data > 0, np.sqrt(a), 0).sum(), a


def infinite_scalar() -> Case:
    w = scalar(0.0)
    return np.log(w), w


def infinite_layer() -> Case:
    x, y = digits()
    last = Dense(1, kernel_initializer="ones")
    model = Sequential([Dense(8, bias_initializer=Constant(100)), Applied(np.exp), last])
    return step(model, x, y, "mse"), model.layers[0].kernel


def nan_of_infinities() -> Case:
    """The kernel behind has weights of either sign: ∞ - ∞."""
    return with_layer(np.exp, bias_initializer=Constant(100))


def infinite_gradient() -> Case:
    w = scalar(0.0)
    return np.sqrt(w), w


def switched_off_scalar() -> Case:
    w = scalar(3.0)
    return (np.clip(w * 2.0, 0, 1) - 0.5) ** 2, w


def switched_off_layer() -> Case:
    return with_layer(lambda x: np.clip(x, -1, 1), bias_initializer=Constant(20))


def zero_factor_scalar() -> Case:
    w, v = scalar(3.0), scalar(2.0, "v")
    return w * w * 0.0 + v, w


def zero_factor_layer() -> Case:
    return with_layer(lambda x: x * 0.0)


def targets_scalar() -> Case:
    w = scalar(0.5)
    return (w * 20.0 - 250_000.0) ** 2, w


def targets_layer() -> Case:
    x, y = digits()
    model = Sequential([Dense(8, activation="tanh"), Dense(1)])
    return step(model, x, 1e5 * (1 + y), "mse"), model.layers[1].kernel


def flat_scalar() -> Case:
    w = scalar(6.0)
    return (np.exp(-w * 5.0) - 1.0) ** 2, w


def flat_layer() -> Case:
    return with_layer(lambda x: np.exp(-x), bias_initializer=Constant(30))


def steep_scalar() -> Case:
    w = scalar(1e-4)
    return 1.0 / w, w


def steep_layer() -> Case:
    return with_layer(lambda x: 1.0 / x, kernel_initializer=Constant(1e-4))


def vanishing_scalar() -> Case:
    w, v = scalar(0.5), scalar(1.0, "v")
    h: Any = w
    for _ in range(14):
        h = ops.sigmoid(h)
    return (h * v - 3.0) ** 2, w


def vanishing_layer() -> Case:
    x, y = digits()
    model = Sequential([*(Dense(16, activation="sigmoid") for _ in range(14)), Dense(1)])
    return step(model, x, y, "mse"), model.layers[0].kernel


def exploding_scalar() -> Case:
    w = scalar(1.0)
    h: Any = w
    for _ in range(30):
        h = h * 2.0
    return h, w


def exploding_layer() -> Case:
    x, y = digits()
    options: dict[str, Any] = {"kernel_initializer": RandomNormal(stddev=1.0)}
    model = Sequential([*(Dense(16, **options) for _ in range(12)), Dense(1)])
    return step(model, x[:, :16], y, "mse"), model.layers[0].kernel


def equal_weights() -> Case:
    loss, model = network("sigmoid", kernel_initializer="ones")
    return loss, model.layers[0].kernel


def equal_columns_by_hand() -> Case:
    x, y = digits()
    w = Tensor(np.linspace(0, 0.1, 64)[:, None] * np.ones(5), name="w")
    v = Tensor(np.full((5, 1), 0.3), name="v")
    return ops.mean((np.tanh(x @ w) @ v - y) ** 2), w


def equal_filters() -> Case:
    x, y = digits()
    first = Conv2D(3, 3, activation="relu", kernel_initializer="ones")
    model = Sequential([first, GlobalAveragePooling2D(), Dense(1, kernel_initializer="ones")])
    return step(model, x.reshape(-1, 8, 8, 1), y, "mse"), first.kernel


def zero_weights_behind() -> Case:
    """Weights that are all 0, of one unit: there is nothing for them to be equal to."""
    x, y = digits()
    w, v = Tensor(np.linspace(-0.1, 0.1, 64 * 5).reshape(64, 5), name="w"), Tensor(np.zeros((5, 1)))
    v.name = "v"
    return ops.mean((np.tanh(x @ w) @ v - y) ** 2), w


def pairs_of_all() -> Case:
    x, y = digits(288)
    w = Tensor(np.full((64, 1), 0.01), name="w")
    return ops.mean((x @ w - y[:, 0]) ** 2), w


def pairs_of_all_by_hand() -> Case:
    x, y = digits(288)
    w = Tensor(np.full(64, 0.01), name="w")
    p = ops.sigmoid(x @ w)
    return -ops.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), w


def over_examples() -> Case:
    x, y = digits()
    layer = Dense(2)
    p = ops.softmax(layer(x), axis=0)
    return ops.mean(ops.sparse_categorical_cross_entropy(p, y[:, 0].astype(int))), layer.kernel


def over_examples_by_hand() -> Case:
    x, y = digits()
    w = Tensor(np.linspace(-0.1, 0.1, 128).reshape(64, 2), name="w")
    e = np.exp(x @ w)
    p = e / np.sum(e, axis=0)
    return -ops.mean(np.log(p[np.arange(32), y[:, 0].astype(int)])), w


def one_unit() -> Case:
    x, y = digits()
    model = Sequential([Dense(4, activation="tanh"), Dense(1)])
    return BinaryCrossentropy()(y, ops.softmax(model(x))), model.layers[0].kernel


def one_unit_by_hand() -> Case:
    x, y = digits()
    w = Tensor(np.full((64, 1), 0.01), name="w")
    e = np.exp(x @ w)
    return ops.mean((e / np.sum(e, axis=1, keepdims=True) - y) ** 2), w


def twice_sigmoid() -> Case:
    x, y = digits()
    model = Sequential([Dense(4, activation="tanh"), Dense(1, activation="sigmoid")])
    return BinaryCrossentropy(from_logits=True)(y, model(x)), model.layers[0].kernel


def twice_softmax() -> Case:
    x, y = digits()
    model = Sequential([Dense(4, activation="tanh"), Dense(2, activation="softmax")])
    loss = SparseCategoricalCrossentropy(from_logits=True)
    return loss(y[:, 0].astype(int), model(x)), model.layers[0].kernel


def twice_by_hand() -> Case:
    x, y = digits()
    w = Tensor(np.full((64, 1), 0.01), name="w")
    p = ops.sigmoid(ops.sigmoid(x @ w))
    return -ops.mean(y * np.log(p) + (1 - y) * np.log(1 - p)), w


def relu_as_probability() -> Case:
    x, y = digits()
    first = Dense(4, activation="tanh", kernel_initializer=Constant(0.001))
    model = Sequential([first, Dense(1, activation="relu", bias_initializer=Constant(0.5))])
    first.build((None, 64))
    first.kernel.data = np.linspace(-0.01, 0.01, 256).reshape(64, 4)
    return BinaryCrossentropy()(y, model(x)), first.kernel


def linear_as_probability() -> Case:
    x, y = digits()
    first = Dense(4, activation="tanh")
    model = Sequential([first, Dense(1, bias_initializer=Constant(0.5))])
    first.build((None, 64))
    first.kernel.data = np.linspace(-0.01, 0.01, 256).reshape(64, 4)
    return BinaryCrossentropy()(y, model(x)), first.kernel


def relu_as_logit() -> Case:
    x, y = digits()
    model = Sequential([Dense(4, activation="tanh"), Dense(2, activation="relu")])
    loss = SparseCategoricalCrossentropy(from_logits=True)
    return loss(y[:, 0].astype(int), model(x)), model.layers[0].kernel


def large_normal_weights() -> Case:
    set_random_seed(3)
    loss, model = network(kernel_initializer=RandomNormal(stddev=5.0))
    return loss, model.layers[0].kernel


def constant_column() -> Case:
    x = np.random.default_rng(0).random((20, 5))
    x[:, 3] = 2.0
    w = Tensor(np.ones((5, 1)), name="w")
    with np.errstate(all="ignore"):
        x = (x - x.mean(axis=0)) / x.std(axis=0)
    return ops.mean(x @ w), w


def constant_column_recorded() -> Case:
    data = np.random.default_rng(0).random((20, 5))
    data[:, 3] = 2.0
    x, w = Tensor(data, name="x"), Tensor(np.ones((5, 1)), name="w")
    return ops.mean(((x - x.mean(axis=0)) / x.std(axis=0)) @ w), w


def starving_chain() -> Case:
    w = scalar(0.5)
    h: Any = 0.1
    for _ in range(30):
        h = np.tanh(w * h)
    return (h - 1.0) ** 2, w


def starving_weights() -> Case:
    """Each step has a weight of its own, and all of them starve."""
    weights = [scalar(0.4, f"w{n}") for n in range(25)]
    h: Any = constant(0.3)
    for w in weights:
        h = np.tanh(w * h)
    return (h - 1.0) ** 2, weights[0]


def accumulated_before_a_step() -> Case:
    """The loop that everyone writes, without zero_grad(), asked after its last step."""
    x, y = digits()
    w, b = Tensor(np.zeros((64, 1)), name="w"), Tensor(0.0, name="b")
    for _ in range(3):
        loss = ops.mean((ops.sigmoid(x @ w + b) - y) ** 2)
        loss.backward()
        w.data -= 0.5 * w.grad
        b.data -= 0.5 * b.grad
    return loss, w


def accumulated_with_decay() -> Case:
    """w * w needs the w that was: it is told by what it gave."""
    w = scalar(1.0)
    for _ in range(3):
        loss = (w * 2.0 - 3.0) ** 2 + 0.1 * w * w
        loss.backward()
        w.data -= 0.01 * w.grad
    return loss, w


PLANTED: list[tuple[Callable[[], Case], str, str]] = [
    (sigmoid_scalar, "saturated sigmoid", "Its input v1 is 9, beyond ±4"),
    (sigmoid_layer, "saturated sigmoid", "100 % of the 800 elements are beyond ±4"),
    (sigmoid_output_of_mse, "saturated sigmoid", "100 % of the 32 elements"),
    (tanh_scalar, "saturated tanh", "is 5, beyond ±2.7"),
    (tanh_layer, "saturated tanh", "the tanh in dense"),
    (softmax_scalar, "saturated softmax", "more than 98 %"),
    (softmax_layer, "saturated softmax", "100 % of the 32 rows"),
    (relu_scalar, "dead relu", "is −4.5, not above 0"),
    (relu_layer, "dead relu", "15 of 15 units are 0 for each of 32 examples"),
    (relu_behind_the_kernel, "dead relu", "gives 0 everywhere"),
    (relu_written_as_maximum, "dead relu", "is −4.5, not above 0"),
    (detached_scalar, "detached", "w was detached from Tensor 'w' of shape ()"),
    (detached_layer, "detached", "of shape (32, 8)"),
    (not_connected_scalar, "not connected", "does depend on v."),
    (not_connected_layer, "not connected", "dense/kernel (64,25)"),
    (unrecorded_loss, "not connected", "no_grad()"),
    (cancelled_scalar, "cancelled", "0 % is left in the sum"),
    (cancelled_layer, "cancelled", "is left in the sum"),
    (cancelled_over_the_batch, "cancelled", "the examples of the batch pull dense/kernel"),
    (inputs_scalar, "scale of inputs", "the input x is 200"),
    (inputs_of_a_line, "scale of inputs", "the input x is 200"),
    (inputs_layer, "scale of inputs", "are up to 255 in size"),
    (inputs_of_relu, "scale of inputs", "are up to 255 in size"),
    (tiny_inputs_scalar, "scale of inputs", "the input x is 1e−06"),
    (tiny_inputs_layer, "scale of inputs", "are up to 1e−06 in size"),
    (zero_inputs_layer, "scale of inputs", "Every element of"),
    (weights_scalar, "scale of weights", "the weight w is 60"),
    (weights_layer, "scale of weights", "dense_1/kernel are huge"),
    (weights_of_relu, "scale of weights", "are huge"),
    (weights_on_the_left, "scale of weights", "the weights w are huge"),
    (zero_weights_scalar, "scale of weights", "the weight v is 0"),
    (zero_weights_layer, "symmetric units", "all 25 units of dense compute the same"),
    (zero_weights_of_relu, "symmetric units", "The weights dense/kernel are all 0"),
    (equal_weights, "symmetric units", "its gradient has the norm"),
    (equal_columns_by_hand, "symmetric units", "the same in each unit"),
    (equal_filters, "symmetric units", "all 3 units of conv2d compute the same"),
    (zero_weights_behind, "scale of weights", "Every element of v is 0"),
    (pairs_of_all, "every prediction against every target", "(288,1)"),
    (pairs_of_all_by_hand, "every prediction against every target", "of shape (288,)"),
    (over_examples, "softmax over the examples", "that of the 32 examples"),
    (over_examples_by_hand, "softmax over the examples", "not over classes"),
    (one_unit, "constant output", "the softmax over the one unit"),
    (one_unit_by_hand, "constant output", "the softmax over the one unit"),
    (twice_sigmoid, "activation applied twice", "between 0.5 and 0.731"),
    (twice_softmax, "activation applied twice", "without the softmax of dense_1"),
    (twice_by_hand, "activation applied twice", "the sigmoid of v"),
    (relu_as_probability, "last activation", "relu in dense_1"),
    (linear_as_probability, "last activation", "linear in dense_1"),
    (relu_as_logit, "last activation", "never below 0"),
    (large_normal_weights, "scale of weights", "elements are beyond ±4"),
    (constant_column, "NaN in the data", "Column 3 in every row, as 0/0 gives"),
    (constant_column_recorded, "NaN made by an operation", "Column 3 in every row"),
    (starving_chain, "vanishing through depth", "multiply 30 times × 0.1 … 0.5"),
    (starving_weights, "vanishing through depth", "multiply 25 times"),
    (bypassed_scalar, "bypassed by the fused loss", "p is only shown"),
    (bypassed_layer, "bypassed by the fused loss", "sparse_softmax_cross_entropy"),
    (left_over_scalar, "accumulated gradients", "w.grad is 2 times the gradient"),
    (accumulated_before_a_step, "accumulated gradients", "gradients accumulate"),
    (accumulated_with_decay, "accumulated gradients", "gradients accumulate"),
    (left_over_layer, "accumulated gradients", "besides"),
    (unwanted_scalar, "no gradient wanted", "x is a constant"),
    (unwanted_layer, "no gradient wanted", "layer.trainable = True"),
    (underived_scalar, "no derivative", "rounded"),
    (underived_layer, "no derivative", "rounded"),
    (nan_data_scalar, "NaN in the data", "x is nan from the start"),
    (nan_data_layer, "NaN in the data", "at [5, 7]"),
    (nan_scalar, "NaN made by an operation", "log in v2 made NaN of finite numbers"),
    (nan_layer, "NaN made by an operation", "of layer applied"),
    (nan_behind_where, "NaN made by an operation", "0 · ∞ is NaN"),
    (nan_of_infinities, "NaN made by an operation", "Before that, exp in"),
    (infinite_scalar, "infinite", "made of w = 0"),
    (infinite_layer, "infinite", "exp in"),
    (infinite_gradient, "infinite", "the gradient rule of sqrt"),
    (switched_off_scalar, "switched off", "the clip"),
    (switched_off_layer, "switched off", "the clip in applied"),
    (zero_factor_scalar, "multiplied by zero", "v2 = v1 × 0 multiplies it by 0"),
    (zero_factor_layer, "multiplied by zero", "multiplies it by 0"),
    (targets_scalar, "scale of targets", "250000"),
    (targets_layer, "scale of targets", "the targets are huge"),
    (flat_scalar, "flat operation", "the exp in"),
    (flat_layer, "flat operation", "the exp in applied"),
    (steep_scalar, "steep operation", "1e+08 times larger"),
    (steep_layer, "steep operation", "the divide in applied"),
    (vanishing_scalar, "vanishing through depth", "at least halve it"),
    (vanishing_layer, "vanishing through depth", "no single step is at fault"),
    (exploding_scalar, "exploding through depth", "30 steps"),
    (exploding_layer, "exploding through depth", "steps of its path enlarge it"),
]


@pytest.mark.parametrize(
    ("plant", "cause", "told"), PLANTED, ids=[plant.__name__ for plant, _, _ in PLANTED]
)
def test_the_right_cause_of_a_planted_fault(
    plant: Callable[[], Case], cause: str, told: str
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's, where the fault is a NaN
        loss, w = plant()
    before = None if w.grad is None else w.grad.copy()
    reason = viz.why(loss, w)
    assert reason.cause == cause, reason.text
    assert told in " ".join(reason.text.split()), reason.text
    assert reason.suggestions and all(" ".join(s.split()) for s in reason.suggestions)
    assert "What to try:" in reason.text
    assert max(map(len, reason.text.splitlines())) <= 110
    assert (w.grad is None) if before is None else np.array_equal(w.grad, before)


def test_every_cause_is_planted() -> None:
    assert {cause for _, cause, _ in PLANTED} == set(CAUSES)


def test_every_cause_is_in_the_documentation() -> None:
    text = " ".join((viz.why.__doc__ or "").split())
    assert [cause for cause in CAUSES if cause not in text] == []


# ---------------------------------------------------------------------- healthy runs

PLANE = {"moons": make_moons, "circles": make_circles, "spirals": make_spirals}


def healthy_data(kind: str, seed: int) -> tuple[Any, Any]:
    if kind == "two digits":
        return digits(360)
    if kind == "ten digits":
        (x, y), _ = load_digits()
        return x, y
    if kind in PLANE:
        x, y = PLANE[kind](200, 0.1, seed)
        return x, y.reshape(-1, 1).astype(np.float32)
    random = np.random.default_rng(seed)
    x = random.normal(size=(128, 3)).astype(np.float32)
    if kind == "line":
        y = x @ [[1.0], [-2.0], [0.5]] + 3 + 0.1 * random.normal(size=(128, 1))
    else:
        y = np.sin(2 * x[:, :1])
    return x, y.astype(np.float32)


def layers_of(*hidden: int, activation: str, last: Dense) -> list[Dense]:
    return [*(Dense(units, activation=activation) for units in hidden), last]


def binary(*hidden: int, activation: str = "relu") -> list[Dense]:
    return layers_of(*hidden, activation=activation, last=Dense(1, activation="sigmoid"))


def real(*hidden: int, activation: str = "relu") -> list[Dense]:
    return layers_of(*hidden, activation=activation, last=Dense(1))


def ten(*hidden: int, activation: str = "relu") -> list[Dense]:
    return layers_of(*hidden, activation=activation, last=Dense(10, activation="softmax"))


CROSS, SPARSE = "binary_crossentropy", "sparse_categorical_crossentropy"
HEALTHY: list[tuple[str, Any, str, Any, int, int]] = [
    ("two digits", lambda: binary(25, 15, activation="sigmoid"), CROSS, lambda: SGD(0.5), 150, 0),
    ("two digits", lambda: binary(25, 15, activation="sigmoid"), CROSS, lambda: Adam(0.01), 150, 1),
    ("two digits", lambda: binary(25, 15), CROSS, lambda: Adam(0.01), 150, 2),
    ("two digits", lambda: binary(25, 15, activation="tanh"), CROSS, lambda: Adam(0.01), 150, 3),
    ("two digits", lambda: binary(25, activation="sigmoid"), "mse", lambda: Adam(0.01), 150, 4),
    ("two digits", lambda: binary(), CROSS, lambda: SGD(0.5), 150, 5),
    ("ten digits", lambda: ten(32), SPARSE, lambda: Adam(0.005), 15, 6),
    ("ten digits", lambda: ten(32, activation="tanh"), SPARSE, lambda: Adam(0.005), 15, 7),
    ("ten digits", lambda: ten(32, activation="sigmoid"), SPARSE, lambda: Adam(0.005), 15, 8),
    ("ten digits", lambda: ten(), SPARSE, lambda: SGD(0.3), 15, 9),
    ("moons", lambda: binary(16, 16), CROSS, lambda: Adam(0.02), 200, 10),
    ("moons", lambda: binary(16, activation="tanh"), CROSS, lambda: Adam(0.02), 200, 11),
    ("moons", lambda: binary(16), "mse", lambda: Adam(0.02), 200, 12),
    ("circles", lambda: binary(16, activation="tanh"), "mse", lambda: Adam(0.02), 200, 13),
    ("circles", lambda: binary(16, 16, activation="sigmoid"), CROSS, lambda: Adam(0.02), 200, 14),
    ("spirals", lambda: binary(16, 16, activation="tanh"), CROSS, lambda: Adam(0.02), 300, 15),
    ("spirals", lambda: binary(16, 16), CROSS, lambda: Adam(0.02), 300, 16),
    ("spirals", lambda: binary(16, 16, activation="sigmoid"), CROSS, lambda: Adam(0.02), 300, 17),
    ("line", lambda: real(), "mse", lambda: SGD(0.1), 300, 18),
    ("sine", lambda: real(32), "mse", lambda: Adam(0.01), 300, 19),
    ("sine", lambda: real(32, activation="tanh"), "mse", lambda: Adam(0.01), 300, 20),
    ("sine", lambda: real(32, activation="sigmoid"), "mae", lambda: Adam(0.01), 300, 21),
]


# Every kind of data, activation, loss and optimizer once.
SAMPLE = {0, 2, 3, 4, 5, 6, 8, 9, 10, 13, 15, 18, 20, 21}


@pytest.mark.parametrize(
    ("kind", "layers", "loss", "optimizer", "epochs", "seed"),
    [
        pytest.param(
            *case,
            id=f"{case[0]}-{case[5]}",
            marks=[] if case[5] in SAMPLE else pytest.mark.slow,
        )
        for case in HEALTHY
    ],
)
def test_nothing_is_wrong_with_a_healthy_run(
    kind: str, layers: Any, loss: str, optimizer: Any, epochs: int, seed: int
) -> None:
    set_random_seed(seed)
    x, y = healthy_data(kind, seed)
    model = Sequential(layers())
    model.compile(optimizer=optimizer(), loss=loss)
    model.build((None, x.shape[1]))
    values = []
    for more in (0, 3, epochs):
        model.fit(x, y, epochs=more, verbose=0)
        found = [step(model, x[:32], y[:32], loss), step(model, x, y, loss)]
        found.append(model.loss(y[:32], model(x[:32])))  # by hand, through the probabilities
        for value in found:
            reasons = [viz.why(value, w) for w in model.trainable_weights]
            assert [reason.text for reason in reasons if reason.cause is not None] == []
        values.append(found[1].item())
        model.compile(optimizer=optimizer(), loss=loss)
    assert values[2] < 0.8 * values[0]  # it has learnt something, so it was healthy


def test_a_loss_that_is_nearly_at_its_minimum_is_called_so() -> None:
    x, y = digits()
    model = Sequential(binary(8, activation="sigmoid"))
    model.compile(optimizer=Adam(0.05), loss=CROSS)
    model.fit(x, y, epochs=400, verbose=0)
    loss = step(model, x, y)
    assert loss.item() < 0.01
    reason = viz.why(loss, model.layers[0].kernel)
    assert reason.cause is None
    assert "nearly at its minimum" in reason.text


@pytest.mark.parametrize("target", [3.0, [3.0, -1.0, 2.0]])
def test_at_the_bottom_of_a_square_nothing_is_wrong(target: Any) -> None:
    w = Tensor(target, name="w")
    loss = ops.mean((w - np.array(target)) ** 2)
    assert np.all(gradients(loss, w) == 0)
    assert viz.why(loss, w).cause is None


def test_least_squares_with_noise_at_their_minimum() -> None:
    # The exact minimum: the residuals stay, and the terms of every gradient balance.
    random = np.random.default_rng(3)
    x = random.normal(size=(64, 2))
    y = x @ [1.0, -2.0] + 0.5 + random.normal(size=64)
    exact = np.linalg.lstsq(np.column_stack([x, np.ones(64)]), y, rcond=None)[0]
    w, b = Tensor(exact[:2], name="w"), Tensor(exact[2], name="b")
    loss = ops.mean((x @ w + b - y) ** 2)
    assert np.abs(gradients(loss, w)).max() < 1e-12
    for t in (w, b):
        reason = viz.why(loss, t)
        assert reason.cause is None
        assert "balance" in reason.text


def test_the_first_kernel_of_the_tutorial_is_behind_and_healthy() -> None:
    loss, model = network()
    reason = viz.why(loss, model.layers[0].kernel)
    assert reason.cause is None
    first, last = (gradients(loss, model.layers[i].kernel) for i in (0, 2))
    ratio = np.sqrt(np.mean(last**2) / np.mean(first**2))
    said = re.search(r"about (\d+) times smaller than one of dense_2/kernel", reason.text)
    assert said and float(said[1]) == pytest.approx(ratio, rel=0.06)


def test_a_gradient_of_the_last_batch_is_not_left_over() -> None:
    x, y = digits(64)
    model = Sequential(binary(4, activation="tanh"))
    model.compile(optimizer=SGD(0.1), loss=CROSS)
    model.fit(x, y, epochs=2, verbose=0)
    kernel = model.layers[0].kernel
    assert kernel.grad is not None
    assert viz.why(step(model, x[:32], y[:32]), kernel).cause is None


def test_one_backward_is_not_left_over() -> None:
    loss, model = network()
    loss.backward()
    assert [viz.why(loss, w).cause for w in model.trainable_weights] == [None] * 6


def test_after_a_step_with_zero_grad_nothing_is_wrong() -> None:
    w = scalar(1.0)
    for _ in range(3):
        w.zero_grad()
        loss = (w * 2.0 - 3.0) ** 2 + 0.1 * w**2
        loss.backward()
        expected = float(w.grad)
        w.data -= 0.01 * w.grad
    reason = viz.why(loss, w)
    assert reason.cause is None
    assert f"it was −{-expected:.4g}." in " ".join(reason.text.split())


@pytest.mark.parametrize("kind", ["softmax", "softmax, exp written twice", "sigmoid"])
def test_an_activation_by_hand_is_applied_twice_too(kind: str) -> None:
    random = np.random.default_rng(0)
    x, w = random.normal(size=(12, 4)), Tensor(random.normal(size=(4, 3)), name="w")
    z = x @ w
    if kind.startswith("softmax"):
        shifted = z - z.max(axis=1, keepdims=True)
        e = shifted.exp()
        again = e if kind == "softmax" else shifted.exp()
        y, p = np.arange(12) % 3, e / again.sum(axis=1, keepdims=True)
        loss: Any = SparseCategoricalCrossentropy(from_logits=True)
    else:
        y, p = (np.arange(36) % 2).reshape(12, 3), 1 / (1 + (-z).exp())
        loss = BinaryCrossentropy(from_logits=True)
    reason = viz.why(loss(y, p), w)
    assert reason.cause == "activation applied twice" and f"the {kind[:7]} of" in reason.text
    # Proven with the logits that were there before: the loss of z.
    proven = re.search(r"and the loss is (\S+) in place", " ".join(reason.text.split()))
    assert proven and float(proven[1]) == pytest.approx(loss(y, z).item(), rel=1e-3)


@pytest.mark.parametrize(
    "hinge",
    [
        lambda y, p: ops.maximum(1 - y * p, 0).mean(),
        lambda y, p: (1 - y * p).relu().mean(),
        Hinge(),
        SquaredHinge(),
    ],
)
def test_a_hinge_whose_margins_are_all_kept_is_no_dead_relu(hinge: Any) -> None:
    x, y, w = np.array([[3.0], [-3.0]]), np.array([[1.0], [-1.0]]), Tensor([[1.0]], name="w")
    reason = viz.why(hinge(y, x @ w), w)
    assert reason.cause is None and "every margin is kept" in reason.text
    # Where a relu of the model itself gives 0 for all, it is one.
    assert viz.why(ops.relu(-(x * y) @ w).mean(), w).cause == "dead relu"


HEALTHY_WIRES: list[Callable[[], Any]] = [
    lambda: ops.mean(np.square(points[:, None] - points)),  # each pair of points is meant
    lambda: ops.mean(np.square(points[:, None] - np.zeros((1, 4)))),
    lambda: ops.mean(ops.softmax(np.outer(points, points), axis=0) @ np.eye(4)),  # attention
    lambda: -ops.mean(np.log(ops.softmax(points, axis=0))),
    lambda: ops.mean(ops.sigmoid_cross_entropy(points * 2.0, np.ones(4))),
    lambda: ops.mean(ops.binary_cross_entropy(ops.sigmoid(points) * 0.5 + 0.2, np.ones(4))),
    lambda: -ops.mean(np.log(np.exp(points) / np.sum(np.exp(points)))),
]
points = Tensor([0.1, 0.4, -0.3, 0.8], name="points")


@pytest.mark.parametrize("computed", HEALTHY_WIRES)
def test_what_is_meant_to_be_so_is_no_fault(computed: Callable[[], Any]) -> None:
    assert viz.why(computed(), points).cause is None


def test_a_bias_that_a_normalization_takes_away_is_no_fault() -> None:
    x, y = digits(64)
    model = Sequential([Dense(8), BatchNormalization(), Dense(1)])
    loss = step(model, x, y, "mse")
    reason = viz.why(loss, model.layers[0].bias)
    assert reason.cause is None
    assert "takes it away again" in " ".join(reason.text.split())


def test_softmax_regression_may_begin_with_zeros() -> None:
    x, y = digits(64)
    model = Sequential([Dense(2, activation="softmax", kernel_initializer="zeros")])
    loss = step(model, x, y[:, 0].astype(int), SPARSE)
    assert [viz.why(loss, w).cause for w in model.trainable_weights] == [None, None]


# ---------------------------------------------------------------------- what is told


def test_the_path_has_norms_and_factors() -> None:
    # L = (σ(w·x) − 0)² at w·x = 9: 2σ · σ(1 − σ) · 3
    w = scalar(3.0)
    loss = (ops.sigmoid(w * 3.0) - 0.0) ** 2
    path = viz.why(loss, w).path
    s = 1 / (1 + math.exp(-9.0))
    assert [stop.label for stop in path] == ["v4", "v3", "v2", "v1", "w"]
    assert [stop.operation for stop in path] == [None, "power", "subtract", "sigmoid", "multiply"]
    factors = [2 * s, 1.0, math.exp(-9.0) * s * s, 3.0]
    assert [stop.factor for stop in path[1:]] == pytest.approx(factors, rel=1e-9)
    assert [stop.norm for stop in path] == pytest.approx(np.cumprod([1.0, *factors]), rel=1e-9)


def test_the_path_tells_the_layers() -> None:
    loss, model = network()
    path = viz.why(loss, model.layers[1].kernel).path
    assert [(stop.operation, stop.layer) for stop in path] == [
        (None, None),
        ("mean", None),
        ("sigmoid_cross_entropy", None),
        ("add", "dense_2"),
        ("matmul", "dense_2"),
        ("sigmoid", "dense_1"),
        ("add", "dense_1"),
        ("matmul", "dense_1"),
    ]
    last = gradients(loss, model.layers[1].kernel)
    assert path[-1].norm == pytest.approx(np.linalg.norm(last.astype(float)), rel=1e-6)


def test_the_step_at_fault_is_marked() -> None:
    loss, w = sigmoid_layer()
    marked = [line for line in viz.why(loss, w).text.splitlines() if "← here" in line]
    assert len(marked) == 1
    assert "sigmoid in dense " in marked[0]


def test_the_share_of_saturated_elements_is_counted() -> None:
    x, y = digits()
    layer = Dense(25, activation="sigmoid", bias_initializer=Constant(5.2))
    model = Sequential([layer, Dense(1)])
    loss = step(model, x, y, "mse")
    z = x @ layer.kernel.data + layer.bias.data  # type: ignore[union-attr]
    share, slope = np.mean(np.abs(z) > 4), np.mean(np.exp(-z) / (1 + np.exp(-z)) ** 2)
    assert 0.9 < share < 0.999
    text = " ".join(viz.why(loss, layer.kernel).text.split())
    assert f"{100 * share:.0f} % of the 800 elements" in text
    found = re.search(r"mean slope (\S+),", text)
    assert found and float(found[1]) == pytest.approx(slope, rel=1e-3)


def test_the_way_that_carries_most_decides() -> None:
    # A dead relu on a branch beside one that works is no fault.
    w = scalar(1.0)
    loss = (w * 2.0 + ops.relu(w - 5.0) - 3.0) ** 2
    assert viz.why(loss, w).cause is None


def test_a_confident_and_wrong_sigmoid_with_its_cross_entropy_is_healthy() -> None:
    # p = σ(12): the cross-entropy divides by what the sigmoid multiplies with, and p − y is left.
    w = scalar(12.0)
    loss = ops.binary_cross_entropy(ops.sigmoid(w), 0.0)
    assert float(gradients(loss, w)) == pytest.approx(1.0, rel=1e-3)
    assert viz.why(loss, w).cause is None
    beyond = scalar(30.0)  # here the clip at 1e-7 takes it
    loss = ops.binary_cross_entropy(ops.sigmoid(beyond), 0.0)
    assert viz.why(loss, beyond).cause == "saturated sigmoid"


def by_hand(z: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-z))


@pytest.mark.parametrize("sigmoid", [ops.sigmoid, by_hand])
@pytest.mark.parametrize(
    ("start", "head", "cause"),
    [
        (-12.0, lambda p: -np.log(p), None),  # wrong, and p − 1 = −1 is sent
        (12.0, lambda p: -np.log(p), None),  # right, and nearly nothing is sent
        (12.0, lambda p: -(1.0 * np.log(p) + 0.0 * np.log(1 - p)), None),
        (12.0, lambda p: (p - 1.0) ** 2, None),
        (12.0, lambda p: p**2, "flat"),
        (-12.0, lambda p: (p - 1.0) ** 2, "flat"),
    ],
)
def test_losses_written_by_hand(sigmoid: Any, start: float, head: Any, cause: Any) -> None:
    w = scalar(start)
    reason = viz.why(head(sigmoid(w)), w)
    if cause == "flat":
        cause = "saturated sigmoid" if sigmoid is ops.sigmoid else "flat operation"
    assert reason.cause == cause, reason.text


def test_a_softmax_and_a_logarithm_by_hand() -> None:
    w = scalar(6.0)
    p = ops.softmax(np.stack([w * 3.0, w * 0.5, w * 0.0]))
    wrong, right = -np.log(p[1]), -np.log(p[0])
    assert float(gradients(wrong, w)) == pytest.approx(2.5, rel=1e-4)
    assert viz.why(wrong, w).cause is None
    assert viz.why(right, w).cause is None


def test_interior_nodes_can_be_asked_for() -> None:
    w, v = scalar(0.5), scalar(2.0, "v")
    h = w * 3.0
    loss = np.tanh(h) * v
    reason = viz.why(loss, h, names={"hidden": h})
    assert reason.cause is None
    assert reason.path[-1].label == "hidden"
    assert viz.why(loss, w * 1.0).cause == "not connected"
    assert viz.why(loss, loss).cause is None


def test_a_copy_of_the_same_numbers_is_pointed_out() -> None:
    w = Tensor([1.0, 2.0], name="w")
    again = Tensor(w.data, name="again")
    text = viz.why((again * 2.0).sum(), w).text
    assert "again has the same shape and the same numbers as w" in " ".join(text.split())


def test_rows_that_no_index_took_are_told() -> None:
    table = Tensor(np.ones((10, 3)), name="table")
    loss = (table[np.array([2, 7, 2])] * 2.0).sum()
    reason = viz.why(loss, table)
    assert reason.cause is None
    assert "24 of its 30 elements are 0 because no index took them." in reason.text
    loss = table[np.array([], int)].sum()
    assert "30 of its 30 elements are 0" in viz.why(loss, table).text


def test_arrays_without_elements() -> None:
    w = Tensor(np.zeros((0, 3)), name="w")
    loss = (w * 2.0).sum() + Tensor(1.0)
    assert viz.why(loss, w).cause is None
    assert "(0,3), empty" in viz.explain(loss, w).text


def test_a_loss_made_by_hand() -> None:
    text = viz.why(Tensor(3.0, name="loss"), Tensor(2.0, name="w")).text
    assert "loss is a Tensor made by hand" in text


def test_a_chain_of_ten_thousand_steps() -> None:
    w = scalar(1.0)
    h: Any = w
    for _ in range(5000):
        h = 0.999 * h + 0.001
    reason = viz.why(h, w)
    assert reason.cause is None
    assert len(reason.path) == 10_001
    assert len(reason.text.splitlines()) < 40


@hypothesis.settings(max_examples=100)
@hypothesis.given(losses())
def test_every_graph_gets_an_answer(loss: Tensor) -> None:
    for t in topological(loss):
        if type(t._data) is tuple:
            continue
        reason = viz.why(loss, t)
        gradient = gradients(loss, t)
        assert reason.cause is None or reason.cause in CAUSES
        assert (reason.path == ()) == (gradient is None)
        if gradient is not None:
            assert reason.path[-1].norm == pytest.approx(np.linalg.norm(gradient), rel=1e-9)


def test_it_is_printed_and_shown_in_notebooks() -> None:
    loss, w = sigmoid_scalar()
    reason = viz.why(loss, w)
    assert str(reason) == repr(reason) == reason.text
    assert reason._repr_mimebundle_() == {"text/plain": reason.text}


def test_nothing_is_touched() -> None:
    loss, model = network()
    before = np.random.get_state()[1]
    for w in model.trainable_weights:
        viz.why(loss, w)
    assert all(w.grad is None for w in model.trainable_weights)
    assert loss.grad is None
    assert np.array_equal(before, np.random.get_state()[1])


def test_hostile_names_stay_on_one_line() -> None:
    w = scalar(3.0, "a\nb   " + "x" * 1000)
    text = viz.why((ops.sigmoid(w * 3.0) - 0.0) ** 2, w).text
    assert "a\\nb" in text
    assert max(map(len, text.splitlines())) < 140


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda x: viz.why(x.sum().item(), x), ArgumentTypeError, "`loss` is float"),
        (lambda x: viz.why(x.sum(), x.data), ArgumentTypeError, "`w` is ndarray"),
        (lambda x: viz.why(x * 2, x), StateError, "needs a scalar loss"),
        (lambda x: viz.why(x.sum(), x, names=[x]), ArgumentTypeError, "`names` must be a dict"),
    ],
)
def test_wrong_calls_are_answered(call: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=re.escape(said)):
        call(Tensor([1.0, 2.0, 3.0]))


def test_data_that_were_changed_since_are_an_error() -> None:
    w = Tensor([1.0, 2.0], name="w")
    loss = (w * w).sum()
    w.data[0] = 5.0
    with pytest.raises(MutationError, match="compute the loss again"):
        viz.why(loss, w)


def test_nothing_is_said_of_no_elements() -> None:
    e = Tensor(np.zeros((0, 3)), name="e")
    found = viz.why(e.sum(), e)
    assert found.cause is None
    assert "It has no elements." in found.text
    assert "minimum" not in found.text


def test_one_number_that_is_nan_has_no_rows() -> None:
    z = Tensor(np.nan, name="z")
    found = viz.why(z * 2.0, z)
    assert found.cause == "NaN in the data"
    assert "z is nan from the start." in found.text
    assert "rows" not in found.text
