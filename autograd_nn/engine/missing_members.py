"""Members and operators that arrays have and Tensors have not: used, they name the way out."""

from __future__ import annotations

from typing import Any

from autograd_nn.engine.errors import ArgumentTypeError

_WAYS_OUT = {
    "fill": "t.data = np.full(t.shape, v) for a leaf",
    "flat": "t.ravel()",
    "nbytes": "t.data.nbytes",
    "itemsize": "t.dtype.itemsize",
    "real": "t itself: a Tensor holds real numbers",
    "resize": "t.reshape(shape)",
    "sort": "t[np.argsort(t)] for a vector",
    "take": "t[positions]",
    "diagonal": "t[np.arange(n), np.arange(n)]",
    "trace": "t[np.arange(n), np.arange(n)].sum()",
    "repeat": "t[np.repeat(np.arange(len(t)), n)]",
    "var": "((t - t.mean()) ** 2).mean()",
    "std": "np.sqrt(((t - t.mean()) ** 2).mean())",
    "view": "t.reshape(shape), t.astype(dtype)",
}
_WITHOUT_A_WAY = [
    "byteswap",
    "choose",
    "compress",
    "conj",
    "conjugate",
    "cumprod",
    "cumsum",
    "dump",
    "dumps",
    "getfield",
    "imag",
    "partition",
    "argpartition",
    "prod",
    "put",
    "round",
    "searchsorted",
    "setfield",
    "setflags",
    "strides",
    "tobytes",
    "tofile",
]


class _Missing:
    """An attribute that is not there, with a word about it."""

    def __init__(self, name: str, way_out: str) -> None:
        self._text = f"A Tensor has no `{name}`. Use {way_out}."

    def __get__(self, tensor: Any, owner: Any = None) -> Any:
        raise AttributeError(self._text)


def _refused(sign: str, way_out: str) -> Any:
    def method(self: Any, *_: Any) -> Any:
        raise ArgumentTypeError(f"{sign} of a Tensor is not recorded. Use {way_out}.")

    return method


class MissingMembers:
    """The part of `Tensor` that it has not; an operation's member of the same name comes first."""

    __slots__ = ()

    __mod__ = __rmod__ = _refused("t % n", "t - n * np.floor(t / n)")
    __floordiv__ = __rfloordiv__ = _refused("t // n", "np.floor(t / n)")
    __divmod__ = __rdivmod__ = _refused(
        "divmod(t, n)", "np.floor(t / n), and t - n * np.floor(t / n)"
    )
    __round__ = _refused("round(t)", "np.rint(t), or np.rint(t * 100) / 100 for two digits")


for _name in _WITHOUT_A_WAY:
    setattr(MissingMembers, _name, _Missing(_name, f"t.data.{_name} for a plain result"))
for _name, _way_out in _WAYS_OUT.items():
    setattr(MissingMembers, _name, _Missing(_name, _way_out))
