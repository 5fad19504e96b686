"""``keras.ops``: NumPy's functions with Keras's arguments, and the few that NumPy lacks.

>>> from autograd_nn.keras import ops
>>> ops.sum(ops.square(ops.convert_to_tensor([1.0, 2.0]))).item()
5.0
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd_nn import activations
from autograd_nn.engine.errors import suggestion
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.transforms.own_rules import stop_gradient
from autograd_nn.settings import floatx
from autograd_nn.targets import to_categorical


def convert_to_tensor(x: Any, dtype: Any = None) -> Any:
    """A Tensor as it is; anything else as one that wants no gradient, numbers in `floatx`."""
    if isinstance(x, (list, tuple)) and any(type(part) is Tensor for part in x):
        x = np.stack([convert_to_tensor(part) for part in x])
    if type(x) is not Tensor:
        array = np.asarray(x)
        if not isinstance(x, (np.ndarray, np.generic)) and array.dtype.kind == "f":
            array = array.astype(floatx())
        x = Tensor(array, requires_grad=False)
    return x if dtype is None else cast(x, dtype)


def convert_to_numpy(x: Any) -> np.ndarray[Any, Any]:
    """The values as an array."""
    return convert_to_tensor(x).numpy()


def cast(x: Any, dtype: Any) -> Any:
    """The same in another dtype."""
    tensor = convert_to_tensor(x)
    return tensor if tensor.dtype == np.dtype(dtype) else tensor.astype(np.dtype(dtype))


def shape(x: Any) -> tuple[int, ...]:
    """The lengths of the axes."""
    return tuple(x.shape)


def one_hot(x: Any, num_classes: int, axis: int = -1, dtype: Any = None) -> Any:
    """Integer labels as rows (or along ``axis``) with a 1 at their place."""
    rows = to_categorical(convert_to_numpy(x), num_classes)
    return convert_to_tensor(np.moveaxis(rows, -1, axis), dtype)


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log Σ exp(x), without overflow."""
    from autograd_nn.ops import logsumexp as compute

    return compute(convert_to_tensor(x), axis=axis, keepdims=keepdims)


def norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:
    """A norm of vectors or matrices."""
    return np.linalg.norm(convert_to_tensor(x), ord, axis, keepdims)


_LINALG = ["cholesky", "det", "eigh", "inv", "qr", "solve", "svd"]
_SAME = {"rsqrt": lambda x: 1 / np.sqrt(x), "stop_gradient": stop_gradient}


def __getattr__(name: str) -> Any:
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
    found = globals()[name] = _of_tensors(function)
    return found


def _of_tensors(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with Tensors for arrays and lists of them, so that what comes out is one."""

    def call(*arguments: Any, **options: Any) -> Any:
        given = [_given(x) for x in arguments]
        if given and not isinstance(given[0], (Tensor, list)):
            given[0] = convert_to_tensor(given[0])
        found = function(*given, **options)
        return Tensor(found, requires_grad=False) if isinstance(found, np.ndarray) else found

    return call


def _given(x: Any) -> Any:
    if isinstance(x, np.ndarray):
        return convert_to_tensor(x)
    if isinstance(x, (list, tuple)) and any(isinstance(part, (Tensor, np.ndarray)) for part in x):
        return [convert_to_tensor(part) for part in x]
    return x
