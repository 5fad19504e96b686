"""The terms that a number is the sum of."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from autograd_nn import ops
from autograd_nn.engine.derivatives import gradients
from autograd_nn.engine.graph import topological
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.elements.jacobians import agree, maker
from autograd_nn.viz.elements.labels import Labels
from autograd_nn.viz.elements.scalars import LARGEST, Scalars, added_in_pairs, row_operation
from autograd_nn.viz.graph import notation, rules
from autograd_nn.viz.wording.saying import say


@dataclass(frozen=True)
class Term:
    """One term of a sum.

    ``factors`` are the two numbers that it is the product of, where it is one. ``gradient`` is
    dL/d(term), and ``flows`` says what goes from it to the elements that it is made of; None and
    () where no loss was given. ``share`` is its part of Σ |term|.
    """

    label: str
    value: float
    factors: tuple[float, float] | None = None
    gradient: float | None = None
    flows: tuple[tuple[str, float], ...] = ()
    share: float = 0.0


class SumOfTerms(NamedTuple):
    """Terms with what it takes to draw some of them.

    ``words`` is how the whole follows from the sum, in which it is called "sum". ``piece(i)`` is
    the scalar graph of a term, ``whole(pieces)`` puts some together again.
    """

    terms: tuple[Term, ...]
    words: str
    piece: Callable[[int], Tensor]
    whole: Callable[[list[tuple[int, Tensor]], Tensor | None], Tensor]
    note: str = ""


def with_shares(terms: list[Term]) -> tuple[Term, ...]:
    """The terms with their part of Σ |term|; 0 where that is 0 or not finite."""
    amount = sum(abs(term.value) for term in terms)
    if not 0 < amount < float("inf"):
        return tuple(terms)
    return tuple(replace(term, share=abs(term.value) / amount) for term in terms)


# ---------------------------------------------------------------------- of a scalar graph


def terms_of(scalars: Scalars, upstream: Any) -> SumOfTerms:
    """The terms of an element: what is added up, or what the row of a Jacobian multiplies."""
    root = scalars.root
    assert root is not None
    chain, bottom = _down_to_the_sum(root, scalars.rows)
    below = None
    if upstream is not None and root.requires_grad:
        slope = gradients(root, bottom)
        below = None if slope is None else upstream * slope
    numbers = scalars.rows.get(bottom.operation) if bottom.operation else None
    if numbers is not None:
        return _of_row(bottom, numbers, chain, below)
    signed = _added(bottom)
    terms = [_term(node, sign, below) for node, sign in signed]

    def whole(pieces: list[tuple[int, Tensor]], rest: Tensor | None) -> Tensor:
        added = [piece if signed[index][1] > 0 else -piece for index, piece in pieces]
        return _up_again(chain, added_in_pairs(added + ([] if rest is None else [rest])))

    words = _words(chain, say("zooming.sum") if len(signed) > 1 else terms[0].label)
    note = ""
    if scalars.closed:
        closed = notation.count(scalars.closed, "numbers.numbers")
        note = say("zooming.closed", numbers=closed)
    return SumOfTerms(with_shares(terms), words, lambda i: signed[i][0], whole, note=note)


_SUMS = (ops.add, ops.subtract)


def _down_to_the_sum(root: Tensor, rows: dict[Operation, list[Any]]) -> tuple[list[Tensor], Tensor]:
    """The nodes above the sum, each with one operand, from the root downwards; and the sum."""
    chain, node = [], root
    while not (node.operation is None or node.operation in rows or node.operation in _SUMS):
        below = [x for x in node.inputs if type(x) is Tensor]
        alone = len(node.inputs) == 1
        if len(below) != 1 or not (alone or below[0].operation is not None):
            break
        chain.append(node)
        node = below[0]
    return chain, node


def _up_again(chain: list[Tensor], total: Tensor) -> Tensor:
    for node in reversed(chain):
        inputs = [total if type(x) is Tensor else x for x in node.inputs]
        total = node.operation(*inputs, **node.attributes or {})  # type: ignore[misc]
    return total


LONGEST_WORDS = 60


def _words(chain: list[Tensor], inner: str) -> str:
    for place, node in enumerate(reversed(chain)):
        operation = node.operation
        assert operation is not None
        if len(inner) > LONGEST_WORDS:
            inner = "…"
        elif place and " " in inner:
            inner = f"({inner})"
        labels = [inner if type(x) is Tensor else _label(x) for x in node.inputs]
        inner = rules.expression(operation, tuple(labels), node.attributes)
    return inner


def _added(bottom: Tensor) -> list[tuple[Tensor, int]]:
    """What is added and subtracted, from left to right, with its sign."""
    found: list[tuple[Tensor, int]] = []
    stack = [(bottom, 1)]
    while stack:
        node, sign = stack.pop()
        # x + x, again and again, would have more terms than there is memory for.
        if node.operation in _SUMS and len(stack) + len(found) < LARGEST:
            for place in (1, 0):
                operand = node.inputs[place]
                if type(operand) is not Tensor:
                    if not operand:  # some of NumPy's sums start from 0
                        continue
                    operand = Tensor(node.dtype.type(operand), requires_grad=False)
                minus = place == 1 and node.operation is ops.subtract
                stack.append((operand, -sign if minus else sign))
        else:
            found.append((node, sign))
    return found


def _term(node: Tensor, sign: int, gradient: Any) -> Term:
    factors = None
    if node.operation is ops.multiply:
        x, y = (float(x._data if type(x) is Tensor else x) for x in node.inputs)
        factors = (sign * x, y)
    label = _label(node)
    return Term(
        label=label if sign > 0 else f"−{_grouped(node, label)}",
        value=sign * float(node._data),
        factors=factors,
        gradient=None if gradient is None else float(gradient),
        flows=() if gradient is None else _flows(node, sign * gradient),
    )


def _flows(node: Tensor, gradient: Any) -> tuple[tuple[str, float], ...]:
    if not node._requires_grad:
        return ()
    leaves = [x for x in topological(node) if x.operation is None and x._requires_grad]
    found = gradients(node, leaves)
    return tuple(
        (leaf.name or "", float(gradient * slope))
        for leaf, slope in zip(leaves, found, strict=True)
        if slope is not None
    )


DEEPEST = 3
"""So many operations of a term are written out."""


def _label(node: Any, depth: int = 0) -> str:
    if type(node) is not Tensor:
        return "None" if node is None else notation.number(float(node))
    if node.name is not None and (depth or node.operation is None):
        return node.name
    if node.operation is None:
        return notation.number(float(node._data))
    if depth == DEEPEST:
        return "…"
    inner = [_grouped(x, _label(x, depth + 1)) for x in node.inputs[:4]]
    inner += [""] * (len(node.inputs) - len(inner))  # of more than four, three are written
    return rules.expression(node.operation, tuple(inner), node.attributes)


def _grouped(node: Any, label: str) -> str:
    computed = type(node) is Tensor and node.operation is not None and label != node.name
    return f"({label})" if computed and " " in label else label


def _of_row(bottom: Tensor, numbers: list[Any], chain: list[Tensor], gradient: Any) -> SumOfTerms:
    inputs: tuple[Tensor, ...] = bottom.inputs
    passes_on = all(number == 1 for number in numbers)
    terms = [
        Term(
            label=_label(x, 1),
            value=float(number * x._data),
            factors=None if passes_on else (float(number), float(x._data)),
            gradient=None if gradient is None else float(gradient),
            flows=() if gradient is None else _flows(x, number * gradient),
        )
        for x, number in zip(inputs, numbers, strict=True)
    ]
    operation = bottom.operation
    assert operation is not None
    terms += _what_is_left(terms, bottom._data)

    def piece(i: int) -> Tensor:
        return inputs[i] if i < len(inputs) else _constant(terms[i], bottom)

    def whole(pieces: list[tuple[int, Tensor]], rest: Tensor | None) -> Tensor:
        kept = [numbers[i] if i < len(numbers) else 0 * numbers[0] for i, _ in pieces]
        shown = [piece for _, piece in pieces]
        if rest is not None:
            kept, shown = [*kept, 0 * numbers[0]], [*shown, rest]
        return _up_again(chain, row_operation(operation, bottom._data, kept)(*shown))

    words = _words(chain, f"{notation.clean(operation.symbol, 24)}(…)")
    return SumOfTerms(with_shares(terms), words, piece, whole)


def _what_is_left(terms: list[Term], value: Any) -> list[Term]:
    """What is there beside slopes × operands where no sum is: as a tangent at 0 has a height."""
    values = [term.value for term in terms]
    if agree(sum(values), value, sum(abs(x) for x in values)):
        return []
    return [Term(say("zooming.left"), float(value) - sum(values))]


def _constant(term: Term, like: Tensor) -> Tensor:
    return Tensor(like.dtype.type(term.value), requires_grad=False, name=term.label)


# ---------------------------------------------------------------------- without a scalar graph


def direct_terms(
    scalars: Scalars, tensor: Tensor, place: int, labels: Labels, upstream: Any
) -> SumOfTerms:
    """The terms of an element with too many operands for a graph of scalars."""
    plan, value = scalars.plan, tensor._data.flat[place]
    elements = plan.elements()
    numbers = [x for slot in plan.needs if plan.locals for x in plan.locals[slot].numbers]
    others: list[Any] = []
    if plan.kind == "products":
        elements, others = plan.needs[0], plan.needs[1]
        numbers = [element.number for element in others]
    names, beside = _labels_of(elements, labels), _labels_of(others, labels)
    passes_on = not others and all(number == 1 for number in numbers)
    terms = []
    for i, (element, number) in enumerate(zip(elements, numbers, strict=True)):
        own = element.number
        flows = []
        if upstream is not None and element.wants:
            flows.append((names[i], float(number * upstream)))
        if upstream is not None and others and others[i].wants:
            flows.append((beside[i], float(own * upstream)))
        factors = (float(own), float(number)) if others else (float(number), float(own))
        terms.append(
            Term(
                label=f"{names[i]} × {beside[i]}" if others else names[i],
                value=float(own * number),
                factors=None if passes_on else factors,
                gradient=None if upstream is None else float(upstream),
                flows=tuple(flows),
            )
        )
    products = bool(others)

    if not products:
        terms += _what_is_left(terms, value)

    def piece(i: int) -> Tensor:
        if i == len(elements):
            return _constant(terms[i], tensor)
        leaf = scalars.leaf(*elements[i])
        return leaf * scalars.leaf(*others[i]) if products else leaf

    operation = maker(tensor)[0].operation
    assert operation is not None

    def whole(pieces: list[tuple[int, Tensor]], rest: Tensor | None) -> Tensor:
        shown = [x for _, x in pieces] + ([] if rest is None else [rest])
        if products:
            return added_in_pairs(shown)
        kept = [numbers[i] if i < len(numbers) else 0 * numbers[0] for i, _ in pieces]
        kept += [] if rest is None else [0 * numbers[0]]
        return row_operation(operation, value, kept)(*shown)

    words = say("zooming.sum") if products else f"{notation.clean(operation.symbol, 24)}(…)"
    note = say("zooming.no_scalars", n=f"{LARGEST:,}")
    return SumOfTerms(with_shares(terms), words, piece, whole, note)


def _labels_of(elements: list[Any], labels: Labels) -> list[str]:
    """The labels of elements that lie in few arrays, one after the other."""
    found: list[str] = []
    for _, group in itertools.groupby(elements, key=lambda element: id(element.source)):
        together = list(group)
        found += labels.elements(together[0].source, [element.place for element in together])
    return found
