"""Dense, Flatten."""

from tests.layers.samples.sample import sample

SAMPLES = {
    "Dense": [
        sample(lambda layers: layers.Dense(2), (4, 3)),
        sample(lambda layers: layers.Dense(3, activation="tanh", use_bias=False), (2, 2, 4)),
    ],
    "Flatten": [sample(lambda layers: layers.Flatten(), (2, 2, 3))],
}
