"""One picture of all works: how long each takes, as a multiple of ours, on a log axis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from pathlib import Path
from typing import Any

from benchmarks.measure import Summary
from benchmarks.processes import Result
from benchmarks.table import is_ours, summaries
from benchmarks.targets import TARGETS

COLUMNS = 3
ROW_INCHES = 0.19
BETTER, WORSE, OWN = "#D55E00", "#0072B2", "black"  # told apart by those who see fewer colours


@dataclass(frozen=True)
class Dot:
    """One row: median and quartiles as multiples of the median of ours, and where it should be."""

    label: str
    value: float
    lower: float
    upper: float
    ours: bool
    target: float | None = None

    @property
    def faster(self) -> bool:
        """Whether it is somebody else's and better than ours."""
        return not self.ours and self.value < 1


def dots(work: str, results: Sequence[Result]) -> list[Dot]:
    """Return the rows beside the one of ours that they are compared with; NaN for a failed one."""
    known = summaries(results)
    found = []
    for result in results:
        if result.reference not in known:
            continue
        if result.label not in known:
            found.append(Dot(result.label, nan, nan, nan, is_ours(result.label)))
            continue
        spread, unit = known[result.label], known[result.reference].median
        found.append(
            Dot(
                result.label,
                spread.median / unit,
                spread.lower / unit,
                spread.upper / unit,
                is_ours(result.label),
                _target(work, result, known),
            )
        )
    return found


def draw(works: Mapping[str, tuple[str, Sequence[Result]]], path: Path) -> None:
    """Write the picture; a work without a row to compare has no panel."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    panels = {name: (title, dots(name, results)) for name, (title, results) in works.items()}
    panels = {name: (title, rows) for name, (title, rows) in panels.items() if len(rows) > 1}
    if not panels:
        raise ValueError("nothing to compare: no work has a row of ours beside another.")
    columns = _columns({name: len(rows) for name, (_, rows) in panels.items()})
    height = max(sum(len(panels[name][1]) + 4.5 for name in column) for column in columns)
    figure = pyplot.figure(figsize=(6.2 * len(columns), height * ROW_INCHES + 0.8))
    for place, column in enumerate(columns):
        top = 1 - 0.75 / figure.get_figheight()
        for name in column:
            title, rows = panels[name]
            tall = len(rows) * ROW_INCHES / figure.get_figheight()
            left = (place + 0.36) / len(columns)
            axes = figure.add_axes((left, top - tall, 0.58 / len(columns), tall))
            _panel(axes, f"{name}: {title}", rows)
            top -= tall + 4.5 * ROW_INCHES / figure.get_figheight()
    figure.suptitle(
        "Time (or memory) as a multiple of autograd_nn's: left of the line is better than ours.\n"
        "● autograd_nn   ■ slower than ours   ◆ FASTER than ours   bar: quartiles   "
        "| our target: met where the mark is right of it",
        fontsize=9,
        y=1 - 0.08 / figure.get_figheight(),
    )
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def _target(work: str, result: Result, known: Mapping[str, Summary]) -> float | None:
    """Return how slow the row has to be for our target to be met."""
    limits = [
        target.limit
        for target in TARGETS
        if (target.work, target.row, target.over) == (work, result.reference, result.label)
    ]
    return 1 / limits[0] if limits and result.reference in known else None


def _columns(heights: Mapping[str, int]) -> list[list[str]]:
    """Deal the panels out in their order, so that the columns are about equally tall."""
    count = min(COLUMNS, len(heights))
    whole = sum(rows + 4.5 for rows in heights.values())
    columns: list[list[str]] = [[] for _ in range(count)]
    before = 0.0
    for name, rows in heights.items():
        middle = before + (rows + 4.5) / 2
        columns[min(count - 1, int(middle * count / whole))].append(name)
        before += rows + 4.5
    return [column for column in columns if column]


def _panel(axes: Any, title: str, rows: Sequence[Dot]) -> None:
    for place, row in enumerate(rows):
        if isnan(row.value):
            axes.text(1, place, " not measured", va="center", fontsize=6.5, fontstyle="italic")
            continue
        colour = OWN if row.ours else BETTER if row.faster else WORSE
        marker = "o" if row.ours else "D" if row.faster else "s"
        axes.plot([row.lower, row.upper], [place] * 2, color=colour, linewidth=2, alpha=0.5)
        axes.plot(row.value, place, marker, color=colour, markersize=5)
        if row.target is not None:
            axes.plot(row.target, place, "|", color=OWN, markersize=11)
        weight = "bold" if row.faster else "normal"
        axes.annotate(
            f" {row.value:.3g} ×",
            (max(row.upper, row.target or 0), place),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=6.5,
            fontweight=weight,
        )
    axes.axvline(1, color="black", linewidth=0.8, linestyle=":")
    axes.set_xscale("log")
    shown = [row for row in rows if not isnan(row.value)]
    low = min(min(row.lower, row.target or 1) for row in shown)
    high = max(max(row.upper, row.target or 1) for row in shown)
    axes.set_xlim(min(low / 1.5, 0.5), max(high * 3, 4))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_yticks(range(len(rows)), [row.label for row in rows], fontsize=7)
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
    axes.tick_params(axis="x", labelsize=7)
    axes.grid(axis="x", linewidth=0.3)
    axes.set_title(title, fontsize=7.5, loc="right")
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
