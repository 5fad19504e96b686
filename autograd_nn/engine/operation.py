"""Operation: the one place where a rule of calculus is written down."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError

Rule = Callable[..., Any]


class OwnRules(tuple[Any, ...]):
    """The rules of an operation that a user wrote: what they are given is frozen.

    A type of its own, so that the fast sweep can leave them to the general case at no cost.
    """

    __slots__ = ()


class Operation:
    """A function of arrays together with its derivative.

    ``value(*inputs, **attributes)`` computes the result with ordinary NumPy. ``gradients`` says
    how the gradient flows back: a tuple with one rule per input, or None for an input that has no
    derivative; or, for a varying number of inputs, one function that returns a gradient for each.

    Formula      rule(g, out, *inputs, **attributes) with g = dL/d(out): the contribution to the
                 gradient of that input
    Shapes       a rule may return anything that broadcasts to its input's shape or sums down to
                 it: broadcasting is undone by the engine, and so is a change of dtype
    Parameters   name: shown in pictures and errors
                 symbol: a short form for pictures, the name when not given
                 numpy: the NumPy function that it is, or a tuple of them: called with a Tensor
                 they apply it. Where one takes its arguments in another form, a dict has for each
                 function the call that applies the operation, or None
                 formula: for pictures, rules as one writes them on paper, in the same places and
                 with the same arguments; None, or None in a place, where the rule itself is as
                 readable (a rule is written down by running it on symbols); a text in a place
                 where only words can be read
                 javascript: where the value is no composition of NumPy's functions, what it does to
                 single elements, as an expression of JavaScript: ``"Math.max(x, 0)"``, with x, y, z
                 for the inputs in their order; or a tuple of that and one text for each rule, with
                 g and out too, None where a rule is such a composition
                 batched: True says that the rules take a ``g`` with one more axis in front and
                 keep it (``g * y`` does, ``g.T`` does not); then a Jacobian takes many rows at
                 once. None means that of a user's own operation it takes one after the other
    Raises       ArgumentTypeError when a value or a rule cannot be called;
                 ArgumentError when a function of NumPy is another operation's already
    Example      d(x³)/dx at 2 is 3·2² = 12

    >>> from autograd_nn import Operation, Tensor
    >>> cube = Operation("cube", value=lambda x: x * x * x,
    ...                  gradients=(lambda g, out, x: g * 3 * x * x,))
    >>> x = Tensor(2.0)
    >>> cube(x).backward()
    >>> print(x.grad)
    12.0

    A value function that returns a tuple makes an operation with several results: it is called
    once, its rules receive ``g`` as a tuple with None where no gradient came.
    """

    __slots__ = (
        "batched",
        "formula",
        "gradients",
        "has_rules",
        "is_own",
        "javascript",
        "name",
        "numpy",
        "symbol",
        "value",
    )

    def __init__(
        self,
        name: str,
        *,
        value: Callable[..., Any],
        gradients: tuple[Rule | None, ...] | Rule,
        symbol: str | None = None,
        numpy: Any = None,
        formula: tuple[Rule | str | None, ...] | None = None,
        batched: bool | None = None,
        javascript: str | tuple[str | None, ...] | None = None,
    ) -> None:
        if not isinstance(name, str):
            raise ArgumentTypeError(f"`name` must be a string, got {name!r}.")
        if not name:
            raise ArgumentError("`name` must not be empty.")
        if not callable(value):
            raise ArgumentTypeError(f"`value` of {name!r} must be a function, got {value!r}.")
        if isinstance(gradients, list):
            gradients = tuple(gradients)
        if isinstance(gradients, tuple):
            for slot, rule in enumerate(gradients):
                if rule is not None and not callable(rule):
                    raise ArgumentTypeError(
                        f"`gradients[{slot}]` of {name!r} must be a function "
                        f"rule(g, out, *inputs) or None, got {rule!r}."
                    )
        elif not callable(gradients):
            raise ArgumentTypeError(
                f"`gradients` of {name!r} must be a tuple with one rule per input "
                f"(write (rule,) for one), or one function for all, got {gradients!r}."
            )
        self.name = name
        self.symbol = symbol if symbol is not None else name
        self.value = value
        self.is_own = any(map(_is_of_a_user, [value, *_functions(gradients)]))
        if self.is_own and isinstance(gradients, tuple):
            gradients = OwnRules(gradients)
        self.gradients = gradients
        # Without inputs, as a random draw has none, there is nothing to have a rule for.
        self.has_rules = not isinstance(gradients, tuple) or not gradients or any(gradients)
        self.batched = batched if batched is not None else not self.is_own
        self.formula = formula
        self.javascript: tuple[str | None, ...] = (None,)
        if javascript is not None:
            from autograd_nn.engine.javascript_texts import checked_texts  # rarely needed

            self.javascript = checked_texts(name, javascript, gradients)
        self.numpy = _claimed(self, numpy)

    if TYPE_CHECKING:
        # A record knows no Tensor: `applying.py` gives it its call.
        def __call__(self, *inputs: Any, **attributes: Any) -> Any: ...

    def __copy__(self) -> Self:
        return self  # an operation is known by its identity, also in the copy of a layer

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> Any:
        return _held_by, _place_of(self)

    @property
    def __name__(self) -> str:
        """The name, as of a function: a program that asks an activation gets "relu" of each."""
        return self.name

    def __repr__(self) -> str:
        return f"<Operation {self.name}>"


def _functions(gradients: Any) -> Any:
    return gradients if isinstance(gradients, tuple) else (gradients,)


def _is_of_a_user(function: Any) -> bool:
    """Whether a value or a rule is none of this library's, which its tests hold to the rules."""
    module = getattr(function, "__module__", None) or "numpy"
    return module.partition(".")[0] not in _OURS


