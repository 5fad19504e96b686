"""Concatenate: several inputs side by side."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.layers.merging import any_mask, list_of_inputs


@final
class Concatenate(Layer):
    """Put the features of several inputs side by side.

    Shapes       (N, I) and (N, J) → (N, I + J); other axes than that of ``axis`` are equally long
    Gradient     to every input its part of g
    Parameters   axis: the one that becomes longer, the last when not given; not 0, the samples
                 name, trainable and the like: see Layer
    Raises       ShapeError for inputs that do not go together
    Example

    >>> import numpy as np
    >>> Concatenate()([np.array([[1.0, 2.0]]), np.array([[3.0]])]).tolist()
    [[1.0, 2.0, 3.0]]
    """

    supports_masking = True
    _takes_several = True

    @checked_keywords
    def __init__(self, axis: int = -1, **keywords: Any) -> None:
        super().__init__(**keywords)
        if isinstance(axis, bool) or not isinstance(axis, int):
            raise ArgumentTypeError(f"`axis` must be a whole number, got {axis!r}.")
        if axis == 0:
            raise ArgumentError("`axis` 0 would put the samples of one batch behind another's.")
        self.axis = axis

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The inputs side by side."""
        self._joined([x.shape for x in list_of_inputs(self, inputs)])
        return ops.concatenate(*inputs, axis=self.axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The masks one behind the other, or, of features of the same steps, where any is true."""
        axis = self.axis % inputs[0].ndim
        if mask is None or axis == inputs[0].ndim - 1:
            return any_mask(mask)
        pairs = zip(mask, inputs, strict=True)
        parts = [np.ones(x.shape[:-1], bool) if m is None else m for m, x in pairs]
        return ops.concatenate(*parts, axis=axis)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """(N, …) with the sum of the lengths at ``axis``."""
        return self._joined(list_of_inputs(self, input_shape))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "axis": self.axis}

    def _joined(self, shapes: Any) -> Shape:
        axes = len(shapes[0])
        axis = self.axis % axes if -axes < self.axis < axes else 0
        columns = list(zip(*shapes, strict=True)) if len({*map(len, shapes)}) == 1 else []
        others = [set(column) - {None} for place, column in enumerate(columns) if place != axis]
        if not axis or not columns or any(len(lengths) > 1 for lengths in others):
            told = " and ".join(str(tuple(shape)) for shape in shapes)
            raise ShapeError(
                f"Layer {self.name!r} puts inputs together along axis {self.axis}, for which all "
                f"of the other lengths must be equal, got {told}."
            )
        known = [next((n for n in column if n is not None), None) for column in columns]
        total = None if None in columns[axis] else sum(columns[axis])
        return tuple(total if place == axis else n for place, n in enumerate(known))


def concatenate(inputs: Any, axis: int = -1, **keywords: Any) -> Any:
    """``Concatenate(axis, **keywords)(inputs)``."""
    return Concatenate(axis, **keywords)(inputs)
