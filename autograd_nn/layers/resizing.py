"""Rows, pictures and volumes made larger or smaller: repeated, bordered with zeros, cut."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer
from autograd_nn.engine.errors import ArgumentError, ShapeError
from autograd_nn.layers.layer import Shape
from autograd_nn.layers.windows import OnPictures, Padding, lengths, one_of


def _repeated(x: Any, size: tuple[int, ...]) -> Any:
    """Every element of the axes after the first as often as ``size`` says."""
    samples, *spatial, channels = x.shape
    apart: tuple[int, ...] = (samples,)
    often: tuple[int, ...] = (samples,)
    for n, times in zip(spatial, size, strict=True):
        apart, often = (*apart, n, 1), (*often, n, times)
    wide = ops.broadcast_to(ops.reshape(x, shape=(*apart, channels)), shape=(*often, channels))
    whole = tuple(n * times for n, times in zip(spatial, size, strict=True))
    return ops.reshape(wide, shape=(samples, *whole, channels))


def _between(n: int, times: int, dtype: Any) -> Any:
    """The matrix (n·times, n) by which an axis is interpolated, straight between the middles of
    its elements, and level beyond the first and the last."""
    at = (np.arange(n * times) + 0.5) / times - 0.5
    return np.maximum(0, 1 - np.abs(np.clip(at, 0, n - 1)[:, None] - np.arange(n))).astype(dtype)


class _UpSampling(OnPictures):
    size: tuple[int, ...]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, lengths · size, C)."""
        spatial, channels = self._axes(input_shape)
        found = tuple(
            None if n is None else n * times for n, times in zip(spatial, self.size, strict=True)
        )
        return self._shape(input_shape[0], found, channels)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "size": self.size}


