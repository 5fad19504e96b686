"""Taking elements out, putting them in, and choosing between two arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd_nn.engine.applying import apply, as_constant
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.observing import Watched
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.masks import chosen
from autograd_nn.engine.recording import looked
from autograd_nn.engine.tensor import Tensor


def _getitem(x: Any, key: Any) -> Any:
    return x[key]


def _scatter(g: Any, key: Any, shape: Any) -> Any:
    out = np.zeros(shape, g.dtype)
    if _takes_each_once(key):
        out[key] = g
    else:
        np.add.at(out, key, g)  # an element taken twice gets both gradients
    return out


def _takes_each_once(key: Any) -> bool:
    keys = key if isinstance(key, tuple) else (key,)
    arrays = [k for k in keys if isinstance(k, np.ndarray)]
    return not arrays or (len(arrays) == 1 and arrays[0].dtype.kind == "b")


getitem = Operation(
    "getitem",
    symbol="[·]",
    value=_getitem,
    gradients=(lambda g, out, x, key: scatter(g, key=key, shape=x.shape),),
)

# The other way round: zeros of ``shape`` with ``g`` added at ``key``. Each is the other's gradient.
scatter: Operation = Operation(
    "scatter",
    value=_scatter,
    gradients=(lambda g, out, x, key, shape: g[key],),
)


def _set_at(x: Any, v: Any, key: Any) -> Any:
    out = np.array(x)
    out[key] = v
    return out


def _survivors(shape: Any, key: Any) -> Any:
    """Which of the values set are still there: of several for one place only the last."""
    numbers = np.full(shape, -1)
    own = np.arange(numbers[key].size).reshape(numbers[key].shape)
    numbers[key] = own
    return numbers[key] == own


set_at: Operation = Operation(
    "set_at",
    symbol="[·]=",
    value=_set_at,
    gradients=(
        lambda g, out, x, v, key: set_at(g, 0, key=key),
        lambda g, out, x, v, key: (
            g[key] if _takes_each_once(key) else chosen(_survivors(out.shape, key), g[key])
        ),
    ),
)


def _add_at(x: Any, v: Any, key: Any) -> Any:
    out = np.array(x)
    np.add.at(out, key, v)
    return out


add_at = Operation(
    "add_at",
    symbol="[·]+=",
    value=_add_at,
    gradients=(lambda g, out, x, v, key: g, lambda g, out, x, v, key: g[key]),
)

# A gradient of exactly 0 goes to the branch not taken; what lies behind that branch may still make
# NaN of it (0·∞): guard its argument with a second where.
where = Operation(
    "where",
    value=np.where,
    gradients=(
        None,
        lambda g, out, condition, x, y: chosen(condition, g),
        lambda g, out, condition, x, y: np.where(condition, 0, g),
    ),
)


def _plain_key(key: Any) -> Any:
    """An index without Tensors and lists, and with arrays that nobody else can change."""
    if type(key) is tuple:
        return tuple(_plain_key(k) for k in key)
    if type(key) is Tensor:
        looked("an index")
        key = key._data
    if isinstance(key, list):
        key = np.array(key, dtype=np.intp if not key else None)
    elif type(key) is Watched:
        key = np.asarray(key)
    if isinstance(key, np.ndarray):
        if key.dtype.kind not in "iub":
            raise ArgumentTypeError(
                f"An index must be made of integers, slices or booleans, got an array of "
                f"{key.dtype}. Convert it with .astype(int)."
            )
        return key.copy()
    return key


def _item(self: Tensor, key: Any) -> Any:
    """The elements at ``key``, as NumPy's indexing."""
    return apply(getitem, self, key=_plain_key(key))


def _iterate(self: Tensor) -> Iterator[Tensor]:
    return (self[position] for position in range(len(self)))


class _At:
    """``t.at[index]``: recorded assignment to elements."""

    __slots__ = ("_key", "_tensor")

    def __init__(self, tensor: Tensor, key: Any = None) -> None:
        self._tensor = tensor
        self._key = key

    def __getitem__(self, key: Any) -> _At:
        return _At(self._tensor, _plain_key(key))

    def set(self, values: Any) -> Any:
        """A new Tensor with ``values`` at the index."""
        return apply(set_at, self._tensor, self._fitting(values), key=self._key)

    def add(self, values: Any) -> Any:
        """A new Tensor with ``values`` added at the index; repeated places add up."""
        return apply(add_at, self._tensor, self._fitting(values), key=self._key)

    def _fitting(self, values: Any) -> Any:
        """Values that would not be cut off to integers."""
        if isinstance(values, (list, tuple)):
            values = as_constant(values, set_at)
        kind = values.dtype.kind if hasattr(values, "dtype") else "f" * isinstance(values, float)
        if kind == "f" and self._tensor.dtype.kind != "f":
            raise ArgumentTypeError(
                f"Floating-point values do not fit into a Tensor of {self._tensor.dtype}. "
                "Convert it first: t.astype(float).at[i].set(v)."
            )
        return values


Tensor.__getitem__ = _item
Tensor.__iter__ = _iterate
Tensor.at = property(_At, doc="Recorded assignment: ``t.at[i].set(v)``, ``t.at[i].add(v)``.")
