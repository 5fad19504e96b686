"""Tensor: an array that remembers how it was made."""

from __future__ import annotations

import sys
import warnings
from typing import Any, final

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.conversion import converted, to_data
from autograd_nn.engine.errors import (
    ArgumentError,
    ArgumentTypeError,
    LeavingGraphWarning,
    MutationError,
    ShapeError,
    StateError,
)
from autograd_nn.engine.members import Members
from autograd_nn.engine.mutation import Leaf, assign, clock, hand_out
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.recording import current_looks, current_scope, looked, value_needed
from autograd_nn.engine.taking import outside, take


@final
class Tensor(Members):
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
        _fill_leaf(self, to_data(data, dtype), False)
        self.name = name
        if type(data) is np.ndarray and dtype is None and current_looks.get() is not None:
            self._leaf = Leaf(source=data)  # a program reads what somebody may change
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
        looked(".data")
        data = self._data
        if type(data) is np.ndarray:
            if self.operation is None:
                hand_out(self)
            else:
                data.flags.writeable = False
        return data

    @data.setter
    def data(self, value: Any) -> None:
        looked("setting .data")
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
        looked(".grad")
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
    def shape(self) -> tuple[int, ...]:
        """The lengths of the axes; () for a number."""
        return self._data.shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return self._data.ndim

    @property
    def size(self) -> int:
        """The number of elements."""
        return self._data.size

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy dtype of the data."""
        return self._data.dtype

    @property
    def is_leaf(self) -> bool:
        """True where no recorded operation made it."""
        return self.operation is None

    # ------------------------------------------------------------------ leaving the graph

    def detach(self) -> Tensor:
        """A constant of the same value, cut off from the graph; its data is a copy."""
        looked("detach()")
        leaf = new_leaf(_copied(self._data), requires_grad=False)
        leaf.name = self.name
        leaf._leaf = Leaf(origin=f"detached from {described(self)}")
        return leaf

    def item(self) -> Any:
        """The one element as a Python number."""
        looked("item()")
        if self._data.size != 1:
            raise ArgumentError(
                f"item() needs exactly one element, this has {self._data.size} (shape "
                f"{self.shape}). Use t[i].item(), or tolist()."
            )
        return self._data.item()

    def tolist(self) -> Any:
        """The values as (nested) Python lists."""
        looked("tolist()")
        return self._data.tolist()

    def numpy(self) -> Any:
        """A copy of the values as a plain array, out of the graph."""
        looked("numpy()")
        return np.array(self._data)

    def zero_grad(self) -> None:
        """Forget the gradient: None, "not computed", which is not the same as 0."""
        self._grad = None

    def draw(self, **options: Any) -> Any:
        """A picture of the graph that this Tensor was computed by; see `viz.draw`."""
        from autograd_nn.viz import draw  # a convenience that reaches upwards

        return draw(self, **options)

    def explore(self, path: Any = "explore.html", **options: Any) -> Any:
        """One HTML file in which the passes of this Tensor are walked through; `viz.explore`."""
        from autograd_nn.viz import explore  # a convenience that reaches upwards

        return explore(self, path, **options)

    @checked_keywords
    def program(self, wrt: Any, optimizer: Any = None, inputs: Any = None) -> Any:
        """This Tensor and its gradients as a program of plain NumPy; see `Program`.

        Parameters   wrt: a Tensor, or a (nested) list, tuple or dict of Tensors
                     optimizer: whose step is part of the program
                     inputs: {name: Tensor or array} that a call may replace, or named Tensors
        """
        from autograd_nn.program import Program  # a convenience that reaches upwards

        return Program(self, wrt, optimizer, inputs)

    def _repr_html_(self) -> str:
        from autograd_nn.viz.pictures.heat_map import tensor_html  # what notebooks show

        return tensor_html(self)

    # ------------------------------------------------------------------ text and truth

    def __repr__(self) -> str:
        looked("its text")
        values = np.array2string(
            np.asarray(self._data), separator=", ", prefix="Tensor(", threshold=100
        )
        extra = "" if self.dtype == np.float64 else f", dtype={self.dtype}"
        if self.name is not None:
            extra += f", name={self.name!r}"
        if self.operation is not None:
            extra += f", operation={self.operation.name}"
        elif not self._requires_grad and self.dtype.kind == "f":
            extra += ", requires_grad=False"
        return f"Tensor({values}{extra})"

    def __format__(self, spec: str) -> str:
        # Text, not arithmetic: nothing leaves the graph by being printed.
        looked("its text")
        if spec and self._data.size == 1:
            return format(self._data.item(), spec)
        try:
            return format(str(self), spec)
        except ValueError:
            raise ArgumentError(
                f"The format {spec!r} is for one number, this Tensor has shape {self.shape}. "
                "Use t[i], .mean(), or str(t)."
            ) from None

    def __bool__(self) -> bool:
        if self._data.size != 1:
            raise ArgumentError(
                f"The truth of a Tensor of shape {self.shape} is ambiguous. "
                "Compare and use .any() or .all(), e.g. (t > 0).all()."
            )
        self._taken("its truth, bool()")
        return bool(self._data)

    def __len__(self) -> int:
        if self._data.ndim == 0:
            raise ArgumentTypeError("len() of a 0-d Tensor: a number has no length.")
        return len(self._data)

    def __float__(self) -> float:
        self._leave("float(t)", "np.sin(t) where you call math.sin(t)")
        return float(self._number("float(t)"))

    def __int__(self) -> int:
        self._leave("int(t)", "np.trunc(t)")
        return int(self._number("int(t)"))

    def __index__(self) -> int:
        if self._data.dtype.kind not in "iu" or self._data.ndim != 0:
            raise ArgumentTypeError(
                f"Only a Tensor with one integer can be an index, this is {self.dtype} "
                f"of shape {self.shape}."
            )
        self._taken("int()")
        return int(self._data)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        self._leave("np.asarray(t)", "NumPy's functions on t, np.stack for a list of Tensors")
        return np.array(self._data, dtype=dtype)

    def _number(self, what: str) -> Any:
        if self._data.size != 1:
            raise ArgumentTypeError(
                f"{what} needs exactly one element, this Tensor has shape {self.shape}. "
                "Use t[i], .sum() or .mean(), or t.numpy() for an array of the values."
            )
        return self._data.item()

    def _leave(self, what: str, instead: str) -> None:
        """Values go where no gradient follows: a look, a warning, or refused."""
        if current_looks.get() is not None:
            # What is fed while observing are Tensors, which would be arrays otherwise.
            looked(what)
            return
        around = current_scope.get()
        if around is None or not self._requires_grad:
            self._taken(what)
            return
        who = described(self)
        if around or value_needed.get():
            raise ArgumentTypeError(
                f"{what} of {who} would leave the graph, and its gradient would be "
                "silently wrong. Use t.item() or t.data for the value, or compute inside "
                f"no_grad(); to stay in the graph use operators and {instead}."
            )
        if self.operation is not None:
            _, steps = outside(sys._getframe(1))
            warnings.warn(
                f"{what} of {who} is a plain value: no gradient flows through what is computed "
                "from it. Write t.item() or t.data where that is meant; to stay in the graph use "
                f"operators and {instead}.",
                LeavingGraphWarning,
                stacklevel=2 + steps,
            )

    def _taken(self, how: str) -> None:
        """A look at the values of a node, which may decide what is recorded next."""
        if not looked(how) and self.operation is not None and current_scope.get() is not None:
            take(self, how)

    @property
    def _mask(self) -> Any:
        # Asked for by numpy.ma alone, which reads `_data` of whatever has it, past every protocol.
        if self._requires_grad:
            raise ArgumentTypeError(
                "A masked array beside a Tensor would lose its gradient. Use "
                "np.where(mask, a, b), and .filled(value) of the masked array."
            )
        raise AttributeError("_mask")

    # ------------------------------------------------------------------ identity and copies

    __hash__ = object.__hash__

    def __copy__(self) -> Tensor:
        return self.__deepcopy__({})

    def __deepcopy__(self, memo: dict[int, Any]) -> Tensor:
        self._refuse_duplication("copied")
        twin = Tensor(self._data, requires_grad=self._requires_grad, name=self.name)
        twin._grad = _copied(self._grad)
        memo[id(self)] = twin
        return twin

    def __reduce__(self) -> Any:
        self._refuse_duplication("pickled")
        return _again, (self._data, self._requires_grad, self.name, self._grad)

    def _refuse_duplication(self, what: str) -> None:
        if not self._requires_grad:
            self._taken(f"being {what}")
            return
        looked(f"being {what}")
        if self.operation is not None:
            raise StateError(
                f"Only leaf Tensors can be {what}; {described(self)} carries a recorded graph. "
                "Use t.detach() for its value, or t.copy() for a recorded copy."
            )

    def __setitem__(self, index: Any, value: Any) -> None:
        raise StateError(
            "t[i] = v cannot be recorded. Write t = t.at[i].set(v), which can "
            "(or t.data[i] = v to change a leaf's numbers)."
        )


def _again(data: Any, requires_grad: bool, name: str | None, grad: Any) -> Tensor:
    """A leaf like the one that was pickled."""
    leaf = Tensor(data, requires_grad=requires_grad, name=name)
    leaf._grad = grad
    return leaf


_new = object.__new__


def _fill_leaf(tensor: Tensor, data: Any, requires_grad: bool) -> None:
    tensor._data = data
    tensor._grad = None
    tensor._requires_grad = requires_grad
    tensor._clock = 0
    tensor._leaf = None
    tensor.operation = None
    tensor.inputs = ()
    tensor.attributes = None
    tensor.scope = None
    tensor.name = None


def new_leaf(data: Any, requires_grad: bool = False) -> Tensor:
    """A leaf around data that nobody else holds: no copy, no checks."""
    leaf = _new(Tensor)
    _fill_leaf(leaf, data, requires_grad)
    return leaf


def new_node(
    operation: Operation,
    data: Any,
    inputs: tuple[Any, ...],
    attributes: dict[str, Any] | None,
    around: str,
    requires_grad: bool = True,
) -> Tensor:
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


def _copied(data: Any) -> Any:
    return data.copy() if type(data) is np.ndarray else data


def described(tensor: Tensor) -> str:
    """A Tensor in an error: its name where it has one, else how it was made, and its shape."""
    if tensor.name is not None:
        who = f"Tensor {tensor.name!r}"
    elif tensor.operation is not None:
        who = f"the Tensor made by {tensor.operation.name}"
    else:
        who = "a leaf Tensor"
    return f"{who} of shape {tensor.shape}"
