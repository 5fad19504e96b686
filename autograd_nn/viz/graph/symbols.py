"""What stands for a derivative in text. One symbol has one value: a whole gradient is ∂L/∂x, the
slope of one operation by one of its inputs ∂₁y, and what one of them sends back is told by its way.
"""

from __future__ import annotations

from autograd_nn import ops
from autograd_nn.engine.operation import Operation
from autograd_nn.viz.graph import notation
from autograd_nn.viz.wording.saying import say

_LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def total(loss: str, w: str) -> str:
    """``∂L/∂w``: how the loss changes with w, by all ways together."""
    return f"∂{notation.atom(loss)}/∂{notation.atom(w)}"


def slope(out: str, slot: int) -> str:
    """``∂₂v3``: how a result changes with the second input of the operation that made it."""
    return f"∂{str(slot + 1).translate(_LOW)}{notation.atom(out)}"


_FACTORS = ("rules.first_factor", "rules.second_factor")
_TERMS = ("rules.first_term", "rules.second_term")
_ROLES = {
    ops.multiply: _FACTORS,
    ops.matmul: _FACTORS,
    ops.add: _TERMS,
    ops.subtract: _TERMS,
    ops.divide: ("rules.numerator", "rules.denominator"),
    ops.power: ("rules.base", "rules.exponent"),
}
_PLACES = (
    "rules.first_input",
    "rules.second_input",
    "rules.third_input",
    "rules.fourth_input",
    "rules.fifth_input",
    "rules.sixth_input",
)


def role(operation: Operation, slot: int, inputs: int) -> str:
    """What an input is to an operation: ``first factor``, ``third input``; nothing where it is
    alone.

    >>> role(ops.multiply, 1, 2), role(ops.where, 2, 3), role(ops.tanh, 0, 1)
    ('second factor', 'third input', '')
    """
    if inputs < 2:
        return ""
    if operation in _ROLES:
        return say(_ROLES[operation][slot])
    return say(_PLACES[slot]) if slot < len(_PLACES) else say("rules.nth_input", n=slot + 1)


def way(source: str, operation: Operation, slot: int, inputs: int) -> str:
    """The edge along which something is sent back: ``from v3, its second factor``."""
    what = role(operation, slot, inputs)
    if what:
        return say("rules.way_role", source=source, role=what)
    return say("rules.way", source=source)


def factors(texts: list[str]) -> list[str]:
    """The factors of a product; one alone needs no brackets, but where it has cases."""
    return (
        texts if len(texts) == 1 and " where " not in texts[0] else [factor(text) for text in texts]
    )


def factor(text: str) -> str:
    """A formula or a number as one factor of a product: in brackets where it needs them."""
    return f"({text})" if " " in text or text.startswith(notation.MINUS) else text
