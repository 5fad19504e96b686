"""What leaves the graph, such as a position, a count or a text, and where that was.

People count with numbers, index with them and use them as keys, so they are plain. But a program
that is made afterwards would keep what was decided by them, so what they were taken from remembers
the line, and the program says it.
"""

from __future__ import annotations

import functools
import os
import re
import sys
import warnings
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.engine.mutation import Leaf, changed_after, clock
from autograd_nn.engine.observing import noted
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.recording import current_scope

if TYPE_CHECKING:
    from autograd_nn.engine.tensor import Tensor

_OWN = (
    os.path.dirname(os.path.dirname(__file__)) + os.sep,
    os.path.dirname(np.__file__) + os.sep,
)
_is_own: dict[str, bool] = {}  # by the name of the file; a look-up takes a third of startswith

# The standard library looks in the name of who calls it, as a sort does. Some of it, and of what is
# installed, looks in order to show: what a debugger, a notebook, a log, or a test that fails tells.
_STANDARD = os.path.dirname(os.__file__) + os.sep
_SHOWS_STANDARD = re.compile(
    r"/(logging|pdb|bdb|cmd|code|codeop|doctest|unittest|traceback|_pyrepl)(/|\.py$)"
)
_SHOWS = re.compile(
    r"-packages/(IPython|ipykernel|_pytest|rich|loguru)/|/(debugpy|pydev|_pydevd?_bundle)/"
)
_OF_TEXT = frozenset(["__repr__", "__str__", "__format__"])
_passed_by: dict[str, tuple[bool, bool]] = {}

LENGTH, TEXT, FAILURE = "its length", "its text", "that it fails: "

# Of so many lines it is kept what they took from one Tensor, the newest of each; and so many nodes
# behind it are looked through for the leaves that it depends on.
_KEPT = 64
_BEHIND = 16
_BEHIND_CONSTANTS = 256  # which are in no graph where that would be found
_CALLERS = 3

# Operations of which the values decide how long the result is, beside the choice by a mask.
CHOOSING = {"first_places"}

# Instructions after which a number is nowhere but where it was going.
_STRAIGHT = ("LOAD_", "BUILD_", "BINARY_", "CACHE", "NOP", "PUSH_NULL", "EXTENDED_ARG")

# So many operations on constants in a row are kept, and so many bytes of their results.
_DEEPEST, _LARGEST = 16, 1 << 23


# A code and the instruction in it that is under way.
Place = tuple[CodeType, int]


class Taken:
    """What was taken from a Tensor: how, where, and for a position what it was made by."""

    __slots__ = (
        *("attributes", "back", "how", "number", "of", "operation", "places", "repeated", "said"),
        "time",
    )

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
        # The innermost first, of the callers a few.
        self.places: list[Place] = [(frame.f_code, frame.f_lasti)]
        around = frame.f_back
        while around is not None and len(self.places) <= _CALLERS:
            self.places.append((around.f_code, around.f_lasti))
            around = around.f_back
        # The instruction of the same code by which it came back as an index: it is recorded then.
        self.back: int | None = None
        clock.now += 1  # what is recorded from now on may depend on it
        self.time = clock.now
        self.said = False
        self.repeated = False  # at the same line something was taken before

    def place(self) -> str:
        """File and line."""
        code, instruction = self.places[0]
        file = os.path.basename(code.co_filename)
        for start, end, line in code.co_lines():
            if start <= instruction < end:
                return f"{file}, line {line}"
        return file

    def came_back(self, frame: FrameType) -> None:
        """It is an index of what it was taken from: by the instruction of ``frame``."""
        once = self.back is None and frame.f_code is self.places[0][0]
        self.back = frame.f_lasti if once else -1

    def is_used_up(self) -> bool:
        """Whether it went straight into the brackets, as in ``z[np.argmax(z)]``.

        One that was given a name may have decided something else too, that nobody saw.
        """
        return self.back is not None and _goes_straight(*self.places[0], self.back)


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
    """Remember that something was taken: on the Tensor, and on the leaves that it depends on.

    The Tensor may not live on. Of leaves far behind it those are found that are nearest, and the
    nodes where the search ended; when a leaf is changed, it forgets what was taken before.
    """
    around = sys._getframe(1)
    frame, is_shown = _of_user(around)
    if is_shown:
        return
    found = Taken(how, number, operation, attributes, id(tensor), frame or outside(around)[0])
    kind = type(tensor)
    nodes, has_leaves = [tensor], False
    seen = {tensor}
    for place, source in enumerate(nodes):
        leaf = source._leaf
        behind = _BEHIND if source.operation is not None else _BEHIND_CONSTANTS
        made_by = leaf.made_by if leaf is not None else None
        inputs = source.inputs if made_by is None else made_by[1]
        is_leaf = source.operation is None and made_by is None
        has_leaves = has_leaves or is_leaf
        if is_leaf or place == 0:
            _keep(source, found)
        if place >= behind and has_leaves:
            for end in nodes[place:]:
                _keep(end, found)
            return
        for x in inputs:
            if type(x) is kind and x not in seen:
                seen.add(x)
                nodes.append(x)


