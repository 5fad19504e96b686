"""Pages that compute: what they show after any edits and steps is what Python computes."""

from __future__ import annotations

import base64
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Sequential, Tensor, ops, optimizers, set_random_seed, viz
from autograd_nn.datasets import make_moons
from autograd_nn.layers import Dense, Dropout
from autograd_nn.viz.graph.flows import Sweep, is_elementwise
from autograd_nn.viz.graph.walk import Walk
from autograd_nn.viz.stepping import told
from tests.javascript.node import assert_equals
from tests.viz.live_graphs import GRAPHS, Graph, recorded

pytestmark = pytest.mark.browser

FEW, MANY = 5, 1_000

# All arrays of the page one after the other, by what they are.
READ = """() => {
  const found = [];
  const add = (what, array) => array && found.push([what, valuesOf(array)]);
  for (const node of data.nodes) if (node.value) add(node.id, node.value);
  steps.forEach((step, i) => {
    for (const what of ["local", "contribution", "after"]) add(`${i} ${what}`, step[what]);
  });
  const bytes = (values) => new Uint8Array(Float64Array.from(values).buffer);
  const text = (values) => btoa(Array.from(bytes(values), (x) => String.fromCharCode(x)).join(""));
  return found.map(([what, values]) => [what, text(values)]);
}"""


def opened(browser: Any, path: Path) -> Any:
    """The page of a test, and of none before: each that stays open draws its arrows on and on."""
    for context in browser.contexts:
        context.close()
    page = browser.new_page()
    page.context.set_offline(True)
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(path.as_uri())
    assert page.errors == []
    assert page.evaluate("live.differing()") is None
    return page


def shown(page: Any) -> dict[str, Any]:
    """All numbers of a page, by what they are."""
    return {what: np.frombuffer(base64.b64decode(text)) for what, text in page.evaluate(READ)}


def computed(loss: Tensor, optimizer: Any) -> dict[str, Any]:
    """The same as Python has them."""
    walk, sweep = Walk(loss), Sweep(loss)
    found: dict[str, Any] = {}
    for item in walk.order:
        data = item._data if type(item) is Tensor else item.data
        if type(data) is not tuple:
            found[walk.ids[id(item)]] = np.ravel(data)
    flows = iter(sweep.steps)
    for i, step in enumerate(told(walk, sweep, optimizer)):
        if step.phase == "forward":
            continue
        if step.phase == "update" or step.slot is None:
            found[f"{i} after"] = np.ravel(step.after)
            continue
        flow = next(flows)
        local = step.local
        if local is not None and is_elementwise(flow.node, flow.slot):
            local = np.broadcast_to(local, flow.node._data.shape)
        if local is not None:
            found[f"{i} local"] = np.ravel(local)
        found[f"{i} contribution"] = np.ravel(step.contribution)
        if step.before is not None and step.after is not None:
            found[f"{i} after"] = np.ravel(step.after)
    return found


def assert_same(page: Any, graph: Graph, optimizer: Any, tolerance: float = 1e-12) -> None:
    """The numbers of a page are those that Python makes of its leaves."""
    found = shown(page)
    numbers = {
        name: found[place].reshape(np.shape(graph[0][name]))
        for name, place in ids_of(graph).items()
    }
    expected = computed(recorded(graph, numbers), optimizer)
    assert list(found) == list(expected)
    for what, array in expected.items():
        try:
            assert_equals(found[what], array, tolerance)
        except AssertionError as error:
            raise AssertionError(f"{what}: {error}") from None


def ids_of(graph: Graph) -> dict[str, str]:
    walk = Walk(recorded(graph))
    names = {walk.name(item): walk.ids[id(item)] for item in walk.order}
    # A model's weights bear the names of their layers.
    by_name = {name.replace("/", "_"): place for name, place in names.items() if name}
    return {name: by_name[name] for name in graph[0]}


def edited(page: Any, graph: Graph, random: np.random.Generator) -> None:
    """One number of one leaf becomes another near the first one.

    Far from it functions saturate, and 1 − tanh² of a number near 1 has more rounding than the
    12 digits that are promised, in any two libraries whose tanh differs in its last bit.
    """
    names = ids_of(graph)
    name = random.choice(list(names))
    place = int(random.integers(np.size(graph[0][name])))
    near = np.ravel(graph[0][name])[place] + random.normal() / 3
    number = float(random.random() if name == "y_" else near)  # a label is a probability
    page.evaluate("([id, i, x]) => live.set(id, i, x)", [names[name], place, number])


