"""Every operation, by family, as NumPy's manual files them. Importing a family binds its operators
and methods to Tensor."""

from autograd_nn.engine.operations import (
    activation_functions,
    arithmetic,
    cross_entropy,
    cumulative,
    exponents,
    extrema,
    in_place,
    indexing,
    linear_algebra,
    powers,
    reductions,
    remainders,
    shaping,
    trigonometry,
    without_derivative,
)

__all__ = [
    "activation_functions",
    "arithmetic",
    "cross_entropy",
    "cumulative",
    "exponents",
    "extrema",
    "in_place",
    "indexing",
    "linear_algebra",
    "powers",
    "reductions",
    "remainders",
    "shaping",
    "trigonometry",
    "without_derivative",
]

LATER = (
    "convolutions",
    "decompositions",
    "einsum",
    "embedding",
    "loss_terms",
    "piecewise_activations",
    "poolings",
    "positions",
    "recurrent",
    "smooth_activations",
)
"""The families that are imported where one of their functions is called."""
