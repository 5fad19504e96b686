"""ActivityRegularization: what passes costs something."""

from __future__ import annotations

from typing import Any, final

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.regularizers import L1L2


@final
class ActivityRegularization(Layer):
    """Pass the inputs on, and add what they cost to the loss.

    Formula      a = x · added to the loss (l1 · Σ |x| + l2 · Σ x²) / N
    Shapes       as the inputs
    Parameters   l1, l2: at least 0, default 0
                 name, trainable and the like: see Layer
    Example      (0.1 · (1 + 3) + 0.5 · (1 + 9)) / 2 = 2.7, of two samples

    >>> import numpy as np
    >>> layer = ActivityRegularization(l1=0.1, l2=0.5)
    >>> outputs = layer(np.array([[1.0], [-3.0]]))
    >>> print(f"{layer.losses[0]:.6f}")
    2.700000
    """

    supports_masking = True

    @checked_keywords
    def __init__(self, l1: float = 0.0, l2: float = 0.0, **keywords: Any) -> None:
        super().__init__(activity_regularizer=L1L2(l1, l2), **keywords)
        self.l1, self.l2 = float(l1), float(l2)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The inputs."""
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the inputs."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        config = super().get_config()
        del config["activity_regularizer"]
        return {**config, "l1": self.l1, "l2": self.l2}
