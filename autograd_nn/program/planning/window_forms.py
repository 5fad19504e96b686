"""Convolution and pooling in programs: rows of (H, C, W, N) memory, as few copies as there can be.

For a convolution the width alone is unrolled into columns, kw copies and not kh·kw. As rows follow
each other in memory, the rows that a window spans overlap with those of the next one and are still
one matrix: one product for every row of results. Of LeNet's step this took 3.4 ms, 25 products
without copies 19.9, products of whole windows 15.5. G are the groups, kernels of which see a part
of the channels each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.poolings import counts
from autograd_nn.program.calls import folded, inside, placed
from autograd_nn.program.planning.layout import OUTWARDS
from autograd_nn.program.refusals import NotTraceable

_EVERY = slice(None)


def _rows(x: Any, spatial: int) -> Any:
    """(N, H, W, C) as (H, C, W, N), and (N, W, C) as that of one row."""
    if x.ndim != spatial + 2 or spatial > 2:
        raise NotTraceable("There is no form for so many axes.")
    if x.value.role == "input":  # read once in that order, which is not that of its memory
        turned = ((x.transpose(_inwards(x.ndim)),), ((...,),), _turned(x))
        x = _named(x.trace.call(placed, turned), f"{x.value.name}_in_rows")
        return x if spatial == 2 else x[None]
    x = x.transpose(_inwards(x.ndim))
    return x if spatial == 2 else x[None]


def _named(value: Any, name: str) -> Any:
    value.value.name = name
    return value


def _inwards(ndim: int) -> tuple[int, ...]:
    return tuple(np.argsort(OUTWARDS[ndim]).tolist())


def _turned(x: Any) -> tuple[int, ...]:
    return tuple(x.shape[axis] for axis in _inwards(x.ndim))


def _samples(rows: Any, spatial: int) -> Any:
    """(H, C, W, N) as (N, H, W, C)."""
    rows = rows if spatial == 2 else rows[0]
    return rows.transpose(OUTWARDS[spatial + 2])


def _on_a_plane(first: Any, items: Any) -> Any:
    """What is said of one axis said of two."""
    return tuple(items) if len(items) == 2 else (first, *items)


# ---------------------------------------------------------------------- convolution


def _how(spatial: int, strides: Any = None, padding: Any = None, dilation: Any = None) -> Any:
    once = (1,) * spatial
    return (
        _on_a_plane(1, strides or once),
        _on_a_plane((0, 0), padding or ((0, 0),) * spatial),
        _on_a_plane(1, dilation or once),
    )


def _columns(x: Any, size: Any, how: Any, groups: int) -> Any:
    """(G, L, kh·kw·C, M·N): for every row of results, what the kernel sees at its places."""
    rows = _rows(x, len(size))
    (kh, kw), (strides, padding, dilation) = _on_a_plane(1, size), how
    h, c, w, n = rows.shape
    c //= groups
    rows = rows.reshape((h, groups, c, w, n)).transpose(1, 0, 2, 3, 4)
    lengths, before = (h, w), (padding[0][0], padding[1][0])
    up, across = (
        (length + sum(pad) - d * (k - 1) - 1) // s + 1
        for length, pad, d, k, s in zip(lengths, padding, dilation, (kh, kw), strides, strict=True)
    )
    parts: list[Any] = []
    keys: list[Any] = []
    whole = h + sum(padding[0])
    for j in range(kw):
        seen, places = inside(w, across, j * dilation[1] - before[1], strides[1])
        parts.append(rows[:, :, :, seen])
        keys.append((_EVERY, slice(before[0], before[0] + h), j, _EVERY, places))
    columns = x.trace.call(placed, (tuple(parts), tuple(keys), (groups, whole, kw, c, across, n)))
    _named(columns, "columns")
    spanned = dilation[0] * (kh - 1) + 1
    columns = np.lib.stride_tricks.sliding_window_view(columns, spanned, 1)
    columns = columns[:, :: strides[0], ..., :: dilation[0]].transpose(0, 1, 6, 2, 3, 4, 5)
    return _named(columns.reshape((groups, up, kh * kw * c, across * n)), "columns")


def _weights(kernel: Any, groups: int) -> Any:
    """(G, kh·kw·C, O)"""
    o = kernel.shape[-1] // groups
    weights = kernel.reshape((kernel.size // (groups * o), groups, o)).transpose(1, 0, 2)
    return weights.copy() if groups > 1 else weights


def _by_group(g: Any, spatial: int, groups: int) -> Any:
    """(G, L, O, M·N)"""
    rows = _rows(g, spatial)
    up, o, across, n = rows.shape
    return rows.reshape((up, groups, o // groups, across * n)).transpose(1, 0, 2, 3)


def _convolution(x: Any, kernel: Any, groups: int = 1, **how: Any) -> Any:
    spatial = kernel.ndim - 2
    columns = _columns(x, kernel.shape[:spatial], _how(spatial, **how), groups)
    out = np.matmul(_weights(kernel, groups).swapaxes(1, 2)[:, None], columns)
    _, up, o, all_of_row = out.shape
    rows = out.transpose(1, 0, 2, 3)
    n = x.shape[0]
    return _samples(rows.reshape((up, groups * o, all_of_row // n, n)), spatial)


def _convolution_input(g: Any, kernel: Any, shape: Any, groups: int = 1, **how: Any) -> Any:
    spatial = kernel.ndim - 2
    windows = np.matmul(_weights(kernel, groups)[:, None], _by_group(g, spatial, groups))
    size = _on_a_plane(1, kernel.shape[:spatial])
    n, c = g.shape[0], kernel.shape[spatial]
    (h, w), up = _on_a_plane(1, shape), windows.shape[1]
    windows = windows.reshape((groups, up, *size, c, windows.shape[3] // n, n))
    added = _named(
        g.trace.call(folded, (_named(windows, "windows"), (h, w), *_how(spatial, **how))), "folded"
    )
    rows = added.transpose(1, 0, 2, 3, 4).reshape((h, groups * c, w, n))
    return _samples(rows, spatial)


def _convolution_kernel(x: Any, g: Any, size: Any, groups: int = 1, **how: Any) -> Any:
    columns = _columns(x, size, _how(len(size), **how), groups)
    products = np.matmul(columns, _by_group(g, len(size), groups).swapaxes(2, 3))
    sums = np.add.reduce(products, axis=1).transpose(1, 0, 2)
    return sums.reshape((*size, x.shape[-1] // groups, g.shape[-1]))


# ---------------------------------------------------------------------- pooling


def _bordered(rows: Any, padding: Any, fill: float) -> Any:
    """Rows with numbers around them."""
    if not any(map(any, padding)):
        return rows
    h, c, w, n = rows.shape
    (top, bottom), (left, right) = padding
    shape = (top + h + bottom, c, left + w + right, n)
    inner = (slice(top, top + h), _EVERY, slice(left, left + w))
    borders = [
        (slice(0, top),), (slice(top + h, None),),
        (_EVERY, _EVERY, slice(0, left)), (_EVERY, _EVERY, slice(left + w, None)),
    ]  # fmt: skip
    keys = [key for key, length in zip(borders, (top, bottom, left, right), strict=True) if length]
    if fill == 0:
        keys = []
    parts = (rows, *[fill] * len(keys))
    return _named(rows.trace.call(placed, (parts, (inner, *keys), shape)), "bordered")


def _lines(rows: Any, axis: int, size: int, stride: int) -> list[Any]:
    """The first of every window along an axis, the second, and so on."""
    places = (rows.shape[axis] - size) // stride + 1
    keys = [slice(i, i + stride * (places - 1) + 1, stride) for i in range(size)]
    return [rows[(*(_EVERY,) * axis, key)] for key in keys]


def _put_back(parts: Sequence[Any], axis: int, length: int, stride: int) -> Any:
    """Lines where they were taken from, and added where windows overlap."""
    places, layers = parts[0].shape[axis], []
    shape = tuple(length if i == axis else n for i, n in enumerate(parts[0].shape))
    for start in range(0, len(parts), stride):
        layer = tuple(parts[start : start + stride])
        keys = tuple(
            (*(_EVERY,) * axis, slice(i, i + stride * (places - 1) + 1, stride))
            for i in range(start, start + len(layer))
        )
        layers.append(_named(parts[0].trace.call(placed, (layer, keys, shape)), "put_back"))
    whole = layers[0]
    for layer in layers[1:]:
        whole = whole + layer
    return whole


def _largest(lines: list[Any]) -> list[Any]:
    """The largest of the first, of the first two, and so on."""
    found = lines[:1]
    for line in lines[1:]:
        found.append(np.maximum(found[-1], line))
    return found


def _stays(before: Any, line: Any) -> Any:
    """Whether the largest so far is one of those before: of equal ones, and of NaN, the first."""
    return (before >= line) | np.isnan(before)


def _at_the_largest(others: list[Any], lines: list[Any], largest: list[Any]) -> Any:
    """Of every window what the others have where the first of the largest is."""
    found = others[0]
    for before, line, other in zip(largest[:-1], lines[1:], others[1:], strict=True):
        found = np.where(_stays(before, line), found, other)
    return found


def _to_the_largest(g: Any, lines: list[Any], largest: list[Any]) -> list[Any]:
    """``g`` to the first of the largest in every window, and 0 to the others."""
    found = []
    for before, line in zip(largest[-2::-1], lines[:0:-1], strict=True):
        stays = _stays(before, line)
        found.append(np.where(np.logical_not(stays), g, 0))
        g = np.where(stays, g, 0)
    return [g, *reversed(found)]


def _pooled(x: Any, size: Any, strides: Any, padding: Any, fill: float) -> Any:
    """Rows with borders, and what is said of their two axes: size and stride."""
    pads = _on_a_plane((0, 0), padding or ((0, 0),) * len(size))
    rows = _bordered(_rows(x, len(size)), pads, fill)
    return rows, *zip(_on_a_plane(1, size), _on_a_plane(1, strides or size), strict=True)


def _without_borders(rows: Any, shape: Any, padding: Any) -> Any:
    if padding is None:
        return rows
    keys = [slice(b, b + n) for (b, _), n in zip(padding, shape, strict=True)]
    h, w = _on_a_plane(_EVERY, keys)
    return rows[h, :, w]


def _max_pooling(x: Any, size: Any, strides: Any = None, padding: Any = None) -> Any:
    rows, vertical, horizontal = _pooled(x, size, strides, padding, -np.inf)
    across = _largest(_lines(rows, 2, *horizontal))[-1]
    return _samples(_largest(_lines(across, 0, *vertical))[-1], len(size))


def _max_pooling_input(g: Any, x: Any, size: Any, strides: Any = None, padding: Any = None) -> Any:
    rows, vertical, horizontal = _pooled(x, size, strides, padding, -np.inf)
    across = _lines(rows, 2, *horizontal)
    largest = _largest(across)
    up = _lines(largest[-1], 0, *vertical)
    g = _rows(g, len(size))
    g = _put_back(_to_the_largest(g, up, _largest(up)), 0, rows.shape[0], vertical[1])
    g = _put_back(_to_the_largest(g, across, largest), 2, rows.shape[2], horizontal[1])
    return _samples(_without_borders(g, x.shape[1:-1], padding), len(size))


def _max_pooling_taken(h: Any, x: Any, size: Any, strides: Any = None, padding: Any = None) -> Any:
    rows, vertical, horizontal = _pooled(x, size, strides, padding, -np.inf)
    across = _lines(rows, 2, *horizontal)
    largest = _largest(across)
    up = _lines(largest[-1], 0, *vertical)
    others, _, _ = _pooled(h, size, strides, padding, 0)
    taken = _at_the_largest(_lines(others, 2, *horizontal), across, largest)
    taken = _at_the_largest(_lines(taken, 0, *vertical), up, _largest(up))
    return _samples(taken, len(size))


def _total(lines: list[Any]) -> Any:
    total = lines[0]
    for line in lines[1:]:
        total = total + line
    return total


def _share(g: Any, shape: Any, size: Any, strides: Any, padding: Any) -> Any:
    """One over the number of elements in each window, in rows."""
    number = counts(np.ones(1, g.dtype), shape, size, strides, padding)
    number = number if len(size) == 2 else number[None]
    if (number == number.flat[0]).all():
        return 1 / float(number.flat[0])
    return np.reciprocal(number.swapaxes(1, 2)[..., None])


def _average_pooling(x: Any, size: Any, strides: Any = None, padding: Any = None) -> Any:
    rows, vertical, horizontal = _pooled(x, size, strides, padding, 0)
    total = _total(_lines(_total(_lines(rows, 2, *horizontal)), 0, *vertical))
    return _samples(total * _share(x, x.shape[1:-1], size, strides, padding), len(size))


def _average_pooling_input(
    g: Any, shape: Any, size: Any, strides: Any = None, padding: Any = None
) -> Any:
    (kh, kw), (up, across) = _on_a_plane(1, size), _on_a_plane(1, strides or size)
    pads = _on_a_plane((0, 0), padding or ((0, 0),) * len(size))
    h, w = (n + sum(p) for n, p in zip(_on_a_plane(1, shape), pads, strict=True))
    part = _rows(g, len(size)) * _share(g, shape, size, strides, padding)
    part = _put_back([_put_back([part] * kh, 0, h, up)] * kw, 2, w, across)
    return _samples(_without_borders(part, shape, padding), len(size))


FORMS: dict[Operation, Callable[..., Any]] = {
    ops.convolution: _convolution,
    ops.convolution_input: _convolution_input,
    ops.convolution_kernel: _convolution_kernel,
    ops.max_pooling: _max_pooling,
    ops.max_pooling_input: _max_pooling_input,
    ops.max_pooling_taken: _max_pooling_taken,
    ops.average_pooling: _average_pooling,
    ops.average_pooling_input: _average_pooling_input,
}
