"""SymPy confirms: its own derivative of random graphs, and matrices put into the expression."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from autograd_nn import Tensor, gradients, layers, losses, ops, viz
from autograd_nn.engine.errors import ArgumentError

_ONE = {
    "exp": (np.exp, sympy.exp), "sin": (np.sin, sympy.sin), "tanh": (np.tanh, sympy.tanh),
    "cos": (np.cos, sympy.cos), "square": (np.square, lambda x: x**2),
    "negative": (lambda x: -x, lambda x: -x),
    "sigmoid": (ops.sigmoid, lambda x: 1 / (1 + sympy.exp(-x))),
    "softplus": (ops.softplus, lambda x: sympy.log(1 + sympy.exp(x))),
    "log": (lambda x: np.log(x * x + 1.0), lambda x: sympy.log(x * x + 1)),
    "sqrt": (lambda x: np.sqrt(x * x + 2.0), lambda x: sympy.sqrt(x * x + 2)),
    "relu": (ops.relu, lambda x: sympy.Piecewise((x, x > 0), (0, True))),
    "arctan": (np.arctan, sympy.atan),
}  # fmt: skip
_TWO = {
    "add": lambda x, y: x + y, "subtract": lambda x, y: x - y, "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / (y * y + 1),
}  # fmt: skip


def random_graph(seed: int) -> tuple[Tensor, list[Tensor], Any, dict[Any, Any]]:
    """A graph of Tensors and the same of SymPy, which knows nothing of the first."""
    rng = random.Random(seed)
    names = "wxyz"[: rng.randint(1, 4)]
    leaves = [Tensor(rng.randint(-8, 8) / 4 + 0.125, name=name) for name in names]
    symbols = [sympy.Symbol(name, real=True) for name in names]
    nodes = list(zip(leaves, symbols, strict=True))
    for _ in range(rng.randint(2, 7)):
        x, y = rng.choice(nodes[-3:]), rng.choice(nodes)
        if rng.random() < 0.5:
            ours, theirs = _ONE[rng.choice([*_ONE])]
            nodes.append((ours(x[0]), theirs(x[1])))
        else:
            both = _TWO[rng.choice([*_TWO])]
            nodes.append((both(x[0], y[0]), both(x[1], y[1])))
    loss, expected = nodes[-1]
    at = {s: sympy.Rational(float(t.data)) for s, t in zip(symbols, leaves, strict=True)}
    return loss, leaves, expected, at


def confirm(seed: int) -> int:
    """The formula for each leaf against SymPy's derivative, with 30 digits, at two places."""
    loss, leaves, expected, at = random_graph(seed)
    compared = 0
    for symbol, leaf in zip(list(at), leaves, strict=True):
        if loss.operation is None or not _reaches(expected, symbol, loss, leaf):
            continue
        found = viz.formula(loss, leaf).sympy()
        wanted = sympy.diff(expected, symbol)
        elsewhere = {s: x + sympy.Rational(1, 7) for s, x in at.items()}
        for values in (at, elsewhere):
            first, second = (x.subs(values).evalf(30) for x in (found, wanted))
            assert abs(first - second) <= 1e-20 * (1 + abs(second)), (seed, found, wanted)
        compared += 1
    return compared


def _reaches(expected: Any, symbol: Any, loss: Tensor, leaf: Tensor) -> bool:
    return symbol in expected.free_symbols and gradients(loss, [leaf])[0] is not None


def test_sympy_confirms_random_graphs() -> None:
    assert sum(map(confirm, range(20))) >= 20


@pytest.mark.slow
def test_sympy_confirms_200_random_graphs() -> None:
    assert sum(map(confirm, range(20, 240))) >= 200


def put_in(expression: Any, values: dict[str, Any]) -> Any:
    """An expression of matrices in numbers, operation by operation."""
    is_matrix = isinstance(expression, (sympy.MatrixExpr, sympy.Trace))
    is_plain = isinstance(
        expression, (sympy.MatrixSymbol, sympy.OneMatrix, ElementwiseApplyFunction)
    )
    args = [put_in(x, values) for x in expression.args] if is_matrix and not is_plain else []
    match expression:
        case sympy.MatrixSymbol():
            return np.atleast_2d(values[expression.name])
        case sympy.OneMatrix():
            return np.ones(expression.shape)
        case sympy.MatAdd():
            return sum(args)
        case sympy.MatMul():
            result: Any = 1.0
            for x in args:
                result = result @ x if np.ndim(result) and np.ndim(x) else result * x
            return result
        case sympy.HadamardProduct():
            return math.prod(args)
        case sympy.HadamardPower():
            return args[0] ** args[1]
        case sympy.Transpose():
            return args[0].T
        case sympy.Trace():
            return np.trace(args[0])
        case ElementwiseApplyFunction():
            of_array = sympy.lambdify(expression.function.variables, expression.function.expr)
            return np.vectorize(of_array, otypes=[float])(put_in(expression.expr, values))
    return float(expression.subs({x: values[x.name] for x in expression.free_symbols}))


X = np.array([[0.25, -1.0, 0.5], [1.5, 0.75, -0.5]])


@pytest.mark.parametrize(
    "of",
    [
        lambda z, y: losses.BinaryCrossentropy(from_logits=True)(y, z),
        lambda z, y: ((np.tanh(z) - y) ** 2).mean(),
        lambda z, y: (ops.relu(z) * y).sum(),
        lambda z, y: (z / (y + 2) - ops.softmax(z) * y).sum(),
    ],
)
def test_matrices_put_into_the_expression_give_the_gradient(of: Any) -> None:
    x, y = Tensor(X, name="X"), Tensor([[1.0, 0.0], [0.0, 1.0]], name="y")
    w, b = (
        Tensor([[0.5, 1.0], [-0.25, 0.5], [0.75, -1.0]], name="W"),
        Tensor([0.5, -0.25], name="b"),
    )
    loss = of(x @ w + b, y)
    values = {"X": X, "y": y.data, "W": w.data, "b": b.data, "m": 2}
    for wrt in (w, b):
        found = put_in(viz.formula(loss, wrt).sympy(), values)
        np.testing.assert_allclose(
            np.broadcast_to(found, (np.atleast_2d(wrt.data)).shape).reshape(wrt.shape),
            gradients(loss, [wrt])[0],
            rtol=1e-9,
            atol=1e-12,
        )


def test_what_has_no_form_in_sympy_is_named() -> None:
    layer = layers.Conv2D(2, 2)
    loss = (layer(np.ones((1, 4, 4, 1))) ** 2).mean()
    with pytest.raises(ArgumentError, match="array of shape"):
        viz.formula(loss, layer.kernel).sympy()
    w = Tensor(np.ones((3, 3)), name="W")
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)(np.array([0, 1]), X @ w)
    with pytest.raises(ArgumentError, match="one_hot"):
        viz.formula(loss, w).sympy()
