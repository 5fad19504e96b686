"""The table of a model: layers, shapes, numbers of parameters."""

from __future__ import annotations

from typing import Any

from autograd_nn.engine.argument_checks import positive_integer
from autograd_nn.engine.mutation import undone
from autograd_nn.layers import Layer
from autograd_nn.terminal import columns


def summary(model: Any, input_shape: Any, line_length: int | None = None) -> str:
    """The whole text; shapes with None for the number of samples.

    Parameters   line_length: None takes 88, and less where the terminal is narrower
    """
    rows = [_row(layer, shape) for layer, shape in _with_shapes(model, input_shape)]
    width = min(88, max(40, columns()))
    if line_length is not None:
        width = positive_integer("line_length", line_length, minimum=30)
    total = sum(weight.size for weight in model.weights)
    trained = sum(weight.size for weight in model.trainable_weights)
    lines = [f'Model: "{model.name}"', *_table(rows, width)]
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


def _with_shapes(model: Any, input_shape: Any) -> list[tuple[Layer, Any]]:
    shape = input_shape
    found = []
    with undone():  # what layers draw and assign where they are run for their shapes
        for layer in model.layers:
            # Only where the layers are a chain does the shape of one follow from that of the last.
            shape = layer.compute_output_shape(shape) if shape is not None else None
            found.append((layer, shape))
    return found


def _row(layer: Layer, shape: Any) -> tuple[str, str, str]:
    name = f"{layer.name} ({type(layer).__name__})"
    if not layer.built:
        return name, "?", "0 (unbuilt)"
    return name, "?" if shape is None else str(shape), _count(sum(w.size for w in layer.weights))


def _table(rows: list[tuple[str, str, str]], width: int) -> list[str]:
    inner = width - 4
    columns = [int(inner * 0.45), int(inner * 0.35)]
    columns.append(inner - sum(columns))

    def line(left: str, fill: str, middle: str, right: str) -> str:
        return left + middle.join(fill * column for column in columns) + right

    def cells(row: tuple[str, str, str], edge: str) -> str:
        return edge + edge.join(
            _cell(text, column, right=position == 2)
            for position, (text, column) in enumerate(zip(row, columns, strict=True))
        ) + edge  # fmt: skip

    lines = [
        line("┏", "━", "┳", "┓"),
        cells(("Layer (type)", "Output Shape", "Param #"), "┃"),
        line("┡", "━", "╇", "┩"),
    ]
    for position, row in enumerate(rows):
        if position:
            lines.append(line("├", "─", "┼", "┤"))
        lines.append(cells(row, "│"))
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
