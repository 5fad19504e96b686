"""Input: where data come into a network, said in advance."""

from __future__ import annotations

from typing import Any

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.layers.placeholder import Placeholder


@checked_keywords
def Input(
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    batch_shape: Any = None,
    name: str | None = None,
) -> Placeholder:
    """A placeholder for data: the first of a Sequential model, or what layers are called on.

    Parameters   shape: a tuple of lengths without the number of samples, (64,) for 64 features;
                 None for a length that differs from batch to batch, such as that of texts
                 batch_size: the number of samples of every batch, where it is always the same
                 dtype: None takes ``floatx``
                 batch_shape: both at once, instead of them: (None, 64)
                 name: by which data for it may be given; None takes "input_layer", …
    Raises       ArgumentTypeError, ArgumentError for what is no shape
    Example

    >>> from autograd_nn import Model
    >>> from autograd_nn.layers import Dense
    >>> x = Input((64,), name="picture")
    >>> x
    <Placeholder shape=(None, 64), dtype=float32, name=picture>
    >>> Model(x, Dense(10)(x)).output.shape
    (None, 10)
    """
    from autograd_nn.layers.input_layer import InputLayer  # not every network says its inputs

    return InputLayer(shape, batch_size, dtype, batch_shape, name).placeholder
