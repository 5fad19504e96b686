"""The gradients of a block of parameters as one array, and the update of all of them from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor
from autograd_nn.program.calls import ASTYPE, COPY, ELEMENTWISE, UFUNCS, join, label
from autograd_nn.program.memory import Block, Memory
from autograd_nn.program.reading import Reading
from autograd_nn.program.refusals import NotTraceable
from autograd_nn.program.tracing import Trace, Traced
from autograd_nn.program.updating import Update, updated_one_by_one
from autograd_nn.program.values import Instruction, Value


def updates_of_blocks(
    reading: Reading, gradients: Mapping[Tensor, Any], memory: Memory
) -> tuple[list[Traced], list[tuple[Value, Value]]]:
    """For each block its gradients as one array; and what a step of the optimizer changes."""
    trace = reading.trace
    parts = [[_traced(trace, gradients[t]) for t in block.tensors] for block in memory.blocks]
    wholes = [
        _joined(trace, _side_by_side(reading, block, group), "gradients")
        for block, group in zip(memory.blocks, parts, strict=True)
    ]
    if memory.optimizer is None:
        return wholes, []
    steps = len(trace.steps)
    with np.errstate(all="ignore"):
        if any(map(memory.optimizer.constraint_of, memory.tensors)):
            return wholes, _moved_one_by_one(reading, parts, memory)
        try:
            return wholes, _moved_together(reading, wholes, parts, memory)
        except NotTraceable:
            del trace.steps[steps:]
            return wholes, _moved_one_by_one(reading, parts, memory)


def _moved_together(
    reading: Reading, wholes: list[Traced], parts: list[list[Traced]], memory: Memory
) -> list[tuple[Value, Value]]:
    """One update for each block."""
    trace, update = reading.trace, Update(reading.trace, memory.optimizer)
    states = [_states_of(trace, block) for block in memory.blocks]
    wholes, changes = update.added_up(wholes, states)
    if memory.optimizer.clipnorm is None:
        moving = update.clipped(wholes)
    else:
        if changes:
            parts = [
                _parts(block, whole) for block, whole in zip(memory.blocks, wholes, strict=True)
            ]
        clipped = iter(update.clipped([part for group in parts for part in group]))
        moving = [_joined(trace, [next(clipped) for _ in group], "clipped") for group in parts]
    blocks = zip(reading.blocks, memory.blocks, moving, states, strict=True)
    for whole, block, gradient, state in blocks:
        shapes = [tensor.shape for tensor in block.tensors]
        places = list(zip(block.starts, shapes, strict=True))
        move = update.moved(whole, gradient, state, _decays(memory.optimizer, block), places)
        _check_elementwise(move.steps)
        changes += move.changes
    return changes


def _moved_one_by_one(
    reading: Reading, parts: list[list[Traced]], memory: Memory
) -> list[tuple[Value, Value]]:
    """For a rule that looks at a parameter as a whole: on views of the blocks."""
    trace = reading.trace
    places: dict[Value, Value] = {}  # of a parameter, or a state, the view that it is put into
    tensors: list[Tensor] = []
    pairs: list[tuple[Traced, Traced]] = []
    states: list[dict[str, Traced]] = []
    for block, group in zip(memory.blocks, parts, strict=True):
        wholes = _states_of(trace, block)
        for tensor, start, gradient in zip(block.tensors, block.starts, group, strict=True):
            part = slice(start, start + tensor.size)
            views = {k: whole[part].reshape(tensor.shape) for k, whole in wholes.items()}
            state = views if tensor.ndim else {k: v[()] for k, v in views.items()}
            places[reading.made[tensor].value] = reading.views[tensor].value
            places |= {state[k].value: view.value for k, view in views.items()}
            tensors.append(tensor)
            states.append(state)
            pairs.append((reading.made[tensor], gradient))
    moves, changes = updated_one_by_one(trace, memory.optimizer, tensors, pairs, states)
    changes += [change for move in moves for change in move.changes]
    return [(places[held], new) for held, new in changes]


def _parts(block: Block, whole: Traced) -> list[Traced]:
    """For every parameter its part of an array that is laid out like the block."""
    return [
        whole[start : start + tensor.size].reshape(tensor.shape)
        for tensor, start in zip(block.tensors, block.starts, strict=True)
    ]


def _decays(optimizer: Any, block: Block) -> Any:
    """Whether weight decay is for the parameters of a block: an array where it is for some."""
    decays = [optimizer.decays(tensor) for tensor in block.tensors]
    if all(decays) or not any(decays):
        return decays[0]
    return np.repeat(decays, [tensor.size for tensor in block.tensors])


def _states_of(trace: Trace, block: Block) -> dict[str, Traced]:
    """The state of a block, as leaves that live on in its memory."""
    return {k: trace.leaf(k, array, "state") for k, array in block.states.items()}


def _side_by_side(reading: Reading, block: Block, parts: list[Traced]) -> list[Traced]:
    """The gradients of a block, those of a kernel and a bias as one where they were made as one."""
    joint = {layer.kernel: layer.gradient for layer in reading.layers}
    biases = {layer.bias for layer in reading.layers}
    pairs = zip(block.tensors, parts, strict=True)
    return [joint.get(tensor, part) for tensor, part in pairs if tensor not in biases]


def _joined(trace: Trace, parts: Sequence[Traced], name: str) -> Traced:
    """The parts one after the other, in one array, as the parameters lie in their block."""
    whole: Traced = trace.call(join, tuple(parts))
    whole.value.call(name)
    return whole


def _traced(trace: Trace, gradient: Any) -> Any:
    """A gradient as a value of the program, also a plain number."""
    return gradient if type(gradient) is Traced else trace.constant(np.asarray(gradient))


def _check_elementwise(steps: Sequence[Instruction]) -> None:
    """A rule that looks at a parameter as a whole must not be run on many side by side."""
    for step in steps:
        if any(value.kind == "array" for value in step.read()):
            function = UFUNCS.get(step.function, step.function)
            if function not in ELEMENTWISE and function not in (ASTYPE, COPY):
                raise NotTraceable(f"The rule of the optimizer calls {label(step.function)}.")
