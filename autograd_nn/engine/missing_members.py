"""Members and operators that arrays have and Tensors have not: used, they name the way out."""

from __future__ import annotations

from typing import Any

_WAYS_OUT = {
    "fill": "t.data = np.full(t.shape, v) for a leaf",
    "nbytes": "t.data.nbytes",
    "itemsize": "t.dtype.itemsize",
    "resize": "t.reshape(shape)",
    "sort": "t[np.argsort(t)] for a vector",
}
_WITHOUT_A_WAY = [
    "byteswap",
    "dump",
    "dumps",
    "getfield",
    "imag",
    "partition",
    "put",
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


class MissingMembers:
    """The part of `Tensor` that it has not; an operation's member of the same name comes first."""

    __slots__ = ()


for _name in _WITHOUT_A_WAY:
    setattr(MissingMembers, _name, _Missing(_name, f"t.data.{_name} for a plain result"))
for _name, _way_out in _WAYS_OUT.items():
    setattr(MissingMembers, _name, _Missing(_name, _way_out))
