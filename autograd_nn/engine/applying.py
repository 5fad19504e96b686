"""Applying an operation: the value computed, and recorded where a gradient is wanted."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine import linear_algebra_errors
from autograd_nn.engine.batched import Batched, OneByOne, row_by_row
from autograd_nn.engine.conversion import refuse_kinds, to_data
from autograd_nn.engine.errors import ArgumentTypeError, AutogradError, ShapeError
from autograd_nn.engine.mutation import Leaf
from autograd_nn.engine.observing import observed
from autograd_nn.engine.operation import Operation, frozen, part, written_to
from autograd_nn.engine.recording import current_scope, numbers_recorded
from autograd_nn.engine.structures import described
from autograd_nn.engine.taking import look_at_failure, remember_how
from autograd_nn.engine.tensor import Tensor, current_watch, new_leaf, new_node

# Operands that stay as they are among the inputs of a node, so that NumPy's promotion rules hold.
CONSTANTS = frozenset(
    [int, float, bool, np.ndarray, np.bool_, np.float64, np.float32, np.float16]
    + [np.dtype(code).type for code in "bBhHiIlLqQ"]
)

_array = np.ndarray


def apply(operation: Operation, *inputs: Any, **attributes: Any) -> Any:
    """Apply an operation: a plain result for plain inputs, a Tensor where a Tensor is among them.

    The result is recorded where an input wants a gradient, or was itself recorded, unless inside
    ``no_grad``.
    """
    if len(inputs) < 3 and inputs and type(inputs[0]) is _array and type(inputs[-1]) is _array:
        try:
            return operation.value(*inputs, **attributes)  # rules do this in every sweep
        except np.linalg.LinAlgError as error:
            raise linear_algebra_errors.explained(error, operation.name) from None
    gradients = operation.gradients
    if isinstance(gradients, tuple):
        if len(inputs) > len(gradients):
            attributes |= _by_name(operation, inputs, attributes)
            inputs = inputs[: len(gradients)]
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
    given = [frozen(x) for x in values] if operation.is_own else values
    try:
        data = operation.value(*given, **attributes)
    except ValueError as error:
        if isinstance(error, np.linalg.LinAlgError) and "dim" not in str(error):
            look_at_failure(operation.name, inputs)
        raise explained(operation, values, written_to(operation, "The value", error)) from None
    except TypeError as error:
        raise _unexpected(operation, attributes, error) from None
    except OneByOne:
        data = row_by_row(operation.value, values, attributes)
    if not any_tensor:
        return data
    if type(data) is tuple:
        return _parts(operation, data, values, inputs, attributes or None)
    data = _as_result(data, values)
    around = current_scope.get()
    if wants and around is not None and data.dtype.kind == "f" and operation.has_rules:
        return new_node(operation, data, inputs, attributes or None, around)
    return without_gradient(operation, data, inputs, attributes or None, around)


# A record knows no Tensor, so it is given its call here.
Operation.__call__ = apply  # type: ignore[assignment, method-assign]


def without_gradient(
    operation: Operation,
    data: Any,
    inputs: tuple[Any, ...],
    attributes: dict[str, Any] | None,
    around: str | None,
    index: int | None = None,
) -> Any:
    """A result that no gradient flows through; of an operation with several, the one at ``index``.

    It is recorded where it depends on what is recorded, so that a program can compute it anew. But
    a single truth, count, share or position is plain: people count with it, index with it, use it
    as a key.
    Where somebody observes everything is recorded, also what depends on constants: they may change.
    """
    kind = data.dtype.kind
    if kind not in "fiub":
        raise _not_real(operation, data)
    if (watch := current_watch()) is not None:
        watch.made(operation, data, inputs)
    is_plain = (
        data.ndim == 0
        and type(data) is not Batched
        and not (kind == "f" and any(type(x) is Tensor and x.dtype.kind == "f" for x in inputs))
    )
    if around is not None and (
        observed() is not None
        or (not is_plain or numbers_recorded.get())
        and [x for x in inputs if type(x) is Tensor and (x._requires_grad or x.operation)]
    ):
        return new_node(operation, data, inputs, attributes, around, False)
    # It shares no memory: it may be written to, like any leaf.
    result = data if is_plain else new_leaf(data if data.base is None else data.copy("K"))
    if around is not None:
        remember_how(result, operation, inputs, attributes, index)
    return result


def _not_real(operation: Operation, data: Any) -> ArgumentTypeError:
    if data.dtype.kind == "O":
        return ArgumentTypeError(
            f"The value of {operation.name} must be an array, a number, or a tuple of these, got "
            f"{described(data[()] if data.ndim == 0 else data)}."
        )
    return ArgumentTypeError(
        f"{operation.name} gave {data.dtype}; a Tensor holds real numbers. "
        "Use t.data for a plain result."
    )


def _with_constants(inputs: tuple[Any, ...], operation: Operation) -> tuple[Any, ...]:
    """The inputs with arrays in place of lists."""
    return tuple(
        x if type(x) is Tensor or type(x) in CONSTANTS or x is None else as_constant(x, operation)
        for x in inputs
    )


def as_constant(operand: Any, operation: Operation) -> Any:
    """A list of numbers as an array; everything else that is not a plain operand is refused."""
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


def copy_of(data: Any, source: Any) -> Tensor:
    """A constant that nobody else holds; a program reads ``source``, the user's array, for it."""
    copied = np.array(data)
    constant = new_leaf(copied if copied.ndim else copied[()])
    constant._leaf = Leaf(source=source)
    return constant


