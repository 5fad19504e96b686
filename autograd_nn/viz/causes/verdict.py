"""What `why` found in words: the gradient, the cause, the numbers, the path, what to try."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.reverse import Contribution
from autograd_nn.viz.causes.agreement import at_flat_point, sums_to_nothing
from autograd_nn.viz.causes.finding import Cause, Stop
from autograd_nn.viz.causes.magnitude import strongest_other
from autograd_nn.viz.causes.outcome import NEARLY_RIGHT, Outcome
from autograd_nn.viz.causes.scale import rms
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.flows import result_of_rule
from autograd_nn.viz.graph.path import GradientPath, PathLabels, in_columns, norm

WIDEST = 100
LONGEST_SHOWN = 30
"""A path of more stops is shown by its two ends and the stop at fault."""

_WRAP: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}


def no_gradient(name: str, found: Cause) -> str:
    """The text for a Tensor that gets no gradient."""
    return _paragraphs(
        [f"The gradient of {name} is not computed: {found.because}."],
        found.evidence,
        _suggested(found.suggestions),
    )


def verdict(
    way: GradientPath,
    stops: tuple[Stop, ...],
    path: Sequence[Contribution],
    found: Cause | None,
    labels: PathLabels,
    result: Outcome | None,
) -> str:
    """The text for a gradient that there is: what is wrong or that nothing is, and the path."""
    name = labels.label(way.w)
    size = _size(way.gradients[way.w])
    place: int | None = None
    if found is None:
        head = [f"Nothing is wrong with the gradient of {name}. It {size}."]
        evidence = _healthy(way, labels, result)
    elif found.cause == "accumulated gradients":
        head = [f"The gradient of {name} {size}, which is fine, but {found.because}."]
        evidence = [*found.evidence]
    else:
        loss = np.asarray(way.loss._data)
        head = [f"The gradient of {name} {size}: {found.because}."]
        if not np.isfinite(loss).all():
            told = f"The loss {labels.label(way.loss)} is {notation.number(loss.item())}"
            head = [f"{told}, and the gradient of {name} {size}: {found.because}."]
        evidence = [*found.evidence]
        place = next((i for i, step in enumerate(path, 1) if step is found.step), None)
    return _paragraphs(
        head,
        evidence,
        _table(stops, labels.label(way.loss), name, place),
        _suggested(found.suggestions) if found is not None else [],
    )


def after_a_step(name: str, gradient: Any, found: Cause | None) -> str:
    """The text where the weights were changed since backward(): of ``.grad`` alone."""
    verb, size = _size(gradient).split(" ", 1)
    size = f"{'was' if verb == 'is' else 'had'} {size}"
    if found is not None:
        head = f"When backward() ran, the gradient of {name} {size}, but {found.because}."
        return _paragraphs([head], found.evidence, _suggested(found.suggestions))
    return _paragraphs(
        [f"Nothing is wrong with the gradient of {name}. When backward() ran, it {size}."],
        [
            f"{name}.grad holds just that. The weights were changed since: for the way that it "
            "took compute the loss again."
        ],
    )


def _paragraphs(*parts: Sequence[str]) -> str:
    """Lines in paragraphs; prose is broken at the right margin, tables keep their lines."""
    written = []
    for part in parts:
        lines: list[str] = []
        for line in part:
            indent = "  " if line.startswith("- ") else ""
            is_prose = "   " not in line
            lines += (
                textwrap.wrap(line, WIDEST, subsequent_indent=indent, **_WRAP)
                if is_prose
                else [line]
            )
        if lines:
            written.append("\n".join(lines))
    return "\n\n".join(written) + "\n"


def _size(gradient: Any) -> str:
    numbers = notation.summarise(gradient)
    if numbers.values is not None:
        return f"is {notation.amount(numbers)}"
    if numbers.norm == 0 and not numbers.not_finite:
        return "is 0 in every element"
    if numbers.norm is None:
        return f"is not finite in all its {numbers.not_finite:,} elements"
    return f"has the {notation.size_of(numbers)}"


def _healthy(way: GradientPath, labels: PathLabels, result: Outcome | None) -> list[str]:
    """What is worth knowing about a gradient that is as it should be."""
    told = []
    if not np.size(way.gradients[way.w]):
        return ["It has no elements."]
    if way.w is not way.loss and (left_out := _not_taken(way)):
        told.append(
            f"{left_out:,} of its {notation.count(way.w.size, 'numbers.elements')} "
            f"{'is' if left_out == 1 else 'are'} 0 because no index took them."
        )
        if left_out == way.w.size:
            return told
    if result is not None and result.error <= NEARLY_RIGHT:
        told.append(f"The loss is nearly at its minimum: {result.text}, so little is sent back.")
    elif way.w is not way.loss and at_flat_point(way):
        told.append(
            "Its terms pull in opposite directions and balance, as those of every parameter do: "
            "the loss is at a flat point, such as a minimum."
        )
    elif way.w is not way.loss and norm(way.gradients[way.w]) > 0 and sums_to_nothing(way):
        told.append(
            "Its terms add up to nothing but rounding: what comes after takes it away again, as a "
            "normalization does with a bias before it."
        )
    elif norm(way.gradients[way.w]) == 0 and way.w is not way.loss:
        told.append("The loss is at a flat point here, such as a minimum.")
    strongest = strongest_other(way)
    own = rms(way.gradients[way.w])
    if strongest is not None and 0 < own < strongest[1] / 10:
        ratio = notation.number(float(f"{strongest[1] / own:.2g}"))
        told.append(
            f"A typical element of it is about {ratio} times smaller than one of "
            f"{labels.label(strongest[0])}, {_ordinary(way)}."
        )
    return told


def _not_taken(way: GradientPath) -> int:
    """How many elements no index took, where indexing is all that w is used for."""
    uses = way.uses[way.w]
    if any(use.node.operation is not ops.getitem for use in uses):
        return 0
    taken = sum(result_of_rule(use.node, use.slot, np.ones_like(use.node._data)) for use in uses)
    return int(np.count_nonzero(taken == 0))


def _ordinary(way: GradientPath) -> str:
    sigmoids = sum(t.operation is ops.sigmoid for t in way.nodes)
    if sigmoids:
        return (
            f"which is usual with {notation.count(sigmoids, 'numbers.sigmoids')} on its way, each "
            "of a slope of at most 1/4"
        )
    return "which is usual where layers lie between"


def _table(stops: tuple[Stop, ...], loss: str, w: str, place: int | None) -> list[str]:
    """The path with norms and factors; the stop at ``place`` is marked."""
    if len(stops) < 2:
        return []
    rows: list[tuple[str, ...]] = [("at", "back through", "factor", "norm of gradient", "")]
    for number, stop in enumerate(stops):
        through = notation.clean(stop.operation or "", 32)
        if stop.layer:
            through += f" in {stop.layer}"
        rows.append(
            (
                stop.label,
                through,
                "" if stop.factor is None else f"× {notation.number(stop.factor)}",
                "see its parts" if stop.norm is None else notation.number(stop.norm),
                "← here" if number == place else "",
            )
        )
    lines = in_columns(rows)
    if len(stops) > LONGEST_SHOWN:
        keep = _kept(len(stops), place)
        shown = [lines[0]]
        before = -1
        for number in keep:
            if number > before + 1:
                shown.append(f"… {notation.count(number - before - 1, 'numbers.stops')} more …")
            shown.append(lines[number + 1])
            before = number
        lines = shown
    return [f"From {loss} back to {w}, along the path that carries most:", *lines]


def _kept(count: int, place: int | None) -> list[int]:
    """Of a long path the two ends, and what is around the stop that is marked."""
    third = LONGEST_SHOWN // 3
    around = range(place - third // 2, place + third // 2) if place is not None else range(0)
    ends = [*range(third), *range(count - third, count)]
    return sorted({number for number in [*ends, *around] if 0 <= number < count})


def _suggested(suggestions: tuple[str, ...]) -> list[str]:
    return ["What to try:", *(f"- {text}" for text in suggestions)] if suggestions else []