class Lengths:
    """Whether values ever decided how long something is: few programs choose elements by a mask,
    and for the others a look at a shape costs nothing."""

    __slots__ = ("were_decided",)

    def __init__(self) -> None:
        self.were_decided = False


lengths = Lengths()


def look_at_length(tensor: Tensor, asking: Any) -> None:
    """The frame ``asking`` asks for the shape of a Tensor. Where values decided it, it is taken
    from what chose the elements. This library asks all the time, which decides nothing."""
    if is_own(asking) or current_scope.get() is None:
        return
    for choice in _choices_behind(tensor):
        if not noted(LENGTH):
            take(choice, LENGTH)


def look_at_failure(name: str, inputs: tuple[Any, ...]) -> None:
    """An operation of this name has no result for these numbers. Where its error is caught, that
    decides what is computed next."""
    if not noted(f"that {name} fails") and current_scope.get() is not None:
        for x in inputs:
            if hasattr(x, "_leaf"):
                take(x, FAILURE + name)


def _choices_behind(tensor: Tensor) -> list[Tensor]:
    """The masks, and their like, that decided how long a Tensor is."""
    kind = type(tensor)
    found: dict[Tensor, None] = {}
    nodes, seen = [tensor], {tensor}
    for node in nodes:
        leaf = node._leaf
        if leaf is not None and leaf.choices is not None:
            found |= dict.fromkeys(leaf.choices)
            continue
        made_by = leaf.made_by if leaf is not None else None
        operation, inputs = (node.operation, node.inputs) if made_by is None else made_by[:2]
        if operation is None:
            continue
        tensors = [x for x in inputs if type(x) is kind]
        if operation.name == "getitem":
            # A mask that is an array is read where it lives, and what it decides is nobody's value.
            masks = [x for x in inputs[1:] if type(x) is kind and x.dtype.kind == "b"]
            found |= dict.fromkeys(x for x in masks if not _is_copy(x))
        elif operation.name in CHOOSING:
            found |= dict.fromkeys(tensors)
        for x in tensors:
            # A number has no length; of an operation with several results all have.
            if x not in seen and (type(x._data) is tuple or x.ndim):
                seen.add(x)
                nodes.append(x)
    if tensor.operation is not None:
        # In a loop that asks each time, all is walked once.
        if tensor._leaf is None:
            tensor._leaf = Leaf()
        tensor._leaf.choices = tuple(found)
    return list(found)


def _is_copy(tensor: Tensor) -> bool:
    return tensor._leaf is not None and tensor._leaf.source is not None


def _keep(source: Tensor, found: Taken) -> None:
    leaf = source._leaf
    if leaf is None:
        source._leaf = leaf = Leaf()
    code, instruction = found.places[0]
    taken, place = leaf.taken, (id(code), instruction)  # to hash a code takes 1 µs
    if taken is None:
        leaf.taken = {place: found}
        return
    if taken.pop(place, None) is not None:
        found.repeated = True
    if len(taken) >= _KEPT:
        # Another thread may keep something here as well.
        taken.pop(next(iter(list(taken))), None)
    taken[place] = found


