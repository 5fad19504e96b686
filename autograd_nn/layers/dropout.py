"""Dropout: a network that cannot rely on any single unit."""

from __future__ import annotations

from typing import Any, final

from autograd_nn import random
from autograd_nn.engine.argument_checks import checked_keywords, number_within, positive_integer
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.ops import multiply
from autograd_nn.settings import generator


@final
class Dropout(Layer):
    """In training, set a random part of the inputs to 0 and scale up the rest.

    Formula      training: a = x · kept / (1 − rate), kept 0 with probability rate, else 1;
                 otherwise a = x, so that the expected value is the same
    Shapes       as the inputs
    Parameters   rate: the part that is dropped, 0 to 1
                 seed: an integer gives draws of its own; None follows ``set_random_seed``
                 name, trainable: see Layer
    Source       N. Srivastava et al., Dropout, JMLR 15, 2014
    Example      With rate 0.5 what is kept is doubled

    >>> import numpy as np
    >>> sorted({float(a) for a in Dropout(0.5, seed=1)(np.ones((1, 50)), training=True)[0]})
    [0.0, 2.0]
    """

    supports_masking = True

    @checked_keywords
    def __init__(self, rate: float, seed: int | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.rate = number_within("rate", rate, 0, 1)
        self.seed = None if seed is None else positive_integer("seed", seed, minimum=0)
        self._source = None if self.seed is None else generator("dropout", self.seed)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        if not training or self.rate == 0:
            return inputs
        source = self._source if self._source is not None else generator("dropout")
        kept = random.bernoulli(inputs.shape, 1 - self.rate, inputs.dtype, source)
        scale = inputs.dtype.type(1 / (1 - self.rate) if self.rate < 1 else 0.0)
        return multiply(inputs, multiply(kept, scale))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the inputs."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "rate": self.rate, "seed": self.seed}
