"""From an operation to the formula of its derivative: the rule run on symbols, and simplified."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.indexing import scatter
from autograd_nn.viz.formulas import trees
from autograd_nn.viz.formulas.symbol import NoFormula, Symbol, taken
from autograd_nn.viz.formulas.trees import Call, Cases, Letter, Number, Product, Total, Tree

Shape = tuple[int, ...]


@dataclass(frozen=True)
class RuleFormula:
    """What a rule makes of the gradient ``g`` that arrives, as a tree.

    ``local`` is the factor of g where each element of the result depends on one of the input, or
    where all is one number; else None. ``is_elementwise`` says that it is the former.
    """

    tree: Tree
    local: Tree | None
    is_elementwise: bool


def formula_of(
    operation: Operation,
    slot: int,
    inputs: tuple[Any, ...],
    out: tuple[Any, ...],
    attributes: dict[str, Any],
) -> RuleFormula | None:
    """The formula of the gradient for one input; None where the rule does not run on symbols.

    ``inputs`` are shapes, or numbers that stand in the formula as they are; ``out`` is the shape
    of the result, or one shape for each of several.
    """
    try:
        return _remembered(operation, slot, inputs, out, tuple(attributes.items()))
    except TypeError:  # an array among the attributes
        return _derived(operation, slot, inputs, out, tuple(attributes.items()))


def _derived(
    operation: Operation,
    slot: int,
    inputs: tuple[Any, ...],
    out: tuple[Any, ...],
    attributes: tuple[tuple[str, Any], ...],
) -> RuleFormula | None:
    several = bool(out) and type(out[0]) is tuple
    shapes = [x for x in inputs if type(x) is tuple]
    as_numbers = not several and all(math.prod(shape) == 1 for shape in (*shapes, out))
    try:
        tree = simplified(_run(operation, slot, inputs, out, dict(attributes)), as_numbers)
        local = None if several else _without_g(tree)
    except Exception:  # an own rule may do anything, and be made for arrays alone
        return None
    to = inputs[slot] if type(inputs[slot]) is tuple else ()
    is_elementwise = local is not None and _broadcast(out, tree.shape, to) == out
    shown = local is not None and (is_elementwise or as_numbers)
    return RuleFormula(tree, _as_cases(local) if shown else None, is_elementwise)  # type: ignore[arg-type]


_remembered = functools.lru_cache(maxsize=512)(_derived)


def _broadcast(*shapes: Shape) -> Shape | None:
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


def _run(
    operation: Operation,
    slot: int,
    inputs: tuple[Any, ...],
    out: tuple[Any, ...],
    attributes: dict[str, Any],
) -> Any:
    """What the rule returns for letters in place of arrays."""
    letters = [Symbol(x, str(place)) if type(x) is tuple else x for place, x in enumerate(inputs)]
    if out and type(out[0]) is tuple:
        g: Any = tuple(Symbol(shape, f"g{n}") for n, shape in enumerate(out))
        result: Any = tuple(Symbol(shape, f"out{n}") for n, shape in enumerate(out))
    else:
        g, result = Symbol(out, "g"), Symbol(out, "out")
    rule = _rule(operation, slot)
    found = rule(g, result, *letters, **attributes)
    return found if isinstance(operation.gradients, tuple) else found[slot]


def _rule(operation: Operation, slot: int) -> Callable[..., Any]:
    """The rule as it is written on paper where the operation has such a form, else the rule."""
    rules = operation.gradients
    if not isinstance(rules, tuple):
        return rules
    found = (operation.formula or rules)[slot] or rules[slot]
    if found is None or isinstance(found, str):
        raise NoFormula("no derivative, or words for it")
    return found


def _without_g(tree: Tree) -> Tree | None:
    """The factor of g, None where the tree is no product with it."""
    if type(tree) is Number and not np.any(tree.value):
        return trees.ZERO
    if type(tree) is Letter and tree.name == "g":
        return trees.ONE
    if type(tree) is Product:
        inside = [(factor, power) for factor, power in tree.factors if trees.has(factor, "g")]
        if len(inside) != 1 or inside[0][1] != 1:
            return None
        local = _without_g(inside[0][0])
        if local is None:
            return None
        at = tree.factors.index(inside[0])
        rest = Product(
            tree.above, tree.below, tree.factors[:at] + tree.factors[at + 1 :], (), tree.weight
        )
        return trees.product(trees.product(rest, shape=()), local, shape=tree.shape)
    if type(tree) is Total:
        found = [_without_g(term) for term in tree.terms]
        return None if None in found else trees.total(*found, shape=tree.shape)  # type: ignore[arg-type]
    if type(tree) is Cases:
        branches = [_without_g(value) for value, _ in tree.branches]
        otherwise = _without_g(tree.otherwise)
        if otherwise is None or None in branches:
            return None
        found_cases: Tree = otherwise
        for value, (_, condition) in zip(reversed(branches), reversed(tree.branches), strict=True):
            if trees.has(condition, "g"):
                return None
            found_cases = trees.cases(condition, value, found_cases, tree.shape)  # type: ignore[arg-type]
        return found_cases
    return None


# ---------------------------------------------------------------------- simplifying


def simplified(value: Any, as_numbers: bool) -> Tree:
    """A symbol as a tree in its plain form; shared symbols are made once."""
    made: dict[int, Tree] = {}

    def tree_of(x: Any) -> Any:
        if type(x) in (tuple, list):
            return tuple(map(tree_of, x))
        if type(x) is not Symbol:
            return Number(x[()] if isinstance(x, np.ndarray) else x, np.shape(x))
        if x.function is None:
            return Letter(x.name, x.shape)
        if id(x) not in made:
            operands = tuple(map(tree_of, x.operands))
            made[id(x)] = _made(x, operands, as_numbers)
        return made[id(x)]

    return tree_of(value)


def _made(symbol: Symbol, operands: tuple[Any, ...], as_numbers: bool) -> Tree:
    function, shape = symbol.function, symbol.shape
    if as_numbers and (function in _HANDED_ON or is_placing(symbol)):
        found = operands[0]
        return found[0] if type(found) is tuple else found
    if as_numbers and function is np.matmul:
        return trees.product(*operands, shape=shape)
    if function in _LINEAR:
        scale, first = trees.taken_apart(operands[0])
        core = trees.call(function, (first, *operands[1:]), shape, symbol.options)
        return trees.product(scale, core, shape=shape)
    if isinstance(function, np.ufunc) and all(map(trees.is_one_number, operands)):
        with np.errstate(all="ignore"):
            return Number(function(*(x.value for x in operands)))
    if function in _ALGEBRA:
        return _ALGEBRA[function](shape, *operands)
    if function is np.where and len(operands) == 3:
        return trees.cases(*operands, shape=shape)
    if function in trees.CONDITIONS:
        return _condition(function, operands, shape)
    return trees.call(function, operands, shape, symbol.options)


def _power(shape: Shape, base: Tree, exponent: Tree) -> Tree:
    if trees.is_one_number(exponent):
        return trees.raised(base, float(exponent.value))  # type: ignore[union-attr]
    return trees.call(np.power, (base, exponent), shape)


_ALGEBRA: dict[Any, Callable[..., Tree]] = {
    np.add: lambda shape, x, y: trees.total(x, y, shape=shape),
    np.subtract: lambda shape, x, y: trees.total(
        x, trees.product(Number(-1), y, shape=y.shape), shape=shape
    ),
    np.negative: lambda shape, x: trees.product(Number(-1), x, shape=shape),
    np.positive: lambda shape, x: x,
    np.multiply: lambda shape, x, y: trees.product(x, y, shape=shape),
    np.divide: lambda shape, x, y: trees.product(x, divided_by=(y,), shape=shape),
    np.reciprocal: lambda shape, x: trees.product(divided_by=(x,), shape=shape),
    np.square: lambda shape, x: trees.raised(x, 2),
    np.power: _power,
    np.float_power: _power,
}

# Of one number they give that number.
_HANDED_ON = {scatter, np.sum, np.mean, np.max, np.min, np.prod, np.concatenate, np.stack}


def is_placing(made: Symbol | Call) -> bool:
    """Whether a function puts the same elements into another shape or another place."""
    return made.function in _PLACING


_PLACING = {
    np.reshape, np.transpose, np.squeeze, np.ravel, np.expand_dims, np.broadcast_to, taken,
}  # fmt: skip

# A number in the first operand is a number in front of the result.
_LINEAR = _PLACING | {np.matmul, np.sum, np.mean}


def _condition(function: Any, operands: tuple[Tree, ...], shape: Shape) -> Tree:
    """A comparison or a connective; what compares with infinity is decided."""
    if function in (np.greater_equal, np.less_equal):
        end = -np.inf if function is np.greater_equal else np.inf
        if trees.is_one_number(operands[1]) and operands[1].value == end:  # type: ignore[union-attr]
            return Number(True)
    if function in (np.bitwise_and, np.logical_and):
        left = [x for x in operands if not (trees.is_one_number(x) and x.value)]  # type: ignore[union-attr]
        if len(left) < 2:
            return left[0] if left else Number(True)
    return trees.call(function, operands, shape)


def _as_cases(tree: Tree) -> Tree:
    """A product with a condition, or a sum of them that exclude each other, by its cases."""
    terms = tree.terms if type(tree) is Total else (tree,)
    branches = [trees.with_condition(term) for term in terms]
    found = tuple(branch for branch in branches if branch is not None)
    if len(found) < len(terms) or not _exclude_each_other([condition for _, condition in found]):
        return tree
    return Cases(found, trees.ZERO, tree.shape, tree.weight)


def _exclude_each_other(conditions: list[Any]) -> bool:
    """Whether at most one of some comparisons can hold: x > y, x = y, x < y of the same two."""
    if len(conditions) == 1:
        return True
    first, ways = conditions[0], []
    for condition in conditions:
        if condition.function not in (np.less, np.greater, np.equal):
            return False
        same = condition.operands == first.operands
        if not same and condition.operands[::-1] != first.operands:
            return False
        function = condition.function
        if not same and function is not np.equal:
            function = np.greater if function is np.less else np.less
        ways.append(function)
    return len(set(ways)) == len(ways)
