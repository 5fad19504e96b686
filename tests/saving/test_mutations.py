"""A sample of `python -m tests.saving.mutations`, and its own eyes."""

from __future__ import annotations

import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from tests.saving.honest_files import Honest, files_of_models
from tests.saving.mutations import faults_of, outcome_of

# What a changed file may well say, such as an input that goes nowhere.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize(
    ("number", "seed"), [(40, 11), pytest.param(500, 12, marks=pytest.mark.slow)]
)
def test_changed_files_are_read_or_refused(number: int, seed: int, tmp_path: Path) -> None:
    faults, counts = faults_of(number, seed, tmp_path)
    assert faults == []
    assert counts["read"] and counts["refused"] and counts.total() == number


def test_what_would_be_wrong_is_seen(tmp_path: Path) -> None:
    honest = files_of_models(tmp_path)[0]
    path = tmp_path / honest.name

    def kind(read: Any) -> str:
        return outcome_of(path, Honest(honest.name, b"", read, honest.model, honest.weights)).kind

    class Touch:
        def __reduce__(self) -> Any:
            return os.system, (f"touch {tmp_path / 'hacked'}",)

    assert kind(lambda path: {}["x"]).startswith("raised KeyError")
    assert kind(lambda path: pickle.loads(pickle.dumps(Touch()))).startswith("did pickle.find")
    assert kind(lambda path: (path.parent / "x").write_text("x")).startswith("did open")
    used = outcome_of(path, Honest("", b"", lambda path: bytes(2**22), honest.model, []))
    assert used.megabytes > 4
    chain = honest.model
    chain.set_weights([w + 1 for w in honest.weights])
    changed = Honest("", b"", lambda path: chain, chain, honest.weights)
    assert outcome_of(path, changed, True).kind == "gave other weights"
