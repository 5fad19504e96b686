"""``keras.ops``: NumPy's functions with Keras's arguments, and the few that NumPy lacks.

>>> from autograd_nn.keras import ops
>>> ops.sum(ops.square(ops.convert_to_tensor([1.0, 2.0]))).item()
5.0
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from functools import cache
from typing import Any

import numpy as np

from autograd_nn import activations
from autograd_nn.compat import ops_of_arrays, ops_of_control, ops_of_networks, ops_of_numbers
from autograd_nn.compat.ops_of_arrays import cast
from autograd_nn.compat.tensors import RECORDED, convert_to_tensor
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.transforms.own_rules import stop_gradient
from autograd_nn.missing_names import missing, reason_for
from autograd_nn.settings import floatx

_WRITTEN = (ops_of_arrays, ops_of_numbers, ops_of_networks, ops_of_control)
_LINALG = ["cholesky", "det", "eigh", "inv", "matrix_rank", "pinv", "qr", "slogdet", "solve", "svd"]
_SPECIAL = ["erf", "erfc"]
_SAME: dict[str, Callable[..., Any]] = {
    "stop_gradient": stop_gradient,
    "gelu": lambda x, approximate=True: activations.gelu(x, approximate=approximate),
}
_OF_SEVERAL = {"append", "block", "concatenate", "dstack", "hstack", "select", "stack", "vstack"}
_OF_NONE = {  # what they are given are lengths and ends, and nothing to compute with
    "arange", "bartlett", "blackman", "empty", "eye", "full", "geomspace", "hamming", "hanning",
    "identity", "kaiser", "logspace", "ones", "tri", "zeros",
}  # fmt: skip
_INPUTS = {  # Keras's names of the inputs, where they are given by name
    "clip": "x x_min x_max", "repeat": "x repeats", "reshape": "x newshape", "rot90": "array",
    "searchsorted": "sorted_sequence values", "tile": "x repeats", "trapezoid": "",
    "where": "condition x1 x2",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in ("linalg", "nn", "numpy"):  # the same names by family
        return sys.modules[__name__]
    found = _found(name)
    if found is None:
        written = (name for module in _WRITTEN for name in module.__all__)
        known = [*_LINALG, *_SAME, *written, *activations.__all__, *dir(np)]
        raise missing(__name__, name, known)
    return found


@cache  # and not as names of this module, where `any` and `sum` would hide Python's own
def _found(name: str) -> Callable[..., Any] | None:
    for module in _WRITTEN:
        if name in module.__all__:
            written: Callable[..., Any] = getattr(module, name)
            return written
    if reason_for("keras_ops", name) is not None or name.startswith("_"):
        return None
    function: Any = _SAME.get(name)
    if function is None and name in _LINALG:
        function = getattr(np.linalg, name)
    if function is None and name in _SPECIAL:
        from autograd_nn import special

        function = getattr(special, name)
    if function is None:
        function = getattr(np, name, None)
    if not callable(function) or isinstance(function, type):
        try:
            function = activations.get(name)
        except ValueError:
            return None
    return _of_tensors(function, name)


def _of_tensors(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The function, with Tensors for arrays and lists of them, so that what comes out is one."""
    takes_lists, is_of_none = name in _OF_SEVERAL, name in _OF_NONE
    names = _INPUTS.get(name, "x xs x1 x2 y").split()

    def given(x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return convert_to_tensor(x)
        if isinstance(x, (list, tuple)) and any(
            isinstance(part, (*RECORDED, np.ndarray)) for part in x
        ):
            return [convert_to_tensor(part) for part in x] if takes_lists else convert_to_tensor(x)
        return x

    def call(*arguments: Any, **options: Any) -> Any:
        by_name = [options.pop(key) for key in names if key in options]
        inputs = [given(x) for x in (*arguments, *by_name)]
        is_wide = _has(np.float64, inputs, options)
        if inputs and not is_of_none and not isinstance(inputs[0], (*RECORDED, list, str)):
            inputs[0] = convert_to_tensor(inputs[0])
        options = {key: given(x) for key, x in options.items()}
        if isinstance(options.get("axis"), list):
            options["axis"] = tuple(options["axis"])
        with np.errstate(over="ignore") if any(map(_is_small, inputs)) else nullcontext():
            found = function(*inputs, **options)
        if getattr(found, "dtype", None) == np.float16 and not _has(np.float16, inputs, options):
            # NumPy takes half precision for functions of truth values and of bytes.
            found = function(*(cast(x, floatx()) if _is_small(x) else x for x in inputs), **options)
        if isinstance(found, np.ndarray):
            found = Tensor(found, requires_grad=False)
        if is_wide:
            return found
        # Numbers by hand, arrays made from nothing, and what NumPy computes of integers do not draw
        # a model into float64.
        if isinstance(found, (list, tuple)):
            return [*map(_narrow, found)]
        return _narrow(found)

    return call


def _narrow(x: Any) -> Any:
    return cast(x, floatx()) if getattr(x, "dtype", None) == np.float64 else x


def _has(dtype: Any, inputs: list[Any], options: dict[str, Any]) -> bool:
    return any(_says(dtype, x) for x in [*inputs, *options.values()])


def _says(dtype: Any, x: Any) -> bool:
    """Whether something is of the dtype, or names one."""
    if isinstance(x, (list, tuple)):
        return any(_says(dtype, part) for part in x)
    if isinstance(x, (*RECORDED, np.ndarray, np.generic)):
        return bool(x.dtype == dtype)
    return isinstance(x, (np.dtype, type, str))


def _is_small(x: Any) -> bool:
    return isinstance(x, RECORDED) and x.dtype.itemsize == 1
