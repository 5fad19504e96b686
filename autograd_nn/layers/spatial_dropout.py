"""Dropout of whole features: in a sequence or a picture neighbours say nearly the same."""

from __future__ import annotations

from typing import Any, ClassVar, final

from autograd_nn.engine.argument_checks import checked_keywords, number_within
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.layers.draws import Draws
from autograd_nn.ops import multiply


class SpatialDropout(Draws):
    """What all have in common: a feature is dropped everywhere or nowhere in a sample."""

    _axes: ClassVar[int]

    @checked_keywords
    def __init__(
        self, rate: float, data_format: Any = None, seed: int | None = None, **keywords: Any
    ) -> None:
        super().__init__(seed, **keywords)
        self.rate = number_within("rate", rate, 0, 1, high_open=True)
        if data_format not in (None, "channels_last", "channels_first"):
            raise ArgumentError(
                f"`data_format` must be 'channels_last' or 'channels_first', got {data_format!r}."
            )
        self.data_format = data_format or "channels_last"

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        if inputs.ndim != self._axes + 2:
            raise ShapeError(
                f"Layer {self.name!r} takes inputs of {self._axes + 2} axes, samples, "
                f"{self._axes} of places and features, got shape {inputs.shape}."
            )
        if not training or self.rate == 0:
            return inputs
        places = (1,) * self._axes
        is_last = self.data_format == "channels_last"
        kept = self._kept(
            inputs, self.rate, (None, *places, None) if is_last else (None, None, *places)
        )
        return multiply(inputs, multiply(kept, inputs.dtype.type(1 / (1 - self.rate))))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "rate": self.rate, "data_format": self.data_format}


@final
class SpatialDropout1D(SpatialDropout):
    """In training, drop features of sequences, each in all steps of a sample at once.

    Formula      training: a = x · kept / (1 − rate), kept (N, 1, I); otherwise a = x
    Shapes       (N, T, I), as the inputs
    Parameters   rate: the part of the features that is dropped, 0 to 1, without 1
                 seed: an integer gives draws of its own; None follows ``set_random_seed``
                 name, trainable and the like: see Layer
    """

    _axes = 1

    @checked_keywords
    def __init__(self, rate: float, seed: int | None = None, **keywords: Any) -> None:
        super().__init__(rate, None, seed, **keywords)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        config = super().get_config()
        del config["data_format"]
        return config


@final
class SpatialDropout2D(SpatialDropout):
    """In training, drop features of pictures, each at all places of a sample at once.

    Formula      training: a = x · kept / (1 − rate), kept (N, 1, 1, C); otherwise a = x
    Shapes       (N, H, W, C), as the inputs; with "channels_first" (N, C, H, W)
    Parameters   rate: the part of the features that is dropped, 0 to 1, without 1
                 data_format: "channels_last", the default, or "channels_first"
                 seed: an integer gives draws of its own; None follows ``set_random_seed``
                 name, trainable and the like: see Layer
    """

    _axes = 2


@final
class SpatialDropout3D(SpatialDropout):
    """In training, drop features of volumes, each at all places of a sample at once.

    Formula      training: a = x · kept / (1 − rate), kept (N, 1, 1, 1, C); otherwise a = x
    Shapes       (N, D, H, W, C), as the inputs; with "channels_first" (N, C, D, H, W)
    Parameters   see SpatialDropout2D
    """

    _axes = 3
