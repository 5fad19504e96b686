"""Layers that normalize."""

from tests.layers.samples.sample import sample

SAMPLES = {
    "Normalization": [
        sample(lambda layers: layers.Normalization(mean=[0.5, -1.0], variance=[2.0, 0.5]), (3, 2)),
    ],
    "BatchNormalization": [
        sample(lambda layers: layers.BatchNormalization(), (4, 3), own_training=True),
        sample(
            lambda layers: layers.BatchNormalization(axis=1, momentum=0.9, scale=False),
            (3, 2, 2),
            own_training=True,
        ),
    ],
    "LayerNormalization": [
        sample(lambda layers: layers.LayerNormalization(), (3, 4)),
        sample(lambda layers: layers.LayerNormalization(axis=[1, 2], center=False), (2, 2, 3)),
    ],
    "RMSNormalization": [sample(lambda layers: layers.RMSNormalization(), (3, 4))],
    "GroupNormalization": [
        sample(lambda layers: layers.GroupNormalization(groups=2), (2, 3, 4)),
        sample(lambda layers: layers.GroupNormalization(groups=-1), (2, 2, 2, 2)),
    ],
    "UnitNormalization": [sample(lambda layers: layers.UnitNormalization(), (3, 4))],
}
