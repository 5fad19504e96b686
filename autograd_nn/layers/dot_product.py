"""Dot: the products of the samples of two inputs."""

from __future__ import annotations

import math
from typing import Any, final

from autograd_nn import ops
from autograd_nn.engine.argument_checks import checked_keywords, true_or_false
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.layers.merging import list_of_inputs


@final
class Dot(Layer):
    """Sum up the products of two inputs, sample by sample: how much two vectors agree.

    Formula      a[n] = Σ_i x[n, i] · y[n, i]; with more axes, for each of the others
    Shapes       (N, I), (N, I) → (N, 1) · with axes (2, 2): (N, S, I), (N, T, I) → (N, S, T)
    Gradient     dL/dx = g · y · dL/dy = g · x
    Parameters   axes: the axis that is summed over, or a pair, one for each input
                 normalize: whether both are divided by their lengths first: the cosine of the
                 angle between them
                 name, trainable and the like: see Layer
    Raises       ShapeError where the two axes are not equally long
    Example      1·3 + 2·4 = 11

    >>> import numpy as np
    >>> Dot(axes=1)([np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])]).tolist()
    [[11.0]]
    """

    supports_masking = True
    _takes_several = True

    @checked_keywords
    def __init__(self, axes: Any, normalize: bool = False, **keywords: Any) -> None:
        super().__init__(**keywords)
        pair = (axes, axes) if isinstance(axes, int) else axes
        if (
            not isinstance(pair, (tuple, list))
            or len(pair) != 2
            or not all(isinstance(axis, int) and not isinstance(axis, bool) for axis in pair)
        ):
            raise ArgumentTypeError(f"`axes` must be a whole number or a pair, got {axes!r}.")
        if 0 in pair:
            raise ArgumentError(f"`axes` counts from 1, axis 0 are the samples, got {axes!r}.")
        self.axes = axes if isinstance(axes, int) else tuple(axes)
        self._pair = (pair[0], pair[1])
        self.normalize = true_or_false("normalize", normalize)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        shapes = [x.shape for x in list_of_inputs(self, inputs)]
        (x, y), axes = inputs, self._checked(shapes)
        if self.normalize:
            x, y = _of_length_1(x, axes[0]), _of_length_1(y, axes[1])
        if x.ndim == y.ndim == 2:
            return ops.sum(ops.multiply(x, y), axis=1, keepdims=True)
        rows = _as_matrices(x, axes[0], last=True)
        columns = _as_matrices(y, axes[1], last=False)
        return ops.reshape(ops.matmul(rows, columns), shape=self.compute_output_shape(shapes))

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """None: the steps are those of no input any more."""

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """The other axes of the first input, then those of the second; (N, 1) of rows."""
        shapes = list_of_inputs(self, input_shape)
        a, b = self._checked(shapes)
        x, y = shapes
        rest = (*x[1:a], *x[a + 1 :], *y[1:b], *y[b + 1 :])
        return (x[0], *(rest or (1,)))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        axes = self.axes if isinstance(self.axes, int) else list(self.axes)
        return {**super().get_config(), "axes": axes, "normalize": self.normalize}

    def _checked(self, shapes: Any) -> tuple[int, int]:
        """The two axes, counted from the front."""
        if len(shapes) != 2:
            raise ArgumentTypeError(f"Layer {self.name!r} takes two inputs, got {len(shapes)}.")
        told = f"{tuple(shapes[0])} and {tuple(shapes[1])}"
        found = []
        for axis, shape in zip(self._pair, shapes, strict=True):
            if not (1 <= axis < len(shape) or 1 <= axis + len(shape) < len(shape)):
                raise ShapeError(
                    f"Layer {self.name!r} sums over axis {axis}, got inputs of shapes {told}."
                )
            found.append(axis % len(shape))
        a, b = shapes[0][found[0]], shapes[1][found[1]]
        if None not in (a, b) and a != b:
            raise ShapeError(
                f"Layer {self.name!r} sums over axes {found[0]} and {found[1]}, which must be "
                f"equally long, got inputs of shapes {told}."
            )
        return found[0], found[1]


def _of_length_1(x: Any, axis: int) -> Any:
    # No shorter than the root of this, so that a vector of zeros stays what it is.
    square = ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), 1e-14)
    return ops.divide(x, ops.sqrt(square))


def _as_matrices(x: Any, axis: int, last: bool) -> Any:
    """One matrix for each sample: ``axis`` across the columns, or across the rows."""
    others = [place for place in range(1, x.ndim) if place != axis]
    order = (0, *others, axis) if last else (0, axis, *others)
    if order != tuple(range(x.ndim)):
        x = ops.transpose(x, axes=order)
    size = math.prod(x.shape[1:-1] if last else x.shape[2:])
    shape = (x.shape[0], size, x.shape[-1]) if last else (x.shape[0], x.shape[1], size)
    return x if x.shape == shape else ops.reshape(x, shape=shape)


def dot(inputs: Any, axes: Any = -1, **keywords: Any) -> Any:
    """``Dot(axes, **keywords)(inputs)``."""
    return Dot(axes, **keywords)(inputs)
