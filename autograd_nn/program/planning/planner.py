"""From a recorded graph to a fast program: the passes in their order, and what each of them did."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.tensor import Tensor
from autograd_nn.program import calls
from autograd_nn.program.calls import (
    ASTYPE,
    COPY,
    ELEMENTWISE,
    UFUNCS,
    T,
    join,
    label,
    with_ones_column,
)
from autograd_nn.program.inputs import setting_of
from autograd_nn.program.memory import Block, Memory
from autograd_nn.program.planning.forms import FORMS
from autograd_nn.program.planning.simplifying import simplified
from autograd_nn.program.planning.writing import Writer, Written
from autograd_nn.program.reading import Assignments, Reading, as_steps
from autograd_nn.program.refusals import NotTraceable, Unreached
from autograd_nn.program.source.expressions import executed
from autograd_nn.program.source.spelling import told
from autograd_nn.program.tracing import Trace, Traced
from autograd_nn.program.updating import Update, updated_one_by_one
from autograd_nn.program.values import Instruction, Instructions, Value

# From the number of steps, the inputs with the batches of all steps one behind another, and the
# settings, numbers for all steps or arrays for each: the losses.
ManySteps = Callable[[int, Sequence[Any], Sequence[Any]], list[float]]


class Stage(NamedTuple):
    """What a pass did, and the steps after it."""

    name: str
    what: str
    steps: Instructions


@dataclass
class Plan:
    """A planned program.

    ``step`` is called with the ``inputs`` and then the ``settings``. It gives the loss, then, where
    there is no update, the gradients of every block of memory and of the other ``wrt``, then the
    outputs.
    """

    written: Written
    step: Callable[..., Any]
    inputs: list[Value]
    settings: list[Value]
    memory: Memory
    # The Tensors of which the gradient is a result by itself.
    others: list[Tensor]
    # The memory in which a call leaves the gradients of every block, before any clipping.
    wholes: list[Any]
    # What `make` of the text is called with.
    arguments: list[Any]
    # After every pass, the last one before it was written.
    stages: list[Stage]
    # Many steps in one call; None where that is no more than one call after the other.
    many: ManySteps | None = None

    def __post_init__(self) -> None:
        self.names = [value.name for value in self.inputs]
        self._has_memory = not self.memory.is_empty

    def run(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """One call; the next one writes into the same results."""
        return self.run_on([given[name] for name in self.names])

    def run_on(self, arguments: Sequence[Any]) -> tuple[Any, ...]:
        """The same, with the inputs in their order."""
        if self._has_memory:
            self.memory.take_in()
        results = self.step(*arguments)
        self.memory.told()
        return results if type(results) is tuple else (results,)

    def move(self, given: Mapping[str, Any]) -> Any:
        """One step of the optimizer, made as a whole or not at all: the loss before it."""
        memory = self.memory
        arguments = [given[name] for name in self.names]
        arguments += [setting_of(memory.optimizer, value.name) for value in self.settings]
        try:
            memory.take_in()
            memory.begin()
            loss = self.step(*arguments)
            memory.end()
            return loss
        finally:
            memory.hand_back()

    def gradients(self, results: Sequence[Any]) -> dict[Tensor, Any]:
        """The gradient of every Tensor that has one, as its own array, from a call's results."""
        found: dict[Tensor, Any] = {}
        blocks = self.memory.blocks
        for block, whole in zip(blocks, results, strict=False):
            found |= dict(block.parts(whole.copy()))
        for tensor, gradient in zip(self.others, results[len(blocks) :], strict=False):
            found[tensor] = np.array(gradient)[()] if np.ndim(gradient) == 0 else gradient.copy()
        return found


