"""The local Jacobian of one recorded operation: the row of an element of its result, by a seed that
is 1 there and 0 elsewhere, and the column of an element of an input."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.derivatives import gradients
from autograd_nn.engine.operation import part
from autograd_nn.engine.recording import recorded
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.unbroadcasting import RECORDED, unbroadcast
from autograd_nn.viz.graph.flows import values_of

ONE_BY_ONE = 10**7
"""Where a rule cannot be run on Tensors it is tried with one seed after the other, if the seeds
and the elements that each goes through make so many pairs at most."""


class Locals(NamedTuple):
    """Places of a flattened array, and the local derivative at each."""

    places: list[int]
    numbers: list[Any]


def maker(tensor: Tensor) -> tuple[Tensor, int | None]:
    """The node whose operation computed ``tensor``, and which of several results it is."""
    if tensor.operation is part:
        assert tensor.attributes is not None
        return tensor.inputs[0], tensor.attributes["index"]
    return tensor, None


def is_floating(data: Any) -> bool:
    """Whether something is an array, or a NumPy scalar, that a derivative can be taken by."""
    return isinstance(data, (np.ndarray, np.generic)) and data.dtype.kind == "f"


def agree(found: Any, wanted: Any, scale: Any = 0.0) -> bool:
    """Whether numbers are equal up to the rounding of sums in another order."""
    found, wanted = np.asarray(found), np.asarray(wanted)
    if found.shape != wanted.shape or found.dtype.kind not in "fiub":
        return False
    kind = wanted.dtype if wanted.dtype.kind == "f" else np.dtype(np.float64)
    rounding = float(np.sqrt(np.finfo(kind).eps))
    size = max(float(np.max(np.abs(wanted), initial=0.0)), float(scale))
    allowed = rounding * size if np.isfinite(size) else 0.0
    return bool(np.allclose(found, wanted, rtol=rounding, atol=allowed, equal_nan=True))


def results_of(
    node: Tensor, g: Any, out: Any, values: list[Any], slots: list[int]
) -> dict[int, Any]:
    """What the rules of a node's operation return, for each slot that has one."""
    assert node.operation is not None
    own: Any = node.operation.gradients
    attributes = node.attributes or {}
    if isinstance(own, tuple):
        return {
            slot: own[slot](g, out, *values, **attributes)
            for slot in slots
            if own[slot] is not None
        }
    found = own(g, out, *values, **attributes)
    return {slot: found[slot] for slot in slots if found[slot] is not None}


# ---------------------------------------------------------------------- a row


def row(tensor: Tensor, place: int) -> dict[int, Locals]:
    """For each floating-point input of the operation that made ``tensor``: the elements that the
    one at ``place`` depends on, with the local derivatives.

    An element may have the derivative 0 at these numbers and matter all the same (a factor whose
    partner is 0, a value that is not the largest): those that matter at other numbers are listed.
    """
    node, result = maker(tensor)
    g = _one_at(place, tensor._data)
    if result is not None:
        g = tuple(g if i == result else None for i in range(len(node._data)))
    values = values_of(node)
    slots = [slot for slot, value in enumerate(values) if is_floating(value)]
    try:
        numbers = _row_arrays(node, g, node._data, values, slots)
    except Exception:  # no sweep has ever tried the rule of a constant
        slots = [slot for slot in slots if getattr(node.inputs[slot], "requires_grad", False)]
        numbers = _row_arrays(node, g, node._data, values, slots)
    try:
        others = _row_arrays(node, g, *_other_numbers(node._data, values), slots)
    except Exception:  # a rule need not work on other numbers: the inverse of a singular matrix
        others = {}
    found = {}
    for slot, array in numbers.items():
        flat = array.reshape(-1)
        matters = flat != 0
        if slot in others:
            matters |= _is_some(others[slot].reshape(-1))
        places = np.flatnonzero(matters)
        found[slot] = Locals(places.tolist(), list(flat[places]))
    return found


def _row_arrays(
    node: Tensor, g: Any, out: Any, values: list[Any], slots: list[int]
) -> dict[int, Any]:
    found = results_of(node, g, out, values, slots)
    return {slot: np.asarray(unbroadcast(d, values[slot], node, slot)) for slot, d in found.items()}


def _one_at(place: int, like: Any) -> Any:
    g = np.zeros(like.shape, like.dtype)
    g.flat[place] = 1
    return g if g.ndim else g[()]


