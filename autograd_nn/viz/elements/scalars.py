"""One element of a recorded Tensor as a graph of scalar Tensors."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.applying import apply
from autograd_nn.engine.composing import is_call
from autograd_nn.engine.derivatives import gradients
from autograd_nn.engine.errors import MutationError
from autograd_nn.engine.mutation import changed_since
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.tensor import Tensor, described
from autograd_nn.viz.elements.jacobians import (
    Locals,
    agree,
    is_floating,
    maker,
    results_of,
    row,
)
from autograd_nn.viz.elements.labels import Labels
from autograd_nn.viz.elements.matmul_pairs import row_and_column
from autograd_nn.viz.graph.flows import values_of

LARGEST = 20_000
"""So many scalars at most are made of one element; what would need more stays closed."""

WORK = 10**7
"""An operation is run on object arrays where its result and its input have so many pairs of
elements at most; a product of large matrices in a user's operation would take minutes."""

WORK_IN_ALL = 10**8
"""After about so many elements of arrays were gone through (a few seconds) no more is opened."""


class _Element(NamedTuple):
    """One element of an array."""

    source: Any  # a Tensor, or an array among the inputs of one
    place: int  # in the flattened array

    @property
    def key(self) -> tuple[int, int]:
        return id(self.source), self.place

    @property
    def number(self) -> Any:
        data = self.source._data if type(self.source) is Tensor else self.source
        return data.flat[self.place]

    @property
    def wants(self) -> bool:
        """Whether a gradient is wanted for it."""
        return type(self.source) is Tensor and self.source._requires_grad


class _Plan(NamedTuple):
    """How one element is computed from others; ``needs`` holds its elements of each input.

    kind         products: Σ of the needed elements of one input × those of the other
                 itself: the operation applied to one element of each input
                 moved: the one element that is needed, unchanged
                 structure: the operation's value function run on object arrays of scalars
                 row: a node of its own, with the local derivatives of the operation's rule
    """

    kind: str
    needs: dict[int, list[_Element]]
    locals: dict[int, Locals]

    def elements(self) -> list[_Element]:
        return [element for found in self.needs.values() for element in found]


