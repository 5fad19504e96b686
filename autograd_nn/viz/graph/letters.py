"""The letters and signs of formulas in words, to stand where they are used."""

from __future__ import annotations

import re

from autograd_nn.viz.wording.saying import say

_MEANINGS = (
    (r"∂[₀-₉]", "rules.sign_slope"),
    (r"∂[^₀-₉\s]+/∂", "rules.sign_gradient"),
    (r"(?<!\w)σ(?=[( ′])", "rules.sign_sigmoid"),
    (r"BCE\(σ\)", "rules.sign_fused_binary"),
    (r"BCE(?!\(σ)", "rules.sign_binary"),
    (r"CCE\(softmax\)", "rules.sign_fused_categorical"),
    (r"CCE(?!\(softmax)", "rules.sign_categorical"),
    (r"sparse CCE", "rules.sign_sparse"),
    (r"Φ", "rules.sign_normal"),
    (r"α", "rules.sign_rate"),
    (r"μ·", "rules.sign_velocity"),
    (r"ρ·", "rules.sign_mean"),
    (r"λ·α", "rules.sign_decay"),
    (r"β₁", "rules.sign_betas"),
    (r"\+ ε", "rules.sign_epsilon"),
    (r"∗", "rules.sign_convolution"),
    (r"[ΣΠ]…", "rules.sign_so_far"),
    (r"\[[^\]]*[<>≤≥≠][^\]]*\]", "rules.sign_iverson"),
    (r"⊙", "rules.sign_elementwise"),
    (r"⊗", "rules.sign_outer"),
)


def explained(text: str) -> list[str]:
    """A line for each letter and sign of a text that is not known from school.

    >>> explained("a = σ(z)")
    ['σ(z) = 1/(1 + e⁻ᶻ), the sigmoid; σ′ its slope']
    """
    return [say(meaning) for pattern, meaning in _MEANINGS if re.search(pattern, text)]


def below(text: str) -> list[str]:
    """The same lines as they stand below a text, after an empty one."""
    found = explained(text)
    return ["", *found] if found else []
