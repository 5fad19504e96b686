"""What a program of a model depends on and anybody can set: compared before it is used again."""

from __future__ import annotations

import operator
from typing import Any

from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.layer import Layer
from autograd_nn.program import are_same, bindings
from autograd_nn.training.own_code import Own, layers_of, own_functions, own_settings

_VALUES = frozenset([int, float, bool, str, bytes, complex, type(None), type(...)])
_LISTS = frozenset([list, tuple, dict])

# What training itself changes, and no call of a layer computes with.
_OF_FIT = frozenset(["history", "stop_training", "_has_told_defaults"])
_OF_STEPS = frozenset(
    ["_learning_rate", "_schedule", "_factors", "_iterations", "_state", "stepper"]
)


class Fingerprint:
    """The attributes of all layers, the loss and the optimizer, as they were when this was made.

    With them what lists, tuples and dicts in them hold, and whether weights want a gradient; of
    own code that is declared also the data of its classes, and what the names mean by which its
    functions reach arrays, Tensors and other functions. What is in arrays is not compared: a
    program reads it where it lives. What training changes itself is left out.

    Parameters   training: what ``compile`` chose
                 own: the user's own code in a step
    """

    # It is asked before every step, so nothing is walked: what the living objects hold is compared
    # with what was kept, most of it by == of dicts, which takes a twentieth of a loop. That is
    # identity for whatever does not define its own ==; the rest is compared by identity besides.

    def __init__(self, model: Layer, training: Any, own: list[Own]) -> None:
        self._attributes: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        self._parts: list[tuple[str, Any, list[str], Any, tuple[Any, ...]]] = []
        self._exact: list[tuple[str, Any, str, Any]] = []
        self._items: list[tuple[str, Any, Any]] = []
        self._bindings: list[Any] = []
        self._weights: list[tuple[str, Tensor, bool]] = []
        for layer in layers_of(model):
            left_out = _OF_FIT if "_training" in vars(layer) else frozenset()
            self._keep(f"layer {layer.name!r}", layer, left_out)
        # Metrics and optimizers change with every step, as they should.
        self._keep("compile", training, _OF_STEPS)
        self._keep("the optimizer", training.optimizer, _OF_STEPS)
        self._keep("the loss", training.loss, frozenset())
        for one in own:
            self._keep_around(one)
        # Each once: a layer names them, and has them in its list.
        self._weights = list({id(weight[1]): weight for weight in self._weights}.values())

    def unchanged(self) -> bool:
        """Whether all of it is the same objects, or equal numbers and texts."""
        try:
            return self._holds()
        except Exception:  # what is no longer there, and what cannot be compared with what was
            return False

    def _holds(self) -> bool:
        for _, now, kept in self._attributes:
            if now != kept:
                return False
        for _, owner, _, taken, values in self._parts:
            if taken(owner) != values:
                return False
        for _, owner, key, value in self._exact:
            if owner[key] is not value:
                return False
        for _, items, copy in self._items:
            if items != copy:
                return False
        if self._bindings and not are_same(self._bindings):
            return False
        return not [t for _, t, wanted in self._weights if t._requires_grad is not wanted]

    def what_changed(self) -> str:
        """The first thing that is another one, such as "`rate` of layer 'dropout'"."""
        for who, now, kept in self._attributes:
            for key in now.keys() | kept.keys():
                if not _is_same(now.get(key, ...), kept.get(key, ...)):
                    return f"`{key}` of {who}"
        for who, owner, keys, _, values in self._parts:
            for key, value in zip(keys, values, strict=False):
                if not _is_same(owner.get(key, ...), value):
                    return f"`{key}` of {who}"
        for who, owner, key, value in self._exact:
            if owner.get(key) is not value:
                return f"`{key}` of {who}"
        for who, items, copy in self._items:
            if not _is_same(items, copy):
                return f"{who}"
        return "a variable that own code uses, or which weights are trainable"

    def _keep(self, who: str, owner: Any, left_out: frozenset[str]) -> None:
        attributes = vars(owner)
        keys = [key for key in attributes if key not in left_out]
        if len(keys) == len(attributes):
            self._attributes.append((who, attributes, dict(attributes)))
        else:
            self._keep_part(who, attributes, keys)
        for key in keys:
            self._keep_value(who, attributes, key)

    def _keep_part(self, who: str, owner: Any, keys: list[str]) -> None:
        if keys:
            # With a second key it is a tuple, also where there is one attribute only.
            taken = operator.itemgetter(*keys, keys[0])
            self._parts.append((who, owner, keys, taken, taken(owner)))

    def _keep_value(self, who: str, owner: Any, key: str) -> None:
        value = owner[key]
        if not _is_told_apart_by_equality(value):
            self._exact.append((who, owner, key, value))
        self._keep_items(f"`{key}` of {who}", value)

    def _keep_items(self, who: str, value: Any) -> None:
        """Also what lists and dicts hold, which can be changed in place."""
        kind = type(value)
        if kind is Tensor:
            self._weights.append((who, value, value._requires_grad))
        elif kind in _LISTS:
            if kind is not tuple:
                self._items.append((who, value, value.copy()))
            for item in value.values() if kind is dict else value:
                if type(item) not in _VALUES:
                    self._keep_items(who, item)

    def _keep_around(self, own: Own) -> None:
        """Settings of classes; what functions reach by names, and do not hold."""
        if isinstance(own.code, type):
            for kind, keys in own_settings(own.code):
                self._keep_part(kind.__name__, vars(kind), keys)
                for key in keys:
                    self._keep_value(kind.__name__, vars(kind), key)
        for function in own_functions(own.code):
            self._bindings += bindings(function)


def _is_told_apart_by_equality(value: Any) -> bool:
    kind = type(value)
    return kind in _VALUES or kind in _LISTS or kind.__eq__ is object.__eq__


def _is_same(one: Any, other: Any) -> bool:
    try:
        return one is other or bool(one == other)
    except Exception:  # arrays of other lengths and whatever else compares in a way of its own
        return False
