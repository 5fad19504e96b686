"""per_example_gradients: what each example says of the parameters."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ShapeError
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.transforms.first_derivatives import check_scalar
from autograd_nn.engine.transforms.variables import (
    FunctionCall,
    check_function,
    may_be_recorded,
    positions_of,
    settled,
    variables_for,
)


def per_example_gradients(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that computes the gradient of ``f`` for each example by itself.

    ``f`` is the loss of one example. It is called with the arguments of ``argnums`` as they are,
    and with one element of the first axis of every array among the others; numbers, text and other
    objects among these are passed on as they are.

    Formula      G[n] = ∂f(w, x[n], y[n]) / ∂w
    Shapes       N, followed by the argument's shape; in the structure of the argument
    Parameters   argnums: which argument, or a tuple of several
                 has_aux: f returns (value, anything), and the result is (gradients, a list of
                 these)
    Raises       ShapeError when the first axes differ in length, or there are none
    Example      (w·x − y)² has the gradient 2x(w·x − y): at w = 1, −2 for (1, 2) and 12 for (3, 1)

    >>> import numpy as np
    >>> from autograd_nn import per_example_gradients
    >>> each = per_example_gradients(lambda w, x, y: (w * x - y) ** 2)
    >>> each(1.0, np.array([1.0, 3.0]), np.array([2.0, 1.0])).tolist()
    [-2.0, 12.0]
    """
    check_function(f)

    @functools.wraps(f, updated=())
    def stacked(*args: Any, **keywords: Any) -> Any:
        kept = positions_of(argnums, args)
        given, arguments = flatten([args[at] for at in kept])
        variables = variables_for(given)
        others = {at: _with_arrays(x) for at, x in enumerate(args) if at not in kept}
        values, outline = flatten(others)
        number = _number_of_examples(values)
        record = may_be_recorded(given)
        columns: list[Any] = [
            [] if record else np.empty((number, *x.shape), x.dtype) for x in variables
        ]
        aux = []
        for n in range(number):
            one = rebuild(outline, [x[n] if _has_axis(x) else x for x in values])
            called = tuple(one.get(at, x) for at, x in enumerate(args))
            call = FunctionCall(f, argnums, called, has_aux, keywords, variables)
            call.recorded = record
            check_scalar(call)
            found = call.pulled(*call.seeds_of(None))
            if n == 0:
                call.warn_of_independence(found)
            for column, d, x in zip(columns, found, variables, strict=True):
                row = np.zeros(x.shape, x.dtype) if d is None else d
                if record:
                    column.append(row)
                else:
                    column[n] = row
            aux.append(call.aux)
        if record and number:
            with recorded():
                columns = [settled(np.stack(column), True) for column in columns]
        elif record:
            columns = [settled(np.zeros((0, *x.shape), x.dtype), True) for x in variables]
        structure = rebuild(arguments, columns)
        result = tuple(structure) if isinstance(argnums, (tuple, list)) else structure[0]
        return (result, aux) if has_aux else result

    return stacked


def _has_axis(x: Any) -> bool:
    return type(x) in (Tensor, np.ndarray) and x.ndim > 0


def _number_of_examples(values: list[Any]) -> int:
    shapes = [x.shape for x in values if _has_axis(x)]
    if not shapes:
        raise ShapeError(
            "per_example_gradients takes the examples from the first axis of the arguments that it "
            "is not differentiated by, and none of these is an array."
        )
    if any(shape[0] != shapes[0][0] for shape in shapes):
        raise ShapeError(
            "The first axes of the arguments are the examples, so they must have one length; got "
            f"the shapes {', '.join(map(str, shapes))}."
        )
    return shapes[0][0]


def _with_arrays(x: Any) -> Any:
    """Lists of numbers, which are examples written by hand, as arrays."""
    if type(x) is list and _is_of_numbers(x):
        return np.array(x)
    if type(x) in (list, tuple):
        return type(x)(map(_with_arrays, x))
    return {key: _with_arrays(item) for key, item in x.items()} if isinstance(x, dict) else x


def _is_of_numbers(x: Any) -> bool:
    if type(x) is list:
        return all(map(_is_of_numbers, x))
    return isinstance(x, (int, float))
