"""One small call of every method and operator of arrays that has a derivative, and of keywords
and forms in which NumPy's functions are used; see `functions`."""

from __future__ import annotations

import copy
import operator
from typing import Any

import numpy

from tests.numpy_coverage.functions import MASK, PLACES, POINT, B, Call

TO_TIES = POINT - numpy.minimum(POINT, 50 / 64)  # taken off, the two largest are equal
GIVEN = numpy.zeros((3, 4))  # for `out=`


def set_item(np: Any, x: Any) -> Any:
    y = x * 1
    y[1] = x[0] * x[2]
    return y


METHODS: dict[str, Call] = {
    ".T": lambda np, x: x.T,
    ".mT": lambda np, x: x.mT,
    ".__abs__": lambda np, x: abs(x - 0.5),
    ".__add__": lambda np, x: x + x[0],
    ".__radd__": lambda np, x: 2.0 + x,
    ".__sub__": lambda np, x: x - x[0],
    ".__rsub__": lambda np, x: 2.0 - x,
    ".__mul__": lambda np, x: x * x[0],
    ".__rmul__": lambda np, x: 2.0 * x,
    ".__truediv__": lambda np, x: x / x[0],
    ".__rtruediv__": lambda np, x: 2.0 / x,
    ".__pow__": lambda np, x: x ** x[0],
    ".__rpow__": lambda np, x: 2.0**x,
    ".__mod__": lambda np, x: (5 * x[:2] - 2) % x[1:],
    ".__rmod__": lambda np, x: 2.0 % x,
    ".__divmod__": lambda np, x: divmod(5 * x[:2] - 2, x[1:]),
    ".__rdivmod__": lambda np, x: divmod(2.0, x),
    ".__matmul__": lambda np, x: x @ x.T,
    ".__rmatmul__": lambda np, x: B.T.tolist() @ x,
    ".__neg__": lambda np, x: -x,
    ".__pos__": lambda np, x: +x,
    ".__getitem__": lambda np, x: x[1],
    ".__iter__": lambda np, x: list(x),
    ".__copy__": lambda np, x: copy.copy(x),
    ".__deepcopy__": lambda np, x: copy.deepcopy(x),
    ".astype": lambda np, x: x.astype("float32"),
    ".clip": lambda np, x: x.clip(0.3, 0.7),
    ".compress": lambda np, x: x.compress([True, False, True], axis=0),
    ".conj": lambda np, x: x.conj(),
    ".conjugate": lambda np, x: x.conjugate(),
    ".copy": lambda np, x: x.copy(),
    ".cumprod": lambda np, x: x.cumprod(axis=1),
    ".cumsum": lambda np, x: x.cumsum(axis=1),
    ".diagonal": lambda np, x: x.diagonal(),
    ".flatten": lambda np, x: x.flatten(),
    ".max": lambda np, x: x.max(axis=1),
    ".mean": lambda np, x: x.mean(axis=1),
    ".min": lambda np, x: x.min(axis=1),
    ".prod": lambda np, x: x.prod(axis=1),
    ".ravel": lambda np, x: x.ravel(),
    ".squeeze": lambda np, x: x[None].squeeze(),
    ".std": lambda np, x: x.std(axis=1),
    ".sum": lambda np, x: x.sum(axis=1),
    ".trace": lambda np, x: x.trace(),
    ".transpose": lambda np, x: x.transpose(),
    ".var": lambda np, x: x.var(axis=1),
    ".real": lambda np, x: x.real,
    ".flat": lambda np, x: [x.flat[5], *x.flat],
    ".dot": lambda np, x: x.dot(x[0]),
    ".repeat": lambda np, x: x.repeat(2, axis=0),
    ".reshape": lambda np, x: x.reshape((2, 6)),
    ".swapaxes": lambda np, x: x.swapaxes(0, 1),
    ".take": lambda np, x: x.take(PLACES, axis=1),
    ".view": lambda np, x: x.view(),
    ".__iadd__": lambda np, x: operator.iadd(x * 1, x[0]),
    ".__isub__": lambda np, x: operator.isub(x * 1, x[0]),
    ".__imul__": lambda np, x: operator.imul(x * 1, x[0]),
    ".__itruediv__": lambda np, x: operator.itruediv(x * 1, x[0]),
    ".__ipow__": lambda np, x: operator.ipow(x * 1, x[0]),
    ".__imod__": lambda np, x: operator.imod(5 * x[:2] - 2, x[1:]),
    ".__setitem__": set_item,
}


def reduction(name: str, initial: bool = True, dtype: bool = True) -> dict[str, Call]:
    """The keywords that one reduction has; of max and min ``where`` wants an ``initial``."""
    start = {} if dtype else {"initial": 0.25}
    forms: dict[str, Call] = {
        f"{name}(axis=1)": lambda np, x: getattr(np, name)(x, axis=1),
        f"{name}(axis=tuple)": lambda np, x: getattr(np, name)(x[None], axis=(0, 2)),
        f"{name}(keepdims)": lambda np, x: getattr(np, name)(x, axis=1, keepdims=True),
        f"{name}(where)": lambda np, x: getattr(np, name)(x, where=MASK, **start),
    }
    if initial:
        forms[f"{name}(initial)"] = lambda np, x: getattr(np, name)(x, axis=1, initial=0.75)
    if dtype:
        forms[f"{name}(dtype)"] = lambda np, x: getattr(np, name)(x, dtype="float32")
    forms[f"{name}(out)"] = lambda np, x: getattr(np, name)(x, axis=0, out=numpy.zeros(4))
    return forms


