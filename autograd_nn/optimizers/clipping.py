"""The three ways to keep gradients from growing too large.

They run on arrays, and become steps of a program, alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.norms import global_norm_factor, norm_factor


def clip_by_value(gradients: list[Any], limit: float) -> list[Any]:
    """Every element brought into [-limit, limit]."""
    return [np.minimum(np.maximum(gradient, -limit), limit) for gradient in gradients]


def clip_by_norm(gradients: list[Any], limit: float) -> list[Any]:
    """Every gradient whose norm is larger scaled down to the norm ``limit``, by itself."""
    return [
        gradient * norm_factor(gradient, limit=limit).astype(gradient.dtype)
        for gradient in gradients
    ]


def clip_by_global_norm(gradients: list[Any], limit: float) -> list[Any]:
    """All gradients scaled by one factor where their norm together is larger than ``limit``.

    Where it is infinite or NaN, all become NaN: no factor would be right, and zeros would hide it.
    """
    factor = global_norm_factor(*gradients, limit=limit)
    return [gradient * factor.astype(gradient.dtype) for gradient in gradients]
