"""A model as Keras describes it: what stands in the ``config.json`` of a ``.keras`` file."""

from __future__ import annotations

from collections import Counter
from typing import Any

from autograd_nn import activations
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.taking import warn_outside
from autograd_nn.layers.inner import says_nothing
from autograd_nn.layers.input_layer import InputLayer
from autograd_nn.layers.layer import Layer
from autograd_nn.layers.layer_call import Computation, LayerCall
from autograd_nn.layers.placeholder import Placeholder
from autograd_nn.models.layer_graph import LayerGraph
from autograd_nn.models.sequential import Sequential
from autograd_nn.saving.keras_config import entry_of, has_mask, in_keras, layer_config
from autograd_nn.saving.keras_functions import keras_function
from autograd_nn.saving.named_weights import layers_of


class KerasWriter:
    """What gives the entries of layers.

    Parameters   shared: layers that stand in several places. Keras makes one object of all entries
                 that have the same number
    """

    def __init__(self, shared: list[Layer]) -> None:
        self._shared = shared
        self.met: list[Layer] = []

    def __call__(self, layer: Layer) -> dict[str, Any]:
        """The class of a layer and the arguments that make an equal one."""
        self.met.append(layer)
        entry = self._written(layer)
        if layer in self._shared:
            entry["shared_object_id"] = self._shared.index(layer) + 1
        return entry

    def _written(self, layer: Layer) -> dict[str, Any]:
        graph = getattr(layer, "layer_graph", None)
        if isinstance(layer, Sequential) and not says_nothing(layer):
            return self._with_shape(layer, entry_of(type(layer), self._chain(layer), ""))
        if graph is None or says_nothing(layer):
            entry = entry_of(type(layer), layer_config(layer, self), "layers")
            if layer._is_own:  # its own configuration may not say it
                entry |= {"name": layer.name, "trainable": layer.trainable}
            return self._with_shape(layer, entry)
        config = {"name": layer.name, "trainable": layer.trainable, **self._graph(graph)}
        if layer._is_own:
            return entry_of(type(layer), config, "")
        return {
            "module": "keras.src.models.functional",
            "class_name": "Functional",
            "config": config,
            "registered_name": "Functional",
        }

    def _with_shape(self, layer: Layer, entry: dict[str, Any]) -> dict[str, Any]:
        """With the shape of the inputs, by which Keras makes the weights."""
        shape = layer._input_shape
        if layer._is_own and layer._built and isinstance(shape, tuple):
            entry["build_config"] = {"input_shape": in_keras(shape)}
        return entry

    # ------------------------------------------------------------------ one after the other

    def _chain(self, model: Any) -> dict[str, Any]:
        config: dict[str, Any] = {"name": model.name, "trainable": model.trainable}
        found = [self(layer) for layer in model.layers]
        given = model._input.call.layer if model._input is not None else None
        if given is None and model._shapes and not hasattr(model.layers[0], "layer_graph"):
            given = InputLayer(batch_shape=(None, *model._shapes[0][1:]))
        if given is not None:
            found.insert(0, self(given))
        config["layers"] = found
        if model._shapes:
            config["build_input_shape"] = in_keras((None, *model._shapes[0][1:]))
        return config

    # ------------------------------------------------------------------ functional

    def _graph(self, graph: LayerGraph) -> dict[str, Any]:
        """The layers, each with its calls, and what goes in and comes out."""
        places = _Places(graph)
        entries = []
        for made in places.inputs:  # placeholders in the midst of another model
            entries.append({**self(made), "name": made.name, "inbound_nodes": []})
        for layer in graph.operations:
            calls = [call for call in graph.calls if call.layer is layer]
            if isinstance(layer, Computation):
                entries.append(self._computation(layer, calls[0], places))
                continue
            entry = {**self(layer), "name": layer.name}
            for call in calls:
                _warn_of_differences(call, graph)
            entry["inbound_nodes"] = [
                _node(rebuild(call.outline, call.values), places) for call in calls
            ]
            entries.append(entry)
        ends = []
        for placeholders, outline in [
            (graph.inputs, graph.inputs_outline),
            (graph.outputs, graph.outputs_outline),
        ]:
            ends.append(_lists(rebuild(outline, [places.end(x) for x in placeholders])))
        return {"layers": entries, "input_layers": ends[0], "output_layers": ends[1]}

    def _computation(self, layer: Computation, call: LayerCall, places: _Places) -> dict[str, Any]:
        args, keywords = rebuild(call.outline, call.values)
        module, name, options, inputs = keras_function(layer.function, list(args), keywords)
        config = {"name": layer.name, **{key: in_keras(x) for key, x in options.items()}}
        return {
            "module": module,
            "class_name": name,
            "config": config,
            "registered_name": name,
            "name": layer.name,
            "inbound_nodes": [_node((inputs, {}), places)],
        }


