"""Transposed convolution: each number of a small picture paints a kernel into a large one."""

from __future__ import annotations

from typing import Any, final

from autograd_nn import ops
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.convolution import Convolving
from autograd_nn.layers.layer import Shape
from autograd_nn.layers.windows import lengths


class _Transposed(Convolving):
    """What goes from the outputs of a convolution back to its inputs, as a layer forwards."""

    kernel: Tensor

    @checked_keywords
    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **keywords: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **keywords)
        self.filters = positive_integer("filters", filters)
        self._is_told(
            kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            {
                "kernel_initializer": kernel_initializer,
                "bias_initializer": bias_initializer,
                "kernel_regularizer": kernel_regularizer,
                "bias_regularizer": bias_regularizer,
                "kernel_constraint": kernel_constraint,
                "bias_constraint": bias_constraint,
            },
        )  # fmt: skip
        self.output_padding = None
        if output_padding is not None:
            self.output_padding = lengths("output_padding", output_padding, self._spatial, 0)
            if any(p >= s for p, s in zip(self.output_padding, self.strides, strict=True)):
                raise ArgumentError(
                    f"`output_padding` must be smaller than `strides`, got {self.output_padding} "
                    f"and {self.strides}."
                )

    def build(self, input_shape: Shape) -> None:
        """Make ``kernel`` (kernel size, O, C) and ``bias`` (O,)."""
        channels = self._channels(input_shape)
        self.kernel = self._weight("kernel", (*self.kernel_size, self.filters, channels))
        self._add_bias(self.filters)

    def _channels_seen(self) -> int:
        return self.kernel.shape[-1]

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        self._channels(inputs.shape)
        spatial, _ = self._axes(inputs.shape)
        shape = tuple(self._length(n, axis) for axis, n in enumerate(spatial))
        painted = ops.convolution_input(
            self._channels_last(inputs),
            self.kernel,
            shape=shape,
            **self._unusual(tuple(self._cut(n, axis) for axis, n in enumerate(spatial))),
        )
        return self._finished(painted)

    def _painted(self, n: int, axis: int) -> tuple[int, int]:
        """How far all that is painted along an axis reaches, and one kernel of it."""
        reach = self.dilation_rate[axis] * (self.kernel_size[axis] - 1) + 1
        return (n - 1) * self.strides[axis] + reach, reach

    def _length(self, n: Any, axis: int) -> Any:
        """The length of the outputs along an axis."""
        if n is None:
            return None
        (whole, reach), stride = self._painted(n, axis), self.strides[axis]
        if self.output_padding is not None:
            both = 2 * (reach // 2) if self.padding == "same" else 0
            return whole - both + self.output_padding[axis]
        return n * stride if self.padding == "same" else whole + max(stride - reach, 0)

    def _cut(self, n: int, axis: int) -> tuple[int, int]:
        """How much of what is painted is cut off before and behind."""
        whole, _ = self._painted(n, axis)
        more = max(whole - self._length(n, axis), 0)
        before = more // 2 if self.padding == "same" else 0
        return before, more - before

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, lengths, filters)."""
        self._channels(input_shape)
        spatial, _ = self._axes(input_shape)
        found = tuple(self._length(n, axis) for axis, n in enumerate(spatial))
        return self._shape(input_shape[0], found, self.filters)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "output_padding": self.output_padding,
        }


@final
class Conv2DTranspose(_Transposed):
    """Every number of a picture times the kernel, added up where kernels overlap: pictures grow.

    Formula      y[h·s + i, w·s + j, o] += x[h, w, c] · kernel[i, j, o, c], then bias and activation
    Shapes       x (N, H, W, C) · kernel (K, K', O, C) · bias (O,), s the strides →
                 (N, (H − 1)·s + K, (W − 1)·s + K', O), at least (N, H·s, W·s, O), which it is with
                 padding="same"
    Gradient     that of x is a convolution of g with the kernel
    Parameters   filters: the number of outputs O at every place
                 kernel_size, strides, dilation_rate: an integer or two, for height and width
                 padding: "valid" (default): all that is painted; "same": cut off on both sides
                 output_padding: less than strides; so much longer than what is painted (with
                 "same" without half a kernel on each side) are the outputs; None as above
                 data_format, activation, use_bias and what is said of kernel and bias: see Conv2D
                 activity_regularizer, name, trainable, dtype, input_shape and the like: see Layer
    Example      1 and 2, each painted twice

    >>> import numpy as np
    >>> layer = Conv2DTranspose(1, (1, 2), strides=2, kernel_initializer="ones")
    >>> layer(np.array([[[[1.0], [2.0]]]])).data[0, 0, :, 0].tolist()
    [1.0, 1.0, 2.0, 2.0]
    """


@final
class Conv1DTranspose(_Transposed):
    """Every number of a row times the kernel, added up where kernels overlap: rows grow.

    Formula      y[t·s + i, o] += x[t, c] · kernel[i, o, c], then bias and activation
    Shapes       x (N, L, C) · kernel (K, O, C) · bias (O,), s the strides → (N, (L − 1)·s + K, O),
                 at least (N, L·s, O), which it is with padding="same"
    Parameters   see Conv2DTranspose, with an integer for kernel_size, strides, dilation_rate
    Example      1 and 2, each painted twice

    >>> import numpy as np
    >>> layer = Conv1DTranspose(1, 2, strides=2, kernel_initializer="ones")
    >>> layer(np.array([[[1.0], [2.0]]])).data[0, :, 0].tolist()
    [1.0, 1.0, 2.0, 2.0]
    """

    _spatial = 1


@final
class Conv3DTranspose(_Transposed):
    """Every number of a volume times the kernel, added up where kernels overlap: volumes grow.

    Shapes       x (N, D, H, W, C) · kernel (K, K', K″, O, C) · bias (O,), s the strides →
                 (N, (D − 1)·s + K, …, O), at least (N, D·s, …, O), which it is with padding="same"
    Parameters   see Conv2DTranspose, with an integer or three for depth, height and width
    Example      1 and 2, each painted twice

    >>> import numpy as np
    >>> layer = Conv3DTranspose(1, (1, 1, 2), strides=(1, 1, 2), kernel_initializer="ones")
    >>> layer(np.array([[[[[1.0], [2.0]]]]])).data.ravel().tolist()
    [1.0, 1.0, 2.0, 2.0]
    """

    _spatial = 3


Convolution1DTranspose, Convolution2DTranspose = Conv1DTranspose, Conv2DTranspose
Convolution3DTranspose = Conv3DTranspose
