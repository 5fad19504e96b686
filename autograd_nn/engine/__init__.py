"""What a gradient is: tensors, operations and the reverse sweep. Needs NumPy only."""

# Importing it binds every operator, method and NumPy function to Tensor, so that a Tensor is
# complete whichever module of the engine is imported first.
from autograd_nn.engine import array_methods, numpy_protocol

__all__ = ["array_methods", "numpy_protocol"]