@pytest.mark.parametrize("edits", [FEW, pytest.param(MANY, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("name", GRAPHS)
def test_after_random_edits_a_page_shows_what_python_computes(
    name: str, edits: int, browser: Any, tmp_path: Path
) -> None:
    graph, random = GRAPHS[name](), np.random.default_rng(1)
    optimizer = optimizers.Adam(0.01)
    page = opened(
        browser, viz.explore(recorded(graph), tmp_path / "p.html", optimizer=optimizer).path
    )
    assert page.evaluate("live.isOn"), page.evaluate("data.notLive")
    assert_same(page, graph, optimizer)
    for _ in range(edits):
        edited(page, graph, random)
        assert_same(page, graph, optimizer)
    page.close()


@pytest.mark.parametrize("name", GRAPHS)
def test_steps_of_training_follow_those_of_python(name: str, browser: Any, tmp_path: Path) -> None:
    graph = GRAPHS[name]()
    loss, optimizer = recorded(graph), optimizers.SGD(0.001, momentum=0.5)
    page = opened(browser, viz.explore(loss, tmp_path / "p.html", optimizer=optimizer).path)
    page.evaluate("for (let k = 0; k < 50; k += 1) live.train(10)")
    assert page.evaluate("live.count()") == 500
    leaves = [x for x in Walk(loss).order if type(x) is Tensor and not x.operation]
    moved = [x for x in leaves if x.requires_grad]
    program = loss.program(moved, optimizer)
    for _ in range(500):
        program()
    found, places = shown(page), Walk(loss).ids
    for leaf in moved:
        assert_equals(found[places[id(leaf)]], leaf.data, 1e-9)
    page.close()


def test_near_saturation_slopes_differ_by_what_the_last_bits_of_tanh_leave(
    browser: Any, tmp_path: Path
) -> None:
    """Two units in the last place of a number near 1 are 2.2e-16, and 1 − tanh² has them twice."""
    x = Tensor(np.linspace(3, 12, 400), name="x")
    loss: Any = np.tanh(x).sum()
    page = opened(browser, viz.explore(loss, tmp_path / "p.html").path)
    found, expected = shown(page), computed(loss, None)
    assert list(found) == list(expected)
    for what, array in expected.items():
        np.testing.assert_allclose(found[what], array, rtol=1e-12, atol=4.5e-16, err_msg=what)
    page.close()


def test_gradients_are_added_up_from_the_middle_on(browser: Any, tmp_path: Path) -> None:
    """Of three gradients that make a step one has come, and the rule has kept nothing yet."""
    a = Tensor([2.0, -1.0], name="a")
    optimizer = optimizers.RMSprop(0.1, gradient_accumulation_steps=3)
    optimizer.apply_gradients([(2 * a.data, a)])
    page = opened(browser, viz.explore((a**2).sum(), tmp_path / "p.html", optimizer=optimizer).path)
    assert page.evaluate("live.isOn"), page.evaluate("data.notLive")
    (id_of_a,) = page.evaluate("data.nodes.filter((node) => node.label === 'a').map((x) => x.id)")
    for _ in range(7):
        page.evaluate("live.train(1)")
        optimizer.apply_gradients([(2 * a.data, a)])
        np.testing.assert_allclose(shown(page)[id_of_a], a.data, rtol=1e-12)
    page.close()


def test_constants_that_were_computed_from_others_follow_them(browser: Any, tmp_path: Path) -> None:
    y = Tensor([0.25, 0.5], name="y", requires_grad=False)
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], name="x", requires_grad=False)
    p = Tensor([0.5, 0.5], name="p")
    loss: Any = (y * p + (1 - y) * p * p + x[0] * p + x[:, 1] * p * p * p).sum()
    page = opened(browser, viz.explore(loss, tmp_path / "p.html").path)
    walk = Walk(loss)
    ids = {walk.label(item): walk.ids[id(item)] for item in walk.order}
    given = [item for item in walk.order if type(item) is Tensor and item.operation is None]
    can = {
        tuple(item.data.tolist()): page.evaluate("(id) => live.canSet(id)", walk.ids[id(item)])
        for item in given
    }
    assert can == {
        (0.25, 0.5): True,
        (0.5, 0.5): True,
        (0.75, 0.5): False,
        (1, 2): True,
        (2, 4): True,
    }
    # 2 stands in both parts of x.
    part = next(walk.ids[id(item)] for item in given if item.data.tolist() == [1, 2])
    page.evaluate("([y, part]) => { live.set(y, 0, 1); live.set(part, 1, 10); }", [ids["y"], part])
    y1, x1 = np.array([1, 0.5]), np.array([[1, 10], [3, 4]])
    expected = (y1 / 2 + (1 - y1) / 4 + x1[0] / 2 + x1[:, 1] / 8).sum()
    assert page.evaluate("live.lossValue()") == pytest.approx(expected, rel=1e-14)
    page.close()


def test_what_was_done_is_undone_and_done_again(browser: Any, tmp_path: Path) -> None:
    graph = GRAPHS["scalars"]()
    page = opened(browser, viz.explore(recorded(graph), tmp_path / "p.html").path)
    w = ids_of(graph)["w"]
    first = page.evaluate("live.lossValue()")
    done = page.evaluate(
        """async (w) => {
          const losses = [], heard = [];
          live.onChange(() => heard.push(live.lossValue()));
          const wait = () => new Promise((go) => setTimeout(go, 300));
          const actions = [
            () => live.set(w, 0, 1.5), () => live.train(3), () => live.setRate(0.01),
            () => live.train(2),
          ];
          for (const action of actions) {
            action();
            losses.push(live.lossValue());
            await wait();
          }
          const state = JSON.parse(JSON.stringify(live.state()));
          const end = [live.rate(), live.count(), live.canUndo()];
          const back = [];
          while (live.canUndo()) { live.undo(); back.push(live.lossValue()); }
          live.restore(state);
          const again = live.lossValue();
          live.reset();
          return { losses, heard, end, back, again, reset: live.lossValue(), state };
        }""",
        w,
    )
    losses = done["losses"]
    assert done["end"] == [0.01, 5, True]
    assert done["back"] == [losses[2], losses[1], losses[0], first]
    assert done["heard"] == [*losses, *done["back"], losses[3], first]
    assert (done["again"], done["reset"]) == (losses[3], first)
    assert done["state"] == {
        "actions": [["set", w, 0, 1.5], ["train", 3], ["rate", 0.01], ["train", 2]]
    }
    page.close()


def test_a_page_that_cannot_compute_says_why(browser: Any, tmp_path: Path) -> None:
    opaque = Operation(
        "opaque",
        value=lambda x: np.linalg.inv(x),
        gradients=(lambda g, out, x: -out.T @ g @ out.T,),
    )
    loss = opaque(Tensor([[2.0, 0.0], [0.0, 4.0]], name="x")).sum()
    page = opened(browser, viz.explore(loss, tmp_path / "p.html").path)
    assert not page.evaluate("live.isOn || live.canTrain() || live.canUndo()")
    assert "inv, which has no form in JavaScript" in page.text_content("#not-live")
    assert page.is_visible("#not-live")
    page.close()


def test_other_points_are_predicted_from_the_parameters_of_now(
    browser: Any, tmp_path: Path
) -> None:
    x, y = make_moons(20, 0.1, 0)
    set_random_seed(0)
    model = Sequential([Dense(4, "tanh"), Dense(1, "sigmoid")])
    model.compile(optimizer="adam", loss="binary_crossentropy")
    page = opened(browser, model.explore(x, y, tmp_path / "p.html").path)
    page.evaluate("live.train(3)")
    points = np.random.default_rng(0).normal(size=(1700, 2)).astype(np.float32)
    for _ in range(3):
        model.train_on_batch(x, y)
    found = page.evaluate("(points) => Array.from(live.predict(points))", points.ravel().tolist())
    np.testing.assert_allclose(found, model.predict(points, verbose=0).ravel(), atol=1e-5)
    nodes = page.evaluate(
        """Object.values(live.predicts).slice(0, 3).map((id) => {
          const { label, value } = nodes.get(id);
          return [label, value.shape];
        })"""
    )
    assert [shape for _, shape in nodes] == [[20, 2], [20, 1], [20, 1]]
    page.close()


def test_what_a_loss_does_to_a_prediction_is_not_predicted(browser: Any, tmp_path: Path) -> None:
    points = Tensor([[0.0, 1.0], [2.0, 3.0], [1.0, -1.0]], name="points", requires_grad=False)
    y = np.array([0.0, 1.0, 1.0])
    w = Tensor([0.5, -0.25], name="w")
    p = ops.sigmoid(points @ w)
    loss = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
    page = opened(browser, viz.explore(loss, tmp_path / "p.html").path)
    assert page.evaluate("nodes.get(live.predicts.output).operation") == "sigmoid"
    found = page.evaluate("Array.from(live.predict([1, 1, 4, 0]))")
    np.testing.assert_allclose(found, 1 / (1 + np.exp([-0.25, -2.0])), rtol=1e-12)
    page.close()


def test_rows_that_look_at_each_other_are_not_predicted_one_by_one(
    browser: Any, tmp_path: Path
) -> None:
    points = np.array([[0.0, 1.0], [2.0, 3.0], [1.0, -1.0]])
    w = Tensor([0.5, -0.25], name="w")
    z: Any = points @ w
    loss = ((z - z.mean()) ** 3).mean()
    page = opened(browser, viz.explore(loss, tmp_path / "p.html").path)
    # Up to z each row is by itself.
    assert page.evaluate("nodes.get(live.predicts.output).operation") == "matmul"
    mixed: Any = Tensor(points, name="x", requires_grad=False).mean(axis=0) @ w
    page.goto(viz.explore(mixed**2, tmp_path / "q.html").path.as_uri())
    assert page.evaluate("live.isOn && live.predicts === null")
    page.close()


def test_what_was_drawn_stays_and_the_page_says_so(browser: Any, tmp_path: Path) -> None:
    set_random_seed(0)
    x = Tensor(np.ones((4, 6)), name="x")
    loss: Any = (Dropout(0.5)(x, training=True) * x).sum()
    page = opened(browser, viz.explore(loss, tmp_path / "p.html").path)
    mask = loss.inputs[0].inputs[0].data
    assert "dropout" in page.text_content("#not-live")
    (id_of_x,) = [Walk(loss).ids[id(item)] for item in Walk(loss).order if item is x]
    page.evaluate("(id) => live.setAll(id, new Array(24).fill(3))", id_of_x)
    assert page.evaluate("live.lossValue()") == pytest.approx(9 * mask.sum())
    page.close()


class Ending(optimizers.schedules.LearningRateSchedule):
    """A schedule of a user's own, for three steps."""

    def __call__(self, step: int) -> float:
        return [0.5, 0.25, 0.125][step]


SCHEDULES: list[Any] = [
    0.5,
    optimizers.schedules.ExponentialDecay(0.5, 2, 0.5),
    optimizers.schedules.PiecewiseConstantDecay([1, 4], [0.5, 0.25, 0.125]),
    optimizers.schedules.CosineDecay(0.0, 5, warmup_target=0.5, warmup_steps=3),
    optimizers.schedules.PolynomialDecay(0.5, 2, cycle=True),
]


@pytest.mark.parametrize("rate", SCHEDULES, ids=lambda rate: type(rate).__name__)
def test_a_schedule_of_the_learning_rate_is_followed(
    rate: Any, browser: Any, tmp_path: Path
) -> None:
    """From the third step on, with an optimizer that counts them."""
    a, optimizer = Tensor([2.0, -1.0], name="a"), optimizers.Adam(rate)
    for _ in range(2):
        optimizer.apply_gradients([(2 * a.data, a)])
    page = opened(browser, viz.explore((a**2).sum(), tmp_path / "p.html", optimizer=optimizer).path)
    (id_of_a,) = page.evaluate("data.nodes.filter((node) => node.label === 'a').map((x) => x.id)")
    for many in (1, 1, 4):
        assert page.evaluate("live.rate()") == optimizer.learning_rate
        page.evaluate(f"live.train({many})")
        for _ in range(many):
            optimizer.apply_gradients([(2 * a.data, a)])
        np.testing.assert_allclose(shown(page)[id_of_a], a.data, rtol=1e-12)
    assert page.is_visible("#not-live") == (rate != 0.5)
    assert ("follows the schedule" in page.text_content("#not-live")) == (rate != 0.5)
    # A number takes the place of the schedule, until that is taken back.
    state = page.evaluate("JSON.parse(JSON.stringify(live.state()))")
    rates = page.evaluate(
        """(state) => {
          const found = [live.rate()];
          for (const act of [
            () => live.setRate(7), () => live.train(2), () => live.restore(state),
            () => live.undo(), () => live.train(2), () => live.reset(),
          ]) { act(); found.push(live.rate()); }
          return found;
        }""",
        state,
    )
    first = float(optimizer.learning_rate) if rate == 0.5 else rate(2)
    assert rates == [float(optimizer.learning_rate), 7, 7, rates[0], 7, 7, first]
    page.close()


def test_where_a_schedule_ends_the_page_says_so(browser: Any, tmp_path: Path) -> None:
    optimizer = optimizers.SGD(Ending())
    loss = Tensor(2.0, name="a") ** 2
    page = opened(browser, viz.explore(loss, tmp_path / "p.html", optimizer=optimizer).path)
    for rate, is_over in ((0.5, False), (0.25, False), (0.125, False), (0.125, True)):
        assert page.evaluate("live.rate()") == rate
        page.wait_for_timeout(100)
        assert ("known here for 3 steps" in page.text_content("#rate-said")) == is_over
        page.evaluate("live.train(1)")
    page.wait_for_timeout(100)
    assert "known here for 3 steps" in page.text_content("#rate-said")
    page.fill("#rate", "0.1")
    page.keyboard.press("Enter")
    page.wait_for_timeout(100)
    assert page.text_content("#rate-said") == ""
    page.close()


def test_a_page_says_that_an_operation_does_something_else_in_javascript(
    browser: Any, tmp_path: Path
) -> None:
    double = Operation(
        "double",
        value=np.vectorize(lambda x: x + math.log(2.0), otypes=[float]),
        gradients=(lambda g, out, x: g,),
        javascript=("x * 2", "g"),
    )
    w = Tensor([1.0, 2.5], name="w")
    double(w).sum().explore(tmp_path / "page.html")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    assert page.inner_text("#not-live").startswith("This page computes 7 where 4.886 was recorded")
    page.close()
