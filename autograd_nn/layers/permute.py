"""Permute: the axes of a sample in another order."""

from __future__ import annotations

from typing import Any, final

from autograd_nn import ops
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.layers.layer import Layer, Shape


@final
class Permute(Layer):
    """Put the axes of every sample into another order: ``Permute((2, 1))`` swaps two.

    Shapes       with dims (2, 1): (N, T, I) → (N, I, T)
    Parameters   dims: which axis comes to each place, counted from 1: axis 0, the samples, stays
                 name, trainable and the like: see Layer
    Raises       ShapeError for inputs with another number of axes
    Example      Rows become columns

    >>> Permute((2, 1))([[[1.0, 2.0], [3.0, 4.0]]]).tolist()
    [[[1.0, 3.0], [2.0, 4.0]]]
    """

    @checked_keywords
    def __init__(self, dims: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        if not isinstance(dims, (tuple, list)):
            raise ArgumentTypeError(f"`dims` must be a tuple such as (2, 1), got {dims!r}.")
        if sorted(dims) != list(range(1, len(dims) + 1)):
            raise ArgumentError(
                f"`dims` must have each of 1 … {len(dims)} once (0 are the samples), got {dims!r}."
            )
        self.dims = tuple(dims)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The inputs with their axes in the new order."""
        self._check(inputs.shape)
        return ops.transpose(inputs, axes=(0, *self.dims))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The lengths in the new order."""
        self._check(input_shape)
        return (input_shape[0], *(input_shape[axis] for axis in self.dims))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "dims": list(self.dims)}

    def _check(self, shape: Shape) -> None:
        if len(shape) != len(self.dims) + 1:
            raise ShapeError(
                f"Layer {self.name!r} has {len(self.dims)} axes to order, {self.dims}, got inputs "
                f"of shape {tuple(shape)}, samples of {len(shape) - 1}."
            )
