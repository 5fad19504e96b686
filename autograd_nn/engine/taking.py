"""Single numbers that leave the graph, such as a position or a count, and where that was.

People count with them, index with them and use them as keys, so they are plain numbers. But a
program that is made afterwards would keep what was decided by them, so what they were taken from
remembers the line, and the program says it.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.engine.mutation import Leaf
from autograd_nn.engine.operation import Operation

if TYPE_CHECKING:
    from autograd_nn.engine.tensor import Tensor

_OWN = (
    os.path.dirname(os.path.dirname(__file__)) + os.sep,
    os.path.dirname(np.__file__) + os.sep,
)

# More are not kept of one Tensor: these are enough to look for.
_KEPT = 8


class Taken:
    """A number that was taken from a Tensor: how, where, and for a position what it was made by."""

    operation: Any
    __slots__ = ("attributes", "code", "how", "is_recorded", "line", "number", "operation")

    def __init__(
        self, how: str, number: Any, operation: Operation | None, attributes: dict[str, Any] | None
    ) -> None:
        frame, _ = outside(sys._getframe(2))
        self.code, self.line = frame.f_code, frame.f_lineno
        self.how = how
        self.number = number
        self.operation = operation
        self.attributes = attributes
        # Whether it came back as an index: then it is computed anew.
        self.is_recorded = False

    def place(self) -> str:
        """File and line."""
        return f"{os.path.basename(self.code.co_filename)}, line {self.line}"


def take(
    tensor: Tensor,
    how: str,
    number: Any = None,
    operation: Operation | None = None,
    attributes: dict[str, Any] | None = None,
) -> None:
    """Remember that a number was taken from a Tensor: on what it depends on, which lives on."""
    found = Taken(how, number, operation, attributes)
    stack = [tensor]
    while stack:
        source = stack.pop()
        if source.operation is not None and not source._requires_grad:
            stack += [x for x in source.inputs if type(x) is type(tensor)]
            continue
        leaf = source._leaf
        if leaf is None:
            leaf = source._leaf = Leaf()
        if leaf.taken is None:
            leaf.taken = []
        if len(leaf.taken) == _KEPT:
            leaf.taken[:] = [one for one in leaf.taken if not one.is_recorded]
        if len(leaf.taken) < _KEPT:
            leaf.taken.append(found)


def position_from(tensor: Tensor, number: Any) -> Taken | None:
    """What was taken from ``tensor`` and comes back as an index: the very same number."""
    leaf = tensor._leaf
    for found in (leaf.taken or ()) if leaf is not None else ():
        if found.number is number and found.operation is not None:
            return found
    return None


def taken_from(tensor: Tensor) -> list[Taken]:
    """What was taken from ``tensor`` and did not come back."""
    leaf = tensor._leaf
    return [x for x in (leaf.taken or ()) if not x.is_recorded] if leaf is not None else []


def outside(frame: Any) -> tuple[Any, int]:
    """The first frame from this one upwards whose code is not ours, and how far it is."""
    steps = 0
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_OWN):
        frame, steps = frame.f_back, steps + 1
    return frame, steps


def place() -> str:
    """File and line of the innermost code that is neither this package nor NumPy."""
    frame, _ = outside(sys._getframe(1))
    return f"{os.path.basename(frame.f_code.co_filename)}, line {frame.f_lineno}"
