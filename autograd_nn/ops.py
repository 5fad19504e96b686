"""Every operation, by name. Each is called with Tensors, arrays and numbers: ``ops.exp(x)``."""

from autograd_nn.engine.operations.activation_functions import (
    log_softmax,
    relu,
    sigmoid,
    sigmoid_slope,
    softmax,
    softplus,
)
from autograd_nn.engine.operations.arithmetic import (
    absolute,
    add,
    divide,
    multiply,
    negative,
    power,
    sqrt,
    square,
    subtract,
)
from autograd_nn.engine.operations.cross_entropy import (
    binary_cross_entropy,
    categorical_cross_entropy,
    sigmoid_cross_entropy,
    sigmoid_residual,
    softmax_cross_entropy,
    sparse_categorical_cross_entropy,
    sparse_softmax_cross_entropy,
)
from autograd_nn.engine.operations.exponents import exp, expm1, log, log1p, logsumexp
from autograd_nn.engine.operations.extrema import clip, maximum, minimum
from autograd_nn.engine.operations.extrema import max_ as max
from autograd_nn.engine.operations.extrema import min_ as min
from autograd_nn.engine.operations.indexing import add_at, getitem, scatter, set_at, where
from autograd_nn.engine.operations.linear_algebra import matmul
from autograd_nn.engine.operations.reductions import mean
from autograd_nn.engine.operations.reductions import sum_ as sum
from autograd_nn.engine.operations.shaping import (
    astype,
    broadcast_to,
    concatenate,
    copy,
    expand_dims,
    reshape,
    split,
    squeeze,
    stack,
    transpose,
)
from autograd_nn.engine.operations.trigonometry import cos, sin, tanh

__all__ = [
    "absolute",
    "add",
    "add_at",
    "astype",
    "binary_cross_entropy",
    "broadcast_to",
    "categorical_cross_entropy",
    "clip",
    "concatenate",
    "copy",
    "cos",
    "divide",
    "exp",
    "expand_dims",
    "expm1",
    "getitem",
    "log",
    "log1p",
    "log_softmax",
    "logsumexp",
    "matmul",
    "max",
    "maximum",
    "mean",
    "min",
    "minimum",
    "multiply",
    "negative",
    "power",
    "relu",
    "reshape",
    "scatter",
    "set_at",
    "sigmoid",
    "sigmoid_cross_entropy",
    "sigmoid_residual",
    "sigmoid_slope",
    "sin",
    "softmax",
    "softmax_cross_entropy",
    "softplus",
    "sparse_categorical_cross_entropy",
    "sparse_softmax_cross_entropy",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "subtract",
    "sum",
    "tanh",
    "transpose",
    "where",
]
