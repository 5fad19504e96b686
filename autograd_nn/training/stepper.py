"""How the steps of a compiled model are taken: as they are written, or by programs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.arrays import refuse_not_finite
from autograd_nn.data import Data
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.taking import warn_outside
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program import (
    Memory,
    NotTraceable,
    Recorder,
    Recording,
    Refused,
    Unreached,
    difference,
    plan,
)
from autograd_nn.settings import floatx
from autograd_nn.several import output_of_parts
from autograd_nn.training.configuration import Training
from autograd_nn.training.fingerprint import Fingerprint
from autograd_nn.training.one_step import (
    Batch,
    RunningValues,
    descend,
    held_metrics,
    loss_as_written,
    observed_loss,
    recorded_loss,
    step,
    unlike_written,
)
from autograd_nn.training.own_code import broken_promise, own_code, way_to_declare
from autograd_nn.training.validation import beyond, let_in_between, said_by_the_model

if TYPE_CHECKING:
    from autograd_nn.training.step_program import Epoch, StepProgram, Stretch

Done = tuple[Any, Data, Any]
"""The loss of a step, the data as used, the output."""


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
        self._taken_before = dict(training.taken_before)

    def forget(self) -> None:
        """Start anew: something that the programs depend on was changed."""
        model, training = self.model, self.training
        self.parameters = model.trainable_weights
        self.find_metrics()
        self.as_written = training.run_eagerly
        self._start_recording()
        self._taken_before = {}
        self._beyond = beyond(model)
        if self.as_written:
            return
        self._own, own_rules = own_code(model, training.loss, training.optimizer)
        promised = training.jit_compile
        # It costs little to run an update as it is written, on gradients that a program gives.
        own_rule = not promised and any(not own.is_declared for own in own_rules)
        # Between gradients and update is what several processes do together.
        is_apart = own_rule or training.shared is not None
        self._optimizer = None if is_apart else training.optimizer
        undeclared = [own for own in self._own if not (promised or own.is_declared)]
        self.as_written = bool(undeclared)
        self._compared = [*self._own, *own_rules]
        self._fingerprint = Fingerprint(model, training, self._compared)
        self._floatx = floatx()
        if undeclared:
            if not self._has_told:
                self._has_told = True
                warn_outside(way_to_declare(undeclared))
        elif self._own and self._fingerprint.unknown:
            self._give_up(
                f"Changes of {', '.join(self._fingerprint.unknown)} could not be noticed: keep it "
                "in arrays, lists, dicts, sets, or an object of your own.",
                differs=False,
            )

    def _start_recording(self) -> None:
        self._recorder = Recorder(difference, self._made)
        # By the shapes and dtypes of batches: they have their memory in common.
        self.programs: dict[Any, StepProgram] = self._recorder.programs
        self._memory: Memory | None = None
        # Whose call was the last, as long as the parameters are in that memory.
        self._inside: StepProgram | None = None
        self._jit = self.training.jit_compile
        # For the form in which data are given to `train_on_batch`, that which the loss takes.
        self._kinds: dict[Any, Any] = {}

    # ------------------------------------------------------------------ around the steps

    def find_metrics(self) -> None:
        """Look for the metrics that layers have as attributes."""
        self.held = held_metrics(self.model)

    def values(self) -> RunningValues:
        """What the steps of an epoch tell, from the start."""
        for metric in self.held:
            metric.reset_state()
        return RunningValues(self.training, self.held)

    def enter(self) -> None:
        """Before steps, where anybody may have changed something since the last."""
        if self.as_written:
            self.parameters = self.model.trainable_weights  # a callback may freeze a layer
        elif not self._fingerprint.unchanged():
            self.leave()
            self.forget()

    def leave(self) -> None:
        """After steps, where somebody may look: weights, state of the optimizer and ``.grad``."""
        if (last := self._inside) is not None:
            last.made.memory.hand_back()
            self._inside = None
            last.leave_gradients()

    # ------------------------------------------------------------------ a batch, an epoch

    def step(self, batch: Batch) -> Done:
        """One step, in the way that is known for this batch shape."""
        data, program, arguments = batch
        if program is None:
            kind = data.kind
            if self._taken_before:
                self._catch_up(kind, data)
            program = self.programs.get(kind)
        if program is not None:
            self._enter(program)
            self._recorder.replays += 1
            result = program.run(arguments or program.arguments(data.named()))
            loss, output = result if program.gives_output else (result, None)
            return loss, data, output
        self.leave()
        if self._is_recorded(kind):
            try:
                with self._whole_step():
                    return self._recorded_step(kind, data)
            except Refused as refused:  # what it drew and assigned is undone
                self._give_up(refused.reason, refused.differs)
        with self._whole_step():
            return step(self.model, self.training, self.parameters, data)

    def epoch(self, stretches: Iterable[Stretch]) -> list[Any]:
        """The losses of the steps of an epoch, between which nobody looks or changes anything."""
        losses: list[Any] = []
        for stretch in stretches:
            self._enter(stretch.program)
            self._recorder.replays += len(stretch.batches)
            losses += stretch.program.run_all(stretch)
        return losses

    def _enter(self, program: StepProgram) -> None:
        if self._inside is None:
            program.made.memory.take_in()
        self._inside = program

    def gathered(self, data: Data, batch_size: int, before: Epoch | None) -> Epoch | None:
        """The batches of an epoch in memory, where that serves; see `step_program.gathered`."""
        if not self.programs:
            return None
        from autograd_nn.training.step_program import gathered

        return gathered(data, batch_size, self.programs, before)

    # ------------------------------------------------------------------ data never seen before

    def on_like_arrays(self, x: Any, y: Any) -> Done | None:
        """What `on_batch` gives for arrays like those before, with every check and nothing else.

        Returns      None where something is new: then nothing was done
        """
        if type(x) is not np.ndarray or type(y) is not np.ndarray or not self.programs:
            return None
        self.enter()
        data = Data(x, y, None)
        program = self._known(data, data.kind)
        if program is None or floatx() != self._floatx:
            return None
        refuse_not_finite(x, "x")
        if not program.accepts_all(y):
            refuse_not_finite(y, "y")
            data = Data(x, program.true_values(y), None)
        return self._left(Batch(data, program))

    def on_batch(self, data: Data, name: str = "") -> Done:
        """One step on data that the model has not seen: they are checked before anything changes.

        Parameters   name: how errors begin, "batch 3 "
        """
        self.enter()
        key = data.kind
        if (program := self._known(data, key)) is not None:
            fitted = Data(data.x, program.true_values(data.y), data.weight)
            return self._left(Batch(fitted, program))
        with recorded():
            if not self._is_recorded(key):
                with self._whole_step():
                    return step(self.model, self.training, self.parameters, data, False, name)
            data = let_in_between(self.model, self.training, data, name)
            done = self._left(Batch(data))
        if (kind := data.kind) != key and kind in self.programs:
            known = {k: v for k, v in self._kinds.items() if v in self.programs}
            self._kinds = {**known, key: kind}
        return done

    def _known(self, data: Data, key: Any) -> StepProgram | None:
        """The program for data that were given like this before, if no layer may refuse them."""
        refused = self._beyond is not None and self._beyond(data.x)
        return None if refused else self.programs.get(self._kinds.get(key, key))

    def _left(self, batch: Batch) -> Done:
        """One step after which everybody may look."""
        try:
            return self.step(batch)
        except ValueError as error:
            self.leave()
            raise said_by_the_model(self.model, batch.data.x, len(batch.data.x), error) from None
        finally:
            self.leave()

    def _whole_step(self) -> undone:
        """Around a step as it is written: where it is not made, nothing was drawn either."""
        optimizer = self.training.optimizer
        count = optimizer._iterations
        return undone(unless=lambda: optimizer._iterations != count)

    # ------------------------------------------------------------------ as another one would go on

    @property
    def taken(self) -> dict[str, int]:
        """By the kind of a batch, as text: 1 where a step was recorded, 2 where programs take them.

        The results of the two ways differ by rounding. So whoever goes on for this one, such as a
        copy, takes the next step in the same way.
        """
        recorder = self._recorder
        if not recorder.has_few:
            return {}
        once = {repr(kind): 1 for kind in recorder.recorded_once}
        return {**self._taken_before, **once, **{repr(kind): 2 for kind in self.programs}}

    def go_on_as(self, taken: dict[str, int]) -> None:
        """Take the next steps as the one would that told this; see `taken`."""
        self.leave()
        self.forget()
        self._taken_before = dict(taken)

    def _catch_up(self, kind: Any, data: Data) -> None:
        """Record as many steps, which change nothing, as the other one had on batches like this."""
        times = self._taken_before.pop(repr(kind), 0)
        self.leave()
        for samples in (data, data.rows(slice(None, None, -1)))[:times]:
            if self._is_recorded(kind):
                with undone():
                    seen = observed_loss(self.model, self.training, samples)
                self._recorder.add(kind, seen)

    # ------------------------------------------------------------------ recording

    def _is_recorded(self, kind: Any) -> bool:
        """Whether a step on a batch of this kind, which has no program, is to be recorded."""
        if self.as_written or not self.parameters:
            return False
        return self._recorder.wants(kind)

    def _recorded_step(self, kind: Any, data: Data) -> Done:
        recorder = self._recorder
        # Nothing is promised of the library's own code: of that, tests hold it.
        written = loss_as_written(self.model, self.training, data) if self._own else None
        try:
            seen = observed_loss(self.model, self.training, data)
        except Exception as error:  # a layer that takes arrays and no Tensors
            # What fails also as it is written says so by itself.
            recorded_loss(self.model, self.training.loss, *data)
            raise Refused(f"{type(error).__name__}: {error}", differs=True) from None
        self._fingerprint.leave_out_counts()
        if not self._fingerprint.unchanged():
            what = self._fingerprint.what_changed()
            if recorder.has_first(kind):
                raise Refused(f"{what} is changed by the call itself.", differs=True)
            # What is filled by a first call, such as a cache, is there for the next ones.
            self._fingerprint = Fingerprint(self.model, self.training, self._compared)
            recorder.forget()
            written = None
        refusal = recorder.add(kind, seen)
        if refusal is not None:
            raise Refused(refusal.reason, refusal.differs)
        if written is not None and (reason := unlike_written(written, seen)) is not None:
            with undone():  # recorded once more, it may say which computation is another one
                again = difference(seen, observed_loss(self.model, self.training, data))
            raise Refused(again or reason, differs=True)
        descend(self.training, self.parameters, seen.root)
        output = output_of_parts(self.training.loss, [x._data for x in seen.outputs])
        return seen.root._data, data, output

    def _made(self, seen: Recording) -> StepProgram:
        """The program of a step that was recorded twice."""
        from autograd_nn.training.step_program import StepProgram

        if self._memory is None:
            self._lay_out([w for w in self.parameters if w._requires_grad], self._optimizer)
        assert self._memory is not None
        memory = self._memory
        # Compiling takes seconds, and megabytes: too much where batches come in ever new shapes.
        is_compiled = self._jit and self._recorder.has_few
        outputs = seen.outputs if self.training.metrics else []
        try:
            made = plan(
                seen.root,
                memory.tensors,
                seen.given,
                memory,
                outputs,
                title="One step of training.",
                prepared=True,
                compile_steps=self._compiled if is_compiled else None,
                assignments=seen.assignments,
            )
            return StepProgram(made, self.training, bool(outputs), [x._data for x in seen.outputs])
        except Unreached as error:
            left = [t for t in memory.tensors if t not in set(error.tensors)]
            self._lay_out(left, memory.optimizer)
        except NotTraceable:
            if memory.optimizer is None:
                raise
            # The gradients by a program, the step by the optimizer itself.
            self._lay_out(memory.tensors, None)
        return self._made(seen)

    def _compiled(self, *planned: Any) -> Any:
        """Machine code of planned steps; None, which is said, where they have no such form."""
        from autograd_nn.jit import NotCompilable
        from autograd_nn.jit.compiling import compiled_step  # it imports much

        try:
            return compiled_step(*planned)
        except NotCompilable as error:
            self._jit = False
            warn_outside(
                f"The steps of {self.model.name!r} are replayed without being compiled: {error} "
                "compile(…, jit_compile=False) says that this is wanted."
            )
            return None

    def _lay_out(self, tensors: list[Tensor], optimizer: Any) -> None:
        """New memory; programs that are there move the parameters in one that nobody looks at."""
        counter = self.training.optimizer
        try:
            self._memory = Memory(tensors, optimizer, counter)
        except NotTraceable:  # the start of its state is not known
            self._memory = Memory(tensors, None, counter)
        self.programs.clear()

    def _give_up(self, reason: str, differs: bool) -> None:
        """No program can repeat the steps: an error where that was promised, else a warning."""
        self._start_recording()
        if differs and self._own:
            raise broken_promise(self._own, self.training.jit_compile, reason) from None
        self.as_written = True
        warn_outside(
            f"The steps of {self.model.name!r} are taken as they are written, and not by a faster "
            f"program. {reason} compile(…, run_eagerly=True) says that this is wanted."
        )


def stepper_of(model: Any, training: Training) -> Any:
    """How the steps of a model are taken, known from the first step on."""
    if training.stepper is None:
        if model.has_own("train_step"):
            from autograd_nn.training.own_steps import OwnSteps

            training.stepper = OwnSteps(model)
        else:
            training.optimizer.refuse_own_steps()
            training.stepper = Stepper(model, training)
            if training.shared is not None:
                training.stepper = training.shared.steps(model, training, training.stepper)
    return training.stepper
