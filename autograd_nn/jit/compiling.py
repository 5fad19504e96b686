"""The planned program as machine code, by Numba: extra `jit`."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.engine.errors import MissingPackageError
from autograd_nn.jit import NotCompilable, matrix_products
from autograd_nn.jit.allocation import Allocation
from autograd_nn.jit.decomposition import opened
from autograd_nn.jit.kernels import Kernel
from autograd_nn.program.planning.planner import ManySteps
from autograd_nn.program.values import Instructions, Value

__all__ = ["CompiledStep", "NotCompilable", "compiled_step"]

INSTALL = "pip install 'autograd-nn[jit]'"

KEPT = 200
"""So many compiled programs stay in the cache; beyond, the oldest are removed."""

LONGEST = 1000
"""Programs of more steps are not compiled: Numba takes 10 to 30 ms for each, and memory."""

_PREFIX = "autograd_nn_step_"


@dataclass
class CompiledStep:
    """A compiled program.

    ``step`` is called with the arrays of ``inputs`` and then the numbers of ``settings``. It gives
    what the step of a `Plan` gives. Arrays among the results are valid until the next call.
    ``steps`` is None where a step gives more than the loss, or has inputs that are no arrays.
    """

    source: str
    step: Callable[..., Any]
    steps: ManySteps | None
    inputs: list[Value]
    settings: list[Value]
    nbytes: int
    path: Path
    from_cache: bool


def compiled_step(steps: Instructions, arrays: Mapping[Value, Any], title: str) -> CompiledStep:
    """The steps as one function of machine code, compiled now or in an earlier process.

    Parameters   arrays: the memory of what lives on from call to call, of results that have a
                 memory already, and of inputs a sample
    Raises       MissingPackageError without the extra `jit`; NotCompilable naming a step for which
                 there is no compiled form
    """
    numba = _numba()
    steps = opened(steps)
    placing = Allocation(steps, arrays)
    if len(placing.steps) > LONGEST:
        raise NotCompilable(
            f"It has {len(placing.steps):,} steps, for which compiling takes too long; up to "
            f"{LONGEST:,} are compiled."
        )
    kernel = Kernel(steps, placing, arrays, title)
    memory = kernel.memory()
    rest = [*(arrays[v].reshape(-1) for v in kernel.held), *memory.values()]
    slots = [_slot(value) for value in kernel.settings]
    numbers = [_slot(value) for value in kernel.numbers]
    samples = [_sample(value) for value in kernel.inputs]
    types = [numba.typeof(x) for x in (1, *samples, *slots, *rest, *numbers)]
    path = _written(kernel.text, numba)
    run, from_cache = _function(path, tuple(types), title, numba)
    return CompiledStep(
        kernel.text,
        _stepping(run, kernel, slots, rest, numbers),
        _many(run, kernel, rest),
        kernel.inputs,
        kernel.settings,
        sum(array.nbytes for array in memory.values()),
        path,
        from_cache,
    )


def check_installed() -> None:
    """Raise MissingPackageError where the extra `jit` is not installed; it is not imported."""
    if any(importlib.util.find_spec(package) is None for package in ("numba", "scipy")):
        raise MissingPackageError(
            f"Compiling needs the packages numba and scipy, which are not installed: {INSTALL}."
        )


def _numba() -> Any:
    check_installed()
    import numba
    import scipy.linalg.cython_blas  # noqa: F401  Numba's products are those of SciPy's BLAS
    from numba import _helperlib

    offered = getattr(_helperlib, "c_helpers", ())
    if matrix_products.GEMM not in offered:  # a program that names it would end the process
        raise NotCompilable(f"Numba {numba.__version__} has no {matrix_products.GEMM}.")
    return numba


def _sample(value: Value) -> Any:
    if value.kind == "array":
        return np.empty(value.shape, value.dtype)
    zero = value.dtype.type(0)
    return zero.item() if value.kind == "number" else zero


def _slot(value: Value) -> np.ndarray[Any, Any]:
    """An array for one number, in the dtype in which it is given."""
    return np.array([_sample(value)])


def _stepping(
    run: Callable[..., Any], kernel: Kernel, slots: list[Any], rest: list[Any], numbers: list[Any]
) -> Callable[..., Any]:
    """One step, as a function of inputs and settings alone."""
    count = len(kernel.inputs)
    arguments = [*slots, *rest, *numbers]
    places = iter(zip(numbers, kernel.numbers, strict=True))
    found = [next(places) if array is None else (array, None) for array in kernel.results]

    def step(*given: Any) -> Any:
        for slot, setting in zip(slots, given[count:], strict=True):
            slot[0] = setting
        try:
            run(1, *given[:count], *arguments)
        except TypeError:  # an input that lies in memory in another way
            run(1, *map(_tidy, given[:count]), *arguments)
        results = [
            array if value is None else array.item() if value.kind == "number" else array[0]
            for array, value in found
        ]
        return tuple(results) if len(results) > 1 else results[0]

    return step


def _many(run: Callable[..., Any], kernel: Kernel, rest: list[Any]) -> ManySteps | None:
    """Many steps, where each gives a loss and nothing else."""
    if kernel.results != [None] or any(not v.shape for v in kernel.inputs):
        return None
    kinds = [_slot(value).dtype for value in kernel.settings]
    loss = _slot(kernel.numbers[0]).dtype

    def steps(count: int, inputs: Sequence[Any], settings: Sequence[Any]) -> list[float]:
        numbers = [
            np.full(count, setting, kind) if np.ndim(setting) == 0 else setting.astype(kind)
            for setting, kind in zip(settings, kinds, strict=True)
        ]
        losses = np.empty(count, loss)
        try:
            run(count, *inputs, *numbers, *rest, losses)
        except TypeError:
            run(count, *map(_tidy, inputs), *numbers, *rest, losses)
        return losses.tolist()

    return steps


def _tidy(x: Any) -> Any:
    if isinstance(x, np.ndarray) and not x.flags.carray:
        return np.array(x, order="C")
    return x


# ---------------------------------------------------------------------- the cache


def cache_folder() -> Path:
    """Where compiled programs are kept; the variable AUTOGRAD_NN_CACHE names another folder."""
    own = os.environ.get("AUTOGRAD_NN_CACHE")
    if own:
        return Path(own)
    if sys.platform == "win32":
        root = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        root = Path.home() / "Library" / "Caches"
    else:
        root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "autograd_nn"


def _written(text: str, numba: Any) -> Path:
    """The text as a module in the cache, under a name that is its hash."""
    from llvmlite.binding import get_host_cpu_features, get_host_cpu_name

    # What else machine code depends on: with any of these changed it is another file.
    around = (
        platform.python_version(), numba.__version__, np.__version__,
        get_host_cpu_name(), get_host_cpu_features().flatten(),
    )  # fmt: skip
    digest = hashlib.sha256("\n".join((text, *around)).encode()).hexdigest()
    name = f"{_PREFIX}{digest[:20]}.py"
    try:
        return _put(cache_folder(), name, text)
    except OSError:  # no home, or none that may be written to
        return _put(Path(tempfile.mkdtemp(prefix="autograd_nn_")), name, text)


def _put(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=folder, suffix=".tmp", delete=False
        ) as file:
            file.write(text)
        os.replace(file.name, path)  # another process never reads half of it
        _drop_oldest(folder)
    return path


def _drop_oldest(folder: Path) -> None:
    """Keep the newest programs. What is running has been read, and is not looked up again."""
    with contextlib.suppress(OSError):  # another process removes them too, or has one open
        programs = sorted(folder.glob(f"{_PREFIX}*.py"), key=lambda path: path.stat().st_mtime)
        for path in programs[:-KEPT]:
            for made_from_it in (folder / "__pycache__").glob(f"{path.stem}.*"):
                made_from_it.unlink(missing_ok=True)
            path.unlink(missing_ok=True)


def _function(
    path: Path, types: tuple[Any, ...], title: str, numba: Any
) -> tuple[Callable[..., Any], bool]:
    """The function ``steps`` of a module in the cache, for these types, and if it was there."""
    module = sys.modules.get(path.stem)
    if module is None:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module  # Numba looks for it there when it reads its cache
        spec.loader.exec_module(module)
    steps = module.steps
    if steps.signatures:
        return steps, True
    there = any(Path(steps.stats.cache_path).glob(f"{path.stem}.steps-*.nbi"))
    if not there:
        print(
            f"Compiling {title[:1].lower()}{title[1:].rstrip('.')}, which takes some seconds; "
            f"kept in {path.parent}.",
            file=sys.stderr,
            flush=True,
        )
    started = time.perf_counter()
    try:
        steps.compile(types)
    except numba.core.errors.NumbaError as error:
        reason = str(error).partition("\n\n")[0]
        raise NotCompilable(f"Numba could not compile {title} ({path}): {reason}") from error
    steps.disable_compile()
    if not there:
        print(
            f"CompiledStep in {time.perf_counter() - started:.1f} s.", file=sys.stderr, flush=True
        )
    return steps, bool(steps.stats.cache_hits)
