"""What a sheet writes for one element, by the names of the functions of single elements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_nn.javascript.element_loops import KERNELS
from autograd_nn.viz.sheet.cell_texts import (
    COMPARISON,
    POWER,
    PRODUCT,
    SUM,
    CellPlace,
    Element,
    filled,
    infix,
)

_INFIX = {
    "add": ("+", SUM),
    "subtract": ("-", SUM),
    "multiply": ("*", PRODUCT),
    "divide": ("/", PRODUCT),
    "greater": (">", COMPARISON),
    "greaterEqual": (">=", COMPARISON),
    "less": ("<", COMPARISON),
    "lessEqual": ("<=", COMPARISON),
    "equal": ("=", COMPARISON),
    "notEqual": ("<>", COMPARISON),
}
# {^0}: in brackets where a power needs them, {*0}: where a product does, {?0}: a condition.
_TEMPLATES: dict[str, tuple[str, int] | str] = {
    "negative": ("-{^0}", SUM),
    "positive": "({0})",
    "absolute": "ABS({0})",
    "sign": "SIGN({0})",
    "square": ("{^0}^2", POWER),
    "sqrt": "SQRT({0})",
    "cbrt": ("SIGN({0})*ABS({0})^(1/3)", PRODUCT),
    "reciprocal": ("1/{*0}", PRODUCT),
    "exp": "EXP({0})",
    "exp2": ("2^{^0}", POWER),
    # These are exact for small numbers, as EXP(x)-1 and LN(1+x) are not.
    "expm1": ("TANH({*0}/2)*(EXP({0})+1)", PRODUCT),
    "log1p": "IF(ABS({0})<1,2*ATANH({0}/(2+{0})),LN(1+{0}))",
    "logaddexp": (
        "MAX({0},{1})+2*ATANH(EXP(-ABS({0}-{1}))/(2+EXP(-ABS({0}-{1}))))",
        SUM,
    ),
    "log": "LN({0})",
    "log2": "LOG({0},2)",
    "log10": "LOG10({0})",
    "sin": "SIN({0})",
    "cos": "COS({0})",
    "tan": "TAN({0})",
    "arcsin": "ASIN({0})",
    "arccos": "ACOS({0})",
    "arctan": "ATAN({0})",
    "arctan2": "IF({0}={1},IF({0}=0,0,ATAN2({1},{0})),ATAN2({1},{0}))",
    "sinh": "SINH({0})",
    "cosh": "COSH({0})",
    "tanh": "TANH({0})",
    "arcsinh": "ASINH({0})",
    "arccosh": "ACOSH({0})",
    "arctanh": "ATANH({0})",
    "sinc": "IF({0}=0,1,SIN(PI()*{*0})/(PI()*{*0}))",
    "floor": "INT({0})",
    "ceil": ("-INT(-{^0})", SUM),
    "trunc": "TRUNC({0})",
    "rint": "IF(ABS({0}-TRUNC({0}))=0.5,2*ROUND({0}/2,0),ROUND({0},0))",
    "isFinite_": ("ISNUMBER({0})", COMPARISON),
    "isNaN_": ("ISERROR({0})", COMPARISON),
    "isInfinite": ("ISERROR({0})", COMPARISON),
    "not": ("NOT({?0})", COMPARISON),
    "floorDivide": "ROUND(({0}-MOD({0},{1}))/{1},0)",
    "remainder": "MOD({0},{1})",
    "fmod": ("{0}-{1}*TRUNC({0}/{1})", SUM),
    "hypot": "SQRT({^0}^2+{^1}^2)",
    "maximum": "MAX({0},{1})",
    "minimum": "MIN({0},{1})",
    "fmax": "MAX({0},{1})",
    "fmin": "MIN({0},{1})",
    "copysign": "IF({1}<0,-ABS({0}),ABS({0}))",
    "heaviside": "IF({0}>0,1,IF({0}<0,0,{1}))",
    "ldexp": ("{*0}*2^{^1}", PRODUCT),
    "and": ("AND({?0},{?1})", COMPARISON),
    "or": ("OR({?0},{?1})", COMPARISON),
    "xor": ("({?0})<>({?1})", COMPARISON),
    "where": "IF({?0},{1},{2})",
    "clip": "MIN(MAX({0},{1}),{2})",
    "zeroWhereEqual": "IF({1}={2},0,{0})",
}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: function for function, (name, _) in reversed(KERNELS.items())
}
"""NumPy's function for each of these names."""
FUNCTIONS["ldexp"] = lambda x, n: x * np.exp2(n)  # the numbers of a sheet are not whole


def repeats(name: str) -> bool:
    """Whether an operand stands more than once in the formula, or in the middle of one, so that it
    should be short."""
    known = _TEMPLATES.get(name, "")
    template = known if isinstance(known, str) else known[0]
    return any(template.count(f"{place}}}") > 1 for place in range(3))


def element_form(name: str, operands: Sequence[Element]) -> Element:
    """The formula of one element; KeyError where the sheet has none."""
    if all(isinstance(x, float) for x in operands):
        with np.errstate(all="ignore"):
            return float(FUNCTIONS[name](*operands))
    shorter = _shorter(name, operands)
    if shorter is not None:
        return shorter
    if name in _INFIX:
        sign, level = _INFIX[name]
        return infix(sign, level, *operands)
    template = _TEMPLATES[name]
    if isinstance(template, str):
        return filled(template, operands)
    return filled(template[0], operands, template[1])


def _shorter(name: str, operands: Sequence[Element]) -> Element | None:
    """The same number in fewer words: 1·x, x + 0, x¹, and bounds at infinity."""
    first, *others = operands
    if name == "clip":
        low, high = others
        if high == np.inf:
            return first if low == -np.inf else element_form("maximum", (first, low))
        if low == -np.inf:
            return element_form("minimum", (first, high))
    if name == "zerosLike":
        return 0.0
    if name == "onesLike":
        return 1.0
    if name == "positive":
        return first
    if name == "power":
        return _power(first, others[0])
    if len(others) != 1:
        return None
    second = others[0]
    if name in ("multiply", "divide") and _is(second, 1):
        return first
    if name == "multiply" and _is(first, 1):
        return second
    if name in ("add", "subtract") and _is(second, 0):
        return first
    if name == "add" and _is(first, 0):
        return second
    return None


def _power(base: Element, exponent: Element) -> Element:
    if _is(exponent, 0):
        return 1.0
    if _is(exponent, 1):
        return base
    if isinstance(exponent, float) or isinstance(base, float):
        return infix("^", POWER, base, exponent)
    # 0 to the power of 0 is an error in a sheet.
    return filled("IF({1}=0,1,{^0}^{^1})", (base, exponent))


def _is(element: Element, number: int) -> bool:
    return isinstance(element, float) and element == number


def is_short(element: Element) -> bool:
    return isinstance(element, (float, CellPlace))
