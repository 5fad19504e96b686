"""Real Keras still says what was recorded from it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.layers.samples import FAMILIES

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with everything recorded anew, in a process of its own."""
    folder = tmp_path_factory.mktemp("recorded")
    done = subprocess.run(
        [sys.executable, "-m", "tests.reference.record", str(folder)],
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.peers
@pytest.mark.parametrize(
    ("name", "tolerance"),
    # Another version may add up in another order: 20 epochs in float32 carry that on.
    [
        ("keras_training", 1e-5),
        ("keras_functional", 1e-5),
        ("keras_losses", 1e-6),
        ("keras_metrics", 1e-6),
        ("keras_optimizers", 1e-12),
        ("keras_schedules", 1e-12),
        ("keras_weight_rules", 1e-5),
        ("keras_callbacks", 1e-12),
        ("keras_masks", 1e-10),
        *((f"keras_layers/{family}", 1e-7) for family in FAMILIES),
    ],
)
def test_keras_says_what_was_recorded(live: Path, name: str, tolerance: float) -> None:
    then = json.loads((Path(__file__).parent / f"{name}.json").read_text("utf-8"))
    now = json.loads((live / f"{name}.json").read_text("utf-8"))
    then.pop("versions", None), now.pop("versions", None)
    assert compare(then, now, tolerance) == []


def compare(then: Any, now: Any, tolerance: float, place: str = "") -> list[str]:
    """Where two structures of plain values differ."""
    if isinstance(then, dict) and isinstance(now, dict) and then.keys() == now.keys():
        return [
            d for key in then for d in compare(then[key], now[key], tolerance, f"{place}/{key}")
        ]
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        pairs = enumerate(zip(then, now, strict=True))
        return [d for i, (a, b) in pairs for d in compare(a, b, tolerance, f"{place}[{i}]")]
    if isinstance(then, float) and isinstance(now, (int, float)):
        return (
            []
            if now == pytest.approx(then, rel=tolerance, abs=1e-7, nan_ok=True)
            else [f"{place}: {then} {now}"]
        )
    return [] if then == now else [f"{place}: {then} {now}"]


def test_the_comparison_sees_a_difference() -> None:
    then = {"a": [1.0, {"b": 2.0}], "c": "text"}
    assert compare(then, {"a": [1.0, {"b": 2.0}], "c": "text"}, 1e-5) == []
    assert compare(then, {"a": [1.0, {"b": 2.0001}], "c": "text"}, 1e-5) != []
    assert compare(then, {"a": [1.0], "c": "text"}, 1e-5) != []
    assert compare(then, {"a": [1.0, {"b": 2.0}], "c": "other"}, 1e-5) != []
