"""The callback that keeps the frames of a film while a model is trained."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_nn.callbacks import Callback
from autograd_nn.callbacks.callback import Logs
from autograd_nn.data import Data
from autograd_nn.engine.tensor import Tensor
from autograd_nn.settings import own_randomness
from autograd_nn.training.gradient_norms import named
from autograd_nn.viz.filming.subjects import Subject, image_shape, subject_of

FRAMES = 61
"""At most so many, evenly over the epochs; the state before the first is one of them."""

_ELEMENTS, _ALL_ELEMENTS = 3_200, 6_000
"""Of one weight at most so many elements are shown, and of all in one frame."""


class Frame(NamedTuple):
    """The model when so many epochs were ``done``: its answers in bytes, its weights."""

    done: int
    seen: Any
    weights: list[Any]


class Shown(NamedTuple):
    """A weight as a matrix, and how much of it is shown: units are columns.

    image    height and width where each unit looks at a whole image, else None
    """

    name: str
    weight: Tensor
    rows: int
    units: int
    image: tuple[int, ...] | None

    def now(self) -> Any:
        """The part that is shown."""
        return _as_matrix(self.weight._data)[: self.rows, : self.units].astype(np.float64)


class Camera(Callback):
    """Keeps how a model answers, and its weights, over the epochs of ``fit``."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.subject: Subject | None = None
        self.weights: list[Shown] = []
        self._wanted: set[int] = set()
        self._done = 0

    def set_data(self, data: Data) -> None:
        """See what there is to be shown of answers and weights."""
        with own_randomness(0), np.errstate(all="ignore"):
            self.subject = subject_of(self.model, data)
        self.weights = _shown(self.model, data.x)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Take the first frame before anything is trained."""
        self._done = epoch
        if not self.frames:
            last = self.params["epochs"]
            most = min(FRAMES, last - epoch + 1)
            self._wanted = set(np.linspace(epoch, last, most).round().astype(int).tolist())
            self._take()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Take a frame, if this is one of those that are wanted."""
        self._done = epoch + 1
        if self._done in self._wanted:
            self._take()

    def on_train_end(self, logs: Logs = None) -> None:
        """The last frame has the weights that stay, which averages and other callbacks may set."""
        if self.frames and self.frames[-1].done == self._done:
            self.frames.pop()
        self._take()

    def _take(self) -> None:
        seen = None
        if self.subject is not None:
            with own_randomness(0), np.errstate(all="ignore"):
                seen = self.subject.seen(self.model.predict(self.subject.inputs, 4096, verbose=0))
        self.frames.append(Frame(self._done, seen, [shown.now() for shown in self.weights]))


def _shown(model: Any, x: Any) -> list[Shown]:
    """The weights that are trained, and how much of each is shown."""
    parameters = named(model.trainable_weights)
    sizes = [weight.size for weight in parameters.values()]
    most = _ELEMENTS
    while most > 16 and sum(min(size, most) for size in sizes) > _ALL_ELEMENTS:
        most //= 2
    image = image_shape(x.shape[1:]) if type(x) is np.ndarray else None
    found = []
    for name, weight in parameters.items():
        rows, units = _as_matrix(weight._data).shape
        looks = image is not None and len(weight.shape) == 2 and rows == image[0] * image[1]
        rows = min(rows, most) if not looks else rows
        units = min(units, max(most // rows, 1))
        found.append(Shown(name, weight, rows, units, image[:2] if looks and image else None))
    return found


def _as_matrix(values: Any) -> Any:
    """All but the last axis as rows; of a vector, such as a bias, one row."""
    return values.reshape(-1, values.shape[-1]) if values.ndim else values.reshape(1, 1)
