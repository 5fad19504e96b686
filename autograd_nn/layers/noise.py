"""Noise on the way, in training: GaussianNoise, GaussianDropout, AlphaDropout."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords, number_within
from autograd_nn.layers.draws import Draws, noise_shape_of
from autograd_nn.ops import add, multiply, subtract

# Of `selu`: what its outputs approach below, −scale · alpha.
_LOWEST = -1.0507009873554805 * 1.6732632423543772


@final
class GaussianNoise(Draws):
    """In training, add numbers of a normal distribution.

    Formula      training: a = x + e, e normal with mean 0 and deviation stddev; otherwise a = x
    Shapes       as the inputs
    Parameters   stddev: the deviation, 0 or more
                 seed: an integer gives draws of its own; None follows ``set_random_seed``
                 name, trainable and the like: see Layer
    """

    @checked_keywords
    def __init__(self, stddev: float, seed: int | None = None, **keywords: Any) -> None:
        super().__init__(seed, **keywords)
        self.stddev = number_within("stddev", stddev, 0, np.inf, high_open=True)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        if not training or self.stddev == 0:
            return inputs
        return add(inputs, self._normal(inputs, 0.0, self.stddev))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "stddev": self.stddev}


@final
class GaussianDropout(Draws):
    """In training, multiply by numbers of a normal distribution around 1.

    Formula      training: a = x · e, e normal with mean 1 and deviation √(rate / (1 − rate)), the
                 mean and deviation of what Dropout multiplies by; otherwise a = x
    Shapes       as the inputs
    Parameters   rate: 0 to 1, without 1
                 seed: an integer gives draws of its own; None follows ``set_random_seed``
                 name, trainable and the like: see Layer
    """

    @checked_keywords
    def __init__(self, rate: float, seed: int | None = None, **keywords: Any) -> None:
        super().__init__(seed, **keywords)
        self.rate = number_within("rate", rate, 0, 1, high_open=True)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        if not training or self.rate == 0:
            return inputs
        deviation = (self.rate / (1 - self.rate)) ** 0.5
        return multiply(inputs, self._normal(inputs, 1.0, deviation))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "rate": self.rate}


@final
class AlphaDropout(Draws):
    """Dropout for networks of ``selu``: mean 0 and variance 1 of the inputs are kept.

    Formula      training: a = c · (x · kept + m · (1 − kept)) + d, kept 0 with probability rate,
                 m = −1.758 what selu approaches below, c and d such that mean and variance stay;
                 otherwise a = x
    Shapes       as the inputs
    Parameters   rate: the part that is dropped, 0 to 1, without 1
                 noise_shape: the shape of ``kept``, with 1 where all are dropped together
                 seed: an integer gives draws of its own; None follows ``set_random_seed``
                 name, trainable and the like: see Layer
    Source       G. Klambauer et al., Self-Normalizing Neural Networks, 2017
    """

    @checked_keywords
    def __init__(
        self, rate: float, noise_shape: Any = None, seed: int | None = None, **keywords: Any
    ) -> None:
        super().__init__(seed, **keywords)
        self.rate = number_within("rate", rate, 0, 1, high_open=True)
        self.noise_shape = noise_shape_of(noise_shape)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        if not training or self.rate == 0:
            return inputs
        kept = self._kept(inputs, self.rate, self.noise_shape)
        c = ((1 - self.rate) * (1 + self.rate * _LOWEST**2)) ** -0.5
        mixed = add(multiply(inputs, kept), multiply(subtract(1, kept), _LOWEST))
        return add(multiply(mixed, c), -c * _LOWEST * self.rate)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        shape = None if self.noise_shape is None else list(self.noise_shape)
        return {**super().get_config(), "rate": self.rate, "noise_shape": shape}
