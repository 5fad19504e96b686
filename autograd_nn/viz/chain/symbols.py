"""Derivatives as plain text: ∂v3/∂w, and the local derivative of one number by another."""

from __future__ import annotations

from autograd_nn.engine.operation import part
from autograd_nn.viz.graph import notation, rules


def total(loss: str, w: str) -> str:
    """``dL/dw``."""
    return f"d{notation.atom(loss)}/d{notation.atom(w)}"


def partial(of: str, by: str) -> str:
    """``∂v3/∂w``."""
    return f"∂{notation.atom(of)}/∂{notation.atom(by)}"


def local(step: rules.AppliedRule) -> str:
    """The local derivative of one number by another; of an operation without a formula its name."""
    text = rules.derivative(step)
    if text is not None:
        return text.removeprefix(f"{partial(step.out, step.input)} = ")
    if step.operation is part:
        return "1"
    name = notation.clean(step.operation.name, 24)
    if len(step.inputs) == 1:
        return f"{name}′({step.input})"
    return f"∂{name}/∂{notation.atom(step.input)}"


def factors(texts: list[str]) -> list[str]:
    """The factors of a product; one alone needs no brackets."""
    return texts if len(texts) == 1 else [factor(text) for text in texts]


def factor(text: str) -> str:
    """A formula or a number as one factor of a product: in brackets where it needs them."""
    return f"({text})" if " " in text or text.startswith("-") else text
