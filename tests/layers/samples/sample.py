"""What a sample of a layer is: how it is made, what goes in, what the table may ask of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Sample:
    """One layer on fixed inputs.

    make          makes the layer from the module with the layers: this library's, or Keras's
    inputs        arrays with at least two rows, the samples; several go in as a list
    draws         random in training, so that only what it does otherwise is compared with Keras
    own_training  computes something else in training, so that this is checked too
    apart         several inputs go in one after the other and not as a list
    differs       why it is not compared with Keras; each deliberate difference says so here
    no_config     why there is no configuration that makes an equal layer
    """

    make: Callable[[Any], Any]
    inputs: tuple[Any, ...]
    draws: bool = False
    own_training: bool = False
    apart: bool = False
    differs: str = ""
    no_config: str = ""

    @property
    def several(self) -> bool:
        """Whether the layer takes a list."""
        return len(self.inputs) > 1

    def called(self, layer: Any, inputs: Any, **mode: Any) -> Any:
        """What the layer gives for the inputs, or for others in their place."""
        if self.apart:
            return layer(*inputs, **mode)
        return layer(list(inputs) if self.several else inputs[0], **mode)

    @property
    def modes(self) -> tuple[bool, ...]:
        """The values of ``training`` that make a difference."""
        return (False, True) if self.draws or self.own_training else (False,)

    @property
    def compared(self) -> tuple[bool, ...]:
        """The values of ``training`` with which it is compared with Keras."""
        return (False,) if self.draws else self.modes


def sample(make: Callable[[Any], Any], *inputs: Any, **more: Any) -> Sample:
    """A sample whose inputs are arrays, or shapes for which numbers are drawn."""
    arrays = [
        numbers(*given, seed=place) if isinstance(given, tuple) else given
        for place, given in enumerate(inputs)
    ]
    return Sample(make, tuple(arrays), **more)


def numbers(*shape: int, low: float = -2.0, high: float = 2.0, seed: int = 0) -> Any:
    """The same numbers at every call, none of them near 0, where activations have kinks."""
    x = np.random.default_rng([seed, *shape]).uniform(low, high, shape)
    return np.round(np.where(np.abs(x) < 0.1, 0.3, x), 3)


def weights_for(weights: list[Any]) -> list[Any]:
    """Values for the weights of a layer, ours or Keras's: variances are positive."""
    values = []
    for place, weight in enumerate(weights):
        drawn = numbers(*weight.shape, low=-1.0, high=1.0, seed=place + 10)
        values.append(abs(drawn) + 0.2 if weight.name.endswith("variance") else drawn)
    return values


def weighting(shape: tuple[int, ...], seed: int = 0) -> Any:
    """What the elements of an output are multiplied by before they are added up to a loss."""
    return numbers(*shape, low=0.5, high=1.5, seed=seed + 50)
