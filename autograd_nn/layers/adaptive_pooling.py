"""Adaptive pooling: however long the inputs are, so many windows cover them."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.operation import Operation
from autograd_nn.layers.layer import Shape
from autograd_nn.layers.windows import OnPictures, lengths


class _Adaptive(OnPictures):
    """One number of each of as many windows as are wanted. It is subclassed."""

    _reduction: Operation

    @checked_keywords
    def __init__(self, output_size: Any, data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.output_size = lengths("output_size", output_size, self._spatial)
        self._takes(data_format)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above, axis by axis."""
        self._axes(inputs.shape)
        x = self._channels_last(inputs)
        for axis, windows in enumerate(self.output_size, start=1):
            n = x.shape[axis]
            before = (slice(None),) * axis
            parts = [
                self._reduction(
                    ops.getitem(
                        x, key=(*before, slice(i * n // windows, -(-(i + 1) * n // windows)))
                    ),
                    axis=axis,
                )
                for i in range(windows)
            ]
            x = np.stack(parts, axis=axis)
        return self._as_given(x)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, output_size, C)."""
        _, channels = self._axes(input_shape)
        return self._shape(input_shape[0], self.output_size, channels)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {
            **super().get_config(),
            "output_size": self.output_size,
            "data_format": self.data_format,
        }


@final
class AdaptiveAveragePooling2D(_Adaptive):
    """The averages of so many windows that cover a picture, however large it is.

    Formula      window i of K along an axis of length n goes from ⌊i·n / K⌋ to ⌈(i + 1)·n / K⌉
    Shapes       x (N, H, W, C) → (N, K, K', C)
    Parameters   output_size: how many windows, an integer or two, for height and width
                 data_format: "channels_last" (default) or "channels_first", (N, C, H, W)
                 name, trainable, dtype: see Layer
    Example      Of 1 2 3 the windows are 1 2 and 2 3

    >>> import numpy as np
    >>> x = np.array([[[[1.0], [2.0], [3.0]]]])
    >>> AdaptiveAveragePooling2D((1, 2))(x).data.ravel().tolist()
    [1.5, 2.5]
    """

    _reduction = ops.mean


@final
class AdaptiveAveragePooling1D(_Adaptive):
    """The averages of so many windows that cover a row.

    Shapes       x (N, L, C) → (N, K, C)
    Parameters   output_size: how many windows, an integer; the rest: see AdaptiveAveragePooling2D
    """

    _spatial = 1
    _reduction = ops.mean


@final
class AdaptiveAveragePooling3D(_Adaptive):
    """The averages of so many windows that cover a volume.

    Shapes       x (N, D, H, W, C) → (N, K, K', K″, C)
    Parameters   output_size: how many windows, an integer or three; the rest: see
                 AdaptiveAveragePooling2D
    """

    _spatial = 3
    _reduction = ops.mean


@final
class AdaptiveMaxPooling2D(_Adaptive):
    """The largest numbers of so many windows that cover a picture, however large it is.

    Shapes       x (N, H, W, C) → (N, K, K', C)
    Parameters   output_size, data_format: see AdaptiveAveragePooling2D, which says the windows too
                 name, trainable, dtype: see Layer
    """

    _reduction = ops.max


@final
class AdaptiveMaxPooling1D(_Adaptive):
    """The largest numbers of so many windows that cover a row.

    Shapes       x (N, L, C) → (N, K, C)
    Parameters   output_size: how many windows, an integer; the rest: see AdaptiveAveragePooling2D
    """

    _spatial = 1
    _reduction = ops.max


@final
class AdaptiveMaxPooling3D(_Adaptive):
    """The largest numbers of so many windows that cover a volume.

    Shapes       x (N, D, H, W, C) → (N, K, K', K″, C)
    Parameters   output_size: how many windows, an integer or three; the rest: see
                 AdaptiveAveragePooling2D
    """

    _spatial = 3
    _reduction = ops.max
