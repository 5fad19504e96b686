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
from autograd_nn.viz.graph.columns import in_columns
from autograd_nn.viz.graph.flows import result_of_rule
from autograd_nn.viz.graph.path import GradientPath, PathLabels, norm
from autograd_nn.viz.wording.saying import say, spoken

WIDEST = 100
LONGEST_SHOWN = 30
"""A path of more stops is shown by its two ends and the stop at fault."""

_WRAP: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}


def no_gradient(name: str, found: Cause) -> str:
    """The text for a Tensor that gets no gradient."""
    return _paragraphs(
        [say("verdict.none", name=name, because=found.because)],
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
        head = [say("verdict.nothing", name=name, size=size)]
        evidence = _healthy(way, labels, result)
    elif found.cause == "accumulated gradients":
        head = [say("verdict.fine_but", name=name, size=size, because=found.because)]
        evidence = [*found.evidence]
    else:
        loss = np.asarray(way.loss._data)
        head = [say("verdict.wrong", name=name, size=size, because=found.because)]
        if not np.isfinite(loss).all():
            head = [
                say(
                    "verdict.wrong_loss",
                    loss=labels.label(way.loss),
                    x=notation.number(loss.item()),
                    name=name,
                    size=size,
                    because=found.because,
                )
            ]
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
    size = _size(gradient, is_past=True)
    if found is not None:
        head = say("verdict.was_but", name=name, size=size, because=found.because)
        return _paragraphs([head], found.evidence, _suggested(found.suggestions))
    return _paragraphs(
        [say("verdict.was_nothing", name=name, size=size)],
        [say("verdict.was_held", name=name)],
    )


def _paragraphs(*parts: Sequence[str]) -> str:
    """Lines in paragraphs; prose is broken at the right margin, tables keep their lines."""
    written = []
    for part in parts:
        lines: list[str] = []
        for line in part:
            indent = "  " if line.startswith("- ") else ""
            # Chinese has no spaces to break it at: a terminal breaks it anywhere.
            is_prose = "   " not in line and spoken() == "en"
            lines += (
                textwrap.wrap(line, WIDEST, subsequent_indent=indent, **_WRAP)
                if is_prose
                else [line]
            )
        if lines:
            written.append("\n".join(lines))
    return "\n\n".join(written) + "\n"


def _size(gradient: Any, is_past: bool = False) -> str:
    numbers = notation.summarise(gradient)
    if numbers.values is not None:
        key = "verdict.was_number" if is_past else "verdict.is_number"
        return say(key, x=notation.amount(numbers))
    if numbers.norm == 0 and not numbers.not_finite:
        return say("verdict.was_zero" if is_past else "verdict.is_zero")
    if numbers.norm is None:
        key = "verdict.was_not_finite" if is_past else "verdict.is_not_finite"
        return say(key, n=f"{numbers.not_finite:,}")
    key = "verdict.had_size" if is_past else "verdict.has_size"
    return say(key, told=notation.size_of(numbers))


def _healthy(way: GradientPath, labels: PathLabels, result: Outcome | None) -> list[str]:
    """What is worth knowing about a gradient that is as it should be."""
    told = []
    if not np.size(way.gradients[way.w]):
        return [say("verdict.no_elements")]
    if way.w is not way.loss and (left_out := _not_taken(way)):
        told.append(
            say(
                "verdict.not_taken_one" if left_out == 1 else "verdict.not_taken",
                n=f"{left_out:,}",
                elements=notation.count(way.w.size, "numbers.elements"),
            )
        )
        if left_out == way.w.size:
            return told
    if result is not None and result.error <= NEARLY_RIGHT:
        told.append(say("verdict.nearly_right", told=result.text))
    elif way.w is not way.loss and at_flat_point(way):
        told.append(say("verdict.balanced"))
    elif way.w is not way.loss and norm(way.gradients[way.w]) > 0 and sums_to_nothing(way):
        told.append(say("verdict.taken_away"))
    elif norm(way.gradients[way.w]) == 0 and way.w is not way.loss:
        told.append(say("verdict.flat_point"))
    strongest = strongest_other(way)
    own = rms(way.gradients[way.w])
    if strongest is not None and 0 < own < strongest[1] / 10:
        ratio = notation.number(float(f"{strongest[1] / own:.2g}"))
        told.append(_smaller(way, ratio, labels.label(strongest[0])))
    return told


def _not_taken(way: GradientPath) -> int:
    """How many elements no index took, where indexing is all that w is used for."""
    uses = way.uses[way.w]
    if any(use.node.operation is not ops.getitem for use in uses):
        return 0
    taken = sum(result_of_rule(use.node, use.slot, np.ones_like(use.node._data)) for use in uses)
    return int(np.count_nonzero(taken == 0))


def _smaller(way: GradientPath, ratio: str, other: str) -> str:
    sigmoids = sum(t.operation is ops.sigmoid for t in way.nodes)
    if sigmoids:
        told = notation.count(sigmoids, "numbers.sigmoids")
        return say("verdict.smaller_sigmoids", ratio=ratio, other=other, sigmoids=told)
    return say("verdict.smaller", ratio=ratio, other=other)


def _table(stops: tuple[Stop, ...], loss: str, w: str, place: int | None) -> list[str]:
    """The path with norms and factors; the stop at ``place`` is marked."""
    if len(stops) < 2:
        return []
    heads = ("verdict.at", "verdict.through", "verdict.factor", "verdict.norm")
    rows: list[tuple[str, ...]] = [(*map(say, heads), "")]
    for number, stop in enumerate(stops):
        through = notation.clean(stop.operation or "", 32)
        if stop.layer:
            through = say("verdict.in_layer", operation=through, layer=stop.layer)
        rows.append(
            (
                stop.label,
                through,
                "" if stop.factor is None else f"× {notation.number(stop.factor)}",
                say("numbers.see_parts") if stop.norm is None else notation.number(stop.norm),
                say("verdict.here") if number == place else "",
            )
        )
    lines = in_columns(rows)
    if len(stops) > LONGEST_SHOWN:
        keep = _kept(len(stops), place)
        shown = [lines[0]]
        before = -1
        for number in keep:
            if number > before + 1:
                stops_between = notation.count(number - before - 1, "numbers.stops")
                shown.append(say("verdict.more_stops", stops=stops_between))
            shown.append(lines[number + 1])
            before = number
        lines = shown
    return [say("verdict.path", loss=loss, w=w), *lines]


def _kept(count: int, place: int | None) -> list[int]:
    """Of a long path the two ends, and what is around the stop that is marked."""
    third = LONGEST_SHOWN // 3
    around = range(place - third // 2, place + third // 2) if place is not None else range(0)
    ends = [*range(third), *range(count - third, count)]
    return sorted({number for number in [*ends, *around] if 0 <= number < count})


def _suggested(suggestions: tuple[str, ...]) -> list[str]:
    return [say("verdict.try"), *(f"- {text}" for text in suggestions)] if suggestions else []
