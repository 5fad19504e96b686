"""Sequential: a model of layers one after the other."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any, Self, final

from autograd_nn.arrays import alone
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, StateError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.ends import Calls
from autograd_nn.layers.input import Input
from autograd_nn.layers.layer import Layer, name_layers
from autograd_nn.layers.placeholder import Placeholder
from autograd_nn.layers.shapes import Shape, flatten_shapes
from autograd_nn.models.model import Model
from autograd_nn.models.network import with_models
from autograd_nn.names import made_with
from autograd_nn.settings import floatx


@final
class Sequential(Model):
    """A model of layers one after the other.

    Parameters   layers: the layers in order; ``Input((features,))`` first builds them at once,
                 otherwise the first data do
                 name: for the summary
    Raises       ArgumentTypeError for what is no layer; ArgumentError for a layer or a name twice
    Example      64·25 + 25 + 25·1 + 1 = 1651 parameters

    >>> from autograd_nn.layers import Dense
    >>> model = Sequential([Input((64,)), Dense(25, activation="sigmoid"), Dense(1)])
    >>> sum(w.size for w in model.weights)
    1651
    """

    @checked_keywords
    def __init__(self, layers: Any = None, name: str | None = None, trainable: bool = True) -> None:
        if isinstance(name, (Layer, Placeholder)) or isinstance(layers, (Layer, Placeholder)):
            raise ArgumentTypeError(
                "`layers` must be a list of layers. Write Sequential([…]), with the layers in "
                f"brackets; got {layers!r} of type {type(layers).__name__} outside of a list."
            )
        super().__init__(name=name, trainable=trainable)
        self._layers: list[Layer] = []
        self._linked: Any = None
        self._shapes: list[Shape] = []  # of the inputs, and of what comes out of every layer
        self._input: Placeholder | None = None
        if isinstance(layers, str) or not isinstance(layers, Iterable | None):
            raise ArgumentTypeError(
                f"`layers` must be a list of layers, got {layers!r} of type "
                f"{type(layers).__name__}. Write Sequential([…])."
            )
        for layer in layers or ():
            self._append(layer)
        self._settle()

    def add(self, layer: Any) -> None:
        """Put a layer at the end."""
        with self._changed_whole():
            self._append(layer)
            self._settle()

    def pop(self) -> Layer:
        """Take the last layer off, and return it."""
        if not self._layers:
            raise StateError(f"{self.name!r} has no layers to take off.")
        with self._changed_whole():
            layer = self._layers.pop()
            self._unlink([layer, *self._layers])
            self._settle()
        return layer

    @contextlib.contextmanager
    def _changed_whole(self) -> Iterator[None]:
        """Around a change of the layers, which is made whole or not at all."""
        before, layers = dict(vars(self)), list(self._layers)
        try:
            yield
        except BaseException:
            is_linked = self._linked is before["_linked"]
            vars(self).update(before)
            self._layers[:] = layers
            if not is_linked:
                self._linked = None
                self._expect_link()
            raise

    def build(self, input_shape: Shape) -> None:
        """Build every layer for inputs of this shape, None for the number of samples."""
        if not isinstance(input_shape, (tuple, list)):
            raise ArgumentTypeError(
                f"`input_shape` must be a tuple such as (None, 64), got {input_shape!r}."
            )
        self._refuse_empty()
        shape: Shape = tuple(input_shape)
        if len(shape) == 1 and shape[0] is not None:
            raise ArgumentError(
                f"`input_shape` has the number of samples first, None for any: write "
                f"build((None, {shape[0]})), got {shape}."
            )
        shapes = [shape]
        for layer in self._layers:
            if not layer._built:
                layer.build(shape)
                layer._built = True
            shape = layer.compute_output_shape(shape)
            shapes.append(shape)
        self._unlink(self._layers)
        self._shapes = shapes
        self._expect_link()

    # ------------------------------------------------------------------ between the layers

    @property
    def _graph(self) -> Any:
        """What ``inputs`` and ``layer.output`` give: placeholders, made when somebody asks."""
        if self._linked is None and self._shapes:
            self._link()
        return self._linked

    def _link(self) -> None:
        from autograd_nn.layers.layer_call import LayerCall
        from autograd_nn.models.layer_graph import LayerGraph

        for layer in self._layers:
            layer._calls.no_longer(self._link)
        given = x = self._input
        if given is None:
            given = x = Input(batch_shape=(None, *self._shapes[0][1:]))
        for layer, shape in zip(self._layers, self._shapes[1:], strict=True):
            found, outline = flatten_shapes(shape)
            x = LayerCall(layer, (x,), {}).give(found, outline, [floatx()] * len(found))
        self._linked = LayerGraph(given, x)

    def _expect_link(self) -> None:
        """Have the layers ask for the placeholders, where somebody asks them."""
        for layer in self._layers:
            if layer._calls is None:
                layer._calls = Calls()
            layer._calls.expect(self._link)

    def _unlink(self, layers: list[Layer]) -> None:
        """The placeholders between these layers, or some of them, are no longer right."""
        for layer in layers:
            if layer._calls is not None:
                layer._calls.no_longer(self._link)
        linked, self._linked, self._shapes = self._linked, None, []
        if linked is not None:
            linked.forget()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)  # of a copy, whose layers have no calls
        if self._linked is None and self._shapes:
            self._expect_link()

    # ------------------------------------------------------------------ in a call

    def _of_list(self, inputs: Any) -> Any:
        inputs = alone(inputs, self._axes)
        return inputs if type(inputs) is Tensor else super()._of_list(inputs)

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Every layer in turn."""
        if not self._layers:
            self._refuse_empty()
        shapes = self._shapes
        if shapes and len(getattr(inputs, "shape", shapes[0])) != len(shapes[0]):
            from autograd_nn.models.layer_graph import of_rank  # what it imports takes time

            inputs = of_rank(inputs, shapes[0])
        for layer in self._layers:
            inputs = layer(inputs, training=training)
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The shape that comes out of the last layer."""
        shape = tuple(input_shape)
        for layer in self._layers:
            shape = layer.compute_output_shape(shape)
        return shape

    def get_config(self) -> dict[str, Any]:
        """Name, input and layers, without weights, as plain Python values."""
        from autograd_nn.models.architecture import written_layer

        given = None if self._input is None else self._input.call.layer.get_config()
        return {
            "name": self.name,
            "trainable": self.trainable,
            "input": given,
            "layers": [written_layer(layer) for layer in self._layers],
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Self:
        """A new model, without weights, from what ``get_config`` gave.

        Parameters   custom_objects: layers of your own by name, {"MyLayer": MyLayer}
        Raises       ArgumentError for a layer of your own that is not among them
        """
        if "layers" not in config:  # a class of one's own that makes them itself
            return made_with(cls, config)
        from autograd_nn.models.architecture import made_layer

        made: list[Any] = [Input(**config["input"])] if config.get("input") else []
        known = with_models(custom_objects)
        made += [made_layer(entry, known) for entry in config["layers"]]
        return cls(made, name=config["name"], trainable=config["trainable"])

    def _append(self, layer: Any) -> None:
        if isinstance(layer, Layer):
            layer = getattr(layer, "placeholder", layer)  # of an InputLayer what comes out of it
        if isinstance(layer, Placeholder):
            if self._layers or self._input is not None:
                raise ArgumentError("Input comes first, and once, before all layers.")
            if layer.call.inputs:
                raise ArgumentTypeError(
                    f"Each of `layers` must be a Layer, got {layer!r}, which comes out of one. "
                    "What is not a chain is Model(inputs, outputs)."
                )
            self._input = layer
            return
        if not isinstance(layer, Layer):
            way_out = ""
            if isinstance(layer, type):
                way_out = f" That is a class: write {layer.__name__}(…)."
            elif isinstance(layer, str):
                way_out = f" For an activation write Activation({layer!r})."
            elif callable(layer):
                way_out = " To use a function write Activation(function)."
            raise ArgumentTypeError(
                f"Each of `layers` must be a Layer, got {layer!r} of type "
                f"{type(layer).__name__}.{way_out}"
            )
        if not self._layers and self._input is None and layer._declared_shape is not None:
            self._input = Input(layer._declared_shape)
        if any(layer is other for other in self._layers):
            raise ArgumentError(
                f"The layer {layer.name!r} is in the model already, and twice would share its "
                f"weights. Make a second one: {type(layer).__name__}(…)."
            )
        self._layers.append(layer)

    def _settle(self) -> None:
        """Name the layers that were added, and build them where the input shape is known."""
        name_layers(self._layers)
        self._built = False
        shape = self._chain_input()
        if shape is not None and self._layers:
            self.build(shape)
            self._lay_side_by_side()

    def _refuse_empty(self) -> None:
        if not self._layers:
            raise ArgumentError(
                f"{self.name!r} has no layers: give a list, or model.add(Dense(…))."
            )

    def _chain_input(self) -> Shape | None:
        if self._input is not None:
            return self._input.shape
        if self._input_shape is None and self._layers:
            graph = getattr(self._layers[0], "_graph", None)  # of a model, which knows its inputs
            return graph.inputs[0].shape if graph is not None else None
        return self._input_shape
