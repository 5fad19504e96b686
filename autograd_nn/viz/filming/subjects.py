"""What a film shows of the answers of a model: a plane, images, a curve, points, or a table."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.data import Data, lacks_targets
from autograd_nn.several import Several
from autograd_nn.viz.filming.decisions import Decisions, decisions
from autograd_nn.viz.filming.packing import STEPS, coded, decided

SIDE = 56
"""So many points of a grid in either direction, at which decisions are looked up."""

SAMPLES = 250
"""So many samples at most are drawn or counted, evenly from all; a byte holds the count."""

IMAGES, LARGEST_IMAGE = 24, 32
"""So many at most, of so many pixels in either direction; of larger ones every second, third …"""

ALONG = 120
"""So many points of a curve."""

MOST_CLASSES = 30
"""Of a table; what is left stands in its last row and column together."""


class Subject(NamedTuple):
    """What is looked at in every frame.

    told     what stays the same, for the page: its ``kind``, the samples
    inputs   those that the model is asked about
    seen     answers -> a byte for everything that is shown of them
    """

    told: dict[str, Any]
    inputs: Any
    seen: Callable[[Any], Any]


def subject_of(model: Any, data: Data) -> Subject | None:
    """What of the answers can be shown; None where there are several, or no true values."""
    x, y = data.x, data.y
    if isinstance(x, Several) or isinstance(y, Several) or y is None or lacks_targets(y):
        return None
    answers = model.predict(x[:1], verbose=0)
    if not isinstance(answers, np.ndarray):
        return None
    shape = (len(x), *answers.shape[1:])
    found = decisions(y, shape, getattr(model.loss, "from_logits", False))
    if found is not None and x.shape[1:] == (2,) and found.targets.size == len(x):
        return _plane(x, found, _evenly(len(x), SAMPLES))
    if found is not None and found.targets.size == len(x) and image_shape(x.shape[1:]):
        return _images(x, found, _evenly(len(x), IMAGES))
    if found is not None:
        return _table(x, found)
    if y.size != math.prod(shape):
        return None
    if x.shape[1:] == (1,) and y.size == len(x):
        return _curve(x, y, _evenly(len(x), SAMPLES))
    return _points(x, y)


def image_shape(sample: tuple[int, ...]) -> tuple[int, ...] | None:
    """Height, width and colours of a sample that is an image, also as one row; else None."""
    if len(sample) == 3 and sample[2] in (1, 3):
        return sample
    if len(sample) == 2 and sample[0] == sample[1] >= 8:
        return (*sample, 1)
    side = math.isqrt(sample[0]) if len(sample) == 1 else 0
    return (side, side, 1) if side >= 7 and side * side == sample[0] else None


def _plane(x: Any, found: Decisions, rows: Any) -> Subject:
    """The decision at every point of the plane, and the samples in it."""
    low, high = x.min(axis=0), x.max(axis=0)
    margin = 0.1 * np.maximum(high - low, 1e-6)
    low, high = low - margin, high + margin
    sides = [np.linspace(a, b, SIDE, dtype=x.dtype) for a, b in zip(low, high, strict=True)]
    # The first row of the grid is the upper edge of the picture.
    grid = np.stack(np.meshgrid(sides[0], sides[1][::-1]), axis=-1).reshape(-1, 2)
    told = {
        "kind": "plane",
        "side": SIDE,
        "low": _short(low),
        "high": _short(high),
        "points": _short(x[rows]),
        "targets": found.targets[rows].tolist(),
        "names": found.names,
        "count": len(rows),
        "of": len(x),
    }
    return Subject(told, grid, lambda answers: decided(*found.read(answers), len(found.names)))


def _images(x: Any, found: Decisions, rows: Any) -> Subject:
    """Some images with the class that each is taken for."""
    shape = image_shape(x.shape[1:])
    assert shape is not None
    step = -(-max(shape[:2]) // LARGEST_IMAGE)
    images = x[rows].reshape(-1, *shape)[:, ::step, ::step]
    told = {
        "kind": "images",
        "shape": list(images.shape[1:]),
        "images": coded(images, float(images.min()), float(images.max())),
        "targets": found.targets[rows].tolist(),
        "names": found.names,
        "count": len(rows),
        "of": len(x),
    }
    inputs = x[rows]
    return Subject(told, inputs, lambda answers: decided(*found.read(answers), len(found.names)))


def _table(x: Any, found: Decisions) -> Subject:
    """How many samples of each class are taken for which."""
    targets = found.targets.reshape(len(x), -1)
    each = targets.shape[1]  # more than one of a sequence
    rows = _evenly(len(x), max(1, SAMPLES // each))
    targets = targets[rows].ravel()
    counts = np.bincount(targets, minlength=len(found.names))
    shown = np.sort(np.argsort(-counts, kind="stable")[:MOST_CLASSES])
    place = np.full(len(found.names) + 1, len(shown))  # the rest; −1, not finite, is there too
    place[shown] = np.arange(len(shown))
    size = len(shown) + 1

    def seen(answers: Any) -> Any:
        winner, _ = found.read(answers)
        cells = place[targets] * size + place[winner]
        return np.minimum(np.bincount(cells, minlength=size * size), STEPS).astype(np.uint8)

    names = [found.names[n] for n in shown]
    told = {"kind": "table", "names": names, "count": len(targets), "of": found.targets.size}
    return Subject(told, x[rows], seen)


def _curve(x: Any, y: Any, rows: Any) -> Subject:
    """The answer along one feature, and the samples around it."""
    low, high = float(x.min()), float(x.max())
    margin = 0.05 * ((high - low) or 1.0)
    low, high = low - margin, high + margin
    bottom, top = _widened(y)
    told = {
        "kind": "curve",
        "x": _short(x[rows].ravel()),
        "y": _short(y.ravel()[rows]),
        "across": [low, high],
        "down": [bottom, top],
        "count": len(rows),
        "of": len(x),
    }
    grid = np.linspace(low, high, ALONG, dtype=x.dtype)[:, None]
    return Subject(told, grid, lambda answers: coded(answers.ravel(), bottom, top))


def _points(x: Any, y: Any) -> Subject:
    """Answers against true values."""
    values = y.reshape(len(x), -1)
    rows = _evenly(len(x), max(1, SAMPLES // values.shape[1]))
    values = values[rows].ravel()[:SAMPLES]
    bottom, top = _widened(y)
    told = {
        "kind": "points",
        "x": _short(values),
        "across": [bottom, top],
        "down": [bottom, top],
        "count": len(values),
        "of": y.size,
    }
    return Subject(told, x[rows], lambda a: coded(a.ravel()[: len(values)], bottom, top))


def _evenly(count: int, most: int) -> Any:
    return np.linspace(0, count - 1, min(count, most)).astype(int)


def _widened(values: Any) -> tuple[float, float]:
    """A range with room around it: answers are at first far from what they should be."""
    low, high = float(values.min()), float(values.max())
    margin = 0.25 * ((high - low) or abs(high) or 1.0)
    return low - margin, high + margin


def _short(numbers: Any) -> list[Any]:
    """Numbers as a page has them: five digits are finer than its pixels."""
    rounded: list[Any] = [float(f"{x:.5g}") for x in np.ravel(numbers)]
    return rounded
