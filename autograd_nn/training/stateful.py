"""What a layer remembers from call to call, which a replayed program would not repeat."""

from __future__ import annotations

import hashlib
import itertools
import operator
import random
import types
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from autograd_nn import settings
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.dropout import Dropout
from autograd_nn.layers.layer import Layer

# How deep lists, dicts and objects in an attribute are followed.
_DEPTH = 4

_VALUES = frozenset([int, float, bool, str, bytes, complex, type(None), type(...)])

_CONTAINERS = frozenset([list, dict, set, np.ndarray])

# What training itself changes, and no call of a layer computes with.
_OF_FIT = frozenset(["history", "stop_training", "_has_told_defaults"])
_OF_OPTIMIZER = frozenset(["_learning_rate", "_factors", "_iterations", "_state"])

_NUMPY = "NumPy's global generator (np.random)"
_PYTHON = "Python's global generator (random)"


def state_of(model: Layer, *others: Any) -> dict[str, Any]:
    """A snapshot of everything but weights that a call of the model could change.

    The attributes of every layer: numbers, text, arrays by content, lists and dicts of them,
    generators by their state, other objects by their plain attributes; and the random generators
    that everybody shares.

    Parameters   others: objects with attributes that are called too, such as the loss
    """
    state: dict[str, Any] = {
        _NUMPY: _digest(np.random.get_state()),
        _PYTHON: hash(random.getstate()),
    }
    for stream, generator in settings._streams.items():
        if stream != "dropout":  # whose draws are part of the recording
            state[f"the stream {stream!r} of the library"] = _snapshot(generator, 0)
    for layer in _layers(model):
        for key, value in _attributes(layer):
            state[f"layer {layer.name!r}|{key}"] = _snapshot(value, 0)
    for other in others:
        name = getattr(other, "name", type(other).__name__)
        for key, value in _attributes(other):
            state[f"{type(other).__name__} {name!r}|{key}"] = _snapshot(value, 0)
    return state


def changed(before: dict[str, Any], after: dict[str, Any]) -> str | None:
    """What differs between two snapshots, in a sentence; None where nothing does."""
    for key in itertools.chain(before, after.keys() - before.keys()):
        old, new = before.get(key, _MISSING), after.get(key, _MISSING)
        if old == new:
            continue
        who, _, attribute = key.partition("|")
        if not attribute:
            return f"Random numbers are drawn from {who} during a call."
        if _is_generator(old) and _is_generator(new):
            return f"{who} draws random numbers from its own generator, `{attribute}`."
        shown = f" ({_shown(old)}, then {_shown(new)})" if _is_plain(old) and _is_plain(new) else ""
        return f"{who} changes its attribute `{attribute}` when it is called{shown}."
    return None


# ------------------------------------------------------------------ between calls


def fingerprint(model: Layer, training: Any) -> tuple[Any, ...]:
    """The attributes of all layers, the loss and the optimizer; made in a microsecond a layer.

    Two of them are compared by ``unchanged``: it notices what a user or a callback set between
    two steps. What training changes itself is left out: the learning rate, the number of
    iterations, the state of the optimizer.
    """
    found: list[Any] = []
    _add_layer(model, found, set())
    for owner in (training.loss, training.optimizer):
        found.append(owner)
        if owner is not None:
            found += [value for key, value in vars(owner).items() if key not in _OF_OPTIMIZER]
    return tuple(found)


def unchanged(before: tuple[Any, ...], after: tuple[Any, ...]) -> bool:
    """Whether two fingerprints are the same objects, or equal numbers and texts."""
    if len(before) != len(after):
        return False
    if all(map(operator.is_, before, after)):
        return True
    return all(
        a is b or (type(a) is type(b) and type(a) in _VALUES and a == b)
        for a, b in zip(before, after, strict=True)
    )


def _add_layer(layer: Layer, found: list[Any], seen: set[int]) -> None:
    if id(layer) in seen:
        return
    seen.add(id(layer))
    attributes = vars(layer)
    if "_training" in attributes:
        values = [value for key, value in attributes.items() if key not in _OF_FIT]
    else:
        values = list(attributes.values())
    found += values
    for value in values:
        if type(value) not in _VALUES:
            _add_held(value, found, seen)


