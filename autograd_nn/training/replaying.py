"""The step of training as a program: recorded twice, then replayed for each batch shape."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.data import Data
from autograd_nn.engine.observing import observing
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program.comparing import Recording, difference
from autograd_nn.program.planning.memory import Memory
from autograd_nn.program.planning.planner import Plan, Unreached, plan, with_ones_column
from autograd_nn.program.tracing import NotTraceable
from autograd_nn.settings import generator
from autograd_nn.training.choices import Training
from autograd_nn.training.one_step import descend, recorded_loss, step, targets
from autograd_nn.training.stateful import Fingerprint, changed, state_of

# Programs of so many batch shapes are kept; beyond, the oldest is dropped.
_KEPT = 16


# Data of up to so many bytes are gathered for a whole epoch at once, larger ones batch by batch.
_GATHERED = 64_000_000


class Batch(NamedTuple):
    """One batch: its program, what that is called with, and what metrics are told."""

    program: Replayed
    arguments: tuple[Any, ...]
    y: Any
    weight: Any


class Replayed:
    """The program of one batch shape."""

    def __init__(self, made: Plan, optimizer: Any, gives_output: bool, output: Any) -> None:
        self.made = made
        self.optimizer = optimizer
        self.gives_output = gives_output
        # A stand-in for the output, by which true values are brought into their form.
        self.like = np.broadcast_to(output.dtype.type(0.5), output.shape)
        self.samples = len(output)
        self._wide: dict[str, Any] = {}
        # Of each input its name, and whether it is wanted with a column of ones.
        self.inputs = [
            (v.name, False) if v.data is None else (v.data.name, True) for v in made.written.inputs
        ]
        self._settings = [v.name for v in made.written.settings]
        self._moves = made.memory.optimizer is not None

    def arguments(self, given: dict[str, Any]) -> tuple[Any, ...]:
        """What the program is called with, from data as the model takes them."""
        return tuple(
            self._with_ones(name, given[name]) if wide else given[name]
            for name, wide in self.inputs
        )

    def _with_ones(self, name: str, array: Any) -> Any:
        if name not in self._wide:
            self._wide[name] = with_ones_column(array)
        else:
            self._wide[name][:, :-1] = array
        return self._wide[name]

    def run(self, arguments: tuple[Any, ...]) -> tuple[Any, Any]:
        """One step: the loss before it, and the output where it is asked for."""
        optimizer = self.optimizer
        result = self.made.step(*arguments, *[self._setting(name) for name in self._settings])
        if self._moves:
            optimizer._iterations += 1
            return result if self.gives_output else (result, None)
        loss, *rest = result
        self._apply()
        return loss, rest[-1] if self.gives_output else None

    def _setting(self, name: str) -> Any:
        if name == "learning_rate":
            return self.optimizer._learning_rate
        return self.optimizer._iterations + 1

    def _apply(self) -> None:
        """The step of an optimizer whose rule could not be written down."""
        pairs = [(part, t) for t, part in self._gradients(copied=False)]
        self.optimizer.apply_gradients(pairs)

    def leave_gradients(self, copied: bool = True) -> None:
        """Put the gradients of the last call into ``.grad``."""
        for parameter, gradient in self._gradients(copied):
            parameter._grad = gradient

    def _gradients(self, copied: bool) -> list[tuple[Tensor, Any]]:
        found: list[tuple[Tensor, Any]] = []
        for block, whole in zip(self.made.memory.blocks, self.made.wholes, strict=True):
            found += block.parts(whole.copy() if copied else whole)
        return found


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
        self.forget()

    def forget(self) -> None:
        """Start anew: something that the programs depend on was changed."""
        self.reason: str | None = None
        self._first: dict[Any, Recording] = {}
        self._programs: dict[Any, Replayed] = {}
        self._on_batch: dict[Any, Replayed] = {}  # by the shapes as they are given
        self._memory: Memory | None = None
        self._last: Replayed | None = None
        self._is_inside = False
        self.parameters = self.model.trainable_weights
        self._fingerprint = Fingerprint(self.model, self.training)
        self._dropout = generator("dropout")

    # ------------------------------------------------------------------ around the steps

    def enter(self) -> bool:
        """Before steps, where anybody may have changed something since the last.

        Returns      whether steps are replayed, or may be once they are recorded
        """
        if not self._fingerprint.unchanged() or generator("dropout") is not self._dropout:
            self.forget()
        return self.reason is None and bool(self.parameters)

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
                return self.run_quietly(program, program.arguments(given(x, y, weight)))
            self.leave()
            try:
                return self._recorded_step(key, x, y, weight)
            finally:
                self._last = None
        return step(self.model, self.training, self.parameters, x, y, weight)

    def program_for(self, x: Any, y: Any, weight: Any) -> Replayed | None:
        """The program of this batch shape, None where there is none yet."""
        return self._programs.get(key_of(x, y, weight)) if self.reason is None else None

    def run(self, program: Replayed, arguments: tuple[Any, ...]) -> tuple[Any, Any]:
        """One step by a program.

        A sigmoid may overflow on its way to the right 0, which is why callers ignore overflow.
        """
        if not self._is_inside:
            self._go_inside()
        self._last = program
        return program.run(arguments)

    def run_quietly(self, program: Replayed, arguments: tuple[Any, ...]) -> tuple[Any, Any]:
        """The same, ignoring overflow."""
        with np.errstate(over="ignore"):
            return self.run(program, arguments)

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
        y = targets(self.training.needed_loss(), data.y, program.like)
        arguments = program.arguments(given(data.x, y, data.weight))
        loss, output = self.run_quietly(program, arguments)
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
        return Epoch(data, [first] * (len(starts) - 1) + [last], batch_size)

    def _recorded_step(self, key: Any, x: Any, y: Any, weight: Any) -> tuple[Any, Any]:
        try:
            loss, output, recording = self._recorded(key, x, y, weight)
        except Exception as error:  # a layer that takes arrays and no Tensors
            self._stay(f"{type(error).__name__} while it was recorded: {error}")
            return step(self.model, self.training, self.parameters, x, y, weight)
        descend(self.training, self.parameters, loss)
        if self.reason is None:
            first = self._first.pop(key, None)
            if first is None:
                self._first[key] = recording
            else:
                self._plan(key, loss, output, first, recording)
        return loss._data, output._data

    def _recorded(self, key: Any, x: Any, y: Any, weight: Any) -> tuple[Tensor, Any, Recording]:
        """The loss as usual, with all data as Tensors, so that what becomes of them is seen."""
        before = state_of(self.model, self.training.loss)
        with observing() as looks, recorded():
            fed = {
                name: Tensor(array) if array.dtype.kind == "f" else array.copy()
                for name, array in given(x, y, weight).items()
            }
            shown = {
                name: looks.watched(value) if type(value) is np.ndarray else value
                for name, value in fed.items()
            }
            loss, output = recorded_loss(
                self.model,
                self.training.needed_loss(),
                shown["x"],
                shown["y"],
                shown.get("sample_weight"),
            )
        reason = changed(before, state_of(self.model, self.training.loss))
        if reason is not None and key in self._first:  # the first call may fill a cache
            self._stay(reason)
        return loss, output, Recording(loss, fed, looks)

    def _plan(
        self, key: Any, loss: Tensor, output: Any, first: Recording, second: Recording
    ) -> None:
        reason = difference(first, second)
        if reason is not None:
            self._stay(reason)
            return
        try:
            made = self._planned(loss, output, second)
        except Exception as error:  # said, and training goes on
            self._stay(f"{type(error).__name__}: {error}")
            return
        if len(self._programs) >= _KEPT:
            del self._programs[next(iter(self._programs))]
            self._on_batch.clear()
        self._programs[key] = made

    def _planned(self, loss: Tensor, output: Any, recording: Recording) -> Replayed:
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
                recording.looks.derived,
                title="One step of training.",
                given_with_ones=True,
            )
        except Unreached as error:
            left = [t for t in self._memory.tensors if t not in set(error.tensors)]
            self._memory = Memory(left, self._memory.optimizer)
            return self._planned(loss, output, recording)
        except NotTraceable:
            if self._memory.optimizer is None:
                raise
            # The gradients by a program, the step by the optimizer itself.
            self._memory = Memory(self._memory.tensors)
            return self._planned(loss, output, recording)
        return Replayed(made, optimizer, bool(outputs), output._data)

    def _stay(self, reason: str) -> None:
        if self.reason is None:
            self.reason = reason
            warnings.warn(
                f"The steps of {self.model.name!r} are taken as they are written, and not by a "
                f"faster program. {reason} compile(…, run_eagerly=True) says that this is wanted.",
                stacklevel=8,
            )


def replay_of(model: Any, training: Training) -> Replay | None:
    """How the steps of a compiled model are replayed, None where they are taken as written."""
    if training.run_eagerly:
        return None
    if training.replay is None:
        training.replay = Replay(model, training)
    return training.replay


def given(x: Any, y: Any, weight: Any) -> dict[str, Any]:
    """The data of a batch by the names that a program knows them by."""
    found = {"x": x, "y": y}
    return found if weight is None else {**found, "sample_weight": weight}


def key_of(x: Any, y: Any, weight: Any) -> tuple[Any, ...]:
    """What batches have in common that one program can take."""
    if weight is None:
        return x.shape, x.dtype, y.shape, y.dtype
    return x.shape, x.dtype, y.shape, y.dtype, weight.shape, weight.dtype


class Epoch:
    """The batches of an epoch for programs, gathered into memory that is there.

    Parameters   data: of the whole fit
                 programs: that of every batch
                 batch_size: how many samples each batch has, but the last
    """

    def __init__(self, data: Data, programs: list[Replayed], batch_size: int) -> None:
        self.programs = programs
        self.size = batch_size
        whole = given(*data)
        self.sources: dict[tuple[str, bool], Any] = {(n, False): a for n, a in whole.items()}
        for name, wide in {key for program in programs for key in program.inputs}:
            if wide:
                self.sources[name, True] = with_ones_column(whole[name])
        self.at_once = sum(array.nbytes for array in self.sources.values()) <= _GATHERED
        rows = len(data.x) if self.at_once else batch_size
        self.gathered = {
            key: np.empty((rows, *array.shape[1:]), array.dtype)
            for key, array in self.sources.items()
        }
        # Views of all batches, made once.
        self.in_order = [self._batch(self.sources, place) for place in range(len(programs))]
        self.shuffled = [
            self._batch(self.gathered, place if self.at_once else 0, self.programs[place])
            for place in range(len(programs))
        ]

    def _batch(
        self, arrays: dict[tuple[str, bool], Any], place: int, program: Replayed | None = None
    ) -> Batch:
        program = program or self.programs[place]
        rows = slice(place * self.size, (place + 1) * self.size)
        weight = arrays.get(("sample_weight", False))
        return Batch(
            program,
            tuple(arrays[key][rows][: program.samples] for key in program.inputs),
            arrays["y", False][rows][: program.samples],
            None if weight is None else weight[rows][: program.samples],
        )

    def batches(self, order: Any) -> Iterator[Batch]:
        """The batches of one epoch in this order of the samples, None for the order given."""
        if order is None:
            yield from self.in_order
        elif self.at_once:
            self._gather(order)
            yield from self.shuffled
        else:
            for place, batch in enumerate(self.shuffled):
                self._gather(order[place * self.size : (place + 1) * self.size])
                yield batch

    def _gather(self, rows: Any) -> None:
        for key, array in self.sources.items():
            # "clip" does without the buffer that "raise" needs; the order is a permutation.
            array.take(rows, 0, self.gathered[key][: len(rows)], "clip")
