"""``x += y`` and its kin: a new Tensor, or the data of a leaf changed in place."""

from __future__ import annotations

from typing import Any

from autograd_nn.engine.errors import StateError
from autograd_nn.engine.mutation import assign
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.arithmetic import add, divide, multiply, power, subtract
from autograd_nn.engine.recording import recording
from autograd_nn.engine.tensor import Tensor, described


def _in_place(operation: Operation, sign: str) -> Any:
    def method(self: Tensor, other: Any) -> Any:
        if self.operation is not None or not self._requires_grad:
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
