"""The recording switch, and the layer in whose scope an operation is recorded."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Any

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.observing import noted

# One variable answers both questions with one look-up on the hot path: None means that nothing is
# recorded, a string is the path of the layers around ("" outside every layer).
# It belongs to the thread and to the asyncio task; a new thread starts with the default.
current_scope: ContextVar[str | None] = ContextVar("autograd_nn_scope", default="")
# A variable that was set is read faster than one that falls back to its default (10 against 25 ns).
current_scope.set("")

# Inside, results of one number that want no gradient are recorded like all others: a rule that is
# differentiated again must not decide by them.
numbers_recorded: ContextVar[bool] = ContextVar("autograd_nn_numbers", default=False)
numbers_recorded.set(False)

# Inside, a value that leaves the graph would spoil a gradient: a transform, a compiled function, a
# loss. (Inside of a layer the scope says so.)
value_needed: ContextVar[bool] = ContextVar("autograd_nn_value_needed", default=False)
value_needed.set(False)


# Inside, results and gradients are looked at as they are made: see anomalies.py.
anomalies_sought: ContextVar[bool] = ContextVar("autograd_nn_anomalies", default=False)


class switched:
    """One of the three above, on or off."""

    __slots__ = ("_token", "_value", "_variable")

    def __init__(self, variable: ContextVar[bool], value: bool = True) -> None:
        self._variable = variable
        self._value = value

    def __enter__(self) -> None:
        self._token = self._variable.set(self._value)

    def __exit__(self, *_: object) -> None:
        self._variable.reset(self._token)


def recording() -> bool:
    """Whether operations are recorded at this place (False inside ``no_grad``)."""
    return current_scope.get() is not None


class no_grad:
    """Compute without recording: for updates of parameters and for predictions.

    A context manager and a decorator, also of generators and coroutines. The switch belongs to the
    thread and to the asyncio task, and is restored after an exception. A ``with`` around a
    ``yield`` switches the caller too: decorate the generator instead.

    Example

    >>> from autograd_nn import Tensor, no_grad
    >>> w = Tensor(1.0)
    >>> with no_grad():
    ...     y = w * 2
    >>> y.requires_grad
    False
    """

    __slots__ = ("_tokens",)

    def __init__(self, function: Any = None) -> None:
        self._tokens: list[Token[str | None]] = []
        if function is not None:
            raise not_called("no_grad", function)

    def __enter__(self) -> None:
        noted("no_grad()")  # what is computed in here leaves the graph
        self._tokens.append(current_scope.set(None))

    def __exit__(self, *_: object) -> None:
        current_scope.reset(self._tokens.pop())

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return switched_on(function, no_grad)


def not_called(name: str, given: Any) -> ArgumentTypeError:
    """The error for a decorator without its brackets."""
    return ArgumentTypeError(
        f"{name} takes no argument, got {type(given).__name__}. Write @{name}() above a function, "
        f"or `with {name}():`."
    )


def switched_on(function: Callable[..., Any], switch: Any) -> Callable[..., Any]:
    """``function`` that runs inside of ``switch()``; also a generator and a coroutine."""
    flags = getattr(getattr(function, "__code__", None), "co_flags", 0)

    @functools.wraps(function)
    def call(*args: Any, **keywords: Any) -> Any:
        with switch():
            return function(*args, **keywords)

    @functools.wraps(function)
    async def coroutine(*args: Any, **keywords: Any) -> Any:
        with switch():
            return await function(*args, **keywords)

    @functools.wraps(function)
    def generator(*args: Any, **keywords: Any) -> Any:
        steps = function(*args, **keywords)
        go_on: Callable[[], Any] = functools.partial(next, steps)
        while True:
            try:
                with switch():
                    item = go_on()
            except StopIteration as end:
                return end.value
            try:
                go_on = functools.partial(steps.send, (yield item))
            except BaseException as error:
                go_on = functools.partial(steps.throw, error)

    return generator if flags & _GENERATOR else coroutine if flags & _COROUTINE else call


# Of `inspect`, which would double the time of importing this library.
_GENERATOR, _COROUTINE = 0x20, 0x80


class recorded:
    """Record, also inside ``no_grad``: what the transforms need."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token = current_scope.set(current_scope.get() or "")

    def __exit__(self, *_: object) -> None:
        current_scope.reset(self._token)


class scope:
    """Give what is recorded inside a name in pictures, as a layer gives its own; scopes nest.

    Parameters   name: a text, such as "head 1"; "block/head 1" is one scope in another
    Raises       ArgumentError for what is no such text, and for the name of a call, such as "f()"

    Example

    >>> from autograd_nn import Tensor, scope
    >>> x = Tensor(2.0)
    >>> with scope("block"), scope("square"):
    ...     y = x * x
    >>> y.scope
    'block/square'
    """

    __slots__ = ("entered", "name")

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not name or name.endswith("()"):
            raise ArgumentError(
                "scope takes a name for what is recorded inside, such as 'head 1', got "
                f"{name!r:.80}. A name that ends in () is that of a call."
            )
        self.name = name
        self.entered: Any = None  # (token, what was entered before), for one that is in itself

    def __enter__(self) -> None:
        around = current_scope.get()
        if around is None:
            inner = None
        elif around:
            inner = f"{around}/{self.name}"
        else:
            inner = self.name
        self.entered = (current_scope.set(inner), self.entered)

    def __exit__(self, *_: object) -> None:
        token, self.entered = self.entered
        current_scope.reset(token)
