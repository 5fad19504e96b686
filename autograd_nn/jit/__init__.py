"""Programs as machine code, by Numba."""

from autograd_nn.engine.errors import AutogradError


class NotCompilable(AutogradError):
    """A step of a program has no compiled form."""
