"""grad and value_and_grad of a scalar function, vjp and jvp of any."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.transforms.variables import FunctionCall, check_function


def grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that computes the gradient of the scalar function ``f``.

    Formula      grad(f)(x) = ∂f/∂x
    Shapes       the structure and the shapes of the argument
    Parameters   argnums: which argument, or a tuple of several; what is given by name is passed on
                 has_aux: f returns (value, anything), and the result is (gradient, anything)
    Returns      arrays for arrays and numbers; recorded Tensors for Tensors, so that it nests.
                 Zero, with a warning, where f does not depend on its argument
    Raises       ArgumentTypeError when f does not return a scalar (then see `jacobian`)
    Example      d(x³)/dx = 3x² = 12 and d²(x³)/dx² = 6x = 12 at 2

    >>> from autograd_nn import grad
    >>> float(grad(lambda x: x ** 3)(2.0)), float(grad(grad(lambda x: x ** 3))(2.0))
    (12.0, 12.0)
    """
    both = value_and_grad(f, argnums, has_aux)

    @functools.wraps(f, updated=())
    def gradient(*args: Any, **keywords: Any) -> Any:
        value, found = both(*args, **keywords)
        return (found, value[1]) if has_aux else found

    return gradient


def value_and_grad(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that computes ``(f(x), gradient)`` in one pass; see `grad`.

    With ``has_aux`` f returns (value, anything), and the result is ((value, anything), gradient).

    Example      x² and 2x at 3

    >>> from autograd_nn import value_and_grad
    >>> value, gradient = value_and_grad(lambda x: x ** 2)(3.0)
    >>> float(value), float(gradient)
    (9.0, 6.0)
    """
    check_function(f)

    @functools.wraps(f, updated=())
    def value_and_gradient(*args: Any, **keywords: Any) -> tuple[Any, Any]:
        call = FunctionCall(f, argnums, args, has_aux, keywords)
        check_scalar(call)
        seeds, recorded = call.seeds_of(None)
        found = call.pulled(seeds, recorded)
        call.warn_of_independence(found)
        value = (call.value, call.aux) if has_aux else call.value
        return value, call.of_arguments(found, recorded)

    return value_and_gradient


def call_of_gradient(
    f: Callable[..., Any],
    argnums: int | Sequence[int],
    args: tuple[Any, ...],
    has_aux: bool,
    keywords: dict[str, Any] | None = None,
) -> FunctionCall:
    """A call of the gradient of the scalar function ``f``, to be differentiated again."""
    call = FunctionCall(f, argnums, args, has_aux, keywords)
    check_scalar(call)
    found = call.pulled(call.seeds_of(None)[0], True)
    call.warn_of_independence(found)
    call.returns_of_each(found)
    return call


def check_scalar(call: FunctionCall) -> None:
    """Refuse a function whose result is not one number."""
    if type(call.outline) is not int:
        raise ArgumentTypeError(
            f"The function must return one Tensor, got {type(call.outline).__name__}. "
            "Join several with np.stack or np.concatenate; with has_aux=True it returns "
            "(value, anything)."
        )
    output = call.outputs[0]
    if (output.size if type(output) is Tensor else np.size(output)) != 1:
        raise ArgumentTypeError(
            f"grad needs a function with a scalar result, this one has shape {np.shape(output)}. "
            "Reduce it with .sum() or .mean(), or use jacobian."
        )


def vjp(f: Callable[..., Any], *args: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """The value of ``f``, and the function that pulls a gradient of it back to its arguments.

    Formula      pull(v) = vᵀ·J, with J[i, j] = ∂f(x)[i] / ∂x[j]
    Shapes       v has the structure and the shapes of what f returns; the result is a tuple with
                 the structure and the shapes of each argument
    Parameters   has_aux: f returns (value, anything), and the result is (value, pull, anything)
    Returns      arrays for arrays and numbers; recorded Tensors for Tensors among the arguments,
                 and where v is one
    Raises       ShapeError when v has another shape than what f returns
    Example      y = x² elementwise has J = diag(2x)

    >>> import numpy as np
    >>> from autograd_nn import vjp
    >>> value, pull = vjp(lambda x: x ** 2, np.array([1.0, 2.0]))
    >>> value.tolist(), pull(np.array([1.0, 10.0]))[0].tolist()
    ([1.0, 4.0], [2.0, 40.0])
    """
    check_function(f)
    call = FunctionCall(f, tuple(range(len(args))), args, has_aux)

    def pull(seed: Any) -> Any:
        seeds, recorded = call.seeds_of(seed)
        found = call.pulled(seeds, recorded)
        call.warn_of_independence(found)
        return call.of_arguments(found, recorded)

    return (call.value, pull, call.aux) if has_aux else (call.value, pull)


def jvp(f: Callable[..., Any], args: Any, tangents: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """The value of ``f``, and its derivative along ``tangents``.

    Formula      J·v, with J[i, j] = ∂f(x)[i] / ∂x[j]: the gradient of uᵀ·J with respect to u
    Shapes       tangents as args; the derivative has the structure and the shapes of what f returns
    Parameters   args: a tuple of the arguments; one that is no tuple may stand for itself
                 tangents: the same structure
                 has_aux: f returns (value, anything), and the result is (value, derivative,
                 anything)
    Example      x² along 1 at 3: 2x = 6

    >>> from autograd_nn import jvp
    >>> value, derivative = jvp(lambda x: x ** 2, (3.0,), (1.0,))
    >>> float(value), float(derivative)
    (9.0, 6.0)
    """
    check_function(f)
    args, argnums = as_arguments(args)
    call = FunctionCall(f, argnums, args, has_aux)
    vectors, recorded = call.tangents_of(tangents, "tangents")
    found = call.pushed(vectors, recorded)
    if all(tangent is None for tangent in found):
        call.warn_of_independence([None] * len(vectors))
    derivative = call.of_outputs(found, recorded)
    return (call.value, derivative, call.aux) if has_aux else (call.value, derivative)


def as_arguments(args: Any) -> tuple[tuple[Any, ...], Any]:
    """A tuple of arguments, or one that stands for itself, and the ``argnums`` of all."""
    if isinstance(args, tuple) and not hasattr(args, "_fields"):
        return args, tuple(range(len(args)))
    return (args,), 0
