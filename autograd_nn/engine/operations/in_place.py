"""Leaves changed in place: ``x += y`` and its kin, and ``x.assign(y)``."""

from __future__ import annotations

from typing import Any

from autograd_nn.engine.conversion import converted, to_data
from autograd_nn.engine.errors import MutationError, ShapeError, StateError
from autograd_nn.engine.mutation import assign, put, source_of
from autograd_nn.engine.observing import noted, observed
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.arithmetic import add, divide, multiply, subtract
from autograd_nn.engine.operations.powers import power
from autograd_nn.engine.recording import current_scope, recording
from autograd_nn.engine.tensor import Tensor, described, new_leaf


def _in_place(operation: Operation, sign: str) -> Any:
    def method(self: Tensor, other: Any) -> Any:
        if self.operation is not None or not self._requires_grad:
            if source_of(self) is not None and noted(f"x {sign}= y"):
                raise StateError(
                    f"x {sign}= y changes an array that was given in place, which a program would "
                    "leave out. Return what is computed."
                )
            return operation(self, other)
        if recording():
            raise StateError(
                f"{described(self)} is a leaf that wants a gradient; x {sign}= step cannot be "
                "recorded. Write `with no_grad(): x "
                f"{sign}= step` to change its data in place, or let an optimizer do it: "
                "SGD(0.1).step([x])."
            )
        assign(self, operation(self, other)._data)
        return self

    method.__doc__ = (
        f"``x {sign}= y``: a new Tensor, or under ``no_grad`` the data of a leaf in place."
    )
    return method


Tensor.__iadd__ = _in_place(add, "+")
Tensor.__isub__ = _in_place(subtract, "-")
Tensor.__imul__ = _in_place(multiply, "*")
Tensor.__itruediv__ = _in_place(divide, "/")
Tensor.__ipow__ = _in_place(power, "**")


def _assign(self: Tensor, value: Any) -> None:
    """Set the data of a leaf, in place.

    Inside of a layer's ``call`` this is part of the step where the weight is not trainable,
    such as a running mean: a program that is made of the step assigns anew.

    Parameters   value: a Tensor or an array of the same shape
    """
    if type(value) is not Tensor:
        value = new_leaf(to_data(value))
    if self.operation is not None:
        raise MutationError(
            f"Nothing can be assigned to {described(self)}: it was computed by "
            f"{self.operation.name}. Assign to a leaf, such as a weight."
        )
    data = converted(f"what is assigned to {described(self)}", value._data, self.dtype)
    if data.shape != self.shape:
        raise ShapeError(
            f"What is assigned to {described(self)} must have its shape, got {data.shape}."
        )
    observer = observed()
    if observer is None or self._requires_grad or not current_scope.get():
        assign(self, data)
    else:
        put(self, data)
        observer.assigned(self, value)


def _assign_add(self: Tensor, value: Any) -> None:
    """Add to the data of a leaf, in place; see `assign`."""
    self.assign(self + value)


def _assign_sub(self: Tensor, value: Any) -> None:
    """Subtract from the data of a leaf, in place; see `assign`."""
    self.assign(self - value)


Tensor.assign, Tensor.assign_add, Tensor.assign_sub = _assign, _assign_add, _assign_sub
