"""A run of training taken up again on a copy of its model, with one thing changed."""

from __future__ import annotations

import contextlib
import copy
import io
import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd_nn.callbacks.history import Beginning, History
from autograd_nn.data import Data
from autograd_nn.engine.derivatives import gradients
from autograd_nn.engine.mutation import put
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.tensor import Tensor
from autograd_nn.settings import own_randomness
from autograd_nn.training.batches import Arrays
from autograd_nn.training.fit_loop import FitLoop
from autograd_nn.training.gradient_norms import PREFIX
from autograd_nn.training.one_step import recorded_loss

STEPS = 3000
"""A replay takes at most so many steps: of small networks a second at most."""

WORK = 3e9
"""And so many products of a weight and a sample, also about a second."""

PART = 10
"""So many epochs are trained before one looks whether that is enough."""

Change = Callable[[Any], None]
"""What is done to a copy of the model before it is trained."""

DataChange = Callable[[Data], Data]
"""What a copy is trained on in place of the samples kept."""


class Replay:
    """What a run was like at its ends, and how it goes with something changed, on copies.

    Neither the model nor its ``.grad`` nor what is random in this process is touched.
    """

    def __init__(self, history: History, beginning: Beginning) -> None:
        self.model: Any = history.model
        self.data = beginning.data
        self.is_whole = beginning.is_whole
        self.weights = beginning.weights
        self.batch_size = beginning.batch_size
        self.epochs = max(len(history.epoch), 1)

    # ------------------------------------------------------------------ models

    def at_end(self) -> Any:
        """A copy of the model as it is. NumPy takes its steps: compiling would take seconds."""
        model = copy.deepcopy(self.model)
        model._training.jit_compile = False
        return model

    def at_start(self) -> Any:
        """A copy with the weights of before the first step, and an optimizer without a past."""
        model = self.at_end()
        weights = model.weights
        if self.weights is None or [w.shape for w in weights] != [w.shape for w in self.weights]:
            raise LookupError("the first weights were not kept")
        for weight, before in zip(weights, self.weights, strict=True):
            put(weight, before)
        optimizer = model.optimizer
        model._training.optimizer = type(optimizer).from_config(optimizer.get_config())
        return model

    def batch(self) -> Data:
        """Samples for one step, evenly from all."""
        count = len(self.data.x)
        rows = np.linspace(0, count - 1, min(self.batch_size, count)).astype(int)
        return self.data.rows(rows)

    def loss_of(self, model: Any) -> Tensor:
        """The recorded loss of one batch, as a step of training computes it."""
        with _aside(), recorded():
            x, y, weight = self.batch()
            return recorded_loss(model, model._training.loss, x, y, weight)[0]

    def loss_without_training(self, model: Any, data: Data) -> float:
        """The loss of some samples as `evaluate` computes it: without dropout, say."""
        loss = model._training.loss
        with _aside():
            return float(recorded_loss(model, loss, data.x, data.y, None, training=False)[0]._data)

    def pass_through(self, model: Any) -> None:
        """Put all samples through a copy in one batch, as a step of training does."""
        with _aside():
            model(self.data.x, training=True)

    def gradients_of(self, model: Any) -> list[Any]:
        """The gradients of a batch for the trainable weights, None where none flows."""
        parameters = model.trainable_weights
        with np.errstate(all="ignore"):
            return gradients(self.loss_of(model), parameters) if parameters else []

    # ------------------------------------------------------------------ training

    def most_epochs(self, wanted: int) -> int:
        """As many of the epochs wanted as are done in about a second."""
        samples = len(self.data.x)
        size = sum(weight.size for weight in self.model.weights)
        steps = math.ceil(samples / self.batch_size)
        most = min(STEPS // steps, int(WORK / max(size * samples, 1)))
        return max(min(wanted, most), 1)

    def trained(self, model: Any, epochs: int, data: Data | None = None) -> list[float]:
        """Train a copy, and give the loss of every epoch."""
        data = self.data if data is None else data
        with _aside():
            run = FitLoop(model, model._training, Arrays(data, self.batch_size, True), None)
            return list(run.train(range(epochs), [], 0).history["loss"])

    def norms(self, model: Any, epochs: int) -> dict[str, list[float]]:
        """Train a copy, and give the mean norm of every gradient for every epoch."""
        with _aside():
            data = Arrays(self.data, self.batch_size, True)
            run = FitLoop(model, model._training, data, None, True)
            logs = run.train(range(self.most_epochs(epochs)), [], 0).history
        return {n.removeprefix(PREFIX): v for n, v in logs.items() if n.startswith(PREFIX)}

    def trained_on(self, epochs: int, enough: float) -> list[float]:
        """Train a copy of the model as it is, until its loss is below what is enough."""
        model, losses = self.at_end(), [math.inf]
        left = self.most_epochs(epochs)
        while left > 0 and not losses[-1] < enough:
            losses += self.trained(model, min(left, PART))
            left -= PART
        return losses[1:]

    def compared(
        self, change: Change, epochs: int, of_data: DataChange | None = None
    ) -> tuple[list[float], list[float]]:
        """The losses of the run from its first weights, as it was and with a change."""
        epochs = self.most_epochs(epochs)
        as_it_was, changed = self.at_start(), self.at_start()
        data = self.data if of_data is None else of_data(self.data)
        with own_randomness(1):
            change(changed)
        return self.trained(as_it_was, epochs), self.trained(changed, epochs, data)


def unchanged(model: Any) -> None:
    """No change of the model: that of the data is the one."""


def is_better(before: float, after: float, enough: float) -> bool:
    """Whether a replay came below so much of the loss with the cause, or to a number at all."""
    if not math.isfinite(before):
        return math.isfinite(after)
    return after < enough * before


def scaled(array: Any) -> Any:
    """Every feature with mean 0 and standard deviation 1, a constant one with 0."""
    spread = array.std(axis=0)
    return (array - array.mean(axis=0)) / np.where(spread > 0, spread, 1)


@contextlib.contextmanager
def _aside() -> Iterator[None]:
    """What is done inside is heard of by nobody: no warning, nothing printed, nothing drawn."""
    with (
        own_randomness(0),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield


def replay_of(history: Any) -> Replay | None:
    """The run to be taken up again, None where that cannot be.

    It cannot where nothing was kept of it, where its model was trained in another run since, and
    where the model has a step of the user's own.
    """
    beginning = getattr(history, "beginning", None)
    model = getattr(history, "model", None)
    if not isinstance(history, History) or beginning is None or model is None:
        return None
    if model.history is not history or model._training is None or model.has_own("train_step"):
        return None
    if beginning.weights is None:  # a large model, of which no copies are made
        return None
    return Replay(history, beginning)
