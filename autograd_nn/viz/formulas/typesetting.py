"""A formula as a line of text or of LaTeX: one writer, and a style for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.einsum import einsum
from autograd_nn.engine.operations.indexing import ARRAY, filled, getitem, scatter
from autograd_nn.viz.formulas import trees
from autograd_nn.viz.formulas.symbol import piece_key, piece_of, taken
from autograd_nn.viz.formulas.trees import Call, Cases, Letter, Number, Product, Total, Tree

CASES, SUM, PRODUCT, FACTOR = range(4)
"""How tightly the parts of a formula hold together; a part in a tighter place needs brackets."""


@dataclass(frozen=True)
class Style:
    """How the parts of a formula are written.

    ``letter`` gives a letter its label; ``times`` joins numbers, ``elementwise`` arrays; ``total``
    gets the axes too, None for all; ``options`` gives what is told of a function's attributes.
    With ``bare`` a sine of a letter needs no brackets.
    """

    letter: Callable[[str], str]
    number: Callable[[float], str]
    index: Callable[[Any], str]
    name: Callable[[str], str]
    options: Callable[[dict[str, Any]], list[str]]
    signs: dict[Any, str]
    times: Callable[[list[str]], str]
    elementwise: Callable[[list[str]], str]
    matrix_times: Callable[[list[str]], str]
    outer: str
    minus: str
    fraction: Callable[[str, str], str]
    is_flat: bool
    bare: bool
    brackets: Callable[[str], str]
    iverson: Callable[[str], str]
    power: Callable[[str, str], str]
    transposed: Callable[[str], str]
    inverse: Callable[[str], str]
    inverse_transposed: Callable[[str], str]
    root: Callable[[str], str]
    placed: Callable[[str, str], str]
    total: Callable[[str, Any], str]
    where: Callable[[str, str], str]
    otherwise: Callable[[str], str]
    conjunction: str
    disjunction: str


def written(tree: Tree, style: Style) -> str:
    """A tree as one line."""
    return _Writer(style).at(CASES, tree)


def stripped(tree: Any) -> Any:
    """A tree without what only puts its elements into another shape."""
    while type(tree) is Call and (tree.function in _RESHAPING or takes_all(tree)):
        tree = tree.operands[0]
    return tree


_RESHAPING = {np.reshape, np.squeeze, np.ravel, np.expand_dims, np.broadcast_to}


def takes_all(tree: Call) -> bool:
    """Whether an index takes every element, in another shape."""
    if tree.function is not taken:
        return False
    key = tree.options["key"]
    keys = key if type(key) is tuple else (key,)
    plain = all(k is None or k is Ellipsis or k in (0, slice(None)) for k in map(_hashable, keys))
    return plain and np.prod(tree.shape) == np.prod(tree.operands[0].shape)


def _hashable(key: Any) -> Any:
    return key if key is None or key is Ellipsis or type(key) in (int, slice) else "other"


class _Writer:
    """Writes trees in one style."""

    def __init__(self, style: Style) -> None:
        self.style = style

    def at(self, level: int, tree: Tree) -> str:
        """A tree in a place that holds parts together as tightly as ``level``."""
        if level > CASES and trees.is_condition(tree):
            return self.style.iverson(self._text(tree)[0])
        text, own = self._text(stripped(tree))
        return text if own >= level else self.style.brackets(text)

    def _text(self, tree: Tree) -> tuple[str, int]:
        match tree:
            case Letter():
                text = self.style.letter(tree.name)
                return text, SUM if text.startswith(self.style.minus) else FACTOR
            case Number():
                return self._number(tree.value)
            case Total():
                return self._sum(tree), SUM
            case Product():
                return self._product(tree)
            case Cases():
                return self._cases(tree), CASES
        return self._call(tree)

    def _number(self, value: Any) -> tuple[str, int]:
        if np.ndim(value) == 0:
            value = float(value)
            return self.style.number(value), SUM if value < 0 else FACTOR
        if np.ndim(value) == 2 and np.array_equal(value, np.eye(len(value))):
            return self.style.name("I"), FACTOR
        values = np.ravel(value)
        if (values == values[:1]).all() and values.size:
            return self._number(values[0])
        return self.style.name(f"array{np.shape(value)}".replace(" ", "")), FACTOR

    def _sum(self, tree: Total) -> str:
        text = ""
        for place, term in enumerate(tree.terms):
            part = self.at(SUM, term)
            if place == 0:
                text = part
            elif part.startswith(self.style.minus):
                text += f" {self.style.minus} {part.removeprefix(self.style.minus)}"
            else:
                text += f" + {part}"
        return text

    # ------------------------------------------------------------------ products

    def _product(self, tree: Product) -> tuple[str, int]:
        above = [(factor, power) for factor, power in tree.factors if power > 0]
        below = [(factor, -power) for factor, power in tree.factors if power < 0]
        # What is behind a Σ is summed: it stands last.
        above.sort(key=lambda pair: _is_total(pair[0]))
        negative, size = tree.above < 0, abs(tree.above)
        if len(above) + len(below) + (size != 1) + (tree.below != 1) == 1 and above:
            text, level = self._power(*above[0])  # a power by itself, or a sign before a factor
            if negative:
                text, level = f"{self.style.minus}{self._last(*above[0])}", SUM
            return text, level
        numbers_above = [self.style.number(size)] if size != 1 or not above else []
        top = self._times(tree, numbers_above, above, is_last=not below and tree.below == 1)
        if below or tree.below != 1:
            numbers = [self.style.number(tree.below)] if tree.below != 1 else []
            is_one = len(numbers) + len(below) == 1
            bottom = self._times(None, numbers, below, is_last=True)
            is_open = is_one and bool(below) and below[0][1] == 1 and _is_matmul(below[0][0])
            if self.style.is_flat and (is_open or not is_one):
                bottom = self.style.brackets(bottom)
            elif not self.style.is_flat and is_one and below and below[0][1] == 1:
                bottom = self.at(SUM, below[0][0])
            if not self.style.is_flat and not numbers_above and len(above) == 1 == above[0][1]:
                top = self.at(SUM, above[0][0])
            top = self.style.fraction(self.style.brackets(top) if "/∂" in top else top, bottom)
        return (f"{self.style.minus}{top}", SUM) if negative else (top, PRODUCT)

    def _times(
        self,
        tree: Product | None,
        numbers: list[str],
        factors: list[tuple[Tree, float]],
        *,
        is_last: bool,
    ) -> str:
        arrays = [pair for pair in factors if pair[0].shape]
        if len(arrays) == 1:  # numbers stand before an array, which as a product needs no brackets
            factors = [*(pair for pair in factors if not pair[0].shape), *arrays]
        parts = [self._factor(factor, power) for factor, power in factors]
        for place, (factor, power) in enumerate(factors):
            alone = is_last and place == len(factors) - 1
            if _is_total(factor) and not alone:
                parts[place] = self.style.brackets(parts[place])
            elif len(arrays) == 1 and place == len(factors) - 1:
                parts[place] = self._last(factor, power)
        if tree is not None and is_outer(tree):
            parts = [self.style.outer.join(parts)]
        elif len(arrays) > 1:
            of_numbers = [part for part, (f, _) in zip(parts, factors, strict=True) if not f.shape]
            of_arrays = [part for part, (f, _) in zip(parts, factors, strict=True) if f.shape]
            parts = [*of_numbers, self.style.elementwise(of_arrays)]
        return self.style.times([*numbers, *parts])

    def _factor(self, tree: Tree, power: float) -> str:
        text, level = self._power(tree, power)
        return text if level >= FACTOR or _is_total(tree) else self.style.brackets(text)

    def _last(self, tree: Tree, power: float) -> str:
        """A factor behind numbers or a sign, where a product of matrices needs no brackets."""
        is_product = _is_matmul(tree) and power == 1
        return self.at(PRODUCT, tree) if is_product else self._factor(tree, power)

    def _power(self, tree: Tree, power: float) -> tuple[str, int]:
        if trees.is_condition(tree):
            return self.style.iverson(self._text(tree)[0]), FACTOR
        if power == 1:
            return self._text(stripped(tree))
        return self.style.power(self._base(tree), self.style.number(power)), FACTOR

    def _base(self, tree: Tree) -> str:
        """A tree before which, or behind which, a sign stands that belongs to the whole of it."""
        inner = stripped(tree)
        is_quotient = type(inner) is Letter and "/∂" in self.style.letter(inner.name)
        if is_quotient or type(inner) is Product or _is_open(inner, self.style.bare):
            return self.style.brackets(self.at(CASES, inner))
        return self.at(FACTOR, inner)

    # ------------------------------------------------------------------ cases and functions

    def _cases(self, tree: Cases) -> str:
        parts = [
            self.style.where(self.at(SUM, value), self._condition(condition))
            for value, condition in tree.branches
        ]
        return ", ".join([*parts, self.style.otherwise(self.at(SUM, tree.otherwise))])

    def _condition(self, tree: Tree) -> str:
        return self._call(tree)[0] if type(tree) is Call else self.at(SUM, tree)

    def _call(self, tree: Call) -> tuple[str, int]:
        style, function, operands = self.style, tree.function, tree.operands
        if function in trees.COMPARISONS:
            left, right = (self.at(SUM, x) for x in operands)
            return f"{left} {style.signs[function]} {right}", CASES
        if function in trees.CONNECTIVES:
            is_and = function in (np.bitwise_and, np.logical_and)
            sign = style.conjunction if is_and else style.disjunction
            return sign.join(map(self._condition, operands)), CASES
        if function is np.matmul:
            left, right = operands
            parts = [self.at(FACTOR, left), self.at(FACTOR, right)]
            if type(stripped(left)) is Call and stripped(left).function is np.matmul:
                parts[0] = self.at(PRODUCT, left)
            return style.matrix_times(parts), PRODUCT
        if function is np.transpose:
            inverse = stripped(operands[0])
            if type(inverse) is Call and inverse.function is np.linalg.inv:
                return style.inverse_transposed(self._base(inverse.operands[0])), FACTOR
            return style.transposed(self._base(operands[0])), FACTOR
        if function is np.linalg.inv:
            return style.inverse(self._base(operands[0])), FACTOR
        if function is np.sum:
            axis = tree.options.get("axis")
            return style.total(self.at(PRODUCT, operands[0]), axis), PRODUCT
        if function is np.power:
            return style.power(self._base(operands[0]), self.at(CASES, operands[1])), FACTOR
        if function is np.sqrt:
            inside = stripped(operands[0])
            text = self.at(CASES, inside)
            return style.root(text if type(inside) is Letter else style.brackets(text)), FACTOR
        if function is np.absolute:
            return f"|{self.at(CASES, operands[0])}|", FACTOR
        if function is taken:
            return f"{self._base(operands[0])}[{style.index(tree.options['key'])}]", FACTOR
        if function is piece_of:
            key = piece_key(operands[0].shape, **tree.options)
            return f"{self._base(operands[0])}[{style.index(key)}]", FACTOR
        if function is getitem:
            return f"{self._base(operands[0])}[{self._places(tree)}]", FACTOR
        if function is scatter:
            return style.placed(self.at(PRODUCT, operands[0]), self._places(tree)), CASES
        return self._named(tree)

    def _places(self, tree: Call) -> str:
        """What stands in the brackets of an index; the arrays in it are operands."""
        arrays = tuple(self.at(CASES, x) for x in tree.operands[1:])
        key = filled(tree.options.get("key", ARRAY), arrays)
        parts = key if type(key) is tuple else (key,)
        return ", ".join(x if type(x) is str else self.style.index(x) for x in parts)

    def _named(self, tree: Call) -> tuple[str, int]:
        function = tree.function
        if isinstance(function, Operation):
            is_word = function.symbol.rstrip("′").isalpha()
            name = function.symbol if is_word else function.name
        else:
            name = function.__name__
        name = self.style.name(_SHORT.get(name, name))
        several = [x for operand in tree.operands for x in _each(operand)]
        if function is einsum:
            # The dots stand for the axes of a batch of gradients, which no formula has.
            letters = tree.options["subscripts"].replace("...", "").replace("->", "→")
            name += f"[{self.style.name(letters)}]"
        is_word = name.removeprefix("\\").isalpha()
        is_bare = self.style.bare and is_word and function in _WITHOUT_BRACKETS
        if is_bare and type(several[0]) is Letter:
            argument = self.at(FACTOR, several[0])
            return f"{name} {argument}", FACTOR
        told = [] if function is einsum else self.style.options(tree.options)
        return f"{name}({', '.join([*(self.at(CASES, x) for x in several), *told])})", FACTOR


def _each(operand: Any) -> tuple[Any, ...]:
    return operand if type(operand) is tuple else (operand,)


_SHORT = {"absolute": "abs", "maximum": "max", "minimum": "min"}
_WITHOUT_BRACKETS = {np.sin, np.cos, np.tan, np.log, np.sign}
_OPEN = _WITHOUT_BRACKETS | {np.sqrt, np.power, np.linalg.inv}


def _is_open(tree: Tree, bare: bool) -> bool:
    return type(tree) is Call and tree.function in (_OPEN if bare else _OPEN - _WITHOUT_BRACKETS)


def _is_total(tree: Tree) -> bool:
    inner = stripped(tree)
    return type(inner) is Call and inner.function is np.sum


def _is_matmul(tree: Tree) -> bool:
    inner = stripped(tree)
    return type(inner) is Call and inner.function is np.matmul


def is_outer(tree: Tree) -> bool:
    """Whether a tree is the product of each element of a vector with each of another."""
    if type(tree) is not Product or len(tree.shape) != 2 or len(tree.factors) != 2:
        return False
    return all(len(stripped(f).shape) == 1 and power == 1 for f, power in tree.factors)
