"""A run that is killed, and started again, ends as one that was not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.parametrize(
    ("times", "kind", "source"),
    [
        ("2", "planned", "arrays"),
        *(
            pytest.param("2", kind, source, marks=pytest.mark.slow)
            for kind, source in [
                ("eager", "generator"),
                ("planned", "numbers"),
                ("jit", "arrays"),
            ]
        ),
        pytest.param("50", "", "", marks=pytest.mark.thorough),
    ],
)
def test_killed_runs(times: str, kind: str, source: str) -> None:
    which = [kind, source] if kind else []
    command = [sys.executable, "-m", "tests.runs.killed_runs", times, *which]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    told = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=one_thread)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "no fault" in told.stdout
