"""Figures, axes and colours for the plots; matplotlib is imported here."""

from __future__ import annotations

from typing import Any

from autograd_nn.engine.errors import ArgumentTypeError, MissingPackageError
from autograd_nn.viz.rendering import INSTALL

# Told apart also by the colour-blind (Okabe and Ito, 2008); shapes differ as well.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#666666"
SIZE = (6.4, 4.0)
"""Inches: 640 by 400 dots at 100 to the inch."""


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
