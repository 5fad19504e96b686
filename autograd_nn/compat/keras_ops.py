"""``keras.ops``: NumPy's functions with Keras's arguments, and the few that NumPy lacks.

>>> from autograd_nn.keras import ops
>>> ops.sum(ops.square(ops.convert_to_tensor([1.0, 2.0]))).item()
5.0
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from autograd_nn import activations
from autograd_nn.compat.tensors import RECORDED, convert_to_tensor
from autograd_nn.engine.errors import suggestion
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.transforms.own_rules import stop_gradient
from autograd_nn.layers.placeholder import Placeholder
from autograd_nn.settings import floatx
from autograd_nn.targets import to_categorical


def convert_to_numpy(x: Any) -> np.ndarray[Any, Any]:
    """The values as an array."""
    return convert_to_tensor(x).numpy()


def cast(x: Any, dtype: Any) -> Any:
    """The same in another dtype."""
    return convert_to_tensor(x, dtype)


def shape(x: Any) -> tuple[int, ...]:
    """The lengths of the axes."""
    return tuple(x.shape)


def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None) -> Any:
    """Integer labels as rows (or along ``axis``) with a 1 at their place."""
    if isinstance(x, Placeholder):
        rows = np.equal(np.expand_dims(x, -1), np.arange(num_classes))
        return cast(np.moveaxis(rows, -1, axis), dtype or floatx())
    rows = to_categorical(convert_to_numpy(x), num_classes)
    return convert_to_tensor(np.moveaxis(rows, -1, axis), dtype)


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log Σ exp(x), without overflow."""
    from autograd_nn.ops import logsumexp as compute

    return compute(convert_to_tensor(x), axis=axis, keepdims=keepdims)


def normalize(x: Any, axis: Any = -1, order: Any = 2, epsilon: float | None = None) -> Any:
    """x divided by its norm along an axis, or by ``epsilon`` where that is more."""
    least = np.finfo(np.float32).tiny if epsilon is None else epsilon
    return x / np.maximum(norm(x, order, axis, keepdims=True), least)


def top_k(x: Any, k: int, sorted: bool = True) -> tuple[Any, Any]:
    """The k largest along the last axis, the largest first, and where they stand."""
    x = convert_to_tensor(x)
    places = np.argsort(-x, axis=-1, kind="stable")[..., :k]
    return np.take_along_axis(x, places, -1), convert_to_tensor(places)


def is_tensor(x: Any) -> bool:
    """Whether it is a Tensor, or a placeholder of one."""
    return isinstance(x, RECORDED)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """A norm of vectors or matrices."""
    axis = tuple(axis) if isinstance(axis, list) else axis
    return np.linalg.norm(convert_to_tensor(x), ord, axis, keepdims)


_LINALG = ["cholesky", "det", "eigh", "inv", "qr", "solve", "svd"]
_SAME: dict[str, Callable[..., Any]] = {
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "stop_gradient": stop_gradient,
    "gelu": lambda x, approximate=True: activations.gelu(x, approximate=approximate),
}
_OF_SEVERAL = {"append", "block", "concatenate", "hstack", "stack", "vstack"}


def __getattr__(name: str) -> Any:
    return _found(name)


@cache  # and not as names of this module, where `any` and `sum` would hide Python's own
def _found(name: str) -> Callable[..., Any]:
    function: Callable[..., Any] | None = _SAME.get(name)
    if function is None and name in _LINALG:
        function = getattr(np.linalg, name)
    if function is None and not name.startswith("_"):
        function = getattr(np, name, None)
    if function is None or isinstance(function, type):
        try:
            function = activations.get(name)
        except ValueError:
            known = [*globals(), *_LINALG, *_SAME]
            raise AttributeError(
                f"There is no {name!r} of keras.ops here.{suggestion(name, known)}"
            ) from None
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
        is_by_hand = not any(map(_has_dtype, [*inputs, *options.values()]))
        if inputs and not isinstance(inputs[0], (*RECORDED, list, str)):
            inputs[0] = convert_to_tensor(inputs[0])
        options = {key: given(x) for key, x in options.items()}
        if isinstance(options.get("axis"), list):
            options["axis"] = tuple(options["axis"])
        found = function(*inputs, **options)
        if isinstance(found, np.ndarray):
            found = Tensor(found, requires_grad=False)
        # Numbers by hand, and arrays made from nothing, do not draw a model into float64.
        is_wide = is_by_hand and getattr(found, "dtype", None) == np.float64
        return cast(found, floatx()) if is_wide else found

    return call


def _has_dtype(x: Any) -> bool:
    """Whether it says in which dtype the result is wanted."""
    if isinstance(x, (list, tuple)):
        return any(map(_has_dtype, x))
    return isinstance(x, (*RECORDED, np.ndarray, np.generic, np.dtype, str, type))
