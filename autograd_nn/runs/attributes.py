"""What objects have changed of themselves, as plain values; and put back in place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from autograd_nn.callbacks.callback import Callback
from autograd_nn.engine.errors import FileFormatError
from autograd_nn.engine.mutation import assign
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers import Layer
from autograd_nn.metrics import Metric
from autograd_nn.optimizers import Optimizer
from autograd_nn.saving.nested_values import is_nested_values
from autograd_nn.settings import take_state
from autograd_nn.sweeping.telling_apart import contents_of

TENSOR, GENERATOR, INNER = "$tensor", "$generator", "$attributes"
_MARKS = (TENSOR, GENERATOR, INNER)
_NOTHING = object()


class Changing:
    """An object, of which is kept what differs from how it was when this was made.

    Attributes that hold numbers, texts, arrays, random generators, metrics, callbacks, lists,
    tuples and dicts of them, and objects of classes of the same package. Others are left alone.

    Parameters   besides: attributes that are not looked at
                 with_tensors: whether Tensors are
    """

    def __init__(
        self, thing: Any, besides: Collection[str] = (), with_tensors: bool = True
    ) -> None:
        self.thing = thing
        self._besides, self._with_tensors = besides, with_tensors
        self._before = {name: contents_of(kept) for name, kept in self._kept().items()}

    def changed(self) -> dict[str, Any]:
        """What is not as it was, by the names of attributes."""
        return {
            name: kept
            for name, kept in self._kept().items()
            if self._before.get(name, _NOTHING) != contents_of(kept)
        }

    def _kept(self) -> dict[str, Any]:
        return attributes_of(self.thing, self._besides, self._with_tensors)


def attributes_of(
    thing: Any, besides: Collection[str] = (), with_tensors: bool = True
) -> dict[str, Any]:
    """All attributes of an object that can be kept."""
    package = type(thing).__module__.partition(".")[0]
    found = {}
    for name, value in getattr(thing, "__dict__", {}).items():
        if name not in besides:
            try:
                found[name] = _kept(value, package, with_tensors, (id(thing),))
            except _NotKept:
                continue
    return found


def put_back(thing: Any, kept: Mapping[str, Any]) -> None:
    """Put attributes back that `attributes_of` or `Changing` gave of an equal object.

    Raises       FileFormatError for what these two give of no object of its class
    """
    here = attributes_of(thing)
    for name, value in kept.items():
        fault = _fault_of(thing, name, here.get(name, _NOTHING), value)
        if fault:
            raise FileFormatError(
                f"`{name:.60}` of {type(thing).__name__} {fault}, so no training has changed it."
            )
        setattr(thing, name, _put_back(vars(thing).get(name), value))


def _fault_of(thing: Any, name: Any, here: Any, kept: Any) -> str:
    """Why an attribute cannot have become this, empty where it can."""
    kind = type(thing)
    held = vars(thing).get(name, getattr(kind, name, None))
    if name.startswith("__") or hasattr(getattr(kind, name, None), "__set__"):
        return "is part of what it does"
    if here is _NOTHING and held is not None and (callable(held) or name in vars(thing)):
        return f"is {type(held).__name__}, which is not kept"
    if not kind.__module__.startswith(_OURS):
        return ""  # of the user's own objects everything may change
    if (isinstance(here, str) or isinstance(kept, str)) and here != kept:  # such as a path
        return f"is {held!r:.60}, and would be {kept!r:.60}"
    if here is _NOTHING or kept is None:
        return ""
    if here is None:
        is_setting = isinstance(thing, Optimizer) and _sort_of(kept) not in ("number", bool)
        return f"is None, and would be {type(kept).__name__}" if is_setting else ""
    if _sort_of(here) != _sort_of(kept):
        return f"is {type(here).__name__}, and would be {type(kept).__name__}"
    return ""


_OURS = "autograd_nn."


def _sort_of(value: Any) -> Any:
    """What a value stays in the library's own objects, whatever becomes of it."""
    if isinstance(value, (int, float, np.number)) and not isinstance(value, bool):
        return "number"
    if isinstance(value, np.ndarray):
        return value.ndim, value.dtype.kind
    if isinstance(value, dict) and len(value) == 1 and (mark := next(iter(value))) in _MARKS:
        return mark
    return type(value)


class _NotKept(Exception):
    pass


def _kept(value: Any, package: str, with_tensors: bool, above: tuple[int, ...]) -> Any:
    """The value as nested plain ones, in which marked dicts stand for what is changed in place."""
    kind = type(value)
    if kind in (list, tuple, dict):
        if id(value) in above or len(above) > 12:
            raise _NotKept
        above = (*above, id(value))
        if kind is dict:
            return {key: _kept(part, package, with_tensors, above) for key, part in value.items()}
        return kind(_kept(part, package, with_tensors, above) for part in value)
    if kind is Tensor:
        if value.operation is None and with_tensors:
            return {TENSOR: np.array(value._data)}
        raise _NotKept
    if isinstance(value, np.random.Generator):
        return {GENERATOR: value.bit_generator.state}
    if is_nested_values(value):
        return value.copy() if kind is np.ndarray else value
    if _is_inner(value, package) and id(value) not in above and len(above) < 12:
        inner = {}
        for name, part in vars(value).items():
            try:
                inner[name] = _kept(part, package, with_tensors, (*above, id(value)))
            except _NotKept:
                continue
        return {INNER: inner}
    raise _NotKept


def _is_inner(value: Any, package: str) -> bool:
    """Whether it belongs to what holds it: a metric, a callback, or a class of the same package."""
    module = type(value).__module__
    if isinstance(value, (Layer, Optimizer, type)) or not hasattr(value, "__dict__"):
        return False
    if isinstance(value, (Metric, Callback)) or module.startswith("autograd_nn.metrics"):
        return True
    return package != "autograd_nn" and module.partition(".")[0] == package


def _put_back(here: Any, kept: Any) -> Any:
    kind = type(kept)
    if kind is dict and len(kept) == 1:
        ((mark, value),) = kept.items()
        if mark == TENSOR and type(here) is Tensor:
            assign(here, value if value.ndim else value[()])
            return here
        if mark == GENERATOR and isinstance(here, np.random.Generator):
            take_state(here.bit_generator, value)
            return here
        if mark == INNER and hasattr(here, "__dict__"):
            put_back(here, value)
            return here
        if mark in _MARKS:
            return here
    if kind is dict and type(here) is dict and _has_marks(kept):
        here.update({key: _put_back(here.get(key), part) for key, part in kept.items()})
        return here
    if kind in (list, tuple) and type(here) is kind and len(here) == len(kept) and _has_marks(kept):
        parts = [_put_back(one, part) for one, part in zip(here, kept, strict=True)]
        if kind is tuple:
            return tuple(parts)
        here[:] = parts
        return here
    return kept


def _has_marks(kept: Any) -> bool:
    if type(kept) is dict:
        return any(key in _MARKS or _has_marks(part) for key, part in kept.items())
    return type(kept) in (list, tuple) and any(map(_has_marks, kept))
