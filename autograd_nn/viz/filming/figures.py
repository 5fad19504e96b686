"""A frame of a film drawn with Matplotlib: for a GIF, and for numbered pictures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.engine.errors import MissingPackageError
from autograd_nn.viz.filming.packing import decisions_of, numbers_of
from autograd_nn.viz.filming.reel import Reel
from autograd_nn.viz.graph import notation
from autograd_nn.viz.pictures.rendering import INSTALL
from autograd_nn.viz.watching.axes import chinese_fonts, new_figure, range_of
from autograd_nn.viz.wording.saying import say, speaking

_COLORS = ("#1f5fa8", "#c2560a", "#00805f", "#a8457f", "#8a6d00", "#5b4bb5", "#4a5560")
_MARKERS = "o^sDP*X"
_SIZE, _DOTS = (8.0, 6.4), 80
_MILLISECONDS, _LAST = 100, 2_000
"""How long a frame of a GIF is shown, and how long the last."""


def as_gif(reel: Reel, path: Path, language: str) -> list[Path]:
    """Write all frames into one GIF, which plays again and again."""
    try:
        from PIL import Image
    except ImportError:
        raise MissingPackageError(f"Pillow is needed to write a GIF: {INSTALL}") from None
    images = []
    for figure in _drawn(reel, language):
        canvas = figure.canvas
        canvas.draw()
        image = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba())
        images.append(image.convert("RGB").quantize(128, dither=Image.Dither.NONE))
    durations = [_MILLISECONDS] * (len(images) - 1) + [_LAST]
    images[0].save(path, save_all=True, append_images=images[1:], duration=durations, loop=0)
    return [path]


def as_pictures(reel: Reel, path: Path, language: str) -> list[Path]:
    """Write every frame into an SVG of its own, with its number before the ending."""
    digits = max(3, len(str(len(reel.frames) - 1)))
    written = []
    for place, figure in enumerate(_drawn(reel, language)):
        file = path.with_name(f"{path.stem}-{place:0{digits}}{path.suffix}")
        figure.savefig(file, format="svg", metadata={"Date": None})
        written.append(file)
    return written


def _drawn(reel: Reel, language: str) -> Iterator[Any]:
    """One figure, made anew for every frame: answers, loss, gradients, the largest weight."""
    figure = new_figure(_SIZE)
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure.set_dpi(_DOTS)
    FigureCanvasAgg(figure)
    panels = figure.subplots(2, 2)
    fonts = chinese_fonts()
    settings: Any = {"svg.fonttype": "none", "font.family": ["DejaVu Sans", *fonts]}
    with speaking(language if fonts else "en"), rc_context(settings):
        for place, frame in enumerate(reel.frames):
            at = reel.place_of(frame)
            for ax in panels.ravel():
                ax.clear()
            figure.suptitle(reel.told(place), fontsize=11, parse_math=False)
            _answers(panels[0][0], reel, frame.seen)
            _loss(panels[0][1], reel, at)
            _flow(panels[1][0], reel, at)
            _weight(panels[1][1], reel, frame)
            yield figure
            figure.set_layout_engine("none")  # the places of the first frame are those of all


def _answers(ax: Any, reel: Reel, codes: Any) -> None:
    told = reel.answers
    if told is None:
        ax.set_axis_off()
        return
    ax.set_title(say("filming.answers"), fontsize=10)
    _FORMS[told["kind"]](ax, told, codes)


def _plane(ax: Any, told: dict[str, Any], codes: Any) -> None:
    from matplotlib.colors import to_rgb

    side, (low, high) = told["side"], (told["low"], told["high"])
    classes, shares = decisions_of(codes, len(told["names"]))
    inks = np.array([to_rgb(_COLORS[n % len(_COLORS)]) for n in range(len(told["names"]))])
    depth = (0.12 + 0.4 * shares)[:, None]
    ground = 1 - depth * (1 - inks[classes])
    ground[classes < 0] = 0.6
    extent = (low[0], high[0], low[1], high[1])
    ax.imshow(ground.reshape(side, side, 3), extent=extent, aspect="auto", interpolation="bilinear")
    sides = [np.linspace(low[k], high[k], side) for k in (0, 1)]
    for name in np.unique(classes)[1:]:
        ahead = np.where(classes == name, shares, -shares).reshape(side, side)[::-1]
        ax.contour(*sides, ahead, levels=[0.0], colors="black", linewidths=1)
    points, targets = np.reshape(told["points"], (-1, 2)), np.array(told["targets"])
    for name, label in enumerate(told["names"]):
        ax.plot(
            *points[targets == name].T,
            _MARKERS[(name + name // len(_COLORS)) % len(_MARKERS)],  # of one colour, another
            color=_COLORS[name % len(_COLORS)],
            markeredgecolor="white",
            markeredgewidth=0.5,
            markersize=5,
            label=label,
        )
    ax.legend(fontsize=8, framealpha=0.85, loc="upper right")


def _images(ax: Any, told: dict[str, Any], codes: Any) -> None:
    count, (height, width, colors) = len(told["targets"]), told["shape"]
    columns = math.ceil(math.sqrt(1.5 * count))
    images = told["images"].reshape(count, height, width, colors)
    classes, _ = decisions_of(codes, len(told["names"]))
    for n in range(count):
        x, y = (n % columns) * 1.15, -(n // columns) * 1.6
        ax.imshow(images[n].repeat(3 // colors, axis=2), extent=(x, x + 1, y, y + 1))
        right = classes[n] == told["targets"][n]
        named = "nan" if classes[n] < 0 else told["names"][classes[n]]
        text = f"{named} ✓" if right else f"{named} ✗"
        ax.text(
            x + 0.5, y - 0.4, text, ha="center", fontsize=7, weight="normal" if right else "bold"
        )
    ax.set(xlim=(-0.1, columns * 1.15), ylim=(-(count - 1) // columns * 1.6 - 2.2, 1.1))
    ax.set_axis_off()


def _curve(ax: Any, told: dict[str, Any], codes: Any) -> None:
    answers, (left, right) = numbers_of(codes, *told["down"]), told["across"]
    ax.plot(told["x"], told["y"], ".", color=_COLORS[0], alpha=0.6)
    ax.plot(np.linspace(left, right, len(answers)), answers, color=_COLORS[1])
    ax.set(xlim=told["across"], ylim=told["down"])


def _points(ax: Any, told: dict[str, Any], codes: Any) -> None:
    ax.plot(told["across"], told["across"], "--", color="#888888", linewidth=1)
    ax.plot(told["x"], numbers_of(codes, *told["down"]), ".", color=_COLORS[0], alpha=0.6)
    ax.set(xlim=told["across"], ylim=told["down"])


def _table(ax: Any, told: dict[str, Any], codes: Any) -> None:
    names = [*told["names"], say("filming.others")]
    size = len(names)
    counts = codes.reshape(size, size)
    if not counts[-1].any() and not counts[:, -1].any():
        names, counts = names[:-1], counts[:-1, :-1]
    ax.imshow(counts, cmap="Blues", vmin=0, aspect="auto")
    if len(names) <= 12:
        for row, column in np.ndindex(counts.shape):
            shade = "white" if counts[row, column] > counts.max() / 2 else "black"
            ax.text(
                column, row, counts[row, column], ha="center", va="center", color=shade, fontsize=7
            )
        ax.set_xticks(range(len(names)), names, fontsize=7)
        ax.set_yticks(range(len(names)), names, fontsize=7)


_FORMS = {"plane": _plane, "images": _images, "curve": _curve, "points": _points, "table": _table}


def _loss(ax: Any, reel: Reel, at: int) -> None:
    curves = {n: v for n, v in reel.logs.items() if n in ("loss", "val_loss")}
    low, high, is_log = range_of(list(curves.values()))
    if is_log:
        ax.set_yscale("log")
        ax.minorticks_off()
    steps = [epoch + 1 for epoch in reel.epochs]
    ax.set(xlim=(steps[0] - 0.5, steps[-1] + 0.5), ylim=(low, high))
    for (name, values), color, style in zip(curves.items(), _COLORS, ("-", "--"), strict=False):
        ax.plot(steps, values, style, color=color, alpha=0.25)
        ax.plot(steps[: at + 1], values[: at + 1], style, color=color, label=name)
    ax.set_title(say("filming.loss"), fontsize=10)
    ax.xaxis.get_major_locator().set_params(integer=True)
    if len(curves) > 1:
        ax.legend(fontsize=8)


def _flow(ax: Any, reel: Reel, at: int) -> None:
    names = list(reel.norms)
    known = [v for values in reel.norms.values() for v in values if 0 < v < math.inf]
    ax.set_title(say("filming.flow"), fontsize=10)
    ax.set_yticks(range(len(names)), [notation.clean(n, 14) for n in names], fontsize=8)
    ax.invert_yaxis()
    if not known:
        return
    ax.set_xscale("log")
    ax.minorticks_off()
    ax.set_xlim(min(known) / 1.5, max(known) * 1.5)
    if at >= 0:
        sizes = [reel.norms[name][at] for name in names]
        sizes = [v if math.isfinite(v) else 0.0 for v in sizes]
        ax.barh(range(len(names)), sizes, color="#3d2266")


def _weight(ax: Any, reel: Reel, frame: Any) -> None:
    """The weight with the most elements shown."""
    if not frame.weights:
        ax.set_axis_off()
        return
    place = max(range(len(frame.weights)), key=lambda n: frame.weights[n].size)
    scale, shown = reel.scale(place), reel.weights[place]
    values = frame.weights[place]
    ax.imshow(
        values, cmap="PuOr_r", vmin=-scale, vmax=scale, aspect="auto", interpolation="nearest"
    )
    if values.size <= 400:  # the sign is seen also without colours
        below, across = np.nonzero(values < -0.1 * scale)
        ax.plot(across, below, ".", color="black", markersize=2)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_title(f"{notation.clean(shown.name, 30)}, ±{notation.number(scale)}", fontsize=10)
