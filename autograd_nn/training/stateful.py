"""What a layer remembers from call to call, which a replayed program would not repeat."""

from __future__ import annotations

import contextlib
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

# Arrays of up to so many elements are compared by what is in them.
_COMPARED = 4096

_VALUES = frozenset([int, float, bool, str, bytes, complex, type(None), type(...)])

_LISTS = frozenset([list, tuple, dict])
_CONTAINERS = frozenset([list, dict, set, np.ndarray])
_GENERATORS = (np.random.Generator, np.random.RandomState, random.Random, itertools.count)

# What training itself changes, and no call of a layer computes with.
_OF_FIT = frozenset(["history", "stop_training", "_has_told_defaults"])
_OF_STEPS = frozenset(
    ["_learning_rate", "_schedule", "_factors", "_iterations", "_state", "replay"]
)

_NUMPY = "NumPy's global generator (np.random)"
_PYTHON = "Python's global generator (random)"


# What an entry of a snapshot is: a generator that everybody shares, an attribute, or a variable
# around a function of the user's.
_SHARED, _ATTRIBUTE, _VARIABLE = "shared", "attribute", "variable"

State = dict[tuple[str, str, str], Any]


def state_of(model: Layer, *others: Any) -> State:
    """A snapshot of everything but weights that a call of the model could change.

    The attributes of every layer: numbers, text, arrays by content, lists and dicts of them,
    generators by their state, other objects by their plain attributes. The variables, global or
    of a closure, that the functions of own layers name. And the generators that all share.

    Parameters   others: objects with attributes that are called too, such as the loss
    """
    state: State = {
        (_SHARED, _NUMPY, ""): _digest(np.random.get_state(legacy=False)),
        (_SHARED, _PYTHON, ""): hash(random.getstate()),
    }
    for stream, generator in settings._streams.items():
        if stream != "dropout":  # whose draws are part of the recording
            who = f"the stream {stream!r} of the library"
            state[_SHARED, who, ""] = _snapshot(generator, 0)
    for owner in (*layers_of(model), *others):
        kind = "layer" if isinstance(owner, Layer) else type(owner).__name__
        who = f"{kind} {getattr(owner, 'name', '')!r}"
        for key, value in _attributes(owner):
            state[_ATTRIBUTE, who, key] = _snapshot(value, 0)
        for key, value in _variables(owner):
            state[_VARIABLE, who, key] = _snapshot(value, 0)
    return state


def changed(before: State, after: State) -> str | None:
    """What differs between two snapshots, in a sentence; None where nothing does."""
    for key in itertools.chain(before, (key for key in after if key not in before)):
        old, new = before.get(key, _MISSING), after.get(key, _MISSING)
        if old == new:
            continue
        kind, who, name = key
        if kind == _SHARED:
            return f"Random numbers are drawn from {who} during a call."
        what = f"its own generator, `{name}`" if kind == _ATTRIBUTE else f"the generator `{name}`"
        if _is_generator(old) and _is_generator(new):
            return f"{who} draws random numbers from {what}."
        what = f"its attribute `{name}`" if kind == _ATTRIBUTE else f"the variable `{name}`"
        shown = f" ({_shown(old)}, then {_shown(new)})" if _is_plain(old) and _is_plain(new) else ""
        return f"{who} changes {what} when it is called{shown}."
    return None


# ------------------------------------------------------------------ between calls


