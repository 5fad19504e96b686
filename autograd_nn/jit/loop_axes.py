"""Over which axes the loops of an elementwise step go."""

from __future__ import annotations

from collections.abc import Sequence

from autograd_nn.jit.folding import Where


def fewest_axes(
    shape: tuple[int, ...], operands: Sequence[tuple[tuple[int, ...], Where]]
) -> tuple[list[int], list[Where]]:
    """As few lengths of loops as will do for operands in this shape, and their places in them.

    Parameters   operands: of each its own shape, and where it is
    """
    places = []
    for own, (base, start, strides) in operands:
        lead = len(shape) - len(own)
        strides = tuple(
            0 if length == 1 else stride for length, stride in zip(own, strides, strict=True)
        )
        places.append((base, start, (0,) * lead + strides))
    axes: list[int] = []
    steps: list[list[int]] = [[] for _ in places]
    for axis, length in enumerate(shape):
        if length == 1:
            continue
        here = [strides[axis] for *_, strides in places]
        if axes and all(s[-1] == h * length for s, h in zip(steps, here, strict=True)):
            axes[-1] *= length
            for s, h in zip(steps, here, strict=True):
                s[-1] = h
        else:
            axes.append(length)
            for s, h in zip(steps, here, strict=True):
                s.append(h)
    return axes, [
        (base, start, tuple(strides))
        for (base, start, _), strides in zip(places, steps, strict=True)
    ]
