"""Masking, ActivityRegularization."""

from tests.layers.samples.sample import sample

SAMPLES = {
    # What is left out has a jump, of which differences know nothing: tests/layers/test_masks.py.
    "Masking": [sample(lambda layers: layers.Masking(9.0), (2, 3, 2))],
    "ActivityRegularization": [
        sample(lambda layers: layers.ActivityRegularization(0.1, 0.2), (3, 2))
    ],
}
