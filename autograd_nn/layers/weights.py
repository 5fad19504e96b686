"""The weights of a layer: made, listed, set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import numpy as np

from autograd_nn import initializers
from autograd_nn.arrays import as_array, refuse_not_finite
from autograd_nn.engine.argument_checks import checked_keywords, true_or_false
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, StateError
from autograd_nn.engine.mutation import assign, put_all
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.taking import warn_outside
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.unwinding import unwound
from autograd_nn.initializers.initializer import dtype_of_numbers
from autograd_nn.layers.masks import used
from autograd_nn.layers.room import reading
from autograd_nn.layers.rules_of_weights import as_constraint, as_regularizer
from autograd_nn.settings import floatx

if TYPE_CHECKING:
    from collections.abc import Callable

Shape = tuple[int | None, ...]


class OwnWeight:
    """A weight of a layer: whether training changes it, what it adds to the loss, what it obeys."""

    __slots__ = ("__weakref__", "constraint", "regularizer", "tensor", "trainable")

    def __init__(
        self,
        tensor: Tensor,
        trainable: bool,
        regularizer: Callable[[Any], Any] | None = None,
        constraint: Callable[[Any], Any] | None = None,
    ) -> None:
        self.tensor = tensor
        self.trainable = trainable
        self.regularizer = regularizer
        self.constraint = constraint
        if regularizer is not None or constraint is not None:
            bound[id(tensor)] = self

    def __reduce__(self) -> Any:  # a copy is known by the Tensor that is in it
        return OwnWeight, (self.tensor, self.trainable, self.regularizer, self.constraint)


bound: WeakValueDictionary[int, OwnWeight] = WeakValueDictionary()
"""The weights with a regularizer or a constraint, by the ids of their Tensors, while they live."""


def constraint_of(tensor: Tensor) -> Callable[[Any], Any] | None:
    """What a weight of a layer is made to obey after every step of an optimizer."""
    weight = bound.get(id(tensor)) if bound else None
    return None if weight is None else weight.constraint


class HoldsWeights:
    """The part of `Layer` that has to do with weights."""

    name: str
    built: bool
    _own_weights: list[OwnWeight]
    _trainable: bool
    _built: bool
    _dtype: np.dtype[Any] | None
    _input_shape: Any

    def __setattr__(self, name: str, value: Any) -> None:
        held = self.__dict__.get(name)
        if type(held) is not Tensor or not self._set_weight(name, held, value):
            object.__setattr__(self, name, value)
            if name.endswith(("_regularizer", "_constraint")) and value is not None:
                self._set_rule(name)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if hasattr(type(self), name):
                return object.__getattribute__(self, name)  # what it says itself
            text = f"{type(self).__name__!r} object has no attribute {name!r}"
            if name[:1] != "_" and self.__dict__.get("_built") is False:
                text += (
                    f". {self.name!r} has not been built: weights are made when it is first "
                    "called. Ask after that, or build it with build((None, n))."
                )
            raise AttributeError(text, name=name, obj=self)

    def _set_rule(self, name: str) -> None:
        """A rule for the weights, which is there when they are made, or for what comes out."""
        if name == "activity_regularizer":
            used.now = True
        elif self.__dict__.get("_own_weights"):
            warn_outside(
                f"`{name}` of {self.name!r} has no effect any more: its weights are made, with the "
                "rules that they had then, as in Keras. Make a new layer with it, and give that "
                "the weights by set_weights.",
            )

    def _set_weight(self, name: str, held: Tensor, value: Any) -> bool:
        """Whether ``value`` went into a weight, which the attribute goes on holding."""
        own = self.__dict__.get("_own_weights", ())
        place = next((i for i, weight in enumerate(own) if weight.tensor is held), None)
        if place is None or value is held:
            return False
        if sum(other is held for other in vars(self).values()) > 1:
            return False  # a second name for a weight, which stays under the first
        what = f"{self.name}.{name}"
        if type(value) is Tensor:
            if value.operation is None:  # a recorded one stands there for as long as it is wanted
                _refuse_misfit(what, held, value)
                before = own[place]
                own[place] = OwnWeight(
                    value, before.trainable, before.regularizer, before.constraint
                )
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

    @checked_keywords
    def add_weight(
        self,
        shape: Any = (),
        initializer: Any = None,
        name: str | None = None,
        trainable: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        dtype: Any = None,
    ) -> Tensor:
        """Make a weight, a leaf Tensor named "layer/name". Keep it as an attribute.

        Set later, that attribute keeps the weight: an array gives it new values, a leaf Tensor
        takes its place.

        Parameters   shape: a tuple of lengths, () for one number
                     initializer: a name, an initializer, an array or a function of the shape,
                     default "glorot_uniform", zeros for integers
                     name: None takes "weight", "weight_1", …
                     trainable: False for what training must not change, such as a count
                     regularizer, constraint: a name or an object of ``autograd_nn.regularizers``
                     and ``autograd_nn.constraints``, or a function of the weight
                     dtype: default that of the layer
        """
        try:
            own = self._own_weights
        except AttributeError:
            raise not_initialized(self) from None
        if isinstance(shape, str):  # as in old programs: add_weight("name", shape)
            raise ArgumentTypeError(
                f"`shape` comes first, then `initializer` and `name`: add_weight((n,), name="
                f"{shape!r})."
            )
        full_name = self._name_of_weight(name)
        chosen = self._dtype if dtype is None else dtype_of_numbers(dtype)
        if initializer is None:
            of_integers = chosen is not None and chosen.kind != "f"
            initializer = "zeros" if of_integers else "glorot_uniform"
        shape = (shape,) if isinstance(shape, (int, np.integer)) else tuple(shape)
        make = initializers.get(initializer)
        if (room := reading.get()) is not None:
            values = room.zeros(shape, chosen or floatx())
        else:
            values = make(shape) if chosen is None else make(shape, chosen)
        trainable = true_or_false("trainable", trainable) and values.dtype.kind == "f"
        weight = Tensor(values, requires_grad=trainable and self._trainable, name=full_name)
        # What training changes comes first, as in Keras.
        place = sum(other.trainable for other in own) if trainable else len(own)
        rules = as_regularizer(regularizer), as_constraint(constraint)
        own.insert(place, OwnWeight(weight, trainable, *rules))
        return weight

    def _name_of_weight(self, name: str | None) -> str:
        taken = [weight.tensor.name for weight in self._own_weights]
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
        return full_name

    # ------------------------------------------------------------------ listed

    @property
    def weights(self) -> list[Tensor]:
        """All weights: its own, those that training changes first, then those of layers in it."""
        return self._or_not_yet([weight for weight, _ in self._walked()])

    @property
    def trainable_weights(self) -> list[Tensor]:
        """The weights that training changes."""
        return self._or_not_yet([weight for weight, changes in self._walked() if changes])

    @property
    def non_trainable_weights(self) -> list[Tensor]:
        """The weights that training leaves alone: frozen ones, and what layers count themselves."""
        return [weight for weight, changes in self._walked() if not changes]

    @property
    def variables(self) -> list[Tensor]:
        """The same as ``weights``."""
        return self.weights

    @property
    def trainable_variables(self) -> list[Tensor]:
        """The same as ``trainable_weights``."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Tensor]:
        """The same as ``non_trainable_weights``."""
        return self.non_trainable_weights

    def count_params(self) -> int:
        """How many numbers the weights hold."""
        self._refuse_unbuilt("count_params()")
        return sum(weight.size for weight in self.weights)

    # ------------------------------------------------------------------ all at once

    def get_weights(self) -> list[Any]:
        """Copies of the values of ``weights``, as arrays; none before they are made."""
        return self._or_not_yet([np.array(weight._data) for weight in self.weights])

    def _or_not_yet(self, found: list[Any]) -> list[Any]:
        return found if found or self.built else _NotYet(self.name)

    @unwound
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
            weight.tensor
            for layer, _ in inside(self)
            for weight in layer._own_weights
            if not weight.trainable
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
        put_all(list(zip(own, arrays, strict=True)))

    def _refuse_unbuilt(self, what: str) -> None:
        if not self.built:
            raise StateError(
                f"{what}: {self.name!r} has not been built, so its weights do not exist yet. "
                f"Call it on data, or build it: {type(self).__name__.lower()}.build((None, n))."
            )

    # ------------------------------------------------------------------ walked

    def _walked(self) -> Iterator[tuple[Tensor, bool]]:
        """Each weight once, and whether training changes it."""
        found: dict[Tensor, bool] = {}
        for layer, held in inside(self):
            trainable = layer._trainable
            for weight in layer._own_weights:
                found.setdefault(weight.tensor, weight.trainable and trainable)
            for tensor in held:
                if tensor.operation is None and tensor._requires_grad:
                    found.setdefault(tensor, trainable)
        return iter(found.items())

    def _sublayers(self) -> Iterator[Any]:
        return iter(_held(self)[1])

    def _rename_weights(self, before: str, name: str) -> None:
        for weight in self._own_weights:
            tensor = weight.tensor
            if tensor.name and tensor.name.startswith(f"{before}/"):
                tensor.name = name + tensor.name[len(before) :]


