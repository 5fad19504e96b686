"""What a notebook shows of a Tensor: a line of facts, and its numbers as small coloured cells."""

from __future__ import annotations

import html
from typing import Any

import numpy as np

from autograd_nn.viz.graph import notation
from autograd_nn.viz.wording.saying import say

MOST = 32
"""So many cells a side are drawn; of a longer side each cell is the mean of a block."""

CELL = 9
"""Pixels; of a small array cells are twice as large."""


def tensor_html(tensor: Any) -> str:
    """A Tensor for a notebook: name, shape, dtype, statistics, and heat maps of value and gradient.

    The gradient is the one in ``.grad``; where there is none, nothing is said of it.
    """
    facts = [say("numbers.shape", shape=notation.shape(tensor.shape)), str(tensor.dtype)]
    if tensor.operation is not None:
        facts.append(say("numbers.made_by", name=notation.clean(tensor.operation.name)))
    elif not tensor.requires_grad:
        facts.append(say("numbers.not_wanted"))
    name = f"<b>{_text(notation.clean(tensor.name))}</b> " if tensor.name else ""
    parts = [f"<div>Tensor {name}{_text(' · '.join(facts))}</div>"]
    for title, array in (("numbers.value", tensor._data), ("numbers.gradient", tensor._grad)):
        if array is not None and type(array) is not tuple:
            parts.append(_panel(say(title), np.asarray(array)))
    return f'<div style="font-family:sans-serif;font-size:13px">{"".join(parts)}</div>'


def _panel(title: str, array: Any) -> str:
    numbers = notation.summarise(array)
    text = (
        f"{title} {notation.amount(numbers)}"
        if array.size
        else say("numbers.told", name=title, told=say("numbers.empty"))
    )
    if array.size <= 1:
        return f"<div>{_text(text)}</div>"
    return (
        '<figure style="display:inline-block;margin:4px 16px 4px 0">'
        f"{heat_map(array, text)}<figcaption>{_text(text)}</figcaption></figure>"
    )


def heat_map(array: Any, label: str) -> str:
    """The elements as an SVG of coloured cells: blue above zero, orange below, × not finite.

    Shapes       1-D is one row; of more than two axes the leading ones are stacked into rows
    """
    grid = np.asarray(array, dtype=np.float64)
    grid = grid.reshape(1, -1) if grid.ndim < 2 else grid.reshape(-1, grid.shape[-1])
    shrunk = _blocks(grid)
    rows, columns = shrunk.shape
    size = CELL * 2 if max(rows, columns) <= MOST // 4 else CELL
    finite = np.abs(shrunk[np.isfinite(shrunk)])
    largest = float(finite.max()) if finite.size else 0.0
    cells = []
    for row in range(rows):
        for column in range(columns):
            x = float(shrunk[row, column])
            fill = _color(x / largest if largest else 0.0) if np.isfinite(x) else "#d0d0d0"
            cells.append(
                f'<rect x="{column * size}" y="{row * size}" width="{size}" height="{size}" '
                f'fill="{fill}"/>'
            )
            if not np.isfinite(x):
                cells.append(
                    f'<text x="{(column + 0.5) * size}" y="{(row + 0.9) * size}" '
                    f'font-size="{size}" text-anchor="middle">×</text>'
                )
    if grid.shape != shrunk.shape:
        label = say("numbers.blocks", label=label, rows=rows, columns=columns)
    return (
        f'<svg role="img" aria-label="{_text(label)}" width="{columns * size + 2}" '
        f'height="{rows * size + 2}" viewBox="-1 -1 {columns * size + 2} {rows * size + 2}">'
        f'<rect x="-0.5" y="-0.5" width="{columns * size + 1}" height="{rows * size + 1}" '
        f'fill="none" stroke="#8b8b85"/>{"".join(cells)}</svg>'
    )


def _blocks(grid: Any) -> Any:
    """At most MOST × MOST numbers: means of blocks of nearly equal size."""
    for axis in (0, 1):
        length = grid.shape[axis]
        if length > MOST:
            starts = np.arange(MOST) * length // MOST
            counts = np.diff(np.append(starts, length))
            total = np.add.reduceat(grid, starts, axis=axis)
            grid = total / (counts[:, None] if axis == 0 else counts)
    return grid


def _color(share: float) -> str:
    """From orange at −1 over white at 0 to blue at 1, the colours of the arrows in pictures."""
    end = (0x1F, 0x5F, 0xA8) if share > 0 else (0xB3, 0x40, 0x0F)
    amount = min(1.0, abs(share))
    mixed = (round(255 + (channel - 255) * amount) for channel in end)
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _text(text: str) -> str:
    return html.escape(text, quote=True)
