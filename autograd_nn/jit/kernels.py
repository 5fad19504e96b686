"""Items as text for Numba: loops over numbers, products by BLAS, all in memory that is there."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from autograd_nn.jit import (
    NotCompilable,
    all_forms,
    bracketed,
    called_functions,
    matrix_products,
    splitting,
)
from autograd_nn.jit.allocation import Allocation
from autograd_nn.jit.arena import Arena, aligned, read
from autograd_nn.jit.compiled_form import refused
from autograd_nn.jit.elements import Elements
from autograd_nn.jit.folding import folding
from autograd_nn.jit.fusing import Fusing, Item
from autograd_nn.jit.heading import IMPORTED, IMPORTS
from autograd_nn.jit.kinds import NORMS, is_fold, reduced_axes
from autograd_nn.jit.loops import fewest_axes, index, opened
from autograd_nn.jit.matrix_products import Matrix, product
from autograd_nn.jit.reducing import OF_EXTREMA, fold, scaled_down, wide
from autograd_nn.jit.sums_of_products import sum_of_products
from autograd_nn.program import Instruction, Instructions, Names, Value, folded

_COUNTERS = ("i", "j", "k", "l", "m", "n")
_OF_STEPS = ("steps", splitting.LONGEST, "count", "row", "g", "c", "at", "begin", "end")


class Kernel:
    """The text of a step and of many steps, and what they are called with.

    ``steps`` of the text takes how many steps to take; then ``inputs``, each with the batches of
    all steps one behind another; for each of the ``settings`` an array with a number for every
    step; ``held``, the arrays that are there already; one more array for every dtype: `memory`;
    ``fresh``, an array for each result; and for each of ``numbers``, the results that are no
    arrays, one with a place for every step. All but the inputs are flat.
    """

    def __init__(
        self, steps: Instructions, placing: Allocation, arrays: Mapping[Value, Any], title: str
    ) -> None:
        self._placing = placing
        items = Fusing(steps, placing).items
        leaves = steps.leaves()
        self.held = [v for v in leaves if v.role in ("parameter", "state", "array")]
        self.held += [s.output for s in steps.steps if s.output in arrays]
        self._arrays = arrays
        self.results, self.fresh = placing.results, placing.fresh
        self._arena = Arena(items, placing, list(placing.filled), [*self.held, *self.fresh])
        self.numbers = [v for v in self.results if v.kind != "array"]
        taken = *IMPORTED, *_COUNTERS, *_OF_STEPS, *called_functions.NAMES, *matrix_products.NAMES
        self.names = Names(taken)
        self.inputs = [v for v in leaves if v.role == "input"]
        self.settings = [v for v in leaves if v.role == "setting"]
        arguments = [*self.inputs, *self.settings, *self.held, *self.fresh]
        self._base = {v: self.names.new(f"{v.name}_array") for v in arguments if v.kind == "array"}
        sizes = self._arena.sizes
        self._memory = {dtype: self.names.new(f"memory_{dtype.name}") for dtype in sizes}
        self._elements = Elements(self.names)
        self._addresses: dict[str, str] = {}  # names, by array
        self._totals: dict[Value, str] = {}
        self._lines: list[str] = []
        self._pieces: list[list[str]] = []
        for item in items:
            self._lines = []
            self._pieces.append(self._lines)
            self._write(item)
        self.text = self._whole(title)

    def _write(self, item: Item) -> None:
        if item.shape is not None:
            self._write_loop(item)
            return
        (step,) = item.steps
        if step.function is np.matmul:
            self._write_product(step)
        elif step.function in NORMS:
            self._lines += scaled_down(step, self.place, self.names[step.output])
        elif step.function is folded:
            self._lines += folding(step, *map(self.place, (step.inputs[0], step.output)))
        elif "form" in step.attributes:
            self._lines += all_forms.written(step, self.place)
        elif "indexing" in step.attributes:
            number, new = self._elements.number, self.names.new
            self._lines += bracketed.written(step, self.place, number, new)
        elif step.function is np.einsum:
            self._lines += sum_of_products(step, self.place, self.names.new)
        else:
            self._write_reduction(step)

    # ------------------------------------------------------------------ the whole

    def _whole(self, title: str) -> str:
        given = [*self.inputs, *self.settings]
        shared = [*map(self._argument, self.held), *self._memory.values()]
        shared += map(self._argument, self.fresh)
        once, each = [], []
        # What a step is given, by its name there.
        of_step = {self.names[value]: f"{self.names[value]}[i]" for value in self.settings}
        for value in self.inputs:
            name = of_step[self._argument(value)] = self._argument(value)
            if value.kind == "array":
                flat, now = (self.names.new(f"{value.name}_{what}") for what in ("flat", "now"))
                once.append(f"{flat} = {name}.reshape({name}.size)")
                place = f"{value.size} * i : {value.size} * i + {value.size}"
                each.append(f"{now} = {flat}[{place}]")
                of_step[name] = now
        of_step |= {name: name for name in shared}
        computed = [s.output for s in self._placing.steps if s.output.kind != "array"]
        functions, calls = splitting.functions(
            self._pieces,
            of_step,
            self._addresses,
            [self.names[v] for v in computed],
            [self.names[v] for v in self.numbers],
            self.names.new,
        )
        found = [self.names.new(f"{v.name}_of_steps") for v in self.numbers]
        arguments = ["count", *map(self._argument, given), *shared, *found]
        results = [
            f"{name}[i] = {of_step.get(self.names[v], self.names[v])}"
            for name, v in zip(found, self.numbers, strict=True)
        ]
        if any(splitting.LONGEST in line for lines in functions for line in lines):
            once.insert(0, f"{splitting.LONGEST} = 2**40 // count")
        functions.append(
            [
                f"def steps({', '.join(arguments)}):",
                *(f"    {line}" for line in once),
                "    for i in range(count):",
                *(f"        {line}" for line in [*each, *calls, *results]),
            ]
        )
        text = [f'"""{title}"""', "", *IMPORTS]
        text += matrix_products.HEAD.rstrip().splitlines()
        own = [f"\n\n@njit({called_functions.FLAGS})\n" + "\n".join(lines) for lines in functions]
        called = called_functions.functions_in("".join(own)).values()
        # Whether a step may end with an error: then many steps in one call would be lost.
        self.may_end = any("raise " in x for x in (*called, *own))
        return "\n".join([*text, *(f"\n\n{x}" for x in called), *own, ""])

    def _argument(self, value: Value) -> str:
        return self._base.get(value) or self.names[value]

    def memory(self) -> dict[np.dtype[Any], np.ndarray[Any, Any]]:
        """The arrays of numbers, with what stands in them before the first call."""
        made = {dtype: aligned(size, dtype) for dtype, size in self._arena.sizes.items()}
        for value in self._arena.starts:
            if value.role == "constant":
                start = self._arena.starts[value]
                made[value.dtype][start : start + value.size] = np.ravel(value.data)
        for value, content in self._placing.filled.items():
            self._seen(value, made)[...] = content
        return made

    def array_of(self, value: Value) -> Any:
        """Of what lives on, the array."""
        return self._arrays[value]

    def whole(self, value: Value) -> Value:
        """The value in whose memory this one lies."""
        return self._placing.whole(value)

    def _seen(self, value: Value, memory: dict[np.dtype[Any], Any]) -> Any:
        _, start, strides = self.place(value)
        whole = self._placing.whole(value)
        base = self._arrays[whole].reshape(-1) if whole in self._base else memory[value.dtype]
        size = value.dtype.itemsize
        return np.lib.stride_tricks.as_strided(
            base[start:], value.shape, [stride * size for stride in strides]
        )

    # ------------------------------------------------------------------ memory

    def place(self, value: Value) -> tuple[str, int, tuple[int, ...]]:
        """The flat array that a value is in, where it starts, and its strides."""
        whole = self._placing.whole(value)
        start, strides = self._placing.flat_place(value)
        if whole in self._base:
            return self._base[whole], start, strides
        return self._memory[whole.dtype], start + self._arena.starts[whole], strides

    def _address(self, base: str) -> str:
        if base not in self._addresses:
            self._addresses[base] = self.names.new(f"{base}_at")
        return self._addresses[base]

    def _open(self, loops: Iterable[tuple[str, int]], indent: str = "", inside: int = 1) -> str:
        return opened(self._lines, loops, indent, inside)

    # ------------------------------------------------------------------ loops

    def _write_loop(self, item: Item) -> None:
        shape = item.shape or ()
        loads = read(item)
        targets = [target for _, target in item.stores]
        operands = [(value.shape, self.place(value)) for value in [*loads, *targets]]
        axes, places = fewest_axes(shape, operands)
        if len(axes) > len(_COUNTERS):
            raise NotCompilable(f"There is no compiled form of a loop over {len(axes)} axes.")
        texts = {
            value: f"{base}[{index(start, list(zip(_COUNTERS, strides, strict=False)))}]"
            for value, (base, start, strides) in zip([*loads, *targets], places, strict=True)
        }
        # By how many loops are around it: what is the same in all rounds of a loop is read before
        # it, or LLVM makes no vectors of the loop, as what it writes might change that.
        first: list[list[Value]] = [[] for _ in range(len(axes) + 1)]
        for value, (_, _, strides) in zip(loads, places, strict=False):
            first[max((n + 1 for n, stride in enumerate(strides) if stride), default=0)].append(
                value
            )
        folds = [step for step in item.steps if is_fold(step)]
        for step in folds:
            self._totals[step.output] = self.names.new(f"{step.output.name}_so_far")
            initial, _ = fold(step, wide(step))
            self._lines.append(f"{self._totals[step.output]} = {initial}")
        if 0 not in shape:
            self._write_rounds(item, axes, first, texts)
        for step in folds:
            name, output = self.names[step.output], step.output
            if output.kind == "array":
                base, start, _ = self.place(output)
                name = f"{base}[{start}]"
            self._lines.append(f"{name} = {output.dtype.name}({self._totals[output]})")

    def _write_rounds(
        self, item: Item, axes: list[int], first: list[list[Value]], texts: dict[Value, str]
    ) -> None:
        indent = ""
        for depth, here in enumerate(first):
            if depth:
                loop = _COUNTERS[depth - 1], axes[depth - 1]
                indent = self._open([loop], indent, math.prod(axes[depth:]))
            self._lines += [f"{indent}{self.names[value]} = {texts[value]}" for value in here]
        for step in item.steps:
            self._lines.append(f"{indent}{self._assignment(step)}")
        for value, target in item.stores:
            self._lines.append(f"{indent}{texts[target]} = {self.names[value]}")

    def _assignment(self, step: Instruction) -> str:
        if not is_fold(step):
            return f"{self.names[step.output]} = {self._elements.expression(step)}"
        total, dtype = self._totals[step.output], wide(step)
        _, text = fold(step, dtype)
        return f"{total} = {text.format(total, self._elements.number(step.inputs[0], dtype))}"

    # ------------------------------------------------------------------ calls

    def _write_product(self, step: Instruction) -> None:
        """By BLAS; of many matrices with as many one after the other."""
        a, b, output = *step.inputs, step.output
        lead, size = output.shape[:-2], output.dtype.itemsize
        if len(lead) > len(_COUNTERS):
            raise refused(step, f"of {len(output.shape)} axes")

        def matrix(value: Value) -> Matrix:
            base, start, strides = self.place(value)
            outer = value.shape[:-2]
            counters = _COUNTERS[len(lead) - len(outer) : len(lead)]
            at = [
                (counter, stride * size)
                for counter, stride, length in zip(counters, strides, outer, strict=False)
                if length > 1
            ]
            address, offset = self._address(base), index(start * size, at)
            sample = self._placing.sample(value)[(0,) * len(outer)]
            return Matrix(address if offset == "0" else f"{address} + {offset}", sample)

        factors = self._address(f"FACTORS_{output.dtype.name}")
        indent = self._open(zip(_COUNTERS, lead, strict=False), inside=math.prod(output.shape[-2:]))
        self._lines.append(f"{indent}# {self.names[output]} = {self.names[a]} @ {self.names[b]}")
        self._lines.append(
            indent + product(matrix(a), matrix(b), matrix(output), (factors, f"{factors} + {size}"))
        )

    def _write_reduction(self, step: Instruction) -> None:
        """Along some axes. Those that are kept are the outer loops, unless the last is kept."""
        value, output = step.inputs[0], step.output
        reduced = reduced_axes(step)
        kept = [axis for axis in range(len(value.shape)) if axis not in reduced]
        base, start, strides = self.place(value)
        target, first, places = self.place(output)
        if len(places) == len(strides):
            places = tuple(places[axis] for axis in kept)
        axes = [axis for axis, length in enumerate(value.shape) if length != 1]
        if len(axes) > len(_COUNTERS):
            raise refused(step, f"of {len(axes)} axes")
        counter = dict(zip(axes, _COUNTERS, strict=False))
        loops = {axis: (counter[axis], value.shape[axis]) for axis in axes}
        outer = [loops[axis] for axis in kept if axis in loops]
        at = [(counter[a], s) for a, s in zip(kept, places, strict=True) if a in counter]
        result = f"{target}[{index(first, at)}]"
        element = f"{base}[{index(start, [(counter[a], strides[a]) for a in axes])}]"
        in_rows = bool(axes) and axes[-1] in reduced
        dtype = wide(step) if in_rows else output.dtype
        element = element if value.dtype == dtype else f"{dtype.name}({element})"
        initial, text = fold(step, dtype)
        inside = math.prod(value.shape[axis] for axis in reduced)
        indent = self._open(outer, inside=inside if in_rows else 1)
        if in_rows:
            total = self.names.new(f"{output.name}_so_far")
            self._lines.append(f"{indent}{total} = {initial}")
            helper = OF_EXTREMA.get(step.function)
            if helper is None:
                indented = self._open([loops[axis] for axis in axes if axis in reduced], indent)
                self._lines.append(f"{indented}{total} = {text.format(total, element)}")
                self._lines.append(f"{indent}{result} = {total}")
                return
            # In vectors, a third of the time: whether there is NaN is looked at beside it.
            element_name, has_nan = self.names.new("element"), self.names.new("has_nan")
            self._lines.append(f"{indent}{has_nan} = False")
            indented = self._open([loops[axis] for axis in axes if axis in reduced], indent)
            self._lines += [
                f"{indented}{element_name} = {element}",
                f"{indented}{total} = {helper}({total}, {element_name})",
                f"{indented}{has_nan} = {has_nan} | ({element_name} != {element_name})",
                f"{indent}{result} = {dtype.name}(np.nan) if {has_nan} else {total}",
            ]
        else:
            self._lines.append(f"{indent}{result} = {initial}")
            indented = self._open(list(loops.values()))
            self._lines.append(f"{indented}{result} = {text.format(result, element)}")
