"""What layers have in common that move a window over rows, (N, L, C), pictures, (N, H, W, C), or
volumes, (N, D, H, W, C)."""

from __future__ import annotations

import math
from typing import Any

from autograd_nn import ops
from autograd_nn.engine.argument_checks import positive_integer
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, suggestion
from autograd_nn.layers.layer import Layer, Shape

Padding = tuple[tuple[int, int], ...]

# By the number of axes between samples and channels, what it is that windows move over, and these.
_PLACES = {
    1: ("rows", "length"),
    2: ("pictures", "height", "width"),
    3: ("volumes", "depth", "height", "width"),
}


def lengths(name: str, value: Any, count: int, minimum: int = 1) -> tuple[int, ...]:
    """One number for every axis: an integer stands for all of them."""
    if not isinstance(value, (tuple, list)):
        return (positive_integer(name, value, minimum),) * count
    if len(value) != count:
        each = "one integer" if count == 1 else f"one integer or {count} of them"
        raise ArgumentError(f"`{name}` must be {each}, got {value!r}.")
    return tuple(positive_integer(f"{name}[{i}]", n, minimum) for i, n in enumerate(value))


def one_of(name: str, value: Any, known: tuple[str, ...]) -> str:
    """A word that is known, in lower case."""
    if isinstance(value, str) and value.lower() in known:
        return value.lower()
    kind = ArgumentError if isinstance(value, str) else ArgumentTypeError
    words = " or ".join(map(repr, known))
    raise kind(f"`{name}` must be {words}, got {value!r}.{suggestion(str(value), known)}")


class OnPictures(Layer):
    """A layer on inputs with ``_spatial`` axes between samples and channels. It is subclassed.

    With ``data_format="channels_first"`` the channels come right after the samples; they are
    brought to the end before the layer computes, and back after it.
    """

    _spatial = 2
    data_format = "channels_last"

    def _takes(self, data_format: Any) -> None:
        known = ("channels_last", "channels_first")
        self.data_format = (
            known[0] if data_format is None else one_of("data_format", data_format, known)
        )

    # ------------------------------------------------------------------ axes

    def _axes(self, shape: Shape) -> tuple[tuple[Any, ...], Any]:
        """The lengths between samples and channels, and the number of channels."""
        if len(shape) != self._spatial + 2:
            raise ShapeError(self._wrong_axes(shape))
        if self.data_format == "channels_first":
            return tuple(shape[2:]), shape[1]
        return tuple(shape[1:-1]), shape[-1]

    def _wrong_axes(self, shape: Shape) -> str:
        what, *names = _PLACES[self._spatial]
        names.insert(0 if self.data_format == "channels_first" else self._spatial, "channels")
        wanted = ", ".join(["samples", *names])
        found = f"Layer {self.name!r} takes inputs of shape ({wanted}), got shape {tuple(shape)}."
        if len(shape) == self._spatial + 1:
            found += f" For {what} of one channel write x[..., None], for one sample x[None]."
        if len(shape) == 2 and self._spatial > 1:
            lengths = ", ".join(names[:-1] if names[-1] == "channels" else names[1:])
            found += f" Rows of numbers become {what} by x.reshape(-1, {lengths}, 1)."
        return found

    def _shape(self, samples: Any, spatial: tuple[Any, ...], channels: Any) -> Shape:
        if self.data_format == "channels_first":
            return (samples, channels, *spatial)
        return (samples, *spatial, channels)

    def _channels_last(self, x: Any) -> Any:
        if self.data_format == "channels_last":
            return x
        ndim = self._spatial + 2
        return ops.transpose(x, axes=(0, *range(2, ndim), 1))

    def _as_given(self, x: Any) -> Any:
        if self.data_format == "channels_last":
            return x
        ndim = self._spatial + 2
        return ops.transpose(x, axes=(0, ndim - 1, *range(1, ndim - 1)))

    # ------------------------------------------------------------------ windows

    def _fitting(
        self,
        what: str,
        spatial: tuple[Any, ...],
        size: Any,
        strides: Any,
        padding: str,
        dilation: Any,
    ) -> None:
        """Refuse inputs into which not one window fits."""
        reach = [d * (k - 1) + 1 for k, d in zip(size, dilation, strict=True)]
        if padding == "valid" and any(
            n is not None and n < r for n, r in zip(spatial, reach, strict=True)
        ):
            dilated = f" at dilation {dilation}" if any(d > 1 for d in dilation) else ""
            raise ShapeError(
                f"Layer {self.name!r} has {what} {tuple(size)}{dilated}, which does not fit into "
                f"inputs of {' by '.join(map(str, spatial))}: give padding='same', or take a "
                "smaller one, or fewer layers before it that make the inputs smaller."
            )
        if any(n == 0 for n in spatial):
            raise ShapeError(
                f"Layer {self.name!r} got inputs of {' by '.join(map(str, spatial))}: nothing."
            )


def counted(n: Any, size: int, stride: int, padding: str, dilation: int = 1) -> Any:
    """How many windows there are along an axis of length ``n``."""
    if n is None:
        return None
    if padding != "valid":
        return -(-n // stride)
    return (n - dilation * (size - 1) - 1) // stride + 1


def zeros_around(spatial: Any, size: Any, strides: Any, padding: str, dilation: Any) -> Padding:
    """How many zeros stand before and behind along each axis, as few as there can be.

    "same" has as many windows as there are strides in the length; of an odd number of zeros one
    more is behind. "causal" has all of them before, so that no window sees what comes later.
    """
    if padding == "valid":
        return ((0, 0),) * len(size)
    found = []
    for n, k, s, d in zip(spatial, size, strides, dilation, strict=True):
        reach = d * (k - 1) + 1
        zeros = reach - 1 if padding == "causal" else max((math.ceil(n / s) - 1) * s + reach - n, 0)
        found.append((zeros, 0) if padding == "causal" else (zeros // 2, zeros - zeros // 2))
    return tuple(found)
