"""Identity: what comes in goes out, for a place where there may be a layer."""

from __future__ import annotations

from typing import Any, final

from autograd_nn.layers.layer import Layer


@final
class Identity(Layer):
    """Give the inputs as they are.

    Formula      a = x
    Parameters   name, trainable and the like: see Layer
    """

    supports_masking = True
    _takes_several = None

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The inputs."""
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the inputs."""
        return input_shape
