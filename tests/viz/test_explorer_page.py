"""The page of the explorer in a real browser: Chromium, offline."""

import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Sequential, Tensor, gradients, ops, set_random_seed, viz
from autograd_nn.datasets import load_digits
from autograd_nn.layers import Dense
from autograd_nn.losses import BinaryCrossentropy
from autograd_nn.viz.graph import notation
from autograd_nn.viz.page import cells
from tests.engine.samples import SAMPLES
from tests.helpers import without_graphviz
from tests.javascript.node import assert_equals
from tests.viz.graphs import lesson, network
from tests.viz.pages import leaves_of, numbers_travelling
from tests.viz.test_boxes import chain, recurrent
from tests.viz.test_terms import losses_of
from tests.viz.test_texts_in_boxes import ACROSS

pytestmark = pytest.mark.browser

DESK, PHONE = {"width": 1400, "height": 800}, {"width": 390, "height": 844}
READY_WITHIN = 2000
"""Milliseconds. The page says itself when its script has run and its first picture is in place."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages that the tests open."""
    patch = pytest.MonkeyPatch()
    patch.setattr(cells, "ROWS", 10**6)  # for that of all operations
    folder = tmp_path_factory.mktemp("pages")

    def written(name: str, loss: Tensor) -> Path:
        return viz.explore(loss, folder / f"{name}.html").path

    strange: Any = Tensor(np.array([[1.0, -2.0, np.nan, np.inf] * 10] * 3), name="strange")
    many: Any = Tensor(0.5, name="w")
    large = Tensor(np.arange(6400.0).reshape(80, 80), name="large")
    found = {
        "lesson": written("lesson", lesson().loss),
        "network": written("network", network()[0]),
        "tutorial": _tutorial(folder / "tutorial.html"),
        "strange": written("strange", (strange * 2.0).sum()),
        "many": written("many", sum([many] * 39, many)),
        "varied": written("varied", _varied()),
        "operations": without_graphviz(lambda: written("operations", _operations())),
        "large": written("large", (large * 2.0).mean()),
        "vector": written("vector", Tensor([1.0, 2.0]) * 3.0),
        "hostile": written("hostile", _hostile()),
        "recurrent": written("recurrent", recurrent(10)),
        "chain": written("chain", chain(1000)),
        "bare": without_graphviz(lambda: written("bare", network()[0])),
    }
    patch.undo()
    return found


def _tutorial(path: Path) -> Path:
    """The network of the lesson with its labels and update, before any training."""
    set_random_seed(0)
    (x, y), _ = load_digits(classes=(0, 1))
    model = Sequential([Dense(units, activation="sigmoid") for units in (25, 15, 1)])
    model.compile(loss=BinaryCrossentropy())
    written: Path = model.explore(x[:32], y[:32], path).path
    return written


def _varied() -> Tensor:
    """Products of matrices and vectors, sums over some axes, broadcasting in every direction."""
    random = np.random.default_rng(0)
    x = Tensor(random.standard_normal((5, 3)), name="x")
    w = Tensor(random.standard_normal((3, 4)), name="w")
    u, v = (Tensor(random.standard_normal(n), name=f"u{n}") for n in (5, 4))
    column = Tensor(random.standard_normal((5, 1)), name="column")
    h: Any = x @ w - v
    h = h / (1.5 + np.tanh(column)) + column * v
    parts = [
        (u @ h).mean(),
        (h @ v).sum() * (u @ u),
        h.sum(axis=1, keepdims=True).mean(axis=0).sum(),
        h.mean(axis=(0, 1)) ** 2 * (h.max() - x.reshape(15).sum()),
        ops.softmax(h).mean(axis=-1) @ u,
        np.concatenate([u, v]).sum(),
    ]
    total: Any = sum(parts[1:], parts[0])
    return total


def _operations() -> Tensor:
    """Every operation once, added up."""
    found = [loss for name in SAMPLES for loss in losses_of(name, SAMPLES[name][0])]
    total: Any = sum(found[1:], found[0])
    return total


HOSTILE = '<img src=x onerror="document.title=1">'


def _hostile() -> Tensor:
    w = Tensor(2.0, name=HOSTILE)
    loss: Any = w * w
    loss.name = "</script><script>document.title = 1</script>"
    return loss


