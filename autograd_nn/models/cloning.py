"""Models made of what another one is: of its JSON, or of itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.layers.inner import another
from autograd_nn.layers.input_layer import InputLayer
from autograd_nn.layers.layer import Layer
from autograd_nn.layers.layer_call import Computation
from autograd_nn.layers.placeholder import Placeholder
from autograd_nn.models.architecture import called_again, made_layer
from autograd_nn.models.layer_graph import LayerGraph
from autograd_nn.models.model import Model
from autograd_nn.models.network import with_models
from autograd_nn.models.sequential import Sequential


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """A new model, without weights, from what ``model.to_json()`` gave.

    Parameters   custom_objects: layers of your own by name, {"MyLayer": MyLayer}
    Example

    >>> from autograd_nn import Sequential
    >>> from autograd_nn.layers import Dense
    >>> model_from_json(Sequential([Dense(3, name="first")]).to_json()).layers
    [<Dense name=first, built=False>]
    """
    return made_layer(json.loads(json_string), with_models(custom_objects))


def clone_model(
    model: Model,
    input_tensors: Any = None,
    clone_function: Callable[[Layer], Layer] | None = None,
) -> Any:
    """A model of new layers with the same settings, and weights drawn anew.

    Parameters   input_tensors: placeholders to be the inputs; None makes new ones
                 clone_function: what gives a new layer for a layer, such as one with other
                 settings; None takes ``get_config`` and ``from_config``
    """
    if not isinstance(model, Model):
        raise ArgumentTypeError(f"clone_model takes a model, got {type(model).__name__}.")
    clone = clone_function or _cloned
    if model.layer_graph is None and model._is_own:
        return another(model)
    if isinstance(model, Sequential):
        first = [input_tensors] if input_tensors is not None else []
        if not first and model._graph is not None:
            first = [_cloned(model._graph.inputs[0].call.layer).placeholder]  # type: ignore[attr-defined]
        return Sequential([*first, *map(clone, model.layers)], name=model.name)
    graph: LayerGraph = model.layer_graph
    given = flatten(input_tensors)[0]
    found: dict[Placeholder, Placeholder] = {}
    for n, x in enumerate(graph.inputs):
        new: Any = given[n] if input_tensors is not None else _cloned(x.call.layer)
        found[x] = new.placeholder if isinstance(new, InputLayer) else new
    made: dict[Layer, Layer] = {}
    for call in graph.calls:
        layer = call.layer
        if layer not in made:
            if isinstance(layer, Computation):
                made[layer] = Computation(layer.function, layer.name)
            else:
                made[layer] = clone(layer)
        args, keywords = call.arguments([found[x] for x in call.inputs])
        found.update(zip(call.results, called_again(made[layer], args, keywords), strict=True))
    return type(model)(
        rebuild(graph.inputs_outline, [found[x] for x in graph.inputs]),
        rebuild(graph.outputs_outline, [found[x] for x in graph.outputs]),
        name=model.name,
    )


def _cloned(layer: Layer) -> Layer:
    return clone_model(layer) if isinstance(layer, Model) else another(layer)
