"""Training on several processes at once: more data, or bigger batches.

>>> from autograd_nn import distribution
>>> distribution.DataParallel().size  # of a program that mpiexec has not started
1
"""

from autograd_nn.distribution.data_parallel import DataParallel

__all__ = ["DataParallel"]
