"""How large gradients were, by layer and epoch, as an SVG picture: where they vanish is seen."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence

import numpy as np

from autograd_nn.viz.graph.notation import clean, count, number
from autograd_nn.viz.wording.saying import say

WIDTH = 640
_LEFT, _RIGHT, _TOP, _ROW, _FOOT = 136, 204, 26, 24, 70
_MOST_COLUMNS, _MOST_ROWS = 60, 40
_DECADES = 8.0
"""Shades tell so many powers of ten apart; what is smaller is as pale as the smallest of them."""


def by_layer(norms: Mapping[str, list[float]]) -> dict[str, list[float]]:
    """The norm of all gradients of a layer together, for each epoch; NaN where none is known."""
    squares: dict[str, list[list[float]]] = {}
    for name, values in norms.items():
        squares.setdefault(name.rpartition("/")[0] or name, []).append(values)
    return {
        layer: [math.hypot(*at_once) for at_once in zip(*lists, strict=True)]
        for layer, lists in squares.items()
    }


def norm_map(norms: Mapping[str, list[float]], epochs: Sequence[int]) -> str:
    """A row for each layer, the first on top, a column for each epoch: the stronger the larger.

    The shade is a logarithm. The numbers of the first and the last epoch stand beside the rows, so
    that nothing is told by shades alone; what is not finite or not known is crossed out.
    """
    layers = by_layer(norms)
    names = list(layers)
    if len(names) > _MOST_ROWS:
        half = _MOST_ROWS // 2
        names = [*names[:half], *names[-half:]]
    columns = np.linspace(0, len(epochs) - 1, min(len(epochs), _MOST_COLUMNS)).astype(int)
    known = [v for name in names for v in layers[name] if 0 < v < math.inf]
    high = math.log10(max(known, default=1.0))
    low = max(math.log10(min(known, default=1.0)), high - _DECADES)
    across = (WIDTH - _LEFT - _RIGHT) / len(columns)
    parts = [_heads(high)]
    for row, name in enumerate(names):
        y = _TOP + _ROW * row
        values = layers[name]
        parts.append(
            f'<text x="{_LEFT - 8}" y="{y + 18}" text-anchor="end">'
            f"{html.escape(clean(name, 12))}</text>"
        )
        for place, column in enumerate(columns):
            parts.append(_cell(values[column], _LEFT + place * across, y, across, low, high))
        for x, value in ((WIDTH - 104, values[0]), (WIDTH - 4, values[-1])):
            parts.append(f'<text x="{x}" y="{y + 18}" text-anchor="end">{_told(value)}</text>')
    bottom = _TOP + _ROW * len(names)
    parts.append(_foot(bottom, epochs, low, high))
    left_out = len(layers) - len(names)
    sentence = _sentence(layers, len(epochs), left_out)
    return (
        f'<svg viewBox="0 0 {WIDTH} {bottom + _FOOT}" role="img" '
        f'aria-label="{html.escape(sentence, quote=True)}">{"".join(parts)}</svg>'
    )


def _heads(high: float) -> str:
    return (
        f'<text x="{_LEFT - 8}" y="16" text-anchor="end">{say("report.layer")}</text>'
        f'<text x="{WIDTH - 104}" y="16" text-anchor="end">{say("report.first")}</text>'
        f'<text x="{WIDTH - 4}" y="16" text-anchor="end">{say("report.last")}</text>'
    )


def _cell(value: float, x: float, y: float, width: float, low: float, high: float) -> str:
    box = f'x="{x:.1f}" y="{y + 1}" width="{width:.1f}" height="{_ROW - 2}"'
    if not value < math.inf:
        ends = f'x1="{x:.1f}" y1="{y + 1}" x2="{x + width:.1f}" y2="{y + _ROW - 1}"'
        return f'<rect class="empty" {box}/><line class="grid" {ends}/>'
    return f'<rect class="norm" {box} fill-opacity="{_opacity(value, low, high):.2f}"/>'


def _opacity(value: float, low: float, high: float) -> float:
    """0.04 for the smallest and for 0, 1 for the largest."""
    if value <= 0:
        return 0.0
    part = (math.log10(value) - low) / (high - low) if high > low else 1.0
    return 0.04 + 0.96 * min(max(part, 0.0), 1.0)


def _foot(y: int, epochs: Sequence[int], low: float, high: float) -> str:
    """The epochs at both ends, and what the shades mean."""
    right = WIDTH - _RIGHT
    parts = [
        f'<text x="{_LEFT}" y="{y + 18}">{epochs[0] + 1}</text>',
        f'<text x="{(_LEFT + right) / 2}" y="{y + 18}" text-anchor="middle">'
        f"{say('report.epoch')}</text>",
        f'<text x="{right}" y="{y + 18}" text-anchor="end">{epochs[-1] + 1}</text>',
        f'<text x="{_LEFT - 8}" y="{y + 50}" text-anchor="end">{say("report.norm")}</text>',
    ]
    steps = 3
    width = (right - _LEFT) / steps
    for place in range(steps):
        value = 10 ** (low + (high - low) * place / (steps - 1))
        told = number(float(f"{value:.0e}"))
        x = _LEFT + place * width
        parts.append(
            f'<rect class="norm" x="{x:.1f}" y="{y + 34}" width="{width:.1f}" height="8" '
            f'fill-opacity="{_opacity(value, low, high):.2f}"/>'
            f'<text x="{x + width / 2:.1f}" y="{y + 62}" text-anchor="middle">{told}</text>'
        )
    return "".join(parts)


def _told(value: float) -> str:
    return say("numbers.not_computed") if value != value else number(float(f"{value:.3g}"))


def _sentence(layers: Mapping[str, list[float]], epochs: int, left_out: int) -> str:
    """What the picture shows, for those who cannot see it."""
    last = [f"{clean(name)} {_told(values[-1])}" for name, values in layers.items()]
    told = say("numbers.semicolon").join(last)
    sentence = say("report.norms", epochs=count(epochs, "numbers.epochs"), told=told)
    if not left_out:
        return sentence
    return say("report.left_out", sentence=sentence, layers=count(left_out, "numbers.layers"))