class Scalars:
    """The scalar graph of one element, back to what enters its layer (or its operation).

    ``root`` is None where the element itself is computed from more than `LARGEST` others.
    ``rows`` are the operations that stand for the row of a Jacobian, with its numbers; ``closed``
    counts elements of the layer that were not opened because there would be too many.
    """

    def __init__(self, tensor: Tensor, place: int, labels: Labels) -> None:
        self.rows: dict[Operation, list[Any]] = {}
        self.closed = 0
        self._tensor = tensor
        self._labels = labels
        self._work = 0
        self._plans: dict[tuple[int, int], _Plan] = {}
        self._by_element: dict[int, bool] = {}
        self._scalars: dict[tuple[int, int], Tensor] = {}
        labels.array(tensor)  # the first of its name
        self.plan = self._planned(tensor, place)
        self.root = None
        if len(self.plan.elements()) <= LARGEST:
            top = _Element(tensor, place)
            self._plan_below(top)
            self.root = self._built(top)

    def leaf(self, source: Any, place: int) -> Tensor:
        """An element as a scalar of its own, that is not opened."""
        element = _Element(source, place)
        known = self._scalars.get(element.key)
        if known is None:
            name = self._labels.element(source, place)
            known = Tensor(element.number, requires_grad=element.wants, name=name)
            self._scalars[element.key] = known
        return known

    # ------------------------------------------------------------------ what is opened, and how

    def _plan_below(self, top: _Element) -> None:
        """Breadth first, so that where there are too many the nearest are open."""
        self._plans[top.key] = self.plan
        count = len(self.plan.elements())
        waiting = [top]
        for element in waiting:
            for below in self._plans[element.key].elements():
                if below.key in self._plans or not self._opens(below.source):
                    continue
                if count < LARGEST and self._work < WORK_IN_ALL:
                    plan = self._planned(below.source, below.place)
                    count += len(plan.elements())
                    if count <= LARGEST:
                        self._plans[below.key] = plan
                        waiting.append(below)
                        continue
                self.closed += 1

    def _opens(self, source: Any) -> bool:
        if type(source) is not Tensor or not source.inputs:  # a draw has none
            return False
        scope, own = source.scope, self._tensor.scope
        if scope and is_call(scope):
            return scope is own  # not another call of the same function
        return bool(scope) and scope == own

    def _planned(self, tensor: Tensor, place: int) -> _Plan:
        node, _ = maker(tensor)
        _refuse_changed(node)
        if node.operation is ops.matmul:
            shapes = [np.shape(value) for value in values_of(node)]
            pairs = enumerate(row_and_column(shapes[0], shapes[1], place))
            return _Plan("products", {i: _elements(node, i, places) for i, places in pairs}, {})
        alone = one_of_each(tensor, node, place)
        if alone is not None and self._works_by_element(tensor, node, place, alone):
            return _Plan("itself", alone, {})
        sizes = [np.size(value) for value in values_of(node)]
        self._work += _size(node) + sum(sizes)
        locals_ = row(tensor, place)
        needs = {slot: _elements(node, slot, found.places) for slot, found in locals_.items()}
        needs = {i: found for i, found in needs.items() if found and _has_elements(node, i)}
        plan = _Plan("row", needs, locals_)
        if _is_moved(plan, tensor, place):
            return plan._replace(kind="moved")
        work = _size(node) * max(sizes)
        if work <= WORK and len(plan.elements()) <= LARGEST:
            self._work += work
            if _expands(plan, tensor, node, place):
                return plan._replace(kind="structure")
        return plan

    def _works_by_element(
        self, tensor: Tensor, node: Tensor, place: int, alone: dict[int, list[_Element]]
    ) -> bool:
        """Whether the operation of single elements gives this element, and its derivatives.

        A probe and no list, so that it holds for users' operations: the value function is tried
        on the elements alone, and the rule with a seed that is 1 here must reach nothing else.
        """
        if not tensor.shape:
            return True  # all are numbers already
        known = self._by_element.get(id(node))
        if known is False:
            return False
        values = values_of(node)
        for slot, found in alone.items():
            values[slot] = found[0].number
        out = tensor._data.flat[place]
        try:
            value = node.operation.value(*values, **node.attributes or {})  # type: ignore[union-attr]
            found_here = np.ndim(value) == 0 and agree(value, out)
            if known is None:
                locals_ = row(tensor, place)
                slots = [slot for slot in locals_ if is_floating(values[slot])]
                ones = results_of(node, out.dtype.type(1), out, values, slots)
                known = found_here and all(
                    set(found.places) <= {alone[slot][0].place if slot in alone else 0}
                    and agree(ones[slot], sum(found.numbers) if found.places else 0.0)
                    for slot, found in locals_.items()
                )
                self._by_element[id(node)] = known
        except Exception:  # a function of whole arrays may raise anything on a number
            self._by_element[id(node)] = False
            return False
        return known and found_here

    # ------------------------------------------------------------------ the scalar graph

    def _built(self, top: _Element) -> Tensor:
        done = self._scalars
        stack = [top]
        while stack:
            element = stack[-1]
            plan = self._plans.get(element.key)
            if element.key in done:
                stack.pop()
            elif plan is None:
                self.leaf(*stack.pop())
            else:
                waiting = [below for below in plan.elements() if below.key not in done]
                if waiting:
                    stack.extend(reversed(waiting))
                else:
                    scalar = done[element.key] = self._scalar(*stack.pop(), plan)
                    if scalar.name is None:
                        scalar.name = self._labels.element(*element)
        return done[top.key]

    def _scalar(self, tensor: Tensor, place: int, plan: _Plan) -> Tensor:
        node, _ = maker(tensor)
        operation, attributes = node.operation, node.attributes or {}
        assert operation is not None
        needs = {
            slot: [self._scalars[element.key] for element in found]
            for slot, found in plan.needs.items()
        }
        if plan.kind == "moved":
            ((scalar,),) = needs.values()
            return scalar
        if plan.kind == "products" and needs[0]:
            return added_in_pairs([x * y for x, y in zip(needs[0], needs[1], strict=True)])
        if plan.kind == "itself":
            inputs = [needs[i][0] if i in needs else x for i, x in enumerate(node.inputs)]
            return _as_tensor(apply(operation, *inputs, **attributes))
        if plan.kind == "structure":
            found = _run_on_objects(plan, tensor, node, place, needs)
            return _as_tensor(found)
        number = tensor._data.flat[place]
        inputs = [scalar for scalars in needs.values() for scalar in scalars]
        if not inputs:
            name = self._labels.element(tensor, place)
            return Tensor(number, requires_grad=False, name=name)
        numbers = [x for slot in needs for x in plan.locals[slot].numbers]
        standing_in = row_operation(operation, number, numbers)
        self.rows[standing_in] = numbers
        return apply(standing_in, *inputs)


def _as_tensor(scalar: Any) -> Tensor:
    """What depends on no parameter comes as a plain number."""
    return scalar if type(scalar) is Tensor else Tensor(scalar, requires_grad=False)


