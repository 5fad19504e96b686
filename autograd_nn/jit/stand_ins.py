"""Where values lie: parts and views of arrays, and copies where these will not do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn.jit import NotCompilable
from autograd_nn.jit.matrix_products import is_readable
from autograd_nn.program import Instruction, Value

DTYPES = frozenset(
    ["float32", "float64", "bool", "int32", "int64", "int8", "int16"]
    + ["uint8", "uint16", "uint32", "uint64"]
)


class StandIns:
    """The memory of every value, as stand-ins that lie as it does, and the steps that fill it.

    ``samples`` has for every array a stand-in with its strides, ``owner`` the value in whose memory
    it lies, where that is not its own. ``needs`` says for what no step makes of which values it
    consists.

    Parameters   arrays: the memory of what lives on from call to call, and of inputs a sample
    """

    def __init__(self, arrays: Mapping[Value, Any]) -> None:
        self.steps: list[Instruction] = []
        self.samples: dict[Value, np.ndarray[Any, Any]] = {}
        self.owner: dict[Value, Value] = {}
        self.needs: dict[Value, list[Value]] = {}
        self.arrays = arrays

    def sample(self, value: Value) -> np.ndarray[Any, Any]:
        """An array that lies like the value does; two share memory where the values do."""
        found = self.samples.get(value)
        if found is None:
            if value.dtype.name not in DTYPES:
                raise NotCompilable(f"{value.name} has the dtype {value.dtype}.")
            found = np.empty(value.shape, value.dtype)
            if value.role in ("parameter", "state", "array"):
                array = self.arrays[value]
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

    def show(self, value: Value, sample: np.ndarray[Any, Any], source: Value) -> None:
        """A value is a view of another one."""
        self.samples[value] = sample
        self.owner[value] = self.whole(source)
        self.needs[value] = self.needs.get(source, [source])

    def operand(self, value: Any) -> Value:
        """As a function takes it, an array in one piece."""
        if type(value) is not Value:
            array = np.asarray(value)
            return Value("number", array.shape, array.dtype, "array", "constant", array)
        return self.whole_rows(value if value.kind == "array" else self.copied(value))

    def broadcast(self, value: Value, shape: tuple[int, ...]) -> Value:
        if value.shape == shape:
            return value
        shown = Value(value.name, shape, value.dtype, "array")
        self.show(shown, np.broadcast_to(self.sample(value), shape), value)
        return shown

    def give(self, value: Value, sample: np.ndarray[Any, Any], source: Value) -> None:
        """A result that is a part of an array, or a number that is taken out of it."""
        if value.kind == "array":
            self.show(value, sample, source)
            return
        shown = Value(value.name, (), value.dtype, "array")
        self.show(shown, sample, source)
        self.steps.append(Instruction(np.positive, (shown,), {}, value))

    def as_rows(self, value: Value, columns: tuple[int, ...]) -> Value:
        rows = self.sample(value).reshape(-1, *columns)
        shown = Value(value.name, rows.shape, value.dtype, "array")
        self.show(shown, rows, value)
        return shown

    def copied(self, value: Value, piece: Any = None, owner: Value | None = None) -> Value:
        """A value of its own with the same content, in one piece."""
        dtype = value.dtype if owner is None else owner.dtype
        shape = value.shape if piece is None else piece.shape
        copy = Value(value.name, shape, dtype, "array")
        if owner is not None:
            self.samples[copy] = piece
            self.owner[copy] = self.whole(owner)
        self.steps.append(Instruction(np.positive, (value,), {}, copy))
        return copy

    def of_dtype(self, value: Value, dtype: np.dtype[Any]) -> Value:
        """The same numbers, converted where they are of another dtype."""
        if value.dtype == dtype:
            return value
        converted = Value(value.name, value.shape, dtype, "array")
        self.steps.append(Instruction(np.positive, (value,), {}, converted))
        return converted

    def readable(self, value: Value) -> Value:
        """A vector or matrices as BLAS can read them."""
        is_array = value.kind == "array"
        return value if is_array and is_readable(self.sample(value)) else self.copied(value)

    def whole_rows(self, value: Value) -> Value:
        return value if self.sample(value).flags.c_contiguous else self.copied(value)

    def in_one_piece(self, value: Value) -> Value:
        flags = self.sample(value).flags
        is_array = value.kind == "array"
        return (
            value if is_array and (flags.c_contiguous or flags.f_contiguous) else self.copied(value)
        )


def same_place(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    start = [x.__array_interface__["data"] for x in (a, b)]
    return start[0] == start[1] and a.strides == b.strides and a.dtype == b.dtype
