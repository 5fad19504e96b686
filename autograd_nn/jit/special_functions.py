"""Functions of single numbers that Numba has not: SciPy's, by their addresses, and a few texts."""

from __future__ import annotations

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.program import Function, numpy_name

_OF_ONE = (
    *("erf", "erfc", "erfcx", "ndtr", "log_ndtr", "logit"),
    *("psi", "gammaln", "entr", "i0", "i0e", "i1e"),
)
_OF_TWO = ("beta", "betaln", "xlogy", "xlog1py", "rel_entr", "kl_div")
_OF_SCIPY = dict.fromkeys(_OF_ONE, 1) | dict.fromkeys(_OF_TWO, 2)

_OF_SCIPY_TEXT = """
from llvmlite.binding import add_symbol
from numba.extending import get_cython_function_address
from scipy.special import cython_special


def of_scipy(name, inputs):
    signature = f"double ({'double, ' * inputs}int __pyx_skip_dispatch)"
    kinds = cython_special.__pyx_capi__.items()
    own = next(k for k, kind in kinds if name in (k, k[12:]) and signature in repr(kind))
    address = get_cython_function_address("scipy.special.cython_special", own)
    add_symbol(f"scipy_special_{name}", address)
    called = types.float64(*[types.float64] * inputs, types.intc)
    return types.ExternalFunction(f"scipy_special_{name}", called)
"""

DOORS = {"of_scipy": _OF_SCIPY_TEXT} | {
    f"special_{name}": f'special_{name} = of_scipy("{name}", {inputs})'
    for name, inputs in _OF_SCIPY.items()
}
TEXTS = {
    # As NumPy, by what is left: exact also where the quotient is rounded.
    "remainder": """
def remainder(a, b):
    left = np.fmod(a, b)
    if left == 0:
        return np.copysign(left, b)
    return left + b if (left < 0) != (b < 0) else left
""",
    "floor_divide": """
def floor_divide(a, b):
    if b == 0:
        return a / b
    left = np.fmod(a, b)
    quotient = (a - left) / b
    if left != 0 and (left < 0) != (b < 0):
        quotient -= 1
    if quotient == 0:
        return np.copysign(quotient, a / b)
    whole = np.floor(quotient)
    return whole + 1 if quotient - whole > 0.5 else whole
""",
    "sinc": """
def sinc(x):
    y = np.pi * (x if x != 0 else 1e-20)
    return np.sin(y) / y
""",
    "exponent": """
def exponent(x):
    return math.frexp(x)[1] if abs(x) < np.inf else 0
""",
    # By the Hurwitz zeta function, which is a sum of the first powers and Euler and Maclaurin's
    # formula for the others, as in Cephes.
    "polygamma": """
def polygamma(n, x):
    if n == 0:
        return special_psi(x, int32(0))
    s = n + 1.0
    if x == np.inf:
        return 0.0
    if x <= 0 and x == np.floor(x):
        return np.inf if n % 2 else -np.inf
    total, at, term, count = x ** -s, x, 0.0, 0
    while count < 9 or at <= 9:
        count, at = count + 1, at + 1
        term = at ** -s
        total += term
    total += term * at / (s - 1) - 0.5 * term
    factor, k = 1.0, 0.0
    for a in (
        12.0, -720.0, 30240.0, -1209600.0, 47900160.0, -1.8924375803183791606e9, 7.47242496e10,
        -2.950130727918164224e12, 1.1646782814350067249e14, -4.5979787224074726105e15,
        1.8152105401943546773e17, -7.1661652561756670113e18,
    ):
        factor *= s + k
        term /= at
        total += factor * term / a
        factor *= s + k + 1
        term /= at
        k += 2
    return (1.0 if n % 2 else -1.0) * math.gamma(s) * total
""",
}
_NAMED: dict[Function, str] = {
    np.remainder: "remainder", np.floor_divide: "floor_divide", np.sinc: "sinc", np.i0: "i0",
}  # fmt: skip


def name_of(function: Function) -> str | None:
    """The name under which there is one for a function of NumPy or SciPy, or an operation."""
    if type(function) is Operation:
        is_ours = function.name in ("exponent", "polygamma") and not function.is_own
        return function.name if is_ours else None
    if function in _NAMED:
        return _NAMED[function]
    if type(function) is not np.ufunc:
        return None
    path, _, name = (numpy_name(function) or "").rpartition(".")
    return name if path == "scipy.special" and name in _OF_SCIPY else None


def call(name: str, words: list[str]) -> str:
    """The function of numbers that are float64."""
    if name in _OF_SCIPY:
        return f"special_{name}({', '.join([*words, 'int32(0)'])})"
    return f"{name}({', '.join(words)})"
