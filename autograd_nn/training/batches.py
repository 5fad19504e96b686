"""What a run goes through batch by batch: arrays, or a generator, a Dataset, what has numbers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from autograd_nn.data import Data, Form, as_data, as_inputs
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.engine.taking import warn_outside
from autograd_nn.settings import generator
from autograd_nn.training.slices import Slices

_ENDED = object()


def refuse_to_run_dry(data: Any, validation: Any, epochs: range, validated: Any) -> None:
    """Refuse what can be gone through once, where it is wanted more often.

    Parameters   validated: after every so many epochs, or after which
    """
    if isinstance(data, Batches):
        data.refuse_more_than_once(len(epochs), "steps_per_epoch")
    if isinstance(validation, Batches):
        times = [e for e in epochs if is_validated(e, validated)]
        validation.refuse_more_than_once(len(times), "validation_steps")


def is_validated(epoch: int, every: Any) -> bool:
    """Whether there is a validation after an epoch: after every so many, or after these."""
    return (epoch + 1) % every == 0 if isinstance(every, int) else epoch + 1 in every


def epoch_of(data: Arrays | Batches, shared: Any, order: Any = None, taken: int = 0) -> Any:
    """The batches of one epoch; of each the rows of this process, where several share them.

    Parameters   order: that of the samples, from ``data.order()``
                 taken: so many were taken before, in another process
    """
    if shared is not None:
        return shared.in_step(data, order, taken)
    return data.epoch(order, taken)


class Arrays:
    """Samples in memory: all are known, and checked at once, before batches are cut from them."""

    is_checked = True

    def __init__(self, data: Data, size: int, shuffle: bool = False, name: str = "") -> None:
        self.data, self.size, self.shuffle, self.name = data, size, shuffle, name

    @property
    def steps(self) -> int:
        """How many batches an epoch has."""
        return -(-len(self.data.x) // self.size)

    def first(self) -> Data:
        """What there is to look at: all of it."""
        return self.data

    def order(self) -> Any:
        """An order of the samples for one epoch, None for that in which they are given."""
        return generator("shuffle").permutation(len(self.data.x)) if self.shuffle else None

    def start_again(self) -> None:
        """Every epoch begins with the first batch."""

    def epoch(self, order: Any = None, taken: int = 0, cut: Any = None) -> Iterator[Data]:
        """The batches of one epoch; see `Data.batches`."""
        return self.data.batches(self.size, order, taken, cut)

    def inputs(self) -> Iterator[Any]:
        """The x alone of every batch."""
        x, size = self.data.x, self.size
        return (x[start : start + size] for start in range(0, len(x), size))


class Batches:
    """What gives batches (x, y) or (x, y, sample_weight), each checked as it comes.

    Batches by number (``__getitem__`` and ``__len__``) are taken in a new order in each epoch where
    they are shuffled. What can be gone through again is, in each epoch; where so many steps make an
    epoch, the next epoch goes on from there, and every validation is on the same batches.
    """

    is_checked = False

    def __init__(
        self, source: Any, form: Form, steps: int | None, name: str, shuffle: bool, weights: Any
    ) -> None:
        self.source = source
        self._form = form._replace(again=None)  # nobody keeps a batch, to copy it once more
        self._steps = steps
        self.name = name
        self.shuffle = shuffle
        self._class_weight = weights
        self._has_numbers = hasattr(source, "__getitem__") and hasattr(source, "__len__")
        self._is_once = not self._has_numbers and hasattr(source, "__next__")
        self._running: Iterator[Any] | None = None
        self._first: Data | None = None
        # How many were given in all, and since they were started; where "shuffle" was then.
        self.given = self.since_started = 0
        self.started: Any = None

    @property
    def steps(self) -> int | None:
        """How many batches an epoch has, None where that shows when they end."""
        if self._steps is not None or not hasattr(self.source, "__len__"):
            return self._steps
        if self._has_numbers:
            return self._length()
        try:
            return len(self.source)
        except TypeError:
            return None

    def first(self) -> Data:
        """A batch to look at: the first, which comes again when it is its turn."""
        if self._first is None:
            if self._has_numbers and self._length():
                item = self.source[0]
            elif type(self.source) is Slices:
                item = self.source.first()
            else:
                self._running = self._started()
                item = next(self._running, _ENDED)
                if item is _ENDED:
                    raise ArgumentError(f"`{self.name}x` gives no batches: it ended at once.")
                self._running = chain([item], self._running)
            self._first = self._as_data(item, 1)
        return self._first

    @property
    def size(self) -> int:
        """How many samples a batch has, as far as that is known: those of the first one."""
        return self.source.size if type(self.source) is Slices else len(self.first().x)

    def order(self) -> None:
        """None: the batches come in an order of their own."""

    def refuse_more_than_once(self, times: int, steps: str) -> None:
        """Refuse to be gone through so often, where that can be done once."""
        if times > 1 and self._is_once and self._steps is None:
            raise ArgumentError(
                f"`{self.name}x`, {type(self.source).__name__}, is gone through once, and it is "
                f"wanted for {times} epochs. If it goes on without end, say by {steps} how many of "
                "its batches make an epoch; else give what can be gone through again, such as a "
                "PyDataset, or a class whose __iter__ is the generator."
            )

    def start_again(self) -> None:
        """Let the next epoch begin with the first batch, where that can be had once more."""
        if not self._is_once:
            self._running = None

    def epoch(self, order: None = None, taken: int = 0) -> Iterator[Data]:
        """The batches of one epoch; ``taken`` of them were taken before, in another process."""
        if not taken:
            getattr(self.source, "on_epoch_begin", int)()
        while self._steps is None or taken < self._steps:
            item = self._next(may_start_again=taken == 0)
            if item is _ENDED:
                self._tell_end(taken)
                break
            taken += 1
            data = self._as_data(item, taken)
            del item  # and its memory, where another dtype is wanted
            yield data
            del data
        getattr(self.source, "on_epoch_end", int)()

    def _next(self, may_start_again: bool) -> Any:
        if self._running is None:
            self._running = self._started()
            may_start_again = False
        item = next(self._running, _ENDED)
        if item is _ENDED:
            self._running = None
            if may_start_again and not self._is_once:
                return self._next(False)
        else:
            self.given += 1
            self.since_started += 1
        return item

    @property
    def has_numbers(self) -> bool:
        """Whether each can be asked for by its number."""
        return self._has_numbers

    @property
    def is_started_by_number(self) -> bool:
        """Whether they come the same again, from a start that is known."""
        return self._has_numbers or type(self.source) is Slices

    @property
    def is_running(self) -> bool:
        """Whether the next one is not the first after a start."""
        return self._running is not None

    def go_on(self, taken: int, is_running: bool) -> None:
        """Have so many of them behind since a start, as in another process."""
        self._running = None
        if is_running:
            if self._has_numbers:
                self._running = self._started(taken)
                self.since_started = taken
            else:
                self.drop(taken)

    def drop(self, number: int) -> None:
        """Take so many, and leave them."""
        for _ in range(number):
            if self._next(may_start_again=True) is _ENDED:
                raise ArgumentError(
                    f"`{self.name}x` ended where {number} batches had been taken before: it does "
                    "not give what it gave then, so training cannot go on."
                )

    def inputs(self) -> Iterator[Any]:
        """The x alone of every batch."""
        number = -1
        items = self._started()
        for number, item in enumerate(items if self._steps is None else islice(items, self._steps)):
            x = item[0] if isinstance(item, tuple) else item
            self._refuse_one_sample(x, f"batch {number + 1} x")
            yield as_inputs(x, f"batch {number + 1} x", self._form)
        if number + 1 != self._steps:
            self._tell_end(number + 1)

    def _started(self, first: int = 0) -> Iterator[Any]:
        self.since_started = 0
        self.started = generator("shuffle").bit_generator.state
        if not self._has_numbers:
            return iter(self.source)
        number = self._length()
        order = generator("shuffle").permutation(number) if self.shuffle else range(number)
        return (self.source[int(place)] for place in order[first:])

    def _length(self) -> int:
        try:
            return len(self.source)
        except (TypeError, ValueError) as error:
            raise ArgumentTypeError(
                f"`{self.name}x`: `__len__` of {type(self.source).__name__} must give the number "
                f"of its batches, such as math.ceil(samples / batch_size), and Python says of what "
                f"it gives: {error}."
            ) from error

    def _as_data(self, item: Any, number: int) -> Data:
        form, prefix = self._form, f"{self.name}batch {number} "
        if not isinstance(item, (tuple, list)) or (form.needs_y and len(item) not in (2, 3)):
            if form.needs_y:
                of = f" of {len(item)}" if hasattr(item, "__len__") else ""
                raise ArgumentTypeError(
                    f"`{prefix.strip()}`: a batch is (x, y) or (x, y, sample_weight), got "
                    f"{type(item).__name__}{of}."
                )
            return as_data(item, None, prefix=prefix, form=form)
        x, y, weight = (*item, None, None)[:3]
        self._refuse_one_sample(x, f"{prefix}x")
        return as_data(x, y, weight, self._class_weight, prefix=prefix, form=form)

    def _refuse_one_sample(self, x: Any, name: str) -> None:
        axes = self._form.axes
        if axes is not None and getattr(x, "ndim", axes) == axes - 1:
            raise ShapeError(
                f"`{name}` of shape {x.shape} is one sample, and batches of them are expected: "
                "dataset.batch(32) of a Dataset, x[np.newaxis] of an array."
            )

    def _tell_end(self, taken: int) -> None:
        if taken == 0:
            raise ArgumentError(
                f"`{self.name}x` has ended, and an epoch has no batches: a generator is gone "
                "through once. Give one that goes on, or what can be gone through again, such as "
                "a PyDataset, or a class whose __iter__ is the generator."
            )
        if self._steps is not None:
            warn_outside(
                f"The batches ended after {taken} of {self._steps} steps: the epoch is shorter.",
            )
