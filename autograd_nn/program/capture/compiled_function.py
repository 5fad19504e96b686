"""compiled: a function that is recorded twice and from then on replayed as a program."""

from __future__ import annotations

import functools
import threading
import types
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from autograd_nn.engine.errors import ArgumentTypeError, StateError
from autograd_nn.engine.recording import current_looks
from autograd_nn.program.capture.signatures import refuse_unhashable, signature

if TYPE_CHECKING:  # imported with the first call: see program.py
    from autograd_nn.program.capture.capturing import Capture
    from autograd_nn.program.program import Program

KEPT = 32
"""So many programs of a function are kept; then that of the longest ago call is dropped."""


def compiled(f: Callable[..., Any]) -> CompiledFunction:
    """The function as a program: written down while it runs twice, replayed from the third call on.

    The program is made for one signature: the structure of the arguments, their shapes and
    dtypes, and the values of integers, text and other objects; of these 32 are kept. Arrays,
    Tensors and floats are inputs. Arrays give arrays; with a Tensor among the arguments the
    results are Tensors, recorded, so that gradients flow to it and to the Tensors that the function
    closes over. These are read at every call; plain numbers and arrays from outside are not.

    What cannot be replayed runs as it is written, and a warning says why: a branch on values,
    numbers drawn at random, a step outside of what is recorded. What the function does beside its
    result (it prints, counts, appends) is not done in a replay. Any number of threads may call it.

    Parameters   f: a function of arrays, Tensors, numbers, and lists, tuples and dicts of them.
                 `grad` and `value_and_grad` may be used inside
    Returns      a function with ``program``, that of the last call, and ``__wrapped__``, which is f
    Raises       ArgumentTypeError for what is no function, such as a class, a generator or a
                 coroutine
    Example      x² + 3x is 10 at 2, and its derivative 2x + 3 is 7

    >>> from autograd_nn import compiled, value_and_grad
    >>> @compiled
    ... def step(x):
    ...     return value_and_grad(lambda x: x ** 2 + 3 * x)(x)
    >>> for _ in range(3):
    ...     value, slope = step(2.0)
    >>> float(value), float(slope)
    (10.0, 7.0)
    """
    if isinstance(f, CompiledFunction):
        return f
    return CompiledFunction(f)


class CompiledFunction:
    """A function that `compiled` was put above."""

    def __init__(self, f: Callable[..., Any]) -> None:
        _check_function(f)
        functools.update_wrapper(self, f)
        self._f = f
        self._name = getattr(f, "__name__", type(f).__name__)
        self._captures: dict[Any, Capture] = {}
        self._last: Capture | None = None
        self._said: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        if current_looks.get() is not None:
            return self._f(*args, **keywords)  # part of what is being written down around it
        key, inputs, only_arrays = signature(args, keywords)
        try:
            capture = self._captures.get(key)
        except TypeError:
            refuse_unhashable(args, keywords, self._name)
            raise
        if capture is None or capture is not self._last:
            capture = self._next(key, capture)
        if capture.program is not None:
            return capture.replayed(inputs, only_arrays)
        result = capture.run(args, keywords, inputs)
        if capture.reason is not None:
            self._say(f"{self._name} runs as it is written, at every call: {capture.reason}", 3)
        return result

    def _next(self, key: Any, capture: Capture | None) -> Capture:
        """The capture of this signature, made the latest of those that are kept."""
        from autograd_nn.program.capture.capturing import Capture

        with self._lock:
            capture = self._captures.pop(key, None) or Capture(self._f, self._name)
            self._captures[key] = self._last = capture
            dropped = len(self._captures) > KEPT
            if dropped:
                del self._captures[next(iter(self._captures))]
        if dropped:
            self._say(
                f"{self._name} was called in more than {KEPT} ways, and for each a program is "
                "made. Give numbers that vary as floats or arrays, and data in few shapes.",
                4,
            )
        return capture

    def _say(self, text: str, depth: int) -> None:
        """A warning at the line of the call, ``depth`` frames above, once."""
        if text not in self._said:
            self._said.add(text)
            warnings.warn(text, UserWarning, stacklevel=depth)

    @property
    def program(self) -> Program:
        """The program of the signature that was called last."""
        if self._last is None:
            raise StateError(
                f"{self._name} was not called yet: a program is made while it is called, for the "
                "shapes of its arguments. Call it twice."
            )
        if self._last.program is None:
            why = self._last.reason or "It was called once for these shapes; call it again."
            raise StateError(f"There is no program of {self._name}. {why}")
        return self._last.program

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<compiled {self._name}, {len(self._captures)} signatures>"

    # As of a function: there is one of it, known by its name.
    def __copy__(self) -> CompiledFunction:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> CompiledFunction:
        return self

    def __reduce__(self) -> str:
        return str(getattr(self, "__qualname__", self._name))


def _check_function(f: Any) -> None:
    if isinstance(f, (staticmethod, classmethod, property)):
        raise ArgumentTypeError(
            f"Write @{type(f).__name__} above @compiled: compiled takes the function itself."
        )
    if isinstance(f, type):
        raise ArgumentTypeError(
            f"compiled takes a function, got the class {f.__name__}. Put @compiled above its "
            "method, or give an object that can be called."
        )
    if not callable(f):
        raise ArgumentTypeError(
            f"compiled takes a function, got {type(f).__name__}. Write @compiled above it, or "
            "compiled(f), not compiled(f(x))."
        )
    flags = getattr(getattr(f, "__code__", None), "co_flags", 0)
    if flags & _NO_PLAIN_FUNCTION:
        raise ArgumentTypeError(
            f"compiled takes a function that returns its result, {f.__name__} is a generator or a "
            "coroutine."
        )


# Generators and coroutines, of either kind.
_NO_PLAIN_FUNCTION = 0x20 | 0x80 | 0x200