def plan(
    root: Tensor,
    wrt: Sequence[Tensor],
    inputs: Mapping[str, Any],
    memory: Memory,
    outputs: Sequence[Any] = (),
    title: str = "",
    prepared: bool = False,
    compile_steps: Callable[..., Any] | None = None,
    *,
    loss: Any = None,
    constants: Collection[Tensor] = (),
    assignments: Assignments = (),
) -> Plan:
    """The fast program that computes ``root`` and its gradients, and moves the parameters.

    Parameters   memory: of the parameters among ``wrt`` that are moved or differentiated together,
                 and of their optimizer
                 prepared: whether a call gives inputs as they are read, with ones, transposed
                 compile_steps: makes another function of the planned steps, such as
                 `jit.compiling.compiled_step`
                 loss: what a call gives in place of ``root``
                 constants, assignments: see `Reading`
    Raises       Unreached where the loss does not depend on all parameters of ``memory``
    """
    reading = Reading(root, inputs, FORMS, memory.blocks, constants, assignments)
    gradients = reading.differentiated(wrt)
    by_tensor = dict(zip(wrt, gradients, strict=True))
    unreached = [t for block in memory.blocks for t in block.tensors if by_tensor[t] is None]
    if unreached:
        raise Unreached(unreached)
    arrays: dict[Value, Any] = {
        whole.value: block.array for whole, block in zip(reading.blocks, memory.blocks, strict=True)
    }
    arrays |= {value: memory.hold(tensor) for tensor, value in reading.held.items()}
    memory.change(weight for weight, _, _ in assignments)
    arrays |= {made.value: made.now for made in reading.inputs.values()}
    arrays |= {made.value: made.now for made in reading.arrays}
    wholes, updates = _gathered(reading, by_tensor, memory, arrays)
    inside = {tensor for block in memory.blocks for tensor in block.tensors}
    others = [t for t in wrt if t not in inside and by_tensor[t] is not None]
    steps = as_steps(reading, [*wholes, *(by_tensor[t] for t in others)], outputs, loss)
    steps.updates = [*updates, *reading.assigned]
    steps.is_step = bool(updates)
    what = "every call of a rule is a step, the update for all at once"
    if reading.layers:
        what += f", {len(reading.layers)} dense layers as one product each"
    stages = [Stage("read", what, steps)]
    counts: dict[str, int] = {}
    steps = simplified(steps, counts)
    left_out = ", ".join(f"{count} {why}" for why, count in counts.items() if count)
    stages.append(Stage("simplified", left_out or "nothing to leave out", steps))
    if prepared:
        _prepare(steps, compile_steps is not None)
    arrays |= _samples(steps, arrays)
    gradients_of_blocks = [g for g in steps.gradients[: len(wholes)] if g is not None]
    arrays |= {g: np.zeros(g.shape, g.dtype) for g in gradients_of_blocks}
    writer = Writer(steps, arrays)
    written = writer.written(title)
    made_from = [arrays.get(v, v.data) for v in written.arguments]
    drawn_from = [v.data for v in written.arguments if v.kind == "generator"]
    memory.generators += [x for x in drawn_from if all(x is not y for y in memory.generators)]
    wholes_kept = [arrays[g] for g in gradients_of_blocks]
    rest = memory, others, wholes_kept, made_from, stages
    if compile_steps is not None:
        made = compile_steps(steps, arrays, told(title))
        return Plan(written, made.step, made.inputs, made.settings, *rest, made.steps)
    step = executed(written.text, written.heads)["make"](*made_from)
    return Plan(written, step, written.inputs, written.settings, *rest)


def _prepare(steps: Instructions, compiled: bool) -> None:
    """Have inputs given as they are read, with ones and transposed, so that no call makes them so.

    Of a compiled program without the views: there one more costs nothing, and here to give it a
    tenth of a µs.
    """
    before_a_call = {with_ones_column} if compiled else {with_ones_column, T}
    for step in steps.steps:
        if step.function in before_a_call and step.inputs[0].role == "input":
            step.output.role, step.output.data = "input", step
    steps.steps = [step for step in steps.steps if step.output.role != "input"]


def _samples(steps: Instructions, arrays: Mapping[Value, Any]) -> dict[Value, Any]:
    """For inputs that are made of others before a call, a sample of each."""
    read = dict.fromkeys(value for step in steps.steps for value in step.read())
    return {v: prepared_input(v, arrays) for v in read if v.role == "input" and v.data is not None}


def prepared_input(value: Value, arrays: Mapping[Value, Any]) -> Any:
    """An input in the form in which a program reads it, from inputs as they are given."""
    if value.data is None:
        return arrays[value]
    before = prepared_input(value.data.inputs[0], arrays)
    return calls.run(value.data.function, (before,), {})


def _gathered(
    reading: Reading,
    by_tensor: Mapping[Tensor, Any],
    memory: Memory,
    arrays: dict[Value, Any],
) -> tuple[list[Any], list[tuple[Value, Value]]]:
    """The gradients of each block as one array, and the update of the whole block from it."""
    trace = reading.trace
    optimizer = memory.optimizer
    parts = [[_traced(trace, by_tensor[t]) for t in block.tensors] for block in memory.blocks]
    wholes = [
        _joined(trace, _side_by_side(reading, block, group), "gradients")
        for block, group in zip(memory.blocks, parts, strict=True)
    ]
    if optimizer is None:
        return wholes, []
    steps = len(trace.steps)
    try:
        return wholes, _moved_together(reading, wholes, parts, memory, arrays)
    except NotTraceable:
        del trace.steps[steps:]
        return wholes, _moved_one_by_one(reading, parts, memory, arrays)


