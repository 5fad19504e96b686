"""Where values lie, for a compiler: views are resolved, and only steps that compute are left."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from operator import getitem
from typing import Any

import numpy as np

from autograd_nn.jit import NotCompilable
from autograd_nn.jit.sequences import CompiledForm, form_of
from autograd_nn.norms import global_norm_factor, norm_factor
from autograd_nn.program import (
    ASSEMBLED,
    ASTYPE,
    COPY,
    DOT,
    ELEMENTWISE,
    FILLED,
    PRODUCTS,
    REDUCTIONS,
    UFUNCS,
    VIEWS,
    Function,
    Instruction,
    Instructions,
    Value,
    folded,
    label,
    placed,
    run,
    with_ones_column,
)

DTYPES = frozenset(["float32", "float64", "bool", "int32", "int64"])

NORMS: frozenset[Function] = frozenset({norm_factor, global_norm_factor})
_JOINED: frozenset[Function] = ASSEMBLED | {np.stack, np.concatenate}
# Calls that look at one element of each operand, beside the ufuncs.
_LIKE_ELEMENTWISE = frozenset({ASTYPE, COPY, np.full, np.positive})


class Allocation:
    """The steps that compute something, and the memory of every value.

    ``steps`` are elementwise (on arrays or numbers), reductions and products. ``samples`` has for
    every array a stand-in with its strides, ``owner`` the value in whose memory it lies, where
    that is not its own. ``needs`` says for what no step makes of which values it consists.
    ``filled`` are arrays that are full of a number before the first call; a part of them stays so.
    ``updates`` are those of the steps. ``results`` are what a call gives, and ``fresh`` the arrays
    for them, that nobody else has a part of; beside those that live on.

    Parameters   arrays: the memory of what lives on from call to call, and of inputs a sample
    """

    def __init__(self, steps: Instructions, arrays: Mapping[Value, Any]) -> None:
        self.steps: list[Instruction] = []
        self.samples: dict[Value, np.ndarray[Any, Any]] = {}
        self.owner: dict[Value, Value] = {}
        self.needs: dict[Value, list[Value]] = {}
        self.filled: dict[Value, int] = {}
        self._arrays = arrays
        self._splits: dict[Value, Instruction] = {}
        # Of what gives several results each of them: the array that it is in, and a view of that.
        self._several: dict[Value, list[tuple[Value, Any]]] = {}
        self._given = set(steps.results())
        self._find_homes(steps.steps)
        for step in steps.steps:
            self._take(step)
        self.fresh: list[Value] = []
        self.results = [self._by_itself(value) for value in _results(steps)]
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

    def _by_itself(self, value: Value) -> Value:
        """A result for which a call makes an array: all of it, or else a copy."""
        lives_on = value.role == "temporary" and value in self._arrays
        if value.kind != "array" or lives_on:
            return value
        whole = self.whole(value)
        is_all = self.sample(whole).size == value.size and self.sample(value).flags.c_contiguous
        is_other = whole.role != "temporary" or whole in self._arrays or whole in self.filled
        if is_other or not is_all or whole in self.fresh:
            value = whole = self._copied(value)
        self.fresh.append(whole)
        return value

    # ------------------------------------------------------------------ what is put side by side

    def _find_homes(self, steps: list[Instruction]) -> None:
        """The parts of a joined array are computed into their places in it, where they can."""
        makers = {step.output: step for step in steps}
        for step in steps:
            if step.function not in _JOINED:
                continue
            if step.function in FILLED:
                self.filled[step.output] = FILLED[step.function]
            for part, piece in self._pieces(step):
                maker = makers.get(part)
                if maker is None or part in self.owner or not _has_memory(maker):
                    continue
                if part in self._given:
                    continue
                fits = piece.flags.c_contiguous or is_elementwise(maker)
                if part.dtype == step.output.dtype and fits:
                    self.samples[part] = piece
                    self.owner[part] = self.whole(step.output)

    def _pieces(self, step: Instruction) -> list[tuple[Any, np.ndarray[Any, Any]]]:
        whole, first = self.sample(step.output), step.inputs[0]
        if step.function is with_ones_column:
            return [(first, whole[:, :-1])]
        if step.function is placed:
            return [(p, whole[key]) for p, key in zip(first, step.inputs[1], strict=True)]
        parts, axis = step.inputs, 0
        one_behind_another = step.function in ASSEMBLED
        if one_behind_another:
            whole = whole.reshape(-1)
        else:
            parts = tuple(first)
            axis = step.inputs[1] if len(step.inputs) > 1 else step.attributes.get("axis", 0)
            if axis is None:
                raise refused(step, "of all elements")
            whole = np.moveaxis(whole, axis, 0)
            if step.function is np.stack:
                return [(part, whole[i, ...]) for i, part in enumerate(parts)]
        found, start = [], 0
        for part in parts:
            if type(part) is not Value:
                raise refused(step, "of what is no array")
            if one_behind_another:
                piece = whole[start : start + part.size].reshape(part.shape)
                start += part.size
            else:
                piece = np.moveaxis(whole[start : start + part.shape[axis]], 0, axis)
                start += part.shape[axis]
            found.append((part, piece))
        return found

    # ------------------------------------------------------------------ one step

    def _take(self, step: Instruction) -> None:
        if step.function in _JOINED:
            self._join(step)
        elif is_elementwise(step) or is_fold(step) or step.function in REDUCTIONS:
            self.steps.append(_canonical(step))
        elif step.function is np.split:
            self._splits[step.output] = step
        elif step.function in VIEWS:
            self._view(step)
        elif step.function in PRODUCTS:
            self._product(step)
        elif step.function is folded:
            windows = self._whole_rows(step.inputs[0])
            self.steps.append(Instruction(folded, (windows, *step.inputs[1:]), {}, step.output))
        elif (form := form_of(step)) is not None:
            self._call(step, form)
        elif step.function in NORMS:
            pieces = tuple(self._in_one_piece(x) for x in step.inputs)
            self.steps.append(Instruction(step.function, pieces, step.attributes, step.output))
        else:
            raise refused(step)

    def _call(self, step: Instruction, form: CompiledForm) -> None:
        """A function that is compiled by itself: all that it writes is one array."""
        dtype = next(x.dtype for x in step.inputs if type(x) is Value)
        ends = [0, *itertools.accumulate(map(math.prod, form.buffers))]
        flat = Value(label(step.function), (ends[-1],), dtype, "array")
        whole = self.sample(flat)
        pieces = [whole[start:end] for start, end in itertools.pairwise(ends)]
        views = form.views(*map(np.reshape, pieces, form.buffers))
        given = tuple(self._whole_rows(x) if type(x) is Value else x for x in step.inputs)
        self.steps.append(Instruction(step.function, given, {"form": form}, flat))
        if step.output.kind == "tuple":
            self._several[step.output] = [(flat, view) for view in views]
        else:
            self._show(step.output, views[0], flat)

    def _join(self, step: Instruction) -> None:
        parts = []
        for part, piece in self._pieces(step):
            if type(part) is not Value:
                constant = np.full(piece.shape, part, step.output.dtype)
                part = Value("number", piece.shape, piece.dtype, "array", "constant", constant)
            if self.samples.get(part) is None or not _same_place(self.samples[part], piece):
                part = self._copied(part, piece, step.output)
            parts += self.needs.get(part, [part])
        self.needs[step.output] = parts

    def _copied(self, value: Value, piece: Any = None, owner: Value | None = None) -> Value:
        """A value of its own with the same content, in one piece."""
        dtype = value.dtype if owner is None else owner.dtype
        shape = value.shape if piece is None else piece.shape
        copy = Value(value.name, shape, dtype, "array")
        if owner is not None:
            self.samples[copy] = piece
            self.owner[copy] = self.whole(owner)
        self.steps.append(Instruction(np.positive, (value,), {}, copy))
        return copy

    def _view(self, step: Instruction) -> None:
        source, *rest = step.inputs
        if source in self._several:
            flat, view = self._several[source][rest[0]]
            self._show(step.output, view, flat)
            return
        split = self._splits.get(source)
        if split is not None:
            step, source = self._part(split, rest[0], step.output), split.inputs[0]
            rest = list(step.inputs[1:])
        if type(source) is Value and source.kind == "scalar":
            source = self._copied(source)
        if type(source) is not Value or source.kind != "array":
            raise refused(step)
        if len(step.read()) > 1:
            raise refused(step, "with places that are computed")
        whole = step.output.kind == "array"
        if not whole and step.function is getitem:  # a number: first the part of no axes
            key = rest[0] if type(rest[0]) is tuple else (rest[0],)
            rest = [(*key, ...)]
        view = self._seen(step, source, rest)
        if not np.may_share_memory(view, self.sample(source)):
            source = self._copied(source)
            view = self._seen(step, source, rest)
        if not np.may_share_memory(view, self.sample(source)):
            raise refused(step, "with places that are computed")
        shown = step.output if whole else Value(step.output.name, (), step.output.dtype, "array")
        self._show(shown, view, source)
        if not whole:
            self.steps.append(Instruction(np.positive, (shown,), {}, step.output))

    def _part(self, split: Instruction, place: int, output: Value) -> Instruction:
        """One of the arrays that np.split gives, as a part of what is split."""
        whole, *rest = split.inputs
        sections = rest[0] if rest else split.attributes["indices_or_sections"]
        axis = (rest[1] if len(rest) > 1 else split.attributes.get("axis", 0)) % len(whole.shape)
        ends = [0, *sections, None] if isinstance(sections, (list, tuple)) else None
        if ends is None:
            size = whole.shape[axis] // sections
            ends = [i * size for i in range(sections + 1)]
        key = (*[slice(None)] * axis, slice(ends[place], ends[place + 1]))
        return Instruction(getitem, (whole, key), {}, output, split.phase, split.scope)

    def _seen(self, step: Instruction, source: Value, rest: list[Any]) -> Any:
        return run(step.function, (self.sample(source), *rest), step.attributes)

    def _product(self, step: Instruction) -> None:
        a, b = step.inputs
        dtypes = {x.dtype if type(x) is Value else None for x in (a, b, step.output)}
        many = max(len(a.shape), len(b.shape)) > 2
        if (
            len(dtypes) > 1
            or step.output.dtype.kind != "f"
            or (many and (step.function in (DOT, np.dot) or len(a.shape) == 1))
        ):
            kinds = [f"{x.dtype} of shape {x.shape}" for x in (a, b) if type(x) is Value]
            raise refused(step, f"of {' and '.join(kinds)}")
        if many and len(b.shape) <= 2:
            self._product_of_rows(step)
            return
        if many:
            pieces = tuple(self._in_pieces(x) for x in (a, b))
            self.steps.append(Instruction(np.matmul, pieces, {}, step.output, step.phase))
            return
        if len(a.shape) == len(b.shape) == 2 and a.shape[1] == 1:
            # An outer product is a loop over two axes, and fused with what follows.
            self.steps.append(Instruction(np.multiply, (a, b), {}, step.output, step.phase))
            return
        pieces = tuple(self._in_one_piece(x) for x in (a, b))
        self.steps.append(Instruction(DOT, pieces, {}, step.output, step.phase))

    def _product_of_rows(self, step: Instruction) -> None:
        """Of many matrices with one: all their rows are one matrix, also those of the result."""
        a, b = step.inputs
        if not self.sample(a).flags.c_contiguous:
            a = self._copied(a)
        columns = b.shape[1:]
        rows = self._as_rows(a, a.shape[-1:])
        flat = Value(step.output.name, (rows.shape[0], *columns), step.output.dtype, "array")
        self._show(step.output, self.sample(flat).reshape(step.output.shape), flat)
        self.steps.append(
            Instruction(DOT, (rows, self._in_one_piece(b)), {}, flat, step.phase, step.scope)
        )

    def _as_rows(self, value: Value, columns: tuple[int, ...]) -> Value:
        rows = self.sample(value).reshape(-1, *columns)
        shown = Value(value.name, rows.shape, value.dtype, "array")
        self._show(shown, rows, value)
        return shown

    def _show(self, value: Value, sample: np.ndarray[Any, Any], source: Value) -> None:
        """A value is a view of another one."""
        self.samples[value] = sample
        self.owner[value] = self.whole(source)
        self.needs[value] = self.needs.get(source, [source])

    def _in_pieces(self, value: Value) -> Value:
        """A value whose every matrix is in one piece."""
        rows, columns = (
            stride if length > 1 else None
            for stride, length in zip(
                self.sample(value).strides[-2:], value.shape[-2:], strict=True
            )
        )
        size = value.dtype.itemsize
        m, n = value.shape[-2:]
        by_rows = rows in (None, n * size) and columns in (None, size)
        by_columns = rows in (None, size) and columns in (None, m * size)
        return value if by_rows or by_columns else self._copied(value)

    def _whole_rows(self, value: Value) -> Value:
        return value if self.sample(value).flags.c_contiguous else self._copied(value)

    def _in_one_piece(self, value: Value) -> Value:
        flags = self.sample(value).flags
        is_array = value.kind == "array"
        return (
            value
            if is_array and (flags.c_contiguous or flags.f_contiguous)
            else self._copied(value)
        )


def _results(steps: Instructions) -> list[Value]:
    gradients = [] if steps.is_step else [g for g in steps.gradients if g is not None]
    return [steps.loss, *gradients, *steps.outputs]


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
