"""The command that measures training on data that are not in memory."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import bigger_data

ROOT = Path(__file__).parents[2]


def run(*arguments: str) -> Any:
    command = [sys.executable, "-m", "benchmarks.bigger_data", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_a_kind_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bigger_data.main(["map-float8"])
    assert "there is no map-float8" in capsys.readouterr().err


@pytest.mark.slow
def test_a_map_of_some_rows() -> None:
    told = run("--rows", "100000", "map-float64")
    assert told.returncode == 0, told.stdout + told.stderr
    found = re.search(r"map-float64 +([0-9.]+) MiB", told.stdout)
    assert found and float(found[1]) < 30  # of 49


@pytest.mark.peers
def test_chunks_of_dask_and_a_file_of_hdf5() -> None:
    told = run("--rows", "60000", "dask-computed", "hdf5")
    assert told.returncode == 0, told.stdout + told.stderr
    assert len(re.findall(r"[0-9.]+ MiB", told.stdout)) == 2


@pytest.mark.thorough
def test_a_million_rows_of_every_kind() -> None:
    told = run()
    assert told.returncode == 0, told.stdout + told.stderr
    assert len(re.findall(r"[0-9.]+ MiB", told.stdout)) == len(bigger_data.KINDS)
