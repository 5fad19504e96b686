"""Shapes of several inputs and outputs, and how they are found where no layer says them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.recording import no_grad
from autograd_nn.engine.structures import flatten, rebuild
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.room import reading

Shape = tuple[int | None, ...]


def flatten_shapes(structure: Any) -> tuple[list[Shape], Any]:
    """Each of the shapes, and what ``rebuild`` puts them back by, as ``flatten`` does of values."""
    shapes: list[Shape] = []

    def outline(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: outline(value) for key, value in part.items()}
        if all(length is None or isinstance(length, (int, np.integer)) for length in part):
            shapes.append(tuple(part))
            return len(shapes) - 1
        return type(part)([outline(value) for value in part])

    return shapes, outline(structure)


def found_by_runs(
    function: Any, values: list[Any], outline: Any, specs: dict[int, tuple[Shape, Any]], name: str
) -> tuple[list[Shape], Any, list[Any]]:
    """The shapes of what a function gives, their structure, and the dtypes, by two runs on zeros.

    A length that differs between the two is one that is not known.

    Parameters   values, outline: what it is called with, as ``flatten`` gives it: the arguments and
                 the keywords
                 specs: by their place, those of the values that zeros stand for: shape and dtype
    """

    def run(length: int) -> tuple[list[Any], Any]:
        given = list(values)
        for place, (shape, dtype) in specs.items():
            lengths = [length if n is None else n for n in shape]
            if (room := reading.get()) is not None:
                room.allow_run(lengths, dtype)
            zeros = np.zeros(lengths, dtype)
            # A list of arrays could be a list of samples.
            given[place] = zeros if len(specs) == 1 else Tensor(zeros, requires_grad=False)
        args, keywords = rebuild(outline, given)
        with no_grad(), undone(), np.errstate(all="ignore"):
            return flatten(function(*args, **keywords))

    (outputs, form), (others, _) = run(2), run(3)
    shapes = []
    for one, two in zip(outputs, others, strict=True):
        if not hasattr(one, "shape"):
            raise ArgumentTypeError(
                f"{name!r} gives {one!r} of type {type(one).__name__}, not a Tensor, so nothing "
                "can be put after it."
            )
        pairs = zip(one.shape, two.shape, strict=True)
        shapes.append(tuple(a if a == b else None for a, b in pairs))
    return shapes, form, [output.dtype for output in outputs]
