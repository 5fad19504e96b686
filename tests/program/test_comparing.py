"""Two recordings agree only where they are the same computation on whatever is given."""

import operator
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Tensor, losses, ops
from autograd_nn.engine.recording import no_grad, scope
from autograd_nn.layers import Activation, Dense, Flatten, Layer
from autograd_nn.losses import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    SparseCategoricalCrossentropy,
)
from autograd_nn.models import Model, Sequential
from autograd_nn.program.capture.observer import Observer
from autograd_nn.program.capture.recorder import Recording, difference
from autograd_nn.training.one_step import recorded_loss

N, WIDTH = 4, 3


def batches(outputs: int = 1, labels: str = "numbers") -> list[tuple[Any, Any]]:
    source = np.random.default_rng(7)
    drawn = []
    for _ in range(2):
        x = source.normal(size=(N, WIDTH)).astype(np.float32)
        y: Any = source.normal(size=(N, outputs)).astype(np.float32)
        if labels == "binary":
            y = (y > 0).astype(np.float32)
        elif labels == "one-hot":
            y = np.eye(outputs, dtype=np.float32)[source.integers(outputs, size=N)]
        elif labels == "integers":
            y = source.integers(outputs, size=N)
        drawn.append((x, y))
    return drawn


def recording(model: Any, loss: Any, x: Any, y: Any, weight: Any = None) -> Recording:
    """As `fit` records its first steps: everything that is fed is a Tensor where it can be one."""
    if not model.built:
        model.build((None, WIDTH))
    x = Tensor(x)
    y = Tensor(y) if y.dtype.kind == "f" else y
    weight = None if weight is None else Tensor(weight)
    with Observer() as observer:
        value, _ = recorded_loss(model, losses.get(loss), x, y, weight)
    return Recording(value, {"x": x, "y": y, "weight": weight}, observer)


def found(model: Any, loss: Any = "mse", outputs: int = 1, labels: str = "numbers") -> str | None:
    first, second = (recording(model, loss, *batch) for batch in batches(outputs, labels))
    return difference(first, second)


