"""Dense layers in a recorded graph: ``x @ kernel + bias``, which a program computes as one product.

Where kernel and bias lie one after the other in a block of parameters they are one matrix, and
[x, 1] @ [kernel; bias] is the layer: no row is added to every sample. Its gradient is
[x, 1]ᵀ @ g, of both at once: no sum over the samples is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograd_nn import ops
from autograd_nn.engine.tensor import Tensor

# Measured: with data of 784 columns the longer product costs more than the sum over the samples
# saves, with 64 it pays. Hidden layers may have any width: they read what is by feature already,
# and kernel @ upstream takes down to half of what upstream @ kernelᵀ takes (512 by 512, N = 32).
WIDEST = 500


@dataclass(eq=False)
class DenseLayer:
    """``total`` = ``product`` + ``bias``, of which product = x @ ``kernel``; and in a program."""

    total: Tensor
    product: Tensor
    kernel: Tensor
    bias: Tensor
    wide: Any = None  # [x, 1]
    gradient: Any = None  # of [kernel; bias]


def dense_layers(
    nodes: Sequence[Tensor], starts: Mapping[Tensor, tuple[Any, int]]
) -> list[DenseLayer]:
    """The layers of which kernel, bias and product have no other use; none where data are wide.

    Parameters   starts: for parameters their block, and where in it they begin
    """
    uses = Counter(id(x) for node in nodes for x in node.inputs)
    uses[id(nodes[-1])] += 1  # the root is a result
    products: set[Any] = set()
    layers = []
    for node in nodes:
        if node.operation is ops.matmul and _is_in(starts, node.inputs[1]) and node.ndim == 2:
            x, kernel = node.inputs
            if _is_data(x) and kernel.shape[0] > WIDEST:
                return []
            if uses[id(node)] == uses[id(kernel)] == 1:
                products.add(node)
        elif node.operation is ops.add:
            product, bias = node.inputs
            if type(bias) is Tensor and bias in products:
                product, bias = bias, product
            if type(product) is Tensor and product in products and _is_in(starts, bias):
                kernel = product.inputs[1]
                (block, start), (of_bias, after) = starts[kernel], starts[bias]
                if (
                    of_bias is block
                    and after == start + kernel.size
                    and bias.shape == kernel.shape[1:]
                    and uses[id(bias)] == 1
                    and node.dtype == kernel.dtype
                ):
                    layers.append(DenseLayer(node, product, kernel, bias))
    return layers


def _is_in(starts: Mapping[Tensor, Any], x: Any) -> bool:
    return type(x) is Tensor and x in starts


def _is_data(x: Any) -> bool:
    return type(x) is not Tensor or x.operation is None or not x._requires_grad
