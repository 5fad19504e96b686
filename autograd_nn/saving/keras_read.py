"""A model made of what Keras wrote of it, without running anything that the file says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograd_nn.engine.errors import FileFormatError
from autograd_nn.layers.inner import name_again
from autograd_nn.layers.input_layer import InputLayer
from autograd_nn.layers.layer import Layer
from autograd_nn.layers.layer_call import Computation
from autograd_nn.layers.placeholder import Placeholder, item
from autograd_nn.models.architecture import called_again
from autograd_nn.models.model import Model
from autograd_nn.models.sequential import Sequential
from autograd_nn.saving.keras_config import arguments, class_here, from_keras, has_mask, own_class
from autograd_nn.saving.keras_functions import called_as


class KerasReader:
    """What makes layers of their entries; entries of one object make one layer."""

    def __init__(self) -> None:
        self._made: dict[int, Layer] = {}

    def __call__(self, entry: Any) -> Any:
        """A new layer, or model."""
        if not isinstance(entry, dict) or not {"class_name", "config"} <= set(entry):
            raise FileFormatError("it describes a layer by something else than class and config.")
        if not isinstance(entry["class_name"], str):
            raise FileFormatError("it names a class by something else than a text.")
        number = entry.get("shared_object_id")
        if isinstance(number, int) and number in self._made:
            return self._made[number]
        layer = self._read(entry)
        if isinstance(number, int):
            self._made[number] = layer
        return layer

    def _read(self, entry: Mapping[str, Any]) -> Any:
        name, config, own = entry["class_name"], entry["config"], own_class(entry)
        if "layers" in config and (name == "Sequential" or issubclass(own or Layer, Sequential)):
            return self._chain(own or Sequential, config)
        if "layers" in config and "input_layers" in config:
            kind = own or (Model if name in ("Functional", "Model") else class_here(entry))
            return self._functional(kind, config)
        if str(entry.get("module")).startswith("keras.src.ops"):
            function, options = called_as(name, config, lambda value: from_keras(value, self))
            return _WithOptions(function, options, config.get("name"))
        kind = own or class_here(entry)
        if not hasattr(kind, "from_config"):
            raise FileFormatError(f"it describes {name!r:.60}, which makes no layer.")
        layer = kind.from_config(arguments(entry, self))
        if not isinstance(layer, Layer):
            raise FileFormatError(f"it describes {name!r:.60} where a layer should be.")
        shape = (entry.get("build_config") or {}).get("input_shape")
        if layer._is_own and not layer._built and isinstance(shape, list):
            layer.build(_shape(shape))
            layer._built = True
        if layer._is_own and isinstance(entry.get("name"), str):
            name_again(layer, entry)
        return layer

    def _chain(self, kind: Any, config: Mapping[str, Any]) -> Any:
        model = kind(
            [self(entry) for entry in config["layers"]],
            name=config["name"],
            trainable=config.get("trainable", True),
        )
        shape = config.get("build_input_shape")
        if isinstance(shape, list) and not model.built:
            model.build(_shape(shape))
        return model

    def _functional(self, kind: Any, config: Mapping[str, Any]) -> Any:
        graph = _Graph(self, config["layers"])
        model = kind(
            graph.ends(config["input_layers"]),
            graph.ends(config["output_layers"]),
            name=config.get("name"),
        )
        if config.get("trainable", True) is False:
            model.trainable = False
        return model


class _WithOptions:
    """A function that is called on placeholders, with what is always the same."""

    def __init__(self, function: Any, options: dict[str, Any], name: Any) -> None:
        self.function, self.options, self.name = function, options, name

    def called(self, args: list[Any], keywords: dict[str, Any]) -> list[Placeholder]:
        if self.function is item and isinstance(args[1], list):  # JSON has no tuples
            args = [args[0], tuple(args[1])]
        computation = Computation(self.function, self.name)
        return called_again(computation, args, {**keywords, **self.options})


class _Graph:
    """The layers of a functional model and what came out of each of their calls."""

    def __init__(self, read: KerasReader, entries: Any) -> None:
        self._read = read
        self._layers: dict[str, Any] = {}
        self._results: dict[str, list[list[Placeholder]]] = {}
        waiting: dict[str, list[Any]] = {}
        for entry in entries:
            layer, name = read(entry), entry["name"]
            if name in self._layers:
                raise FileFormatError(f"it has two layers of the name {name!r:.60}.")
            self._layers[name] = layer
            is_input = isinstance(layer, InputLayer)
            self._results[name] = [[layer.placeholder]] if is_input else []
            waiting[name] = [] if is_input else list(entry["inbound_nodes"])
        self._connect({name: calls for name, calls in waiting.items() if calls})

    def _connect(self, waiting: dict[str, list[Any]]) -> None:
        """Call the layers, each as soon as what it is called on is there."""
        while waiting:
            before = sum(map(len, waiting.values()))
            for name in list(waiting):
                calls = waiting[name]
                while calls and self._is_there(calls[0]):
                    self._results[name].append(self._called(self._layers[name], calls.pop(0)))
                if not calls:
                    del waiting[name]
            if waiting and sum(map(len, waiting.values())) == before:
                names = ", ".join(map(repr, sorted(waiting)))[:200]
                raise FileFormatError(
                    f"its layers {names} are called on what no other layer gives, or in a circle."
                )

    def _is_there(self, node: Any) -> bool:
        return all(
            len(self._results.get(name, ())) > number for name, number, _ in _histories(node)
        )

    def _called(self, layer: Any, node: Any) -> list[Placeholder]:
        args = self._value(node["args"])
        if not isinstance(args, list):
            raise FileFormatError("it calls a layer on something else than a list of arguments.")
        # What is None was not given; for `training` Keras takes what the model is called with.
        keywords = {
            key: self._value(value)
            for key, value in node["kwargs"].items()
            if value is not None and key != "training"
        }
        if "initial_state" in keywords and "mask" not in keywords and self._has_masks():
            args = [args[0][:, :], *args[1:]]  # in Keras a call on states sees no mask
        if isinstance(layer, _WithOptions):
            return layer.called(args, keywords)
        return called_again(layer, args, keywords)

    def _has_masks(self) -> bool:
        return any(has_mask(layer) for layer in self._layers.values())

    def _value(self, value: Any) -> Any:
        """An argument of a call, with placeholders where they are named."""
        if isinstance(value, list):
            return [self._value(part) for part in value]
        if isinstance(value, dict):
            if value.get("class_name") == "__keras_tensor__":
                return self._placeholder(*value["config"]["keras_history"])
            if "class_name" not in value:
                return {key: self._value(part) for key, part in value.items()}
        return from_keras(value, self._read)

    def _placeholder(self, name: Any, number: Any, place: Any) -> Placeholder:
        results = self._results.get(name, [])
        if not (type(number) is int and 0 <= number < len(results)):
            raise FileFormatError(f"it speaks of call {number!r:.20} of layer {name!r:.60}.")
        found = results[number]
        if not (type(place) is int and 0 <= place < len(found)):
            raise FileFormatError(f"it speaks of result {place!r:.20} of layer {name!r:.60}.")
        return found[place]

    def ends(self, structure: Any) -> Any:
        """The inputs or outputs, in their structure."""
        if isinstance(structure, dict):
            return {key: self.ends(part) for key, part in structure.items()}
        if not isinstance(structure, list):
            raise FileFormatError("it names its inputs and outputs by no layers.")
        if len(structure) == 3 and isinstance(structure[0], str):
            name, number, place = structure
            is_functional = getattr(self._layers.get(name), "layer_graph", None) is not None
            if type(number) is int:  # Keras counts the making of a functional model as a call
                number -= is_functional
            return self._placeholder(name, number, place)
        return [self.ends(part) for part in structure]


def _histories(node: Any) -> list[tuple[Any, Any, Any]]:
    """The placeholders that a call needs: layer, call of it, result."""
    found: list[tuple[Any, Any, Any]] = []
    waiting = [node["args"], node["kwargs"]]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            if part.get("class_name") == "__keras_tensor__":
                name, number, place = part["config"]["keras_history"]
                found.append((name, number, place))
            else:
                waiting += part.values()
    return found


def _shape(lengths: list[Any]) -> Any:
    return tuple(_shape(x) if isinstance(x, list) else x for x in lengths)
