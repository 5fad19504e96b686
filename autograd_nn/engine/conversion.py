"""What may become the data of a Tensor, and what is refused with the way out."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion

_KINDS = "fiub"


def to_data(data: Any, dtype: Any = None) -> Any:
    """Copy ``data`` into an array (or a NumPy scalar) that a Tensor may hold.

    Numbers and lists by hand become float64, booleans stay, arrays keep their dtype.
    """
    by_hand = isinstance(data, (int, float, list, tuple)) and not isinstance(data, np.generic)
    if isinstance(data, (list, tuple)):
        _refuse_tensors(data)
    refuse_kinds(data)
    try:
        array = np.array(data)
    except ValueError:
        raise ArgumentError(_ragged(data)) from None
    if by_hand and array.dtype.kind == "O":
        array = _from_large_integers(array)
    if array.dtype.kind == "O":
        raise ArgumentTypeError(
            f"A Tensor holds numbers, got {type(data).__name__} with elements of kind 'object'. "
            "Convert it first, e.g. np.asarray(data, dtype=float)."
        )
    if array.dtype.kind not in _KINDS:
        kind = {"U": "text (str)", "S": "bytes", "c": "complex numbers"}.get(
            array.dtype.kind, str(array.dtype)
        )
        raise ArgumentTypeError(f"A Tensor holds real numbers, got {kind}.")
    if dtype is not None:
        array = array.astype(checked_dtype(dtype))
    elif by_hand and array.dtype.kind in "iu":
        array = array.astype(np.float64)
    elif array.dtype is not np.dtype(array.dtype.type):  # of another byte order, or pickled
        array = array.astype(array.dtype.type)
    return array[()] if array.ndim == 0 else array


def array_of(data: Any) -> Any:
    """A list of numbers, as NumPy's functions take it, as an array; everything else as it is."""
    if not isinstance(data, (list, tuple)):
        return data
    _refuse_tensors(data)
    return np.asarray(data)


def is_masked(data: Any) -> bool:
    """Whether this is an array with a mask. Nobody has one before numpy.ma is imported (6 ms)."""
    ma = sys.modules.get("numpy.ma")
    return ma is not None and isinstance(data, ma.MaskedArray)


def refuse_kinds(data: Any) -> None:
    """Refuse what NumPy would take in without a word and change the meaning of."""
    if isinstance(data, (str, bytes)):
        raise ArgumentTypeError(
            f"A Tensor holds numbers, got {data[:40]!r} of type {type(data).__name__} (string)."
        )
    if is_masked(data):
        raise ArgumentTypeError(
            "A masked array would lose its mask. Use .filled(value), or np.where(mask, a, b)."
        )
    if data is None or isinstance(data, (set, dict, complex)):
        raise ArgumentTypeError(
            f"A Tensor holds an array, a number or a list of numbers, got {type(data).__name__}."
        )


def _from_large_integers(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Integers beyond 64 bits arrive as objects; as floats they are numbers like any other."""
    if not all(isinstance(number, (int, float)) for number in array.flat):
        return array
    try:
        return array.astype(np.float64)
    except OverflowError:
        raise ArgumentError(
            "The integer is too large for a float: the largest is about 1.8e308."
        ) from None


def checked_dtype(dtype: Any) -> np.dtype[Any]:
    """The dtype, in this machine's byte order, that a Tensor may have."""
    try:
        found = np.dtype(dtype)
    except TypeError:
        names = ["float16", "float32", "float64", "int32", "int64", "bool"]
        raise ArgumentTypeError(
            f"`dtype` {dtype!r} is not a NumPy dtype.{suggestion(str(dtype), names)}"
        ) from None
    if found.kind not in _KINDS:
        raise ArgumentTypeError(f"`dtype` must be real floating, integer or bool, got {found}.")
    return found if found.isnative else np.dtype(found.type)


def converted(what: str, value: Any, dtype: np.dtype[Any]) -> Any:
    """New data or a new gradient for a Tensor that has ``dtype`` already; not copied."""
    refuse_kinds(value)
    array = np.asarray(value)
    if array.dtype.kind not in _KINDS or not np.can_cast(array.dtype, dtype, "same_kind"):
        raise ArgumentTypeError(
            f"{what} holds {dtype}, got {array.dtype}, which would not keep its values."
        )
    return array


def _refuse_tensors(data: Any) -> None:
    stack = [data]
    while stack:
        for item in stack.pop():
            if isinstance(item, (list, tuple)):
                stack.append(item)
            elif hasattr(item, "requires_grad"):
                raise ArgumentTypeError(
                    "A list that holds Tensors would lose their graph. "
                    "Use np.stack([...]) (or np.concatenate), which is recorded."
                )


def _ragged(data: Any) -> str:
    """Say which row of a nested list has another length than the first."""
    lengths = [len(row) if isinstance(row, (list, tuple)) else None for row in data]
    for index, length in enumerate(lengths):
        if length != lengths[0]:
            shown = ["a number" if n is None else f"length {n}" for n in (lengths[0], length)]
            return (
                f"The list is ragged: row 0 has {shown[0]} and row {index} has {shown[1]}. "
                "All rows must have the same length."
            )
    return "The list is ragged: rows at a deeper level differ in length. Make them equal."
