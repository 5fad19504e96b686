"""The sheet to be printed and what a notebook shows: no answer stands before the key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograd_nn import viz
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.viz.wording.saying import spoken
from tests.helpers import without_graphviz
from tests.viz.graphs import lesson
from tests.viz.test_exercises import layer


def number(x: float) -> str:
    return f"{x:.4g}".replace("-", "−")


@pytest.mark.parametrize("ask", ["values", "gradients", "rules", "shapes", "fault"])
def test_a_sheet_has_its_key_behind_and_nothing_of_it_before(ask: str, tmp_path: Path) -> None:
    exercise = viz.exercise(lesson().loss, ask)
    text = exercise.save(tmp_path / "sheet.html").read_text("utf-8")
    before, _, key = text.partition('<section class="key">')
    assert before.count("<li>") >= len(exercise.questions)
    assert key.count("<li>") == len(exercise.questions)
    assert "{{" not in text and "<script" not in text
    if ask in ("values", "gradients"):
        shown = exercise._repr_mimebundle_()["text/html"] + repr(exercise)
        given = {number(float(x)) for x in exercise.given.values()}
        for answer in exercise.solution.values():
            told = number(float(answer))
            assert told in key
            # 1 and 2 stand in the formulas, too.
            if told not in given and len(told) > 3:
                assert told not in before
                assert told not in shown


def test_an_array_has_a_cell_for_each_element(tmp_path: Path) -> None:
    loss, names = layer()
    text = viz.exercise(loss, names=names).save(tmp_path / "sheet.html").read_text("utf-8")
    empty = re.findall(r"<td></td>", text)
    assert len(empty) == 5 * 8  # v1, z, h, v2, v3 of four examples and two units


def test_a_sheet_needs_no_graphviz(tmp_path: Path) -> None:
    exercise = viz.exercise(lesson().loss)
    path = without_graphviz(lambda: exercise.save(tmp_path / "sheet.html"))
    assert "<svg" not in path.read_text("utf-8")


def test_names_are_text_in_it(tmp_path: Path) -> None:
    loss = lesson().loss
    loss.name = "<b>L</b>{{say:page.skip}}"
    text = viz.exercise(loss).save(tmp_path / "sheet.html").read_text("utf-8")
    assert "<b>L" not in text and "Skip" not in text


def test_in_chinese(tmp_path: Path) -> None:
    exercise = viz.exercise(lesson().loss, "gradients", lang="zh")
    assert spoken() == "en"
    text = exercise.save(tmp_path / "sheet.html").read_text("utf-8")
    assert '<html lang="zh">' in text and "L 的反向传播" in text
    assert str(exercise).startswith("已知：")
    assert "符号反了" in str(exercise.check({"b": -exercise.solution["∂L/∂b"]}))
    assert exercise.check(exercise.solution).sentence == "9 题全部正确。"


def test_another_ending_is_refused() -> None:
    with pytest.raises(ArgumentError, match="must end in .html"):
        viz.exercise(lesson().loss).save("sheet.pdf")