@final
class UpSampling2D(_UpSampling):
    """Pictures made larger: every element repeated, or what lies between filled in.

    Shapes       x (N, H, W, C) → (N, H · size, W · size, C)
    Gradient     what all copies of an element receive, added up
    Parameters   size: how often, an integer or two, for height and width, default 2
                 data_format: "channels_last" (default) or "channels_first", (N, C, H, W)
                 interpolation: "nearest" (default) repeats; "bilinear" goes straight from the
                 middle of each element to that of the next
                 name, trainable, dtype: see Layer
    Example      1 2 in a row, repeated

    >>> import numpy as np
    >>> UpSampling2D((1, 2))(np.array([[[[1.0], [2.0]]]])).data[0, 0, :, 0].tolist()
    [1.0, 1.0, 2.0, 2.0]
    """

    @checked_keywords
    def __init__(
        self,
        size: Any = 2,
        data_format: str | None = None,
        interpolation: str = "nearest",
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.size = lengths("size", size, 2)
        self._takes(data_format)
        self.interpolation = one_of("interpolation", interpolation, ("nearest", "bilinear"))

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        (h, w), channels = self._axes(inputs.shape)
        x = self._channels_last(inputs)
        if self.interpolation == "nearest":
            return self._as_given(_repeated(x, self.size))
        up, across = self.size
        x = ops.matmul(_between(w, across, x.dtype), x)
        columns = ops.reshape(x, shape=(x.shape[0], h, w * across * channels))
        x = ops.matmul(_between(h, up, x.dtype), columns)
        return self._as_given(ops.reshape(x, shape=(x.shape[0], h * up, w * across, channels)))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {
            **super().get_config(),
            "data_format": self.data_format,
            "interpolation": self.interpolation,
        }


@final
class UpSampling1D(_UpSampling):
    """Rows made longer: every element repeated.

    Shapes       x (N, L, C) → (N, L · size, C)
    Parameters   size: how often, an integer, default 2
                 name, trainable, dtype: see Layer
    Example      1 2, each twice

    >>> import numpy as np
    >>> UpSampling1D()(np.array([[[1.0], [2.0]]])).data[0, :, 0].tolist()
    [1.0, 1.0, 2.0, 2.0]
    """

    _spatial = 1

    @checked_keywords
    def __init__(self, size: int = 2, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.size = (positive_integer("size", size),)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        self._axes(inputs.shape)
        return _repeated(inputs, self.size)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "size": self.size[0]}


@final
class UpSampling3D(_UpSampling):
    """Volumes made larger: every element repeated.

    Shapes       x (N, D, H, W, C) → (N, D · size, H · size, W · size, C)
    Parameters   size: how often, an integer or three, for depth, height and width, default 2
                 data_format: "channels_last" (default) or "channels_first", (N, C, D, H, W)
                 name, trainable, dtype: see Layer
    Example      1 2, each twice

    >>> import numpy as np
    >>> UpSampling3D((1, 1, 2))(np.array([[[[[1.0], [2.0]]]]])).data.ravel().tolist()
    [1.0, 1.0, 2.0, 2.0]
    """

    _spatial = 3

    @checked_keywords
    def __init__(self, size: Any = 2, data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.size = lengths("size", size, 3)
        self._takes(data_format)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        self._axes(inputs.shape)
        return self._as_given(_repeated(self._channels_last(inputs), self.size))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "data_format": self.data_format}


def _edges(name: str, value: Any, count: int) -> Padding:
    """So many before and behind for each axis: of an integer the same everywhere."""
    if count == 1:
        before, behind = lengths(name, value, 2, 0)
        return ((before, behind),)
    if isinstance(value, (tuple, list)) and len(value) == count:
        return tuple(
            (found[0], found[1])
            for found in (lengths(f"{name}[{i}]", v, 2, 0) for i, v in enumerate(value))
        )
    if isinstance(value, (tuple, list)):
        axes = "height and width" if count == 2 else "depth, height and width"
        raise ArgumentError(
            f"`{name}` must be an integer, {count} (for {axes}), or {count} pairs such as "
            f"{((1, 2),) * count}, before and behind, got {value!r}."
        )
    return ((positive_integer(name, value, 0),) * 2,) * count


class _ZeroPadding(OnPictures):
    padding: Padding

    @checked_keywords
    def __init__(self, padding: Any = 1, data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.padding = _edges("padding", padding, self._spatial)
        self._takes(data_format)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        spatial, _ = self._axes(inputs.shape)
        x = self._channels_last(inputs)
        pairs = zip(spatial, self.padding, strict=True)
        inner = tuple(slice(before, before + n) for n, (before, _) in pairs)
        whole = tuple(b + n + a for n, (b, a) in zip(spatial, self.padding, strict=True))
        shape = (x.shape[0], *whole, x.shape[-1])
        return self._as_given(ops.scatter(x, key=(slice(None), *inner), shape=shape))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, lengths with what is around them, C)."""
        spatial, channels = self._axes(input_shape)
        found = tuple(
            None if n is None else n + sum(pair)
            for n, pair in zip(spatial, self.padding, strict=True)
        )
        return self._shape(input_shape[0], found, channels)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        padding = self.padding if self._spatial > 1 else self.padding[0]
        return {**super().get_config(), "padding": padding, "data_format": self.data_format}


@final
class ZeroPadding2D(_ZeroPadding):
    """Pictures with zeros around them.

    Shapes       x (N, H, W, C) → (N, top + H + bottom, left + W + right, C)
    Gradient     that of what lies inside
    Parameters   padding: an integer (default 1) for all sides, two for height and width, or
                 ((top, bottom), (left, right))
                 data_format: "channels_last" (default) or "channels_first", (N, C, H, W)
                 name, trainable, dtype: see Layer
    Example      One number, with a zero on its left

    >>> import numpy as np
    >>> ZeroPadding2D(((0, 0), (1, 0)))(np.array([[[[5.0]]]])).data[0, 0, :, 0].tolist()
    [0.0, 5.0]
    """


@final
class ZeroPadding1D(_ZeroPadding):
    """Rows with zeros before and behind them.

    Shapes       x (N, L, C) → (N, before + L + behind, C)
    Parameters   padding: an integer (default 1) for both sides, or two
                 data_format: "channels_last" (default) or "channels_first", (N, C, L)
                 name, trainable, dtype: see Layer
    Example      One number between zeros

    >>> import numpy as np
    >>> ZeroPadding1D()(np.array([[[5.0]]])).data[0, :, 0].tolist()
    [0.0, 5.0, 0.0]
    """

    _spatial = 1


@final
class ZeroPadding3D(_ZeroPadding):
    """Volumes with zeros around them.

    Shapes       x (N, D, H, W, C), each length with what is before and behind it
    Parameters   padding: an integer (default 1) for all sides, three for depth, height and width,
                 or three pairs; what else there is: see ZeroPadding2D
    Example      One number in the middle of 3 · 3 · 3

    >>> import numpy as np
    >>> ZeroPadding3D()(np.full((1, 1, 1, 1, 1), 5.0)).shape
    (1, 3, 3, 3, 1)
    """

    _spatial = 3


class _Cropping(OnPictures):
    cropping: Padding

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        spatial, _ = self._axes(inputs.shape)
        self._left(spatial)
        x = self._channels_last(inputs)
        pairs = zip(spatial, self.cropping, strict=True)
        inner = tuple(slice(before, n - behind) for n, (before, behind) in pairs)
        return self._as_given(ops.getitem(x, key=(slice(None), *inner)))

    def _left(self, spatial: Any) -> tuple[Any, ...]:
        """The lengths that are left over."""
        found = tuple(
            None if n is None else n - sum(pair)
            for n, pair in zip(spatial, self.cropping, strict=True)
        )
        if any(n is not None and n <= 0 for n in found):
            raise ShapeError(
                f"Layer {self.name!r} cuts off {self.cropping}, and nothing is left of inputs of "
                f"{' by '.join(map(str, spatial))}."
            )
        return found

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """(N, lengths without what is cut off, C)."""
        spatial, channels = self._axes(input_shape)
        return self._shape(input_shape[0], self._left(spatial), channels)


@final
class Cropping2D(_Cropping):
    """Pictures without their edges.

    Shapes       x (N, H, W, C) → (N, H − top − bottom, W − left − right, C)
    Gradient     that of what is left, 0 for what is cut off
    Parameters   cropping: an integer for all sides, two for height and width, or
                 ((top, bottom), (left, right)), default nothing
                 data_format: "channels_last" (default) or "channels_first", (N, C, H, W)
                 name, trainable, dtype: see Layer
    Example      1 2 3 without its ends

    >>> import numpy as np
    >>> Cropping2D((0, 1))(np.array([[[[1.0], [2.0], [3.0]]]])).item()
    2.0
    """

    @checked_keywords
    def __init__(
        self,
        cropping: Any = ((0, 0), (0, 0)),
        data_format: str | None = None,
        **keywords: Any,
    ) -> None:
        super().__init__(**keywords)
        self.cropping = _edges("cropping", cropping, 2)
        self._takes(data_format)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {
            **super().get_config(), "cropping": self.cropping, "data_format": self.data_format
        }  # fmt: skip


@final
class Cropping1D(_Cropping):
    """Rows without their ends.

    Shapes       x (N, L, C) → (N, L − before − behind, C)
    Parameters   cropping: an integer for both ends, or two, default (1, 1)
                 name, trainable, dtype: see Layer
    Example      1 2 3 without its ends

    >>> import numpy as np
    >>> Cropping1D()(np.array([[[1.0], [2.0], [3.0]]])).item()
    2.0
    """

    _spatial = 1

    @checked_keywords
    def __init__(self, cropping: Any = (1, 1), **keywords: Any) -> None:
        super().__init__(**keywords)
        self.cropping = _edges("cropping", cropping, 1)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {**super().get_config(), "cropping": self.cropping[0]}


@final
class Cropping3D(_Cropping):
    """Volumes without their edges.

    Shapes       x (N, D, H, W, C), each length without what is cut off
    Parameters   cropping: an integer for all sides, three for depth, height and width, or three
                 pairs, default 1; what else there is: see Cropping2D
    Example      The middle of 3 · 3 · 3 numbers

    >>> import numpy as np
    >>> Cropping3D()(np.arange(27.0).reshape(1, 3, 3, 3, 1)).item()
    13.0
    """

    _spatial = 3

    @checked_keywords
    def __init__(self, cropping: Any = 1, data_format: str | None = None, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.cropping = _edges("cropping", cropping, 3)
        self._takes(data_format)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {
            **super().get_config(), "cropping": self.cropping, "data_format": self.data_format
        }  # fmt: skip
