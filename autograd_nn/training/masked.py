"""Outputs with masks: what of them losses and metrics count."""

from __future__ import annotations

from typing import Any

from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.masks import mask_of, with_mask


class Masked:
    """An output and its mask, as a step gives them to metrics."""

    __slots__ = ("mask", "output")

    def __init__(self, output: Any, mask: Any) -> None:
        self.output = output
        self.mask = mask

    @property
    def parts(self) -> list[Any]:
        """Both, as Tensors."""
        mask = self.mask
        is_tensor = type(mask) is Tensor
        return [self.output, mask if is_tensor else Tensor(mask, requires_grad=False)]

    @property
    def _data(self) -> Masked:
        output, mask = self.parts
        return Masked(output._data, mask._data)

    def copy(self) -> Masked:
        """The same in memory of its own."""
        return Masked(self.output.copy(), self.mask.copy())


def with_its_mask(output: Any) -> Any:
    """An output, with its mask beside it where it has one."""
    mask = mask_of(output)
    return output if mask is None else Masked(output, mask)


def for_metric(output: Any, metric: Any) -> Any:
    """What a metric is given of an output: its mask too, where it looks at it."""
    if type(output) is not Masked:
        return output
    from autograd_nn.metrics.averages import MeanOverSamples  # not every model has metrics

    if not isinstance(metric, MeanOverSamples):
        return output.output
    return with_mask(Tensor(output.output, requires_grad=False), output.mask)
