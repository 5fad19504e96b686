"""The user's own code in a training step, and whether it says that a program may stand for it."""

from __future__ import annotations

import itertools
import sys
import types
from collections.abc import Iterator
from typing import Any, TypeVar

from autograd_nn.engine.errors import ArgumentTypeError, StateError
from autograd_nn.engine.operation import Operation
from autograd_nn.layers.layer import Layer
from autograd_nn.layers.weights import inside

Thing = TypeVar("Thing")


def replayable(thing: Thing) -> Thing:
    """Promise of a function, or a class, that a program may stand for it.

    ``fit`` runs a layer, a loss or an activation of your own as it is written. With this above it,
    or with ``replayable = True`` in a class, it is recorded twice and from then on replayed by a
    program, several times faster. The promise is that its result depends on its inputs, on weights,
    arrays and Tensors that it uses directly, and on settings that are plain attributes of its own.
    What plain NumPy computes from arrays inside of it is a constant of the program, and so is a
    number that comes by no name: from a file, a clock, a cache. What it does beside its result is
    not done again.

    Returns      the same thing
    Raises       ArgumentTypeError for what cannot bear the mark

    >>> from autograd_nn import replayable
    >>> @replayable
    ... def fourth_power(y_true, y_pred):
    ...     return ((y_true - y_pred) ** 4).mean(axis=-1)
    >>> fourth_power.replayable
    True
    """
    marked: Any = thing.value if isinstance(thing, Operation) else thing
    try:
        marked.replayable = True
    except (AttributeError, TypeError):
        raise ArgumentTypeError(
            f"replayable takes a function or a class of your own, got {thing!r}, which cannot be "
            "marked. Write replayable = True in its class, or put it into a function of your own."
        ) from None
    return thing


class Own:
    """Code that is not the library's: who runs it, what it is, and the line that declares it."""

    def __init__(self, who: str, code: Any, line: str) -> None:
        self.who = who
        self.code = code
        self.line = line

    @property
    def is_declared(self) -> bool:
        """Whether it says that it can be replayed."""
        code = self.code.value if isinstance(self.code, Operation) else self.code
        return getattr(code, "replayable", False) is True


def own_code(model: Layer, loss: Any, optimizer: Any) -> tuple[list[Own], list[Own]]:
    """What of the user's own computes the loss in a step, and what updates the weights: the rule of
    the optimizer, and constraints."""
    computes: list[Own] = []
    updates: list[Own] = []
    for layer, _ in inside(model):
        computes += _of(layer, f"layer {layer.name!r}")
        for weight in layer._own_weights:
            name = weight.tensor.name
            computes += _of_rule(weight.regularizer, f"the regularizer of {name!r}")
            updates += _of_rule(weight.constraint, f"the constraint of {name!r}")
    for one in parts_of(loss):
        computes += _of(one, f"the loss {one.name!r}")
    updates += [own for own in _of(optimizer, "the optimizer") if own.code is type(optimizer)]
    return computes, updates


def way_to_declare(undeclared: list[Own]) -> str:
    """What to say of code that is run as it is written, and might say that it is replayable."""
    who = ", ".join(own.who for own in undeclared)
    lines = "; ".join(dict.fromkeys(own.line for own in undeclared))
    return (
        f"{who}: code of your own is run as it is written. There is a faster way, where its "
        "result depends on its inputs, on weights, arrays and Tensors that it uses directly, "
        f"and on plain attributes of its own: write {lines}. "
        "compile(…, run_eagerly=True) says that it is wanted as it is."
    )


def broken_promise(own: list[Own], is_compiled: bool, reason: str) -> StateError:
    """What to answer where code that is said to be replayable cannot be replayed."""
    how = "jit_compile=True" if is_compiled else "replayable = True"
    return StateError(
        f"{how} is said of {', '.join(one.who for one in own)}, but a program cannot repeat what "
        f"is computed. {reason} Without {how} it is run as it is written."
    )


