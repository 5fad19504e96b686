"""Rescaling, Lambda, and layers that only move numbers."""

from typing import Any

from tests.layers.samples.sample import sample


def squared(x: Any) -> Any:
    return x * x - 1.0


squared.replayable = True  # type: ignore[attr-defined]

SAMPLES = {
    "Rescaling": [
        sample(lambda layers: layers.Rescaling(0.5), (3, 2)),
        sample(lambda layers: layers.Rescaling([2.0, 0.1, -1.0], offset=-1), (2, 2, 3)),
    ],
    "Reshape": [
        sample(lambda layers: layers.Reshape((3, 2)), (2, 6)),
        sample(lambda layers: layers.Reshape((-1, 2)), (2, 3, 4)),
    ],
    "Permute": [
        sample(lambda layers: layers.Permute((2, 1)), (2, 3, 2)),
        sample(lambda layers: layers.Permute((3, 1, 2)), (2, 3, 2, 2)),
    ],
    "RepeatVector": [sample(lambda layers: layers.RepeatVector(3), (2, 3))],
    "Lambda": [
        sample(lambda layers: layers.Lambda(squared), (2, 3), no_config="its function has a name"),
    ],
    "Identity": [sample(lambda layers: layers.Identity(), (2, 3))],
}
