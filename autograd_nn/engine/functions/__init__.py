"""NumPy's less usual functions, written with operations. Loaded when one is called that the usual
operations do not know."""

from autograd_nn.engine.functions import (
    creation,
    differences,
    elementwise,
    joining,
    linalg,
    order,
    polynomials,
    products,
    rearranging,
    statistics,
)
from autograd_nn.engine.operations import einsum

__all__ = [
    "creation",
    "differences",
    "einsum",
    "elementwise",
    "joining",
    "linalg",
    "order",
    "polynomials",
    "products",
    "rearranging",
    "statistics",
]
