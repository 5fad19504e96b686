"""What flows back along every edge of a graph, and what the operation on it does with it."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.errors import MutationError
from autograd_nn.engine.operation import part
from autograd_nn.engine.reverse import Contribution, walk_back
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.unbroadcasting import unbroadcast
from autograd_nn.viz.formulas.derivation import RuleFormula, formula_of
from autograd_nn.viz.graph import rules
from autograd_nn.viz.graph.order_of_steps import told_order
from autograd_nn.viz.graph.walk import ConstantNode, Item, Walk
from autograd_nn.viz.wording.saying import say


class Sweep:
    """The backward pass from a root: its steps, and the gradients they add up to.

    The gradients are those of `gradients`, bit for bit. The steps run against `told_order`, and so
    do the sums: where that is another order than the engine's, the last step of three or more ends
    at the gradient, and not at a number that rounding made of the other order.

    ``received`` has the steps by the Tensor whose gradient they add to. Where there are none,
    ``why_none`` says so in a few words; ``error`` is the reason where data were changed in place.
    Nothing is stored in any Tensor.
    """

    def __init__(self, root: Tensor) -> None:
        self.steps: list[Contribution] = []
        self.gradients: dict[Any, Any] = {}
        self.received: dict[Any, list[Contribution]] = {}
        self.error: MutationError | None = None
        self.why_none = _why_none(root)
        if self.why_none:
            return
        # What the computation warned of was told when it ran; showing it does not tell it again.
        with np.errstate(all="ignore"):
            try:
                found = list(walk_back(root))
            except MutationError as error:
                self.why_none = say("numbers.changed")
                self.error = error.with_traceback(None)  # its frames would hold this sweep
                return
            self.gradients[root] = _ones(root._data)
            for step in found:
                if step.node.operation is not part:
                    self.gradients[step.input] = step.total
            self._tell(found, told_order(root))

    def _tell(self, found: list[Contribution], order: list[Tensor]) -> None:
        place = {node: number for number, node in enumerate(order)}
        many = Counter(step.input for step in found)
        for step in sorted(found, key=lambda step: -place[step.node]):
            if step.node.operation is not part:
                before = self.received.setdefault(step.input, [])
                total = before[-1].total + step.contribution if before else step.contribution
                before.append(step)
                if len(before) == many[step.input]:
                    total = self.gradients[step.input]
                before[-1] = step = step._replace(total=total)
            self.steps.append(step)

    @property
    def note(self) -> str:
        """A sentence where an error was the reason that there are no gradients."""
        return "" if self.error is None else say("numbers.no_gradients", why=self.error)

    def gradient(self, item: Item) -> Any:
        """dL/d(item), None where it was not computed."""
        return self.gradients.get(item)

    def last_result(self, items: Sequence[Item]) -> Item | None:
        """The item whose value and gradient stand for several: the last that gets a gradient.

        Behind a fused loss the very last, a probability, is bypassed and gets none. None where
        nothing was computed, or several results.
        """
        results = [
            x for x in items if type(x) is Tensor and x.operation and type(x._data) is not tuple
        ]
        passed = (x for x in reversed(results) if x in self.gradients)
        return next(passed, results[-1] if results else None)

    def missing(self, item: Item) -> str | None:
        """Why there is no gradient, None where there is one."""
        if item in self.gradients:
            return None
        if isinstance(item, ConstantNode) or not item._requires_grad:
            return say("numbers.not_wanted")
        if type(item._data) is tuple:
            return say("numbers.see_parts")
        return self.why_none or say("numbers.not_reached")


@dataclass(frozen=True, eq=False, slots=True)
class Receipt:
    """What the operation does with the gradient on its way to one input.

    ``local`` is the local derivative where it is one number or one array of the input's elements.
    ``derivative`` is its formula. ``rule`` and ``shapes`` say what is done with the gradient where
    that is not one product of numbers.
    """

    local: Any = None
    derivative: str | None = None
    rule: str | None = None
    shapes: str | None = None


def receipt(flow: Contribution, walk: Walk) -> Receipt:
    """The local derivative as a number where it is one, else the rule in words."""
    node, slot, operation = flow.node, flow.slot, flow.node.operation
    assert operation is not None
    several = type(node._data) is tuple
    step = step_of(flow, walk)
    if operation is part:
        return Receipt(rule=rules.rule(step)[0])
    elementwise = is_elementwise(node, slot)
    one_number = not several and node._data.size == 1 and flow.input._data.size == 1
    with np.errstate(all="ignore"):
        # A rule is linear in g: with g = 1 it gives the local derivative.
        g = _ones(node._data) if one_number or elementwise else flow.upstream
        words = rules.derivative(step)
        if not one_number and not isinstance(operation.gradients, tuple):
            raw: Any = flow.contribution  # its one rule for all inputs need not run for each
        else:
            raw = result_of_rule(node, slot, g)
        if one_number:
            local = unbroadcast(raw, flow.input._data, node, slot)
            return Receipt(local, words, None if words else rules.rule(step)[0])
    rule, shapes = rules.rule(replace(step, raw=np.shape(raw)))
    return Receipt(raw if elementwise else None, words, rule, shapes)


def step_of(flow: Contribution, walk: Walk) -> rules.AppliedRule:
    """One edge as `rules` puts it into words."""
    node = flow.node
    labels, shapes = walk.input_labels(node), walk.input_shapes(node)
    raw = flow.contribution.shape
    return worded(node, flow.slot, labels, walk.label(node), shapes, raw, walk.label(walk.root))


def worded(
    node: Tensor,
    slot: int,
    inputs: tuple[str, ...],
    out: str,
    input_shapes: tuple[rules.Shape, ...],
    raw: rules.Shape,
    root: str,
) -> rules.AppliedRule:
    """One input of a recorded operation, under these labels, as `rules` takes it."""
    assert node.operation is not None
    several = type(node._data) is tuple
    return rules.AppliedRule(
        root=root,
        operation=node.operation,
        slot=slot,
        inputs=inputs,
        out=out,
        input_shapes=input_shapes,
        out_shape=tuple(x.shape for x in node._data) if several else node._data.shape,
        raw=raw,
        attributes=node.attributes or {},
        formula=formula_at(node, slot),
    )


def formula_at(node: Tensor, slot: int) -> RuleFormula | None:
    """What the rule of a node makes of the gradient for one input, where it has a formula."""
    assert node.operation is not None
    if node.operation is part:
        return None
    inputs = tuple(
        x if x is None or (type(x) is not Tensor and not np.ndim(x)) else np.shape(_data(x))
        for x in node.inputs
    )
    data = node._data
    out = tuple(x.shape for x in data) if type(data) is tuple else data.shape
    return formula_of(node.operation, slot, inputs, out, node.attributes or {})


def is_elementwise(node: Tensor, slot: int) -> bool:
    """Whether each element of a result depends on one element of this input, and we know it."""
    formula = formula_at(node, slot)
    return formula is not None and formula.is_elementwise


def terms_of_elements(node: Tensor) -> dict[str, Any] | None:
    """Of what terms each element is a sum, where that can be told."""
    operation, inputs = node.operation, node.inputs
    assert operation is not None
    if operation is part:  # what it is taken from has several values, of different shapes
        return None
    shapes = [np.shape(x._data if type(x) is Tensor else x) for x in inputs]
    if operation is ops.matmul:
        return {"kind": "matmul"}
    if operation in (ops.sum, ops.mean):
        axis = (node.attributes or {}).get("axis")
        axes = range(len(shapes[0])) if axis is None else np.atleast_1d(axis).tolist()
        kind = "sum" if operation is ops.sum else "mean"
        return {"kind": kind, "axes": sorted(a % len(shapes[0]) for a in axes)}
    if operation in (ops.add, ops.subtract):
        return {"kind": "elementwise", "signs": [1, 1 if operation is ops.add else -1]}
    given = operation.gradients
    slots = [n for n, rule in enumerate(given) if rule] if isinstance(given, tuple) else []
    known = slots and all(is_elementwise(node, slot) for slot in slots)
    return {"kind": "elementwise"} if known else None


def result_of_rule(node: Tensor, slot: int, g: Any) -> Any:
    """What the gradient rule of a node returns for one input, before broadcasting is undone."""
    own: Any = node.operation.gradients  # type: ignore[union-attr]
    found = own[slot] if isinstance(own, tuple) else own
    # What the rule warned of was told when it ran; showing it does not tell it again.
    with np.errstate(all="ignore"):
        result = found(g, node._data, *values_of(node), **(node.attributes or {}))
    return result if isinstance(own, tuple) else result[slot]


def sizes_of_terms(step: Contribution) -> Any:
    """Σ |terms| for each element of a contribution: of itself, where it is not a sum.

    The terms are those of a product of matrices, and those summed to undo broadcasting.
    """
    node, slot, operation = step.node, step.slot, step.node.operation
    assert operation is not None
    several = type(node._data) is tuple
    if operation is ops.matmul:
        # The rule is products and sums: of sizes it gives the sum of the sizes of all terms.
        values = [np.abs(x) for x in values_of(node)]
        own: Any = operation.gradients
        with np.errstate(all="ignore"):
            sizes = own[slot](np.abs(step.upstream), np.abs(node._data), *values)
    elif not several and node.size > step.input.size and is_elementwise(node, slot):
        sizes = np.abs(result_of_rule(node, slot, step.upstream))
    else:
        return np.abs(step.contribution)
    return unbroadcast(sizes, step.input._data, node, slot)


@contextlib.contextmanager
def run_again() -> Iterator[None]:
    """Repetition operations once more: without warnings, and the random state of NumPy stays."""
    state = np.random.get_state()
    try:
        with np.errstate(all="ignore"):
            yield
    finally:
        np.random.set_state(state)


def values_of(node: Tensor) -> list[Any]:
    """The inputs of a node as its operation saw them."""
    return [_data(x) for x in node.inputs]


def _data(operand: Any) -> Any:
    return operand._data if type(operand) is Tensor else operand


def _why_none(root: Tensor) -> str:
    if not root._requires_grad:
        return say("numbers.not_wanted")
    is_scalar = type(root._data) is not tuple and root._data.size == 1
    return "" if is_scalar else say("numbers.no_scalar")


def _ones(data: Any) -> Any:
    return np.ones_like(data)[()] if data.ndim == 0 else np.ones_like(data)
