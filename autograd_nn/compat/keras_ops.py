"""``keras.ops``: NumPy's functions with Keras's arguments, and the few that NumPy lacks.

>>> from autograd_nn.keras import ops
>>> ops.sum(ops.square(ops.convert_to_tensor([1.0, 2.0]))).item()
5.0
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from autograd_nn import activations
from autograd_nn.compat import ops_of_arrays, ops_of_control, ops_of_networks
from autograd_nn.compat.ops_of_arrays import cast
from autograd_nn.compat.tensors import RECORDED, convert_to_tensor
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.transforms.own_rules import stop_gradient
from autograd_nn.missing_names import missing, reason_for
from autograd_nn.settings import floatx

_WRITTEN = (ops_of_arrays, ops_of_networks, ops_of_control)
_LINALG = ["cholesky", "det", "eigh", "inv", "matrix_rank", "pinv", "qr", "slogdet", "solve", "svd"]
_SPECIAL = ["erf", "erfc"]
_SAME: dict[str, Callable[..., Any]] = {
    "stop_gradient": stop_gradient,
    "gelu": lambda x, approximate=True: activations.gelu(x, approximate=approximate),
}
_OF_SEVERAL = {"append", "block", "concatenate", "hstack", "stack", "vstack"}


def __getattr__(name: str) -> Any:
    if name in ("linalg", "nn", "numpy"):  # the same names by family
        return sys.modules[__name__]
    found = _found(name)
    if found is None:
        known = [*_LINALG, *_SAME, *(name for module in _WRITTEN for name in module.__all__)]
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
    return _of_tensors(function, name in _OF_SEVERAL)


def _of_tensors(function: Callable[..., Any], takes_lists: bool) -> Callable[..., Any]:
    """The function, with Tensors for arrays and lists of them, so that what comes out is one."""

    def given(x: Any) -> Any:
        if isinstance(x, np.ndarray):
            return convert_to_tensor(x)
        if isinstance(x, (list, tuple)) and any(
            isinstance(part, (*RECORDED, np.ndarray)) for part in x
        ):
            return [convert_to_tensor(part) for part in x] if takes_lists else convert_to_tensor(x)
        return x

    def call(*arguments: Any, **options: Any) -> Any:
        inputs = [given(x) for x in arguments]
        is_wide = any(map(_says_float64, [*inputs, *options.values()]))
        if inputs and not isinstance(inputs[0], (*RECORDED, list, str)):
            inputs[0] = convert_to_tensor(inputs[0])
        options = {key: given(x) for key, x in options.items()}
        if isinstance(options.get("axis"), list):
            options["axis"] = tuple(options["axis"])
        found = function(*inputs, **options)
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


def _says_float64(x: Any) -> bool:
    """Whether it is of float64, or names a dtype."""
    if isinstance(x, (list, tuple)):
        return any(map(_says_float64, x))
    if isinstance(x, (*RECORDED, np.ndarray, np.generic)):
        return bool(x.dtype == np.float64)
    return isinstance(x, (np.dtype, type, str))
