"""Where values lie, for a compiler: views are resolved, and only steps that compute are left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn.jit import NotCompilable
from autograd_nn.norms import global_norm_factor, norm_factor
from autograd_nn.program import (
    ASSEMBLED,
    ASTYPE,
    COPY,
    DOT,
    ELEMENTWISE,
    PRODUCTS,
    REDUCTIONS,
    UFUNCS,
    VIEWS,
    Function,
    Instruction,
    Instructions,
    Value,
    join,
    label,
    run,
    with_ones_column,
)

DTYPES = frozenset(["float32", "float64", "bool", "int32", "int64"])

NORMS: frozenset[Function] = frozenset({norm_factor, global_norm_factor})
# Calls that look at one element of each operand, beside the ufuncs.
_LIKE_ELEMENTWISE = frozenset({ASTYPE, COPY, np.full, np.positive})


class Allocation:
    """The steps that compute something, and the memory of every value.

    ``steps`` are elementwise (on arrays or numbers), reductions and products. ``samples`` has for
    every array a stand-in with its strides, ``owner`` the value in whose memory it lies, where that
    is not its own. ``needs`` says for what no step makes of which values it consists. ``ones`` are
    arrays that are ones before the first call; a row or column of them stays so. ``updates`` are
    those of the steps.

    Parameters   arrays: the memory of what lives on from call to call, and of inputs a sample
    """

    def __init__(self, steps: Instructions, arrays: Mapping[Value, Any]) -> None:
        self.steps: list[Instruction] = []
        self.samples: dict[Value, np.ndarray[Any, Any]] = {}
        self.owner: dict[Value, Value] = {}
        self.needs: dict[Value, list[Value]] = {}
        self.ones: list[Value] = []
        self._arrays = arrays
        self._find_homes(steps.steps)
        for step in steps.steps:
            self._take(step)
        # What keeps an array that itself gets another content must take it before.
        self.updates = [
            (held, self._copied(new) if self.whole(new).role in ("parameter", "state") else new)
            for held, new in steps.updates
        ]

    def sample(self, value: Value) -> np.ndarray[Any, Any]:
        """An array that lies like the value does; two share memory where the values do."""
        found = self.samples.get(value)
        if found is None:
            if value.dtype.name not in DTYPES:
                raise NotCompilable(f"{value.name} has the dtype {value.dtype}.")
            if value.size == 0:
                raise NotCompilable(f"{value.name} has no elements.")
            found = np.empty(value.shape, value.dtype)
            if value.role in ("parameter", "state", "array"):
                array = self._arrays[value]
                if type(array) is not np.ndarray or not array.flags.carray:
                    raise NotCompilable(f"The memory of {value.name} is not in one piece.")
            self.samples[value] = found
        return found

    def whole(self, value: Value) -> Value:
        """The value in whose memory this one lies."""
        return self.owner.get(value, value)

    def flat_place(self, value: Value) -> tuple[int, tuple[int, ...]]:
        """Where in the memory of its owner, and the strides; both counted in elements."""
        mine, all_of_it = self.sample(value), self.sample(self.whole(value))
        size = mine.dtype.itemsize
        start = mine.__array_interface__["data"][0] - all_of_it.__array_interface__["data"][0]
        return start // size, tuple(stride // size for stride in mine.strides)

    # ------------------------------------------------------------------ what is put side by side

    def _find_homes(self, steps: list[Instruction]) -> None:
        """The parts of a joined array are computed into their places in it, where they can."""
        makers = {step.output: step for step in steps}
        for step in steps:
            if step.function not in ASSEMBLED:
                continue
            if step.function is not join:
                self.ones.append(step.output)
            for part, piece in self._pieces(step):
                maker = makers.get(part)
                if maker is None or part in self.owner or not _has_memory(maker):
                    continue
                if part.dtype == step.output.dtype and piece.flags.c_contiguous:
                    self.samples[part] = piece
                    self.owner[part] = self.whole(step.output)

    def _pieces(self, step: Instruction) -> list[tuple[Value, np.ndarray[Any, Any]]]:
        whole = self.sample(step.output)
        if step.function is with_ones_column:
            return [(step.inputs[0], whole[:, :-1])]
        flat = whole.reshape(-1)
        found, start = [], 0
        for part in step.inputs:
            found.append((part, flat[start : start + part.size].reshape(part.shape)))
            start += part.size
        return found

    # ------------------------------------------------------------------ one step

    def _take(self, step: Instruction) -> None:
        if step.function in ASSEMBLED:
            self._join(step)
        elif is_elementwise(step) or is_fold(step) or step.function in REDUCTIONS:
            self.steps.append(_canonical(step))
        elif step.function in VIEWS:
            self._view(step)
        elif step.function in PRODUCTS:
            self._product(step)
        elif step.function in NORMS:
            pieces = tuple(self._in_one_piece(x) for x in step.inputs)
            self.steps.append(Instruction(step.function, pieces, step.attributes, step.output))
        else:
            raise refused(step)

    def _join(self, step: Instruction) -> None:
        parts = []
        for part, piece in self._pieces(step):
            if self.samples.get(part) is None or not _same_place(self.samples[part], piece):
                part = self._copied(part, piece, step.output)
            parts += self.needs.get(part, [part])
        self.needs[step.output] = parts

    def _copied(self, value: Value, piece: Any = None, owner: Value | None = None) -> Value:
        """A value of its own with the same content, in one piece."""
        dtype = value.dtype if owner is None else owner.dtype
        copy = Value(value.name, value.shape, dtype, "array")
        if owner is not None:
            self.samples[copy] = piece
            self.owner[copy] = self.whole(owner)
        self.steps.append(Instruction(np.positive, (value,), {}, copy))
        return copy

    def _view(self, step: Instruction) -> None:
        source, *rest = step.inputs
        if type(source) is Value and source.kind == "scalar":
            source = self._copied(source)
        if type(source) is not Value or source.kind != "array":
            raise refused(step)
        if len(step.read()) > 1:
            raise refused(step, "with places that are computed")
        whole = step.output.kind == "array"
        if not whole:  # a number out of an array: first the part of no axes
            key = rest[0] if type(rest[0]) is tuple else (rest[0],)
            rest = [(*key, ...)]
        view = self._seen(step, source, rest)
        if not np.may_share_memory(view, self.sample(source)):
            source = self._copied(source)
            view = self._seen(step, source, rest)
        if not np.may_share_memory(view, self.sample(source)):
            raise refused(step, "with places that are computed")
        shown = step.output if whole else Value(step.output.name, (), step.output.dtype, "array")
        self.samples[shown] = view
        self.owner[shown] = self.whole(source)
        self.needs[shown] = self.needs.get(source, [source])
        if not whole:
            self.steps.append(Instruction(np.positive, (shown,), {}, step.output))

    def _seen(self, step: Instruction, source: Value, rest: list[Any]) -> Any:
        return run(step.function, (self.sample(source), *rest), step.attributes)

    def _product(self, step: Instruction) -> None:
        a, b = step.inputs
        dtypes = {x.dtype if type(x) is Value else None for x in (a, b, step.output)}
        if len(dtypes) > 1 or step.output.dtype.kind != "f" or max(len(a.shape), len(b.shape)) > 2:
            kinds = [f"{x.dtype} of shape {x.shape}" for x in (a, b) if type(x) is Value]
            raise refused(step, f"of {' and '.join(kinds)}")
        if len(a.shape) == len(b.shape) == 2 and a.shape[1] == 1:
            # An outer product is a loop over two axes, and fused with what follows.
            self.steps.append(Instruction(np.multiply, (a, b), {}, step.output, step.phase))
            return
        pieces = tuple(self._in_one_piece(x) for x in (a, b))
        self.steps.append(Instruction(DOT, pieces, {}, step.output, step.phase))

    def _in_one_piece(self, value: Value) -> Value:
        flags = self.sample(value).flags
        is_array = value.kind == "array"
        return (
            value
            if is_array and (flags.c_contiguous or flags.f_contiguous)
            else self._copied(value)
        )


def is_elementwise(step: Instruction) -> bool:
    """Whether every element of the result depends on one element of each operand."""
    function = UFUNCS.get(step.function, step.function)
    if step.attributes and function is not np.full:
        return False
    return function in ELEMENTWISE or function in _LIKE_ELEMENTWISE


def is_fold(step: Instruction) -> bool:
    """Whether all elements of an array become one."""
    if step.function not in REDUCTIONS or type(step.inputs[0]) is not Value:
        return False
    return len(reduced_axes(step)) == len(step.inputs[0].shape) or step.output.size == 1


def reduced_axes(step: Instruction) -> set[int]:
    """The axes along which a reduction goes."""
    length = len(step.inputs[0].shape)
    axis = step.attributes.get("axis", 0)
    if axis is None:
        return set(range(length))
    return {a % length for a in (axis if isinstance(axis, tuple) else (axis,))}


def refused(step: Instruction, why: str = "") -> NotCompilable:
    """What is said of a step without a compiled form."""
    where = f" in {step.scope}" if step.scope else ""
    what = label(step.function)
    way = ""
    if step.output.dtype.kind in "iu":
        way = " Whole numbers such as labels are computed before training, and given as y."
    return NotCompilable(
        f"There is no compiled form of {what}{' ' + why if why else ''}{where}.{way}"
    )


def _canonical(step: Instruction) -> Instruction:
    function = UFUNCS.get(step.function, step.function)
    if function is step.function:
        return step
    return Instruction(function, step.inputs, step.attributes, step.output, step.phase, step.scope)


def _has_memory(maker: Instruction) -> bool:
    return maker.output.kind == "array" and (
        is_elementwise(maker) or maker.function in REDUCTIONS or maker.function is DOT
    )


def _same_place(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    start = [x.__array_interface__["data"] for x in (a, b)]
    return start[0] == start[1] and a.strides == b.strides and a.dtype == b.dtype
