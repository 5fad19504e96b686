"""Gradients as one wants them: stop_gradient, custom_gradient."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn.engine.applying import apply
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.structures import described, flatten, rebuild
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.transforms.computed_again import check_same, without_draws
from autograd_nn.engine.transforms.variables import check_function

stopped = Operation("stop_gradient", value=np.copy, gradients=(None,))


def stop_gradient(t: Any) -> Any:
    """The same value, through which no gradient flows: to be differentiated it is a constant.

    Parameters   t: a Tensor, or a (nested) list, tuple or dict; what is no Tensor stays as it is
    Example      x·stop_gradient(x) at 3 is 9, and its derivative 3

    >>> from autograd_nn import stop_gradient, value_and_grad
    >>> value, slope = value_and_grad(lambda x: x * stop_gradient(x))(3.0)
    >>> float(value), float(slope)
    (9.0, 3.0)
    """
    values, outline = flatten(t)
    return rebuild(outline, [apply(stopped, x) if type(x) is Tensor else x for x in values])


def custom_gradient(f: Callable[..., Any]) -> Operation:
    """An operation whose gradient is what ``f`` says, and not that of what it computes.

    ``f(*inputs)`` returns (value, rule), and ``rule(g)`` with g = dL/d(value) the gradient of the
    input, or a tuple with one for each. It is called with arrays, and with Tensors where the
    gradient is itself to be differentiated: write it with operators and NumPy's functions. What it
    uses from outside is constant; Tensors are given as inputs. It is called again for its rule, so
    random numbers are given as inputs too: other ones there are an error.

    Shapes       as the rules of an `Operation`: broadcasting is undone
    Example      A straight-through estimator: rounded, but with the gradient of its input

    >>> import numpy as np
    >>> from autograd_nn import custom_gradient, value_and_grad
    >>> @custom_gradient
    ... def rounded(x):
    ...     return np.round(x), lambda g: g
    >>> value, slope = value_and_grad(lambda x: rounded(x) ** 2)(1.8)
    >>> float(value), float(slope)
    (4.0, 4.0)
    """
    check_function(f)
    name = getattr(f, "__name__", type(f).__name__)

    @functools.wraps(f, updated=())
    def value(*inputs: Any, **attributes: Any) -> Any:
        with without_draws(name):
            found = _both(f, inputs, attributes)[0]
        if any(type(x) is Tensor for x in flatten(found)[0]):
            raise ArgumentTypeError(
                f"{name} uses a Tensor from outside, whose gradient would be lost. Give it "
                "as an input, with a gradient for it from the rule."
            )
        return found

    @functools.wraps(f, updated=())
    def gradients(g: Any, out: Any, *inputs: Any, **attributes: Any) -> Any:
        with undone():
            again, rule = _both(f, inputs, attributes)
        check_same(name, out, again)
        if type(g) is tuple:
            g = tuple(
                np.zeros(x.shape, x.dtype) if d is None else d for d, x in zip(g, out, strict=True)
            )
        found = rule(g)
        return found if isinstance(found, (tuple, list)) else (found,)

    return Operation(name, value=value, gradients=gradients)


def _both(f: Any, inputs: Any, attributes: Any) -> tuple[Any, Any]:
    returned = f(*inputs, **attributes)
    if not isinstance(returned, tuple) or len(returned) != 2 or not callable(returned[1]):
        raise ArgumentTypeError(
            "custom_gradient takes a function that returns (value, rule), where rule(g) gives the "
            f"gradient of each input, got {described(returned)}."
        )
    return returned
