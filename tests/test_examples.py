"""What the examples folder holds beside programs: pictures of the README, and a notebook."""

import json
import re
from pathlib import Path

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
