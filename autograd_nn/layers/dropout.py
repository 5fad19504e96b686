"""Dropout: a network that cannot rely on any single unit."""

from __future__ import annotations

from typing import Any, final

from autograd_nn.engine.argument_checks import checked_keywords, number_within
from autograd_nn.layers.draws import Draws, noise_shape_of
from autograd_nn.ops import multiply


@final
class Dropout(Draws):
    """In training, set a random part of the inputs to 0 and scale up the rest.

    Formula      training: a = x · kept / (1 − rate), kept 0 with probability rate, else 1;
                 otherwise a = x, so that the expected value is the same
    Shapes       as the inputs
    Parameters   rate: the part that is dropped, 0 to 1
                 noise_shape: the shape of ``kept``, with 1 where all along an axis are dropped
                 together, and None for the length of the inputs
                 seed: an integer gives draws of its own; None follows ``set_random_seed``
                 name, trainable and the like: see Layer
    Source       N. Srivastava et al., Dropout, JMLR 15, 2014
    Example      With rate 0.5 what is kept is doubled

    >>> import numpy as np
    >>> sorted({float(a) for a in Dropout(0.5, seed=1)(np.ones((1, 50)), training=True)[0]})
    [0.0, 2.0]
    """

    @checked_keywords
    def __init__(
        self, rate: float, noise_shape: Any = None, seed: int | None = None, **keywords: Any
    ) -> None:
        super().__init__(seed, **keywords)
        self.rate = number_within("rate", rate, 0, 1)
        self.noise_shape = noise_shape_of(noise_shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        if not training or self.rate == 0:
            return inputs
        kept = self._kept(inputs, self.rate, self.noise_shape)
        scale = inputs.dtype.type(1 / (1 - self.rate) if self.rate < 1 else 0.0)
        return multiply(inputs, multiply(kept, scale))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        shape = None if self.noise_shape is None else list(self.noise_shape)
        return {**super().get_config(), "rate": self.rate, "noise_shape": shape}
