"""The gradient rule of an operation in words: its slope, or what it makes of the gradient that
arrives from above.

What is said is the rule's own formula (`formulas`); here stands how it is laid out. The inputs and
the result have their labels, and the gradient that arrives is ∂L/∂(result). A rule that has no
formula gets its name and its shapes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.operation import Operation, part
from autograd_nn.engine.operations.indexing import ARRAY, filled
from autograd_nn.viz.formulas.derivation import RuleFormula
from autograd_nn.viz.formulas.trees import Call, Letter, Product, Tree
from autograd_nn.viz.formulas.typesetting import Style, is_outer, stripped, written
from autograd_nn.viz.graph import notation, symbols
from autograd_nn.viz.wording.holes import in_brackets
from autograd_nn.viz.wording.saying import say

Shape = tuple[int, ...]


@dataclass(frozen=True)
class AppliedRule:
    """What is to be put into words: one input of one recorded operation.

    ``root`` is the label of what the gradient is of, ``raw`` the shape that the rule returned,
    before broadcasting is undone.
    """

    root: str
    operation: Operation
    slot: int
    inputs: tuple[str, ...]
    out: str
    input_shapes: tuple[Shape, ...]
    out_shape: Shape
    raw: Shape
    attributes: dict[str, Any]
    formula: RuleFormula | None

    @property
    def input(self) -> str:
        """The label of the input that the gradient goes to."""
        return self.inputs[self.slot]

    @property
    def shape(self) -> Shape:
        """The shape of that input."""
        return self.input_shapes[self.slot]

    def label(self, letter: str) -> str:
        """The label of a letter of the formula: an input by its place, "out", or "g"."""
        if letter.isdecimal():
            return self.inputs[int(letter)]
        if letter.startswith("out"):
            return self.out + (f"[{letter[3:]}]" if letter[3:] else "")
        return symbols.total(self.root, self.out + (f"[{letter[1:]}]" if letter[1:] else ""))

    @property
    def upstream(self) -> str:
        """The gradient that arrives from above."""
        return symbols.total(self.root, self.out)

    @property
    def slope(self) -> str:
        """What stands for the local derivative by that input."""
        return symbols.slope(self.out, self.slot)


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


def derivative(step: AppliedRule) -> str | None:
    """``∂₁v3 = x``: the local derivative, where the operation works element by element."""
    if step.formula is None or step.formula.local is None:
        return None
    return f"{step.slope} = {written(step.formula.local, style(step))}"


def local(step: AppliedRule) -> str:
    """The local derivative of one number by another; of an operation without a formula its name."""
    text = derivative(step)
    if text is not None:
        return text.removeprefix(f"{step.slope} = ")
    if step.operation is part:
        return "1"
    name = notation.clean(step.operation.name, 24)
    if len(step.inputs) == 1:
        return f"{name}′({step.input})"
    return f"{symbols.slope(name, step.slot)}({', '.join(step.inputs[:4])})"


def rule(step: AppliedRule) -> tuple[str, str]:
    """What happens to the gradient on its way to this input, and the shapes on that way."""
    way = f"{notation.shape(step.out_shape)} → {notation.shape(step.shape)}"
    if step.operation is part:
        place = step.attributes["index"]
        told = say("rules.takes_place", upstream=step.upstream, place=place, input=step.input)
        return told, ""
    if step.formula is None:
        words = (step.operation.formula or {step.slot: None})[step.slot]
        if not isinstance(words, str):
            words = say("rules.own", name=notation.clean(step.operation.name, 24))
        return _summed(step, words, way)
    if step.formula.is_elementwise:
        local = written(step.formula.local, style(step))  # type: ignore[arg-type]
        known = {"1": step.upstream, f"{notation.MINUS}1": f"{notation.MINUS}{step.upstream}"}
        product = known.get(local, f"{step.slope} ⊙ {step.upstream}")
        return (
            _summed(step, product, "")
            if _is_summed(step)
            else (product, notation.shape(step.out_shape))
        )
    tree = step.formula.tree
    text = _moved(step, tree) or written(tree, style(step))
    return _summed(step, text, _shapes(step, tree) or way)


def expression(
    operation: Operation, inputs: tuple[str, ...], attributes: dict[str, Any] | None
) -> str:
    """How a result was computed, in the labels of its inputs: ``w × x``, ``Σ(v3, axis=0)``."""
    attributes = attributes or {}
    if is_infix(operation) and len(inputs) == 2 and not attributes:
        first = _grouped(inputs[0]) if operation is ops.power else inputs[0]
        return f"{first} {operation.symbol} {_grouped(inputs[1])}"
    if operation in _AROUND and len(inputs) == 1:
        inside = inputs[0] if operation is ops.absolute else _grouped(inputs[0])
        return _AROUND[operation].format(inside)
    if operation is ops.transpose and not attributes:
        return f"{inputs[0]}ᵀ"
    if operation is ops.getitem:
        return f"{inputs[0]}[{_place(inputs[1:], attributes)}]"
    if operation is part:
        return say("rules.part", input=inputs[0], index=attributes["index"])
    if len(inputs) > 4:
        inputs = (*inputs[:3], say("rules.more", n=len(inputs) - 3))
    extra = [
        f"{key}={attribute_text(key, item)}"
        for key, item in attributes.items()
        if (key, item) != ("keepdims", False)
    ]
    return f"{notation.clean(operation.symbol, 24)}({', '.join([*inputs, *extra])})"


def is_infix(operation: Operation) -> bool:
    """Whether the symbol of an operation stands between its two inputs, as a sign does."""
    return not any(c.isalnum() or c in "·′ᵀ|√" for c in operation.symbol)


def symbol(operation: Operation) -> str:
    """An operation in one short word: ``×``, ``@``, ``tanh``."""
    return notation.clean(operation.symbol, 24)


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


def attribute_text(name: str, item: Any) -> str:
    """What stands behind the name of an attribute and a sign of equality."""
    if name == "key":
        return key_text(item)
    if name == "axis" and isinstance(item, tuple) and len(item) == 1:
        return str(item[0])
    return notation.clean(notation.shape(item) if isinstance(item, tuple) else str(item), 24)


def _grouped(label: str) -> str:
    return in_brackets(label, notation.MINUS)


# ---------------------------------------------------------------------- the rule of arrays


def _moved(step: AppliedRule, tree: Tree) -> str | None:
    """The words for a gradient that is only spread, reshaped, or put back in its place."""
    if type(tree) is Call and tree.function is ops.scatter:
        place = _place(step.inputs[1:], step.attributes)
        return say("rules.zeros_added", upstream=step.upstream, place=place)
    if type(tree) is Call and tree.function is ops.set_at:
        place = _place(step.inputs[2:], step.attributes)
        return say("rules.zero_at", upstream=step.upstream, place=place)
    if type(tree) is Call and tree.function is ops.getitem:
        return f"({step.upstream})[{_place(step.inputs[2:], step.attributes)}]"
    if type(tree) is Call and tree.function is np.concatenate:
        pieces = [written(piece, style(step)) for piece in tree.operands[0]]
        return say("rules.joined", pieces=say("numbers.list").join(pieces))
    scale, inner = "", tree
    if type(tree) is Product and len(tree.factors) == 1 and tree.factors[0][1] == 1:
        inner = tree.factors[0][0]
        scale = f" ÷ {notation.number(tree.below)}" if tree.below != 1 else ""
        if tree.above != 1:
            return None
    inner = stripped(inner)
    if type(inner) is not Letter or inner.name != "g":
        return None
    if np.prod(step.raw) < np.prod(step.shape) or (0 in step.shape and 0 not in step.raw):
        return say("rules.spread", upstream=f"{step.upstream}{scale}")
    return None if scale else say("rules.reshaped", upstream=step.upstream)


def _shapes(step: AppliedRule, tree: Tree) -> str | None:
    """``(32,64)·(64,25) → (32,25)``: of a product of matrices or vectors, or of a sum of them."""
    tree = stripped(tree)
    result = notation.shape(step.raw)
    if type(tree) is Call and tree.function is np.sum:
        tree = stripped(tree.operands[0])
        result = f"{notation.shape(tree.shape)} → {result}"
    if type(tree) is Call and tree.function is np.matmul:
        left, right = map(stripped, tree.operands)
        between = "·"
    elif type(tree) is Product and len(tree.factors) == 2 and tree.above == tree.below:
        left, right = (stripped(factor) for factor, _ in tree.factors)
        between = "⊗" if is_outer(tree) else "·"
    else:
        return None
    if not all(
        type(x) is Letter or (type(x) is Call and x.function is np.transpose) for x in (left, right)
    ):
        return None
    way = between.join(notation.shape(x.shape) for x in (left, right))
    return f"{way} → {result}"


def _summed(step: AppliedRule, text: str, shapes: str) -> tuple[str, str]:
    """With the words for broadcasting undone, which the engine does after every rule."""
    if not _is_summed(step):
        return text, shapes
    extra = len(step.raw) - len(step.shape)
    axes = [
        axis
        for axis, length in enumerate(step.raw)
        if axis < extra or (length != 1 and step.shape[axis - extra] == 1)
    ]
    over = "rules.summed_axis" if len(axes) == 1 else "rules.summed_axes"
    way = f"{notation.shape(step.raw)} → {notation.shape(step.shape)}"
    told = say(over, rule=text, axes=", ".join(map(str, axes)))
    return told, f"{shapes}, {way}" if shapes else way


def _is_summed(step: AppliedRule) -> bool:
    """Whether what the rule returns has axes that must be summed to give the input's shape."""
    raw, shape = step.raw, step.shape
    if len(raw) > len(shape):
        return True
    behind = shape[len(shape) - len(raw) :]
    return any(have != 1 and want == 1 for have, want in zip(raw, behind, strict=True))


