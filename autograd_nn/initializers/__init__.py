"""The numbers that weights start from, with Keras's names and arguments.

An initializer is called with a shape and gives an array: ``GlorotUniform()((64, 25))``. Without a
seed each call draws new numbers, which ``set_random_seed`` makes repeatable; with ``seed=`` every
call with the same shape gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.initializers.drawn import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
)
from autograd_nn.initializers.fixed import (
    Constant,
    FromArray,
    FromFunction,
    Identity,
    Ones,
    Zeros,
)
from autograd_nn.initializers.initializer import Initializer, check_size
from autograd_nn.names import snake_case, written

__all__ = [
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomNormal",
    "RandomUniform",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "check_size",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        from autograd_nn.missing_names import missing

        raise missing(__name__, name, __all__)


# Keras's other names for the same.
IdentityInitializer, OrthogonalInitializer = Identity, Orthogonal
constant = Constant
glorot_normal = GlorotNormal
glorot_uniform = GlorotUniform
he_normal = HeNormal
he_uniform = HeUniform
identity = Identity
lecun_normal = LecunNormal
lecun_uniform = LecunUniform
ones = Ones
orthogonal = Orthogonal
random_normal = RandomNormal
random_uniform = RandomUniform
truncated_normal = TruncatedNormal
variance_scaling = VarianceScaling
zeros = Zeros

_CLASSES: dict[str, type[Initializer]] = {
    made.__name__: made
    for made in (
        *(Zeros, Ones, Constant, Identity, Orthogonal),
        *(RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling),
        *(GlorotUniform, GlorotNormal, HeUniform, HeNormal, LecunUniform, LecunNormal),
    )
}
_BY_NAME: dict[str, type[Initializer]] = {
    **{snake_case(name): made for name, made in _CLASSES.items()},
    "IdentityInitializer": Identity,
    "OrthogonalInitializer": Orthogonal,
    "normal": RandomNormal,
    "uniform": RandomUniform,
    "zero": Zeros,
    "one": Ones,
}


def get(identifier: object) -> Initializer:
    """The initializer that a name, class, array or function stands for.

    Parameters   identifier: "glorot_uniform" or "GlorotUniform" and the like, an Initializer or
                 its class, what ``serialize`` gave, an array (its shape is checked when the weight
                 is made), or a function of shape and dtype
    Raises       ValueError for a name that is not known, with the nearest one; TypeError otherwise
    """
    if isinstance(identifier, Initializer):
        # One that is written as for Keras, which calls it: what it gives is checked.
        is_called = type(identifier).__call__ is not Initializer.__call__
        return FromFunction(identifier) if is_called else identifier
    if isinstance(identifier, str):
        return _class_named(identifier)()
    if isinstance(identifier, Mapping) and {"class_name", "config"} <= set(identifier):
        return get(deserialize(identifier))
    if isinstance(identifier, type) and issubclass(identifier, Initializer):
        return identifier()
    if isinstance(identifier, np.ndarray) and identifier.dtype.kind in "biuf":
        return FromArray(identifier)
    if callable(identifier):
        return FromFunction(identifier() if isinstance(identifier, type) else identifier)
    raise ArgumentTypeError(
        "An initializer must be a name such as 'glorot_uniform', an Initializer, an array of "
        f"numbers or a function of shape and dtype, got {identifier!r} "
        f"of type {type(identifier).__name__}."
    )


def serialize(initializer: Initializer) -> dict[str, Any]:
    """Name and arguments of an initializer, which ``deserialize`` reads; fit for JSON."""
    return written(initializer)


def deserialize(
    config: Mapping[str, Any], custom_objects: Mapping[str, type[Any]] | None = None
) -> Initializer:
    """The initializer that ``serialize`` gave, here or in Keras.

    Parameters   custom_objects: initializers of your own, class by name
    Raises       ArgumentError for a name that is not known
    """
    from autograd_nn.own_classes import get_registered_object  # seldom needed

    name = str(config["class_name"])
    known = {kind.__name__: kind for kind in (FromArray, FromFunction)}
    found = get_registered_object(name, custom_objects, known)
    made: Initializer = (found or _class_named(name)).from_config(config["config"])
    return made


def _class_named(name: str) -> type[Initializer]:
    """The class of this name, in snake_case or CamelCase, or an error with the nearest name."""
    found = _CLASSES.get(name) or _BY_NAME.get(name)
    if found is None:
        raise ArgumentError(f"No initializer is named {name!r:.80}.{suggestion(name, _BY_NAME)}")
    return found
