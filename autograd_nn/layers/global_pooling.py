"""Global pooling: of all places of a row or a picture one number is left for each channel."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.argument_checks import checked_keywords, true_or_false
from autograd_nn.engine.operation import Operation
from autograd_nn.layers.layer import Shape
from autograd_nn.layers.masks import fitting
from autograd_nn.layers.windows import OnPictures


class _Global(OnPictures):
    """One number of all places. It is subclassed."""

    _reduction: Operation

    @checked_keywords
    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **keywords: Any
    ) -> None:
        super().__init__(**keywords)
        self._takes(data_format)
        self.keepdims = true_or_false("keepdims", keepdims)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        self._axes(inputs.shape)
        return self._reduction(inputs, axis=self._places(), keepdims=self.keepdims)

    def _places(self) -> tuple[int, ...]:
        first = 2 if self.data_format == "channels_first" else 1
        return tuple(range(first, first + self._spatial))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, C), with ``keepdims`` (N, 1, …, C)."""
        _, channels = self._axes(input_shape)
        if self.keepdims:
            return self._shape(input_shape[0], (1,) * self._spatial, channels)
        return (input_shape[0], channels)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {
            **super().get_config(),
            "data_format": self.data_format,
            "keepdims": self.keepdims,
        }


@final
class GlobalMaxPooling2D(_Global):
    """The largest number of a picture, for each channel.

    Shapes       x (N, H, W, C) → (N, C), with keepdims (N, 1, 1, C)
    Gradient     to where the largest was, shared where several are equal
    Parameters   data_format: "channels_last" (default) or "channels_first", (N, C, H, W)
                 keepdims: whether the axes of height and width stay, with length 1
                 name, trainable, dtype: see Layer
    Example      The largest of 1, 4, 3, 2

    >>> import numpy as np
    >>> GlobalMaxPooling2D()(np.array([[[[1.0], [4.0]], [[3.0], [2.0]]]])).tolist()
    [[4.0]]
    """

    _reduction = ops.max


@final
class GlobalMaxPooling1D(_Global):
    """The largest number of a row, for each channel.

    Shapes       x (N, L, C) → (N, C), with keepdims (N, 1, C)
    Parameters   see GlobalMaxPooling2D
    Example      The largest of 1, 4, 3

    >>> import numpy as np
    >>> GlobalMaxPooling1D()(np.array([[[1.0], [4.0], [3.0]]])).tolist()
    [[4.0]]
    """

    _spatial = 1
    _reduction = ops.max


@final
class GlobalAveragePooling2D(_Global):
    """The average of a picture, for each channel.

    Shapes       x (N, H, W, C) → (N, C), with keepdims (N, 1, 1, C)
    Gradient     in equal parts to all places
    Parameters   see GlobalMaxPooling2D
    Example      (1 + 4 + 3 + 2) / 4 = 2.5

    >>> import numpy as np
    >>> GlobalAveragePooling2D()(np.array([[[[1.0], [4.0]], [[3.0], [2.0]]]])).tolist()
    [[2.5]]
    """

    _reduction = ops.mean


@final
class GlobalAveragePooling1D(_Global):
    """The average of a row, for each channel; of a row with a mask that of the steps it leaves.

    Formula      Σ_t x[t] / L; with a mask m of 0 and 1: Σ_t x[t] · m[t] / Σ_t m[t]
    Shapes       x (N, L, C) → (N, C), with keepdims (N, 1, C)
    Parameters   see GlobalMaxPooling2D
    Example      (1 + 4 + 4) / 3 = 3, and without the last step (1 + 4) / 2

    >>> import numpy as np
    >>> x = np.array([[[1.0], [4.0], [4.0]]])
    >>> GlobalAveragePooling1D()(x).tolist()
    [[3.0]]
    >>> GlobalAveragePooling1D()(x, mask=np.array([[True, True, False]])).tolist()
    [[2.5]]
    """

    _spatial = 1
    _reduction = ops.mean
    supports_masking = True

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        """The formula above."""
        if mask is None:
            return super().call(inputs)
        self._axes(inputs.shape)
        places, keep = self._places(), self.keepdims
        mask = fitting(self, mask, (inputs.shape[0], inputs.shape[places[0]]))
        there = ops.expand_dims(mask, axis=1 if self.data_format == "channels_first" else 2)
        total = ops.sum(np.where(there, inputs, 0), axis=places, keepdims=keep)
        return total / ops.sum(ops.astype(there, dtype=inputs.dtype), axis=places, keepdims=keep)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: there are no steps any more."""
        return None


@final
class GlobalMaxPooling3D(_Global):
    """The largest number of a volume, for each channel.

    Shapes       x (N, D, H, W, C) → (N, C), with keepdims (N, 1, 1, 1, C)
    Parameters   see GlobalMaxPooling2D
    Example      The largest of 0 … 7

    >>> import numpy as np
    >>> GlobalMaxPooling3D()(np.arange(8.0).reshape(1, 2, 2, 2, 1)).tolist()
    [[7.0]]
    """

    _spatial = 3
    _reduction = ops.max


@final
class GlobalAveragePooling3D(_Global):
    """The average of a volume, for each channel.

    Shapes       x (N, D, H, W, C) → (N, C), with keepdims (N, 1, 1, 1, C)
    Parameters   see GlobalMaxPooling2D
    Example      The average of 0 … 7

    >>> import numpy as np
    >>> GlobalAveragePooling3D()(np.arange(8.0).reshape(1, 2, 2, 2, 1)).tolist()
    [[3.5]]
    """

    _spatial = 3
    _reduction = ops.mean


GlobalMaxPool1D, GlobalMaxPool2D = GlobalMaxPooling1D, GlobalMaxPooling2D
GlobalAvgPool1D, GlobalAvgPool2D = GlobalAveragePooling1D, GlobalAveragePooling2D
GlobalMaxPool3D, GlobalAvgPool3D = GlobalMaxPooling3D, GlobalAveragePooling3D
