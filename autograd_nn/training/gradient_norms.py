"""How large the gradient of every parameter was, over the batches of an epoch."""

from __future__ import annotations

import math

from autograd_nn.engine.tensor import Tensor
from autograd_nn.norms import norm

PREFIX = "grad_norm/"


class GradientNorms:
    """The mean norm of each gradient over the batches since the last ``taken``."""

    def __init__(self, parameters: list[Tensor]) -> None:
        self.named = named(parameters)
        self.totals: dict[str, list[float]] = {}

    def add(self) -> None:
        """One more batch: what its step left in ``.grad``."""
        for name, parameter in self.named.items():
            if parameter._grad is not None:
                self.totals.setdefault(name, []).append(norm(parameter._grad))

    def taken(self) -> dict[str, float]:
        """The means by name, as History keeps them; the next epoch starts afresh."""
        totals, self.totals = self.totals, {}
        return {
            PREFIX + name: sum(totals[name]) / len(totals[name]) if name in totals else math.nan
            for name in self.named
        }


def named(parameters: list[Tensor]) -> dict[str, Tensor]:
    """The parameters by name, in their order; "_1" and so on where a name comes again."""
    result: dict[str, Tensor] = {}
    for parameter in parameters:
        stem = name = parameter.name or "parameter"
        number = 0
        while name in result:
            number += 1
            name = f"{stem}_{number}"
        result[name] = parameter
    return result
