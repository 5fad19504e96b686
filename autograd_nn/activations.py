"""The functions between layers, by Keras's names. Each is an operation of the engine."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import Any

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.taking import outside
from autograd_nn.ops import exp, log_softmax, relu, sigmoid, softmax, softplus, tanh

__all__ = [
    "exponential",
    "get",
    "linear",
    "log_softmax",
    "relu",
    "serialize",
    "sigmoid",
    "softmax",
    "softplus",
    "tanh",
]

exponential = exp


def linear(x: Any) -> Any:
    """x as it is: a layer without an activation."""
    return x


_BY_NAME: dict[str, Callable[[Any], Any]] = {
    "linear": linear,
    "relu": relu,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "softmax": softmax,
    "log_softmax": log_softmax,
    "softplus": softplus,
    "exponential": exponential,
}


def get(identifier: Any) -> Callable[[Any], Any]:
    """The activation that ``identifier`` stands for.

    Parameters   identifier: a name such as "relu", a function of a Tensor, or None for linear
    Raises       ArgumentError for an unknown name, with the nearest one; ArgumentTypeError
    Example

    >>> get("relu")([-1.0, 2.0]).tolist()
    [0.0, 2.0]
    """
    if identifier is None:
        return linear
    if isinstance(identifier, str):
        found = _BY_NAME.get(identifier)
        if found is None:
            raise ArgumentError(
                f"There is no activation {identifier!r}.{suggestion(identifier, _BY_NAME)}"
            )
        return found
    if callable(identifier) and not isinstance(identifier, type):
        return identifier
    raise ArgumentTypeError(
        "`activation` must be a name such as 'relu', a function of a Tensor, or None, "
        f"got {identifier!r} of type {type(identifier).__name__}."
    )


def warn_if_constant(activation: Callable[[Any], Any]) -> None:
    """Warn where an activation would be taken over one number only."""
    if activation is softmax or activation is log_softmax:
        warnings.warn(
            f"{serialize(activation)} over one unit is constant, whatever the weights are: nothing "
            "is learnt. Take 'sigmoid' for two classes, or one unit for each class.",
            stacklevel=outside(sys._getframe())[1] + 1,
        )


def serialize(activation: Callable[[Any], Any]) -> str:
    """The name of an activation, for ``get``.

    Raises       ArgumentError for a function of your own, which no name leads back to
    """
    for name, known in _BY_NAME.items():
        if known is activation:
            return name
    raise ArgumentError(
        f"The activation {_described(activation)} has no name that `get` knows. Make a layer of "
        "your own with it, and write its get_config."
    )


def _described(activation: Any) -> str:
    if isinstance(activation, Operation):
        return repr(activation.name)
    return repr(getattr(activation, "__name__", activation))
