"""The rules of the house: who may import whom, what files are called, what the repository holds."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.floors import (
    FILES,
    FLOORS,
    PACKAGE,
    ROOT,
    Import,
    all_imports,
    beside_the_facade,
    circles,
    floor_of,
    folders_inside,
    imports_of,
    part_of,
    tree_of,
    upward,
)

# Keras has two things of each of these names: a loss and a metric, a layer and an initializer.
SAME_IN_KERAS = {
    "Identity",
    *("MeanSquaredError", "MeanAbsoluteError", "MeanAbsolutePercentageError"),
    *("MeanSquaredLogarithmicError", "CosineSimilarity", "KLDivergence", "Poisson"),
    *("BinaryCrossentropy", "CategoricalCrossentropy", "SparseCategoricalCrossentropy"),
    *("Hinge", "SquaredHinge", "CategoricalHinge"),
}

# Classes that are those of another package, too, and what is said in its functions. Their file is
# imported when they are asked for.
SUBCLASSES_OF_OTHERS = {
    "autograd_nn.exporting.torch_arrays": "torch",
    "autograd_nn.exporting.torch_elements": "torch",
    "autograd_nn.exporting.torch_steps": "torch",
    "autograd_nn.wrappers.estimators": "sklearn",
    "autograd_nn.wrappers.trained_network": "sklearn",
}

PUBLIC_FUNCTIONS = {
    *("draw", "steps", "zoom", "explain", "why", "explore", "report", "gradients", "compiled"),
    "sweep",
}
SAYS_NOTHING = {"utils", "core", "misc", "base", "helpers"}

TOP_LEVEL = {
    *(PACKAGE, "tests", "benchmarks", "examples", ".ci"),
    *("pyproject.toml", "README.md", "LICENSE", "CONTRIBUTING.md", "CHANGELOG.md", ".gitignore"),
}

# Split, so that this file does not hold what it forbids.
PLACES_ON_ONE_MACHINE = re.compile(r"(?<![\w.~>}])/" + r"(?:work|tmp|home|root|Users|opt)/")


def test_every_module_stands_on_a_floor() -> None:
    for name in FILES:
        assert floor_of(name) in FLOORS


def test_no_floor_is_held_for_what_does_not_exist() -> None:
    assert {part for parts in FLOORS.values() for part in parts} == {*map(part_of, FILES)}


def test_no_import_points_upwards() -> None:
    assert upward(all_imports()) == []


def test_no_circles_between_files() -> None:
    assert circles(all_imports()) == []


def test_no_circles_between_the_folders_of_program() -> None:
    assert circles(folders_inside("program", all_imports())) == []


def test_other_packages_know_the_facade_of_program_only() -> None:
    assert beside_the_facade("program", all_imports()) == []


def repeated(names: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    """Names that stand for two things, and where."""
    places: dict[str, list[str]] = {}
    for name, place in names:
        places.setdefault(name, []).append(place)
    return {name: where for name, where in places.items() if len(where) > 1}


def test_no_class_name_stands_for_two_things() -> None:
    classes = (
        (node.name, name)
        for name, path in FILES.items()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef)
    )
    assert repeated(classes).keys() - SAME_IN_KERAS == set()


def test_no_file_name_stands_for_two_things() -> None:
    named = {name: path for name, path in FILES.items() if not path.stem.startswith("__")}
    files = ((path.name, name) for name, path in named.items())
    assert repeated(files) == {}


def test_only_numpy_and_python_at_the_top_of_a_module() -> None:
    ours = {PACKAGE, "numpy", *sys.stdlib_module_names}
    at_the_top = [found for found in all_imports() if not found.nested and not found.typing_only]
    assert [
        str(found)
        for found in at_the_top
        if (package := found.imported.split(".")[0]) not in ours
        and SUBCLASSES_OF_OTHERS.get(found.importer) != package
    ] == []
    assert [
        str(found)
        for found in at_the_top
        if found.imported in SUBCLASSES_OF_OTHERS and found.importer not in SUBCLASSES_OF_OTHERS
    ] == []


def test_the_engine_needs_numpy_only() -> None:
    ours = {PACKAGE, "numpy", *sys.stdlib_module_names}
    assert [
        str(found)
        for found in all_imports()
        if part_of(found.importer) == "engine" and found.imported.split(".")[0] not in ours
    ] == []


def test_names_of_files() -> None:
    names = {name: name.rpartition(".")[2] for name in FILES}
    assert [name for name, last in names.items() if last in PUBLIC_FUNCTIONS] == []
    found = [name for name, last in names.items() if last in SAYS_NOTHING]
    assert found == ["autograd_nn.utils"]  # so Keras calls it, and so lessons import it


def test_numbers_can_be_typed_by_users() -> None:
    assert (ROOT / PACKAGE / "py.typed").exists()


def tracked() -> list[Path]:
    """The files of the repository, as git knows them."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: what the repository holds cannot be told")
    listed = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_the_top_level_holds_nothing_else() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} <= TOP_LEVEL


