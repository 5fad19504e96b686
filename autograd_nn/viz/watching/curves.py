"""Curves over the epochs as SVG text, drawn here: a page with them needs nothing else."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping

import numpy as np

from autograd_nn.viz.graph.notation import clean, number
from autograd_nn.viz.watching.axes import range_of
from autograd_nn.viz.wording.saying import say

WIDTH, HEIGHT = 640, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 14, 34, 48
_MOST_POINTS = 800
_DASHES = ("", "7 4", "2 3", "9 3 2 3")
_COLORS = 4  # of the style sheet: stroke-0 to stroke-3


def curves(series: Mapping[str, list[float]], epochs: list[int], title: str) -> str:
    """An SVG picture of lists of one length, with a sentence for those who cannot see it.

    Lines differ in dashes as well as in the classes ``stroke-0`` … ``stroke-3`` that the page
    colours. What is not finite is a gap.
    """
    low, high, is_log = range_of(list(series.values()))
    first, last = epochs[0] + 1, epochs[-1] + 1

    def across(epoch: float) -> float:
        room = WIDTH - _LEFT - _RIGHT
        return _LEFT + room * ((epoch - first) / (last - first) if last > first else 0.5)

    def down(value: float) -> float:
        if is_log:
            part = (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
        else:
            part = (value - low) / (high - low)
        # Far outside, a line only has to leave the picture.
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * min(max(part, -1.0), 3.0)

    lines, legend, told = [], [], []
    for place, (name, values) in enumerate(series.items()):
        kind = f'class="stroke-{place % _COLORS}" stroke-dasharray="{_DASHES[place % _COLORS]}"'
        for run in _unbroken(values, epochs):
            points = [(across(epoch + 1), down(value)) for epoch, value in run]
            text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
            lines.append(f'<polyline {kind} points="{text}"/>')
            if len(points) == 1:
                lines.append(
                    f'<circle {kind} cx="{points[0][0]:.1f}" cy="{points[0][1]:.1f}" r="3"/>'
                )
        x = _LEFT + 190 * place
        legend.append(
            f'<line {kind} x1="{x}" x2="{x + 30}" y1="14" y2="14"/>'
            f'<text x="{x + 36}" y="19">{html.escape(clean(name, 18))}</text>'
        )
        ends = {"first": number(values[0]), "last": number(values[-1])}
        told.append(say("report.at_first", name=clean(name), **ends))
    together = say("numbers.semicolon").join(told)
    sentence = say("report.over", title=title, n=len(epochs), told=together)
    label = html.escape(sentence, quote=True)
    return "\n".join(
        [
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">',
            f'<clipPath id="inside-{_slug(title)}"><rect x="{_LEFT}" y="{_TOP}" '
            f'width="{WIDTH - _LEFT - _RIGHT}" height="{HEIGHT - _TOP - _BOTTOM}"/></clipPath>',
            *_grid(low, high, is_log, first, last, across, down),
            f'<g clip-path="url(#inside-{_slug(title)})">{"".join(lines)}</g>',
            *legend,
            f'<text x="{(_LEFT + WIDTH - _RIGHT) / 2}" y="{HEIGHT - 4}" text-anchor="middle">'
            f"{_foot(series, high, is_log)}</text>",
            "</svg>",
        ]
    )


def _foot(series: Mapping[str, list[float]], high: float, is_log: bool) -> str:
    """The name of the axis, and what the picture leaves out."""
    values = [value for values in series.values() for value in values]
    known = [value for value in values if math.isfinite(value)]
    said = [say("report.logarithmic")] if is_log else []
    if known and max(known) > high:
        said.append(say("report.not_drawn", x=number(max(known))))
    if len(known) < len(values):
        said.append(say("report.gaps"))
    if said:
        return say("report.epoch_note", told=say("numbers.comma").join(said))
    return say("report.epoch")


def _unbroken(values: list[float], epochs: list[int]) -> list[list[tuple[int, float]]]:
    """The finite stretches, thinned where there are more points than a picture shows."""
    kept = np.unique(np.linspace(0, len(values) - 1, min(len(values), _MOST_POINTS)).astype(int))
    runs: list[list[tuple[int, float]]] = [[]]
    for place in kept:
        if math.isfinite(values[place]):
            runs[-1].append((epochs[place], values[place]))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _grid(
    low: float,
    high: float,
    is_log: bool,
    first: int,
    last: int,
    across: Callable[[float], float],
    down: Callable[[float], float],
) -> list[str]:
    """Lines and numbers at round values, and the names of the axes."""
    parts = []
    for value in _powers(low, high) if is_log else _round_numbers(low, high):
        y = down(value)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" '
                     f'y2="{y:.1f}"/><text x="{_LEFT - 6}" y="{y + 4:.1f}" '
                     f'text-anchor="end">{number(value)}</text>')  # fmt: skip
    foot = HEIGHT - _BOTTOM
    for epoch in sorted({first, last, *(round(e) for e in _round_numbers(first, last))}):
        far = epoch in (first, last) or 30 < across(epoch) - _LEFT < WIDTH - _LEFT - _RIGHT - 30
        if far:
            parts.append(f'<text x="{across(epoch):.1f}" y="{foot + 16}" '
                         f'text-anchor="middle">{epoch}</text>')  # fmt: skip
    return parts


def _round_numbers(low: float, high: float) -> list[float]:
    """Four to ten multiples of 1, 2 or 5 times a power of ten."""
    span = high - low
    if not 0 < span < math.inf:
        return [low]
    step = 10.0 ** math.floor(math.log10(span / 4))
    step *= next(m for m in (1, 2, 5, 10) if span / (m * step) <= 8)
    return [step * n for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _powers(low: float, high: float) -> list[float]:
    powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
    step = -(-len(powers) // 6)
    return [10.0**power for power in powers[::step]]


def _slug(title: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in title.lower())