@pytest.fixture
def opened(browser: Any, files: dict[str, Path]) -> Iterator[Callable[..., Any]]:
    """Open a page; at the end it must have had no error and have asked for nothing."""
    contexts, troubles = [], []
    own = {path.as_uri() for path in files.values()}

    def requested(address: str) -> None:
        if re.split("[?#]", address)[0] not in own:
            troubles.append(f"request: {address}")

    def open_page(name: str, hash: str = "", size: dict[str, int] = DESK, **options: Any) -> Any:
        context = browser.new_context(viewport=size, offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("console", lambda message: troubles.append(f"console: {message.text}"))
        page.on("request", lambda request: requested(request.url))
        page.goto(files[name].as_uri() + hash)
        page.wait_for_selector("html[data-ready]", state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def until(page: Any, condition: str) -> None:
    """Wait until a condition holds; the page's policy lets no string be run again and again."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"It never came to {condition}")


def sentence(page: Any) -> str:
    return str(page.text_content("#sentence"))


def step_of(page: Any) -> int:
    found = re.search(r"step (\d+) of", page.text_content("#place"))
    assert found is not None
    return int(found[1])


def at(page: Any, step: int) -> None:
    page.evaluate("step => goTo(step)", step)


# ------------------------------------------------------------------ what it tells


@pytest.mark.parametrize(("name", "loss"), [("lesson", lesson()[0]), ("network", network()[0])])
def test_the_sentences_are_those_of_steps(opened: Any, name: str, loss: Tensor) -> None:
    page = opened(name)
    expected = [step.sentence for step in viz.steps(loss)]
    told = [sentence(page)]
    while page.is_enabled("#next"):
        page.click("#next")
        told.append(sentence(page))
    assert told == expected
    page.click("#all-steps summary")
    page.wait_for_selector("#row-1")
    assert page.locator("#rows td:last-child").all_text_contents() == expected


@pytest.mark.parametrize(("name", "loss"), [("lesson", lesson()[0]), ("network", network()[0])])
def test_the_running_sums_end_as_the_gradients(opened: Any, name: str, loss: Tensor) -> None:
    page = opened(name, "#s=999")
    leaves = leaves_of(loss)
    for (node, leaf), gradient in zip(
        leaves.items(), gradients(loss, list(leaves.values())), strict=True
    ):
        numbers = page.evaluate(
            "id => { const sum = gradientAt(id, steps.length); "
            "return sum && Array.from(valuesOf(sum)); }",
            node,
        )
        if gradient is None:
            assert numbers is None
        else:
            assert_equals(numbers, gradient, 1e-6 if leaf.dtype == np.float32 else 1e-12)


def test_the_page_is_ready_soon(opened: Any) -> None:
    page = opened("network")
    assert int(page.get_attribute("html", "data-ready")) < READY_WITHIN
    assert page.is_visible("#layout-closed svg g.node")


def test_gradients_are_hidden_until_their_step(opened: Any) -> None:
    page = opened("lesson")
    texts = page.locator("#layout-open text.gradient")
    assert set(texts.all_text_contents()) == {"–", ""}  # a sum stands on several lines
    assert not page.locator("#layout-open .edge.flows text").first.is_visible()
    assert "not reached yet" in page.text_content("#panel")
    found = lesson()
    at(page, len(viz.steps(found.loss)))
    assert "–" not in set(texts.all_text_contents())
    assert f"{found.by_w:.4g}" in " ".join(texts.all_text_contents())


def test_values_are_hidden_until_their_step(opened: Any) -> None:
    page = opened("lesson")
    values = "#layout-open [aria-label{}] text.value"
    assert page.text_content(values.format("='w, parameter'")).strip() == "2"
    assert page.text_content(values.format("$='= w × x'")).strip() == "0.6"
    assert page.text_content(values.format("^='L, ='")) == "–"
    found, count = lesson(), len(viz.steps(lesson().loss))
    at(page, count // 2)
    assert page.text_content(values.format("^='L, ='")).strip() == f"{found.loss.item():.4g}"
    at(page, 1)
    assert page.text_content(values.format("^='L, ='")) == "–"


def test_what_is_now_is_framed_and_what_is_not_reached_is_dotted(opened: Any) -> None:
    page = opened("network", "#s=1&l=open")
    assert page.locator("#layout-open rect.ring").count() == 1
    future = page.locator("#layout-open .node.future")
    assert future.count() == 10  # of 11 operations the first is done
    dashes = future.first.locator("path, polygon").first.evaluate(
        "part => getComputedStyle(part).strokeDasharray"
    )
    assert dashes != "none"
    assert page.locator("#layout-open .edge.now").count() == 2  # x and the kernel
    at(page, 27)
    assert future.count() == 0
    assert page.locator("#layout-open .edge.now").count() == 1
    assert page.locator("#layout-open .edge.flows:not(.done)").count() == 0


# ------------------------------------------------------------------ moving


def test_keys(opened: Any) -> None:
    page = opened("lesson")
    steps = viz.steps(lesson().loss)
    backward = 1 + [step.phase for step in steps].index("backward")
    for key, expected in [
        *(("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("End", len(steps))),
        *(("ArrowRight", len(steps)), ("Home", 1), ("ArrowLeft", 1), ("b", backward), ("f", 1)),
    ]:
        page.keyboard.press(key)
        assert step_of(page) == expected, key
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("b")  # in a field a letter is a letter
    assert step_of(page) == 1


def test_play_and_pause(opened: Any) -> None:
    page = opened("lesson")
    page.select_option("#speed", "fast")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press(" ")
    assert page.text_content("#play") == "Pause"
    until(page, "state.step >= 3")
    page.keyboard.press(" ")
    assert page.text_content("#play") == "Play"
    stopped = step_of(page)
    page.wait_for_timeout(700)
    assert step_of(page) == stopped


def test_the_scrubber(opened: Any) -> None:
    page = opened("lesson")
    page.locator("#scrubber").fill("14")
    assert step_of(page) == 14
    assert (
        page.get_attribute("#scrubber", "aria-valuetext") == f"14 of {len(viz.steps(lesson()[0]))}"
    )


def test_the_address_keeps_the_step_and_the_layers(opened: Any) -> None:
    page = opened("network")
    page.click("text=All open")
    at(page, 16)
    assert page.url.endswith("#s=16&l=open")
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    assert step_of(page) == 16
    assert page.is_visible("#layout-open svg")
    page.evaluate("location.hash = '#s=3&l=closed'")
    until(page, "state.step === 3 && state.layout === 'closed'")
    for nonsense in ("#s=abc&l=nowhere", "#%", "#s=-4", "#s=1e9"):
        page.evaluate("hash => { location.hash = hash }", nonsense)
        page.wait_for_timeout(50)
        assert 1 <= step_of(page) <= 27


# ------------------------------------------------------------------ the picture


def test_layers_open_by_a_click_and_by_a_key(opened: Any) -> None:
    page = opened("network")
    closed = page.locator("#layout-closed [role=button]").filter(has_text="dense_1")
    closed.first.click()
    assert page.is_visible("#layout-layer-2 svg")
    assert page.get_attribute("[data-layout=layer-2]", "aria-pressed") == "true"
    page.click("text=Layers closed")
    page.locator("#layout-closed [role=button]").filter(has_text="dense_2").first.focus()
    page.keyboard.press("Enter")
    assert page.is_visible("#layout-layer-3 svg")


def test_a_node_is_selected_by_a_click_and_by_a_key(opened: Any) -> None:
    page = opened("lesson")
    page.locator("#layout-open [aria-label='w, parameter']").click()
    assert page.text_content("#panel h2 .label") == "w"
    page.locator("#layout-open [aria-label='x, constant']").focus()
    page.keyboard.press("Enter")
    assert page.text_content("#panel h2 .label") == "x"
    page.keyboard.press("ArrowRight")  # the panel follows the step
    assert page.text_content("#panel h2 .label") not in ("x", "w")


def test_size_and_place_of_the_picture(opened: Any) -> None:
    page = opened("network")
    scale = page.evaluate("box.scale")
    page.click("#larger")
    assert page.evaluate("box.scale") == pytest.approx(1.25 * scale)
    page.keyboard.press("-")
    assert page.evaluate("box.scale") == pytest.approx(scale)
    # The wheel keeps what is under the pointer where it is.
    node = page.locator("#layout-closed [role=button]").filter(has_text="dense_1").first
    before = node.bounding_box()
    page.mouse.move(before["x"], before["y"])
    page.mouse.wheel(0, -300)
    until(page, f"box.scale > {1.5 * scale}")
    after = node.bounding_box()
    assert after["width"] > 1.5 * before["width"]
    assert after["x"] == pytest.approx(before["x"], abs=2)
    page.mouse.down()
    page.mouse.move(before["x"] + 50, before["y"] + 30)
    page.mouse.up()
    moved = node.bounding_box()
    assert (moved["x"] - after["x"], moved["y"] - after["y"]) == pytest.approx((50, 30), abs=2)
    page.keyboard.press("Shift+ArrowRight")
    assert node.bounding_box()["x"] == pytest.approx(moved["x"] - 80, abs=2)
    assert page.is_visible("#layout-closed svg")  # a drag opens no layer
    page.keyboard.press("0")
    for part in page.locator("#layout-closed g.node").all():
        frame, view = part.bounding_box(), page.locator("#view").bounding_box()
        assert frame["x"] >= view["x"] - 1
        assert frame["x"] + frame["width"] <= view["x"] + view["width"] + 1


def test_what_happens_now_is_in_view(opened: Any) -> None:
    page = opened("network", "#s=1&l=open")
    view = page.locator("#view").bounding_box()
    for step in range(1, 28):
        at(page, step)
        ring = page.locator("#layout-open rect[class=ring]").bounding_box()
        assert (
            view["y"] - 8 <= ring["y"]
            and ring["y"] + ring["height"] <= view["y"] + view["height"] + 8
        )
        assert (
            view["x"] - 8 <= ring["x"]
            and ring["x"] + ring["width"] <= view["x"] + view["width"] + 8
        )


def test_searching_by_name(opened: Any) -> None:
    page = opened("network", "#s=1&l=open")
    page.fill("#find", "dense_2/kernel")
    page.keyboard.press("Enter")
    assert page.text_content("#panel h2 .label") == "dense_2/kernel"
    ring = page.locator("#layout-open rect[class='ring selected']").bounding_box()
    view = page.locator("#view").bounding_box()
    assert view["y"] - 8 <= ring["y"] <= view["y"] + view["height"]
    page.fill("#find", "nonsense")
    page.keyboard.press("Enter")
    assert page.text_content("#find-said") == "no such node"
    assert page.locator("#names option").count() == 19


# ------------------------------------------------------------------ what is inside of boxes


@pytest.mark.parametrize("name", ["recurrent", "chain", "network"])
def test_every_box_opens_and_every_step_is_seen_in_one(opened: Any, name: str) -> None:
    page = opened(name)
    boxes, bad = page.evaluate("""() => {
      const [waiting, seen, bad] = [[data.layouts[0].name], new Set(), []];
      while (waiting.length && seen.size < 60) {
        const name = waiting.pop();
        if (seen.has(name)) continue;
        seen.add(name);
        openLayout(name);
        const layout = currentLayout();
        for (const [id, members] of layout.members) {
          if (!partOf(layout, id)) bad.push(`${name}: no part ${id}`);
          if (members.length > 1 && !layout.opens[id]) bad.push(`${name}: ${id} cannot be opened`);
        }
        for (const [edge] of layout.flows) {
          if (!partOf(layout, edge)) bad.push(`${name}: no edge ${edge}`);
        }
        waiting.push(...Object.values(layout.opens));
      }
      return [seen.size, bad];
    }""")
    assert bad == []
    assert boxes > 3


def test_a_box_is_opened_by_clicks_down_to_its_operations_and_left(opened: Any) -> None:
    page = opened("chain", "#s=1")
    for _ in range(3):
        page.locator(".layout:not([hidden]) .node.now[aria-label^=Open]").click()
    assert page.locator("#trail button").all_text_contents() == [
        "› steps 1 to 84", "› steps 1 to 7", "› step 1",
    ]  # fmt: skip
    shown = page.locator(".layout:not([hidden])")
    assert shown.locator("[aria-label='v1, = w × h']").is_visible()
    assert shown.locator(".edge text").count() > 3 and page.evaluate(ACROSS) == []
    assert shown.locator("[aria-label='v1, = w × h'] text.value").text_content() == "0.05"
    assert shown.locator("[aria-label='v2, = v1 + 0.1'] text.value").text_content() == "–"
    page.keyboard.press("ArrowRight")
    assert shown.locator("[aria-label='v2, = v1 + 0.1'] text.value").text_content() == "0.15"
    at(page, 2000)
    assert page.text_content("#there-chip").startswith("Now in step ")
    page.click("#there-chip")
    assert not page.is_visible("#there-chip")
    assert page.locator(".layout:not([hidden]) .node.now").count() >= 1
    where = page.evaluate("state.layout")
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    assert page.evaluate("state.layout") == where
    page.locator("#trail button").first.click()
    page.click("#layouts button >> nth=0")
    assert page.locator("#trail button").count() == 0


# ------------------------------------------------------------------ what is seen at first

SMALLEST = 11
"""Pixels: no letter is smaller at first sight."""

LETTERS = """() => {
  const view = document.getElementById('view').getBoundingClientRect();
  const found = { smallest: Infinity, outside: 0, sideways: 0, low: [] };
  for (const text of document.querySelectorAll('.layout:not([hidden]) svg text')) {
    const frame = text.getBoundingClientRect();
    if (!frame.width) continue;
    const seen = frame.left < view.right && frame.right > view.left &&
      frame.top < view.bottom && frame.bottom > view.top;
    if (!seen) { found.outside += 1; continue; }
    const { a, b } = text.getScreenCTM();
    const size = parseFloat(getComputedStyle(text).fontSize) * Math.hypot(a, b);
    found.smallest = Math.min(found.smallest, size);
  }
  const isText = (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim();
  for (const part of document.querySelectorAll('body *:not(svg, svg *, .skip)')) {
    if (!part.getClientRects().length || ![...part.childNodes].some(isText)) continue;
    found.smallest = Math.min(found.smallest, parseFloat(getComputedStyle(part).fontSize));
  }
  found.sideways = document.documentElement.scrollWidth - innerWidth;
  for (const part of document.querySelectorAll('button:not(.skip), input, select, summary')) {
    const { width, height } = part.getBoundingClientRect();
    if (width && Math.min(width, height) < 24) found.low.push(part.id || part.textContent);
  }
  return found;
}"""

SIZES = [{"width": 1366, "height": 768}, DESK, PHONE]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
@pytest.mark.parametrize(
    "name", ["lesson", "tutorial", "network", "varied", "many", "recurrent", "chain"]
)
def test_what_is_seen_at_first_can_be_read(opened: Any, name: str, size: dict[str, int]) -> None:
    found = opened(name, size=size).evaluate(LETTERS)
    assert found["smallest"] >= SMALLEST
    assert found["sideways"] <= 0
    assert found["low"] == []
    if name in ("lesson", "tutorial") and size is not PHONE:
        assert found["outside"] == 0  # thirteen boxes, or seven with three closed layers


def test_a_loss_out_of_view_is_told_in_a_corner(opened: Any) -> None:
    page = opened("lesson", size=PHONE)
    assert page.text_content("#root-chip") == "L –"
    page.click("#root-chip")
    assert not page.is_visible("#root-chip")
    assert not opened("lesson").is_visible("#root-chip")


def test_the_class_view_is_the_sentence_and_the_picture(opened: Any) -> None:
    page = opened("lesson")
    before = page.evaluate("box.scale")
    page.keyboard.press("c")
    assert page.url.endswith("&class")
    assert not page.is_visible("#panel") and not page.is_visible("header")
    size = page.evaluate(
        "parseFloat(getComputedStyle(document.getElementById('sentence')).fontSize)"
    )
    assert size >= 28
    assert page.evaluate("box.scale") > before
    page.wait_for_timeout(50)  # what watches the size of the view has run
    assert page.evaluate(LETTERS)["outside"] == 0
    page.keyboard.press("ArrowRight")
    assert step_of(page) == 2
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    assert step_of(page) == 2 and not page.is_visible("#panel")
    page.keyboard.press("Escape")
    assert page.is_visible("#panel") and "class" not in page.url
    assert not opened("lesson", "#class").is_visible("#panel")


def test_a_page_within_a_slide(opened: Any) -> None:
    page = opened("lesson", "?embed#s=3", size={"width": 960, "height": 540})
    assert not page.is_visible("#panel") and not page.is_visible("header")
    assert page.is_visible("#next") and page.is_visible("#layout-open svg")
    page.click("#next")
    assert step_of(page) == 4
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    # In a narrow frame too the picture takes all the room that the sentence leaves.
    narrow = opened("lesson", "?embed", size={"width": 800, "height": 450})
    below = "document.getElementById('view').getBoundingClientRect().bottom"
    assert narrow.evaluate(below) == pytest.approx(450, abs=2)


def test_what_a_step_is_computed_from_is_in_view_where_there_is_room(opened: Any) -> None:
    page = opened("recurrent", "#l=open")
    room = "(({width, height}) => [width / box.scale, height / box.scale])(viewSize())"
    checked = 0
    for _ in range(8):
        parts = """(() => {
          const { node } = steps[state.step - 1];
          const ids = [node, ...nodes.get(node).inputs].map((id) => shownAs(currentLayout(), id));
          const frame = frameOf(ids.map((id) => partOf(currentLayout(), id)));
          return [frame.width, frame.height, isSeen(frame)];
        })()"""
        width, height, is_seen = page.evaluate(parts)
        if width < page.evaluate(room)[0] and height < page.evaluate(room)[1]:
            assert is_seen
            checked += 1
        page.keyboard.press("ArrowRight")
    assert checked > 2


def test_print_keeps_bars_and_colours(opened: Any) -> None:
    page = opened("network", "#s=27&l=closed")
    page.evaluate("chooseCell('gradient', 49 * 25 + 21)")
    page.emulate_media(media="print")
    for part in ("#terms .bar", "#layout-closed g.node", "#panel"):
        style = page.locator(part).first.evaluate("part => getComputedStyle(part).printColorAdjust")
        assert style == "exact"
    assert page.locator("#terms .bar").first.is_visible()


# ------------------------------------------------------------------ numbers and terms


def terms_of(page: Any) -> list[tuple[str, float]]:
    """What the bars say: the label and the signed number of each."""
    found = []
    for line in page.locator("#terms .bars li:not(.more)").all():
        label = line.locator(".term").evaluate("part => part.firstChild.textContent")
        amount = line.locator(".amount").text_content().replace("−", "-").replace(" ", "")
        found.append((label, float(amount)))
    return found


def test_the_terms_of_a_kernels_gradient_are_examples(opened: Any) -> None:
    loss, names = network()
    page = opened("network", "#s=27&l=closed")
    assert page.text_content("#panel h2 .label") == "dense/kernel"
    page.evaluate("chooseCell('gradient', 49 * 25 + 21)")
    (v2,) = [
        s.node for s in viz.steps(loss) if s.phase == "forward" and s.node.inputs[0] is names["x"]
    ]
    terms = names["x"][:, 49].astype(float) * np.asarray(gradients(loss, v2))[:, 21].astype(float)
    order = np.argsort(-np.abs(terms))
    found = terms_of(page)
    assert [label for label, _ in found] == [f"example {n}" for n in order[:8]]
    assert [amount for _, amount in found] == pytest.approx(terms[order[:8]], rel=1e-3)
    rest = terms[order[8:]].sum()
    assert page.text_content("#terms .more") == f"24 more: sum {notation.number(rest)}"
    kinds = [
        "plus" if "plus" in bar.get_attribute("class") else "minus"
        for bar in page.locator("#terms .bar").all()
    ]
    assert kinds == ["plus" if amount > 0 else "minus" for _, amount in found]


def test_the_terms_of_a_product_of_matrices_forward(opened: Any) -> None:
    loss, names = network()
    page = opened("network")
    page.evaluate("chooseCell('value', 3 * 25 + 7)")
    (kernel,) = [t for t in leaves_of(loss).values() if t.name == "dense/kernel"]
    terms = names["x"][3].astype(float) * kernel.data[:, 7].astype(float)
    order = np.argsort(-np.abs(terms))
    found = terms_of(page)
    assert [label for label, _ in found] == [f"v1[3, {k}]·dense/kernel[{k}, 7]" for k in order[:8]]
    assert [amount for _, amount in found] == pytest.approx(terms[order[:8]], rel=1e-3)
    assert page.text_content("#terms .more").startswith("56 more: sum ")


@pytest.mark.parametrize("name", ["network", "varied", "lesson", "operations"])
def test_the_terms_of_every_element_add_up(opened: Any, name: str) -> None:
    page = opened(name)
    worst, checked, without = page.evaluate("""() => {
      let [worst, checked, without] = [0, 0, []];
      const add = ({ terms, given }, values, i, operation) => {
        if (given) return;
        if (!terms) { without.push(operation); return; }
        const sum = terms.reduce((total, term) => total + term.amount, 0);
        worst = Math.max(worst, Math.abs(sum - values[i]) / (1 + Math.abs(values[i])));
        checked += 1;
      };
      for (const step of steps.filter((step) => step.contribution)) {
        const values = valuesOf(step.contribution);
        const { operation } = nodes.get(step.node);
        if (operation === "part") continue; // put in its place in a tuple
        for (let i = 0; i < values.length; i += 1) {
          add(termsOfContribution(step, i), values, i, operation);
        }
      }
      for (const node of data.nodes.filter((node) => node.operation && node.value)) {
        const values = valuesOf(node.value);
        for (let i = 0; i < values.length; i += 7) {
          add(termsOfValue(node, i), values, i, node.operation);
        }
      }
      return [worst, checked, [...new Set(without)]];
    }""")
    assert checked > 10
    assert worst < (1e-6 if name == "network" else 1e-12)
    assert without == []


def test_a_cell_is_chosen_by_a_click_and_by_keys(opened: Any) -> None:
    page = opened("network")
    page.click("#map-value", position={"x": 1, "y": 1})
    assert "v2[0, 0] =" in page.text_content("#terms")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert "v2[1, 1] =" in page.text_content("#terms")
    assert step_of(page) == 1
    assert page.evaluate("document.activeElement.id") == "map-value"


def test_a_scalar_shows_local_times_upstream(opened: Any) -> None:
    page = opened("lesson", "#s=999")
    assert page.text_content("#panel h2 .label") == "w"
    rows = page.locator(".sums tbody tr:not(.formula)").all_text_contents()
    assert len(rows) == 3
    assert f"{lesson().by_w:.4g}" in rows[-1]
    assert "exactly" in page.text_content("#terms")
    expected = [0.2, 0.2, lesson().by_tanh * lesson().x]
    assert [amount for _, amount in terms_of(page)] == pytest.approx(expected, rel=1e-3)
    # The bars are on one scale.
    widths = [bar.bounding_box()["width"] for bar in page.locator("#terms .bar").all()]
    assert widths[2] / widths[0] == pytest.approx(abs(expected[2]) / 0.2, abs=0.05)


def test_numbers_are_written_as_in_the_sentences(opened: Any) -> None:
    numbers = [
        *(0.0, 1.0, -1.5, 1 / 3, 123.456, 9999.4, 9999.6, 12345.678, 1e-4, 9.99996e-5, 1e-5),
        *(-2.5e-7, 1e22, 6.02214e23, 1e100, 5e-324, 0.1, 0.00012345, 1000.0, 100000.0),
        # Halves of the last digit, which go to the even one.
        *(1.0625, -0.015625, 100.25, 100.75, 9999.5, 72500.5, 72501.5, 9999999.4, 9999999.5, 1e7),
        *(k / 2**m for k in range(1, 4000, 13) for m in range(0, 20, 3)),
    ]
    page = opened("lesson")
    expected = [notation.element(x) for x in numbers]
    assert page.evaluate("xs => xs.map(number)", numbers) == expected
    assert page.evaluate("[NaN, Infinity, -Infinity, -0].map(number)") == [
        "nan",
        "inf",
        "−inf",
        "0",
    ]


def test_numbers_that_are_not_finite_are_counted_and_marked(opened: Any) -> None:
    page = opened("strange")
    page.fill("#find", "strange")
    page.keyboard.press("Enter")
    text = page.text_content("#panel figure")
    assert "min −2, mean −0.5, max 1" in text
    assert "60 not finite" in text
    assert "nan" in text and "infinite" in text
    assert "60 not finite" in page.get_attribute("#map-value", "aria-label")


def test_a_large_array_is_summarised_and_it_says_so(opened: Any) -> None:
    page = opened("large")
    page.fill("#find", "large")
    page.keyboard.press("Enter")
    text = page.text_content("#panel")
    assert "min 0, mean 3200, max 6399" in text
    assert "6,400 elements. The picture has the means of blocks." in text
    assert page.locator("#panel canvas").count() == 1


# ------------------------------------------------------------------ the exercise


def test_the_exercise(opened: Any) -> None:
    page = opened("lesson")
    steps = list(viz.steps(lesson().loss))
    asked = [n for n, step in enumerate(steps) if step.operation == "power" and step.slot == 0]
    first = asked[0]
    at(page, first)
    page.click("#exercise-switch")
    page.click("#next")
    assert step_of(page) == first  # not revealed yet
    assert page.is_visible("#question")
    assert "contribute" in page.text_content("#asked")
    assert "Three digits" in page.text_content("#tolerance")
    page.fill("#answer", "what?")
    page.keyboard.press("Enter")
    assert "Write a number" in page.text_content("#verdict")
    right = float(steps[first].contribution)
    page.fill("#answer", f"{right * 1.01:.6f}")
    page.keyboard.press("Enter")
    assert step_of(page) == first + 1
    assert "Right: it is" in page.text_content("#verdict")
    assert "1 of 1 right" in page.text_content("#verdict")
    at(page, first)
    page.click("#next")
    page.fill("#answer", "123")
    page.click("text=Check")
    assert step_of(page) == first
    assert "no common mistake gives that number" in page.text_content("#verdict")
    assert "1 of 2 right" in page.text_content("#verdict")
    page.fill("#answer", f"{-right:.3g}".replace("-", "−"))
    page.keyboard.press("Enter")
    assert "the sign is turned round, from v5, its base, to v4." in page.text_content("#verdict")
    assert "1 of 2 right" in page.text_content("#verdict")  # it counts by its first answer
    page.click("text=Show it")
    assert step_of(page) == first + 1
    assert "It is −" in page.text_content("#verdict")
    page.click("#exercise-switch")
    page.click("#next")
    assert not page.is_visible("#question")


def test_the_exercise_asks_for_the_new_sum_where_something_was_there(opened: Any) -> None:
    steps = list(viz.steps(lesson().loss))
    second = next(n for n, step in enumerate(steps) if step.before is not None)
    page = opened("lesson", f"#s={second}")
    page.click("#exercise-switch")
    page.keyboard.press("ArrowRight")
    assert f"is {float(steps[second].before):.4g}. What is it with" in page.text_content("#asked")
    step = steps[second]
    page.fill("#answer", repr(float(step.contribution)))
    page.keyboard.press("Enter")
    if not np.isclose(step.contribution, step.after):
        assert "overwritten instead of added" in page.text_content("#verdict")
    page.fill("#answer", repr(float(step.after)))
    page.keyboard.press("Enter")
    assert "Right" in page.text_content("#verdict")


def test_the_exercise_asks_one_element_of_an_array(opened: Any) -> None:
    page = opened("network", "#s=26")
    page.click("#exercise-switch")
    page.click("#next")
    place = re.search(r"\[(\d+), (\d+)\]\?$", page.text_content("#asked"))
    assert place is not None
    loss, _ = network()
    kernel = list(viz.steps(loss))[26].input
    gradient = np.asarray(gradients(loss, kernel))
    where = (int(place[1]), int(place[2]))
    assert where == np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
    assert "more add up to" in page.text_content("#given")
    page.fill("#answer", str(gradient[where] / 32))
    page.keyboard.press("Enter")
    assert "the mean over the examples" in page.text_content("#verdict")
    page.fill("#answer", str(gradient[where]))
    page.keyboard.press("Enter")
    assert "0 of 1 right" in page.text_content("#verdict")
    assert f"[{where[0]}, {where[1]}]" in page.text_content("#terms")


# ------------------------------------------------------------------ other pages, other readers


def test_without_graphviz_the_page_draws_its_picture_itself(opened: Any) -> None:
    page = opened("bare")
    assert "pip install 'autograd-nn[viz]'" in page.text_content("#no-graphviz")
    assert not opened("network").is_visible("#no-graphviz")
    shown = page.locator(".layout:not([hidden])")
    names = ["v1, constant", "Open dense", "Open dense_1", "Open dense_2"]
    labels = [part.get_attribute("aria-label") for part in shown.locator("g.node").all()]
    assert names == sorted(labels, key=[*names, *labels].index)[:4]
    page.keyboard.press("End")
    assert sentence(page) == list(viz.steps(network()[0]))[-1].sentence
    page.evaluate("chooseCell('gradient', 0)")
    assert page.locator("#terms .bars li").count() == 9
    assert page.url.endswith("#s=27&l=/")
    shown.locator("[aria-label='Open dense_1']").click()
    assert page.locator("#trail button").all_text_contents() == ["› dense_1"]
    assert shown.locator("[aria-label^='dense_1/z, =']").is_visible()
    page.click("#layouts button")
    assert page.locator("#trail button").count() == 0


def test_a_page_of_forward_steps_says_why(opened: Any) -> None:
    page = opened("vector")
    page.keyboard.press("End")
    assert step_of(page) == 1
    assert "No backward steps: the root is not a scalar." in page.text_content("#place")
    assert "not computed: the root is not a scalar" in page.text_content("#panel")


def test_names_are_text(opened: Any) -> None:
    page = opened("hostile", "#s=999")
    assert page.title().startswith("Backpropagation of </script>")
    assert HOSTILE[:31] in page.text_content("#panel h2 .label")
    assert page.locator("img").count() == 0
    # The data, what inflates the script of the page, and that script.
    assert page.locator("script").count() == 3


def in_a_frame(browser: Any, file: Path, attribute: str = "") -> tuple[Any, Any, list[str]]:
    """A page that shows the file as a notebook does, the frame in it, and what went wrong."""
    frame = viz.Page(file, file.read_bytes().decode())._repr_mimebundle_()["text/html"]
    page, errors = browser.new_context(viewport=DESK, offline=True).new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text))
    page.set_content(frame.replace("<iframe", f"<iframe {attribute}", 1))
    return page, page.frame_locator("iframe"), errors


def test_in_a_frame_of_a_notebook_it_works_without_an_address(
    browser: Any, files: dict[str, Path]
) -> None:
    page, inner, errors = in_a_frame(browser, files["lesson"])
    inner.locator("#next").click()
    assert "step 2 of" in inner.locator("#place").text_content()
    assert errors == []
    page.context.close()


def test_in_a_frame_that_is_shown_later_the_picture_is_placed_then(
    browser: Any, files: dict[str, Path]
) -> None:
    page, inner, errors = in_a_frame(browser, files["lesson"], "hidden")
    inner.locator("#place").wait_for(state="attached")
    page.wait_for_timeout(300)
    page.evaluate("document.querySelector('iframe').hidden = false")
    inner.locator("#next").click()
    box = inner.locator(".layout:not([hidden]) svg").first.get_attribute("viewBox")
    width, height = map(float, box.split()[2:])
    assert width > 100 and height > 100
    assert errors == []
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", ["lesson", "network", "strange", "bare"])
def test_an_accessibility_checker_finds_nothing_serious(
    opened: Any, name: str, size: dict[str, int], scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = opened(
        name, "#s=14", size, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True
    )
    page.evaluate("chooseCell('value', 0)")
    page.click("#all-steps summary")
    if name == "lesson":
        page.click("#exercise-switch")
        page.evaluate("goOn()")
        assert page.is_visible("#question")
    found = Axe().run(page).response["violations"]
    serious = [
        (item["id"], [node["html"][:120] for node in item["nodes"]][:3])
        for item in found
        if item["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_nothing_is_wider_than_the_screen(opened: Any, size: dict[str, int], scheme: str) -> None:
    page = opened("network", "#s=22", size, color_scheme=scheme)
    page.evaluate("chooseCell('gradient', 0)")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    theme = page.evaluate("document.documentElement.dataset.theme")
    assert theme == scheme
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    light = sum(map(int, re.findall(r"\d+", background)[:3])) > 3 * 128
    assert light == (scheme == "light")
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") != scheme


def test_no_motion_where_none_is_wanted(opened: Any) -> None:
    for motion, moving in (("reduce", "none"), ("no-preference", "flow")):
        page = opened("network", "#s=22", reduced_motion=motion)
        name = page.locator("#layout-closed .edge.now path").evaluate(
            "part => getComputedStyle(part).animationName"
        )
        assert name == moving


def test_on_paper_there_are_the_picture_and_all_steps_and_no_controls(opened: Any) -> None:
    page = opened("network", "#s=22", color_scheme="dark")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert not page.is_visible(".controls")
    assert not page.is_visible("#exercise-switch")
    assert page.is_visible("#layout-closed svg")
    assert page.is_visible("#row-27")
    ink = page.evaluate("getComputedStyle(document.body).color")
    assert sum(map(int, re.findall(r"\d+", ink)[:3])) < 3 * 128  # dark on white
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_of_many_contributions_the_latest_are_listed(opened: Any) -> None:
    page = opened("many", "#s=999")
    assert page.text_content("#panel h2 .label") == "w"
    assert page.locator(".sums tbody tr:not(.formula)").count() == 10
    assert "30 earlier" in page.text_content(".sums")
    assert "The latest 10 of 40" in page.text_content("#terms")
    # Σ w = 40 w at w = 0.5, each of the uses contributing 1.
    assert page.locator(".sums .current td").all_text_contents() == ["1", "40"]
    page.keyboard.press("b")
    page.fill("#find", "w")
    page.keyboard.press("Enter")
    assert "37 more to come" in page.text_content(".sums")


def test_backward_the_arrow_points_the_other_way(opened: Any) -> None:
    page = opened("lesson", "#s=1")
    ends = "part => [getComputedStyle(part.querySelector('path')).markerStart, "
    ends += "getComputedStyle(part.querySelector('polygon')).visibility]"
    assert page.locator(".edge.now").first.evaluate(ends) == ["none", "visible"]
    page.keyboard.press("End")
    assert page.locator(".edge.now").first.evaluate(ends) == ['url("#flow-head")', "hidden"]


def test_sums_and_means_name_the_share(opened: Any) -> None:
    page = opened("network", "#s=13")
    page.evaluate("chooseCell('gradient', 3)")
    assert terms_of(page) == [("its share of ∂loss/∂loss", pytest.approx(1 / 32, rel=1e-3))]
    assert "1 ÷ 32" in page.text_content("#terms")


def test_a_softmax_shows_what_it_came_from(browser: Any, tmp_path: Path) -> None:
    x = Tensor([[1.0, 2.0]], name="x")
    page_file = viz.explore(ops.max(ops.softmax(x)), tmp_path / "softmax.html")
    context = browser.new_context(viewport=DESK, offline=True)
    page = context.new_page()
    page.goto(Path(page_file).as_uri() + "#s=1")
    page.evaluate("chooseCell('value', 0)")
    told = page.locator("#terms .given li").all_text_contents()
    p = 1 / (1 + np.e)
    slope = f"{p * (1 - p):.4g}"
    assert told == [f"x[0, 0] = 1 slope {slope} × 1", f"x[0, 1] = 2 slope −{slope} × 2"]
    page.evaluate("goTo(steps.length)")
    page.evaluate("chooseCell('gradient', 1)")
    assert page.locator("#terms .bars li").count() == 2  # to each of the two results
    context.close()


@pytest.mark.parametrize("how", [numbers_travelling, nullcontext])
def test_a_large_array_shows_its_largest_cells(how: Any, browser: Any, tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    digits = random.random((70, 64))
    kernel = Tensor(random.standard_normal((64, 80)), name="kernel")
    loss = (ops.softmax(digits @ kernel) ** 2.0).mean()
    with how():
        file = viz.explore(loss, tmp_path / "large.html", names={"digits": digits})
    context = browser.new_context(viewport=DESK, offline=True)
    page = context.new_page()
    page.goto(Path(file).as_uri() + "#s=999")
    assert page.text_content("#panel h2 .label") == "kernel"
    buttons = page.locator("#panel .largest button[id^=cell-gradient]")
    assert buttons.count() == 8
    buttons.first.click()
    assert page.locator("#terms .bars li").count() == 9  # eight, and what is left
    gradient = gradients(loss, kernel)
    place = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
    assert f"[{place[0]}, {place[1]}] = {notation.number(gradient[place])}" in page.text_content(
        "#terms"
    )
    context.close()


def test_the_update_is_the_third_phase(browser: Any, tmp_path: Path) -> None:
    loss = lesson().loss
    file = viz.explore(loss, tmp_path / "update.html", optimizer="sgd")
    context = browser.new_context(viewport=DESK, offline=True)
    page = context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(Path(file).as_uri())
    page.keyboard.press("u")
    told = [step.sentence for step in viz.steps(loss, optimizer="sgd") if step.phase == "update"]
    assert "Update: step" in page.text_content("#place")
    for sentence_ in told:
        assert sentence(page) == sentence_
        page.keyboard.press("ArrowRight")
    assert "After the update; before it was" in page.text_content("#panel")
    assert page.locator("#terms .bars li").count() == 2
    assert page.is_visible("#update-part")
    assert troubles == []
    context.close()


def test_an_example_is_shown_as_a_picture(opened: Any) -> None:
    page = opened("network", "#s=999")
    page.evaluate("chooseCell('gradient', 0)")
    assert page.locator("#terms .bars canvas.thumbnail").count() == 8


def test_an_operation_without_terms_says_so(browser: Any, tmp_path: Path) -> None:
    def rule(g: Any, out: Any, x: Any) -> Any:
        if not np.all(g):
            raise ValueError("a gradient with zeros")
        return g * x

    picky = Operation("picky", value=lambda x: x * x / 2, gradients=(rule,))
    page_file = viz.explore(picky(Tensor([1.0, 2.0], name="x")).sum(), tmp_path / "picky.html")
    context = browser.new_context(viewport=DESK, offline=True)
    page = context.new_page()
    page.goto(Path(page_file).as_uri() + "#s=1")
    page.evaluate("chooseCell('value', 0)")
    assert "no terms for this operation" in page.text_content("#terms")
    context.close()
