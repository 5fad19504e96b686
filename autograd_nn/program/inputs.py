"""The inputs of a program: what a call may replace, and whether what it gives fits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from keyword import iskeyword
from typing import Any

import numpy as np

from autograd_nn import ops
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, suggestion
from autograd_nn.engine.mutation import made_by, source_of
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.tensor import Tensor, described


def named_inputs(inputs: Any) -> dict[str, Any]:
    """``inputs`` by name: a dict, or Tensors that have names."""
    if inputs is None:
        return {}
    if isinstance(inputs, Mapping):
        found = dict(inputs)
    elif isinstance(inputs, Iterable) and not isinstance(inputs, (str, np.ndarray, Tensor)):
        found = {}
        for item in inputs:
            name = item.name if type(item) is Tensor else None
            if name is None:
                raise ArgumentTypeError(
                    "`inputs` must be named: give a dict, inputs={'x': x}, or Tensors with names, "
                    f"got {type(item).__name__} without one."
                )
            found[name] = item
    else:
        raise ArgumentTypeError(
            "`inputs` must be a dict {'x': x} of the Tensors or arrays that a call may replace, "
            f"got {type(inputs).__name__}."
        )
    for name, item in found.items():
        if not isinstance(name, str) or not name.isidentifier() or iskeyword(name):
            raise ArgumentError(
                f"`inputs` has the name {name!r}, by which nothing can be given: program(x=…) "
                "needs names like 'x'."
            )
        if type(item) is not Tensor and type(item) is not np.ndarray:
            raise ArgumentTypeError(
                f"`inputs[{name!r}]` must be the Tensor or array that the loss was computed from, "
                f"got {type(item).__name__}."
            )
    return found


def with_constants(nodes: list[Tensor]) -> list[Tensor]:
    """Nodes and leaves, and the leaves that constants among them were computed from."""
    found = dict.fromkeys(nodes)
    stack = list(nodes)
    while stack:
        computed = made_by(stack.pop())
        for x in computed[1] if computed is not None else ():
            if type(x) is Tensor and x not in found:
                found[x] = None
                stack.append(x)
    return list(found)


def check_found(inputs: Mapping[str, Any], recorded: list[Tensor]) -> None:
    """Refuse an input that could be replaced without any effect."""
    nodes = with_constants(recorded)
    used = {id(node) for node in nodes if node.operation is None}
    for node in nodes:
        _, operands, attributes, _ = made_by(node) or (None, node.inputs, node.attributes, None)
        for x in (source_of(node), *operands, *(attributes or {}).values()):
            used |= {id(x), *(map(id, x) if type(x) is tuple else ())}
    computed = {id(node) for node in nodes if node.operation is not None}
    for name, item in inputs.items():
        if id(item) in computed or id(item) not in used:
            what = described(item) if type(item) is Tensor else f"an array of shape {item.shape}"
            why = (
                "it was computed itself. Give the leaf that it was computed from."
                if id(item) in computed
                else "the loss was not computed from it. Tensor(array) holds a copy: give the "
                "Tensor, or the array where it was used by itself."
            )
            raise ArgumentError(f"`inputs[{name!r}]` is {what}, which a call cannot replace: {why}")


def not_by_name(count: int, names: Iterable[str]) -> ArgumentTypeError:
    """What to answer where data are given without their names."""
    call = ", ".join(f"{name}=…" for name in names)
    way = f"program({call})" if call else "it was made without any, see `inputs` of loss.program"
    return ArgumentTypeError(f"A program takes its inputs by name: {way}; got {count} without.")


def check_complete(function: str, recorded: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Refuse a call of the program of a function that leaves out an input."""
    if left := [name for name in recorded if name not in given]:
        raise ArgumentTypeError(
            f"The program of {function} is called with all inputs of the function by name, got "
            f"none for {', '.join(left)}."
        )


