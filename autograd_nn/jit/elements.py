"""One element of an elementwise step, as an expression of numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.jit import special_functions
from autograd_nn.jit.compiled_form import refused
from autograd_nn.program import ASTYPE, COPY, Function, Instruction, Names, Value, zero_where_equal

_TEXTS: dict[Function, str] = {
    np.add: "{0} + {1}", np.subtract: "{0} - {1}", np.multiply: "{0} * {1}",
    np.divide: "{0} / {1}", np.power: "({0}) ** {1}", np.negative: "-{0}",
    np.positive: "{0}", ASTYPE: "{0}", COPY: "{0}", np.full: "{0}",
    np.square: "{0} * {0}", np.absolute: "abs({0})", np.fabs: "abs({0})",
    np.greater: "{0} > {1}", np.greater_equal: "{0} >= {1}", np.less: "{0} < {1}",
    np.less_equal: "{0} <= {1}", np.equal: "{0} == {1}", np.not_equal: "{0} != {1}",
    np.isnan: "{0} != {0}", np.isfinite: "abs({0}) < np.inf", np.isinf: "abs({0}) == np.inf",
    # Of two zeros, and of NaN and another, what NumPy takes.
    np.fmax: "({0} if ({0} > {1}) | ({1} != {1}) else {1})",
    np.fmin: "({0} if ({0} < {1}) | ({1} != {1}) else {1})",
    np.maximum: "({0} if ({0} > {1}) | ({0} != {0}) else {1})",
    np.minimum: "({0} if ({0} < {1}) | ({0} != {0}) else {1})",
    np.where: "{1} if {0} else {2}", zero_where_equal: "{zero} if {1} == {2} else {0}",
    np.reciprocal: "{one} / {0}", np.zeros_like: "{zero}", np.ones_like: "{one}",
    np.heaviside: "{one} if {0} > 0 else {zero} if {0} < 0 else {1} if {0} == 0 else {0}",
}  # fmt: skip
_OF_BOOL: dict[Function, str] = {
    np.logical_and: "{0} & {1}", np.logical_or: "{0} | {1}", np.logical_not: "not {0}",
    np.logical_xor: "{0} != {1}",
    np.bitwise_and: "{0} & {1}", np.bitwise_or: "{0} | {1}", np.bitwise_xor: "{0} != {1}",
    np.invert: "not {0}",
}  # fmt: skip
# Numba's own, which computes them one at a time.
_CALLED: frozenset[Function] = frozenset({
    np.sqrt, np.cbrt, np.exp2, np.expm1, np.log2, np.log10, np.sin, np.cos, np.tan,
    np.arcsin, np.arccos, np.arctan, np.arctan2, np.hypot, np.sinh, np.cosh, np.arcsinh,
    np.arccosh, np.arctanh, np.floor, np.ceil, np.rint, np.trunc, np.copysign, np.sign,
    np.fmod, np.logaddexp, np.logaddexp2, np.signbit,
})  # fmt: skip
_WHOLE_NUMBERS: frozenset[Function] = frozenset({
    np.add, np.subtract, np.multiply, np.negative, np.positive, np.absolute, np.maximum,
    np.minimum, np.square, np.full, np.where, COPY, ASTYPE,
})  # fmt: skip
_SMALL: frozenset[Function] = frozenset({np.positive, np.full, np.where, COPY, ASTYPE})
"""What is known of whole numbers in few bits, and of those without a sign."""
# By a number of the text, above 0: of those NumPy and Python say the same.
_DIVIDED: dict[Function, str] = {np.floor_divide: "{0} // {1}", np.remainder: "{0} % {1}"}
_LOGICAL = frozenset({np.logical_and, np.logical_or, np.logical_not, np.logical_xor})
_BOOL, _INT, _DOUBLE = np.dtype(bool), np.dtype(np.int32), np.dtype(np.float64)

_VECTORISED = frozenset({np.exp, np.log, np.log1p, np.tanh})


class Elements:
    """Writes expressions.

    Parameters   names: by Value, how a number is called
    """

    def __init__(self, names: Names) -> None:
        self.names = names

    def expression(self, step: Instruction) -> str:
        """What a step computes from one element of each operand."""
        function, output = step.function, step.output
        operands = list(step.inputs[1:] if function is np.full else step.inputs)
        if function is ASTYPE:
            del operands[1:]
        name = special_functions.name_of(function)
        if name is not None and (output.dtype.kind == "f" or name == "exponent"):
            # Of the dtype in which NumPy takes them, also what is written as a number.
            taken = output.dtype if output.dtype.kind == "f" else _DOUBLE
            words = [self.number(x, taken) for x in operands]
            if taken != _DOUBLE:
                words = [f"float64({word})" for word in words]
            return f"{output.dtype.name}({special_functions.call(name, words)})"
        dtype = _computed_in(step, operands)
        is_known = function in _WHOLE_NUMBERS or _is_divided(function, operands)
        is_known &= dtype.name in ("int32", "int64") or function in _SMALL
        if dtype.kind in "iu" and output.dtype != _BOOL and not is_known:
            raise refused(step, "of whole numbers")
        words = [self.number(x, dtype) for x in operands]
        if function is ASTYPE and output.dtype == _BOOL:
            return f"{words[0]} != 0"
        if function is np.where:
            words[0] = self.number(operands[0], _BOOL)
        text = self._text(step, dtype, words)
        return text if output.dtype in (dtype, _BOOL) else f"{output.dtype.name}({text})"

    def _text(self, step: Instruction, dtype: np.dtype[Any], words: list[str]) -> str:
        function = step.function
        if function in _VECTORISED and dtype.kind == "f":
            return f"{function.__name__}_{dtype.name}({words[0]})"
        if function in _TEXTS:
            kind = dtype.name
            return _TEXTS[function].format(*words, zero=f"{kind}(0)", one=f"{kind}(1)")
        if function in _DIVIDED and dtype.kind == "i":
            return _DIVIDED[function].format(*words)
        if function in _OF_BOOL and dtype.kind == "b":
            return _OF_BOOL[function].format(*words)
        if function in _LOGICAL:
            return _OF_BOOL[function].format(*(f"({word} != 0)" for word in words))
        if function is np.ldexp:
            return f"np.ldexp({words[0]}, {self.number(step.inputs[1], _INT)})"
        if function in _CALLED and dtype.kind == "f":
            return f"np.{function.__name__}({', '.join(words)})"
        raise refused(step)

    def number(self, item: Any, dtype: np.dtype[Any]) -> str:
        """An operand as a number of this dtype."""
        if type(item) is Value and not (item.role == "constant" and item.size == 1):
            name = self.names[item]
            return name if item.dtype == dtype else f"{dtype.name}({name})"
        if type(item) is Value:
            item = item.data.reshape(())[()]
        return number(item, dtype)


def _is_divided(function: Function, operands: list[Any]) -> bool:
    return function in _DIVIDED and type(operands[1]) is int and operands[1] > 0


def number(item: Any, dtype: np.dtype[Any]) -> str:
    """A number as a literal of this dtype."""
    value = np.asarray(item).astype(dtype).item() if dtype.kind != "f" else float(item)
    if value != value:
        text = "np.nan"
    elif value in (float("inf"), float("-inf")):
        text = "np.inf" if value > 0 else "-np.inf"
    else:
        text = repr(value)
    if dtype.name in ("bool", "float64"):
        return text
    return f"{dtype.name}({text if text == '-0.0' else text.removesuffix('.0')})"


def _computed_in(step: Instruction, operands: list[Any]) -> np.dtype[Any]:
    """The dtype in which NumPy computes the step."""
    output = step.output.dtype
    if output != _BOOL or step.function in (ASTYPE, np.full):
        return output if step.function is not ASTYPE else operands[0].dtype
    kinds = []
    for x in operands:
        if type(x) is not Value:
            kinds.append(x)
        elif x.kind == "number":  # it takes the dtype of the others
            kinds.append(x.dtype.type(0).item())
        else:
            kinds.append(x.dtype)
    if step.function is np.where:
        kinds = kinds[1:]
    return np.result_type(*kinds)
