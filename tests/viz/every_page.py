"""Every kind of page in one language, and how each is brought to where it shows most."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn import Sequential, set_random_seed, viz
from autograd_nn.datasets import load_digits, make_moons
from autograd_nn.layers import Dense
from autograd_nn.optimizers import SGD
from autograd_nn.viz import GradientMonitor
from tests.viz.graphs import lesson

WITHOUT_SCRIPT = ("report", "sheet", "notebook")
"""Of the kinds in `KINDS`."""

DESK, PHONE = {"width": 1366, "height": 768}, {"width": 400, "height": 800}


def written(folder: Path, lang: str) -> dict[str, Path]:
    """A page of every kind, by its name in `KINDS`."""
    points, labels = make_moons(40, 0.1, seed=0)
    digits, names = load_digits()[0]
    with viz.language(lang):
        graph = viz.explore(lesson().loss, folder / "graph.html", optimizer=SGD(0.1)).path
        plane = _classifier(points, labels).explore(points, labels, folder / "plane.html").path
        images = _classifier(digits, names, 10).explore(digits[:8], names[:8], folder / "i.html")
        film = viz.film(
            _classifier(points, labels), points, labels, 6, folder / "film.html", verbose=0
        )
        return {
            "graph": graph,
            "class": plane,
            "plane": plane,
            "images": images.path,
            "exercise": graph,
            "film": film.path,
            "report": _report(folder / "report.html"),
            "sheet": viz.exercise(lesson().loss, ask="gradients").save(folder / "sheet.html"),
            "notebook": _notebook(folder / "notebook.html", lang),
        }


def _classifier(x: Any, y: Any, classes: int = 1) -> Any:
    set_random_seed(0)
    last, loss = "sigmoid", "binary_crossentropy"
    if classes > 1:
        last, loss = "softmax", "sparse_categorical_crossentropy"
    model = Sequential([Dense(6, activation="tanh"), Dense(classes, activation=last)])
    model.compile(SGD(0.3), loss)
    model.build(x.shape)
    return model


def _watched() -> tuple[Any, GradientMonitor]:
    set_random_seed(0)
    model = Sequential([Dense(6, activation="relu"), Dense(4, activation="sigmoid"), Dense(1)])
    model.compile(SGD(0.1), "mse")
    x = np.linspace(-60, 60, 80).reshape(40, 2)
    monitor = GradientMonitor(clock=lambda: 0.0)
    model.fit(x, x[:, 0], 8, 6, verbose=0, callbacks=[monitor], validation_split=0.2)
    return model, monitor


def _report(path: Path) -> Path:
    model, monitor = _watched()
    return viz.report(model, path, monitor)


def _notebook(path: Path, lang: str) -> Path:
    """What a notebook shows of each thing that it shows as HTML, one below the other."""
    loss = lesson().loss
    shown = [
        viz.draw(loss),
        viz.zoom(loss, (), loss=loss),
        viz.exercise(loss, ask="rules"),
        viz.diagnose(_watched()[0].history),
        viz.explore(loss, path.with_name("inside.html")),
    ]
    cells = "\n".join(
        f"<section>{thing._repr_mimebundle_()['text/html']}</section>" for thing in shown
    )
    path.write_text(
        f'<!DOCTYPE html><html lang="{lang}"><head><meta charset="utf-8"><title>.ipynb</title>'
        f'<meta name="viewport" content="width=device-width"></head><body><main>{cells}</main>'
        "</body></html>",
        "utf-8",
    )
    return path


def _last_step(page: Any) -> None:
    page.keyboard.press("End")
    page.evaluate("document.querySelector('#all-steps summary').click()")


def _trained(page: Any) -> None:
    if page.locator("#course-switch").is_visible():
        page.click("#course-switch")
    page.click("#one-step")
    page.wait_for_timeout(300)


def _asked(page: Any) -> None:
    page.click("#exercise-switch")
    page.keyboard.press("b")
    while not page.is_visible("#question"):
        page.click("#next")
    page.fill("#answer", "0.123")
    page.press("#answer", "Enter")


KINDS: dict[str, Callable[[Any], None]] = {
    "graph": _last_step,
    "class": lambda page: page.keyboard.press("c"),
    "plane": _trained,
    "images": _trained,
    "exercise": _asked,
    "film": lambda page: page.keyboard.press("End"),
    "report": lambda page: None,
    "sheet": lambda page: None,
    "notebook": lambda page: page.wait_for_timeout(500),
}
"""What is done in a page before it is looked at."""
