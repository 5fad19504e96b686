"""Plots of what a model has become: its decisions in the plane, its weights as images."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_nn.data import as_inputs
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer
from autograd_nn.engine.errors import ArgumentTypeError, ShapeError, StateError
from autograd_nn.viz.graph import notation
from autograd_nn.viz.watching.axes import (
    BLUE,
    GREEN,
    ORANGE,
    RED,
    lettered,
    new_figure,
    on_axes,
    put_title,
)
from autograd_nn.viz.wording.saying import say

_CLASSES = (BLUE, ORANGE, GREEN, "#CC79A7", RED, "#56B4E9", "#F0E442", "#000000")
_MARKERS = "o^sDvPX*"


@lettered
@checked_keywords
def plot_decision_boundary(
    model: Any, x: Any, y: Any = None, ax: Any = None, resolution: int = 150
) -> Any:
    """Which class the model names where in the plane, and the points it was given.

    For a single output the shade is the answer itself and the line is where it is undecided, 0.5,
    or 0 for logits; for several the class with the largest.

    Parameters   model: a model that takes two features
                 x: points (N, 2); y: their classes, as integers, or None for none
                 ax: the axes to draw into; a new figure where None
                 resolution: points of the grid in either direction, default 150
    Returns      the axes
    Raises       ShapeError for another number of features
    """
    points = as_inputs(x)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ShapeError(
            f"A decision boundary is drawn for two features, x of shape (N, 2), got "
            f"{points.shape}. Train a model on two of the features, or on two components of them."
        )
    labels = _labels(y, len(points))
    resolution = positive_integer("resolution", resolution, minimum=2)
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.1 * np.maximum(high - low, 1e-6)
    sides = [
        np.linspace(a, b, resolution) for a, b in zip(low - margin, high + margin, strict=True)
    ]
    grid = np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)
    answers = model.predict(grid, batch_size=4096, verbose=0)
    answers = answers.reshape(resolution, resolution, -1)
    ax = on_axes(ax, (5.2, 4.6))
    ax.grid(False)
    if answers.shape[-1] == 1:
        text = _shade(ax, sides, answers[..., 0], getattr(model.loss, "from_logits", False))
    else:
        regions = answers.argmax(axis=-1)
        edges = np.arange(answers.shape[-1] + 1) - 0.5
        colors = [_CLASSES[i % len(_CLASSES)] for i in range(answers.shape[-1])]
        ax.contourf(*sides, regions, levels=edges, colors=colors, alpha=0.25)
        ax.contour(*sides, regions, levels=edges[1:-1], colors="black", linewidths=0.8)
        text = say("plots.largest")
    if labels is None:
        ax.plot(*points.T, ".", color="black", markersize=4)
    else:
        for place, label in enumerate(np.unique(labels)):
            chosen = points[labels == label]
            ax.plot(
                *chosen.T,
                _MARKERS[place % len(_MARKERS)],
                color=_CLASSES[place % len(_CLASSES)],
                markeredgecolor="white",
                markeredgewidth=0.6,
                markersize=6,
                label=say("plots.class", label=label),
            )
        ax.legend(frameon=True, framealpha=0.85)
    ax.set(xlabel=say("plots.first_feature"), ylabel=say("plots.second_feature"))
    put_title(ax, [say("plots.decision"), text])
    return ax


@lettered
@checked_keywords
def plot_weights(layer: Any, shape: Any = None, units: int = 25) -> Any:
    """The kernel of a Dense layer as images, one for each unit: what it looks for in its inputs.

    Purple is negative and carries dots, orange is positive, white is 0; all images have one scale.

    Parameters   layer: a built layer with a ``kernel`` (I, O)
                 shape: height and width of an image; None takes the square where I is one, and
                 else one row
                 units: at most so many units, the first, default 25
    Returns      the figure
    """
    kernel = getattr(layer, "kernel", None)
    if kernel is None or getattr(kernel, "ndim", 0) != 2:
        if hasattr(layer, "built") and not layer.built:
            raise StateError(f"{layer.name!r} has no weights yet: build the model, or fit.")
        raise ArgumentTypeError(
            "plot_weights takes a layer with a kernel of shape (inputs, units), such as "
            f"model.layers[0], got {type(layer).__name__}."
        )
    values = np.asarray(kernel._data, dtype=np.float64)
    inputs, outputs = values.shape
    height, width = _image_shape(shape, inputs)
    shown = min(positive_integer("units", units), outputs)
    finite = np.abs(values[np.isfinite(values)])
    limit = float(finite.max(initial=0.0)) or 1.0
    columns = min(math.ceil(math.sqrt(shown)), 8) if height > 1 else 1
    rows = -(-shown // columns)
    figure = new_figure(
        (max(3.6, 1.15 * columns + 1.2), max(2.4, (1.3 if height > 1 else 0.6) * rows + 0.8))
    )
    panels = figure.subplots(rows, columns, squeeze=False)
    picture = None
    for unit, panel in enumerate(panels.ravel()):
        if unit >= shown:
            panel.set_axis_off()
            continue
        image = values[:, unit].reshape(height, width)
        picture = panel.imshow(
            image, cmap="PuOr_r", vmin=-limit, vmax=limit, aspect="equal" if height > 1 else "auto"
        )
        if image.size <= 400:
            # The sign is seen also without colours.
            below, across = np.nonzero(image < -0.1 * limit)
            panel.plot(across, below, ".", color="black", markersize=2)
        panel.set_title(say("plots.unit", n=unit), fontsize=8, pad=2)
        panel.set_xticks([])
        panel.set_yticks([])
    figure.colorbar(picture, ax=panels, label=say("plots.weight"), fraction=0.05)
    key = "plots.some_weights_of" if shown < outputs else "plots.weights_of"
    title = say(key, name=notation.clean(layer.name), shown=shown, units=outputs)
    figure.suptitle(title, fontsize=10, parse_math=False)
    return figure


def _labels(y: Any, samples: int) -> Any:
    if y is None:
        return None
    labels = np.asarray(y)
    if labels.ndim == 2 and labels.shape[1] > 1:
        labels = labels.argmax(axis=1)
    labels = labels.ravel()
    if len(labels) != samples:
        raise ShapeError(f"`y` of shape {np.shape(y)} does not fit {samples} points.")
    whole = labels.astype(np.int64) if labels.dtype.kind == "f" else labels
    return whole if np.array_equal(whole, labels) else labels


def _shade(ax: Any, sides: list[Any], answers: Any, from_logits: bool) -> str:
    """The answers of a single output as shades, with the line between the classes."""
    middle = 0.0 if from_logits else 0.5
    reach = max(float(np.nanmax(np.abs(answers - middle))), 1e-6)
    reach = reach if from_logits else max(reach, 0.5)
    levels = np.linspace(middle - reach, middle + reach, 11)
    from matplotlib.colors import LinearSegmentedColormap

    colors = LinearSegmentedColormap.from_list("classes", [BLUE, "white", ORANGE])
    shade = ax.contourf(*sides, answers, levels=levels, cmap=colors, alpha=0.6)
    if answers.min() < middle < answers.max():
        ax.contour(*sides, answers, levels=[middle], colors="black", linewidths=1.5)
    ax.figure.colorbar(shade, ax=ax, label=say("plots.logit" if from_logits else "plots.answer"))
    return say("plots.line", x=f"{middle:g}")


def _image_shape(shape: Any, inputs: int) -> tuple[int, int]:
    if shape is None:
        side = math.isqrt(inputs)
        return (side, side) if side * side == inputs else (1, inputs)
    if not isinstance(shape, (tuple, list)) or len(shape) != 2:
        raise ArgumentTypeError(f"`shape` must be (height, width), got {shape!r}.")
    height, width = (positive_integer("shape", length) for length in shape)
    if height * width != inputs:
        raise ShapeError(
            f"`shape` ({height}, {width}) has {height * width} pixels, the layer has {inputs} "
            "inputs."
        )
    return height, width
