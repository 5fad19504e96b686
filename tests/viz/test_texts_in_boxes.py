"""No text leaves its box or crosses a frame: pictures in a real browser, by the text's width."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, scope, viz
from tests.viz.test_random_graphs import BINARY, DETAILS, UNARY

pytestmark = pytest.mark.browser

GALLERY = Path(__file__).parents[2] / "examples" / "pictures"

OUTSIDE = """() => {
  const found = [];
  for (const node of document.querySelectorAll('g.node')) {
    const shapes = [...node.querySelectorAll('polygon, path, ellipse')];
    const frames = shapes.map((shape) => shape.getBoundingClientRect());
    const least = (side) => Math.min(...frames.map((frame) => frame[side]));
    const most = (side) => Math.max(...frames.map((frame) => frame[side]));
    for (const text of node.querySelectorAll('text')) {
      const letters = text.textContent.trimEnd().length;
      if (!letters) continue;
      const frame = text.getBoundingClientRect();
      const width = text.getEndPositionOfChar(letters - 1).x - text.getStartPositionOfChar(0).x;
      const end = frame.left + (width * frame.width) / text.getComputedTextLength();
      const isInside = frame.left >= least('left') && end <= most('right') + 0.5 &&
        frame.top >= least('top') - 3 && frame.bottom <= most('bottom') + 3;
      if (!isInside) found.push(text.textContent);
    }
  }
  return found;
}"""
"""The texts that leave their boxes by more than the room between lines of letters."""

ACROSS = """() => {
  const around = (frames) => ({
    left: Math.min(...frames.map((frame) => frame.left)),
    right: Math.max(...frames.map((frame) => frame.right)),
    top: Math.min(...frames.map((frame) => frame.top)),
    bottom: Math.max(...frames.map((frame) => frame.bottom)),
  });
  const drawn = (part) => around(
    [...part.querySelectorAll('polygon, path, ellipse')].map((x) => x.getBoundingClientRect()));
  const letters = (text) => {
    const { left, top, bottom, width } = text.getBoundingClientRect();
    const count = text.textContent.trimEnd().length;
    const end = text.getEndPositionOfChar(count - 1).x - text.getStartPositionOfChar(0).x;
    const right = left + (end * width) / text.getComputedTextLength();
    return { left, right, top: top + 1, bottom: bottom - 1 }; // of which letters leave some free
  };
  const meet = (a, b) => a.left < b.right - 0.5 && a.right > b.left + 0.5 &&
    a.top < b.bottom - 0.5 && a.bottom > b.top + 0.5;
  const isIn = (a, b) => a.left >= b.left - 0.5 && a.right <= b.right + 0.5 &&
    a.top >= b.top - 0.5 && a.bottom <= b.bottom + 0.5;
  const shown = (selector) => [...document.querySelectorAll(selector)].filter(
    (part) => part.checkVisibility() && part.getBoundingClientRect().width);
  const frames = shown('g.cluster').map(drawn);
  const boxes = shown('g.node').map(drawn);
  const found = [];
  const labels = [];
  for (const edge of shown('g.edge')) {
    const texts = [...edge.querySelectorAll('text')].filter((text) => text.textContent.trim());
    if (!texts.length) continue;
    const label = around(texts.map(letters));
    if (frames.some((frame) => meet(label, frame) && !isIn(label, frame)) ||
      [...boxes, ...labels].some((other) => meet(label, other))) found.push(texts[0].textContent);
    labels.push(label);
  }
  return found;
}"""
"""The labels of edges that cross the frame of a layer, or lie on a box or on another label."""


@pytest.fixture(scope="module")
def page(browser: Any) -> Any:
    return browser.new_page()


@pytest.mark.parametrize("path", sorted(GALLERY.glob("*.svg")), ids=lambda path: path.stem)
def test_in_the_gallery(page: Any, path: Path) -> None:
    page.goto(path.as_uri())
    assert page.locator("g.node").count() > 0
    assert page.evaluate(OUTSIDE) == []
    assert page.evaluate(ACROSS) == []


def graph(seed: int) -> Tensor:
    """Up to twelve operations on some 2 × 2 leaves, some of them in one of two scopes."""
    choice, numbers = random.Random(seed), np.random.default_rng(seed)
    pool: list[Any] = [Tensor(numbers.standard_normal((2, 2)), name=f"t{n}") for n in range(3)]

    def computed() -> Any:
        if choice.random() < 0.5:
            return choice.choice(UNARY)(choice.choice(pool))
        return choice.choice(BINARY)(choice.choice(pool), choice.choice(pool))

    for _ in range(choice.randint(1, 12)):
        if choice.random() < 0.4:
            with scope(f"part {choice.randint(1, 2)}"):
                pool.append(computed())
        else:
            pool.append(computed())
    loss: Tensor = pool[-1].sum()
    return loss


@pytest.mark.parametrize("edges", DETAILS)
def test_in_random_graphs(page: Any, edges: Any) -> None:
    page.goto("about:blank")
    for seed in range(50):
        page.set_content(viz.draw(graph(seed), edges=edges, depth=1 if seed % 3 else None).svg())
        assert page.evaluate(OUTSIDE) == [], seed
        assert page.evaluate(ACROSS) == [], seed
