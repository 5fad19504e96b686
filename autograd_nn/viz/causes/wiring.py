"""What is put together wrongly between the last layer and the loss, and units that are all equal.

These faults are in how things are connected, not in how large the numbers are: they are there at
the first step and stay, however long one trains.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.tensor import Tensor
from autograd_nn.viz.causes.finding import Cause
from autograd_nn.viz.graph import notation
from autograd_nn.viz.graph.path import PathLabels
from autograd_nn.viz.wording.saying import say

_FROM_LOGITS: dict[Operation, str] = {
    ops.sigmoid_cross_entropy: "sigmoid",
    ops.softmax_cross_entropy: "softmax",
    ops.sparse_softmax_cross_entropy: "softmax",
}
_FROM_PROBABILITIES: dict[Operation, str] = {
    ops.binary_cross_entropy: "sigmoid",
    ops.categorical_cross_entropy: "softmax",
    ops.sparse_categorical_cross_entropy: "softmax",
}
_SQUASHING = (ops.sigmoid, ops.softmax)
_OF_CLASSES = (ops.softmax, ops.log_softmax)
_PASSED_ON = frozenset(
    [ops.reshape, ops.transpose, ops.squeeze, ops.expand_dims, ops.copy, ops.astype, ops.clip]
)
_LIMITED = (ops.relu, ops.tanh)
_PAIRING = (ops.subtract, ops.multiply, ops.add, ops.divide, ops.maximum, ops.minimum)

_NO_MODEL = frozenset(
    [*_FROM_LOGITS, *_FROM_PROBABILITIES, *_SQUASHING, *_OF_CLASSES, *_PASSED_ON, *_LIMITED]
    + [*_PAIRING, ops.mean, ops.sum, ops.log, ops.exp, ops.square, ops.power, ops.absolute]
    + [ops.negative, ops.logsumexp, ops.getitem, ops.where, ops.sqrt, ops.log1p, ops.max]
)
"""What a loss is written with. At anything else, such as a product of matrices, the model begins
that computed the predictions."""


def miswired(
    loss: Tensor, gradients: Mapping[Any, Any], order: Sequence[Tensor], labels: PathLabels
) -> Cause | None:
    """The first fault of these in a recorded loss, None where all is connected as it should be."""
    head = list(_head(loss))
    for look in (_pairs_of_all, _over_examples, _of_one_class, _twice, _no_probability):
        if (found := look(head, labels)) is not None:
            return found
    return _symmetric(order, gradients, labels)


def _head(loss: Tensor) -> Iterator[Tensor]:
    """What lies between the loss and the model, the loss first."""
    seen: set[Tensor] = set()
    waiting = [loss]
    while waiting:
        node = waiting.pop()
        if node in seen or node.operation not in _NO_MODEL:
            continue
        seen.add(node)
        yield node
        inputs = node.inputs[:2] if node.operation in _FROM_LOGITS else node.inputs
        waiting += [x for x in inputs if type(x) is Tensor and x._requires_grad]


def _made(x: Any) -> Any:
    """What computed a value, before its shape or its type was changed."""
    while type(x) is Tensor and x.operation in _PASSED_ON:
        x = x.inputs[0]
    return x


def _operation_of(x: Any) -> Operation | None:
    return x.operation if type(x) is Tensor else None


# ---------------------------------------------------------------------- shapes


def _pairs_of_all(head: Sequence[Tensor], labels: PathLabels) -> Cause | None:
    """Predictions (n, 1) beside targets (n,), or the other way round: (n, n) comes of it."""
    for node in head:
        if node.operation not in _PAIRING or node._data.ndim != 2:
            continue
        x, y = node.inputs[:2]
        shapes = np.shape(_data(x)), np.shape(_data(y))
        n = len(node._data)
        wants = [type(t) is Tensor and t._requires_grad for t in (x, y)]
        if n < 2 or set(shapes) != {(n, 1), (n,)} or wants[0] == wants[1]:
            continue
        first, second = labels.of_inputs(node)[:2]
        told = [notation.shape(shape) for shape in (*shapes, node.shape)]
        flat = shapes.index((n,))

        def paired(*values: Any, node: Tensor = node, flat: int = flat) -> Any:
            values = tuple(
                np.reshape(v, (-1, 1)) if place == flat else v for place, v in enumerate(values)
            )
            return node.operation(*values)  # type: ignore[misc]

        name = (first, second)[flat]
        return Cause(
            "every prediction against every target",
            say(
                "wires.pairs",
                first=first,
                first_shape=told[0],
                second=second,
                second_shape=told[1],
                shape=told[2],
                equation=f"{labels.label(node)} = {labels.expression(node)}",
            ),
            (say("wires.pairs_why", n=f"{n:,}", pairs=f"{n * n:,}"),),
            (say("wires.pairs_try", name=_variable(name)),),
            change=(say("verdict.one_shape"), {node: paired}),
        )
    return None


def _over_examples(head: Sequence[Tensor], labels: PathLabels) -> Cause | None:
    """A softmax along the axis of the examples."""
    for node in head:
        axis = (node.attributes or {}).get("axis", -1)
        divided: Callable[..., Any] | None = None
        if node.operation in _OF_CLASSES and node.ndim > 1:
            found = axis in (0, -node.ndim)
            operation = node.operation

            def divided(z: Any, operation: Any = operation) -> Any:
                return operation(z, axis=-1)
        else:
            found = _axis_of_softmax_by_hand(node) == 0
        if not found or node.shape[0] < 2:
            continue
        name = node.operation.name if node.operation in _OF_CLASSES else "softmax"  # type: ignore[union-attr]
        return Cause(
            "softmax over the examples",
            say(
                "wires.examples",
                name=name,
                where=labels.scope(node) or labels.label(node),
                n=f"{node.shape[0]:,}",
            ),
            (say("wires.examples_why", shape=notation.shape(node.shape)),),
            (say("wires.examples_try", name=name),),
            change=None if divided is None else (say("verdict.last_axis"), {node: divided}),
        )
    return None


def _axis_of_softmax_by_hand(node: Tensor) -> int | None:
    """The axis of e / e.sum(axis), counted from the front, where e is an exponential of rows."""
    if node.operation is not ops.divide or node.ndim < 2:
        return None
    e, total = node.inputs[:2]
    total = _made(total)
    if _operation_of(e) is not ops.exp or _operation_of(total) is not ops.sum:
        return None
    axis, summed = (total.attributes or {}).get("axis"), total.inputs[0]
    # exp(z) / exp(z).sum(), too, where the exponential is written twice.
    is_same = summed is e or (_operation_of(summed) is ops.exp and summed.inputs[0] is e.inputs[0])
    return axis % node.ndim if is_same and isinstance(axis, int) else None


def _of_one_class(head: Sequence[Tensor], labels: PathLabels) -> Cause | None:
    """A softmax over one unit, which is 1 whatever its input is."""
    for node in head:
        z = node
        if node.operation in _FROM_LOGITS and _FROM_LOGITS[node.operation] == "softmax":
            z, axis = node.inputs[0], -1
        elif node.operation in _OF_CLASSES:
            axis = (node.attributes or {}).get("axis", -1)  # or several
        elif (by_hand := _axis_of_softmax_by_hand(node)) is not None:
            axis = by_hand
        else:
            continue
        if not z.ndim or np.take(z.shape, axis).prod() != 1:
            continue
        where = labels.scope(z) or labels.label(z)
        return Cause(
            "constant output",
            say("wires.one_unit", where=where),
            (say("wires.one_unit_why"),),
            (say("wires.one_unit_try"),),
            gain=0.0,
        )
    return None


# ---------------------------------------------------------------------- activations


def _twice(head: Sequence[Tensor], labels: PathLabels) -> Cause | None:
    """Probabilities where a loss wants logits, or an activation right upon another."""
    has_logarithm = any(
        node.operation in _FROM_PROBABILITIES or node.operation is ops.log for node in head
    )
    for node in head:
        second = _FROM_LOGITS.get(node.operation)  # type: ignore[arg-type]
        is_loss = second is not None
        if node.operation in _SQUASHING and has_logarithm:
            second = node.operation.name  # type: ignore[union-attr]
        if second is None:
            continue
        p = _made(node.inputs[0])
        first, logits = _squashing(p)
        if not first or _squashing(_made(p.inputs[0]))[0]:
            continue  # of a longer chain of them nobody means the last two
        where = labels.scope(p) or labels.label(p)
        because = say("wires.twice_loss", first=first, where=where, second=second)
        if not is_loss:
            by = labels.scope(node) or labels.label(node)
            because = say("wires.twice", first=first, where=where, second=second, by=by)
        return Cause(
            "activation applied twice",
            because,
            (_limits(second, node.inputs[0].shape),),
            (say("wires.twice_try"),),
            change=(say("verdict.without_of", name=first, where=where), {p: logits}),
        )
    return None


def _squashing(p: Any) -> tuple[str, Callable[..., Any]]:
    """The name of the activation that made p, in one operation or by hand, and what gives its
    logits from the inputs of p; "" where it is another."""
    if _operation_of(p) in _SQUASHING:
        return p.operation.name, lambda z: z
    if type(p) is not Tensor or p.operation is not ops.divide:
        return "", lambda *_: None
    if p.ndim > 1 and _axis_of_softmax_by_hand(p) == p.ndim - 1:
        return "softmax", lambda e, _: ops.log(e)
    total = p.inputs[1]
    if _operation_of(total) is ops.add and np.array_equal(_data(p.inputs[0]), 1):
        one = [x for x in total.inputs if _operation_of(x) is not ops.exp]
        if len(one) == 1 and np.array_equal(_data(one[0]), 1):
            return "sigmoid", lambda _, total: -ops.log(total - 1)
    return "", lambda *_: None


def _limits(second: str, shape: tuple[int, ...]) -> str:
    """What is left of the range of probabilities."""
    if second == "sigmoid":
        return say("wires.twice_sigmoid")
    classes = shape[-1]
    best = math.e / (math.e + classes - 1)
    least = notation.number(float(-np.log(best)))
    return say("wires.twice_softmax", n=classes, best=notation.number(best), least=least)


def _no_probability(head: Sequence[Tensor], labels: PathLabels) -> Cause | None:
    """A cross-entropy of what no activation made a probability."""
    for node in head:
        operation = node.operation
        wanted = _FROM_PROBABILITIES.get(operation) or _FROM_LOGITS.get(operation)  # type: ignore[arg-type]
        if wanted is None:
            continue
        is_logits = operation in _FROM_LOGITS
        p = _made(node.inputs[0])
        if _operation_of(p) is ops.divide:  # rows scaled to the sum 1
            p = _made(p.inputs[0])
        is_limited = _operation_of(p) in _LIMITED
        if not is_limited and (is_logits or not _is_linear(p)):
            continue
        where = labels.scope(p) or labels.label(p)
        kind = p.operation.name if is_limited else "linear"
        if is_logits:
            is_relu = kind == "relu"
            why = say("wires.logits_relu") if is_relu else say("wires.logits_tanh", kind=kind)
            way = say("wires.logits_try")
        else:
            p_data = np.asarray(p._data)
            outside = float(np.mean((p_data <= 0) | (p_data >= 1)))
            why = say("wires.probabilities_linear", share=f"{outside:.0%}")
            if is_limited:
                why = say("wires.probabilities", kind=kind, share=f"{outside:.0%}")
            way = say("wires.probabilities_try", name=wanted)
        return Cause(
            "last activation",
            say("wires.last", kind=kind, where=where)
            if is_limited
            else say("wires.last_linear", where=where),
            (why,),
            (way,),
            change=(say("verdict.without_it"), {p: lambda z: z})
            if is_logits
            else _with(node, wanted),
        )
    return None


def _is_linear(p: Any) -> bool:
    """The output of a layer without activation: a product of matrices, and maybe a bias."""
    if _operation_of(p) is ops.add:
        p = next((x for x in p.inputs if _operation_of(x) is ops.matmul), None)
    return _operation_of(p) is ops.matmul


def _with(node: Tensor, wanted: str) -> tuple[str, dict[Tensor, Any]]:
    activation = ops.sigmoid if wanted == "sigmoid" else ops.softmax
    p = node.inputs[0]
    made = _made(p)
    if _operation_of(made) is ops.divide:
        p = made

    def activated(*inputs: Any) -> Any:
        return activation(p.operation(*inputs, **(p.attributes or {})))

    return say("verdict.with_activation", name=wanted), {p: activated}


# ---------------------------------------------------------------------- symmetry


def _symmetric(
    order: Sequence[Tensor], gradients: Mapping[Any, Any], labels: PathLabels
) -> Cause | None:
    """A layer whose units have the same weights and get the same gradient: they stay the same."""
    for node in order:
        if node.operation not in (ops.matmul, ops.convolution) or node not in gradients:
            continue
        slot = next((n for n in (1, 0) if _is_weight(node.inputs[n])), None)
        if slot is None:
            continue
        w, g = node.inputs[slot], np.asarray(gradients[node])
        data = w._data if slot == 1 else w._data.T
        if slot == 0:
            g = np.moveaxis(g, 0, -1) if g.ndim > 1 else g
        if data.shape[-1] < 2 or not _all_units_equal(data) or not _all_units_equal(g):
            continue
        units, name = data.shape[-1], labels.label(w)
        value = float(data.flat[0])
        if np.all(data == value):
            key = "wires.symmetric_all" if value else "wires.symmetric_zero"
            told = say(key, name=name, x=notation.number(value))
        else:
            key = "wires.symmetric_each" if value else "wires.symmetric_each_zero"
            told = say(key, name=name)
        rng = np.random.default_rng(0)
        scale = np.sqrt(2 / sum(data.shape))
        drawn = Tensor((scale * rng.standard_normal(w.shape)).astype(w.dtype))
        return Cause(
            "symmetric units",
            say("wires.symmetric", n=units, where=labels.scope(node) or name),
            (told,),
            (say("wires.symmetric_try"),),
            change=(say("verdict.random"), {w: lambda drawn=drawn: drawn}),
        )
    return None


def _is_weight(x: Any) -> bool:
    return type(x) is Tensor and x.operation is None and x._requires_grad and x.ndim > 1


def _all_units_equal(array: Any) -> bool:
    """Whether a row has the same number in every place, but for rounding."""
    if array.ndim < 1 or not array.size or not np.isfinite(array).all():
        return False
    spread = np.ptp(array, axis=-1)
    return bool((spread <= 1e-5 * np.abs(array).max(axis=-1)).all())


def _data(x: Any) -> Any:
    return x._data if type(x) is Tensor else x


def _variable(name: str) -> str:
    return name if name.isidentifier() else "y"
