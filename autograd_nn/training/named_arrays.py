"""The arrays of a batch by the names that a program knows them by, and put together again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from autograd_nn.data import Data
from autograd_nn.engine.tensor import Tensor
from autograd_nn.several import Masked, Several


def given(x: Any, y: Any, weight: Any) -> dict[str, Any]:
    """The data of a batch by the names that a program knows them by.

    One input is x, several are x_ and their names; so it is with y and sample_weight.
    """
    if type(x) is Several or type(y) is Several:
        return {**_named("x", x), **_named("y", y), **_named("sample_weight", weight)}
    found = {"x": x, "y": y}
    return found if weight is None else {**found, "sample_weight": weight}


def _named(stem: str, arrays: Any) -> dict[str, Any]:
    if type(arrays) is not Several:
        return {} if arrays is None else {stem: arrays}
    return dict(zip(_names(stem, arrays), arrays.arrays, strict=True))


def _names(stem: str, arrays: Several) -> list[str]:
    return [re.sub(r"\W", "_", f"{stem}_{name}") for name in arrays.names]


def regrouped(data: Data, values: Mapping[str, Any]) -> Data:
    """Data with the values by the names of `given` in place of its arrays, None where none is."""

    def part(stem: str, arrays: Any) -> Any:
        if type(arrays) is not Several:
            return values.get(stem)
        found = [values.get(name) for name in _names(stem, arrays)]
        return arrays.like(found)

    return Data(part("x", data.x), part("y", data.y), part("sample_weight", data.weight))


def flat(output: Any) -> list[Any]:
    """The output of a step, or all of several, as a list, a mask behind that which has it."""
    outputs = output.arrays if type(output) is Several else [output]
    return [part for one in outputs for part in (one.parts if type(one) is Masked else [one])]


def grouped(loss: Any, outputs: list[Any]) -> Any:
    """What `flat` gave, as one step gives it."""
    names = getattr(loss, "names", None)
    if len(outputs) > (1 if names is None else len(names) + len(loss.told)):
        found: list[Any] = []
        for one in outputs:
            if one.dtype.kind == "b":
                found[-1] = Masked(found[-1], one)
            else:
                found.append(one)
        outputs = found
    return outputs[0] if names is None else loss.grouped(outputs)


def as_tensors(x: Any) -> Any:
    """An array, or each of several, as a Tensor."""
    return x.like(list(map(Tensor, x.arrays))) if type(x) is Several else Tensor(x)
