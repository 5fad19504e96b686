"""Network: layers that are connected, as a whole: what goes in and comes out, how it is shown."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.engine.recording import no_grad
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.taking import warn_outside
from autograd_nn.layers.ends import End
from autograd_nn.layers.layer import Layer, name_layers
from autograd_nn.layers.shapes import Shape, flatten_shapes
from autograd_nn.models.taking_steps import TakesSteps
from autograd_nn.names import made_with
from autograd_nn.settings import floatx
from autograd_nn.terminal import printable


class Network(TakesSteps):
    """What a model is before it is trained: a functional graph, a chain, or a ``call``."""

    # The scopes of a model that stands alone are those of its layers: "dense", "dense_1".
    _opens_scope = False
    # What a functional model computes; see `Sequential` for what lies between its layers.
    _graph: Any = None
    _whole: tuple[Any, ...] = ()  # dtypes of the whole numbers among the inputs it is built for

    def __init__(
        self,
        inputs: Any = None,
        outputs: Any = None,
        name: str | None = None,
        trainable: bool = True,
        **others: Any,
    ) -> None:
        if isinstance(inputs, str) or (inputs is None) != (outputs is None):
            raise ArgumentTypeError(
                "Model(inputs, outputs, name=…) takes placeholders: x = Input((features,)), and "
                f"what layers give for it; got {inputs!r} and {outputs!r}. Without them it is "
                "subclassed, with a method call(self, inputs)."
            )
        super().__init__(name=name, trainable=trainable, **others)
        if inputs is not None:
            self._connect(inputs, outputs)

    def _connect(self, inputs: Any, outputs: Any) -> None:
        """Become a functional model."""
        from autograd_nn.models.layer_graph import LayerGraph

        self._graph = LayerGraph(inputs, outputs)
        self._parts = self._graph.operations
        name_layers(self._parts)
        for layer in self._graph.unused:
            warn_outside(f"The input {layer.name!r} is not used by any output of the model.")
        self._built = True
        self._lay_side_by_side()

    def call(self, inputs: Any, training: bool = False) -> Any:
        """The outputs; to be written by a subclass without placeholders."""
        if self._graph is None:
            return super().call(inputs, training)
        return self._graph.run(inputs, training)

    @property
    def output_names(self) -> list[str]:
        """By which a functional model is given losses, metrics and true values; else none."""
        return [] if self._graph is None else list(self._graph.output_names)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shapes of the outputs for inputs of this shape, or of these."""
        graph = self.layer_graph
        if graph is None:
            return super().compute_output_shape(input_shape)
        return graph.output_shape(input_shape)

    def build(self, input_shape: Shape) -> None:
        """Build every layer, by a run on zeros.

        Parameters   input_shape: with None for the number of samples, such as (None, 64)
        """
        if self.layer_graph is not None:
            return
        name_layers(self.layers)
        shapes, outline = flatten_shapes(input_shape)
        whole = self._whole if len(self._whole) == len(shapes) else [None] * len(shapes)
        zeros = [
            np.zeros([length or 1 for length in shape], dtype or floatx())
            for shape, dtype in zip(shapes, whole, strict=True)
        ]
        inputs = rebuild(outline, zeros)
        with no_grad():
            self.call(inputs, training=False) if self._takes_training else self.call(inputs)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Nothing: its layers say what becomes of masks."""
        return None

    def _prepare(self, inputs: Any, keywords: dict[str, Any] | None = None) -> None:
        parts = flatten(inputs)[0]
        self._whole = tuple(x.dtype if x.dtype.kind in "iu" else None for x in parts)
        super()._prepare(inputs, keywords)
        self._lay_side_by_side()

    def _lay_side_by_side(self) -> None:
        """Keep the weights in one array, as programs want them, before anybody holds their data."""
        weights = [weight for weight in self.trainable_weights if weight.operation is None]
        if self.built and weights:
            from autograd_nn.program import Memory  # what it imports takes time

            Memory(weights).take_in()

    inputs = End("The placeholders that go in, as a list.")
    outputs = End("The placeholders that come out, as a list.")
    input_shape = End("The shape of the inputs, in their structure.")
    output_shape = End("The shape of the outputs, in their structure.")

    @property
    def layers(self) -> list[Layer]:
        """The layers, in order; those of a functional model from its inputs to its outputs."""
        return [layer for layer in self._sublayers() if not layer._is_computation]

    @property
    def layer_graph(self) -> Any:
        """What a functional model computes, None for a chain of layers or code of one's own."""
        return self._graph if type(self).call is Network.call else None

    def _of_list(self, inputs: Any) -> Any:
        return super()._of_list(inputs) if self._graph is None else self._graph.given(inputs)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of this name, or at this place."""
        layers = self.layers
        if (name is None) == (index is None):
            raise ArgumentTypeError("get_layer takes a `name` or an `index`, one of the two.")
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ArgumentError(f"`index` {index} is out of range: {len(layers)} layers.")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        names = [layer.name for layer in layers]
        if isinstance(name, int):
            raise ArgumentTypeError(
                f"`name` must be a string, got {name}: get_layer(index={name})."
            )
        raise ArgumentError(f"There is no layer {name!r}.{suggestion(str(name), names)}")

    def summary(
        self, line_length: int | None = None, print_fn: Any = print, expand_nested: bool = False
    ) -> None:
        """Print the table of layers, shapes and numbers of parameters.

        Parameters   line_length: None takes 88, and less where the terminal is narrower
                     print_fn: what takes the whole text
                     expand_nested: whether models among the layers show their layers
        """
        from autograd_nn.summary import summary

        text = summary(self, self._chain_input(), line_length, expand_nested)
        print_fn(printable(text) if print_fn is print else text)

    def get_config(self) -> dict[str, Any]:
        """Of a functional model its layers and how they are connected, as plain Python values."""
        if self.layer_graph is None:
            return super().get_config()
        from autograd_nn.models.architecture import written_graph

        return {"name": self.name, "trainable": self.trainable, **written_graph(self._graph)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        """A new model, without weights, from what ``get_config`` gave.

        Parameters   custom_objects: layers of your own by name, {"MyLayer": MyLayer}
        """
        if "calls" not in config:
            return made_with(cls, config)
        from autograd_nn.models.architecture import made_ends

        inputs, outputs = made_ends(config, with_models(custom_objects))
        model = cls(inputs, outputs, name=config["name"])
        if not config["trainable"]:
            model.trainable = False
        return model

    def to_json(self, **options: Any) -> str:
        """The architecture as JSON, for ``models.model_from_json``; the weights are not in it.

        Parameters   options: those of ``json.dumps``, such as indent=2
        """
        import json  # with what follows it takes time

        from autograd_nn.models.architecture import written_layer

        return json.dumps(written_layer(self), **options)

    @property
    def _axes(self) -> int | None:
        """How many axes its inputs have, None where that is not known yet."""
        if self.layer_graph is not None and len(self._graph.inputs) == 1:
            return len(self._graph.inputs[0].shape)
        shape = self._chain_input() or self._input_shape
        is_one = (
            isinstance(shape, tuple) and shape and not isinstance(shape[0], (tuple, list, dict))
        )
        return len(shape) if is_one else None

    def _chain_input(self) -> Shape | None:
        """The input shape where the layers are a chain, so that each shape follows."""
        return None


def with_models(custom_objects: Any) -> dict[str, Any]:
    """Classes of the user's own by name, and those of the models that are here."""
    found: dict[str, Any] = {}
    waiting: list[type[Network]] = Network.__subclasses__()
    for kind in waiting:
        if not kind._is_own:
            found[kind.__name__] = kind
            waiting += kind.__subclasses__()
    return found | dict(custom_objects or {})
