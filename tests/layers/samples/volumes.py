"""Convolution, pooling, resizing of volumes; windows of which there are so many as are wanted."""

from tests.layers.samples.sample import sample
from tests.layers.samples.windows import PICTURES, ROWS, apart

VOLUMES = (3, 3, 4, 3, 2)

SAMPLES = {
    "Conv3D": [
        sample(lambda layers: layers.Conv3D(2, (2, 3, 1), activation="tanh"), VOLUMES),
        sample(
            lambda layers: layers.Conv3D(
                2, 2, strides=2, padding="same", groups=2, data_format="channels_first"
            ),
            (3, 2, 3, 2, 3),
        ),
    ],
    "Conv3DTranspose": [
        sample(
            lambda layers: layers.Conv3DTranspose(1, 2, strides=(2, 1, 2), padding="same"),
            (3, 2, 2, 1, 2),
        ),
    ],
    "MaxPooling3D": [
        sample(lambda layers: layers.MaxPooling3D(), apart(*VOLUMES)),
        sample(lambda layers: layers.MaxPooling3D((2, 3, 1), 1, padding="same"), apart(*VOLUMES)),
    ],
    "AveragePooling3D": [
        sample(lambda layers: layers.AveragePooling3D(2, padding="same"), VOLUMES),
    ],
    "GlobalMaxPooling3D": [
        sample(lambda layers: layers.GlobalMaxPooling3D(keepdims=True), apart(*VOLUMES)),
    ],
    "GlobalAveragePooling3D": [
        sample(lambda layers: layers.GlobalAveragePooling3D(data_format="channels_first"), VOLUMES),
    ],
    "UpSampling3D": [sample(lambda layers: layers.UpSampling3D((2, 1, 3)), (3, 1, 2, 1, 2))],
    "ZeroPadding3D": [
        sample(lambda layers: layers.ZeroPadding3D(((1, 0), (0, 2), (1, 1))), (3, 1, 2, 1, 2)),
    ],
    "Cropping3D": [
        sample(lambda layers: layers.Cropping3D(((1, 0), (0, 2), (1, 1))), VOLUMES),
    ],
    "AdaptiveAveragePooling1D": [
        sample(lambda layers: layers.AdaptiveAveragePooling1D(3), ROWS),
    ],
    "AdaptiveAveragePooling2D": [
        sample(lambda layers: layers.AdaptiveAveragePooling2D((2, 3)), PICTURES),
    ],
    "AdaptiveAveragePooling3D": [
        sample(
            lambda layers: layers.AdaptiveAveragePooling3D(2, data_format="channels_first"),
            (3, 2, 3, 2, 3),
        ),
    ],
    "AdaptiveMaxPooling1D": [
        sample(lambda layers: layers.AdaptiveMaxPooling1D(3), apart(*ROWS)),
    ],
    "AdaptiveMaxPooling2D": [
        sample(lambda layers: layers.AdaptiveMaxPooling2D((2, 3)), apart(*PICTURES)),
    ],
    "AdaptiveMaxPooling3D": [
        sample(lambda layers: layers.AdaptiveMaxPooling3D((2, 3, 2)), apart(*VOLUMES)),
    ],
}
