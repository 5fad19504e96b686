"""Single numbers beside arrays in a call: NumPy takes them faster in arrays of their own."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_nn.program.planning.places import Places
from autograd_nn.program.source.spelling import literal
from autograd_nn.program.values import Value

# A number is repeated for up to so many elements. In shorter pieces than the last the time of
# calling NumPy's loops is longer than what is saved.
_REPEATED, _FEWEST_REPEATED = 2**18, 2**10


class NumbersBesideArrays:
    """The names by which an elementwise call takes its operands.

    Parameters   at: where everything is
                 add: one more line of the program
    """

    def __init__(self, at: Places, add: Callable[[str], None]) -> None:
        self._at = at
        self._add = add
        # Arrays for numbers that are computed in a call, by the number and the dtype.
        self._holders: dict[Any, str] = {}

    def named(
        self, items: Sequence[Any], shape: tuple[int, ...] = (), dtypes: Sequence[Any] = ()
    ) -> list[str]:
        """Their names, a number as an array of this shape that is made once."""
        arrays = [x.dtype for x in items if type(x) is Value and x.kind == "array"]
        found = []
        for item in items:
            if type(item) is Value and item.kind == "array":
                found.append(self._at.of[item].text)
            elif type(item) is Value:
                found.append(self._holder(item, [*dtypes, *arrays]))
            else:
                kind = np.result_type(*dtypes, *arrays, item).name
                number = literal(item.item() if isinstance(item, np.generic) else item)
                name = "_".join([_spoken(item), *map(str, shape)])
                found.append(self._at.prepared(name, f"np.full({shape}, {number}, np.{kind})"))
        return found

    def _holder(self, value: Value, dtypes: list[Any]) -> str:
        """The array that a number computed in this call is put into."""
        weak: Any = value.dtype if value.kind == "scalar" else value.dtype.type(0).item()
        key = value, np.result_type(*dtypes, weak)
        if key not in self._holders:
            text = self._at.of[value].text
            like = Value(f"{text}_array", (), key[1], "array")
            self._holders[key] = self._at.made(like.name, like).text
            self._add(f"{self._holders[key]}[()] = {text}")
        return self._holders[key]


def last_axes(shape: tuple[int, ...]) -> tuple[int, ...]:
    """As many of the last axes as a number is repeated along; () where those are few elements."""
    while math.prod(shape) > _REPEATED:
        shape = shape[1:]
        if math.prod(shape) < _FEWEST_REPEATED:
            return ()
    return shape


def _spoken(item: Any) -> str:
    """A name for a number: one, minus_one, half, number_0_9."""
    number = float(item)
    words = {0.0: "zero", 1.0: "one", 2.0: "two", 0.5: "half", -1.0: "minus_one"}
    return words.get(number, f"number_{number:.4g}".replace("_-", "_minus_"))
