"""Convolution of each channel by itself, and with a mixing of the channels after it."""

from __future__ import annotations

from typing import Any, final

from autograd_nn import ops
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.convolution import Convolving
from autograd_nn.layers.layer import Shape


class _EachChannel(Convolving):
    """Kernels that see one channel each. It is subclassed."""

    depth_multiplier: int

    def _each_channel(self, inputs: Any, kernel: Tensor) -> Any:
        self._channels(inputs.shape)
        spatial, channels = self._axes(inputs.shape)
        filters = channels * self.depth_multiplier
        alone = ops.reshape(kernel, shape=(*self.kernel_size, 1, filters))
        inputs = self._channels_last(inputs)
        return ops.convolution(inputs, alone, **self._where(spatial), groups=channels)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {**super().get_config(), "depth_multiplier": self.depth_multiplier}


class _Depthwise(_EachChannel):
    kernel: Tensor

    @checked_keywords
    def __init__(
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **keywords)
        self.depth_multiplier = positive_integer("depth_multiplier", depth_multiplier)
        self._is_told(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            {
                "depthwise_initializer": depthwise_initializer,
                "bias_initializer": bias_initializer,
                "depthwise_regularizer": depthwise_regularizer,
                "bias_regularizer": bias_regularizer,
                "depthwise_constraint": depthwise_constraint,
                "bias_constraint": bias_constraint,
            },
        )  # fmt: skip

    def build(self, input_shape: Shape) -> None:
        """Make ``kernel`` (kernel size, C, M) and ``bias`` (C·M,)."""
        channels = self._channels(input_shape)
        self.kernel = self._weight("kernel", (*self.kernel_size, channels, self.depth_multiplier))
        self._add_bias(channels * self.depth_multiplier)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        return self._finished(self._each_channel(inputs, self.kernel))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, lengths, C·M)."""
        filters = self._channels(input_shape) * self.depth_multiplier
        return self._convolved_shape(input_shape, filters)


class _Separable(_EachChannel):
    depthwise_kernel: Tensor
    pointwise_kernel: Tensor
    _kernels = ("depthwise_kernel", "pointwise_kernel")

    @checked_keywords
    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **keywords)
        self.filters = positive_integer("filters", filters)
        self.depth_multiplier = positive_integer("depth_multiplier", depth_multiplier)
        self._is_told(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            {
                "depthwise_initializer": depthwise_initializer,
                "pointwise_initializer": pointwise_initializer,
                "bias_initializer": bias_initializer,
                "depthwise_regularizer": depthwise_regularizer,
                "pointwise_regularizer": pointwise_regularizer,
                "bias_regularizer": bias_regularizer,
                "depthwise_constraint": depthwise_constraint,
                "pointwise_constraint": pointwise_constraint,
                "bias_constraint": bias_constraint,
            },
        )  # fmt: skip

    def build(self, input_shape: Shape) -> None:
        """Make ``depthwise_kernel`` (kernel size, C, M), ``pointwise_kernel`` (1, …, C·M, O) and
        ``bias`` (O,)."""
        channels, each = self._channels(input_shape), self.depth_multiplier
        self.depthwise_kernel = self._weight(
            "depthwise_kernel", (*self.kernel_size, channels, each)
        )
        one = (1,) * self._spatial
        self.pointwise_kernel = self._weight(
            "pointwise_kernel", (*one, channels * each, self.filters)
        )
        self._add_bias(self.filters)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        alone = self._each_channel(inputs, self.depthwise_kernel)
        return self._finished(ops.convolution(alone, self.pointwise_kernel))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, lengths, filters)."""
        return self._convolved_shape(input_shape, self.filters)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {**super().get_config(), "filters": self.filters}


