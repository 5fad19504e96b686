"""Every kind of page in Chromium, in both languages: a reader's tree, width, words and numbers."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, Tensor, viz
from autograd_nn.layers import Dense
from tests.viz.every_page import DESK, KINDS, PHONE, WITHOUT_SCRIPT
from tests.viz.test_told_in_both_languages import CHINESE, NAMES, NUMBER, WORD

pytestmark = pytest.mark.browser

SIZES = {"desk": DESK, "phone": PHONE}
ALL = [*itertools.product(KINDS, ("en", "zh"), SIZES, ("light", "dark"))]
# Each kind once, in turn in another language, on another screen, in other colours.
SAMPLE = {
    (kind, *[*itertools.product(("zh", "en"), SIZES, ("light", "dark"))][3 * n % 8])
    for n, kind in enumerate(KINDS)
}

# Keys, and what is called the same in every language.
OWN_NAMES = set(
    WORD.findall("""
    Home End Ctrl Delete Page Down one_hot float tanh softmax sequential BCE CCE sparse SGD
    MeanSquaredError
    reduction sum_over_batch_size momentum use_ema ema_momentum nesterov False NumPy Python Linux
    autograd_nn linear val_loss
    """)
)

TOLD = """() => {
  const told = [];
  const walk = (root) => {
    for (const part of root.querySelectorAll("*")) {
      if (["SCRIPT", "STYLE", "CODE", "KBD"].includes(part.tagName)) continue;
      for (const name of ["aria-label", "title", "placeholder", "aria-valuetext", "alt"])
        if (part.getAttribute(name)) told.push(part.getAttribute(name));
      for (const node of part.childNodes)
        if (node.nodeType === 3 && node.data.trim() && !part.closest("kbd, g.names, title"))
          told.push(node.data.trim());
    }
  };
  walk(document.body);
  return told;
}"""
"""All texts of a page, those for a reader and those that are hidden for now, too."""


@pytest.fixture
def opened(browser: Any, every_page: dict[str, dict[str, Path]]) -> Iterator[Callable[..., Any]]:
    """Open a page and bring it to where it shows most; at the end nothing went wrong in it."""
    contexts, said = [], []

    def open_page(kind: str, lang: str, size: str = "desk", scheme: str = "light") -> Any:
        context = browser.new_context(
            viewport=SIZES[size],
            color_scheme=scheme,
            reduced_motion="reduce",
            offline=True,
            bypass_csp=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text))
        page.goto(every_page[lang][kind].as_uri())
        if kind not in WITHOUT_SCRIPT:
            page.wait_for_selector("html[data-ready]", state="attached")
        KINDS[kind](page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


@pytest.mark.parametrize(
    ("kind", "lang", "size", "scheme"),
    [case if case in SAMPLE else pytest.param(*case, marks=pytest.mark.thorough) for case in ALL],
)
def test_a_reader_finds_its_way_and_nothing_is_wider_than_the_screen(
    kind: str, lang: str, size: str, scheme: str, opened: Any
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = opened(kind, lang, size, scheme)
    assert page.get_attribute("html", "lang") == lang
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    found = Axe().run(page).response["violations"]
    serious = [
        (item["id"], [node["html"][:120] for node in item["nodes"]][:3])
        for item in found
        if item["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize("kind", KINDS)
def test_it_has_no_word_of_the_other_language_and_the_same_numbers(kind: str, opened: Any) -> None:
    told = {lang: opened(kind, lang).evaluate(TOLD) for lang in ("en", "zh")}
    assert not [text for text in told["en"] if CHINESE.search(text)]
    assert {word for text in told["zh"] for word in WORD.findall(text)} - NAMES - OWN_NAMES == set()
    if kind != "report":  # which has the time of the run and of its writing
        numbers = {lang: Counter(NUMBER.findall(" ".join(told[lang]))) for lang in told}
        assert numbers["en"] == numbers["zh"]


HOSTILE = """</script><img src=x onerror="document.title='1'">'"{0}{root}$& 权重"""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_name_is_text_in_every_kind_of_page(lang: str, browser: Any, tmp_path: Path) -> None:
    w: Any = Tensor(2.0, name=HOSTILE)
    loss: Any = np.tanh(w * w)
    loss.name = HOSTILE
    model = Sequential([Dense(1, name=HOSTILE.replace("/", ""))], name=HOSTILE)
    model.compile("sgd", "mse")
    x = np.linspace(-1, 1, 8).reshape(4, 2)
    files = [
        viz.explore(loss, tmp_path / "graph.html", lang=lang).path,
        viz.exercise(loss, ask="gradients", lang=lang).save(tmp_path / "sheet.html"),
        viz.film(model, x, x[:, 0], 2, tmp_path / "film.html", lang=lang, verbose=0).path,
        model.explore(x, x[:, 0], tmp_path / "model.html", lang=lang).path,
        viz.report(model, tmp_path / "report.html", lang=lang),
    ]
    said: list[str] = []
    for file in files:
        page = browser.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text))
        page.goto(file.as_uri())
        page.wait_for_timeout(150)
        assert page.title() != "1" and page.locator("img").count() == 0
        assert "onerror" in page.content()  # as text
        page.close()
    assert said == []