def _as_result(data: Any, values: list[Any]) -> Any:
    """A result is an array of its own, or a NumPy scalar."""
    if type(data) is not np.ndarray:
        if isinstance(data, (np.generic, Batched)):
            return data
        data = np.asarray(data)
    if data.ndim == 0:
        return data if data.dtype.kind == "O" else data[()]
    for value in values:
        # An operation that returns its input would otherwise share the array object, and with it
        # the mark that freezes an interior node's data when it is handed out.
        if data is value:
            return data.view()
    return data


def _parts(
    operation: Operation,
    results: tuple[Any, ...],
    values: list[Any],
    inputs: tuple[Any, ...],
    attributes: dict[str, Any] | None,
) -> tuple[Any, ...]:
    results = tuple(_as_result(data, values) for data in results)
    for data in results:
        if data.dtype.kind not in "fiub":
            raise _not_real(operation, data)
    around = current_scope.get()
    sources = [x for x in inputs if type(x) is Tensor and (x._requires_grad or x.operation)]
    if around is None or not (sources or observed() is not None):
        return tuple(
            without_gradient(operation, data, inputs, attributes, around, index)
            for index, data in enumerate(results)
        )
    wants = operation.has_rules and any(x._requires_grad for x in sources)
    packed = new_node(operation, results, inputs, attributes, around, wants)
    return tuple(
        new_node(part, data, (packed,), {"index": index}, around)
        if wants and data.dtype.kind == "f"
        else without_gradient(part, data, (packed,), {"index": index}, around)
        for index, data in enumerate(results)
    )


def _by_name(
    operation: Operation, given: tuple[Any, ...], attributes: dict[str, Any]
) -> dict[str, Any]:
    """What stands behind the inputs, by the names of the attributes: ``softmax(x, 0)``."""
    count = len(operation.gradients)  # type: ignore[arg-type]
    code = getattr(operation.value, "__code__", None)
    names = code.co_varnames[count : code.co_argcount] if code is not None else ()
    rest = given[count:]
    if len(rest) > len(names) or attributes.keys() & set(names[: len(rest)]):
        takes = f"{count} inputs" + (f" and then {', '.join(names)}" if names else "")
        raise ArgumentTypeError(f"{operation.name} takes {takes}, got {len(given)} arguments.")
    return dict(zip(names, rest, strict=False))


def _unexpected(
    operation: Operation, attributes: dict[str, Any], error: TypeError
) -> ArgumentTypeError | TypeError:
    """Python's refusal of a keyword, which names the value function, with the operation."""
    for name in attributes:
        if f"unexpected keyword argument '{name}'" in str(error):
            return ArgumentTypeError(f"{operation.name} has no argument `{name}`.")
    return error


def explained(operation: Operation, values: Any, error: ValueError) -> Exception:
    """NumPy's ValueError, with the operation and the shapes that it leaves out."""
    if isinstance(error, (AutogradError, np.exceptions.AxisError)):
        return error
    if isinstance(error, np.linalg.LinAlgError) and "dim" not in str(error):
        return linear_algebra_errors.explained(error, operation.name)
    shapes = " and ".join(str(np.shape(value)) for value in values)
    hint = ""
    if operation.name == "matmul":
        hint = " a @ b needs as many columns in a as rows in b."
    symbol = f" ({operation.symbol})" if operation.symbol != operation.name else ""
    return ShapeError(f"{operation.name}{symbol} of shapes {shapes}: {error}.{hint}")
