"""Pooling: of every window one number is left for each channel, the largest or the average."""

from __future__ import annotations

from typing import Any, final

from autograd_nn import ops
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.operation import Operation
from autograd_nn.layers.layer import Shape
from autograd_nn.layers.windows import OnPictures, counted, lengths, one_of, zeros_around


class _Pooling(OnPictures):
    """One number of every window. It is subclassed."""

    _pool: Operation

    def _is_told(self, pool_size: Any, strides: Any, padding: Any, data_format: Any) -> None:
        self.pool_size = lengths("pool_size", pool_size, self._spatial)
        self.strides = (
            self.pool_size if strides is None else lengths("strides", strides, self._spatial)
        )
        self.padding = one_of("padding", padding, ("valid", "same"))
        self._takes(data_format)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        spatial, _ = self._axes(inputs.shape)
        self._check(spatial)
        how: dict[str, Any] = {"size": self.pool_size}
        if self.strides != self.pool_size:
            how["strides"] = self.strides
        once = (1,) * self._spatial
        around = zeros_around(spatial, self.pool_size, self.strides, self.padding, once)
        if any(map(any, around)):
            how["padding"] = around
        pooled = self._pool(self._channels_last(inputs), **how)
        return self._as_given(pooled)

    def _check(self, spatial: Any) -> None:
        once = (1,) * self._spatial
        self._fitting("a window of", spatial, self.pool_size, self.strides, self.padding, once)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, lengths, C)."""
        spatial, channels = self._axes(input_shape)
        self._check(spatial)
        found = tuple(
            counted(n, k, s, self.padding)
            for n, k, s in zip(spatial, self.pool_size, self.strides, strict=True)
        )
        return self._shape(input_shape[0], found, channels)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "strides": self.strides,
            "padding": self.padding,
            "data_format": self.data_format,
        }


class _MaxPooling(_Pooling):
    _pool = ops.max_pooling

    @checked_keywords
    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self._is_told(pool_size, strides, padding, data_format)


class _AveragePooling(_Pooling):
    _pool = ops.average_pooling

    @checked_keywords
    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self._is_told(pool_size, strides, padding, data_format)


@final
class MaxPooling2D(_MaxPooling):
    """The largest number of every window of a picture, for each channel.

    Shapes       x (N, H, W, C) → (N, H // 2, W // 2, C) for windows of 2 by 2 side by side
    Gradient     all of it to where the largest was; of several that are equal to the first, row
                 by row
    Parameters   pool_size: of the windows, an integer or two, for height and width, default 2
                 strides: from window to window, default pool_size: they lie side by side
                 padding: "valid" (default) leaves out what fills no whole window; "same" has
                 windows that reach over the edge, of which the elements within count
                 data_format: "channels_last" (default) or "channels_first", (N, C, H, W)
                 name, trainable, dtype: see Layer
    Example      The largest of 1, 4, 3, 2

    >>> import numpy as np
    >>> MaxPooling2D()(np.array([[[[1.0], [4.0]], [[3.0], [2.0]]]])).item()
    4.0
    """


@final
class MaxPooling1D(_MaxPooling):
    """The largest number of every window of a row, for each channel.

    Shapes       x (N, L, C) → (N, L // 2, C) for windows of 2 side by side
    Parameters   pool_size, strides: an integer; what else there is: see MaxPooling2D
    Example      The larger of 1 and 4, of 3 and 2

    >>> import numpy as np
    >>> MaxPooling1D()(np.array([[[1.0], [4.0], [3.0], [2.0]]])).tolist()
    [[[4.0], [3.0]]]
    """

    _spatial = 1


@final
class AveragePooling2D(_AveragePooling):
    """The average of every window of a picture, for each channel.

    Shapes       x (N, H, W, C) → (N, H // 2, W // 2, C) for windows of 2 by 2 side by side
    Gradient     in equal parts to all elements of the window
    Parameters   pool_size, strides, padding, data_format: see MaxPooling2D; pool_size must be
                 given. With "same" the average is of the elements within the picture
                 name, trainable, dtype: see Layer
    Example      (1 + 4 + 3 + 2) / 4 = 2.5

    >>> import numpy as np
    >>> AveragePooling2D(2)(np.array([[[[1.0], [4.0]], [[3.0], [2.0]]]])).item()
    2.5
    """


@final
class AveragePooling1D(_AveragePooling):
    """The average of every window of a row, for each channel.

    Shapes       x (N, L, C) → (N, L // 2, C) for windows of 2 side by side
    Parameters   pool_size, strides: an integer; what else there is: see AveragePooling2D
    Example      (1 + 4) / 2 and (3 + 2) / 2

    >>> import numpy as np
    >>> AveragePooling1D(2)(np.array([[[1.0], [4.0], [3.0], [2.0]]])).tolist()
    [[[2.5], [2.5]]]
    """

    _spatial = 1


@final
class MaxPooling3D(_MaxPooling):
    """The largest number of every window of a volume, for each channel.

    Shapes       x (N, D, H, W, C) → (N, D // 2, H // 2, W // 2, C) for windows of 2 side by side
    Parameters   pool_size, strides: an integer or three; what else there is: see MaxPooling2D
    Example      The largest of 0 … 7

    >>> import numpy as np
    >>> MaxPooling3D()(np.arange(8.0).reshape(1, 2, 2, 2, 1)).item()
    7.0
    """

    _spatial = 3


@final
class AveragePooling3D(_AveragePooling):
    """The average of every window of a volume, for each channel.

    Shapes       x (N, D, H, W, C) → (N, D // 2, H // 2, W // 2, C) for windows of 2 side by side
    Parameters   pool_size, strides: an integer or three; what else there is: see AveragePooling2D
    Example      The average of 0 … 7

    >>> import numpy as np
    >>> AveragePooling3D(2)(np.arange(8.0).reshape(1, 2, 2, 2, 1)).item()
    3.5
    """

    _spatial = 3


MaxPool1D, MaxPool2D, MaxPool3D = MaxPooling1D, MaxPooling2D, MaxPooling3D
AvgPool1D, AvgPool2D, AvgPool3D = AveragePooling1D, AveragePooling2D, AveragePooling3D
