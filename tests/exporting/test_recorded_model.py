"""What a model computes as steps, and what is refused by name. Other libraries are not needed."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from autograd_nn import (
    Input,
    Model,
    Operation,
    Sequential,
    Tensor,
    export,
    layers,
    ops,
    random,
    to_keras,
    to_torch,
)
from autograd_nn.engine.errors import ExportError, MissingPackageError
from autograd_nn.exporting.recorded_model import Repeated, Size, recorded_model
from autograd_nn.exporting.recorded_steps import Given, Result, Weight

BASIC = {
    *(ops.add, ops.subtract, ops.multiply, ops.divide, ops.matmul, ops.maximum, ops.minimum),
    *(ops.reshape, ops.square, ops.sqrt, ops.where, ops.greater, ops.exp, ops.sum),
    *(ops.getitem, ops.stack, ops.tanh, ops.sigmoid, ops.split, ops.embed, ops.not_equal),
}


def knows(operation: Any, inputs: Any) -> bool:
    return operation in BASIC


def steps_of(*parts: Any, **how: Any) -> Any:
    return recorded_model(Sequential(list(parts)), knows, **how)


class Own(layers.Layer):
    """A layer that does what it is given."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def call(self, x: Any) -> Any:
        return self.function(x)


def test_a_dense_layer_is_two_steps() -> None:
    found = steps_of(Input((3,)), layers.Dense(2))
    assert list(found.weights) == ["dense/kernel", "dense/bias"]
    product, total = found.steps
    assert product.operation is ops.matmul
    assert product.inputs == (Given(0), Weight(0))
    assert product.shape == (Size(0, 0, 1), 2)
    assert total.inputs == (Result(0), Weight(1))
    assert found.outputs == [Result(1)]


def test_lengths_that_grow_with_the_inputs_are_told_apart() -> None:
    def halves(x: Any) -> Any:
        return x.reshape((2 * x.shape[0], x.shape[1], 3))

    (step,) = steps_of(Input((None, 6)), Own(halves)).steps
    assert step.attributes["shape"] == (Size(0, 0, 2), Size(0, 1, 1), 3)
    (step,) = steps_of(Input((None, 6)), Own(halves), input_shape=(None, 5, 6)).steps
    assert step.attributes["shape"] == (Size(0, 0, 2), 5, 3)


def test_an_array_as_long_as_the_batch_is_one_row_repeated() -> None:
    (step,) = steps_of(Input((2,)), Own(lambda x: x + np.full((len(x), 2), 3.0))).steps
    repeated = step.inputs[1]
    assert isinstance(repeated, Repeated)
    assert (repeated.array.tolist(), repeated.axis, repeated.size) == ([[3, 3]], 0, Size(0, 0, 1))


def test_an_operation_that_is_not_known_is_opened() -> None:
    """softsign(x) = x / (1 + |x|), of which |x| is not known either here, and has no parts."""
    found = steps_of(Input((2,)), layers.Activation("hard_tanh"))
    assert [step.operation for step in found.steps] == [ops.maximum, ops.minimum]
    with pytest.raises(ExportError, match="'absolute' has no counterpart there"):
        steps_of(Input((2,)), layers.Activation("softsign"))


def test_a_sequence_with_a_mask_is_opened_step_by_step() -> None:
    found = steps_of(
        Input((3,), dtype="int32"), layers.Embedding(4, 2, mask_zero=True), layers.LSTM(2)
    )
    used = [step.operation for step in found.steps]
    assert used.count(ops.tanh) == used.count(ops.where) == 6  # of two states in three steps


