"""What a program of a model depends on and anybody can set: compared before it is used again."""

from __future__ import annotations

import collections
import functools
import operator
import types
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn import program  # its names are imported where one is asked for: for own code
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.layer import Layer
from autograd_nn.layers.weights import OwnWeight, inside
from autograd_nn.losses import Loss
from autograd_nn.training.own_code import Own, own_classes, own_functions

_VALUES = frozenset([int, float, bool, str, bytes, complex, type(None), type(...)])
_LISTS = (list, tuple, dict, set, frozenset, collections.deque)

# What training itself changes, or who looks at placeholders, and no call of a layer computes with.
_OF_FIT = frozenset(["history", "stop_training", "_has_told_defaults", "_linked"])
_OF_STEPS = frozenset(
    [
        *("_learning_rate", "_schedule", "_factors", "_iterations", "_state"),
        *("stepper", "taken_before"),
    ]
)


class Fingerprint:
    """The attributes of all layers, the loss and the optimizer, as they were when this was made.

    With them what is in lists, tuples, dicts, sets and objects of the user's own classes that they
    hold, and whether weights want a gradient; of own code that is declared also the data of its
    classes, and what the names mean by which its functions reach arrays, Tensors and other
    functions. What is in arrays is not compared: a program reads it where it lives. What training
    changes itself is left out.

    ``unknown`` has what may be changed in place by ways that cannot be looked for.

    Parameters   training: what ``compile`` chose
                 own: the user's own code in a step
    """

    # It is asked before every step, so nothing is walked: what the living objects hold is compared
    # with what was kept, most of it by == of dicts, which takes a twentieth of a loop. That is
    # identity for whatever does not define its own ==; the rest is compared by identity besides.

    def __init__(self, model: Layer, training: Any, own: list[Own]) -> None:
        self._containers: list[tuple[str, Any, Any]] = []
        self._parts: list[tuple[str, Any, list[str], Any, tuple[Any, ...]]] = []
        self._exact: list[tuple[str, Any, str, Any]] = []
        self._weights: list[tuple[str, Tensor, bool]] = []
        self.unknown: list[str] = []
        layers = [layer for layer, _ in inside(model)]
        self._seen: dict[int, Any] = {id(layer): layer for layer in layers}
        self._waiting: list[tuple[str, Any]] = []
        for layer in layers:
            left_out = _OF_FIT if "_training" in vars(layer) else frozenset()
            self._keep(f"layer {layer.name!r}", layer, left_out)
        # Metrics and optimizers change with every step, as they should.
        self._keep_attributes("compile", training, _OF_STEPS)
        self._keep("the optimizer", training.optimizer, _OF_STEPS)
        self._keep("the loss", training.loss, frozenset())
        self._own = own
        for one in own:
            if isinstance(one.code, type):
                self._waiting.append((one.who, one.code))
        self._bindings = self._around()
        while self._waiting:
            self._keep_inside(*self._waiting.pop())
        # Each once: a layer names them, and has them in its list.
        self._weights = list({id(weight[1]): weight for weight in self._weights}.values())

    def unchanged(self) -> bool:
        """Whether all of it is the same objects, or equal numbers and texts."""
        try:
            return self._holds()
        except Exception:  # what is no longer there, and what cannot be compared with what was
            return False

    def _holds(self) -> bool:
        for _, now, kept in self._containers:
            if now != kept:
                return False
        for _, owner, _, taken, values in self._parts:
            if taken(owner) != values:
                return False
        for _, owner, key, value in self._exact:
            if owner[key] is not value:
                return False
        for _, tensor, wanted in self._weights:
            if tensor._requires_grad is not wanted:
                return False
        return not self._bindings or program.are_same(self._bindings)

    def what_changed(self) -> str:
        """The first thing that is another one, such as "`rate` of layer 'dropout'"."""
        for who, now, kept in self._containers:
            if isinstance(now, Mapping):
                for key in now.keys() | kept.keys():
                    if not _is_same(now.get(key, ...), kept.get(key, ...)):
                        return f"`{key}` of {who}"
            elif not _is_same(now, kept):
                return who
        for who, owner, keys, taken, values in self._parts:
            for key, now_there, value in zip(keys, taken(owner), values, strict=False):
                if not _is_same(now_there, value):
                    return f"`{key}` of {who}"
        for who, owner, key, value in self._exact:
            if owner.get(key) is not value:
                return f"`{key}` of {who}"
        if what := program.what_changed(self._bindings):
            return f"{what}, which own code uses,"
        return "which weights are trainable"

    def leave_out_counts(self) -> None:
        """After a run: numbers around own code that it changed itself are no settings."""
        self._bindings = program.without_counted(self._bindings, self._around())

    def _keep(self, who: str, owner: Any, left_out: frozenset[str]) -> None:
        for key in self._keep_attributes(who, owner, left_out):
            self._keep_value(who, vars(owner), key)

    def _keep_attributes(self, who: str, owner: Any, left_out: frozenset[str]) -> list[str]:
        attributes = vars(owner)
        keys = [key for key in attributes if key not in left_out]
        if len(keys) == len(attributes):
            self._containers.append((who, attributes, dict(attributes)))
        else:
            self._keep_part(who, attributes, keys, operator.itemgetter)
        return keys

    def _keep_part(self, who: str, owner: Any, keys: list[str], getter: Any) -> None:
        if keys:
            # With a second key it is a tuple, also where there is one attribute only.
            taken = getter(*keys, keys[0])
            self._parts.append((who, owner, keys, taken, taken(owner)))

    def _keep_value(self, who: str, owner: Any, key: str) -> None:
        value = owner[key]
        if not _is_told_apart_by_equality(value):
            self._exact.append((who, owner, key, value))
        self._waiting.append((f"`{key}` of {who}", value))

    def _keep_inside(self, who: str, value: Any) -> None:
        """What a value holds and can be changed in place."""
        kind = type(value)
        if kind is Tensor:
            self._weights.append((who, value, value._requires_grad))
        if kind in _VALUES or id(value) in self._seen or kind is Tensor:
            return
        self._seen[id(value)] = value
        if isinstance(value, _LISTS):
            if not isinstance(value, (tuple, frozenset)):
                plain = next(base for base in _LISTS if isinstance(value, base))
                self._containers.append((who, value, plain(value)))
            items = value.values() if isinstance(value, dict) else value
            self._waiting += [(who, item) for item in items if type(item) not in _VALUES]
        elif isinstance(value, types.MethodType):
            self._waiting.append((who, value.__self__))
        elif isinstance(value, functools.partial):
            self._waiting += [(who, value.func), (who, value.args), (who, value.keywords)]
        elif type(value) is OwnWeight:  # which is replaced, and never changed
            parts = (value.tensor, value.regularizer, value.constraint)
            self._waiting += [(who, part) for part in parts if part is not None]
        elif isinstance(value, (Layer, Loss, types.SimpleNamespace)) or _is_setting(value):
            self._keep_object(who, value)
        elif isinstance(value, type):
            self._keep_class(value)
        elif kind.__hash__ is None and not isinstance(value, np.ndarray):
            self.unknown.append(f"{who} ({kind.__name__})")

    def _keep_object(self, who: str, value: Any) -> None:
        kind = type(value)
        if hasattr(value, "__dict__"):
            self._keep(who, value, frozenset())
        slots = [
            key
            for part in kind.__mro__
            for key, member in vars(part).items()
            if isinstance(member, types.MemberDescriptorType) and hasattr(value, key)
        ]
        self._keep_part(who, value, slots, operator.attrgetter)
        self._waiting += [(f"`{key}` of {who}", getattr(value, key)) for key in slots]
        self._waiting.append((who, kind))

    def _around(self) -> list[Any]:
        """What the functions of own code reach by names, and do not hold."""
        return [
            binding
            for one in self._own
            for function in own_functions(one.code)
            for binding in program.bindings(function, ())
        ]

    def _keep_class(self, kind: type) -> None:
        """Data and methods of the user's own classes among those of a kind."""
        for part in own_classes(kind):
            self._seen[id(part)] = part
            own = vars(part)
            self._containers.append((part.__name__, own, dict(own)))
            for key in own:
                if not key.startswith("__"):
                    self._keep_value(part.__name__, own, key)


def _is_told_apart_by_equality(value: Any) -> bool:
    kind = type(value)
    return kind in _VALUES or kind in _LISTS or kind.__eq__ is object.__eq__


def _is_setting(value: Any) -> bool:
    """Whether what is in an object matters: a regularizer, a constraint, or one of the user's."""
    if any(part.__module__ in _RULES for part in type(value).__mro__):
        return True
    return _is_own(value)


_RULES = ("autograd_nn.regularizers", "autograd_nn.constraints")


def _is_own(value: Any) -> bool:
    """Whether it is an object of a class of the user's, and holds what only the user changes.

    A metric, an optimizer or a callback of an own class changes with every step.
    """
    kind = type(value)
    if isinstance(value, (type, types.FunctionType, types.ModuleType)):
        return False
    if any(part.__module__.startswith("autograd_nn.") for part in kind.__mro__):
        return False
    return not program.is_of_others(kind)


def _is_same(one: Any, other: Any) -> bool:
    try:
        return one is other or bool(one == other)
    except Exception:  # arrays of other lengths and whatever else compares in a way of its own
        return False
