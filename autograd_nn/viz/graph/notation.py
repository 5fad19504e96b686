"""Numbers, shapes and names as short text, the same in every output format."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd_nn.viz.graph.view import Edge, GraphView, Node, Numbers
from autograd_nn.viz.wording.saying import phrase, say

SHOWN_WHOLE = 6
"""Arrays of at most so many elements are shown element by element."""

ADDED = 6
"""Sums of at most so many numbers are written out."""

LONGEST_NAME = 32

MINUS = "−"

ROUNDING = 4 * float(np.finfo(np.float64).eps)
"""Sums that are 1 on paper miss it by so much."""

LEGEND = {
    "gradient": "numbers.shade_gradient",
    "value": "numbers.shade_value",
    "time": "numbers.shade_time",
    "bytes": "numbers.shade_bytes",
    "agreement": "numbers.shade_agreement",
}
"""The phrase for what the shade of a node stands for, by the argument ``color``."""


def summarise(array: Any) -> Numbers:
    """An array, or a number, as what a picture tells of it."""
    array = np.asarray(array)
    if array.size == 1 and np.isfinite(array).all():  # most of a scalar graph: worth a short way
        x = float(array.item())
        return Numbers(
            shape=array.shape,
            dtype=str(array.dtype),
            values=(array.item(),),
            low=x,
            mean=x,
            high=x,
            norm=abs(x),
            largest=x,
            at=(0,) * array.ndim,
            not_finite=0,
        )
    values = array.astype(np.float64).ravel()
    finite = np.isfinite(values)
    not_finite = int(finite.size - np.count_nonzero(finite))
    known = values[finite] if not_finite else values
    low = mean = high = norm = largest = at = None
    if known.size:
        low, mean, high = float(known.min()), float(known.mean()), float(known.max())
        sizes = np.abs(values)
        place = int((np.where(finite, sizes, -1) if not_finite else sizes).argmax())
        largest = float(values[place])
        scale = abs(largest) or 1.0  # the square of a large number would be infinite
        norm = scale * math.sqrt(np.square(known / scale).sum())
        at = tuple(int(i) for i in np.unravel_index(place, array.shape))
    return Numbers(
        shape=array.shape,
        dtype=str(array.dtype),
        values=tuple(array.ravel().tolist()) if array.size <= SHOWN_WHOLE else None,
        low=low,
        mean=mean,
        high=high,
        norm=norm,
        largest=largest,
        at=at,
        not_finite=not_finite,
    )


def number(x: float) -> str:
    """Four digits, and all before the point up to seven, with a true minus.

    >>> number(-0.125), number(2e-05), number(12083.33)
    ('−0.125', '2e−05', '12083')
    """
    if isinstance(x, bool):
        return str(x)
    if isinstance(x, int) and abs(x) < 10**7:
        return with_minus(str(x))
    if 9999.5 <= abs(x) < 9999999.5:
        return with_minus(f"{x:.0f}")
    return with_minus(f"{x + 0.0:.4g}")  # + 0.0 makes -0 a 0


def with_minus(text: str) -> str:
    """Numbers as Python writes them, with a true minus."""
    return text.replace("-", MINUS)


def element(x: float) -> str:
    """One element: as `number`, but what is not 1 is not written as 1, however near it is.

    The slope of a sigmoid there is not 0.

    >>> element(0.9999877), element(1.0), element(-0.5)
    ('0.99999', '1', '−0.5')
    """
    text, digits = number(x), 4
    if text.lstrip(MINUS) == "1" and abs(abs(x) - 1) > ROUNDING:
        while text.lstrip(MINUS) == "1":
            digits += 1
            text = with_minus(f"{x:.{digits}g}")
    return text


def shape(lengths: tuple[int, ...]) -> str:
    """A shape without spaces: ``(64,32)``."""
    return str(tuple(lengths)).replace(" ", "")


def index(place: tuple[int, ...]) -> str:
    """The place of an element: ``[3, 7]``."""
    return "[" + ", ".join(str(i) for i in place) + "]"


def amount(numbers: Numbers) -> str:
    """An array in one short line: the number, the few numbers, or the statistics."""
    if numbers.values is not None:
        return _nested(list(numbers.values), numbers.shape)
    unusual = _unusual(numbers)
    if numbers.low is None or numbers.mean is None or numbers.high is None:
        return unusual
    if numbers.low == numbers.high:
        text = say("numbers.all", x=number(numbers.low))
    else:
        low, mean, high = map(number, (numbers.low, numbers.mean, numbers.high))
        text = say("numbers.mean", low=low, mean=mean, high=high)
    return say("numbers.and", first=text, second=unusual) if unusual else text


def _unusual(numbers: Numbers) -> str:
    return say("numbers.not_finite", n=numbers.not_finite) if numbers.not_finite else ""


def _nested(values: list[Any], lengths: tuple[int, ...]) -> str:
    if not lengths:
        return element(values[0])
    if len(lengths) == 1 or not values:
        return "[" + ", ".join(element(x) for x in values) + "]"
    step = len(values) // lengths[0]
    rows = [values[start : start + step] for start in range(0, len(values), step)]
    return "[" + ", ".join(_nested(row, lengths[1:]) for row in rows) + "]"


def size_of(numbers: Numbers) -> str:
    """The norm of an array and its largest entry with its place; a number is itself."""
    if not numbers.shape and numbers.values:
        return element(numbers.values[0])
    if numbers.norm is None or numbers.largest is None:
        return norm(numbers)
    size, largest = number(numbers.norm), number(numbers.largest)
    if numbers.shape and numbers.at is not None:
        place = index(numbers.at)
        text = say("numbers.norm_largest_at", norm=size, x=largest, place=place)
    else:
        text = say("numbers.norm_largest", norm=size, x=largest)
    unusual = _unusual(numbers)
    return say("numbers.and", first=text, second=unusual) if unusual else text


def norm(numbers: Numbers) -> str:
    """The norm of an array; what is not finite in it is said."""
    known = "" if numbers.norm is None else say("numbers.norm", x=number(numbers.norm))
    unusual = _unusual(numbers)
    if known and unusual:
        return say("numbers.and", first=known, second=unusual)
    return known or unusual or say("numbers.empty")


def is_one_number(edge: Edge) -> bool:
    """Whether local × upstream = contribution are three numbers."""
    parts = (edge.local, edge.upstream, edge.contribution)
    return all(part is not None and part.values and len(part.values) == 1 for part in parts)


def product(edge: Edge) -> str:
    """``slope 2 × −0.376 = −0.751``, for an edge that is one number."""
    parts = (edge.local, edge.upstream, edge.contribution)
    local, upstream, contribution = (
        element(part.values[0]) for part in parts if part is not None and part.values
    )
    return say("numbers.product", local=local, upstream=upstream, found=contribution)


def checked(kind: str | None, text: str) -> str:
    """What differences say of an edge, with its mark."""
    marks = {"right": "✓ ", "wrong": "✗ ", "kink": "∠ "}
    return f"{marks.get(kind, '') if kind else ''}{text}"


def ledger(edge: Edge) -> list[str]:
    """The shape that goes forward along an edge, and what the backward pass has to undo."""
    if edge.contribution is None:
        return []
    lines = [say("numbers.shape", shape=shape(edge.contribution.shape))]
    if edge.rule:
        way = f" : {edge.shapes}" if edge.shapes else ""
        lines.append(say("numbers.back", rule=f"{edge.rule}{way}"))
    elif edge.derivative:
        lines.append(say("numbers.back_slope"))
    return lines


def receipt(edge: Edge) -> list[str]:
    """What flows back along an edge, in short lines; empty where nothing does."""
    if edge.note:
        return [edge.note]
    if edge.contribution is None:
        return []
    if is_one_number(edge):
        return [product(edge)]
    lines = []
    if edge.rule:
        lines.append(f"{edge.rule} : {edge.shapes}" if edge.shapes else edge.rule)
    if edge.derivative and edge.local is not None and not edge.derivative.endswith(("= 1", "= −1")):
        lines.append(f"{edge.derivative}; {amount(edge.local)}")
    return [*lines, size_of(edge.contribution)]


def running_sum(node: Node, edges: dict[str, Edge]) -> str | None:
    """How the contributions add up to the gradient of a node that received several."""
    if len(node.received) < 2 or node.gradient is None:
        return None
    numbers = [edges[name].contribution for name in node.received]
    single = [n.values[0] for n in numbers if n is not None and n.values and len(n.values) == 1]
    if len(single) != len(node.received) or len(single) > ADDED:
        return say("numbers.sum_of", n=len(node.received))
    return f"{added(single)} = {amount(node.gradient)}"


def added(numbers: Sequence[float]) -> str:
    """``3 + 2 − 1``."""
    text = element(numbers[0])
    for x in numbers[1:]:
        text += f" {MINUS} {element(-x)}" if x < 0 else f" + {element(x)}"
    return text


def atom(label: str) -> str:
    """A label behind a d or a ∂: in brackets where it is more than one word."""
    return label if label.isidentifier() else f"({label})"


def gradient(node: Node) -> str:
    """The gradient of a node; what was not computed is said, and is never a number."""
    if node.gradient is not None:
        return amount(node.gradient)
    if node.missing:
        return say("numbers.not_computed_why", why=node.missing)
    return say("numbers.not_computed")


def title(node: Node) -> str:
    """``v3 = w × x``: what a node is called, and how it was made."""
    return f"{node.label} = {node.expression}" if node.expression else node.label


def sentence(view: GraphView) -> str:
    """The picture in one sentence, for those who cannot see it."""
    if view.kind == "model":
        names = say("numbers.list").join(node.label for node in view.nodes)
        layers = count(sum(node.count for node in view.nodes), "numbers.layers")
        told = say("numbers.model", layers=layers)
        return say("numbers.told", name=told, told=names) if names else told
    counts = count(len(view.nodes), "numbers.nodes"), count(len(view.edges), "numbers.edges")
    size = say("numbers.and", first=counts[0], second=counts[1])
    labels = [node.label for node in view.nodes if node.id == view.root]
    if not labels:  # around a Tensor in focus the result may be out of sight
        return say("numbers.part_of_graph", size=size)
    return say("numbers.graph", label=labels[0], size=size)


def count(n: int, key: str) -> str:
    """``1 node``, ``2 nodes``: a phrase that says both, with a bar between.

    >>> count(1, "numbers.boxes"), count(3000, "numbers.boxes")
    ('1 box', '3,000 boxes')
    """
    one, several = phrase(key).split("|")
    return (one if n == 1 else several).format(n=f"{n:,}")


def quantity(kind: str, amount: float) -> str:
    """What a shade stands for, with its unit: ``12.3 µs``, ``800 bytes``, ``87 %``, ``0.25``."""
    if kind == "agreement":
        return f"{100 * amount:.0f} %"
    if kind == "time":
        return _in_units(amount, (("ns", 1e-9), ("µs", 1e-6), ("ms", 1e-3), ("s", 1.0)))
    if kind == "bytes":
        return _in_units(
            amount, ((say("numbers.bytes"), 1.0), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9))
        )
    return number(amount)


def _in_units(amount: float, units: tuple[tuple[str, float], ...]) -> str:
    """Three digits in the largest unit that leaves a number of at least one."""
    fitting = [(name, size) for name, size in units if float(f"{amount / size:.3g}") >= 1]
    name, size = (fitting or [units[0]])[-1]
    scaled = amount / size
    return f"{scaled:.0f} {name}" if scaled >= 99.95 else f"{scaled:.3g} {name}"


def clean(text: str, longest: int = LONGEST_NAME) -> str:
    """A user's text on one line: control characters visible as escapes, and not too long.

    >>> clean("a\\nb"), clean("x" * 100, 5)
    ('a\\\\nb', 'xxxx…')
    """
    text = text[: longest + 1]
    shown = "".join(
        c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode()
        for c in text
    )
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def looks_like_number(text: str) -> bool:
    """Whether a label is a number as `number` or Python writes it, and finite."""
    return re.fullmatch(r"[-−]?\d+(\.\d+)?(e[-−+]?\d+)?", text) is not None


def summary_of_index(array: Any) -> str:
    """An array of indices: itself where it is short, else its kind and shape."""
    if array.size <= SHOWN_WHOLE and array.ndim == 1:
        return "[" + ", ".join(str(i) for i in array.tolist()) + "]"
    return f"{array.dtype} {shape(array.shape)}"