_OURS = frozenset({"autograd_nn", "numpy", "scipy", "_operator", "operator"})


def _place_of(operation: Operation) -> tuple[str, str]:
    """The module and the variable in it that hold an operation, for pickling by reference."""
    last = ("__main__", "__mp_main__")
    others = [name for name in sys.modules if name not in last]
    for module in ("autograd_nn.ops", *others, *last):
        for name, value in list(getattr(sys.modules.get(module), "__dict__", {}).items()):
            if value is operation:
                return module, name
    raise StateError(
        f"The operation {operation.name!r} is pickled by its name in a module, and no module has "
        "it: assign it to a variable outside of all functions."
    )


def _held_by(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


OF_NUMPY: dict[Any, Callable[..., Any]] = {}
"""What a function of NumPy does with Tensors: the call that applies its operation."""

_owners: dict[Any, Operation] = {}


def _claimed(operation: Operation, numpy: Any) -> tuple[Any, ...]:
    """The functions of NumPy that an operation is, entered into the table."""
    if numpy is None:
        return ()
    functions = numpy if isinstance(numpy, (tuple, list, dict)) else (numpy,)
    calls = functions if isinstance(functions, dict) else dict.fromkeys(functions)
    for function in calls:
        name = getattr(function, "__name__", repr(function))
        if not _asks_its_arguments(function):
            raise ArgumentTypeError(
                f"`numpy` of {operation.name!r} must be functions of NumPy that work on Tensors, "
                f"such as np.exp or np.sum, got {name}."
            )
        owner = _owners.get(function)
        # A user's own once more, under the same name: a cell of a notebook, run twice.
        if owner is not None and not (
            owner.is_own and (not operation.is_own or owner.name == operation.name)
        ):
            raise ArgumentError(
                f"np.{name} is the operation {owner.name!r} already, so it cannot be "
                f"{operation.name!r} too. Leave out `numpy` and call the operation itself."
            )
    for function, call in calls.items():
        owner = _owners.get(function)
        if owner is None or operation.is_own:  # of a family that is loaded later a user's own stays
            _owners[function] = operation
            OF_NUMPY[function] = operation if call is None else call
    return tuple(calls)


def _asks_its_arguments(function: Any) -> bool:
    """Whether NumPy leaves it to a Tensor what the function does."""
    reduced = getattr(function, "__self__", None) if callable(function) else None
    return (
        isinstance(function, np.ufunc)
        or isinstance(reduced, np.ufunc)
        or hasattr(function, "_implementation")
    )


def frozen(x: Any) -> Any:
    """What functions of a user are given: the same numbers, read-only, as others read them."""
    if type(x) is tuple:
        return tuple(frozen(item) for item in x)
    if type(x) is not np.ndarray or not x.flags.writeable:
        return x
    view = x.view()
    view.flags.writeable = False
    return view


def written_to(operation: Operation, what: str, error: ValueError) -> ValueError:
    """NumPy's refusal to write into what is frozen, with the way out; other errors as they are."""
    if not operation.is_own or "read-only" not in str(error):
        return error
    return ArgumentError(
        f"{what} of {operation.name} writes into what it was given, which others still read. "
        "Compute something new: `x = x * 2` in place of `x *= 2`, or x.copy() first."
    )


def _part_rule(g: Any, out: Any, results: Any, index: int) -> Any:
    raise NotImplementedError  # the reverse sweep puts g in its place of the tuple by itself


# One result of an operation with several.
part = Operation("part", value=lambda results, index: results[index], gradients=_part_rule)
