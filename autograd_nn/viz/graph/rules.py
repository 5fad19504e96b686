"""The gradient rule of every operation in words: its local derivative, or what it does with G.

Letters: G is the gradient that arrives from above (upstream); x, y, p … are shown by the labels of
the inputs. An operation that is not listed here gets its name and its shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograd_nn import ops
from autograd_nn.engine.operation import Operation, part
from autograd_nn.engine.operations.indexing import ARRAY, filled
from autograd_nn.viz.graph import notation

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """What is to be put into words: one input of one recorded operation.

    ``raw`` is the shape that the rule returned, before broadcasting is undone.
    """

    operation: Operation
    slot: int
    inputs: tuple[str, ...]
    out: str
    input_shapes: tuple[Shape, ...]
    out_shape: Shape
    raw: Shape
    attributes: dict[str, Any]

    @property
    def input(self) -> str:
        """The label of the input that the gradient goes to."""
        return self.inputs[self.slot]

    @property
    def shape(self) -> Shape:
        """The shape of that input."""
        return self.input_shapes[self.slot]


# For each input the local derivative, in labels: {x} {y} {z} are the inputs, {out} is the result.
_ELEMENTWISE: dict[Operation, tuple[str, ...]] = {
    ops.add: ("1", "1"),
    ops.subtract: ("1", "-1"),
    ops.multiply: ("{y}", "{x}"),
    ops.divide: ("1/{y}", "-{out}/{y}"),
    ops.negative: ("-1",),
    ops.power: ("{y}·{x}^({y} - 1)", "{out}·log {x}"),
    ops.square: ("2·{x}",),
    ops.sqrt: ("1/(2·{out})",),
    ops.absolute: ("sign {x}",),
    ops.exp: ("{out}",),
    ops.expm1: ("{out} + 1",),
    ops.log: ("1/{x}",),
    ops.log1p: ("1/(1 + {x})",),
    ops.tanh: ("1 - {out}²",),
    ops.sigmoid: ("{out}·(1 - {out})",),
    ops.softplus: ("σ({x})",),
    ops.relu: ("1 where {x} > 0, else 0",),
    ops.sin: ("cos {x}",),
    ops.cos: ("-sin {x}",),
    ops.maximum: ("1 where {x} is larger, ½ at a tie", "1 where {y} is larger, ½ at a tie"),
    ops.minimum: ("1 where {x} is smaller, ½ at a tie", "1 where {y} is smaller, ½ at a tie"),
    ops.where: ("", "1 where {x}, else 0", "0 where {x}, else 1"),
    ops.clip: ("1 within the limits, else 0",),
    ops.copy: ("1",),
    ops.astype: ("1",),
    ops.binary_cross_entropy: ("(1 - {y})/(1 - {x}) - {y}/{x}", "log(1 - {x}) - log {x}"),
    ops.sigmoid_cross_entropy: ("σ({x}) - {y}", "-{x}", ""),
}

# For each input what the rule does with G, in labels; the shapes are written behind it.
_RULES: dict[Operation, tuple[str, ...]] = {
    ops.broadcast_to: ("{d} = G",),
    ops.softmax: ("{d} = {out}·(G - Σ G·{out})",),
    ops.log_softmax: ("{d} = G - exp({out})·Σ G",),
    ops.logsumexp: ("{d} = G·exp({x} - {out})",),
    ops.max: ("max back: to the largest, shared at a tie",),
    ops.min: ("min back: to the smallest, shared at a tie",),
    ops.reshape: ("{d} = G reshaped back",),
    ops.squeeze: ("{d} = G reshaped back",),
    ops.expand_dims: ("{d} = G reshaped back",),
    ops.transpose: ("{d} = Gᵀ",),
    ops.split: ("split back: the pieces joined, 0 where nothing came",),
    ops.categorical_cross_entropy: ("{d} = -G·{y}/{x}", "{d} = -G·log {x}"),
    ops.softmax_cross_entropy: (
        "{d} = G·(softmax({x})·Σ{y} - {y})",
        "{d} = -G·log_softmax({x})",
        "",
    ),
    ops.sparse_categorical_cross_entropy: ("{d} = -G·one_hot({y})/{x}", ""),
    ops.sparse_softmax_cross_entropy: ("{d} = G·(softmax({x}) - one_hot({y}))", "", ""),
}

_INFIX = {
    ops.add: "+",
    ops.subtract: "−",
    ops.multiply: "×",
    ops.divide: "÷",
    ops.power: "**",
    ops.matmul: "@",
}
_AROUND = {
    ops.negative: "−{}",
    ops.square: "{}²",
    ops.sqrt: "√{}",
    ops.absolute: "|{}|",
}

FUSED = (
    ops.sigmoid_cross_entropy,
    ops.softmax_cross_entropy,
    ops.sparse_softmax_cross_entropy,
)
"""The losses whose third input is a probability that they show and do not use."""


def is_elementwise(operation: Operation) -> bool:
    """Whether each element of the result depends on one element of each input, and we know it."""
    return operation in _ELEMENTWISE


def derivative(step: Step) -> str | None:
    """``∂v3/∂w = x``: the local derivative, where the operation works element by element."""
    formulas = _ELEMENTWISE.get(step.operation, ())
    if step.slot >= len(formulas):
        return None
    formula = _of_power(step) or _filled(formulas[step.slot], step)
    return (
        f"∂{notation.atom(step.out)}/∂{notation.atom(step.input)} = {formula}" if formula else None
    )


def lowered_exponent(step: Step) -> tuple[float, float] | None:
    """n and n - 1 where the step goes to the base of a power, and n is a number; else None."""
    if step.operation is not ops.power or step.slot:
        return None
    label = step.inputs[1]
    return (float(label), float(label) - 1) if notation.looks_like_number(label) else None


def rule(step: Step) -> tuple[str, str]:
    """What happens to the gradient on its way to this input, and the shapes on that way."""
    if step.operation in _ELEMENTWISE:
        formulas = _ELEMENTWISE[step.operation]
        known = {"1": "G", "-1": "-G"}.get(formulas[step.slot], "local × G")
        text, shapes = f"{_d(step)} = {known}", notation.shape(step.out_shape)
        return _summed(step, text, shapes, step.raw != step.shape)
    if step.operation is part:
        return f"G takes place {step.attributes['index']} of {step.input}", ""
    text, shapes = _STRUCTURAL.get(step.operation, _listed)(step)
    return _summed(step, text, shapes, _is_wider(step.raw, step.shape))


def expression(
    operation: Operation, inputs: tuple[str, ...], attributes: dict[str, Any] | None
) -> str:
    """How a result was computed, in the labels of its inputs: ``w × x``, ``Σ(v3, axis=0)``."""
    attributes = attributes or {}
    if operation in _INFIX and len(inputs) == 2:
        first = _grouped(inputs[0]) if operation is ops.power else inputs[0]
        return f"{first} {_INFIX[operation]} {_grouped(inputs[1])}"
    if operation in _AROUND and len(inputs) == 1:
        inside = inputs[0] if operation is ops.absolute else _grouped(inputs[0])
        return _AROUND[operation].format(inside)
    if operation is ops.transpose and not attributes:
        return f"{inputs[0]}ᵀ"
    if operation is ops.getitem:
        return f"{inputs[0]}[{_place(inputs[1:], attributes)}]"
    if operation is part:
        return f"{inputs[0]}, part {attributes['index']}"
    if len(inputs) > 4:
        inputs = (*inputs[:3], f"… {len(inputs) - 3} more")
    extra = [f"{key}={_attribute(key, item)}" for key, item in attributes.items()]
    return f"{notation.clean(operation.symbol, 24)}({', '.join([*inputs, *extra])})"


def symbol(operation: Operation) -> str:
    """An operation in one short word: ``×``, ``@``, ``tanh``."""
    return notation.clean(_INFIX.get(operation, operation.symbol), 24)


def _place(arrays: tuple[str, ...], attributes: dict[str, Any]) -> str:
    """What stands in the brackets, the arrays of an index by their labels."""
    return key_text(filled(attributes.get("key", ARRAY), arrays))


def key_text(key: Any) -> str:
    """An index as it is written between brackets; arrays by their shape."""
    if isinstance(key, tuple):
        return ", ".join(key_text(item) for item in key)
    if isinstance(key, slice):
        ends = [("" if end is None else str(end)) for end in (key.start, key.stop)]
        return ":".join(ends) + (f":{key.step}" if key.step is not None else "")
    if key is Ellipsis:
        return "…"
    if getattr(key, "ndim", 0):
        return notation.summary_of_index(key)
    return str(key)


def _attribute(name: str, item: Any) -> str:
    if name == "key":
        return key_text(item)
    return notation.clean(notation.shape(item) if isinstance(item, tuple) else str(item), 24)


_RAISED = {1.0: "", 2.0: "²", 3.0: "³"}


def _of_power(step: Step) -> str | None:
    """``3·x²``: the derivative of a power by its base, where the exponent is a number."""
    found = lowered_exponent(step)
    if found is None:
        return None
    n, lower = found
    if n in (0, 1):
        return notation.number(n)
    raised = notation.number(lower)
    exponent = _RAISED.get(lower, f"^({raised})" if lower < 0 else f"^{raised}")
    return f"{notation.number(n)}·{_grouped(step.input)}{exponent}"


def _d(step: Step) -> str:
    return f"d{step.input}" if step.input.isidentifier() else f"d {step.input}"


def _grouped(label: str) -> str:
    return f"({label})" if label.startswith("-") else label


def _filled(template: str, step: Step) -> str:
    is_alone = template in ("{x}", "{y}", "{z}")  # a negative number by itself needs no brackets
    labels = step.inputs if is_alone else tuple(map(_grouped, step.inputs))
    names = dict(zip(("x", "y", "z"), labels, strict=False))
    return template.format(out=step.out, d=_d(step), **names)


def _summed(step: Step, text: str, shapes: str, is_summed: bool) -> tuple[str, str]:
    """The words for broadcasting undone, which the engine does after every rule."""
    if not is_summed:
        return text, shapes
    extra = len(step.raw) - len(step.shape)
    axes = [
        axis
        for axis, length in enumerate(step.raw)
        if axis < extra or (length != 1 and step.shape[axis - extra] == 1)
    ]
    over = "axis" if len(axes) == 1 else "axes"
    total = f"Σ over {over} {', '.join(map(str, axes))}"
    way = f"{notation.shape(step.raw)} → {notation.shape(step.shape)}"
    if step.operation in _ELEMENTWISE or step.operation is ops.broadcast_to:
        return f"{_d(step)}: {total}", way
    return f"{text}, then {total}", f"{shapes}, {way}"


def _is_wider(raw: Shape, shape: Shape) -> bool:
    """Whether ``raw`` has axes that must be summed to give ``shape``."""
    if len(raw) > len(shape):
        return True
    behind = shape[len(shape) - len(raw) :]
    return any(have != 1 and want == 1 for have, want in zip(raw, behind, strict=True))


def _listed(step: Step) -> tuple[str, str]:
    templates = _RULES.get(step.operation, ())
    text = _filled(templates[step.slot], step) if step.slot < len(templates) else ""
    if not text:
        text = f"{_d(step)}: own rule of {notation.clean(step.operation.name, 24)}"
    return text, f"{notation.shape(step.out_shape)} → {notation.shape(step.shape)}"


def _matmul(step: Step) -> tuple[str, str]:
    left, right = step.inputs
    of_left, of_right = step.input_shapes
    g, x, y = (notation.shape(s) for s in (step.out_shape, of_left, of_right))
    to = notation.shape(step.raw)
    if step.slot == 0:
        if len(of_right) == 1:
            between = "·" if len(of_left) == 1 else "⊗"
            return f"{_d(step)} = G{between}{right}", f"{g}{between}{y} → {to}"
        return f"{_d(step)} = G·{right}ᵀ", f"{g}·{_swapped(of_right)} → {to}"
    if len(of_left) == 1:
        between = "·" if len(of_right) == 1 else "⊗"
        order = (f"{left}{between}G", f"{x}{between}{g}")
        return f"{_d(step)} = {order[0]}", f"{order[1]} → {to}"
    return f"{_d(step)} = {left}ᵀ·G", f"{_swapped(of_left)}·{g} → {to}"


def _swapped(lengths: Shape) -> str:
    return notation.shape((*lengths[:-2], lengths[-1], lengths[-2]))


def _sum(step: Step) -> tuple[str, str]:
    return "Σ back: spread", f"{notation.shape(step.out_shape)} → {notation.shape(step.shape)}"


def _mean(step: Step) -> tuple[str, str]:
    many = _size(step.shape) // max(1, _size(step.out_shape))
    way = f"{notation.shape(step.out_shape)} → {notation.shape(step.shape)}"
    return f"mean back: ÷ {many}, spread", way


def _size(lengths: Shape) -> int:
    size = 1
    for length in lengths:
        size *= length
    return size


def _joined(step: Step) -> tuple[str, str]:
    text = f"{step.operation.name} back: piece {step.slot} of G"
    return text, f"{notation.shape(step.out_shape)} → {notation.shape(step.shape)}"


def _indexed(step: Step) -> tuple[str, str]:
    others = 2 if step.operation in (ops.set_at, ops.add_at) else 1
    key = _place(step.inputs[others:], step.attributes)
    way = f"{notation.shape(step.out_shape)} → {notation.shape(step.shape)}"
    if step.operation is ops.getitem:
        return f"{_d(step)} = zeros, G added at [{key}]", way
    if step.operation is ops.set_at and step.slot == 0:
        return f"{_d(step)} = G, 0 at [{key}]", way
    if step.operation is ops.add_at and step.slot == 0:
        return f"{_d(step)} = G", way
    return f"{_d(step)} = G[{key}]", way


_STRUCTURAL: dict[Operation, Callable[[Step], tuple[str, str]]] = {
    ops.matmul: _matmul,
    ops.sum: _sum,
    ops.mean: _mean,
    ops.concatenate: _joined,
    ops.stack: _joined,
    ops.getitem: _indexed,
    ops.scatter: _indexed,
    ops.set_at: _indexed,
    ops.add_at: _indexed,
}
