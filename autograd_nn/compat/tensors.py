"""Values as TensorFlow takes them: what is written by hand is in single precision."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.placeholder import Placeholder
from autograd_nn.ops import astype

RECORDED = (Tensor, Placeholder)  # an input of a functional model, and what comes of it, stays too


def array_of(value: Any) -> Any:
    """A value as an array; Python's own numbers in single precision, as TensorFlow has them."""
    if type(value) is Tensor:
        return value.numpy()
    array = np.asarray(value)
    if isinstance(value, (int, float, list)) and array.dtype.kind in "fi":
        array = array.astype(np.float32 if array.dtype.kind == "f" else np.int32)
    return array


def convert_to_tensor(value: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A Tensor as it is; numbers, lists and arrays as one that wants no gradient."""
    if isinstance(value, (list, tuple)) and any(isinstance(part, RECORDED) for part in value):
        value = np.stack([convert_to_tensor(part) for part in value])
    if not isinstance(value, RECORDED):
        value = Tensor(array_of(value), requires_grad=False)
    return value if dtype is None or value.dtype == dtype else astype(value, dtype=np.dtype(dtype))


def raw(value: Any) -> Any:
    """Numbers as they are, so that they take the dtype of what stands beside them."""
    return value if isinstance(value, (int, float)) else convert_to_tensor(value)
