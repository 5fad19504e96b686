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
    "loss_terms",
    "piecewise_activations",
    "poolings",
    "positions",
    "smooth_activations",
    "table_rows",
    "whole_sequences",
)
"""The families that are imported where one of their functions is called."""
