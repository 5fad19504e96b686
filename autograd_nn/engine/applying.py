"""Applying an operation: the value computed, and recorded where a gradient is wanted."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.conversion import refuse_kinds, to_data
from autograd_nn.engine.errors import ArgumentTypeError, AutogradError, ShapeError
from autograd_nn.engine.observing import Watched
from autograd_nn.engine.operation import Operation, part
from autograd_nn.engine.recording import current_looks, current_scope, looked
from autograd_nn.engine.tensor import Tensor, new_leaf, new_node

# Operands that stay as they are among the inputs of a node, so that NumPy's promotion rules hold.
CONSTANTS = frozenset(
    [int, float, bool, np.ndarray, np.bool_, np.float64, np.float32, np.float16]
    + [np.dtype(code).type for code in "bBhHiIlLqQ"]
)

_array = np.ndarray


def apply(operation: Operation, *inputs: Any, **attributes: Any) -> Any:
    """Apply an operation: a plain result for plain inputs, a Tensor where a Tensor is among them.

    The result is recorded where an input wants a gradient, unless inside ``no_grad``.
    """
    if len(inputs) < 3 and inputs and type(inputs[0]) is _array and type(inputs[-1]) is _array:
        return operation.value(*inputs, **attributes)  # rules do this in every sweep
    gradients = operation.gradients
    if type(gradients) is tuple:
        if len(inputs) > len(gradients):
            raise ArgumentTypeError(
                f"{operation.name} takes {len(gradients)} inputs, got {len(inputs)}. "
                "Attributes are given by name."
            )
    elif len(inputs) == 1 and isinstance(inputs[0], (list, tuple)):
        inputs = tuple(inputs[0])
    values: list[Any] = []
    any_tensor = wants = False
    for operand in inputs:
        kind = type(operand)
        if kind is Tensor:
            any_tensor = True
            wants = wants or operand._requires_grad
            values.append(operand._data)
        elif kind in CONSTANTS or operand is None:
            values.append(operand)
        elif hasattr(kind, "apply_operation"):
            # Another kind of value, such as one that writes down what is done to it.
            return operand.apply_operation(operation, inputs, attributes)
        else:
            return apply(operation, *_with_constants(inputs, operation), **attributes)
    try:
        data = operation.value(*values, **attributes)
    except ValueError as error:
        raise explained(operation, values, error) from None
    if not any_tensor:
        return data
    around = current_scope.get()
    # A constant while observing is one that no Tensor changes, so nothing is left out then.
    keep = wants or current_looks.get() is not None
    if type(data) is tuple:
        return _parts(operation, data, inputs, attributes, around if keep else None)
    data = _as_result(data, values)
    if keep and around is not None and data.dtype.kind == "f":
        return new_node(operation, data, inputs, attributes or None, around)
    if wants and data.dtype.kind != "f":
        looked(f"{operation.name} with {data.dtype} values")
    return _constant(operation, data)


# A record knows no Tensor, so it is given its call here.
Operation.__call__ = apply  # type: ignore[assignment, method-assign]


def _with_constants(inputs: tuple[Any, ...], operation: Operation) -> tuple[Any, ...]:
    """The inputs with arrays in place of lists."""
    kinds = {type(x) for x in inputs}
    if Watched in kinds and Tensor not in kinds:
        looked(operation.name)  # the result is a plain array, of which no more is known
    return tuple(
        x if type(x) is Tensor or type(x) in CONSTANTS or x is None else as_constant(x, operation)
        for x in inputs
    )


def as_constant(operand: Any, operation: Operation) -> Any:
    """A list of numbers as an array; everything else that is not a plain operand is refused."""
    if type(operand) is Watched:
        return operand.plain
    if isinstance(operand, (list, tuple)):
        data = to_data(operand)
        return np.asarray(data)
    if isinstance(operand, np.memmap):
        return operand.view(np.ndarray)
    refuse_kinds(operand)
    if type(operand).__module__ != "numpy" and hasattr(operand, "__array__"):
        raise ArgumentTypeError(
            f"{operation.name} takes Tensors, arrays and numbers, got {type(operand).__name__}. "
            "Use np.asarray(x) or x.to_numpy()."
        )
    raise ArgumentTypeError(
        f"{operation.name} takes Tensors, arrays and numbers, got {operand!r} "
        f"of type {type(operand).__name__}."
    )


def _as_result(data: Any, values: list[Any]) -> Any:
    """A result is an array of its own, or a NumPy scalar."""
    if type(data) is not np.ndarray:
        if isinstance(data, np.generic):
            return data
        data = np.asarray(data)
    if data.ndim == 0:
        return data[()]
    for value in values:
        # An operation that returns its input would otherwise share the array object, and with it
        # the mark that freezes an interior node's data when it is handed out.
        if data is value:
            return data.view()
    return data


def _constant(operation: Operation, data: Any) -> Tensor:
    """A result that is not recorded. It shares no memory: it may be written to, like any leaf."""
    if data.dtype.kind not in "fiub":
        raise ArgumentTypeError(
            f"{operation.name} gave {data.dtype}; a Tensor holds real numbers. "
            "Use t.data for a plain result."
        )
    return new_leaf(data if data.base is None else data.copy())


def _parts(
    operation: Operation,
    results: tuple[Any, ...],
    inputs: tuple[Any, ...],
    attributes: dict[str, Any],
    around: str | None,
) -> tuple[Tensor, ...]:
    values = [x._data if type(x) is Tensor else x for x in inputs]
    results = tuple(_as_result(data, values) for data in results)
    if around is None:
        return tuple(_constant(operation, data) for data in results)
    packed = new_node(operation, results, inputs, attributes or None, around)
    for data in results:
        if data.dtype.kind != "f":
            looked(f"{operation.name} with {data.dtype} values")
    return tuple(
        new_node(part, data, (packed,), {"index": index}, around)
        if data.dtype.kind == "f"
        else _constant(operation, data)
        for index, data in enumerate(results)
    )


def explained(operation: Operation, values: Any, error: ValueError) -> Exception:
    """NumPy's ValueError, with the operation and the shapes that it leaves out."""
    if isinstance(error, (AutogradError, np.exceptions.AxisError)):
        return error
    shapes = " and ".join(str(np.shape(value)) for value in values)
    hint = ""
    if operation.name == "matmul":
        hint = " a @ b needs as many columns in a as rows in b."
    symbol = f" ({operation.symbol})" if operation.symbol != operation.name else ""
    return ShapeError(f"{operation.name}{symbol} of shapes {shapes}: {error}.{hint}")
