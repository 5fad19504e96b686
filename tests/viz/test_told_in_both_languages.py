"""What is told as text and in plots: the same numbers in both languages, and no word of the other.

What was made in one language is told in it, whatever is spoken when it is shown.
"""

import re
import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, Tensor, ops, set_random_seed, viz
from autograd_nn.layers import Dense
from autograd_nn.optimizers import SGD
from autograd_nn.viz import GradientMonitor
from autograd_nn.viz.watching.axes import chinese_fonts

CHINESE = re.compile("[\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z_]{3,}")
# Names of Tensors, layers, operations and arguments, which are the same in every language.
NAMES = set(
    WORD.findall("""
    split
    Dense GradientMonitor Graph Page Tensor True Zoom add aligned axis bias callbacks class
    cos dense dense_ diagnose draw fit glorot_uniform gradient graph he_normal history html
    inv kernel kernel_initializer learning_rate log logit loss matmul max_cost mean monitor
    multiply norm other parameter record_gradients relu root save sigmoid sin std sum
    summary svg text tmp unused viz why zoom
    """)
)
NUMBER = re.compile(r"[−-]?\d+(?:[.,]\d+)*(?:e[−+-]?\d+)?")


def graph() -> tuple[Tensor, Tensor]:
    x = Tensor(np.linspace(-1, 1, 18).reshape(6, 3), requires_grad=False, name="X")
    w, b = Tensor(np.ones((3, 2)), name="W"), Tensor(np.zeros(2), name="b")
    h: Any = ops.sigmoid(x @ w + b)
    loss = (h * h).mean()
    loss.name = "loss"
    return loss, w


def two_paths() -> tuple[Tensor, Tensor]:
    x = Tensor(3.0, name="x")
    loss: Any = x * x + np.sin(x) * x
    loss.name = "L"
    return loss, x


def many_paths() -> tuple[Tensor, Tensor]:
    x: Any = Tensor(0.5, name="x")
    y = x
    for _ in range(50):
        y = y * 0.5 + y * y
    return y, x


def an_inverse() -> Any:
    matrix: Any = Tensor(np.eye(2) + 0.25, name="M")
    return viz.zoom(np.linalg.inv(matrix), (0, 0))


def not_used() -> Any:
    t: Any = Tensor(np.ones((2, 2)), name="unused")
    return viz.zoom(t, (1, 1), of="gradient", loss=(t[0] * 2).sum())


def used_twice() -> Any:
    p: Any = Tensor([1.0, 2.0], name="p")
    return viz.zoom(p, (0,), of="gradient", loss=(p * 2).sum() + (p * p).sum())


def many_terms() -> Any:
    t: Any = Tensor(np.arange(100.0), name="t")
    return viz.zoom((t * t).sum(), ())


def watched() -> tuple[Any, GradientMonitor]:
    set_random_seed(0)
    model = Sequential([Dense(4, activation="relu"), Dense(3, activation="sigmoid"), Dense(1)])
    model.compile(SGD(0.1), "mse")
    x = np.linspace(-50, 50, 64).reshape(32, 2)
    ticks = iter(range(10_000))
    monitor = GradientMonitor(clock=lambda: float(next(ticks)))
    return model.fit(x, x[:, 0], 8, 6, verbose=0, callbacks=[monitor]), monitor


TEXTS: dict[str, Callable[[Any, Any], Any]] = {
    "paths": lambda loss, w: viz.explain(*two_paths()),
    "many paths": lambda loss, w: viz.explain(*many_paths()),
    "arrays": lambda loss, w: viz.explain(loss, w, (0, 1)),
    "no way": lambda loss, w: viz.explain(loss, Tensor(1.0, name="other")),
    "value": lambda loss, w: viz.zoom(loss, (), loss=loss),
    "gradient": lambda loss, w: viz.zoom(w, (0, 1), of="gradient", loss=loss),
    "inverse": lambda loss, w: an_inverse(),
    "not used": lambda loss, w: not_used(),
    "used twice": lambda loss, w: used_twice(),
    "many terms": lambda loss, w: many_terms(),
    "graph": lambda loss, w: viz.draw(loss, edges="receipt"),
    "bytes": lambda loss, w: viz.draw(loss, color="bytes"),
    "parts": lambda loss, w: viz.zoom(np.split(w, 3)[1] * 2, (0, 1)),
    "parts of a gradient": lambda loss, w: viz.zoom(
        w, (0, 1), of="gradient", loss=(np.linalg.qr(w)[1] * w[:2]).sum()
    ),
    "steps": lambda loss, w: viz.steps(loss),
    "formula": viz.formula,
    "reason": viz.why,
    "exercise": lambda loss, w: viz.exercise(loss, ask="rules"),
    "findings": lambda loss, w: viz.diagnose(*watched()),
    "nothing found": lambda loss, w: viz.diagnose({"loss": [1.0]}),
}


def texts_of(thing: Any) -> str:
    """Everything that a thing tells."""
    told = [repr(thing), str(thing), *(getattr(thing, "latex", ""),)]
    if callable(getattr(thing, "text", None)):
        told.append(thing.text())
    if hasattr(thing, "draw"):
        told.append(thing.draw().text())
    if hasattr(thing, "_repr_mimebundle_"):
        told.append(thing._repr_mimebundle_(include=["text/plain"])["text/plain"])
    return "\n".join(told)


