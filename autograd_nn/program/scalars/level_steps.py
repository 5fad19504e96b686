"""The steps of a levelled graph: an operation's own rules, run on whole groups of scalars."""

from __future__ import annotations

import functools
import math
from typing import Any, final

import numpy as np

from autograd_nn.program.scalars.indexed_sums import Call, gathered, summed
from autograd_nn.program.scalars.leveling import LevelGroup, NotByLevels
from autograd_nn.program.scalars.slots import Slots


@final
class SumStep:
    """Sums of any number of terms. Each term's gradient is the sum's: nothing is computed."""

    def __init__(self, placing: Slots, index: int, group: LevelGroup) -> None:
        span = placing.spans[index]
        self.title = _title(group)
        self.goes_back = group.wanted[0]
        self._sums = summed(
            placing.values, placing.terms(group), placing.lengths[index], placing.values[span]
        )
        self._received: list[Call] = []
        if self.goes_back:
            own = placing.received[placing.sent[index][0]]
            if span.stop == placing.values.size:
                own[...] = 1  # the loss; nobody writes there again
            else:
                self._received = placing.gathering(span, own)

    def forward(self) -> None:
        for call in self._sums:
            call()

    def backward(self) -> None:
        for call in self._received:
            call()

    def receivers(self) -> str:
        return ", to every term"


@final
class OperationStep:
    """The nodes of one operation on one level: value and rules are called once for all of them.

    A node alone is computed with scalars, as it was recorded: faster, and right for functions
    that take nothing else.
    """

    def __init__(self, placing: Slots, index: int, group: LevelGroup) -> None:
        span = placing.spans[index]
        number = len(group.results)
        self.title = _title(group)
        self._value = group.operation.value
        self._attributes = group.attributes
        self._alone = number == 1
        self._results = placing.values[span]
        self._inputs: list[Any] = []
        self._gathers: list[Call] = []
        operands = [placing.operands(group, slot) for slot in range(len(group.tensors))]
        for found, is_tensor in zip(operands, group.tensors, strict=True):
            self._add_input(placing, found, is_tensor)
        self._rules = group.operation.gradients
        self._sent = {slot: placing.received[where] for slot, where in placing.sent[index].items()}
        self.goes_back = bool(self._sent)
        self._gradient = np.ones(number, placing.values.dtype)
        self._received: list[Call] = []
        if self.goes_back and span.stop < placing.values.size:
            self._received = placing.gathering(span, self._gradient)
        constants = [
            None if is_tensor else found
            for found, is_tensor in zip(operands, group.tensors, strict=True)
        ]
        if not _is_elementwise(self, constants):
            raise NotByLevels

    def _add_input(self, placing: Slots, found: Any, is_tensor: bool) -> None:
        if not is_tensor:
            self._inputs.append(_constants(found, placing.values.dtype))
        elif self._alone:
            slot = len(self._inputs)
            self._inputs.append(None)
            self._gathers.append(
                functools.partial(_read, self._inputs, slot, placing.values, int(found[0]))
            )
        else:
            operand, calls = gathered(placing.values, found)
            self._inputs.append(operand)
            self._gathers += calls

    def forward(self) -> None:
        for call in self._gathers:
            call()
        self._results[...] = self._value(*self._inputs, **self._attributes)

    def backward(self) -> None:
        for call in self._received:
            call()
        g, out = self._gradient, self._results
        if self._alone:
            g, out = g[0], out[0]
        for slot, sent in self._sent.items():
            sent[...] = self._ruled(slot, g, out, self._inputs)

    def _ruled(self, slot: int, g: Any, out: Any, inputs: list[Any]) -> Any:
        rules = self._rules
        if isinstance(rules, tuple):
            return rules[slot](g, out, *inputs, **self._attributes)  # type: ignore[misc]
        return rules(g, out, *inputs, **self._attributes)[slot]

    def receivers(self) -> str:
        return f", to input {' and '.join(str(slot) for slot in self._sent)}"


LevelStep = SumStep | OperationStep


def _read(inputs: list[Any], slot: int, values: Any, place: int) -> None:
    inputs[slot] = values[place]


def _title(group: LevelGroup) -> str:
    name = group.operation.name
    if group.lengths:
        fewest, most = min(group.lengths), max(group.lengths)
        name += f" of {fewest:,} to {most:,} terms" if fewest < most else f" of {most:,} terms"
    return f"level {group.level:>3}: {len(group.results):>8,} × {name}"


def _constants(found: list[Any], dtype: Any) -> Any:
    """One constant where all are equal, else an array: of Python's numbers in the graph's dtype."""
    first = found[0]
    if first is None:
        return None
    array = np.array(found, dtype if type(first) in (int, float) else None)
    return first if array.tobytes() == array[:1].tobytes() * len(found) else array


# ---------------------------------------------------------------------- does it work on arrays?


def _is_elementwise(step: OperationStep, constants: list[Any]) -> bool:
    """Whether an operation's functions work element by element, by what was recorded.

    The value is compared for every node of the group, the rules for some of them with what they
    give for single scalars. A node alone needs no comparison, only one number from each rule.
    """
    recorded = step._results.copy()
    try:
        for call in step._gathers:
            call()
        if not step._alone:
            found = step._value(*step._inputs, **step._attributes)
            shape = np.broadcast_shapes(*map(np.shape, step._inputs))
            if not _agree(found, recorded, shape):
                return False
        return all(_rule_agrees(step, slot, recorded, constants) for slot in step._sent)
    except Exception:  # an own function may raise anything for what it was not made for
        return False


def _agree(found: Any, expected: Any, shape: tuple[int, ...]) -> bool:
    """Equal to rounding, which may differ a little between one number and many."""
    epsilon = float(np.finfo(expected.dtype).eps)
    return np.shape(found) == shape and np.allclose(
        found, expected, rtol=math.sqrt(epsilon), atol=64 * epsilon, equal_nan=True
    )


def _rule_agrees(step: OperationStep, slot: int, out: Any, constants: list[Any]) -> bool:
    if step._alone:
        found = step._ruled(slot, step._gradient[0], out[0], step._inputs)
        return np.size(found) == 1 and np.asarray(found).dtype.kind in "fiub"
    chosen = sorted({0, len(out) // 2, len(out) - 1})
    g = np.array([1.0, -0.7, 0.3], out.dtype)[: len(chosen)]
    apart = []
    for upstream, position in zip(g, chosen, strict=True):
        scalars = [
            x[position] if given is None else given[position]
            for x, given in zip(step._inputs, constants, strict=True)
        ]
        apart.append(step._ruled(slot, upstream, out[position], scalars))
    several = [x[chosen] if np.shape(x) == out.shape else x for x in step._inputs]
    together = step._ruled(slot, g, out[chosen], several)
    expected = np.array(apart, out.dtype).reshape(g.shape)
    return _agree(together, expected, np.shape(together) and g.shape)
