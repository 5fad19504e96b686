"""Many runs: a model trained with every combination of settings, kept and compared in one table."""

from autograd_nn.sweeping.run_table import RunTable
from autograd_nn.sweeping.sweeps import sweep

__all__ = ["RunTable", "sweep"]
