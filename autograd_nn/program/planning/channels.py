"""The layout of pictures: one row after the other with all its channels, (H, C, W, N).

Forms of convolution and pooling compute so, and begin and end with a view that has the axes as
they were recorded, (N, H, W, C). What lies between two of them, a bias, an activation, their
gradients, is turned here to the same memory; then no array is copied on its way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.program.calls import (
    AS_REDUCTION,
    ELEMENTWISE,
    METHODS,
    RESHAPE,
    UFUNCS,
    is_reduction,
)
from autograd_nn.program.values import Instruction, Instructions, Value

Axes = tuple[int, ...]

_TRANSPOSE = METHODS["transpose"]
# (N, H, W, C) of (H, C, W, N), and (N, L, C) of (C, L, N).
OUTWARDS: dict[int, Axes] = {4: (3, 0, 2, 1), 3: (2, 1, 0)}


def by_channel(steps: Instructions) -> Instructions | None:
    """The same with what is computed from turned views computed before they are turned.

    None where there are no such views. Views that nobody reads any more are still there.
    """
    if not any(_axes(step) in OUTWARDS.values() for step in steps.steps):
        return None
    turning = _Turning()
    for step in steps.steps:
        turning.take(step.replaced(turning.new))
    return steps.rewritten(turning.steps, lambda value: turning.new.get(value, value))


class _Turning:
    def __init__(self) -> None:
        self.steps: list[Instruction] = []
        self.new: dict[Value, Value] = {}
        # What a value is a view of, and which of its axes are its own.
        self._inner: dict[Value, tuple[Value, Axes]] = {}
        self._turned: dict[tuple[Value, Axes], Value] = {}

    def take(self, step: Instruction) -> None:
        axes = _axes(step)
        if axes is not None:
            self._transpose(step, axes)
        elif (axes := self._axes_of_operands(step)) is not None:
            self._elementwise(step, axes)
        elif step.inputs and type(step.inputs[0]) is Value and step.inputs[0] in self._inner:
            self._reduction(step)
        else:
            self.steps.append(step)

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
        view = Instruction(_TRANSPOSE, (source, *axes), {}, step.output, step.phase, step.scope)
        self.steps.append(view)
        if axes == OUTWARDS.get(len(axes)):
            self._inner[step.output] = source, axes

    # ------------------------------------------------------------------ element by element

    def _axes_of_operands(self, step: Instruction) -> Axes | None:
        if step.attributes or UFUNCS.get(step.function, step.function) not in ELEMENTWISE:
            return None
        for item in step.inputs:
            if type(item) is Value and item in self._inner and item.shape == step.output.shape:
                return self._inner[item][1]
        return None

    def _elementwise(self, step: Instruction, axes: Axes) -> None:
        inputs = tuple(self._turn(item, axes, step) for item in step.inputs)
        self._keep(step, inputs, step.function, {}, axes)

    def _turn(self, item: Any, axes: Axes, step: Instruction) -> Any:
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
            if sum(length > 1 for length in whole) < 2:  # along one axis
                function, rest = RESHAPE, (shape,)
            else:
                if whole != item.shape:
                    wide = Value(item.name, whole, item.dtype, "array")
                    self.steps.append(Instruction(RESHAPE, (item, whole), {}, wide, step.phase))
                    item = wide
                function, rest = _TRANSPOSE, back
            turned = Value(item.name, shape, item.dtype, "array")
            self.steps.append(Instruction(function, (item, *rest), {}, turned, step.phase))
            self._turned[item, axes] = turned
            return turned
        return self._turned[item, axes]

    def _keep(
        self, step: Instruction, inputs: Any, function: Any, attributes: Any, axes: Axes
    ) -> None:
        """The step on what lies beneath, and its output as a view of what that gives."""
        out = step.output
        lengths = dict(zip(axes, out.shape, strict=True))
        shape = tuple(lengths[axis] for axis in range(len(axes)))
        inner = Value(out.name, shape, out.dtype, "array", named=out.named)
        self.steps.append(Instruction(function, inputs, attributes, inner, step.phase, step.scope))
        out.name, out.named = f"{out.name}_seen", False
        self._see(step, inner, axes)

    # ------------------------------------------------------------------ sums

    def _reduction(self, step: Instruction) -> None:
        function = AS_REDUCTION.get(step.function, step.function)
        source, axes = self._inner[step.inputs[0]]
        given = {"axis": step.inputs[1]} if len(step.inputs) == 2 else {}
        attributes = {**given, **step.attributes}
        if step.output.kind != "array" and attributes.get("axis", 0) is None:  # of all elements
            self.steps.append(
                Instruction(function, (source,), attributes, step.output, step.phase, step.scope)
            )
            return
        if (
            not is_reduction(function)
            or len(step.inputs) > 2
            or not attributes.keys() <= {"axis", "keepdims"}
            or step.output.kind != "array"
        ):
            self.steps.append(step)
            return
        ndim, keep = len(axes), attributes.get("keepdims", False)
        # The functions take all axes where a ufunc takes the first.
        axis = attributes.get("axis", 0 if function is step.function else None)
        chosen = axis if isinstance(axis, tuple) else (axis,)
        outer = [*range(ndim)] if axis is None else [a % ndim for a in chosen]
        attributes = {"axis": tuple(sorted(axes[a] for a in outer))}
        if keep:
            self._keep(step, (source,), function, {**attributes, "keepdims": True}, axes)
            return
        rest = [axes[a] for a in range(ndim) if a not in outer]
        order = tuple(sorted(rest).index(axis) for axis in rest)
        if order == tuple(range(len(rest))):
            self.steps.append(
                Instruction(function, (source,), attributes, step.output, step.phase, step.scope)
            )
            return
        lengths = dict(zip(rest, step.output.shape, strict=True))
        out = step.output
        inner = Value(out.name, tuple(lengths[a] for a in sorted(rest)), out.dtype, "array")
        self.steps.append(
            Instruction(function, (source,), attributes, inner, step.phase, step.scope)
        )
        self._see(step, inner, order)


def _axes(step: Instruction) -> Axes | None:
    """The axes by which a step turns an array, where it does."""
    if step.function is not _TRANSPOSE or step.attributes or step.output.kind != "array":
        return None
    axes = step.inputs[1:]
    if len(axes) == 1 and isinstance(axes[0], (tuple, list)):
        axes = tuple(axes[0])
    ndim = len(step.output.shape)
    if len(axes) != ndim or not all(type(axis) is int for axis in axes):
        return None
    return tuple(axis % ndim for axis in axes)
