"""What the picture shows: every row, its ratio and quartiles, and the target."""

import math
from pathlib import Path

import pytest

from benchmarks.picture import Dot, dots, draw
from benchmarks.processes import Result
from benchmarks.targets import TARGETS

FIT = "autograd_nn fit"
STEP = [
    Result("NumPy by hand", "µs", [90.0, 100.0, 110.0], reference=FIT),
    Result(FIT, "µs", [40.0, 50.0, 60.0], reference=FIT),
    Result("JAX scan", "µs", [20.0, 25.0, 30.0], reference=FIT),
    Result("MyGrad", "µs", failure="ImportError: no", reference=FIT),
]


def test_rows_are_multiples_of_ours_with_their_quartiles() -> None:
    by_hand, fit, scan, failed = dots("step", STEP)
    (limit,) = [t.limit for t in TARGETS if (t.row, t.over) == (FIT, "NumPy by hand")][:1]
    assert by_hand == Dot("NumPy by hand", 2.0, 1.9, 2.1, ours=False, target=1 / limit)
    assert fit == Dot(FIT, 1.0, 0.9, 1.1, ours=True)
    assert (scan.value, scan.lower, scan.upper) == (0.5, 0.45, 0.55)
    assert [row.faster for row in (by_hand, fit, scan, failed)] == [False, False, True, False]
    assert math.isnan(failed.value)


def test_a_row_of_ours_that_is_faster_is_still_ours() -> None:
    jit = Result(f"{FIT}, jit_compile", "µs", [10.0], reference=FIT)
    assert not dots("step", [STEP[1], jit])[1].faster


def test_without_our_row_there_is_nothing_to_show(tmp_path: Path) -> None:
    assert dots("step", STEP[:1]) == []
    with pytest.raises(ValueError, match="nothing to compare"):
        draw({"step": ("a step", STEP[:1])}, tmp_path / "picture.svg")


def test_the_picture_has_every_label_and_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import matplotlib

    monkeypatch.setitem(matplotlib.rcParams, "svg.fonttype", "none")
    path = tmp_path / "picture.svg"
    draw({"step": ("a step", STEP), "import": ("alone", STEP[:1])}, path)
    text = path.read_text()
    for said in ("step: a step", "NumPy by hand", FIT, "JAX scan", "2 ×", "0.5 ×", "MyGrad"):
        assert said in text
    assert "not measured" in text
    assert "import: alone" not in text
