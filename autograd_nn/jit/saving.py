"""A compiled program as a file of its own, which needs NumPy and Numba only."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.jit.calling import AS_GIVEN, CompiledCall
from autograd_nn.jit.heading import IMPORTS
from autograd_nn.jit.matrix_products import HEAD, IN_LOOPS
from autograd_nn.program import LOADING, array_literal, path_of_program, put_program

_GEMM = next(line for line in HEAD.splitlines() if line.startswith("gemm = "))


def save(path: Any, call: CompiledCall, samples: Mapping[str, Any]) -> None:
    """Write the program, and large arrays into an archive of NumPy beside it.

    Parameters   samples: by name, with what the file calls the program when it is run
    Raises       ArgumentError, ArgumentTypeError where the files cannot be written
    """
    path = path_of_program(path)
    for x in call.filled:
        x.fill()
    arrays = {name: x for name, x in call.around.items() if type(x) is np.ndarray}
    for name, whole in zip(call.memory, call.kernel.memory().values(), strict=True):
        arrays[name] = whole[: _end(whole)]  # behind is nothing before a call
    given = {f"{name}_given": np.asarray(samples[value.name]) for name, value in _inputs(call)}
    put_program(path, {**arrays, **given}, lambda kept: _text(path, call, arrays, given, kept))


def _end(whole: Any) -> int:
    places = np.flatnonzero(whole)
    return int(places[-1]) + 1 if places.size else 0


def _inputs(call: CompiledCall) -> Any:
    return zip(call.inputs, call.kernel.inputs, strict=True)


def _text(
    path: Path, call: CompiledCall, arrays: Mapping[str, Any], given: Mapping[str, Any], kept: bool
) -> str:
    def content(name: str, array: Any) -> str:
        return f'kept["{name}"]' if kept else array_literal(np.asarray(array))

    signature = call.head.removeprefix("def ").removesuffix(":")
    manual = f"`python {path.name}` runs it"
    if path.stem.isidentifier():
        manual += f", `from {path.stem} import step` takes it into a program: {signature}"
    lines = [
        f'"""{call.title}',
        "",
        *textwrap.wrap(f"{manual}.", 96),
        '"""',
        "",
        *IMPORTS,
    ]
    lines += ["", *LOADING] if kept else []
    _, _, program = call.kernel.text.partition(HEAD.rstrip())
    if "gemm(" in program:
        lines += HEAD.rstrip().replace(_GEMM, _with_loops()).splitlines()
    if '"numba_' in program:
        lines += ["", "import scipy.linalg.cython_lapack  # noqa: F401"]
    lines += program.rstrip().splitlines()
    lines += ["", "", *AS_GIVEN.splitlines(), "", "", "def make():"]
    for name, thing in call.around.items():
        if name in call.memory:
            lines.append(f"    {name} = np.zeros({thing.size}, np.{thing.dtype.name})")
            if size := arrays[name].size:
                lines.append(f"    {name}[:{size}] = {content(name, arrays[name])}")
        elif name in arrays:
            lines.append(f"    {name} = {content(name, arrays[name])}")
        elif isinstance(thing, np.dtype):
            lines.append(f'    {name} = np.dtype("{thing.name}")')
    lines += ["    machine = steps", "", f"    {call.head}"]
    lines += [f"        {line}" for line in call.lines]
    lines += ["", "    return step", "", "", "step = make()", "", 'if __name__ == "__main__":']
    samples = [
        content(name, array) + ("" if array.ndim else "[()]") for name, array in given.items()
    ]
    lines += [f"    print(step({', '.join(samples)}))", ""]
    return "\n".join(lines)


def _with_loops() -> str:
    """BLAS by way of SciPy, where that is installed."""
    loops = textwrap.indent(IN_LOOPS.strip(), "    ").replace("\n\n\n", "\n\n")
    return (
        "try:\n    import scipy.linalg.cython_blas  # noqa: F401\n\n"
        f"    {_GEMM}\nexcept ImportError:\n{loops}"
    )
