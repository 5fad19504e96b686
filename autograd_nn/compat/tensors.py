"""Values as TensorFlow and ``keras.ops`` take them: numbers by hand in ``floatx`` and int32."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.placeholder import Placeholder
from autograd_nn.ops import astype
from autograd_nn.samples import array_of
from autograd_nn.settings import floatx

RECORDED = (Tensor, Placeholder)  # an input of a functional model, and what comes of it, stays too


def convert_to_tensor(x: Any, dtype: Any = None, name: str | None = None) -> Any:
    """A Tensor as it is; numbers, lists and arrays as one that wants no gradient.

    An input of a functional model, and what is computed from it, stays what it is too.
    """
    if isinstance(x, (list, tuple)) and any(isinstance(part, RECORDED) for part in x):
        x = np.stack([convert_to_tensor(part) for part in x])
    if not isinstance(x, RECORDED):
        x = Tensor(array_of(x), requires_grad=False)
    if dtype is None or x.dtype == dtype:
        return x
    made = astype(x, dtype=np.dtype(dtype))
    # The engine gives single whole numbers as plain ones, which would have no `numpy()`.
    return made if isinstance(made, RECORDED) else Tensor(made, requires_grad=False)


def raw(value: Any) -> Any:
    """Numbers as they are, so that they take the dtype of what stands beside them."""
    return value if isinstance(value, (int, float)) else convert_to_tensor(value)


def Variable(
    initializer: Any,
    shape: Any = None,
    dtype: Any = None,
    trainable: bool = True,
    name: str | None = None,
) -> Tensor:
    """Keras's variable: a leaf, and where it is trainable a weight of the layer that holds it.

    Parameters   initializer: numbers, or an initializer, and then ``shape``
                 dtype: None takes ``floatx``, or int32 where the numbers are whole
                 trainable: whether it wants a gradient; a weight that does not is made by
                 ``add_weight(…, trainable=False)``, since a Tensor that does not is a constant
    """
    made = initializer(tuple(shape), dtype or floatx()) if callable(initializer) else initializer
    data = np.asarray(array_of(made))
    wanted = dtype or {"f": floatx(), "i": "int32"}.get(data.dtype.kind, data.dtype)
    data = data.astype(wanted)
    return Tensor(data, requires_grad=trainable and data.dtype.kind == "f", name=name)
