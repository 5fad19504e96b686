"""Several inputs element by element: their sum, difference, product, mean, largest, smallest."""

from __future__ import annotations

import functools
from typing import Any, ClassVar, final

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.errors import ArgumentTypeError, ShapeError
from autograd_nn.engine.operation import Operation
from autograd_nn.layers.layer import Layer, Shape


class Merging(Layer):
    """One operation from the first input to the last. Subclass it with ``_operation``."""

    supports_masking = True
    _takes_several = True
    _operation: ClassVar[Operation]
    _count: ClassVar[int | None] = None

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        return functools.reduce(type(self)._operation, self._values(inputs))

    def _values(self, inputs: Any) -> list[Any]:
        """The inputs with equally many axes."""
        inputs = list_of_inputs(self, inputs)
        axes = len(self._aligned([x.shape for x in inputs])[0])
        return [_with_axes(x, axes) for x in inputs]

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """A step is there where it is there in any input; none is left out if one has no mask."""
        return any_mask(mask)

    def compute_output_shape(self, input_shape: Any) -> Shape:
        """The common shape: where one has one element there, it counts for all of the others."""
        columns = zip(*self._aligned(list_of_inputs(self, input_shape)), strict=True)
        return tuple(_common(lengths) for lengths in columns)

    def _aligned(self, shapes: list[Any]) -> list[Any]:
        """The shapes with equally many axes; what does not go together is refused."""
        if self._count is not None and len(shapes) != self._count:
            raise ArgumentTypeError(
                f"Layer {self.name!r} takes {self._count} inputs, got {len(shapes)}."
            )
        axes = max(map(len, shapes))
        filled = [(*shape[:1], *(1,) * (axes - len(shape)), *shape[1:]) for shape in shapes]
        samples, *others = zip(*filled, strict=True)
        told = " and ".join(str(tuple(shape)) for shape in shapes)
        if len({*samples} - {None}) > 1:
            raise ShapeError(f"Layer {self.name!r} needs as many samples in all, got {told}.")
        if any(len({*lengths} - {1, None}) > 1 for lengths in others):
            raise ShapeError(
                f"Layer {self.name!r} needs inputs of one shape, or with lengths of 1, got {told}."
            )
        return filled


def list_of_inputs(layer: Layer, inputs: Any) -> Any:
    """A list of inputs, or of their shapes; one alone is refused."""
    is_list = isinstance(inputs, (list, tuple))
    if not is_list or not inputs or inputs[0] is None or isinstance(inputs[0], int):
        kind = type(layer).__name__
        raise ArgumentTypeError(
            f"Layer {layer.name!r} takes a list of inputs, got one. Write {kind}(…)([a, b])."
        )
    return inputs


def any_mask(masks: Any) -> Any:
    """Where any of several masks is true; None where any input has none."""
    if masks is None or any(mask is None for mask in masks):
        return None
    return functools.reduce(ops.logical_or, masks)


def _with_axes(x: Any, axes: int) -> Any:
    """With axes of length 1 behind the samples, where others have more."""
    missing = axes - x.ndim
    return ops.expand_dims(x, axis=tuple(range(1, missing + 1))) if missing else x


def _over(x: Any, mask: Any) -> Any:
    """The mask of an input with as many axes as that."""
    if mask is None:
        return None
    missing = x.ndim - mask.ndim
    return ops.expand_dims(mask, axis=tuple(range(mask.ndim, mask.ndim + missing)))


def _common(lengths: Any) -> int | None:
    longer = [n for n in lengths if n != 1]
    return next((n for n in longer if n is not None), None) if longer else 1


class _OfWhatIsThere(Merging):
    """Where a mask leaves a step of an input out, the result is that of the other inputs."""

    def call(self, inputs: Any, training: bool = False, mask: Any = None) -> Any:
        """The formula above, of the steps that ``mask``, one for each input or None, leaves."""
        if mask is None:
            return super().call(inputs)
        operation = type(self)._operation
        values = self._values(inputs)
        masks = [_over(x, part) for x, part in zip(values, mask, strict=True)]
        found, there = values[0], masks[0]
        for x, is_there in zip(values[1:], masks[1:], strict=True):
            both = operation(found, x)
            either = both if there is None else np.where(there, both, x)
            found = either if is_there is None else np.where(is_there, either, found)
            there = any_mask([there, is_there])
        return found if there is None else self._where(there, found)

    def _where(self, there: Any, found: Any) -> Any:
        return found


