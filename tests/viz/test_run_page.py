"""`report`: a page that stands alone, tells the numbers of the run, and takes names as text."""

from __future__ import annotations

import html.parser
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn.callbacks import Callback
from autograd_nn.datasets import make_moons
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.layers import Dense, Input
from autograd_nn.models import Sequential
from autograd_nn.optimizers import SGD
from autograd_nn.viz import GradientMonitor, report
from autograd_nn.viz.watching.curves import curves
from autograd_nn.viz.watching.norm_map import by_layer, norm_map
from tests.viz.pages import chromium

VOID = {"meta", "br", "line", "polyline", "circle", "rect"}


class Page(html.parser.HTMLParser):
    """The elements of a page, after seeing that each is closed where it should be."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, Any]]] = []
        self.text: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def of(self, tag: str) -> list[dict[str, Any]]:
        return [attributes for name, attributes in self.elements if name == tag]


def trained(epochs: int = 30, name: str = "moons", **fit: Any) -> Sequential:
    model = Sequential(
        [Input((2,)), Dense(6, activation="relu"), Dense(1, activation="sigmoid")], name=name
    )
    model.compile(SGD(0.25, momentum=0.5), "binary_crossentropy", metrics=["accuracy"])
    model.fit(*make_moons(60, seed=1), epochs=epochs, verbose=0, **fit)
    return model


def test_a_page_tells_the_run(tmp_path: Path) -> None:
    model = trained(record_gradients=True, validation_split=0.2)
    path = report(model, tmp_path / "run.html")
    assert path == tmp_path / "run.html"
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    said = " ".join(page.text)
    history = model.history.history
    assert "Run of moons" in said and "30 epochs" in said
    for name in ("loss", "val_loss", "accuracy", "val_accuracy"):
        assert f"{history[name][-1]:.4g}" in said
    for value in history["grad_norm/dense/kernel"][0], history["grad_norm/dense/kernel"][-1]:
        assert f"{value:.4g}" in said
    for word in ("SGD", "0.25", "momentum", "BinaryCrossentropy", "kernel (2,6)", np.__version__):
        assert word in said
    assert f"{sys.version_info.major}.{sys.version_info.minor}." in said
    assert "25 parameters, 25 of them trained" in said  # 2·6 + 6 + 6·1 + 1
    assert "Findings" in said and "Nothing found." in said


def test_it_stands_alone_and_can_be_read_without_seeing(tmp_path: Path) -> None:
    text = report(trained(validation_split=0.2), tmp_path / "run.html").read_text("utf-8")
    page = Page(text)
    assert not re.search(r"https?:|<script|src=|href=|url\((?!#)|@import", text)
    assert "default-src 'none'" in text
    assert page.of("html") == [{"lang": "en"}] and len(page.of("title")) == 1
    assert len(page.of("caption")) == len(page.of("table")) >= 3
    assert all(header["scope"] in ("row", "col") for header in page.of("th"))
    pictures = page.of("svg")
    assert len(pictures) == 3
    for picture in pictures:
        assert picture["role"] == "img" and "over 30 epochs" in picture["aria-label"]
    assert "prefers-color-scheme: dark" in text and "@media print" in text


def test_with_a_monitor_it_has_units_and_updates(tmp_path: Path) -> None:
    monitor = GradientMonitor(clock=lambda: 0.0)
    model = trained(callbacks=[monitor])
    said = " ".join(Page(report(model, tmp_path / "a.html", monitor).read_text("utf-8")).text)
    ratio = monitor.history["update_ratio/dense/kernel"][-1]
    assert f"{ratio:.4g}".replace("-", "−") in said
    assert "relu" in said and "Not looked at" not in said


def test_names_of_users_are_text(tmp_path: Path) -> None:
    class Add(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            logs['<img src=x onerror="alert(1)">'] = 1.0

    name = "<script>alert('&amp;')</script>\n\"" + "→" * 10_000
    model = trained(2, name=name, callbacks=[Add()], record_gradients=True)
    model.layers[0].weights[0].name = "</table>/kernel"
    text = report(model, tmp_path / "run.html").read_text("utf-8")
    page = Page(text)
    assert page.of("script") == [] and page.of("img") == []
    assert any("<script>alert('&amp;')</script>\\n" in part for part in page.text)
    assert len(text) < 30_000


def test_a_run_that_broke_down(tmp_path: Path) -> None:
    model = Sequential([Input((1,)), Dense(1)])
    model.compile(SGD(1e30), "mse")
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="became NaN"):
        model.fit([[1.0], [2.0]], [1.0, 2.0], 1, 8, verbose=0, record_gradients=True)
    page = Page(report(model, tmp_path / "run.html").read_text("utf-8"))
    said = " ".join(page.text)
    assert "learning rate too large" in said and "gaps: not finite" in said and "NaN" in said


def test_a_curve_by_hand() -> None:
    # 0 to 1.08 upwards is 198 units of the picture; 1 … 3 across are 542.
    text = curves({"loss": [1.0, 0.0, 0.5]}, [0, 1, 2], "loss")
    (points,) = re.findall(r'points="([^"]*)"', text)
    foot, height = 280 - 48, 280 - 48 - 34
    expected = [(84, foot - height / 1.08), (355, foot), (626, foot - height * 0.5 / 1.08)]
    found = [tuple(map(float, point.split(","))) for point in points.split()]
    np.testing.assert_allclose(found, expected, atol=0.06)
    assert "loss over 3 epochs: loss 1 at first, 0.5 at last." in text


@pytest.mark.parametrize(
    "values",
    [
        [1.0],
        [math.nan],
        [math.inf, 1.0],
        [0.0, 0.0, 0.0],
        [1e-300, 1e300],
        [-1e308, 1e308],
        [5.0, math.nan, 3.0],
        [1e9, *[1.0] * 30],
        list(np.linspace(1, 2, 10_000)),
    ],
)
def test_every_list_of_numbers_gives_a_picture(values: list[float]) -> None:
    text = curves({"a": values, "b": values[::-1]}, list(range(len(values))), "a")
    Page(text)
    coordinates = re.findall(r'(?:x1|x2|y1|y2|x|y|cx|cy|points)="([^"]*)"', text)
    numbers = [float(n) for part in coordinates for n in part.replace(",", " ").split()]
    assert all(math.isfinite(n) and abs(n) < 2000 for n in numbers)
    assert len(text) < 60_000


def test_what_is_left_out_is_said() -> None:
    assert "not drawn: up to 1e+09" in curves({"a": [1e9, *[1.0] * 30]}, list(range(31)), "a")
    assert "vertical axis logarithmic" in curves({"a": [1.0, 0.001]}, [0, 1], "a")


def test_it_needs_no_matplotlib(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "for name in ('matplotlib', 'graphviz', 'pygraphviz'):\n"
        "    sys.modules[name] = None\n"
        "from autograd_nn import Sequential, viz\n"
        "from autograd_nn.layers import Dense\n"
        "model = Sequential([Dense(1)])\n"
        "model.compile('sgd', 'mse')\n"
        "model.fit([[1.0], [2.0]], [1.0, 2.0], verbose=0)\n"
        f"viz.report(model, {str(tmp_path / 'run.html')!r})\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert (tmp_path / "run.html").stat().st_size > 3000


def test_nothing_is_disturbed(tmp_path: Path) -> None:
    model = trained(2)
    before = [(w.data.copy(), w.grad.copy()) for w in model.weights]
    report(model, tmp_path / "run.html")
    for weight, (data, grad) in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight.data, data)
        np.testing.assert_array_equal(weight.grad, grad)


def test_wrong_calls(tmp_path: Path) -> None:
    path = tmp_path / "run.html"
    model = Sequential([Dense(1)])
    with pytest.raises(StateError, match="call fit first"):
        report(model, path)
    model.compile("sgd", "mse")
    model.fit([[1.0]], [1.0], epochs=0, verbose=0)
    with pytest.raises(StateError, match="call fit first"):
        report(model, path)
    with pytest.raises(ArgumentTypeError, match="a trained model, got History"):
        report(model.history, path)
    model.fit([[1.0]], [1.0], verbose=0)
    with pytest.raises(ArgumentTypeError, match="must be a GradientMonitor, got str"):
        report(model, path, monitor="all")  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match=r"must end in \.html, got .*run\.pdf"):
        report(model, tmp_path / "run.pdf")
    with pytest.raises(ArgumentError, match="there is no folder .*nowhere"):
        report(model, tmp_path / "nowhere" / "run.html")
    other = GradientMonitor()
    trained(1, callbacks=[other])
    with pytest.raises(ArgumentError, match="another run"):
        report(model, path, monitor=other)
    assert not path.exists()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_in_a_browser(tmp_path: Path, scheme: Any, width: int) -> None:
    from axe_playwright_python import sync_playwright as axe
    from playwright import sync_api as playwright

    monitor = GradientMonitor(clock=lambda: 0.0)
    model = trained(callbacks=[monitor], validation_split=0.2)
    path = report(model, tmp_path / "run.html", monitor)
    with playwright.sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        requests: list[str] = []
        errors: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text))
        page.goto(path.as_uri())
        assert requests == [path.as_uri()] and errors == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert axe.Axe().run(page).response["violations"] == []
        browser.close()


def sigmoids(layers: int) -> Sequential:
    model = Sequential([*(Dense(6, activation="sigmoid") for _ in range(layers)), Dense(1)])
    model.compile(SGD(0.1), "mse")
    return model


def test_a_gradient_that_vanishes_is_seen_in_a_picture(tmp_path: Path) -> None:
    model = sigmoids(6)
    history = model.fit(*make_moons(60, seed=1), epochs=4, verbose=0, record_gradients=True).history
    page = Page(report(model, tmp_path / "run.html").read_text(encoding="utf-8"))
    picture = next(a for a in page.of("svg") if "by layer" in a["aria-label"])
    shades = [float(a["fill-opacity"]) for a in page.of("rect") if a.get("class") == "norm"]
    layers = [layer.name for layer in model.layers]
    assert len(shades) == 7 * 4 + 3  # a row for each layer, and the scale
    first, last = shades[:4], shades[24:28]
    assert max(first) < min(last)
    for name in layers:
        both = (history[f"grad_norm/{name}/{part}"] for part in ("kernel", "bias"))
        norms = [math.hypot(*pair) for pair in zip(*both, strict=True)]
        said = {f"{float(f'{norms[n]:.3g}'):.4g}".replace("-", "−") for n in (0, -1)}
        assert said <= set(page.text), name
        assert f"{name} " in picture["aria-label"]
    assert "Numbers of each parameter" in page.text and len(page.of("details")) == 1


def test_a_run_that_recorded_no_gradients_is_replayed_for_the_picture(tmp_path: Path) -> None:
    model = sigmoids(2)
    model.fit(*make_moons(60, seed=1), epochs=3, verbose=0)
    weights = model.get_weights()
    page = Page(report(model, tmp_path / "run.html").read_text(encoding="utf-8"))
    assert any("by layer over 3 epochs" in a["aria-label"] for a in page.of("svg"))
    assert "replayed on a copy" in " ".join(page.text)
    assert all(map(np.array_equal, weights, model.get_weights()))


def test_a_map_of_norms_tells_what_is_not_known_and_leaves_out_the_middle_of_many() -> None:
    norms = {f"l{n}/kernel": [10.0**-n, math.nan, 0.0] for n in range(60)}
    page = Page(norm_map(norms, [0, 1, 2]))
    assert len([a for a in page.of("rect") if a.get("class") == "empty"]) == 40
    label = page.of("svg")[0]["aria-label"]
    assert "20 layers in the middle are left out" in label
    assert "l0" in page.text and "l59" in page.text and "l30" not in page.text
    assert by_layer({"a/kernel": [3.0], "a/bias": [4.0], "b": [1.0]}) == {"a": [5.0], "b": [1.0]}