FORMS: dict[str, Call] = {
    **reduction("sum"),
    **reduction("mean", initial=False),
    **reduction("prod"),
    **reduction("max", dtype=False),
    **reduction("min", dtype=False),
    **reduction("var", initial=False),
    **reduction("std", initial=False),
    "var(ddof=1)": lambda np, x: np.var(x, axis=1, ddof=1),
    "var(correction=1)": lambda np, x: np.var(x, axis=1, correction=1),
    "std(ddof=1)": lambda np, x: np.std(x, axis=1, ddof=1),
    "std(correction=1)": lambda np, x: np.std(x, axis=1, correction=1),
    "clip(a_min=,a_max=)": lambda np, x: np.clip(x, a_min=0.3, a_max=0.7),
    "clip(min=,max=)": lambda np, x: np.clip(x, min=0.3, max=0.7),
    "clip(x, None, hi)": lambda np, x: np.clip(x, None, 0.7),
    "clip(array limits)": lambda np, x: np.clip(x, B[0] / 2, B[1]),
    "clip(differentiable limits)": lambda np, x: np.clip(x, x[0] / 2, x[1] + 0.1),
    "reshape(order='F')": lambda np, x: np.reshape(x, (2, 6), order="F"),
    "ravel(order='F')": lambda np, x: np.ravel(x, order="F"),
    "x.reshape(4,3)": lambda np, x: x.reshape(4, 3),
    "x.reshape(-1)": lambda np, x: x.reshape(-1),
    "reshape(shape=)": lambda np, x: np.reshape(x, shape=(2, 6)),
    "transpose(axes=)": lambda np, x: np.transpose(x, axes=(1, 0)),
    "x.transpose(2,0,1)": lambda np, x: x[None].transpose(2, 0, 1),
    "concatenate(axis=None)": lambda np, x: np.concatenate([x, x[0]], axis=None),
    "concatenate(axis=-1)": lambda np, x: np.concatenate([x, B], axis=-1),
    "concatenate(dtype=)": lambda np, x: np.concatenate([x, B], dtype="float32"),
    "concatenate(out=)": lambda np, x: np.concatenate([x[:1], x[1:]], out=GIVEN.copy()),
    "stack(axis=-1)": lambda np, x: np.stack([x, B], axis=-1),
    "stack(dtype=)": lambda np, x: np.stack([x, B], dtype="float32"),
    "split(list, axis=1)": lambda np, x: np.split(x, [1, 3], axis=1),
    "squeeze(axis=tuple)": lambda np, x: np.squeeze(x[None, :, None], axis=(0, 2)),
    "expand_dims(axis=tuple)": lambda np, x: np.expand_dims(x, axis=(0, 2)),
    "broadcast_to(subok)": lambda np, x: np.broadcast_to(x, (2, 3, 4), subok=True),
    "copy(order='F')": lambda np, x: np.copy(x, order="F"),
    "exp(out=)": lambda np, x: np.exp(x, out=GIVEN.copy()),
    "exp(where=)": lambda np, x: np.exp(x, where=MASK),
    "exp(dtype=)": lambda np, x: np.exp(x, dtype="float32"),
    "add(out=)": lambda np, x: np.add(x, B, out=GIVEN.copy()),
    "add(where=)": lambda np, x: np.add(x, B, where=MASK),
    "add(dtype=)": lambda np, x: np.add(x, B, dtype="float32"),
    "add.reduce": lambda np, x: np.add.reduce(x),
    "add.accumulate": lambda np, x: np.add.accumulate(x),
    "multiply.outer": lambda np, x: np.multiply.outer(x[0], x[1]),
    "multiply.reduce": lambda np, x: np.multiply.reduce(x),
    "maximum.reduce": lambda np, x: np.maximum.reduce(x),
    "logaddexp.reduce": lambda np, x: np.logaddexp.reduce(x),
    "matmul 1-d @ 1-d": lambda np, x: np.matmul(x[0], x[1]),
    "matmul 1-d @ n-d": lambda np, x: np.matmul(x[:, 0], x),
    "matmul n-d @ 1-d": lambda np, x: np.matmul(x, x[0]),
    "matmul batch broadcast": lambda np, x: np.matmul(x, np.stack([x.T, B.T])),
    "dot n-d, m-d": lambda np, x: np.dot(x, np.stack([x.T, B.T])),
    "dot scalar": lambda np, x: np.dot(x, 2.0),
    "x[int]": lambda np, x: x[1],
    "x[...,None]": lambda np, x: x[..., None],
    "x[::-1, 1:]": lambda np, x: x[::-1, 1:],
    "x[bool mask]": lambda np, x: x[MASK],
    "x[int array] (repeated)": lambda np, x: x[numpy.array([2, 0, 0])],
    "x[arr, arr]": lambda np, x: x[numpy.array([2, 0, 0]), numpy.array([1, 3, 3])],
    "x[:, arr]": lambda np, x: x[:, PLACES],
    "x[ix_]": lambda np, x: x[numpy.ix_([2, 0], [1, 3])],
    "x[list]": lambda np, x: x[[2, 0, 0]],
    "x[-1, ...]": lambda np, x: x[-1, ...],
    "x[True]": lambda np, x: x[True],
    "x[mask1d, :]": lambda np, x: x[numpy.array([True, False, True]), :],
    "mean()": lambda np, x: x.mean(),
    # Two share the largest value, so differences to both sides give half to each.
    "max ties": lambda np, x: np.max(x - TO_TIES),
}
