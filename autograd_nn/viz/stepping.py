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
from autograd_nn.viz.graph.number_forms import Teller, element
from autograd_nn.viz.graph.walk import Walk, checked_names
from autograd_nn.viz.wording.saying import say, speaking, spoken

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

    __slots__ = ("_lang", "_steps", "note")

    def __init__(self, steps: list[Step], note: str = "") -> None:
        self._lang = spoken()
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
        with speaking(self._lang):
            return self._told(len(self._steps))

    def __repr__(self) -> str:
        with speaking(self._lang):
            return self._told(SHOWN)

    def _told(self, most: int) -> str:
        width = len(str(len(self._steps)))
        lines, phase = [], ""
        for number, step in enumerate(self._steps):
            if step.phase != phase:
                phase = step.phase
                lines.append(say("steps.heading", phase=phase_name(phase)))
            lines.append(f"{number + 1:{width + 2}}  {step.sentence}")
            if number + 1 == most < len(self._steps):
                lines.append(say("steps.more", n=len(self._steps) - most))
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


def phase_name(phase: str) -> str:
    """A phase in the language of now, as a heading has it."""
    key = {"forward": "steps.forward", "backward": "steps.backward", "update": "steps.update"}
    return say(key[phase])


def told(walk: Walk, sweep: Sweep, optimizer: Any = None, as_holes: bool = False) -> Steps:
    """The steps of a walk and its backward pass, and of an update where there is an optimizer.

    ``as_holes``: the sentences have holes in place of the numbers that a page computes.
    """
    shown = Teller(as_holes)
    # What the computation warned of was told when it ran; telling it does not warn again.
    with np.errstate(all="ignore"):
        found = [
            _forward(walk, item, shown)
            for item in walk.order
            if type(item) is Tensor and item.operation is not None
        ]
        if not sweep.why_none:
            found.append(_start(walk, sweep))
        arrived: dict[Tensor, list[tuple[Contribution, int]]] = {}
        for flow in sweep.steps:
            so_far = arrived.setdefault(flow.input, [])
            so_far.append((flow, len(found)))
            to_come = len(sweep.received.get(flow.input, ())) - len(so_far)
            found.append(_backward(walk, so_far, to_come, shown))
    if optimizer is not None and not sweep.why_none:
        found += _update(walk, sweep, optimizer, len(found), shown)
    note = sweep.note
    if sweep.why_none and not note:
        note = say("steps.none_backward", why=sweep.why_none)
    return Steps(found, note)


def _forward(walk: Walk, node: Tensor, shown: Teller) -> Step:
    operation, data = node.operation, node._data
    assert operation is not None
    formula = rules.expression(operation, walk.input_labels(node), node.attributes)
    label = walk.label(node)
    if is_call(node.scope or ""):
        label = say("steps.in_call", scope=walk.scope(node), label=label)
    told = f"{label} = {formula}"
    others = [
        say("steps.another", label=walk.label(x))
        for x in node.inputs
        if type(x) is Tensor and changed_since(x, node)
    ]
    place = f"v:{walk.ids[id(node)]}"
    if type(data) is tuple:
        sentence = say("steps.results", formula=told, n=len(data))
    elif data.size == 1 and not others and all(_is_number(x) for x in node.inputs):
        plain = tuple(element(_data(x)) for x in node.inputs)
        if rules.expression(operation, plain, node.attributes) != formula:
            places = [f"v:{walk.ids[id(x)]}" for x in walk.inputs(node)]
            pairs = zip(map(_data, node.inputs), places, strict=True)
            numbers = tuple(shown("element", pair) for pair in pairs)
            told += f" = {rules.expression(operation, numbers, node.attributes)}"
        sentence = say("steps.is_number", formula=told, number=shown("amount", (data, place)))
    else:
        amount = shown("amount", (data, place))
        if data.shape:
            amount = say("steps.of_shape", shape=notation.shape(data.shape), told=amount)
        sentence = say("steps.is_array", formula=told, told=amount)
    if others:
        other = say("steps.and").join(others)
        sentence = say("steps.changed_since", sentence=sentence, others=other)
    return Step("forward", node, operation.name, None, None, None, None, None, data, sentence)


