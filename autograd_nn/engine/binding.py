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


def bind(**members: Any) -> None:
    """Give Tensor operators and methods; `members.py` lists them all."""
    for name, member in members.items():
        setattr(Tensor, name, member)


def unary_method(operation: Operation) -> Any:
    """The method of Tensor for an elementwise operation with one input, short for speed."""
    value = operation.value

    def method(self: Tensor) -> Tensor:
        data = value(self._data)
        around = current_scope.get()
        if self._requires_grad and around is not None:
            return new_node(operation, data, (self,), None, around)
        return without_gradient(operation, data, (self,), None, around)

    return _named(method, operation.name, f"Elementwise {operation.symbol} of every element.")


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
    return _named(method, f"__{name}__", text), _named(reflected, f"__r{name}__", text)


def comparison_method(operation: Operation, name: str) -> Any:
    """``__name__`` of Tensor for a comparison or a logical operator, which has no derivative."""
    value = operation.value

    def method(self: Tensor, other: Any) -> Any:
        operand = other._data if type(other) is Tensor else other
        if type(operand) not in CONSTANTS:
            if isinstance(other, (list, tuple)) or (
                hasattr(other, "__array__") and not isinstance(other, (np.ndarray, np.generic))
            ):
                other = operand = np.asarray(other)
            if type(operand) is not _array or operand.dtype.kind not in "fiub":
                return value(self._data, operand)  # as NumPy says of None, text and objects
        data = value(self._data, operand)
        return without_gradient(operation, data, (self, other), None, current_scope.get())

    text = f"``{operation.symbol}`` element by element, recorded as {operation.name}."
    return _named(method, f"__{name}__", text)


def reflected_method(operation: Operation, name: str) -> Any:
    """``__rname__`` of Tensor for such an operator."""

    def method(self: Tensor, other: Any) -> Any:
        return apply(operation, other, self)

    return _named(method, f"__r{name}__", f"``{operation.symbol}``, recorded.")


def _named(method: Any, name: str, text: str) -> Any:
    method.__name__ = name
    method.__qualname__ = f"Tensor.{name}"
    method.__doc__ = text
    return method


def _with_other_kind(operation: Operation, tensor: Tensor, other: Any, reflected: bool) -> Any:
    if is_masked(other):
        refuse_kinds(other)  # it would reach for our data itself
    if isinstance(other, np.ndarray) or (
        not isinstance(other, (list, tuple, np.generic, str, bytes, complex))
        and not hasattr(other, "__array__")
    ):
        return NotImplemented
    constant = as_constant(other, operation)
    return apply(operation, constant, tensor) if reflected else apply(operation, tensor, constant)
