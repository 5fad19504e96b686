"""The page of a film in a real browser: Chromium, offline."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn.datasets import load_digits
from tests.viz.pages import data_of, wait_until
from tests.viz.test_film import MOONS, filmed, network, three_classes, unpacked

pytestmark = pytest.mark.browser

DESK, PHONE = {"width": 1300, "height": 850}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A film of every form."""
    (digits, labels), _ = load_digits()
    line = np.linspace(-2, 2, 50)[:, None]
    sparse = "sparse_categorical_crossentropy"
    made: dict[str, Any] = {
        "plane": (network(), *MOONS, 12),
        "three": (network(3, "softmax", sparse), *three_classes(), 8),
        "images": (network(10, "softmax", sparse), digits[:200], labels[:200], 4),
        "table": (network(3, "softmax", sparse), *three_classes(4), 4),
        "curve": (network(1, None, "mse"), line, np.sin(line), 4),
        "points": (network(1, None, "mse"), digits[:60, :5], digits[:60, 20], 4),
    }
    found = {}
    for name, given in made.items():
        folder = tmp_path_factory.mktemp(name)
        found[name] = filmed(folder, *given, validation_split=0.2 if name == "plane" else 0.0).path
    found["chinese"] = filmed(tmp_path_factory.mktemp("zh"), network(), *MOONS, 2, lang="zh").path
    return found


