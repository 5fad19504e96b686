"""What goes into a layer and comes out of it in the network that it was put into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd_nn.engine.errors import AutogradError
from autograd_nn.engine.structures import flatten, rebuild


class Calls:
    """The calls of a layer on placeholders. A copy of the layer has none of them.

    A model of layers one after the other makes its placeholders when somebody asks for them.
    """

    # A list would be compared call by call before every step of training, as lists are.
    __slots__ = ("_made", "_models")

    def __init__(self) -> None:
        self._made: list[Any] = []
        self._models: list[Callable[[], None]] = []

    def __reduce__(self) -> tuple[Callable[[], Any], tuple[()]]:
        return Calls, ()

    @property
    def all(self) -> list[Any]:
        """Every call, in their order."""
        waiting, self._models = self._models, []
        for link in waiting:
            link()
        return self._made

    def expect(self, link: Callable[[], None]) -> None:
        """There is a call that ``link`` makes."""
        self._models.append(link)

    def no_longer(self, link: Callable[[], None]) -> None:
        """That call is made, or never will be."""
        self._models = [other for other in self._models if other != link]

    def forget(self, call: Any) -> None:
        """A call is no longer part of any network."""
        self._made = [other for other in self._made if other is not call]


class NotConnectedError(AutogradError, AttributeError):
    """A layer has no input and no output: it was not called on a placeholder."""


class End:
    """An attribute looked up in the network, unless the layer has one of its own of this name.

    A model of one's own may have a layer that it calls ``self.output``.
    """

    def __init__(self, text: str) -> None:
        self.__doc__ = text

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, layer: Any, owner: Any = None) -> Any:
        if layer is None:
            return self
        side = "inputs" if self.name.startswith("input") else "outputs"
        found = _side(layer, side)
        if self.name == side:
            return flatten(found)[0]
        if self.name.endswith("_shape"):
            placeholders, outline = flatten(found)
            return rebuild(outline, [x.shape for x in placeholders])
        return found


def _side(layer: Any, side: str) -> Any:
    """The placeholders on one side of a model, or of the first call of a layer."""
    graph = getattr(layer, "_graph", None)
    if graph is not None:
        return rebuild(getattr(graph, f"{side}_outline"), getattr(graph, side))
    if layer._calls is None or not layer._calls.all:
        raise NotConnectedError(
            f"{layer.name!r} has no {side[:-1]} yet: it was not called on a placeholder. Build the "
            "model with Input((features,)) first, or call it: layer(Input((features,)))."
        )
    call = layer._calls.all[0]
    if side == "outputs":
        return call.outputs
    return rebuild(call.outline, call.values)[0][0] if call.inputs else call.outputs