@final
class DepthwiseConv2D(_Depthwise):
    """Kernels moved over pictures that see one channel each.

    Formula      y[h, w, c·M + m] = Σ_i Σ_j x[h + i, w + j, c] · kernel[i, j, c, m] + bias[c·M + m],
                 put through the activation
    Shapes       x (N, H, W, C) · kernel (K, K', C, M) · bias (C·M,) → (N, H − K + 1, W − K' + 1,
                 C·M), with padding="same" (N, H, W, C·M), lengths divided by strides, rounded up
    Parameters   kernel_size, strides, dilation_rate: an integer or two, for height and width
                 padding, data_format: see Conv2D
                 depth_multiplier: the number M of outputs of each channel
                 activation, use_bias and what is said of kernel (depthwise_…) and bias: see Dense
                 activity_regularizer, name, trainable, dtype, input_shape and the like: see Layer
    Example      Two channels, 1 and 2 everywhere, under kernels of ones, 1 by 2

    >>> import numpy as np
    >>> layer = DepthwiseConv2D((1, 2), depthwise_initializer="ones")
    >>> layer(np.array([[[[1.0, 2.0], [1.0, 2.0]]]])).tolist()
    [[[[2.0, 4.0]]]]
    """


@final
class DepthwiseConv1D(_Depthwise):
    """Kernels moved along rows that see one channel each.

    Formula      y[t, c·M + m] = activation(Σ_i x[t + i, c] · kernel[i, c, m] + bias[c·M + m])
    Shapes       x (N, L, C) · kernel (K, C, M) · bias (C·M,) → (N, L − K + 1, C·M), with
                 padding="same" (N, L, C·M), the length divided by strides and rounded up
    Parameters   kernel_size, strides, dilation_rate: an integer
                 depth_multiplier: the number M of outputs of each channel
                 what else there is: see DepthwiseConv2D
    Example      Two channels under kernels of ones: 1 + 3 and 2 + 4

    >>> import numpy as np
    >>> layer = DepthwiseConv1D(2, depthwise_initializer="ones")
    >>> layer(np.array([[[1.0, 2.0], [3.0, 4.0]]])).tolist()
    [[[4.0, 6.0]]]
    """

    _spatial = 1


@final
class SeparableConv2D(_Separable):
    """A depthwise convolution and a mixing of its channels, with far fewer weights than a Conv2D.

    Formula      d = depthwise convolution of x; y[h, w] = activation(d[h, w] @ pointwise + bias)
    Shapes       x (N, H, W, C) · depthwise (K, K', C, M) · pointwise (1, 1, C·M, O) · bias (O,) →
                 (N, H − K + 1, W − K' + 1, O), with padding="same" (N, H, W, O), lengths divided
                 by strides and rounded up
    Parameters   filters: the number of outputs O at every place
                 kernel_size, strides, padding, data_format, dilation_rate: see Conv2D
                 depth_multiplier: the number M of outputs of each channel before they are mixed
                 activation, use_bias and what is said of the weights: see Dense
                 activity_regularizer, name, trainable, dtype, input_shape and the like: see Layer
    Example      (1 + 3) · 1 + (2 + 4) · 1 = 10, all weights being 1

    >>> import numpy as np
    >>> ones = {"depthwise_initializer": "ones", "pointwise_initializer": "ones"}
    >>> layer = SeparableConv2D(1, (1, 2), **ones)
    >>> layer(np.array([[[[1.0, 2.0], [3.0, 4.0]]]])).item()
    10.0
    """


@final
class SeparableConv1D(_Separable):
    """A depthwise convolution along rows and a mixing of its channels.

    Formula      d = depthwise convolution of x; y[t] = activation(d[t] @ pointwise + bias)
    Shapes       x (N, L, C) · depthwise (K, C, M) · pointwise (1, C·M, O) · bias (O,) →
                 (N, L − K + 1, O), with padding="same" (N, L, O), divided by strides, rounded up
    Parameters   see SeparableConv2D, with an integer for kernel_size, strides, dilation_rate
    Example      (1 + 3) · 1 + (2 + 4) · 1 = 10, all weights being 1

    >>> import numpy as np
    >>> ones = {"depthwise_initializer": "ones", "pointwise_initializer": "ones"}
    >>> SeparableConv1D(1, 2, **ones)(np.array([[[1.0, 2.0], [3.0, 4.0]]])).item()
    10.0
    """

    _spatial = 1


SeparableConvolution1D, SeparableConvolution2D = SeparableConv1D, SeparableConv2D
