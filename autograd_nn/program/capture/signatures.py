"""How a compiled function was called: what selects its program, and what is given to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.conversion import refuse_kinds
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.structures import flatten
from autograd_nn.engine.tensor import Tensor

_array = np.ndarray


def signature(
    args: tuple[Any, ...], keywords: dict[str, Any]
) -> tuple[tuple[Any, ...], list[Any], bool]:
    """What selects the program, the inputs in the order of ``flatten``, and whether all arguments
    are plain arrays.

    Inputs are arrays, Tensors and floating-point numbers, also in lists, tuples and dicts. All
    else selects: structure, shapes and dtypes, and the values of integers, text, objects.
    """
    key: list[Any] = []
    inputs: list[Any] = []
    only_arrays = not keywords
    for item in args:
        if type(item) is _array:  # the commonest case first
            key.append(item.shape)
            key.append(item.dtype)
            inputs.append(item)
        else:
            only_arrays = False
            _take(item, key, inputs)
    if keywords:
        _take(keywords, key, inputs)
    return tuple(key), inputs, only_arrays


def _take(item: Any, key: list[Any], inputs: list[Any]) -> None:
    kind = type(item)
    if kind is _array or kind is Tensor:
        key += (item.shape, item.dtype)
        inputs.append(item)
    elif kind is float:
        key.append(float)
        inputs.append(item)
    elif kind is list or kind is tuple or (isinstance(item, tuple) and hasattr(item, "_fields")):
        key.append(kind)
        key.append(len(item))
        for part in item:
            if type(part) is _array:
                key.append(part.shape)
                key.append(part.dtype)
                inputs.append(part)
            else:
                _take(part, key, inputs)
    elif isinstance(item, dict):
        key += (kind, tuple(item))
        for part in item.values():
            _take(part, key, inputs)
    elif is_input(item):
        key += (item.shape, item.dtype)
        inputs.append(item)
    else:
        key += (kind, item)


def is_input(item: Any) -> bool:
    """Whether a call may give another one in its place."""
    if isinstance(item, _array):
        refuse_kinds(item)
    return isinstance(item, (_array, Tensor, float, np.floating))


def plain(item: Any) -> Any:
    """An input as data: an array, or a NumPy scalar; a Python float stays."""
    if type(item) is Tensor:
        return item._data
    if not isinstance(item, _array):
        return item
    return np.asarray(item) if item.ndim else np.asarray(item)[()]


def number_dtype(inputs: list[Any]) -> np.dtype[Any]:
    """The dtype that Python's floats have beside these arrays, as in NumPy: that of the arrays."""
    found = [x.dtype for x in inputs if type(x) is not float and x.dtype.kind == "f"]
    return np.result_type(*found) if found else np.dtype(np.float64)


def refuse_unhashable(args: tuple[Any, ...], keywords: Mapping[str, Any], name: str) -> None:
    """Say which argument can neither be given to a program nor select one."""
    for item in flatten([list(args), dict(keywords)])[0]:
        try:
            hash(item if not is_input(item) else None)
        except TypeError:
            raise ArgumentTypeError(
                f"{name} is compiled: it takes arrays, Tensors and numbers, lists, tuples and "
                f"dicts of them, and objects that can be hashed, got {type(item).__name__}. "
                f"Convert it, e.g. np.asarray(x), or call {name}.__wrapped__."
            ) from None


def names_of(f: Callable[..., Any], args: tuple[Any, ...], keywords: dict[str, Any]) -> list[str]:
    """A name for every value in the order of ``flatten``, such as w, layer_bias, data_0."""
    code = getattr(f, "__code__", None)
    known = code.co_varnames[: code.co_argcount] if code is not None else ()
    found: list[str] = []
    for place, item in enumerate(args):
        _name(item, known[place] if place < len(known) else f"argument_{place}", found)
    for key, item in keywords.items():
        _name(item, key, found)
    return _each_once(found)


def _name(item: Any, name: str, found: list[str]) -> None:
    if isinstance(item, tuple) and hasattr(item, "_fields"):
        item = dict(zip(item._fields, item, strict=True))
    if isinstance(item, dict):
        for key, part in item.items():
            _name(part, f"{name}_{key}", found)
    elif isinstance(item, (list, tuple)):
        for place, part in enumerate(item):
            _name(part, f"{name}_{place}", found)
    else:
        found.append(re.sub(r"\W+", "_", name))


def _each_once(names: list[str]) -> list[str]:
    taken: dict[str, None] = {}
    for name in names:
        stem = name if name.isidentifier() else f"_{name}"
        wish, number = stem, 1
        while wish in taken:
            number += 1
            wish = f"{stem}_{number}"
        taken[wish] = None
    return list(taken)
