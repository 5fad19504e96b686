"""One call of a function with fresh variables in place of what it is differentiated by."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd_nn.engine.applying import apply
from autograd_nn.engine.derivatives import recorded_seed, swept, unshared
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.graph import topological
from autograd_nn.engine.observing import observed
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.recording import recorded, switched, value_needed
from autograd_nn.engine.reverse import as_seed
from autograd_nn.engine.structures import described, flatten, flatten_like, paths_of, rebuild
from autograd_nn.engine.taking import outside
from autograd_nn.engine.tensor import Tensor, new_leaf, new_node

# The variables of the transforms around this one: a result that depends on one of them has to be
# recorded, so that the outer transform can differentiate it again.
_outer: ContextVar[tuple[Tensor, ...]] = ContextVar("autograd_nn_outer", default=())

# A Tensor given to a transform is seen by the function through a node of its own: what the inner
# transform differentiates is that node, and not the same Tensor used from around the function.
argument = Operation("argument", value=lambda x: x, gradients=(lambda g, out, x: g,))

# Several results as one root of a sweep, whose gradient is a tuple with one for each.
joined = Operation("joined", value=lambda *results: results, gradients=lambda g, out, *results: g)


class FunctionCall:
    """One call of a function, and sweeps through what it recorded.

    ``outputs`` are the values of what it returned, whose structure is ``outline``; those at
    ``roots`` have a gradient. ``recorded`` says that Tensors are wanted, not arrays: where a
    Tensor was given, where the result depends on a variable of a transform around this one, and
    where a program is made of it.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        argnums: int | Sequence[int],
        args: tuple[Any, ...],
        has_aux: bool = False,
        keywords: dict[str, Any] | None = None,
        variables: list[Tensor] | None = None,
    ) -> None:
        self._one = isinstance(argnums, (int, np.integer))
        positions = positions_of(argnums, args)
        values, self._arguments = flatten([args[at] for at in positions])
        self.recorded = observed() is not None or any(type(x) is Tensor for x in values)
        self.variables = variables_for(values) if variables is None else variables
        called = list(args)
        for position, value in zip(
            positions, rebuild(self._arguments, self.variables), strict=True
        ):
            called[position] = value
        around = _outer.get()
        token = _outer.set((*around, *self.variables))
        try:
            with recorded(), switched(value_needed):
                returned = f(*called, **(keywords or {}))
        finally:
            _outer.reset(token)
        self.aux: Any = None
        if has_aux:
            returned, self.aux = _with_aux(returned)
        self._returns(*flatten(returned))
        for output in self.outputs:
            if type(output) is not Tensor and np.asarray(output).dtype.kind not in "fiub":
                raise ArgumentTypeError(
                    "The function must return Tensors, arrays or numbers, alone or in lists, "
                    f"tuples and dicts; got {type(output).__name__}."
                )
        if around and not self.recorded:
            self.recorded = any(_depends(self.outputs[place], around) for place in self.roots)
        if has_aux and not self.recorded:
            parts, outline = flatten(self.aux)
            self.aux = rebuild(outline, [_plain(x, around) for x in parts])

    def _returns(self, outputs: list[Any], outline: Any) -> None:
        self.outputs, self.outline = outputs, outline
        self.roots = [
            place
            for place, output in enumerate(outputs)
            if type(output) is Tensor and output._requires_grad
        ]

    def returns_of_each(self, found: list[Any]) -> None:
        """From here on the outputs are what was found for each variable, 0 in place of None."""
        outline = self._arguments[0] if self._one else tuple(self._arguments)
        self._returns(self._filled(found), outline)

    # ------------------------------------------------------------------ sweeps

    def pulled(self, seeds: Sequence[Any], recorded: bool) -> list[Any]:
        """For each variable Σ seed · ∂root/∂variable; None where no root depends on it."""
        if not self.roots:
            return [None] * len(self.variables)
        return _swept(self.root_tensors, seeds, self.variables, recorded)

    def transposed(self) -> tuple[list[Tensor], list[Any]]:
        """Seeds of 1, and what they pull: a computation linear in them, recorded.

        Its own gradient pushes forward: that of seedᵀ·J with respect to the seed is J.
        """
        ones = [new_leaf(np.ones_like(root._data)[()], True) for root in self.root_tensors]
        return ones, self.pulled(ones, True)

    def pushed(self, tangents: Sequence[Any], recorded: bool) -> list[Any]:
        """For each root Σ ∂root/∂variable · tangent; None where it is 0."""
        ones, pulled = self.transposed()
        pairs = [
            (x, tangent)
            for x, tangent in zip(pulled, tangents, strict=True)
            if x is not None and x._requires_grad
        ]
        if not pairs:
            return [None] * len(ones)
        return _swept([x for x, _ in pairs], [t for _, t in pairs], ones, recorded)

    # ------------------------------------------------------------------ in and out

    @property
    def root_tensors(self) -> list[Tensor]:
        """What is differentiated."""
        return [self.outputs[place] for place in self.roots]

    def seeds_of(self, given: Any, what: str = "seed") -> tuple[list[Any], bool]:
        """What is given in the structure of the outputs, for each root; whether to record."""
        seeds = flatten_like(self.outline, given, what)
        seeds = [seeds[place] for place in self.roots]
        if given is not None or what != "seed":  # of one number it is 1
            _refuse_none(what, seeds)
        return _checked(what, self.root_tensors, seeds, self.recorded)

    def tangents_of(self, given: Any, what: str) -> tuple[list[Any], bool]:
        """What is given in the structure of the arguments, for each variable."""
        arguments = self._arguments[0] if self._one else tuple(self._arguments)
        tangents = flatten_like(arguments, given, what)
        _refuse_none(what, tangents)
        return _checked(what, self.variables, tangents, self.recorded)

    @property
    def value(self) -> Any:
        """What the function returned: plain for plain arguments."""
        if self.recorded:
            return rebuild(self.outline, self.outputs)
        return rebuild(self.outline, [_plain(x) for x in self.outputs])

    def of_arguments(self, found: list[Any], recorded: bool) -> Any:
        """Gradients in the structure of the arguments, 0 in place of None."""
        return self.arranged([settled(x, recorded) for x in self._filled(unshared(found))])

    def _filled(self, found: list[Any]) -> list[Any]:
        return [
            np.zeros(x.shape, x.dtype)[()] if gradient is None else gradient
            for gradient, x in zip(found, self.variables, strict=True)
        ]

    def of_outputs(self, found: list[Any], recorded: bool) -> Any:
        """Tangents of the roots in the structure of the outputs, 0 in place of None."""
        by_place = dict(zip(self.roots, unshared(found), strict=True))
        values = []
        for place, output in enumerate(self.outputs):
            tangent = by_place.get(place)
            if tangent is None:
                shape, dtype = np.shape(output), np.result_type(output)
                tangent = np.zeros(shape, dtype if dtype.kind == "f" else np.float64)[()]
            values.append(settled(tangent, recorded))
        return rebuild(self.outline, values)

    def warn_of_independence(self, found: Sequence[Any]) -> None:
        """Of a variable for which nothing was found: often something was left out."""
        missing = [
            place
            for place, (x, d) in enumerate(zip(self.variables, found, strict=True))
            if d is None and not any(_depends(root, (x,)) for root in self.root_tensors)
        ]
        if not missing:
            return
        which = "the argument that it is differentiated by"
        if len(self.variables) > 1:
            which = f"{self._named(missing)} of what it is differentiated by"
        why = "Is a part computed outside the function, or with .data?"
        given = {x for place in missing for x in self.variables[place].inputs}
        if any(_depends(root, tuple(given)) for root in self.root_tensors):
            why = (
                "The function uses the Tensor itself, from outside, in place of the argument that "
                "it is given; gradients(output, inputs) has the gradients of Tensors that are used."
            )
        _, steps = outside(sys._getframe(1))
        warnings.warn(
            f"The output does not depend on {which}: its gradient is zero. {why}",
            UserWarning,
            stacklevel=2 + steps,
        )

    def _named(self, places: list[int]) -> str:
        """Where these variables stand in the arguments, as one writes it."""
        paths = paths_of(self._arguments)
        if self._one:
            paths = [path[len("[0]") :] for path in paths]
        names = [paths[place] for place in places[:4]] + ["…"] * (len(places) > 4)
        return ", ".join(names)

    def arranged(self, values: list[Any]) -> Any:
        """A value for each variable in the structure of the arguments."""
        structure = rebuild(self._arguments, values)
        return structure[0] if self._one else tuple(structure)


