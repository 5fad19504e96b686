"""Lessons run here with their imports changed, and give the numbers that they give elsewhere."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import pytest

from tests.lessons.running import HERE, LESSONS, record, run

CASES = [(library, name) for library, programs in LESSONS.items() for name in programs]


def check(found: Any, expected: Any, where: str) -> None:
    """Equal structures, with numbers equal to 1e-5 of the largest beside them."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys(), where
        for key, value in expected.items():
            check(found[key], value, f"{where}: {key}")
        return
    if isinstance(expected, list) and any(isinstance(part, (list, str)) for part in expected):
        assert len(found) == len(expected), where
        for place, value in enumerate(expected):
            check(found[place], value, f"{where}[{place}]")
        return
    if isinstance(expected, str):
        assert found == expected, where
        return
    size = np.abs(expected).max(initial=1.0)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * size, err_msg=where)


@pytest.mark.parametrize(("library", "name"), CASES)
def test_a_lesson_runs_with_its_imports_changed(library: str, name: str) -> None:
    recorded = json.loads((HERE / f"{library}.json").read_text("utf-8"))["lessons"][name]
    with warnings.catch_warnings():
        # What is said to whoever learns is no error.
        warnings.simplefilter("ignore", UserWarning)
        found = run(LESSONS[library][name], changed=True)
    check(found, recorded, name)


@pytest.mark.peers
@pytest.mark.filterwarnings("ignore")
def test_what_is_recorded_is_what_keras_gives() -> None:
    recorded = json.loads((HERE / "keras.json").read_text("utf-8"))["lessons"]
    check(record("keras", []), recorded, "keras")
