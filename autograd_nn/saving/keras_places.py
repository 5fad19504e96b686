"""Where Keras keeps the weights of a model in its HDF5 files: "layers/dense/vars/0" and so on.

Not the names of layers are what it goes by, but the attributes that hold them and their classes:
the second Dense of a model is "layers/dense_1", the cell of a GRU "layers/gru/cell".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers import Layer
from autograd_nn.layers.weights import _held
from autograd_nn.names import snake_case


class KerasGroup(NamedTuple):
    """A group of a file, the name that is noted there, and the weights that belong into it."""

    path: str
    name: str
    weights: list[Tensor]


def places(model: Any) -> list[KerasGroup]:
    """Every place that Keras has for this model, in the order in which it goes through them."""
    return list(_walked(model, "", set()))


def weights_by_path(model: Any) -> dict[str, Tensor]:
    """Every weight of the model by where it stands in a file."""
    return {
        _joined(place.path, f"vars/{number}"): weight
        for place in places(model)
        for number, weight in enumerate(place.weights)
    }


def _walked(layer: Layer, path: str, seen: set[int]) -> Iterator[KerasGroup]:
    """A layer and those in it, each where it is met first."""
    if id(layer) in seen:
        return
    seen.add(id(layer))
    own = _own(layer)
    projections = _PROJECTIONS.get(type(layer).__name__)
    if projections is None or layer._is_own:
        yield KerasGroup(path, layer.name, own)
    else:  # Keras has a layer for each
        yield KerasGroup(path, layer.name, [])
        for name, attribute in projections.items():
            found = [weight for weight in own if f"/{name}/" in str(weight.name)]
            if found:
                yield KerasGroup(_joined(path, attribute), name, found)
    for attribute, held in _attributes(layer):
        below = _joined(path, attribute)
        if isinstance(held, Layer):
            yield from _walked(held, below, seen)
        elif isinstance(held, (list, tuple, dict)):
            yield from _in_container(held, below, seen)


def _in_container(held: Any, path: str, seen: set[int]) -> Iterator[KerasGroup]:
    """Layers in a list or dict are called by their classes, with a number from the second on."""
    used: dict[str, int] = {}
    for part in held.values() if isinstance(held, dict) else held:
        if isinstance(part, Layer):
            name = _numbered(class_of(part), used)
            yield from _walked(part, _joined(path, name), seen)
        elif isinstance(part, (list, tuple, dict)):
            yield from _in_container(part, _joined(path, _numbered("container", used)), seen)


def _attributes(layer: Any) -> list[tuple[str, Any]]:
    """The attributes in Keras's order: by name, private ones last; the layers of a model first."""
    graph = getattr(layer, "layer_graph", None)
    is_model, is_chain = hasattr(layer, "layer_graph"), hasattr(layer, "_linked")
    hidden = _OF_MODELS if is_model else set()
    renamed = {} if layer._is_own else _RENAMED.get(type(layer).__name__, {})
    found = [
        (renamed.get(key, key), held) for key, held in vars(layer).items() if key not in hidden
    ]
    if graph is not None or is_chain:
        return [("layers", _layers_of(layer)), *_sorted(found)]
    return _sorted([*found, ("layers", layer.layers)] if is_model else found)


def _layers_of(model: Any) -> list[Layer]:
    """The layers of a model; one of layers one after the other has no place for its input."""
    return list(model.layers)


def _sorted(found: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return sorted(found, key=lambda one: f"~{one[0]}" if one[0].startswith("_") else one[0])


def _own(layer: Any) -> list[Tensor]:
    """The weights that belong to no layer in it: those that training may change come first."""
    own = [weight.tensor for weight in layer._own_weights]
    last = [weight.tensor for weight in layer._own_weights if not weight.trainable]
    first = [weight for weight in own if not any(weight is other for other in last)]
    bare = [
        tensor
        for tensor in _held(layer)[0]
        if tensor.operation is None
        and tensor._requires_grad
        and not any(tensor is other for other in own)
    ]
    return [*first, *dict.fromkeys(bare), *last]


def class_of(layer: Layer) -> str:
    """What Keras calls a layer of this class in a file."""
    if not layer._is_own and getattr(layer, "layer_graph", None) is not None:
        return "functional"
    name = type(layer).__name__
    return snake_case(_CLASSES.get(name, name) if not layer._is_own else name)


def _numbered(name: str, used: dict[str, int]) -> str:
    used[name] = number = used.get(name, -1) + 1
    return f"{name}_{number}" if number else name


def _joined(path: str, name: str) -> str:
    return f"{path}/{name}" if path else name


# What a model holds besides the layers and weights that its author gave it.
_OF_MODELS = {"_graph", "_parts", "_layers", "_linked", "_training", "_calls", "_input", "history"}
# Where the class is another one than the public name says.
_CLASSES = {"GroupQueryAttention": "GroupedQueryAttention"}
# Where Keras has a layer for what are weights of the layer here: by the first word of their names.
_PROJECTIONS = {
    "MultiHeadAttention": {
        "query": "query_dense",
        "key": "key_dense",
        "value": "value_dense",
        "gate": "_gate_dense",
        "attention_output": "output_dense",
    },
}
# Where a layer in a layer is under another attribute there.
_RENAMED = {
    "GroupQueryAttention": {
        name: f"{name}_dense" for name in ("_query", "_key", "_value", "_gate", "_output")
    },
}
