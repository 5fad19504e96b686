"""Sums as products with ones, and the largest of many rows at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_nn.program.planning.places import Place, Places
from autograd_nn.program.values import Instruction, Value

# In float32 a product with ones loses digits that a pairwise sum keeps, where there are many.
_SUMMED_BY_PRODUCT = 4096


class Reductions:
    """Texts of reductions, each None where there is no faster one than NumPy's.

    Parameters   at: where everything is
    """

    def __init__(self, at: Places) -> None:
        self._at = at
        # Memory for the larger of two halves; nobody reads it after the largest is found.
        self._larger: dict[Any, Place] = {}

    def full_sum(self, step: Instruction) -> str | None:
        """The sum of all elements, in a third of the time."""
        if step.function != np.add.reduce or len(step.inputs) > 1:
            return None
        if not step.attributes.keys() <= {"axis", "keepdims"}:  # such as where, and initial
            return None
        if step.attributes.get("axis") is not None:
            return None
        value = step.inputs[0]
        place = self._at.of[value]
        if place.array is None or not place.fixed or not place.array.flags.c_contiguous:
            return None
        if value.dtype.kind != "f" or not 0 < value.size <= _SUMMED_BY_PRODUCT:
            return None
        return f"{self.flat(place)}.dot({self._ones(value.size, value.dtype)})"

    def sum_at_an_end(self, value: Value, axis: Any, out: Place) -> str | None:
        """A sum along the first axes or the last ones, in a quarter of the time."""
        source, ndim = self._at.of[value], len(value.shape)
        if axis is None or ndim < 2 or value.dtype.kind != "f" or not value.size:
            return None
        if value.dtype != out.array.dtype or not out.array.flags.c_contiguous:
            return None
        axes = tuple(sorted(a % ndim for a in (axis if isinstance(axis, tuple) else (axis,))))
        first, last = axes == tuple(range(len(axes))), axes[0] == ndim - len(axes)
        if ndim == 2 and len(axes) == 1:
            ones = self._ones(value.shape[axes[0]], value.dtype)
            a, b = (ones, source.text) if first else (source.text, ones)
            return f"{a}.dot({b}, {self.flat(out)})"
        if not source.fixed or not (first or last):
            return None
        total = math.prod(value.shape[a] for a in axes)
        ones = self._ones(total, value.dtype)
        if source.array.flags.c_contiguous:
            if last:
                rows = self._shaped(source, (value.size // total, total))
                return f"{rows}.dot({ones}, {self.flat(out)})"
            rows = self._shaped(source, (total, value.size // total))
            return f"{ones}.dot({rows}, {self.flat(out)})"
        if not last or len(axes) > 1:
            return None
        column = self._at.prepared(f"{ones}_column", f"{ones}[:, None]")
        into = self._shaped(out, (*value.shape[:-1], 1))
        return f"{self._at.alias(np.matmul)}({source.text}, {column}, {into})"

    def sum_of_rows(self, value: Value, axis: Any, keep: bool, out: Place) -> str | None:
        """Of many matrices the sum of their rows, which NumPy adds up one by one, in a tenth."""
        ndim = len(value.shape)
        if keep or ndim < 3 or axis not in (-2, ndim - 2) or value.dtype.kind != "f":
            return None
        if value.dtype != out.array.dtype or not value.size:
            return None
        ones = self._ones(value.shape[-2], value.dtype)
        return f"{self._at.alias(np.matmul)}({ones}, {self._at.of[value].text}, {out.text})"

    def largest_by_halves(self, value: Value, axis: Any, keep: bool, out: Place) -> list[str]:
        """The largest along the last axis, where numbers next to each other are of other rows.

        It is the larger of two halves, again and again, which overlap where a length is odd: a
        quarter of the time of one row after the other. Empty where it does not lie so.
        """
        source, ndim = self._at.of[value], len(value.shape)
        if axis not in (-1, ndim - 1) or not keep or not source.fixed or ndim < 3:
            return []
        if source.array.flags.c_contiguous or source.array.strides[-2] != value.dtype.itemsize:
            return []
        lines, read, length = [], source, value.shape[-1]
        while length > 1:
            half = (length + 1) // 2
            a = self._at.prepared(f"{read.text}_first_{half}", f"{read.text}[..., :{half}]")
            rest = f"{read.text}[..., {length - half}:{length}]"
            b = self._at.prepared(f"{read.text}_last_{half}", rest)
            if half == 1:
                into = out.text
            elif read is source:
                read = self._memory(value, half)
                into = read.text
            else:
                into = a
            lines.append(f"{self._at.alias(np.maximum)}({a}, {b}, out={into})")
            length = half
        return lines

    def _memory(self, value: Value, length: int) -> Place:
        like = Value(f"larger_{length}", (*value.shape[:-1], length), value.dtype, "array")
        key = like.shape, like.dtype
        if key not in self._larger:
            self._larger[key] = self._at.made(like.name, like, turned=True)
        return self._larger[key]

    def flat(self, place: Place) -> str:
        """All elements of what lies in one piece, in whatever order."""
        if place.array.ndim == 1:
            return place.text
        how = "reshape(-1)" if place.array.flags.c_contiguous else 'ravel("K")'
        return self._at.prepared(f"{place.text}_flat", f"{place.text}.{how}")

    def _shaped(self, place: Place, shape: tuple[int, ...]) -> str:
        if place.array.shape == shape:
            return place.text
        name = f"{place.text}_{'x'.join(map(str, shape))}"
        return self._at.prepared(name, f"{place.text}.reshape({shape})")

    def _ones(self, length: int, dtype: np.dtype[Any]) -> str:
        return self._at.prepared(f"ones_{length}", f"np.ones({length}, np.{dtype.name})")
