"""The notebooks of the course: stored without outputs, and what they say holds when they run."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

COURSE = Path(__file__).parent.parent / "examples" / "course"
NOTEBOOKS = sorted(COURSE.glob("*.ipynb"))
QUICK = {"01", "02"}


def cells_of(path: Path, kind: str) -> list[str]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == kind]
    return ["".join(x for x in cell["source"] if not x.startswith("%")) for cell in cells]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_outputs_and_has_exercises(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    texts = "\n".join(cells_of(path, "markdown"))
    assert texts.startswith(f"# {int(path.stem[:2])}. ")
    exercises = re.findall(r"\*\*Exercise ([0-9])\.\*\*", texts)
    assert exercises == [str(n + 1) for n in range(len(exercises))] and len(exercises) >= 2
    programs = "\n".join(cells_of(path, "code"))
    assert programs.count("assert ") >= len(exercises)
    assert ".check(" in programs


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=() if path.stem[:2] in QUICK else pytest.mark.slow, id=path.stem)
        for path in NOTEBOOKS
    ],
)
def test_a_notebook_runs_and_its_claims_hold(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if any("matplotlib" in program for program in cells_of(path, "code")):
        pytest.importorskip("matplotlib").use("Agg")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for program in cells_of(path, "code"):
        exec(compile(program, path.name, "exec"), names)
