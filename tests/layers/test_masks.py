"""Masks: made, passed on, ended, and what losses make of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, Tensor, gradients, layers, losses
from autograd_nn.engine.errors import ArgumentTypeError, ShapeError
from autograd_nn.layers import Activation, Dense, Dropout, Flatten, Layer, Masking
from autograd_nn.layers.masks import mask_of, with_mask
from autograd_nn.optimizers import SGD

STEPS = np.array([[[1.0, 2.0], [0.0, 0.0], [3.0, 4.0]], [[0.0, 0.0], [0.0, 0.0], [5.0, 6.0]]])
MASK = [[True, False, True], [False, False, True]]


@pytest.mark.parametrize("inputs", [STEPS, Tensor(STEPS), Tensor(STEPS, requires_grad=False)])
def test_masking_says_which_steps_are_there(inputs: Any) -> None:
    found = Masking()(inputs)
    assert mask_of(found).tolist() == MASK
    assert found.tolist() == STEPS.tolist()
    assert mask_of(Masking(1.0)(inputs)).tolist() == [[True] * 3] * 2


def test_what_is_left_out_is_0_and_has_no_gradient() -> None:
    x = Tensor(np.array([[[2.0, 2.0], [2.0, 1.0]]]))
    y = Masking(2.0)(x)
    assert y.tolist() == [[[0.0, 0.0], [2.0, 1.0]]]
    assert gradients(y.sum(), x).tolist() == [[[0.0, 0.0], [1.0, 1.0]]]
    with pytest.raises(ShapeError, match="sequences"):
        Masking()(np.ones(3))


@pytest.mark.parametrize(
    "layer", [Dense(2), Dropout(0.5), Activation("relu"), Dense(2, dtype="float64")]
)
def test_layers_that_pass_it_on(layer: Layer) -> None:
    assert mask_of(layer(Masking()(STEPS))).tolist() == MASK  # type: ignore[union-attr]


def test_a_layer_that_ends_it_says_so() -> None:
    with pytest.warns(UserWarning, match="'flatten' .* ends the mask"):
        assert mask_of(Flatten()(Masking()(STEPS))) is None


def test_own_layers_get_it_and_pass_it_on() -> None:
    class Mean(Layer):
        def call(self, inputs: Any, mask: Any = None) -> Any:
            weights = np.asarray(mask)[..., None]
            return (inputs * weights).sum(axis=1) / weights.sum(axis=1)

        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return None

    class Doubles(Layer):
        supports_masking = True

        def call(self, inputs: Any) -> Any:
            return inputs * 2

    steps = Doubles()(Masking()(STEPS))
    assert mask_of(steps).tolist() == MASK
    assert Mean()(steps).tolist() == [[4.0, 6.0], [10.0, 12.0]]
    given = Mean()(STEPS, mask=np.array([[True, True, False], [True, True, True]]))
    assert given.tolist() == [[0.5, 1.0], [5 / 3, 2.0]] or given.shape == (2, 2)
    with pytest.raises(ArgumentTypeError, match=r"write call\(self, inputs, mask=None\)"):
        Doubles()(STEPS, mask=np.array(MASK))


def test_masks_of_several_inputs_and_of_arguments() -> None:
    seen: dict[str, Any] = {}

    class Attends(Layer):
        def call(
            self, query: Any, value: Any, query_mask: Any = None, value_mask: Any = None
        ) -> Any:
            seen.update(query=query_mask, value=value_mask)
            return query

    class Adds(Layer):
        _takes_several = True

        def call(self, inputs: Any, mask: Any = None) -> Any:
            seen["mask"] = mask
            return inputs[0] + inputs[1]

        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return mask[0]

    there = Masking()(STEPS)
    Attends()(STEPS, there)
    assert seen["query"] is None and seen["value"].tolist() == MASK
    assert mask_of(Adds()([there, STEPS])).tolist() == MASK
    assert seen["mask"][1] is None


def test_a_look_at_the_data_does_not_lose_it() -> None:
    from autograd_nn import no_grad

    with no_grad():
        steps = Masking()(STEPS)
    steps.data  # noqa: B018
    assert mask_of(steps).tolist() == MASK
    assert mask_of(with_mask(Tensor(1.0), None)) is None


@pytest.mark.parametrize(
    ("reduction", "plain", "weighted"),
    # Of Keras: steps whose sums are 3, 7 and 11, squared; weights 1 and 2 for the samples.
    [
        ("sum_over_batch_size", 179 / 3, 100.0),
        ("sum", 179.0, 300.0),
        ("mean_with_sample_weight", 179 / 3, 75.0),
        ("none", [[9.0, 0, 49], [0, 0, 121]], [[9.0, 0, 49], [0, 0, 242]]),
    ],
)
def test_losses_count_what_is_there(reduction: str, plain: Any, weighted: Any) -> None:
    outputs = Dense(2, kernel_initializer="ones")(Masking()(STEPS))
    loss = losses.MeanSquaredError(reduction=reduction)
    y = np.zeros((2, 3, 2))
    np.testing.assert_allclose(loss(y, outputs).data, plain, rtol=1e-6)
    np.testing.assert_allclose(loss(y, outputs, np.array([1.0, 2.0])).data, weighted, rtol=1e-6)


def test_where_nothing_is_there_the_loss_is_0() -> None:
    model = Sequential([Masking(), Dense(2)])
    model.compile("sgd", "mse")
    assert model.evaluate(np.zeros((2, 3, 2)), np.ones((2, 3, 2)), verbose=0) == 0.0


@pytest.mark.parametrize("weights", [None, np.array([[1.0, 2, 3]] * 8)])
@pytest.mark.parametrize("eagerly", [False, True])
def test_metrics_of_training_count_as_those_of_an_evaluation(weights: Any, eagerly: bool) -> None:
    draw = np.random.default_rng(1)
    x = draw.normal(size=(8, 3, 2)) * (draw.uniform(size=(8, 3, 1)) < 0.6)
    y = draw.normal(size=(8, 3, 1))
    model = Sequential([Masking(), Dense(1)])
    model.compile(SGD(0.0), "mse", metrics=["mae"], weighted_metrics=["mse"], run_eagerly=eagerly)
    given = {"x": x, "y": y, "sample_weight": weights, "verbose": 0, "batch_size": 3}
    history = model.fit(**given, epochs=5, shuffle=False).history
    expected = model.evaluate(**given, return_dict=True)
    for key, value in expected.items():
        np.testing.assert_allclose(history[key], [value] * 5, rtol=1e-6)
    errors = np.abs(model.predict(x) - y)[..., 0]
    is_there = x.any(axis=-1)
    assert expected["mae"] == pytest.approx(errors[is_there].mean(), rel=1e-6)


def test_masks_of_several_outputs() -> None:
    inputs = Input((3, 2))
    steps = Masking()(inputs)
    first, second = Dense(1, name="a")(steps), Dense(1, name="b")(inputs)
    model = Model(inputs, [first, second])
    model.compile(SGD(0.0), "mse", metrics={"a": ["mae"], "b": ["mae"]})
    x = np.concatenate([STEPS, STEPS, STEPS])
    y = np.ones((6, 3, 1))
    history = model.fit(x, [y, y], epochs=4, batch_size=3, verbose=0, shuffle=False).history
    assert model._training.stepper.programs  # type: ignore[union-attr]
    a, b = (np.abs(out - y)[..., 0] for out in model.predict(x))
    np.testing.assert_allclose(history["a_mae"], [a[x.any(axis=-1)].mean()] * 4, rtol=1e-5)
    np.testing.assert_allclose(history["b_mae"], [b.mean()] * 4, rtol=1e-5)


def test_a_program_computes_masks_anew() -> None:
    def make(**options: Any) -> Sequential:
        model = Sequential([Masking(), Dense(3, "tanh"), Dense(2)])
        model.build((None, 3, 2))
        model.set_weights([np.full(w.shape, 0.3) for w in model.get_weights()])
        model.compile("sgd", "mse", **options)
        return model

    draw = np.random.default_rng(0)
    x = draw.normal(size=(24, 3, 2))
    x[draw.uniform(size=(24, 3)) < 0.4] = 0.0
    y = draw.normal(size=(24, 3, 2))
    replayed, written = make(), make(run_eagerly=True)
    for model in (replayed, written):
        model.fit(x, y, epochs=3, batch_size=5, shuffle=False, verbose=0)
    assert replayed._training.stepper.programs  # type: ignore[union-attr]
    for one, two in zip(replayed.get_weights(), written.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.LSTM(2),
        lambda: layers.GRU(2, dropout=0.5),
        lambda: layers.SimpleRNN(2),
        lambda: layers.Bidirectional(layers.LSTM(2)),
        layers.GlobalAveragePooling1D,
        layers.BatchNormalization,
    ],
)
def test_a_mask_that_is_given_has_the_shape_of_the_steps(make: Any) -> None:
    layer = make()
    expected = layer(STEPS, mask=np.array(MASK)).data
    assert STEPS.shape == (2, 3, 2)
    for same in (MASK, np.array(MASK, float), np.array(MASK, int)):
        np.testing.assert_array_equal(layer(STEPS, mask=same).data, expected)
    if not isinstance(layer, layers.BatchNormalization):
        for shape in ((2, 4), (2, 1), (1, 3), (3,), (3, 3), (2, 3, 1)):
            with pytest.raises(ShapeError, match=r"must have shape \(2, 3\)"):
                layer(STEPS, mask=np.ones(shape, bool))
    with pytest.raises(ShapeError, match=r"must have shape \(2, 3\).* got shape \(2, 4\)"):
        layer(STEPS, mask=np.ones((2, 4), bool), training=True)


def test_a_mask_of_steps_is_that_of_the_outputs_of_each() -> None:
    layer = layers.TimeDistributed(Dense(2))
    found = layer(STEPS, mask=np.array(MASK))
    np.testing.assert_array_equal(found.data, layer(STEPS).data)
    assert mask_of(found).tolist() == MASK
    with pytest.raises(ShapeError, match=r"must have shape \(2, 3\)"):
        layer(STEPS, mask=np.ones((3, 2), bool))


def test_masks_of_attention_and_of_a_softmax() -> None:
    attend = layers.Attention()
    for masks in ([None, np.ones((2, 4), bool)], [np.ones((1, 3), bool), None]):
        with pytest.raises(ShapeError, match=r"'attention' must have shape \(2, 3\)"):
            attend([STEPS, STEPS], mask=masks)
    with pytest.raises(ArgumentTypeError, match=r"must be a list \[query_mask, value_mask\]"):
        attend([STEPS, STEPS], mask=np.array(MASK))
    with pytest.raises(ShapeError, match=r"as many axes as its inputs.*Activation\('softmax'\)"):
        layers.Softmax()(Masking()(STEPS))


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        # One step there in both inputs, in the first, in the second, in none.
        (layers.Multiply, [6.0, 2.0, 3.0, 0.0]),
        (layers.Maximum, [3.0, 2.0, 3.0, 2.0]),
        (layers.Minimum, [2.0, 2.0, 3.0, 2.0]),
    ],
)
def test_a_step_that_one_input_lacks_is_that_of_the_others(make: Any, expected: Any) -> None:
    a, b = np.full((1, 4, 1), 2.0), np.full((1, 4, 1), 3.0)
    masks = np.array([[True, True, False, False]]), np.array([[True, False, True, False]])
    x, y = (with_mask(Tensor(part), mask) for part, mask in zip((a, b), masks, strict=True))
    found = make()([x, y])
    assert found.data.ravel().tolist() == expected
    assert mask_of(found).tolist() == [[True, True, True, False]]
    one_masked = make()([Tensor(a), y])
    assert one_masked.data.ravel().tolist() == [expected[0], 2.0, expected[0], 2.0]
    assert mask_of(one_masked) is None


@pytest.mark.parametrize("make", [layers.Multiply, layers.Maximum, layers.Minimum])
def test_what_a_mask_leaves_out_is_left_out_by_programs_too(make: Any) -> None:
    rows = np.random.default_rng(0).normal(size=(7, 4, 2)).astype(np.float32)
    rows[np.random.default_rng(1).random((7, 4)) < 0.4] = 0
    histories = []
    for eagerly in (True, False):
        a, b = Input((4, 2)), Input((4, 2))
        first = Dense(3, kernel_initializer=np.arange(6.0).reshape(2, 3))(Masking()(a))
        second = Dense(3, kernel_initializer=np.ones((2, 3)))(b)
        model = Model([a, b], layers.LSTM(1, kernel_initializer="ones")(make()([first, second])))
        model.compile(SGD(0.1), "mse", run_eagerly=eagerly)
        model.layers[-1].cell.recurrent_kernel.data[...] = 0.5
        y = np.ones((7, 1))
        history = model.fit([rows, rows[::-1]], y, 3, epochs=3, shuffle=False, verbose=0)
        histories.append(history.history["loss"])
    np.testing.assert_allclose(*histories, rtol=1e-6)
