"""Training in the page of the explorer, in a real browser: steps, runs, the plane, the picture."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, Tensor, ops, set_random_seed, viz
from autograd_nn.datasets import load_digits, make_moons
from autograd_nn.layers import Dense
from autograd_nn.losses import CategoricalCrossentropy
from autograd_nn.optimizers import SGD
from tests.viz.pages import wait_until

pytestmark = pytest.mark.browser

X, Y = make_moons(32, 0.1, seed=0)
DESK, PHONE = {"width": 1400, "height": 850}, {"width": 390, "height": 844}


def made(outputs: int = 1, last: Any = "sigmoid", loss: Any = "binary_crossentropy") -> Any:
    set_random_seed(0)
    model = Sequential([Dense(6, activation="tanh"), Dense(outputs, activation=last)])
    model.compile(SGD(0.3), loss)
    return model


def by_hand() -> Tensor:
    x = Tensor(X, name="x", requires_grad=False)
    y = Tensor(Y[:, None].astype(float), name="y", requires_grad=False)
    p = ops.sigmoid(x @ Tensor([[0.3], [-0.5]], name="w"))
    return -(y * ops.log(p) + (1 - y) * ops.log(1 - p)).mean()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("training")
    three = np.arange(32) % 3
    digits, labels = load_digits()[0]
    sparse = "sparse_categorical_crossentropy"
    logits = CategoricalCrossentropy(from_logits=True)
    found = {
        "moons": made().explore(X, Y, folder / "moons.html"),
        "three": made(3, "softmax", sparse).explore(X, three, folder / "three.html"),
        "hot": made(3, None, logits).explore(X, np.eye(3)[three], folder / "hot.html"),
        "hand": viz.explore(by_hand(), folder / "hand.html", optimizer=SGD(0.3)),
        "digits": made(10, "softmax", sparse).explore(digits[:8], labels[:8], folder / "d.html"),
        "several": made(3, "sigmoid").explore(
            X, X @ [[1, -1, 1], [1, 1, 0]] > 0, folder / "s.html"
        ),
        "numbers": made(1, None, "mse").explore(X, X[:, 0] * 0.7, folder / "numbers.html"),
        "scalar": viz.explore(Tensor(2.0, name="a") ** 2, folder / "scalar.html"),
        "vector": viz.explore(Tensor([1.0, 2.0], name="a") * 3, folder / "vector.html"),
    }
    return {name: page.path for name, page in found.items()}


@pytest.fixture
def opened(browser: Any, files: dict[str, Path]) -> Iterator[Callable[..., Any]]:
    """A page, opened; at the end nothing went wrong in it."""
    contexts, said = [], []

    def open_page(
        name: str, size: dict[str, int] = DESK, shows_course: bool = True, **how: Any
    ) -> Any:
        context = browser.new_context(viewport=size, offline=True, **how)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text))
        page.goto(files[name].as_uri())
        page.wait_for_selector("html[data-ready]", state="attached")
        if shows_course and page.locator("#course-switch").is_visible():
            page.locator("#course-switch").click()
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []


def losses_of(steps: int) -> list[float]:
    """The loss before each step, as Python trains."""
    model = made()
    program = model.program(X, Y)
    return [float(program(x=X, y=Y)) for _ in range(steps + 1)]


def test_steps_are_those_of_python(opened: Any) -> None:
    page = opened("moons")
    page.locator("#one-step").click()
    page.locator("#ten-steps").click()
    page.keyboard.press("t")
    assert page.evaluate("live.count()") == 12
    curve = page.evaluate("training.curve")
    assert [step for step, _ in curve] == list(range(13))
    np.testing.assert_allclose([loss for _, loss in curve], losses_of(12), rtol=1e-5)
    page.wait_for_timeout(100)
    label = page.locator("#loss-curve").get_attribute("aria-label")
    assert "over 12 steps" in label and f"{curve[-1][1]:.4g}" in label


def test_a_run_that_is_taken_back_does_not_go_on(opened: Any) -> None:
    page = opened("moons")
    for button in ("#undo", "#reset"):
        page.locator("#run").click()
        wait_until(page, "live.count() > 20")
        page.locator(button).click()
        page.wait_for_timeout(100)
        assert page.evaluate("live.count()") == 0
        assert page.locator("#run").text_content() == "Run"


def test_that_a_loss_is_not_finite_is_said_while_it_is_not(opened: Any) -> None:
    page = opened("scalar")
    page.evaluate("live.set(data.nodes.find((node) => node.label === 'a').id, 0, 1e200)")
    page.locator("#run").click()
    assert "no longer a finite number" in page.locator("#run-said").text_content()
    page.locator("#reset").click()
    assert page.locator("#run-said").text_content() == ""


def test_the_plane_is_that_of_the_samples_after_one_far_away_was_taken_back(opened: Any) -> None:
    page = opened("moons")
    wait_until(page, "plane.high !== null")
    before = page.evaluate("[plane.low, plane.high]")
    page.evaluate("live.set(data.examples.node, 0, 1e6)")
    wait_until(page, "plane.high[0] > 1e6")
    page.locator("#undo").click()
    wait_until(page, "plane.high[0] < 1e6")
    np.testing.assert_allclose(page.evaluate("[plane.low, plane.high]"), before)


def test_the_first_step_opens_the_curve_where_there_is_room(opened: Any) -> None:
    for size, is_open in ((DESK, True), (PHONE, False)):
        page = opened("moons", size, shows_course=False)
        assert page.locator("#course").is_hidden()
        page.locator("#one-step").click()
        assert page.locator("#course").is_visible() == is_open
    page.locator("#course-switch").click()
    assert page.locator("#course-switch").get_attribute("aria-expanded") == "true"
    assert page.locator("#loss-curve").is_visible()


def test_a_run_goes_on_until_it_is_paused(opened: Any) -> None:
    page = opened("moons")
    page.locator("#run").click()
    assert page.locator("#run").text_content() == "Pause"
    wait_until(page, "live.count() > 20")
    page.locator("#run").click()
    assert page.locator("#run").text_content() == "Run"
    count = page.evaluate("live.count()")
    page.wait_for_timeout(200)
    assert page.evaluate("live.count()") == count
    steps = [step for step, _ in page.evaluate("training.curve")]
    assert steps == sorted(set(steps)) and steps[-1] == count
    page.evaluate("live.undo()")
    assert page.evaluate("training.curve.at(-1)[0]") == page.evaluate("live.count()") == 0
    page.locator("body").press("r")
    wait_until(page, "live.count() > 0")
    page.locator("body").press("r")
    assert page.evaluate("training.next") is None


def test_reduced_motion_shows_a_run_twice_a_second(opened: Any) -> None:
    for motion, kind in (("reduce", "timer"), ("no-preference", "frame")):
        page = opened("moons", reduced_motion=motion)
        page.locator("#run").click()
        assert page.evaluate("Object.keys(training.next)") == [kind]
        page.locator("#run").click()
    assert page.evaluate("CALM") == 500


def test_a_loss_that_is_no_number_ends_the_run(opened: Any) -> None:
    page = opened("numbers")
    page.evaluate("live.setRate(1e6)")
    page.locator("#run").click()
    wait_until(page, "training.next === null")
    assert "no longer a finite number" in page.locator("#run-said").text_content()


def test_while_steps_run_the_panel_is_shown_more_than_fifteen_times_a_second(opened: Any) -> None:
    """Of frames that say themselves how much time has passed: 60 or 50 of them a second."""
    page = opened("moons")
    for frames in (60, 50):
        panels = page.evaluate(
            """(frames) => new Promise((done) => {
              let [time, count, panels, own] = [performance.now(), 0, 0, showPanelNow];
              showPanelNow = (now) => { panels += 1; own(now); };
              performance.now = () => time;
              const frame = () => {
                if (count === frames) { showPanelNow = own; done(panels); return; }
                [count, time] = [count + 1, time + 1000 / frames];
                live.train(2);
                requestAnimationFrame(frame);
              };
              requestAnimationFrame(frame);
            })""",
            frames,
        )
        assert 15 <= panels <= frames / 2


def test_what_cannot_be_trained_has_no_buttons(opened: Any) -> None:
    page = opened("vector")
    assert page.locator("#training").is_hidden() and page.locator("#course").is_hidden()
    page = opened("scalar")
    assert page.locator("#training").is_visible() and page.locator("#course").is_visible()
    assert page.locator("#plane").is_hidden() and page.locator("#painting").is_hidden()
    assert opened("numbers").locator("#plane").is_hidden()
    assert opened("several").locator("#plane").is_hidden()


GROUND = """() => { const side = SIDE, step = PLANE / (side - 1), points = [];
  for (let i = 0; i < side * side; i += 1) {
    points.push(...pointInPlane(plane, (i % side) * step, Math.floor(i / side) * step));
  }
  const { classes, shares } = decided(live.predict(Float64Array.from(points)), plane.reading);
  return [points, [...classes], [...shares]]; }"""


@pytest.mark.parametrize("name", ["moons", "three", "hot"])
def test_the_ground_is_what_python_predicts(name: str, opened: Any) -> None:
    page = opened(name)
    points, classes, shares = page.evaluate(GROUND)
    three = np.arange(32) % 3
    model = {
        "moons": lambda: (made(), Y),
        "three": lambda: (made(3, "softmax", "sparse_categorical_crossentropy"), three),
        "hot": lambda: (made(3, None, CategoricalCrossentropy(from_logits=True)), np.eye(3)[three]),
    }[name]()
    model[0].explore(X, model[1], Path(page.url.removeprefix("file://")).with_name("again.html"))
    out = model[0].predict(np.reshape(points, (-1, 2)), verbose=0).astype(float)
    if name == "hot":
        out = np.exp(out) / np.exp(out).sum(axis=1, keepdims=True)
    p = np.concatenate([1 - out, out], axis=1) if name == "moons" else out
    ordered = np.sort(p, axis=1)
    ahead = ordered[:, -1] - ordered[:, -2]
    np.testing.assert_allclose(shares, ahead, atol=1e-5)
    np.testing.assert_array_equal(np.array(classes)[ahead > 1e-4], p.argmax(axis=1)[ahead > 1e-4])


def places(page: Any) -> Any:
    """The samples in the canvas, in pixels of the window."""
    box = page.locator("#plane-map").bounding_box()
    rows = page.evaluate(
        "() => { const { points } = samplesNow(); return Array.from({ length: points.length / 2 },"
        " (_, i) => placeInPlane(plane, points[2 * i], points[2 * i + 1])); }"
    )
    return np.array(rows) / 340 * box["width"] + [box["x"], box["y"]]


def values(page: Any, what: str) -> Any:
    return np.array(page.evaluate(f"[...valuesOf(nodes.get(data.examples.{what}).value)]"))


def test_a_sample_is_dragged_and_taken_back_as_one_change(opened: Any) -> None:
    page = opened("moons")
    before, loss = values(page, "node"), page.evaluate("live.lossValue()")
    here = places(page)
    alone = int(np.argmax(np.sort(np.hypot(*(here[:, None] - here).T), axis=1)[:, 1]))
    page.mouse.move(*here[alone])
    page.mouse.down()
    page.mouse.move(*(here[alone] + [30, 20]), steps=4)
    page.mouse.up()
    after = values(page, "node").reshape(-1, 2)
    moved = np.flatnonzero((after != before.reshape(-1, 2)).any(axis=1))
    assert moved.tolist() == [alone]
    np.testing.assert_allclose(places(page)[alone], here[alone] + [30, 20], atol=0.5)
    assert page.evaluate("live.lossValue()") != loss
    page.evaluate("live.undo()")
    np.testing.assert_array_equal(values(page, "node"), before)


def test_keys_choose_move_and_relabel_a_sample(opened: Any) -> None:
    page = opened("moons")
    page.locator("#plane-map").focus()
    for key in ("End", "PageUp", "ArrowRight"):
        page.keyboard.press(key)
    after = values(page, "node").reshape(-1, 2)
    expected = X[30, 0] + 0.02 * page.evaluate("plane.high[0] - plane.low[0]")
    np.testing.assert_allclose(after[30], [expected, X[30, 1]], rtol=1e-3)
    assert page.locator("#sample-said").text_content().startswith("Sample 30 at")
    for name in (1, 0):
        page.keyboard.press(str(name))
        assert values(page, "labels")[30] == name
    page.locator("#sample-class").select_option("1")
    assert values(page, "labels")[30] == 1


def test_labels_of_every_form_are_set(opened: Any) -> None:
    page = opened("hot")
    page.locator("#plane-map").focus()
    page.keyboard.press("2")
    assert values(page, "labels").reshape(-1, 3)[0].tolist() == [0, 0, 1]
    page = opened("three")
    page.locator("#plane-map").focus()
    page.keyboard.press("1")
    page.keyboard.press("7")
    assert values(page, "labels")[0] == 1
    page = opened("hand")
    page.locator("#plane-map").focus()
    was = values(page, "labels")[0]
    loss = page.evaluate("live.lossValue()")
    page.keyboard.press(str(int(1 - was)))
    assert values(page, "labels")[0] == 1 - was and page.evaluate("live.lossValue()") != loss


def classes_shown(page: Any) -> list[Any]:
    """The class of sample 0 as it is drawn, as it is told, and as the field has it."""
    page.wait_for_timeout(100)
    told = page.locator("#sample-said").text_content()
    return [
        page.evaluate("samplesNow().targets[0]"),
        "between classes" in told,
        page.locator("#sample-class").input_value(),
    ]


def test_a_label_between_classes_is_of_the_class_that_is_ahead(opened: Any) -> None:
    labels = "live.setSome([%s].map((x, i) => [data.examples.labels, i, x]))"
    page = opened("hot")
    for given, expected in (
        ("0.5, 0.5, 0", [-1, True, ""]),
        ("0.25, 0.625, 0.125", [1, False, "1"]),
        ("0, 0, 0.5", [2, False, "2"]),
    ):
        page.evaluate(labels % given)
        assert classes_shown(page) == expected
    # An address has the label that was changed, and the plane is that of the labels of before.
    page.evaluate(labels % "0.5, 0.5, 0")
    page.wait_for_timeout(500)
    page.reload()
    page.wait_for_selector("html[data-ready]", state="attached")
    assert page.locator("#plane").get_attribute("hidden") is None
    assert page.evaluate("samplesNow().targets[0]") == -1
    page = opened("hand")
    for label, expected in (
        ("0.5", [-1, True, ""]), ("0.3", [0, False, "0"]), ("0.8", [1, False, "1"]),
    ):  # fmt: skip
        page.evaluate(labels % label)
        assert classes_shown(page) == expected


def test_a_sample_is_added_in_the_place_of_another(opened: Any) -> None:
    page = opened("moons")
    page.locator("#add-sample").click()
    assert "takes the place of another" in page.locator("#add-said").text_content()
    page.locator("#sample-class").focus()
    box = page.locator("#plane-map").bounding_box()
    for k in range(2):
        page.mouse.click(box["x"] + 40 + 30 * k, box["y"] + 40)
        row = values(page, "node").reshape(-1, 2)[k]
        at = page.evaluate(
            f"pointInPlane(plane, {(40 + 30 * k) * 340 / box['width']}, {40 * 340 / box['width']})"
        )
        np.testing.assert_allclose(row, at, rtol=2e-2, atol=0.02)
    np.testing.assert_array_equal(values(page, "node").reshape(-1, 2)[2:], X[2:].astype(np.float32))
    page.locator("#plane-map").focus()
    page.keyboard.press("Enter")
    middle = page.evaluate("[0, 1].map((axis) => (plane.low[axis] + plane.high[axis]) / 2)")
    np.testing.assert_allclose(values(page, "node").reshape(-1, 2)[2], middle, atol=1e-3)


def test_a_picture_is_painted_into_and_answered(opened: Any) -> None:
    page = opened("digits")
    before = values(page, "node")
    box = page.locator("#painting-map").bounding_box()
    cell = box["width"] / 8
    page.mouse.move(box["x"] + 0.5 * cell, box["y"] + 1.5 * cell)
    page.mouse.down()
    page.mouse.move(box["x"] + 2.5 * cell, box["y"] + 1.5 * cell, steps=8)
    page.mouse.up()
    after = values(page, "node")
    np.testing.assert_array_equal(after[[8, 9, 10]], 1.0)
    assert set(np.flatnonzero(after != before)) <= {8, 9, 10}
    page.locator("#painting-map").focus()
    for key in ("ArrowDown", "ArrowLeft", "Enter"):
        page.keyboard.press(key)
    assert values(page, "node")[17] == 1.0
    page.keyboard.press("Delete")
    assert values(page, "node")[17] == 0.0
    page.wait_for_timeout(100)
    answers = values(page, "output").reshape(8, 10)[0]
    text = page.locator("#painting-answer").text_content()
    assert f"class {answers.argmax()} with {answers.max():.4g}" in text


def test_what_was_changed_comes_back_from_an_address(opened: Any) -> None:
    page = opened("moons")
    page.locator("#plane-map").focus()
    page.keyboard.press("ArrowUp")
    page.locator("#ten-steps").click()
    kept, loss = page.evaluate("live.state()"), page.evaluate("live.lossValue()")
    other = opened("moons")
    other.evaluate(f"live.restore({json.dumps(kept)})")
    assert other.evaluate("live.lossValue()") == loss
    assert other.evaluate("training.curve") == [[10, loss]]
    wrong = [["some", [["x", 1]]], ["some", 3], ["some", [["nobody", 0, 1]]], ["some"]]
    other.evaluate(f"live.restore({json.dumps({'actions': wrong})})")
    assert other.evaluate("live.count()") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", ["moons", "digits"])
def test_an_accessibility_checker_finds_nothing_serious(
    name: str, size: dict[str, int], scheme: str, opened: Any
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = opened(name, size, color_scheme=scheme)
    page.locator("#one-step").click()
    page.wait_for_timeout(150)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    found = Axe().run(page).response["violations"]
    assert [x for x in found if x["impact"] in ("serious", "critical")] == []
