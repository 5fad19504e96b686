"""The rules of the house: who may import whom, what files are called, what the repository holds."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "autograd_nn"

# Each floor imports from those below and from its own. `__init__` and `__main__` stand on top.
FLOORS = {
    0: {"engine"},
    1: {
        "settings",
        "datasets",
        "ops",
        "arrays",
        "names",
        "norms",
        "files",
        "frames",
        "random",
        "special",
        "later",
        "missing_names",
        "own_classes",
        "backend",
    },
    2: {"program"},
    3: {
        *("layers", "losses", "metrics", "optimizers"),
        *("activations", "initializers", "regularizers", "constraints", "targets"),
    },
    4: {"jit", "javascript"},
    5: {
        *("models", "callbacks", "data", "several", "training", "progress", "summary"),
        *(
            "samples",
            "terminal",
            "unread",
            "utils",
            "runs",
            "saving",
            "sweeping",
            "wrappers",
            "distribution",
            "exporting",
        ),
    },
    6: {"viz"},
    7: {"__init__", "__main__", "compat", "keras"},
}

# From inside these methods one may reach upwards.
CONVENIENT_CLASSES = {"CompiledFunction", "Exits", "Model", "OnData", "Program"}
CONVENIENCES = {
    "draw",
    "explore",
    "javascript",
    "program",
    "save",
    "save_weights",
    "load_weights",
    "_compile_steps",
    "_repr_html_",
    "_repr_svg_",
    "_repr_mimebundle_",
}

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


class Import(NamedTuple):
    """One import statement's target, and where it stands."""

    importer: str
    line: int
    imported: str
    nested: bool
    convenience: bool
    typing_only: bool

    def __str__(self) -> str:
        return f"{self.importer} line {self.line} imports {self.imported}"


def name_of(path: Path, root: Path = ROOT) -> str:
    """The dotted name of a module; of a package, the name of the folder."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {name_of(path): path for path in sorted((ROOT / PACKAGE).rglob("*.py"))}


def imports_of(
    name: str, source: str, is_package: bool = False, modules: frozenset[str] = frozenset(FILES)
) -> Iterator[Import]:
    """Every import in a module, wherever it stands."""

    def targets(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
            return
        parent = node.module or ""
        if node.level:
            package = name.split(".") if is_package else name.split(".")[:-1]
            near = package[: len(package) - node.level + 1]
            parent = ".".join([*near, *filter(None, [node.module])])
        for alias in node.names:
            inner = f"{parent}.{alias.name}"
            yield inner if inner in modules else parent

    def walk(
        node: ast.AST, owner: str, nested: bool, convenience: bool, typing_only: bool
    ) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.Import, ast.ImportFrom)):
                for target in targets(child):
                    yield Import(name, child.lineno, target, nested, convenience, typing_only)
            elif isinstance(child, ast.ClassDef):
                yield from walk(child, child.name, nested, convenience, typing_only)
            elif isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                kind = owner in CONVENIENT_CLASSES and child.name in CONVENIENCES
                yield from walk(child, "", True, convenience or kind, typing_only)
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                yield from walk(child, owner, nested, convenience, True)
            else:
                yield from walk(child, owner, nested, convenience, typing_only)

    yield from walk(ast.parse(source), "", False, False, False)


def all_imports() -> list[Import]:
    """Every import in the package."""
    return [
        found
        for name, path in FILES.items()
        for found in imports_of(name, path.read_text("utf-8"), path.name == "__init__.py")
    ]


IMPORTS = all_imports()


def part_of(name: str) -> str:
    """The part of the package a module belongs to: `engine` for `autograd_nn.engine.tensor`."""
    return (name.split(".") + ["__init__"])[1]


def floor_of(name: str) -> int:
    """The floor a module stands on; what is run as a command stands on top."""
    if name.endswith(".__main__"):
        return max(FLOORS)
    for floor, parts in FLOORS.items():
        if part_of(name) in parts:
            return floor
    raise AssertionError(
        f"The module {name} stands on no floor: place {part_of(name)!r} in FLOORS of this test."
    )


def is_own(name: str) -> bool:
    """Whether a module is the package's own."""
    return name.split(".")[0] == PACKAGE


