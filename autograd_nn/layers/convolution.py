"""Convolution: one small kernel is applied at every place of a row or a picture."""

from __future__ import annotations

from typing import Any, final

from autograd_nn import activations, initializers, ops
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer, true_or_false
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.layer import Shape
from autograd_nn.layers.rules_of_weights import as_constraint, as_regularizer, rules_of
from autograd_nn.layers.windows import OnPictures, Padding, counted, lengths, one_of, zeros_around


class Convolving(OnPictures):
    """What all convolutions have: where windows lie, a bias, an activation. It is subclassed."""

    bias: Tensor | None
    _kernels: tuple[str, ...] = ("kernel",)
    _paddings: tuple[str, ...] = ("valid", "same")

    def _is_told(
        self,
        kernel_size: Any,
        strides: Any,
        padding: Any,
        data_format: Any,
        dilation_rate: Any,
        activation: Any,
        use_bias: Any,
        of_weights: dict[str, Any],
    ) -> None:
        """Keep the arguments; of the weights by kernel_initializer, bias_regularizer, …"""
        count = self._spatial
        self.kernel_size = lengths("kernel_size", kernel_size, count)
        self.strides = lengths("strides", strides, count)
        self.padding = one_of("padding", padding, self._paddings)
        self.dilation_rate = lengths("dilation_rate", dilation_rate, count)
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ArgumentError(
                f"`strides` {self.strides} and `dilation_rate` {self.dilation_rate} cannot both be "
                "larger than 1: windows with gaps between their places and windows with gaps "
                "between them would leave out what nobody sees."
            )
        self._takes(data_format)
        self.activation = activations.get(activation)
        self.use_bias = true_or_false("use_bias", use_bias)
        for name, value in of_weights.items():
            if name.endswith("initializer"):
                value = initializers.get(value)
            elif name.endswith("regularizer"):
                value = as_regularizer(value)
            else:
                value = as_constraint(value)
            setattr(self, name, value)

    def _weight(self, name: str, shape: tuple[int, ...]) -> Tensor:
        of = "depthwise" if hasattr(self, "depthwise_initializer") and name == "kernel" else name
        of = of.removesuffix("_kernel")
        return self.add_weight(
            shape,
            getattr(self, f"{of}_initializer"),
            name,
            regularizer=getattr(self, f"{of}_regularizer"),
            constraint=getattr(self, f"{of}_constraint"),
        )

    def _add_bias(self, filters: int) -> None:
        self.bias = self._weight("bias", (filters,)) if self.use_bias else None

    def _channels(self, shape: Shape) -> int:
        """The number of channels of the inputs, or what is wrong with their shape."""
        spatial, channels = self._axes(shape)
        if channels is None or channels == 0:
            raise ShapeError(
                f"Layer {self.name!r} needs the number of channels, got inputs of shape "
                f"{tuple(shape)}."
            )
        if self._built and channels != self._channels_seen():
            raise ShapeError(
                f"Layer {self.name!r} expects {self._channels_seen()} channels, the number it was "
                f"built for, got {channels} in inputs of shape {tuple(shape)}."
            )
        return channels

    def _channels_seen(self) -> int:
        """The number of channels it was built for."""
        return getattr(self, self._kernels[0]).shape[self._spatial]

    def _where(self, spatial: Any) -> dict[str, Any]:
        """Where the windows lie, as the operation takes it."""
        self._fitting(
            "a kernel of", spatial, self.kernel_size, self.strides, self.padding, self.dilation_rate
        )
        around = zeros_around(
            spatial, self.kernel_size, self.strides, self.padding, self.dilation_rate
        )
        return self._unusual(around)

    def _unusual(self, around: Padding) -> dict[str, Any]:
        """What is said of strides, zeros around and dilation where there are any."""
        found: dict[str, Any] = {}
        if max(self.strides) > 1:
            found["strides"] = self.strides
        if any(map(any, around)):
            found["padding"] = around
        if max(self.dilation_rate) > 1:
            found["dilation"] = self.dilation_rate
        return found

    def _finished(self, outputs: Any) -> Any:
        """With bias and activation, the channels where they were."""
        if self.bias is not None:
            outputs = outputs + self.bias
        return self._as_given(self.activation(outputs))

    def _convolved_shape(self, input_shape: Shape, filters: int) -> Shape:
        self._channels(input_shape)
        spatial, _ = self._axes(input_shape)
        self._fitting(
            "a kernel of", spatial, self.kernel_size, self.strides, self.padding, self.dilation_rate
        )
        found = tuple(
            counted(n, k, s, self.padding, d)
            for n, k, s, d in zip(
                spatial, self.kernel_size, self.strides, self.dilation_rate, strict=True
            )
        )
        return self._shape(input_shape[0], found, filters)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        kinds = [name.removesuffix("_initializer") for name in vars(self) if "_initializer" in name]
        return {
            **super().get_config(),
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
            "dilation_rate": self.dilation_rate,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **{
                f"{kind}_initializer": initializers.serialize(getattr(self, f"{kind}_initializer"))
                for kind in kinds
            },
            **rules_of(self, *kinds),
        }


