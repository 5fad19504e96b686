"""Fewer steps that compute the same: one name for a function, constants folded, nothing twice."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from autograd_nn.program import calls
from autograd_nn.program.calls import (
    AS_REDUCTION,
    ASTYPE,
    COMMUTATIVE,
    COPY,
    DOT,
    ELEMENTWISE,
    METHODS,
    PRODUCTS,
    RESHAPE,
    UFUNCS,
    T,
    join,
)
from autograd_nn.program.source.spelling import is_uniform, literal
from autograd_nn.program.values import Instruction, Instructions, Value

# What NumPy itself does for these exponents of an array.
_POWERS = {2: np.square, 0.5: np.sqrt, -1: np.reciprocal, 1: np.positive}
# What gives the first operand as it is: by the number 1, and where shape and dtype are its own.
_BY_FACTOR = {np.multiply, np.divide, operator.mul, operator.truediv}
_UNCHANGED = {ASTYPE, COPY, np.copy, np.broadcast_to, RESHAPE, np.squeeze, METHODS["squeeze"]}


def simplified(steps: Instructions, counts: dict[str, int] | None = None) -> Instructions:
    """The same results from fewer steps.

    Parameters   counts: is told how many steps were left out, and why
    """
    simplifying = _Simplifying(steps)
    kept = simplifying.run()
    left = len(kept.steps)
    without_dead_steps(kept)
    if counts is not None:
        counts.update(simplifying.counts, **{"not needed": left - len(kept.steps)})
    return kept


def without_dead_steps(steps: Instructions) -> Instructions:
    """Without the steps of which nothing is read."""
    needed = {*steps.results(), *(held for held, _ in steps.updates)}
    kept: list[Instruction] = []
    for step in reversed(steps.steps):
        if step.output in needed:
            kept.append(step)
            needed.update(step.read())
    steps.steps = kept[::-1]
    return steps


class _Simplifying:
    """One walk over the steps, front to back."""

    def __init__(self, steps: Instructions) -> None:
        self.steps = steps
        self.new: dict[Value, Any] = {}
        self.maker: dict[Value, Instruction] = {}
        self.known: dict[Any, Value] = {}
        self.kept: list[Instruction] = []
        self.counts = dict.fromkeys(("folded", "equal to an operand", "computed already"), 0)

    def run(self) -> Instructions:
        for step in self.steps.steps:
            if step.function is join:
                step.inputs = tuple(self._result(part) for part in step.inputs)
                self.kept.append(step)
            else:
                step = self._canonical(step.replaced(self.new))
                if not self._is_left_out(step):
                    self._keep(step)
        return self.steps.rewritten(self.kept, self._result)

    def _result(self, value: Value) -> Value:
        found = self.new.get(value, value)
        return found if type(found) is Value else _constant(found, value)

    def _is_left_out(self, step: Instruction) -> bool:
        """Whether the result is known without a step."""
        equal, why = self._folded(step), "folded"
        if equal is None:
            equal, why = self._identity(step), "equal to an operand"
        if equal is None:
            return False
        self.counts[why] += 1
        self.new[step.output] = equal
        return True

    def _keep(self, step: Instruction) -> None:
        """One more step, unless there is one like it."""
        key = _key(step)
        known = self.known.get(key) if key is not None else None
        if known is not None:
            self.counts["computed already"] += 1
            self.new[step.output] = known
            return
        if key is not None:
            self.known[key] = step.output
        self.maker[step.output] = step
        self.kept.append(step)

    # ------------------------------------------------------------------ one name for a function

    def _canonical(self, step: Instruction) -> Instruction:
        if step.function in AS_REDUCTION and _is_array(step.inputs[0]):
            return _as_reduction(step)
        if step.output.kind != "array":
            return step
        function, inputs = step.function, step.inputs
        if function is operator.pow and type(inputs[1]) in (int, float) and inputs[1] in _POWERS:
            function, inputs = _POWERS[inputs[1]], inputs[:1]
        elif function is operator.matmul and all(_ndim(x) == 2 for x in inputs):
            function = DOT
        else:
            function = UFUNCS.get(function, function)
        if function in ELEMENTWISE:
            inputs = tuple(self._uniform(x, inputs, step.output) for x in inputs)
        if function in COMMUTATIVE and _is_constant(inputs[0]) and not _is_constant(inputs[1]):
            inputs = inputs[::-1]
        step.function, step.inputs = function, inputs
        return step

    def _uniform(self, item: Any, inputs: tuple[Any, ...], output: Value) -> Any:
        """A constant array of one number, as that number where the others have the full shape."""
        if type(item) is not Value or item.role != "constant" or item.kind != "array":
            return item
        others = [x for x in inputs if _is_array(x) and x.role != "constant"]
        data = item.data
        if data.ndim == 0 or data.size == 0 or not is_uniform(data):
            return item
        if not others or np.broadcast_shapes(*(x.shape for x in others)) != output.shape:
            return item
        return data.flat[0]

    # ------------------------------------------------------------------ what needs no step

    def _folded(self, step: Instruction) -> Any:
        """The result, where it follows from constants alone."""
        kinds = ("array", "scalar", "number")
        if step.output.kind not in kinds or not _all_constant(step):
            return None
        with np.errstate(all="ignore"):
            data = run(step)
        if step.output.kind == "array":
            return _constant(data, step.output)
        # np.where and the like give an array without axes in place of a number.
        return data[()] if type(data) is np.ndarray else data

    def _identity(self, step: Instruction) -> Any:
        """The operand that the result is equal to."""
        function, output = step.function, step.output
        first = step.inputs[0] if step.inputs else None
        if function in PRODUCTS and not step.attributes and (other := _other_than_identity(step)):
            return other
        if type(first) is not Value or first.dtype != output.dtype or first.kind != output.kind:
            return None
        if function is T and (maker := self.maker.get(first)) and maker.function is T:
            return maker.inputs[0]
        if first.shape != output.shape:
            return None
        if function is np.positive:
            return first
        if function in _BY_FACTOR and _is_number(step.inputs[1], 1):
            return first
        if function in _UNCHANGED:
            return first
        if function == np.add.reduce and _is_along_no_axis(**step.attributes):
            return first
        return None


def _is_along_no_axis(axis: Any = None, keepdims: bool = False, **others: Any) -> bool:
    return type(axis) is tuple and not axis and not others  # such as initial


def _other_than_identity(step: Instruction) -> Value | None:
    """Of a product with the identity matrix, such as of the seeds of a Jacobian, the other operand.

    What is infinite in it stays in its row and column, where 0·∞ would be NaN in all of them.
    """
    for one, other in (step.inputs, step.inputs[::-1]):
        if (
            type(one) is type(other) is Value
            and one.role == "constant"
            and len(one.shape) == len(other.shape) == 2
            and (other.shape, other.dtype) == (step.output.shape, step.output.dtype)
            and _is_identity(one.data)
        ):
            return other
    return None


def _is_identity(matrix: Any) -> bool:
    rows, columns = matrix.shape
    is_one = rows == columns and bool((matrix.diagonal() == 1).all())
    return is_one and np.count_nonzero(matrix) == rows


def _as_reduction(step: Instruction) -> Instruction:
    """x.sum(0) and np.sum(x, axis=0) as np.add.reduce(x, axis=0)."""
    if len(step.inputs) > 2 or not step.attributes.keys() <= {"axis", "keepdims"}:
        return step
    axis = step.inputs[1] if len(step.inputs) == 2 else step.attributes.get("axis")
    if not step.output.shape and step.inputs[0].shape:
        axis = None  # all of them
    step.function, step.inputs = AS_REDUCTION[step.function], step.inputs[:1]
    step.attributes = {**step.attributes, "axis": axis}
    return step


def run(step: Instruction) -> Any:
    """The result of a step whose operands are constants."""
    attributes = {key: _content(x) for key, x in step.attributes.items()}
    return calls.run(step.function, map(_content, step.inputs), attributes)


def _content(item: Any) -> Any:
    if type(item) is Value:
        return item.data
    if type(item) in (tuple, list):
        return type(item)(_content(part) for part in item)
    return item


def _constant(data: Any, like: Value) -> Value:
    return Value(like.name, like.shape, like.dtype, like.kind, "constant", data)


def _all_constant(step: Instruction) -> bool:
    if any(type(item) is Value and item.role != "constant" for item in step.inputs):
        return False  # most of them, without a look into tuples
    return all(value.role == "constant" and value.kind == "array" for value in step.read())


def _is_constant(item: Any) -> bool:
    return type(item) is not Value or item.role == "constant"


def _is_array(item: Any) -> bool:
    return type(item) is Value and item.kind == "array"


def _ndim(item: Any) -> int:
    return len(item.shape) if _is_array(item) else -1


def _is_number(item: Any, number: int) -> bool:
    """Whether an operand is this number, in a form that changes no dtype."""
    if type(item) is Value:
        return False
    return isinstance(item, (int, float, np.generic)) and item == number


def _key(step: Instruction) -> Any:
    """Equal for steps that compute the same; None for one that draws numbers."""
    if any(value.kind in ("generator", "tuple") for value in step.read()):
        return None
    attributes = tuple(sorted((key, _item_key(x)) for key, x in step.attributes.items()))
    return step.function, tuple(_item_key(x) for x in step.inputs), attributes


def _item_key(item: Any) -> Any:
    if type(item) is Value:
        if item.role == "constant" and item.kind != "object" and item.data.size <= 1024:
            return "constant", item.shape, item.dtype.str, item.data.tobytes()
        return "value", id(item)
    if type(item) in (tuple, list):
        return tuple(_item_key(part) for part in item)
    if isinstance(item, np.ndarray):
        return "array", id(item)
    return type(item), literal(item) or id(item)
