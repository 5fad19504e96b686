"""Input: the shape of one sample, said in advance, so that a model is built at once."""

from __future__ import annotations

from typing import Any, final

from autograd_nn.engine.argument_checks import checked_keywords, positive_integer
from autograd_nn.engine.errors import ArgumentTypeError


@final
class Input:
    """The shape of one sample, first in the list of a Sequential model.

    Parameters   shape: a tuple of lengths without the number of samples, (64,) for 64 features
                 name: kept for the reader
    Raises       ArgumentTypeError, ArgumentError for what is no shape
    Example

    >>> Input((64,))
    Input(shape=(64,))
    """

    @checked_keywords
    def __init__(self, shape: Any, name: str | None = None) -> None:
        if not isinstance(shape, (tuple, list)):
            way_out = f" Write Input(({shape},))." if isinstance(shape, int) else ""
            raise ArgumentTypeError(
                f"`shape` must be a tuple of lengths such as (64,), got {shape!r} "
                f"of type {type(shape).__name__}.{way_out}"
            )
        if None in shape:
            raise ArgumentTypeError(
                f"`shape` is that of one sample, without the number of samples, got {shape!r}."
            )
        self.shape = tuple(positive_integer("shape", length) for length in shape)
        self.name = name

    def __repr__(self) -> str:
        return f"Input(shape={self.shape})"
