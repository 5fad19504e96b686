"""Names of things: of a class, of what a name stands for; the arguments that made a thing."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any, TypeVar

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError, suggestion
from autograd_nn.engine.taking import warn_outside

_Made = TypeVar("_Made")


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


def parameters_of(kind: type) -> dict[str, inspect.Parameter]:
    """What a class can be called with, by name; with ``**others`` also what its parent can."""
    found: dict[str, inspect.Parameter] = {}
    for owner in kind.__mro__[:-1]:
        if "__init__" in vars(owner):
            own = dict(list(inspect.signature(vars(owner)["__init__"]).parameters.items())[1:])
            found = own | found
            if not any(item.kind is item.VAR_KEYWORD for item in own.values()):
                break
    return {
        name: item
        for name, item in found.items()
        if item.kind not in (item.VAR_KEYWORD, item.VAR_POSITIONAL)
    }


def arguments_of(thing: Any) -> dict[str, Any]:
    """The arguments of its class that it keeps as attributes of their names."""
    names = parameters_of(type(thing))
    return {name: getattr(thing, name) for name in names if hasattr(thing, name)}


def is_own_code(function: Any) -> bool:
    """Whether somebody wrote it outside of this library."""
    return not str(getattr(function, "__module__", "")).startswith("autograd_nn.")


def written(thing: Any) -> dict[str, Any]:
    """The name of its class and its arguments, by which an equal thing is made.

    Raises       ArgumentError where a class of one's own takes what would be lost
    """
    config = thing.get_config()
    check_that_none_is_lost(thing, config)
    return {"class_name": type(thing).__name__, "config": config}


def check_that_none_is_lost(thing: Any, config: Mapping[str, Any]) -> None:
    """Refuse a configuration without an argument of a class of one's own. Where the class writes it
    itself, it may know better: then what certainly is lost is told."""
    kind = type(thing)
    if not is_own_code(kind) or is_own_code(kind.from_config):
        return
    of_library = parameters_of(next(part for part in kind.__mro__ if not is_own_code(part)))
    for name, parameter in parameters_of(kind).items():
        if name in config or name in of_library:
            continue
        kept = getattr(thing, name, parameter.empty)
        if not is_own_code(kind.get_config):
            raise lost_argument(thing, name)
        if kept is parameter.empty or same(kept, parameter.default):
            continue
        warn_outside(
            f"{kind.__name__}.get_config does not give `{name}`, which is {kept!r:.60} here: what "
            f"is made of it has another, the default of {kind.__name__}.__init__.",
        )


def lost_argument(thing: Any, name: str) -> ArgumentError:
    """What to answer where nobody says what an argument of a class of one's own was."""
    kind = type(thing).__name__
    return ArgumentError(
        f"{kind}.__init__ takes `{name}`, and {getattr(thing, 'name', None) or kind!r} has no "
        f"attribute of this name, so no equal one can be made. Write self.{name} = {name} there, "
        "or a get_config that gives the arguments as a dict."
    )


def made_with(kind: type[_Made], config: Mapping[str, Any]) -> _Made:
    """A thing of a class, with the arguments of ``get_config``.

    Raises       ArgumentError for a class of one's own that takes one of them, and says it itself
    """
    try:
        return kind(**config)
    except TypeError as error:
        twice = re.search(r"multiple values for (?:keyword )?argument '(\w+)'", str(error))
        if twice is None or twice[1] not in config or not is_own_code(kind):
            raise
        name, value = twice[1], f"{config[twice[1]]!r:.60}"
        raise ArgumentError(
            f"{kind.__name__}.__init__ says `{name}` itself, and its configuration has {name}="
            f"{value}, which comes in its **keywords once more. Write def __init__(self, {name}="
            f"{value}, **keywords) with super().__init__({name}={name}, **keywords); what is saved "
            "is read by that, too."
        ) from error


def same(one: Any, other: Any) -> bool:
    """Whether two arguments are one, or equal; arrays are not compared."""
    try:
        return one is other or bool(one == other)
    except ValueError:  # of arrays
        return False


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
            return own.from_config(config) if hasattr(own, "from_config") else own(**config)
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
    return written(thing)


def configured(thing: Any) -> str:
    """A thing with those of its arguments that are not the default: MaxNorm(max_value=3)."""
    defaults = inspect.signature(type(thing)).parameters
    shown = [
        f"{name}={value!r}"
        for name, value in thing.get_config().items()
        if name not in defaults or value != defaults[name].default
    ]
    return f"{type(thing).__name__}({', '.join(shown)})"
