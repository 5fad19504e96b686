"""Value and Instruction: a program is a list of steps in which every value is made once."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, final

import numpy as np

from autograd_nn.program.calls import Function

FORWARD, BACKWARD, UPDATE = "forward", "backward", "update"


@final
class Value:
    """An array, a NumPy scalar or a Python number that a program reads or makes.

    ``role`` says where it comes from: "input" is given with every call; "parameter" and "state"
    are arrays that live on from call to call; "setting" is a number given with every call, such
    as a learning rate; "array" is one of the user's, read where it lives; "constant" never changes;
    "temporary" is made by a step.

    ``named``: the name is one that a reader knows, of a Tensor, a layer or a gradient, and not
    merely that of the function. ``place``: of an input, among those that a call gives.
    """

    __slots__ = ("data", "dtype", "kind", "name", "named", "place", "role", "shape")

    def __init__(
        self,
        name: str,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        kind: str,
        role: str = "temporary",
        data: Any = None,
        named: bool = False,
    ) -> None:
        self.name = name
        self.shape = shape
        self.dtype = dtype
        # "array", "scalar" (of NumPy), "number" (of Python), "tuple", "generator", "object"
        self.kind = kind
        self.role = role
        # Of a constant its content; of an input that is made of another before a call, that step.
        self.data = data
        self.named = named
        self.place: float = math.inf

    def __repr__(self) -> str:
        return f"<Value {self.name}, {self.role} {self.kind} of shape {self.shape}>"

    def call(self, name: str) -> None:
        """Give it a name that a reader knows."""
        self.name = name
        self.named = True

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """The bytes that its content takes."""
        return self.size * self.dtype.itemsize


@final
class Instruction:
    """One call: ``output = function(*inputs, **attributes)``.

    ``function`` is one of `calls.py`, or an Operation that is called as a whole. Among ``inputs``
    and ``attributes`` are Values and what is written as it stands: numbers, None, slices, tuples.
    """

    __slots__ = ("attributes", "function", "inputs", "output", "phase", "scope")

    def __init__(
        self,
        function: Function,
        inputs: tuple[Any, ...],
        attributes: dict[str, Any],
        output: Value,
        phase: str = FORWARD,
        scope: str = "",
    ) -> None:
        self.function = function
        self.inputs = inputs
        self.attributes = attributes
        self.output = output
        self.phase = phase
        self.scope = scope

    def read(self) -> list[Value]:
        """The Values that it needs, also those inside tuples and lists."""
        return _inside((*self.inputs, *self.attributes.values()))

    def replaced(self, new: dict[Value, Any]) -> Instruction:
        """The same step on other Values."""
        inputs = exchanged(self.inputs, new)
        attributes = {name: exchanged(value, new) for name, value in self.attributes.items()}
        # Not by `dataclasses.replace`, which takes three times as long.
        return Instruction(self.function, inputs, attributes, self.output, self.phase, self.scope)


@final
class Instructions:
    """A program before it is written down: its steps, and which Values are its results.

    Parameters   gradients: of every wanted Tensor, or of blocks of them; None where the loss does
                 not depend on it
                 updates: what a call changes, the array that lives on, and what is put into it
                 is_step: whether the optimizer is among those who change, and no gradients are
                 given
    """

    def __init__(
        self,
        steps: list[Instruction],
        loss: Value,
        gradients: list[Value | None],
        outputs: list[Value] | None = None,
        updates: list[tuple[Value, Value]] | None = None,
        is_step: bool = False,
    ) -> None:
        self.steps = steps
        self.loss = loss
        self.gradients = gradients
        self.outputs = outputs or []
        self.updates = updates or []
        self.is_step = is_step

    def results(self) -> list[Value]:
        """Everything that must be computed."""
        found = [self.loss, *self.outputs]
        found += [value for value in self.gradients if value is not None]
        found += [new for _, new in self.updates]
        return found

    def leaves(self) -> list[Value]:
        """What the steps read and do not make: inputs as they are given, the rest by first use."""
        read = dict.fromkeys(value for step in self.steps for value in step.read())
        read |= dict.fromkeys([*self.results(), *(old for old, _ in self.updates)])
        for step in self.steps:
            read.pop(step.output, None)
        return sorted(read, key=lambda value: value.place)

    def rewritten(self, steps: list[Instruction], new: Callable[[Value], Value]) -> Instructions:
        """Other steps that make ``new`` of every result."""
        return Instructions(
            steps,
            new(self.loss),
            [None if g is None else new(g) for g in self.gradients],
            [new(output) for output in self.outputs],
            [(new(held), new(value)) for held, value in self.updates],
            self.is_step,
        )


def own(value: Any) -> Any:
    """A result that no later call writes into: an array of its own, or a NumPy scalar."""
    if not isinstance(value, np.ndarray):
        return value
    return value.copy() if value.ndim else value[()]


def exchanged(item: Any, new: dict[Value, Any]) -> Any:
    """An operand with Values replaced, also inside tuples and lists."""
    if type(item) is Value:
        return new.get(item, item)
    if type(item) in (tuple, list):
        return type(item)(exchanged(part, new) for part in item)
    return item


def _inside(items: Any) -> list[Value]:
    """The Values in a tuple or list, and in those in it."""
    found: list[Value] = []
    for item in items:
        if type(item) is Value:
            found.append(item)
        elif type(item) in (tuple, list):
            found += _inside(item)
    return found


def plain_number(item: Any) -> Any:
    """A number or text without the class that the user gave it, which NumPy does not look at."""
    for kind, plain in _PLAIN.items():
        if isinstance(item, kind) and type(item) is not kind and not isinstance(item, np.generic):
            return item if type(item) is bool else plain(item)
    return item


_PLAIN: dict[type, Callable[[Any], Any]] = {
    int: int.__pos__,
    float: float.__pos__,
    str: str.__str__,
}
