"""Small data to learn with: real handwritten digits, and points of the plane in two classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd_nn.datasets.digits import load_digits
from autograd_nn.datasets.plane import make_circles, make_moons, make_spirals

__all__ = ["load_digits", "make_circles", "make_moons", "make_spirals"]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        from autograd_nn.missing_names import missing

        raise missing(__name__, name, __all__)
