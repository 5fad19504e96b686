"""What stands for a derivative in text. One symbol has one value: a whole gradient is ∂L/∂x, the
slope of one operation by one of its inputs ∂₁y, and what one of them sends back is told by its way.
"""

from __future__ import annotations

from autograd_nn import ops
from autograd_nn.engine.operation import Operation
from autograd_nn.viz.graph import notation

_LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def total(loss: str, w: str) -> str:
    """``∂L/∂w``: how the loss changes with w, by all ways together."""
    return f"∂{notation.atom(loss)}/∂{notation.atom(w)}"


def slope(out: str, slot: int) -> str:
    """``∂₂v3``: how a result changes with the second input of the operation that made it."""
    return f"∂{str(slot + 1).translate(_LOW)}{notation.atom(out)}"


_ROLES = {
    ops.multiply: ("first factor", "second factor"),
    ops.matmul: ("first factor", "second factor"),
    ops.add: ("first term", "second term"),
    ops.subtract: ("first term", "second term"),
    ops.divide: ("numerator", "denominator"),
    ops.power: ("base", "exponent"),
}


_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth")


def role(operation: Operation, slot: int, inputs: int) -> str:
    """What an input is to an operation: ``first factor``, ``third input``; nothing where it is
    alone.

    >>> role(ops.multiply, 1, 2), role(ops.where, 2, 3), role(ops.tanh, 0, 1)
    ('second factor', 'third input', '')
    """
    if inputs < 2:
        return ""
    if operation in _ROLES:
        return _ROLES[operation][slot]
    return f"{_PLACES[slot]} input" if slot < len(_PLACES) else f"input {slot + 1}"


def way(source: str, operation: Operation, slot: int, inputs: int) -> str:
    """The edge along which something is sent back: ``from v3, its second factor``."""
    what = role(operation, slot, inputs)
    return f"from {source}, its {what}" if what else f"from {source}"


def factors(texts: list[str]) -> list[str]:
    """The factors of a product; one alone needs no brackets, but where it has cases."""
    return (
        texts if len(texts) == 1 and " where " not in texts[0] else [factor(text) for text in texts]
    )


def factor(text: str) -> str:
    """A formula or a number as one factor of a product: in brackets where it needs them."""
    return f"({text})" if " " in text or text.startswith(notation.MINUS) else text
