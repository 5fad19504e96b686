"""Functions of NumPy that are written with operations: what one call records is a group."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

from autograd_nn.engine.operation import OF_NUMPY
from autograd_nn.engine.recording import current_scope, numbers_recorded, switched

# How the name of such a group ends, and of no layer.
CALLED = "()"


def is_call(scope: str) -> bool:
    """Whether the innermost of a scope is a call of such a function, and no layer."""
    return scope.endswith(CALLED)


def in_words(scope: str) -> str:
    """Where something was recorded: ``layer 'dense'``, ``var()``, ``var() in layer 'dense'``."""
    if not is_call(scope):
        return f"layer {scope!r}"
    layer, _, name = scope.rpartition("/")
    return f"{name} in layer {layer!r}" if layer else name


@contextlib.contextmanager
def grouped(name: str) -> Iterator[None]:
    """Give the nodes recorded inside the scope ``"name()"``.

    Each call makes that text anew, so a picture tells two calls apart by its identity. Inside of
    such a group no other begins: a picture shows what the user wrote. Single numbers are recorded
    inside, too, so that programs compute anew what a function decides by.
    """
    around = current_scope.get()
    if around is None or is_call(around):
        yield
        return
    token = current_scope.set(f"{around}/{name}{CALLED}" if around else f"{name}{CALLED}")
    try:
        with switched(numbers_recorded):
            yield
    finally:
        current_scope.reset(token)


def composed(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A decorator: what these functions of NumPy do with Tensors, grouped by the first's name."""

    def enter(written: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(written)
        def call(*args: Any, **keywords: Any) -> Any:
            with grouped(functions[0].__name__):
                return written(*args, **keywords)

        for function in functions:
            OF_NUMPY.setdefault(function, call)  # a user's own operation for it stays
        return call

    return enter
