"""Recorded graphs as programs: all that other packages know of them.

What takes long to import is behind functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from autograd_nn.program.calls import (
    ASSEMBLED,
    ASTYPE,
    COPY,
    DOT,
    ELEMENTWISE,
    PRODUCTS,
    REDUCTIONS,
    UFUNCS,
    VIEWS,
    Function,
    T,
    join,
    label,
    run,
    with_ones_column,
    zero_where_equal,
)
from autograd_nn.program.capture.compiled_function import compiled
from autograd_nn.program.capture.recorder import Recorder, Recording, difference
from autograd_nn.program.memory import Memory
from autograd_nn.program.program import Program
from autograd_nn.program.refusals import NotTraceable, Unreached
from autograd_nn.program.values import Instruction, Instructions, Value

if TYPE_CHECKING:
    from autograd_nn.program.planning.planner import ManySteps as ManySteps
    from autograd_nn.program.planning.planner import Plan as Plan
    from autograd_nn.program.source.spelling import Names as Names

__all__ = [
    "ASSEMBLED",
    "ASTYPE",
    "COPY",
    "DOT",
    "ELEMENTWISE",
    "PRODUCTS",
    "REDUCTIONS",
    "UFUNCS",
    "VIEWS",
    "Function",
    "Instruction",
    "Instructions",
    "Memory",
    "NotTraceable",
    "Program",
    "Recorder",
    "Recording",
    "T",
    "Unreached",
    "Value",
    "are_same",
    "bindings",
    "compiled",
    "difference",
    "is_of_others",
    "join",
    "label",
    "names_but",
    "plan",
    "run",
    "with_ones_column",
    "zero_where_equal",
]


def plan(*given: Any, **options: Any) -> Plan:
    """The fast program of a recorded graph; see `planning.planner`."""
    from autograd_nn.program.planning import planner

    return planner.plan(*given, **options)


def names_but(taken: Iterable[str]) -> Names:
    """A readable identifier for every Value, none of them among those that are taken."""
    from autograd_nn.program.source.spelling import Names as Names

    return Names(taken)


def bindings(f: Callable[..., Any]) -> list[Any]:
    """The names by which a function reaches what is not given to it, and what they mean."""
    from autograd_nn.program.capture import bindings

    return bindings.bindings(f, ())


def are_same(known: list[Any]) -> bool:
    """Whether every one of these names means what it meant."""
    from autograd_nn.program.capture import bindings

    return bindings.are_same(known)


def is_of_others(thing: Any) -> bool:
    """Whether a module, class or function is not of the user's own program."""
    from autograd_nn.program.capture import bindings

    return bindings.is_of_others(thing)
