"""A derivation as one expression of SymPy, in what was given."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.errors import ArgumentError, MissingPackageError
from autograd_nn.engine.operation import Operation
from autograd_nn.viz.formulas import trees
from autograd_nn.viz.formulas.trees import Call, Cases, Letter, Number, Product, Total, Tree
from autograd_nn.viz.symbolic import algebra
from autograd_nn.viz.symbolic.derivation_of_loss import Derivation

try:
    import sympy
except ImportError:
    raise MissingPackageError(
        "formula(…).sympy() needs SymPy: pip install 'autograd-nn[sympy]'."
    ) from None

Shape = tuple[int, ...]


def expression(derivation: Derivation, words: dict[str, str]) -> Any:
    """The last line, with the lines before put into it."""
    known: dict[str, Any] = {}
    for key, tree in derivation.lines.items():
        known[key] = _Writer(words, known).as_number(tree)
    return known[derivation.result]


class _Writer:
    """Trees as expressions. An array of one axis is a row; a number is a number."""

    def __init__(self, words: dict[str, str], known: dict[str, Any]) -> None:
        self.words = words
        self.known = known

    def of(self, tree: Tree) -> Any:
        """A tree as an expression."""
        match tree:
            case Letter():
                return self._letter(tree)
            case Number():
                return self._number(tree)
            case Product():
                return self._product(tree)
            case Total():
                if not tree.shape:
                    return sympy.Add(*map(self.as_number, tree.terms))
                return sympy.MatAdd(*(self.spread(term, tree.shape) for term in tree.terms))
            case Cases():
                return self._cases(tree)
        return self._call(tree)

    def spread(self, tree: Tree, shape: Shape) -> Any:
        """A tree in the shape that it is broadcast to."""
        made = self.of(tree)
        if tree.shape == shape or not shape:
            return made
        rows, columns = _as_matrix(shape)
        if not tree.shape:
            return made * sympy.OneMatrix(rows, columns)
        have = _as_matrix(tree.shape)
        if have[0] != rows:
            made = sympy.OneMatrix(rows, 1) * made
        return made if have[1] == columns else made * sympy.OneMatrix(1, columns)

    def _letter(self, tree: Letter) -> Any:
        if tree.name in self.known:
            return self.known[tree.name]
        if algebra.is_ones(tree):
            return sympy.OneMatrix(*_as_matrix(tree.shape))
        name = self.words[tree.name]
        if not tree.shape:
            return sympy.Symbol(name, real=True)
        return sympy.MatrixSymbol(name, *_as_matrix(tree.shape))

    def _number(self, tree: Number) -> Any:
        if np.ndim(tree.value):
            return sympy.ImmutableMatrix(np.reshape(tree.value, _as_matrix(tree.shape)).tolist())
        if isinstance(tree.value, (bool, np.bool_)):
            return sympy.true if tree.value else sympy.false
        return _exact(float(tree.value))

    def _product(self, tree: Product) -> Any:
        number = _exact(tree.above) / _exact(tree.below)
        for factor, power in tree.factors:
            if not factor.shape:
                number *= self.as_number(factor) ** _exact(power)
        arrays = [
            _power(self.spread(factor, tree.shape), power)
            for factor, power in tree.factors
            if factor.shape and not algebra.is_ones(factor)
        ]
        if not tree.shape:
            return number
        if not arrays:
            return number * sympy.OneMatrix(*_as_matrix(tree.shape))
        return number * (arrays[0] if len(arrays) == 1 else sympy.HadamardProduct(*arrays))

    def as_number(self, tree: Tree) -> Any:
        """A tree, a condition among numbers as 1 where it holds, else 0."""
        made = self.of(tree)
        return _one_where(made) if trees.is_condition(tree) and not tree.shape else made

    def _cases(self, tree: Cases) -> Any:
        if not tree.shape:
            branches = [(self.of(value), self.of(condition)) for value, condition in tree.branches]
            return sympy.Piecewise(*branches, (self.of(tree.otherwise), True))
        result = self.spread(tree.otherwise, tree.shape)
        for value, condition in reversed(tree.branches):
            holds = self.spread(condition, tree.shape)
            first = sympy.HadamardProduct(holds, self.spread(value, tree.shape))
            rows = sympy.OneMatrix(*_as_matrix(tree.shape))
            result = first + sympy.HadamardProduct(rows - holds, result)
        return result

    # ------------------------------------------------------------------ functions

    def _call(self, tree: Call) -> Any:
        function, operands, shape = tree.function, tree.operands, tree.shape
        if function in trees.COMPARISONS:
            return self._comparison(tree)
        if function in trees.CONNECTIVES and not shape:
            is_and = function in (np.bitwise_and, np.logical_and)
            return (sympy.And if is_and else sympy.Or)(*map(self.of, operands))
        if function is np.matmul:
            return self._matrix_product(*operands)
        if function is np.transpose and len(shape) == 2:
            return self.of(operands[0]).T
        if function is np.reshape:
            return self._reshaped(operands[0], shape)
        if function is np.sum and not shape:
            return _only(_all_added(self.of(operands[0]), operands[0].shape))
        if function in _OF_ONE and len(operands) == 1:
            made = self.of(operands[0])
            x = sympy.Dummy("x", real=True)
            return (
                made.applyfunc(sympy.Lambda(x, _OF_ONE[function](x)))
                if shape
                else _OF_ONE[function](made)
            )
        if function in _OF_TWO and not shape:
            return _OF_TWO[function](*map(self.of, operands))
        if function is ops.softmax and len(shape) <= 2 and tree.options.get("axis", -1) in (-1, 1):
            powers = self.of(operands[0]).applyfunc(sympy.exp)
            rows, columns = _as_matrix(shape)
            square = sympy.OneMatrix(columns, columns)
            return sympy.HadamardProduct(powers, sympy.HadamardPower(powers * square, -1))
        raise _no_form(function, shape)

    def _comparison(self, tree: Call) -> Any:
        relation = _RELATIONS[tree.function]
        left, right = (self.spread(x, tree.shape) for x in tree.operands)
        if not tree.shape:
            return relation(left, right)
        d = sympy.Dummy("d", real=True)
        return (left - right).applyfunc(sympy.Lambda(d, _one_where(relation(d, 0))))

    def _matrix_product(self, left: Tree, right: Tree) -> Any:
        first, second = self.of(left), self.of(right)
        if len(right.shape) == 1:
            found = first * second.T
            return _only(found) if len(left.shape) == 1 else found.T
        return first * second

    def _reshaped(self, tree: Tree, shape: Shape) -> Any:
        made = self.of(tree)
        if not tree.shape:
            return made * sympy.OneMatrix(1, 1)
        if not shape:
            return _only(made)
        have, want = _as_matrix(tree.shape), _as_matrix(shape)
        if have == want:
            return made
        if have == want[::-1] and 1 in have:
            return made.T
        raise _no_form(np.reshape, shape)


def _as_matrix(shape: Shape) -> tuple[int, int]:
    if len(shape) > 2:
        raise ArgumentError(
            f"SymPy has matrices, and no array of shape {shape}: take formula(…).text, or a loss "
            "of arrays with at most two axes."
        )
    return (1, *shape) if len(shape) == 1 else shape  # type: ignore[return-value]


def _no_form(function: Any, shape: Shape) -> ArgumentError:
    name = function.name if isinstance(function, Operation) else function.__name__
    of = f" of an array of shape {shape}" if shape else ""
    return ArgumentError(
        f"{name}{of} has no form in SymPy: formula(…).text and .latex name it, and the formula by "
        "what is computed from it can be taken."
    )


def _only(matrix: Any) -> Any:
    """The only element of a matrix."""
    return sympy.Trace(matrix)


def _all_added(made: Any, shape: Shape) -> Any:
    rows, columns = _as_matrix(shape)
    return sympy.OneMatrix(1, rows) * made * sympy.OneMatrix(columns, 1)


def _power(made: Any, power: float) -> Any:
    return made if power == 1 else sympy.HadamardPower(made, _exact(power))


def _one_where(condition: Any) -> Any:
    return sympy.Piecewise((1, condition), (0, True))


def _exact(x: float) -> Any:
    """A number as a fraction, of the digits that it is written with."""
    if math.isfinite(x):
        return sympy.Integer(int(x)) if float(x).is_integer() else sympy.Rational(repr(float(x)))
    return sympy.nan if math.isnan(x) else sympy.oo * (1 if x > 0 else -1)


_RELATIONS = {
    np.greater: sympy.Gt, np.greater_equal: sympy.Ge, np.less: sympy.Lt,
    np.less_equal: sympy.Le, np.equal: sympy.Eq, np.not_equal: sympy.Ne,
}  # fmt: skip


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + sympy.exp(-x))


_OF_ONE: dict[Any, Any] = {
    np.exp: sympy.exp, np.log: sympy.log, np.sqrt: sympy.sqrt, np.absolute: sympy.Abs,
    np.sin: sympy.sin, np.cos: sympy.cos, np.tan: sympy.tan, np.tanh: sympy.tanh,
    np.sinh: sympy.sinh, np.cosh: sympy.cosh, np.arcsin: sympy.asin, np.arccos: sympy.acos,
    np.arctan: sympy.atan, np.arcsinh: sympy.asinh, np.arccosh: sympy.acosh,
    np.arctanh: sympy.atanh, np.sign: sympy.sign, np.floor: sympy.floor, np.ceil: sympy.ceiling,
    np.cbrt: sympy.cbrt,
    np.log1p: lambda x: sympy.log(1 + x),
    np.expm1: lambda x: sympy.exp(x) - 1,
    np.log2: lambda x: sympy.log(x) / sympy.log(2),
    np.log10: lambda x: sympy.log(x) / sympy.log(10),
    np.exp2: lambda x: 2**x,
    ops.sigmoid: _sigmoid,
    ops.relu: lambda x: sympy.Piecewise((x, x > 0), (0, True)),
    ops.softplus: lambda x: sympy.log(1 + sympy.exp(x)),
    ops.silu: lambda x: x * _sigmoid(x),
    ops.sigmoid_slope: lambda x: _sigmoid(x) * (1 - _sigmoid(x)),
    ops.log_sigmoid: lambda x: -sympy.log(1 + sympy.exp(-x)),
    ops.softsign: lambda x: x / (1 + sympy.Abs(x)),
}  # fmt: skip

_OF_TWO: dict[Any, Any] = {
    np.power: sympy.Pow, np.maximum: sympy.Max, np.minimum: sympy.Min, np.arctan2: sympy.atan2,
    np.logaddexp: lambda x, y: sympy.log(sympy.exp(x) + sympy.exp(y)),
    np.hypot: lambda x, y: sympy.sqrt(x**2 + y**2),
    np.remainder: sympy.Mod,
}  # fmt: skip
