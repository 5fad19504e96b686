"""TimeDistributed: one layer for every step of a sequence."""

from __future__ import annotations

from typing import Any, final

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentTypeError, ShapeError
from autograd_nn.layers.inner import described, made_again
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.layers.masks import fitting
from autograd_nn.names import made_with


@final
class TimeDistributed(Layer):
    """The same layer, with the same weights, on every step.

    Formula      a_t = layer(x_t) for t = 1 … T
    Shapes       x (N, T, …) → (N, T, …), each step as the layer makes it
    Parameters   layer: a layer for one step
                 the rest: see Layer
    Note         All steps go through the layer at once, as N·T samples: a layer that takes means
                 over the batch, such as BatchNormalization, takes them over all steps.
    Raises       ShapeError for inputs without steps
    Example      a layer that flattens, on each of two steps

    >>> import numpy as np
    >>> from autograd_nn.layers import Flatten
    >>> TimeDistributed(Flatten())(np.ones((1, 2, 3, 4))).shape
    (1, 2, 12)
    """

    supports_masking = True

    @checked_keywords
    def __init__(self, layer: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        if not isinstance(layer, Layer):
            raise ArgumentTypeError(f"`layer` must be a layer, such as Dense(8), got {layer!r}.")
        self.layer = layer

    def build(self, input_shape: Shape) -> None:
        """Make the weights of the layer."""
        if not self.layer.built:
            self.layer.build(self._of_step(input_shape))

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        """The formula above.

        Parameters   mask: (N, T), which steps are there; those that are not are computed like all
                     others, and the mask is that of the outputs, too
        """
        shape = inputs.shape
        fitting(self, mask, shape[:2])
        rows = inputs.reshape(self._of_step(shape, shape[0] * shape[1]))
        outputs = self.layer(rows, training=training)
        return outputs.reshape((*shape[:2], *outputs.shape[1:]))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of a step as the layer makes it, with the steps behind the samples."""
        found = self.layer.compute_output_shape(self._of_step(input_shape))
        return (*input_shape[:2], *found[1:])

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {**super().get_config(), "layer": described(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> TimeDistributed:
        """A new layer from what ``get_config`` gave."""
        return made_with(cls, {**config, "layer": made_again(config["layer"])})

    def _of_step(self, shape: Shape, samples: int | None = None) -> Shape:
        if len(shape) < 3:
            raise ShapeError(
                f"Layer {self.name!r} takes sequences, shape (samples, steps, …), got "
                f"{tuple(shape)}."
            )
        return (samples if samples is not None else shape[0], *shape[2:])
