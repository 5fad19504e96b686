"""The program of a step, and the batches of an epoch as programs take them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from autograd_nn.data import Data
from autograd_nn.engine.tensor import Tensor
from autograd_nn.losses import Loss
from autograd_nn.optimizers.schedules.schedule import rate_at
from autograd_nn.program import T, Value, with_ones_column
from autograd_nn.several import output_of_parts
from autograd_nn.training.configuration import Training
from autograd_nn.training.one_step import Batch, targets
from autograd_nn.training.own_code import parts_of

if TYPE_CHECKING:
    from autograd_nn.program import Plan

SECONDS = 0.05
"""Steps that are made together take no longer, so that Ctrl-C is heard soon and costs little."""


class StepProgram:
    """The program of one batch shape."""

    def __init__(
        self, made: Plan, training: Training, gives_output: bool, outputs: list[Any]
    ) -> None:
        self.made = made
        self.optimizer = training.optimizer
        self.gives_output = gives_output
        self._loss = training.loss
        self._training = training
        # A stand-in for the output, by which true values are brought into their form.
        alone = [one for one in outputs if one.dtype.kind != "b"]  # without masks
        self._like = output_of_parts(
            self._loss, [np.broadcast_to(one.dtype.type(0.5), one.shape) for one in alone]
        )
        # Shape and dtype of true values that have this form already.
        self._as_given: tuple[Any, Any] | None = None
        self.samples = len(outputs[0])
        self.nbytes = made.written.nbytes
        # Of every input its name; whether it is wanted with a column of ones, and transposed.
        self.inputs: list[tuple[str, bool, bool]] = []
        # Memory for those with ones, by name, and where the data belong in it.
        self._wide: dict[str, Any] = {}
        self._inside: list[tuple[str, Any]] = []
        for value in made.inputs:
            self._take_form(value)
        self._settings = [v.name for v in made.settings]
        self.moves = made.memory.optimizer is not None
        self._outputs = len(outputs)
        # Whether what the program gives is what a step gives.
        self._is_plain = self.moves and (not gives_output or self._outputs == 1)
        self.step = made.step
        self._gradients: list[tuple[Tensor, Any]] = []
        for block, whole in zip(made.memory.blocks, made.wholes, strict=True):
            self._gradients += zip(block.tensors, block.views_of(whole), strict=True)
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
        if fitted is y and all(
            type(loss).prepared is Loss.prepared for loss in parts_of(self._loss)
        ):
            self._as_given = y.shape, y.dtype
        return fitted

    def arguments(self, given: dict[str, Any]) -> list[Any]:
        """What the program is called with, from data as the model takes them."""
        for name, inside in self._inside:
            inside[...] = given[name]
        found = []
        for name, wide, turned in self.inputs:
            array = self._wide[name] if wide else given[name]
            found.append(array.T if turned else array)
        return found

    def _take_form(self, value: Value) -> None:
        turned = value.data is not None and value.data.function is T
        if turned:
            value = value.data.inputs[0]
        wide = value.data is not None
        if wide:
            value = value.data.inputs[0]
            if value.name not in self._wide:
                array = with_ones_column(np.empty(value.shape, value.dtype))
                self._wide[value.name] = array
                self._inside.append((value.name, array[:, :-1]))
        self.inputs.append((value.name, wide, turned))

    def batch_of(self, arrays: dict[tuple[str, bool], Any], rows: slice, data: Data) -> Batch:
        """Rows of arrays, by name and whether with a column of ones, as the program takes them."""
        found = []
        for name, wide, turned in self.inputs:
            array = arrays[name, wide][rows]
            found.append(array.T if turned else array)
        # What the model is called with is in the arguments.
        plain = {name: array[rows] for (name, wide), array in arrays.items() if not wide}
        return Batch(data.like(plain)._replace(x=None), self, tuple(found))

    def run(self, arguments: Sequence[Any]) -> Any:
        """A step on a batch: the loss before it; where the output is asked for, both."""
        memory = self.made.memory
        if self.moves:
            memory.begin()
            result = self.step(*arguments, *self._settings_after(0))
            memory.end()
        else:
            memory.take_in()  # numbers among the parameters are moved elsewhere
            memory.begin()
            result = self.step(*arguments)
            self._apply(result[0])
        return result if self._is_plain else self._in_form(result)

    def run_all(self, stretch: Stretch) -> list[Any]:
        """The losses of all steps of a stretch, between which nobody looks or changes anything.

        Many together are made as a whole or not at all, so that what was there before is kept once
        for all of them; after each such group Ctrl-C is heard also where it is machine code.
        """
        # A schedule of one's own, which is asked before every step, may raise.
        asks = self.optimizer._schedule is not None and self.made.many is None
        if asks or not self.moves:
            return [self.run(batch.arguments) for batch in stretch.batches]
        memory, count = self.made.memory, len(stretch.batches)
        losses: list[Any] = []
        while (first := len(losses)) < count:
            last = min(count, first + max(1, int(SECONDS / self._seconds)))
            started = time.perf_counter()
            memory.begin()
            losses += self._together(stretch, first, last)
            memory.end(last - first)
            self._seconds = max(1e-9, (time.perf_counter() - started) / (last - first))
        return losses

    def _together(self, stretch: Stretch, first: int, last: int) -> list[Any]:
        if (many := self.made.many) is not None:
            rows = slice(first * self.samples, last * self.samples)
            given = [array[rows] for array in stretch.arguments]
            return many(last - first, given, self._settings_of_all(last - first))
        step, settings = self.step, self._settings_after(0)
        if self._settings == ["learning_rate"] and self.optimizer._schedule is None:
            return [step(*batch.arguments, *settings) for batch in stretch.batches[first:last]]
        return [
            step(*batch.arguments, *self._settings_after(done))
            for done, batch in enumerate(stretch.batches[first:last])
        ]

    def _settings_of_all(self, steps: int) -> list[Any]:
        """The settings of the next steps: for each its number and its rate, or a rate for all."""
        optimizer = self.optimizer
        done = np.arange(optimizer._iterations, optimizer._iterations + steps)
        rate: Any = optimizer._learning_rate
        if optimizer._schedule is not None:
            rate = np.array([rate_at(optimizer._schedule, int(step)) for step in done])
        return [rate if name == "learning_rate" else done + 1 for name in self._settings]

    def _settings_after(self, steps: int) -> list[Any]:
        """The settings of one step, when so many more are made."""
        optimizer = self.optimizer
        done, rate = optimizer._iterations + steps, optimizer._learning_rate
        if optimizer._schedule is not None:
            rate = rate_at(optimizer._schedule, done)
        return [rate if name == "learning_rate" else done + 1 for name in self._settings]

    def _apply(self, loss: Any) -> None:
        """The step of an optimizer whose rule runs as it is written.

        It may keep a gradient in its state, and the next one is put into the same memory.
        """
        exchange = self._training.exchange
        if exchange is None:
            pairs = [(g.copy()[()], t) for t, g in self._gradients]
        else:
            tensors = [t for t, _ in self._gradients]
            averages = exchange([g for _, g in self._gradients], tensors, loss)
            pairs = list(zip(averages, tensors, strict=True))
        self.optimizer._apply(pairs, self.made.memory.changed_numbers())

    def _in_form(self, result: Any) -> Any:
        """The loss, and where it is asked for the output; of what else a program gives nothing."""
        if not self.gives_output:
            return result if self.moves else result[0]
        return result[0], output_of_parts(self._loss, result[-self._outputs :])

    def leave_gradients(self) -> None:
        """Have the gradients of the last call in ``.grad``; who looks there gets a copy."""
        for parameter, gradient in self._gradients:
            parameter._grad = gradient if gradient.ndim else gradient[()]


# ---------------------------------------------------------------------- an epoch at once


class Stretch(NamedTuple):
    """Batches of one program that follow one another.

    ``arguments`` are those of all of them, for a program that takes them at once.
    """

    program: StepProgram
    arguments: tuple[Any, ...]
    batches: list[Batch]


AT_ONCE = 64_000_000
OF_A_BATCH = 64_000
"""Data of up to so many bytes are gathered for a whole epoch, where a batch has so few."""


def gathered(
    data: Data, size: int, programs: dict[Any, StepProgram], before: Epoch | None
) -> Epoch | None:
    """The batches of an epoch in memory, where each has a program, and all are not large.

    Parameters   programs: those that are there, by the kind of a batch
                 before: an epoch before, which serves again with the same programs
    """
    if before is not None and set(before.programs) <= set(programs.values()):
        before.refresh()
        return before
    starts = range(0, len(data.x), size)
    first = programs.get(data.rows(slice(size)).kind)
    last = programs.get(data.rows(slice(starts[-1], None)).kind)
    nbytes = sum(array.nbytes for array in data.named().values())
    if first is None or last is None or nbytes > min(AT_ONCE, OF_A_BATCH * len(starts)):
        return None
    return Epoch(data, [first] * (len(starts) - 1) + [last])


class Epoch:
    """The batches of an epoch for programs, gathered into memory that is there.

    Parameters   data: of the whole fit
                 programs: that of every batch
    """

    def __init__(self, data: Data, programs: list[StepProgram]) -> None:
        self.programs = programs
        self.sizes = [program.samples for program in programs]
        self._data = data
        self._sources = data.named()
        # By name, and whether with a column of ones, which is a copy.
        seen = data._replace(x=None).named()  # what is looked at beside the program
        self._whole = {(name, False): x for name, x in seen.items() if x is not None}
        for program in dict.fromkeys(programs):
            for name, wide, _ in program.inputs:
                if (name, wide) not in self._whole:
                    source = self._sources[name]
                    self._whole[name, wide] = with_ones_column(source) if wide else source
        self._places = {key: np.empty_like(array) for key, array in self._whole.items()}
        # Views of all batches, made once.
        self._in_order = self._stretches(self._whole)
        self._shuffled = self._stretches(self._places)

    def refresh(self) -> None:
        """Copy again what was copied from the data: somebody may have changed them since."""
        for (name, wide), array in self._whole.items():
            if wide:
                array[:, :-1] = self._sources[name]

    def stretches(self, order: Any) -> list[Stretch]:
        """One epoch in this order of the samples, None for the order given."""
        if order is None:
            return self._in_order
        for key, array in self._whole.items():
            # "clip" does without the buffer that "raise" needs; the order is a permutation.
            array.take(order, 0, self._places[key], "clip")
        return self._shuffled

    def batches(self, order: Any) -> Iterator[Batch]:
        """The same, batch by batch."""
        return (batch for stretch in self.stretches(order) for batch in stretch.batches)

    def _stretches(self, arrays: dict[tuple[str, bool], Any]) -> list[Stretch]:
        found = []
        stop = 0
        for program, group in itertools.groupby(self.programs):
            first, batches = stop, []
            for _ in group:
                rows = slice(stop, stop := stop + program.samples)
                batches.append(program.batch_of(arrays, rows, self._data))
            # Only machine code takes them at once, and it takes nothing transposed.
            whole = tuple(arrays[name, wide][first:stop] for name, wide, _ in program.inputs)
            found.append(Stretch(program, whole, batches))
        return found
