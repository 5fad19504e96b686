"""Figures, axes, ranges and colours for the plots; matplotlib is imported here."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np

from autograd_nn.engine.errors import ArgumentTypeError, MissingPackageError
from autograd_nn.viz.pictures.rendering import INSTALL
from autograd_nn.viz.wording.saying import speaking, spoken

# Told apart also by the colour-blind (Okabe and Ito, 2008); shapes differ as well.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#666666"
SIZE = (6.4, 4.0)
"""Inches: 640 by 400 dots at 100 to the inch."""

_LIMIT = 1e300  # so that differences stay finite
_POWERS = 100.0  # a loss that falls by more is drawn on a logarithmic axis
_FAR, _FAR_LOGARITHMIC = 20.0, 1e4  # times the later losses: what is cut off


_FONTS = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Source Han Sans SC"),
    *("WenQuanYi Zen Hei", "WenQuanYi Micro Hei", "PingFang SC", "Hiragino Sans GB"),
    *("Heiti SC", "Microsoft YaHei", "SimHei", "Arial Unicode MS"),
)
_FILES = ("notosanscjk", "notosanssc", "sourcehansans", "wqy-", "pingfang", "msyh", "simhei")
_CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")

_Plot = TypeVar("_Plot", bound=Callable[..., Any])


def lettered(plot: _Plot) -> _Plot:
    """A plot with a font for its Chinese letters, of its own words and of users' names.

    Where there is none its own words are English.
    """

    @functools.wraps(plot)
    def drawn(*args: Any, **keywords: Any) -> Any:
        fonts = chinese_fonts()
        with speaking(spoken() if fonts else "en"):
            made = plot(*args, **keywords)
        from matplotlib.text import Text

        for text in made.figure.findobj(Text):
            if fonts and _CHINESE.search(text.get_text()):
                text.set_fontfamily([*text.get_fontfamily(), *fonts])
        return made

    return cast(_Plot, drawn)


@functools.cache
def chinese_fonts() -> list[str]:
    """One that Matplotlib knows and that has Chinese letters, if there is one."""
    try:
        from matplotlib.font_manager import findSystemFonts, fontManager
    except ImportError:
        return []  # whoever draws says what is missing
    known = set(fontManager.get_font_names())
    if known.isdisjoint(_FONTS):  # Matplotlib's list is older than a font that came later
        for path in findSystemFonts():
            if Path(path).stem.lower().startswith(_FILES):
                fontManager.addfont(path)
        known = set(fontManager.get_font_names())
    return [name for name in _FONTS if name in known][:1]


def new_figure(size: tuple[float, float]) -> Any:
    """A figure of this size in inches that belongs to nobody else."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingPackageError(f"matplotlib is needed: {INSTALL}") from None
    return Figure(figsize=size, layout="constrained")


def on_axes(ax: Any, size: tuple[float, float] = SIZE) -> Any:
    """The axes given, or those of a new figure, with a faint grid."""
    if ax is None:
        ax = new_figure(size).subplots()
    elif not hasattr(ax, "set_xlabel"):
        raise ArgumentTypeError(
            f"`ax` must be axes of matplotlib, got {type(ax).__name__}. Leave it out for a new "
            "figure."
        )
    ax.grid(alpha=0.25)
    return ax


def put_title(ax: Any, said: list[str]) -> None:
    """What is drawn and what would be good, and below it the rest."""
    ax.set_title("\n".join([said[0], *([" · ".join(said[1:])] if said[1:] else [])]), fontsize=10)


def range_of(curves: list[list[float]]) -> tuple[float, float, bool]:
    """From where to where, and whether logarithmic; what lies far outside the later part is cut."""
    known = _finite([v for values in curves for v in values]) or [0.0, 1.0]
    late = _finite([v for values in curves for v in values[len(values) // 5 :]]) or known
    low, high = min(known), max(known)
    top = float(np.quantile(late, 0.98))
    is_log = low > 0 and high > _POWERS * low
    far = _FAR_LOGARITHMIC if is_log else _FAR
    if high > far * top > 0:
        high = 1.2 * top
        is_log = low > 0 and high > _POWERS * low
    if is_log:
        return low / 1.5, high * 1.5, True
    pad = 0.08 * ((high - low) or abs(high) or 1.0)
    return (0.0 if 0 <= low < 0.5 * high else low - pad), high + pad, False


def _finite(values: list[float]) -> list[float]:
    return [min(max(value, -_LIMIT), _LIMIT) for value in values if math.isfinite(value)]
