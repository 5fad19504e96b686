"""The layout of small dense layers: activations by feature, the bias as one more row of the kernel.

A layer x @ kernel + bias becomes one product, [kernel; bias]ᵀ @ [xᵀ; 1], and so does its gradient:
no row is added to every sample, and no sum over the samples is taken. Activations are therefore
kept as (units, N), below them a row of ones that is never written again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from operator import getitem
from typing import Any

import numpy as np

from autograd_nn.program.calls import (
    DOT,
    ELEMENTWISE,
    RESHAPE,
    Function,
    T,
    is_reduction,
    join,
    with_ones,
    with_ones_column,
)
from autograd_nn.program.values import Instruction, Instructions, Value

# Measured: with data of 784 columns the longer product costs more than the sum over the samples
# saves, with 64 it pays. Hidden layers may have any width: they read what is by feature already,
# and kernel @ upstream takes down to half of what upstream @ kernelᵀ takes (512 by 512, N = 32).
WIDEST = 500


@dataclass(eq=False)
class DenseSteps:
    """A product with a kernel to which a bias is added, and the two gradients."""

    inputs: Value
    kernel: Value
    output: Value  # of the sum
    whole: Value  # the block of parameters
    start: int
    kernel_gradient: Value
    bias_gradient: Value
    upstream: Value

    @property
    def shape(self) -> tuple[int, int]:
        """(inputs + 1, units): kernel and bias as one array."""
        return self.kernel.shape[0] + 1, self.kernel.shape[1]


def by_feature(steps: Instructions, prepared: bool = False) -> Instructions:
    """The steps with dense layers laid out by feature, or as they are where that does not pay.

    Parameters   prepared: whether a call gives the inputs of the first layers with a last
                 column of ones
    """
    maker = {step.output: step for step in steps.steps}
    places = {value: place for value in maker if (place := _place(value, maker)) is not None}
    layers = _dense_layers(steps, maker, places)
    products = [step.inputs for step in steps.steps if step.function is DOT]
    # Of the layers that read data, which lie in rows.
    widths = [w.shape[0] for x, w in products if w in places and x not in maker]
    if not layers or max(widths, default=0) > WIDEST:
        return steps
    return _Turning(steps, layers, prepared).run()


# ---------------------------------------------------------------------- finding the layers


def _dense_layers(
    steps: Instructions, maker: dict[Value, Instruction], places: dict[Value, tuple[Value, int]]
) -> list[DenseSteps]:
    readers: dict[Value, list[Instruction]] = {}
    for step in steps.steps:
        for value in step.read():
            readers.setdefault(value, []).append(step)
    gradients: dict[Any, Value] = {}
    for step in steps.steps:
        if step.function is join:
            whole = step.output.data  # the block whose gradients are joined
            for start, part in _starts(step):
                gradients.setdefault((whole, start), part)  # those that are clipped come later
    results = set(steps.results())
    found = []
    for step in steps.steps:
        if step.function is not DOT or step.output in results:
            continue
        x, kernel = step.inputs
        users = readers.get(step.output, [])
        if len(users) != 1 or users[0].function is not np.add or kernel not in places:
            continue
        bias = next(item for item in users[0].inputs if item is not step.output)
        layer = _layer(x, kernel, bias, users[0].output, places, gradients, maker)
        if layer is not None:
            found.append(layer)
    return found


def _place(value: Value, maker: dict[Value, Instruction]) -> tuple[Value, int] | None:
    """Of a view of a block of parameters: the block, and where in it the view begins."""
    step = maker[value]
    if step.function is RESHAPE and step.inputs[0] in maker:
        step = maker[step.inputs[0]]
    whole = step.inputs[0] if step.inputs else None
    if step.function is getitem and type(whole) is Value and whole.role == "parameter":
        key = step.inputs[1]
        if isinstance(key, slice) and len(whole.shape) == 1:
            return whole, key.start
    return None


def _starts(join: Instruction) -> list[tuple[int, Value]]:
    found, start = [], 0
    for part in join.inputs:
        found.append((start, part))
        start += part.size
    return found


def _layer(
    x: Any,
    kernel: Value,
    bias: Any,
    output: Value,
    places: dict[Value, tuple[Value, int]],
    gradients: dict[Any, Value],
    maker: dict[Value, Instruction],
) -> DenseSteps | None:
    whole, start = places[kernel]
    after = start + kernel.size
    if type(bias) is not Value or places.get(bias) != (whole, after):
        return None
    if len(x.shape) != 2 or bias.shape != kernel.shape[1:]:
        return None
    by_kernel, by_bias = (maker.get(gradients.get((whole, s))) for s in (start, after))  # type: ignore[arg-type]
    if by_kernel is None or by_bias is None or by_kernel.function is not DOT:
        return None
    if by_bias.function is not DOT or by_bias.inputs[0].role != "constant":
        return None
    turned, upstream = by_kernel.inputs
    if not _is_turned(turned, x, maker):
        return None
    if by_bias.inputs[1] is not upstream:
        return None
    return DenseSteps(x, kernel, output, whole, start, by_kernel.output, by_bias.output, upstream)


def _is_turned(value: Value, x: Value, maker: dict[Value, Instruction]) -> bool:
    """Whether this is x.T; of a constant it is a constant too."""
    if x.role == "constant" and value.role == "constant":
        turned = x.data.T
        return value.shape == turned.shape and np.shares_memory(value.data, turned)
    made = maker.get(value)
    return made is not None and made.function is T and made.inputs[0] is x


# ---------------------------------------------------------------------- turning the steps


class _Turning:
    """One walk over the steps, in which what has a row for each sample is turned around."""

    def __init__(self, steps: Instructions, layers: list[DenseSteps], prepared: bool) -> None:
        self.steps = steps
        self.phase = ""
        self.prepared = prepared
        self.kept: list[Instruction] = []
        self.maker: dict[Value, Instruction] = {}
        self.views: dict[tuple[Function, Value, str], Value] = {}  # slices have no hash, but a text
        self.new: dict[Value, Value] = {}
        self.turned: dict[Value, Value] = {}
        self.batch = layers[0].inputs.shape[0]
        self.by_output = {layer.output: layer for layer in layers}
        self.by_kernel_gradient = {layer.kernel_gradient: layer for layer in layers}
        self.skipped = {layer.bias_gradient for layer in layers}
        self.with_ones: dict[Value, Value] = {}
        self.wholes: dict[Value, Value] = {}
        # What has a row for each sample.
        self.rows = {
            value
            for step in steps.steps
            for value in step.read()
            if value.role == "input" and len(value.shape) == 2 and value.shape[0] == self.batch
        }

    def run(self) -> Instructions:
        for step in self.steps.steps:
            self._take(step)
        return self.steps.rewritten(self.kept, self._straight)

    def _take(self, step: Instruction) -> None:
        output = step.output
        self.phase = step.phase
        if output in self.skipped:
            return
        if output in self.by_output:
            self._layer(step, self.by_output[output])
        elif output in self.by_kernel_gradient:
            self._layer_gradient(step, self.by_kernel_gradient[output])
        elif step.function is join:
            self._join(step)
        elif step.function is T and step.inputs[0] in self.turned:
            self.new[output] = self.turned[step.inputs[0]]
        elif step.function is DOT and self._has_rows(step.inputs[0]):
            self._product(step)
        elif step.function is DOT and step.inputs[1] in self.turned:
            self._product_with_rows(step)
        elif self._is_elementwise_on_rows(step):
            self._elementwise(step)
        elif is_reduction(step.function) and step.inputs[0] in self.turned:
            self._reduction(step)
        else:
            self._keep(step, tuple(self._straight_item(item) for item in step.inputs))

    # ------------------------------------------------------------------ the kinds of steps

    def _layer(self, step: Instruction, layer: DenseSteps) -> None:
        rows, units = layer.shape
        part = self._call(getitem, layer.whole, slice(layer.start, layer.start + rows * units))
        block = self._call(RESHAPE, part, (rows, units))
        block.call(f"{layer.kernel.name}_and_bias")
        self._make_turned(step, DOT, self._turn(block), self._ones_below(layer.inputs))

    def _layer_gradient(self, step: Instruction, layer: DenseSteps) -> None:
        upstream = self._straight(layer.upstream)
        whole = Value("", layer.shape, step.output.dtype, "array")
        whole.call(f"{step.output.name}_and_bias")
        self._add(step, DOT, (self._ones_below(layer.inputs), upstream), whole)
        self.wholes[step.output] = whole
        # Where one of the two is read by itself, as when it is clipped.
        self.new[step.output] = self._view(getitem, whole, (slice(None, -1),), step.output.shape)
        bias = layer.bias_gradient
        self.new[bias] = self._view(getitem, whole, (-1,), bias.shape)

    def _join(self, step: Instruction) -> None:
        parts: list[Value] = []
        wholes = dict(self.wholes)
        inside: Value | None = None  # the gradient of a bias, the last row of the part before
        for part, after in pairwise([*step.inputs, None]):
            layer = self.by_kernel_gradient.get(part)
            if part is inside:
                inside = None
            elif layer is not None and part in wholes and after is layer.bias_gradient:
                parts.append(wholes.pop(part))
                inside = after
            else:
                parts.append(self._straight(part))
        self._keep(step, tuple(parts))

    def _product(self, step: Instruction) -> None:
        rows, matrix = step.inputs
        if len(step.output.shape) != 2 or self._has_rows(matrix):
            self._keep(step, tuple(self._straight(item) for item in step.inputs))
            return
        self._make_turned(step, DOT, self._turn(self._now(matrix)), self._turn_rows(rows))

    def _product_with_rows(self, step: Instruction) -> None:
        """xᵀ @ d as it is; 1 @ d as dᵀ @ 1."""
        left, right = step.inputs
        if len(left.shape) == 1:
            self._keep(step, (self.turned[right], self._now(left)))
        else:
            self._keep(step, (self._straight(left), self._straight(right)))

    def _is_elementwise_on_rows(self, step: Instruction) -> bool:
        return (
            step.function in ELEMENTWISE
            and not step.attributes
            and len(step.output.shape) == 2
            and any(type(item) is Value and item in self.turned for item in step.inputs)
        )

    def _elementwise(self, step: Instruction) -> None:
        self._make_turned(step, step.function, *(self._turned_operand(x) for x in step.inputs))

    def _turned_operand(self, item: Any) -> Any:
        if type(item) is not Value or item.kind != "array" or not item.shape:
            return self._straight_item(item)
        if len(item.shape) == 1:  # along the features
            return self._call(RESHAPE, self._now(item), (item.shape[0], 1))
        return self._turn_rows(item)

    def _reduction(self, step: Instruction) -> None:
        rows = step.inputs[0]
        axis, keep = step.attributes.get("axis", 0), step.attributes.get("keepdims", False)
        axis = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
        if axis is None and not keep:
            self._keep(step, (self.turned[rows],))
        elif isinstance(axis, int) and keep:
            other = {0: 1, 1: 0, -1: 0, -2: 1}[axis]
            self._make_turned(
                step, step.function, self.turned[rows], attributes={"axis": other, "keepdims": True}
            )
        else:
            self._keep(step, (self._straight(rows),))

    # ------------------------------------------------------------------ values, turned and not

    def _has_rows(self, item: Any) -> bool:
        return type(item) is Value and (item in self.rows or item in self.turned)

    def _now(self, value: Value) -> Value:
        return self.new.get(value, value)

    def _straight(self, value: Value) -> Value:
        """The value as it was recorded: of a turned one, its transposed view."""
        if value in self.turned:
            return self._turn(self.turned[value])
        return self._now(value)

    def _straight_item(self, item: Any) -> Any:
        if type(item) in (tuple, list):
            return type(item)(self._straight_item(part) for part in item)
        return self._straight(item) if type(item) is Value else item

    def _turn_rows(self, value: Value) -> Value:
        return self.turned[value] if value in self.turned else self._turn(self._now(value))

    def _turn(self, value: Value) -> Value:
        made = self.maker.get(value)
        if made is not None and made.function is T:
            return made.inputs[0]
        return self._call(T, value)

    def _ones_below(self, value: Value) -> Value:
        """The inputs of a layer by feature, with a row of ones below."""
        if value not in self.with_ones:
            n, width = value.shape
            wide = Value(f"{value.name}_and_ones", (n, width + 1), value.dtype, "array")
            if value in self.turned:
                whole = Value(wide.name, (width + 1, n), value.dtype, "array")
                self._append(Instruction(with_ones, (self.turned[value],), {}, whole, self.phase))
                self.with_ones[value] = whole
                return whole
            if self.prepared and value.role == "input":
                wide.role, wide.data = "input", Instruction(with_ones_column, (value,), {}, wide)
                self.new[value] = self._call(getitem, wide, (slice(None), slice(None, -1)))
            elif value.role == "constant":
                wide.role, wide.data = "constant", with_ones_column(value.data)
            else:
                self._append(
                    Instruction(with_ones_column, (self._now(value),), {}, wide, self.phase)
                )
            self.with_ones[value] = self._turn(wide)
        return self.with_ones[value]

    # ------------------------------------------------------------------ writing steps

    def _keep(self, step: Instruction, inputs: tuple[Any, ...]) -> None:
        attributes = {key: self._straight_item(item) for key, item in step.attributes.items()}
        self._append(
            Instruction(step.function, inputs, attributes, step.output, step.phase, step.scope)
        )

    def _make_turned(
        self,
        step: Instruction,
        function: Function,
        *inputs: Any,
        attributes: dict[str, Any] | None = None,
    ) -> None:
        output = step.output
        turned = Value(output.name, output.shape[::-1], output.dtype, "array", named=output.named)
        self._add(step, function, inputs, turned, attributes)
        self.turned[output] = turned

    def _add(
        self,
        like: Instruction,
        function: Function,
        inputs: tuple[Any, ...],
        output: Value,
        attributes: dict[str, Any] | None = None,
    ) -> None:
        self._append(
            Instruction(function, inputs, attributes or {}, output, like.phase, like.scope)
        )

    def _call(self, function: Function, value: Value, *rest: Any) -> Value:
        """A view, made once."""
        known = self.views.get((function, value, str(rest)))
        if known is not None:
            return known
        shape: tuple[int, ...] = value.shape[::-1]
        if function is RESHAPE:
            shape = rest[0]
        elif function is getitem:
            shape = _sliced(value.shape, rest[0])
        return self._view(function, value, rest, shape)

    def _view(
        self, function: Function, value: Value, rest: tuple[Any, ...], shape: tuple[int, ...]
    ) -> Value:
        name = f"{value.name}_T" if function is T else value.name
        output = Value(name, shape, value.dtype, "array")
        self._append(Instruction(function, (value, *rest), {}, output, self.phase))
        return output

    def _append(self, step: Instruction) -> None:
        self.kept.append(step)
        self.maker[step.output] = step
        if step.function in (getitem, RESHAPE, T):
            value, *rest = step.inputs
            self.views.setdefault((step.function, value, str(tuple(rest))), step.output)


def _sliced(shape: tuple[int, ...], key: Any) -> tuple[int, ...]:
    keys = key if isinstance(key, tuple) else (key,)
    return tuple(len(range(*part.indices(n))) for part, n in zip(keys, shape, strict=True))
