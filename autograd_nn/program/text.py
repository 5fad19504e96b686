"""Steps as text: how values are called, how a call is written, and the program without passes."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from autograd_nn.program.functions import Head
from autograd_nn.program.values import BACKWARD, FORWARD, UPDATE, Step, Steps, Value

INLINE = 16
"""Constants of up to so many elements are written into the text, larger ones are arguments."""

_INFIX = frozenset(
    ["+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^", "<", "<=", ">", ">=", "==", "!="]
)
_PREFIX = {"negative": "-", "invert": "~"}
_USED = ("np", "step", "make", "abs", "slice", "float", "int", "bool", "print", "range", "open")
_RESERVED = {*keyword.kwlist, *_USED}


class Names:
    """A readable Python identifier for every Value, each used once."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self.taken = {*_RESERVED, *taken}
        self._names: dict[Value, str] = {}

    def __getitem__(self, value: Value) -> str:
        if value not in self._names:
            self._names[value] = self.new(value.name)
        return self._names[value]

    def new(self, wish: str) -> str:
        """An unused identifier like ``wish``: "dense_1/kernel" gives dense_1_kernel."""
        stem = re.sub(r"\W+", "_", wish.encode("ascii", "ignore").decode()).strip("_") or "value"
        if stem[0].isdigit():
            stem = f"v{stem}"
        name, number = stem, 1
        while name in self.taken:
            number += 1
            name = f"{stem}_{number}"
        self.taken.add(name)
        return name


def literal(item: Any, names: Any) -> str:
    """How an operand is written."""
    if type(item) is Value:
        return names[item]
    if isinstance(item, (tuple, list)):
        inside = ", ".join(literal(part, names) for part in item)
        if isinstance(item, list):
            return f"[{inside}]"
        return f"({inside},)" if len(item) == 1 else f"({inside})"
    if isinstance(item, slice):
        parts = (literal(part, names) for part in (item.start, item.stop, item.step))
        return f"slice({', '.join(parts)})"
    if item is Ellipsis:
        return "..."
    if isinstance(item, np.dtype):
        return f"np.dtype({item.name!r})"
    if isinstance(item, type):
        return f"np.{item.__name__}" if issubclass(item, np.generic) else item.__name__
    if isinstance(item, np.generic):
        kind = type(item).__name__
        return f"np.{kind}({_number(item.item())})" if kind != "bool" else repr(bool(item))
    if isinstance(item, np.ndarray):
        return array_literal(item)
    return _number(item)


def array_literal(array: np.ndarray[Any, Any]) -> str:
    """An array as a NumPy expression, exact."""
    kind = f"np.{array.dtype.name}" if array.dtype.kind in "fiu" else repr(array.dtype.name)
    if not array.size:
        return f"np.zeros({array.shape}, {kind})"
    if array.ndim and is_uniform(array):
        value = array.flat[0].item()
        if value == 1:
            return f"np.ones({array.shape}, {kind})"
        return f"np.full({array.shape}, {_number(value)}, {kind})"
    return f"np.array({_nested(array.tolist())}, {kind})"


def is_uniform(array: np.ndarray[Any, Any]) -> bool:
    """Whether all elements are one number; 0 and -0 are two."""
    first = array.flat[0]
    return bool((array == first).all() and (np.signbit(array) == np.signbit(first)).all())


def _nested(items: Any) -> str:
    if isinstance(items, list):
        return f"[{', '.join(_nested(item) for item in items)}]"
    return _number(items)


def _number(item: Any) -> str:
    if isinstance(item, float) and item != item:
        return "np.nan"
    if item in (float("inf"), float("-inf")) and isinstance(item, float):
        return "np.inf" if item > 0 else "-np.inf"
    return repr(item)


def key_literal(key: Any, names: Any) -> str:
    """How an index is written between brackets."""
    if isinstance(key, tuple):
        return ", ".join(key_literal(part, names) for part in key) + ("," * (len(key) == 1)) or "()"
    if isinstance(key, slice):
        start, stop, step = (
            "" if part is None else literal(part, names) for part in (key.start, key.stop, key.step)
        )
        return f"{start}:{stop}" + (f":{step}" if step else "")
    return literal(key, names)


