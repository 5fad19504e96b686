"""Every recipe of CONTRIBUTING.md, followed in a copy of the package: what it adds works."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path, PurePosixPath

from tests.recipes.edits import RECIPES

ROOT = Path(__file__).parent.parent.parent
COPIED = ["autograd_nn", "tests", "README.md", "CONTRIBUTING.md"]


def recipes_as_written():
    """What is added, and the files that its row of the table names."""
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## To add a thing")[1]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", text.split("\n## ")[0], re.MULTILINE)
    return {what: re.findall(r"`([^`]+\.(?:py|md))`", files) for what, files in rows[1:]}


def means(written, file):
    """Whether a file is the one that is named; `<name>` stands for a name."""
    pattern = re.sub(r"<\w+>", r"\\w+", written.replace(".", r"\."))
    return re.fullmatch(f"(autograd_nn/)?{pattern}", file) is not None


def test_every_recipe_names_every_file_that_is_touched():
    written = recipes_as_written()
    assert written.keys() == RECIPES.keys()
    for what, names in written.items():
        touched = {edit.file for edit in RECIPES[what]}
        assert [f for f in touched if not any(means(name, f) for name in names)] == [], what
        unused = [name for name in names if not any(means(name, f) for f in touched)]
        # Its test is not written by this one, which is its test.
        assert [n for n in unused if PurePosixPath(n).parts[0] != "tests"] == [], what


def test_what_is_added_by_a_recipe_works(tmp_path):
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    for edits in RECIPES.values():
        for edit in edits:
            edit.do(tmp_path)
    settings = [
        "[pytest]",
        "pythonpath = .",
        "filterwarnings = error",
        "markers =",
        " slow",
        " thorough",
        "",
    ]
    (tmp_path / "pytest.ini").write_text("\n".join(settings))
    command = [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib"]
    command += ["-p", "no:cacheprovider", "tests/recipes/in_a_copy.py", "tests/test_readme.py"]
    command += ["tests/engine/test_operations.py", "tests/program/test_every_operation.py"]
    command += ["tests/layers/test_every_layer.py"]
    added = "bounded or Scale or Jitter or Centring"
    command += [
        "-m",
        "not slow",
        "-k",
        f"in_a_copy or {added} or has_a_sample or has_samples or all_listed",
    ]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
