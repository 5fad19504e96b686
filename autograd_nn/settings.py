"""The few settings of the process: the seed, and the dtype of layers and models.

Random numbers come in named streams ("weights", "shuffle", "dropout", "random", "data"), each with
its own generator: one more layer draws more weights, and the order of the batches stays as it was.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd_nn.engine.argument_checks import positive_integer
from autograd_nn.engine.errors import (
    ArgumentError,
    ArgumentTypeError,
    FileFormatError,
    suggestion,
)
from autograd_nn.engine.forked_locks import open_in_forked

_FLOATS = ("float32", "float64")

_floatx = "float32"
_own_floatx: ContextVar[str | None] = ContextVar("_own_floatx", default=None)
_seed: int | None = None
_streams: dict[str, np.random.Generator] = {}
_making = open_in_forked(threading.Lock())
_seeded = open_in_forked(threading.RLock())


def floatx() -> str:
    """The name of the dtype that layers and models compute in.

    Example      ``floatx()`` is ``"float32"`` until ``set_floatx`` says otherwise.
    """
    return _own_floatx.get() or _floatx


@contextlib.contextmanager
def own_floatx(name: str) -> Iterator[None]:
    """Inside, and in this thread alone, layers and models compute in this dtype."""
    before = _own_floatx.set(name)
    try:
        yield
    finally:
        _own_floatx.reset(before)


def set_floatx(name: str) -> None:
    """Choose the dtype of layers and models made from here on.

    Parameters   name: "float32" (the default, as in Keras) or "float64"
    Raises       ValueError for another name, TypeError for anything but text
    """
    global _floatx
    if not isinstance(name, str):
        raise ArgumentTypeError(
            f"`name` must be the name of a dtype, 'float32' or 'float64', "
            f"got {name!r} of type {type(name).__name__}."
        )
    if name not in _FLOATS:
        raise ArgumentError(
            f"`name` must be 'float32' or 'float64', got {name!r}.{suggestion(name, _FLOATS)}"
        )
    _floatx = name


def set_random_seed(seed: int) -> None:
    """Make everything random that follows repeatable: weights, order of batches, dropout, data.

    Parameters   seed: an integer from 0 on; the same seed gives the same run
    Raises       ValueError when it is negative, TypeError when it is not an integer
    Example      Called twice with the same number, the same draws follow:

    >>> set_random_seed(1)
    >>> first = generator("data").integers(1000)
    >>> set_random_seed(1)
    >>> bool(first == generator("data").integers(1000))
    True
    """
    global _seed
    _seed = positive_integer("seed", seed, minimum=0)
    for stream, source in _streams.items():  # programs hold on to them
        source.bit_generator.state = _start(stream, _seed).bit_generator.state


@contextlib.contextmanager
def own_randomness(seed: int) -> Iterator[None]:
    """Inside, everything random follows this seed; afterwards it goes on as if nothing was.

    The streams are those of the process, so other threads that ask for a seed of their own wait.
    """
    global _seed
    with _seeded:
        before = _seed, {stream: source.bit_generator.state for stream, source in _streams.items()}
        try:
            set_random_seed(seed)
            yield
        finally:
            _seed = before[0]
            for stream in list(_streams):
                if stream in before[1]:
                    _streams[stream].bit_generator.state = before[1][stream]
                elif _seed is not None:  # it begins anew when it is asked for
                    _streams[stream].bit_generator.state = _start(stream, _seed).bit_generator.state
                else:
                    del _streams[stream]


def seed() -> int:
    """What ``set_random_seed`` was given; where it was not called a number that nobody guessed."""
    if _seed is None:
        generator("shuffle")
    assert _seed is not None
    return _seed


def randomness() -> tuple[int, dict[str, Any]]:
    """The seed, and how far every stream is: for another process, which goes on from there."""
    return seed(), {stream: source.bit_generator.state for stream, source in _streams.items()}


def take_randomness(told: tuple[int, dict[str, Any]]) -> None:
    """Go on from what ``randomness`` gave in another process."""
    set_random_seed(told[0])
    for stream, state in told[1].items():
        take_state(generator(stream).bit_generator, state)


def take_state(source: Any, state: Any) -> None:
    """Have a bit generator of NumPy where another of its kind was, of which a file may tell.

    NumPy itself believes what it is given: a place behind the end of its table is read there, and
    the process ends.

    Raises       FileFormatError for what is no such state; the generator is then as it was
    """
    refuse_wrong_state(source.state, state)
    source.state = state


def refuse_wrong_state(own: Any, state: Any) -> None:
    """Raise a FileFormatError for what is no state of a random generator.

    Parameters   own: where that generator is now
    """
    fault = _fault_of_state(own, state)
    if fault:
        raise FileFormatError(f"no random generator can go on from there: {fault}.")


# Where a generator is in its table, and what it has left over from a draw, with the most of each.
_PLACES = {"pos": 624, "buffer_pos": 4, "has_uint32": 1, "has_gauss": 1, "uinteger": 2**32 - 1}


def _fault_of_state(own: Any, state: Any, name: str = "state") -> str:
    """What of a state is not as in one that is right, empty where all is."""
    if isinstance(own, dict):
        if not isinstance(state, dict) or set(state) != set(own):
            return f"{name} must have {', '.join(own)}"
        faults = (_fault_of_state(part, state[key], key) for key, part in own.items())
        return next(filter(None, faults), "")
    if isinstance(own, str):
        return "" if state == own else f"{name} must be {own!r}, is {state!r:.40}"
    if isinstance(own, np.ndarray):
        return _fault_of_numbers(own, state, name)
    if isinstance(own, float):
        is_number = isinstance(state, (int, float)) and not isinstance(state, bool)
        return "" if is_number else f"{name} must be a number, is {state!r:.40}"
    most = _PLACES.get(name, 2**128 - 1)
    if type(state) is not int or not 0 <= state <= most:
        return f"{name} must be a whole number from 0 to {most}, is {state!r:.40}"
    return ""


def _fault_of_numbers(own: Any, state: Any, name: str) -> str:
    """The same of an array, or of a list, as JSON has it."""
    most = int(np.iinfo(own.dtype).max)
    numbers = state.tolist() if isinstance(state, np.ndarray) else state
    is_right = (
        isinstance(numbers, list)
        and len(numbers) == len(own)
        and all(type(number) is int and 0 <= number <= most for number in numbers)
    )
    return "" if is_right else f"{name} must be {len(own)} numbers of {own.dtype}"


def generator(stream: str, seed: int | None = None) -> np.random.Generator:
    """The source of random numbers for one purpose.

    Parameters   stream: what the numbers are for, such as "weights", "shuffle", "dropout"
                 seed: an integer from 0 on gives a fresh generator of its own; None, the default,
                 the generator that goes on from call to call and follows ``set_random_seed``
    Raises       ValueError when the seed is negative, TypeError when it is not an integer
    """
    global _seed
    if seed is not None:
        return _start(stream, positive_integer("seed", seed, minimum=0))
    known = _streams.get(stream)
    if known is None:
        with _making:  # two threads that make one at a time would draw from two
            if _seed is None:
                _seed = _entropy_of_this_machine()
            known = _streams.setdefault(stream, _start(stream, _seed))
    return known


def _start(stream: str, seed: int) -> np.random.Generator:
    """A generator that depends on the seed and on the name, not on the order of the calls."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=tuple(stream.encode())))


def _entropy_of_this_machine() -> int:
    """A number that nobody can guess, for a process whose seed was never set."""
    entropy = np.random.SeedSequence().entropy
    assert isinstance(entropy, int)
    return entropy
