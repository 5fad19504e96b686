"""What the examples folder holds beside programs: pictures of the README, and a notebook."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from examples.levenberg_marquardt import MODELS, PROBLEMS, fit, residuals_of

ROOT = Path(__file__).parent.parent


def test_the_notebook_is_stored_without_outputs() -> None:
    notebook = json.loads((ROOT / "examples" / "teacher.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(cells) > 10
    for cell in cells:
        assert cell["outputs"] == [] and cell["execution_count"] is None
        program = "".join(line for line in cell["source"] if not line.startswith("%"))
        compile(program, "teacher.ipynb", "exec")
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])


def cells_of_the_notebook() -> tuple[list[str], list[str]]:
    """The text of the notebook, and the programs of its cells."""
    notebook = json.loads((ROOT / "examples" / "teacher.ipynb").read_text(encoding="utf-8"))
    kinds: dict[str, list[str]] = {"markdown": [], "code": []}
    for cell in notebook["cells"]:
        lines = [line for line in cell["source"] if not line.startswith("%")]
        kinds[cell["cell_type"]].append("".join(lines))
    return kinds["markdown"], kinds["code"]


def test_each_number_in_the_text_of_the_notebook_stands_in_a_cell() -> None:
    # What is measured is told by the cells themselves; the text has the digits that are told
    # apart and the numbers of formulas, which are in the programs too.
    texts, programs = cells_of_the_notebook()
    known = set(re.findall(r"[0-9.]+", " ".join(programs)))
    for text in texts:
        prose = re.sub(r"`[^`]*`", "", re.sub(r"(?m)^[0-9]+\.", "", text))
        assert set(re.findall(r"[0-9]+(?:[.][0-9]+)?", prose)) <= known, text
        assert not re.search(r"\b(two|five|ten|twenty|hundred|thousand)\b", prose), text


@pytest.mark.slow
def test_the_notebook_runs_and_its_claims_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib").use("Agg")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for program in cells_of_the_notebook()[1]:
        exec(compile(program, "teacher.ipynb", "exec"), names)
    assert names["starved"] > 1e5 > 100 > names["measured"] > names["mended"]
    assert {path.name for path in tmp_path.iterdir()} == {"one_step.html", "broken_run.html"}


def test_every_picture_is_shown_with_a_text_and_every_picture_shown_is_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = dict(re.findall(r"!\[(.*?)\]\((.*?)\)", readme, re.DOTALL)[::-1])
    paths = set(shown.values())
    assert paths == {f"examples/pictures/{p.name}" for p in (ROOT / "examples/pictures").iterdir()}
    assert all(len(text) > 60 for text in shown)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", MODELS)
def test_every_certified_fit_of_nist_comes_out_from_both_starts(name: str) -> None:
    assert min(fit(name, start) for start in (0, 1)) > 6


def test_the_reference_data_are_whole() -> None:
    assert len(MODELS) == 27 == len(PROBLEMS)
    for name, problem in PROBLEMS.items():
        with np.errstate(all="ignore"):
            at_best = residuals_of(name)(np.array(problem["certified"]))
        # Lanczos1 fits to the last digits that the certified values are given with.
        near = 1e-8 * problem["sum_of_squares"] + 1e-19
        assert abs(at_best @ at_best - problem["sum_of_squares"]) < near
