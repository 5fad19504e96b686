"""What a functional model is made of, as plain Python values, and the same made of them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_nn import layers, ops
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.numpy_protocol import call_of
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.ufunc_methods import METHODS
from autograd_nn.layers.inner import described, name_again, no_such_layer
from autograd_nn.layers.input_layer import InputLayer
from autograd_nn.layers.layer import Layer
from autograd_nn.layers.layer_call import Computation, LayerCall
from autograd_nn.layers.placeholder import Placeholder, item
from autograd_nn.layers.shapes import flatten_shapes
from autograd_nn.models.layer_graph import LayerGraph
from autograd_nn.own_classes import CustomObjectScope, get_registered_object

# ---------------------------------------------------------------------- layers


def written_layer(layer: Layer) -> dict[str, Any]:
    """The class of a layer and the arguments that make an equal one."""
    if isinstance(layer, Computation):
        config = {"name": layer.name, "function": _written_function(layer.function)}
        return {"class_name": "Computation", "config": config}
    return described(layer)


def made_layer(entry: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Layer:
    """A new layer of what `written_layer` gave.

    Parameters   custom_objects: classes of your own, and operations, by name
    """
    name, config = entry["class_name"], entry["config"]
    custom = dict(custom_objects or {})
    if name == "Computation" and name not in custom:
        return Computation(_made_function(config["function"], custom), config["name"])
    kind: Any = get_registered_object(name, custom)
    if kind is None and name in layers.__all__ and name != "Layer":
        kind = getattr(layers, name)
    if kind is None:
        raise no_such_layer(name, custom)
    found: Layer
    with CustomObjectScope(custom):  # activations are found in it by themselves
        if hasattr(kind, "layer_graph"):  # a model, which has layers itself
            found = kind.from_config(config, custom_objects)
        else:
            found = kind.from_config(config)
        name_again(found, entry)
    return found


def _written_function(function: Any) -> dict[str, str]:
    """How a function that was called on placeholders is found again."""
    if isinstance(function, Operation):
        return {"operation": function.name}
    if function is item:
        return {"function": "item"}
    owner = getattr(function, "__self__", None)
    path = str(getattr(function, "__name__", ""))
    if isinstance(owner, np.ufunc):
        path = f"{owner.__name__}.{path}"
    elif isinstance(function, np.ufunc) and vars(np).get(path) is not function:
        return {"scipy": path}
    elif (module := str(getattr(function, "__module__", ""))).startswith("numpy."):
        path = f"{module.removeprefix('numpy.')}.{path}"
    return {"numpy": path}


def _made_function(written: Mapping[str, str], custom: Mapping[str, Any]) -> Any:
    ((kind, name),) = written.items()
    if kind == "function":
        return item
    found: Any = get_registered_object(name, custom)
    if found is None and kind == "operation" and name in ops.__all__:
        found = getattr(ops, name)
    elif found is None and kind == "numpy":
        found = _function_of_numpy(name)
    elif found is None and kind in ("scipy", "operation"):
        from autograd_nn.special import found_by_name  # imports SciPy

        found = found_by_name(kind, name)
    if found is None:
        raise ArgumentError(
            f"There is no {kind} {name!r} here. For one of your own give "
            f"custom_objects={{{name!r}: {name}}}."
        )
    return found


_PLACES = {"": np, "linalg": np.linalg, "lib.stride_tricks": np.lib.stride_tricks}


def _function_of_numpy(path: str) -> Any:
    """A function of NumPy that is an operation here, or a method of such a ufunc, else None.

    The path may come from a file: it is looked up, and leads to nothing else.
    """
    place, _, name = path.rpartition(".")
    if place in _PLACES:
        found = vars(_PLACES[place]).get(name)
        return found if callable(found) and call_of(found) is not None else None
    ufunc = vars(np).get(place)
    is_method = isinstance(ufunc, np.ufunc) and name in METHODS
    return getattr(ufunc, name) if is_method and call_of(ufunc) is not None else None


# ---------------------------------------------------------------------- functional models


def written_graph(graph: LayerGraph) -> dict[str, Any]:
    """Layers, their calls in order, and which placeholders go in and come out."""
    place = graph.operations.index
    return {
        "layers": [written_layer(layer) for layer in graph.operations],
        "calls": [
            {"layer": place(call.layer), **_written_arguments(call, graph)} for call in graph.calls
        ],
        "input_layers": [x.call.layer.name for x in graph.inputs],
        "inputs": written_value(rebuild(graph.inputs_outline, graph.inputs), graph),
        "outputs": written_value(rebuild(graph.outputs_outline, graph.outputs), graph),
    }


def _written_arguments(call: LayerCall, graph: LayerGraph) -> dict[str, Any]:
    args, keywords = rebuild(call.outline, call.values)
    found = {
        "arguments": written_value(list(args), graph),
        "keywords": written_value(keywords, graph),
    }
    if isinstance(call.layer, Computation):
        # Otherwise it would be run to find them, on zeros of whatever shape stands there.
        results, outline = flatten(call.outputs)
        found["shapes"] = written_value(rebuild(outline, [x.shape for x in results]))
        found["dtypes"] = [x.dtype.name for x in results]
    return found


def written_value(value: Any, graph: LayerGraph | None = None) -> Any:
    """A value as JSON can have it; what JSON has not is a dict of its kind."""
    if type(value) is Placeholder and graph is not None:
        return {"placeholder": graph.number_of(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, list):
        return [written_value(part, graph) for part in value]
    if isinstance(value, tuple):
        return {"tuple": [written_value(part, graph) for part in value]}
    if isinstance(value, dict):
        return {"dict": [[str(key), written_value(part, graph)] for key, part in value.items()]}
    if isinstance(value, slice):
        return {"slice": [written_value(x, graph) for x in (value.start, value.stop, value.step)]}
    if value is Ellipsis:
        return {"ellipsis": True}
    if isinstance(value, (np.dtype, type)):
        return {"dtype": np.dtype(value).name}
    if isinstance(value, (np.ndarray, np.generic, Tensor)):
        array = np.asarray(value._data if isinstance(value, Tensor) else value)
        return {"array": array.tolist(), "dtype": array.dtype.name}
    raise ArgumentTypeError(
        f"A functional model has {value!r} of type {type(value).__name__} among the arguments of a "
        "function, which cannot be written as plain values: put it into a layer of your own."
    )


def made_value(written: Any, placeholders: Sequence[Placeholder] = ()) -> Any:
    """What `written_value` wrote."""
    if isinstance(written, list):
        return [made_value(part, placeholders) for part in written]
    if not isinstance(written, dict):
        return written
    if "array" in written:
        return np.asarray(written["array"], _dtype_named(written["dtype"]))
    ((kind, value),) = written.items()
    if kind == "placeholder":
        return placeholders[value]
    if kind == "ellipsis":
        return Ellipsis
    if kind == "dtype":
        return _dtype_named(value)
    if kind == "dict":
        return {key: made_value(part, placeholders) for key, part in value}
    parts = [made_value(part, placeholders) for part in value]
    return tuple(parts) if kind == "tuple" else slice(*parts)


def _dtype_named(name: Any) -> np.dtype[Any]:
    if name not in _DTYPES:
        raise ArgumentError(f"There is no dtype {name!r:.60} of a Tensor.")
    return np.dtype(name)


_DTYPES = {np.dtype(letter).name for letter in "?bBhHiIlLqQefd"}


def made_ends(
    config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
) -> tuple[Any, Any]:
    """New inputs and outputs of what `written_graph` gave."""
    made = [made_layer(entry, custom_objects) for entry in config["layers"]]
    by_name = {layer.name: layer for layer in made}
    placeholders: list[Placeholder] = []
    # The inputs bear the first numbers.
    for name in config["input_layers"]:
        layer = by_name[name]
        assert isinstance(layer, InputLayer)
        placeholders.append(layer.placeholder)
    for call in config["calls"]:
        args = made_value(call["arguments"], placeholders)
        keywords = made_value(call["keywords"], placeholders)
        found = None
        if "shapes" in call:
            shapes, outline = flatten_shapes(made_value(call["shapes"]))
            found = shapes, outline, [_dtype_named(name) for name in call["dtypes"]]
        placeholders += called_again(made[call["layer"]], args, keywords, found)
    return made_value(config["inputs"], placeholders), made_value(config["outputs"], placeholders)


def called_again(
    layer: Layer, args: Any, keywords: dict[str, Any], known: Any = None
) -> list[Placeholder]:
    """The placeholders that a layer, or a computation, gives for others.

    Parameters   known: the shapes, their structure and the dtypes of a computation's results, None
                 where they are to be found
    """
    if isinstance(layer, Computation):
        call = LayerCall(layer, tuple(args), keywords)
        outputs = call.give(*(known or call.shapes_for([x.shape for x in call.inputs])))
    else:
        outputs = layer(*args, **keywords)
    found: list[Placeholder] = flatten(outputs)[0]
    return found
