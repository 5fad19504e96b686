"""Activations with arguments, as layers: LeakyReLU, ELU, ReLU, Softmax."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn import activations
from autograd_nn.engine.argument_checks import checked_keywords, number_within
from autograd_nn.engine.errors import ArgumentTypeError, ShapeError
from autograd_nn.engine.taking import warn_outside
from autograd_nn.layers.layer import Layer, Shape


class _OfEachElement(Layer):
    supports_masking = True

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the inputs."""
        return tuple(input_shape)


@final
class LeakyReLU(_OfEachElement):
    """ReLU that lets a part of what is negative through, so that no unit dies.

    Formula      a = x where x > 0, else negative_slope · x
    Shapes       as the inputs
    Parameters   negative_slope: 0 or more; the function ``leaky_relu`` has another default, 0.2
                 alpha: its former name
                 name, trainable and the like: see Layer
    Example

    >>> LeakyReLU(0.1)([[-10.0, 5.0]]).tolist()
    [[-1.0, 5.0]]
    """

    @checked_keywords
    def __init__(
        self, negative_slope: float = 0.3, alpha: float | None = None, **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        if alpha is not None:
            warn_outside(
                "The argument `alpha` of LeakyReLU is called `negative_slope` now.",
            )
            negative_slope = alpha
        self.negative_slope = _from_0("negative_slope", negative_slope)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        return activations.leaky_relu(inputs, negative_slope=self.negative_slope)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "negative_slope": self.negative_slope}


@final
class ELU(_OfEachElement):
    """ReLU with a bend in place of the kink, which goes down to −alpha.

    Formula      a = x where x > 0, else alpha · (eˣ − 1)
    Shapes       as the inputs
    Parameters   alpha: what is approached below, default 1
                 name, trainable and the like: see Layer
    Source       D. Clevert et al., Fast and Accurate Deep Network Learning by ELUs, 2015
    """

    @checked_keywords
    def __init__(self, alpha: float = 1.0, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.alpha = number_within("alpha", alpha, -np.inf, np.inf, low_open=True, high_open=True)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        return activations.elu(inputs, alpha=self.alpha)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "alpha": self.alpha}


@final
class ReLU(_OfEachElement):
    """What is above a threshold, up to a largest value; below, a slope.

    Formula      a = min(x, max_value) where x > threshold, else negative_slope · (x − threshold)
    Shapes       as the inputs
    Parameters   max_value: None for no limit · negative_slope, threshold: 0 or more, default 0
                 name, trainable and the like: see Layer
    Example

    >>> ReLU(max_value=6.0)([[-1.0, 5.0, 7.0]]).tolist()
    [[0.0, 5.0, 6.0]]
    """

    @checked_keywords
    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.max_value = None if max_value is None else _from_0("max_value", max_value)
        self.negative_slope = _from_0("negative_slope", negative_slope)
        self.threshold = _from_0("threshold", threshold)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        given = {name: value for name, value in self._arguments().items() if value}
        if self.max_value == 0:
            given["max_value"] = 0.0
        return activations.relu(inputs, **given)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), **self._arguments()}

    def _arguments(self) -> dict[str, Any]:
        return {
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }


@final
class Softmax(_OfEachElement):
    """Positive numbers that add up to 1.

    Formula      a_i = e^(x_i) / Σ_j e^(x_j)
    Shapes       as the inputs
    Parameters   axis: the one along which they add up to 1, or several
                 name, trainable and the like: see Layer
    Example

    >>> Softmax()([[1.0, 1.0]]).tolist()
    [[0.5, 0.5]]
    """

    @checked_keywords
    def __init__(self, axis: Any = -1, **keywords: Any) -> None:
        super().__init__(**keywords)
        axes = (axis,) if isinstance(axis, int) else axis
        if not isinstance(axes, (tuple, list)) or not all(isinstance(n, int) for n in axes):
            raise ArgumentTypeError(f"`axis` must be a whole number or several, got {axis!r}.")
        self.axis = axis if isinstance(axis, int) else tuple(axis)

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        """The formula above; where ``mask`` says that something is not there, nearly 0."""
        if mask is not None:
            if np.ndim(mask) != inputs.ndim:
                raise ShapeError(
                    f"Layer {self.name!r} takes a mask with as many axes as its inputs, which have "
                    f"shape {inputs.shape}, got shape {np.shape(mask)}. A mask of steps, as "
                    "Masking and Embedding make it, ends here: write Activation('softmax'), which "
                    "passes it on."
                )
            # As in Keras: not −∞, of which a row that is masked in full would be NaN.
            far = -3e4 if inputs.dtype == np.float16 else -1e9
            inputs = inputs + np.where(mask, 0, far).astype(inputs.dtype)
        if self.axis == -1:
            return activations.softmax(inputs)
        return activations.softmax(inputs, axis=self.axis)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        axis = self.axis if isinstance(self.axis, int) else list(self.axis)
        return {**super().get_config(), "axis": axis}


def _from_0(name: str, value: float) -> float:
    return number_within(name, value, 0, np.inf, high_open=True)
