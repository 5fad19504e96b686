"""Every kind of page without a mouse, in Chromium: all is reached, seen, and left again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.viz.every_page import DESK, KINDS, PHONE, WITHOUT_SCRIPT
from tests.viz.pages import wait_until

pytestmark = pytest.mark.browser

CONTROLS = """() => {
  window.isThere = (x) => x.checkVisibility({ visibilityProperty: true }) && !x.disabled;
  const all = "button, input, select, summary, a[href], iframe, [tabindex='0']";
  window.controls = [...document.querySelectorAll(all)].filter(isThere);
  window.met = [];
  return controls.length;
}"""

FOCUSED = """() => {
  const x = document.activeElement;
  if (x === document.body) return "left";
  met.push(x);
  if (x.tagName === "IFRAME") return "";
  const name = `${x.tagName} ${x.id} ${x.ariaLabel ?? x.textContent.slice(0, 20)}`;
  const { outlineStyle, outlineWidth } = getComputedStyle(x); // "auto" is the browser's own ring
  const isFramed = outlineStyle === "auto" || parseFloat(outlineWidth) >= 2;
  if (outlineStyle === "none" || !isFramed) return `no frame: ${name}`;
  const { left, right, top, bottom } = x.getBoundingClientRect();
  const isInView = right > 0 && left < innerWidth && bottom > 0 && top < innerHeight;
  return isInView && right > left ? "" : `out of view: ${name}`;
}"""

CAN_UNDO = "!document.getElementById('undo').disabled"

MISSED = """() => controls.filter((x) => !met.includes(x) && x.isConnected && isThere(x))
  .map((x) => `${x.tagName} ${x.id} ${x.ariaLabel ?? x.textContent.slice(0, 20)}`)"""


@pytest.fixture(params=["en", "zh"])
def opened(
    browser: Any, every_page: dict[str, dict[str, Path]], request: pytest.FixtureRequest
) -> Iterator[Callable[..., Any]]:
    """Open a page in each language; at the end nothing went wrong in it."""
    contexts, said = [], []

    def open_page(kind: str, size: dict[str, int] = DESK) -> Any:
        context = browser.new_context(viewport=size, reduced_motion="reduce", offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text))
        page.goto(every_page[request.param][kind].as_uri())
        if kind not in WITHOUT_SCRIPT:
            page.wait_for_selector("html[data-ready]", state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


def tab_to(page: Any, selector: str, key: str = "Tab") -> None:
    """Press Tab until what is wanted has the focus."""
    for _ in range(120):
        page.keyboard.press(key)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never comes to {selector}")


@pytest.mark.parametrize(
    "size",
    [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone", marks=pytest.mark.thorough)],
)
@pytest.mark.parametrize("kind", KINDS)
def test_tab_comes_to_every_control_and_out_again(
    kind: str, size: dict[str, int], opened: Any
) -> None:
    page = opened(kind, size)
    KINDS[kind](page)
    count = page.evaluate(CONTROLS)
    wrong, ends = [], 0
    for _ in range(3 * count + 150):
        page.keyboard.press("Tab")
        found = page.evaluate(FOCUSED)
        if found == "left":
            ends += 1
            if ends == 2:  # first from where it was, then from the top
                break
        elif found:
            wrong.append(found)
    assert ends == 2 or not count, "Tab does not leave the page"
    assert page.evaluate(MISSED) == []
    assert wrong == []


def test_a_number_is_changed_and_taken_back(opened: Any) -> None:
    page = opened("graph")
    tab_to(page, "#view [role=button][aria-label^='w,']")
    page.keyboard.press("Enter")
    assert page.text_content("#panel h2 .label") == "w"
    page.keyboard.press("e")
    page.keyboard.type("3.5")
    page.keyboard.press("Enter")
    wait_until(page, CAN_UNDO)
    assert page.evaluate("valuesOf(nodes.get(state.selected).value)[0]") == 3.5
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    tab_to(page, "#undo", "Shift+Tab")
    while page.is_enabled("#undo"):
        page.keyboard.press("Enter")
        page.wait_for_timeout(30)
    assert page.evaluate("valuesOf(nodes.get(state.selected).value)[0]") == 2.0


def test_a_run_is_started_and_paused(opened: Any) -> None:
    page = opened("plane")
    tab_to(page, "#run")
    before = page.text_content("#run")
    page.keyboard.press(" ")
    wait_until(page, "training.curve.length > 3")
    assert page.text_content("#run") != before
    page.keyboard.press(" ")
    assert page.text_content("#run") == before
    steps = page.evaluate("training.curve.length")
    page.wait_for_timeout(300)
    assert page.evaluate("training.curve.length") == steps
    tab_to(page, "#reset")
    page.keyboard.press("Enter")
    wait_until(page, "live.count() === 0")


def test_a_sample_is_moved_and_a_picture_painted(opened: Any) -> None:
    page = opened("plane")
    tab_to(page, "#course-switch")
    page.keyboard.press("Enter")
    tab_to(page, "#plane-map")
    before = page.evaluate("[...samplesNow().points.slice(0, 2)]")
    page.keyboard.press("ArrowRight")
    wait_until(page, CAN_UNDO)
    assert page.evaluate("samplesNow().points[0]") > before[0]
    assert page.evaluate("state.step") == 1  # an arrow in the plane is no step of the page
    page = opened("images")
    tab_to(page, "#course-switch")
    page.keyboard.press("Enter")
    tab_to(page, "#painting-map")
    place = page.evaluate("painting.chosen")
    for key, chosen in [("Home", 0), ("ArrowDown", 8), ("End", 15), ("ArrowLeft", 14)]:
        page.keyboard.press(key)
        assert page.evaluate("painting.chosen") == chosen, (place, key)
    page.keyboard.press(" ")
    wait_until(page, CAN_UNDO)
    assert page.evaluate("state.step") == 1 and not page.evaluate("state.playing ?? false")


def test_a_cell_is_chosen(opened: Any) -> None:
    page = opened("plane")
    tab_to(page, "#map-value")
    for key, cell in [("ArrowRight", 0), ("End", 5), ("ArrowDown", 11), ("Home", 6)]:
        page.keyboard.press(key)
        assert page.evaluate("state.cell.i") == cell
        assert page.evaluate("document.activeElement.id") == "map-value"
    assert page.evaluate("state.step") == 1


def test_an_exercise_is_answered(opened: Any) -> None:
    page = opened("exercise")
    tab_to(page, "#exercise-switch")
    page.keyboard.press("Enter")
    page.keyboard.press("b")
    for _ in range(5):
        if page.is_visible("#question"):
            break
        page.keyboard.press("ArrowRight")
    if not page.evaluate("document.activeElement.id === 'answer'"):
        tab_to(page, "#answer")
    for answer in ("0.123", page.evaluate("String(exercise.question?.answer ?? 1)")):
        page.keyboard.press("Control+a")
        page.keyboard.type(answer)
        page.keyboard.press("Enter")
        assert page.text_content("#verdict")


def test_a_film_is_played(opened: Any) -> None:
    page = opened("film")
    page.keyboard.press("Home")
    for key, frame in [("ArrowRight", 1), ("End", 6), ("ArrowLeft", 5), ("Home", 0)]:
        page.keyboard.press(key)
        assert page.evaluate("state.frame") == frame
    tab_to(page, "#play")
    page.keyboard.press("Enter")
    wait_until(page, "state.frame > 0")
    page.keyboard.press("Enter")
    tab_to(page, "#scrubber")
    page.keyboard.press("End")
    assert page.evaluate("state.frame") == 6
    tab_to(page, "#theme", "Shift+Tab")
    dark = page.get_attribute("html", "data-theme")
    page.keyboard.press("Enter")
    assert page.get_attribute("html", "data-theme") != dark


def test_the_class_view_is_left_by_escape(opened: Any) -> None:
    page = opened("class")
    tab_to(page, "#class-switch")
    page.keyboard.press("Enter")
    assert page.get_attribute("html", "data-view") == "class"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("state.step") == 2
    page.keyboard.press("Escape")
    assert page.get_attribute("html", "data-view") == ""
