"""Layer: a function with weights, which it makes when it first sees its input."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any, Self

import numpy as np

from autograd_nn import initializers
from autograd_nn.arrays import as_array, refuse_not_finite
from autograd_nn.engine.argument_checks import checked_keywords, true_or_false
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, StateError
from autograd_nn.engine.mutation import assign
from autograd_nn.engine.observing import observed
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.recording import scope, switched
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.ends import End
from autograd_nn.layers.placeholder import Placeholder, first_placeholder
from autograd_nn.layers.shapes import Shape, flatten_shapes, found_by_runs
from autograd_nn.names import snake_case
from autograd_nn.settings import floatx

# What the layer around was called with: a layer in it that is not told anything takes the same.
in_training: ContextVar[bool] = ContextVar("autograd_nn_training", default=False)
in_training.set(False)


class Layer:
    """A part of a network. Subclass it and write ``call``, and ``build`` where it has weights.

    Layers held as attributes (or in lists of them) are found, and their weights with them.

    Parameters   name: unique among its neighbours; None takes the class name with a number
                 trainable: whether training changes its weights
    Example      y = 2x, the factor 2 being a weight

    >>> import numpy as np
    >>> class Scale(Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight((), "ones", "factor")
    ...     def call(self, inputs):
    ...         return inputs * self.factor * 2
    >>> layer = Scale()
    >>> layer(np.array([1.0, 3.0])).tolist()
    [2.0, 6.0]
    >>> [w.name for w in layer.weights]
    ['scale/factor']
    """

    _takes_training = True
    _opens_scope = True
    # Whether it was written outside of the library: what the library calls says what it wants.
    _is_own = False
    # Whether a list of arrays is a list of inputs, and not of samples.
    _takes_several = False
    # Whether it is what a function of placeholders became, and no layer that anybody made.
    _is_computation = False
    # Its calls on placeholders.
    _calls: Any = ()

    @checked_keywords
    def __init__(self, name: str | None = None, trainable: bool = True) -> None:
        if name is not None and not isinstance(name, str):
            raise ArgumentTypeError(
                f"`name` must be a string, got {name!r} of type {type(name).__name__}."
            )
        if name is not None and not name.strip():
            raise ArgumentError(f"`name` must not be empty, got {name!r}.")
        self._name = name
        self._is_named = name is not None
        self._trainable = true_or_false("trainable", trainable)
        self._built = False
        self._input_shape: Shape | None = None
        self._own_weights: list[tuple[Tensor, bool]] = []

    def __init_subclass__(cls) -> None:
        cls._is_own = not cls.__module__.startswith("autograd_nn.")
        if "call" in vars(cls):
            cls._takes_training = _takes_training(cls.call)
        if "build" in vars(cls):
            cls.build = _remembering(cls.build)  # type: ignore[method-assign]

    # ------------------------------------------------------------------ to be written by a subclass

    def build(self, input_shape: Shape) -> None:
        """Make the weights, with ``add_weight``. Called once, before the first ``call``.

        Parameters   input_shape: the shape of the inputs, None for the number of samples
        """

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Compute the outputs. The parameter ``training`` may be left out of a subclass."""
        raise StateError(f"{type(self).__name__} has no `call` method: write call(self, inputs).")

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape that comes out where ``input_shape`` goes in; found by a run on zeros.

        Parameters   input_shape: of several inputs a list or dict of shapes
        """
        given, outline = flatten_shapes(input_shape)
        specs = {n: (shape, floatx()) for n, shape in enumerate(given)}
        shapes, form, _ = found_by_runs(self, given, ((outline,), {}), specs, self.name)
        return rebuild(form, shapes)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal layer, without weights, as plain Python values."""
        return {"name": self.name, "trainable": self.trainable}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A new layer from what ``get_config`` gave."""
        return cls(**config)

    def __setattr__(self, name: str, value: Any) -> None:
        held = self.__dict__.get(name)
        if type(held) is not Tensor or not self._set_weight(name, held, value):
            object.__setattr__(self, name, value)

    def _set_weight(self, name: str, held: Tensor, value: Any) -> bool:
        """Whether ``value`` went into a weight, which the attribute goes on holding."""
        own = self.__dict__.get("_own_weights", ())
        place = next((i for i, (weight, _) in enumerate(own) if weight is held), None)
        if place is None or value is held:
            return False
        if sum(other is held for other in vars(self).values()) > 1:
            return False  # a second name for a weight, which stays under the first
        what = f"{self.name}.{name}"
        if type(value) is Tensor:
            if value.operation is None:  # a recorded one stands there for as long as it is wanted
                _refuse_misfit(what, held, value)
                own[place] = (value, own[place][1])
            return False
        if value is None:
            raise ArgumentTypeError(
                f"`{what}` is a weight of shape {held.shape} and cannot be None; "
                "a layer without it is made without it, such as Dense(…, use_bias=False)."
            )
        array = as_array(value, what, held.dtype)
        _refuse_misfit(what, held, array)
        refuse_not_finite(array, what, _NO_WEIGHT)
        assign(held, array)
        return True

    # ------------------------------------------------------------------ calling

    def __call__(self, inputs: Any, training: bool | None = None) -> Any:
        try:
            built = self._built
        except AttributeError:
            raise _not_initialized(self) from None
        if type(inputs) is not Tensor:
            if isinstance(inputs, (list, tuple, dict, Placeholder)):
                if (placeholder := first_placeholder(inputs)) is not None:
                    keywords = {} if training is None else {"training": training}
                    return placeholder.call.then(self, inputs, keywords)
                inputs = self._of_list(inputs)
            else:
                inputs = as_array(inputs, "inputs", floatx())
        elif (observer := observed()) is not None and observer.has_array(inputs):
            inputs = inputs if inputs.dtype == floatx() else inputs.astype(floatx())
        if not built:
            self._prepare(inputs)
        if training is None:
            training = in_training.get()
        if self._is_own and in_training.get() is not training:
            with switched(in_training, training):
                return self(inputs, training)
        call = self.call  # here and not in a method: layers in layers are calls in calls
        if not self._opens_scope:
            outputs = call(inputs, training=training) if self._takes_training else call(inputs)
        else:
            with scope(self._name or self.name):  # of one that was built by hand
                outputs = call(inputs, training=training) if self._takes_training else call(inputs)
        if type(outputs) is Tensor:
            return outputs
        if outputs is None:
            raise StateError(f"{type(self).__name__}.call gave None: its `return` is missing.")
        return Tensor(outputs, requires_grad=False) if type(outputs) is np.ndarray else outputs

    def _of_list(self, inputs: Any) -> Any:
        """A list of numbers as an array in ``floatx``; one of Tensors or of inputs stays a list."""
        if isinstance(inputs, dict) or self._takes_several or self._is_own and _are_arrays(inputs):
            values, outline = flatten(inputs)
            return rebuild(
                outline,
                [x if type(x) is Tensor else as_array(x, "inputs", floatx()) for x in values],
            )
        holds_tensors = any(type(part) is Tensor for part in inputs)
        return inputs if holds_tensors else as_array(inputs, "inputs", floatx())

    def _prepare(self, inputs: Any) -> None:
        if self._name is None:
            self._rename(self.name)
        name_layers(list(self._sublayers()))
        if isinstance(inputs, (Tensor, np.ndarray)):
            try:
                self.build((None, *inputs.shape[1:]) if inputs.ndim else ())
            except ShapeError as error:
                if inputs.ndim != 1:
                    raise
                raise ShapeError(f"For inputs of shape {inputs.shape}: {error}") from None
        else:
            values, outline = flatten(inputs)
            self.build(rebuild(outline, [(None, *np.shape(value)[1:]) for value in values]))
        self._built = True

    # ------------------------------------------------------------------ what it is

    @property
    def name(self) -> str:
        """Unique among its neighbours, such as "dense_1"."""
        try:
            return self._name or self._stem
        except AttributeError:
            raise _not_initialized(self) from None

    @property
    def _stem(self) -> str:
        """The name that it has where none is given, before any number."""
        return snake_case(type(self).__name__)

    @property
    def built(self) -> bool:
        """Whether its weights, and those of the layers in it, are made."""
        try:
            return all(
                layer._built or type(layer).build is Layer.build for layer, _ in _inside(self)
            )
        except AttributeError:
            raise _not_initialized(self) from None

    @property
    def trainable(self) -> bool:
        """Whether training changes its weights. It can be set at any time."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        wanted = true_or_false("trainable", value)
        for layer, _ in _inside(self):
            layer._trainable = wanted
            for weight, changes in layer._own_weights:
                weight.requires_grad = changes and wanted

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    input = End("The placeholder that it was called on; the first, where there were several.")
    output = End("The placeholder that came out of it; the first, where there were several.")

    # ------------------------------------------------------------------ weights

    @checked_keywords
    def add_weight(
        self,
        shape: Any = (),
        initializer: Any = "glorot_uniform",
        name: str | None = None,
        trainable: bool = True,
    ) -> Tensor:
        """Make a weight, a leaf Tensor named "layer/name". Keep it as an attribute.

        Set later, that attribute keeps the weight: an array gives it new values, a leaf Tensor
        takes its place.

        Parameters   shape: a tuple of lengths, () for one number
                     initializer: a name, an initializer, an array or a function of the shape
                     name: None takes "weight", "weight_1", …
                     trainable: False for what training must not change, such as a count
        """
        try:
            own = self._own_weights
        except AttributeError:
            raise _not_initialized(self) from None
        taken = [weight.name for weight, _ in own]
        full_name = f"{self.name}/{name or 'weight'}"
        number = 0
        while name is None and full_name in taken:
            number += 1
            full_name = f"{self.name}/weight_{number}"
        if full_name in taken:
            way_out = "Give one of the two another name."
            if self._built:
                way_out = (
                    f"It was built before, for inputs of shape {self._input_shape}. "
                    "Make a new layer for other inputs."
                )
            raise StateError(f"Layer {self.name!r} has a weight {name!r} already. {way_out}")
        shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
        values = initializers.get(initializer)(shape)
        weight = Tensor(values, requires_grad=trainable and self._trainable, name=full_name)
        own.append((weight, trainable))
        return weight

    @property
    def weights(self) -> list[Tensor]:
        """All weights: its own in the order they were made, then those of the layers in it."""
        return [weight for weight, _ in self._walked()]

    @property
    def trainable_weights(self) -> list[Tensor]:
        """The weights that training changes."""
        return [weight for weight, changes in self._walked() if changes]

    def get_weights(self) -> list[Any]:
        """Copies of the values of ``weights``, as arrays."""
        self._refuse_unbuilt("get_weights()")
        return [np.array(weight._data) for weight in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Put in new values, in the order of ``weights``.

        Raises       ArgumentError for another number of arrays or NaN, ShapeError naming the
                     weight; nothing is changed then
        """
        self._refuse_unbuilt("set_weights(…)")
        own = self.weights
        if not isinstance(weights, (list, tuple)):
            raise ArgumentTypeError(
                f"`weights` must be a list of arrays, got {type(weights).__name__}."
            )
        if len(weights) != len(own):
            shapes = ", ".join(f"{weight.name} {weight.shape}" for weight in own)
            raise ArgumentError(
                f"{self.name!r} has {len(own)} weights, got {len(weights)} arrays. "
                f"The weights are: {shapes}."
            )
        kept = {
            weight
            for layer, _ in _inside(self)
            for weight, changes in layer._own_weights
            if not changes
        }
        arrays = []
        for i, (value, weight) in enumerate(zip(weights, own, strict=True)):
            array = as_array(value, f"weights[{i}]", weight.dtype)
            if array.shape != weight.shape:
                raise ShapeError(
                    f"Weight {weight.name!r} of {self.name!r} has shape {weight.shape}, "
                    f"got {array.shape}."
                )
            if weight not in kept:  # what a layer counts for itself may start at infinity
                refuse_not_finite(array, f"weights[{i}] ({weight.name})", _NO_WEIGHT)
            arrays.append(array)
        for array, weight in zip(arrays, own, strict=True):
            assign(weight, array)

    def _refuse_unbuilt(self, what: str) -> None:
        if not self.built:
            raise StateError(
                f"{what}: {self.name!r} has not been built, so its weights do not exist yet. "
                f"Call it on data, or build it: {type(self).__name__.lower()}.build((None, n))."
            )

    def _walked(self) -> Iterator[tuple[Tensor, bool]]:
        """Each weight once, and whether training changes it."""
        found: dict[Tensor, bool] = {}
        for layer, held in _inside(self):
            trainable = layer._trainable
            for weight, changes in layer._own_weights:
                found.setdefault(weight, changes and trainable)
            for tensor in held:
                if tensor.operation is None and tensor._requires_grad:
                    found.setdefault(tensor, trainable)
        return iter(found.items())

    def _sublayers(self) -> Iterator[Layer]:
        return iter(_held(self)[1])

    def _rename(self, name: str) -> None:
        before, self._name = self.name, name
        for weight, _ in self._own_weights:
            if weight.name and weight.name.startswith(f"{before}/"):
                weight.name = name + weight.name[len(before) :]


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


# Told apart by their type first: a model's weights are looked up in every `train_on_batch`.
_PLAIN = frozenset([str, int, float, bool, type(None), np.ndarray, Operation])
_NO_PARTS = ("_own_weights", "_input_shape")


def _inside(layer: Layer) -> Iterator[tuple[Layer, list[Tensor]]]:
    """A layer and those in it at any depth, each once and with the Tensors that it holds."""
    seen = set()
    waiting = [layer]
    while waiting:
        layer = waiting.pop()
        if id(layer) not in seen:
            seen.add(id(layer))
            tensors, layers = _held(layer)
            yield layer, tensors
            if layers:
                waiting += reversed(layers)


_NO_WEIGHT = "With such weights every output is of no use."


def _refuse_misfit(what: str, weight: Tensor, value: Any) -> None:
    if value.shape != weight.shape:
        raise ShapeError(f"`{what}` is a weight of shape {weight.shape}, got {value.shape}.")
    if weight.dtype.kind == "f" and value.dtype.kind != "f":
        raise ArgumentTypeError(f"`{what}` is a weight in {weight.dtype}, got {value.dtype}.")


def _held(layer: Layer) -> tuple[list[Tensor], list[Layer]]:
    """The Tensors and layers among the attributes, also in lists, tuples and dicts of them."""
    tensors: list[Tensor] = []
    layers: list[Layer] = []
    for key, value in vars(layer).items():
        kind = type(value)
        if kind is Tensor:
            tensors.append(value)
        elif kind not in _PLAIN and key not in _NO_PARTS:
            _gather(value, tensors, layers)
    return tensors, layers


def _gather(value: Any, tensors: list[Tensor], layers: list[Layer]) -> None:
    kind = type(value)
    if kind is Tensor:
        tensors.append(value)
    elif isinstance(value, Layer):
        layers.append(value)
    elif kind is list or kind is tuple:
        for item in value:
            if type(item) not in _PLAIN:
                _gather(item, tensors, layers)
    elif kind is dict:
        for item in value.values():
            _gather(item, tensors, layers)


def _are_arrays(inputs: Any) -> bool:
    return bool(inputs) and all(
        isinstance(part, (np.ndarray, Tensor)) and part.ndim for part in inputs
    )


def _takes_training(call: Any) -> bool:
    parameters = inspect.signature(call).parameters.values()
    return any(p.name == "training" or p.kind is p.VAR_KEYWORD for p in parameters)


def _remembering(build: Any) -> Any:
    """Note that a layer is built, also where its ``build`` is called by hand."""

    @functools.wraps(build)
    def built(self: Layer, input_shape: Shape) -> None:
        if "_built" not in vars(self):
            raise _not_initialized(self)
        made = len(self._own_weights)
        try:
            build(self, input_shape)
        except BaseException:
            del self._own_weights[made:]  # built whole or not at all
            raise
        self._input_shape = tuple(input_shape)
        self._built = True

    return built


def _not_initialized(layer: Layer) -> StateError:
    kind = type(layer).__name__
    return StateError(
        f"{kind}.__init__ must call super().__init__() before anything else: "
        f"without it this {kind} has no name and no place for weights."
    )
