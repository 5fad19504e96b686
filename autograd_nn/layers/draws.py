"""Draws: what the layers that draw random numbers in training have in common."""

from __future__ import annotations

from typing import Any

from autograd_nn import random
from autograd_nn.engine.argument_checks import positive_integer
from autograd_nn.engine.errors import ArgumentTypeError, ShapeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.settings import generator


class Draws(Layer):
    """A layer with a source of random numbers. Outside of training it gives its inputs.

    Parameters   seed: an integer gives draws of its own; None follows ``set_random_seed``
    """

    supports_masking = True

    def __init__(self, seed: int | None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.seed = None if seed is None else positive_integer("seed", seed, minimum=0)
        self._own_source = None if self.seed is None else generator("dropout", self.seed)

    @property
    def _source(self) -> Any:
        return self._own_source if self._own_source is not None else generator("dropout")

    def _normal(self, inputs: Any, mean: float, deviation: float) -> Tensor:
        """Numbers of a normal distribution, one for each of the inputs."""
        return random.normal(inputs.shape, mean, deviation, inputs.dtype, self._source)

    def _kept(self, inputs: Any, rate: float, noise_shape: Any = None) -> Tensor:
        """0 with probability ``rate``, else 1, for each of the inputs or in ``noise_shape``."""
        shape = inputs.shape
        if noise_shape is not None:
            if len(noise_shape) != len(shape):
                raise ShapeError(
                    f"`noise_shape` {noise_shape} of layer {self.name!r} must have as many axes "
                    f"as the inputs, got inputs of shape {shape}."
                )
            pairs = zip(noise_shape, shape, strict=True)
            shape = tuple(length if n is None else n for n, length in pairs)
        return random.bernoulli(shape, 1 - rate, inputs.dtype, self._source)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the inputs."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "seed": self.seed}


def noise_shape_of(value: Any) -> tuple[int | None, ...] | None:
    """``noise_shape`` as a tuple of lengths, None where all that goes in has draws of its own."""
    if value is None:
        return None
    if not isinstance(value, (tuple, list)) or not all(n is None or type(n) is int for n in value):
        raise ArgumentTypeError(
            f"`noise_shape` must be a tuple of lengths such as (None, 1, 3), got {value!r}. "
            "A seed is given by name: seed=1."
        )
    return tuple(value)
