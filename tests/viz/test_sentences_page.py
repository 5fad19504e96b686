"""The sentences of a page that computes: with the numbers of now, as Python tells them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, gradients, optimizers, viz
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


def two_leaves(w: Any, v: Any) -> Any:
    """A loss of a number and of a vector."""
    return (np.tanh(w * v - 0.5) ** 2).sum() + w * w


OPTIMIZERS: dict[str, Any] = {
    "decay": lambda: optimizers.SGD(0.1, weight_decay=0.1),
    "momentum": lambda: optimizers.SGD(0.1, momentum=0.9),
    "nesterov": lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    "adam": lambda: optimizers.Adam(0.01),
    "amsgrad": lambda: optimizers.Adam(0.01, amsgrad=True),
    "adamw": lambda: optimizers.AdamW(0.01),
    "rmsprop": lambda: optimizers.RMSprop(0.01),
    "centered": lambda: optimizers.RMSprop(0.01, centered=True, momentum=0.5),
    "nadam": lambda: optimizers.Nadam(0.01),
    "adagrad": lambda: optimizers.Adagrad(0.01, initial_accumulator_value=0.0),
    "adadelta": lambda: optimizers.Adadelta(0.5),
    "adamax": lambda: optimizers.Adamax(0.01),
    "lion": lambda: optimizers.Lion(0.01),
}


@pytest.mark.parametrize(
    ("name", "before"), [*((name, 0) for name in OPTIMIZERS), ("adam", 2), ("nesterov", 2)]
)
def test_what_an_optimizer_keeps_is_told_as_python_tells_it(
    browser: Any, tmp_path: Path, name: str, before: int
) -> None:
    """From its first step on, and from the third, after each of three steps in the page."""
    w, v, optimizer = Tensor(2.0, name="w"), Tensor([0.5, -1.0, 0.25], name="v"), OPTIMIZERS[name]()

    def step() -> Tensor:
        loss: Tensor = two_leaves(w, v)
        loss.name = "L"
        return loss

    def taken() -> None:
        loss = step()
        optimizer.apply_gradients(zip(gradients(loss, [w, v]), [w, v], strict=True))

    for _ in range(before):
        taken()
    page = opened(browser, viz.explore(step(), tmp_path / "p.html", optimizer=optimizer).path)
    for _ in range(3):
        expected = [each.sentence for each in viz.steps(step(), optimizer=optimizer)]
        assert_told(page.evaluate(SENTENCES), expected)
        taken()
        page.evaluate("live.train(1)")
    page.evaluate("while (live.canUndo()) live.undo()")
    updates = [text for text in page.evaluate(SENTENCES) if " ← " in text]
    assert len(updates) == 2
    assert any(": new, " in text for text in updates) == (not before and name != "decay")


def test_where_a_rule_may_be_cut_off_its_formula_is_not_told(browser: Any, tmp_path: Path) -> None:
    w = Tensor(2.0, name="w")
    optimizer = optimizers.SGD(0.1, clipvalue=10.0)
    page = opened(browser, viz.explore(w * w, tmp_path / "p.html", optimizer=optimizer).path)
    set_w = "(x) => live.set(nodes.values().find((node) => node.label === 'w').id, 0, x)"
    for x, after in ((3, "2.4"), (100, "99")):
        page.evaluate(set_w, x)
        (told,) = [text for text in page.evaluate(SENTENCES) if text.startswith("w ←")]
        assert told == f"w ← SGD(w, ∂v1/∂w). w: {x} → {after}."


def test_the_panel_has_what_an_optimizer_keeps(browser: Any, tmp_path: Path) -> None:
    v = Tensor([2.0, -1.0], name="v")
    optimizer = optimizers.SGD(0.5, momentum=0.5)
    page = opened(
        browser, viz.explore((v * v).sum(), tmp_path / "p.html", optimizer=optimizer).path
    )
    page.evaluate("() => { startOf('update'); chooseCell('updated', 1); }")
    part = page.locator("#terms")
    # velocity ← 0.5·velocity − 0.5·(2·(−1)) = 1, after which v is 0, and 0.5.
    assert "velocity[1] = 1 (before: 0)" in part.text_content()
    page.evaluate("() => { live.train(1); showPanelNow(); }")
    assert "velocity[1] = 0.5 (before: 1)" in part.text_content()


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