def _add_held(value: Any, found: list[Any], seen: set[int]) -> None:
    kind = type(value)
    if kind is Tensor:
        found.append(value._requires_grad)
    elif kind is list or kind is tuple or kind is dict:
        items = value.values() if kind is dict else value
        found.append(len(value))
        found += items
        for item in items:
            if type(item) not in _VALUES:
                _add_held(item, found, seen)
    elif isinstance(value, Layer):
        _add_layer(value, found, seen)


# ------------------------------------------------------------------ snapshots


class _Same:
    """An object that is looked at from outside only: equal to itself. It is kept alive."""

    __slots__ = ("it",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, it: Any) -> None:
        self.it = it

    def __eq__(self, other: object) -> bool:
        return type(other) is _Same and self.it is other.it


_MISSING = ("missing",)


def _layers(model: Layer) -> Iterator[Layer]:
    """The model and every layer in it, once, in order."""
    seen: set[int] = set()
    waiting = [model]
    while waiting:
        layer = waiting.pop()
        if id(layer) not in seen:
            seen.add(id(layer))
            yield layer
            waiting.extend(reversed(list(layer._sublayers())))


def _attributes(owner: Any) -> Iterator[tuple[str, Any]]:
    """The attributes of an object, and those of its classes that are no part of the library."""
    for kind in reversed(type(owner).__mro__):
        if kind is object or kind.__module__.startswith("autograd_nn."):
            continue
        for key, value in vars(kind).items():
            is_data = type(value) in _VALUES or type(value) in _CONTAINERS
            if is_data and not key.startswith("__"):
                yield f"{kind.__name__}.{key}", value
    for key, value in getattr(owner, "__dict__", {}).items():
        if key in _OF_FIT or key in ("_training", "_own_weights"):
            continue
        if type(owner) is Dropout and key == "_random":
            continue  # its draws are part of the recording
        yield key, value


def _snapshot(value: Any, depth: int) -> Any:
    """A value that is equal to another snapshot where nothing was changed in between."""
    kind = type(value)
    if kind is float:
        return ("value", value.hex())
    if kind in _VALUES:
        return ("value", kind.__name__, value)
    if isinstance(value, (np.ndarray, np.generic)):
        return _digest_of_array(np.asarray(value)) if value.dtype.kind != "O" else _Same(value)
    if isinstance(value, np.random.Generator):
        return ("generator", _digest(value.bit_generator.state))
    if isinstance(value, np.random.RandomState):
        return ("generator", _digest(value.get_state()))
    if isinstance(value, random.Random):
        return ("generator", hash(value.getstate()))
    if kind is itertools.count:
        return ("count", repr(value))
    if kind is Tensor or isinstance(value, (Layer, types.ModuleType, type)) or callable(value):
        return _Same(value)
    if depth == _DEPTH:
        return _Same(value)
    if isinstance(value, (list, tuple, deque)):
        return ("list", kind.__name__, [_snapshot(item, depth + 1) for item in value])
    if isinstance(value, (set, frozenset)):
        return ("set", kind.__name__, sorted(repr(item) for item in value))
    if isinstance(value, Mapping):
        items = [(_snapshot(k, _DEPTH), _snapshot(v, depth + 1)) for k, v in value.items()]
        return ("dict", kind.__name__, items)
    if type(getattr(value, "__dict__", None)) is dict:
        own = [(key, _snapshot(item, depth + 1)) for key, item in vars(value).items()]
        return ("object", _Same(value), own)
    return _Same(value)


def _digest_of_array(array: Any) -> Any:
    digest = hashlib.blake2b(np.ascontiguousarray(array).tobytes(), digest_size=16).digest()
    return ("array", array.shape, str(array.dtype), digest)


def _digest(state: Any) -> bytes:
    """Of the state of a generator: dicts and tuples of numbers and arrays."""
    text = hashlib.blake2b(digest_size=16)
    waiting = [state]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            waiting.extend(item.values())
        elif isinstance(item, (tuple, list)):
            waiting.extend(item)
        else:
            text.update(item.tobytes() if isinstance(item, np.ndarray) else repr(item).encode())
    return text.digest()


def _is_generator(snapshot: Any) -> bool:
    return type(snapshot) is tuple and snapshot[0] == "generator"


def _is_plain(snapshot: Any) -> bool:
    return type(snapshot) is tuple and snapshot[0] == "value"


def _shown(snapshot: Any) -> str:
    return f"{snapshot[-1] if len(snapshot) > 2 else float.fromhex(snapshot[1])!r}"
