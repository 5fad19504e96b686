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
from autograd_nn.viz.symbolic.sympy_functions import functions_of

Shape = tuple[int, ...]


def expression(derivation: Derivation, words: dict[str, str]) -> Any:
    """The last line, with the lines before put into it."""
    try:
        import sympy
    except ImportError:
        raise MissingPackageError(
            "formula(…).sympy() needs SymPy: pip install 'autograd-nn[sympy]'."
        ) from None
    known: dict[str, Any] = {}
    expressions = _Expressions(sympy, words, known)
    for key, tree in derivation.lines.items():
        known[key] = expressions.as_number(tree)
    return known[derivation.result]


class _Expressions:
    """Trees as expressions. An array of one axis is a row; a number is a number."""

    def __init__(self, sympy: Any, words: dict[str, str], known: dict[str, Any]) -> None:
        self.sympy = sympy
        self.functions = functions_of(sympy)
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
                    return self.sympy.Add(*map(self.as_number, tree.terms))
                return self.sympy.MatAdd(*(self.spread(term, tree.shape) for term in tree.terms))
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
            return made * self.sympy.OneMatrix(rows, columns)
        have = _as_matrix(tree.shape)
        if have[0] != rows:
            made = self.sympy.OneMatrix(rows, 1) * made
        return made if have[1] == columns else made * self.sympy.OneMatrix(1, columns)

    def _letter(self, tree: Letter) -> Any:
        if tree.name in self.known:
            return self.known[tree.name]
        if algebra.is_ones(tree):
            return self.sympy.OneMatrix(*_as_matrix(tree.shape))
        name = self.words[tree.name]
        if not tree.shape:
            return self.sympy.Symbol(name, real=True)
        return self.sympy.MatrixSymbol(name, *_as_matrix(tree.shape))

    def _number(self, tree: Number) -> Any:
        if np.ndim(tree.value):
            return self.sympy.ImmutableMatrix(
                np.reshape(tree.value, _as_matrix(tree.shape)).tolist()
            )
        if isinstance(tree.value, (bool, np.bool_)):
            return self.sympy.true if tree.value else self.sympy.false
        return self._exact(float(tree.value))

    def _product(self, tree: Product) -> Any:
        number = self._exact(tree.above) / self._exact(tree.below)
        for factor, power in tree.factors:
            if not factor.shape:
                number *= self.as_number(factor) ** self._exact(power)
        arrays = [
            self._power(self.spread(factor, tree.shape), power)
            for factor, power in tree.factors
            if factor.shape and not algebra.is_ones(factor)
        ]
        if not tree.shape:
            return number
        if not arrays:
            return number * self.sympy.OneMatrix(*_as_matrix(tree.shape))
        return number * (arrays[0] if len(arrays) == 1 else self.sympy.HadamardProduct(*arrays))

    def as_number(self, tree: Tree) -> Any:
        """A tree, a condition among numbers as 1 where it holds, else 0."""
        made = self.of(tree)
        return self._one_where(made) if trees.is_condition(tree) and not tree.shape else made

    def _cases(self, tree: Cases) -> Any:
        if not tree.shape:
            branches = [(self.of(value), self.of(condition)) for value, condition in tree.branches]
            return self.sympy.Piecewise(*branches, (self.of(tree.otherwise), True))
        result = self.spread(tree.otherwise, tree.shape)
        for value, condition in reversed(tree.branches):
            holds = self.spread(condition, tree.shape)
            first = self.sympy.HadamardProduct(holds, self.spread(value, tree.shape))
            rows = self.sympy.OneMatrix(*_as_matrix(tree.shape))
            result = first + self.sympy.HadamardProduct(rows - holds, result)
        return result

    # ------------------------------------------------------------------ functions

    def _call(self, tree: Call) -> Any:
        function, operands, shape = tree.function, tree.operands, tree.shape
        if function in trees.COMPARISONS:
            return self._comparison(tree)
        if function in trees.CONNECTIVES and not shape:
            is_and = function in (np.bitwise_and, np.logical_and)
            return (self.sympy.And if is_and else self.sympy.Or)(*map(self.of, operands))
        if function is np.matmul:
            return self._matrix_product(*operands)
        if function is np.transpose and len(shape) == 2:
            return self.of(operands[0]).T
        if function is np.reshape:
            return self._reshaped(operands[0], shape)
        if function is np.sum and not shape:
            return self._only(self._all_added(self.of(operands[0]), operands[0].shape))
        if function in self.functions.of_one and len(operands) == 1:
            made = self.of(operands[0])
            x = self.sympy.Dummy("x", real=True)
            return (
                made.applyfunc(self.sympy.Lambda(x, self.functions.of_one[function](x)))
                if shape
                else self.functions.of_one[function](made)
            )
        if function in self.functions.of_two and not shape:
            return self.functions.of_two[function](*map(self.of, operands))
        if (
            function is ops.softmax
            and len(shape) in (1, 2)
            and tree.options.get("axis", -1) in (-1, 1)
        ):
            powers = self.of(operands[0]).applyfunc(self.sympy.exp)
            rows, columns = _as_matrix(shape)
            square = self.sympy.OneMatrix(columns, columns)
            return self.sympy.HadamardProduct(powers, self.sympy.HadamardPower(powers * square, -1))
        raise _no_form(function, shape)

    def _comparison(self, tree: Call) -> Any:
        relation = self.functions.relations[tree.function]
        left, right = (self.spread(x, tree.shape) for x in tree.operands)
        if not tree.shape:
            return relation(left, right)
        d = self.sympy.Dummy("d", real=True)
        return (left - right).applyfunc(self.sympy.Lambda(d, self._one_where(relation(d, 0))))

    def _matrix_product(self, left: Tree, right: Tree) -> Any:
        first, second = self.of(left), self.of(right)
        if len(right.shape) == 1:
            found = first * second.T
            return self._only(found) if len(left.shape) == 1 else found.T
        return first * second

    def _reshaped(self, tree: Tree, shape: Shape) -> Any:
        made = self.of(tree)
        if not tree.shape:
            return made * self.sympy.OneMatrix(1, 1)
        if not shape:
            return self._only(made)
        have, want = _as_matrix(tree.shape), _as_matrix(shape)
        if have == want:
            return made
        if have == want[::-1] and 1 in have:
            return made.T
        raise _no_form(np.reshape, shape)

    # ------------------------------------------------------------------ small parts

    def _only(self, matrix: Any) -> Any:
        """The only element of a matrix."""
        return self.sympy.Trace(matrix)

    def _all_added(self, made: Any, shape: Shape) -> Any:
        rows, columns = _as_matrix(shape)
        return self.sympy.OneMatrix(1, rows) * made * self.sympy.OneMatrix(columns, 1)

    def _power(self, made: Any, power: float) -> Any:
        return made if power == 1 else self.sympy.HadamardPower(made, self._exact(power))

    def _one_where(self, condition: Any) -> Any:
        return self.sympy.Piecewise((1, condition), (0, True))

    def _exact(self, x: float) -> Any:
        """A number as a fraction, of the digits that it is written with."""
        if not math.isfinite(x):
            return self.sympy.nan if math.isnan(x) else self.sympy.oo * (1 if x > 0 else -1)
        whole = float(x).is_integer()
        return self.sympy.Integer(int(x)) if whole else self.sympy.Rational(repr(float(x)))


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
