"""Trees of arrays in a plain form: products of matrices, sums over axes, and spreading.

`trees` knows numbers; here every tree has the shape of the array that it stands for. What is
spread over a larger shape has a factor 𝟏 of that shape, which disappears beside another array of
it; a sum over rows or columns is a product with 𝟏.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn.viz.formulas import trees
from autograd_nn.viz.formulas.symbol import NoFormula, piece_of, taken
from autograd_nn.viz.formulas.trees import ONE, Call, Cases, Letter, Number, Product, Total, Tree
from autograd_nn.viz.formulas.typesetting import takes_all

Shape = tuple[int, ...]

ONES, ROW_OF_ONES = "𝟏", "𝟏ᵀ"


def rebuilt(tree: Any, letters: Mapping[str, Tree], as_numbers: bool) -> Any:
    """A tree with other trees for some of its letters; ``as_numbers`` when all are numbers."""

    def again(part: Any) -> Any:
        return rebuilt(part, letters, as_numbers)

    match tree:
        case Letter():
            return letters.get(tree.name, tree)
        case Product():
            parts = [_power(again(factor), power) for factor, power in tree.factors]
            number = trees.product(Number(tree.above), divided_by=(Number(tree.below),))
            return shorter(times(number, *parts, shape=_shape(tree, as_numbers)))
        case Total():
            return shorter(plus(*map(again, tree.terms), shape=_shape(tree, as_numbers)))
        case Cases():
            result = again(tree.otherwise)
            for value, condition in reversed(tree.branches):
                result = trees.cases(_core(again(condition)), _core(again(value)), _core(result))
            return spread(result, _shape(tree, as_numbers))
        case Call():
            operands = tuple(map(again, tree.operands))
            return called(tree.function, operands, _shape(tree, as_numbers), tree.options)
        case tuple():
            return tuple(map(again, tree))
    return tree


def _shape(tree: Tree, as_numbers: bool) -> Shape:
    return () if as_numbers and math.prod(tree.shape) == 1 else tree.shape


def called(function: Any, operands: tuple[Any, ...], shape: Shape, options: dict[str, Any]) -> Tree:
    """A function of trees: what is algebra is computed with, another is written down."""
    first: Any = operands[0] if operands else None
    if function is np.matmul:
        return multiplied(*operands, shape=shape)
    if function in (np.sum, np.mean):
        axis = options.get("axis", None if len(operands) < 2 else operands[1])
        found = reshaped(summed(first, axis), shape)
        ratio = math.prod(first.shape) // math.prod(shape) if function is np.mean else 1
        return times(found, divided_by=(Number(ratio),), shape=shape)
    if function is np.transpose:
        return transposed(first, operands[1:], shape)
    if function in _RESHAPING or (
        function is taken and takes_all(Call(function, operands, shape, 1, options))
    ):
        return reshaped(first, shape)
    if function is np.broadcast_to:
        return spread(first, shape)
    if function in (taken, piece_of) and not first.shape:
        return first
    if isinstance(function, np.ufunc):
        cores: tuple[Any, ...] = tuple(map(_core, operands))
        if all(map(trees.is_one_number, cores)):
            with np.errstate(all="ignore"):
                return spread(Number(function(*(x.value for x in cores))), shape)
        return spread(trees.call(function, cores, _wide(*cores), options), shape)
    return trees.call(function, operands, shape, options)


_RESHAPING = (np.reshape, np.squeeze, np.ravel, np.expand_dims)


# ---------------------------------------------------------------------- element by element


def ones(shape: Shape, name: str = ONES) -> Letter:
    """An array of ones."""
    return Letter(f"{name}{shape}", shape)


def is_ones(tree: Tree) -> bool:
    """Whether a tree is an array of ones."""
    return type(tree) is Letter and tree.name.startswith(ONES)


def spread(tree: Tree, shape: Shape) -> Tree:
    """A tree in the shape that it is broadcast to."""
    core = _core(tree)
    if core.shape == shape:
        return core
    if trees.is_one_number(core) and not core.value:  # type: ignore[union-attr]
        return Number(0, shape)
    return trees.product(ones(shape), core, shape=shape)


def _core(tree: Tree) -> Tree:
    """A tree before it was spread."""
    if is_ones(tree):
        return ONE
    if trees.is_one_number(tree):
        return Number(tree.value)  # type: ignore[union-attr]
    if type(tree) is Product and any(is_ones(factor) for factor, _ in tree.factors):
        rest = tuple(pair for pair in tree.factors if not is_ones(pair[0]))
        return _of(tree.above, tree.below, rest)
    return tree


def _of(above: float, below: float, factors: tuple[tuple[Tree, float], ...]) -> Tree:
    shape = _wide(*(factor for factor, _ in factors))
    return trees.product(Product(above, below, factors, shape, 1), shape=shape)


def _wide(*parts: Tree) -> Shape:
    return np.broadcast_shapes(*(part.shape for part in parts))


def times(*factors: Tree, divided_by: tuple[Tree, ...] = (), shape: Shape) -> Tree:
    """The product element by element."""
    above, below = map(_core, factors), tuple(map(_core, divided_by))
    found = trees.product(*above, divided_by=below)
    if type(found) is Product:
        found = _of(found.above, found.below, found.factors)  # what was left out has no shape
    return spread(found, shape)


def _power(tree: Tree, exponent: float) -> Tree:
    core = _core(tree)
    return spread(trees.raised(core, exponent), tree.shape)


def plus(*terms: Tree, shape: Shape) -> Tree:
    """The sum element by element."""
    found = trees.total(*map(_core, terms))
    if type(found) is Total:
        found = Total(found.terms, _wide(*found.terms), found.weight)
    return spread(found, shape)


# ---------------------------------------------------------------------- arrays as a whole


def parted(tree: Tree) -> tuple[Tree, Tree]:
    """The factors of a tree that are one number, and the array without them."""
    if not tree.shape:
        return tree, ONE
    if trees.is_one_number(tree):
        return Number(tree.value), ones(tree.shape)  # type: ignore[union-attr]
    if type(tree) is not Product:
        return ONE, tree
    numbers = tuple(pair for pair in tree.factors if not pair[0].shape)
    arrays = tuple(pair for pair in tree.factors if pair[0].shape)
    return _of(tree.above, tree.below, numbers), _of(1, 1, arrays)


def multiplied(left: Tree, right: Tree, *, shape: Shape) -> Tree:
    """The product of matrices, numbers in front of it."""
    if not (left.shape and right.shape):  # what has one element stands as a number
        return times(*(reshaped(x, shape) if x.shape else x for x in (left, right)), shape=shape)
    if type(left) is Letter and left.name.startswith(ROW_OF_ONES):
        return reshaped(summed(right, 0), shape)
    if is_ones(right) and len(right.shape) == 1 and len(left.shape) == 2:
        return reshaped(summed(left, 1), shape)
    first, left = parted(left)
    second, right = parted(right)
    numbers = times(first, second, shape=())
    if numbers == Number(0):
        return Number(0, shape)
    return trees.product(numbers, trees.call(np.matmul, (left, right), shape), shape=shape)


def transposed(tree: Tree, order: tuple[Any, ...], shape: Shape) -> Tree:
    """The axes in another order."""
    number, core = parted(tree)
    if len(shape) < 2:
        return tree
    if is_ones(core):
        return trees.product(number, ones(shape), shape=shape)
    order = () if len(shape) == 2 else order
    if type(core) is Call and core.function is np.transpose and not (order or core.operands[1:]):
        return trees.product(number, core.operands[0], shape=shape)
    return trees.product(number, trees.call(np.transpose, (core, *order), shape), shape=shape)


def reshaped(tree: Tree, shape: Shape) -> Tree:
    """The same elements in another shape."""
    if tree.shape == shape:
        return tree
    number, core = parted(tree)
    if core == ONE or is_ones(core):
        return spread(number, shape)
    if type(core) is Call and core.function is np.reshape:
        core = core.operands[0]
        if core.shape == shape:
            return trees.product(number, core, shape=shape)
    return trees.product(number, trees.call(np.reshape, (core, shape), shape), shape=shape)


def summed(tree: Tree, axis: Any = None) -> Tree:
    """The sum over some axes, or over all; along what is spread it is a multiple."""
    shape, lengths = tree.shape, len(tree.shape)
    if not shape:
        return tree
    given = range(lengths) if axis is None else _numbers(axis)
    axes = {int(a) % lengths for a in given}
    number, core = parted(tree)
    core = _core(core)
    wide = (1,) * (lengths - len(core.shape)) + core.shape
    left = [a for a in sorted(axes) if wide[a] != 1]
    many = math.prod(shape[a] for a in axes if wide[a] == 1)
    found = _total(core, tuple(a - (lengths - len(core.shape)) for a in left))
    kept = tuple(wide[a] for a in range(lengths) if a not in axes)
    target = tuple(shape[a] for a in range(lengths) if a not in axes)
    found = spread(reshaped(found, kept), target)
    return times(number, Number(many), found, shape=target)


def _numbers(axis: Any) -> tuple[int, ...]:
    several = axis if type(axis) is tuple else (axis,)
    return tuple(int(a.value if type(a) is Number else a) for a in several)


def _total(core: Tree, axes: tuple[int, ...]) -> Tree:
    shape = core.shape
    target = tuple(n for a, n in enumerate(shape) if a not in axes)
    if not axes:
        return core
    if len(shape) == 2 and axes == (0,):
        return trees.call(np.matmul, (ones(shape[:1], ROW_OF_ONES), core), target)
    if len(shape) == 2 and axes == (1,):
        return trees.call(np.matmul, (core, ones(shape[1:])), target)
    options = {} if len(axes) == len(shape) else {"axis": axes}
    return trees.call(np.sum, (core,), target, options)


def fitted(tree: Tree, shape: Shape) -> Tree:
    """What a rule returned in the shape of its input: spread, or summed where it was broadcast."""
    have = tree.shape
    if math.prod(have) == math.prod(shape) != 0:
        return reshaped(tree, shape)
    if _broadcasts(have, shape):
        return spread(tree, shape)
    extra = len(have) - len(shape)
    axes = tuple(a for a, n in enumerate(have) if a < extra or (n != 1 and shape[a - extra] == 1))
    return reshaped(summed(tree, axes), shape)


def _broadcasts(have: Shape, shape: Shape) -> bool:
    wide = (1,) * (len(shape) - len(have)) + have
    return len(wide) == len(shape) and all(
        n in (1, want) for n, want in zip(wide, shape, strict=True)
    )


# ---------------------------------------------------------------------- shorter


def shorter(tree: Tree) -> Tree:
    """A product with a sum of fractions, and a sum of products, multiplied out if that is shorter.

    So p·(1 − p)·((1 − y)/(1 − p) − y/p) becomes p − y.
    """
    try:
        return min(_forms(tree), key=lambda form: form.weight)
    except NoFormula:  # too long when multiplied out
        return tree


def _forms(tree: Tree) -> list[Tree]:
    found: list[Tree] = [tree]
    if type(tree) is Total and any(_has_sum(term) for term in tree.terms):
        apart = _apart([spread(term, tree.shape) for term in tree.terms], tree.shape)
        if len(_summands(apart)) <= len(tree.terms):  # what cancels, and not what is only longer
            found.append(apart)
    if type(tree) is not Product:
        return found
    for place, (factor, power) in enumerate(tree.factors):
        if type(factor) is Total and power == 1 and any(map(_is_fraction, factor.terms)):
            rest = _of(tree.above, tree.below, tree.factors[:place] + tree.factors[place + 1 :])
            terms = [times(rest, term, shape=tree.shape) for term in factor.terms]
            found += [plus(*terms, shape=tree.shape), _apart(terms, tree.shape)]
    return found


def _apart(terms: list[Tree], shape: Shape) -> Tree:
    """A sum of products of sums as a sum of products, behind what all have."""
    shared, rest = parted_alike(terms)
    apart = [part for term in rest for part in _multiplied_out(term)]
    return times(shared, plus(*apart, shape=shape), shape=shape)


def _summands(tree: Tree) -> tuple[Tree, ...]:
    """What is added up in a tree, or in the one factor of it that is a sum."""
    if type(tree) is Product:
        sums = [factor for factor, power in tree.factors if type(factor) is Total and power == 1]
        return _summands(sums[0]) if sums else (tree,)
    return tree.terms if type(tree) is Total else (tree,)


def _has_sum(tree: Tree) -> bool:
    return type(tree) is Product and any(
        type(factor) is Total and power == 1 for factor, power in tree.factors
    )


def parted_alike(terms: list[Tree]) -> tuple[Tree, list[Tree]]:
    """Of some terms the factors that are letters and that all have, and the terms without them."""
    shared: Tree = ONE
    while True:
        first = terms[0].factors if type(terms[0]) is Product else ()
        for factor, power in first:
            rest = [_without(term, factor, power) for term in terms]
            if type(factor) is Letter and None not in rest:
                shared = trees.product(shared, trees.raised(factor, power))
                terms = rest  # type: ignore[assignment]
                break
        else:
            return shared, terms


def _without(tree: Tree, factor: Tree, power: float) -> Tree | None:
    if type(tree) is not Product or (factor, power) not in tree.factors:
        return None
    return _of(tree.above, tree.below, tuple(f for f in tree.factors if f != (factor, power)))


def _is_fraction(tree: Tree) -> bool:
    return type(tree) is Product and any(power < 0 for _, power in tree.factors)


def _multiplied_out(tree: Tree) -> list[Tree]:
    """The terms of a product of sums."""
    if type(tree) is Total:
        return [part for term in tree.terms for part in _multiplied_out(term)]
    if type(tree) is not Product:
        return [tree]
    for place, (factor, power) in enumerate(tree.factors):
        if type(factor) is Total and power == 1:
            rest = _of(tree.above, tree.below, tree.factors[:place] + tree.factors[place + 1 :])
            parts = [times(rest, term, shape=tree.shape) for term in factor.terms]
            return [x for part in parts for x in _multiplied_out(part)]
    return [tree]
