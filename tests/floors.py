"""Who imports whom in the package, and on which floor each module stands."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

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


@functools.cache
def tree_of(path: Path) -> ast.Module:
    """What a file says, parsed."""
    return ast.parse(path.read_text("utf-8"))


def imports_of(
    name: str,
    tree: ast.Module,
    is_package: bool = False,
    modules: frozenset[str] = frozenset(FILES),
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
            if isinstance(child, ast.expr):
                continue  # there is no statement in it
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

    yield from walk(tree, "", False, False, False)


@functools.cache
def all_imports() -> list[Import]:
    """Every import in the package."""
    return [
        found
        for name, path in FILES.items()
        for found in imports_of(name, tree_of(path), path.name == "__init__.py")
    ]


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
        f"The module {name} stands on no floor: place {part_of(name)!r} in FLOORS of this file."
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


def beside_the_facade(part: str, imports: list[Import]) -> list[str]:
    """Imports from the inside of a part, by other parts than itself."""
    return [
        str(found)
        for found in imports
        if is_own(found.imported)
        and part_of(found.imported) == part != part_of(found.importer)
        and found.imported != f"{PACKAGE}.{part}"
    ]
