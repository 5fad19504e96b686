"""What the examples folder holds beside programs: pictures of the README, and a notebook."""

import json
import re
from pathlib import Path

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