@pytest.fixture
def opened(browser: Any, files: dict[str, Path]) -> Iterator[Callable[..., Any]]:
    """A film, opened; at the end nothing was asked of a network and nothing went wrong."""
    contexts, said = [], []

    def open_page(name: str, size: dict[str, int] = DESK, at: str = "", **how: Any) -> Any:
        context = browser.new_context(viewport=size, offline=True, **how)
        contexts.append(context)
        page = context.new_page()
        address = files[name].as_uri()
        page.on("request", lambda r: said.append(r.url) if not r.url.startswith(address) else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text))
        page.goto(address + at)
        page.wait_for_selector("html[data-ready]", state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


def place(page: Any) -> str:
    text: str = page.locator("#place").text_content()
    return text


@pytest.mark.parametrize("name", ["plane", "three", "images", "table", "curve", "points"])
def test_the_bytes_arrive(name: str, opened: Any, files: dict[str, Path]) -> None:
    page, data = opened(name), data_of(files[name])
    expected = unpacked(data["answers"]["codes"])
    found = page.evaluate("answers.frames.map((codes) => [...codes])")
    np.testing.assert_array_equal(found, expected)
    weights = page.evaluate("weights.map((weight) => [...weight.frames.at(-1)])")
    for told, codes in zip(data["weights"], weights, strict=True):
        np.testing.assert_array_equal(codes, unpacked(told["codes"])[-1])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", ["plane", "images", "table", "curve", "points", "chinese"])
def test_an_accessibility_checker_finds_nothing(
    name: str, size: dict[str, int], scheme: str, opened: Any
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = opened(name, size, "#f=2", color_scheme=scheme)
    page.wait_for_timeout(150)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert Axe().run(page).response["violations"] == []


def test_keys_and_buttons_move_it(opened: Any) -> None:
    page = opened("plane")
    assert place(page) == "Before training, 12 epochs to come."
    assert page.locator("#flow-rows td:last-child").first.text_content() == "not computed"
    for key, epoch in [
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("PageDown", 11),
        ("PageUp", 1),
        ("End", 12),
    ]:
        page.keyboard.press(key)
        assert place(page).startswith(f"Epoch {epoch} of 12: loss ")
    assert page.locator("#next").is_disabled()
    page.keyboard.press("Home")
    assert page.locator("#back").is_disabled()
    page.locator("#next").click()
    assert place(page).startswith("Epoch 1 of 12")
    assert page.evaluate("location.hash") == "#f=1"
    page.locator("#scrubber").focus()
    page.keyboard.press("ArrowRight")
    assert place(page).startswith("Epoch 2 of 12")
    assert page.locator("#scrubber").get_attribute("aria-valuetext") == place(page)


def test_the_address_opens_a_frame(opened: Any) -> None:
    assert place(opened("plane", at="#f=7")).startswith("Epoch 7 of 12")
    assert place(opened("plane", at="#f=900")).startswith("Epoch 12 of 12")
    assert place(opened("plane", at="#f=x")).startswith("Before")


def test_it_plays_to_the_end_and_from_there_again(opened: Any) -> None:
    page = opened("plane")
    page.locator("#speed").select_option("50")
    page.keyboard.press("Tab")
    page.locator("h1").click()
    page.keyboard.press(" ")
    assert page.locator("#play").text_content() == "Pause"
    assert page.locator("#place").get_attribute("aria-live") == "off"
    wait_until(page, "state.frame === last && state.timer === null")
    assert page.locator("#play").text_content() == "Play"
    assert page.locator("#place").get_attribute("aria-live") == "polite"
    assert page.evaluate("location.hash") == "#f=12"
    page.locator("#play").click()
    wait_until(page, "state.frame === 2")
    page.locator("#play").click()
    at = page.evaluate("state.frame")
    page.wait_for_timeout(200)
    assert page.evaluate("state.frame") == at < 12


def test_reduced_motion_is_honoured(opened: Any) -> None:
    page = opened("plane", reduced_motion="reduce")
    assert page.locator("#speed").input_value() == "1000"
    assert (
        page.evaluate("getComputedStyle(document.querySelector('.length')).transitionDuration")
        == "0s"
    )
    assert opened("plane").locator("#speed").input_value() == "150"


def test_numbers_and_bars_of_a_frame(opened: Any, files: dict[str, Path]) -> None:
    page, data = opened("plane", at="#f=3"), data_of(files["plane"])
    for name, values in data["logs"].items():
        assert f"{name} {values[2]:.4g}" in place(page)
    for row, values in enumerate(data["norms"].values()):
        shown = page.locator("#flow-rows tr").nth(row).locator("td").last.text_content()
        assert shown == f"{values[2]:.4g}"
    widths = page.evaluate(
        "[...document.querySelectorAll('.length')].map((bar) => parseFloat(bar.style.width))"
    )
    assert (widths[0] > widths[1]) == (
        list(data["norms"].values())[0][2] > list(data["norms"].values())[1][2]
    )


PIXELS = """() => [...document.querySelector("#seen canvas").getContext("2d")
  .getImageData(0, 0, 680, 680).data]"""


def test_the_ground_has_the_colour_of_the_class(opened: Any) -> None:
    page = opened("three", at="#f=8")
    found = page.evaluate("decisionsOf(answers.frames.at(-1), 3)")
    classes, shares = (np.array(found[name]).reshape(56, 56) for name in ("classes", "shares"))
    paints = np.array(page.evaluate("classColors().parts"))
    pixels = np.array(page.evaluate(PIXELS)).reshape(680, 680, 4)
    step = 680 / 55
    for row, column in [(1, 1), (1, 54), (54, 1), (54, 54)]:
        name, share = classes[row, column], shares[row, column]
        expected = 255 + (0.12 + 0.4 * share) * (paints[name] - 255)
        found = pixels[round(row * step), round(column * step), :3]
        np.testing.assert_allclose(found, expected, atol=9)


def test_borders_run_where_classes_are_level(opened: Any) -> None:
    # Of a grid from 0 to 9 the logit is x − 3.3, so class 1 is ahead by tanh((x − 3.3) / 2),
    # and the border is the line x = 3.3.
    page = opened("plane")
    lines = page.evaluate(
        """() => {
          const [side, found] = [10, []];
          const ahead = Array.from({ length: 100 }, (_, i) => Math.tanh(((i % side) - 3.3) / 2));
          const classes = ahead.map((x) => (x > 0 ? 1 : 0));
          forEachBorder(side, classes, ahead.map(Math.abs), (...line) => found.push(line));
          return found;
        }"""
    )
    assert len(lines) == 9
    np.testing.assert_allclose([[line[0], line[2]] for line in lines], 3.3, atol=1e-12)
    assert sorted(round(line[1]) for line in lines) == list(range(9)) or sorted(
        min(line[1], line[3]) for line in lines
    ) == list(range(9))


def test_images_say_what_they_are_taken_for(opened: Any, files: dict[str, Path]) -> None:
    page, told = opened("images", at="#f=4"), data_of(files["images"])["answers"]
    classes = page.evaluate("[...decisionsOf(answers.frames[4], 10).classes]")
    for n, (named, target) in enumerate(zip(classes, told["targets"], strict=True)):
        expected = f"{named} ✓" if named == target else f"{named} ✗ ({target})"
        assert page.locator(".images li").nth(n).text_content() == expected


def test_a_table_has_the_counts(opened: Any, files: dict[str, Path]) -> None:
    page, told = opened("table", at="#f=4"), data_of(files["table"])["answers"]
    counts = unpacked(told["codes"])[-1].reshape(4, 4)[:3, :3]
    shown = [int(cell) for cell in page.locator("tbody td").all_text_contents() if cell.isdigit()]
    assert shown[:9] == counts.ravel().tolist()


def test_in_a_frame_of_a_notebook_it_works_without_an_address(
    browser: Any, files: dict[str, Path]
) -> None:
    from autograd_nn import viz

    text = files["plane"].read_text("utf-8")
    page, errors = browser.new_context(viewport=DESK, offline=True).new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    page.set_content(viz.Page(files["plane"], text)._repr_mimebundle_()["text/html"])
    inner = page.frame_locator("iframe")
    inner.locator("#next").click()
    assert inner.locator("#place").text_content().startswith("Epoch 1 of 12")
    assert errors == []
    page.context.close()
