"""The table, the ratios and the targets, on numbers made up here."""

import pytest

from benchmarks.processes import Result
from benchmarks.table import number, table
from benchmarks.targets import TARGETS, Target, verdict

STEP = [
    Result("NumPy by hand", "µs", [90.0, 100.0, 110.0]),
    Result("autograd_nn", "µs", [150.0, 150.0, 150.0]),
    Result("PyTorch", "µs", [400.0, 400.0, 400.0], note="1 thread"),
    Result("MyGrad", "µs", failure="ImportError: no"),
]


def line_of(text: str, start: str) -> str:
    return next(line.strip() for line in text.splitlines() if line.strip().startswith(start))


def test_a_row_shows_median_quartiles_and_our_ratio() -> None:
    text = table("a step", "step", STEP)
    assert text.startswith("step: a step\n")
    words = line_of(text, "NumPy by hand").split()
    assert words == ["NumPy", "by", "hand", "100", "µs", "95.0", "–", "105", "1.50"]
    assert line_of(text, "PyTorch").endswith("0.38  1 thread")
    assert line_of(text, "MyGrad").endswith("ImportError: no")


def test_targets_stand_beneath_and_tell_whether_they_are_met() -> None:
    text = table("a step", "step", STEP)
    assert "autograd_nn ≤ 0.35 × PyTorch — 0.375: MISSED" in text
    assert "autograd_nn ≤ 1.6 × NumPy by hand — 1.50: met" in text
    assert "not measured" in table("a step", "step", STEP[:2])


def test_without_our_row_there_is_no_column_of_ratios() -> None:
    text = table("import", "import", [Result("import numpy", "ms", [50.0])])
    assert "÷" not in text
    assert line_of(text, "import numpy") == "import numpy  50.0 ms  50.0 – 50.0"


@pytest.mark.parametrize(
    ("medians", "expected"),
    [
        ({"a": 3.0, "b": 2.0}, (1.5, True)),
        ({"a": 4.0, "b": 2.0}, (2.0, False)),
        ({"a": 3.0}, (None, None)),
        ({"b": 2.0}, (None, None)),
    ],
)
def test_a_verdict_is_of_the_ratio(
    medians: dict[str, float], expected: tuple[float | None, bool | None]
) -> None:
    assert verdict(Target("work", "a", 1.5, over="b"), medians) == expected


def test_an_absolute_target_needs_no_other_row() -> None:
    assert verdict(Target("import", "a", 40.0), {"a": 39.0}) == (39.0, True)


def test_the_project_s_targets() -> None:
    limits = [(target.work, target.over, target.limit) for target in TARGETS]
    assert ("step", "PyTorch", 0.35) in limits
    assert ("step", "NumPy by hand", 1.6) in limits
    assert ("scalar", "micrograd", 1.2) in limits
    assert ("import", None, 40.0) in limits


def test_numbers_have_three_digits() -> None:
    assert [number(x) for x in (12345.6, 123.4, 12.34, 1.234, 0.0567)] == [
        "12,346",
        "123",
        "12.3",
        "1.23",
        "0.057",
    ]
