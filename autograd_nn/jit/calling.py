"""How a compiled program is called: a function of Python, as text, around the machine code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_nn.jit.before_a_call import Filled
from autograd_nn.jit.kernels import Kernel
from autograd_nn.program import Names, Value

AS_GIVEN = '''def as_given(x, dtype):
    """An array as machine code takes it: in one piece, in the byte order of the machine."""
    if x.dtype.newbyteorder("=") != dtype:
        raise TypeError(f"The program takes {dtype.name}, got {x.dtype}.")
    return np.array(x, dtype, order="C")'''
"""What is beside the text of a call."""


class CompiledCall:
    """The text of ``step``, which takes inputs and settings and gives what the program gives.

    It makes an array for every result; ``around`` are the names that it has from around it and what
    they mean, but for the machine code itself, ``machine``. Of the arrays among them those of
    ``memory`` belong to the program.

    Parameters   arrays: that the kernel holds, flat
                 filled: what is filled before the machine code runs
    """

    def __init__(
        self,
        kernel: Kernel,
        memory: dict[np.dtype[Any], Any],
        arrays: Sequence[Any],
        filled: Sequence[Filled],
        title: str,
    ) -> None:
        names = Names(["np", "machine", "as_given", "step"])
        self.around: dict[str, Any] = {}
        around = self.around

        def kept(name: str, thing: Any) -> str:
            found = names.new(name)
            around[found] = thing
            return found

        self.filled = filled
        fills = [f"{kept('fill', x.fill)}()" for x in filled]
        lines: list[str] = []
        self.kernel, self.title = kernel, title
        self.inputs = [names[value] for value in kernel.inputs]
        self.settings = [names[value] for value in kernel.settings]
        dtypes: dict[Any, str] = {}

        def dtype_of(value: Value) -> str:
            if value.dtype not in dtypes:
                dtypes[value.dtype] = kept(value.dtype.name, np.dtype(value.dtype.name))
            return dtypes[value.dtype]

        for value, name in zip(kernel.inputs, self.inputs, strict=True):
            if value.kind == "array":
                dtype = dtype_of(value)
                lines.append(f"if {name}.dtype is not {dtype} or not {name}.flags.carray:")
                lines.append(f"    {name} = as_given({name}, {dtype})")
        slots = []
        for value, name in zip(kernel.settings, self.settings, strict=True):
            slots.append(kept(f"{value.name}_slot", slot_of(value)))
            lines.append(f"{slots[-1]}[0] = {name}")
        held = [kept(v.name, array) for v, array in zip(kernel.held, arrays, strict=True)]
        self.memory = [kept(f"memory_{dtype.name}", array) for dtype, array in memory.items()]
        fresh = {value: names.new(value.name) for value in kernel.fresh}
        for value, name in fresh.items():
            lines.append(f"{name} = np.empty({value.size}, {dtype_of(value)})")
        numbers = [kept(f"{value.name}_kept", slot_of(value)) for value in kernel.numbers]
        arguments = [*self.inputs, *slots, *held, *self.memory, *fresh.values(), *numbers]
        lines.append(f"machine({', '.join(['1', *arguments])})")
        rest = iter(numbers)
        results = []
        for value in kernel.results:
            if value.kind != "array":
                results.append(f"{next(rest)}[0]" + ".item()" * (value.kind == "number"))
            elif value in kernel.held:
                results.append(kept(f"{value.name}_shaped", kernel.array_of(value)))
            else:
                name = fresh[kernel.whole(value)]
                shape = value.shape
                results.append(
                    name
                    if len(shape) == 1
                    else f"{name}.reshape({shape})"
                    if shape
                    else f"{name}[0]"
                )
        lines.append(f"return {', '.join(results)}")
        self.head = f"def step({', '.join([*self.inputs, *self.settings])}):"
        self.lines = lines
        self._fills = fills

    def function(self, machine: Callable[..., Any]) -> Callable[..., Any]:
        """The call of this machine code."""
        text = [AS_GIVEN, f"def make({', '.join(['machine', *self.around])}):"]
        text += [f"    {self.head}", *(f"        {x}" for x in [*self._fills, *self.lines])]
        text += ["    return step"]
        space: dict[str, Any] = {"np": np}
        exec(compile("\n".join(text), "<call of a compiled program>", "exec"), space)
        made: Callable[..., Any] = space["make"](machine, **self.around)
        return made


def slot_of(value: Value) -> np.ndarray[Any, Any]:
    """An array for one number, in the dtype in which it is given."""
    return np.array([sample_of(value)])


def sample_of(value: Value) -> Any:
    """Such a thing as is given for a value."""
    if value.kind == "array":
        return np.empty(value.shape, value.dtype.newbyteorder("="))
    zero = value.dtype.type(0)
    return zero.item() if value.kind == "number" else zero