class Fingerprint:
    """The attributes of all layers, the loss and the optimizer, as they were when this was made.

    Also the variables with data, global or of a closure, that own functions in them name.
    It notices what a user or a callback sets between two steps. What training changes itself is
    left out: the learning rate, the number of iterations, the state of the optimizer. An array of
    more than 4,096 elements that is changed in place is not noticed, nor what lies deeper than the
    plain attributes of an object of one's own, nor an equal number of another type, 1 for 1.0.

    Parameters   training: what ``compile`` chose
    """

    # It is asked before every step, so nothing is walked: what the living objects hold is compared
    # with what was kept, most of it by == of dicts, which takes a twentieth of a loop. That is
    # identity for whatever does not define its own ==; the rest is compared by identity besides.

    def __init__(self, model: Layer, training: Any) -> None:
        self._attributes: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self._parts: list[tuple[dict[str, Any], Any, tuple[Any, ...]]] = []
        self._exact: list[tuple[dict[str, Any], str, Any]] = []
        self._items: list[tuple[Any, Any]] = []
        self._arrays: list[tuple[Any, bytes]] = []
        self._weights: list[tuple[Tensor, bool]] = []
        self._cells: list[types.CellType] = []
        for layer in layers_of(model):
            self._keep(layer, _OF_FIT if "_training" in vars(layer) else frozenset())
        # Metrics and optimizers change with every step, as they should.
        self._keep(training, _OF_STEPS, looks_into_objects=False)
        self._keep(training.optimizer, _OF_STEPS, looks_into_objects=False)
        if training.loss is not None:
            self._keep(training.loss, frozenset())
        self._contents = [cell.cell_contents for cell in self._cells]
        # Each once: a layer names them, and has them in its list.
        self._weights = list({id(tensor): (tensor, w) for tensor, w in self._weights}.values())

    def unchanged(self) -> bool:
        """Whether the attributes are the same objects, or equal numbers and texts."""
        try:
            return self._holds()
        except Exception:  # what is no longer there, and what cannot be compared with what was
            return False

    def _holds(self) -> bool:
        for now, kept in self._attributes:
            if now != kept:
                return False
        for attributes, taken, values in self._parts:
            if taken(attributes) != values:
                return False
        for attributes, key, value in self._exact:
            if attributes[key] is not value:
                return False
        for items, copy in self._items:
            if items != copy:
                return False
        for array, content in self._arrays:
            if array.tobytes() != content:
                return False
        if self._cells and [cell.cell_contents for cell in self._cells] != self._contents:
            return False
        return not [t for t, wanted in self._weights if t._requires_grad is not wanted]

    def _keep(self, owner: Any, left_out: frozenset[str], looks_into_objects: bool = True) -> None:
        attributes = vars(owner)
        keys = [key for key in attributes if key not in left_out]
        if len(keys) == len(attributes):
            self._attributes.append((attributes, dict(attributes)))
        else:
            self._parts.append((attributes, *_getter(keys, attributes)))
        for key in keys:
            if not _is_told_apart_by_equality(attributes[key]):
                self._exact.append((attributes, key, attributes[key]))
            self._keep_items(attributes[key], looks_into_objects)
        for function in _functions(owner):
            names, cells = _named(function)
            if names:
                self._parts.append((function.__globals__, *_getter(names, function.__globals__)))
            self._cells += cells.values()
            for name in names:
                self._keep_items(function.__globals__[name])
            for cell in cells.values():
                self._keep_items(cell.cell_contents)

    def _keep_items(self, value: Any, looks_into_objects: bool = True) -> None:
        """Also what lists, dicts, arrays and objects hold, which can be changed in place."""
        kind = type(value)
        if kind is Tensor:
            self._weights.append((value, value._requires_grad))
        elif kind is list or kind is dict or kind is tuple:
            if kind is not tuple:
                self._items.append((value, value.copy()))
            for item in value.values() if kind is dict else value:
                if type(item) not in _VALUES:
                    self._keep_items(item, looks_into_objects)
        elif kind is np.ndarray:
            if value.size <= _COMPARED and value.dtype.kind != "O":
                self._arrays.append((value, value.tobytes()))
        elif looks_into_objects and _is_of_the_user(value):
            plain = [key for key, item in vars(value).items() if type(item) in _VALUES]
            if plain:
                self._parts.append((vars(value), *_getter(plain, vars(value))))


def _is_of_the_user(value: Any) -> bool:
    """An object that holds settings: neither a part of a library nor a function or a class."""
    if callable(value) or isinstance(value, (Layer, types.ModuleType)):
        return False
    own = not type(value).__module__.startswith(("autograd_nn.", "numpy"))
    return own and type(getattr(value, "__dict__", None)) is dict


def _getter(keys: list[str], attributes: dict[str, Any]) -> tuple[Any, tuple[Any, ...]]:
    """What takes these attributes as a tuple, and the tuple as it is now."""
    # With a second key it is a tuple, also where there is one attribute only.
    taken = operator.itemgetter(*keys, keys[0])
    return taken, taken(attributes)


def _is_told_apart_by_equality(value: Any) -> bool:
    kind = type(value)
    return kind in _VALUES or kind in _LISTS or kind.__eq__ is object.__eq__


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


def layers_of(model: Layer) -> Iterator[Layer]:
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
        if kind is object or _is_ours(kind):
            continue
        for key, value in vars(kind).items():
            is_data = type(value) in _VALUES or type(value) in _CONTAINERS
            if is_data and not key.startswith("__"):
                yield f"{kind.__name__}.{key}", value
    for key, value in getattr(owner, "__dict__", {}).items():
        if key in _OF_FIT or key in ("_training", "_own_weights"):
            continue
        if type(owner) is Dropout and key == "_source":
            continue  # its draws are part of the recording
        yield key, value


def _variables(owner: Any) -> Iterator[tuple[str, Any]]:
    """The data that the user's functions in an object or its classes name, and do not hold."""
    for function in _functions(owner):
        names, cells = _named(function)
        yield from ((name, function.__globals__[name]) for name in names)
        yield from ((name, cell.cell_contents) for name, cell in cells.items())


def _functions(owner: Any) -> Iterator[types.FunctionType]:
    for kind in (*type(owner).__mro__[:-1], owner):
        if kind is owner or not _is_ours(kind):
            for value in getattr(kind, "__dict__", {}).values():
                if type(value) is types.FunctionType and not _is_ours(value):
                    yield value


def _named(function: types.FunctionType) -> tuple[list[str], dict[str, types.CellType]]:
    """The global variables with data that a function names, and those of its closure."""
    known, code = function.__globals__, function.__code__
    cells = {}
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        # A variable that is not set yet has no contents.
        with contextlib.suppress(ValueError):
            if _is_data(cell.cell_contents) or _is_settings(cell.cell_contents, function):
                cells[name] = cell
    names = [n for n in code.co_names if n in known]
    return [n for n in names if _is_data(known[n]) or _is_settings(known[n], function)], cells


def _is_settings(value: Any, function: types.FunctionType) -> bool:
    """An object of a class that stands beside the function, or a namespace."""
    return _is_of_the_user(value) and (
        type(value).__module__ == function.__module__ or type(value) is types.SimpleNamespace
    )


def _is_ours(thing: Any) -> bool:
    return str(thing.__module__).startswith("autograd_nn.")


def _is_data(value: Any) -> bool:
    return type(value) in _VALUES or type(value) in _CONTAINERS or isinstance(value, _GENERATORS)


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
    if isinstance(value, random.Random) and not isinstance(value, random.SystemRandom):
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
