"""Where the first NaN, or the first infinity, comes from."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.arrays import columns_bad_in_every_row
from autograd_nn.engine.composing import is_call
from autograd_nn.engine.operation import Operation, part
from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.causes.finding import Cause
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.flows import values_of
from autograd_nn.viz.graph.path import GradientPath, PathLabels
from autograd_nn.viz.wording.saying import in_a_row, say

_TRY: dict[Operation, str] = {
    ops.log: "faults.log_try",
    ops.divide: "faults.divide_try",
    ops.sqrt: "faults.sqrt_try",
    ops.exp: "faults.exp_try",
    ops.power: "faults.power_try",
    ops.matmul: "faults.matmul_try",
}


def first_not_finite(way: GradientPath, labels: PathLabels) -> Cause | None:
    """The first operation that made a NaN (or an infinity), where the loss or dL/dw has one."""
    seen = [way.loss._data, way.gradients.get(way.w)]
    values = [np.asarray(x) for x in seen if x is not None and type(x) is not tuple]
    if all(np.isfinite(x).all() for x in values):
        return None
    nan = any(np.isnan(x).any() for x in values)
    is_bad: Any = np.isnan if nan else _not_finite
    found = _forward(way, is_bad)
    if found is None and nan and (found := _forward(way, _not_finite)) is not None:
        nan, is_bad = False, _not_finite  # the NaN of the gradient comes from an infinite value
    if found is not None:
        return _of_value(*found, nan, is_bad, way, labels)
    for step in way.steps:
        if _bad(step.contribution, is_bad) and not _bad(step.upstream, is_bad):
            return _of_gradient(step, nan, is_bad, way, labels)
    return None


def _not_finite(x: Any) -> Any:
    return ~np.isfinite(x)


def _forward(way: GradientPath, is_bad: Any) -> tuple[Tensor, Any] | None:
    """The first value that is bad while what it was computed from is not."""
    for node in way.order:
        for x in node.inputs:
            if type(x) is not Tensor and x is not None and _bad(x, is_bad):
                return node, x
        if node.operation is not part and _bad(node._data, is_bad):
            return node, None
    return None


def _of_value(
    node: Tensor, constant: Any, nan: bool, is_bad: Any, way: GradientPath, labels: PathLabels
) -> Cause:
    if constant is not None or node.operation is None:
        data = node._data if constant is None else constant
        name = labels.label(node) if constant is None else _constant_name(node, constant, labels)
        if np.ndim(data) == 0:
            x = notation.number(np.asarray(data).item())
            told = say("faults.one_from_start", name=name, x=x)
            return Cause("NaN in the data", told, (), (say("faults.one_from_start_try"),))
        told = say("faults.equation", told=_sentence(_counted(data, is_bad)))
        return Cause(
            "NaN in the data",
            say("faults.nan_from_start" if nan else "faults.infinity_from_start", name=name),
            (in_a_row([told, *_whole_columns(data, is_bad)]),),
            (say("faults.from_start_try"),),
        )
    operation = node.operation
    data = node._data if type(node._data) is not tuple else node._data[0]
    made = {"operation": notation.clean(operation.name), "place": _place(node, labels)}
    counted = _out_of(node, data, is_bad, labels, _sentence(_counted(data, is_bad)))
    evidence = [say("faults.equation", told=counted)]
    if operation is ops.divide:
        evidence = [in_a_row([*evidence, *_whole_columns(data, is_bad)])]
    if nan and (earlier := _forward(way, np.isinf)) is not None and earlier[0] is not node:
        other, constant = earlier
        if constant is None and other.operation is not None:
            evidence.append(
                say(
                    "faults.before_that",
                    operation=notation.clean(other.operation.name),
                    place=_place(other, labels),
                )
            )
            operation = other.operation
    key = "faults.made_nan" if nan else "faults.made_infinity"
    if len(evidence) == 1:
        key = "faults.made_nan_of" if nan else "faults.made_infinity_of"
    return Cause(
        "NaN made by an operation" if nan else "infinite",
        say(key, **made),
        tuple(evidence),
        (_tried(operation),),
        step=next((s for steps in way.uses.values() for s in steps if s.node is node), None),
    )


def _of_gradient(
    step: Contribution, nan: bool, is_bad: Any, way: GradientPath, labels: PathLabels
) -> Cause:
    operation = step.node.operation
    assert operation is not None
    counted = _counted(step.contribution, is_bad)
    evidence = [say("faults.sends", name=labels.label(step.input), counted=counted)]
    suggestions = [_tried(operation)]
    earlier = next((s for s in way.steps if _bad(s.contribution, np.isinf)), step)
    if nan and earlier is not step and type(earlier.node.operation) is Operation:
        other = earlier.node.operation
        evidence.append(
            say(
                "faults.sends_before",
                operation=notation.clean(other.name),
                place=_place(earlier.node, labels),
            )
        )
        suggestions = [_tried(other)]
    elif nan and type(step.upstream) is not tuple and np.any(np.asarray(step.upstream) == 0):
        evidence.append(say("faults.zero_times_infinity"))
        suggestions.append(say("faults.guard_try"))
    return Cause(
        "NaN made by an operation" if nan else "infinite",
        say(
            "faults.rule_nan" if nan else "faults.rule_infinity",
            operation=notation.clean(operation.name),
            place=_place(step.node, labels),
        ),
        tuple(evidence),
        tuple(suggestions),
        step=step,
    )


def _tried(operation: Operation) -> str:
    return say(_TRY.get(operation, "faults.overflow_try"))


def _whole_columns(data: Any, is_bad: Any) -> list[str]:
    """A sentence of the columns that are bad in every row, where there are such."""
    columns = columns_bad_in_every_row(np.asarray(is_bad(data)))
    if not columns.size:
        return []
    shown = ", ".join(map(str, columns[:8])) + (", …" if columns.size > 8 else "")
    return [say("faults.column" if columns.size == 1 else "faults.columns", shown=shown)]


def _bad(data: Any, is_bad: Any) -> bool:
    if type(data) is tuple:
        return any(_bad(x, is_bad) for x in data if x is not None)
    return np.asarray(data).dtype.kind == "f" and bool(is_bad(data).any())


def _counted(data: Any, is_bad: Any) -> str:
    """How many, and where the first is."""
    array = np.asarray(data)
    bad = is_bad(array)
    if array.ndim == 0:
        return say("faults.one_number", x=notation.number(array.item()))
    first = tuple(int(i) for i in np.argwhere(bad)[0])
    n = int(np.count_nonzero(bad))
    return say(
        "faults.counted_one" if n == 1 else "faults.counted",
        n=f"{n:,}",
        elements=notation.count(array.size, "numbers.elements"),
        x=notation.number(array[first].item()),
        place=notation.index(first),
    )


def _out_of(node: Tensor, data: Any, is_bad: Any, labels: PathLabels, counted: str) -> str:
    """And which numbers it was made of, where the operation works element by element."""
    values = values_of(node)
    array = np.asarray(data)
    if any(np.shape(x) not in (array.shape, ()) for x in values) or len(values) > 2:
        return counted
    first = tuple(np.argwhere(is_bad(array))[0]) if array.ndim else ()
    numbers = [notation.number(np.asarray(x)[first if np.ndim(x) else ()].item()) for x in values]
    names = labels.of_inputs(node)
    told = [n if n == x else f"{n} = {x}" for n, x in zip(names, numbers, strict=True)]
    return say("faults.made_of", counted=counted, told=say("steps.and").join(told))


def _constant_name(node: Tensor, constant: Any, labels: PathLabels) -> str:
    slot = next(i for i, x in enumerate(node.inputs) if x is constant)
    return labels.of_inputs(node)[slot]


def _place(node: Tensor, labels: PathLabels) -> str:
    scope = labels.scope(node)
    if scope is None:
        return labels.label(node)
    key = "faults.in_scope" if is_call(node.scope or "") else "faults.of_layer"
    return say(key, label=labels.label(node), scope=scope)


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