class Own(Layer):
    """A layer whose call is the function that a test plants."""

    def __init__(self, function: Callable[..., Any], **attributes: Any) -> None:
        super().__init__(name="own")
        vars(self).update(attributes)
        self.function = function

    def call(self, inputs: Any) -> Any:
        return self.function(self, inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


def with_own(function: Callable[..., Any], **attributes: Any) -> Model:
    return Sequential([Dense(5, activation="tanh"), Own(function, **attributes), Dense(1)])


# ---------------------------------------------------------------------- what is refused


def counted(layer: Any, x: Any) -> Any:
    layer.calls += 1
    return x * (1 / layer.calls)


def by_no_grad(layer: Any, x: Any) -> Any:
    with no_grad():
        largest = x.max().clip(0, 0.001)  # the same number in nearly every batch
    return x + largest


def by_integers(layer: Any, x: Any) -> Any:
    return x * 2 if x.astype(int).sum() > 100 else x


RANDOM = "own_dropout_mask"
PLANTED: dict[str, tuple[Callable[..., Any], str]] = {
    "dropout by np.random": (
        lambda layer, x: x * (np.random.rand(*x.shape) > 0.5),
        "layer 'own' multiplies by an array of shape (4, 5) that differs from batch to batch",
    ),
    "dropout by a generator": (
        lambda layer, x: x * (layer.source.random(x.shape) > 0.5),
        "layer 'own' multiplies by an array of shape (4, 5) that differs from batch to batch",
    ),
    "noise by random": (
        lambda layer, x: x + random.random(),
        "layer 'own' adds a number that differs from batch to batch",
    ),
    "a counter that scales": (counted, "layer 'own' multiplies by a number that differs"),
    "a branch on .data": (
        lambda layer, x: x * 2 if x.data[0, 0] > 100 else x,
        ".data in layer 'own' (test_comparing.py, line",
    ),
    "a branch on .item()": (
        lambda layer, x: x * 2 if x.sum().item() > 100 else x,
        "item() in layer 'own' (test_comparing.py, line",
    ),
    "a branch on any()": (
        lambda layer, x: x * 2 if (x > 100).any() else x,
        "its truth, bool() in layer 'own'",
    ),
    "a branch on the largest": (
        lambda layer, x: x * 2 if x.max() > 100 else x,
        "its truth, bool() in layer 'own'",
    ),
    "float()": (lambda layer, x: x * float(x.mean()), "float(t) in layer 'own'"),
    "no_grad": (by_no_grad, "no_grad() in layer 'own'"),
    "integers": (by_integers, "its truth, bool() in layer 'own'"),
    "an Operation for every call": (
        lambda layer, x: Operation("half", value=lambda x: x / 2, gradients=(None,))(x),
        "half in layer 'own' is made anew for every batch",
    ),
    "another attribute": (
        lambda layer, x: x.clip(-1, layer.source.random()),
        "clip in layer 'own' has another `max` from batch to batch (0.",
    ),
    "rows in a random order": (
        lambda layer, x: x[layer.source.permutation(N)],
        "layer 'own' gives getitem a Tensor (input 1) that differs from batch to batch",
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_layer_is_found_and_named(what: str) -> None:
    function, words = PLANTED[what]
    source = np.random.default_rng(3)
    sentence = found(with_own(function, source=source, calls=0))
    assert sentence is not None
    assert words.replace("_", "") in sentence.replace("__", "").replace("_", "")


def test_a_number_from_around_that_changes_between_the_calls() -> None:
    factor = 2.0
    model = with_own(lambda layer, x: x * factor)
    (x, y), (x2, y2) = batches()
    first = recording(model, "mse", x, y)
    assert difference(first, recording(model, "mse", x2, y2)) is None
    factor = 3.0
    sentence = difference(first, recording(model, "mse", x2, y2))
    assert sentence is not None
    assert "layer 'own' multiplies by a number that differs" in sentence


def test_an_array_that_is_changed_in_place_between_the_calls_is_read_where_it_lives() -> None:
    mask = np.ones(5, np.float32)
    model = with_own(lambda layer, x: x * mask)
    (x, y), (x2, y2) = batches()
    first = recording(model, "mse", x, y)
    mask[0] = 0
    assert difference(first, recording(model, "mse", x2, y2)) is None


def test_a_loss_that_looks_at_the_true_values() -> None:
    def loss(y_true: Any, y_pred: Any) -> Any:
        weight = 10.0 if y_true.max() > 100 else 1.0
        return weight * ((y_pred - y_true) ** 2).mean(axis=-1)

    sentence = found(Sequential([Dense(1)]), loss)
    assert sentence is not None
    assert "bool" in sentence


def test_the_state_of_the_last_call_in_the_graph_of_the_next() -> None:
    def carried(layer: Any, x: Any) -> Any:
        layer.last = x + layer.last * 0.5
        return layer.last

    assert found(with_own(carried, last=0.0)) is not None


def test_another_structure_without_a_look() -> None:
    depth = [1]

    def deeper(layer: Any, x: Any) -> Any:
        for _ in range(depth[0]):
            x = x.tanh()
        return x

    model = with_own(deeper)
    (x, y), (x2, y2) = batches()
    first = recording(model, "mse", x, y)
    depth[0] = 2
    sentence = difference(first, recording(model, "mse", x2, y2))
    assert sentence is not None
    assert "tanh in layer 'own'" in sentence


def test_another_function_in_its_place() -> None:
    functions = [np.tanh, np.sin]
    sentence = found(with_own(lambda layer, x: functions.pop()(x)))
    assert sentence is not None
    assert (
        "In another batch tanh in layer 'own' is computed in place of sin in layer 'own'."
        in sentence
    )


def test_another_shape() -> None:
    model = Sequential([Dense(1)])
    (x, y), (x2, y2) = batches()
    sentence = difference(recording(model, "mse", x, y), recording(model, "mse", x2[:2], y2[:2]))
    assert (
        sentence == "matmul in layer 'dense' gives shape (4, 1) in one batch and (2, 1) in another."
    )


# ---------------------------------------------------------------------- what is not refused


def huber(y_true: Any, y_pred: Any) -> Any:
    error = np.abs(y_pred - y_true)
    return np.where(error > 1, error - 0.5, 0.5 * error * error).mean(axis=-1)


class Weighted(Loss):
    """Misses below the truth count more, as written with NumPy."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        weight = np.where(y_true > y_pred, 3.0, 1.0)
        return ((y_pred - y_true) ** 2 * weight).mean(axis=-1)


@pytest.mark.parametrize("loss", [huber, Weighted(), "mse", "mae"])
def test_a_loss_with_a_comparison_is_one_computation(loss: Any) -> None:
    assert found(Sequential([Dense(5, activation="relu"), Dense(1)]), loss) is None


HEALTHY: dict[str, Callable[..., Any]] = {
    "LeakyReLU by where": lambda layer, x: np.where(x > 0, x, 0.1 * x),
    "LeakyReLU by a product": lambda layer, x: x * (x > 0) + 0.1 * x * (x <= 0),
    "LeakyReLU by numbers": lambda layer, x: x * np.where(x > 0, 1.0, 0.1),
    "a mask of floats": lambda layer, x: x * (x > 0).astype(np.float32),
    "a mask of a computed value": lambda layer, x: np.where(np.abs(x) > 0.5, x, 0),
    "a mask of one number": lambda layer, x: x * (x.max() > 0.5),
    "constants": lambda layer, x: x * np.linspace(0, 1, 5, dtype=np.float32) + np.float32(2),
    "NaN among the constants": lambda layer, x: x.clip(None, np.nan),
    "a Tensor made on the way": lambda layer, x: x * Tensor([2.0] * 5, dtype="float32"),
    "normalised rows": lambda layer, x: (x - x.mean(axis=1, keepdims=True)) / x.max(),
    "parts": lambda layer, x: np.concatenate(np.split(x, [2], axis=1)[::-1], axis=1),
    "elements": lambda layer, x: x[:, [4, 3, 2, 1, 0]],
}


@pytest.mark.parametrize("what", HEALTHY)
def test_a_healthy_layer_is_not_refused(what: str) -> None:
    assert found(with_own(HEALTHY[what])) is None


class Residual(Model):
    """Two paths that meet, and one block used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Dense(6, activation="sigmoid")
        self.block = Dense(6, activation="tanh")
        self.last = Dense(3)

    def call(self, inputs: Any) -> Any:
        x = self.first(inputs)
        x = x + self.block(x)
        x = x + self.block(x)
        return self.last(x)


@pytest.mark.parametrize(
    ("model", "loss", "outputs", "labels"),
    [
        (Sequential([Dense(1)]), MeanSquaredError(), 1, "numbers"),
        (Sequential([Flatten(), Dense(2), Activation("relu")]), MeanAbsoluteError(), 2, "numbers"),
        (Residual(), MeanSquaredError(reduction="sum"), 3, "numbers"),
        (Residual(), CategoricalCrossentropy(from_logits=True, label_smoothing=0.1), 3, "one-hot"),
        (Residual(), SparseCategoricalCrossentropy(from_logits=True), 3, "integers"),
        (Sequential([Dense(3, "softmax")]), CategoricalCrossentropy(), 3, "one-hot"),
        (Sequential([Dense(3, "softmax")]), SparseCategoricalCrossentropy(), 3, "integers"),
        (Sequential([Dense(1, "sigmoid")]), BinaryCrossentropy(), 1, "binary"),
        (Sequential([Dense(1, "sigmoid")]), BinaryCrossentropy(label_smoothing=0.2), 1, "binary"),
        (Sequential([Dense(1, "tanh")]), lambda y, p: np.abs(p - y).mean(axis=-1), 1, "numbers"),
    ],
)
def test_a_healthy_model_is_not_refused(model: Any, loss: Any, outputs: int, labels: str) -> None:
    assert found(model, loss, outputs, labels) is None


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", "mean_with_sample_weight"])
def test_sample_weights_are_given_and_not_constants(reduction: str) -> None:
    model = Sequential([Dense(1)])
    (x, y), (x2, y2) = batches()
    loss = MeanSquaredError(reduction=reduction)
    weights = np.array([[1, 2, 3, 4], [5, 6, 7, 9]], np.float32)
    first, second = (
        recording(model, loss, *batch, weight)
        for batch, weight in zip([(x, y), (x2, y2)], weights, strict=True)
    )
    assert difference(first, second) is None
    assert any(first.given["weight"] is x for step in first.steps for x in step.inputs)


# ---------------------------------------------------------------------- constants, bit for bit


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (1.0, 1.0, True),
        (1.0, 2.0, False),
        (1, 1.0, False),
        (True, 1, False),
        (0.0, -0.0, False),
        (float("nan"), float("nan"), True),
        (np.float32(2), np.float64(2), False),
        (np.array([0.0, np.nan]), np.array([0.0, -np.nan]), True),
        (np.array([0.0, 1.0]), np.array([-0.0, 1.0]), False),
        (np.array([1.0, 2.0]), np.array([1.0, 2.0], np.float32), False),
        (np.array([1.0]), np.array([np.nextafter(1.0, 2)]), False),
        (np.arange(4.0)[::2], np.array([0.0, 2.0]), True),
    ],
)
def test_constants_agree_bit_for_bit(one: Any, other: Any, agree: bool) -> None:
    x = Tensor(np.ones(2))
    recordings = []
    for constant in (one, other):
        with Observer() as observer:
            root = (ops.multiply(x, constant)).astype(np.float64).sum()
        recordings.append(Recording(root, {"x": x}, observer))
    assert (difference(*recordings) is None) is agree


def test_the_generator_that_is_an_attribute_is_known_by_identity() -> None:
    noise = Operation(
        "noise",
        value=lambda x, source: x + source.random(x.shape),
        gradients=(lambda g, out, x, source: g,),
    )
    x = Tensor(np.ones(2))
    one, other = np.random.default_rng(1), np.random.default_rng(1)

    def recorded(source: Any) -> Recording:
        with Observer() as observer:
            root = noise(x, source=source).sum()
        return Recording(root, {"x": x}, observer)

    assert difference(recorded(one), recorded(one)) is None
    assert difference(recorded(one), recorded(other)) is not None


def test_two_given_that_change_places() -> None:
    a, b = np.ones(2), np.ones(2)
    w = Tensor([1.0, 2.0])

    def recorded(first: Any, second: Any) -> Recording:
        with Observer() as observer:
            root = (w * first - second).sum()
        return Recording(root, {"a": a, "b": b}, observer)

    assert difference(recorded(a, b), recorded(a, b)) is None
    assert difference(recorded(a, b), recorded(b, a)) is not None


def test_a_mask_with_another_limit() -> None:
    x = Tensor([1.0, 2.0])

    def recorded(limit: float) -> Recording:
        with Observer() as observer:
            root = (x * (x > limit)).sum()
        return Recording(root, {"x": x}, observer)

    assert difference(recorded(0.0), recorded(0.0)) is None
    # The two masks are equal, the two computations are not.
    assert difference(recorded(0.0), recorded(0.5)) is not None


def test_a_mask_by_another_comparison() -> None:
    x = Tensor([1.0, 2.0])

    def recorded(compare: Callable[..., Any]) -> Recording:
        with Observer() as observer:
            root = (x * compare(x, 0.5)).sum()
        return Recording(root, {"x": x}, observer)

    sentence = difference(recorded(operator.gt), recorded(operator.ge))
    assert sentence is not None
    assert sentence.startswith("In another batch greater_equal in ")


def test_another_layer_with_the_same_operations() -> None:
    x = Tensor([1.0, 2.0])

    def recorded(name: str) -> Recording:
        with Observer() as observer, scope(name):
            root = x.tanh()
        return Recording(root, {"x": x}, observer)

    assert difference(recorded("left"), recorded("left")) is None
    assert difference(recorded("left"), recorded("right")) == (
        "tanh in layer 'left' is in layer 'right' in another batch."
    )


def test_one_operation_more_at_the_end() -> None:
    x = Tensor([1.0, 2.0])

    def recorded(more: bool) -> Recording:
        with Observer() as observer:
            root = x.sum().tanh() if more else x.sum()
        return Recording(root, {"x": x}, observer)

    for order in ([False, True], [True, False]):
        sentence = difference(*map(recorded, order))
        assert sentence is not None
        assert sentence.startswith("tanh in ")


def test_a_held_tensor_that_changes_without_training_is_read_where_it_lives() -> None:
    x, held = Tensor([1.0, 2.0]), Tensor([1.0, 1.0], requires_grad=False)

    def recorded() -> Recording:
        with Observer() as observer:
            root = (x * held).sum()
        return Recording(root, {"x": x}, observer)

    first = recorded()
    assert difference(first, recorded()) is None
    held.data = [1.0, 2.0]
    assert difference(first, recorded()) is None


@pytest.mark.slow
def test_a_deep_graph() -> None:
    def recorded() -> Recording:
        x = Tensor(0.5)
        with Observer() as observer:
            root = x
            for _ in range(100_000):
                root = root * 1.0001
        return Recording(root, {"x": x}, observer)

    assert difference(recorded(), recorded()) is None
