"""Steps of training by programs: one for each batch shape, all on the same memory."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.engine.taking import outside
from autograd_nn.engine.tensor import Tensor
from autograd_nn.jit import NotCompilable
from autograd_nn.losses import Loss
from autograd_nn.optimizers.schedules.schedule import rate_at
from autograd_nn.program import (
    Memory,
    NotTraceable,
    Recorder,
    T,
    Unreached,
    Value,
    plan,
    with_ones_column,
)
from autograd_nn.training.configuration import Training
from autograd_nn.training.observed import Observed, difference_of
from autograd_nn.training.one_step import targets

if TYPE_CHECKING:
    from autograd_nn.program import ManySteps, Plan
    from autograd_nn.training.batches import Stretch

SECONDS = 0.05
"""Steps in one call of machine code take no longer, so that Ctrl-C is heard soon."""


class StepProgram:
    """The program of one batch shape."""

    def __init__(self, made: Plan, training: Training, gives_output: bool, output: Any) -> None:
        self.made = made
        self.optimizer = training.optimizer
        self.gives_output = gives_output
        self._loss = training.needed_loss()
        # A stand-in for the output, by which true values are brought into their form.
        self._like = np.broadcast_to(output.dtype.type(0.5), output.shape)
        # Shape and dtype of true values that have this form already.
        self._as_given: tuple[Any, Any] | None = None
        self.samples = len(output)
        self.nbytes = made.written.nbytes
        # Of inputs that are wanted with a column of ones: that, and where they belong in it.
        self._wide: dict[str, tuple[Any, Any]] = {}
        self.inputs = [_form(value) for value in made.inputs]
        self._settings = [v.name for v in made.settings]
        self.moves = made.memory.optimizer is not None
        self.step = made.step
        self._gradients: list[tuple[Tensor, Any]] = []
        for block, whole in zip(made.memory.blocks, made.wholes, strict=True):
            self._gradients += block.views_of(whole)
        self._takes_rate_alone = self.moves and self._settings == ["learning_rate"]
        self._seconds = SECONDS  # of a step, as far as is known

    def accepts_all(self, y: Any) -> bool:
        """Whether true values need no other form and no other check, found in one look."""
        return (y.shape, y.dtype) == self._as_given and self._loss.accepts_all(y)

    def true_values(self, y: Any) -> Any:
        """y in the form that the loss takes, checked."""
        if (y.shape, y.dtype) == self._as_given:
            self._loss.check_true(y, "y")
            return y
        fitted = targets(self._loss, y, self._like, alone=True)
        if fitted is y and type(self._loss).prepared is Loss.prepared:
            self._as_given = y.shape, y.dtype
        return fitted

    def arguments(self, given: dict[str, Any]) -> list[Any]:
        """What the program is called with, from data as the model takes them."""
        for name, (_, inside) in self._wide.items():
            inside[...] = given[name]
        found = []
        for name, wide, turned in self.inputs:
            array = self._with_ones(name, given[name]) if wide else given[name]
            found.append(array.T if turned else array)
        return found

    def _with_ones(self, name: str, array: Any) -> Any:
        if name not in self._wide:
            wide = with_ones_column(array)
            self._wide[name] = wide, wide[:, :-1]
        return self._wide[name][0]

    def run(self, arguments: Sequence[Any]) -> tuple[Any, Any]:
        """One step: the loss before it, and the output where it is asked for."""
        settings = [self._setting(name) for name in self._settings]
        memory = self.made.memory
        if not self.moves:
            memory.take_in()  # numbers among the parameters are moved elsewhere
            memory.begin()
            loss, *rest = self.step(*arguments, *settings)
            self._apply()
            return loss, rest[-1] if self.gives_output else None
        memory.begin()
        result = self.step(*arguments, *settings)
        memory.end()
        return result if self.gives_output else (result, None)

    def run_all(self, stretch: Stretch) -> list[Any]:
        """The losses of all steps of a stretch, between which nobody looks or changes anything."""
        if self.moves and self.made.many is not None and stretch.arguments:
            return self._run_many(self.made.many, stretch.arguments, len(stretch.batches))
        optimizer = self.optimizer
        if not self._takes_rate_alone or optimizer._schedule is not None:
            return [self.run(batch.arguments)[0] for batch in stretch.batches]
        step, rate = self.step, optimizer._learning_rate
        begin, end = self.made.memory.begin, self.made.memory.end
        losses = []
        for batch in stretch.batches:
            begin()
            losses.append(step(*batch.arguments, rate))
            end()
        return losses

    def _run_many(self, many: ManySteps, arguments: Sequence[Any], count: int) -> list[float]:
        """The same in a few calls of machine code, after each of which Ctrl-C is heard."""
        memory = self.made.memory
        losses: list[float] = []
        while len(losses) < count:
            first = len(losses)
            last = min(count, first + max(1, int(SECONDS / self._seconds)))
            rows = slice(first * self.samples, last * self.samples)
            given = [array[rows] for array in arguments]
            started = time.perf_counter()
            memory.begin()
            found = many(last - first, given, self._settings_of(last - first))
            memory.end(last - first)
            losses += found
            self._seconds = max(1e-9, (time.perf_counter() - started) / (last - first))
        return losses

    def _settings_of(self, steps: int) -> list[Any]:
        """The settings of the next steps: for each its number and its rate, or a rate for all."""
        optimizer = self.optimizer
        done = np.arange(optimizer._iterations, optimizer._iterations + steps)
        rate: Any = optimizer._learning_rate
        if optimizer._schedule is not None:
            rate = np.array([rate_at(optimizer._schedule, int(step)) for step in done])
        return [rate if name == "learning_rate" else done + 1 for name in self._settings]

    def _setting(self, name: str) -> Any:
        if name == "learning_rate":
            return self.optimizer.learning_rate
        return self.optimizer._iterations + 1

    def _apply(self) -> None:
        """The step of an optimizer whose rule runs as it is written.

        It may keep a gradient in its state, and the next one is put into the same memory.
        """
        pairs = [(g.copy()[()], t) for t, g in self._gradients]
        self.optimizer._apply(pairs, self.made.memory.changed_numbers())

    def leave_gradients(self) -> None:
        """Have the gradients of the last call in ``.grad``; who looks there gets a copy."""
        for parameter, gradient in self._gradients:
            is_array = type(parameter._data) is np.ndarray
            parameter._grad = gradient if is_array else gradient[()]


class StepPrograms:
    """The programs of a model, which share the memory of its parameters and of their state.

    Parameters   optimizer: None where its rule runs as it is written, on the gradients
    """

    def __init__(self, model: Any, training: Training, optimizer: Any) -> None:
        self.model = model
        self.training = training
        self.recorder = Recorder(difference_of, self._made)
        self.by_shape: dict[Any, StepProgram] = self.recorder.programs
        self._jit = training.jit_compile
        self._optimizer = optimizer
        self._memory: Memory | None = None
        self._last: StepProgram | None = None
        self._is_inside = False

    def run(self, program: StepProgram, arguments: Sequence[Any]) -> tuple[Any, Any]:
        """One step."""
        self._enter(program)
        self.recorder.replays += 1
        return program.run(arguments)

    def run_all(self, stretches: Iterable[Stretch]) -> list[Any]:
        """The losses of the steps of an epoch."""
        losses: list[Any] = []
        for stretch in stretches:
            self._enter(stretch.program)
            self.recorder.replays += len(stretch.batches)
            losses += stretch.program.run_all(stretch)
        return losses

    def _enter(self, program: StepProgram) -> None:
        self._last = program
        if not self._is_inside:
            program.made.memory.take_in()
            self._is_inside = True

    def leave(self) -> None:
        """After steps, where somebody may look: weights, state of the optimizer and ``.grad``."""
        if self._is_inside and self._last is not None:
            self._last.made.memory.hand_back()
            self._is_inside = False
            self._last.leave_gradients()

    def _made(self, _: Observed, seen: Observed) -> StepProgram:
        """The program of a step that was recorded twice."""
        if self._memory is None:
            moved = [w for w in self.model.trainable_weights if w._requires_grad]
            try:
                self._memory = self._memory_of(moved, self._optimizer)
            except NotTraceable:  # the start of its state is not known
                self._memory = self._memory_of(moved)
        outputs = [seen.output] if self.training.metrics else []
        try:
            made = plan(
                seen.loss,
                self._memory.tensors,
                seen.recording.given,
                self._memory,
                outputs,
                title="One step of training.",
                prepared=True,
                compile_steps=self._compiler(),
                assignments=seen.recording.looks.assignments,
            )
        except NotCompilable as error:
            self._jit = False
            warnings.warn(
                f"The steps of {self.model.name!r} are replayed without being compiled: {error}",
                stacklevel=1 + outside(sys._getframe())[1],
            )
            return self._made(_, seen)
        except Unreached as error:
            left = [t for t in self._memory.tensors if t not in set(error.tensors)]
            self._change_memory(self._memory_of(left, self._memory.optimizer))
            return self._made(_, seen)
        except NotTraceable:
            if self._memory.optimizer is None:
                raise
            # The gradients by a program, the step by the optimizer itself.
            self._change_memory(self._memory_of(self._memory.tensors))
            return self._made(_, seen)
        return StepProgram(made, self.training, bool(outputs), seen.output._data)

    def _memory_of(self, tensors: list[Tensor], optimizer: Any = None) -> Memory:
        return Memory(tensors, optimizer, counter=self.training.optimizer)

    def _change_memory(self, memory: Memory) -> None:
        """Programs that are there already move the parameters in memory that nobody looks at."""
        self._memory = memory
        self.recorder.programs.clear()

    def _compiler(self) -> Any:
        # Compiling takes seconds, and megabytes: too much where batches come in ever new shapes.
        if not self._jit or not self.recorder.has_few:
            return None
        from autograd_nn.jit.compiling import compiled_step  # what it imports takes time

        return compiled_step


def _form(value: Value) -> tuple[str, bool, bool]:
    """The name of an input; whether it is wanted with a column of ones, and transposed."""
    turned = value.data is not None and value.data.function is T
    if turned:
        value = value.data.inputs[0]
    wide = value.data is not None
    return (value.data.inputs[0] if wide else value).name, wide, turned
