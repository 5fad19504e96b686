"""Configurations as JSON, and read again without ever running what a file names.

What JSON has not stands as a dict of one key: ``{"$float": "inf"}`` for a number that is not
finite, ``{"$function": "Custom>mine"}`` for a function, which is found where the library has it, in
``custom_objects``, or where it is registered, and nowhere else.
"""

from __future__ import annotations

import inspect
import json
import math
import sys
from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np

from autograd_nn import activations, initializers, losses, metrics
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, FileFormatError
from autograd_nn.engine.operation import Operation
from autograd_nn.own_classes import get_registered_name, get_registered_object

MOST_BYTES, MOST_VALUES, MOST_LETTERS = 2**20, 50_000, 10_000
"""Of a description: those of models of a thousand layers have less, and to read as much takes 0.1 s
and 15 megabytes."""

_MODULES = {"activations": activations, "losses": losses, "metrics": metrics}


def library() -> str:
    """Who writes a file."""
    return f"autograd_nn {sys.modules['autograd_nn'].__version__}"


def text_of(value: Any) -> str:
    """JSON of what configurations hold.

    Raises       ArgumentTypeError for what cannot be written, naming where it stands
    """
    text = json.dumps(_plain(value, "the model"), separators=(",", ":"), allow_nan=False)
    if is_too_large(text.encode()):
        raise ArgumentError(
            f"What describes the model has {len(text):,} bytes, and more than {MOST_BYTES:,} bytes "
            f"or {MOST_VALUES:,} values would not be read again. Arrays among the arguments of "
            "layers belong into weights."
        )
    return text


def is_too_large(text: bytes) -> bool:
    """Whether JSON is more than is read."""
    # In strings commas and brackets are counted, too, which only few of them have.
    values = text.count(b",") + text.count(b"[") + text.count(b"{")
    return len(text) > MOST_BYTES or values > MOST_VALUES


def value_of(text: bytes) -> Any:
    """What `text_of` wrote; the functions in it are looked for.

    Raises       FileFormatError where it is none of this library
    """
    refuse_too_large(text)
    try:
        return json.loads(
            text.decode("utf-8"), object_pairs_hook=_read_dict, parse_constant=_refuse_constant
        )
    except RecursionError:
        raise FileFormatError("it is nested too deep.") from None


def refuse_too_large(text: bytes) -> None:
    """Raise a FileFormatError where JSON is more than is read."""
    if is_too_large(text):
        raise FileFormatError(
            f"its description has more than {MOST_BYTES:,} bytes or {MOST_VALUES:,} values."
        )


def _plain(value: Any, where: str) -> Any:
    if isinstance(value, str) and len(value) > MOST_LETTERS:
        raise ArgumentError(
            f"A text of {len(value):,} letters stands in {where}, and {MOST_LETTERS:,} can be read "
            "again."
        )
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": str(float(value))}
    if isinstance(value, np.generic):
        return _plain(value.item(), where)
    if isinstance(value, np.ndarray):
        return _plain(value.tolist(), where)
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, (list, tuple)):
        return [_plain(part, f"{where}[{n}]") for n, part in enumerate(value)]
    if isinstance(value, Mapping):
        function = value["config"]["function"] if value.get("class_name") == "FromFunction" else 0
        if isinstance(function, initializers.Initializer):  # a class that is written as for Keras
            value = initializers.serialize(function)
        return {
            str(key): _plain(part, f"{where} › {_name_in(value) or key}")
            for key, part in value.items()
        }
    if inspect.isfunction(value) or isinstance(value, Operation):
        return {"$function": _name_of(value, where)}
    raise ArgumentTypeError(
        f"{value!r:.80} of type {type(value).__name__} cannot be written as plain values; it "
        f"stands in {where}. A get_config of your own gives numbers, texts, lists and dicts."
    )


def _name_in(value: Mapping[str, Any]) -> Any:
    """By which errors call what a dict describes."""
    config = value.get("config")
    return config.get("name") if isinstance(config, Mapping) else None


def _name_of(function: Any, where: str) -> str:
    name = function.name if isinstance(function, Operation) else function.__name__
    for module, held in _MODULES.items():
        if getattr(held, name, None) is function:
            return f"{module}.{name}"
    if not name.isidentifier():
        raise ArgumentError(
            f"{name} cannot be found again by a name, and stands in {where}. Write the function as "
            "def …, at the top level of a module."
        )
    return get_registered_name(function) if inspect.isfunction(function) else name


def checked_dict(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The dict of an object in JSON that is read.

    Raises       FileFormatError for a key that is there twice, and for texts that nobody writes
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        raise FileFormatError("it has a key twice, a duplicate.")
    if any(map(_has_long_text, chain.from_iterable(pairs))):
        raise FileFormatError(f"it has a text of more than {MOST_LETTERS:,} letters.")
    return found


def _has_long_text(value: Any) -> bool:
    if isinstance(value, list):  # the dicts in it were looked at already
        return any(map(_has_long_text, value))
    return isinstance(value, str) and len(value) > MOST_LETTERS


def _read_dict(pairs: list[tuple[str, Any]]) -> Any:
    found = checked_dict(pairs)
    if len(found) == 1:
        ((kind, name),) = pairs
        if kind == "$float" and name in ("nan", "inf", "-inf"):
            return float(name)
        if kind == "$function":
            return _function_named(str(name))
    return found


def _function_named(name: str) -> Any:
    own = get_registered_object(name)
    if own is not None:
        return own
    module, _, short = name.partition(".")
    if module in _MODULES and short in _MODULES[module].__all__:
        return getattr(_MODULES[module], short)
    short = name.rpartition(">")[2]
    raise ArgumentError(
        f"There is no function {name!r} here. For one of your own give "
        f"custom_objects={{{short!r}: {short}}}, or write @register_keras_serializable() above it."
    )


def _refuse_constant(name: str) -> Any:
    raise FileFormatError(f"it has the number {name}, which is not JSON.")
