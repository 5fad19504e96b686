"""What the elements of arrays are called: ``dense/kernel[3, 7]``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.graph import topological
from autograd_nn.engine.operation import part
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.elements.jacobians import maker
from autograd_nn.viz.graph import notation, symbols
from autograd_nn.viz.graph.naming import results_of_layers
from autograd_nn.viz.graph.walk import Walk
from autograd_nn.viz.wording.saying import say

LONGEST = 22
"""A name and its index must stand in one line with others."""


class Labels:
    """A label for each array: its name, else the layer and the operation that made it.

    Different arrays get different labels: "add", "add#2". The sum before the activation of a layer
    is its z, the result its a. With ``whole``, the graph of a loss, everything in it is called as
    in steps, explanations and pictures: v3.
    """

    def __init__(
        self, root: Tensor, names: Mapping[str, Any] | None = None, whole: Walk | None = None
    ) -> None:
        self._known: dict[int, str] = {} if whole is None else whole.labels_of_inputs()
        self._kept: list[Any] = [whole]  # an id is somebody else's once its owner is gone
        self._taken: set[str] = set(self._known.values())
        self._given = {id(item): name for name, item in reversed(list((names or {}).items()))}
        self._inside = results_of_layers(topological(root))
        self._root = root

    def gradient(self, source: Any, place: int) -> str:
        """The gradient of the root by one element: ``∂loss/∂w[0, 3]``."""
        return symbols.total(self.root, self.array(source)) + self._at(source, [place])[0]

    @property
    def root(self) -> str:
        """The label of what gradients are of."""
        if id(self._root) in self._known:
            return self._known[id(self._root)]
        if self._root.name is None and id(self._root) not in self._given:
            return self._known.setdefault(id(self._root), self._free("loss"))
        return self.array(self._root)

    def array(self, source: Any) -> str:
        """The label of a Tensor, or of an array among the inputs of one."""
        found = self._known.get(id(source))
        if found is None:
            found = self._known[id(source)] = self._new(source)
            self._kept.append(source)
        return found

    def element(self, source: Any, place: int) -> str:
        """The label of one element; ``place`` counts through the flattened array."""
        return self.elements(source, [place])[0]

    def elements(self, source: Any, places: list[int]) -> list[str]:
        """The labels of several elements of an array."""
        label = self.array(source)
        return [label + at for at in self._at(source, places)]

    def _at(self, source: Any, places: list[int]) -> list[str]:
        data = source._data if type(source) is Tensor else source
        return indices(np.shape(data), places)

    def name(self, source: Any) -> str | None:
        """What the user called it."""
        own = source.name if type(source) is Tensor else None
        return own or self._given.get(id(source))

    def _new(self, source: Any) -> str:
        name = self.name(source)
        if name:
            return self._free(notation.clean(name, LONGEST))
        inside = self._inside.get(source) if type(source) is Tensor else None
        return self._free(inside or _called(source))

    def _free(self, base: str) -> str:
        label, count = base, 1
        while label in self._taken:
            count += 1
            label = f"{base}#{count}"
        self._taken.add(label)
        return label


def indices(shape: tuple[int, ...], places: list[int]) -> list[str]:
    """``[3, 7]`` for each place in the flattened array; nothing for a number."""
    if not shape:
        return [""] * len(places)
    columns = (axis.tolist() for axis in np.unravel_index(np.array(places, np.intp), shape))
    return [notation.index(at) for at in zip(*columns, strict=True)]


def _called(source: Any) -> str:
    if type(source) is not Tensor:
        return "input"
    if source.operation is None:
        return "parameter" if source._requires_grad else "input"
    if source.operation is part:
        node, result = maker(source)
        return f"{_called(node)} {say('numbers.part', n=result)}"
    name = notation.clean(source.operation.name, LONGEST)
    return f"{notation.clean(source.scope, LONGEST)}/{name}" if source.scope else name
