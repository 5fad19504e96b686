"""Operations on single elements, as nodes of ONNX."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.exporting.onnx_writer import OnnxValue, OnnxWriter
from autograd_nn.exporting.recorded_steps import RecordedStep


def as_value(w: OnnxWriter, x: Any, dtype: Any) -> OnnxValue:
    """A value of this dtype; a number is one too."""
    return w.cast(x, dtype) if type(x) is OnnxValue else w.constant(np.asarray(x, dtype))


def common_dtype(*inputs: Any) -> Any:
    """The dtype that NumPy computes with, in which numbers of Python have no say."""
    dtypes = [x.dtype for x in inputs if hasattr(x, "dtype")]
    return np.result_type(*dtypes, *(x for x in inputs if not hasattr(x, "dtype")))


def _of_one(kind: str) -> Any:
    def rule(w: OnnxWriter, out: RecordedStep, x: Any) -> OnnxValue:
        return w.node(kind, [as_value(w, x, out.dtype)], out.shape, out.dtype)

    return rule


def _of_two(kind: str) -> Any:
    def rule(w: OnnxWriter, out: RecordedStep, x: Any, y: Any) -> OnnxValue:
        operands = [as_value(w, operand, out.dtype) for operand in (x, y)]
        return w.node(kind, operands, out.shape, out.dtype)

    return rule


def _compared(kind: str) -> Any:
    def rule(w: OnnxWriter, out: RecordedStep, x: Any, y: Any) -> OnnxValue:
        dtype = common_dtype(x, y)
        dtype = np.int32 if dtype.kind == "b" else dtype
        return w.node(kind, [as_value(w, a, dtype) for a in (x, y)], out.shape, bool)

    return rule


def _asked(kind: str) -> Any:
    def rule(w: OnnxWriter, out: RecordedStep, x: Any) -> OnnxValue:
        return w.node(kind, [x], out.shape, bool)

    return rule


def _logical(kind: str) -> Any:
    def rule(w: OnnxWriter, out: RecordedStep, *inputs: Any) -> OnnxValue:
        return w.node(kind, [as_value(w, x, bool) for x in inputs], out.shape, bool)

    return rule


def _bitwise(kind: str, of_bits: str) -> Any:
    def rule(w: OnnxWriter, out: RecordedStep, *inputs: Any) -> OnnxValue:
        name = kind if out.dtype == bool else of_bits
        return w.node(name, [as_value(w, x, out.dtype) for x in inputs], out.shape, out.dtype)

    return rule


def _not_equal(w: OnnxWriter, out: RecordedStep, x: Any, y: Any) -> OnnxValue:
    return w.node("Not", [_compared("Equal")(w, out, x, y)], out.shape, bool)


def _square(w: OnnxWriter, out: RecordedStep, x: OnnxValue) -> OnnxValue:
    return w.node("Mul", [x, x], out.shape, out.dtype)


def _negative(w: OnnxWriter, out: RecordedStep, x: OnnxValue) -> OnnxValue:
    return w.node("Neg", [x], out.shape, out.dtype)


def _where(w: OnnxWriter, out: RecordedStep, condition: Any, x: Any, y: Any) -> OnnxValue:
    inputs = [as_value(w, condition, bool), *(as_value(w, a, out.dtype) for a in (x, y))]
    return w.node("Where", inputs, out.shape, out.dtype)


def _astype(w: OnnxWriter, out: RecordedStep, x: OnnxValue, dtype: Any) -> OnnxValue:
    return w.cast(x, out.dtype)


def _copy(w: OnnxWriter, out: RecordedStep, x: Any) -> OnnxValue:
    return as_value(w, x, out.dtype)


def _floor_divide(w: OnnxWriter, out: RecordedStep, x: Any, y: Any) -> OnnxValue:
    """(x − remainder) / y: ⌊x / y⌋ is one too many where x / y is rounded up to a whole number, and
    whole numbers are divided towards 0 there, and downwards here."""
    x, y = (as_value(w, operand, out.dtype) for operand in (x, y))

    def node(kind: str, *inputs: Any) -> OnnxValue:
        return w.node(kind, inputs, out.shape, out.dtype)

    quotient = node("Div", node("Sub", x, _remainder(w, out, x, y)), y)
    if out.dtype.kind != "f":
        return quotient
    by_zero = w.node("Equal", [y, as_value(w, 0, out.dtype)], y.shape, bool)
    return node("Where", by_zero, node("Div", x, y), node("Round", quotient))


def _remainder(w: OnnxWriter, out: RecordedStep, x: Any, y: Any) -> OnnxValue:
    """fmod(x, y), which is exact and has the sign of x, and y more where y has another sign."""
    x, y = (as_value(w, operand, out.dtype) for operand in (x, y))
    if out.dtype.kind != "f":
        return w.node("Mod", [x, y], out.shape, out.dtype)
    rest = _fmod(w, out, x, y)
    zero = as_value(w, 0, out.dtype)
    zeros = w.node("Equal", [rest, zero], out.shape, bool)
    signs = [w.node("Less", [a, zero], a.shape, bool) for a in (rest, y)]
    same = w.node("Not", [w.node("Xor", signs, out.shape, bool)], out.shape, bool)
    stays = w.node("Or", [zeros, same], out.shape, bool)
    moved = w.node("Add", [rest, y], out.shape, out.dtype)
    return w.node("Where", [stays, rest, moved], out.shape, out.dtype)


def _trunc(w: OnnxWriter, out: RecordedStep, x: OnnxValue) -> OnnxValue:
    whole = w.node("Floor", [w.node("Abs", [x], out.shape, out.dtype)], out.shape, out.dtype)
    sign = w.node("Sign", [x], out.shape, out.dtype)
    return w.node("Mul", [sign, whole], out.shape, out.dtype)


def _plus_one(kind: str, sign: str) -> Any:
    """log(1 + x), e^x − 1."""

    def rule(w: OnnxWriter, out: RecordedStep, x: OnnxValue) -> OnnxValue:
        one = w.constant(np.ones((), out.dtype))
        if kind == "Log":
            x = w.node(sign, [x, one], out.shape, out.dtype)
            return w.node(kind, [x], out.shape, out.dtype)
        x = w.node(kind, [x], out.shape, out.dtype)
        return w.node(sign, [x, one], out.shape, out.dtype)

    return rule


def _hypot(w: OnnxWriter, out: RecordedStep, x: Any, y: Any) -> OnnxValue:
    """L·√(1 + (S/L)²) with the larger and the smaller of |x| and |y|, whose squares may be too
    large for a number."""
    both = [w.node("Abs", [as_value(w, a, out.dtype)], out.shape, out.dtype) for a in (x, y)]

    def node(kind: str, *inputs: Any) -> OnnxValue:
        return w.node(kind, inputs, out.shape, out.dtype)

    larger = node("Max", *both, w.constant(np.finfo(out.dtype).tiny))
    share = node("Div", node("Min", *both), larger)
    whole = node("Add", node("Mul", share, share), w.constant(np.ones((), out.dtype)))
    return node("Mul", larger, node("Sqrt", whole))


def _logarithm(base: float) -> Any:
    def rule(w: OnnxWriter, out: RecordedStep, x: OnnxValue) -> OnnxValue:
        factor = w.constant(np.asarray(1 / math.log(base), out.dtype))
        x = w.node("Log", [x], out.shape, out.dtype)
        return w.node("Mul", [x, factor], out.shape, out.dtype)

    return rule


def _relu(
    w: OnnxWriter,
    out: RecordedStep,
    x: OnnxValue,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
) -> OnnxValue:
    def number(value: float) -> OnnxValue:
        return w.constant(np.asarray(value, out.dtype))

    def node(kind: str, *inputs: Any) -> OnnxValue:
        return w.node(kind, inputs, out.shape, out.dtype)

    y = node("Relu", x)
    if max_value is not None:
        y = node("Min", y, number(max_value))
    if not (negative_slope or threshold):
        return y
    above = w.node("Greater", [x, number(threshold)], out.shape, bool)
    below = node("Mul", node("Sub", x, number(threshold)), number(negative_slope))
    return node("Where", above, x if max_value is None else y, below)


def _with_below(kind: str, below: Any) -> Any:
    """x above 0, and a function of it below. A node of this kind has its number in float32."""

    def rule(w: OnnxWriter, out: RecordedStep, x: OnnxValue, **number: float) -> OnnxValue:
        alpha = next(iter(number.values()), 0.2 if kind == "LeakyRelu" else 1.0)
        if out.dtype == np.float32:
            return w.node(kind, [x], out.shape, out.dtype, alpha=float(alpha))

        def node(name: str, *inputs: Any) -> OnnxValue:
            operands = [as_value(w, one, out.dtype) for one in inputs]
            return w.node(name, operands, out.shape, out.dtype)

        above = w.node("Greater", [x, as_value(w, 0, out.dtype)], out.shape, bool)
        return w.node(
            "Where", [above, x, below(node, node("Min", x, 0), alpha)], out.shape, out.dtype
        )

    return rule


def _clip(w: OnnxWriter, out: RecordedStep, x: Any, min: Any = None, max: Any = None) -> OnnxValue:
    x = as_value(w, x, out.dtype)
    for kind, end in (("Max", min), ("Min", max)):
        if end is not None:
            x = w.node(kind, [x, as_value(w, end, out.dtype)], out.shape, out.dtype)
    return x


def _isfinite(w: OnnxWriter, out: RecordedStep, x: OnnxValue) -> OnnxValue:
    kinds = [w.node(kind, [x], out.shape, bool) for kind in ("IsNaN", "IsInf")]
    return w.node("Not", [w.node("Or", kinds, out.shape, bool)], out.shape, bool)


def _exp2(w: OnnxWriter, out: RecordedStep, x: OnnxValue) -> OnnxValue:
    return w.node("Pow", [as_value(w, 2, out.dtype), x], out.shape, out.dtype)


def _fmod(w: OnnxWriter, out: RecordedStep, x: Any, y: Any) -> OnnxValue:
    operands = [as_value(w, operand, out.dtype) for operand in (x, y)]
    return w.node("Mod", operands, out.shape, out.dtype, fmod=1)


def _normal_cdf(w: OnnxWriter, out: RecordedStep, x: OnnxValue) -> OnnxValue:
    """(1 + erf(x / √2)) / 2."""

    def number(value: float) -> OnnxValue:
        return w.constant(np.asarray(value, out.dtype))

    scaled = w.node("Mul", [x, number(0.5**0.5)], out.shape, out.dtype)
    half = w.node("Erf", [scaled], out.shape, out.dtype)
    half = w.node("Add", [half, number(1)], out.shape, out.dtype)
    return w.node("Mul", [half, number(0.5)], out.shape, out.dtype)


ELEMENTS = {
    **{
        operation: _of_one(kind)
        for operation, kind in {
            ops.absolute: "Abs", ops.arccos: "Acos", ops.arccosh: "Acosh", ops.arcsin: "Asin",
            ops.arcsinh: "Asinh", ops.arctan: "Atan", ops.arctanh: "Atanh", ops.ceil: "Ceil",
            ops.cos: "Cos", ops.cosh: "Cosh", ops.exp: "Exp", ops.floor: "Floor", ops.log: "Log",
            ops.reciprocal: "Reciprocal", ops.rint: "Round", ops.root: "Sqrt",
            ops.sigmoid: "Sigmoid", ops.sign: "Sign", ops.sin: "Sin", ops.sinh: "Sinh",
            ops.softsign: "Softsign", ops.sqrt: "Sqrt", ops.tan: "Tan", ops.tanh: "Tanh",
        }.items()
    },
    **{
        operation: _of_two(kind)
        for operation, kind in {
            ops.add: "Add", ops.divide: "Div", ops.maximum: "Max", ops.minimum: "Min",
            ops.multiply: "Mul", ops.power: "Pow", ops.subtract: "Sub",
        }.items()
    },
    **{
        operation: _compared(kind)
        for operation, kind in {
            ops.equal: "Equal", ops.greater: "Greater", ops.greater_equal: "GreaterOrEqual",
            ops.less: "Less", ops.less_equal: "LessOrEqual",
        }.items()
    },
    ops.isinf: _asked("IsInf"),
    ops.isnan: _asked("IsNaN"),
    ops.logical_and: _logical("And"),
    ops.logical_not: _logical("Not"),
    ops.logical_or: _logical("Or"),
    ops.logical_xor: _logical("Xor"),
    ops.bitwise_and: _bitwise("And", "BitwiseAnd"),
    ops.bitwise_or: _bitwise("Or", "BitwiseOr"),
    ops.bitwise_xor: _bitwise("Xor", "BitwiseXor"),
    ops.invert: _bitwise("Not", "BitwiseNot"),
    ops.not_equal: _not_equal,
    ops.square: _square,
    ops.negative: _negative,
    ops.where: _where,
    ops.astype: _astype,
    ops.copy: _copy,
    ops.floor_divide: _floor_divide,
    ops.remainder: _remainder,
    ops.trunc: _trunc,
    ops.hypot: _hypot,
    ops.log1p: _plus_one("Log", "Add"),
    ops.expm1: _plus_one("Exp", "Sub"),
    ops.log2: _logarithm(2),
    ops.log10: _logarithm(10),
    ops.relu: _relu,
    ops.leaky_relu: _with_below("LeakyRelu", lambda node, x, a: node("Mul", x, a)),
    ops.elu: _with_below(
        "Elu", lambda node, x, a: node("Mul", node("Sub", node("Exp", x), 1), a)
    ),
    ops.celu: _with_below(
        "Celu", lambda node, x, a: node("Mul", node("Sub", node("Exp", node("Div", x, a)), 1), a)
    ),
    ops.clip: _clip,
    ops.isfinite: _isfinite,
    ops.exp2: _exp2,
    ops.fmod: _fmod,
    ops.normal_cdf: _normal_cdf,
}  # fmt: skip
"""How each is written: rule(writer, step, *inputs, **attributes) gives the value."""
