"""All frames of a film, with the losses and the norms of gradients over the epochs."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.training.gradient_norms import PREFIX
from autograd_nn.viz.filming.camera import Camera, Frame, Shown
from autograd_nn.viz.filming.packing import coded, packed
from autograd_nn.viz.graph import notation
from autograd_nn.viz.watching.norm_map import by_layer
from autograd_nn.viz.wording.saying import say


class Reel(NamedTuple):
    """What is shown.

    frames    with how many epochs were done at each
    answers   what stays the same of them; None where they are not shown
    weights   those that are trained
    epochs    the places of ``logs`` and ``norms``, counted from 0
    logs      loss and metrics by name
    norms     of the gradient of each layer by name: the mean over the batches of an epoch
    """

    title: str
    frames: list[Frame]
    answers: dict[str, Any] | None
    weights: list[Shown]
    epochs: list[int]
    logs: dict[str, list[float]]
    norms: dict[str, list[float]]

    def place_of(self, frame: Frame) -> int:
        """Where in the lists of numbers a frame is; −1 before the first epoch."""
        return self.epochs.index(frame.done - 1) if frame.done - 1 in self.epochs else -1

    def told(self, place: int) -> str:
        """A line about a frame: how far training is, with its losses and metrics."""
        frame, last = self.frames[place], self.frames[-1].done
        at = self.place_of(frame)
        if at < 0:
            return say("filming.before", last=last)
        numbers = (f"{name} {notation.number(values[at])}" for name, values in self.logs.items())
        return say(
            "filming.at", done=frame.done, last=last, told=say("numbers.comma").join(numbers)
        )

    def scale(self, place: int) -> float:
        """The largest size of an element of one weight in the whole film, 1 where all are 0."""
        sizes = [np.abs(frame.weights[place]) for frame in self.frames]
        return max((float(s[np.isfinite(s)].max(initial=0.0)) for s in sizes), default=0.0) or 1.0

    def data(self) -> dict[str, Any]:
        """All of it for a page."""
        answers = None
        if self.answers is not None:
            answers = {k: packed([v]) if k == "images" else v for k, v in self.answers.items()}
            answers["codes"] = packed([frame.seen for frame in self.frames])
        return {
            "done": [frame.done for frame in self.frames],
            "epochs": self.epochs,
            "logs": {notation.clean(name): _strict(v) for name, v in self.logs.items()},
            "norms": {notation.clean(name): _strict(v) for name, v in self.norms.items()},
            "answers": answers,
            "weights": [self._weight(place) for place in range(len(self.weights))],
        }

    def _weight(self, place: int) -> dict[str, Any]:
        shown, scale = self.weights[place], self.scale(place)
        return {
            "name": notation.clean(shown.name),
            "shape": list(shown.weight.shape),
            "rows": shown.rows,
            "units": shown.units,
            "image": shown.image,
            "scale": scale,
            "codes": packed([coded(frame.weights[place], -scale, scale) for frame in self.frames]),
        }


def reel_of(model: Any, camera: Camera) -> Reel:
    """The film of the run that just ended."""
    history = model.history
    numbers = {
        name: [float(value) for value in values]
        for name, values in history.history.items()
        if all(isinstance(value, (int, float, np.number)) for value in values)
    }
    norms = {name.removeprefix(PREFIX): v for name, v in numbers.items() if name.startswith(PREFIX)}
    return Reel(
        notation.clean(model.name),
        camera.frames,
        camera.subject and camera.subject.told,
        camera.weights,
        history.epoch,
        {name: v for name, v in numbers.items() if not name.startswith(PREFIX)},
        by_layer(norms),
    )


def _strict(values: list[float]) -> list[float | None]:
    """Numbers for JSON, which knows no NaN."""
    return [float(f"{x:.6g}") if math.isfinite(x) else None for x in values]
