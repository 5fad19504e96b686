"""Names that a package imports with the first that asks for them."""

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import autograd_nn
from autograd_nn import missing_names

ROOT = Path(__file__).parent.parent / "autograd_nn"
PACKAGES = sorted(
    path for path in ROOT.rglob("__init__.py") if "= imported_later(" in path.read_text("utf-8")
)


def name_of(path):
    return ".".join(path.parent.relative_to(ROOT.parent).parts)


def promised_to_checkers(tree, package):
    """{file: names} of the imports under TYPE_CHECKING."""
    found = {}
    for block in tree.body:
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING":
            for statement in block.body:
                file = statement.module.removeprefix(f"{package}.")
                found.setdefault(file, set()).update(alias.name for alias in statement.names)
    return found


def given_later(tree):
    """{file: names} of the table."""
    (call,) = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "imported_later"
    )
    table = ast.literal_eval(call.args[1])
    return {file: set(names.split()) for file, names in table.items()}


@pytest.mark.parametrize("path", PACKAGES, ids=name_of)
def test_a_checker_of_types_reads_the_same_names_in_the_same_files(path):
    tree = ast.parse(path.read_text("utf-8"))
    assert promised_to_checkers(tree, name_of(path)) == given_later(tree)


@pytest.mark.parametrize("path", PACKAGES, ids=name_of)
def test_every_public_name_is_there_and_listed(path):
    package = import_module(name_of(path))
    listed = dir(package)
    for name in package.__all__:
        getattr(package, name)
        assert name in listed
    with pytest.raises(AttributeError, match=f"module '{name_of(path)}' has no attribute 'Nope'"):
        package.Nope  # noqa: B018


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("from autograd_nn.layers import RandomFlip", "Pictures are .* varied by libraries"),
        ("from autograd_nn.keras.layers import TextVectorization, Dense", "Texts become numbers"),
        ("from autograd_nn.callbacks import OrbaxCheckpoint", "keep files of their own"),
        ("from autograd_nn.keras import mixed_precision", "Layers take dtype="),
        ("from autograd_nn.keras.utils import get_file", "Read files with Python"),
        ("from autograd_nn.keras.datasets import mnist", "load_digits"),
        ("from autograd_nn.keras.saving import KerasFileEditor", "np.load opens"),
        ("from autograd_nn.keras.initializers import STFT", "spectra"),
        ("from autograd_nn.keras.backend import set_epsilon", "1e-7"),
    ],
)
def test_a_name_of_keras_that_is_not_here_says_why(line, said):
    with pytest.raises(ImportError, match=said):
        exec(line, {})
    module, name = re.match(r"from (\S+) import (\w+)", line).groups()
    assert not hasattr(import_module(module), name)
    with pytest.raises(AttributeError, match=said):
        getattr(import_module(module), name)


@pytest.mark.parametrize(
    ("module", "name", "said"),
    [
        ("layers", "Conv4D", "'Conv3D'"),
        ("layers", "Linear", "'Dense'"),
        ("losses", "CrossEntropyLoss", "'SparseCategoricalCrossentropy'"),
        ("optimizers", "Adamm", "'Adam'"),
        ("keras", "Sequentiel", "'Sequential'"),
    ],
)
def test_a_misspelt_name_is_answered_by_the_nearest(module, name, said):
    package = import_module(f"autograd_nn.{module}")
    assert not hasattr(package, name)
    with pytest.raises(AttributeError, match=f"Did you mean {said}"):
        getattr(package, name)
    with pytest.raises(ImportError, match=f"Did you mean {said}"):
        exec(f"from autograd_nn.{module} import {name}", {})


def test_a_name_that_stands_in_a_module_is_found_there():
    with pytest.raises(AttributeError, match=r"It is autograd_nn\.layers\.Dense\."):
        autograd_nn.Dense  # noqa: B018


def test_nothing_is_left_out_that_is_here():
    for module, reasons in missing_names.LEFT_OUT.items():
        place = f"compat.{module}" if module.startswith("keras_") else module
        here = set(getattr(import_module(f"autograd_nn.{place}"), "__all__", ()))
        names = [name for names in reasons.values() for name in names.split()]
        assert len(names) == len(set(names))
        assert not here & set(names)


def test_what_is_named_later_is_not_loaded_before():
    code = (
        "import sys, autograd_nn; loaded = 'autograd_nn.layers.dropout' in sys.modules; "
        "from autograd_nn.layers import Dropout; "
        "print(loaded, 'autograd_nn.layers.dropout' in sys.modules, Dropout.__name__)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "True", "Dropout"]
