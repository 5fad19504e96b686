"""`steps`: every event of the forward and of the backward pass, in order, told as sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, overload

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.composing import is_call
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.mutation import changed_since
from autograd_nn.engine.operation import part
from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.graph import letters, notation, rules, symbols
from autograd_nn.viz.graph.flows import Receipt, Sweep, receipt, step_of
from autograd_nn.viz.graph.view import Numbers
from autograd_nn.viz.graph.walk import Walk, checked_names
from autograd_nn.viz.wording.saying import say

SHOWN = 60
"""So many sentences are shown where steps are displayed; ``print(step.sentence)`` has any."""


@dataclass(frozen=True, eq=False)
class Step:
    """One event. Forward: ``node`` was computed by ``operation``, ``after`` is its value.

    Backward: ``node`` passes ``local`` × ``upstream`` = ``contribution`` to its input number
    ``slot``, whose gradient was ``before`` (None: nothing yet) and is ``after``. ``local`` is None
    where the rule is not one product. The first backward step has no slot: it is dL/dL = 1 at the
    root. All numbers are arrays or NumPy scalars; those of a node with several results are tuples.

    Update: the parameter ``node`` goes from ``before`` to ``after``, ``upstream`` is its gradient
    and ``contribution`` what is added. The last step has the loss before and after.
    """

    phase: Literal["forward", "backward", "update"]
    node: Tensor
    operation: str | None
    slot: int | None
    local: Any
    upstream: Any
    contribution: Any
    before: Any
    after: Any
    sentence: str

    @property
    def input(self) -> Tensor | None:
        """The input that receives the contribution, None where there is no slot."""
        return None if self.slot is None else self.node.inputs[self.slot]

    def __repr__(self) -> str:
        return f"<Step {self.phase}: {self.sentence}>"


class Steps:
    """The events in order: an iterable with a length; printed, it tells them one by one."""

    __slots__ = ("_steps", "note")

    def __init__(self, steps: list[Step], note: str = "") -> None:
        self._steps = steps
        self.note = note

    def __iter__(self) -> Iterator[Step]:
        return iter(self._steps)

    def __len__(self) -> int:
        return len(self._steps)

    @overload
    def __getitem__(self, place: int) -> Step: ...
    @overload
    def __getitem__(self, place: slice) -> list[Step]: ...
    def __getitem__(self, place: int | slice) -> Step | list[Step]:
        return self._steps[place]

    def __str__(self) -> str:
        return self._told(len(self._steps))

    def __repr__(self) -> str:
        return self._told(SHOWN)

    def _told(self, most: int) -> str:
        width = len(str(len(self._steps)))
        lines, phase = [], ""
        for number, step in enumerate(self._steps):
            if step.phase != phase:
                phase = step.phase
                lines.append(f"{phase.capitalize()}:")
            lines.append(f"{number + 1:{width + 2}}  {step.sentence}")
            if number + 1 == most < len(self._steps):
                lines.append(f"… {len(self._steps) - most} more: print(steps) shows all.")
                break
        lines += letters.below("\n".join(lines))
        return "\n".join([*lines, self.note] if self.note else lines)


@checked_keywords
def steps(loss: Tensor, *, optimizer: Any = None, names: Mapping[str, Any] | None = None) -> Steps:
    """Every event of the forward and of the backward pass, as data and as a sentence.

    With an optimizer the update follows, as the third phase: how every parameter changes, with
    what the optimizer keeps, and the loss before and after. Neither is changed by that.

    Of a loop one step is told after the other, backward from the last to the first. ``after`` of
    the last contribution to a node is what `gradients` gives, bit for bit. Three and more may be
    told in another order than they were added in: then the sums before it agree to rounding.
    Nothing is stored in any ``.grad``.

    Parameters   loss: a Tensor; where it is not a scalar only the forward steps are told, and why
                 optimizer: an optimizer, or its name; None for no update
                 names: names for Tensors and arrays without one, such as ``locals()``
    Raises       ArgumentTypeError for what is not a Tensor
    Example      y = x·x at 3: each of the two uses contributes 3·1

    >>> from autograd_nn import Tensor, viz
    >>> x = Tensor(3.0, name="x")
    >>> y = x * x
    >>> y.name = "y"
    >>> viz.steps(y)  # doctest: +NORMALIZE_WHITESPACE
    Forward:
      1  y = x × x = 3 × 3 = 9.
    Backward:
      2  Backward starts at y: ∂y/∂y = 1.
      3  From y to x, its first factor: slope ∂₁y = x = 3, times ∂y/∂y = 1, is 3.
         So far 3; 1 more to come.
      4  From y to x, its second factor: slope ∂₂y = x = 3, times ∂y/∂y = 1, is 3.
         ∂y/∂x = 3 + 3 = 6.
    <BLANKLINE>
    ∂₁v, ∂₂v: the slope of v by its first, its second input alone
    ∂L/∂x: the gradient of L by x, over all ways from x to L
    """
    if type(loss) is not Tensor:
        raise ArgumentTypeError(
            f"steps takes a Tensor, got {type(loss).__name__}. Give it the loss itself, not its "
            ".data, .item() or float()."
        )
    walk = Walk(loss, checked_names(names))
    return told(walk, Sweep(loss), optimizer)


def told(walk: Walk, sweep: Sweep, optimizer: Any = None) -> Steps:
    """The steps of a walk and its backward pass, and of an update where there is an optimizer."""
    # What the computation warned of was told when it ran; telling it does not warn again.
    with np.errstate(all="ignore"):
        found = [
            _forward(walk, item)
            for item in walk.order
            if type(item) is Tensor and item.operation is not None
        ]
        if not sweep.why_none:
            found.append(_start(walk, sweep))
        arrived: dict[Tensor, list[Contribution]] = {}
        for flow in sweep.steps:
            so_far = arrived.setdefault(flow.input, [])
            so_far.append(flow)
            to_come = len(sweep.received.get(flow.input, ())) - len(so_far)
            found.append(_backward(walk, flow, so_far, to_come))
    if optimizer is not None and not sweep.why_none:
        found += _update(walk, sweep, optimizer)
    note = sweep.note
    if sweep.why_none and not note:
        note = f"No backward steps: {sweep.why_none}."
    return Steps(found, note)


def _forward(walk: Walk, node: Tensor) -> Step:
    operation, data = node.operation, node._data
    assert operation is not None
    formula = rules.expression(operation, walk.input_labels(node), node.attributes)
    called = f"In {walk.scope(node)}: " if is_call(node.scope or "") else ""
    parts = [called + walk.label(node), formula]
    others = [
        f"another {walk.label(x)}"
        for x in node.inputs
        if type(x) is Tensor and changed_since(x, node)
    ]
    if type(data) is tuple:
        sentence = f"{' = '.join(parts)}: {len(data)} results."
    elif data.size == 1 and not others and all(_is_number(x) for x in node.inputs):
        numbers = tuple(notation.element(_plain(x)) for x in node.inputs)
        filled = rules.expression(operation, numbers, node.attributes)
        if filled != formula:
            parts.append(filled)
        sentence = f"{' = '.join(parts)} = {notation.amount(notation.summarise(data))}."
    else:
        sentence = f"{' = '.join(parts)}: {_told(notation.summarise(data))}."
    if others:
        sentence += f" It was computed from {' and '.join(others)}: the data were changed since."
    return Step("forward", node, operation.name, None, None, None, None, None, data, sentence)


def _update(walk: Walk, sweep: Sweep, optimizer: Any) -> list[Step]:
    """The third phase: every parameter before and after, and then the loss."""
    from autograd_nn import optimizers  # which nobody needs who takes no step
    from autograd_nn.viz.updates import loss_with, updates

    done = updates(walk, sweep, optimizers.get(optimizer))
    found = [
        Step(
            phase="update",
            node=each.parameter,
            operation=None,
            slot=None,
            local=None,
            upstream=each.gradient,
            contribution=each.after - each.before,
            before=each.before,
            after=each.after,
            sentence=each.sentence,
        )
        for each in done
    ]
    after = loss_with(walk, done) if done else None
    if after is None:
        return found
    before = walk.root._data
    numbers = [notation.element(float(np.asarray(x).item())) for x in (before, after)]
    change = np.asarray(after - before).item()
    told = f"With the new parameters {walk.label(walk.root)} goes from {numbers[0]} to {numbers[1]}"
    if change == 0:
        told += ": unchanged"
    elif np.isfinite(change):
        told += f": {'down' if change < 0 else 'up'} by {notation.number(abs(change))}"
    found.append(
        Step("update", walk.root, None, None, None, None, after - before, before, after, f"{told}.")
    )
    return found


def _start(walk: Walk, sweep: Sweep) -> Step:
    root = walk.root
    label = walk.label(root)
    one = sweep.gradient(root)
    return Step(
        phase="backward",
        node=root,
        operation=None,
        slot=None,
        local=None,
        upstream=None,
        contribution=one,
        before=None,
        after=one,
        sentence=say("steps.starts", label=label, gradient=symbols.total(label, label)),
    )


def _backward(walk: Walk, flow: Contribution, so_far: list[Contribution], to_come: int) -> Step:
    found = receipt(flow, walk)
    node = flow.node
    assert node.operation is not None
    source, target = walk.label(node), walk.label(flow.input)
    role = symbols.role(node.operation, flow.slot, len(node.inputs))
    where = f", its {role}" if role else ""
    sentence = f"From {source} to {target}{where}: {_product(walk, flow, found)}"
    if node.operation is not part:
        sentence += _sum(walk, flow, so_far, to_come)
    return Step(
        phase="backward",
        node=node,
        operation=node.operation.name,
        slot=flow.slot,
        local=found.local,
        upstream=flow.upstream,
        contribution=flow.contribution,
        before=so_far[-2].total if len(so_far) > 1 else None,
        after=flow.total,
        sentence=sentence,
    )


def _product(walk: Walk, flow: Contribution, found: Receipt) -> str:
    """``local, times upstream, is contribution`` in numbers, or the rule with its shapes."""
    one_number = found.local is not None and all(
        np.size(x) == 1 for x in (found.local, flow.upstream, flow.contribution)
    )
    root = walk.label(walk.root)
    if one_number:
        local, upstream, contribution = (
            notation.element(np.asarray(x).item())
            for x in (found.local, flow.upstream, flow.contribution)
        )
        words = step_of(flow, walk)
        slope = rules.local(words)
        formula = f"slope {words.slope} = {f'({slope})' if ' where ' in slope else slope}"
        if not formula.endswith(f"= {local}"):
            formula += f" = {local}"
        above = f"{symbols.total(root, words.out)} = {upstream}"
        return f"{formula}, times {above}, is {contribution}."
    if flow.node.operation is part:
        return f"{found.rule}."
    text = f"{found.rule} : {found.shapes}" if found.shapes else str(found.rule)
    if found.derivative and found.local is not None and "⊙" in text:
        text += f", slope {found.derivative}"
    return f"{text}; {notation.size_of(notation.summarise(flow.contribution))}."


def _sum(walk: Walk, flow: Contribution, so_far: list[Contribution], to_come: int) -> str:
    """The running sum at the input: what it has so far, or all that it got."""
    goal = symbols.total(walk.label(walk.root), walk.label(flow.input))
    if len(so_far) == 1 and np.ndim(flow.total) and not to_come:
        return f" {goal} is complete."
    total = _short(notation.summarise(flow.total))
    if to_come > 0:
        return f" So far {total}; {to_come} more to come."
    if len(so_far) == 1:
        return f" {goal} = {total}."
    numbers = [np.asarray(item.contribution) for item in so_far]
    if len(numbers) <= notation.ADDED and all(n.size == 1 for n in numbers):
        return f" {goal} = {notation.added([n.item() for n in numbers])} = {total}."
    return f" {goal} is complete, the sum of {len(numbers)}: {total}."


def _short(numbers: Numbers) -> str:
    return notation.amount(numbers) if numbers.values else notation.size_of(numbers)


def _told(numbers: Numbers) -> str:
    text = notation.amount(numbers)
    return f"shape {notation.shape(numbers.shape)}, {text}" if numbers.shape else text


def _is_number(x: Any) -> bool:
    data = x._data if type(x) is Tensor else x
    return data is not None and type(data) is not tuple and np.size(data) == 1


def _plain(x: Any) -> Any:
    return np.asarray(x._data if type(x) is Tensor else x).item()
