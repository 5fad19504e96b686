"""The neutral view of a graph: plain data that every output format reads. No Tensor reaches it."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

Role = Literal["parameter", "constant", "computed", "operation", "loss", "layer", "group"]
Detail = Literal["plain", "receipt", "ledger", "check"]
Color = Literal["gradient", "value", "time", "bytes", "agreement"]


@dataclass(frozen=True)
class Numbers:
    """What a picture tells of an array: all of it where it is small, else its statistics.

    ``low mean high norm largest`` are of the finite elements, and None where there are none;
    ``not_finite`` counts the others. ``largest`` is the element of the largest size, ``at`` its
    index.
    """

    shape: tuple[int, ...]
    dtype: str
    values: tuple[float, ...] | None
    low: float | None
    mean: float | None
    high: float | None
    norm: float | None
    largest: float | None
    at: tuple[int, ...] | None
    not_finite: int


@dataclass(frozen=True)
class Node:
    """One Tensor, one constant, one layer, or a group of ``count`` nodes that stand together.

    ``label`` is short plain text for showing, ``name`` what the user called it. ``expression`` is
    how it was computed, in labels. ``gradient`` is None where it was not computed, and ``missing``
    says why. ``received`` are the edges whose contributions add up, in this order, to the gradient;
    an edge that shows several stands there once for each.
    ``amount`` is what its shade stands for, and ``told`` its text where the box does not have it.
    """

    id: str
    role: Role
    label: str
    name: str | None = None
    operation: str | None = None
    symbol: str | None = None
    expression: str | None = None
    shape: tuple[int, ...] | None = None
    dtype: str | None = None
    value: Numbers | None = None
    gradient: Numbers | None = None
    missing: str | None = None
    received: tuple[str, ...] = ()
    cluster: str | None = None
    details: tuple[str, ...] = ()
    count: int = 1
    amount: float | None = None
    told: str | None = None


@dataclass(frozen=True)
class Edge:
    """One input of one operation; the gradient flows along it from ``target`` to ``source``.

    Where one end is a group, one edge shows all ``count`` inputs between the two.

    ``derivative`` is the formula of the local derivative where there is one, ``rule`` and
    ``shapes`` say what the operation does with the gradient where that is not one product of
    numbers. ``local``, ``upstream`` and ``contribution`` are None where no gradient flows.
    ``check`` is what differences say of the rule, None where they can say nothing, ``checked`` the
    same in words.
    """

    id: str
    source: str
    target: str
    slot: int
    style: Literal["solid", "dashed"] = "solid"
    derivative: str | None = None
    rule: str | None = None
    shapes: str | None = None
    local: Numbers | None = None
    upstream: Numbers | None = None
    contribution: Numbers | None = None
    note: str | None = None
    count: int = 1
    check: Literal["right", "wrong", "kink"] | None = None
    checked: str | None = None


@dataclass(frozen=True)
class Cluster:
    """The nodes of one layer; ``parent`` is the path of the layer around it."""

    path: str
    label: str
    parent: str | None = None


@dataclass(frozen=True)
class GraphView:
    """A graph for showing: nodes with inputs before their users, and the edges between them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    clusters: tuple[Cluster, ...]
    root: str
    kind: Literal["tensor", "model"] = "tensor"
    detail: Detail = "plain"
    color: Color = "gradient"
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The view as JSON. Numbers that JSON lacks are the strings "NaN", "Infinity", "-Infinity".

        `from_json` gives an equal view back.
        """
        return json.dumps(_strict(asdict(self)), indent=1, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> GraphView:
        """The view that `to_json` wrote."""
        data = json.loads(text)
        return cls(
            nodes=tuple(_read(Node, node) for node in data["nodes"]),
            edges=tuple(_read(Edge, edge) for edge in data["edges"]),
            clusters=tuple(_read(Cluster, cluster) for cluster in data["clusters"]),
            root=data["root"],
            kind=data["kind"],
            detail=data["detail"],
            color=data["color"],
            notes=tuple(data["notes"]),
        )


_NOT_IN_JSON = ("NaN", "Infinity", "-Infinity")
_NUMBERS = {"value", "gradient", "local", "upstream", "contribution"}
_TUPLES = {"shape", "received", "details", "at"}


def _strict(data: Any) -> Any:
    """``data`` with the floats that JSON cannot write as strings."""
    if isinstance(data, dict):
        return {key: _strict(item) for key, item in data.items()}
    if isinstance(data, (list, tuple)):
        return [_strict(item) for item in data]
    if isinstance(data, float) and not math.isfinite(data):
        return "NaN" if math.isnan(data) else "Infinity" if data > 0 else "-Infinity"
    return data


def _read(kind: Any, data: dict[str, Any]) -> Any:
    found = {field.name: data[field.name] for field in fields(kind)}
    for key, item in found.items():
        if item is None:
            continue
        if key in _TUPLES:
            found[key] = tuple(item)
        elif key in _NUMBERS:
            found[key] = _read(Numbers, item)
        elif key == "values":
            found[key] = tuple(float(x) if x in _NOT_IN_JSON else x for x in item)
        elif kind is Numbers and item in _NOT_IN_JSON:
            found[key] = float(item)
    return kind(**found)
