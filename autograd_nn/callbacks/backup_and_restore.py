"""Going on with a run that was killed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, final

from autograd_nn.callbacks.callback import Callback, Logs
from autograd_nn.engine.argument_checks import checked_keywords, positive_integer, true_or_false
from autograd_nn.engine.errors import (
    ArgumentTypeError,
    AutogradError,
    FileFormatError,
    StateError,
)

_NAME = "run.npz"
# What comes of values that nobody has written. Other errors are those of generators and callbacks.
_OF_NONSENSE = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, AssertionError)


@final
class BackupAndRestore(Callback):
    """Keep in a folder where a run is; the same program, started again, goes on from there.

    The run ends with the weights that it would have ended with, bit for bit, also where it was
    killed between two batches: kept are the weights, the optimizer, every source of random
    numbers (ours, ``np.random`` and ``random``), the order of the samples and the place in it,
    what metrics and the History counted, and what callbacks changed; see `Callback`.

    A PyDataset goes on by the numbers of its batches, with the attributes that it changes; what
    has ``get_state()`` and ``set_state(state)`` is asked for its place. Of generators, and of what
    else can only be gone through, the batches that were there already are drawn and dropped.

    Of a run that several processes share the first one writes the file; as many go on with it.

    Parameters   backup_dir: a folder for this call of ``fit`` alone, made where it is not there
                 save_freq: after each "epoch" (default), or after so many batches
                 double_checkpoint: keep the one before, too, for where the file is damaged
                 delete_checkpoint: delete it when training has ended, default True. Otherwise the
                 same call trains no more, and one with more epochs goes on
    Raises       StateError where the folder has another run, naming what differs; FileFormatError
                 for a damaged file
    """

    _keeps_the_run = True

    @checked_keywords
    def __init__(
        self,
        backup_dir: Any,
        save_freq: Any = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        if not isinstance(backup_dir, (str, os.PathLike)) or not os.fspath(backup_dir):
            raise ArgumentTypeError(
                f"`backup_dir` must be the path of a folder, got {backup_dir!r:.80}."
            )
        self.backup_dir = os.fspath(backup_dir)
        if save_freq != "epoch":
            save_freq = positive_integer("save_freq", save_freq)
            self.on_train_batch_end = self._keep_batch  # type: ignore[method-assign]
        self.save_freq = save_freq
        self.double_checkpoint = true_or_false("double_checkpoint", double_checkpoint)
        self.delete_checkpoint = true_or_false("delete_checkpoint", delete_checkpoint)
        self._state: Any = None
        self._pending: Any = None
        self._ranks: Any = None  # where several processes share the run
        self._epoch = self._batches = 0

    @property
    def _path(self) -> Path:
        return Path(self.backup_dir, _NAME)

    @property
    def _before(self) -> Path:
        return Path(self.backup_dir, f"before_{_NAME}")

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Refuse a loop that is not that of ``fit``, where nothing would be kept."""
        if self._state is None:
            raise StateError(
                "BackupAndRestore keeps where a call of fit is, and this is a loop of your own: "
                "model.save(path) and load_model(path) keep its model and optimizer."
            )

    def on_train_end(self, logs: Logs = None) -> None:
        """Delete what was kept, where that is wanted."""
        is_first = self._ranks is None or self._ranks.rank == 0
        self._state = self._pending = self._ranks = None
        if self.delete_checkpoint and is_first:
            for path in (self._path, self._before):
                path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # others may have put something there
                os.rmdir(self.backup_dir)

    # ------------------------------------------------------------------ called by the loop

    def begun(self, loop: Any, callbacks: list[Callback], epochs: range) -> range:
        """After ``on_train_begin`` of all callbacks: the epochs that are left."""
        from autograd_nn.runs.run_state import RunState  # what it imports takes time

        self._state, self._pending = RunState(loop, callbacks, epochs.start), None
        self._batches = 0
        shared = loop.training.shared
        self._ranks = None if shared is None else shared.ranks
        kept = self._read() if self._ranks is None or self._ranks.rank == 0 else None
        if self._ranks is not None:
            kept = self._ranks.told_by_first(kept)
        if kept is None:
            return epochs
        with self._putting_back() as where:
            self._state.refuse_other(kept, where)
            self._batches = kept["since_kept"]
            if kept["batch"]:
                self._pending = kept  # after `on_epoch_begin`, which is called again
            else:
                self._state.put_back(kept, where)
        if not kept["batch"] and loop.model.stop_training:
            return range(0)
        return range(kept["epoch"], epochs.stop)

    def epoch_begun(self, epoch: int, order: Callable[[], Any]) -> tuple[int, Any]:
        """Before an epoch: how many of its batches were taken before, and its order."""
        self._epoch = epoch
        kept, self._pending = self._pending, None
        if kept is None:
            self._state.begin_epoch()
            return 0, order()
        with self._putting_back() as where:
            self._state.put_back(kept, where)
            return kept["batch"], self._state.put_back_epoch(kept, order)

    def keep_epoch(self, epoch: int) -> None:
        """After an epoch, when all others are done with it."""
        if self.save_freq == "epoch":
            self._write(epoch + 1, 0)

    def _keep_batch(self, batch: int, logs: Logs = None) -> None:
        self._batches += 1
        if self._batches >= self.save_freq:
            self._batches = 0
            self._write(self._epoch, batch + 1)

    # ------------------------------------------------------------------ the file

    @contextlib.contextmanager
    def _putting_back(self) -> Iterator[str]:
        """Around what is done with the file, which may say anything; how errors call it."""
        from autograd_nn.saving.restoring import in_short

        where = f"The backup in {self.backup_dir!r}"
        from_the_start = "Delete it to train from the start."
        try:
            yield where
        except FileFormatError as error:
            raise FileFormatError(
                f"{where} is refused: {in_short(str(error))} {from_the_start}"
            ) from error
        except AutogradError:
            raise
        except _OF_NONSENSE as error:
            raise FileFormatError(
                f"{where} cannot be put back into this run ({type(error).__name__}: "
                f"{in_short(str(error))}): it is damaged, or of a program that was changed since. "
                f"{from_the_start}"
            ) from error

    def _write(self, epoch: int, batch: int) -> None:
        from autograd_nn.saving.nested_values import write_values
        from autograd_nn.saving.whole_files import whole_file

        state = self._state.taken(epoch, batch) | {"since_kept": self._batches}
        if self._ranks is not None and self._ranks.rank:
            return  # what it knows it told the first one
        os.makedirs(self.backup_dir, exist_ok=True)
        if self.double_checkpoint and self._path.exists():
            os.replace(self._path, self._before)
        with whole_file(self._path) as unfinished:
            write_values(unfinished, state)

    def _read(self) -> Any:
        from autograd_nn.saving.nested_values import read_values

        for path in (self._path, self._before):
            if path.exists():
                try:
                    return read_values(path)
                except FileFormatError as error:
                    if path == self._path and self.double_checkpoint and self._before.exists():
                        continue
                    error.add_note(f"Delete {str(path)!r} to train from the start.")
                    raise
        return None
