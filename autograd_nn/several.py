"""What is no single array: inputs or outputs by name, and an output with its mask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError, suggestion
from autograd_nn.engine.structures import rebuild
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.masks import mask_of, with_mask


class Several:
    """Arrays of the same samples, which are cut, shuffled and compared as one array would be.

    Parameters   names: one for each, those of the inputs or of the outputs of a model
                 arrays: arrays or Tensors, in the same order
                 outline: the structure in which a model takes them; None for a list
    """

    __slots__ = ("arrays", "names", "outline")

    def __init__(self, names: Sequence[str], arrays: Sequence[Any], outline: Any = None) -> None:
        self.names = tuple(names)
        self.arrays = list(arrays)
        self.outline = list(range(len(self.arrays))) if outline is None else outline

    def like(self, arrays: Sequence[Any]) -> Several:
        """Other arrays of the same names."""
        return Several(self.names, arrays, self.outline)

    def of(self, name: str) -> Any:
        """The array of this name."""
        return self.arrays[self.names.index(name)]

    @property
    def structure(self) -> Any:
        """The arrays as the model takes them."""
        return rebuild(self.outline, self.arrays)

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, rows: Any) -> Several:
        return self.like([rows_of(array, rows) for array in self.arrays])

    def copy(self) -> Several:
        """The same in memory of its own."""
        return self.like([array.copy() for array in self.arrays])

    @property
    def shape(self) -> tuple[Any, ...]:
        """Every shape."""
        return tuple(array.shape for array in self.arrays)

    @property
    def dtype(self) -> tuple[Any, ...]:
        """Every dtype."""
        return tuple(array.dtype for array in self.arrays)

    @property
    def _data(self) -> Several:
        return self.like([tensor._data for tensor in self.arrays])

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name} {tuple(array.shape)}"
            for name, array in zip(self.names, self.arrays, strict=True)
        )
        return f"<Several {shown}>"


def rows_of(array: Any, chosen: Any) -> Any:
    """Some of the samples: those of a slice, those at these places, or those of a mask."""
    if type(array) is type(chosen) is np.ndarray and chosen.dtype != bool:
        return array.take(chosen, axis=0)  # which takes a third of the time
    return array[chosen]


def as_called(x: Any) -> Any:
    """What a model is called with: an array, or the structure of several."""
    return x.structure if type(x) is Several else x


class Masked:
    """An output and its mask, as a step gives them to metrics."""

    __slots__ = ("mask", "output")

    def __init__(self, output: Any, mask: Any) -> None:
        self.output = output
        self.mask = mask

    @property
    def shape(self) -> tuple[int, ...]:
        """That of the output."""
        shape: tuple[int, ...] = self.output.shape
        return shape

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


def as_tensors(x: Any) -> Any:
    """An array, or each of several, as a Tensor."""
    return x.like(list(map(Tensor, x.arrays))) if type(x) is Several else Tensor(x)


def parts_of_output(output: Any) -> list[Any]:
    """The output of a step, or all of several, as a list, a mask behind that which has it."""
    outputs = output.arrays if type(output) is Several else [output]
    return [part for one in outputs for part in (one.parts if type(one) is Masked else [one])]


def output_of_parts(loss: Any, parts: list[Any]) -> Any:
    """What `parts_of_output` took apart, put together again.

    Parameters   loss: that of the step, which has the names of several outputs
    """
    names = getattr(loss, "names", None)
    if len(parts) > (1 if names is None else len(names) + len(loss.told)):
        found: list[Any] = []
        for part in parts:
            if part.dtype.kind == "b":
                found[-1] = Masked(found[-1], part)
            else:
                found.append(part)
        parts = found
    return parts[0] if names is None else loss.grouped(parts)


def numbered_outputs(number: int) -> list[str]:
    """The names of outputs that have none."""
    return [f"output_{n + 1}" for n in range(number)]


def by_name(value: Any, names: Sequence[str], what: str, of: str) -> list[Any]:
    """What is given as a list, or as a dict by these names: one for each, in their order.

    Parameters   what: how an error calls it
                 of: what the names are those of, "outputs"
    """
    shown = ", ".join(map(repr, names))
    if isinstance(value, dict):
        for name in value:
            if name not in names:
                raise ArgumentError(
                    f"`{what}` has {name!r}, and the {of} of the model are {shown}."
                    f"{suggestion(str(name), names)}"
                )
        for name in names:
            if name not in value:
                raise ArgumentError(
                    f"`{what}` has no {name!r}: it has {', '.join(map(repr, value)) or 'nothing'}, "
                    f"and the {of} of the model are {shown}."
                )
        return [value[name] for name in names]
    if not isinstance(value, (list, tuple)) or len(value) != len(names):
        got = f"of {len(value)}" if isinstance(value, (list, tuple)) else "alone"
        raise ArgumentError(
            f"The model has {len(names)} {of}, {shown}: `{what}` must be a list of {len(names)} in "
            f"this order, or a dict by these names, got a {type(value).__name__} {got}."
        )
    return list(value)
