"""A recorded program a third time, as JavaScript."""

from autograd_nn.javascript.javascript import JavaScript
from autograd_nn.javascript.script_calls import Unwritable

__all__ = ["JavaScript", "Unwritable"]
