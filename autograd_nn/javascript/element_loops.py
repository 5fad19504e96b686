"""What JavaScript computes for one element, and the loop over arrays that is printed around it.

A loop of its own for every function, as one loop that is given a function takes three times as
long; and only those that a program calls are printed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.program import zero_where_equal

# By NumPy's function: what it is called in JavaScript, and the expression for elements a, b, c.
_UNARY: dict[Callable[..., Any], tuple[str, str]] = {
    np.negative: ("negative", "-a"),
    np.positive: ("positive", "a"),
    np.absolute: ("absolute", "Math.abs(a)"),
    np.fabs: ("absolute", "Math.abs(a)"),
    np.sign: ("sign", "a > 0 ? 1 : a < 0 ? -1 : a === 0 ? 0 : NaN"),
    np.square: ("square", "a * a"),
    np.sqrt: ("sqrt", "Math.sqrt(a)"),
    np.cbrt: ("cbrt", "Math.cbrt(a)"),
    np.reciprocal: ("reciprocal", "1 / a"),
    np.exp: ("exp", "Math.exp(a)"),
    np.exp2: ("exp2", "2 ** a"),
    np.expm1: ("expm1", "Math.expm1(a)"),
    np.log: ("log", "Math.log(a)"),
    np.log2: ("log2", "Math.log2(a)"),
    np.log10: ("log10", "Math.log10(a)"),
    np.log1p: ("log1p", "Math.log1p(a)"),
    np.sin: ("sin", "Math.sin(a)"),
    np.cos: ("cos", "Math.cos(a)"),
    np.tan: ("tan", "Math.tan(a)"),
    np.arcsin: ("arcsin", "Math.asin(a)"),
    np.arccos: ("arccos", "Math.acos(a)"),
    np.arctan: ("arctan", "Math.atan(a)"),
    np.sinh: ("sinh", "Math.sinh(a)"),
    np.cosh: ("cosh", "Math.cosh(a)"),
    np.tanh: ("tanh", "Math.tanh(a)"),
    np.arcsinh: ("arcsinh", "Math.asinh(a)"),
    np.arccosh: ("arccosh", "Math.acosh(a)"),
    np.arctanh: ("arctanh", "Math.atanh(a)"),
    np.sinc: ("sinc", "a === 0 ? 1 : Math.sin(Math.PI * a) / (Math.PI * a)"),
    np.floor: ("floor", "Math.floor(a)"),
    np.ceil: ("ceil", "Math.ceil(a)"),
    np.trunc: ("trunc", "Math.trunc(a)"),
    np.rint: ("rint", "a % 1 === 0.5 || a % 1 === -0.5 ? 2 * Math.round(a / 2) : Math.round(a)"),
    np.isfinite: ("isFinite_", "Number.isFinite(a) ? 1 : 0"),
    np.isnan: ("isNaN_", "a !== a ? 1 : 0"),
    np.isinf: ("isInfinite", "a === Infinity || a === -Infinity ? 1 : 0"),
    np.logical_not: ("not", "a ? 0 : 1"),
    np.invert: ("not", "a ? 0 : 1"),
    np.zeros_like: ("zerosLike", "0"),
    np.ones_like: ("onesLike", "1"),
}
_BINARY: dict[Callable[..., Any], tuple[str, str]] = {
    np.add: ("add", "a + b"),
    np.subtract: ("subtract", "a - b"),
    np.multiply: ("multiply", "a * b"),
    np.divide: ("divide", "a / b"),
    np.floor_divide: ("floorDivide", "Math.round((a - remainderOf(a, b)) / b)"),
    np.remainder: ("remainder", "remainderOf(a, b)"),
    np.fmod: ("fmod", "a % b"),
    # In JavaScript 1 to the power of NaN or of infinity is NaN.
    np.power: ("power", "a === 1 ? 1 : a ** b"),
    np.float_power: ("power", "a === 1 ? 1 : a ** b"),
    np.arctan2: ("arctan2", "Math.atan2(a, b)"),
    np.hypot: ("hypot", "Math.hypot(a, b)"),
    np.maximum: ("maximum", "Math.max(a, b)"),
    np.minimum: ("minimum", "Math.min(a, b)"),
    np.fmax: ("fmax", "a !== a ? b : b !== b ? a : Math.max(a, b)"),
    np.fmin: ("fmin", "a !== a ? b : b !== b ? a : Math.min(a, b)"),
    np.logaddexp: (
        "logaddexp",
        "a === b ? a + Math.LN2 : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)))",
    ),
    np.copysign: ("copysign", "(b < 0 || Object.is(b, -0)) ? -Math.abs(a) : Math.abs(a)"),
    np.heaviside: ("heaviside", "a > 0 ? 1 : a < 0 ? 0 : a === 0 ? b : NaN"),
    np.ldexp: ("ldexp", "a * 2 ** b"),
    np.greater: ("greater", "a > b ? 1 : 0"),
    np.greater_equal: ("greaterEqual", "a >= b ? 1 : 0"),
    np.less: ("less", "a < b ? 1 : 0"),
    np.less_equal: ("lessEqual", "a <= b ? 1 : 0"),
    np.equal: ("equal", "a === b ? 1 : 0"),
    np.not_equal: ("notEqual", "a !== b ? 1 : 0"),
    np.logical_and: ("and", "a && b ? 1 : 0"),
    np.logical_or: ("or", "a || b ? 1 : 0"),
    np.bitwise_and: ("and", "a && b ? 1 : 0"),
    np.bitwise_or: ("or", "a || b ? 1 : 0"),
    np.bitwise_xor: ("xor", "!a === !b ? 0 : 1"),
}
_TERNARY: dict[Callable[..., Any], tuple[str, str]] = {
    np.where: ("where", "a ? b : c"),
    np.clip: ("clip", "Math.min(Math.max(a, b), c)"),
    zero_where_equal: ("zeroWhereEqual", "b === c ? 0 : a"),
}
KERNELS = _UNARY | _BINARY | _TERNARY

_LOOPS = {
    1: """function {name}(x, out = empty(x.shape ?? [])) {{
  const p = x.values ?? [x], r = out.values;
  for (let i = 0; i < r.length; i++) {{ const a = p[i]; r[i] = {expression}; }}
  return out;
}}""",
    2: """function {name}(x, y, out = empty(broadcast(x.shape, y.shape))) {{
  const p = x.values ?? [x], q = y.values ?? [y], r = out.values, n = r.length;
  if (p.length === n && q.length === n) {{
    for (let i = 0; i < n; i++) {{ const a = p[i], b = q[i]; r[i] = {expression}; }}
  }} else {{
    const [s, t] = places(out, x, y);
    for (let i = 0; i < n; i++) {{ const a = p[s[i]], b = q[t[i]]; r[i] = {expression}; }}
  }}
  return out;
}}""",
    3: """function {name}(x, y, z, out = empty(broadcast(x.shape, y.shape, z.shape))) {{
  const p = x.values ?? [x], q = y.values ?? [y], o = z.values ?? [z], r = out.values;
  const [s, t, u] = places(out, x, y, z);
  for (let i = 0; i < r.length; i++) {{
    const a = p[s[i]], b = q[t[i]], c = o[u[i]];
    r[i] = {expression};
  }}
  return out;
}}""",
}
_NAMED = {
    name: (count, expression)
    for count, family in enumerate((_UNARY, _BINARY, _TERNARY), 1)
    for name, expression in family.values()
}

NAMES = frozenset(_NAMED)


def printed(name: str) -> str | None:
    """The function that computes it for arrays; None where it is none of these."""
    if name not in _NAMED:
        return None
    count, expression = _NAMED[name]
    return _LOOPS[count].format(name=name, expression=expression)


def own_loop(name: str, expression: str, letters: str) -> str:
    """A user's expression of elements, as a function of arrays."""
    given = [f"a{place}" for place in range(len(letters.split()))]
    shapes = ", ".join(f"{x}.shape" for x in given)
    elements = ", ".join(
        f"{letter} = ({x}.values ?? [{x}])[from[{place}][i]]"
        for place, (letter, x) in enumerate(zip(letters.split(), given, strict=True))
    )
    return f"""function {name}({", ".join(given)}, result = empty(broadcast({shapes}))) {{
  const from = places(result, {", ".join(given)});
  for (let i = 0; i < result.values.length; i++) {{
    const {elements};
    result.values[i] = {expression};
  }}
  return result;
}}"""