class _Places:
    """Where the placeholders of a graph come from, as Keras counts: layer, call of it, result."""

    def __init__(self, graph: LayerGraph) -> None:
        self._found: dict[int, tuple[Any, int, int]] = {}
        self.inputs: list[InputLayer] = []
        names = {layer.name for layer in graph.operations}
        for x in graph.inputs:
            layer = x.call.layer
            if not isinstance(layer, InputLayer):
                name = f"{x.name}_input"
                while name in names:
                    name += "_"
                names.add(name)
                layer = InputLayer(batch_shape=x.shape, dtype=x.dtype, name=name)
                self.inputs.append(layer)
            self._found[id(x)] = (layer, 0, 0)
        counted: dict[Layer, int] = {}
        for call in graph.calls:
            number = counted[call.layer] = counted.get(call.layer, -1) + 1
            for x in call.results:
                self._found[id(x)] = (call.layer, number, x.place)

    def history(self, x: Placeholder) -> list[Any]:
        """Of an argument of a call."""
        layer, number, place = self._found[id(x)]
        return [layer.name, number, place]

    def end(self, x: Placeholder) -> list[Any]:
        """Of an input or output. Here Keras counts the making of a functional model as a call."""
        layer, number, place = self._found[id(x)]
        is_functional = getattr(layer, "layer_graph", None) is not None
        return [layer.name, number + is_functional, place]


def _node(arguments: Any, places: _Places) -> dict[str, Any]:
    """One call of a layer, of its arguments and keywords."""
    args, keywords = arguments

    def written(value: Any) -> Any:
        if type(value) is not Placeholder:
            return in_keras(value)
        config = {"shape": list(value.shape), "dtype": value.dtype.name}
        return {
            "class_name": "__keras_tensor__",
            "config": {**config, "keras_history": places.history(value)},
        }

    return {"args": _mapped(written, list(args)), "kwargs": _mapped(written, keywords)}


def _warn_of_differences(call: LayerCall, graph: LayerGraph) -> None:
    """Say where Keras computes something else of the same call."""
    _, keywords = rebuild(call.outline, call.values)
    name = call.layer.name
    if "training" in keywords:
        warn_outside(
            f"Layer {name!r} is called with training={keywords['training']}, and in a model that "
            "is read from .keras it is called as the whole model is, here as in Keras. "
            "BatchNormalization that is not to change has trainable=False.",
        )
    if keywords.get("initial_state") is not None and any(map(has_mask, graph.operations)):
        warn_outside(
            f"Layer {name!r} is called with an initial_state, and sees the mask of its inputs; in "
            "Keras such a call sees none: of sequences that are filled up it gives others.",
        )


def computed_otherwise(model: Any) -> list[str]:
    """The layers that use sparsemax, of which Keras's has another threshold."""
    found = []
    for layer in layers_of(model).values():
        graph = getattr(layer, "layer_graph", None)
        functions = [x for x in graph.operations if isinstance(x, Computation)] if graph else []
        found += [x.name for x in functions if x.function is activations.sparsemax]
        if any(held is activations.sparsemax for held in vars(layer).values()):
            found.append(layer.name)
    return found


def _mapped(function: Any, structure: Any) -> Any:
    values, outline = flatten(structure)
    return _lists(rebuild(outline, [function(value) for value in values]))


def _lists(structure: Any) -> Any:
    if isinstance(structure, dict):
        return {key: _lists(part) for key, part in structure.items()}
    if isinstance(structure, (list, tuple)):
        return [_lists(part) for part in structure]
    return structure


def described_for_keras(model: Any) -> dict[str, Any]:
    """The entry of a whole model.

    Raises       ArgumentError for what Keras could not read
    """
    if differing := computed_otherwise(model):
        warn_outside(
            f"sparsemax of {', '.join(differing)} gives in Keras what does not add up to 1.",
        )
    first = KerasWriter([])
    entry = first(model)
    counts = Counter(first.met)
    shared = [layer for layer, count in counts.items() if count > 1]
    return KerasWriter(shared)(model) if shared else entry