# ---------------------------------------------------------------------- the style of text

_SIGNS = {
    np.greater: ">", np.greater_equal: "≥", np.less: "<", np.less_equal: "≤",
    np.equal: "=", np.not_equal: "≠",
}  # fmt: skip

_RAISED = {"2": "²", "3": "³"}


def _power(base: str, exponent: str) -> str:
    if exponent in _RAISED:
        return base + _RAISED[exponent]
    alone = exponent.replace(".", "").isalnum()
    return f"{base}^{exponent}" if alone else f"{base}^({exponent})"


def style(step: AppliedRule) -> Style:
    """The style of text, with the labels of a step."""
    return text_style(step.label)


def text_style(letter: Callable[[str], str]) -> Style:
    """The style of text, with these labels of the letters."""
    return Style(
        letter=letter,
        number=notation.number,
        index=key_text,
        name=lambda name: notation.clean(name, 24),
        options=lambda options: [],
        signs=_SIGNS,
        times="·".join,
        elementwise="·".join,
        matrix_times="·".join,
        outer="⊗",
        fraction="{}/{}".format,
        is_flat=True,
        bare=True,
        brackets="({})".format,
        iverson="[{}]".format,
        power=_power,
        transposed="{}ᵀ".format,
        inverse="{}⁻¹".format,
        inverse_transposed="{}⁻ᵀ".format,
        root="√{}".format,
        placed="{} at [{}]".format,
        total=lambda text, axis: f"Σ {text}",
        minus=notation.MINUS,
        where="{} where {}".format,
        otherwise="else {}".format,
        conjunction=" and ",
        disjunction=" or ",
    )
