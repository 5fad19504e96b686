"""Convolution, pooling, resizing of rows and pictures."""

import numpy as np

from tests.layers.samples.sample import numbers, sample

PICTURES, ROWS = (3, 5, 4, 2), (3, 7, 2)


def apart(*shape: int) -> np.ndarray:
    """Numbers of which no two are equal, so that each window has one that is the largest."""
    order = np.random.default_rng(7).permutation(int(np.prod(shape)))
    return np.reshape(order / order.size * 3 - 1.45, shape).round(4)


SAMPLES = {
    "Conv1D": [
        sample(lambda layers: layers.Conv1D(2, 3, activation="tanh"), ROWS),
        sample(lambda layers: layers.Conv1D(2, 2, padding="causal", dilation_rate=2), ROWS),
        sample(lambda layers: layers.Conv1D(2, 3, strides=2, padding="same", use_bias=False), ROWS),
    ],
    "Conv2D": [
        sample(lambda layers: layers.Conv2D(3, (3, 2), activation="sigmoid"), PICTURES),
        sample(lambda layers: layers.Conv2D(2, 3, strides=2, padding="same"), PICTURES),
        sample(lambda layers: layers.Conv2D(2, 2, dilation_rate=(2, 1), groups=2), PICTURES),
        sample(
            lambda layers: layers.Conv2D(2, 2, padding="same", data_format="channels_first"),
            (3, 2, 4, 3),
        ),
    ],
    "Conv1DTranspose": [
        sample(lambda layers: layers.Conv1DTranspose(2, 3, strides=2), ROWS),
        sample(
            lambda layers: layers.Conv1DTranspose(
                2, 3, strides=2, padding="same", output_padding=1
            ),
            ROWS,
        ),
    ],
    "Conv2DTranspose": [
        sample(
            lambda layers: layers.Conv2DTranspose(2, 3, strides=2, padding="same"), (3, 3, 2, 2)
        ),
        sample(lambda layers: layers.Conv2DTranspose(1, 2, activation="tanh"), (3, 2, 3, 2)),
        sample(lambda layers: layers.Conv2DTranspose(1, 2, dilation_rate=2), (3, 2, 3, 1)),
    ],
    "DepthwiseConv1D": [
        sample(lambda layers: layers.DepthwiseConv1D(3, depth_multiplier=2), ROWS),
    ],
    "DepthwiseConv2D": [
        sample(lambda layers: layers.DepthwiseConv2D(2, depth_multiplier=2), (3, 4, 3, 2)),
        sample(lambda layers: layers.DepthwiseConv2D(3, strides=2, padding="same"), (3, 4, 5, 2)),
    ],
    "SeparableConv1D": [
        sample(lambda layers: layers.SeparableConv1D(3, 2, padding="same"), ROWS),
    ],
    "SeparableConv2D": [
        sample(lambda layers: layers.SeparableConv2D(2, 2, depth_multiplier=2), (3, 4, 3, 2)),
    ],
    "MaxPooling1D": [
        sample(lambda layers: layers.MaxPooling1D(), apart(*ROWS)),
        sample(lambda layers: layers.MaxPooling1D(3, 2, padding="same"), apart(*ROWS)),
    ],
    "MaxPooling2D": [
        sample(lambda layers: layers.MaxPooling2D(), apart(*PICTURES)),
        sample(lambda layers: layers.MaxPooling2D(3, 2, padding="same"), apart(*PICTURES)),
        sample(lambda layers: layers.MaxPooling2D((2, 3), 1), apart(*PICTURES)),
        sample(lambda layers: layers.MaxPooling2D(data_format="channels_first"), apart(3, 2, 4, 5)),
    ],
    "AveragePooling1D": [
        sample(lambda layers: layers.AveragePooling1D(2, padding="same"), ROWS),
    ],
    "AveragePooling2D": [
        sample(lambda layers: layers.AveragePooling2D(2), PICTURES),
        sample(lambda layers: layers.AveragePooling2D(3, 2, padding="same"), PICTURES),
    ],
    "GlobalMaxPooling1D": [
        sample(lambda layers: layers.GlobalMaxPooling1D(keepdims=True), apart(*ROWS))
    ],
    "GlobalMaxPooling2D": [
        sample(lambda layers: layers.GlobalMaxPooling2D(), apart(*PICTURES)),
        sample(
            lambda layers: layers.GlobalMaxPooling2D(data_format="channels_first"),
            apart(3, 2, 4, 5),
        ),
    ],
    "GlobalAveragePooling1D": [sample(lambda layers: layers.GlobalAveragePooling1D(), ROWS)],
    "GlobalAveragePooling2D": [
        sample(lambda layers: layers.GlobalAveragePooling2D(keepdims=True), PICTURES)
    ],
    "UpSampling1D": [sample(lambda layers: layers.UpSampling1D(3), ROWS)],
    "UpSampling2D": [
        sample(lambda layers: layers.UpSampling2D((2, 3)), (3, 2, 3, 2)),
        sample(lambda layers: layers.UpSampling2D((2, 3), interpolation="bilinear"), (3, 2, 3, 2)),
    ],
    "ZeroPadding1D": [sample(lambda layers: layers.ZeroPadding1D((2, 1)), ROWS)],
    "ZeroPadding2D": [
        sample(lambda layers: layers.ZeroPadding2D(((1, 0), (2, 1))), (3, 2, 3, 2)),
        sample(
            lambda layers: layers.ZeroPadding2D(data_format="channels_first"), numbers(3, 2, 2, 3)
        ),
    ],
    "Cropping1D": [sample(lambda layers: layers.Cropping1D(), ROWS)],
    "Cropping2D": [sample(lambda layers: layers.Cropping2D(((1, 0), (0, 2))), PICTURES)],
}
