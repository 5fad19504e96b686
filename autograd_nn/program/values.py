"""Value and Instruction: a program is a list of steps in which every value is made once."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd_nn.program.calls import Function

FORWARD, BACKWARD, UPDATE = "forward", "backward", "update"


@dataclass(eq=False, slots=True)
class Value:
    """An array, a NumPy scalar or a Python number that a program reads or makes.

    ``role`` says where it comes from: "input" is given with every call; "parameter" and "state"
    are arrays that live on from call to call; "setting" is a number given with every call, such
    as a learning rate; "array" is one of the user's, read where it lives; "constant" never changes;
    "temporary" is made by a step.

    ``named``: the name is one that a reader knows, of a Tensor, a layer or a gradient, and not
    merely that of the function.
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    kind: str  # "array", "scalar" (of NumPy), "number" (of Python), "tuple", "generator", "object"
    role: str = "temporary"
    # Of a constant its content; of an input that is made of another before a call, that step.
    data: Any = None
    named: bool = False

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


@dataclass(eq=False, slots=True)
class Instruction:
    """One call: ``output = function(*inputs, **attributes)``.

    ``function`` is one of `calls.py`, or an Operation that is called as a whole. Among ``inputs``
    and ``attributes`` are Values and what is written as it stands: numbers, None, slices, tuples.
    """

    function: Function
    inputs: tuple[Any, ...]
    attributes: dict[str, Any]
    output: Value
    phase: str = FORWARD
    scope: str = ""

    def read(self) -> list[Value]:
        """The Values that it needs, also those inside tuples and lists."""
        return _inside((*self.inputs, *self.attributes.values()))

    def replaced(self, new: dict[Value, Any]) -> Instruction:
        """The same step on other Values."""
        inputs = tuple(exchanged(item, new) for item in self.inputs)
        attributes = {key: exchanged(item, new) for key, item in self.attributes.items()}
        # Not by `dataclasses.replace`, which takes three times as long.
        return Instruction(self.function, inputs, attributes, self.output, self.phase, self.scope)


@dataclass(eq=False)
class Instructions:
    """A program before it is written down: its steps, and which Values are its results."""

    steps: list[Instruction]
    loss: Value
    # Of every wanted Tensor, or of blocks of them; None where the loss does not depend on it.
    gradients: list[Value | None]
    outputs: list[Value] = field(default_factory=list)
    # What the optimizer changes: the array that lives on, and what is put into it.
    updates: list[tuple[Value, Value]] = field(default_factory=list)

    def results(self) -> list[Value]:
        """Everything that must be computed."""
        found = [self.loss, *self.outputs]
        found += [value for value in self.gradients if value is not None]
        found += [new for _, new in self.updates]
        return found


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
