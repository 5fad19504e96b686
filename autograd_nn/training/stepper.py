"""How the steps of a compiled model are taken: as they are written, or by programs."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.arrays import refuse_not_finite
from autograd_nn.data import Data
from autograd_nn.engine.errors import StateError
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.taking import outside
from autograd_nn.settings import floatx
from autograd_nn.training.batches import Batch, Epoch, Stretch, given
from autograd_nn.training.configuration import Training
from autograd_nn.training.fingerprint import Fingerprint
from autograd_nn.training.one_step import descend, recorded_loss, step
from autograd_nn.training.own_code import Own, own_code, own_optimizer

if TYPE_CHECKING:
    from autograd_nn.training.step_program import StepProgram, StepPrograms

Done = tuple[Any, Data, Any]
"""The loss of a step, the data as used, the output."""


class _Unrepeatable(Exception):
    """A step that was recorded cannot become a program: why, and whether a promise is broken."""


class Stepper:
    """The steps of a compiled model.

    Two steps of every batch shape are taken as they are written, and recorded. Where the two
    recordings are the same computation, it is made into a program, which takes the later steps.
    A model with code of the user's own that is not declared ``replayable`` is always run as it is
    written, and that is said once. Where a declaration turns out not to hold, that is an error.
    """

    def __init__(self, model: Any, training: Training) -> None:
        self.model = model
        self.training = training
        self._has_told = False
        self.forget()

    def forget(self) -> None:
        """Start anew: something that the programs depend on was changed."""
        model, training = self.model, self.training
        self.parameters = model.trainable_weights
        self.as_written = training.run_eagerly
        self._programs: StepPrograms | None = None
        # Of batches in the form in which they are given to `train_on_batch`.
        self._as_given: dict[Any, StepProgram] = {}
        self._own: list[Own] = []
        if self.as_written:
            return
        self._own = own_code(model, training.loss)
        own_rules = own_optimizer(training.optimizer)
        promised = training.jit_compile
        # It costs little to run an update as it is written, on gradients that a program gives.
        self._own_rule = not promised and any(not own.is_declared for own in own_rules)
        undeclared = [] if promised else [own for own in self._own if not own.is_declared]
        self.as_written = bool(undeclared)
        self._compared = [*self._own, *own_rules]
        self._fingerprint = Fingerprint(model, training, self._compared)
        self._floatx = floatx()
        if undeclared:
            self._tell_undeclared(undeclared)

    # ------------------------------------------------------------------ around the steps

    def enter(self) -> None:
        """Before steps, where anybody may have changed something since the last."""
        if self.as_written:
            self.parameters = self.model.trainable_weights  # a callback may freeze a layer
        elif not self._fingerprint.unchanged():
            self.leave()
            self.forget()

    def leave(self) -> None:
        """After steps, where somebody may look: weights, state of the optimizer and ``.grad``."""
        if self._programs is not None:
            self._programs.leave()

    # ------------------------------------------------------------------ a batch, an epoch

    def step(self, batch: Batch) -> tuple[Any, Any]:
        """One step, in the way that is known for this batch shape: its loss, and the output."""
        program, arguments = batch.program, batch.arguments
        if program is None and self._programs is not None:
            program = self._programs.by_shape.get(key_of(*batch.data))
            if program is not None:
                arguments = tuple(program.arguments(given(*batch.data)))
        if program is not None and self._programs is not None:
            return self._programs.run(program, arguments)
        self.leave()
        if self._is_recorded(batch.data):
            try:
                with self._whole_step():
                    return self._recorded_step(batch.data)
            except _Unrepeatable as refused:  # what it drew and assigned is undone
                self._give_up(*refused.args)
        with self._whole_step():
            loss, _, output = step(self.model, self.training, self.parameters, batch.data)
            return loss, output

    def epoch(self, stretches: Iterable[Stretch]) -> list[Any]:
        """The losses of the steps of an epoch, between which nobody looks or changes anything."""
        assert self._programs is not None
        return self._programs.run_all(stretches)

    def gathered(self, data: Data, batch_size: int) -> Epoch | None:
        """The batches of an epoch in memory, where each of them has a program."""
        if self._programs is None:
            return None
        starts = range(0, len(data.x), batch_size)
        shapes = [data.rows(slice(start, start + batch_size)) for start in (starts[0], starts[-1])]
        first, last = (self._programs.by_shape.get(key_of(*batch)) for batch in shapes)
        if first is None or last is None:
            return None
        return Epoch(data, [first] * (len(starts) - 1) + [last])

    def has(self, epoch: Epoch) -> bool:
        """Whether the programs of an epoch are still those of their batch shapes."""
        if self._programs is None:
            return False
        mine = set(self._programs.by_shape.values())
        return all(program in mine for program in epoch.programs)

    # ------------------------------------------------------------------ data never seen before

    def on_like_arrays(self, x: Any, y: Any) -> Done | None:
        """What `on_batch` gives for arrays like those before, with every check and nothing else.

        Returns      None where something is new: then nothing was done
        """
        if type(x) is not np.ndarray or type(y) is not np.ndarray or not self._as_given:
            return None
        self.enter()
        program = self._as_given.get(key_of(x, y, None))
        if program is None or floatx() != self._floatx:
            return None
        refuse_not_finite(x, "x")
        fitted = y
        if not program.accepts_all(y):
            refuse_not_finite(y, "y")
            fitted = program.true_values(y)
        return self._left(program, Data(x, fitted, None))

    def on_batch(self, data: Data, let_in: Callable[..., Data]) -> Done:
        """One step on data that the model has not seen: they are checked before anything changes.

        Parameters   let_in: checks the data on the model, and gives them in the form of the loss
        """
        self.enter()
        if not self.as_written:
            key = key_of(*data)
            program = self._as_given.get(key) or self._known_as(key, key)
            if program is not None:
                return self._left(program, Data(data.x, program.true_values(data.y), data.weight))
        with recorded():
            if not self._is_recorded(data):
                with self._whole_step():
                    return step(self.model, self.training, self.parameters, data, is_checked=False)
            data = let_in(self.training, data, len(data.x))
            try:
                loss, output = self.step(Batch(data))
            finally:
                self.leave()
        self._known_as(key, key_of(*data))
        return loss, data, output

    def _known_as(self, key: Any, kind: Any) -> StepProgram | None:
        """The program of a kind of batches, from now on also under the key of the data as given."""
        if self._programs is None or (program := self._programs.by_shape.get(kind)) is None:
            return None
        kept = set(self._programs.by_shape.values())
        self._as_given = {k: kept_one for k, kept_one in self._as_given.items() if kept_one in kept}
        self._as_given[key] = program
        return program

    def _left(self, program: StepProgram, data: Data) -> Done:
        """One step by a program, after which everybody may look."""
        assert self._programs is not None
        try:
            loss, output = self._programs.run(program, program.arguments(given(*data)))
        finally:
            self.leave()
        return loss, data, output

    def _whole_step(self) -> undone:
        """Around a step as it is written: where it is not made, nothing was drawn either."""
        optimizer = self.training.optimizer
        count = optimizer._iterations
        return undone(unless=lambda: optimizer._iterations != count)

    # ------------------------------------------------------------------ recording

    def _is_recorded(self, data: Data) -> bool:
        """Whether a step on a batch of this shape, which has no program, is to be recorded."""
        if self.as_written or not self.parameters:
            return False
        if self._programs is None:
            from autograd_nn.training.step_program import StepPrograms  # it imports the planner

            rule = None if self._own_rule else self.training.optimizer
            self._programs = StepPrograms(self.model, self.training, rule)
        return self._programs.recorder.wants(key_of(*data))

    def _recorded_step(self, data: Data) -> tuple[Any, Any]:
        from autograd_nn.training.observed import observed_loss

        assert self._programs is not None
        recorder, kind = self._programs.recorder, key_of(*data)
        try:
            seen = observed_loss(self.model, self.training, *data)
        except Exception as error:  # a layer that takes arrays and no Tensors
            # What fails also as it is written says so by itself.
            recorded_loss(self.model, self.training.needed_loss(), *data)
            raise _Unrepeatable(f"{type(error).__name__}: {error}", True) from None
        if not self._fingerprint.unchanged():
            what = self._fingerprint.what_changed()
            if recorder.has_first(kind):
                raise _Unrepeatable(f"{what} is changed by the call itself.", True)
            # What is filled by a first call, such as a cache, is there for the next ones.
            self._fingerprint = Fingerprint(self.model, self.training, self._compared)
            recorder.forget()
            self._as_given.clear()
        refusal = recorder.add(kind, seen)
        if refusal is not None:
            raise _Unrepeatable(refusal.reason, refusal.differs)
        descend(self.training, self.parameters, seen.loss)
        return seen.loss._data, seen.output._data

    def _give_up(self, reason: str, differs: bool) -> None:
        """No program can repeat the steps: an error where that was promised, else a warning."""
        self._programs = None
        promised = ", ".join(own.who for own in self._own)
        if differs and promised:
            how = "jit_compile=True" if self.training.jit_compile else "replayable = True"
            raise StateError(
                f"{how} is said of {promised}, but a program cannot repeat what is computed. "
                f"{reason} Without {how} it is run as it is written."
            ) from None
        self.as_written = True
        warnings.warn(
            f"The steps of {self.model.name!r} are taken as they are written, and not by a faster "
            f"program. {reason} compile(…, run_eagerly=True) says that this is wanted.",
            stacklevel=1 + outside(sys._getframe())[1],
        )

    def _tell_undeclared(self, undeclared: list[Own]) -> None:
        if self._has_told:
            return
        self._has_told = True
        who = ", ".join(own.who for own in undeclared)
        lines = "; ".join(dict.fromkeys(own.line for own in undeclared))
        warnings.warn(
            f"{who}: code of your own is run as it is written. There is a faster way, where its "
            "result depends on its inputs, on weights, arrays and Tensors that it uses directly, "
            f"and on plain attributes of its own: write {lines}. "
            "compile(…, run_eagerly=True) says that it is wanted as it is.",
            stacklevel=1 + outside(sys._getframe())[1],
        )


def stepper_of(model: Any, training: Training) -> Stepper:
    """How the steps of a model are taken, known from the first step on."""
    if training.stepper is None:
        training.stepper = Stepper(model, training)
    stepper: Stepper = training.stepper
    return stepper


def key_of(x: Any, y: Any, weight: Any) -> tuple[Any, ...]:
    """What batches have in common that one program can take."""
    if weight is None:
        return x.shape, x.dtype, y.shape, y.dtype
    return x.shape, x.dtype, y.shape, y.dtype, weight.shape, weight.dtype
