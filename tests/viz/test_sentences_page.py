"""The sentences of a page that computes: with the numbers of now, as Python tells them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, optimizers, viz
from tests.viz.graphs import lesson
from tests.viz.live_graphs import GRAPHS, recorded
from tests.viz.test_live_page import ids_of, opened, shown

pytestmark = pytest.mark.browser

LARGEST = re.compile(r"(largest|最大) \S+?( at |（位于 )\[[\d, ]*\]")
NUMBER = re.compile(r"(?<![\w.])−?\d+(?:\.\d+)?(?:e[+−]\d+)?")
SENTENCES = "() => steps.map(toldNow)"


def assert_told(found: list[str], expected: list[str]) -> None:
    """The same words, and the same numbers: the last of four digits may be rounded otherwise, what
    is nothing but rounding is another, and so may be which of several equal elements is largest."""
    assert len(found) == len(expected)
    for told, sentence in zip(found, expected, strict=True):
        if told == sentence:
            continue
        told, sentence = LARGEST.sub("", told), LARGEST.sub("", sentence)
        assert NUMBER.sub("#", told) == NUMBER.sub("#", sentence)
        numbers = [
            [float(x.replace("−", "-")) for x in NUMBER.findall(text)] for text in (told, sentence)
        ]
        np.testing.assert_allclose(*numbers, rtol=2e-3, atol=1e-12, err_msg=sentence)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", GRAPHS)
def test_sentences_follow_the_numbers(browser: Any, tmp_path: Path, name: str, lang: str) -> None:
    graph = GRAPHS[name]()
    given, _ = graph
    path = viz.explore(
        recorded(graph), tmp_path / "page.html", optimizer=optimizers.SGD(0.1), lang=lang
    ).path
    page = opened(browser, path)
    with viz.language(lang):
        expected = [
            step.sentence for step in viz.steps(recorded(graph), optimizer=optimizers.SGD(0.1))
        ]
    assert_told(page.evaluate(SENTENCES), expected)
    changed = (
        "(id) => { live.setRate(0.05); live.set(id, 0, valuesOf(nodes.get(id).value)[0] + 0.1); }"
    )
    page.evaluate(changed, next(iter(ids_of(graph).values())))
    found = shown(page)
    numbers = {
        leaf: found[place].reshape(np.shape(given[leaf])) for leaf, place in ids_of(graph).items()
    }
    with viz.language(lang):
        steps = viz.steps(recorded(graph, numbers), optimizer=optimizers.SGD(0.05))
        assert_told(page.evaluate(SENTENCES), [step.sentence for step in steps])
    assert page.errors == []


def test_a_sign_is_put_in_brackets_when_a_number_becomes_negative(
    browser: Any, tmp_path: Path
) -> None:
    x, w = Tensor(3.0, name="x"), Tensor(2.0, name="w")
    loss = x * w + w
    loss.name = "L"
    page = opened(browser, viz.explore(loss, tmp_path / "page.html", optimizer="sgd").path)
    assert page.evaluate(SENTENCES)[0] == "v1 = x × w = 3 × 2 = 6."
    page.evaluate("() => live.set(nodes.values().find((node) => node.label === 'w').id, 0, -2)")
    told = page.evaluate(SENTENCES)
    assert told[0] == "v1 = x × w = 3 × (−2) = −6."
    assert told[1] == "L = v1 + w = −6 + (−2) = −8."


def test_an_optimizer_that_keeps_something_tells_no_number_of_before(
    browser: Any, tmp_path: Path
) -> None:
    w = Tensor(2.0, name="w")
    loss = w * w
    page = opened(browser, viz.explore(loss, tmp_path / "page.html", optimizer="adam").path)
    page.evaluate("() => live.train(1)")
    (told,) = [text for text in page.evaluate(SENTENCES) if "momentum(w) ←" in text]
    assert "t = 2" in told
    assert re.search(r"\. w: 1\.99\d* → 1\.99\d*\.$", told)


# All that can be read on a page, and what a screen reader says, without keys to press.
READABLE = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { textContent, parentElement } = walker.currentNode;
    if (!parentElement.closest("script, style, kbd")) found.push(textContent);
  }
  const told = ["aria-label", "title", "placeholder", "aria-roledescription", "aria-valuetext"];
  for (const name of told) {
    for (const part of document.querySelectorAll(`[${name}]`)) found.push(part.getAttribute(name));
  }
  return found;
}"""
NAMES = {"float64", "tanh", "multiply", "subtract", "power", "add", "shift", "Shift", "Home", "End"}
NAMES |= {"Ctrl", "Esc"}


def test_a_page_in_chinese_has_no_english_but_names_and_formulas(
    browser: Any, tmp_path: Path
) -> None:
    path = viz.explore(lesson().loss, tmp_path / "page.html", optimizer="sgd", lang="zh").path
    page = opened(browser, path)
    page.evaluate("() => { document.getElementById('all-steps').open = true; }")
    for step in range(1, page.evaluate("steps.length") + 1):
        page.evaluate(f"goTo({step})")
        words = {
            word
            for text in page.evaluate(READABLE)
            for word in re.findall("[A-Za-z]{3,}\\d*", text)
        }
        assert words <= NAMES
