"""The planned program as machine code, by Numba: extra `jit`."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd_nn.engine.forked_locks import open_in_forked
from autograd_nn.jit import NotCompilable, cache, check_installed
from autograd_nn.jit.allocation import Allocation
from autograd_nn.jit.before_a_call import Filled, draws_first, lying_otherwise
from autograd_nn.jit.calling import CompiledCall, sample_of, slot_of
from autograd_nn.jit.kernels import Kernel
from autograd_nn.jit.simpler_steps import in_simpler_steps
from autograd_nn.jit.sums import with_sums_as_products
from autograd_nn.program import Instructions, Value

if TYPE_CHECKING:
    from autograd_nn.program import ManySteps

__all__ = ["CompiledStep", "NotCompilable", "compiled_step"]

LONGEST = 1000
"""Programs of more steps are not compiled: Numba takes 10 to 30 ms for each, and memory."""

MOST_MEGABYTES = 256
"""About so much memory all compiled programs of a process may take."""

# Of a program that was compiled here, and of one that was kept by an earlier process; measured.
_MEGABYTES = {False: 9, True: 1}
_compiled: dict[str, tuple[Callable[..., Any], bool]] = {}
_one_by_one = open_in_forked(threading.Lock())


@dataclass
class CompiledStep:
    """A compiled program.

    ``step`` is called with the arrays of ``inputs`` and then the numbers of ``settings``. It gives
    what the step of a `Plan` gives, in arrays of its own but for those that live on.
    ``steps`` is None where a step gives more than the loss, has inputs that are no arrays, or draws
    random numbers, which NumPy does before each step.
    """

    source: str
    step: Callable[..., Any]
    steps: ManySteps | None
    inputs: list[Value]
    settings: list[Value]
    from_cache: bool
    call: CompiledCall

    def save(self, path: Any, samples: Mapping[str, Any]) -> None:
        """Write a file of Python that needs NumPy and Numba only.

        Parameters   samples: by name, with what the file calls the program when it is run
        """
        from autograd_nn.jit.saving import save

        save(path, self.call, samples)


def compiled_step(steps: Instructions, arrays: Mapping[Value, Any], title: str) -> CompiledStep:
    """The steps as one function of machine code, compiled now or in an earlier process.

    Parameters   arrays: the memory of what lives on from call to call, of results that have a
                 memory already, and of inputs a sample
    Raises       MissingPackageError without the extra `jit`; NotCompilable naming a step for which
                 there is no compiled form
    """
    numba = _numba()
    steps, drawn = draws_first(steps)
    filled = {**lying_otherwise(steps, arrays), **drawn}
    arrays = {**arrays, **{value: x.array for value, x in filled.items()}}
    steps = with_sums_as_products(in_simpler_steps(steps))
    placing = Allocation(steps, arrays)
    if len(placing.steps) > LONGEST:
        raise NotCompilable(
            f"It has {len(placing.steps):,} steps, for which compiling takes too long; up to "
            f"{LONGEST:,} are compiled."
        )
    kernel = Kernel(steps, placing, arrays, title)
    _check_doors(kernel.text, numba)
    memory = kernel.memory()
    flat = [arrays[value].reshape(-1) for value in kernel.held]
    call = CompiledCall(kernel, memory, flat, list(filled.values()), title)
    fresh = [np.empty(value.size, value.dtype) for value in kernel.fresh]
    slots, numbers = map(slot_of, kernel.settings), map(slot_of, kernel.numbers)
    samples = map(sample_of, kernel.inputs)
    rest = [*flat, *memory.values()]
    types = [numba.typeof(x) for x in (1, *samples, *slots, *rest, *fresh, *numbers)]
    function, from_cache = _function(kernel.text, tuple(types), title, numba)
    return CompiledStep(
        kernel.text,
        call.function(_entry(function)),
        None if drawn else _many(_running(function, list(filled.values())), kernel, rest),
        kernel.inputs,
        kernel.settings,
        from_cache,
        call,
    )


def _running(function: Callable[..., Any], filled: list[Filled]) -> Callable[..., Any]:
    """The function, called when arrays and inputs that lie otherwise were copied."""

    def run(count: int, inputs: Sequence[Any], rest: Sequence[Any]) -> None:
        for x in filled:
            x.fill()
        try:
            function(count, *inputs, *rest)
        except TypeError:  # an input that lies in memory in another way
            function(count, *map(_tidy, inputs), *rest)

    return run


def _numba() -> Any:
    check_installed()
    import numba
    import scipy.linalg.cython_blas  # noqa: F401  Numba's products are those of SciPy's BLAS

    return numba


def _check_doors(text: str, numba: Any) -> None:
    """A program that names a door that Numba does not have would end the process."""
    from numba import _helperlib

    offered = getattr(_helperlib, "c_helpers", ())
    for name in re.findall(r'"numba_(\w+)"', text):
        if name not in offered:
            raise NotCompilable(f"Numba {numba.__version__} has no {name}.")


def _many(run: Callable[..., Any], kernel: Kernel, rest: list[Any]) -> ManySteps | None:
    """Many steps, where each gives a loss and nothing else."""
    if kernel.fresh or len(kernel.results) > 1 or any(not v.shape for v in kernel.inputs):
        return None
    if kernel.may_end:
        return None
    kinds = [slot_of(value).dtype for value in kernel.settings]
    loss = slot_of(kernel.numbers[0]).dtype

    def steps(count: int, inputs: Sequence[Any], settings: Sequence[Any]) -> list[float]:
        numbers = [
            np.full(count, setting, kind) if np.ndim(setting) == 0 else setting.astype(kind)
            for setting, kind in zip(settings, kinds, strict=True)
        ]
        losses = np.empty(count, loss)
        run(count, inputs, [*numbers, *rest, losses])
        return losses.tolist()

    return steps


def _tidy(x: Any) -> Any:
    if isinstance(x, np.ndarray) and not x.flags.carray:
        return np.array(x, order="C")
    return x


# ---------------------------------------------------------------------- compiling


def _function(text: str, types: tuple[Any, ...], title: str, numba: Any) -> tuple[Any, bool]:
    """The function ``steps`` of a text for these types, and whether an earlier process made it."""
    name = cache.name_of(text, types, numba)
    with _one_by_one:  # two threads may want the same program
        if name not in _compiled:
            _compiled[name] = _made(name, text, types, title, numba)
        return _compiled[name]


def _made(
    name: str, text: str, types: tuple[Any, ...], title: str, numba: Any
) -> tuple[Callable[..., Any], bool]:
    kept = cache.KeptCode(name)
    there = kept.content is not None
    _check_room(there)
    module = sys.modules[name] = ModuleType(name)  # Numba looks for it there
    exec(compile(text, f"<{name}>", "exec"), module.__dict__)
    module.steps._cache = kept
    if not there:
        _say(f"Compiling {title[:1].lower()}{title[1:].rstrip('.')}, which takes some seconds.")
    started = time.perf_counter()
    try:
        module.steps.compile(types)
    except numba.core.errors.NumbaError as error:
        reason = str(error).partition("\n\n")[0]
        raise NotCompilable(f"Numba could not compile {title} ({name}): {reason}") from error
    module.steps.disable_compile()
    if not there:
        _say(f"Compiled in {time.perf_counter() - started:.1f} s.")
    return module.steps, there


def _entry(function: Any) -> Callable[..., Any]:
    """The machine code itself, for who has looked at what it is given.

    A call takes a µs less than by way of Numba's dispatcher.
    """
    entry: Callable[..., Any] = next(iter(function.overloads.values())).entry_point
    return entry


def _check_room(there: bool) -> None:
    """Numba and LLVM never give back the memory of a program."""
    used = sum(_MEGABYTES[kept] for _, kept in _compiled.values())
    if used + _MEGABYTES[there] > MOST_MEGABYTES:
        raise NotCompilable(
            f"{len(_compiled)} programs were compiled in this process, whose memory is never "
            "given back. Take batches of fewer sizes."
        )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
