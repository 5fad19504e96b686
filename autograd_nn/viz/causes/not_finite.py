"""Where the first NaN, or the first infinity, comes from."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.arrays import whole_columns
from autograd_nn.engine.composing import is_call
from autograd_nn.engine.operation import Operation, part
from autograd_nn.engine.reverse import Contribution
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.causes.finding import Cause
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.flows import values_of
from autograd_nn.viz.graph.path import GradientPath, PathLabels

_TRY: dict[Operation, str] = {
    ops.log: "log is -∞ at 0 and NaN below: log(x + 1e-7), np.clip(x, 1e-7, None), or a loss with "
    "from_logits=True.",
    ops.divide: "The denominator is 0 (or as good as): add a small number to it, or clip it.",
    ops.sqrt: "sqrt has no value below 0 and an infinite slope at 0: sqrt(x + 1e-12).",
    ops.exp: "exp overflows above 709 (88 in float32): subtract the largest first, or use "
    "logsumexp, softmax, sigmoid, which do.",
    ops.power: "A power of 0 or of a negative number: clip the base, or add a small number.",
    ops.matmul: "Values this large overflow: smaller weights, scaled inputs, a smaller "
    "learning rate.",
}
_GUARD = (
    "where(condition, f(x), 0) does not help: 0 · ∞ is NaN. Make the argument harmless first: "
    "f(where(condition, x, 1))."
)
_OVERFLOW = "Look for what makes its inputs so large: weights, inputs, the learning rate."


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
    what = "NaN" if nan else "an infinity"
    if constant is not None or node.operation is None:
        data = node._data if constant is None else constant
        name = labels.label(node) if constant is None else _constant_name(node, constant, labels)
        if np.ndim(data) == 0:
            told = f"{name} is {notation.number(np.asarray(data).item())} from the start"
            return Cause("NaN in the data", told, (), ("Look where that number comes from.",))
        columns = whole_columns(np.asarray(is_bad(data)))
        return Cause(
            "NaN in the data",
            f"{name} holds {what} from the start",
            (f"{_sentence(_counted(data, is_bad))}. {columns}".strip(),),
            ("Find the rows: np.argwhere(~np.isfinite(x)); leave them out, or fill them in.",),
        )
    operation = node.operation
    data = node._data if type(node._data) is not tuple else node._data[0]
    made = f"{notation.clean(operation.name)} in {_place(node, labels)}"
    evidence = [f"{_sentence(_counted(data, is_bad))}{_out_of(node, data, is_bad, labels)}."]
    if operation is ops.divide:
        evidence = [f"{evidence[0]} {whole_columns(np.asarray(is_bad(data)))}".strip()]
    if nan and (earlier := _forward(way, np.isinf)) is not None and earlier[0] is not node:
        other, constant = earlier
        if constant is None and other.operation is not None:
            evidence.append(
                f"Before that, {notation.clean(other.operation.name)} in {_place(other, labels)} "
                "made an infinity, and ∞ - ∞ and 0 · ∞ are NaN."
            )
            operation = other.operation
    return Cause(
        "NaN made by an operation" if nan else "infinite",
        f"{made} made {what} of finite numbers" if len(evidence) == 1 else f"{made} made {what}",
        tuple(evidence),
        (_TRY.get(operation, _OVERFLOW),),
        step=next((s for steps in way.uses.values() for s in steps if s.node is node), None),
    )


def _of_gradient(
    step: Contribution, nan: bool, is_bad: Any, way: GradientPath, labels: PathLabels
) -> Cause:
    operation = step.node.operation
    assert operation is not None
    what = "NaN" if nan else "an infinity"
    evidence = [
        "All values are finite. Of the gradient that it sends to "
        f"{labels.label(step.input)}, {_counted(step.contribution, is_bad)}."
    ]
    suggestions = [_TRY.get(operation, _OVERFLOW)]
    earlier = next((s for s in way.steps if _bad(s.contribution, np.isinf)), step)
    if nan and earlier is not step and type(earlier.node.operation) is Operation:
        other = earlier.node.operation
        evidence.append(
            f"Before that, {notation.clean(other.name)} in {_place(earlier.node, labels)} sends an "
            "infinite gradient, and 0 · ∞ is NaN."
        )
        suggestions = [_TRY.get(other, _OVERFLOW)]
    elif nan and type(step.upstream) is not tuple and np.any(np.asarray(step.upstream) == 0):
        evidence.append("There the gradient from above is 0 and the slope infinite: 0 · ∞ is NaN.")
        suggestions.append(_GUARD)
    return Cause(
        "NaN made by an operation" if nan else "infinite",
        f"the gradient rule of {notation.clean(operation.name)} in {_place(step.node, labels)} "
        f"makes {what}",
        tuple(evidence),
        tuple(suggestions),
        step=step,
    )


def _bad(data: Any, is_bad: Any) -> bool:
    if type(data) is tuple:
        return any(_bad(x, is_bad) for x in data if x is not None)
    return np.asarray(data).dtype.kind == "f" and bool(is_bad(data).any())


def _counted(data: Any, is_bad: Any) -> str:
    """How many, and where the first is."""
    array = np.asarray(data)
    bad = is_bad(array)
    if array.ndim == 0:
        return f"the one number is {notation.number(array.item())}"
    first = tuple(int(i) for i in np.argwhere(bad)[0])
    return (
        f"{np.count_nonzero(bad):,} of {notation.count(array.size, 'numbers.elements')} "
        f"{'is' if np.count_nonzero(bad) == 1 else 'are'} not a finite number, the first "
        f"({notation.number(array[first].item())}) at {notation.index(first)}"
    )


def _out_of(node: Tensor, data: Any, is_bad: Any, labels: PathLabels) -> str:
    """Which numbers it was made of, where the operation works element by element."""
    values = values_of(node)
    array = np.asarray(data)
    if any(np.shape(x) not in (array.shape, ()) for x in values) or len(values) > 2:
        return ""
    first = tuple(np.argwhere(is_bad(array))[0]) if array.ndim else ()
    numbers = [notation.number(np.asarray(x)[first if np.ndim(x) else ()].item()) for x in values]
    names = labels.of_inputs(node)
    told = [n if n == x else f"{n} = {x}" for n, x in zip(names, numbers, strict=True)]
    return f", made of {' and '.join(told)}"


def _constant_name(node: Tensor, constant: Any, labels: PathLabels) -> str:
    slot = next(i for i, x in enumerate(node.inputs) if x is constant)
    return labels.of_inputs(node)[slot]


def _place(node: Tensor, labels: PathLabels) -> str:
    scope = labels.scope(node)
    if scope is None:
        return labels.label(node)
    where = f"in {scope}" if is_call(node.scope or "") else f"of layer {scope}"
    return f"{labels.label(node)} {where}"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
