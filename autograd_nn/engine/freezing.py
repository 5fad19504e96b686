"""What functions of a user are given: to be read, and not to be written to."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.operation import Operation


def frozen(x: Any) -> Any:
    """The same numbers, read-only, as others still read them."""
    if type(x) is tuple:
        return tuple(frozen(part) for part in x)
    if type(x) is not np.ndarray or not x.flags.writeable:
        return x
    view = x.view()
    view.flags.writeable = False
    return view


def written_to(operation: Operation, what: str, error: ValueError) -> ValueError:
    """NumPy's refusal to write into what is frozen, with the way out; other errors as they are."""
    if not operation.is_own or "read-only" not in str(error):
        return error
    return ArgumentError(
        f"{what} of {operation.name} writes into what it was given, which others still read. "
        "Compute something new: `x = x * 2` in place of `x *= 2`, or x.copy() first."
    )
