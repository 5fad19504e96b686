"""Where values lie, for a compiler: views are resolved, and only steps that compute are left."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from operator import getitem
from typing import Any

import numpy as np

from autograd_nn.engine.operations.indexing import scatter
from autograd_nn.jit.all_forms import form_of, makes_one_array
from autograd_nn.jit.bracketed import Indexing, brackets_of, indexing
from autograd_nn.jit.compiled_form import CompiledForm, argument, refused, shape_of
from autograd_nn.jit.kinds import NORMS, REDUCED, is_elementwise, is_fold, is_reduction
from autograd_nn.jit.ordering import places_of
from autograd_nn.jit.stand_ins import StandIns, same_place
from autograd_nn.program import (
    ASSEMBLED,
    DOT,
    FILLED,
    PRODUCTS,
    UFUNCS,
    VIEWS,
    Function,
    Instruction,
    Instructions,
    Value,
    as_recorded,
    folded,
    label,
    placed,
    run,
    with_ones_column,
)

_JOINED: frozenset[Function] = ASSEMBLED | {np.stack, np.concatenate}


class Allocation(StandIns):
    """The steps that compute something, and the memory of every value.

    ``steps`` are elementwise (on arrays or numbers), reductions, products and calls of functions.
    ``filled`` are arrays that are full of a number before the first call; a part of them stays so.
    ``updates`` are those of the steps. ``results`` are what a call gives, and ``fresh`` the arrays
    for them, that nobody else has a part of; beside those that live on.

    Parameters   arrays: the memory of what lives on from call to call, and of inputs a sample
    """

    def __init__(self, steps: Instructions, arrays: Mapping[Value, Any]) -> None:
        super().__init__(arrays)
        self.filled: dict[Value, int] = {}
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
            (held, self.copied(new) if self.whole(new).role in ("parameter", "state") else new)
            for held, new in steps.updates
        ]

    def _by_itself(self, value: Value) -> Value:
        """A result for which a call makes an array: all of it, or else a copy."""
        lives_on = value.role == "temporary" and value in self.arrays
        if value.kind != "array" or lives_on:
            return value
        whole = self.whole(value)
        is_all = self.sample(whole).size == value.size and self.sample(value).flags.c_contiguous
        is_other = whole.role != "temporary" or whole in self.arrays or whole in self.filled
        if is_other or not is_all or whole in self.fresh:
            value = whole = self.copied(value)
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
                if maker is None or part in self.owner:
                    continue
                if not (_has_memory(maker) or makes_one_array(maker)):
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
        elif is_elementwise(step) or is_fold(step) or is_reduction(step):
            self.steps.append(_canonical(step))
        elif step.function is np.split:
            self._splits[step.output] = step
        elif self._is_indexed(step):
            self._index(step)
        elif step.function is np.take_along_axis:
            self._take_along(step)
        elif step.function is as_recorded:  # what was chosen was counted
            self.show(step.output, self.sample(step.inputs[0]), step.inputs[0])
        elif step.function in VIEWS:
            self._view(step)
        elif step.function in PRODUCTS:
            self._product(step)
        elif step.function is folded:
            windows = self.whole_rows(step.inputs[0])
            self.steps.append(Instruction(folded, (windows, *step.inputs[1:]), {}, step.output))
        elif (form := form_of(step)) is not None:
            self._call(step, form)
        elif step.function is np.einsum:
            operands = tuple(self.operand(x) for x in step.inputs[1:])
            self.by_loops(np.einsum, (step.inputs[0], *operands), {}, step.output)
        elif step.function in NORMS:
            pieces = tuple(self.in_one_piece(x) for x in step.inputs)
            self.steps.append(Instruction(step.function, pieces, step.attributes, step.output))
        else:
            raise refused(step)

    def _call(self, step: Instruction, form: CompiledForm) -> None:
        """A function that is compiled by itself: all that it writes is one array."""
        given = step.inputs if form.given is None else form.given
        of_result = step.output.dtype if step.output.dtype.kind == "f" else None
        dtype = form.dtype or of_result or next(x.dtype for x in given if type(x) is Value)
        ends = [0, *itertools.accumulate(map(math.prod, form.buffers))]
        flat = Value(label(step.function), (ends[-1],), dtype, "array")
        if step.output in self.owner:  # it has a home
            self.samples[flat] = self.samples[step.output].reshape(-1)
            self.owner[flat] = self.owner[step.output]
        whole = self.sample(flat)
        pieces = [whole[start:end] for start, end in itertools.pairwise(ends)]
        views = form.views(*map(np.reshape, pieces, form.buffers))
        operands = [self.operand(x) if type(x) is Value else x for x in given]
        for place, shape in enumerate(form.shapes):
            operands[place] = self.whole_rows(self.broadcast(operands[place], shape))
        self.steps.append(Instruction(step.function, tuple(operands), {"form": form}, flat))
        if step.output.kind == "tuple":
            self._several[step.output] = [(flat, view) for view in views]
        else:
            self.give(step.output, views[0], flat)

    def by_loops(
        self, function: Function, inputs: tuple[Any, ...], attributes: Any, output: Value
    ) -> None:
        """A step that writes into an array; a number is taken out of it."""
        if output.kind == "array":
            self.steps.append(Instruction(function, inputs, attributes, output))
            return
        whole = Value(output.name, (), output.dtype, "array")
        self.steps.append(Instruction(function, inputs, attributes, whole))
        self.give(output, self.sample(whole), whole)

    # ------------------------------------------------------------------ places that are computed

    def _is_indexed(self, step: Instruction) -> bool:
        brackets = brackets_of(step)
        if brackets is None or brackets.x in self._several or brackets.x in self._splits:
            return False
        return brackets.does != "take" or any(type(k) is Value for k in brackets.key)

    def _index(self, step: Instruction) -> None:
        does, x, values, key = brackets_of(step)  # type: ignore[misc]
        shape = step.output.shape if does != "take" else x.shape
        known = step.output.shape if does == "take" else shape_of(values)
        masks = [k for k in key if type(k) is Value and k.dtype == bool]
        if len(masks) > 1 or any(type(k) in (bool, np.bool_) for k in key):
            raise refused(step, "by several masks")
        key = tuple(int(k) if isinstance(k, np.integer) else k for k in key)
        chosen = None
        for mask in masks:
            key, chosen = self._without_mask(step, key, mask, shape, known)
        key = tuple(self.copied(k) if _is_number(k) else k for k in key)
        found = indexing(key, shape)
        arrays = tuple(k for k in key if type(k) is Value)
        x = self.operand(x) if type(x) is Value else x
        if type(values) is Value:
            values = self.copied(values) if values.kind != "array" else values
            values = self.broadcast(values, found.shape)
        attributes = {"indexing": found, "does": does, "shape": shape}
        self.by_loops(scatter, (x, values, chosen, *arrays), attributes, step.output)

    def _without_mask(
        self, step: Instruction, key: Any, mask: Value, shape: Any, known: tuple[int, ...]
    ) -> tuple[tuple[Any, ...], Value | None]:
        """The key with the places of what is true in place of a mask; or with all places, and the
        mask, where one value is for all that it chooses."""
        places = [Value(mask.name, (1,), np.dtype(np.int64), "array") for _ in mask.shape]
        at = next(place for place, k in enumerate(key) if k is mask)
        found = indexing((*key[:at], *places, *key[at + 1 :]), shape)
        if found.counted != (1,):
            raise refused(step, "by a mask beside arrays")  # one true element may stand for many
        if len(known) != len(found.shape):
            every = [self.operand(axis) for axis in np.indices(mask.shape)]
            return (*key[:at], *every, *key[at + 1 :]), self.operand(mask)
        number = known[found.together.stop - 1]
        output = Value(mask.name, (len(mask.shape), number), np.dtype(np.int64), "array")
        self._call(Instruction(np.nonzero, (mask,), {}, output), places_of(mask, number))
        rows = [Value(mask.name, (number,), output.dtype, "array") for _ in mask.shape]
        for row, view in zip(rows, self.sample(output), strict=True):
            self.show(row, view, output)
        return (*key[:at], *rows, *key[at + 1 :]), None

    def _take_along(self, step: Instruction) -> None:
        x, places = step.inputs[:2]
        axis = argument(step, 2, "axis", -1) % len(x.shape)
        axes = [(0, int(length > 1), k) for k, length in enumerate(x.shape)]
        found = Indexing(
            (*axes[:axis], places, *axes[axis + 1 :]), range(len(x.shape)), step.output.shape
        )
        attributes = {"indexing": found, "does": "take", "shape": x.shape}
        self.by_loops(scatter, (x, None, None, places), attributes, step.output)

    def _join(self, step: Instruction) -> None:
        parts = []
        for part, piece in self._pieces(step):
            if type(part) is not Value:
                constant = np.full(piece.shape, part, step.output.dtype)
                part = Value("number", piece.shape, piece.dtype, "array", "constant", constant)
            if self.samples.get(part) is None or not same_place(self.samples[part], piece):
                part = self.copied(part, piece, step.output)
            parts += self.needs.get(part, [part])
        self.needs[step.output] = parts

    def _view(self, step: Instruction) -> None:
        source, *rest = step.inputs
        if source in self._several:
            flat, view = self._several[source][rest[0]]
            self.give(step.output, view, flat)
            return
        split = self._splits.get(source)
        if split is not None:
            step, source = self._part(split, rest[0], step.output), split.inputs[0]
            rest = list(step.inputs[1:])
        if type(source) is Value and source.kind == "scalar":
            source = self.copied(source)
        if type(source) is not Value or source.kind != "array":
            raise refused(step)
        if len(step.read()) > 1:
            raise refused(step, "with places that are computed")
        whole = step.output.kind == "array"
        if not whole and step.function is getitem:  # a number: first the part of no axes
            key = rest[0] if type(rest[0]) is tuple else (rest[0],)
            rest = [(*key, ...)]
        view = self._seen(step, source, rest)
        if view.size and not np.may_share_memory(view, self.sample(source)):
            source = self.copied(source)
            view = self._seen(step, source, rest)
        if view.size and not np.may_share_memory(view, self.sample(source)):
            raise refused(step, "with places that are computed")
        self.give(step.output, view, source)

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
        if not step.attributes.keys() <= {"dtype"}:
            raise refused(step, "with such arguments")
        a, b = step.inputs
        if not a.shape[-1]:  # sums of nothing, which not every BLAS takes
            zeros = step.output.shape, 0.0
            self.steps.append(Instruction(np.full, zeros, {}, step.output, step.phase, step.scope))
            return
        dtype = step.output.dtype
        if dtype.kind == "f" and any(x.dtype != dtype for x in (a, b)):
            a, b = pair = tuple(self.of_dtype(self.operand(x), dtype) for x in (a, b))
            step = Instruction(step.function, pair, {}, step.output, step.phase, step.scope)
        dtypes = {x.dtype if type(x) is Value else None for x in (a, b, step.output)}
        many = max(len(a.shape), len(b.shape)) > 2
        if many and len(a.shape) == 1 and step.function not in (DOT, np.dot):
            self._product_of_row(step)
            return
        if (
            len(dtypes) > 1
            or step.output.dtype.kind != "f"
            or (many and step.function in (DOT, np.dot))
        ):
            kinds = [f"{x.dtype} of shape {x.shape}" for x in (a, b) if type(x) is Value]
            raise refused(step, f"of {' and '.join(kinds)}")
        if many and len(b.shape) <= 2:
            self._product_of_rows(step)
            return
        if not step.output.shape:
            self.by_loops(np.einsum, ("i,i->", a, b), {}, step.output)
            return
        pair = self.readable(a), self.readable(b)
        self.steps.append(Instruction(np.matmul, pair, {}, step.output, step.phase, step.scope))

    def _product_of_row(self, step: Instruction) -> None:
        """Of a vector with many matrices: of a matrix of one row."""
        a, b = step.inputs
        row = Value(a.name, (1, *a.shape), a.dtype, "array")
        self.show(row, self.sample(a)[None], a)
        shape = (*step.output.shape[:-1], 1, *step.output.shape[-1:])
        rows = Value(step.output.name, shape, step.output.dtype, "array")
        self._product(Instruction(np.matmul, (row, b), {}, rows, step.phase, step.scope))
        self.show(step.output, self.sample(rows)[..., 0, :], rows)

    def _product_of_rows(self, step: Instruction) -> None:
        """Of many matrices with one: all their rows are one matrix, also those of the result."""
        a, b = step.inputs
        if not self.sample(a).flags.c_contiguous:
            a = self.copied(a)
        columns = b.shape[1:]
        rows = self.as_rows(a, a.shape[-1:])
        flat = Value(step.output.name, (rows.shape[0], *columns), step.output.dtype, "array")
        self.show(step.output, self.sample(flat).reshape(step.output.shape), flat)
        pair = rows, self.readable(b)
        self.steps.append(Instruction(np.matmul, pair, {}, flat, step.phase, step.scope))


def _results(steps: Instructions) -> list[Value]:
    gradients = [] if steps.is_step else [g for g in steps.gradients if g is not None]
    return [steps.loss, *gradients, *steps.outputs]


def _canonical(step: Instruction) -> Instruction:
    function = UFUNCS.get(step.function, step.function)
    if function is step.function:
        return step
    return Instruction(function, step.inputs, step.attributes, step.output, step.phase, step.scope)


def _is_number(item: Any) -> bool:
    return type(item) is Value and item.kind != "array"


def _has_memory(maker: Instruction) -> bool:
    return maker.output.kind == "array" and (
        is_elementwise(maker) or maker.function in REDUCED or maker.function is DOT
    )
