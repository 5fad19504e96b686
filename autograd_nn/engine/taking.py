"""Single numbers that leave the graph, such as a position or a count, and where that was.

People count with them, index with them and use them as keys, so they are plain numbers. But a
program that is made afterwards would keep what was decided by them, so what they were taken from
remembers the line, and the program says it.
"""

from __future__ import annotations

import functools
import os
import sys
from types import CodeType, FrameType
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
_is_own: dict[str, bool] = {}  # by the name of the file; a look-up takes a third of startswith

# More are not kept of one Tensor, besides the newest: these are enough to look for.
_KEPT = 8
_BEHIND = 4

# Instructions after which a number is nowhere but where it was going.
_STRAIGHT = ("LOAD_", "BUILD_", "BINARY_", "CACHE", "NOP", "PUSH_NULL", "EXTENDED_ARG")

# So many operations on constants in a row are kept, and so many bytes of their results.
_DEEPEST, _LARGEST = 16, 1 << 23


class Taken:
    """A number that was taken from a Tensor: how, where, and for a position what it was made by."""

    __slots__ = ("attributes", "back", "code", "how", "instruction", "number", "of", "operation")

    def __init__(
        self,
        how: str,
        number: Any,
        operation: Operation | None,
        attributes: dict[str, Any] | None,
        of: int,
        frame: FrameType,
    ) -> None:
        self.how = how
        self.of = of  # the id of the Tensor; holding it would be a circle
        self.number = number
        self.operation = operation
        self.attributes = attributes
        self.code: CodeType = frame.f_code
        self.instruction = frame.f_lasti
        # The instruction of the same code by which it came back as an index: it is recorded then.
        self.back: int | None = None

    def place(self) -> str:
        """File and line."""
        file = os.path.basename(self.code.co_filename)
        for start, end, line in self.code.co_lines():
            if start <= self.instruction < end:
                return f"{file}, line {line}"
        return file

    def came_back(self, frame: FrameType) -> None:
        """It is an index of what it was taken from: by the instruction of ``frame``."""
        once = self.back is None and frame.f_code is self.code
        self.back = frame.f_lasti if once else -1

    def is_used_up(self) -> bool:
        """Whether it went straight into the brackets, as in ``z[np.argmax(z)]``.

        One that was given a name may have decided something else too, that nobody saw.
        """
        return self.back is not None and _goes_straight(self.code, self.instruction, self.back)


@functools.lru_cache(maxsize=1024)
def _goes_straight(code: CodeType, start: int, end: int) -> bool:
    import dis

    return start < end and all(
        x.opname.startswith(_STRAIGHT) for x in dis.get_instructions(code) if start < x.offset < end
    )


def take(
    tensor: Tensor,
    how: str,
    number: Any = None,
    operation: Operation | None = None,
    attributes: dict[str, Any] | None = None,
) -> None:
    """Remember that a number was taken from a Tensor: on what it depends on, which lives on.

    That is the Tensor, a few nodes behind it, which may live on when it does not, and the leaves
    that it shows a part of.
    """
    frame, _ = outside(sys._getframe(1))
    found = Taken(how, number, operation, attributes, id(tensor), frame)
    todo = [(tensor, True)]
    for source, is_part in todo:
        leaf = source._leaf
        if leaf is not None and leaf.made_by is not None:
            inputs = leaf.made_by[1]
        else:
            inputs = source.inputs
            if source.operation is None and is_part:
                _keep(source, found)
            elif source._requires_grad and source.operation is not None:
                _keep(source, found)
                is_part = is_part and getattr(source._data, "base", None) is not None
        if len(todo) < _BEHIND:
            todo += [(x, is_part) for x in inputs if type(x) is type(tensor)]


def _keep(source: Tensor, found: Taken) -> None:
    leaf = source._leaf
    if leaf is None:
        source._leaf = Leaf(taken=[found])
    elif leaf.taken is None:
        leaf.taken = [found]
    else:
        if len(leaf.taken) >= _KEPT:
            leaf.taken[:] = [x for x in leaf.taken if not x.is_used_up()][: _KEPT - 1]
        leaf.taken.append(found)


def remember_how(
    constant: Tensor,
    operation: Operation,
    inputs: tuple[Any, ...],
    attributes: dict[str, Any] | None,
) -> None:
    """Keep what a constant was computed by, so that a program can do it with other inputs.

    Not for ever: a mean that runs on would keep all that it was computed from. Where it ends, that
    is said like a number that was taken.
    """
    depth = 1
    for x in inputs:
        if type(x) is type(constant) and x._leaf is not None and x._leaf.made_by is not None:
            depth = max(depth, 1 + x._leaf.made_by[3])
    if depth > _DEEPEST or depth * constant._data.nbytes > _LARGEST:
        for x in inputs:
            if type(x) is type(constant):
                take(x, operation.name)
    else:
        constant._leaf = Leaf(made_by=(operation, inputs, attributes, depth))


def position_from(tensor: Tensor, number: Any) -> Taken | None:
    """What was taken from ``tensor`` and comes back as an index, the very same number."""
    leaf = tensor._leaf
    for found in leaf.taken or () if leaf is not None else ():
        # Of a Tensor behind that one it is no position.
        if found.number is number and found.of == id(tensor) and found.operation is not None:
            found.came_back(outside(sys._getframe(1))[0])
            return found
    return None


def taken_from(tensor: Tensor) -> list[Taken]:
    """What was taken from ``tensor`` and may have decided something."""
    leaf = tensor._leaf
    return [x for x in leaf.taken or () if not x.is_used_up()] if leaf is not None else []


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
