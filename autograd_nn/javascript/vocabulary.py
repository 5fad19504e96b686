"""From a step of a program, a call of NumPy, to calls of the functions in arrays.js."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.cumulative import recurrence
from autograd_nn.engine.operations.indexing import add_at, filled, getitem, scatter, set_at
from autograd_nn.engine.operations.table_rows import add_rows, embed
from autograd_nn.javascript.element_loops import KERNELS, own_loop
from autograd_nn.javascript.matrix_forms import einsum, product, tensordot
from autograd_nn.javascript.script_calls import (
    NoForm,
    ScriptCall,
    Unwritable,
    counted_axes,
    counted_axis,
    element_by_element,
    kind_of,
    option,
    refuse_options,
    reshaped,
    shape_of,
    size_of,
    summed,
)
from autograd_nn.javascript.viewing import (
    changed,
    concatenated,
    is_plain_key,
    padded,
    places_of,
    put_at,
    put_together,
    stacked,
    viewed,
)
from autograd_nn.program import (
    AS_REDUCTION,
    DOT,
    METHODS,
    UFUNCS,
    Instruction,
    T,
    Value,
    join,
    label,
    placed,
)

_REDUCED = {
    np.add.reduce: "sum",
    np.multiply.reduce: "prod",
    np.maximum.reduce: "max",
    np.minimum.reduce: "min",
}
_ACCUMULATED = {
    np.add.accumulate: "cumsum",
    np.cumsum: "cumsum",
    METHODS["cumsum"]: "cumsum",
    np.multiply.accumulate: "cumprod",
    np.cumprod: "cumprod",
}
_VIEWS = {
    T, np.swapaxes, np.transpose, np.moveaxis, np.squeeze, np.expand_dims, np.reshape,
    np.broadcast_to, np.lib.stride_tricks.sliding_window_view,
    *(METHODS[name] for name in ("reshape", "swapaxes", "transpose", "squeeze", "ravel")),
    METHODS["flatten"],
}  # fmt: skip
_TRUTH = {np.any: "max", METHODS["any"]: "max", np.all: "min", METHODS["all"]: "min"}
_PLACES = {
    np.argmax: "argmax",
    METHODS["argmax"]: "argmax",
    np.argmin: "argmin",
    METHODS["argmin"]: "argmin",
}
_MOVES = {np.flip, np.roll, np.repeat, np.tile, METHODS["repeat"]}
_LETTERS = "x y z u v w"
_LOGICAL = {np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert}


class Vocabulary:
    """Which calls of JavaScript the steps of a program are.

    ``own`` has, by the name of a function that is a user's expression, its text.
    """

    def __init__(self) -> None:
        self.own: dict[str, str] = {}
        self._names: dict[tuple[str, str], str] = {}  # by the expression and its letters
        self._several: dict[Value, Instruction] = {}  # by several arrays the step that made them

    def calls(self, step: Instruction) -> ScriptCall | None:
        """The call that gives what the step gives; None where its results are taken one by one.

        Raises       Unwritable, by the name of the function
        """
        if step.function is np.split:
            self._several[step.output] = step
            return None
        try:
            made = self._called(step)
        except NoForm as error:
            raise Unwritable(_refusal(step, str(error)), label(step.function)) from None
        if made.shape != step.output.shape:
            raise AssertionError(f"{label(step.function)}: {made.shape}, not {step.output.shape}")
        return made

    def _called(self, step: Instruction) -> ScriptCall:
        function = UFUNCS.get(step.function, step.function)
        inputs, options = step.inputs, step.attributes
        if function in KERNELS:
            return _elementwise(function, step)
        if function in AS_REDUCTION or function in _REDUCED:
            return _reduction(step)
        if function in _ACCUMULATED:
            return _accumulated(step)
        if function in _TRUTH:
            return _truth(step)
        if function in _PLACES:
            return _place(step)
        if function in _MOVES:
            return _moved(step)
        if function in (METHODS["mean"], np.mean):
            return _mean(step)
        if function in (DOT, operator.matmul, np.dot, np.matmul):
            refuse_options(options)
            return product(inputs[0], inputs[1], step.output.shape)
        if function is np.tensordot:
            return tensordot(inputs[0], inputs[1], option(step, 2, "axes", 2))
        if function is np.einsum:
            return einsum(inputs[0], inputs[1:])
        if function in _VIEWS:
            return viewed(inputs[0], lambda x: function(x, *inputs[1:], **options))
        if function is operator.getitem or function is getitem:
            return self._taken(step)
        if function is np.concatenate:
            return concatenated(inputs[0], option(step, 1, "axis", 0))
        if function is np.stack:
            return stacked(inputs[0], option(step, 1, "axis", 0))
        if function is join:
            return concatenated([reshaped(x, (size_of(x),)) for x in inputs], 0)
        if function is np.full:
            return ScriptCall("broadcastTo", (inputs[1],), (step.output.shape,), step.output.shape)
        if function is np.pad:
            return padded(step)
        if function is np.take_along_axis:
            axis = counted_axis(option(step, 2, "axis", -1), len(shape_of(inputs[0])))
            return ScriptCall("takeAlongAxis", inputs[:2], (axis,), step.output.shape)
        if function is METHODS["clip"]:
            return _elementwise(np.clip, Instruction(np.clip, inputs, options, step.output))
        if function in (METHODS["copy"], np.copy):
            return ScriptCall("copy", inputs[:1], (), step.output.shape)
        if function is METHODS["astype"]:
            return _converted(step)
        if function is placed:
            return put_together(*inputs)
        if function is scatter:
            key = filled(options.get("key", "array"), inputs[1:])
            return put_at(inputs[0], key, tuple(options["shape"]))
        if function in (add_at, set_at):
            return changed(step)
        if function is embed:
            return ScriptCall("take", inputs, (0,), step.output.shape)
        if function is add_rows:
            return ScriptCall("untake", inputs[:2], (0, step.output.shape), step.output.shape)
        if function is recurrence:
            axis = counted_axis(options["axis"], len(step.output.shape))
            return ScriptCall("recurrence", inputs, (axis,), step.output.shape)
        if type(function) is Operation and function.javascript[0] is not None:
            return self._own(step, function.javascript[0])
        raise NoForm("")

    def _own(self, step: Instruction, expression: str) -> ScriptCall:
        """What a user says that an operation of his, or one of its rules, does to elements."""
        refuse_options(step.attributes)
        function: Any = step.function
        is_rule = function.gradients == ()
        letters = ("g out " if is_rule else "") + _LETTERS
        letters = " ".join(letters.split()[: len(step.inputs)])
        name = self._names.setdefault((expression, letters), f"own{len(self._names) + 1}")
        self.own[name] = own_loop(name, expression, letters)
        return element_by_element(name, *step.inputs)

    def _taken(self, step: Instruction) -> ScriptCall:
        source: Any = step.inputs[0]
        key: Any = step.inputs[1] if len(step.inputs) > 1 else None
        if step.function is getitem:
            key = filled(step.attributes.get("key", "array"), step.inputs[1:])
        if source in self._several:
            split = self._several[source]
            parts, axis = split.inputs[1], option(split, 2, "axis", 0)
            return viewed(split.inputs[0], lambda x: np.split(x, parts, axis)[key])
        if source.kind == "tuple":
            raise NoForm("it gives several arrays.")
        if is_plain_key(key):
            return viewed(source, lambda x: x[key])
        places, whole, axis = places_of(key, shape_of(source))
        flat = reshaped(source, whole)
        made = (*whole[:axis], *shape_of(places), *whole[axis + 1 :])
        return reshaped(ScriptCall("take", (flat, places), (axis,), made), step.output.shape)


def _refusal(step: Instruction, reason: str) -> str:
    function = step.function
    name = label(function)
    if type(function) is Operation and function.is_own:
        return (
            f"The program calls {name}, an operation of your own, which has no form in JavaScript. "
            "Compose it of NumPy's functions, so that its value and its rules can be written down "
            "call by call; or say what it does to elements: Operation(…, javascript='Math.exp(x)')."
        )
    told = f": {reason}" if reason else "."
    return f"The program calls {name}, which has no form in JavaScript{told}"


# ------------------------------------------------------------------ element by element


def _elementwise(function: Any, step: Instruction) -> ScriptCall:
    if function in _LOGICAL and any(kind_of(x) != "b" for x in step.inputs):
        raise NoForm("of the bits of whole numbers.")
    inputs = step.inputs
    if function is np.clip:
        low, high = option(step, 1, "min", None), option(step, 2, "max", None)
        inputs = (inputs[0], -math.inf if low is None else low, math.inf if high is None else high)
    else:
        refuse_options(step.attributes)
    if function in (np.zeros_like, np.ones_like):
        inputs = inputs[:1]
    return ScriptCall(KERNELS[function][0], inputs, (), step.output.shape)


def _converted(step: Instruction) -> ScriptCall:
    x = step.inputs[0]
    kind = np.dtype(option(step, 1, "dtype", float)).kind
    if kind == "b":
        return ScriptCall("notEqual", (x, 0), (), step.output.shape)
    if kind in "iu" and kind_of(x) == "f":
        return ScriptCall("trunc", (x,), (), step.output.shape)
    return ScriptCall("copy", (x,), (), step.output.shape)


# ------------------------------------------------------------------ along axes


def _reduction(step: Instruction) -> ScriptCall:
    by_method = step.function in AS_REDUCTION
    function = AS_REDUCTION.get(step.function, step.function)
    refuse_options(step.attributes, "axis", "keepdims", "dtype")
    axis = option(step, 1, "axis", None if by_method else 0)
    x = step.inputs[0]
    keepdims = bool(step.attributes.get("keepdims", False))
    return summed(x, counted_axes(axis, len(shape_of(x))), keepdims, _REDUCED[function])


def _mean(step: Instruction) -> ScriptCall:
    refuse_options(step.attributes, "axis", "keepdims", "dtype")
    x = step.inputs[0]
    axes = counted_axes(option(step, 1, "axis", None), len(shape_of(x)))
    total = summed(x, axes, bool(step.attributes.get("keepdims", False)))
    count = math.prod(shape_of(x)[axis] for axis in axes)
    return ScriptCall("divide", (total, count), (), total.shape)


def _truth(step: Instruction) -> ScriptCall:
    """Whether any is not 0, or all are not."""
    refuse_options(step.attributes, "axis", "keepdims")
    x = step.inputs[0]
    axes = counted_axes(option(step, 1, "axis", None), len(shape_of(x)))
    is_true = ScriptCall("notEqual", (x, 0), (), shape_of(x))
    keepdims = bool(step.attributes.get("keepdims", False))
    return summed(is_true, axes, keepdims, _TRUTH[step.function])


def _place(step: Instruction) -> ScriptCall:
    """Where the largest or smallest is, along one axis or among all."""
    refuse_options(step.attributes, "axis", "keepdims")
    x, axis = step.inputs[0], option(step, 1, "axis", None)
    keepdims = bool(step.attributes.get("keepdims", False))
    if axis is None:
        found = summed(reshaped(x, (size_of(x),)), (0,), False, _PLACES[step.function])
        return reshaped(found, step.output.shape)
    axes = counted_axes(axis, len(shape_of(x)))
    return summed(x, axes, keepdims, _PLACES[step.function])


def _moved(step: Instruction) -> ScriptCall:
    """Elements in other places, by where each of them comes from."""
    x, *others = step.inputs
    if any(type(item) is Value for item in (*others, *step.attributes.values())):
        raise NoForm("with a number that is computed.")
    counted = np.arange(size_of(x)).reshape(shape_of(x))
    places = np.asarray(step.function(counted, *others, **step.attributes))
    flat = reshaped(x, (size_of(x),))
    return ScriptCall("take", (flat, places), (0,), places.shape)


def _accumulated(step: Instruction) -> ScriptCall:
    x, name = step.inputs[0], _ACCUMULATED[step.function]
    refuse_options(step.attributes, "axis", "dtype")
    of_ufunc = step.function in (np.add.accumulate, np.multiply.accumulate)
    axis = option(step, 1, "axis", 0 if of_ufunc else None)
    if axis is None:
        x, axis = reshaped(x, (size_of(x),)), 0
    return ScriptCall(name, (x,), (counted_axis(axis, len(shape_of(x))),), shape_of(x))
