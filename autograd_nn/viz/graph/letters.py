"""The letters and signs of formulas in words, to stand where they are used."""

from __future__ import annotations

import re

_MEANINGS = (
    (r"∂[₀-₉]", "∂₁v, ∂₂v: the slope of v by its first, its second input alone"),
    (r"∂[^₀-₉\s]+/∂", "∂L/∂x: the gradient of L by x, over all ways from x to L"),
    (r"(?<!\w)σ(?=[( ′])", "σ(z) = 1/(1 + e⁻ᶻ), the sigmoid; σ′ its slope"),
    (r"BCE\(σ\)", "BCE(σ): binary cross-entropy of the sigmoid, computed as one"),
    (r"BCE(?!\(σ)", "BCE: binary cross-entropy"),
    (r"CCE\(softmax\)", "CCE(softmax): categorical cross-entropy of the softmax, computed as one"),
    (r"CCE(?!\(softmax)", "CCE: categorical cross-entropy"),
    (r"sparse CCE", "sparse: the labels are numbers of classes"),
    (r"Φ", "Φ: the distribution function of the normal distribution"),
    (r"α", "α: the learning rate; ←: is set to"),
    (r"μ·", "μ: the part of the velocity that is kept"),
    (r"ρ·", "ρ: the part of the mean that is kept"),
    (r"λ·α", "λ: the weight decay"),
    (r"β₁", "β₁, β₂: the parts of the means that are kept; t: the number of the step"),
    (r"\+ ε", "ε keeps the division finite"),
    (r"∗", "∗: convolution; ∗ᵀ the same backwards"),
    (r"[ΣΠ]…", "Σ…, Π…: the sums, the products so far"),
    (r"\[[^\]]*[<>≤≥≠][^\]]*\]", "[…]: 1 where it holds, else 0"),
    (r"⊙", "⊙: element by element"),
    (r"⊗", "⊗: every element with every other"),
)


def explained(text: str) -> list[str]:
    """A line for each letter and sign of a text that is not known from school.

    >>> explained("a = σ(z)")
    ['σ(z) = 1/(1 + e⁻ᶻ), the sigmoid; σ′ its slope']
    """
    return [meaning for pattern, meaning in _MEANINGS if re.search(pattern, text)]


def below(text: str) -> list[str]:
    """The same lines as they stand below a text, after an empty one."""
    found = explained(text)
    return ["", *found] if found else []
