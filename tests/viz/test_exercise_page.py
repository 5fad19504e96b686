"""What the page asks about random graphs, in a real browser: every number is another engine's."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import viz
from tests.helpers import without_graphviz
from tests.viz.graphs import lesson, network
from tests.viz.pages import data_of
from tests.viz.said import NUMBER, case, check_equation, number

pytestmark = pytest.mark.browser

ASKED = """() => steps.filter((step) => step.phase === "backward" && step.edge).map((step) => {
  const question = questionOf(step);
  if (!question) return null;
  ask(question);
  const given = [...document.querySelectorAll("#given li")].map((item) => item.textContent);
  return [document.getElementById("asked").textContent, given, String(question.answer)];
})"""

JUDGED = """(texts) => {
  const asked = steps.map((step) => step.phase === "backward" ? questionOf(step) : null);
  return asked.filter(Boolean).map((question) => {
    const of = (text) => judged(readNumber(text), question);
    const { answer, step } = question;
    const right = [
      answer.toPrecision(3), answer.toPrecision(3).replace(".", ","), String(answer),
      answer.toExponential(2).replaceAll("-", "−"), answer.toExponential(2).replace("e", "·10^"),
      String(Number(answer.toPrecision(3))), `${answer.toPrecision(5)}/1`,
    ].filter((text) => !of(text).isRight);
    const { wrong } = data.exercise.edges[step.edge];
    const taken = wrong.filter(([place, x]) => {
      const { isRight, told } = of(x.toPrecision(6));
      return isRight || !told.includes(data.exercise.told[place]);
    });
    return [right, taken, wrong.length, answer !== (question.before ?? 0)];
  });
}"""


@pytest.fixture(scope="module")
def page(browser: Any) -> Any:
    return browser.new_page()


SEEDS = [n if n % 20 == 0 else pytest.param(n, marks=pytest.mark.thorough) for n in range(100)]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_asked_and_answered_is_right(seed: int, page: Any, tmp_path: Path) -> None:
    given = case(seed, False)
    symbols = given.symbols()
    path = without_graphviz(lambda: viz.explore(given.loss, tmp_path / "page.html").path)
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    steps = [s for s in viz.steps(given.loss) if s.slot is not None]
    asked = page.evaluate(ASKED)
    assert len(asked) == len(steps)
    arrived: dict[Any, Any] = {}
    for found, step in zip(asked, steps, strict=True):
        place = given.place(step.node)
        assert step.slot is not None and step.input is not None
        before = arrived.get(step.input)
        after = given.contribution(place, step.slot) + (0 if before is None else before)
        arrived[step.input] = after
        if found is None:
            continue
        question, told, answer = found
        assert np.isclose(float(answer), after, rtol=1e-9, atol=1e-12)
        for text in told:
            check_equation(text, symbols)
            # The answer stands not among what is given.
            numbers = [number(x) for x in re.findall(rf"(?<![\w.#]){NUMBER}(?![\w.])", text)]
            assert all(f"{x:.4g}" != f"{after:.4g}" for x in numbers), (text, after)
        so_far = re.search(rf"So far (.+) is ({NUMBER})\. What", question)
        assert (so_far is None) == (before is None)
        if so_far is not None:
            assert so_far[1] in symbols
            assert np.isclose(number(so_far[2]), before, rtol=6e-4, atol=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_page_judges_as_python_does(seed: int, page: Any, tmp_path: Path) -> None:
    loss = network()[0] if seed == 0 else case(seed, seed % 2 == 0).loss
    path = without_graphviz(lambda: viz.explore(loss, tmp_path / "page.html").path)
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    for not_taken, taken, many, sends_something in page.evaluate(JUDGED):
        assert (not_taken, taken) == ([], [])
        # Turned round, doubled or halved, a zero is what it was.
        assert many > (2 if sends_something else 0)


def test_where_numbers_were_changed_the_common_mistakes_are_named(
    page: Any, tmp_path: Path
) -> None:
    loss = lesson().loss
    path = without_graphviz(lambda: viz.explore(loss, tmp_path / "page.html").path)
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    leaf = next(node["id"] for node in data_of(path)["nodes"] if node["role"] == "parameter")
    told = page.evaluate(
        """(leaf) => {
          live.set(leaf, 0, 0.345);
          const question = steps.map((s) => s.phase === "backward" ? questionOf(s) : null)
            .find((q) => q && q.before === null);
          return judged(readNumber(String(-question.answer)), question).told;
        }""",
        leaf,
    )
    assert "the sign is turned round" in told
    texts = [
        "1 1/5",
        "−2 1/4",
        "1/3",
        "12 000",
        "0,5",
        "2 0",
        "1/2/3",
        "/2",
        "1/",
        "12 00",
        "1 1/0",
        "",
    ]
    read = page.evaluate("(texts) => texts.map((x) => readNumber(x)?.value ?? null)", texts)
    assert read == [1.2, -2.25, 1 / 3, 12000, 0.5, *[None] * 7]


def test_an_answer_with_a_comma_that_may_part_thousands_counts_not(
    page: Any, tmp_path: Path
) -> None:
    page.goto(viz.explore(lesson().loss, tmp_path / "p.html").path.as_uri())
    page.click("#exercise-switch")
    page.evaluate("while (!exercise.asked) goOn()")
    page.fill("#answer", "1,000")
    page.click("#question [type=submit]")
    assert "can be read as 1.000 or as 1000" in page.text_content("#verdict")
    assert page.evaluate("exercise.answered") == 0


def test_a_question_is_of_the_numbers_of_now(page: Any, tmp_path: Path) -> None:
    page.goto(viz.explore(lesson().loss, tmp_path / "p.html").path.as_uri())
    page.click("#exercise-switch")
    page.evaluate("while (!exercise.asked) goOn()")
    page.fill("#answer", "7")
    page.click("#question [type=submit]")
    assert page.text_content("#verdict") != ""
    page.evaluate("live.set(data.nodes.find((node) => node.label === 'w').id, 0, 3)")
    page.wait_for_timeout(100)
    # A number of before is neither given nor taken as right, and the mistake was one of before.
    now = page.evaluate("questionOf(exercise.asked.step)")
    assert page.evaluate("exercise.asked.answer") == now["answer"]
    assert page.locator("#given li").all_text_contents() == now["given"]
    assert page.evaluate("exercise.asked.isTried") is True
    assert (page.input_value("#answer"), page.text_content("#verdict")) == ("7", "")
