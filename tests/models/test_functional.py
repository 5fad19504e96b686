"""Models of every shape: layers called on placeholders."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, Tensor, activations, gradients, ops
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.layers import Concatenate, Dense, Dropout, InputLayer, Layer

random = np.random.default_rng(0)
A, B = random.normal(size=(6, 3)), random.normal(size=(6, 2))


def branching() -> Model:
    """tanh of one input beside the other input, doubled and one more, into two heads."""
    a, b = Input((3,), name="a"), Input((2,), name="b")
    hidden = Dense(4, activation="tanh", name="h")(a)
    both = np.concatenate([hidden, b], axis=1) * 2 + 1
    p = Dense(1, activation="sigmoid", name="p")(both)
    return Model([a, b], [p, Dense(3, name="q")(both)])


def by_hand(model: Model) -> list[Any]:
    """The same by NumPy."""
    h, c, p, d, q, e = model.get_weights()
    both = np.concatenate([np.tanh(A @ h + c), B], axis=1) * 2 + 1
    return [1 / (1 + np.exp(-(both @ p + d))), both @ q + e]


def test_branches_and_two_outputs() -> None:
    model = branching()
    for given in ([A, B], (A, B), {"b": B, "a": A}, [Tensor(A), Tensor(B)]):
        for found, right in zip(model(given), by_hand(model), strict=True):
            np.testing.assert_allclose(found.data, right, rtol=1e-5)
    # As Keras lists them: by their distance from the outputs.
    assert [layer.name for layer in model.layers] == ["a", "h", "b", "p", "q"]
    assert [x.shape for x in model.outputs] == [(None, 1), (None, 3)]
    assert model.input_shape == [(None, 3), (None, 2)]
    assert model.compute_output_shape([(7, 3), (7, 2)]) == [(7, 1), (7, 3)]
    assert model.get_layer("h").output.shape == (None, 4)
    assert model.get_layer("h").input is model.inputs[0] is model.input[0]


def test_the_gradient_goes_through_every_branch() -> None:
    model = branching()
    p, q = model([A, B])
    found = gradients((p * p).sum() + q.sum(), model.trainable_weights)
    for weight, gradient in zip(model.trainable_weights, found, strict=True):
        index = tuple(n - 1 for n in weight.shape)
        values = []
        for step in (1e-3, -1e-3):
            weight.data = weight.data + step * (np.indices(weight.shape).sum(0) == sum(index))
            one, other = (np.asarray(x.data, np.float64) for x in model([A, B]))
            values.append((one * one).sum() + other.sum())
            weight.data = weight.data - step * (np.indices(weight.shape).sum(0) == sum(index))
        np.testing.assert_allclose(
            (values[0] - values[1]) / 2e-3, gradient[index], rtol=1e-2, atol=1e-3
        )


def test_a_shared_layer_has_its_weights_once() -> None:
    a, b = Input((3,)), Input((3,))
    shared = Dense(2, use_bias=False)
    model = Model([a, b], shared(a) - shared(b))
    assert [layer.name for layer in model.layers] == ["input_layer", "input_layer_1", "dense"]
    (kernel,) = model.weights
    np.testing.assert_allclose(model([A, 2 * A]).data, -A @ kernel.data, rtol=1e-5)
    assert len(model.draw().dot.split("->")) == 1 + 4  # both inputs, and both ends of the −


def test_models_are_layers() -> None:
    x = Input((3,), name="x")
    encoder = Model(x, Dense(2, name="code")(x), name="encoder")
    code = Input((2,))
    decoder = Model(code, Dense(3)(code), name="decoder")
    whole = Model(x, decoder(encoder(x)))
    assert whole.layers[1:] == [encoder, decoder]
    assert whole.weights == encoder.weights + decoder.weights
    assert whole(A).shape == (6, 3) and whole(A).scope.startswith("decoder")
    np.testing.assert_allclose(whole(A).data, decoder(encoder(A)).data, rtol=1e-6)
    first = Sequential([encoder, Dense(1)])
    assert first.built and first.input_shape == (None, 3) and first(A).shape == (6, 1)


def test_feature_extractors() -> None:
    chain = Sequential([Input((3,)), Dense(4, activation="relu"), Dense(2)])
    features = Model(chain.inputs, [layer.output for layer in chain.layers])
    for found, layer in zip(features(A), (chain.layers[0], chain), strict=True):
        np.testing.assert_array_equal(found.data, layer(A).data)
    chain.pop()
    assert chain.output is chain.layers[0].output
    chain.add(Dense(5))
    assert chain.output_shape == (None, 5) and chain.predict(A).shape == (6, 5)
    late = Sequential([Dense(2)])
    with pytest.raises(AttributeError, match="not called on a placeholder"):
        late.output  # noqa: B018
    late.predict(A)
    assert late.output_shape == (None, 2)
    from_the_middle = Model(chain.layers[1].input, chain.output)
    assert from_the_middle(np.ones((2, 4))).shape == (2, 5)


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (lambda x: 2 / x - x**2, (None, 3)),
        (lambda x: -x @ np.ones((3, 5)), (None, 5)),
        (lambda x: x[:, 1], (None,)),
        (lambda x: x[..., None], (None, 3, 1)),
        (lambda x: np.exp(x), (None, 3)),
        (lambda x: np.sum(x, axis=1, keepdims=True), (None, 1)),
        (lambda x: np.mean(x, axis=0), (3,)),
        (lambda x: np.stack([x, x], axis=1), (None, 2, 3)),
        (lambda x: np.where(x > 0, x, 0.0), (None, 3)),
        (lambda x: np.add.reduce(x, axis=1), (None,)),
        (lambda x: ops.softmax(x), (None, 3)),
        (lambda x: activations.relu(x), (None, 3)),
        (lambda x: Tensor(np.ones(3, np.float32)) + x, (None, 3)),
        (lambda x: np.ones(3, np.float32) * x, (None, 3)),
    ],
)
def test_functions_of_placeholders(
    function: Callable[[Any], Any], shape: tuple[int | None, ...]
) -> None:
    x = Input((3,))
    y = function(x)
    assert y.shape == shape
    with np.errstate(all="ignore"):
        found, right = Model(x, y)(A).data, function(Tensor(A.astype(np.float32))).data
    np.testing.assert_allclose(found, right, rtol=1e-6)
    assert found.dtype == y.dtype


@pytest.mark.parametrize(
    "use",
    [
        np.asarray,
        bool,
        float,
        int,
        len,
        list,
        math.exp,
        Tensor,
        lambda x: range(3)[x],
        lambda x: [n for n in x],  # noqa: C416
        lambda x: np.add(x, 1, out=np.ones(3)),
        lambda x: Concatenate()([x, np.ones((2, 2))]),
    ],
)
def test_what_needs_values(use: Callable[[Any], Any]) -> None:
    with pytest.raises(ArgumentTypeError, match="placeholder|Placeholder"):
        use(Input((3,)))


def test_what_is_not_connected() -> None:
    a, b = Input((3,), name="a"), Input((2,), name="b")
    both = np.concatenate([a, b], axis=1)
    with pytest.raises(ArgumentError, match=r"the input .*name=b> is needed.*Model\(\[…, b\]"):
        Model(a, both)
    with pytest.raises(ArgumentError, match=r"`inputs` has .*name=a> twice"):
        Model([a, a], both)
    with pytest.warns(UserWarning, match="'b' is not used"):
        assert Model([a, b], Dense(1)(a)).layers[-1].name == "dense"
    with pytest.raises(ArgumentTypeError, match=r"That is a layer: call it, dense\(x\)"):
        Model(a, Dense(1))
    with pytest.raises(ArgumentTypeError, match=r"Input\(\(features,\)\)"):
        Model(A, a)
    with pytest.raises(ArgumentError, match="`outputs` of a model is empty"):
        Model(a, [])
    with pytest.raises(ArgumentTypeError, match=r"Model\(inputs, outputs\)"):
        Sequential([Dense(1)(a)])
    with pytest.raises(ArgumentError, match="name 'a'"):
        Model([a, Input((2,), name="a")], a)


def test_wrong_numbers_names_and_shapes_of_arrays() -> None:
    model = branching()
    for wrong in ([A], A, [A, B, A]):
        with pytest.raises(ArgumentError, match="The model has 2 inputs, 'a', 'b'"):
            model(wrong)
    with pytest.raises(ArgumentError, match="`inputs` has 'bb'.*Did you mean 'b'"):
        model({"a": A, "bb": B})
    with pytest.raises(ShapeError, match=r"'a' has shape \(None, 3\), got shape \(6, 2\)"):
        model([B, A])


def test_numbers_for_each_sample_are_a_column() -> None:
    """(N,) is what Input((1,)) takes, and (N, 1) what Input(()) takes, as in Keras."""
    x = Input((1,))
    assert Model(x, x * 2)(np.arange(3.0)).shape == (3, 1)
    x = Input(())
    assert Model(x, x * 2)(np.ones((3, 1))).shape == (3,)


def test_whole_numbers_stay_whole() -> None:
    x = Input((2,), dtype="int32")
    model = Model(x, x // 2)
    assert model.output.dtype == np.int32
    found = model([[5, 2]])
    assert found.tolist() == [[2, 1]] and found.dtype == np.int32
    assert model.predict(np.array([[5.0, 2.0]])).tolist() == [[2, 1]]


def test_structures_in_and_out() -> None:
    a, b = Input((3,)), Input((2,))
    sums = {"first": np.sum(a, axis=1), "rest": (np.sum(b, axis=1),)}
    model = Model({"u": a, "v": b}, sums)
    found = model({"v": B, "u": A})
    np.testing.assert_allclose(found["rest"][0].data, B.sum(1), rtol=1e-5)
    assert model.output["first"].shape == (None,)


class Inside(Layer):
    """A layer that is built in the first call of the one around."""

    def __init__(self, **options: Any) -> None:
        super().__init__()
        self.dense = Dense(3, **options)

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)


def test_weights_of_layers_on_placeholders() -> None:
    x = Input((3,))
    for kind in (lambda: Dense(3), Inside):
        first, second = kind(), kind()
        Model(x, second(first(x)))
        assert np.all(first.weights[0].data != second.weights[0].data)
    ones = [np.ones((3, 3)), np.ones(3)]
    for layer in (Dense(3, weights=ones), Inside(weights=ones)):
        assert Model(x, layer(x))(np.ones((1, 3))).tolist() == [[4, 4, 4]]
        assert Sequential([Input((3,)), layer])(np.ones((1, 3))).tolist() == [[4, 4, 4]]


def test_training_is_passed_on_and_may_be_fixed() -> None:
    x = Input((100,))
    drop = Dropout(0.5, seed=0)
    ones = np.ones((1, 100))
    assert 0 in Model(x, drop(x))(ones, training=True).data
    assert 0 not in Model(x, drop(x))(ones).data
    assert 0 not in Model(x, drop(x, training=False))(ones, training=True).data


class Halved(Layer):
    def __init__(self) -> None:
        super().__init__()
        self.drop = Dropout(0.5, seed=0)

    def call(self, inputs: Any) -> Any:
        return self.drop(inputs)


class Frozen(Model):
    def __init__(self) -> None:
        super().__init__()
        self.inside = Halved()

    def call(self, inputs: Any, training: bool = False) -> Any:
        return self.inside(inputs, training=False)


def test_a_layer_takes_training_from_the_one_around() -> None:
    ones = np.ones((1, 100))
    assert 0 in Halved()(ones, training=True).data
    assert 0 not in Halved()(ones).data
    assert 0 in Sequential([Halved()])(ones, training=True).data
    assert 0 not in Frozen()(ones, training=True).data


class TwoSums(Layer):
    def call(self, inputs: Any) -> Any:
        total = inputs["a"] + inputs["b"]
        return total, {"double": total * 2}


def test_a_layer_of_ones_own_with_several_inputs_and_outputs() -> None:
    a, b = Input((3,)), Input((3,))
    total, rest = TwoSums()({"a": a, "b": b})
    model = Model([a, b], rest["double"] - total)
    np.testing.assert_allclose(model([A, A]).data, 2 * A, rtol=1e-5)
    found, _ = TwoSums()({"a": A, "b": A})
    np.testing.assert_allclose(found.data, 2 * A, rtol=1e-5)


def test_an_attribute_of_ones_own_may_be_called_output() -> None:
    class Own(Model):
        def __init__(self) -> None:
            super().__init__()
            self.output = Dense(1)

        def call(self, inputs: Any) -> Any:
            return self.output(inputs)

    model = Own()
    assert model.predict(A).shape == (6, 1)
    assert model.layers == [model.output]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_stand_alone(copied: Callable[[Any], Any]) -> None:
    model = branching()
    other = copied(model)
    before = [y.data for y in model([A, B])]
    other.set_weights([w * 0 for w in other.get_weights()])
    assert [np.abs(y.data - z).max() for y, z in zip(model([A, B]), before, strict=True)] == [0, 0]
    assert other([A, B])[1].tolist() == [[0, 0, 0]] * 6
    assert other.get_layer("h").output.call.layer is other.get_layer("h")
    long = x = Input((1,))
    for _ in range(400):
        long = long + 1
    assert copied(Model(x, long))(np.zeros((1, 1))).item() == 400


def test_layers_of_two_models_meet() -> None:
    """Each was named "dense" in its own model."""
    first, second = (Sequential([Input((3,)), Dense(n)]) for n in (2, 1))
    both = Model([first.input, second.input], [first.output, second.output])
    assert [layer.name for layer in both.layers if not isinstance(layer, InputLayer)] == [
        "dense",
        "dense_1",
    ]


def test_one_input_and_one_output_are_trained_by_a_program() -> None:
    x = Input((3,))
    model = Model(x, Dense(1)(np.tanh(Dense(4)(x)) + 1))
    model.compile("sgd", "mse")
    losses = model.fit([A], A[:, :1], epochs=5, verbose=0).history["loss"]
    assert losses == sorted(losses, reverse=True)
    assert model._training.stepper._recorder.replays == 3


def test_an_input_may_be_an_output() -> None:
    a = Input((3,))
    model = Model(a, [a, Dense(2)(a)])
    as_given, _ = model(A)
    assert type(as_given) is Tensor and not as_given.requires_grad
    np.testing.assert_array_equal(model.predict(A)[0], A.astype(np.float32))


@pytest.mark.parametrize(
    "given", [{"shape": (3,)}, {"input_shape": (3,)}, {"batch_input_shape": (None, 3)}]
)
def test_a_sequential_model_may_begin_with_an_input_layer(given: dict[str, Any]) -> None:
    """As in Keras: 3·2 + 2 parameters, and the layer is not among the layers."""
    model = Sequential([InputLayer(**given), Dense(2)])
    assert model.count_params() == 8
    assert [layer.name for layer in model.layers] == ["dense"]
    assert Sequential.from_config(model.get_config()).count_params() == 8
