"""The regularizers and constraints that layers are given for their weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# What they import is not needed where there are none.


def as_regularizer(identifier: Any) -> Callable[[Any], Any] | None:
    """`regularizers.get`."""
    if identifier is None:
        return None
    from autograd_nn import regularizers

    return regularizers.get(identifier)


def as_constraint(identifier: Any) -> Callable[[Any], Any] | None:
    """`constraints.get`."""
    if identifier is None:
        return None
    from autograd_nn import constraints

    return constraints.get(identifier)


def rules_of(layer: Any, *weights: str) -> dict[str, Any]:
    """For ``get_config``: what was said of the weights of these names, kernel_regularizer, …"""
    found: dict[str, Any] = {}
    for name in weights:
        for kind in ("regularizer", "constraint"):
            rule = found[f"{name}_{kind}"] = getattr(layer, f"{name}_{kind}")
            if rule is not None:
                from autograd_nn import constraints, regularizers

                module = regularizers if kind == "regularizer" else constraints
                found[f"{name}_{kind}"] = module.serialize(rule)
    return found