class _NotYet(list[Any]):
    """No weights, since a layer is not built: an empty list that says so where one is taken."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return []
        raise IndexError(
            f"{self._name!r} has not been built, so it has no weights: call it on data, build it "
            "with build((None, n)), or begin the model with Input((n,))."
        )


# Told apart by their type first: a model's weights are looked up in every `train_on_batch`.
_PLAIN = frozenset([str, int, float, bool, type(None), np.ndarray, Operation])
_NO_PARTS = ("_own_weights", "_input_shape")


def inside(layer: Any) -> Iterator[tuple[Any, list[Tensor]]]:
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


def _held(layer: Any) -> tuple[list[Tensor], list[Any]]:
    """The Tensors and layers among the attributes, also in lists, tuples and dicts of them."""
    tensors: list[Tensor] = []
    layers: list[Any] = []
    for key, value in vars(layer).items():
        kind = type(value)
        if kind is Tensor:
            tensors.append(value)
        elif kind not in _PLAIN and key not in _NO_PARTS:
            _gather(value, tensors, layers)
    return tensors, layers


def _gather(value: Any, tensors: list[Tensor], layers: list[Any]) -> None:
    kind = type(value)
    if kind is Tensor:
        tensors.append(value)
    elif isinstance(value, HoldsWeights):
        layers.append(value)
    elif kind is list or kind is tuple:
        for item in value:
            if type(item) not in _PLAIN:
                _gather(item, tensors, layers)
    elif kind is dict:
        for item in value.values():
            _gather(item, tensors, layers)


def not_initialized(layer: Any) -> StateError:
    """What to say of a layer whose class forgot about the class above it."""
    kind = type(layer).__name__
    return StateError(
        f"{kind}.__init__ must call super().__init__() before anything else: "
        f"without it this {kind} has no name and no place for weights."
    )
