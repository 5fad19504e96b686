"""`film`: a training that can be played, as one HTML file, as a GIF, and as numbered pictures."""

from __future__ import annotations

import html
import os
from pathlib import Path
from typing import Any

from autograd_nn.engine.argument_checks import positive_integer
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.files import checked_path
from autograd_nn.training.configuration import refuse_uncompiled
from autograd_nn.viz.filming.camera import Camera
from autograd_nn.viz.filming.reel import Reel, reel_of
from autograd_nn.viz.graph.notation import clean
from autograd_nn.viz.page.assembling import assembled
from autograd_nn.viz.page.explorer import Page
from autograd_nn.viz.wording.saying import speaking, spoken

SCRIPTS = (
    *("page/words.js", "page/numbers.js", "page/elements.js", "page/heat_map.js"),
    *("page/boundary.js", "page/curve.js", "page/playing.js"),
    *("filming/unpacked.js", "filming/answers.js", "filming/film.js"),
)


def film(
    model: Any,
    x: Any,
    y: Any,
    epochs: int,
    path: str | os.PathLike[str] = "film.html",
    *,
    lang: str | None = None,
    **fit: Any,
) -> Film:
    """Train a model as ``fit`` does, and write one HTML file that plays it.

    It trains this model, no copy: what comes out is what ``model.fit(x, y, epochs=epochs, **fit)``
    gives with the same seed, to the last bit, and ``model.history`` is that of
    ``record_gradients=True``. Shown are, in at most 61 frames evenly over the epochs, how the model
    answers (of two features the decision boundary with the samples; of images some with what they
    are taken for; of one feature a curve; else answers against true values), the loss, the norm of
    the gradient of each layer, and the weights. The page works offline and makes no request.

    What is drawn has 255 shades or places (8 bits), so that the page stays small; losses and norms
    are written as they are.

    Parameters   model: a compiled model
                 epochs: how many; one frame is taken before the first
                 path: where to write, ending in .html; a file that is there is replaced
                 lang: "en" or "zh", None for that of `language`
                 fit: the other arguments of ``fit``: batch_size, validation_split, callbacks …
    Returns      a Film: open its ``path`` in a browser; a notebook shows it; ``save("film.gif")``
    Raises       StateError for a model that was not compiled, ArgumentTypeError for what is no
                 model, ArgumentError for another ending and no epochs; and what ``fit`` raises
    Example

    >>> import tempfile
    >>> from autograd_nn import Sequential, viz
    >>> from autograd_nn.datasets import make_moons
    >>> from autograd_nn.layers import Dense
    >>> model = Sequential([Dense(8, activation="tanh"), Dense(1, activation="sigmoid")])
    >>> model.compile("adam", "binary_crossentropy")
    >>> x, y = make_moons(64, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(viz.film(model, x, y, epochs=3, path=f"{folder}/film.html", verbose=0).frames)
    4
    """
    if not hasattr(model, "fit") or not hasattr(model, "trainable_weights"):
        raise ArgumentTypeError(
            f"film takes a model, got {type(model).__name__}: film(model, x, y, epochs=20)."
        )
    refuse_uncompiled(model._training, "film")
    epochs = positive_integer("epochs", epochs)
    path = checked_path(path, "html")
    with speaking(lang):
        language = spoken()
    camera = Camera()
    own = fit.pop("callbacks", None) or []
    own = list(own) if isinstance(own, (list, tuple)) else [own]
    fit = {**fit, "callbacks": [*own, camera], "record_gradients": True}
    model.fit(x, y, epochs=epochs, **fit)
    reel = reel_of(model, camera)
    title = clean(model.name)
    with speaking(language):
        text = assembled(
            "filming/film.html",
            ["page/colors.css", "page/charts.css", "filming/film.css"],
            SCRIPTS,
            reel.data(),
            {"title": html.escape(title)},
        )
    path.write_bytes(text.encode())
    return Film(path, text, title, reel, language)


class Film(Page):
    """A page that plays a training: ``path`` says where it is, and a notebook shows it."""

    __slots__ = ("_language", "_reel")

    def __init__(self, path: Path, text: str, title: str, reel: Reel, language: str) -> None:
        super().__init__(path, text, title)
        self._reel = reel
        self._language = language

    @property
    def frames(self) -> int:
        """How many there are; the first is before anything was trained."""
        return len(self._reel.frames)

    def save(self, path: str | os.PathLike[str]) -> list[Path]:
        """Write all frames: into one GIF, or each into an SVG with its number in its name.

        Drawn with Matplotlib, in English where it knows no Chinese font. ``save("film.gif")`` plays
        ten frames a second; ``save("frames/frame.svg")`` writes frames/frame-000.svg,
        frame-001.svg …

        Returns      the files that were written
        Raises       ArgumentError for another ending and a folder that is not there,
                     MissingPackageError without Matplotlib and Pillow
        """
        path = checked_path(path, "gif", "svg")
        from autograd_nn.viz.filming.figures import as_gif, as_pictures

        write = as_gif if path.suffix.lower() == ".gif" else as_pictures
        return write(self._reel, path, self._language)
