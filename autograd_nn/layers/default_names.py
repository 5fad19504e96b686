"""The names of layers that were given none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd_nn.engine.errors import ArgumentError

if TYPE_CHECKING:
    from autograd_nn.layers.layer import Layer


def name_layers(layers: list[Layer]) -> None:
    """Give the unnamed among neighbours their default names: dense, dense_1, …

    Raises       ArgumentError where two layers bear the same name
    """
    taken: dict[str | None, Layer] = {}
    for layer in layers:
        layer.name  # noqa: B018 (says so where super().__init__() was forgotten)
        other = taken.setdefault(layer._name, layer)
        # Two that were named in other models may meet here.
        if other is not layer and layer._name and (other._is_named or layer._is_named):
            raise ArgumentError(
                f"Two layers have the name {layer._name!r}. Give one of them another: "
                f"{type(layer).__name__}(…, name='{layer._name}_b')."
            )
    for layer in layers:
        if layer._name is None or taken[layer._name] is not layer:
            stem = name = layer._stem
            number = 0
            while name in taken:
                number += 1
                name = f"{stem}_{number}"
            taken[name] = layer
            layer._rename(name)
        layer._opens_scope = True