def words_left(text: str) -> set[str]:
    """English words in a Chinese text."""
    text = re.sub(r"\\[a-zA-Z]+", " ", text)  # LaTeX's own
    return set(WORD.findall(text)) - NAMES


@pytest.mark.parametrize("kind", TEXTS)
def test_it_is_told_in_one_language_with_the_same_numbers(kind: str) -> None:
    loss, w = graph()
    with viz.language("zh"):
        made = TEXTS[kind](loss, w)
        chinese = texts_of(made)
    assert CHINESE.search(chinese)
    assert words_left(chinese) == set()
    assert texts_of(made) == chinese  # shown when English is spoken
    made = TEXTS[kind](loss, w)
    english = texts_of(made)
    assert not CHINESE.search(english)
    assert sorted(NUMBER.findall(english)) == sorted(NUMBER.findall(chinese))
    with viz.language("zh"):
        assert texts_of(made) == english


def test_a_monitor_tells_in_the_language_that_is_spoken() -> None:
    _, monitor = watched()
    told = monitor.summary() + repr(monitor)
    assert "It was thinned to every 4 steps of every" in told
    with viz.language("zh"):
        chinese = monitor.summary() + repr(monitor)
        assert "还没有测量" in GradientMonitor().summary()
    assert words_left(chinese) == set()
    assert sorted(NUMBER.findall(told)) == sorted(NUMBER.findall(chinese))
    rows = [line for line in chinese.split("\n") if line.startswith(("参数", "dense"))][:7]
    assert len({len(row) + len(CHINESE.findall(row)) for row in rows}) == 1  # right edges


@pytest.mark.parametrize("kind", ["loss", "flow", "weights", "gradients", "images", "plane"])
def test_plots_are_lettered_in_the_language_that_is_spoken(kind: str) -> None:
    from matplotlib.text import Text

    history, monitor = watched()
    model: Any = history.model
    points = np.linspace(-1, 1, 8).reshape(4, 2)
    plots: dict[str, Callable[[], Any]] = {
        "loss": lambda: viz.plot_loss({"loss": [2.0, np.nan], "val_loss": [3.0, 1.0]}),
        "flow": lambda: viz.plot_gradient_flow(monitor),
        "weights": lambda: viz.plot_histograms(monitor),
        "gradients": lambda: viz.plot_histograms(monitor, of="gradients"),
        "images": lambda: viz.plot_weights(model.layers[0], units=2),
        "plane": lambda: viz.plot_decision_boundary(model, points, [0, 1, 0, 1], resolution=4),
    }

    def drawn() -> list[str]:
        figure = plots[kind]().figure
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # of a letter that no font has
            figure.canvas.draw()
        return [text.get_text() for text in figure.findobj(Text) if text.get_text()]

    english = drawn()
    with viz.language("zh"):
        chinese = drawn()
    assert not any(map(CHINESE.search, english))
    if not chinese_fonts():
        assert chinese == english
        return
    said = [text for text in chinese if not text.startswith("$")]
    assert any(map(CHINESE.search, said)) and words_left(" ".join(said)) == set()
    numbers = (sorted(NUMBER.findall(" ".join(texts))) for texts in (english, chinese))
    assert next(numbers) == next(numbers)


def test_a_chinese_name_is_drawn_in_an_english_plot() -> None:
    if not chinese_fonts():
        pytest.skip("no Chinese font")
    history, monitor = watched()
    kernel = history.model.layers[0].kernel
    kernel.name = "第一层/kernel"
    figure = viz.plot_gradient_flow(history.model).figure
    figure.canvas.draw()  # warnings are errors


@pytest.mark.parametrize(
    ("name", "label"),
    [
        *(
            (same, same)
            for same in ("{root}{0}{{say:a.b}}", "<script>x()</script>", "\"'&quot;`$1")
        ),
        ("权重 w，“引号”：第一层", "权重 w，“引号”：第一层"),
        ("a\ue000v n1\ue001", "a\\ue000v n1\\ue001"),  # the marks of numbers in sentences
    ],
)
def test_names_of_users_are_text_in_every_language(name: str, label: str) -> None:
    w, x = Tensor([2.0, 3.0], name=name), Tensor([1.0, -1.0], name="x")
    loss: Any = ops.sigmoid((w * x).sum())
    for lang in ("en", "zh"):
        with viz.language(lang):
            made = [viz.explain(loss, w), viz.zoom(w, (0,), of="gradient", loss=loss)]
            made += [viz.why(loss, w), viz.exercise(loss, ask="gradients"), viz.steps(loss)]
            for thing in made:
                assert label in texts_of(thing), type(thing)


def test_threads_tell_in_their_own_languages() -> None:
    loss, w = graph()
    with viz.language("zh"):
        chinese = str(viz.steps(loss)), str(viz.explain(loss, w))
    english = str(viz.steps(loss)), str(viz.explain(loss, w))
    found: dict[str, list[tuple[str, str]]] = {"en": [], "zh": []}

    def tell(lang: str) -> None:
        viz.language(lang)
        for _ in range(5):
            found[lang].append((str(viz.steps(loss)), str(viz.explain(loss, w))))

    threads = [threading.Thread(target=tell, args=(lang,)) for lang in ("zh", "en", "zh")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found["zh"]) == {chinese} and set(found["en"]) == {english}
    assert str(viz.steps(loss)) == english[0]
