"""What is changed by hand in a page that computes, and what is shown then, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, losses, ops, viz
from autograd_nn.viz.graph.flows import Sweep
from autograd_nn.viz.graph.walk import Walk
from autograd_nn.viz.page.layouts import layouts
from tests.helpers import without_graphviz
from tests.viz.graphs import lesson, network
from tests.viz.live_graphs import GRAPHS, Graph, recorded
from tests.viz.test_live_page import ids_of
from tests.viz.test_texts_in_boxes import OUTSIDE

pytestmark = pytest.mark.browser

DESK, PHONE = {"width": 1400, "height": 800}, {"width": 400, "height": 800}

SHOWN_OUTSIDE = OUTSIDE.replace("'g.node'", "'.layout:not([hidden]) g.node'")

TEXTS = """(name) => {
  openLayout(name);
  const parts = document.querySelectorAll(`#layout-${CSS.escape(name)} :is(g.node, g.edge)`);
  const told = (part) => [...part.querySelectorAll('text')].map((text) => text.textContent);
  return Object.fromEntries([...parts].map((part) => [part.id, told(part)]));
}"""
"""The texts of each node and edge of a picture."""


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Write the page of a loss and open it; at the end it must have had no error."""
    contexts, troubles = [], []

    def open_page(loss: Tensor, hash: str = "", size: dict[str, int] = DESK, **options: Any) -> Any:
        path = viz.explore(loss, tmp_path / "page.html", optimizer=options.pop("optimizer", None))
        context = browser.new_context(viewport=size, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("console", lambda message: troubles.append(f"console: {message.text}"))
        page.goto(path.path.as_uri() + hash)
        page.wait_for_selector("html[data-ready]", state="attached")
        assert page.evaluate("live.isOn")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def settled(page: Any) -> None:
    """Wait until what was changed is shown: the next frame but one."""
    page.evaluate(
        "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
    )


def _logs(labels: Any, z: Any) -> Any:
    return -ops.log_softmax(z)[np.arange(4), labels].mean()


def node(page: Any, label: str) -> str:
    found: str = page.evaluate("label => data.nodes.find((x) => x.label === label).id", label)
    return found


def value(page: Any, label: str) -> Any:
    return np.array(page.evaluate("id => [...valuesOf(nodes.get(id).value)]", node(page, label)))


def selected(page: Any, label: str, i: int | None = None) -> None:
    page.evaluate("id => select(id)", node(page, label))
    if i is not None:
        page.evaluate("i => chooseCell('value', i)", i)


def last_step(page: Any) -> None:
    page.evaluate("goTo(steps.length)")


def texts_in(svg: str) -> dict[str, list[str]]:
    """What stands in each node and along each edge of a picture, as Python writes it."""
    import xml.etree.ElementTree as ET

    root = ET.fromstring(svg)
    found = {}
    for part in root.iter("{http://www.w3.org/2000/svg}g"):
        if part.get("class", "").split()[0] in ("node", "edge"):
            texts = part.iter("{http://www.w3.org/2000/svg}text")
            found[part.get("id", "")] = ["".join(text.itertext()) for text in texts]
    return found


def joined(texts: list[str]) -> str:
    """The lines as one; short ones stand beside each other in Python's picture."""
    found = [line for text in texts if (line := text.replace("\u00a0", " ").strip())]
    return " ".join(found).replace(", largest", " largest")


NUMBER = r"−?\d+(?:\.\d+)?(?:e[−+]\d+)?"


def assert_tells(told: str, expected: str) -> None:
    """The same words, and each number to the digits that are shown: few where there is no room."""
    assert re.split(NUMBER, told) == re.split(NUMBER, expected)
    for x, y in zip(re.findall(NUMBER, told), re.findall(NUMBER, expected), strict=True):
        number, right = float(x.replace("−", "-")), float(y.replace("−", "-"))
        digits = len(re.sub(r"e.*|\D", "", x).lstrip("0"))
        assert abs(number - right) <= max(0.51 * 10.0 ** (1 - digits) * abs(right), 1e-12), (
            told,
            expected,
        )


# ------------------------------------------------------------------ the picture follows


@pytest.mark.parametrize("name", [*GRAPHS])
def test_the_pictures_tell_what_python_tells_of_the_changed_numbers(opened: Any, name: str) -> None:
    graph: Graph = GRAPHS[name]()
    page = opened(recorded(graph))
    last_step(page)
    numbers, random = dict(graph[0]), np.random.default_rng(1)
    for key, place in ids_of(graph).items():
        array = np.array(numbers[key])
        if array.dtype.kind != "f" or key == "y_":
            continue
        i = int(random.integers(array.size))
        array.flat[i] += 0.25
        numbers[key] = array if array.ndim else float(array)
        page.evaluate("([id, i, x]) => live.set(id, i, x)", [place, i, float(array.flat[i])])
    settled(page)
    loss = recorded(graph, numbers)
    walk = Walk(loss)
    for layout in layouts(walk, Sweep(loss)):
        found = page.evaluate(TEXTS, layout.name)
        for part, texts in texts_in(layout.svg).items():
            assert_tells(joined(found[part]), joined(texts))


def test_no_text_leaves_its_box_whatever_the_numbers(opened: Any) -> None:
    page = opened(network()[0])
    last_step(page)
    for change in (-1234.5678, 1e-7, -98765432.1):
        page.evaluate(
            "x => live.set(data.nodes.find((n) => n.role === 'parameter').id, 3, x)", change
        )
        settled(page)
        for name in page.evaluate("data.layouts.map((layout) => layout.name)"):
            page.evaluate("name => openLayout(name)", name)
            assert page.evaluate(SHOWN_OUTSIDE) == []


def test_pictures_that_the_page_draws_follow_too(opened: Any) -> None:
    page = without_graphviz(lambda: opened(lesson().loss))
    last_step(page)
    page.evaluate("([id]) => live.set(id, 0, 3)", [node(page, "w")])
    settled(page)
    w, b, x, y = 3.0, -0.1, 0.3, 0.8
    a = np.tanh(w * x + b)
    texts = " ".join(page.locator("g.node text").all_text_contents())
    assert f"{(a - y) ** 2 + 0.1 * w * w:.4g}" in texts
    by_w = 2 * (a - y) * (1 - a**2) * x + 0.2 * w
    assert f"= {by_w:.4g}" in texts
    along = page.locator("g.edge text").all_text_contents()
    assert along.count("slope 3") == 2  # of w·w by each; of w·x none goes back to x
    assert page.evaluate(SHOWN_OUTSIDE) == []


def test_what_changed_is_marked_for_a_moment(opened: Any) -> None:
    page = opened(lesson().loss)
    last_step(page)
    assert page.locator(".changed").count() == 0
    page.evaluate("([id]) => live.set(id, 0, 3)", [node(page, "w")])
    settled(page)
    assert page.locator("svg text.changed").count() > 20
    untouched = page.locator("[aria-label='x, constant'] text.value")
    assert untouched.text_content() == "0.3"
    assert "changed" not in untouched.get_attribute("class")
    page.wait_for_function("() => !document.querySelector('.changed')")


def test_where_motion_is_not_welcome_nothing_moves(opened: Any) -> None:
    page = opened(lesson().loss, reduced_motion="reduce")
    page.evaluate("([id]) => live.set(id, 0, 3)", [node(page, "w")])
    settled(page)
    for what in ("svg text.changed", "svg g.edge path"):
        style = page.locator(what).first.evaluate(
            "part => { const style = getComputedStyle(part); "
            "return [style.transitionDuration, style.animationName]; }"
        )
        assert style == ["0s", "none"]


# ------------------------------------------------------------------ changing by hand


def test_a_number_is_typed_in_the_panel(opened: Any) -> None:
    page = opened(network()[0])
    selected(page, "dense/bias", 3)
    page.fill("#edit", "−0,25")
    page.keyboard.press("Enter")
    assert value(page, "dense/bias")[3] == -0.25
    settled(page)
    assert page.evaluate("document.activeElement.id") == "edit"
    page.fill("#edit", "7")
    page.keyboard.press("Escape")
    assert value(page, "dense/bias")[3] == -0.25
    assert page.input_value("#edit") == "−0.25"


@pytest.mark.parametrize("text", ["", "two", "1..5", "nan", "1e999", "--1"])
def test_what_is_no_number_is_told_and_changes_nothing(opened: Any, text: str) -> None:
    page = opened(lesson().loss)
    selected(page, "w")
    page.fill("#edit", text)
    page.keyboard.press("Enter")
    assert "no number" in page.text_content("#edit-said")
    assert page.get_attribute("#edit", "aria-invalid") == "true"
    assert value(page, "w") == 2
    assert not page.is_enabled("#undo")


def test_keys_step_a_number(opened: Any) -> None:
    page = opened(lesson().loss)
    selected(page, "w")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("e")
    for key, expected in [
        *(("ArrowUp", 2.1), ("ArrowUp", 2.2), ("ArrowDown", 2.1), ("Shift+ArrowDown", 1.1)),
        ("Shift+ArrowUp", 2.1),
    ]:
        page.keyboard.press(key)
        settled(page)
        assert value(page, "w") == expected
        assert page.input_value("#edit") == str(expected)


def test_a_number_is_dragged_in_the_picture_and_in_the_panel(opened: Any) -> None:
    page = opened(lesson().loss)
    page.keyboard.press("0")
    place = page.locator("#layout-open [aria-label='w, parameter'] text.value").bounding_box()
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    before = page.evaluate("[box.x, box.y, box.scale]")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 20, y, steps=5)
    assert value(page, "w") == 2.5
    page.mouse.move(x - 8, y, steps=5)
    page.mouse.up()
    assert value(page, "w") == 1.8
    assert page.evaluate("[box.x, box.y, box.scale]") == before
    assert page.locator("#edit-here").count() == 0
    selected(page, "b")
    place = page.locator(".handle").bounding_box()
    page.mouse.move(place["x"] + 5, place["y"] + 5)
    page.mouse.down()
    page.mouse.move(place["x"] + 13, place["y"] + 5, steps=3)
    page.mouse.up()
    assert value(page, "b") == -0.08  # a step of 0.01, because −0.1 is small


