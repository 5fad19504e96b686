"""The step of training as a program: recorded twice, then replayed for each batch shape."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from autograd_nn.arrays import refuse_not_finite
from autograd_nn.data import Data
from autograd_nn.engine.taking import outside
from autograd_nn.jit import NotCompilable
from autograd_nn.program.memory import Memory
from autograd_nn.program.planning.planner import plan
from autograd_nn.program.refusals import NotTraceable, Unreached
from autograd_nn.settings import floatx, generator
from autograd_nn.training.batches import Epoch, Stretch
from autograd_nn.training.configuration import Training
from autograd_nn.training.observed import Observed, difference_of, given, observed_loss
from autograd_nn.training.one_step import descend, step
from autograd_nn.training.replayed import Replayed
from autograd_nn.training.stateful import Fingerprint

# Programs of so many batch shapes are kept; beyond, the oldest is dropped.
_KEPT = 16


class Replay:
    """The steps of a compiled model: recorded at first, then replayed.

    Two steps of every batch shape are taken as they are written, and recorded. Where the two
    recordings are the same computation, it is planned as a program, which takes the later steps.
    Where they are not, or a layer remembers something between calls, all steps are taken as they
    are written, and that is said once, with the reason.
    """

    def __init__(self, model: Any, training: Training) -> None:
        self.model = model
        self.training = training
        # Batch shapes whose first step left something behind in a layer.
        self._left_something: set[Any] = set()
        self.forget()

    def forget(self) -> None:
        """Start anew: something that the programs depend on was changed."""
        self.reason: str | None = None
        self._jit = self.training.jit_compile
        self._first: dict[Any, Observed] = {}
        self._programs: dict[Any, Replayed] = {}
        self._on_batch: dict[Any, Replayed] = {}  # by the shapes as they are given
        self._memory: Memory | None = None
        self._last: Replayed | None = None
        self._is_inside = False
        self.parameters = self.model.trainable_weights
        self._fingerprint = Fingerprint(self.model, self.training)
        self._dropout = generator("dropout")
        self._floatx = floatx()

    # ------------------------------------------------------------------ around the steps

    def enter(self) -> bool:
        """Before steps, where anybody may have changed something since the last.

        Returns      whether steps are replayed, or may be once they are recorded
        """
        if self.reason is not None:  # it stays until `compile` is called again
            self.parameters = self.model.trainable_weights
            return False
        if not self._fingerprint.unchanged() or generator("dropout") is not self._dropout:
            self.forget()
        return bool(self.parameters)

    def leave(self) -> None:
        """After steps, where somebody may look: weights, state of the optimizer and ``.grad``."""
        if self._is_inside and self._memory is not None:
            self._memory.hand_back()
            self._is_inside = False
            if self._last is not None:
                self._last.leave_gradients()

    def _go_inside(self) -> None:
        if self._memory is not None:
            self._memory.take_in()
            self._is_inside = True

    # ------------------------------------------------------------------ steps

    def step(self, x: Any, y: Any, weight: Any) -> tuple[Any, Any]:
        """One step, in the way that is known for this batch shape."""
        if self.reason is None:
            key = key_of(x, y, weight)
            program = self._programs.get(key)
            if program is not None:
                return self.run(program, program.arguments(given(x, y, weight)))
            self.leave()
            try:
                return self._recorded_step(key, x, y, weight)
            finally:
                self._last = None
        return step(self.model, self.training, self.parameters, x, y, weight)

    def program_for(self, x: Any, y: Any, weight: Any) -> Replayed | None:
        """The program of this batch shape, None where there is none yet."""
        return self._programs.get(key_of(x, y, weight)) if self.reason is None else None

    def run(self, program: Replayed, arguments: Sequence[Any]) -> tuple[Any, Any]:
        """One step by a program."""
        if not self._is_inside:
            self._go_inside()
        self._last = program
        return program.run(arguments)

    def run_all(self, stretches: Iterable[Stretch]) -> list[Any]:
        """The losses of the steps of an epoch, between which nobody looks or changes anything."""
        if not self._is_inside:
            self._go_inside()
        losses: list[Any] = []
        for program, arguments, batches in stretches:
            self._last = program
            if program.runs_at_once and arguments:
                losses += program.run_at_once(arguments, len(batches))
            else:
                losses += program.run_each(batches)
        return losses

    def at_once(self, x: Any, y: Any) -> tuple[Any, Data, Any] | None:
        """What `on_batch` gives for arrays like those before, with every check and nothing else.

        Returns      None where something is new: then nothing was done
        """
        if type(x) is not np.ndarray or type(y) is not np.ndarray:
            return None
        if floatx() != self._floatx or not self.enter():
            return None
        program = self._on_batch.get(key_of(x, y, None))
        if program is None:
            return None
        refuse_not_finite(x, "x")
        fitted = y
        if not program.accepts_all(y):
            refuse_not_finite(y, "y")
            fitted = program.true_values(y)
        try:
            loss, output = self.run(program, program.arguments({"x": x, "y": fitted}))
        finally:
            self.leave()
        return loss, Data(x, fitted, None), output

    def on_batch(self, data: Data, let_in: Callable[..., Data]) -> tuple[Any, Data, Any]:
        """One step on data that the model has not seen: the loss, the data as used, the output.

        Parameters   let_in: checks the data on the model, and gives them in the form of the loss
        """
        key = key_of(*data)
        program = self._on_batch.get(key)
        if program is None:
            data = let_in(self.training, data, len(data.x))
            loss, output = self.step(*data)
            program = self.program_for(*data)
            if program is not None:
                self._on_batch[key] = program
            return loss, data, output
        y = program.true_values(data.y)
        arguments = program.arguments(given(data.x, y, data.weight))
        loss, output = self.run(program, arguments)
        return loss, Data(data.x, y, data.weight), output

    def has(self, programs: list[Replayed]) -> bool:
        """Whether these are still the programs of their batch shapes."""
        mine = set(self._programs.values())
        return self.reason is None and all(program in mine for program in programs)

    def epoch_of(self, data: Data, batch_size: int) -> Epoch | None:
        """The batches of an epoch, where each of them has a program."""
        starts = range(0, len(data.x), batch_size)
        shapes = [data.rows(slice(start, start + batch_size)) for start in (starts[0], starts[-1])]
        first, last = (self.program_for(*batch) for batch in shapes)
        if first is None or last is None:
            return None
        return Epoch(data, [first] * (len(starts) - 1) + [last])

    def _recorded_step(self, key: Any, x: Any, y: Any, weight: Any) -> tuple[Any, Any]:
        try:
            seen = observed_loss(self.model, self.training, x, y, weight)
        except Exception as error:  # a layer that takes arrays and no Tensors
            self._stay(f"{type(error).__name__} while it was recorded: {error}")
            return step(self.model, self.training, self.parameters, x, y, weight)
        descend(self.training, self.parameters, seen.loss)
        first = self._first.pop(key, None)
        if first is None and seen.remembered is not None and key in self._left_something:
            self._stay(seen.remembered)  # and not a cache that was filled once
        elif first is None:
            self._first[key] = seen
            if seen.remembered is not None:
                self._left_something.add(key)
        else:
            self._plan(key, first, seen)
        return seen.loss._data, seen.output._data

    def _plan(self, key: Any, first: Observed, second: Observed) -> None:
        reason = difference_of(first, second)
        if reason is not None:
            self._stay(reason)
            return
        try:
            made = self._planned(second)
        except Exception as error:  # said, and training goes on
            self._stay(f"{type(error).__name__}: {error}")
            return
        if len(self._programs) >= _KEPT:
            del self._programs[next(iter(self._programs))]
            self._on_batch.clear()
        self._programs[key] = made

    def _planned(self, seen: Observed) -> Replayed:
        loss, output, recording = seen.loss, seen.output, seen.recording
        optimizer = self.training.optimizer
        if self._memory is None:
            moved = [p for p in self.parameters if p._requires_grad]
            try:
                self._memory = Memory(moved, optimizer)
            except NotTraceable:  # the start of its state is not known
                self._memory = Memory(moved)
        outputs = [output] if self.training.metrics else []
        try:
            made = plan(
                loss,
                self._memory.tensors,
                recording.given,
                self._memory,
                outputs,
                title="One step of training.",
                prepared=True,
                compile_steps=_compiler() if self._jit else None,
            )
        except NotCompilable as error:
            self._jit = False
            warnings.warn(
                f"The steps of {self.model.name!r} are replayed without being compiled: {error}",
                stacklevel=_outside(),
            )
            return self._planned(seen)
        except Unreached as error:
            left = [t for t in self._memory.tensors if t not in set(error.tensors)]
            self._change_memory(Memory(left, self._memory.optimizer))
            return self._planned(seen)
        except NotTraceable:
            if self._memory.optimizer is None:
                raise
            # The gradients by a program, the step by the optimizer itself.
            self._change_memory(Memory(self._memory.tensors))
            return self._planned(seen)
        return Replayed(made, self.training, bool(outputs), output._data)

    def _change_memory(self, memory: Memory) -> None:
        """Programs that are there already move the parameters in memory that nobody looks at."""
        self._memory = memory
        self._programs.clear()
        self._on_batch.clear()

    def _stay(self, reason: str) -> None:
        if self.reason is None:
            self.reason = reason
            warnings.warn(
                f"The steps of {self.model.name!r} are taken as they are written, and not by a "
                f"faster program. {reason} compile(…, run_eagerly=True) says that this is wanted.",
                stacklevel=_outside(),
            )


def _compiler() -> Callable[..., Any]:
    from autograd_nn.jit.compiling import compiled_step  # what it imports takes time

    return compiled_step


def _outside() -> int:
    """How far above the caller the first code is that is not the library's."""
    return 1 + outside(sys._getframe(1))[1]


def key_of(x: Any, y: Any, weight: Any) -> tuple[Any, ...]:
    """What batches have in common that one program can take."""
    if weight is None:
        return x.shape, x.dtype, y.shape, y.dtype
    return x.shape, x.dtype, y.shape, y.dtype, weight.shape, weight.dtype