class _Convolution(Convolving):
    """One kernel over all channels, or over the channels of each group."""

    kernel: Tensor

    @checked_keywords
    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
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
        self.groups = positive_integer("groups", groups)
        if self.filters % self.groups:
            raise ArgumentError(
                f"`filters` must be a multiple of `groups`, got {self.filters} and {self.groups}."
            )
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

    def build(self, input_shape: Shape) -> None:
        """Make ``kernel`` (kernel size, C / groups, O) and ``bias`` (O,)."""
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise ShapeError(
                f"Layer {self.name!r} has {self.groups} groups, which {channels} channels, those "
                f"of inputs of shape {tuple(input_shape)}, cannot be divided into."
            )
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        self.kernel = self._weight("kernel", shape)
        self._add_bias(self.filters)

    def _channels_seen(self) -> int:
        return super()._channels_seen() * self.groups

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        self._channels(inputs.shape)
        spatial, _ = self._axes(inputs.shape)
        how = self._where(spatial)
        if self.groups > 1:
            how["groups"] = self.groups
        inputs = self._channels_last(inputs)
        return self._finished(ops.convolution(inputs, self.kernel, **how))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, lengths, filters)."""
        return self._convolved_shape(input_shape, self.filters)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {**super().get_config(), "filters": self.filters, "groups": self.groups}


@final
class Conv2D(_Convolution):
    """A kernel moved over pictures: at every place the sum of what it lies on, times its numbers.

    Formula      y[h, w, o] = activation(Σ_i Σ_j Σ_c x[h + i, w + j, c] · kernel[i, j, c, o] + b[o])
    Shapes       x (N, H, W, C) · kernel (K, K', C, O) · bias (O,) → (N, H − K + 1, W − K' + 1, O),
                 with padding="same" (N, H, W, O), lengths divided by strides and rounded up
    Gradient     dL/dkernel[i, j] = Σ x[h + i, w + j] · g[h, w] over samples and places
    Parameters   filters: the number of outputs O at every place
                 kernel_size, strides, dilation_rate: an integer or two, for height and width
                 padding: "valid" (default): the kernel lies within the picture; "same": zeros
                 around it
                 data_format: "channels_last" (default) or "channels_first", (N, C, H, W)
                 groups: the channels are divided into so many, each with filters of its own
                 activation, use_bias and what is said of kernel and bias: see Dense
                 activity_regularizer, name, trainable, dtype, input_shape and the like: see Layer
    Raises       ShapeError where the inputs are no pictures, have another number of channels than
                 those it was built for, or are smaller than the kernel
    Example      (1 2; 3 4) under a kernel of ones: 1 + 2 + 3 + 4 = 10

    >>> import numpy as np
    >>> layer = Conv2D(1, 2, kernel_initializer="ones")
    >>> layer(np.array([[[[1.0], [2.0]], [[3.0], [4.0]]]])).item()
    10.0
    """


@final
class Conv1D(_Convolution):
    """A kernel moved along rows, such as numbers in time.

    Formula      y[t, o] = activation(Σ_i Σ_c x[t + i, c] · kernel[i, c, o] + bias[o])
    Shapes       x (N, L, C) · kernel (K, C, O) · bias (O,) → (N, L − K + 1, O), with padding="same"
                 or "causal" (N, L, O), the length divided by strides and rounded up
    Gradient     dL/dkernel[i] = Σ x[t + i] · g[t] over samples and places
    Parameters   filters: the number of outputs O at every place
                 kernel_size, strides, dilation_rate: an integer
                 padding: "valid" (default): the kernel lies within the row; "same": zeros on both
                 sides; "causal": zeros before it, so that nothing depends on what comes later
                 data_format: "channels_last" (default) or "channels_first", (N, C, L)
                 groups: the channels are divided into so many, each with filters of its own
                 activation, use_bias and what is said of kernel and bias: see Dense
                 activity_regularizer, name, trainable, dtype, input_shape and the like: see Layer
    Raises       ShapeError where the inputs are no rows, have another number of channels than
                 those it was built for, or are shorter than the kernel
    Example      1 2 3 under a kernel of ones: 1 + 2 and 2 + 3

    >>> import numpy as np
    >>> layer = Conv1D(1, 2, kernel_initializer="ones")
    >>> layer(np.array([[[1.0], [2.0], [3.0]]])).tolist()
    [[[3.0], [5.0]]]
    """

    _spatial = 1
    _paddings = ("valid", "same", "causal")


@final
class Conv3D(_Convolution):
    """A kernel moved through volumes, such as films or scans.

    Formula      y[d, h, w, o] = activation(Σ x[d + i, h + j, w + k, c] · kernel[i, j, k, c, o]
                 + bias[o]), the sum over i, j, k and c
    Shapes       x (N, D, H, W, C) · kernel (K, K', K″, C, O) · bias (O,) →
                 (N, D − K + 1, H − K' + 1, W − K″ + 1, O)
    Parameters   kernel_size, strides, dilation_rate: an integer or three, for depth, height and
                 width; what else there is: see Conv2D
    Example      Eight ones under a kernel of ones

    >>> import numpy as np
    >>> Conv3D(1, 2, kernel_initializer="ones")(np.ones((1, 2, 2, 2, 1))).item()
    8.0
    """

    _spatial = 3


Convolution1D, Convolution2D, Convolution3D = Conv1D, Conv2D, Conv3D
