"""The numbers of a formula: its lines evaluated one after the other, beside the engine."""

import ast
from typing import Any

import numpy as np

from autograd_nn import Tensor
from autograd_nn.viz.formulas.trees import evaluated
from autograd_nn.viz.graph.path import GradientPath
from autograd_nn.viz.graph.walk import Walk
from autograd_nn.viz.symbolic import algebra
from autograd_nn.viz.symbolic.derivation_of_loss import Derivation
from autograd_nn.viz.symbolic.parts import COUNT


class Values(dict[str, Any]):
    """The numbers of letters; those of ones by their name."""

    def __missing__(self, name: str) -> Any:
        kind = algebra.ROW_OF_ONES if name.startswith(algebra.ROW_OF_ONES) else algebra.ONES
        return np.ones(ast.literal_eval(name.removeprefix(kind)))


def derivation_of(loss: Tensor, w: Tensor) -> Derivation:
    return Derivation(GradientPath(loss, w), Walk(loss))


def gradient_of_lines(derivation: Derivation) -> Any:
    """The formula in numbers: what was given has its data, each line is computed from them."""
    values = Values()
    for item in derivation.walk.order:
        key = derivation.walk.ids[id(item)]
        if key not in derivation.lines:
            data = item._data if type(item) is Tensor else item.data
            is_number = derivation.as_numbers and np.size(data) == 1
            values[key] = np.asarray(data).item() if is_number else data
    values[COUNT] = derivation.count
    with np.errstate(all="ignore"):
        for key, tree in derivation.lines.items():
            values[key] = evaluated(tree, values)
    found = values[derivation.result]
    w = derivation.way.w
    if np.size(found) == w.size:
        return np.reshape(found, w.shape)
    return np.broadcast_to(found, w.shape)