def test_a_weight_that_was_assigned_to_is_read_as_it_is_then() -> None:
    class Counts(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.count = self.add_weight((), "zeros", "count", trainable=False)

        def call(self, x: Any) -> Any:
            self.count.assign(self.count + 1)
            self.count.assign(self.count + 1)
            return x + self.count

    found = steps_of(Input((2,)), Counts())
    first, second, total = found.steps
    assert (first.inputs[0], second.inputs[0], total.inputs[1]) == (Weight(0), Result(0), Result(1))
    assert found.assignments == [(Weight(0), Result(1))]


def test_training_and_prediction_are_recorded_each() -> None:
    parts = Input((2,)), layers.BatchNormalization()
    assert steps_of(*parts).assignments == []
    found = steps_of(*parts, training=True)
    changed = [list(found.weights)[weight.place] for weight, _ in found.assignments]
    assert changed == ["batch_normalization/moving_mean", "batch_normalization/moving_variance"]
    # The mean is a sum divided by the number of samples.
    assert found.steps[1].inputs == (Result(0), Size(0, 0, 1))


cube = Operation("cube", value=lambda x: x * x * x, gradients=(lambda g, out, x: 3 * g * x * x,))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x if x.sum() > 0 else -x, "looks at numbers while it computes"),
        (lambda x: x + random.normal(x.shape), "draws random numbers"),
        (lambda x: x + np.arange(len(x))[:, None], "does not follow from the sizes"),
        (lambda x: x * np.linspace(0, 1, 2 * len(x)).sum(), "does not follow from the sizes"),
        (lambda x: sum((x for _ in range(len(x))), x), "inputs of one size and not to others"),
        (lambda x: x * min(len(x), 5), "takes 2 and 3 for inputs of one size and of another"),
        (lambda x: x[: len(x) // 2], "takes 1 and 0 for inputs of one size and of another"),
        (lambda x: x * 2 if len(x) == 1 else x, "inputs of one size and not to others"),
        (lambda x: x if len(x) > 4 else x * 2, "inputs of one size and not to others"),
        (np.cbrt, "'cbrt' in the layer 'own' has no counterpart there"),
    ],
)
def test_what_cannot_be_written_is_named(function: Any, message: str) -> None:
    with pytest.raises(ExportError, match=message):
        steps_of(Input((2,)), Own(function))


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x[:, x.shape[1] // 2],
        lambda x: x * min(x.shape[1], 10),
        lambda x: x * max(x.shape[1], 30),
        lambda x: x[:, : x.shape[1] // 2],
    ],
)
def test_what_is_no_multiple_of_a_length_is_no_constant(function: Any) -> None:
    with pytest.raises(ExportError, match=r"follow from the sizes\. Give the lengths, input_shape"):
        steps_of(Input((None, 2)), Own(function))
    assert steps_of(Input((30, 2)), Own(function)).steps


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        (layers.MaxPooling1D, {"pool_size": 2}),
        (layers.AveragePooling1D, {"pool_size": 2}),
        (layers.DepthwiseConv1D, {"kernel_size": 3, "strides": 3}),
        (layers.Conv1D, {"filters": 2, "kernel_size": 2, "strides": 2}),
    ],
)
def test_a_padding_that_only_some_lengths_need_is_not_left_out(kind: Any, arguments: Any) -> None:
    """24 is a whole number of windows, and 25 takes a zero at the end."""

    def recorded(length: Any) -> Any:
        parts = Input((length, 2)), kind(**arguments, padding="same")
        return recorded_model(Sequential(parts), lambda operation, inputs: True)

    with pytest.raises(ExportError, match=r"not follow from the sizes\. Give the lengths"):
        recorded(None)
    assert recorded(24).steps


def test_a_model_that_asks_for_long_inputs_is_written_for_these() -> None:
    model = Sequential([Input((None, 2)), layers.Conv1D(2, 20, use_bias=False)])
    (step,) = recorded_model(model, lambda operation, inputs: True).steps
    assert step.operation is ops.convolution


def test_rules_of_ones_own_are_not_translated() -> None:
    with pytest.raises(ExportError, match="'cube' in the layer 'own' is of your own"):
        steps_of(Input((2,)), Own(cube), opens_own=False)
    steps = steps_of(Input((2,)), Own(cube)).steps
    assert [step.operation for step in steps] == [ops.multiply, ops.multiply]


def test_a_state_that_is_no_weight_is_refused() -> None:
    class Remembers(layers.Layer):
        def build(self, input_shape: Any) -> None:
            self.state = {"seen": Tensor(np.zeros(2, "float32"), requires_grad=False, name="seen")}

        def call(self, x: Any) -> Any:
            self.state["seen"].assign(x[0])
            return x + self.state["seen"]

    with pytest.raises(ExportError, match="'seen' of the model .* goes on from call to call"):
        steps_of(Input((2,)), Remembers())
    with pytest.raises(ExportError, match="'state' of the model .* as with stateful=True"):
        steps_of(Input((3, 2), batch_size=2), layers.LSTM(2, stateful=True))


def test_lengths_that_the_model_does_not_take() -> None:
    with pytest.raises(ExportError, match="for inputs of one size .*does not follow"):
        steps_of(Input((None, 2)), layers.SimpleRNN(2))
    with pytest.raises(ExportError, match="tried on inputs of shape .*expects 2 features"):
        steps_of(Input((None, 2)), layers.Dense(2), input_shape=(None, None, 3))


@pytest.mark.parametrize(
    "shape", [5, "abc", (None, 2), (None, -1, 2), (None, 0, 2), (None, 2.5, 2), (7, 4, 2), [(4, 2)]]
)
def test_a_shape_that_does_not_fit(shape: Any) -> None:
    with pytest.raises(TypeError, match=r"`input_shape` must be of the form \(None, None, 2\)"):
        steps_of(Input((None, 2)), layers.Dense(2), input_shape=shape)


def test_what_comes_out_is_tensors() -> None:
    class Counts(Model):
        def call(self, x: Any) -> Any:
            return x, 3

    model = Counts()
    model(np.ones((2, 2), "float32"))
    with pytest.raises(ExportError, match="gives 3 of type int"):
        recorded_model(model, knows)


def test_only_a_model_that_is_built_is_exported() -> None:
    with pytest.raises(TypeError, match="A model is exported, got Dense"):
        recorded_model(layers.Dense(2), knows)
    with pytest.raises(RuntimeError, match="'sequential' is not built"):
        steps_of(layers.Dense(2))


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    model = Sequential([Input((3,)), layers.Dense(2)])
    monkeypatch.setitem(sys.modules, "onnx", None)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'autograd-nn\[onnx\]'"):
        export(model, tmp_path / "m.onnx")
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(MissingPackageError, match="pip install torch"):
        to_torch(model)
    with pytest.raises(MissingPackageError, match="pip install keras"):
        to_keras(model)


def test_the_path_says_the_format(tmp_path: Any) -> None:
    with pytest.raises(ValueError, match=r"must end in \.onnx"):
        export(Sequential([Input((3,)), layers.Dense(2)]), tmp_path / "m.pt")
