"""The table, the ratios and the targets, on numbers made up here."""

import pytest

from benchmarks.processes import Result
from benchmarks.table import faster, number, ratio_of, summaries, table
from benchmarks.targets import TARGETS, Target, verdict
from benchmarks.tutorial import KINDS, PROGRAMS
from benchmarks.works import works

STEP = [
    Result("NumPy by hand", "µs", [90.0, 100.0, 110.0], reference="autograd_nn"),
    Result("autograd_nn", "µs", [150.0, 150.0, 150.0], reference="autograd_nn"),
    Result("PyTorch", "µs", [400.0, 400.0, 400.0], note="1 thread", reference="autograd_nn"),
    Result("MyGrad", "µs", failure="ImportError: no", reference="autograd_nn"),
]


def line_of(text: str, start: str) -> str:
    return next(line.strip() for line in text.splitlines() if line.strip().startswith(start))


def test_a_row_shows_median_quartiles_and_our_ratio() -> None:
    text = table("a step", "step", STEP)
    assert text.startswith("step: a step\n")
    words = line_of(text, "NumPy by hand").split()
    assert words[:9] == ["NumPy", "by", "hand", "100", "µs", "95.0", "–", "105", "1.50"]
    assert line_of(text, "PyTorch").endswith("0.375  1 thread")
    assert line_of(text, "MyGrad").endswith("ImportError: no")


def test_where_a_peer_is_faster_the_table_says_so() -> None:
    text = table("a step", "step", STEP)
    assert line_of(text, "NumPy by hand").endswith("1.50  faster than ours by a factor of 1.50")
    assert "ours: autograd_nn" in text.splitlines()[1]


@pytest.mark.parametrize(
    ("ours", "theirs", "unit", "expected"),
    [
        ([4.0] * 3, [2.0] * 3, "µs", "faster than ours by a factor of 2.00"),
        ([4.0] * 3, [2.0] * 3, "MiB", "less than ours by a factor of 2.00"),
        ([2.0, 4.0, 6.0], [3.0, 3.2, 3.4], "s", "faster than ours by a factor of 1.25, within"),
        ([2.0] * 3, [4.0] * 3, "µs", ""),
        ([2.0] * 3, [2.0] * 3, "µs", ""),
    ],
)
def test_words_for_a_peer(ours: list, theirs: list, unit: str, expected: str) -> None:
    results = [Result("autograd_nn", unit, ours), Result("it", unit, theirs, "", "", "autograd_nn")]
    words = faster(results[1], summaries(results))
    assert words.startswith(expected) and bool(words) == bool(expected)
    assert words.endswith("within the spread") == ("within" in expected)


def test_of_our_own_rows_nothing_is_said() -> None:
    own = Result("batch 8: autograd_nn", "µs", [1.0], reference="batch 8: autograd_nn program")
    results = [own, Result("batch 8: autograd_nn program", "µs", [2.0])]
    assert faster(own, summaries(results)) == ""


def test_a_row_is_compared_within_its_group() -> None:
    results = [
        Result("batch 1: ours", "µs", [3.0], reference="batch 1: ours"),
        Result("batch 1: it", "µs", [6.0], reference="batch 1: ours"),
        Result("batch 8: ours", "µs", [5.0], reference="batch 8: ours"),
        Result("batch 8: it", "µs", [50.0], reference="batch 8: ours"),
    ]
    known = summaries(results)
    assert [ratio_of(result, known) for result in results] == [None, 0.5, None, 0.1]


def test_without_our_median_there_is_no_ratio() -> None:
    failed = Result("autograd_nn", "µs", [1.0], failure="it broke", reference="autograd_nn")
    text = table("a step", "step", [STEP[0], failed])
    assert "÷" not in text
    assert line_of(text, "NumPy by hand").endswith("95.0 – 105")


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


def test_every_target_names_rows_that_are_measured() -> None:
    rows = {name: {row.label for row in work.rows} for name, work in works().items()}
    for target in TARGETS:
        if target.work in rows:
            assert {target.row, target.over} <= {*rows[target.work], None}
    kinds = [f"{kind}{program.label}" for kind in KINDS for program in PROGRAMS]
    for target in TARGETS:
        if target.work == "tutorial":
            assert {target.row, target.over} <= set(kinds)


def test_numbers_have_three_digits() -> None:
    assert [number(x) for x in (12345.6, 123.4, 12.34, 1.234, 0.0567, 0.00034)] == [
        "12,346",
        "123",
        "12.3",
        "1.23",
        "0.057",
        "0.00034",
    ]
