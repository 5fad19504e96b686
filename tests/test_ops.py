"""``python -m autograd_nn.ops``: every operation, NumPy's functions, and what is left out."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from autograd_nn import ops
from autograd_nn.ops.__main__ import made_of, main, numpy_names, operations, rules_of
from autograd_nn.ops.choices import CHOICES
from autograd_nn.ops.left_out import public_names
from tests.engine.samples import BY_NAME, WITHOUT_DERIVATIVE


def test_the_list_has_every_operation_there_is() -> None:
    assert operations().keys() == BY_NAME.keys()


@pytest.mark.parametrize("name", sorted(BY_NAME.keys() - WITHOUT_DERIVATIVE.keys()))
def test_every_operation_has_a_rule_in_words_for_each_input_with_a_derivative(name: str) -> None:
    told = list(rules_of(BY_NAME[name]))
    gradients = BY_NAME[name].gradients
    with_rule = len(list(filter(None, gradients))) if isinstance(gradients, tuple) else None
    # Of a varying number two are shown, of split one.
    assert len(told) == with_rule if with_rule else told
    assert all(told) and not any("own rule" in rule for rule in told)


def test_rules_have_the_letters_of_the_entry() -> None:
    assert list(rules_of(ops.arctan2)) == ["∂₁out = x/(x² + y²)", "∂₂out = −y/(x² + y²)"]
    assert list(rules_of(ops.matmul)) == ["∂L/∂out·yᵀ", "xᵀ·∂L/∂out"]
    assert list(rules_of(ops.solve)) == ["−a⁻ᵀ·∂L/∂out·outᵀ", "a⁻ᵀ·∂L/∂out"]


def test_what_a_function_is_made_of() -> None:
    names = numpy_names()
    assert made_of("std", names["std"]) == ["root", "var", "astype"]
    assert made_of("ptp", names["ptp"]) == ["max", "min"]
    assert made_of("linalg.slogdet", names["linalg.slogdet"]) == ["slogdet"]


def test_choices_are_of_what_there_is() -> None:
    there = {*operations(), *(name.rpartition(".")[2] for name in numpy_names())}
    for choice in CHOICES:
        assert choice.of.split() and set(choice.of.split()) <= there, choice


def test_every_name_of_numpy_is_told_or_has_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    main()
    printed = capsys.readouterr().out
    words = set(printed.split())
    left_out = printed.split("\nLeft out\n")[1]
    for name, value in public_names().items():
        told = {name, f"np.{name}", f"np.{name}:"} & words
        assert told, name
        if callable(value) and name not in numpy_names():
            assert name in left_out.split(), name
    assert "without a rule" not in printed
    assert f"np.{np.linalg.det.__name__}" not in words and "np.linalg.det" in words


def test_the_command_runs_and_warns_of_nothing() -> None:
    command = [sys.executable, "-W", "error", "-m", "autograd_nn.ops"]
    run = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0 and not run.stderr, run.stderr
    assert run.stdout.startswith("Operations, and the gradient of each input")