def _other_numbers(out: Any, values: list[Any]) -> tuple[Any, list[Any]]:
    """The same arrays filled with one number that makes no product 0.

    The result has it too, so that all are the largest of a maximum.
    """
    filled = [_filled(value) if is_floating(value) else value for value in values]
    return tuple(map(_filled, out)) if type(out) is tuple else _filled(out), filled


def _filled(like: Any) -> Any:
    array = np.full(like.shape, 0.75, like.dtype)
    return array if array.ndim else array[()]


def _is_some(numbers: Any) -> Any:
    """Where a derivative at other numbers says that the element matters; NaN says nothing."""
    return (numbers != 0) & ~np.isnan(numbers)


# ---------------------------------------------------------------------- a column


class Use(NamedTuple):
    """One place of an operation's result that an element of its input contributes to.

    ``result`` is which of several results, ``local`` the derivative, ``upstream`` dL/d(there).
    """

    result: int | None
    place: int
    local: Any
    upstream: Any


def column(node: Tensor, slot: int, place: int, upstream: Any, total: Any) -> list[Use] | None:
    """The uses of an element of an input, whose local × upstream add up to ``total``.

    A rule is linear in the gradient that arrives, so the derivative of what it returns by that
    gradient is the column: one more sweep gives all of it. A rule that does not run on Tensors is
    asked with one seed after the other. None where both fail, or the rule is not linear.
    """
    for way in (_by_second_sweep, _by_seeds):
        try:
            found = way(node, slot, place, upstream)
        except Exception:  # whatever a user's rule raises on values it was not written for
            continue
        products = [use.local * use.upstream for use in found]
        scale = sum(abs(product) for product in products)
        if agree(sum(products, total * 0), total, scale):
            return found
    return None


def _by_second_sweep(node: Tensor, slot: int, place: int, upstream: Any) -> list[Use]:
    values = values_of(node)
    numbers = _column_arrays(node, slot, place, upstream, node._data, values)
    try:
        out, filled = _other_numbers(node._data, values)
        others = _column_arrays(node, slot, place, upstream, out, filled)
    except Exception:  # as in `row`
        others = {}
    found = []
    for result, array in numbers.items():
        flat = array.reshape(-1)
        matters = flat != 0
        if result in others:
            matters |= _is_some(others[result].reshape(-1))
        g = upstream if result is None else upstream[result]
        found += [Use(result, p, flat[p], g.flat[p]) for p in np.flatnonzero(matters).tolist()]
    return found


def _column_arrays(
    node: Tensor, slot: int, place: int, upstream: Any, out: Any, values: list[Any]
) -> dict[int | None, Any]:
    with recorded():
        asked: dict[int | None, Tensor] = {
            result: Tensor(g, requires_grad=True) for result, g in _results(upstream)
        }
        g: Any = asked.get(None)
        if type(upstream) is tuple:
            g = tuple(asked.get(result) for result in range(len(upstream)))
        inputs = [_constant(value) for value in values]
        if type(out) is not tuple:
            out = _constant(out)
        d = results_of(node, g, out, inputs, [slot])[slot]
        d = unbroadcast(d, inputs[slot], node, slot, RECORDED)
        element = d.reshape(-1)[place] if d.ndim else d
    found = gradients(element, asked)
    return {result: np.asarray(a) for result, a in found.items() if a is not None}


def _constant(value: Any) -> Any:
    return Tensor(value, requires_grad=False) if is_floating(value) else value


def _by_seeds(node: Tensor, slot: int, place: int, upstream: Any) -> list[Use]:
    values = values_of(node)
    found = []
    for result, g in _results(upstream):
        if g.size * max(g.size, values[slot].size) > ONE_BY_ONE:
            raise ValueError("too many seeds")
        for p in range(g.size):
            seed: Any = _one_at(p, g)
            if result is not None:
                seed = tuple(seed if i == result else None for i in range(len(upstream)))
            d = results_of(node, seed, node._data, values, [slot])[slot]
            local = np.asarray(unbroadcast(d, values[slot], node, slot)).flat[place]
            if local != 0:
                found.append(Use(result, p, local, g.flat[p]))
    return found


def _results(upstream: Any) -> Iterator[tuple[int | None, Any]]:
    """The gradient of each result that one came for; None stands for the only result."""
    if type(upstream) is not tuple:
        yield None, upstream
        return
    for result, g in enumerate(upstream):
        if g is not None:
            yield result, g