def remember_how(
    result: Any,
    operation: Operation,
    inputs: tuple[Any, ...],
    attributes: dict[str, Any] | None,
    index: int | None,
) -> None:
    """Keep what a result that is not recorded was computed by: of a number where it was taken, of
    a constant the operation, so that a program can do it with other inputs.

    Not for ever: a mean that runs on would keep all that it was computed from. Where it ends, that
    is said like a number that was taken.
    """
    tensors = [x for x in inputs if hasattr(x, "_leaf")]
    if isinstance(result, np.generic):
        made_by = operation if len(inputs) == 1 and index is None else None
        for x in tensors:
            take(x, operation.name, result, made_by, attributes)
        return
    depth = 1 + max(x._leaf.made_by[4] if x._leaf and x._leaf.made_by else 0 for x in tensors)
    if depth <= _DEEPEST and depth * result._data.nbytes <= _LARGEST:
        result._leaf = Leaf(made_by=(operation, inputs, attributes, index, depth))
        return
    for x in tensors:
        take(x, operation.name)


def position_from(tensor: Tensor, number: Any) -> Taken | None:
    """What was taken from ``tensor`` and comes back as an index, the very same number."""
    leaf = tensor._leaf if tensor._requires_grad or tensor.operation is not None else None
    for found in list((leaf.taken or {}).values()) if leaf is not None else ():
        # Of a Tensor behind that one it is no position.
        if found.number is number and found.of == id(tensor) and found.operation is not None:
            around = sys._getframe(1)
            found.came_back(_of_user(around)[0] or outside(around)[0])
            return found
    return None


def taken_from(tensor: Tensor, before: Tensor) -> list[Taken]:
    """What was taken from ``tensor`` as its data are, before ``before`` was recorded."""
    leaf = tensor._leaf
    return [
        x
        for x in list((leaf.taken or {}).values() if leaf is not None else ())
        if x.time <= before._clock
        and not x.is_used_up()
        and not (tensor.operation is None and changed_after(tensor, x.time))
    ]


def _of_user(frame: Any) -> tuple[Any, bool]:
    """The first frame from this one upwards that is not ours, NumPy's or of the standard library,
    and makes no text of an object; None where there is none. And whether something that shows
    values to people is in between."""
    is_shown = False
    while frame is not None:
        file = frame.f_code.co_filename
        passed = _passed_by.get(file)
        if passed is None:
            is_standard = file.startswith(_STANDARD) and "-packages" not in file
            of = _SHOWS_STANDARD.match if is_standard else _SHOWS.search
            place = file.removeprefix(_STANDARD[:-1]) if is_standard else file
            shows = of(place.replace(os.sep, "/")) is not None
            passed = _passed_by[file] = shows or is_standard or file.startswith(_OWN), shows
        if not passed[0] and frame.f_code.co_name not in _OF_TEXT:
            return frame, is_shown
        is_shown = is_shown or passed[1]
        frame = frame.f_back
    return None, is_shown


def is_own(frame: Any) -> bool:
    """Whether code of this package or of NumPy runs there."""
    file = frame.f_code.co_filename
    own = _is_own.get(file)
    if own is None:
        own = _is_own[file] = file.startswith(_OWN)
    return own


def outside(frame: Any) -> tuple[Any, int]:
    """The first frame from this one upwards whose code is not ours, and how far it is."""
    steps = 0
    while True:
        if not is_own(frame) or frame.f_back is None:
            return frame, steps
        frame, steps = frame.f_back, steps + 1


def is_installed(file: str) -> bool:
    """Whether a file belongs to Python, or was installed."""
    in_packages = "site-packages" in file or "dist-packages" in file
    return in_packages or file.startswith((_STANDARD, "<frozen"))


def warn_outside(text: str, category: type[Warning] = UserWarning) -> None:
    """A warning at the innermost line of code that is neither this package nor NumPy."""
    warnings.warn(text, category, stacklevel=1 + outside(sys._getframe())[1])


def place() -> str:
    """File and line of the innermost code that is neither this package nor NumPy."""
    frame, _ = outside(sys._getframe(1))
    return f"{os.path.basename(frame.f_code.co_filename)}, line {frame.f_lineno}"