def fitting_inputs(recorded: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The data of all inputs: those given, checked, and for the rest those recorded."""
    found: dict[str, Any] = {}
    for name, x in recorded.items():
        found[name] = x._data if type(x) is Tensor else x
    for name, value in given.items():
        if name not in found:
            raise ArgumentTypeError(
                f"The program has no input {name!r}.{suggestion(name, found)} Name it when the "
                "program is made: loss.program(wrt, inputs={'x': x})."
            )
        like = found[name]
        # What is like the recorded data needs no look: 0.7 µs of a call.
        same = type(value) is type(like) is np.ndarray and value.dtype is like.dtype
        fits = same and value.shape == like.shape
        found[name] = value if fits else _fitting(name, value, like)
    return found


def _fitting(name: str, value: Any, like: Any) -> Any:
    """What was given for an input, in the dtype that was recorded."""
    try:
        array = np.asarray(value._data if type(value) is Tensor else value)
    except ValueError as error:
        raise ShapeError(
            f"`{name}` was recorded with shape {like.shape}, got rows of different lengths."
        ) from error
    if array.dtype.kind not in "biufc":
        got = f"{value!r:.60} ({type(value).__name__})"
        raise ArgumentTypeError(f"`{name}` must hold numbers of {like.dtype}, got {got}.")
    if array.shape == (*like.shape, 1) or like.shape == (*array.shape, 1):
        array = array.reshape(like.shape)  # one column, as losses take it too
    if array.shape != like.shape:
        raise ShapeError(
            f"`{name}` was recorded with shape {like.shape}, got {array.shape}. A program is "
            "made for one shape: record the loss again for another."
        )
    if array.dtype != like.dtype:
        if not np.can_cast(array.dtype, like.dtype, "same_kind"):
            raise ArgumentTypeError(
                f"`{name}` was recorded as {like.dtype}, got {array.dtype}, which would lose "
                f"something on the way. Give {name}.astype(np.{like.dtype})."
            )
        array = array.astype(like.dtype)
    return array if type(like) is np.ndarray else array[()]


def setting_of(optimizer: Any, name: str) -> Any:
    """A number that is given with every call: the learning rate, or which step it is."""
    return optimizer.learning_rate if name == "learning_rate" else optimizer._iterations + 1


class LabelCheck:
    """What is given or lives on and is labels of classes, and how many classes each of them has.

    A planned program compares labels with the classes. Of a label that is none it would make a
    number, where NumPy's own indexing raises an error, or counts from the end.
    """

    def __init__(self, nodes: Iterable[Tensor], inputs: Mapping[str, Any]) -> None:
        names = {id(item): name for name, item in inputs.items()}
        # The name of an input or None, what holds the labels, and the number of classes.
        self.classes = [
            (names.get(id(labels)), labels, node.inputs[0].shape[-1])
            for node in nodes
            if node.operation in OF_LABELS and are_at_hand(labels := node.inputs[1])
        ]

    def check(self, given: Mapping[str, Any]) -> None:
        """Refuse data with a label that is no class.

        Raises       ArgumentError naming the first of them, and where it is
        """
        for name, held, classes in self.classes:
            labels = given[name] if name is not None else held
            if type(labels) is Tensor:
                labels = labels._data
            wrong = np.argwhere((labels < 0) | (labels >= classes))
            if len(wrong):
                where = tuple(wrong[0].tolist())
                raise ArgumentError(
                    f"`{name or 'labels'}` has the label {labels[where]} at index {where}, but "
                    f"with {classes} classes labels are 0 to {classes - 1}."
                )


def are_at_hand(labels: Any) -> bool:
    """Whether labels are looked at before a call, and not where a step has made them."""
    return type(labels) is not Tensor or (labels.operation is None and made_by(labels) is None)


OF_LABELS = (ops.sparse_categorical_cross_entropy, ops.sparse_softmax_cross_entropy)


def _class_labels(labels: Any, classes: int) -> Any:
    wrong = labels[(labels < 0) | (labels >= classes)]
    if wrong.size:
        raise ValueError(
            f"The label {wrong.flat[0]} is no class: with {classes} classes labels are 0 to "
            f"{classes - 1}."
        )
    return labels


# Of a label that is no class a planned program would make a number.
class_labels = Operation("class_labels", value=_class_labels, gradients=(None, None))
