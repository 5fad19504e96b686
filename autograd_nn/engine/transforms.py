"""Functions of functions: grad, value_and_grad, jacobian. They nest to any order."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd_nn.engine.applying import apply
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.graph import topological
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.recording import current_scope, recorded, switched, value_needed
from autograd_nn.engine.reverse import gradients
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor, new_node

# The variables of the transforms around this one: a result that depends on one of them has to be
# recorded, so that the outer transform can differentiate it again.
_outer: ContextVar[tuple[Tensor, ...]] = ContextVar("autograd_nn_outer", default=())

# A Tensor given to a transform is seen by the function through a node of its own: what the inner
# transform differentiates is that node, and not the same Tensor used from around the function.
argument = Operation("argument", value=lambda x: x, gradients=(lambda g, out, x: g,))


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """A function that computes the gradient of the scalar function ``f``.

    Formula      grad(f)(x) = ∂f/∂x
    Shapes       the structure and the shapes of the argument
    Parameters   argnums: which argument, or a tuple of several
    Returns      arrays for arrays and numbers; recorded Tensors for Tensors, so that it nests.
                 Zero, with a warning, where f does not depend on its argument
    Raises       ArgumentTypeError when f does not return a scalar (then see `jacobian`)
    Example      d(x³)/dx = 3x² = 12 and d²(x³)/dx² = 6x = 12 at 2

    >>> from autograd_nn import grad
    >>> float(grad(lambda x: x ** 3)(2.0)), float(grad(grad(lambda x: x ** 3))(2.0))
    (12.0, 12.0)
    """
    both = value_and_grad(f, argnums)

    @functools.wraps(f, updated=())
    def gradient(*args: Any) -> Any:
        return both(*args)[1]

    return gradient


def value_and_grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """A function that computes ``(f(x), gradient)`` in one pass; see `grad`.

    Example      x² and 2x at 3

    >>> from autograd_nn import value_and_grad
    >>> value, gradient = value_and_grad(lambda x: x ** 2)(3.0)
    >>> float(value), float(gradient)
    (9.0, 6.0)
    """
    _check_function(f)

    @functools.wraps(f, updated=())
    def value_and_gradient(*args: Any) -> tuple[Any, Any]:
        with recorded():
            call = _Call(f, argnums, args)
            output = call.output
            if np.shape(output) != () and np.size(output) != 1:
                raise ArgumentTypeError(
                    f"grad needs a function with a scalar result, this one has shape "
                    f"{np.shape(output)}. Reduce it with .sum() or .mean(), or use jacobian."
                )
            found = call.gradients_of(output, None)
        return call.result(output), call.answer(found)

    return value_and_gradient


def jacobian(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """A function that computes the matrix of all derivatives of ``f``, one sweep for each row.

    Formula      J[i, j] = ∂f(x)[i] / ∂x[j]
    Shapes       f's shape followed by the argument's shape
    Parameters   argnums: which argument, or a tuple of several
    Example      x² elementwise has the Jacobian diag(2x)

    >>> import numpy as np
    >>> from autograd_nn import jacobian
    >>> jacobian(lambda x: x ** 2)(np.array([1.0, 2.0])).tolist()
    [[2.0, 0.0], [0.0, 4.0]]
    """
    _check_function(f)

    @functools.wraps(f, updated=())
    def matrix(*args: Any) -> Any:
        with recorded():
            call = _Call(f, argnums, args)
            shape = np.shape(call.output)
            rows = []
            for index in np.ndindex(*shape):
                seed = np.zeros(shape)
                seed[index] = 1
                rows.append(call.gradients_of(call.output, seed))
            stacked = [
                np.reshape(
                    np.stack([row[place] for row in rows])
                    if rows
                    else np.zeros((0, *variable.shape)),
                    (*shape, *variable.shape),
                )
                for place, variable in enumerate(call.variables)
            ]
        return call.answer(stacked)

    return matrix


class _Call:
    """One call of a function with fresh variables in place of the arguments to differentiate."""

    def __init__(
        self,
        f: Callable[..., Any],
        argnums: int | Sequence[int],
        args: tuple[Any, ...],
    ) -> None:
        self.one = isinstance(argnums, (int, np.integer))
        positions: list[Any] = list(argnums) if isinstance(argnums, (tuple, list)) else [argnums]
        given = [_argument_at(args, position) for position in positions]
        values, self.outline = flatten(given)
        self.from_tensors = any(type(value) is Tensor for value in values)
        self.variables = [_variable(value) for value in values]
        fresh = rebuild(self.outline, self.variables)
        called = list(args)
        for position, value in zip(positions, fresh, strict=True):
            called[position] = value
        around = _outer.get()
        with _inside((*around, *self.variables)):
            self.output = f(*called)
        if isinstance(self.output, (list, tuple, dict)) or self.output is None:
            raise ArgumentTypeError(
                f"The function must return one Tensor, got {type(self.output).__name__}. "
                "Join several with np.stack or np.concatenate."
            )
        self.depends = _differentiated(self.output) if type(self.output) is Tensor else set()
        self.create_graph = self.from_tensors or any(outer in self.depends for outer in around)

    def gradients_of(self, output: Any, seed: Any) -> list[Any]:
        """One sweep: a gradient for each variable, zeros where the output does not depend on it."""
        used = [variable for variable in self.variables if variable in self.depends]
        found: dict[Tensor, Any] = {}
        if used:
            found = dict(zip(used, gradients(output, used, seed, self.create_graph), strict=True))
        if len(used) < len(self.variables):
            warnings.warn(
                "The output does not depend on the argument that it is differentiated by: its "
                "gradient is zero. Is a part computed outside the function, or with .data?",
                UserWarning,
                stacklevel=4,
            )
        return [
            found[variable]
            if found.get(variable) is not None
            else np.zeros(variable.shape, variable.dtype)[()]
            for variable in self.variables
        ]

    def answer(self, found: list[Any]) -> Any:
        """The gradients in the structure of the arguments."""
        if self.create_graph:
            found = [g if type(g) is Tensor else Tensor(g, requires_grad=False) for g in found]
        structure = rebuild(self.outline, found)
        return structure[0] if self.one else tuple(structure)

    def result(self, output: Any) -> Any:
        """The value of the function: plain for plain arguments."""
        return output._data if type(output) is Tensor and not self.create_graph else output


def _differentiated(output: Tensor) -> set[Tensor]:
    """What a gradient of ``output`` flows to: not what merely decided, by a comparison."""
    if not output._requires_grad:
        return set()
    nodes = topological(output, leaves=False)
    reached = {x for node in nodes for x in node.inputs if type(x) is Tensor and x._requires_grad}
    return reached | {output}


def _variable(value: Any) -> Tensor:
    if type(value) is Tensor:
        if value._requires_grad:
            return apply(argument, value)
        around = current_scope.get()
        if around is not None and value.dtype.kind == "f":
            # Of a constant too: a program computes anew what depends on it.
            return new_node(argument, value._data[()], (value,), None, around)
        value = value._data
    variable = Tensor(value)
    if variable.dtype.kind != "f":
        raise ArgumentTypeError(
            f"Only floating-point arguments can be differentiated, got {variable.dtype}. "
            "Convert it: x.astype(float)."
        )
    return variable


def _argument_at(args: tuple[Any, ...], position: Any) -> Any:
    if not isinstance(position, (int, np.integer)) or isinstance(position, bool):
        raise ArgumentTypeError(f"`argnums` must be integers, got {position!r}.")
    if not -len(args) <= position < len(args):
        raise ArgumentError(
            f"`argnums` names argument {position}, but the function was called with {len(args)}."
        )
    return args[position]


def _check_function(f: Any) -> None:
    if not callable(f):
        raise ArgumentTypeError(
            f"Expected a function, got {type(f).__name__}. Write grad(f)(x), not grad(f(x)); "
            "the gradients of a recorded Tensor are gradients(output, inputs)."
        )


@contextmanager
def _inside(variables: tuple[Tensor, ...]) -> Iterator[None]:
    token = _outer.set(variables)
    try:
        with switched(value_needed):
            yield
    finally:
        _outer.reset(token)
