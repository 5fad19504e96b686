"""Products with matrices of second derivatives, which are never made: hvp, gauss_newton_product."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_nn.engine.transforms.first_derivatives import as_arguments, call_of_gradient
from autograd_nn.engine.transforms.variables import FunctionCall, check_function


def hvp(f: Callable[..., Any], args: Any, vectors: Any, has_aux: bool = False) -> Any:
    """The product of the second derivatives of the scalar function ``f`` and ``vectors``.

    Formula      H·v with H[i, j] = ∂²f(x) / ∂x[i]∂x[j]: the gradient of gᵀ·v, where g is that of f
    Shapes       vectors and the product as args
    Parameters   args: a tuple of the arguments; one that is no tuple may stand for itself
                 vectors: the same structure
                 has_aux: f returns (value, anything), and the result is (product, anything)
    Returns      arrays for arrays and numbers; recorded Tensors where one is given
    Example      x³ at 2 along 5: 6x·5 = 60

    >>> from autograd_nn import hvp
    >>> float(hvp(lambda x: x ** 3, 2.0, 5.0))
    60.0
    """
    check_function(f)
    args, argnums = as_arguments(args)
    call = call_of_gradient(f, argnums, args, has_aux)
    seeds, record = call.seeds_of(vectors, "vectors")
    product = call.of_arguments(call.pulled(seeds, record), record)
    return (product, call.aux) if has_aux else product


def gauss_newton_product(
    f: Callable[..., Any], loss: Callable[..., Any], args: Any, vectors: Any
) -> Any:
    """The product of the Gauss–Newton matrix of ``loss(f(x))`` and ``vectors``.

    It is the Hessian without the second derivatives of f: where the loss is convex it is never
    negative, and where f is linear it is the Hessian.

    Formula      Jᵀ·H·J·v, with J the Jacobian of f and H the Hessian of the loss at f(x)
    Shapes       vectors and the product as args
    Parameters   args: a tuple of the arguments of f; one that is no tuple may stand for itself
                 vectors: the same structure
    Example      f = x², loss = y² / 2 at x = 3: J = 6 and H = 1, so 36·v; the Hessian is 54·v

    >>> from autograd_nn import gauss_newton_product, hvp
    >>> float(gauss_newton_product(lambda x: x ** 2, lambda y: y ** 2 / 2, 3.0, 1.0))
    36.0
    >>> float(hvp(lambda x: (x ** 2) ** 2 / 2, 3.0, 1.0))
    54.0
    """
    check_function(f)
    check_function(loss)
    args, argnums = as_arguments(args)
    call = FunctionCall(f, argnums, args)
    tangents, record = call.tangents_of(vectors, "vectors")
    moved = call.of_outputs(call.pushed(tangents, record), record)
    curved = hvp(loss, (call.value,), (moved,))[0]
    seeds, record = call.seeds_of(curved)
    return call.of_arguments(call.pulled(seeds, record), record)