def _moved_together(
    reading: Reading,
    wholes: list[Traced],
    parts: list[list[Traced]],
    memory: Memory,
    arrays: dict[Value, Any],
) -> list[tuple[Value, Value]]:
    """One update for each block."""
    trace, optimizer = reading.trace, memory.optimizer
    updates: list[tuple[Value, Value]] = []
    with np.errstate(all="ignore"):
        update = Update(trace, optimizer)
        if optimizer.clipnorm is None:
            moving = update.clipped(wholes)
        else:
            clipped = iter(update.clipped([part for group in parts for part in group]))
            moving = [_joined(trace, [next(clipped) for _ in group], "clipped") for group in parts]
        for whole, block, gradient in zip(reading.blocks, memory.blocks, moving, strict=True):
            states = _states_of(trace, block, arrays)
            before = len(trace.steps)
            shapes = [tensor.shape for tensor in block.tensors]
            value, after = update.moved(
                whole, gradient, states, list(zip(block.starts, shapes, strict=True))
            )
            _check_elementwise(trace.steps[before:])
            updates.append((whole.value, value))
            updates += [(states[k].value, after[k]) for k in states]
    return updates


def _moved_one_by_one(
    reading: Reading, parts: list[list[Traced]], memory: Memory, arrays: dict[Value, Any]
) -> list[tuple[Value, Value]]:
    """For a rule that looks at a parameter as a whole: on views of the blocks."""
    trace = reading.trace
    old: list[tuple[Value, dict[str, Value]]] = []
    pairs: list[tuple[Traced, Traced]] = []
    states: list[dict[str, Traced]] = []
    with np.errstate(all="ignore"):
        for block, group in zip(memory.blocks, parts, strict=True):
            wholes = _states_of(trace, block, arrays)
            for tensor, start, gradient in zip(block.tensors, block.starts, group, strict=True):
                part = slice(start, start + tensor.size)
                views = {k: whole[part].reshape(tensor.shape) for k, whole in wholes.items()}
                old.append((reading.views[tensor].value, {k: v.value for k, v in views.items()}))
                states.append(views if tensor.ndim else {k: v[()] for k, v in views.items()})
                pairs.append((reading.made[tensor], gradient))
    made = updated_one_by_one(trace, memory.optimizer, pairs, states)
    updates: list[tuple[Value, Value]] = []
    for (parameter, state), move in zip(old, made, strict=True):
        new = [value for _, value in move.changes]
        updates += zip([parameter, *state.values()], new, strict=True)
    return updates


def _states_of(trace: Trace, block: Block, arrays: dict[Value, Any]) -> dict[str, Traced]:
    """The state of a block, as leaves that live on in its memory."""
    states = {k: trace.leaf(k, array, "state") for k, array in block.states.items()}
    arrays |= {states[k].value: array for k, array in block.states.items()}
    return states


def _side_by_side(reading: Reading, block: Block, parts: list[Traced]) -> list[Traced]:
    """The gradients of a block, those of a kernel and a bias as one where they were made as one."""
    joint = {layer.kernel: layer.gradient for layer in reading.layers}
    biases = {layer.bias for layer in reading.layers}
    pairs = zip(block.tensors, parts, strict=True)
    return [joint.get(tensor, part) for tensor, part in pairs if tensor not in biases]


def _joined(trace: Trace, parts: Sequence[Traced], name: str) -> Traced:
    """The parts one after the other, in one array, as the parameters lie in their block."""
    whole = trace.call(join, tuple(parts))
    whole.value.call(name)
    return whole


def _traced(trace: Trace, gradient: Any) -> Traced:
    return gradient if type(gradient) is Traced else trace.constant(np.asarray(gradient))


def _check_elementwise(steps: Sequence[Instruction]) -> None:
    """A rule that looks at a parameter as a whole must not be run on many side by side."""
    for step in steps:
        if any(value.kind == "array" for value in step.read()):
            function = UFUNCS.get(step.function, step.function)
            if function not in ELEMENTWISE and function not in (ASTYPE, COPY):
                raise NotTraceable(f"The rule of the optimizer calls {label(step.function)}.")
