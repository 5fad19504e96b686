"""DataParallel: one training on several processes, which share the rows of every batch."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any, final

from autograd_nn.callbacks import Callback, History
from autograd_nn.data import Data
from autograd_nn.distribution.at_the_start import (
    OTHER_NUMBERS,
    SAME_SEED,
    crc_of_batch,
    refuse_different_data,
    refuse_unshareable,
)
from autograd_nn.distribution.first_rank import OnFirstRank, weights_of_first
from autograd_nn.distribution.ranks import Ranks, ranks_of_this_run
from autograd_nn.distribution.shared_steps import SharedSteps, joined, whole_of
from autograd_nn.engine.argument_checks import checked_keywords, true_or_false
from autograd_nn.engine.errors import ArgumentError, StateError
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.training.batches import Arrays, Batches
from autograd_nn.training.evaluating import evaluate, predicted
from autograd_nn.training.slices import Slices
from autograd_nn.training.validation import build_on


@final
class DataParallel:
    """Trains a model on several processes, its ranks, each of which has all weights and takes its
    rows of every batch: ``compile(…, distribution=DataParallel())``.

    The program is started by ``mpiexec -n 4 python train.py`` (pip install 'autograd-nn[mpi]'; as
    root with --allow-run-as-root, with more ranks than cores with --oversubscribe). Without
    mpiexec, or with one rank, all is as without it.

    Every rank runs the same program, and makes the same calls of ``fit`` and ``evaluate``. What
    comes out is what one process gives with the same ``batch_size``, up to rounding: the gradients
    of all rows are averaged before they are clipped, and losses and metrics are those of all rows.
    The first rank's initial weights, its random numbers for the order of the samples, and what its
    callbacks decide (to stop, a learning rate, weights, a seed, and numbers and texts that are
    attributes of the optimizer, the loss or a layer) hold for all. Callbacks and what ``fit``
    shows run in the first rank alone. Dropout draws numbers of its own in every rank: with the same
    distribution as in one process, and not the same numbers.

    A loss that is no mean over samples, a step that depends on other rows of the batch, as that of
    BatchNormalization does, and steps of your own are refused. Of a loss of your own, and of what
    ``add_loss`` is given, it is taken that they are means over the rows.

    Where one rank fails, the run ends. Files of models are written by the first rank, and do not
    say how it was distributed: ``compile(model.optimizer, …, distribution=DataParallel())`` after
    ``load_model`` goes on with the optimizer as it was.

    Parameters   auto_shard_dataset: whether every rank is given the same data, of which it takes
                 its rows. With False the data of a rank are its own rows, such as a file for each
                 rank: arrays of nearly the same length, of which it takes an equal part of
                 batch_size for a step, or as many batches as the others have
    Raises       MissingPackageError under mpiexec without the extra; StateError and ArgumentError
                 where ranks make different calls, or have data that do not fit
    """

    @checked_keywords
    def __init__(self, auto_shard_dataset: bool = True) -> None:
        self.auto_shard_dataset = true_or_false("auto_shard_dataset", auto_shard_dataset)
        self._ranks = ranks_of_this_run()

    @property
    def rank(self) -> int:
        """The number of this process, from 0."""
        return self._ranks.rank if self._ranks is not None else 0

    @property
    def size(self) -> int:
        """How many processes there are."""
        return self._ranks.size if self._ranks is not None else 1

    @property
    def ranks(self) -> Ranks:
        """All of them, where there are several."""
        assert self._ranks is not None
        return self._ranks

    def __repr__(self) -> str:
        return f"<DataParallel rank {self.rank} of {self.size}>"

    def __reduce__(self) -> Any:
        return DataParallel, (self.auto_shard_dataset,)

    # ------------------------------------------------------------------ the calls of a model

    def train(self, loop: Any, epochs: range, callbacks: list[Callback], verbose: int) -> History:
        """``fit`` on all ranks, in which a `FitLoop` goes through the data of each."""
        model, training = loop.model, loop.training
        with self.ranks.together("fit"), self._first_warns():
            # Where the run is, is known to all ranks together.
            backups = [callback for callback in callbacks if callback._keeps_the_run]
            callbacks = [callback for callback in callbacks if not callback._keeps_the_run]
            self._agree("fit", loop.data, (epochs, model))
            if loop.validation is not None:
                self._agree("fit", loop.validation, ())
            training.stepper.begin(loop.data.first())
            own = OnFirstRank(self, model, training, callbacks if self.rank == 0 else [])
            try:
                loud = verbose if self.rank == 0 else 0
                history: History = loop.train(epochs, [own, *backups], loud)
                return history
            finally:
                training.stepper.has_begun = False  # random numbers are the same in all again

    def evaluate(
        self,
        model: Any,
        training: Any,
        data: Arrays | Batches,
        verbose: int,
        callbacks: list[Callback],
    ) -> dict[str, float]:
        """``evaluate`` on all ranks."""
        with self.ranks.together("evaluate"), self._first_warns():
            self._agree("evaluate", data, (model,))
            refuse_unshareable(model, training, data.first())
            weights_of_first(self.ranks, model)
            own = OnFirstRank(self, model, training, callbacks if self.rank == 0 else [])
            loud = verbose if self.rank == 0 else 0
            return evaluate(model, training, data, loud, [own])

    def predict(
        self, model: Any, inputs: Arrays | Batches, verbose: int, callbacks: list[Callback]
    ) -> Any:
        """``predict`` of an array: every rank computes its rows, and gets those of all.

        Of what gives batches, of rows that a rank has for itself, and where somebody looks at the
        batches, every rank computes all that it is given.
        """
        loud = verbose if self.rank == 0 else 0
        if isinstance(inputs, Batches) or not self.auto_shard_dataset or callbacks:
            own = callbacks if self.rank == 0 else []
            return predicted(model, inputs, loud, own)
        with self.ranks.together("predict"):
            data, size = inputs.data, inputs.size
            rows = len(data.x)
            build_on(model, data, None)
            refuse_different_data(
                self.ranks, "predict", True, rows, (size,), crc_of_batch(data.x[:1])
            )
            weights_of_first(self.ranks, model)
            own_rows = Arrays(data.rows(self.own(rows)), size)
            found = predicted(model, own_rows, loud, []) if own_rows.steps else None
            parts = [part for part in self.ranks.of_all(found) if part is not None]
            outline = flatten(parts[0])[1]
            columns = zip(*(flatten(part)[0] for part in parts), strict=True)
            return rebuild(outline, [joined(column) for column in columns])

    def _agree(self, call: str, data: Arrays | Batches, others: tuple[Any, ...]) -> None:
        """See whether the data fit together, and cut as many rows at once as a share has."""
        size = data.size
        rows: Any = len(data.data.x) if isinstance(data, Arrays) else data.steps
        are_cut_here = isinstance(data, Arrays) or type(data.source) is Slices
        same = self.auto_shard_dataset
        is_cut = getattr(getattr(data, "source", None), "cut", None) is not None
        crc = crc_of_batch(*data.first().rows(slice(size))) if same and not is_cut else 0
        if not same and isinstance(data, Arrays):
            data.size = self._size_of_share(size)
            rows = data.steps
        described = [
            [(w.shape, str(w.dtype)) for w in one.weights] if hasattr(one, "weights") else one
            for one in others
        ]
        # Batches that come from elsewhere may be of another size in each rank.
        settings = (size if are_cut_here else None, *described)
        refuse_different_data(self.ranks, f"{call}: `{data.name}x`", same, rows, settings, crc)

    @contextlib.contextmanager
    def _first_warns(self) -> Iterator[None]:
        """Inside, only the first rank gives warnings: all others would say the same."""
        with warnings.catch_warnings():
            if self.rank != 0:
                warnings.simplefilter("ignore")
            yield

    def _size_of_share(self, batch_size: int) -> int:
        if batch_size % self.size:
            raise ArgumentError(
                f"`batch_size` is {batch_size}, and each of {self.size} ranks takes as many rows "
                f"of its own: give a multiple of {self.size}."
            )
        return batch_size // self.size

    # ------------------------------------------------------------------ the rows of a rank

    def own(self, rows: int) -> slice:
        """Which of so many rows of a batch are those of this rank."""
        return self._share(0, rows) if self.auto_shard_dataset else slice(rows)

    def rows(self, start: int, stop: int) -> slice:
        """The same of rows that begin somewhere."""
        return self._share(start, stop) if self.auto_shard_dataset else slice(start, stop)

    def _share(self, start: int, stop: int) -> slice:
        rows, rank, size = stop - start, self.rank, self.size
        return slice(start + rows * rank // size, start + rows * (rank + 1) // size)

    def read_shares(self, *data: Any) -> None:
        """Have arrays that are read batch by batch give the rows of this rank, and read no other.

        What is in pieces is read by the piece; and so is all where a rank has no rows of a batch.
        """
        for batches in data:
            source = getattr(batches, "source", None)
            if type(source) is not Slices:
                continue
            if not self.auto_shard_dataset:
                source.size = self._size_of_share(source.size)
            elif not source.is_in_pieces:
                last = len(source.data.x) % source.size or source.size
                source.cut = self.rows if last >= self.size else None

    def in_step(
        self, batches: Arrays | Batches, order: Any = None, taken: int = 0
    ) -> Iterator[Data]:
        """The rows that this rank has of every batch, which all ranks take at the same time.

        Raises       StateError where they end in one rank before they end in another;
                     ArgumentError where all are to have the same ones, and have not
        """
        if isinstance(batches, Arrays):
            yield from batches.epoch(order, taken, self.rows)
            return
        number = taken
        iterator = iter(batches.epoch(taken=taken))
        are_whole = self.auto_shard_dataset and getattr(batches.source, "cut", None) is None
        while True:
            batch = next(iterator, None)
            told = self.ranks.of_all(batch and self._told_of(batch, are_whole))
            over = [rank for rank, one in enumerate(told) if one is None]
            if len(over) == self.size:
                return
            if over:
                raise StateError(
                    f"The batches of rank {', '.join(map(str, over))} ended after {number}, and "
                    "other ranks have more. Give every rank as many; with steps_per_epoch all take "
                    "so many of what goes on."
                )
            number += 1
            if are_whole and len(set(told)) > 1:
                lengths = [length for length, _ in told]
                rows = f"{', '.join(map(str, lengths))} rows in ranks 0, 1, …"
                raise ArgumentError(
                    f"Batch {number} has {rows if len(set(lengths)) > 1 else OTHER_NUMBERS}, and "
                    "with DataParallel() every rank is given the same batches, of which it takes "
                    f"its rows. {SAME_SEED}"
                )
            assert batch is not None
            yield batch.rows(self.own(len(batch.x))) if are_whole else batch

    @staticmethod
    def _told_of(batch: Data, is_whole: bool) -> tuple[int, int]:
        """By which ranks see whether they have the same batch."""
        return len(batch.x), crc_of_batch(*batch.rows(slice(1))) if is_whole else 0

    # ------------------------------------------------------------------ inside of training

    def steps(self, model: Any, training: Any, alone: Any) -> SharedSteps:
        """How steps are taken by all ranks, around how one takes them."""
        made = SharedSteps(self, model, training, alone)
        training.exchange = made.averaged
        return made

    def whole(self, loss: Any, data: Data, output: Any) -> tuple[Any, Data, Any]:
        """Loss, data and output of all rows that are evaluated, of those of this rank.

        Parameters   output: None where this rank has no rows
        """
        rows = len(data.x)
        own = (rows, rows * float(loss)) if rows else (0, 0.0)
        counts, losses = zip(*self.ranks.of_all(own), strict=True)
        return sum(losses) / sum(counts), *whole_of(self.ranks, data, output)

    @contextlib.contextmanager
    def alone(self, training: Any) -> Iterator[None]:
        """Inside, a model of this rank does all by itself: others do something else."""
        exchange, training.is_alone, training.exchange = training.exchange, True, None
        try:
            yield
        finally:
            training.is_alone, training.exchange = False, exchange
