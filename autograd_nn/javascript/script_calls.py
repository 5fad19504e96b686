"""ScriptCall: a function of JavaScript and what it is given; and what is asked of operands."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.errors import ArgumentError
from autograd_nn.program import Instruction, Value


class ScriptCall(NamedTuple):
    """A function of JavaScript, what it is given, and the shape of its result.

    Among ``operands`` are Values, numbers, arrays that never change, and other calls; ``settings``
    are plain: shapes, axes, strides.
    """

    name: str
    operands: tuple[Any, ...]
    settings: tuple[Any, ...]
    shape: tuple[int, ...]


class Unwritable(ArgumentError):
    """What a program calls has no form in JavaScript: ``call`` is its name."""

    def __init__(self, message: str, call: str) -> None:
        super().__init__(message)
        self.call = call


class NoForm(Exception):
    """What stands behind the name of what cannot be written, or nothing."""


def shape_of(x: Any) -> tuple[int, ...]:
    return tuple(x.shape) if type(x) in (Value, ScriptCall) else np.shape(x)


def size_of(x: Any) -> int:
    return math.prod(shape_of(x))


def kind_of(x: Any) -> str:
    return x.dtype.kind if type(x) is Value else np.asarray(x).dtype.kind


def counted_axis(axis: Any, ndim: int) -> int:
    return int(axis) % ndim


def option(step: Instruction, place: int, name: str, default: Any) -> Any:
    """An argument, by its place or by its name."""
    if len(step.inputs) > place:
        return step.inputs[place]
    return step.attributes.get(name, default)


def refuse_options(options: Mapping[str, Any], *names: str) -> None:
    """Refuse what a function is told beside these, unless it is nothing."""
    for name, item in options.items():
        if name not in names and item is not None:
            raise NoForm(f"with {name}=.")


def counted_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(ndim))
    return tuple(counted_axis(a, ndim) for a in (axis if isinstance(axis, tuple) else (axis,)))


def summed(x: Any, axes: tuple[int, ...], keepdims: bool = False, name: str = "sum") -> ScriptCall:
    shape = shape_of(x)
    kept = tuple(
        1 if axis in axes else length
        for axis, length in enumerate(shape)
        if keepdims or axis not in axes
    )
    return ScriptCall(name, (x,), (axes, keepdims), kept)


def element_by_element(name: str, *operands: Any) -> ScriptCall:
    """A function of single elements, in the shape that the operands have together."""
    return ScriptCall(name, operands, (), np.broadcast_shapes(*map(shape_of, operands)))


def reshaped(x: Any, shape: tuple[int, ...]) -> Any:
    return x if shape_of(x) == shape else ScriptCall("reshape", (x,), (shape,), shape)


def turned(x: Any, axes: tuple[int, ...]) -> Any:
    if axes == tuple(range(len(axes))):
        return x
    return ScriptCall("transpose", (x,), (axes,), tuple(shape_of(x)[axis] for axis in axes))


def packed_strides(shape: tuple[int, ...], strides: tuple[int, ...]) -> tuple[int, ...]:
    """The strides of an array without gaps; of an axis of one element they say nothing."""
    found, step = [], 1
    for length, given in zip(reversed(shape), reversed(strides), strict=True):
        found.append(given if length == 1 else step)
        step *= length
    return tuple(reversed(found))
