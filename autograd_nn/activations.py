"""The functions between layers, by Keras's names. Nearly each is an operation of the engine."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.composing import grouped
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, suggestion
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.taking import warn_outside
from autograd_nn.ops import exp, log_softmax, relu, sigmoid, softmax, softplus, tanh
from autograd_nn.own_classes import get_registered_name, get_registered_object

if TYPE_CHECKING:
    from autograd_nn.engine.operations.piecewise_activations import (
        celu,
        elu,
        hard_shrink,
        hard_sigmoid,
        hard_silu,
        hard_tanh,
        leaky_relu,
        relu6,
        selu,
        soft_shrink,
        sparse_plus,
        sparse_sigmoid,
        sparsemax,
        threshold,
    )
    from autograd_nn.engine.operations.piecewise_activations import hard_silu as hard_swish
    from autograd_nn.engine.operations.smooth_activations import (
        gelu,
        log_sigmoid,
        mish,
        silu,
        softsign,
        squareplus,
        tanh_shrink,
    )
    from autograd_nn.engine.operations.smooth_activations import silu as swish

__all__ = [
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]

exponential = exp


def linear(x: Any) -> Any:
    """x as it is: a layer without an activation."""
    return x


def glu(x: Any, axis: int = -1) -> Any:
    """The first half of x times the sigmoid of the second, which lets it through or not.

    Parameters   axis: the one that is halved
    Raises       ShapeError where its length is odd
    Source       Y. Dauphin et al., Language Modeling with Gated Convolutional Networks, 2016
    """
    x = x if hasattr(x, "shape") else np.asarray(x)
    if x.shape[axis] % 2:
        raise ShapeError(
            f"glu takes axis {axis} in two halves, got shape {x.shape}: its length must be even."
        )
    with grouped("glu"):
        first, second = np.split(x, 2, axis=axis)
        return first * sigmoid(second)


_NAMES = sorted({*__all__} - {"deserialize", "get", "serialize"})
# Of the operations that Keras calls otherwise, or by two names.
_OPERATIONS = {"exponential": "exp", "hard_swish": "hard_silu", "swish": "silu"}

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """What no usual network needs is imported with the first that asks for it."""
        if name in _NAMES:
            found = globals()[name] = getattr(ops, _OPERATIONS.get(name, name))
            return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


def get(identifier: Any) -> Callable[[Any], Any]:
    """The activation that ``identifier`` stands for.

    Parameters   identifier: a name such as "relu", a function of a Tensor, what `serialize` gave,
                 or None for linear; names of your own are those that are registered
    Raises       ArgumentError for an unknown name, with the nearest one; ArgumentTypeError
    Example

    >>> get("relu")([-1.0, 2.0]).tolist()
    [0.0, 2.0]
    """
    if identifier is None:
        return linear
    if isinstance(identifier, dict) and identifier.get("class_name") == "function":
        identifier = str(identifier.get("registered_name") or identifier.get("config"))
    if isinstance(identifier, str):
        if identifier not in _NAMES:
            own: Callable[[Any], Any] | None = get_registered_object(identifier)
            if own is not None:
                return own
            raise ArgumentError(
                f"There is no activation {identifier!r}.{suggestion(identifier, _NAMES)} One of "
                f"your own is given in custom_objects={{{identifier!r}: …}}, or has "
                "@register_keras_serializable() above it."
            )
        found: Callable[[Any], Any] = getattr(sys.modules[__name__], identifier)
        return found
    if callable(identifier) and not isinstance(identifier, type):
        return identifier
    raise ArgumentTypeError(
        "`activation` must be a name such as 'relu', a function of a Tensor, or None, "
        f"got {identifier!r} of type {type(identifier).__name__}."
    )


def shape_after(activation: Callable[[Any], Any], shape: Any) -> Any:
    """The shape that comes out of an activation: only glu changes it."""
    if activation is glu and shape[-1] is not None:
        return (*shape[:-1], shape[-1] // 2)
    return shape


def warn_if_constant(activation: Callable[[Any], Any]) -> None:
    """Warn where an activation would be taken over one number only."""
    if activation is softmax or activation is log_softmax:
        warn_outside(
            f"{serialize(activation)} over one unit is constant, whatever the weights are: nothing "
            "is learnt. Take 'sigmoid' for two classes, or one unit for each class.",
        )


def serialize(activation: Callable[[Any], Any]) -> Any:
    """The name of an activation, for ``get``; of a function of your own a dict with its name.

    Raises       ArgumentError for a lambda, and for what else no name leads back to
    """
    name = getattr(activation, "name", getattr(activation, "__name__", None))
    name = "exponential" if activation is exponential else name
    if name in _NAMES and get(name) is activation:
        return name
    if hasattr(activation, "get_config"):
        raise ArgumentError(
            f"The activation {activation!r} is a layer, which has no name that `get` knows. Write "
            "it behind this one: Dense(8), LeakyReLU(0.1)."
        )
    if inspect.isfunction(activation) and activation.__name__.isidentifier():
        registered = get_registered_name(activation)
        name = activation.__name__
        return {"class_name": "function", "config": name, "registered_name": registered}
    raise ArgumentError(
        f"The activation {_described(activation)} has no name that `get` knows. Write it as a "
        "function, def …, or make a layer of your own with it, and write its get_config."
    )


def deserialize(config: Any) -> Callable[[Any], Any]:
    """The activation of which ``serialize`` told."""
    return get(config)


def _described(activation: Any) -> str:
    if isinstance(activation, Operation):
        return repr(activation.name)
    return repr(getattr(activation, "__name__", activation))
