"""PReLU: a leaky ReLU that learns how leaky it is."""

from __future__ import annotations

from typing import Any, final

from autograd_nn import initializers, ops
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.axes_of_inputs import axes_as_built
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.layers.rules_of_weights import as_constraint, as_regularizer, rules_of


@final
class PReLU(Layer):
    """ReLU with a slope below 0 that is learnt, one for each place in a sample.

    Formula      a = x where x > 0, else alpha · x
    Shapes       as the inputs; alpha has the shape of a sample, with 1 at the shared axes
    Gradient     dL/dalpha = Σ_N g · x where x ≤ 0
    Parameters   alpha_initializer, alpha_regularizer, alpha_constraint: of alpha, zeros at first
                 shared_axes: axes, counted from 1, along which there is one slope: [1, 2] for
                 pictures, so that each channel has its own
                 name, trainable and the like: see Layer
    Source       K. He et al., Delving Deep into Rectifiers, 2015
    Example

    >>> PReLU(alpha_initializer="ones")([[-2.0, 3.0]]).tolist()
    [[-2.0, 3.0]]
    """

    supports_masking = True
    alpha: Tensor

    @checked_keywords
    def __init__(
        self,
        alpha_initializer: Any = "zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = as_regularizer(alpha_regularizer)
        self.alpha_constraint = as_constraint(alpha_constraint)
        axes = (shared_axes,) if isinstance(shared_axes, int) else tuple(shared_axes or ())
        if not all(isinstance(axis, int) for axis in axes):
            raise ArgumentTypeError(f"`shared_axes` must hold numbers, got {shared_axes!r}.")
        if any(axis < 1 for axis in axes):
            raise ArgumentError(f"`shared_axes` counts from 1, got {shared_axes!r}.")
        self.shared_axes = axes

    def build(self, input_shape: Shape) -> None:
        """Make ``alpha``."""
        shape = [1 if axis in self.shared_axes else n for axis, n in enumerate(input_shape)][1:]
        if None in shape or any(axis > len(shape) for axis in self.shared_axes):
            raise ShapeError(
                f"Layer {self.name!r} needs every length but the number of samples and of the "
                f"shared axes {self.shared_axes}, got {tuple(input_shape)}."
            )
        self.alpha = self.add_weight(
            tuple(shape),
            self.alpha_initializer,
            "alpha",
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above, as what is positive and what is not."""
        axes = range(1, max(inputs.ndim, self.alpha.ndim + 1))
        axes_as_built(self, tuple(a for a in axes if a not in self.shared_axes), inputs.shape)
        below = ops.negative(ops.relu(ops.negative(inputs)))
        return ops.add(ops.relu(inputs), ops.multiply(self.alpha, below))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the inputs."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {
            **super().get_config(),
            "alpha_initializer": initializers.serialize(self.alpha_initializer),
            "shared_axes": list(self.shared_axes) or None,
            **rules_of(self, "alpha"),
        }
