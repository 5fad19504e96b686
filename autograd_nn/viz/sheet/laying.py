"""Both passes and the update laid out on sheets: an area of cells for every value that is shown."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.program import ITERATION, LEARNING_RATE, Instruction, Value
from autograd_nn.viz.graph import notation, rules, symbols
from autograd_nn.viz.graph.flows import Sweep, receipt
from autograd_nn.viz.graph.walk import Item, Walk
from autograd_nn.viz.sheet.areas import (
    BACKWARD,
    FORWARD,
    LARGEST,
    UPDATE,
    CellArea,
    PageWords,
    SheetPage,
)
from autograd_nn.viz.sheet.cell_content import CellContent, literal
from autograd_nn.viz.sheet.cell_texts import LARGEST_NUMBER, MOST_CHARACTERS, characters
from autograd_nn.viz.sheet.contents import SheetContents
from autograd_nn.viz.sheet.passes import Passes, ShownEdge, is_drawn
from autograd_nn.viz.wording.saying import say

_SETTINGS = {LEARNING_RATE: "sheet.learning_rate", ITERATION: "sheet.iteration"}


class LaidPasses:
    """The sheets of a walk: ``forward``, ``backward`` and ``update``, those that there are.

    Raises       ArgumentError where a sheet cannot hold it
    """

    def __init__(self, walk: Walk, sweep: Sweep, optimizer: Any) -> None:
        self._walk, self._sweep, self._optimizer = walk, sweep, optimizer
        self._passes = passes = Passes(walk, sweep, optimizer)
        self._gradients: dict[Tensor, CellArea] = {}
        self._put_before: dict[Any, CellContent] = {}
        self._count = 0
        edges = [edge for found in passes.edges.values() for edge in found]
        wanted = [*passes.values.values(), *passes.totals.values()]
        wanted += [x for e in edges for x in (e.local, e.contribution) if x is not None]
        for update in passes.updates:
            wanted += [update.after, *(after for _, after in update.kept.values())]
        _check_size(sum(value.size for value in wanted))
        self._contents = SheetContents(passes.steps, wanted, self._put, self._leaf)
        self._in_lines = all(value.size == 1 for value in passes.values.values())
        self.pages: list[SheetPage] = []
        self._forward()
        if passes.totals:
            self._backward()
        if passes.updates:
            self._update(wanted)

    def _begin(self, words: PageWords) -> None:
        self._page = SheetPage(words, self._in_lines)
        self.pages.append(self._page)

    # ------------------------------------------------------------------ forward

    def _forward(self) -> None:
        self._begin(FORWARD)
        for item in self._walk.order:
            value = self._passes.values.get(id(item))
            if value is None:
                continue
            self._block(self._walk.label(item))
            if self._is_given(item, value):
                self._given(item, value)
            else:
                self._shown(value, self._told(item), "value", self._label)

    def _is_given(self, item: Item, value: Value) -> bool:
        return value.role == "array" or item in self._passes.reading.held or is_drawn(item)

    def _given(self, item: Item, value: Value) -> None:
        """What the user gave, as plain numbers."""
        if type(item) is Tensor:
            data, kind = item._data, "parameter" if item._requires_grad else "given"
        else:
            data, kind = item.data, "given"
        area = self._area(np.shape(data), notation.shape(np.shape(data)), kind)
        area.name = self._label
        self._write(area, literal(data))
        held: dict[Any, Value] = self._passes.reading.held
        self._contents.lay(held.get(item, value), area.places)

    def _told(self, item: Item) -> str:
        """How a node was computed, and its shape."""
        if type(item) is not Tensor or item.operation is None:
            return notation.shape(np.shape(item._data if type(item) is Tensor else item.data))
        labels = self._walk.input_labels(item)
        formula = f"= {rules.expression(item.operation, labels, item.attributes)}"
        return formula if self._in_lines else f"{formula}   {notation.shape(item.shape)}"

    # ------------------------------------------------------------------ backward

    def _backward(self) -> None:
        self._begin(BACKWARD)
        root = self._walk.label(self._walk.root)
        for item in reversed(self._walk.order):
            if type(item) is not Tensor or item not in self._passes.totals:
                continue
            total = self._passes.totals[item]
            edges = self._passes.edges.get(item, [])
            self._block(symbols.total(root, self._walk.label(item)))
            area = self._area(total.shape, self._about(edges), "gradient")
            area.name, area.prefix = self._walk.label(item), "grad_"
            if len(edges) != 1:
                self._page.note(self._about(edges))
            for edge in edges:
                self._lay_gradient(edge.flow.node)
                self._edge(edge, is_alone=len(edges) == 1)
            self._fill(area, total)
            self._gradients[item] = area

    def _lay_gradient(self, tensor: Tensor) -> None:
        """Read this gradient in its own cells, also where it is merely that of another."""
        if tensor in self._gradients:  # that of a node with several results is in its parts
            self._contents.lay(self._passes.totals[tensor], self._gradients[tensor].places)

    def _about(self, edges: list[ShownEdge]) -> str:
        if not edges:
            return say("sheet.start")
        if len(edges) > 1:
            return say("sheet.sum", n=len(edges))
        return self._rule(edges[0])

    def _rule(self, edge: ShownEdge) -> str:
        """What is done with the gradient on its way, and from where it comes."""
        node, slot = edge.flow.node, edge.flow.slot
        rule = receipt(edge.flow, self._walk).rule
        if rule is None:
            upstream = symbols.total(self._walk.label(self._walk.root), self._walk.label(node))
            rule = f"= {symbols.slope(self._walk.label(node), slot)} · {upstream}"
        return f"{rule}   ({self._way(edge)})"

    def _way(self, edge: ShownEdge) -> str:
        node = edge.flow.node
        assert node.operation is not None
        return symbols.way(self._walk.label(node), node.operation, edge.flow.slot, len(node.inputs))

    def _edge(self, edge: ShownEdge, is_alone: bool) -> None:
        """The slope and the contribution of one use; alone it is the gradient."""
        if not is_alone:
            self._page.line(self._way(edge))
            self._shown(edge.contribution, self._rule(edge), "contribution", "")
        if edge.local is not None:
            node = edge.flow.node
            slope = receipt(edge.flow, self._walk).derivative
            slope = slope or symbols.slope(self._walk.label(node), edge.flow.slot)
            self._shown(edge.local, slope, "slope", "")
        self._page.note(self._rule(edge))

    # ------------------------------------------------------------------ update

    def _update(self, wanted: list[Value]) -> None:
        self._begin(UPDATE)
        for value in _settings(self._passes.steps, wanted):
            self._block(say(_SETTINGS[value.name]))
            self._contents.lay(value, self._leaf(value))
        for update in self._passes.updates:
            label = self._walk.label(update.parameter)
            self._block(label)
            self._lay_gradient(update.parameter)
            after = self._area(update.after.shape, say("sheet.after", label=label), "value")
            after.name, after.prefix = label, "new_"
            for key, (before, new) in update.kept.items():
                area = self._area(before.shape, say("sheet.kept", name=key), "given")
                self._write(area, literal(self._state(before)))
                self._contents.lay(before, area.places)
                self._shown(new, say("sheet.kept_after", name=key), "value", "")
            self._fill(after, update.after)

    def _state(self, value: Value) -> Any:
        tensor, key = self._passes.states[value]
        known = self._optimizer._state.get(tensor, {})
        return known.get(key, self._passes.reading.trace.arrays[value])

    # ------------------------------------------------------------------ areas and what is in them

    def _block(self, label: str) -> None:
        self._label = label
        self._page.begin(label)

    def _shown(self, value: Value, title: str, kind: str, name: str) -> None:
        area = self._area(value.shape, title, kind)
        area.name = name
        if kind == "value" and name:
            self._page.note(title)
        self._fill(area, value)

    def _fill(self, area: CellArea, value: Value) -> None:
        self._write(area, self._contents[value])
        self._contents.lay(value, area.places)

    def _area(self, shape: tuple[int, ...], title: str, kind: str) -> CellArea:
        area = self._page.area(shape, title, kind)
        self._count += area.cells.shape[0] * area.cells.shape[1]
        _check_size(self._count)
        return area

    def _write(self, area: CellArea, content: CellContent) -> None:
        numbers = content.numbers
        if np.isnan(numbers).any() or (area.kind != "part" and np.isinf(numbers).any()):
            raise ArgumentError(
                f"{self._label} has infinity or NaN among its numbers, which a sheet has not. Use "
                "finite numbers, such as -1e9 in place of -inf; `why` tells where a NaN began."
            )
        if max(map(characters, content.elements.flat), default=0) > MOST_CHARACTERS:
            raise ArgumentError(
                f"A formula of {self._label} has more than the {MOST_CHARACTERS:,} characters that "
                "a cell takes: it adds up too many numbers that lie apart. Take fewer examples."
            )
        area.content = CellContent(
            content.elements, np.clip(numbers, -LARGEST_NUMBER, LARGEST_NUMBER)
        )

    def _put(self, content: CellContent, name: str) -> CellContent:
        """Formulas that stand in others in cells of their own, once."""
        key = content.shape, *content.elements.flat
        if key not in self._put_before:
            area = self._area(content.shape, name, "part")
            self._write(area, content)
            self._put_before[key] = area.places
        return self._put_before[key]

    def _leaf(self, value: Value) -> CellContent:
        """What no step makes, and nothing that is shown: a constant, or something behind one."""
        if value.kind in ("generator", "object"):
            raise ArgumentError(
                f"The graph uses {value.name}, an object of Python: a sheet has numbers only."
            )
        if value.role == "constant":
            return literal(value.data)
        if value.role == "setting":
            is_rate = value.name == LEARNING_RATE
            optimizer = self._optimizer
            data = float(optimizer.learning_rate) if is_rate else optimizer._iterations + 1
        else:
            data = (
                value.data if value.data is not None else self._passes.reading.trace.arrays[value]
            )
        area = self._area(np.shape(data), value.name, "given")
        area.name = value.name
        self._write(area, literal(data))
        return area.places


def _check_size(cells: int) -> None:
    if cells > LARGEST:
        raise ArgumentError(
            f"The sheet would have more than {LARGEST:,} cells, which helps nobody. Take fewer "
            "examples (a batch of 8 shows as much), fewer units, or the loss of one layer."
        )


def _settings(steps: list[Instruction], wanted: list[Value]) -> list[Value]:
    """The numbers of the optimizer that the steps of an update use."""
    found = dict.fromkeys(x for step in steps for x in step.read() if x.role == "setting")
    return list(found)