def test_a_number_is_typed_where_it_stands_in_the_picture(opened: Any) -> None:
    page = opened(lesson().loss)
    page.keyboard.press("0")
    page.click("#layout-open [aria-label='w, parameter'] text.value")
    assert page.evaluate("document.activeElement.id") == "edit-here"
    page.keyboard.press("ArrowUp")
    settled(page)
    assert page.input_value("#edit-here") == "2.1"
    page.evaluate("zoom(1.25)")  # the field stays over its number
    number = page.locator("#layout-open [aria-label='w, parameter'] text.value").bounding_box()
    assert page.locator("#edit-here").bounding_box()["x"] == pytest.approx(number["x"], abs=8)
    page.fill("#edit-here", "0.5")
    page.keyboard.press("Enter")
    assert value(page, "w") == 0.5
    assert page.locator("#edit-here").count() == 0
    page.locator("#layout-open [aria-label='w, parameter']").focus()
    page.keyboard.press("ArrowDown")
    assert value(page, "w") == 0.4


def test_what_is_computed_cannot_be_changed_and_says_what_can(opened: Any) -> None:
    page = opened(lesson().loss, "#s=1")
    page.evaluate("select(steps[0].node)")  # w · x
    assert page.locator("#edit").count() == 0
    told = page.text_content("#part-value ~ p")
    assert "is computed" in told
    page.click("#panel .leaf >> text=w")
    assert page.text_content("#panel h2 .label") == "w"
    assert page.is_visible("#edit")


