"""Classes and functions of the user's own, by the names that a configuration knows them by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError

_Thing = TypeVar("_Thing", bound=Callable[..., Any])

REGISTERED: dict[str, Any] = {}
"""By "package>name" what ``register_keras_serializable`` was written above."""


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[_Thing], _Thing]:
    """Have a layer of your own, or a function, found again where a model is made of its config.

    Without it ``from_config``, ``model_from_json`` and their like are given ``custom_objects``.

    Parameters   package: what comes before the name
                 name: None takes that of the class
    Raises       ArgumentTypeError for a class without ``get_config``, which no other class has
    """
    if callable(package):
        raise ArgumentTypeError("Write @register_keras_serializable() with brackets.")

    def keep(thing: _Thing) -> _Thing:
        if not callable(thing):
            raise ArgumentTypeError(
                f"@register_keras_serializable() stands above a class or a function, got {thing!r}."
            )
        if isinstance(thing, type) and not hasattr(thing, "get_config"):
            raise ArgumentTypeError(
                f"{thing.__name__} has no `get_config`, so nothing can be made of its "
                "configuration: write one that gives the arguments of __init__ as a dict."
            )
        REGISTERED[f"{package}>{name or thing.__name__}"] = thing
        return thing

    return keep


def get_registered_name(obj: Any) -> str:
    """ "package>name" of what is registered, else the name of the class or function."""
    for known, thing in REGISTERED.items():
        if thing is obj:
            return known
    return str(obj.__name__)


def get_registered_object(
    name: str,
    custom_objects: Mapping[str, Any] | None = None,
    module_objects: Mapping[str, Any] | None = None,
) -> Any:
    """What a name stands for, with its package or without; None where nothing is registered."""
    for given in (custom_objects or {}, REGISTERED, module_objects or {}):
        if name in given:
            return given[name]
    found = {
        known: thing
        for known, thing in REGISTERED.items()
        if name in (known.partition(">")[2], getattr(thing, "__name__", None))
    }
    if len({id(thing) for thing in found.values()}) > 1:
        raise ArgumentError(f"{name!r} is registered as {', '.join(found)}: say which.")
    return next(iter(found.values()), None)


def get_custom_objects() -> dict[str, Any]:
    """All that is registered; what is put into it is found, too."""
    return REGISTERED


class CustomObjectScope:
    """Names that hold inside of ``with CustomObjectScope({"MyLayer": MyLayer}):``."""

    def __init__(self, custom_objects: Mapping[str, Any]) -> None:
        self._given = dict(custom_objects)

    def __enter__(self) -> CustomObjectScope:
        self._before = dict(REGISTERED)
        REGISTERED.update(self._given)
        return self

    def __exit__(self, *error: object) -> None:
        REGISTERED.clear()
        REGISTERED.update(self._before)


custom_object_scope = CustomObjectScope
