"""per_example_gradients: what each example says of the parameters."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd_nn.engine.batched import Batched
from autograd_nn.engine.contributions import from_examples
from autograd_nn.engine.errors import ShapeError
from autograd_nn.engine.operation import frozen
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.reverse import sweep
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor, current_watch
from autograd_nn.engine.transforms.first_derivatives import check_scalar
from autograd_nn.engine.transforms.variables import (
    FunctionCall,
    check_function,
    may_be_recorded,
    positions_of,
    settled,
    variables_for,
)

FEW = 8
"""So many examples are not worth the call of one beside them."""

Called = Callable[[Callable[[Any], Any]], FunctionCall]


def per_example_gradients(
    f: Callable[..., Any], argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Callable[..., Any]:
    """A function that computes the gradient of ``f`` for each example by itself.

    ``f`` is the loss of one example. It is called with the arguments of ``argnums`` as they are,
    and with one element of the first axis of every array among the others, also of those given by
    name; numbers, text and other objects among these are passed on as they are. Where none of its
    steps depends on what differs between examples (a branch, a random draw, a number taken out),
    it is called once, with all examples in place of one, and once more with the last, to see that
    the two agree; else, and for fewer than eight or recorded ones, it is called for each.

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
        others = {at: _with_arrays(x) for at, x in enumerate(args) if at not in kept}
        named = {name: _with_arrays(x) for name, x in keywords.items()}
        values, outline = flatten([others, named])
        number = _number_of_examples(values)
        variables, record = variables_for(given), may_be_recorded(given)

        def called(example: Callable[[Any], Any]) -> FunctionCall:
            """A call of f with what stands for an example in place of every array."""
            one, by_name = rebuild(outline, [example(x) if _has_axis(x) else x for x in values])
            given = tuple(one.get(at, x) for at, x in enumerate(args))
            call = FunctionCall(f, argnums, given, has_aux, by_name, variables)
            call.recorded = record
            check_scalar(call)
            return call

        columns, aux = None, list[Any]()
        if number >= FEW and not (record or has_aux or current_watch()):
            arrays = [x._data if type(x) is Tensor else x for x in values if _has_axis(x)]
            columns = _at_once(called, variables, arrays)
        if columns is None:
            columns, aux = _one_by_one(called, variables, number, record)
        structure = rebuild(arguments, columns)
        result = tuple(structure) if isinstance(argnums, (tuple, list)) else structure[0]
        return (result, aux) if has_aux else result

    return stacked


def _at_once(called: Called, variables: list[Tensor], arrays: list[Any]) -> list[Any] | None:
    """The gradients of all examples from one call; None where it takes a call for each.

    The last example is also taken by itself: a function that draws numbers or counts its calls
    gives something else then.
    """
    number = len(arrays[0])
    found: dict[Tensor, Any] = dict.fromkeys(variables)
    try:
        (root,) = called(
            lambda x: Batched(frozen(x._data if type(x) is Tensor else x))
        ).root_tensors
        seed = Batched(np.ones((number, *root.shape), root.dtype))
        for step in sweep(root, seed, from_examples, variables):
            found[step.input] = step.total
        value = root._data.values[-1]
        columns = [
            np.zeros((number, *x.shape), x.dtype) if found[x] is None else found[x].values
            for x in variables
        ]
    except Exception:  # whatever it is, a call for each example shows it, or does without
        return None
    alone = called(operator.itemgetter(-1))
    slopes = alone.pulled(*alone.seeds_of(None))
    near = [_is_near(alone.outputs[0]._data, value)]
    near += [
        _is_near(0 if d is None else d, column[-1])
        for d, column in zip(slopes, columns, strict=True)
    ]
    if not all(near):
        return None
    alone.warn_of_independence(slopes)
    return [_owned(x, [*arrays, *columns[:place]]) for place, x in enumerate(columns)]


def _owned(x: Any, others: list[Any]) -> Any:
    """In memory of its own: a rule may have returned what it was given, or a view of it."""
    shared = any(np.may_share_memory(x, other) for other in others)
    return x.copy() if shared or not (x.flags.writeable and x.flags.c_contiguous) else x


def _is_near(x: Any, y: Any) -> bool:
    """Equal but for rounding."""
    error, small = np.subtract(x, y), np.finfo(y.dtype).eps
    if np.vdot(error, error) <= small * np.vdot(x, x):
        return True
    return np.allclose(x, y, rtol=small**0.5, atol=0, equal_nan=True)  # not finite, or nothing


def _one_by_one(
    called: Called, variables: list[Tensor], number: int, record: bool
) -> tuple[list[Any], list[Any]]:
    """The gradients of each example from a call of its own, and what else the calls returned."""
    columns: list[Any] = [
        [] if record else np.empty((number, *x.shape), x.dtype) for x in variables
    ]
    aux = []
    for n in range(number):
        call = called(operator.itemgetter(n))
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
    return columns, aux


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
