"""Axes of inputs by number: which of them a layer works along, and shapes that broadcast."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentTypeError, ShapeError
from autograd_nn.layers.layer import Layer, Shape


def checked_axes(axis: Any) -> tuple[int, ...]:
    """``axis`` as a tuple of integers, or what was expected."""
    axes = axis if isinstance(axis, (tuple, list)) else (axis,)
    if not axes or not all(isinstance(a, (int, np.integer)) and a is not True for a in axes):
        raise ArgumentTypeError(
            f"`axis` must be an integer such as -1, or a tuple of integers, got {axis!r}."
        )
    return tuple(map(int, axes))


def axes_of(layer: Layer, axes: tuple[int, ...], shape: Shape) -> tuple[int, ...]:
    """The axes in their order, counted from 0, of inputs of this shape, with known lengths.

    Raises       ShapeError naming the layer and the axis
    """
    ndim = len(shape)
    found = []
    for axis in axes:
        if not -ndim <= axis < ndim:
            raise ShapeError(
                f"Layer {layer.name!r} works along axis {axis}, which inputs of shape {shape} do "
                "not have."
            )
        if shape[axis] is None:
            raise ShapeError(
                f"Layer {layer.name!r} needs the length of axis {axis} of inputs of shape {shape}: "
                "None is for the number of samples."
            )
        found.append(axis % ndim)
    return tuple(dict.fromkeys(found))


def axes_as_built(layer: Layer, axes: tuple[int, ...], shape: Shape) -> tuple[int, ...]:
    """The same of inputs that a layer is called on, with the lengths that it was built for.

    Without this a layer for 3 features would stretch inputs of one, or fail with NumPy's words.
    """
    before = layer._input_shape
    assert isinstance(before, tuple)
    found = axes_of(layer, axes, shape)
    for axis in axes:
        expected = before[axis] if -len(before) <= axis < len(before) else None
        if shape[axis] != expected:
            raise ShapeError(
                f"Layer {layer.name!r} expects a length of {expected} along axis {axis}, that it "
                f"was built for, got {shape[axis]} in inputs of shape {tuple(shape)}."
            )
    return found


def broadcast_shape(shape: Shape, kept: Collection[int]) -> tuple[int, ...]:
    """The lengths of the kept axes in their places, 1 everywhere else."""
    return tuple((length or 1) if axis in kept else 1 for axis, length in enumerate(shape))
