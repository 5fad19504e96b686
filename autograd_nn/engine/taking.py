"""Single numbers that leave the graph, such as a position or a count, and where that was.

People count with them, index with them and use them as keys, so they are plain numbers. But a
program that is made afterwards would keep what was decided by them, so what they were taken from
remembers the line, and the program says it.
"""

from __future__ import annotations

import os
import sys
from types import CodeType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_nn.engine.mutation import Leaf
from autograd_nn.engine.operation import Operation

if TYPE_CHECKING:
    from autograd_nn.engine.tensor import Tensor

_OWN = (
    os.path.dirname(os.path.dirname(__file__)) + os.sep,
    os.path.dirname(np.__file__) + os.sep,
)
_is_own: dict[str, bool] = {}  # by the name of the file; a look-up takes a third of startswith

# More are not kept of one Tensor: these are enough to look for.
_KEPT = 8


class Taken(NamedTuple):
    """A number that was taken from a Tensor: how, where, and for a position what it was made by."""

    how: str
    number: Any
    operation: Operation | None
    attributes: dict[str, Any] | None
    code: CodeType | None  # None once it came back as an index: it is recorded then
    instruction: int

    def place(self) -> str:
        """File and line."""
        assert self.code is not None
        file = os.path.basename(self.code.co_filename)
        for start, end, line in self.code.co_lines():
            if start <= self.instruction < end:
                return f"{file}, line {line}"
        return file


def take(
    tensor: Tensor,
    how: str,
    number: Any = None,
    operation: Operation | None = None,
    attributes: dict[str, Any] | None = None,
) -> None:
    """Remember that a number was taken from a Tensor: on what it depends on, which lives on."""
    frame, _ = outside(sys._getframe(1))
    found = Taken(how, number, operation, attributes, frame.f_code, frame.f_lasti)
    stack = [tensor]
    while stack:
        source = stack.pop()
        if source.operation is not None and not source._requires_grad:
            stack += [x for x in source.inputs if type(x) is type(tensor)]
            continue
        leaf = source._leaf
        if leaf is None:
            source._leaf = Leaf(taken=[found])
        elif leaf.taken is None:
            leaf.taken = [found]
        elif len(leaf.taken) < _KEPT:
            leaf.taken.append(found)


def position_from(tensor: Tensor, number: Any) -> Taken | None:
    """What was taken from ``tensor`` and comes back as an index, the very same number."""
    leaf = tensor._leaf
    if leaf is None or leaf.taken is None:
        return None
    for place, found in enumerate(leaf.taken):
        if found.number is number and found.operation is not None:
            leaf.taken[place] = found._replace(code=None)
            return found
    return None


def taken_from(tensor: Tensor) -> list[Taken]:
    """What was taken from ``tensor`` and did not come back."""
    leaf = tensor._leaf
    return [x for x in leaf.taken or () if x.code is not None] if leaf is not None else []


def outside(frame: Any) -> tuple[Any, int]:
    """The first frame from this one upwards whose code is not ours, and how far it is."""
    steps = 0
    while True:
        file = frame.f_code.co_filename
        own = _is_own.get(file)
        if own is None:
            own = _is_own[file] = file.startswith(_OWN)
        if not own or frame.f_back is None:
            return frame, steps
        frame, steps = frame.f_back, steps + 1


def place() -> str:
    """File and line of the innermost code that is neither this package nor NumPy."""
    frame, _ = outside(sys._getframe(1))
    return f"{os.path.basename(frame.f_code.co_filename)}, line {frame.f_lineno}"
