"""TensorFlow's ``tf.Module``: an object that finds the variables it holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers import Layer


class Module:
    """Holds variables, layers and other modules as attributes, also in lists, tuples and dicts.

    >>> import autograd_nn.compat.tensorflow as tf
    >>> module = tf.Module()
    >>> module.w = [tf.Variable(1.0), tf.Variable(2.0, trainable=False)]
    >>> len(module.variables), len(module.trainable_variables)
    (2, 1)
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name or type(self).__name__.lower()

    @property
    def variables(self) -> tuple[Tensor, ...]:
        """Every variable once, attributes by name, as TensorFlow has them."""
        found = {id(variable): variable for variable in _variables(self)}
        return tuple(found.values())

    @property
    def trainable_variables(self) -> tuple[Tensor, ...]:
        """Those that want a gradient."""
        return tuple(variable for variable in self.variables if variable.requires_grad)


def _variables(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Layer):
        yield from value.weights
    elif isinstance(value, Module):
        for _, part in sorted(vars(value).items()):
            yield from _variables(part)
    elif isinstance(value, (list, tuple, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _variables(part)
