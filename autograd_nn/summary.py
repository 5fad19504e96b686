"""The table of a model: layers, shapes, numbers of parameters."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Iterator
from typing import Any

from autograd_nn.engine.argument_checks import positive_integer
from autograd_nn.engine.mutation import undone
from autograd_nn.layers import Layer
from autograd_nn.terminal import columns

_Row = tuple[str, str, str, str]
"""The cells of a layer: its name, its shape, its parameters, and what it is connected to."""


def summary(
    model: Any, input_shape: Any, line_length: int | None = None, expand_nested: bool = False
) -> str:
    """The whole text; shapes with None for the number of samples.

    Parameters   line_length: None takes 88, and less where the terminal is narrower
                 expand_nested: whether models among the layers show their layers
    """
    rows = _rows(model, input_shape, expand_nested)
    width = min(88, max(40, columns()))
    if line_length is not None:
        width = positive_integer("line_length", line_length, minimum=30)
    total = sum(weight.size for weight in model.weights)
    trained = sum(weight.size for weight in model.trainable_weights)
    lines = [f'Model: "{model.name}"', *_table(rows, width, model.layer_graph is not None)]
    lines += [
        f" {title}: {_count(number)} ({_bytes(size)})"
        for title, number, size in (
            ("Total params", total, _size(model.weights)),
            ("Trainable params", trained, _size(model.trainable_weights)),
            (
                "Non-trainable params",
                total - trained,
                _size(model.weights) - _size(model.trainable_weights),
            ),
        )
    ]
    if not model.built:
        lines.append(
            " Not built yet: give Input((features,)) first, build((None, features)), or fit."
        )
    return "\n".join(lines)


def _rows(model: Any, input_shape: Any, expand_nested: bool, before: str = "") -> list[_Row]:
    rows = []
    graph = model.layer_graph
    shapes = _with_shapes(model, input_shape) if graph is None else _in_graph(graph)
    for layer, shape, sources in shapes:
        kind = "function" if layer._is_computation else type(layer).__name__
        size = _count(layer.count_params()) if layer.built else "0 (unbuilt)"
        seen = "?" if shape is None or not layer.built else shape
        rows.append((f"{before}{layer.name} ({kind})", seen, size, sources))
        if expand_nested and hasattr(layer, "layer_graph"):
            rows += _rows(layer, None, True, f"{before.replace('└', ' ')}  └ ")
    return rows


def _with_shapes(model: Any, input_shape: Any) -> Iterator[tuple[Layer, str | None, str]]:
    shape = input_shape
    with undone():  # what layers draw and assign where they are run for their shapes
        for layer in model.layers:
            # Only where the layers are a chain does the shape of one follow from that of the last.
            if shape is not None:
                shape = layer.compute_output_shape(shape)
            elif hasattr(layer, "output"):
                shape = getattr(layer.output, "shape", None)
            yield layer, None if shape is None else str(shape), ""
            shape = shape if input_shape is not None else None


def _in_graph(graph: Any) -> Iterator[tuple[Layer, str | None, str]]:
    """The layers of a functional model with the shapes of their outputs, and what they are put on.

    Of a layer that is called several times, "dense[1]" is what came out of its second call.
    """
    calls: dict[Layer, list[Any]] = {}
    for call in graph.calls:
        calls.setdefault(call.layer, []).append(call)

    def source(x: Any) -> str:
        layer = x.call.layer
        several = len(calls.get(layer, [])) > 1
        place = f"[{calls[layer].index(x.call)}]" if several else ""
        return layer.name + place + (f"[{x.place}]" if len(x.call.results) > 1 else "")

    for layer in graph.operations:
        own = calls.get(layer) or layer._calls.all[:1]
        shapes = dict.fromkeys(str(x.shape) for call in own for x in call.results)
        yield layer, ", ".join(shapes), ", ".join(source(x) for call in own for x in call.inputs)


def _table(rows: list[_Row], width: int, connected: bool) -> list[str]:
    heads = ("Layer (type)", "Output Shape", "Param #", "Connected to")
    inner = width - (5 if connected else 4)
    shares = (0.3, 0.25, 0.15) if connected else (0.45, 0.35)
    columns = [int(inner * share) for share in shares]
    columns.append(inner - sum(columns))

    def line(left: str, fill: str, middle: str, right: str) -> str:
        return left + middle.join(fill * column for column in columns) + right

    def cells(row: tuple[str, ...], edge: str) -> list[str]:
        wrapped = [
            textwrap.wrap(text, column - 2, drop_whitespace=False) if connected else [text]
            for text, column in zip(row, columns, strict=False)
        ]
        return [
            edge + edge.join(
                _cell(text.removeprefix(" ") if n else text, column, right=position == 2)
                for position, (text, column) in enumerate(zip(texts, columns, strict=True))
            ) + edge
            for n, texts in enumerate(itertools.zip_longest(*wrapped, fillvalue=""))
        ]  # fmt: skip

    lines = [
        line("┏", "━", "┳", "┓"),
        *cells(heads, "┃"),
        line("┡", "━", "╇", "┩"),
    ]
    for position, row in enumerate(rows):
        if position:
            lines.append(line("├", "─", "┼", "┤"))
        lines += cells(row, "│")
    lines.append(line("└", "─", "┴", "┘"))
    return lines


def _cell(text: str, width: int, right: bool) -> str:
    room = width - 2
    if len(text) > room:
        text = text[: room - 1] + "…"
    return f" {text:>{room}} " if right else f" {text:<{room}} "


def _count(number: int) -> str:
    return f"{number:,}"


def _size(weights: list[Any]) -> int:
    return sum(weight._data.nbytes for weight in weights)


def _bytes(size: float) -> str:
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} GB"
