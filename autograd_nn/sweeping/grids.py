"""The runs of a sweep: every combination of a grid, with every seed."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd_nn.engine.argument_checks import positive_integer
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.sweeping.telling_apart import contents_of, is_by_name


class GridRun(NamedTuple):
    """One run.

    Parameters   name: tells it from all others, and is part of the name of its files
                 for_build, for_fit: its parameters, by who takes them
    """

    name: str
    seed: int
    for_build: dict[str, Any]
    for_fit: dict[str, Any]

    @property
    def parameters(self) -> dict[str, Any]:
        """All of them."""
        return self.for_build | self.for_fit

    def __str__(self) -> str:
        told = {name: getattr(v, "__name__", v) for name, v in self.parameters.items()}
        return ", ".join(
            [*(f"{name}={value}" for name, value in told.items()), f"seed={self.seed}"]
        )


def runs_of(grid: Any, seeds: Any, place: Callable[[str], str]) -> list[GridRun]:
    """The runs in the order of the grid, the last parameter going fastest; the seeds faster still.

    Parameters   place: says of the name of a parameter who takes it, "build" or "fit"
    """
    grids = [grid] if isinstance(grid, Mapping) else grid
    if isinstance(grids, str) or not isinstance(grids, Iterable):
        raise ArgumentTypeError(
            f'`grid` must be a dict such as {{"units": [8, 16]}}, or a list of such dicts, got '
            f"{grid!r} of type {type(grid).__name__}."
        )
    if isinstance(seeds, (int, np.integer)):
        raise ArgumentTypeError(f"`seeds` must be a list: [{seeds}], or range({seeds}).")
    numbers = [positive_integer("seeds", seed, minimum=0) for seed in seeds]
    found: dict[str, GridRun] = {}
    for one in grids:
        columns = [_values(name, values) for name, values in one.items()]
        for combination in itertools.product(*columns):
            parameters = dict(zip(one, combination, strict=True))
            parts: dict[str, dict[str, Any]] = {"build": {}, "fit": {}}
            for name, value in parameters.items():
                parts[place(name)][name] = value
            for seed in numbers:
                name = _name(parameters, seed)
                found[name] = GridRun(name, seed, parts["build"], parts["fit"])
    if not found:
        raise ArgumentError(f"There is nothing to run: `grid` is {grid!r}, `seeds` {seeds!r}.")
    return list(found.values())


def _values(name: str, values: Any) -> list[Any]:
    if isinstance(values, (str, Mapping)) or not isinstance(values, Iterable):
        raise ArgumentTypeError(
            f"`grid[{name!r}]` must be a list of values to try, got {values!r}. "
            f"For this one write [{values!r}]."
        )
    found = [value.item() if isinstance(value, np.generic) else value for value in values]
    for value in found:
        _refuse_shared(name, value)
    return found


def _refuse_shared(name: str, value: Any) -> None:
    """Refuse what all runs would share, and what no name can be given."""
    if isinstance(value, (list, tuple)):
        for part in value:
            _refuse_shared(name, part)
    elif isinstance(value, Mapping):
        for part in value.values():
            _refuse_shared(name, part)
    elif not isinstance(value, (type(None), bool, int, float, str)) and not is_by_name(value):
        raise ArgumentTypeError(
            f"`grid[{name!r}]` has {value!r} of type {type(value).__name__}, which all runs would "
            "share: give numbers, texts, classes or named functions, and make it of them in build."
        )


def _name(parameters: Mapping[str, Any], seed: int) -> str:
    written = json.dumps([contents_of(parameters), seed], sort_keys=True)
    told = "-".join(f"{name}={getattr(v, '__name__', v)}" for name, v in parameters.items())
    told = re.sub(r"[^\w=.-]+", "_", f"{told}-seed={seed}")[:80]
    return f"{told}-{hashlib.sha256(written.encode()).hexdigest()[:12]}"
