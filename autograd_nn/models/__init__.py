"""Models: layers that are trained together."""

from autograd_nn.models.model import Model
from autograd_nn.models.sequential import Sequential

__all__ = ["Model", "Sequential"]