def parts_of(loss: Any) -> list[Any]:
    """A loss, or every one of several outputs."""
    return [one for one in getattr(loss, "losses", [loss]) if one is not None]


def has_own_code(owner: Any) -> bool:
    """Whether code of the user's own is in it: its class, or a function that it holds."""
    return any(True for _ in _of(owner, ""))


def own_functions(code: Any) -> Iterator[types.FunctionType]:
    """The functions of the user in a class or in something that can be called."""
    if isinstance(code, type):
        for kind in own_classes(code):
            for value in vars(kind).values():
                if isinstance(value, (staticmethod, classmethod)):
                    value = value.__func__
                if isinstance(value, types.FunctionType) and not _is_of_a_library(value):
                    yield value
    elif isinstance(code, Operation):
        rules = code.gradients if isinstance(code.gradients, tuple) else (code.gradients,)
        for function in (code.value, *rules):
            yield from own_functions(function) if function is not None else ()
    elif isinstance(code, types.FunctionType):
        if not _is_of_a_library(code):
            yield code
    elif isinstance(code, types.MethodType):
        yield from own_functions(code.__func__)
    else:
        yield from own_functions(type(code))


def own_classes(kind: type) -> list[type]:
    """The classes of the user among those of a kind."""
    return list(itertools.filterfalse(_is_of_a_library, kind.__mro__))


def _of(owner: Any, who: str) -> Iterator[Own]:
    kind = type(owner)
    if any(map(_has_methods, own_classes(kind))):
        yield Own(f"{who} (class {kind.__name__})", kind, f"replayable = True in {kind.__name__}")
    for key, value in vars(owner).items():
        if callable(value) and not isinstance(value, (Layer, type)) and not _is_of_weights(key):
            yield from _of_function(value, who)


def _of_function(value: Any, who: str) -> Iterator[Own]:
    if isinstance(value, Operation):
        if any(own_functions(value)):
            yield Own(f"{who} (`{value.name}`)", value, f"replayable({value.name})")
    elif not _is_of_a_library(value):
        name = getattr(value, "__name__", type(value).__name__)
        line = f"@replayable above {name}"
        if name == "<lambda>" or not isinstance(value, (types.FunctionType, types.MethodType)):
            line = f"replayable({name.strip('<>')} …)"
        yield Own(f"{who} (`{name}`)", value, line)


def _of_rule(rule: Any, who: str) -> Iterator[Own]:
    """Of a regularizer or a constraint, which is a function or an object that is called."""
    if rule is None or _is_of_a_library(rule):
        return
    if isinstance(rule, (types.FunctionType, types.MethodType, types.BuiltinFunctionType)):
        yield from _of_function(rule, who)
    else:
        kind = type(rule)
        yield Own(f"{who} (class {kind.__name__})", rule, f"replayable = True in {kind.__name__}")


def _is_of_weights(attribute: str) -> bool:
    """Whether a layer names a rule there that its weights have, or that made them."""
    if attribute == "activity_regularizer":
        return False
    return attribute.endswith(("initializer", "regularizer", "constraint"))


def _has_methods(kind: type) -> bool:
    """Whether a class says what a step does, and not only how to make and to save its objects."""
    return any(
        name not in _AROUND and (callable(value) or hasattr(value, "__get__"))
        for name, value in vars(kind).items()
    )


# What is not run by a step.
_AROUND = frozenset([
    "__init__", "__repr__", "__str__", "__dict__", "__weakref__", "__init_subclass__",
    "build", "compute_output_shape", "get_config", "from_config",
])  # fmt: skip

_LIBRARIES = frozenset(["autograd_nn", "numpy", "builtins", "operator", "abc", "typing"])


def _is_of_a_library(thing: Any) -> bool:
    module = str(getattr(thing, "__module__", None) or type(thing).__module__)
    if module.partition(".")[0] not in _LIBRARIES:
        return False
    # What exec defines without a name of its own says that it is of `builtins`.
    return not isinstance(thing, types.FunctionType) or (
        thing.__globals__ is getattr(sys.modules.get(module), "__dict__", None)
    )