def test_no_place_on_one_machine_is_named() -> None:
    found = []
    for path in tracked():
        if not path.exists() or path.suffix in {".npz", ".png", ".gif", ".woff2"}:
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if PLACES_ON_ONE_MACHINE.search(line):
                found.append(f"{path.relative_to(ROOT)} line {number}: {line.strip()[:80]}")
    assert found == []


# The rules must be able to fail.

MODULES = frozenset({"autograd_nn", "autograd_nn.viz", "autograd_nn.models", "autograd_nn.ops"})


def parsed(name: str, source: str) -> list[Import]:
    return list(imports_of(name, ast.parse(source), modules=MODULES))


@pytest.mark.parametrize(
    "source",
    [
        "from autograd_nn.viz import draw",
        "import autograd_nn.viz",
        "from autograd_nn import viz",
        "from autograd_nn import Tensor",
        "from .viz import draw",
        "from . import viz",
        "def f():\n    from autograd_nn.viz import draw",
        "class Model:\n    def fit(self):\n        import autograd_nn.viz",
        "class Other:\n    def draw(self):\n        import autograd_nn.viz",
        "if TYPE_CHECKING:\n    from autograd_nn.viz import Graph",
        "try:\n    import autograd_nn.viz\nexcept ImportError:\n    pass",
    ],
)
def test_an_upward_import_is_seen(source: str) -> None:
    assert len(upward(parsed("autograd_nn.models", source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "from autograd_nn.ops import exp",
        "from autograd_nn import ops",
        "class Model:\n    def draw(self):\n        from autograd_nn.viz import draw",
        "class Model:\n    def _repr_html_(self):\n        from autograd_nn import viz",
    ],
)
def test_a_downward_import_and_a_convenience_pass(source: str) -> None:
    assert upward(parsed("autograd_nn.models", source)) == []


def test_a_circle_is_seen() -> None:
    there = parsed("autograd_nn.ops", "def f():\n    from autograd_nn import models")
    back = parsed("autograd_nn.models", "from autograd_nn.ops import exp")
    assert circles(there + back) == [["autograd_nn.models", "autograd_nn.ops"]]
    assert circles(back) == []


def test_a_circle_of_folders_is_seen() -> None:
    modules = frozenset(
        {"autograd_nn.program.one.a", "autograd_nn.program.one.b", "autograd_nn.program.two"}
    )
    there = imports_of(
        "autograd_nn.program.one.a",
        ast.parse("from autograd_nn.program import two"),
        modules=modules,
    )
    back = imports_of(
        "autograd_nn.program.two",
        ast.parse("from autograd_nn.program.one import b"),
        modules=modules,
    )
    found = [*there, *back]
    assert circles(found) == []
    assert circles(folders_inside("program", found)) == [
        ["autograd_nn.program.one", "autograd_nn.program.two"]
    ]


def test_an_import_beside_the_facade_is_seen() -> None:
    modules = frozenset({"autograd_nn.program", "autograd_nn.program.calls"})
    for source, count in (
        ("from autograd_nn.program import calls", 1),
        ("from autograd_nn.program.calls import run", 1),
        ("from autograd_nn.program import Program", 0),
    ):
        found = list(imports_of("autograd_nn.models", ast.parse(source), modules=modules))
        assert len(beside_the_facade("program", found)) == count


def test_a_name_for_two_things_is_seen() -> None:
    assert repeated(iter([("A", "x"), ("B", "x"), ("A", "y")])) == {"A": ["x", "y"]}


def test_a_module_without_a_floor_is_seen() -> None:
    with pytest.raises(AssertionError, match="place 'attic' in FLOORS"):
        floor_of("autograd_nn.attic.trunk")
