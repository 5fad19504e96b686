"""The derivative of a loss as lines of mathematics: each rule run on symbols, put into each other.

Every node gives one line for its value and one for its gradient, in the letters of others. A line
that is short, or read once, is put in where it is read, and what stands there is simplified; what
is left is the formula and the few lines that it needs.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.operation import Operation, part
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.unbroadcasting import unbroadcast
from autograd_nn.viz.formulas import trees
from autograd_nn.viz.formulas.derivation import simplified
from autograd_nn.viz.formulas.symbol import NoFormula, Symbol
from autograd_nn.viz.formulas.trees import Call, Letter, Number, Tree
from autograd_nn.viz.graph import symbols
from autograd_nn.viz.graph.flows import formula_at, values_of
from autograd_nn.viz.graph.naming import results_of_layers
from autograd_nn.viz.graph.path import GradientPath
from autograd_nn.viz.graph.walk import ConstantNode, Walk
from autograd_nn.viz.symbolic import algebra
from autograd_nn.viz.symbolic.parts import COUNT, calls_in, length, letters_in, ordered

CLOSED_NUMBER, CLOSED_ARRAY, LONGEST_LINE = 24, 10, 8
"""So many letters may stand in a formula of numbers that is written as one, in one of arrays, and
in a line that is put into another."""

GRADIENT = "∂"
"""The letter of a gradient is that of its Tensor behind this sign."""


@dataclass(frozen=True, eq=False)
class OwnRule:
    """The rule of a node for one input, where it has no formula: it is named, and can be run."""

    node: Tensor
    slot: int

    @property
    def operation(self) -> str:
        """The name of the operation."""
        return self.node.operation.name  # type: ignore[union-attr]

    @property
    def __name__(self) -> str:
        return symbols.slope(self.operation, self.slot)

    def __call__(self, g: Any, *inputs: Any) -> Any:
        operation, attributes = self.node.operation, self.node.attributes or {}
        assert operation is not None
        own: Any = operation.gradients
        inputs = _with_none(self.node, inputs)
        out = operation.value(*inputs, **attributes)
        if type(g) is tuple:  # where nothing arrives stands a 0
            g = tuple(
                np.broadcast_to(np.asarray(x, y.dtype), y.shape)
                for x, y in zip(g, out, strict=True)
            )
        one_for_all = not isinstance(own, tuple)
        found = (own if one_for_all else own[self.slot])(g, out, *inputs, **attributes)
        found = found[self.slot] if one_for_all else found
        return unbroadcast(found, values_of(self.node)[self.slot], self.node, self.slot)


@dataclass(frozen=True, eq=False)
class OneResult:
    """One of the several results of an operation."""

    node: Tensor
    index: int

    @property
    def operation(self) -> str:
        """The name of the operation."""
        return self.node.operation.name  # type: ignore[union-attr]

    @property
    def __name__(self) -> str:
        return f"{self.operation}{self.index + 1}"

    def __call__(self, *inputs: Any, **attributes: Any) -> Any:
        operation, inputs = self.node.operation, _with_none(self.node, inputs)
        return operation.value(*inputs, **attributes)[self.index]  # type: ignore[union-attr]


def _with_none(node: Tensor, given: tuple[Any, ...]) -> tuple[Any, ...]:
    """What is given in the places of the inputs that there are."""
    left = iter(given)
    return tuple(None if x is None else next(left) for x in node.inputs)


class Derivation:
    """The lines for ∂loss/∂w, the last of which is the formula itself.

    ``lines`` has a tree for each letter; the others are what there was before, whose data
    `values` gives. ``count`` is the length that the letter m stands for, None without one.
    """

    def __init__(self, way: GradientPath, walk: Walk) -> None:
        self.way, self.walk = way, walk
        self.as_numbers = way.is_scalar
        self.count: int | None = None
        self.tensors = [item for item in walk.order if type(item) is Tensor]
        raw = self._lines()
        self.result = self._gradient_key(way.w)
        forced: set[str] = self._stops()
        while True:
            self.lines = self._put_in(raw, forced)
            kept = {key for key in self.lines if key.startswith(GRADIENT) and key != self.result}
            needed = kept | {key.removeprefix(GRADIENT) for key in kept}
            if needed & raw.keys() <= self.lines.keys():
                break
            forced |= needed
        self.lines = {key: ordered(tree) for key, tree in self.lines.items()}

    def calls(self) -> Iterator[Call]:
        """The functions that stand in the lines."""
        for tree in self.lines.values():
            yield from calls_in(tree)

    # ------------------------------------------------------------------ letters

    def _key(self, item: Any) -> str:
        return self.walk.ids[id(item)]

    def _gradient_key(self, tensor: Tensor) -> str:
        return GRADIENT + self._key(tensor)

    def _letter(self, item: Any) -> Letter:
        data = item._data if type(item) is Tensor else np.asarray(item.data)
        return Letter(self._key(item), self._shape(np.shape(data)))

    def _shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return () if self.as_numbers and math.prod(shape) == 1 else shape

    def _operands(self, node: Tensor) -> list[Tree | None]:
        """What a node was computed from: letters, and numbers that were written as such."""
        found: list[Tree | None] = []
        for slot, x in enumerate(node.inputs):
            item = self.walk.input_at(node, slot)
            if item is None:
                found.append(None)
            elif type(x) is not Tensor and not np.ndim(x):
                found.append(Number(np.asarray(x)[()]))
            elif type(x) is Tensor and type(x._data) is tuple:
                found.append(Letter(self._key(x), ()))
            else:
                found.append(self._letter(item))
        return found

    # ------------------------------------------------------------------ one line for each node

    def _lines(self) -> dict[str, Tree]:
        """The lines that the formula needs, before they are put into each other."""
        backward: dict[str, Tree] = {}
        for tensor in reversed(self.way.nodes):
            if type(tensor._data) is not tuple:
                shape = self._shape(tensor.shape)
                terms = [self._contribution(step) for step in self.way.uses.get(tensor, ())]
                found = algebra.plus(*terms, shape=shape) if terms else None
                if tensor is self.way.loss:
                    found = algebra.spread(trees.ONE, shape)
                assert found is not None
                backward[self._gradient_key(tensor)] = found
        forward: dict[str, Tree] = {}
        needed = {name for tree in backward.values() for name in letters_in(tree)}
        needed |= {key.removeprefix(GRADIENT) for key in backward}
        for tensor in reversed(self.tensors):
            if self._key(tensor) in needed and (value := self._value(tensor)) is not None:
                forward[self._key(tensor)] = value
                needed |= set(letters_in(value))
        lines = {key: forward[key] for key in reversed(forward)}
        return self._complements(needed) | lines | backward

    def _complements(self, needed: set[str]) -> dict[str, Tree]:
        """Of 0/1 labels y an array without a name that is 1 − y: NumPy made it, and told nobody."""
        known: list[ConstantNode] = []
        found: dict[str, Tree] = {}
        for item in self.walk.order:
            if type(item) is not ConstantNode or not np.ndim(item.data):
                continue
            if self._key(item) not in needed or not np.isin(item.data, (0, 1)).all():
                continue
            of = next((y for y in known if np.array_equal(1 - y.data, item.data)), None)
            if of is None or self.walk.name(item):
                known.append(item)
                continue
            minus = trees.product(Number(-1), self._letter(of))
            found[self._key(item)] = algebra.plus(trees.ONE, minus, shape=np.shape(item.data))
        return found

    def _contribution(self, step: Any) -> Tree:
        """What one use of a Tensor sends back to it."""
        node, slot = step.node, step.slot
        operands = self._operands(node)
        to = self._shape(np.shape(values_of(node)[slot]))
        formula = formula_at(node, slot)
        g = self._arriving(node)
        if formula is None:
            inputs = [x for x in operands if x is not None]
            own = g["g"] if "g" in g else tuple(g.values())
            return trees.call(OwnRule(node, slot), (own, *inputs), to)
        letters = g | {str(n): x for n, x in enumerate(operands) if x is not None}
        if type(node._data) is tuple:
            letters |= {f"out{n}": self._one_result(node, n) for n in range(len(node._data))}
        else:
            letters["out"] = self._letter(node)
        tree = algebra.rebuilt(formula.tree, letters, self.as_numbers)
        return self._counted(algebra.fitted(tree, to), node)

    def _arriving(self, node: Tensor) -> dict[str, Tree]:
        """The gradient of the result of a node, or those of its several results."""
        if type(node._data) is not tuple:
            return {"g": Letter(self._gradient_key(node), self._shape(node.shape))}
        found: dict[str, Tree] = {
            f"g{n}": Number(0, self._shape(np.shape(x))) for n, x in enumerate(node._data)
        }
        for step in self.way.uses[node]:
            one: Any = step.node
            name = f"g{one.attributes['index']}"
            letter = Letter(self._gradient_key(one), self._shape(one.shape))
            found[name] = algebra.plus(found[name], letter, shape=letter.shape)
        return found

    def _value(self, node: Tensor) -> Tree | None:
        """How a node was computed; None for what stands for itself."""
        operation, shape = node.operation, self._shape(np.shape(node._data))
        if operation is None or not node.inputs or type(node._data) is tuple:
            return None
        if operation is part:
            return self._one_result(node.inputs[0], node.attributes["index"])  # type: ignore[index]
        operands = self._operands(node)
        attributes = node.attributes or {}
        if operation in _HANDED_ON and [x.shape for x in operands if x] == [()] and not shape:
            return operands[0]  # of one number they give that number
        if operation in _AS_NUMPY:
            function = _AS_NUMPY[operation]
            if function is None:
                return algebra.reshaped(operands[0], shape)  # type: ignore[arg-type]
            if function is np.where:
                return algebra.spread(trees.cases(*operands), shape)  # type: ignore[arg-type]
            places = tuple(attributes[k] for k in ("axes",) if attributes.get(k) is not None)
            found = algebra.called(function, (*operands, *places), shape, attributes)
            return self._counted(found, node)
        while operands and operands[-1] is None:
            operands.pop()
        if not operands or any(x is None for x in operands):
            return None
        made = self._written(operation, operands, attributes)
        return made or trees.call(operation, tuple(operands), shape, attributes)

    def _written(self, operation: Operation, operands: list[Any], attributes: Any) -> Tree | None:
        """The value function, run on symbols where it is one of NumPy's."""
        if not isinstance(operation.value, (np.ufunc, type(len))):
            return None
        letters = {str(n): x for n, x in enumerate(operands)}
        symbols = [
            x.value if type(x) is Number else Symbol(x.shape, str(n))
            for n, x in enumerate(operands)
        ]
        try:
            made = operation.value(*symbols, **attributes)
        except (NoFormula, TypeError):  # a function of numbers alone
            return None
        if type(made) is not Symbol:
            return None
        return algebra.rebuilt(simplified(made, self.as_numbers), letters, self.as_numbers)

    def _one_result(self, node: Tensor, index: int) -> Tree:
        operands = tuple(x for x in self._operands(node) if x is not None)
        shape = self._shape(np.shape(node._data[index]))
        return trees.call(OneResult(node, index), operands, shape, node.attributes or {})

    def _counted(self, tree: Tree, node: Tensor) -> Tree:
        """With the letter m for the number of examples, over which a mean was taken."""
        shape = np.shape(values_of(node)[0])
        if node.operation is not ops.mean or not shape or shape[0] < 2:
            return tree
        axis = (node.attributes or {}).get("axis")
        axes = range(len(shape)) if axis is None else np.atleast_1d(axis) % len(shape)
        if 0 not in axes or self.count not in (None, shape[0]):
            return tree
        self.count = shape[0]
        return algebra.times(
            tree, Number(self.count), divided_by=(Letter(COUNT, ()),), shape=tree.shape
        )

    # ------------------------------------------------------------------ putting them in

    def _stops(self) -> set[str]:
        """Lines that stay: of several layers the sums and the results, by which one knows them."""
        layers = results_of_layers(self.tensors)
        on_the_way = [t for t in layers if t in self.way.uses and layers[t].endswith("/z")]
        inputs = {t for t in layers if layers[t].endswith("/a")} - self.way.uses.keys()
        found = {self._key(t) for t in inputs}
        if len(on_the_way) > 1:
            found |= {self._key(t) for t in layers}
            found |= {self._gradient_key(t) for t in on_the_way}
        return found

    def _put_in(self, lines: dict[str, Tree], forced: set[str]) -> dict[str, Tree]:
        """Lines put into each other until nothing changes, and the whole formula if it is short."""
        found = self._pruned(lines, forced)
        while True:
            after = self._pruned(self._once(found, forced), forced)
            if len(after) == len(found):
                break
            found = after
        if forced & after.keys() - {self.result}:
            return after
        try:
            whole = self._once(after, set(), everything=True)
        except NoFormula:
            return after
        most = CLOSED_NUMBER if self.as_numbers else CLOSED_ARRAY
        return whole if length(whole[self.result]) <= most else after

    def _once(
        self, lines: Mapping[str, Tree], forced: set[str], everything: bool = False
    ) -> dict[str, Tree]:
        uses = Counter(name for tree in lines.values() for name in letters_in(tree))
        put: dict[str, Tree] = {}
        kept: dict[str, Tree] = {}
        for key, tree in lines.items():
            try:
                new = algebra.rebuilt(tree, put, self.as_numbers)
            except NoFormula:
                if everything:
                    raise
                # Too long with all of them: what it reads stays in lines of its own.
                back = [name for name in dict.fromkeys(letters_in(tree)) if name in put]
                kept |= {name: put.pop(name) for name in back}
                new = tree
            stays = key in forced or key == self.result
            if not stays and (everything or _goes(new, uses[key])):
                put[key] = new
            else:
                kept[key] = new
        return kept

    def _pruned(self, lines: dict[str, Tree], forced: set[str]) -> dict[str, Tree]:
        """The lines that are read by the last one, and those of the Tensors whose gradients are."""
        wanted = {self.result}
        for key in reversed(lines):
            if key in wanted:
                wanted |= set(letters_in(lines[key]))
                if key in forced and key != self.result:
                    wanted.add(key.removeprefix(GRADIENT))
        return {key: tree for key, tree in lines.items() if key in wanted}


_AS_NUMPY: dict[Operation, Any] = {
    ops.matmul: np.matmul, ops.sum: np.sum, ops.mean: np.mean, ops.transpose: np.transpose,
    ops.reshape: np.reshape, ops.expand_dims: np.reshape, ops.squeeze: np.reshape,
    ops.broadcast_to: np.broadcast_to, ops.where: np.where, ops.astype: None, ops.copy: None,
}  # fmt: skip


_HANDED_ON = {
    ops.getitem, ops.max, ops.min, ops.prod, ops.concatenate, ops.stack, ops.cumsum, ops.cumprod,
}  # fmt: skip


def _goes(tree: Tree, uses: int) -> bool:
    """Whether a line is put in where it is read."""
    if uses == 1:
        return length(tree) <= LONGEST_LINE
    return length(tree) <= 1 and not any(_is_function(call) for call in calls_in(tree))


def _is_function(call: Call) -> bool:
    return call.function not in (np.transpose, np.reshape)
