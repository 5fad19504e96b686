"""What the README lists is what there is."""

import importlib
import re
from pathlib import Path

import autograd_nn
import autograd_nn.compat.tensorflow as tensorflow
from autograd_nn import (
    Program,
    Sequential,
    Tensor,
    datasets,
    keras,
    ops,
    optimizers,
    random,
    utils,
    viz,
)
from autograd_nn.ops.__main__ import counted, numpy_names, operations
from autograd_nn.ops.choices import table
from autograd_nn.ops.left_out import public_names

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (Path(__file__).parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")


def section(title):
    return README.split(f"### {title}\n")[1].split("\n#")[0]


def test_the_operations_are_all_listed():
    listed = re.split(r"^\d+ .*:$", section("Operations"), flags=re.MULTILINE)
    assert listed[1].split() == ops.__all__
    assert set(listed[2].split()) == operations().keys() - set(ops.__all__)


def test_the_functions_of_numpy_are_all_listed():
    names = section("Operations").split("written with operations:")[1].split()
    # Every supported NumPy has its own names: of those that are written, this one's.
    there = [name for name in names if name in public_names()]
    assert there == sorted(numpy_names(), key=lambda name: (name.count("."), name))


def test_what_is_listed_is_counted_as_by_the_command():
    written = section("Operations").strip().split("reason.\n\n")[1]
    if all(name in public_names() for name in written.split("operations:")[-1].split()):
        assert written == counted()


def test_the_table_of_choices_is_that_of_the_command():
    assert table() in README


def test_the_names_in_the_table_of_what_there_is_exist():
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", README.split("## What is there")[1], re.MULTILINE)
    homes = [autograd_nn, random, datasets, viz, Tensor, Program, Sequential, Tensor([1.0]).at[0]]
    homes += [utils, keras, autograd_nn.compat, tensorflow, tensorflow.data]
    for what, row in rows[: rows.index(("at", "the gradient is"))]:
        for text in re.findall(r"`([^`]+)`", what + row):
            name = re.sub(r"^(loss|model|optimizers)\.|\(.*?\)|\[.*?\]", "", text)
            for part in name.split("."):
                assert any(hasattr(home, part) for home in (*homes, optimizers)), text


def test_the_reference_has_what_there_is():
    command = CONTRIBUTING.split("pdoc -t .ci/reference ")[1].split("`")[0]
    names = re.search(r"\{(.*)\}", command)[1].split(",")
    for name in names:
        assert importlib.import_module(f"autograd_nn.{name}").__doc__, name
    assert (Path(__file__).parent.parent / ".ci" / "reference" / "module.html.jinja2").exists()


def test_the_version_is_said_once():
    assert re.fullmatch(r"\d+\.\d+\.\d+", autograd_nn.__version__)
    project = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert not re.search(r"^version = ", project, re.MULTILINE)


def test_the_first_block_has_two_commands():
    block = README.split("```sh\n")[1].split("```")[0]
    assert len(block.strip().splitlines()) == 2


def test_the_programs_in_the_readme_run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # one of them writes a file
    names = {}
    for program in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(compile(program.replace("epochs=100", "epochs=1, verbose=0"), "README", "exec"), names)
    assert "0.8" in capsys.readouterr().out


def test_the_program_that_the_readme_shows_is_the_one_that_is_printed(
    capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n([^`]*?)```\n\n```py\n(.*?)```", README, re.DOTALL)
    assert len(blocks) == 1
    for program, shown in blocks:
        exec(compile(program, "README", "exec"), {})
        assert capsys.readouterr().out.strip() == shown.strip()
