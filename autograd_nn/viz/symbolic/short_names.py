"""What Tensors are called in a formula: W₁ and b₁ for the weights of a layer, X, y, and J."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from autograd_nn import ops
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.naming import results_of_layers
from autograd_nn.viz.graph.walk import ConstantNode, Walk

_OF_WEIGHTS = {
    "kernel": "W", "bias": "b", "recurrent_kernel": "U", "gamma": "γ", "beta": "β",
    "embeddings": "E", "z": "Z", "a": "A",
}  # fmt: skip

ENGLISH = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "theta": "θ",
    "lambda": "λ", "mu": "μ", "sigma": "σ", "phi": "φ", "omega": "ω", "eta": "η", "rho": "ρ",
    "tau": "τ", "pi": "π", "psi": "ψ", "xi": "ξ", "zeta": "ζ", "kappa": "κ", "nu": "ν",
}  # fmt: skip
"""Greek letters by their names."""

# Letters by which a formula calls functions: a Tensor of that name is written as its whole word.
_FUNCTIONS = {"σ"}

_LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def letters_of(walk: Walk) -> dict[str, str]:
    """For each id of the walk how it is called, as a plain word: ``W1``, ``theta``, ``v3``.

    Users' names are kept. The kernel of the second of several layers is W2, the first array
    in a layer or a product X, the first elsewhere y, and a loss without a name J.
    """
    owners: dict[str, None] = {}
    inside = results_of_layers([item for item in walk.order if type(item) is Tensor])
    for item in walk.order:
        owner, _, own = _path_of(walk, item, inside)
        if owner and own in _OF_WEIGHTS:
            owners[owner] = None
    number = {owner: str(n + 1) if len(owners) > 1 else "" for n, owner in enumerate(owners)}
    wanted: dict[str, str] = {}
    for item in walk.order:
        owner, _, own = _path_of(walk, item, inside)
        if owner in number and own in _OF_WEIGHTS:
            wanted[walk.ids[id(item)]] = _OF_WEIGHTS[own] + number[owner]
    wanted |= _of_data(walk)
    if not walk.name(walk.root):
        wanted[walk.ids[id(walk.root)]] = "J"
    found = {walk.ids[id(item)]: walk.label(item) for item in walk.order}
    given = {walk.label(item) for item in walk.order if walk.name(item)}
    used = given - {found[key] for key in wanted}
    for key, letter in wanted.items():
        if letter not in used:
            used.add(letter)
            found[key] = letter
    return found


def _path_of(walk: Walk, item: Any, inside: Mapping[Any, str]) -> tuple[str, str, str]:
    path = inside.get(item) if type(item) is Tensor else None
    if path is None and type(item) is Tensor and item.operation is None:
        path = item.name
    return (path or "").rpartition("/")


def _of_data(walk: Walk) -> dict[str, str]:
    """Of arrays without a name X for the first in a layer or a product, y for the first outside."""
    found: dict[str, str] = {}
    for user, _, item in walk.slots:
        if not _is_data(walk, item):
            continue
        letter = "X" if walk.scope(user) or user.operation is ops.matmul else "y"
        if letter not in found.values():
            found.setdefault(walk.ids[id(item)], letter)
    return found


def _is_data(walk: Walk, item: Any) -> bool:
    data = item.data if isinstance(item, ConstantNode) else item._data
    is_given = isinstance(item, ConstantNode) or not (item.operation or item._requires_grad)
    return is_given and not walk.name(item) and getattr(data, "ndim", 0) > 0


def parted(word: str) -> tuple[str, str] | None:
    """A letter and its number, such as ("W", "1"); None for a word."""
    if found := re.fullmatch(r"([A-Za-zΑ-Ωα-ω])_?(\d*)", word):
        return found[1], found[2]
    stem = re.fullmatch(r"([a-z]+)_?(\d*)", word)
    if stem and stem[1] in ENGLISH:
        return ENGLISH[stem[1]], stem[2]
    return None


def shown(word: str) -> str:
    """A word as it is written in text.

    >>> shown("W1"), shown("theta_2"), shown("weight"), shown("dense/kernel")
    ('W₁', 'θ₂', 'weight', '(dense/kernel)')
    """
    letter = parted(word)
    if letter is not None and letter[0] not in _FUNCTIONS:
        return letter[0] + letter[1].translate(_LOW)
    return word if re.fullmatch(r"[\w.#]+", word) else notation.atom(word)