def _swept(
    roots: list[Tensor], seeds: Sequence[Any], wanted: list[Tensor], recorded: bool
) -> list[Any]:
    if len(roots) == 1:
        return swept(roots[0], seeds[0], wanted, recorded)
    root = new_node(joined, tuple(x._data for x in roots), tuple(roots), None, "")
    return swept(root, tuple(seeds), wanted, recorded)


def _checked(
    what: str, likes: list[Tensor], given: list[Any], recorded: bool
) -> tuple[list[Any], bool]:
    recorded = recorded or any(type(x) is Tensor for x in given)
    starts = [as_seed(like, x, what) for like, x in zip(likes, given, strict=True)]
    if recorded:
        starts = [recorded_seed(*each) for each in zip(likes, given, starts, strict=True)]
    return starts, recorded


def _refuse_none(what: str, given: list[Any]) -> None:
    if any(x is None for x in given):
        raise ArgumentTypeError(f"`{what}` holds None. Give zeros where there is none of it.")


def settled(x: Any, recorded: bool) -> Any:
    """What goes out: a Tensor where that is wanted."""
    return new_leaf(x) if recorded and type(x) is not Tensor else x


def _plain(x: Any, around: tuple[Tensor, ...] = ()) -> Any:
    """The value of a Tensor, in memory that nobody else has; of none that depends on ``around``."""
    if type(x) is not Tensor or _depends(x, around):
        return x
    data = x._data
    if type(data) is np.ndarray and (x.operation is None or data.base is not None):
        return data.copy()
    return data


