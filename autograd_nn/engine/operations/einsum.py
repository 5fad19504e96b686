"""Sums of products over indices that are named by letters."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.applying import apply
from autograd_nn.engine.errors import ShapeError
from autograd_nn.engine.operation import Operation

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _einsum(*operands: Any, subscripts: str, optimize: Any = False) -> Any:
    return np.einsum(subscripts, *operands, optimize=optimize)


def _einsum_gradient(
    g: Any, out: Any, *operands: Any, subscripts: str, optimize: Any = False
) -> Any:
    return tuple(_of_one(g, slot, operands, subscripts, optimize) for slot in range(len(operands)))


def _of_one(g: Any, slot: int, operands: Any, subscripts: str, optimize: Any) -> Any:
    """The same kind of sum, with ``g`` in the place of the operand.

    An index that nothing else has is one of ones; one that stands twice in the operand, where only
    its diagonal was read, is one of the identity.
    """
    left, _, result = subscripts.partition("->")
    parts = left.split(",")
    x, own = operands[slot], parts[slot].removeprefix("...")
    names, arrays = [f"...{result.removeprefix('...')}"], [g]
    for place, (name, operand) in enumerate(zip(parts, operands, strict=True)):
        if place != slot:
            names.append(name)
            arrays.append(operand)
    known = set("".join(names))
    unused = [letter for letter in _LETTERS if letter not in set(subscripts)]
    wanted = ""
    for letter, n in zip(own, x.shape[x.ndim - len(own) :], strict=True):
        if letter in wanted:
            twin = unused.pop()
            names.append(letter + twin)
            arrays.append(np.eye(n, dtype=x.dtype))
            letter = twin
        elif letter not in known:
            names.append(letter)
            arrays.append(np.ones(n, x.dtype))
        wanted += letter
    return einsum(*arrays, subscripts=f"{','.join(names)}->...{wanted}", optimize=optimize)


einsum: Operation = Operation(
    "einsum",
    symbol="Σ·",
    numpy={np.einsum: lambda *args, **keywords: _np_einsum(*args, **keywords)},
    value=_einsum,
    gradients=_einsum_gradient,
)


def _np_einsum(*args: Any, optimize: Any = False, dtype: Any = None, **keywords: Any) -> Any:
    if isinstance(args[0], str):
        subscripts, operands = args[0], args[1:]
    else:
        subscripts, operands = _from_lists(args)
    if dtype is not None:
        operands = tuple(x.astype(dtype) for x in operands)
    return apply(einsum, *operands, subscripts=spelled_out(subscripts, operands), optimize=optimize)


def _from_lists(args: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """einsum(x, [0, 1], y, [1, 2], [0, 2]) in letters."""
    operands, lists = args[0 : len(args) // 2 * 2 : 2], args[1::2]

    def spelled(places: Any) -> str:
        return "".join("..." if place is ... else _LETTERS[place] for place in places)

    subscripts = ",".join(spelled(places) for places in lists)
    return subscripts + (f"->{spelled(args[-1])}" if len(args) % 2 else ""), operands


def spelled_out(subscripts: str, operands: tuple[Any, ...]) -> str:
    """With a letter for every axis, also for those that three dots stand for, and a result."""
    left, arrow, result = subscripts.replace(" ", "").partition("->")
    parts = left.split(",")
    if len(parts) != len(operands):
        raise ShapeError(
            f"einsum: {subscripts!r} names {len(parts)} operands, got {len(operands)}."
        )
    unused = [letter for letter in _LETTERS if letter not in subscripts]
    hidden = [
        np.ndim(x) - len(part.replace("...", "")) if "..." in part else 0
        for part, x in zip(parts, operands, strict=True)
    ]
    dots = "".join(unused[: max(hidden, default=0)])
    full = [
        part.replace("...", dots[len(dots) - n :]) for part, n in zip(parts, hidden, strict=True)
    ]
    for part, x in zip(full, operands, strict=True):
        if len(part) != np.ndim(x):
            raise ShapeError(f"einsum: {part!r} names {len(part)} axes of shape {np.shape(x)}.")
    if arrow:
        return f"{','.join(full)}->{result.replace('...', dots)}"
    once = sorted(a for a in set("".join(full)) - set(dots) if "".join(full).count(a) == 1)
    return f"{','.join(full)}->{dots}{''.join(once)}"
