"""Layers that draw in training."""

from tests.layers.samples.sample import sample

SAMPLES = {
    "Dropout": [
        sample(lambda layers: layers.Dropout(0.4), (3, 5), draws=True),
        sample(lambda layers: layers.Dropout(0.4, (None, 1, 3)), (2, 2, 3), draws=True),
    ],
    "SpatialDropout1D": [
        sample(lambda layers: layers.SpatialDropout1D(0.4), (3, 2, 3), draws=True),
    ],
    "SpatialDropout2D": [
        sample(lambda layers: layers.SpatialDropout2D(0.4), (2, 2, 2, 3), draws=True),
    ],
    "SpatialDropout3D": [
        sample(lambda layers: layers.SpatialDropout3D(0.4), (2, 2, 2, 1, 3), draws=True),
    ],
    "GaussianNoise": [sample(lambda layers: layers.GaussianNoise(0.3), (3, 5), draws=True)],
    "GaussianDropout": [sample(lambda layers: layers.GaussianDropout(0.3), (3, 5), draws=True)],
    "AlphaDropout": [sample(lambda layers: layers.AlphaDropout(0.3), (3, 5), draws=True)],
}
