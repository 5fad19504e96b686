"""Names of things: of a class, of what a name stands for; the arguments that made a thing."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError, suggestion


def snake_case(name: str) -> str:
    """Words in lower case with underscores between: MyLayer → my_layer, Conv2D → conv2d."""
    words = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower().lstrip("_")


def initialized(thing: Any) -> Any:
    """The thing itself; StateError where its class forgot super().__init__(), which names it."""
    if "name" not in vars(thing):
        kind = type(thing).__name__
        raise StateError(
            f"{kind}.__init__ must call super().__init__() before anything else: without it what "
            f"{kind} works with is not there."
        )
    return thing


def arguments_of(thing: Any) -> dict[str, Any]:
    """The arguments of its class that it keeps as attributes of their names."""
    names = inspect.signature(type(thing)).parameters
    return {name: getattr(thing, name) for name in names if hasattr(thing, name)}


def by_name(identifier: Any, kind: str, known: Mapping[str, type[Any]], usual: type[Any]) -> Any:
    """What is called with a Tensor or an array, of a name, a class, its config, or as it is.

    Parameters   kind: what errors call it, such as "regularizer"
                 known: the classes by their names
                 usual: the class that is shown as an example
    Raises       ArgumentError for an unknown name, with the nearest one; ArgumentTypeError
    """
    config: Mapping[str, Any] = {}
    if isinstance(identifier, Mapping) and set(identifier) == {"class_name", "config"}:
        from autograd_nn.own_classes import get_registered_object  # seldom needed

        identifier, config = identifier["class_name"], identifier["config"]
        if (own := get_registered_object(str(identifier))) is not None:
            return own(**config)
    if isinstance(identifier, str):
        if identifier not in known:
            raise ArgumentError(
                f"There is no {kind} {identifier!r}.{suggestion(identifier, known)}"
            )
        return known[identifier](**config)
    if identifier is None or callable(identifier):
        return identifier() if isinstance(identifier, type) else identifier
    got = f"{identifier!r} of type {type(identifier).__name__}."
    if isinstance(identifier, (int, float)) and not isinstance(identifier, bool):
        example = f"{usual.__name__}({identifier!r})"
        got = f"the number {identifier!r}: write {example} of {usual.__module__}."
    raise ArgumentTypeError(
        f"`{kind}` must be a name or an object, such as {snake_case(usual.__name__)!r} or "
        f"{usual.__name__}(), or a function, got {got}"
    )


def as_config(thing: Any, kind: type[Any]) -> dict[str, Any]:
    """The name of its class and its arguments, by which `by_name` makes an equal one.

    Raises       ArgumentError for a function, and whatever else is none of this kind
    """
    if not isinstance(thing, kind):
        raise ArgumentError(
            f"The {kind.__name__.lower()} {getattr(thing, '__name__', thing)!r} has no name that "
            f"`get` knows. Make a subclass of {kind.__name__} with get_config."
        )
    return {"class_name": type(thing).__name__, "config": thing.get_config()}


def configured(thing: Any) -> str:
    """A thing with those of its arguments that are not the default: MaxNorm(max_value=3)."""
    defaults = inspect.signature(type(thing)).parameters
    shown = [
        f"{name}={value!r}"
        for name, value in thing.get_config().items()
        if name not in defaults or value != defaults[name].default
    ]
    return f"{type(thing).__name__}({', '.join(shown)})"