def called(step: Step, names: Any, functions: Mapping[Any, str]) -> str:
    """The expression that a step computes."""
    function, inputs = step.function, step.inputs
    if function == "[]":
        return f"{_owner(inputs[0], names)}[{key_literal(inputs[1], names)}]"
    words = [literal(item, names) for item in inputs]
    if function in _INFIX:
        return f"{_operand(inputs[0], words[0])} {function} {_operand(inputs[1], words[1])}"
    if function in _PREFIX:
        return f"{_PREFIX[function]}{words[0]}"
    if function == ".T":
        return f"{_owner(inputs[0], names)}.T"
    options = [f"{key}={literal(item, names)}" for key, item in step.attributes.items()]
    if function.startswith("."):
        return f"{_owner(inputs[0], names)}{function}({', '.join([*words[1:], *options])})"
    name = functions[step.operation] if step.operation is not None else function
    return f"{name}({', '.join([*words, *options])})"


def _operand(item: Any, text: str) -> str:
    negative = isinstance(item, (int, float)) and not isinstance(item, bool) and text[0] == "-"
    return f"({text})" if negative else text


def _owner(item: Any, names: Any) -> str:
    text = literal(item, names)
    return text if text.isidentifier() else f"({text})"


def heads(steps: Iterable[Step], names: Names) -> tuple[list[str], dict[Any, str]]:
    """The functions that go into the head of a program, and what they are called there."""
    head = Head(names.taken)
    functions: dict[Any, str] = {}
    for step in steps:
        operation = step.operation
        if operation is not None and operation not in functions:
            functions[operation] = head.copy(operation.value, operation.name)
    names.taken |= head.taken
    return head.texts, functions


def is_inline(value: Value) -> bool:
    """Whether a constant is written into the text."""
    data = value.data
    if isinstance(data, np.generic):
        return True
    return isinstance(data, np.ndarray) and (
        data.size <= INLINE or bool(data.ndim == 1 and (data == 1).all())
    )


def leaves_of(steps: Steps) -> list[Value]:
    """What the steps read and do not make, in the order of first use."""
    made = {step.output for step in steps.steps}
    found: dict[Value, None] = {}
    for step in steps.steps:
        for value in step.read():
            if value not in made:
                found.setdefault(value)
    for value in [*steps.results(), *(old for old, _ in steps.updates)]:
        if value not in made:
            found.setdefault(value)
    return list(found)


_TITLES = {FORWARD: "forward", BACKWARD: "backward", UPDATE: "update"}


def plain_text(steps: Steps, title: str) -> tuple[str, list[Value]]:
    """The program as it was recorded, a line for each step; and the arguments of ``step``."""
    names = Names()
    leaves = leaves_of(steps)
    order = {"input": 0, "setting": 1, "parameter": 2, "state": 3, "constant": 4}
    inline = [value for value in leaves if value.role == "constant" and is_inline(value)]
    arguments = sorted((v for v in leaves if v not in inline), key=lambda v: order[v.role])
    for value in [*arguments, *inline]:
        names[value]
    head, functions = heads(steps.steps, names)
    lines = [f"{names[v]} = {literal(v.data, names)}" for v in inline]
    text = [f'"""{title}"""', "", "import numpy as np", ""]
    text += [*lines, ""] if lines else []
    for definition in head:
        text += ["", *definition.splitlines(), ""]
    text += ["", f"def step({', '.join(names[value] for value in arguments)}):"]
    text += [f"    {line}" for line in _body(steps, names, functions)]
    return "\n".join(text) + "\n", arguments


def _body(steps: Steps, names: Names, functions: Mapping[Any, str]) -> list[str]:
    lines: list[str] = []
    phase = ""
    for step in steps.steps:
        if step.phase != phase:
            phase = step.phase
            lines.append(f"# {_TITLES[phase]}")
        text = f"{names[step.output]} = {called(step, names, functions)}"
        lines.append(f"{text}  # {shape_comment(step.output)}")
    lines += [f"{names[old]}[...] = {names[new]}" for old, new in steps.updates]
    results = [names[steps.loss]]
    if not steps.updates and steps.gradients:
        words = ["None" if g is None else names[g] for g in steps.gradients]
        results.append(f"[{', '.join(words)}]")
    results += [names[output] for output in steps.outputs]
    return [*lines, f"return {', '.join(results)}"]


def shape_comment(value: Value) -> str:
    """What stands behind a line: the shape, or that it is a number."""
    if value.kind == "tuple":
        return f"{value.shape[0]} results"
    return str(value.shape) if value.kind == "array" else "a number"
