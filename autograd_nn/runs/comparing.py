"""Two runs compared: where they part, and what they were made with."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from autograd_nn.callbacks import History
from autograd_nn.callbacks.step_recorder import DIGITS, check_record
from autograd_nn.engine.errors import ArgumentTypeError, FileFormatError
from autograd_nn.runs.ledger import flat

_OF_EACH_RUN = ("started", "ended", "seconds", "went_on")


class RunComparison(NamedTuple):
    """Where two runs part; ``print`` tells it in words.

    Parameters   step: the first step after which a tensor differs, from 1; 0 is before the first;
                 None where all are the same, or were not recorded
                 epoch, batch: of that step, from 0
                 tensor: the first that differs there, in the order of `StepRecorder`
                 tensors: all that differ there
                 value: where no steps were recorded, the epoch, from 0, and the name of the first
                 value of the History that differs
                 ledger: what differs in the ledgers, by name, as (a, b)
                 is_recorded: whether both have steps
    """

    step: int | None
    epoch: int | None
    batch: int | None
    tensor: str | None
    tensors: list[str]
    value: tuple[int, str] | None
    ledger: dict[str, tuple[Any, Any]]
    is_recorded: bool

    @property
    def is_same(self) -> bool:
        """Whether no step and no value differs."""
        return self.step is None and self.value is None

    def __str__(self) -> str:
        lines = [self._where()]
        if self.ledger:
            lines.append("In the ledgers differ:")
            lines += [f"  {name}: {a!r} and {b!r}" for name, (a, b) in self.ledger.items()]
        else:
            lines.append("The ledgers say the same.")
        return "\n".join(lines)

    def _where(self) -> str:
        if self.step is not None:
            others = len(self.tensors) - 1
            more = f", and {others} more" if others else ""
            when = "Before the first step"
            if self.step:
                when = f"In step {self.step} (epoch {self.epoch}, batch {self.batch}, from 0)"
            if self.tensor is None:
                return f"{when} one run has ended, and the other goes on."
            return f"{when} the runs part: {self.tensor} differs{more}."
        if self.is_recorded:
            return "All steps are the same, bit for bit."
        ask = "callbacks=[StepRecorder()] finds the step and the tensor."
        if self.value is None:
            return f"Every value of the histories is the same. {ask}"
        epoch, name = self.value
        return f"In epoch {epoch}, from 0, the runs have parted: {name} differs. {ask}"


def compare_runs(a: Any, b: Any) -> RunComparison:
    """Where two runs part: the first step, and the first tensor in it, that differ.

    Parameters   a, b: what ``fit`` returned, or the path of a file of `StepRecorder`. Both have
                 their steps where a StepRecorder was among the callbacks; without it the first
                 epoch is found in which a value differs
    Example      The second run has another learning rate

    >>> from autograd_nn import Sequential, set_random_seed
    >>> from autograd_nn.callbacks import StepRecorder
    >>> from autograd_nn.layers import Dense
    >>> from autograd_nn.optimizers import SGD
    >>> def run(rate):
    ...     set_random_seed(0)
    ...     model = Sequential([Dense(1)])
    ...     model.compile(SGD(rate), "mse")
    ...     return model.fit([[1.0]], [[1.0]], callbacks=[StepRecorder()], verbose=0)
    >>> print(compare_runs(run(0.1), run(0.2)))
    In step 1 (epoch 0, batch 0, from 0) the runs part: dense/kernel differs, and 1 more.
    In the ledgers differ:
      optimizer.learning_rate: 0.1 and 0.2
    """
    first, second = _parts("a", a), _parts("b", b)
    ledger = _differing(first["ledger"] or {}, second["ledger"] or {})
    is_recorded = bool(first["steps"] and second["steps"])
    if not is_recorded:
        value = _first_value(first["history"], second["history"])
        return RunComparison(None, None, None, None, [], value, ledger, False)
    step, tensors = _first_step(first["steps"], second["steps"])
    if step is None:
        return RunComparison(None, None, None, None, [], None, ledger, True)
    longer = max(first["steps"], second["steps"], key=lambda steps: len(steps["places"]))
    epoch, batch = longer["places"][step]
    tensor = tensors[0] if tensors else None
    return RunComparison(step, epoch, batch, tensor, tensors, None, ledger, True)


def _parts(name: str, run: Any) -> dict[str, Any]:
    if isinstance(run, History):
        return {"ledger": run.ledger, "history": run.history, "steps": run.steps}
    if not isinstance(run, (str, os.PathLike)):
        raise ArgumentTypeError(
            f"`{name}` must be what fit returned, or the path of a file that StepRecorder(path) "
            f"wrote, got {run!r:.80} of type {type(run).__name__}."
        )
    try:
        found = json.loads(Path(run).read_text(encoding="utf-8"))
        _check(found)
        return {name: found[name] for name in ("ledger", "history", "steps")}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FileFormatError(f"{str(run)!r} is no file of StepRecorder: {error!r:.80}.") from error


def _check(found: Any) -> None:
    """Raise a ValueError where it is not what StepRecorder writes."""
    steps, ledger, history = found["steps"], found["ledger"], found["history"]
    check_record(steps)
    if ledger is not None and not isinstance(ledger, dict):
        raise ValueError("it has no ledger")
    list(flat(ledger or {}))  # a RecursionError where it is nested too deep
    is_history = isinstance(history, dict)
    if not is_history or not all(isinstance(values, list) for values in history.values()):
        raise ValueError("its history is not lists of values")


def _differing(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    first, second = dict(flat(dict(a))), dict(flat(dict(b)))
    # As JSON has them: a file has lists where a History has tuples.
    return {
        name: (first.get(name), second.get(name))
        for name in first | second
        if name not in _OF_EACH_RUN and json.dumps(first.get(name)) != json.dumps(second.get(name))
    }


def _first_step(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[int | None, list[str]]:
    for step, signs in enumerate(zip(a["signs"], b["signs"], strict=False)):
        if signs[0] != signs[1] or a["names"] != b["names"]:
            first, second = _by_name(a["names"], signs[0]), _by_name(b["names"], signs[1])
            names = [name for name in first | second if first.get(name) != second.get(name)]
            if names:
                return step, names
    lengths = len(a["signs"]), len(b["signs"])
    return (None if lengths[0] == lengths[1] else min(lengths)), []


def _by_name(names: list[str], signs: str) -> dict[str, str]:
    found = {
        name: signs[n * DIGITS : (n + 1) * DIGITS]
        for n, name in enumerate(names)
        if (n + 1) * DIGITS <= len(signs)
    }
    return {name: sign for name, sign in found.items() if sign.strip("-")}


def _first_value(a: Mapping[str, Any], b: Mapping[str, Any]) -> tuple[int, str] | None:
    for epoch in range(max(map(len, [*a.values(), *b.values()]), default=0)):
        for name in dict(a) | dict(b):
            pair = [repr(values.get(name, [])[epoch : epoch + 1]) for values in (a, b)]
            if pair[0] != pair[1]:
                return epoch, name
    return None
