"""The program without passes as text that is read: a line for each operation and each rule.

What nobody has a name for is written where it is used, so that the rule of an operation is one
line, and an optimizer's rule is a function that is called for every parameter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import getitem
from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.program.calls import AS_REDUCTION, DOT, Method, T
from autograd_nn.program.source.expressions import (
    ATOM,
    TITLES,
    WIDTH,
    Expression,
    Heads,
    aligned,
    called,
    constant,
    heads,
    imports,
    is_inline,
    shape_comment,
    signature,
)
from autograd_nn.program.source.spelling import Names, literal, told
from autograd_nn.program.updating import ITERATION, Move
from autograd_nn.program.values import UPDATE, Instruction, Instructions, Value

_ORDER = {"input": 0, "setting": 1, "parameter": 2, "state": 3, "array": 4, "constant": 5}
# An expression does not grow beyond this, so that the shape can stand beside it.
_LONGEST = 76
_METHODS = {f: method for method, f in AS_REDUCTION.items() if type(method) is Method}
_DEFAULTS = {"axis": None, "keepdims": False}


@dataclass
class Printed:
    """A program as text. ``arguments`` are those of `step`, in order, and ``names`` theirs."""

    text: str
    arguments: list[Value]
    names: list[str]
    heads: Heads


def plain_text(
    steps: Instructions, moves: Sequence[Move] = (), rule: str = "move", function: str | None = None
) -> Printed:
    """The program as it was recorded.

    Parameters   moves: how the parameters are moved; their steps are the last ones
                 rule: what the function that moves a parameter is called
                 function: the name of a function of which this is one call
    """
    names = Names()
    leaves = steps.leaves()
    arguments = [v for v in leaves if v.role != "constant" or not is_inline(v)]
    arguments.sort(key=lambda value: (_ORDER[value.role], value.name == ITERATION))
    given = [names[value] for value in arguments]
    found = heads(steps.steps, names)
    head = found.texts
    _name_results(moves)
    body = _Body(steps, names, found.names)
    moved = {step.output for move in moves for step in move.steps}
    body.write(step for step in steps.steps if step.output not in moved)
    if moves:
        settings = [value for value in arguments if value.role == "setting"]
        head += _write_moves(body, moves, rule, settings)
    of_moves = [change for move in moves for change in move.changes]
    body.assign([change for change in steps.updates if change not in of_moves])
    body.add_results(steps)
    constants = [f"{names[v]} = {constant(v)}" for v in leaves if is_inline(v) and v in names]
    text = ["", *constants] if constants else []
    for definition in head:
        text += ["", "", *definition.splitlines()]
    text += ["", "", *signature("def step", given)]
    text[-1] += ":"
    text += [f"    {line}" if line else "" for line in body.lines()]
    program = "\n".join(text) + "\n"
    title = [*_title(steps, moves, rule, function), ""]
    return Printed("\n".join([*title, *imports(program), program]), arguments, given, found)


def _title(
    steps: Instructions, moves: Sequence[Move], rule: str, function: str | None
) -> list[str]:
    if function is not None:
        return [f'"""One call of {told(function)}, in plain NumPy."""']
    loss = told(steps.loss.name)
    if not moves:
        return [f'"""{loss[:1].upper()}{loss[1:]} and its gradients, in plain NumPy."""']
    return [
        f'"""One training step in plain NumPy: {loss}, its gradients, and {told(rule)}.',
        "",
        "`step` moves the parameters in place and returns the loss from before.",
        '"""',
    ]


def _name_results(moves: Sequence[Move]) -> None:
    """Names for what must be there before something old is written over."""
    for move in moves:
        if move.gradient.role == "temporary" and not move.gradient.named:
            move.gradient.call(f"clipped_{move.parameter.name}")
        swapped = any(new.role in ("parameter", "state") for _, new in move.changes)
        for old, new in move.changes if swapped else move.changes[1:]:
            if new.role == "temporary" and not new.named:
                new.call(f"new_{old.name}")


def readable(step: Instruction) -> Instruction:
    """The same call as a reader would write it."""
    method = _METHODS.get(step.function)
    owner = step.inputs[0] if step.inputs else None
    if method is None or type(owner) is not Value or owner.kind != "array" or len(step.inputs) > 1:
        return step
    attributes = {k: x for k, x in step.attributes.items() if x is not _DEFAULTS.get(k, step)}
    return Instruction(method, step.inputs, attributes, step.output, step.phase)


