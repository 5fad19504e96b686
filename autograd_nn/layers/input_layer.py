"""InputLayer: the layer that a placeholder made by ``Input`` comes out of."""

from __future__ import annotations

from typing import Any, final

from autograd_nn.engine.argument_checks import checked_keywords, positive_integer
from autograd_nn.engine.conversion import checked_dtype
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.layers.layer import Layer
from autograd_nn.layers.layer_call import LayerCall
from autograd_nn.layers.placeholder import Placeholder
from autograd_nn.layers.shapes import Shape
from autograd_nn.settings import floatx


@final
class InputLayer(Layer):
    """Where data come into a network; ``Input`` makes one and gives its placeholder.

    Parameters   those of Input; input_shape, batch_input_shape: older names of the shapes
    Example

    >>> from autograd_nn import Sequential
    >>> from autograd_nn.layers import Dense
    >>> Sequential([InputLayer(input_shape=(3,)), Dense(2)]).count_params()
    8
    """

    _opens_scope = False

    @checked_keywords
    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        batch_shape: Any = None,
        name: str | None = None,
        input_shape: Any = None,
        batch_input_shape: Any = None,
    ) -> None:
        super().__init__(name=name)
        shape = input_shape if shape is None else shape
        batch_shape = batch_input_shape if batch_shape is None else batch_shape
        self.batch_shape = _batch_shape(shape, batch_size, batch_shape)
        self._dtype = checked_dtype(floatx() if dtype is None else dtype)
        self._built = True
        LayerCall(self, (), {}).give([self.batch_shape], 0, [self._dtype])

    @property
    def placeholder(self) -> Placeholder:
        """What stands for the data."""
        placeholder: Placeholder = self._calls.all[0].outputs
        return placeholder

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The inputs."""
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape of the inputs."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, as plain Python values."""
        return {
            "batch_shape": self.batch_shape,
            "dtype": self.dtype,
            "name": self.name,
        }


def _batch_shape(shape: Any, batch_size: Any, batch_shape: Any) -> Shape:
    if (shape is None) == (batch_shape is None):
        raise ArgumentTypeError(
            "Input takes `shape`, that of one sample such as (64,), or `batch_shape`, such as "
            f"(None, 64), one of the two; got {shape!r} and {batch_shape!r}."
        )
    if batch_shape is not None:
        if batch_size is not None:
            raise ArgumentError("`batch_size` is the first of `batch_shape`: give one of the two.")
        lengths = _lengths("batch_shape", batch_shape)
        if not lengths:
            raise ArgumentError("`batch_shape` has the number of samples first, got ().")
        return lengths
    samples = None if batch_size is None else positive_integer("batch_size", batch_size)
    return (samples, *_lengths("shape", shape))


def _lengths(name: str, shape: Any) -> Shape:
    if not isinstance(shape, (tuple, list)):
        way_out = f" Write Input(({shape},))." if isinstance(shape, int) else ""
        raise ArgumentTypeError(
            f"`{name}` must be a tuple of lengths such as (64,), got {shape!r} "
            f"of type {type(shape).__name__}.{way_out}"
        )
    return tuple(None if n is None else positive_integer(name, n) for n in shape)
