"""Layers of several inputs."""

from tests.layers.samples.sample import sample

PAIR = [(2, 3), (2, 3)]

SAMPLES = {
    "Add": [
        sample(lambda layers: layers.Add(), (2, 3), (2, 3), (2, 3)),
        sample(lambda layers: layers.Add(), (2, 3), (2, 2, 3), (2, 1, 1)),
    ],
    "Subtract": [sample(lambda layers: layers.Subtract(), *PAIR)],
    "Multiply": [
        sample(lambda layers: layers.Multiply(), *PAIR),
        sample(lambda layers: layers.Multiply(), (2, 2, 3), (2, 2, 1), (2, 1, 3)),
    ],
    "Average": [sample(lambda layers: layers.Average(), (2, 3), (2, 3), (2, 1))],
    "Maximum": [sample(lambda layers: layers.Maximum(), (2, 3), (2, 3), (2, 3))],
    "Minimum": [sample(lambda layers: layers.Minimum(), *PAIR)],
    "Concatenate": [
        sample(lambda layers: layers.Concatenate(), (2, 2), (2, 3), (2, 1)),
        sample(lambda layers: layers.Concatenate(axis=1), (2, 1, 2), (2, 2, 2)),
    ],
    "Dot": [
        sample(lambda layers: layers.Dot(axes=1), *PAIR),
        sample(lambda layers: layers.Dot(axes=-1, normalize=True), *PAIR),
        sample(lambda layers: layers.Dot(axes=(2, 2)), (2, 2, 3), (2, 4, 3)),
        sample(lambda layers: layers.Dot(axes=(1, 1), normalize=True), (2, 3, 2), (2, 3)),
        sample(lambda layers: layers.Dot(axes=(3, 1)), (2, 2, 1, 3), (2, 3, 2)),
    ],
}