class _Body:
    """The lines of a function."""

    def __init__(
        self, steps: Instructions, names: Any, functions: Mapping[Any, str], titled: bool = True
    ) -> None:
        self.names = names
        self.functions = functions
        self._pending: dict[Value, Expression] = {}
        self._single = _used_once(steps)
        self._titled = titled
        self._lines: list[tuple[str, str, str]] = []  # text, comment, phase

    def add(self, text: str, comment: str, phase: str) -> None:
        """One more line."""
        self._lines.append((text, comment if self._titled else "", phase))

    def write(self, steps: Any) -> None:
        """Every step, where it is used or on a line of its own."""
        for step in steps:
            step = readable(step)
            value = step.output
            if value in self._single:
                self._pending[value] = self._fitting(step, 0)
            else:
                text = self._fitting(step, len(self.names[value]) + 3)
                line = f"{self.names[value]} = {text}"
                if len(line) > WIDTH - 16 and type(step.function) is Operation:
                    start = line.partition("(")[0]
                    line = "\n".join(signature(start, text.arguments, room=0))
                self.add(line, _comment(step), step.phase)

    def _fitting(self, step: Instruction, indent: int) -> Expression:
        """The call, with lines before it for parts where it would become too long."""
        for value in _numbers_inside(step):
            number = np.asarray(value.data)[()]
            self._pending[value] = Expression(str(literal(number)), ATOM)
        text = called(step, self, self.functions)
        inside = [value for value in step.read() if value in self._pending]
        while inside and indent + len(text) > _LONGEST:
            longest = max(inside, key=lambda value: len(self._pending[value]))
            line = f"{self.names[longest]} = {self._pending.pop(longest)}"
            self.add(line, shape_comment(longest), step.phase)
            inside.remove(longest)
            text = called(step, self, self.functions)
        for value in inside:
            del self._pending[value]
        return text

    def assign(self, changes: Sequence[tuple[Value, Value]]) -> None:
        """New values in place of the old ones, first where the new one is an old one itself."""
        for old, new in sorted(changes, key=lambda change: change[1].role == "temporary"):
            self.add(f"{self.names[old]}[...] = {self[new]}", "", UPDATE)
            self._pending.pop(new, None)

    def add_results(self, steps: Instructions) -> None:
        """The last line."""
        results = [self[steps.loss]]
        if not steps.is_step and steps.gradients:
            words = ["None" if g is None else self[g] for g in steps.gradients]
            results.append(f"[{', '.join(words)}]")
            if len(results[-1]) > _LONGEST:
                results[-1] = self.names.new("gradients")
                line = signature(f"{results[-1]} = ", words, brackets="[]")
                self.add("\n".join(line), "", "")
        results += [self[output] for output in steps.outputs]
        self.add(f"return {', '.join(results)}", "", "")

    def __getitem__(self, value: Value) -> str:
        return self._pending.get(value) or self.names[value]

    def lines(self) -> list[str]:
        """The text, comments in one column in each part."""
        found: list[str] = []
        for phase in dict.fromkeys(phase for *_, phase in self._lines):
            part = [(text, comment) for text, comment, its in self._lines if its == phase]
            if self._titled:
                found += ["", f"# {TITLES[phase]}"] if phase else [""]
            found += aligned(part)
        return found[1:] if self._titled else found


def _numbers_inside(step: Instruction) -> list[Value]:
    """Constants of one number that stand in the call itself, as NumPy's scalars."""
    function = step.function
    if type(function) in (Method, Operation) or function is T or function is getitem:
        return []
    return [
        value
        for value in step.read()
        if value.role == "constant" and value.kind in ("array", "scalar") and not value.shape
    ]


def _used_once(steps: Instructions) -> set[Value]:
    """The values without a name of their own that are read once, in the phase that makes them."""
    readers: dict[Value, list[str]] = {}
    for step in steps.steps:
        for value in step.read():
            readers.setdefault(value, []).append(step.phase)
    for value in steps.results():
        readers.setdefault(value, []).append("")
    found: set[Value] = set()
    for step in steps.steps:
        value = step.output
        once = readers.get(value) in ([step.phase], [""])
        draws = any(read.kind == "generator" for read in step.read())
        if once and not value.named and not draws and value.kind != "tuple":
            found.add(value)
    return found


def _comment(step: Instruction) -> str:
    words = shape_comment(step.output)
    first = step.inputs[0] if step.inputs else None
    if step.function is DOT and type(first) is Value and first.role == "constant":
        data = first.data
        if isinstance(data, np.ndarray) and data.ndim == 1 and (data == 1).all():
            return f"{words} sum of the rows"
    return words


# ------------------------------------------------------------------ the rule of an optimizer


def _write_moves(
    body: _Body, moves: Sequence[Move], wish: str, settings: Sequence[Value]
) -> list[str]:
    """The update in the body; the function that it calls, where all parameters move alike."""
    read = {value for step in moves[0].steps for value in step.read()}
    settings = [value for value in settings if value in read]
    name = body.names.new(wish)
    rules = [_rule(body, move, name, settings) for move in moves]
    if len(moves) < 2 or rules[0] is None or any(rule != rules[0] for rule in rules):
        for move in moves:
            body.write(move.steps)
        for move in moves:
            body.assign(move.changes)
        return []
    for move in moves:
        given = [move.parameter, move.gradient, *move.state.values(), *settings]
        call = signature(name, [body.names[value] for value in given])
        body.add("\n".join(call), shape_comment(move.parameter), UPDATE)
    return [rules[0]]


def _rule(body: _Body, move: Move, name: str, settings: Sequence[Value]) -> str | None:
    """The function that moves one parameter; None where it needs what it is not given."""
    own = {move.parameter: "parameter", move.gradient: "gradient"}
    own |= {value: key for key, value in move.state.items()}
    if len(own) < 2 + len(move.state):
        return None
    names = Names([name, *body.names.functions])
    given = {*own, *(step.output for step in move.steps)}
    for step in move.steps:
        for value in step.read():
            if value in given or value in _numbers_inside(step):
                continue
            if value not in settings and not (value.role == "constant" and is_inline(value)):
                return None
            names.call(value, body.names[value])
    for value, role in own.items():
        names.call(value, names.new(role))
    for old, new in move.changes:
        if new.named and new.role == "temporary" and new not in names:
            names.call(new, names.new(f"new_{names[old]}"))
    steps = Instructions(move.steps, move.gradient, [], [], list(move.changes))
    inner = _Body(steps, names, body.functions, titled=False)
    inner.write(move.steps)
    inner.assign(move.changes)
    lines = signature(f"def {name}", [names[value] for value in [*own, *settings]])
    lines[-1] += ":"
    return "\n".join([*lines, *(f"    {line}" for line in inner.lines())])
