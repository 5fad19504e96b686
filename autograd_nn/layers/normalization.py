"""Normalization: features with mean 0 and variance 1, as they are in data seen once."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn import ops
from autograd_nn.arrays import as_array, refuse_not_finite
from autograd_nn.engine.argument_checks import checked_keywords, true_or_false
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.axes_of_inputs import axes_as_built, axes_of, broadcast_shape, checked_axes
from autograd_nn.layers.layer import Layer, Shape
from autograd_nn.settings import floatx

# Of a feature that is always the same the deviation is 0: it is divided by this, as in Keras.
_SMALLEST = 1e-7


@final
class Normalization(Layer):
    """Subtract the mean of each feature and divide by its standard deviation.

    Both come from data that ``adapt`` looks at once, or are given. Training does not change them.

    Formula      y = (x − mean) / max(√variance, 1e-7); with ``invert`` x = y · max(…) + mean
    Shapes       as the inputs
    Parameters   axis: of the features, each with a mean of its own: −1, a tuple of axes, or None
                 for one mean of everything
                 mean, variance: numbers to take in place of ``adapt``, as many as features
                 invert: whether to undo a normalization
                 the rest: see Layer
    Raises       ArgumentError where only one of mean and variance is given
    Example      The numbers 1, 2, 3 have mean 2 and variance 2/3: (3 − 2) / √(2/3) = 1.2247

    >>> import numpy as np
    >>> layer = Normalization()
    >>> layer.adapt(np.array([[1.0], [2.0], [3.0]]))
    >>> print(f"{layer(np.array([[3.0]])).item():.4f}")
    1.2247
    """

    mean: Any
    variance: Any
    input_mean: Any
    input_variance: Any
    count: Tensor

    supports_masking = True

    @checked_keywords
    def __init__(
        self,
        axis: Any = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.axis = () if axis is None else checked_axes(axis)
        self.invert = true_or_false("invert", invert)
        if (mean is None) != (variance is None):
            raise ArgumentError(
                "`mean` and `variance` belong together: give both, or none and call adapt(data)."
            )
        self.input_mean = None if mean is None else as_array(mean, "mean")
        self.input_variance = None if variance is None else as_array(variance, "variance")
        if np.shape(self.input_mean) != np.shape(self.input_variance):
            raise ShapeError(
                "`mean` and `variance` must have the same shape, got "
                f"{np.shape(mean)} and {np.shape(variance)}."
            )

    def build(self, input_shape: Shape) -> None:
        """Make ``mean`` and ``variance``, one for each feature, and the ``count`` of samples."""
        kept = sorted(axes_of(self, self.axis, input_shape))
        shape = tuple(input_shape[axis] for axis in kept)
        self._shape = broadcast_shape(input_shape, kept)
        if self.input_mean is None:
            self.mean = self.add_weight(shape, "zeros", "mean", trainable=False)
            self.variance = self.add_weight(shape, "ones", "variance", trainable=False)
            self.count = self.add_weight((), "zeros", "count", trainable=False)
            return
        self.mean = self._given("mean", self.input_mean, shape)
        self.variance = self._given("variance", self.input_variance, shape)

    def _given(self, name: str, value: Any, shape: Any) -> Any:
        try:
            return np.broadcast_to(value.astype(floatx()), shape).reshape(self._shape)
        except ValueError:
            raise ShapeError(
                f"`{name}` of layer {self.name!r} has shape {value.shape}, and the inputs have "
                f"features of shape {shape}."
            ) from None

    def adapt(self, data: Any) -> None:
        """Take mean and variance from ``data``, in place of what was there before.

        Parameters   data: an array of samples like the inputs
        """
        if self.input_mean is not None:
            raise ArgumentError(
                f"Layer {self.name!r} was given `mean` and `variance`, so there is nothing to "
                "adapt. Make it without them: Normalization()."
            )
        array = as_array(data, "data")
        if array.ndim < 2 and self.axis:
            raise ShapeError(
                f"`data` must hold samples with features, got shape {array.shape}. For one feature "
                "write data.reshape(-1, 1); axis=None takes one mean of everything."
            )
        refuse_not_finite(array, "data", "Remove these rows or replace the values.")
        if len(array) == 0:
            raise ArgumentError(f"`data` is empty: 0 samples, shape {array.shape}.")
        if not self._built:
            self._prepare(array)
        kept = sorted(axes_of(self, self.axis, array.shape))
        if tuple(array.shape[axis] for axis in kept) != self.mean.shape:
            raise ShapeError(
                f"Layer {self.name!r} was built for features of shape {self.mean.shape}, got data "
                f"of shape {array.shape}. Make a new layer for other data."
            )
        others = tuple(axis for axis in range(array.ndim) if axis not in kept)
        wide = array.astype(np.float64)  # sums of many samples lose digits in float32
        self.mean.assign(wide.mean(axis=others))
        self.variance.assign(wide.var(axis=others))

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        mean, variance = self.mean, self.variance
        shape = broadcast_shape(inputs.shape, axes_as_built(self, self.axis, inputs.shape))
        if mean.shape != shape:
            mean, variance = mean.reshape(shape), variance.reshape(shape)
        deviation = ops.maximum(ops.sqrt(variance), _SMALLEST)
        if self.invert:
            return inputs * deviation + mean
        return (inputs - mean) / deviation

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the inputs."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {
            **super().get_config(),
            "axis": self.axis or None,
            "invert": self.invert,
            "mean": None if self.input_mean is None else self.input_mean.tolist(),
            "variance": None if self.input_variance is None else self.input_variance.tolist(),
        }
