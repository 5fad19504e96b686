"""Special functions with closed derivatives; the values are SciPy's (``pip install
'autograd-nn[scipy]'``). SciPy's own functions take Tensors too.

>>> from autograd_nn import Tensor, special
>>> x = Tensor(0.0)
>>> special.erf(x).backward()
>>> print(f"{x.grad:.6f}")  # 2/√π
1.128379
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.engine.errors import MissingPackageError
from autograd_nn.engine.operation import OF_NUMPY, Operation
from autograd_nn.engine.operations import activation_functions
from autograd_nn.engine.operations.activation_functions import sigmoid
from autograd_nn.engine.operations.exponents import logsumexp
from autograd_nn.engine.operations.smooth_activations import log_sigmoid

__all__ = [
    "beta", "betaln", "digamma", "entr", "erf", "erfc", "erfcx", "expit", "gammaln", "i0e", "i1e",
    "kl_div", "log_ndtr", "log_softmax", "logit", "logsumexp", "ndtr", "polygamma", "rel_entr",
    "softmax", "xlog1py", "xlogy",
]  # fmt: skip


def _scipy() -> Any:
    try:
        import scipy.special
    except ImportError:
        raise MissingPackageError(
            "Special functions need SciPy: pip install 'autograd-nn[scipy]'."
        ) from None
    return scipy.special


def found_by_name(kind: str, name: str) -> Any:
    """A function of SciPy's ("scipy") that is an operation here, or an operation of this file, None
    where the name is of neither."""
    if kind == "scipy":
        found = vars(_scipy()).get(name)
        return found if isinstance(found, np.ufunc) and found in OF_NUMPY else None
    own = [thing for thing in map(globals().get, __all__) if isinstance(thing, Operation)]
    return next((operation for operation in own if operation.name == name), None)


def _of_scipy(name: str, *gradients: Callable[..., Any] | None, formula: Any = None) -> Operation:
    """The operation that one of SciPy's functions is."""
    function = getattr(_scipy(), name)
    return Operation(
        name.removeprefix("_"),
        numpy=function,
        value=function,
        gradients=gradients,
        formula=formula,
    )


expit = sigmoid
OF_NUMPY[_scipy().expit] = sigmoid
OF_NUMPY[_scipy().log_expit] = log_sigmoid
for _name in ("cbrt", "exp2", "expm1", "i0", "log1p"):  # what NumPy has too
    OF_NUMPY.setdefault(getattr(_scipy(), _name), OF_NUMPY[getattr(np, _name)])


def softmax(x: Any, axis: Any = None) -> Any:
    """e^x over its sum: over all elements as SciPy's, or along ``axis``.

    >>> softmax([[0.0, 0.0], [0.0, 0.0]])
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """
    return activation_functions.softmax(x, axis=_all_axes(x, axis))


def log_softmax(x: Any, axis: Any = None) -> Any:
    """The logarithm of `softmax`, exact also where that is 0 in floating point."""
    return activation_functions.log_softmax(x, axis=_all_axes(x, axis))


def _all_axes(x: Any, axis: Any) -> Any:
    return tuple(range(np.ndim(x))) if axis is None else axis


erf = _of_scipy("erf", lambda g, out, x: g * (2 / np.sqrt(np.pi)) * np.exp(-x * x))
erfc = _of_scipy("erfc", lambda g, out, x: g * (-2 / np.sqrt(np.pi)) * np.exp(-x * x))
# e^(x²)·erfc(x), which does not underflow where erfc does.
erfcx = _of_scipy("erfcx", lambda g, out, x: g * (2 * x * out - 2 / np.sqrt(np.pi)))
ndtr = _of_scipy("ndtr", lambda g, out, x: g * np.exp(-x * x / 2) / np.sqrt(2 * np.pi))
# The density over the distribution, exact also where both are 0 in floating point.
log_ndtr = _of_scipy("log_ndtr", lambda g, out, x: g * np.sqrt(2 / np.pi) / erfcx(-x / np.sqrt(2)))
logit = _of_scipy("logit", lambda g, out, x: g / (x * (1 - x)))

# The derivative of polygamma n is polygamma n + 1; digamma is number 0.
polygamma: Operation = Operation(
    "polygamma",
    value=lambda n, x: np.asarray(_scipy().polygamma(n, x), x.dtype)[()],
    gradients=(None, lambda g, out, n, x: g * polygamma(n + 1, x)),
)
digamma = _of_scipy("psi", lambda g, out, x: g * polygamma(1, x))
gammaln = _of_scipy("gammaln", lambda g, out, x: g * digamma(x))
betaln = _of_scipy(
    "betaln",
    lambda g, out, a, b: g * (digamma(a) - digamma(a + b)),
    lambda g, out, a, b: g * (digamma(b) - digamma(a + b)),
)
beta = _of_scipy(
    "beta",
    lambda g, out, a, b: g * out * (digamma(a) - digamma(a + b)),
    lambda g, out, a, b: g * out * (digamma(b) - digamma(a + b)),
)


def _over(x: Any, y: Any) -> Any:
    # 0/y is 0, also at y = 0.
    return np.where(x == 0, 0, x) / np.where(x == 0, 1, y)


xlogy = _of_scipy(
    "xlogy",
    lambda g, out, x, y: g * np.log(y),
    lambda g, out, x, y: g * _over(x, y),
    formula=(None, lambda g, out, x, y: g * x / y),
)
xlog1py = _of_scipy(
    "xlog1py",
    lambda g, out, x, y: g * np.log1p(y),
    lambda g, out, x, y: g * _over(x, 1 + y),
    formula=(None, lambda g, out, x, y: g * x / (1 + y)),
)
entr = _of_scipy("entr", lambda g, out, x: -g * (np.log(x) + 1))
rel_entr = _of_scipy(
    "rel_entr",
    lambda g, out, x, y: g * (np.log(x / y) + 1),
    lambda g, out, x, y: -g * _over(x, y),
    formula=(None, lambda g, out, x, y: -g * x / y),
)
kl_div = _of_scipy(
    "kl_div",
    lambda g, out, x, y: g * np.log(x / y),
    lambda g, out, x, y: g * (1 - _over(x, y)),
    formula=(None, lambda g, out, x, y: g * (1 - x / y)),
)


def _i1e_over_x(out: Any, x: Any) -> Any:
    return np.where(x == 0, 0.5, out / np.where(x == 0, 1, x))


# e^(−|x|) times the modified Bessel functions I₀ and I₁, with I₀′ = I₁ and I₁′ = I₀ − I₁/x.
i1e: Operation = _of_scipy(
    "i1e",
    lambda g, out, x: g * (i0e(x) - _i1e_over_x(out, x) - np.sign(x) * out),
    formula=(lambda g, out, x: g * (i0e(x) - out / x - np.sign(x) * out),),
)
i0e: Operation = _of_scipy("i0e", lambda g, out, x: g * (i1e(x) - np.sign(x) * out))