def _depends(output: Tensor, around: tuple[Tensor, ...]) -> bool:
    """Whether a gradient of ``output`` flows to one of these: not what merely decided."""
    if not output._requires_grad or not around:
        return False
    nodes = topological(output, leaves=False)
    reached = {x for node in nodes for x in node.inputs if type(x) is Tensor and x._requires_grad}
    return not (reached | {output}).isdisjoint(around)


def depends_on_outside(output: Tensor) -> bool:
    """Whether a gradient flows to a leaf, or to a variable of a transform around this place."""
    leaves = (x for x in topological(output) if x.operation is None)
    return any(x._requires_grad for x in leaves) or _depends(output, _outer.get())


def _with_aux(returned: Any) -> tuple[Any, Any]:
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise ArgumentTypeError(
            "With has_aux=True the function must return (value, auxiliary), got "
            f"{described(returned)}."
        )
    return returned


def may_be_recorded(values: list[Any]) -> bool:
    """Whether a function of these may have to give Tensors; else it surely gives arrays."""
    tensors = any(type(x) is Tensor for x in values)
    return tensors or observed() is not None or bool(_outer.get())


def variables_for(values: list[Any]) -> list[Tensor]:
    """What takes the place of these arguments; it may do so in several calls."""
    with recorded():
        return [_variable(value) for value in values]


def _variable(value: Any) -> Tensor:
    if type(value) is Tensor:
        if value._requires_grad:
            return apply(argument, value)
        if value.dtype.kind == "f":
            # A node: a program of what is around computes its value anew.
            return new_node(argument, value._data[...][()], (value,), None, "")
    variable = Tensor(value._data if type(value) is Tensor else value)
    if variable.dtype.kind != "f":
        raise ArgumentTypeError(
            f"Only floating-point arguments can be differentiated, got {variable.dtype}. "
            "Convert it: x.astype(float)."
        )
    return variable


def positions_of(argnums: Any, args: tuple[Any, ...]) -> list[int]:
    """The places of the arguments that are meant, counted from 0."""
    found: list[int] = []
    for position in argnums if isinstance(argnums, (tuple, list)) else [argnums]:
        if not isinstance(position, (int, np.integer)) or isinstance(position, bool):
            raise ArgumentTypeError(f"`argnums` must be integers, got {position!r}.")
        if not -len(args) <= position < len(args):
            raise ArgumentError(
                f"`argnums` names argument {position}, but the function was called with "
                f"{len(args)} by position; those given by name are not counted."
            )
        place = range(len(args))[position]
        if place in found:
            raise ArgumentError(f"`argnums` names argument {place} twice: {argnums!r}.")
        found.append(place)
    return found


def check_function(f: Any) -> None:
    """Refuse what is no function, with how a transform is called."""
    if not callable(f):
        raise ArgumentTypeError(
            f"Expected a function, got {type(f).__name__}. Write grad(f)(x), not grad(f(x)); "
            "the gradients of a recorded Tensor are gradients(output, inputs)."
        )
