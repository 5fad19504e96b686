"""What the quiz asks about random graphs, in a real browser: every number is another engine's."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import viz
from tests.helpers import without_graphviz
from tests.viz.pages import QUIET, chromium
from tests.viz.said import NUMBER, case, check_equation, number

pytestmark = pytest.mark.browser

ASKED = """() => steps.flatMap((step) => {
  const question = step.phase === "backward" ? questionOf(step) : null;
  if (!question) return [];
  ask(question);
  const given = [...document.querySelectorAll("#given li")].map((item) => item.textContent);
  return [[document.getElementById("asked").textContent, given, String(quiz.asked.answer)]];
})"""


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        yield running.new_page()
        running.close()


@pytest.mark.parametrize(
    "seed",
    [n if n % 20 == 0 else pytest.param(n, marks=pytest.mark.slow) for n in range(100)],
)
def test_what_is_asked_and_answered_is_right(seed: int, page: Any, tmp_path: Path) -> None:
    given = case(seed, False)
    symbols = given.symbols()
    path = without_graphviz(lambda: viz.explore(given.loss, tmp_path / "page.html").path)
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    steps = [s for s in viz.steps(given.loss) if s.slot is not None]
    asked = page.evaluate(ASKED)
    assert len(asked) == len(steps)
    arrived: dict[Any, Any] = {}
    for (question, told, answer), step in zip(asked, steps, strict=True):
        place = given.place(step.node)
        assert step.slot is not None and step.input is not None
        before = arrived.get(step.input)
        after = given.contribution(place, step.slot) + (0 if before is None else before)
        arrived[step.input] = after
        assert np.isclose(float(answer), after, rtol=1e-9, atol=1e-12)
        for text in told:
            check_equation(text, symbols)
        found = re.search(rf"So far (.+) is ({NUMBER})\. What", question)
        assert (found is None) == (before is None)
        if found is not None:
            assert found[1] in symbols
            assert np.isclose(number(found[2]), before, rtol=6e-4, atol=1e-12)