@final
class Add(Merging):
    """The sum of several inputs: what a shortcut around layers ends in.

    Formula      a = x₁ + x₂ + …
    Shapes       of one shape, or with lengths of 1; a missing axis is put in behind the samples
    Gradient     dL/dxₖ = g
    Example

    >>> import numpy as np
    >>> Add()([np.array([[1.0, 2.0]]), np.array([[10.0, 20.0]])]).tolist()
    [[11.0, 22.0]]
    """

    _operation = ops.add


@final
class Subtract(Merging):
    """The difference of two inputs.

    Formula      a = x₁ − x₂
    Shapes       as in Add
    Gradient     dL/dx₁ = g · dL/dx₂ = −g
    Example

    >>> import numpy as np
    >>> Subtract()([np.array([[5.0, 2.0]]), np.array([[1.0, 2.0]])]).tolist()
    [[4.0, 0.0]]
    """

    _operation = ops.subtract
    _count = 2


@final
class Multiply(_OfWhatIsThere):
    """The product of several inputs, element by element: gates.

    Formula      a = x₁ · x₂ · … of those that a mask leaves, 0 where it leaves none
    Shapes       as in Add
    Gradient     dL/dxₖ = g times the product of the others
    Example

    >>> import numpy as np
    >>> Multiply()([np.array([[5.0, 2.0]]), np.array([[0.0, 3.0]])]).tolist()
    [[0.0, 6.0]]
    """

    _operation = ops.multiply

    def _where(self, there: Any, found: Any) -> Any:
        return np.where(there, found, found.dtype.type(0))


@final
class Average(Merging):
    """The mean of several inputs, element by element.

    Formula      a = (x₁ + … + xₙ) / n
    Shapes       as in Add
    Gradient     dL/dxₖ = g / n
    Example

    >>> import numpy as np
    >>> Average()([np.array([[1.0, 2.0]]), np.array([[3.0, 2.0]])]).tolist()
    [[2.0, 2.0]]
    """

    _operation = ops.add

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The formula above."""
        return ops.divide(super().call(inputs), len(inputs))


@final
class Maximum(_OfWhatIsThere):
    """The largest of several inputs, element by element.

    Formula      a = max(x₁, x₂, …) of those that a mask leaves
    Shapes       as in Add
    Gradient     g to the one that is largest; equal ones share it
    Example

    >>> import numpy as np
    >>> Maximum()([np.array([[1.0, 2.0]]), np.array([[3.0, -2.0]])]).tolist()
    [[3.0, 2.0]]
    """

    _operation = ops.maximum


@final
class Minimum(_OfWhatIsThere):
    """The smallest of several inputs, element by element.

    Formula      a = min(x₁, x₂, …) of those that a mask leaves
    Shapes       as in Add
    Gradient     g to the one that is smallest; equal ones share it
    Example

    >>> import numpy as np
    >>> Minimum()([np.array([[1.0, 2.0]]), np.array([[3.0, -2.0]])]).tolist()
    [[1.0, -2.0]]
    """

    _operation = ops.minimum


def add(inputs: Any, **keywords: Any) -> Any:
    """``Add(**keywords)(inputs)``."""
    return Add(**keywords)(inputs)


def subtract(inputs: Any, **keywords: Any) -> Any:
    """``Subtract(**keywords)(inputs)``."""
    return Subtract(**keywords)(inputs)


def multiply(inputs: Any, **keywords: Any) -> Any:
    """``Multiply(**keywords)(inputs)``."""
    return Multiply(**keywords)(inputs)


def average(inputs: Any, **keywords: Any) -> Any:
    """``Average(**keywords)(inputs)``."""
    return Average(**keywords)(inputs)


def maximum(inputs: Any, **keywords: Any) -> Any:
    """``Maximum(**keywords)(inputs)``."""
    return Maximum(**keywords)(inputs)


def minimum(inputs: Any, **keywords: Any) -> Any:
    """``Minimum(**keywords)(inputs)``."""
    return Minimum(**keywords)(inputs)
