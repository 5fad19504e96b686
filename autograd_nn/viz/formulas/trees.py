"""A formula as a tree: letters, numbers, sums, products, cases and functions, in a plain form.

The functions that make trees bring them into that form: signs and numbers are pulled out of
products, equal factors are powers, what is 0 or 1 disappears.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.viz.formulas.symbol import NoFormula

MOST = 60
"""So many letters and numbers may stand in a formula: more would not be read."""

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Letter:
    """``g``, ``out``, or an input by its place: "0", "1", …"""

    name: str
    shape: Shape
    weight = 1


@dataclass(frozen=True)
class Number:
    """A number, or an array of them, that the rule brings along."""

    value: Any
    shape: Shape = ()
    weight = 1

    def __eq__(self, other: object) -> bool:
        return type(other) is Number and np.array_equal(self.value, other.value)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Product:
    """``above / below`` times each factor to its power."""

    above: float
    below: float
    factors: tuple[tuple[Tree, float], ...]
    shape: Shape
    weight: int

    def __eq__(self, other: object) -> bool:
        return (
            type(other) is Product
            and (self.above, self.below) == (other.above, other.below)
            and _in_any_order(self.factors, other.factors)
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Total:
    """The terms added up."""

    terms: tuple[Tree, ...]
    shape: Shape
    weight: int

    def __eq__(self, other: object) -> bool:
        return type(other) is Total and _in_any_order(self.terms, other.terms)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Cases:
    """The value of the first branch whose condition holds, else another."""

    branches: tuple[tuple[Tree, Tree], ...]
    otherwise: Tree
    shape: Shape
    weight: int


@dataclass(frozen=True)
class Call:
    """A function of trees; ``options`` are its other arguments, such as an axis."""

    function: Any
    operands: tuple[Any, ...]
    shape: Shape
    weight: int
    options: dict[str, Any] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return (
            type(other) is Call
            and self.function is other.function
            and self.operands == other.operands
            and _same(self.options, other.options)
        )

    __hash__ = None  # type: ignore[assignment]


Tree = Letter | Number | Product | Total | Cases | Call

ONE, ZERO = Number(1), Number(0)

COMPARISONS = {
    np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal,
}  # fmt: skip
CONNECTIVES = {np.bitwise_and, np.bitwise_or, np.logical_and, np.logical_or}
CONDITIONS = COMPARISONS | CONNECTIVES | {
    np.logical_not, np.invert, np.isfinite, np.isinf, np.isnan,
}  # fmt: skip


def is_condition(tree: Tree) -> bool:
    """Whether a tree is true or false."""
    return type(tree) is Call and tree.function in CONDITIONS


def is_one_number(tree: Tree) -> bool:
    """Whether a tree is a number and no array."""
    return type(tree) is Number and np.ndim(tree.value) == 0


# ---------------------------------------------------------------------- making


def call(function: Any, operands: tuple[Any, ...], shape: Shape, options: Any = None) -> Tree:
    """A function of trees; what compares a tree with itself is decided."""
    if function in COMPARISONS and operands[0] == operands[1]:
        return Number(function in (np.greater_equal, np.less_equal, np.equal), shape)
    return Call(function, operands, shape, _weighed(*operands), options or {})


def product(*trees: Tree, divided_by: tuple[Tree, ...] = (), shape: Shape | None = None) -> Tree:
    """The product of some trees divided by others."""
    above = below = 1.0
    is_zero = False
    factors: list[tuple[Tree, float]] = []

    def take(tree: Tree, exponent: float) -> None:
        nonlocal above, below, is_zero
        if is_one_number(tree):
            number = float(tree.value)  # type: ignore[union-attr]
            is_zero |= number == 0
            if exponent == -1:
                below *= number
            else:
                above *= number**exponent
        elif type(tree) is Product and float(exponent).is_integer():  # √(x²) is not x
            first, second = (tree.above, tree.below) if exponent > 0 else (tree.below, tree.above)
            above *= _to_the(first, abs(exponent))
            below *= _to_the(second, abs(exponent))
            for factor, power in tree.factors:
                take(factor, power * exponent)
        else:
            for place, (factor, power) in enumerate(factors):
                if factor == tree:
                    factors[place] = (factor, power + exponent)
                    return
                if (joined := _of_one_base((factor, power), (tree, exponent))) is not None:
                    del factors[place]
                    take(joined, 1)
                    return
            factors.append((tree, exponent))

    for tree in trees:
        take(tree, 1)
    for tree in divided_by:
        take(tree, -1)
    if shape is None:
        shape = np.broadcast_shapes(*(tree.shape for tree in (*trees, *divided_by)))
    if not is_zero and 0 in (above, below):
        raise NoFormula("a number that is too small to be written")
    above, below = _reduced(above, below)
    if above == 0:
        return Number(0, shape)
    left = tuple((factor, power) for factor, power in factors if power)
    if not left and below == 1:
        return Number(above, shape)
    if (above, below) == (1, 1) and len(left) == 1 and left[0][1] == 1:
        return left[0][0]
    return Product(above, below, left, shape, _weighed(*(factor for factor, _ in left)))


def _of_one_base(*factors: tuple[Tree, float]) -> Tree | None:
    """Two factors as one power, where they are powers of the same and one has a tree above."""
    if not any(type(tree) is Call and tree.function is np.power for tree, _ in factors):
        return None
    bases, exponents = [], []
    for tree, exponent in factors:
        is_power = type(tree) is Call and tree.function is np.power
        base, above = tree.operands if is_power else (tree, ONE)  # type: ignore[union-attr]
        bases.append(base)
        exponents.append(product(Number(exponent), above))
    if bases[0] != bases[1]:
        return None
    shape = np.broadcast_shapes(*(tree.shape for tree, _ in factors))
    above = total(*sorted(exponents, key=is_one_number))
    if is_one_number(above):
        return raised(bases[0], float(above.value))  # type: ignore[union-attr]
    return call(np.power, (bases[0], above), shape)


def raised(tree: Tree, exponent: float) -> Tree:
    """A tree to the power of a number."""
    if exponent == 1:
        return tree
    if type(tree) is Number:
        return Number(np.power(tree.value, exponent), tree.shape)
    if exponent == 0:
        return Number(1, tree.shape)
    whole = float(exponent).is_integer()
    if type(tree) is Product and whole and tree.above > 0:
        found = tuple((factor, power * exponent) for factor, power in tree.factors)
        above, below = _to_the(tree.above, exponent), _to_the(tree.below, exponent)
        return Product(*_reduced(above, below), found, tree.shape, tree.weight)
    return Product(1, 1, ((tree, float(exponent)),), tree.shape, _weighed(tree))


def total(*trees: Tree, shape: Shape | None = None) -> Tree:
    """The sum of trees."""
    if shape is None:
        shape = np.broadcast_shapes(*(tree.shape for tree in trees))
    terms: list[tuple[Tree, float, float]] = []
    for tree in trees:
        for term in _terms(tree):
            scale, core = taken_apart(term)
            above, below = (
                (scale.above, scale.below) if type(scale) is Product else (float(scale.value), 1.0)  # type: ignore[union-attr]
            )
            for place, (same, top, bottom) in enumerate(terms):
                if same == core:
                    terms[place] = (core, above * bottom + top * below, below * bottom)
                    break
            else:
                terms.append((core, above, below))
    found = tuple(
        product(Number(above), core, divided_by=(Number(below),))
        for core, above, below in terms
        if above
    )
    if len(found) < 2:
        return found[0] if found else Number(0, shape)
    return Total(found, shape, _weighed(*found))


def _to_the(number: float, exponent: float) -> float:
    """A power of a number that is not 0, where it can be written."""
    try:
        power = number**exponent
    except OverflowError:
        power = math.inf
    if power == 0 or (math.isinf(power) and math.isfinite(number)):
        raise NoFormula("a number that is too large, or too small, to be written")
    return power


def with_condition(tree: Tree) -> tuple[Tree, Tree] | None:
    """A term as its value and the condition under which it is not 0."""
    if is_condition(tree):
        return ONE, tree
    if type(tree) is not Product:
        return None
    conditions = [f for f in tree.factors if is_condition(f[0])]
    if len(conditions) != 1 or conditions[0][1] < 0:
        return None
    rest = tuple(f for f in tree.factors if f is not conditions[0])
    value = product(Product(tree.above, tree.below, rest, tree.shape, tree.weight))
    return value, conditions[0][0]


def _terms(tree: Tree) -> tuple[Tree, ...]:
    """What is added up in a tree, also behind a minus."""
    if type(tree) is Total:
        return tree.terms
    scale, core = taken_apart(tree)
    if type(core) is Total and scale == Product(-1, 1, (), (), 1):
        return tuple(product(Number(-1), term) for term in core.terms)
    return (tree,)


def cases(condition: Tree, first: Tree, second: Tree, shape: Shape | None = None) -> Tree:
    """``first`` where the condition holds, else ``second``."""
    if shape is None:
        shape = np.broadcast_shapes(condition.shape, first.shape, second.shape)
    if is_one_number(condition):
        return first if condition.value else second  # type: ignore[union-attr]
    if first == second:
        return first
    if is_condition(condition) and second == Number(0):
        return product(first, condition, shape=shape)
    if (branch := with_condition(second)) is not None:
        second = Cases((branch,), ZERO, second.shape, second.weight)
    branches: tuple[tuple[Tree, Tree], ...] = ((first, condition),)
    if type(second) is Cases:
        branches, second = branches + second.branches, second.otherwise
    inside = [tree for branch in branches for tree in branch]
    return Cases(branches, second, shape, _weighed(*inside, second))


def taken_apart(tree: Tree) -> tuple[Tree, Tree]:
    """The number in front of a tree, and the tree without it."""
    if is_one_number(tree):
        return tree, ONE
    if type(tree) is Product and (tree.above, tree.below) != (1, 1):
        rest = Product(1, 1, tree.factors, tree.shape, tree.weight)
        return Product(tree.above, tree.below, (), (), 1), product(rest, shape=tree.shape)
    return ONE, tree


def _reduced(above: float, below: float) -> tuple[float, float]:
    """The same fraction, as a number where it is one, and with its sign above."""
    if below < 0:
        above, below = -above, -below
    if below == 0 or not (math.isfinite(above) and math.isfinite(below)):
        return above / below, 1.0
    if float(above).is_integer() and float(below).is_integer():
        shared = math.gcd(int(above), int(below))
        return above / shared, below / shared
    return (above, below) if abs(above) == 1 else (above / below, 1.0)


def _weighed(*trees: Any) -> int:
    weight = sum(
        _weighed(*tree) if type(tree) is tuple else getattr(tree, "weight", 0) for tree in trees
    )
    if weight > MOST:
        raise NoFormula("too long")
    return max(1, weight)


def _in_any_order(first: tuple[Any, ...], second: tuple[Any, ...]) -> bool:
    """Whether two products, or two sums, have the same parts."""
    if first == second:
        return True
    if len(first) != len(second):
        return False
    left = list(second)
    for part in first:
        if part not in left:
            return False
        left.remove(part)
    return True


def _same(first: Any, second: Any) -> bool:
    """Whether options are the same; arrays among them are not compared."""
    try:
        return bool(first == second)
    except ValueError:
        return False


# ---------------------------------------------------------------------- parts and numbers


def has(tree: Any, name: str) -> bool:
    """Whether a letter stands in a tree."""
    match tree:
        case Letter():
            return tree.name == name
        case Product():
            return any(has(factor, name) for factor, _ in tree.factors)
        case Total():
            return any(has(term, name) for term in tree.terms)
        case Cases():
            inside = [part for branch in tree.branches for part in branch]
            return any(has(part, name) for part in (*inside, tree.otherwise))
        case Call():
            return any(has(part, name) for part in tree.operands)
        case tuple():
            return any(has(part, name) for part in tree)
    return False


def has_condition(tree: Any) -> bool:
    """Whether it depends on a comparison what a tree is."""
    match tree:
        case Product():
            return any(has_condition(factor) for factor, _ in tree.factors)
        case Total():
            return any(map(has_condition, tree.terms))
        case Cases():
            return True
        case Call():
            return is_condition(tree) or any(map(has_condition, tree.operands))
        case tuple():
            return any(map(has_condition, tree))
    return False


def evaluated(tree: Any, values: Mapping[str, Any]) -> Any:
    """The number, or the array, that a tree stands for where its letters have these values."""
    match tree:
        case Letter():
            return values[tree.name]
        case Number():
            is_spread = np.shape(tree.value) != tree.shape
            return np.broadcast_to(tree.value, tree.shape) if is_spread else tree.value
        case Product():
            result: Any = tree.above / tree.below
            for factor, power in tree.factors:
                result = result * np.asarray(evaluated(factor, values), np.float64) ** power
            return result
        case Total():
            return sum(1.0 * evaluated(term, values) for term in tree.terms)
        case Cases():
            result = evaluated(tree.otherwise, values)
            for value, condition in reversed(tree.branches):
                result = np.where(evaluated(condition, values), evaluated(value, values), result)
            return result
        case Call():
            run = tree.function.value if isinstance(tree.function, Operation) else tree.function
            return run(*(evaluated(part, values) for part in tree.operands), **tree.options)
        case tuple():
            return tuple(evaluated(part, values) for part in tree)
    return tree
