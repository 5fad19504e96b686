"""compiled: a function that is recorded twice and from then on replayed as a program."""

from __future__ import annotations

import functools
import threading
import types
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, overload

from autograd_nn.engine.errors import ArgumentTypeError, AutogradError, StateError
from autograd_nn.engine.forked_locks import open_in_forked
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.observing import observed
from autograd_nn.engine.recording import anomalies_sought
from autograd_nn.program.capture.signatures import refuse_unhashable, signature

if TYPE_CHECKING:  # imported with the first call: see program.py
    from autograd_nn.program.capture.captured import Captured, Captures
    from autograd_nn.program.program import Program

FEW = 32
"""For so many kinds of call a program is made as soon as one was seen twice."""


@overload
def compiled(f: Callable[..., Any], *, jit: bool = ...) -> CompiledFunction: ...
@overload
def compiled(*, jit: bool = ...) -> Callable[[Callable[..., Any]], CompiledFunction]: ...
def compiled(f: Any = None, *, jit: bool = False) -> Any:
    """The function as a program: written down while it runs twice, replayed from the third call on.

    What plain NumPy computes from arrays inside of it is a constant, and so is a number that comes
    by no name: from a file, a clock, a cache. Arrays and Tensors from outside are read at every
    call, wherever they stand: in variables, attributes, lists and dicts, also those of functions
    and objects that it uses. Where a name there means another number, text or function than
    before, or a setting of a layer is another one, the function is recorded anew.

    The program is made for one signature: the structure of the arguments, their shapes and dtypes,
    and the values of integers, text and other objects. Arrays, Tensors and floats are inputs.
    Arrays give arrays; with a Tensor among the arguments the results are Tensors, recorded, so that
    gradients flow to it and to the Tensors that the function uses.

    To write it above a function is a promise: its result depends on its arguments and on Tensors
    and arrays that it uses. What is seen to break it is an error that names it: a branch on values,
    a change of data, a step outside of what is recorded. A function that draws by `random` runs as
    it is written, with a warning. What it does beside its result (it prints, counts, appends) is
    not done in a replay. Any number of threads may call it.

    Parameters   f: a function of arrays, Tensors, numbers, and lists, tuples and dicts of them.
                 `grad`, `jacobian`, `hessian` and their kin may be used inside, or be f
                 jit: have Numba make machine code of the program, which takes seconds, once: it is
                 kept on disk. Where a step has no compiled form, a warning names it, and the
                 program of NumPy is what runs
    Returns      a function with ``program``, that of the last call, and ``__wrapped__``, which is f
    Raises       ArgumentTypeError for what is no function, such as a class, a generator or a
                 coroutine; MissingPackageError without the extra `jit`; called, StateError where
                 no program can repeat what it computes
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
    if f is None:
        return functools.partial(compiled, jit=jit)
    if isinstance(f, CompiledFunction):
        if f.jit == jit:
            return f
        f = f._f
    return CompiledFunction(f, jit)


class CompiledFunction:
    """A function that `compiled` was put above."""

    def __init__(self, f: Callable[..., Any], jit: bool = False) -> None:
        _check_function(f)
        functools.update_wrapper(self, f)
        self._f = f
        self.jit = jit
        self._name = getattr(f, "__name__", type(f).__name__)
        self._captures: Captures | None = None
        self._by_kind: dict[Any, Captured] = {}
        self._last: Any = None
        self._said: set[str] = set()
        self._not_compiled = ""  # why not
        self._lock = open_in_forked(threading.Lock())
        self._compiler = self._compile_steps() if jit else None

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        if observed() is not None:
            return self._f(*args, **keywords)  # part of what is being written down around it
        kind, inputs, only_arrays = signature(args, keywords)
        if anomalies_sought.get():
            return (self._captures or self._made()).as_written(args, keywords, inputs)
        try:
            capture = self._by_kind.get(kind)
        except TypeError:
            refuse_unhashable(args, keywords, self._name)
            raise
        self._last = kind
        if capture is not None:
            if capture.is_as_bound():
                try:
                    return capture.replayed(inputs, only_arrays)
                except ValueError as error:
                    if not isinstance(error, AutogradError):
                        with undone():  # as it is written it says what, and in which layer
                            self._f(*args, **keywords)
                    raise
            self._by_kind.pop(kind, None)
        captures = self._captures or self._made()
        result = captures.run(kind, args, keywords, inputs)
        if (refusal := captures.recorder.refusals.get(kind)) is not None:
            self._say(f"{self._name} runs as it is written, at every call: {refusal.reason}", 3)
        elif self._not_compiled:
            self._say(
                f"{self._name} is replayed without being compiled: {self._not_compiled} "
                "@compiled without jit=True says that this is wanted.",
                3,
            )
        elif not captures.recorder.has_few:
            self._say(
                f"{self._name} was called in more than {FEW} ways, and for each a program is "
                "made. Give numbers that vary as floats or arrays, and data in few shapes.",
                3,
            )
        return result

    def _made(self) -> Captures:
        from autograd_nn.program.capture.captured import Captures

        with self._lock:
            if self._captures is None:
                captures = Captures(self._f, self._name, FEW, self._compiler)
                self._by_kind = captures.recorder.programs
                self._captures = captures
            return self._captures

    def _compile_steps(self) -> Callable[..., Any]:
        """What makes machine code of planned steps, and None of those that have no such form."""
        from autograd_nn.jit import NotCompilable, check_installed

        check_installed()

        def compile_steps(*planned: Any) -> Any:
            from autograd_nn.jit.compiling import compiled_step

            try:
                return compiled_step(*planned)
            except NotCompilable as error:
                self._not_compiled = str(error)
                return None

        return compile_steps

    def _say(self, text: str, depth: int) -> None:
        """A warning at the line of the call, ``depth`` frames above, once."""
        if text not in self._said:
            self._said.add(text)
            warnings.warn(text, UserWarning, stacklevel=depth)

    @property
    def program(self) -> Program:
        """The program of the signature that was called last."""
        if self._captures is None:
            raise StateError(
                f"{self._name} was not called yet: a program is made while it is called, for the "
                "shapes of its arguments. Call it twice."
            )
        capture = self._by_kind.get(self._last)
        if capture is None:
            refusal = self._captures.recorder.refusals.get(self._last)
            why = "It was called once for these shapes; call it again."
            raise StateError(
                f"There is no program of {self._name}. {refusal.reason if refusal else why}"
            )
        return capture.program

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else types.MethodType(self, instance)

    def __repr__(self) -> str:
        return f"<compiled {self._name}, {len(self._by_kind)} signatures>"

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
