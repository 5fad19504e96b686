"""The trainings of `functional` by real Keras."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.reference.functional import PROBLEMS, trained


def record() -> dict[str, Any]:
    """What each gives; floats are rounded to what float32 can tell apart."""
    import keras

    k = SimpleNamespace(
        Input=keras.Input,
        Model=keras.Model,
        Dense=keras.layers.Dense,
        SGD=keras.optimizers.SGD,
        concatenate=lambda parts: keras.ops.concatenate(parts, axis=1),
    )
    return {problem: _rounded(trained(problem, k)) for problem in PROBLEMS}


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return float(f"{value:.8g}") if isinstance(value, float) else value
