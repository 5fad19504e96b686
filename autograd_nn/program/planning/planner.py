"""From a recorded graph to a fast program: the passes in their order, and what each of them did."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.linear_algebra_errors import explained
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program import calls
from autograd_nn.program.calls import T, with_ones_column
from autograd_nn.program.inputs import setting_of
from autograd_nn.program.memory import Memory
from autograd_nn.program.planning.block_updates import updates_of_blocks
from autograd_nn.program.planning.forms import forms
from autograd_nn.program.planning.layout import laid_out
from autograd_nn.program.planning.simplifying import simplified
from autograd_nn.program.planning.writing import Writer, Written
from autograd_nn.program.reading import Assignments, Reading, as_steps
from autograd_nn.program.refusals import Unreached
from autograd_nn.program.source.expressions import executed
from autograd_nn.program.source.spelling import told
from autograd_nn.program.values import Instructions, Value

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
    # Of machine code, its text, and what a file of it holds. It makes an array for every result.
    compiled: Any = None

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
        try:
            results = self.step(*arguments)
        except np.linalg.LinAlgError as error:
            raise explained(error) from None
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
        except np.linalg.LinAlgError as error:
            raise explained(error) from None
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
                 `jit.compiling.compiled_step`, or None where it cannot
                 loss: what a call gives in place of ``root``
                 constants, assignments: see `Reading`
    Raises       Unreached where the loss does not depend on all parameters of ``memory``
    """
    reading = Reading(root, inputs, forms(), memory.blocks, constants, assignments)
    gradients = reading.differentiated(wrt)
    by_tensor = dict(zip(wrt, gradients, strict=True))
    unreached = [t for block in memory.blocks for t in block.tensors if by_tensor[t] is None]
    if unreached:
        raise Unreached(unreached)
    wholes, changes = updates_of_blocks(reading, by_tensor, memory)
    inside = {tensor for block in memory.blocks for tensor in block.tensors}
    others = [t for t in wrt if t not in inside and by_tensor[t] is not None]
    steps = as_steps(reading, [*wholes, *(by_tensor[t] for t in others)], outputs, loss)
    arrays = dict(reading.trace.arrays)
    arrays |= {value: memory.hold(tensor) for tensor, value in reading.held.items()}
    memory.change(weight for weight, _, _ in assignments)
    steps.updates = [*changes, *reading.assigned]
    steps.is_step = bool(changes)
    what = "every call of a rule is a step, the update for all at once"
    if reading.layers:
        what += f", {len(reading.layers)} dense layers as one product each"
    stages = [Stage("read", what, steps)]
    if (turned := laid_out(steps)) is not None:
        steps = turned
        stages.append(
            Stage("laid out", "results by feature, pictures by row, views of them", steps)
        )
    counts: dict[str, int] = {}
    steps = simplified(steps, counts)
    left_out = ", ".join(f"{count} {why}" for why, count in counts.items() if count)
    stages.append(Stage("simplified", left_out or "nothing to leave out", steps))
    if prepared:
        _prepare(steps, arrays, compile_steps is not None)
    gradients_of_blocks = [g for g in steps.gradients[: len(wholes)] if g is not None]
    arrays |= {g: np.zeros(g.shape, g.dtype) for g in gradients_of_blocks}
    writer = Writer(steps, arrays)
    written = writer.written(title)
    made_from = [arrays.get(v, v.data) for v in written.arguments]
    drawn_from = [v.data for v in written.arguments if v.kind == "generator"]
    memory.generators += [x for x in drawn_from if all(x is not y for y in memory.generators)]
    wholes_kept = [arrays[g] for g in gradients_of_blocks]
    rest = memory, others, wholes_kept, made_from, stages
    if compile_steps is not None and (made := compile_steps(steps, arrays, told(title))):
        return Plan(written, made.step, made.inputs, made.settings, *rest, made.steps, made)
    step = executed(written.text, written.heads)["make"](*made_from)
    return Plan(written, step, written.inputs, written.settings, *rest)


def _prepare(steps: Instructions, arrays: dict[Value, Any], compiled: bool) -> None:
    """Have inputs given as they are read, with ones and transposed, so that no call makes them so.

    Of a compiled program without the views: there one more costs nothing, and here to give it a
    tenth of a µs.
    """
    before_a_call = {with_ones_column} if compiled else {with_ones_column, T}
    for step in steps.steps:
        if step.function in before_a_call and step.inputs[0].role == "input":
            step.output.role, step.output.data = "input", step
            step.output.place = step.inputs[0].place
            arrays[step.output] = calls.run(step.function, (arrays[step.inputs[0]],), {})
    steps.steps = [step for step in steps.steps if step.output.role != "input"]