def _update(walk: Walk, sweep: Sweep, optimizer: Any, first: int, shown: Teller) -> list[Step]:
    """The third phase: every parameter before and after, and then the loss."""
    from autograd_nn import optimizers  # which nobody needs who takes no step
    from autograd_nn.viz.updates import loss_with, updates

    done = updates(walk, sweep, optimizers.get(optimizer), first, shown)
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
    pairs = (before, f"v:{walk.ids[id(walk.root)]}"), (after, f"a:{first + len(done)}")
    told = say(
        "steps.loss_goes",
        label=walk.label(walk.root),
        before=shown("element", pairs[0]),
        after=shown("element", pairs[1]),
        change=shown("changed", *pairs),
    )
    found.append(
        Step("update", walk.root, None, None, None, None, after - before, before, after, told)
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


def _backward(
    walk: Walk, so_far: list[tuple[Contribution, int]], to_come: int, shown: Teller
) -> Step:
    flow, index = so_far[-1]
    found = receipt(flow, walk)
    node = flow.node
    assert node.operation is not None
    is_part = node.operation is part
    words = {
        "source": walk.label(node),
        "target": walk.label(flow.input),
        "product": _product(walk, flow, found, index, shown),
        "sum": "" if is_part else _sum(walk, so_far, to_come, shown),
    }
    role = symbols.role(node.operation, flow.slot, len(node.inputs))
    sentence = say("steps.goes_as", role=role, **words) if role else say("steps.goes", **words)
    return Step(
        phase="backward",
        node=node,
        operation=node.operation.name,
        slot=flow.slot,
        local=found.local,
        upstream=flow.upstream,
        contribution=flow.contribution,
        before=so_far[-2][0].total if len(so_far) > 1 else None,
        after=flow.total,
        sentence=sentence,
    )


def _product(walk: Walk, flow: Contribution, found: Receipt, index: int, shown: Teller) -> str:
    """``local, times upstream, is contribution`` in numbers, or the rule with its shapes."""
    one_number = found.local is not None and all(
        np.size(x) == 1 for x in (found.local, flow.upstream, flow.contribution)
    )
    root = walk.label(walk.root)
    if one_number:
        words = step_of(flow, walk)
        slope = rules.local(words)
        formula = f"{words.slope} = {f'({slope})' if ' where ' in slope else slope}"
        if not formula.endswith(f"= {element(found.local)}"):
            formula += f" = {shown('element', (found.local, f'l:{index}'))}"
        above = shown("element", (flow.upstream, f"g:{walk.ids[id(flow.node)]}"))
        return say(
            "steps.product",
            slope=formula,
            above=f"{symbols.total(root, words.out)} = {above}",
            contribution=shown("element", (flow.contribution, f"c:{index}")),
        )
    if flow.node.operation is part:
        return say("steps.rule", rule=found.rule)
    text = f"{found.rule} : {found.shapes}" if found.shapes else str(found.rule)
    if found.derivative and found.local is not None and "⊙" in text:
        text = say("steps.with_slope", rule=text, slope=found.derivative)
    size = shown("size", (flow.contribution, f"c:{index}"))
    return say("steps.rule_size", rule=text, size=size)


def _sum(walk: Walk, so_far: list[tuple[Contribution, int]], to_come: int, shown: Teller) -> str:
    """The running sum at the input: what it has so far, or all that it got."""
    flow, index = so_far[-1]
    goal = symbols.total(walk.label(walk.root), walk.label(flow.input))
    if len(so_far) == 1 and np.ndim(flow.total) and not to_come:
        return say("steps.complete", gradient=goal)
    total = shown("total", (flow.total, f"a:{index}"))
    if to_come > 0:
        return say("steps.so_far", total=total, more=to_come)
    if len(so_far) > 1:
        each = [(item.contribution, f"c:{place}") for item, place in so_far]
        if len(each) > notation.ADDED or any(np.size(x) != 1 for x, _ in each):
            return say("steps.complete_sum", gradient=goal, n=len(each), total=total)
        total = f"{shown('added', *each)} = {total}"
    return say("steps.gradient_is", gradient=goal, total=total)


def _is_number(x: Any) -> bool:
    data = _data(x)
    return data is not None and type(data) is not tuple and np.size(data) == 1


def _data(x: Any) -> Any:
    return x._data if type(x) is Tensor else x
