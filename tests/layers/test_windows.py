"""Convolution, pooling and resizing: what is asked for, and what is said where it cannot be."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, layers, set_random_seed, viz
from autograd_nn.engine.errors import AutogradError
from autograd_nn.layers import (
    AveragePooling2D,
    Conv1D,
    Conv1DTranspose,
    Conv2D,
    Cropping1D,
    Cropping2D,
    DepthwiseConv2D,
    Flatten,
    GlobalMaxPooling1D,
    MaxPooling2D,
    SeparableConv2D,
    UpSampling2D,
    ZeroPadding2D,
)

X = np.random.default_rng(0).uniform(-1, 1, (2, 6, 5, 3)).astype(np.float32)


@pytest.mark.parametrize(
    ("make", "x", "words"),
    [
        (lambda: Conv2D(0, 3), X, "`filters` must be a positive integer, got 0"),
        (lambda: Conv2D(1, 0), X, "`kernel_size` must be a positive integer"),
        (lambda: Conv2D(1, (3, 3, 3)), X, "must be one integer or 2 of them, got (3, 3, 3)"),
        (lambda: Conv2D(1, 3, padding="sane"), X, "'valid' or 'same', got 'sane'. Did you mean"),
        (lambda: Conv2D(1, 3, padding="causal"), X, "must be 'valid' or 'same', got 'causal'"),
        (lambda: Conv2D(1, 3, data_format="last"), X, "'channels_last' or 'channels_first'"),
        (lambda: Conv2D(1, 3, strides=2, dilation_rate=2), X, "cannot both be larger than 1"),
        (lambda: Conv2D(3, 3, groups=2), X, "`filters` must be a multiple of `groups`"),
        (lambda: Conv2D(4, 3, groups=2), X, "2 groups, which 3 channels"),
        (lambda: Conv2D(1, 3, kernal_initializer="ones"), X, "'kernel_initializer'"),
        (lambda: Conv2D(1, 3), X[..., 0], "write x[..., None], for one sample x[None]."),
        (lambda: Conv2D(1, 3), X[:, 0, 0], "x.reshape(-1, height, width, 1)"),
        (lambda: Conv1D(1, 3), X, "(samples, length, channels), got shape (None, 6, 5, 3)"),
        (lambda: Conv2D(1, 7), X, "does not fit into inputs of 6 by 5: give padding='same'"),
        (lambda: Conv2D(1, 3, dilation_rate=3), X, "at dilation (3, 3), which does not fit"),
        (lambda: SeparableConv2D(1, 7), X, "does not fit into inputs of 6 by 5"),
        (lambda: DepthwiseConv2D(3, depth_multiplier=0), X, "`depth_multiplier` must be"),
        (lambda: MaxPooling2D(7), X, "a window of (7, 7), which does not fit"),
        (lambda: MaxPooling2D(padding="full"), X, "'valid' or 'same', got 'full'"),
        (lambda: AveragePooling2D(2, strides=0), X, "`strides` must be a positive integer"),
        (lambda: Conv1DTranspose(1, 3, output_padding=1), X[0], "smaller than `strides`"),
        (lambda: GlobalMaxPooling1D(keepdims=1), X[0], "`keepdims` must be True or False"),
        (lambda: Cropping1D(3), X[0], "nothing is left of inputs of 5"),
        (
            lambda: Cropping2D((1, 2, 3)),
            X,
            "2 (for height and width), or 2 pairs such as ((1, 2), (1, 2))",
        ),
        (lambda: ZeroPadding2D(-1), X, "`padding` must be an integer of at least 0, got -1"),
        (lambda: UpSampling2D(interpolation="bicubic"), X, "'nearest' or 'bilinear'"),
    ],
)
def test_what_is_wrong_is_said(make: Any, x: Any, words: str) -> None:
    with pytest.raises(AutogradError, match=re.escape(words)):
        make()(x)


def test_a_shape_that_does_not_fit_is_told_before_there_are_data() -> None:
    for layer in (Conv2D(1, 7), MaxPooling2D(7)):
        with pytest.raises(AutogradError, match="does not fit"):
            layer.compute_output_shape((None, 6, 5, 3))
    assert Conv2D(4, 3).compute_output_shape((None, None, None, 3)) == (None, None, None, 4)
    assert layers.Conv1D(4, 3, strides=2, padding="same").compute_output_shape((None, 7, 1)) == (
        None, 4, 4,
    )  # fmt: skip


def test_another_number_of_channels_than_it_was_built_for() -> None:
    layer = Conv2D(2, 3)
    layer(X)
    with pytest.raises(AutogradError, match="expects 3 channels, the number it was built for"):
        layer(X[..., :2])


def test_one_place_is_the_products_under_the_kernel() -> None:
    layer = Conv2D(2, (2, 3), bias_initializer="ones")
    out = layer(X)
    kernel = layer.kernel.data
    by_hand = (X[1, 3:5, 1:4, :, None] * kernel).sum((0, 1, 2)) + 1
    np.testing.assert_allclose(out.data[1, 3, 1], by_hand, rtol=1e-5)
    terms = viz.zoom(out, (1, 3, 1, 0)).terms
    assert len(terms) == 2 * 3 * 3 + 1
    found = sorted(term.value for term in terms)
    products = sorted([*(X[1, 3:5, 1:4] * kernel[..., 0]).ravel().tolist(), 1.0])
    np.testing.assert_allclose(found, products, rtol=1e-5)


def test_causal_rows_do_not_see_what_comes_later() -> None:
    layer = Conv1D(3, 3, padding="causal", dilation_rate=2)
    x = X[0].copy()[None].reshape(1, 6, 15)
    before = layer(x).data
    x[:, 4:] += 1
    after = layer(x).data
    np.testing.assert_array_equal(before[:, :4], after[:, :4])
    assert (before[:, 4:] != after[:, 4:]).all()


def test_an_average_leaves_out_what_a_mask_does() -> None:
    x = np.array([[[1.0, 2.0], [3.0, 4.0], [0.0, 0.0]], [[5.0, 6.0], [0.0, 0.0], [0.0, 0.0]]])
    model = Sequential([Input((3, 2)), layers.Masking(), layers.GlobalAveragePooling1D()])
    np.testing.assert_allclose(model(x).data, [[2, 3], [5, 6]])
    weights = []
    for eagerly in (True, False):
        set_random_seed(1)
        parts = [layers.Masking(), layers.Dense(2), layers.GlobalAveragePooling1D()]
        model = Sequential([Input((3, 2)), *parts])
        model.compile("sgd", "mse", run_eagerly=eagerly)
        model.fit(x, np.ones((2, 2)), epochs=3, verbose=0)
        weights.append(model.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_what_weights_cost_is_replayed_too() -> None:
    x, y = X, np.array([[1.0], [0.0]])
    found = []
    for eagerly in (True, False):
        set_random_seed(2)
        layer = Conv2D(2, 3, kernel_regularizer="l2")
        model = Sequential([Input((6, 5, 3)), layer, Flatten(), layers.Dense(1)])
        model.compile("sgd", "mse", run_eagerly=eagerly)
        model.fit(x, y, epochs=4, verbose=0)
        np.testing.assert_allclose(
            layer.losses[0].item(), 0.01 * np.square(layer.kernel.data).sum(), rtol=1e-5
        )
        found.append([*model.get_weights(), np.array(model.history.history["loss"])])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_names_are_those_of_keras() -> None:
    model = Sequential([Input((6, 5, 3)), Conv2D(2, 3), MaxPooling2D(), UpSampling2D(), Flatten()])
    assert [layer.name for layer in model.layers] == [
        "conv2d", "max_pooling2d", "up_sampling2d", "flatten",
    ]  # fmt: skip
    assert layers.Convolution2D is Conv2D
    assert layers.MaxPool2D is MaxPooling2D and layers.AvgPool2D is AveragePooling2D


def test_a_convolutional_network_learns_where_a_pattern_is() -> None:
    """Whatever place it has: a cross or a square, anywhere in 8 by 8 pixels."""
    set_random_seed(0)
    random = np.random.default_rng(1)
    cross, square = np.float32([[0, 1, 0], [1, 1, 1], [0, 1, 0]]), np.ones((3, 3), np.float32)
    square[1, 1] = 0
    y = random.integers(0, 2, 256)
    x = np.zeros((256, 8, 8, 1), np.float32)
    for i, (row, column) in enumerate(random.integers(0, 6, (256, 2))):
        x[i, row : row + 3, column : column + 3, 0] = square if y[i] else cross
    model = Sequential(
        [
            Input((8, 8, 1)),
            Conv2D(4, 3, activation="relu"),
            layers.GlobalMaxPooling2D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
    model.optimizer.learning_rate = 0.03
    model.fit(x[:192], y[:192], epochs=15, verbose=0)
    assert model.evaluate(x[192:], y[192:], verbose=0)[1] == 1


def test_a_fit_of_pictures_is_that_of_each_step_as_written() -> None:
    """Convolution, pooling, a border, with a last batch of another size."""
    weights = []
    x = np.random.default_rng(3).uniform(0, 1, (11, 7, 6, 2)).astype(np.float32)
    y = np.arange(11) % 3
    for eagerly in (True, False):
        set_random_seed(4)
        model = Sequential(
            [
                Input((7, 6, 2)),
                Conv2D(4, 3, activation="relu"),
                MaxPooling2D(),
                Conv2D(3, 2, padding="same", activation="tanh"),
                AveragePooling2D((2, 1)),
                Flatten(),
                layers.Dense(3, activation="softmax"),
            ]
        )
        model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=eagerly)
        model.fit(x, y, batch_size=4, epochs=3, verbose=0, shuffle=False)
        weights.append(model.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=1e-6)


def test_pictures_say_what_is_not_usual() -> None:
    usual = Conv2D(2, 3)(X)
    assert " ∗ conv2d/kernel   [conv2d]" in viz.draw(usual.inputs[0]).text()
    steps = Conv2D(2, 3, strides=2, use_bias=False)(X)
    assert ", conv2d/kernel, strides=(2,2))" in viz.draw(steps).text()
    assert ", size=(2,2))   [max" in viz.draw(MaxPooling2D()(Conv2D(1, 3)(X))).text()
