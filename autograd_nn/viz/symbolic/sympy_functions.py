"""What functions are called in SymPy."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_nn import ops


class Functions(NamedTuple):
    """SymPy's comparisons and functions of one and of two numbers, by those of formulas."""

    relations: dict[Any, Any]
    of_one: dict[Any, Any]
    of_two: dict[Any, Any]


def functions_of(sympy: Any) -> Functions:
    """The tables; SymPy is given, as it takes long to import."""

    def sigmoid(x: Any) -> Any:
        return 1 / (1 + sympy.exp(-x))

    relations = {
        np.greater: sympy.Gt, np.greater_equal: sympy.Ge, np.less: sympy.Lt,
        np.less_equal: sympy.Le, np.equal: sympy.Eq, np.not_equal: sympy.Ne,
    }  # fmt: skip
    of_one: dict[Any, Any] = {
        np.exp: sympy.exp, np.log: sympy.log, np.sqrt: sympy.sqrt, np.absolute: sympy.Abs,
        np.sin: sympy.sin, np.cos: sympy.cos, np.tan: sympy.tan, np.tanh: sympy.tanh,
        np.sinh: sympy.sinh, np.cosh: sympy.cosh, np.arcsin: sympy.asin, np.arccos: sympy.acos,
        np.arctan: sympy.atan, np.arcsinh: sympy.asinh, np.arccosh: sympy.acosh,
        np.arctanh: sympy.atanh, np.sign: sympy.sign, np.floor: sympy.floor, np.ceil: sympy.ceiling,
        np.cbrt: sympy.cbrt,
        np.log1p: lambda x: sympy.log(1 + x),
        np.expm1: lambda x: sympy.exp(x) - 1,
        np.log2: lambda x: sympy.log(x) / sympy.log(2),
        np.log10: lambda x: sympy.log(x) / sympy.log(10),
        np.exp2: lambda x: 2**x,
        ops.sigmoid: sigmoid,
        ops.relu: lambda x: sympy.Piecewise((x, x > 0), (0, True)),
        ops.softplus: lambda x: sympy.log(1 + sympy.exp(x)),
        ops.silu: lambda x: x * sigmoid(x),
        ops.sigmoid_slope: lambda x: sigmoid(x) * (1 - sigmoid(x)),
        ops.log_sigmoid: lambda x: -sympy.log(1 + sympy.exp(-x)),
        ops.softsign: lambda x: x / (1 + sympy.Abs(x)),
    }  # fmt: skip

    of_two: dict[Any, Any] = {
        np.power: sympy.Pow, np.maximum: sympy.Max, np.minimum: sympy.Min, np.arctan2: sympy.atan2,
        np.logaddexp: lambda x, y: sympy.log(sympy.exp(x) + sympy.exp(y)),
        np.hypot: lambda x, y: sympy.sqrt(x**2 + y**2),
        np.remainder: sympy.Mod,
    }  # fmt: skip
    return Functions(relations, of_one, of_two)