# ------------------------------------------------------------------ the tools


def test_undo_and_reset(opened: Any) -> None:
    page = opened(lesson().loss)
    first = page.text_content("#live-told")
    page.evaluate("([id]) => live.set(id, 0, 3)", [node(page, "w")])
    page.evaluate("([id]) => live.set(id, 0, 1)", [node(page, "b")])
    page.keyboard.press("Control+z")
    assert (value(page, "w"), value(page, "b")) == (3, -0.1)
    page.click("#reset")
    assert value(page, "w") == 2
    settled(page)
    assert page.text_content("#live-told") == first
    page.click("#undo")  # the reset, too
    assert value(page, "w") == 3


def test_the_learning_rate(opened: Any) -> None:
    page = opened(lesson().loss, optimizer="sgd")
    page.fill("#rate", "0.5")
    page.keyboard.press("Enter")
    assert page.evaluate("live.rate()") == 0.5
    by_w = lesson().by_w
    after = page.evaluate(
        "id => valuesOf(steps.find((s) => s.phase === 'update' && s.node === id).after)[0]",
        node(page, "w"),
    )
    assert after == pytest.approx(2 - 0.5 * by_w, rel=1e-12)
    page.fill("#rate", "fast")
    page.keyboard.press("Enter")
    assert "number" in page.text_content("#rate-said")
    assert page.evaluate("live.rate()") == 0.5
    page.click("#one-step")  # then the field has the rate again
    settled(page)
    assert page.input_value("#rate") == "0.5"
    assert page.get_attribute("#rate", "aria-invalid") == "false"
    assert page.text_content("#rate-said") == ""


