"""A short sign of every tensor after every step, by which two runs are told apart."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, final

import numpy as np

from autograd_nn.callbacks.callback import Callback, Logs
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentTypeError, FileFormatError
from autograd_nn.settings import generator

DIGITS = 16
"""Of the sign of a tensor."""

_NOTHING = "-" * DIGITS
_STREAMS = ("shuffle", "dropout", "random")  # from which training draws


@final
class StepRecorder(Callback):
    """Record of every step a sign, 64 bits, of each tensor; `compare_runs` names what differs.

    After ``fit`` the History has it as ``history.steps``. A sign is as good as the number itself
    for telling whether two are the same bit for bit, and has no more than 16 letters.

    Of a step there are, in this order, where the sources of random numbers are ("random/dropout"),
    the running "loss", the gradients ("gradient/dense/kernel"), the last layer first, the weights
    after it ("dense/kernel"), and the state of the optimizer ("optimizer/dense/kernel/velocity").

    Parameters   path: a JSON file for the steps, the ledger and the history, written at the end,
                 also of a run on another machine; None writes none
    """

    @checked_keywords
    def __init__(self, path: Any = None) -> None:
        if path is not None and not isinstance(path, (str, os.PathLike)):
            raise ArgumentTypeError(f"`path` must be the path of a file, got {path!r:.80}.")
        self.path = None if path is None else os.fspath(path)
        self.names: list[str] = []
        self.places: list[tuple[int, int]] = []
        self.signs: list[str] = []
        self._epoch = 0

    def on_train_begin(self, logs: Logs = None) -> None:
        """Record how everything is before the first step."""
        self.names, self.places, self.signs = [], [], []
        self._record(0, -1, {})

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Know the number."""
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Record the step."""
        self._record(self._epoch, batch, logs or {})

    def on_train_end(self, logs: Logs = None) -> None:
        """Have it in the History, and in the file."""
        history = self.model.history
        history.steps = self.record()
        if self.path is not None:
            from autograd_nn.runs.ledger import plain
            from autograd_nn.saving.whole_files import whole_file

            kept = {
                "ledger": history.ledger,
                "history": plain(history.history),
                "steps": history.steps,
            }
            with whole_file(Path(self.path)) as unfinished:
                unfinished.write_text(json.dumps(kept), encoding="utf-8")

    def record(self) -> dict[str, Any]:
        """Names of tensors; of each step its epoch and batch, and the signs one after the other.

        The first entry is before the first step.
        """
        return {"names": self.names, "places": self.places, "signs": self.signs}

    def get_state(self) -> dict[str, Any]:
        """The record so far."""
        return {"epoch": self._epoch, **self.record()}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on with a record."""
        check_record(state)
        self.names, self.places, self.signs = state["names"], state["places"], state["signs"]
        self._epoch = state["epoch"]

    def _record(self, epoch: int, batch: int, logs: dict[str, Any]) -> None:
        found = dict(self._signs(logs))
        self.names += [name for name in found if name not in set(self.names)]
        self.places.append((epoch, batch))
        self.signs.append("".join(found.get(name, _NOTHING) for name in self.names))

    def _signs(self, logs: dict[str, Any]) -> Any:
        from autograd_nn.saving.named_weights import optimizer_of, tensors_of

        for name in _STREAMS:
            state = generator(name).bit_generator.state
            yield f"random/{name}", _sign(repr(state).encode())
        # What is not there before the first step has its place among the names already.
        is_step = "loss" in logs
        yield "loss", _sign(np.float64(logs["loss"]).tobytes()) if is_step else _NOTHING
        tensors = tensors_of(self.model)
        for name, tensor in reversed(tensors.items()):
            if tensor.requires_grad:
                is_there = is_step and tensor._grad is not None
                yield f"gradient/{name}", _sign_of(tensor._grad) if is_there else _NOTHING
        for name, tensor in tensors.items():
            yield name, _sign_of(tensor._data)
        for name, array in optimizer_of(self.model).items():
            yield name, _sign_of(array)


def check_record(found: Any) -> None:
    """Refuse what `StepRecorder.record` never gives.

    Raises       FileFormatError that says what is wrong; KeyError and TypeError where parts lack
    """
    names, places, signs = found["names"], found["places"], found["signs"]
    if not all(isinstance(part, list) for part in (names, places, signs)):
        raise FileFormatError("its steps are no lists")
    if not all(isinstance(text, str) for text in (*names, *signs)):
        raise FileFormatError("its steps are no signs of tensors")
    width = len(names) * DIGITS
    if len(places) != len(signs) or any(len(one) > width for one in signs):
        raise FileFormatError("its steps are not whole")
    if not all(len(place) == 2 and all(type(n) is int for n in place) for place in places):
        raise FileFormatError("its steps are not numbers of epochs and batches")


def _sign_of(array: Any) -> str:
    return _sign(np.ascontiguousarray(array).tobytes())


def _sign(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=DIGITS // 2).hexdigest()