def upward(imports: list[Import]) -> list[str]:
    """The imports that point to a higher floor without being a convenience of Tensor or Model.

    A module that defines such conveniences may also name their results in annotations.
    """
    convenient = {found.importer for found in imports if found.convenience}
    return [
        str(found)
        for found in imports
        if is_own(found.imported)
        and floor_of(found.imported) > floor_of(found.importer)
        and not found.convenience
        and not (found.typing_only and found.importer in convenient)
    ]


def circles(imports: list[Import]) -> list[list[str]]:
    """Groups of modules that import each other, in a circle."""
    beneath: dict[str, set[str]] = {}
    for found in imports:
        counted = is_own(found.imported) and not found.convenience and not found.typing_only
        if counted:
            beneath.setdefault(found.importer, set()).add(found.imported)

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for module in beneath.get(waiting.pop(), set()) - seen:
                seen.add(module)
                waiting.append(module)
        return seen

    below = {module: reached(module) for module in beneath}
    groups = {
        tuple(sorted(m for m in below[start] if start in below.get(m, set())))
        for start in beneath
        if start in below[start]
    }
    return [list(group) for group in sorted(groups)]


@pytest.mark.parametrize("name", FILES)
def test_every_module_stands_on_a_floor(name: str) -> None:
    assert floor_of(name) in FLOORS


def test_no_floor_is_held_for_what_does_not_exist() -> None:
    assert {part for parts in FLOORS.values() for part in parts} == {*map(part_of, FILES)}


def test_no_import_points_upwards() -> None:
    assert upward(IMPORTS) == []


def test_no_circles_between_files() -> None:
    assert circles(IMPORTS) == []


def folders_inside(part: str, imports: list[Import]) -> list[Import]:
    """The imports between the folders of a part; a file that lies in none stands for itself."""

    def place(name: str) -> str:
        return ".".join(name.split(".")[:3])

    return [
        found._replace(importer=place(found.importer), imported=place(found.imported))
        for found in imports
        if part_of(found.importer) == part == part_of(found.imported)
        and is_own(found.imported)
        and place(found.importer) != place(found.imported)
    ]


def test_no_circles_between_the_folders_of_program() -> None:
    assert circles(folders_inside("program", IMPORTS)) == []


def beside_the_facade(part: str, imports: list[Import]) -> list[str]:
    """Imports from the inside of a part, by other parts than itself."""
    return [
        str(found)
        for found in imports
        if is_own(found.imported)
        and part_of(found.imported) == part != part_of(found.importer)
        and found.imported != f"{PACKAGE}.{part}"
    ]


def test_other_packages_know_the_facade_of_program_only() -> None:
    assert beside_the_facade("program", IMPORTS) == []


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
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert repeated(classes).keys() - SAME_IN_KERAS == set()


def test_no_file_name_stands_for_two_things() -> None:
    named = {name: path for name, path in FILES.items() if not path.stem.startswith("__")}
    files = ((path.name, name) for name, path in named.items())
    assert repeated(files) == {}


def test_only_numpy_and_python_at_the_top_of_a_module() -> None:
    ours = {PACKAGE, "numpy", *sys.stdlib_module_names}
    at_the_top = [found for found in IMPORTS if not found.nested and not found.typing_only]
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
        for found in IMPORTS
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
    return list(imports_of(name, source, modules=MODULES))


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
        "autograd_nn.program.one.a", "from autograd_nn.program import two", modules=modules
    )
    back = imports_of(
        "autograd_nn.program.two", "from autograd_nn.program.one import b", modules=modules
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
        found = list(imports_of("autograd_nn.models", source, modules=modules))
        assert len(beside_the_facade("program", found)) == count


def test_a_name_for_two_things_is_seen() -> None:
    assert repeated(iter([("A", "x"), ("B", "x"), ("A", "y")])) == {"A": ["x", "y"]}


def test_a_module_without_a_floor_is_seen() -> None:
    with pytest.raises(AssertionError, match="place 'attic' in FLOORS"):
        floor_of("autograd_nn.attic.trunk")