def test_the_nudge_compares_a_difference_with_the_gradient(opened: Any) -> None:
    page = opened(lesson().loss)
    selected(page, "w")
    page.click("#nudge-switch")
    page.select_option("#nudge-by", "0.1")

    def loss(w: float) -> float:
        return float((np.tanh(w * 0.3 - 0.1) - 0.8) ** 2 + 0.1 * w * w)

    told = page.text_content("section:has(> #part-nudge)")
    assert f"{loss(2.1):.8g}" in told
    assert f"{loss(1.9):.8g}" in told
    assert f"{(loss(2.1) - loss(1.9)) / 0.2:.6g}" in told
    assert f"{lesson().by_w:.6g}" in told
    assert "differ" in told
    page.select_option("#nudge-by", "0.001")
    assert "They agree" in page.text_content("section:has(> #part-nudge)")
    assert value(page, "w") == 2
    assert not page.is_enabled("#undo")


def test_another_example_is_looked_at(opened: Any) -> None:
    loss, _ = network()
    page = opened(loss)
    page.evaluate("select(data.nodes.find((n) => n.label === 'dense_2/z').id)")
    last_step(page)
    page.evaluate("select(data.nodes.find((n) => n.label === 'dense_2/z').id)")
    page.fill("#example", "5")
    z = value(page, "dense_2/z")
    assert page.text_content("#cell-value-5") == f"{z[5]:.4g}".replace("-", "−")
    page.click("#cell-value-5")
    page.fill("#example", "7")
    assert page.evaluate("state.cell") == {"of": "value", "i": 7}
    last = page.get_attribute("#example", "max")
    page.fill("#example", "99")
    page.keyboard.press("Enter")
    assert page.input_value("#example") == last == str(page.evaluate("state.example"))


@pytest.mark.parametrize("loss", [losses.SparseCategoricalCrossentropy(from_logits=True), _logs])
def test_a_label_that_is_no_class_is_refused_as_in_python(opened: Any, loss: Any) -> None:
    labels = Tensor(np.array([0, 1, 2, 1]), name="labels")
    z = Tensor(np.random.default_rng(0).normal(size=(4, 3)), name="z")
    page = opened(loss(labels, z))
    selected(page, "labels", 2)
    before = page.evaluate("live.lossValue()")
    page.click("#nudge-switch")  # a label has nothing near it
    assert page.locator("#nudge-by").count() == 0
    for text in ("3", "-4", "1e300"):
        page.fill("#edit", text)
        page.keyboard.press("Enter")
        settled(page)
        assert page.text_content("#edit-said") != ""
        assert (value(page, "labels").tolist(), page.evaluate("live.lossValue()")) == (
            [0, 1, 2, 1],
            before,
        )
    page.fill("#edit", "0")
    page.keyboard.press("Enter")
    settled(page)
    right = loss(Tensor(np.array([0, 1, 0, 1])), z).item()
    assert page.evaluate("live.lossValue()") == pytest.approx(right, rel=1e-12)
    assert page.text_content("#edit-said") == ""


