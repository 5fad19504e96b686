"""CONTRIBUTING.md names nothing that does not exist."""

import ast
import functools
import re
import tomllib
from pathlib import Path

import pytest

import autograd_nn
from tests.floors import FLOORS, tree_of

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
QUOTED = sorted(set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL))))

# Programs that are not this repository's, with what comes before their arguments.
PROGRAMS = ("pip install", "python -m", "python3 -m venv", "apt-get install", "pytest", "ruff")
PROGRAMS += ("mypy", "pdoc", "bash", ". .venv/bin/activate", "-o site")


@functools.cache
def names():
    """Every name that the code defines or takes as an argument."""
    markers = PROJECT["tool"]["pytest"]["ini_options"]["markers"]
    found = {marker.partition(":")[0] for marker in markers}
    for path in (ROOT / "autograd_nn").rglob("*.py"):
        found |= {path.stem, path.parent.name}
        for node in ast.walk(tree_of(path)):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, ast.arg):
                found.add(node.arg)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                found.add(node.attr)
    return found


def is_place(text):
    return bool(re.fullmatch(r"[\w./<>]+", text)) and ("/" in text or text.endswith((".py", ".md")))


def exists(place):
    """A file or a folder; of `<name>.py`, which is to be written, the folder."""
    head = place.partition("<")[0]
    return any((start / head).exists() for start in (ROOT, ROOT / "autograd_nn"))


def wrong_in(command):
    """What a command names and is not there."""
    for part in command.split(" && "):
        if not part.startswith(PROGRAMS):
            yield part
        for extra in re.findall(r"\.\[([\w,]+)\]", part):
            known = PROJECT["project"]["optional-dependencies"]
            yield from (name for name in extra.split(",") if name not in known)
        if match := re.match(r"pytest -m (\w+)", part):
            yield from () if match[1] in names() else (match[1],)
        if match := re.match(r"python -m (benchmarks[\w.]*)", part):
            stem = ROOT / match[1].replace(".", "/")
            yield from () if stem.is_dir() or stem.with_suffix(".py").exists() else (match[1],)
        if match := re.match(r"(?:bash|pdoc -t) (\S+)", part):
            yield from () if exists(match[1]) else (match[1],)


def unknown(text):
    """What a text in backquotes names and is not there."""
    if text.startswith(PROGRAMS):
        return list(wrong_in(text))
    if is_place(text):
        return [] if exists(text) else [text]
    words = re.sub(r"<\w+>|[\"'].*?[\"']", " ", text)
    return [
        word
        for word in re.findall(r"[A-Za-z_]\w*", words)
        if word not in names() and not hasattr(autograd_nn, word) and word not in LETTERS
    ]


# Of the examples: names of the reader's own, Python's words, and the package itself.
LETTERS = {"w", "x", "y", "g", "out", "np", "autograd_nn", "False", "name"}


def test_what_is_named_exists():
    assert {text: missing for text in QUOTED if (missing := unknown(text))} == {}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "engine/fitting.py",
            "attics",
            "wallpaper",
            "viz/attics/",
            "tests/test_saving.py",
        ),
        *("python -m benchmarks.attic", "pytest -m attic", "pip install -e '.[attic]'"),
        *("bash .ci/attic", "Tensor.attic", "layers/attic/<name>.py"),
    ],
)
def test_what_does_not_exist_is_seen(text):
    assert unknown(text) != []


def test_the_floors_are_those_that_are_held():
    rows = re.findall(r"^\| (\d) \| (`.*) \|$", TEXT, re.MULTILINE)
    written = {int(floor): set(re.findall(r"`(\w+)`", modules)) for floor, modules in rows}
    assert written | {7: FLOORS[7]} == FLOORS


@pytest.mark.parametrize("heading", re.findall(r"\*\*.+?, \d+ minutes\*\*", TEXT))
def test_the_minutes_of_a_reading_are_those_of_its_files(heading):
    """And nobody has to read faster than 90 lines a minute; of `fast_reverse` the head will do."""
    text = TEXT.split(heading)[1].split("\n**")[0].split("\n## ")[0]
    parts = re.findall(r"^\| (\d+) \| (.+?) \|", text, re.MULTILINE)
    parts += [(n, f"`{file}`") for file, n in re.findall(r"`(\S+\.py)` \((\d+)[:)]", text)]
    assert sum(int(minutes) for minutes, _ in parts) == int(re.search(r"(\d+) minutes", heading)[1])
    for minutes, files in parts:
        lines = sum(
            len((ROOT / "autograd_nn" / file).read_text("utf-8").splitlines())
            for file in re.findall(r"`(\S+\.py)`", files)
        )
        if "fast_reverse" not in files:
            assert lines <= 90 * int(minutes), f"{files} has {lines} lines: give it more minutes"
