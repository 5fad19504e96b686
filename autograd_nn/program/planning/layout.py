"""The layout of results: of layers by feature, (units, N), of pictures by row, (H, C, W, N).

Dense layers and the forms of convolution and pooling compute so, and end with a view that has the
axes as they were recorded, (N, units) and (N, H, W, C). What lies between two of them, an
activation, a loss, their gradients, is turned here to the same memory; then no array is copied on
its way. [kernel; bias]ᵀ @ [xᵀ; 1] reads activations with a row of ones below, which is never
written again, and what lies above it is in one piece: the activation function writes straight into
it. A column of ones would have to be written around.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.program.calls import (
    AS_REDUCTION,
    DOT,
    ELEMENTWISE,
    METHODS,
    PRODUCTS,
    RESHAPE,
    UFUNCS,
    T,
    is_reduction,
    with_ones,
    with_ones_column,
)
from autograd_nn.program.values import Instruction, Instructions, Value

Axes = tuple[int, ...]

_TRANSPOSE = METHODS["transpose"]
# (N, H, W, C) of (H, C, W, N), (N, L, C) of (C, L, N), and (N, units) of (units, N).
OUTWARDS: dict[int, Axes] = {4: (3, 0, 2, 1), 3: (2, 1, 0), 2: (1, 0)}


def laid_out(steps: Instructions) -> Instructions | None:
    """The same with what is computed from turned views computed before they are turned.

    None where there are no such views. Views that nobody reads any more are still there.
    """
    if not any(step.function in (T, _TRANSPOSE) for step in steps.steps):
        return None
    layout = _Layout()
    for step in steps.steps:
        layout.take(step.replaced(layout.new))
    if not layout.has_turned:
        return None
    return steps.rewritten(layout.steps, lambda value: layout.new.get(value, value))


class _Layout:
    def __init__(self) -> None:
        self.steps: list[Instruction] = []
        self.new: dict[Value, Value] = {}
        self.has_turned = False
        # What a value is a view of, and which of its axes are its own.
        self._inner: dict[Value, tuple[Value, Axes]] = {}
        self._turned: dict[tuple[Value, Axes], Value] = {}
        # Of two axes products, and what is computed from them; only views of these count as turned.
        self._by_feature: set[Value] = set()

    def take(self, step: Instruction) -> None:
        """One more step, on what lies beneath its operands where they are turned views."""
        first = step.inputs[0] if step.inputs else None
        inner, axes = self._inner.get(first, (None, ())) if type(first) is Value else (None, ())
        if (own := _axes(step)) is not None:
            self._transpose(step, own)
        elif (turned := self._axes_of_operands(step)) is not None:
            inputs = tuple(self._turn(item, turned, step.phase) for item in step.inputs)
            self._keep(step, step.function, inputs, turned)
        elif inner is None:
            self.steps.append(step)
            if step.function is DOT:
                self._by_feature.add(step.output)
        elif step.function is with_ones_column:
            self._keep(step, with_ones, (inner,), axes)
        elif (
            step.function in PRODUCTS
            and not step.attributes  # such as another dtype
            and len(axes) == len(step.output.shape) == 2
        ):
            self._keep(step, DOT, (self._turn(step.inputs[1], axes, step.phase), inner), axes)
        else:
            self._reduction(step, inner, axes)

    def _transpose(self, step: Instruction, axes: Axes) -> None:
        source = step.inputs[0]
        if source in self._inner:
            source, before = self._inner[source]
            axes = tuple(before[axis] for axis in axes)
            if axes == tuple(range(len(axes))):
                self.new[step.output] = source
                return
        self._see(step, source, axes)

    def _see(self, step: Instruction, source: Value, axes: Axes) -> None:
        """The output of a step as a view."""
        function, rest, word = _turning(axes)
        view = Instruction(function, (source, *rest), {}, step.output, step.phase, step.scope)
        self.steps.append(view)
        if axes == OUTWARDS.get(len(axes)) and (len(axes) > 2 or source in self._by_feature):
            self.has_turned = True
            self._inner[step.output] = source, axes
            if step.output.named and not source.named:
                source.call(step.output.name)
            step.output.name, step.output.named = f"{source.name}_{word}", False

    def _keep(
        self,
        step: Instruction,
        function: Any,
        inputs: tuple[Any, ...],
        axes: Axes,
        attributes: dict[str, Any] | None = None,
    ) -> None:
        """The step on what lies beneath, and its output as a view of what that gives."""
        out = step.output
        lengths = dict(zip(axes, out.shape, strict=True))
        shape = tuple(lengths[axis] for axis in range(len(axes)))
        inner = Value(out.name, shape, out.dtype, "array")
        made = Instruction(function, inputs, attributes or {}, inner, step.phase, step.scope)
        self.steps.append(made)
        self._by_feature.add(inner)
        self._see(step, inner, axes)

    # ------------------------------------------------------------------ element by element

    def _axes_of_operands(self, step: Instruction) -> Axes | None:
        if step.attributes or UFUNCS.get(step.function, step.function) not in ELEMENTWISE:
            return None
        for item in step.inputs:
            if type(item) is Value and item in self._inner and item.shape == step.output.shape:
                return self._inner[item][1]
        return None

    def _turn(self, item: Any, axes: Axes, phase: str) -> Any:
        """An operand in the layout of which the outer one is a view by ``axes``."""
        if type(item) is not Value or not item.shape:
            return item
        inner = self._inner.get(item)
        if inner is not None and inner[1] == axes:
            return inner[0]
        if (item, axes) not in self._turned:
            back = tuple(np.argsort(axes).tolist())
            whole = (1,) * (len(axes) - len(item.shape)) + item.shape
            shape = tuple(whole[axis] for axis in back)
            name, source, (function, rest, word) = item.name, item, _turning(back)
            if whole != item.shape and sum(length > 1 for length in whole) < 2:  # along one axis
                function, rest = RESHAPE, (shape,)
            elif whole != item.shape:
                source = Value(item.name, whole, item.dtype, "array")
                self.steps.append(Instruction(RESHAPE, (item, whole), {}, source, phase))
            else:
                name = f"{item.name}_{word}"
            turned = Value(name, shape, item.dtype, "array")
            self.steps.append(Instruction(function, (source, *rest), {}, turned, phase))
            self._turned[item, axes] = turned
        return self._turned[item, axes]

    # ------------------------------------------------------------------ sums

    def _reduction(self, step: Instruction, source: Value, axes: Axes) -> None:
        function = AS_REDUCTION.get(step.function, step.function)
        given = {"axis": step.inputs[1]} if len(step.inputs) == 2 else {}
        attributes = {**given, **step.attributes}
        of_axes = len(step.inputs) <= 2 and attributes.keys() <= {"axis", "keepdims"}
        if not is_reduction(function) or not of_axes:
            self.steps.append(step)
            return
        # The functions take all axes where a ufunc takes the first.
        axis = attributes.get("axis", 0 if function is step.function else None)
        chosen = axis if isinstance(axis, tuple) else (axis,)
        ndim = len(axes)
        outer = [*range(ndim)] if axis is None else [a % ndim for a in chosen]
        inner: Any = None if len(outer) == ndim else tuple(sorted(axes[a] for a in outer))
        if attributes.get("keepdims", False):
            self._keep(step, function, (source,), axes, {"axis": inner, "keepdims": True})
            return
        rest = [axes[a] for a in range(ndim) if a not in outer]
        order = tuple(sorted(rest).index(axis) for axis in rest)
        out, is_in_order = step.output, order == tuple(range(len(rest)))
        if not is_in_order:
            lengths = dict(zip(rest, out.shape, strict=True))
            out = Value(out.name, tuple(lengths[a] for a in sorted(rest)), out.dtype, "array")
        of_source = (source,), {"axis": inner}, out
        self.steps.append(Instruction(function, *of_source, step.phase, step.scope))
        if not is_in_order:
            self._see(step, out, order)


def _turning(axes: Axes) -> tuple[Any, tuple[Any, ...], str]:
    """The call that turns an array, what stands behind the array in it, and a word for a name."""
    return (T, (), "T") if axes == (1, 0) else (_TRANSPOSE, axes, "seen")


def _axes(step: Instruction) -> Axes | None:
    """The axes by which a step turns an array, where it does."""
    ndim = len(step.output.shape)
    if step.function is T and ndim == 2:
        return 1, 0
    if step.function is not _TRANSPOSE or step.attributes or step.output.kind != "array":
        return None
    axes = step.inputs[1:]
    if len(axes) == 1 and isinstance(axes[0], (tuple, list)):
        axes = tuple(axes[0])
    if len(axes) != ndim or not all(type(axis) is int for axis in axes):
        return None
    return tuple(axis % ndim for axis in axes)