def test_a_comma_that_may_part_thousands_is_refused(opened: Any) -> None:
    page = opened(lesson().loss, optimizer="sgd")
    selected(page, "w", 0)
    for text in ("1,000", "−12,345", "1,000,000"):
        page.fill("#edit", text)
        page.press("#edit", "Enter")
        assert value(page, "w") == 2
    page.fill("#edit", "1,000")
    page.press("#edit", "Enter")
    assert page.text_content("#edit-said") == (
        "“1,000” can be read as 1.000 or as 1000: write one of these."
    )
    for text, x in (("1,5", 1.5), ("−0,125", -0.125), ("3,125e2", 312.5), ("1000", 1000)):
        page.fill("#edit", text)
        page.press("#edit", "Enter")
        assert value(page, "w") == x
    rate = page.evaluate("live.rate()")
    page.fill("#rate", "1,000")
    page.keyboard.press("Enter")
    assert "1.000 or as 1000" in page.text_content("#rate-said")
    assert page.evaluate("live.rate()") == rate
    page.fill("#rate", "0,25")
    page.keyboard.press("Enter")
    assert page.evaluate("live.rate()") == 0.25 and page.text_content("#rate-said") == ""


# ------------------------------------------------------------------ the address


def test_the_address_keeps_what_was_changed(opened: Any) -> None:
    page = opened(lesson().loss, optimizer="sgd")
    page.evaluate("([id]) => live.set(id, 0, 3)", [node(page, "w")])
    page.evaluate("live.train(12)")
    page.fill("#rate", "0.01")
    page.keyboard.press("Enter")
    page.evaluate("live.train(3)")
    expected = [value(page, name).item() for name in ("w", "b", "L")]
    page.wait_for_function("() => location.hash.includes('&v=')")
    page.wait_for_timeout(400)
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    assert [value(page, name).item() for name in ("w", "b", "L")] == expected
    assert page.evaluate("[live.count(), live.rate()]") == [15, 0.01]
    for nonsense in ("{", "[]", "null", '{"actions":[["set","n99",0,1],["set"],7]}'):
        page.evaluate("text => { location.hash = `#s=1&v=${encodeURIComponent(text)}` }", nonsense)
        page.wait_for_timeout(30)
        assert value(page, "w") == 2


def test_changes_that_are_too_many_for_the_address_are_said_to_be(opened: Any) -> None:
    page = opened(lesson().loss, optimizer="sgd")
    change = (
        "([id, n]) => { for (let k = 0; k < n; k += 1) { live.set(id, 0, k); live.train(1); } }"
    )
    for many, is_kept in ((3, True), (300, False)):
        page.evaluate("live.reset()")
        page.evaluate(change, [node(page, "w"), many])
        page.wait_for_timeout(450)
        assert ("&v=" in page.url) == is_kept
        told = page.text_content("#live-told")
        assert ("more changes than an address takes" in told) == (not is_kept)
    page.evaluate("live.reset()")
    page.wait_for_timeout(450)
    assert "address" not in page.text_content("#live-told")


# ------------------------------------------------------------------ for everyone


def test_a_phone(opened: Any) -> None:
    page = opened(network()[0], size=PHONE)
    selected(page, "dense/bias", 3)
    page.click("#nudge-switch")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for part in page.locator(":is(#live, .edit) :is(button, input, select):visible").all():
        frame = part.bounding_box()
        assert frame["height"] >= 24


def test_letters_are_large_enough(opened: Any) -> None:
    page = opened(lesson().loss)
    selected(page, "w")
    page.click("#nudge-switch")
    sizes = page.evaluate(
        "[...document.querySelectorAll('#live *, #panel *')].filter((x) => x.checkVisibility())"
        ".map((x) => parseFloat(getComputedStyle(x).fontSize))"
    )
    assert min(sizes) >= 11


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_reader_finds_names_and_contrast(opened: Any, scheme: str) -> None:
    from axe_playwright_python import sync_playwright as axe

    page = opened(lesson().loss, color_scheme=scheme, bypass_csp=True)
    page.keyboard.press("0")
    selected(page, "w")
    page.click("#nudge-switch")
    page.fill("#edit", "two")
    page.keyboard.press("Enter")
    found = axe.Axe().run(page).response["violations"]
    assert [rule["id"] for rule in found if rule["impact"] in ("serious", "critical")] == []
