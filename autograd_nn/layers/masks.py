"""Masks: which steps of a sequence are there, and which only fill it up."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.errors import ShapeError
from autograd_nn.engine.mutation import Leaf
from autograd_nn.engine.tensor import Tensor


class _Used:
    """Whether any layer of this process makes masks, or adds to the loss."""

    __slots__ = ("now",)

    def __init__(self) -> None:
        self.now = False


used = _Used()


def mask_of(tensor: Any) -> Any:
    """The mask of a Tensor, True where there is something; None where it has none.

    >>> import numpy as np
    >>> from autograd_nn.layers import Masking
    >>> mask_of(Masking()(np.array([[[1.0], [0.0]]]))).tolist()
    [[True, False]]
    """
    return tensor._leaf.mask if type(tensor) is Tensor and tensor._leaf is not None else None


def masks_of(inputs: Any) -> Any:
    """The mask of an input, or of several those that they have in a list (or dict); None where
    there is none at all."""
    if type(inputs) is Tensor:
        return mask_of(inputs)
    if isinstance(inputs, dict):
        found: Any = {name: masks_of(part) for name, part in inputs.items()}
        return found if any(mask is not None for mask in found.values()) else None
    if isinstance(inputs, (list, tuple)):
        found = [masks_of(part) for part in inputs]
        return found if any(mask is not None for mask in found) else None
    return None


def fitting(layer: Any, mask: Any, shape: tuple[int, ...]) -> Any:
    """A mask as booleans of this shape, (N, T) for the steps of sequences.

    Raises       ShapeError for another shape, which broadcasting could take for one that fits
    """
    if mask is None:
        return None
    if type(mask) is not Tensor:
        mask = np.asarray(mask)
    if mask.shape != tuple(shape):
        raise ShapeError(
            f"The mask of layer {layer.name!r} must have shape {tuple(shape)}, True for what is "
            f"there, got shape {mask.shape}."
        )
    return mask if mask.dtype.kind == "b" else mask != 0


def with_mask(tensor: Tensor, mask: Any) -> Tensor:
    """Say of the steps of ``tensor`` which are there. The same Tensor, for convenience.

    Parameters   mask: booleans, an array or better a recorded Tensor, which programs compute anew
    """
    if mask is not None:
        used.now = True
        if tensor._leaf is None:
            tensor._leaf = Leaf()
        tensor._leaf.mask = mask
    return tensor
