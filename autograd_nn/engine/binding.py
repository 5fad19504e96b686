"""Operators and methods of Tensor made from operations: the hot path, written for speed.

They do what `apply` does for the commonest cases. Closures over the value function save the
argument tuples of a general call: measure (`python -m benchmarks`) before changing.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd_nn.engine.applying import (
    CONSTANTS,
    apply,
    as_constant,
    explained,
    without_gradient,
)
from autograd_nn.engine.conversion import is_masked, refuse_kinds
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.recording import current_scope
from autograd_nn.engine.tensor import Tensor, new_node

_array = np.ndarray


def unary_method(operation: Operation) -> Any:
    """The method of Tensor for an elementwise operation with one input, short for speed."""
    value = operation.value

    def method(self: Tensor) -> Tensor:
        data = value(self._data)
        around = current_scope.get()
        if self._requires_grad and around is not None:
            return new_node(operation, data, (self,), None, around)
        return without_gradient(operation, data, (self,), None, around)

    return named(method, operation.name, f"Elementwise {operation.symbol} of every element.")


def binary_methods(operation: Operation, name: str) -> tuple[Any, Any]:
    """``__name__`` and ``__rname__`` of Tensor for an operator, short for speed."""
    value = operation.value

    def method(self: Tensor, other: Any) -> Any:
        wants = self._requires_grad
        if type(other) is Tensor:
            operand = other._data
            wants = wants or other._requires_grad
        elif type(other) in CONSTANTS:
            if type(other) is _array and other.dtype.kind not in "fiub":
                return _with_other_kind(operation, self, other, reflected=False)
            operand = other
        else:
            return _with_other_kind(operation, self, other, reflected=False)
        try:
            data = value(self._data, operand)
        except ValueError as error:
            raise explained(operation, (self._data, operand), error) from None
        around = current_scope.get()
        if wants and around is not None:
            return new_node(operation, data, (self, other), None, around)
        return without_gradient(operation, data, (self, other), None, around)

    def reflected(self: Tensor, other: Any) -> Any:
        if type(other) not in CONSTANTS:
            return _with_other_kind(operation, self, other, reflected=True)
        try:
            data = value(other, self._data)
        except ValueError as error:
            raise explained(operation, (other, self._data), error) from None
        around = current_scope.get()
        if self._requires_grad and around is not None:
            return new_node(operation, data, (other, self), None, around)
        return without_gradient(operation, data, (other, self), None, around)

    text = f"``{operation.symbol}``, recorded as {operation.name}."
    return named(method, f"__{name}__", text), named(reflected, f"__r{name}__", text)


def named(method: Any, name: str, text: str) -> Any:
    """A method as it is called and explained."""
    method.__name__ = name
    method.__qualname__ = f"Tensor.{name}"
    method.__doc__ = text
    return method


def _with_other_kind(operation: Operation, tensor: Tensor, other: Any, reflected: bool) -> Any:
    if is_masked(other):
        refuse_kinds(other)  # it would reach for our data itself
    if (
        isinstance(other, np.ndarray)
        or hasattr(type(other), "apply_operation")
        or (
            not isinstance(other, (list, tuple, np.generic, str, bytes, complex))
            and not hasattr(other, "__array__")
        )
    ):
        return NotImplemented
    constant = as_constant(other, operation)
    return apply(operation, constant, tensor) if reflected else apply(operation, tensor, constant)
