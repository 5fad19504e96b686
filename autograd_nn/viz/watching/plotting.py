"""Plots of a run with matplotlib: losses, gradients by depth, histograms over the epochs.

Each takes ``ax`` and returns it, or returns the figure where there are several axes. Save with
``ax.figure.savefig("loss.png")``. No window is opened and nothing of pyplot is touched.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError, suggestion
from autograd_nn.norms import norm
from autograd_nn.training.gradient_norms import PREFIX, named
from autograd_nn.viz.graph import notation
from autograd_nn.viz.watching.axes import (
    BLUE,
    GREY,
    RED,
    SIZE,
    lettered,
    new_figure,
    on_axes,
    put_title,
    range_of,
)
from autograd_nn.viz.watching.histograms import Histogram
from autograd_nn.viz.watching.monitoring import GradientMonitor
from autograd_nn.viz.wording.saying import say

_RIDGES = 12


@lettered
@checked_keywords
def plot_loss(history: Any, ax: Any = None) -> Any:
    """The loss of every epoch, and the validation loss where there is one.

    Logarithmic where the losses cover more than two powers of ten. Losses far above those of the
    later epochs are told and not drawn, for nothing else could be seen.

    Parameters   history: what ``fit`` returned, a trained model, or a dict of lists with "loss"
                 ax: the axes to draw into; a new figure where None
    Returns      the axes
    """
    if hasattr(history, "layers"):
        history = history.history
    logs = _losses(history)
    ax = on_axes(ax)
    epochs = np.asarray(getattr(history, "epoch", range(len(logs["loss"])))) + 1
    styles = {
        "loss": ("-", BLUE, say("plots.training")),
        "val_loss": ("--", RED, say("plots.validation")),
    }
    for name, values in logs.items():
        style, color, label = styles[name]
        marker = "." if len(values) <= 40 else ""
        ax.plot(epochs[: len(values)], values, style, color=color, marker=marker, label=label)
    said = [say("plots.losses")]
    known = [v for values in logs.values() for v in values if math.isfinite(v)]
    low, high, is_log = range_of(list(logs.values()))
    if is_log:
        ax.set_yscale("log")
    ax.set_ylim(low, high)
    ax.set_xlim(epochs[0] - 0.5, epochs[-1] + 0.5)
    ax.xaxis.get_major_locator().set_params(integer=True)
    if known and max(known) > high:
        said.append(say("report.not_drawn", x=notation.number(max(known))))
    broken = [epoch for epoch, v in zip(epochs, logs["loss"], strict=False) if not math.isfinite(v)]
    if broken:
        said.append(say("plots.broken", epoch=broken[0]))
    validation = np.asarray(logs.get("val_loss", [math.nan]), dtype=float)
    if np.isfinite(validation).any():
        best = int(np.nanargmin(validation))
        ax.plot(epochs[best], validation[best], "o", color=RED, fillstyle="none", markersize=9)
        said.append(say("plots.best", epoch=epochs[best]))
    ax.set(xlabel=say("report.epoch"), ylabel=say("report.loss"))
    put_title(ax, said)
    if "val_loss" in logs:
        ax.legend()
    return ax


@lettered
@checked_keywords
def plot_gradient_flow(source: Any, ax: Any = None) -> Any:
    """The gradient norm of every parameter in the order of depth, logarithmic.

    Of a model: that of the last batch, from ``.grad``. Of a GradientMonitor: the last epoch, with
    the range over all epochs. A gradient of 0, and one that was not computed, stand at the foot as
    words.

    Parameters   source: a trained model or a GradientMonitor
                 ax: the axes to draw into; a new figure where None
    Returns      the axes
    """
    last, ranges = _flow(source)
    names = list(last)
    size = (max(SIZE[0], 0.45 * len(names) + 1) + 1.4, SIZE[1] + 0.4)
    ax = on_axes(ax, size)
    places = np.arange(len(names))
    for place, name in zip(places, names, strict=True):
        kept = [v for v in ranges.get(name, []) if math.isfinite(v) and v > 0]
        if kept:
            ax.plot([place, place], [min(kept), max(kept)], color=GREY, linewidth=5, alpha=0.3)
        value = last[name]
        if math.isfinite(value) and value > 0:
            marker, color = ("o", BLUE) if _is_kernel(name) else ("D", RED)
            ax.plot(place, value, marker, color=color, markersize=7)
        else:
            key = "numbers.not_computed" if math.isnan(value) else "names.infinite"
            word = "0" if value == 0 else say(key)
            ax.annotate(
                word,
                (place, 0.02),
                xycoords=("data", "axes fraction"),
                rotation=0 if value == 0 else 90,
                ha="center",
                va="bottom",
                color=RED,
            )
    kernels = [
        (place, last[name])
        for place, name in zip(places, names, strict=True)
        if _is_kernel(name) and math.isfinite(last[name]) and last[name] > 0
    ]
    said = [say("plots.flow")]
    if len(kernels) > 1:
        ax.plot(*zip(*kernels, strict=True), color=BLUE, linewidth=1, alpha=0.6)
        ratio = kernels[0][1] / kernels[-1][1]
        said.append(say("plots.ratio", x=notation.number(ratio)))
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    ax.set_ylim(low / (high / low) ** 0.15, high)  # room for the words at the foot
    ax.set_xlim(-0.5, len(names) - 0.5)
    ax.set_xticks(places, [notation.clean(name, 24) for name in names])
    # Names of users are no formulas, also with two dollar signs.
    for label in ax.get_xticklabels():
        label.set(rotation=40, ha="right", parse_math=False)
    ax.set(xlabel=say("plots.by_depth"), ylabel=say("plots.norm"))
    put_title(ax, said)
    handles = [("o", BLUE, say("plots.kernels")), ("D", RED, say("plots.others"))]
    for marker, color, label in handles:
        ax.plot([], [], marker=marker, color=color, linestyle="", label=label)
    if ranges:
        ax.plot([], [], color=GREY, linewidth=5, alpha=0.3, label=say("plots.range"))
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return ax


@lettered
@checked_keywords
def plot_histograms(monitor: Any, of: str = "weights", parameters: Any = None) -> Any:
    """How the weights, or the gradients, of each parameter are distributed over the epochs.

    A ridge for an epoch, at most twelve, the first at the back, each as high as its most frequent
    values. Those of the gradients have a scale of their own, for gradients shrink by powers of ten:
    their values are divided by the largest of the epoch, which stands at the right.

    Parameters   monitor: a GradientMonitor that watched a run
                 of: "weights" or "gradients"
                 parameters: the names of those to draw, such as ["dense/kernel"]; None for all
                 that are more than one number
    Returns      the figure
    """
    if not isinstance(monitor, GradientMonitor):
        raise ArgumentTypeError(
            f"plot_histograms takes a GradientMonitor, got {type(monitor).__name__}."
        )
    if of not in ("weights", "gradients"):
        raise ArgumentError(f"`of` must be 'weights' or 'gradients', got {of!r}.")
    if not monitor.histograms:
        raise StateError(
            "The monitor has nothing to show yet: give it to fit, callbacks=[monitor]."
        )
    by_epoch = [(kept.epoch, getattr(kept, of)) for kept in monitor.histograms]
    found = {name: counted for _, kept in by_epoch for name, counted in kept.items()}
    names = [name for name, counted in found.items() if sum(counted.counts) > 1] or list(found)
    if parameters is not None:
        names = [parameters] if isinstance(parameters, str) else list(parameters)
        for name in names:
            if name not in found:
                raise ArgumentError(f"There are no {of} of {name!r}.{suggestion(str(name), found)}")
    if not names:
        raise ArgumentError(f"There are no {of} to show: all of them are missing or not finite.")
    chosen = np.unique(np.linspace(0, len(by_epoch) - 1, _RIDGES).round().astype(int))
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    figure = new_figure((3.1 * columns + 0.4, 2.7 * rows + 0.6))
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel, name in zip(panels, names, strict=False):
        ridges = [(by_epoch[i][0], by_epoch[i][1].get(name)) for i in chosen]
        known = [(epoch, counted) for epoch, counted in ridges if counted is not None]
        _ridges(panel, known, own_scale=of == "gradients")
        panel.set_title(notation.clean(name), fontsize=10, parse_math=False)
    for panel in panels[len(names) :]:
        panel.set_axis_off()
    figure.supylabel(say("report.epoch"), fontsize=10)
    unit = "numbers.value" if of == "weights" else "plots.shares"
    figure.supxlabel(say(unit), fontsize=10)
    title = "plots.weights" if of == "weights" else "plots.gradients"
    figure.suptitle(say(title), fontsize=11)
    return figure


def _losses(history: Any) -> dict[str, list[float]]:
    if history is None:
        raise StateError("The model has no history yet: call fit first.")
    logs = getattr(history, "history", history)
    if not isinstance(logs, dict):
        raise ArgumentTypeError(
            "plot_loss takes what fit returned, a trained model or a dict of lists, got "
            f"{type(history).__name__}."
        )
    if not logs.get("loss"):
        raise ArgumentError('There is no "loss" of any epoch to draw: train for an epoch at least.')
    return {name: list(logs[name]) for name in ("loss", "val_loss") if logs.get(name)}


def _flow(source: Any) -> tuple[dict[str, float], dict[str, list[float]]]:
    """The norm of each parameter in depth order, and its values over the epochs."""
    if isinstance(source, GradientMonitor):
        if not source.records:
            raise StateError("The monitor has nothing to show yet: give it to fit.")
        last = {n: p.gradient_norm for n, p in source.records[-1].parameters.items()}
        history = source.history
        return last, {name: history[PREFIX + name] for name in last}
    if not hasattr(source, "trainable_weights"):
        raise ArgumentTypeError(
            f"plot_gradient_flow takes a model or a GradientMonitor, got {type(source).__name__}."
        )
    parameters = named(source.trainable_weights)
    if not parameters:
        raise StateError("The model has no weights yet: call fit first.")
    if all(parameter._grad is None for parameter in parameters.values()):
        raise StateError(
            "No parameter has a gradient yet: call fit or train_on_batch first, or backward()."
        )
    return {
        name: math.nan if p._grad is None else norm(p._grad) for name, p in parameters.items()
    }, {}


def _is_kernel(name: str) -> bool:
    return name.rpartition("/")[2].startswith("kernel")


def _ridges(panel: Any, ridges: list[tuple[int, Histogram]], own_scale: bool) -> None:
    """The distributions of one parameter, one above the other, the last in front."""
    scales = [max(abs(counted.low), abs(counted.high)) or 1.0 for _, counted in ridges]
    largest = max(scales)
    foot = len(ridges) - 1
    for place, ((_, counted), scale) in enumerate(zip(ridges, scales, strict=True)):
        counts = _coarser(np.asarray(counted.counts))
        low, high = counted.low, counted.high
        if low == high:  # values that are all equal: one peak
            low, high, counts = low - 0.02 * scale, high + 0.02 * scale, np.array([1])
        centers = low + (high - low) * (np.arange(len(counts)) + 0.5) / len(counts)
        centers = np.concatenate([[low], centers, [high]]) / (scale if own_scale else 1.0)
        base = foot - place
        tops = base + 1.7 * np.concatenate([[0.0], counts / counts.max(), [0.0]])
        alpha = 0.15 + 0.45 * place / max(foot, 1)
        panel.fill_between(centers, base, tops, color="white", zorder=place, linewidth=0)
        panel.fill_between(centers, base, tops, color=BLUE, alpha=alpha, zorder=place, linewidth=0)
        panel.plot(centers, tops, color=BLUE, linewidth=0.9, zorder=place)
    reach = 1.05 * (1.0 if own_scale else largest)
    panel.set_xlim(-reach, reach)
    panel.axvline(0, color=GREY, linewidth=0.7, linestyle=":", zorder=len(ridges))
    shown = sorted({0, foot // 2, foot})
    panel.set_yticks([foot - place for place in shown], [str(ridges[i][0] + 1) for i in shown])
    if own_scale:
        right = panel.secondary_yaxis("right")
        texts = [f"±{scales[i]:.0e}" for i in shown]
        right.set_yticks([foot - place for place in shown], texts, fontsize=8)
        right.tick_params(length=0)


def _coarser(counts: Any) -> Any:
    """Fewer bins where there are few values, so that chance is not drawn as peaks."""
    wanted = max(4.0, 2 * math.sqrt(counts.sum()))
    bins = next(n for n in (24, 12, 8, 6, 4) if n <= wanted or n == 4)
    return counts.reshape(bins, -1).sum(axis=1)
