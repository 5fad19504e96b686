"""Activation: a function as a layer of its own."""

from __future__ import annotations

from typing import Any, final

from autograd_nn import activations
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.layers.layer import Layer, Shape


@final
class Activation(Layer):
    """Apply a function to every element: ``Activation("relu")``.

    Formula      a = activation(x)
    Shapes       as the inputs
    Parameters   activation: a name such as "relu", or a function of a Tensor
                 name, trainable: see Layer
    Example      max(x, 0)

    >>> Activation("relu")([[-1.0, 2.0]]).tolist()
    [[0.0, 2.0]]
    """

    supports_masking = True

    @checked_keywords
    def __init__(self, activation: Any, **keywords: Any) -> None:
        super().__init__(**keywords)
        if activation is None:
            raise ArgumentTypeError("`activation` is missing (None): 'linear' is the identity.")
        self.activation = activations.get(activation)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """activation(inputs)."""
        if inputs.shape[-1:] == (1,):
            activations.warn_if_constant(self.activation)
        return self.activation(inputs)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the inputs; of glu, half of the last length."""
        return activations.shape_after(self.activation, tuple(input_shape))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "activation": activations.serialize(self.activation)}
