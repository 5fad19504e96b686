"""Tensor: an array that remembers how it was made."""

from __future__ import annotations

import sys
from typing import Any, final

import numpy as np

from autograd_nn.engine.conversion import converted, to_data
from autograd_nn.engine.errors import ArgumentTypeError, MutationError, ShapeError, StateError
from autograd_nn.engine.exits import Exits, described
from autograd_nn.engine.members import Members
from autograd_nn.engine.missing_members import MissingMembers
from autograd_nn.engine.mutation import Leaf, assign, clock, hand_out
from autograd_nn.engine.observing import noted, observed
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.taking import lengths, look_at_length


@final
class Tensor(Exits, Members, MissingMembers):
    """An array, or a number, whose operations are recorded for differentiation.

    Parameters   data: a number, a (nested) list, an array; copied. Numbers and lists by hand
                 become float64, arrays keep their dtype
                 requires_grad: whether a gradient is wanted; None means yes for floating point
                 name: shown in pictures and errors
                 dtype: a NumPy dtype to convert to
    Raises       ArgumentTypeError for text, objects, complex numbers, lists that hold Tensors,
                 and for requires_grad=True with integers or booleans
    Example      y = x² at 3: dy/dx = 2·3 = 6

    >>> from autograd_nn import Tensor
    >>> x = Tensor(3.0, name="x")
    >>> y = x * x
    >>> y.backward()
    >>> print(y.item(), x.grad)
    9.0 6.0
    """

    # Ten slots make a node of 112 bytes; an eleventh would make it 128.
    __slots__ = (
        "_clock",
        "_data",
        "_grad",
        "_leaf",
        "_requires_grad",
        "attributes",
        "inputs",
        "name",
        "operation",
        "scope",
    )

    _data: Any
    _grad: Any
    _requires_grad: bool
    _clock: float
    _leaf: Leaf | None
    operation: Operation | None
    inputs: tuple[Any, ...]
    attributes: dict[str, Any] | None
    scope: str | None
    name: str | None

    def __init__(
        self,
        data: Any,
        requires_grad: bool | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        if isinstance(data, Tensor):
            raise ArgumentTypeError(
                "Tensor(t) of a Tensor would leave the graph without a word. Use t.detach() for "
                "a constant, Tensor(t.data) for a new leaf, t.copy() for a recorded copy."
            )
        if name is not None and not isinstance(name, str):
            raise ArgumentTypeError(f"`name` must be a string, got {name!r}.")
        self._data = to_data(data, dtype)
        self._grad = None
        self._requires_grad = False
        self._clock = 0
        self._leaf = None
        if type(data) is np.ndarray and dtype is None and observed() is not None:
            self._leaf = Leaf(source=data)  # a program reads what somebody may change
        self.operation = None
        self.inputs = ()
        self.attributes = None
        self.scope = None
        self.name = name
        if requires_grad is None:
            self._requires_grad = self._data.dtype.kind == "f"
        else:
            self.requires_grad = requires_grad

    def __init_subclass__(cls) -> None:
        raise ArgumentTypeError("Tensor is final: hold a Tensor in your class instead.")

    # ------------------------------------------------------------------ what it holds

    @property
    def data(self) -> Any:
        """The array, or the NumPy scalar. On a leaf it can be set and changed in place."""
        noted(".data")
        data = self._data
        if type(data) is np.ndarray:
            if self.operation is None:
                hand_out(self)
            else:
                data.flags.writeable = False
        return data

    @data.setter
    def data(self, value: Any) -> None:
        noted("setting .data")
        if self.operation is not None:
            raise MutationError(
                f"The data of {described(self)} was computed by {self.operation.name} and cannot "
                "be set: the recorded graph stands on it. Set the data of a leaf, or compute a "
                "new Tensor."
            )
        if value is not self._data:  # `w.data -= step` has already changed it in place
            if isinstance(value, Tensor):
                value = value._data
            value = converted(f"`data` of {described(self)}", value, self.dtype)
            if value.shape != self.shape:
                raise ShapeError(
                    f"`data` of {described(self)} has shape {self.shape}, got {value.shape}. "
                    "Make a new Tensor for data of another shape."
                )
        assign(self, value)

    @property
    def grad(self) -> Any:
        """The gradient, an array of the data's shape and dtype, or None until computed."""
        noted(".grad")
        grad = self._grad
        if grad is None or self.operation is not None:
            # Interior gradients may share memory with one another; what a user may write to, not.
            return None if grad is None else grad.copy()
        if type(grad) is np.ndarray and grad.base is not None:
            # In the memory of a program, which its next step writes to.
            grad = self._grad = grad.copy()
        return grad

    @grad.setter
    def grad(self, value: Any) -> None:
        if value is None:
            self._grad = None
            return
        if not self._requires_grad:
            raise StateError(
                f"{described(self)} wants no gradient, so none can be set. "
                "Set requires_grad = True first."
            )
        if isinstance(value, Tensor):
            value = value._data
        value = converted(f"`grad` of {described(self)}", value, self.dtype)
        if value.shape != self.shape:
            raise ShapeError(
                f"`grad` of {described(self)} must have shape {self.shape}, got {value.shape}."
            )
        self._grad = value.astype(self.dtype)[()] if value.ndim == 0 else value.astype(self.dtype)

    @property
    def requires_grad(self) -> bool:
        """Whether a gradient is wanted. Only floating-point data can have one."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        if not isinstance(wanted, (bool, np.bool_)):
            raise ArgumentTypeError(f"`requires_grad` must be True or False, got {wanted!r}.")
        if wanted and self._data.dtype.kind != "f":
            raise ArgumentTypeError(
                f"Only floating-point data can have a gradient, this is {self._data.dtype}. "
                "Convert it: Tensor(data, dtype=float), or t.astype(float)."
            )
        if self.operation is not None and wanted is not self._requires_grad:
            if wanted:
                raise StateError(
                    f"{described(self)} has no derivative with respect to what it was computed "
                    "from, so no gradient would flow on. Use Tensor(t.data) for a new leaf."
                )
            raise StateError(
                f"{described(self)} is recorded; use t.detach() for a constant of its value."
            )
        self._requires_grad = bool(wanted)

    @property
    def value(self) -> Tensor:
        """The Tensor itself: where weights are variables around an array, as in Keras, it is that
        with which one computes."""
        return self

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes; () for a number."""
        if lengths.were_decided:
            look_at_length(self, sys._getframe(1))
        return self._data.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._data.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        if lengths.were_decided:
            look_at_length(self, sys._getframe(1))
        return self._data.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype of the data."""
        return self._data.dtype

    @property
    def is_leaf(self) -> bool:
        """True where no recorded operation made it."""
        return self.operation is None

    __hash__ = object.__hash__  # by identity, beside == by elements

    def zero_grad(self) -> None:
        """Forget the gradient: None, "not computed", which is not the same as 0."""
        self._grad = None


_new = object.__new__

# What is told of every node while anomalies are sought in any thread. A variable of this file: to
# ask it takes a hundredth of the time of making a node.
_watch: Any = None


def watch_nodes(watch: Any) -> None:
    """From now on ``watch.made(operation, data, inputs)`` is called for every node."""
    global _watch
    _watch = watch


def current_watch() -> Any:
    """What is told of every node, or None."""
    return _watch


def new_leaf(data: Any, requires_grad: bool = False) -> Tensor:
    """A leaf around data that nobody else holds: no copy, no checks."""
    leaf = _new(Tensor)
    leaf._data = data
    leaf._grad = None
    leaf._requires_grad = requires_grad
    leaf._clock = 0
    leaf._leaf = None
    leaf.operation = None
    leaf.inputs = ()
    leaf.attributes = None
    leaf.scope = None
    leaf.name = None
    return leaf


def new_node(
    operation: Operation,
    data: Any,
    inputs: tuple[Any, ...],
    attributes: dict[str, Any] | None,
    around: str,
    requires_grad: bool = True,
) -> Tensor:
    if _watch is not None:
        _watch.made(operation, data, inputs)
    node = _new(Tensor)
    node._data = data
    node._grad = None
    node._requires_grad = requires_grad
    node._clock = clock.now
    node._leaf = None
    node.operation = operation
    node.inputs = inputs
    node.attributes = attributes
    node.scope = around
    node.name = None
    return node