def added_in_pairs(scalars: list[Tensor]) -> Tensor:
    """Their sum, by neighbours: its picture is as deep as the logarithm of their number."""
    while len(scalars) > 1:
        pairs = [x + y for x, y in zip(scalars[::2], scalars[1::2], strict=False)]
        scalars = pairs + scalars[len(scalars) // 2 * 2 :]
    return scalars[0]


def row_operation(operation: Operation, value: Any, numbers: list[Any]) -> Operation:
    """An operation of scalars with the value and the local derivatives that were found."""
    return Operation(
        operation.name,
        symbol=operation.symbol,
        value=lambda *_: value,
        gradients=lambda g, out, *_: tuple(g * number for number in numbers),
    )


def _refuse_changed(node: Tensor) -> None:
    for x in node.inputs:
        if type(x) is Tensor and changed_since(x, node):
            raise MutationError(
                f"The data of {described(x)} was changed in place after {node.operation.name} "  # type: ignore[union-attr]
                "was recorded with it, so the terms of that time are gone. Zoom before changing "
                "data, or compute again."
            )


def _has_elements(node: Tensor, slot: int) -> bool:
    """Whether an input is a Tensor or an array; plain numbers stay what they are."""
    return isinstance(node.inputs[slot], (Tensor, np.ndarray))


def _elements(node: Tensor, slot: int, places: list[int]) -> list[_Element]:
    return [_Element(node.inputs[slot], place) for place in places]


def one_of_each(tensor: Tensor, node: Tensor, place: int) -> dict[int, list[_Element]] | None:
    """The element of each input that broadcasting puts beside the one at ``place``."""
    if type(node._data) is tuple:
        return None
    at, found = np.unravel_index(place, tensor.shape), {}
    for slot, value in enumerate(values_of(node)):
        if not _has_elements(node, slot):
            continue
        lead = len(at) - value.ndim
        if lead < 0:
            return None
        pairs = list(zip(value.shape, at[lead:], tensor.shape[lead:], strict=True))
        if any(length not in (1, whole) for length, _, whole in pairs):
            return None
        own = tuple(0 if length == 1 else a for length, a, _ in pairs)
        flat = int(np.ravel_multi_index(own, value.shape)) if own else 0
        found[slot] = [_Element(node.inputs[slot], flat)]
    return found


def _is_moved(plan: _Plan, tensor: Tensor, place: int) -> bool:
    elements = plan.elements()
    if len(elements) != 1:
        return False
    ((number,),) = (found.numbers for found in plan.locals.values() if found.places)
    return bool(number == 1) and agree(elements[0].number, tensor._data.flat[place])


def _expands(plan: _Plan, tensor: Tensor, node: Tensor, place: int) -> bool:
    """Whether the value function on object arrays gives a graph with the right numbers.

    It must give the value, use every element that matters (a maximum found by comparisons uses
    one alone), and have the derivatives of the operation's own rule.
    """
    fresh = {
        slot: [Tensor(element.number, requires_grad=True) for element in found]
        for slot, found in plan.needs.items()
    }
    leaves = [scalar for scalars in fresh.values() for scalar in scalars]
    if not leaves:
        return False
    numbers = [x for slot in plan.needs for x in plan.locals[slot].numbers]
    try:
        found = _run_on_objects(plan, tensor, node, place, fresh)
        if type(found) is not Tensor:
            return False
        slopes = gradients(found, leaves)  # None for an element that the graph does not use
    except Exception:  # NumPy has no form for objects, or a user's function does not take them
        return False
    scale = sum(abs(x * leaf._data) for x, leaf in zip(numbers, leaves, strict=True))
    return agree(found._data, tensor._data.flat[place], scale) and agree(slopes, numbers)


def _size(node: Tensor) -> int:
    data = node._data
    return sum(x.size for x in data) if type(data) is tuple else data.size


def _run_on_objects(
    plan: _Plan, tensor: Tensor, node: Tensor, place: int, scalars: dict[int, list[Tensor]]
) -> Any:
    """The element, from the value function on arrays with scalar Tensors where they matter."""
    values = values_of(node)
    for slot, found in plan.needs.items():
        array = np.asarray(values[slot]).astype(object)
        flat = array.reshape(-1)
        # One by one: NumPy would look for numbers inside the Tensors of a list.
        for element, scalar in zip(found, scalars[slot], strict=True):
            flat[element.place] = scalar
        values[slot] = flat.reshape(array.shape)
    result = node.operation.value(*values, **node.attributes or {})  # type: ignore[union-attr]
    _, place_of_result = maker(tensor)
    if place_of_result is not None:
        result = result[place_of_result]
    if type(result) is Tensor and not tensor.shape:
        return result
    if np.shape(result) != tensor.shape:
        raise ValueError("another shape than the recorded one")
    return np.asarray(result).reshape(-1)[place]
