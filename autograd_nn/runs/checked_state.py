"""Whether what a file says of a run can be true: looked at before anything of it is put back."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.errors import FileFormatError
from autograd_nn.settings import refuse_wrong_state

_KINDS: dict[str, Any] = {
    "library": str, "run": dict, "epoch": int, "batch": int, "since_kept": int, "weights": dict,
    "wanting": list, "optimizer": dict, "of_optimizer": dict, "of_callbacks": list, "steps": dict,
    "stops": bool, "history": tuple, "ledger": dict, "values": (dict, type(None)), "data": list,
    "of_ranks": list,
}  # fmt: skip
_KINDS_OF_RANKS: dict[str, Any] = {"of_layers": dict, "begun": dict, "epoch": dict, "now": dict}
_KINDS_OF_DATA: dict[str, Any] = {
    "given": int, "since_started": int, "started": (dict, type(None)), "is_running": bool,
    "source": object, "changed": dict,
}  # fmt: skip
_KINDS_OF_VALUES: dict[str, Any] = {"plain": dict, "metrics": list, "norms": object}
_KINDS_OF_RANDOMNESS: dict[str, Any] = {
    "seed": int,
    "streams": dict,
    "numpy": dict,
    "python": tuple,
}
_MOST_STREAMS = 100
_OF_STREAMS = np.random.default_rng(0).bit_generator.state


def check_state(state: Mapping[str, Any], callbacks: int, processes: int) -> None:
    """Refuse what `RunState.taken` could not have given.

    Parameters   callbacks, processes: how many there are
    Raises       FileFormatError that says what is wrong
    """
    _check_kinds("it", state, _KINDS)
    for name in ("weights", "optimizer"):
        for key, array in state[name].items():
            if not isinstance(array, (np.ndarray, np.generic)):
                raise FileFormatError(f"`{name}` has {key!r:.60}, which is no array.")
    if state["batch"] and state["values"] is None:
        raise FileFormatError("it is of the middle of an epoch, and has nothing that was counted.")
    if not all(times in (1, 2) for times in state["steps"].values()):
        raise FileFormatError("its `steps` are not numbers of steps.")
    _check_history(state["history"])
    if len(state["history"][1]) != state["epoch"] - state["run"].get("initial_epoch", 0):
        raise FileFormatError("its `history` has another number of epochs than it says.")
    _check_number("of_callbacks", state["of_callbacks"], callbacks)
    _check_number("of_ranks", state["of_ranks"], processes)
    _check_number("data", state["data"], 2)
    if state["values"] is not None:
        _check_kinds("`values`", state["values"], _KINDS_OF_VALUES)
    for place in state["data"]:
        if place is not None:
            _check_kinds("`data`", place, _KINDS_OF_DATA)
            if place["is_running"]:
                refuse_wrong_state(_OF_STREAMS, place["started"])
    for told in state["of_ranks"]:
        _check_kinds("`of_ranks`", told, _KINDS_OF_RANKS)
        for name in ("begun", "epoch", "now"):
            _check_randomness(told[name])


def _check_kinds(what: str, found: Any, kinds: Mapping[str, Any]) -> None:
    if not isinstance(found, dict) or set(found) - {"format_version"} != set(kinds):
        raise FileFormatError(f"{what} must have {', '.join(kinds)}.")
    for name, kind in kinds.items():
        value = found[name]
        is_count = kind is not int or (not isinstance(value, bool) and value >= 0)
        if not isinstance(value, kind) or not is_count:
            raise FileFormatError(f"{what} has {value!r:.60} as `{name}`.")


def _check_number(name: str, found: list[Any], wanted: int) -> None:
    if len(found) != wanted:
        raise FileFormatError(f"`{name}` has {len(found)} entries, and {wanted} are wanted.")


def _check_history(history: tuple[Any, ...]) -> None:
    is_history = len(history) == 2 and isinstance(history[0], dict) and isinstance(history[1], list)
    if not is_history or not all(
        isinstance(name, str) and isinstance(values, list) for name, values in history[0].items()
    ):
        raise FileFormatError("`history` must be lists by name, and the numbers of the epochs.")


def _check_randomness(told: Mapping[str, Any]) -> None:
    """What `all_randomness` gives."""
    _check_kinds("a source of random numbers", told, _KINDS_OF_RANDOMNESS)
    streams = told["streams"]
    if len(streams) > _MOST_STREAMS or not all(isinstance(name, str) for name in streams):
        raise FileFormatError(f"`streams` must be at most {_MOST_STREAMS}, by their names.")
    for state in streams.values():
        refuse_wrong_state(_OF_STREAMS, state)
    refuse_wrong_state(np.random.get_state(legacy=False), told["numpy"])
    try:
        version, numbers, rest = told["python"]
        random.Random().setstate((version, tuple(numbers.tolist()), rest))
        0.0 + (rest or 0.0)  # what `gauss` has left over
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        raise FileFormatError(f"`random` of Python cannot go on from there: {error}.") from error
