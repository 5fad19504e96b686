"""Ways out of the graph: a Tensor as a number, an array, text, truth, a copy, a picture."""

from __future__ import annotations

import sys
import warnings
from typing import Any, Self

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import (
    ArgumentError,
    ArgumentTypeError,
    LeavingGraphWarning,
    StateError,
)
from autograd_nn.engine.mutation import Leaf
from autograd_nn.engine.observing import noted
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.recording import current_scope, value_needed
from autograd_nn.engine.taking import (
    TEXT,
    is_own,
    lengths,
    look_at_length,
    outside,
    take,
)


class Exits:
    """The part of `Tensor` that gives values away; each time it is noted, warned of, or refused."""

    __slots__ = ()

    _data: Any
    _grad: Any
    _requires_grad: bool
    _leaf: Leaf | None
    operation: Operation | None
    name: str | None
    shape: Any
    dtype: Any

    def __init__(self, data: Any, requires_grad: bool | None = None, name: str | None = None):
        raise NotImplementedError  # a Tensor is made

    def detach(self) -> Self:
        """A constant of the same value, cut off from the graph; its data is a copy."""
        noted("detach()")
        leaf: Any = type(self)(self._data, False, self.name)
        leaf._leaf = Leaf(origin=f"detached from {described(self)}")
        return leaf

    def item(self) -> Any:
        """The one element as a Python number."""
        noted("item()")
        if self._data.size != 1:
            raise ArgumentError(
                f"item() needs exactly one element, this has {self._data.size} (shape "
                f"{self.shape}). Use t[i].item(), or tolist()."
            )
        return self._data.item()

    def tolist(self) -> Any:
        """The values as (nested) Python lists."""
        noted("tolist()")
        return self._data.tolist()

    def numpy(self) -> Any:
        """A copy of the values as a plain array, out of the graph."""
        noted("numpy()")
        return np.array(self._data)

    def draw(self, **options: Any) -> Any:
        """A picture of the graph that this Tensor was computed by; see `viz.draw`."""
        from autograd_nn.viz import draw  # a convenience that reaches upwards

        return draw(self, **options)

    def explore(self: Any, path: Any = "explore.html", **options: Any) -> Any:
        """One HTML file in which the passes of this Tensor are walked through; `viz.explore`."""
        from autograd_nn.viz import explore  # a convenience that reaches upwards

        return explore(self, path, **options)

    @checked_keywords
    def save(
        self: Any,
        path: Any,
        optimizer: Any = None,
        blank: bool = False,
        names: Any = None,
    ) -> Any:
        """Write a workbook (.xlsx) in which both passes are formulas, cell by cell.

        Only what was given is a plain number: when a weight is changed, everything follows, in
        Excel as in LibreOffice. Every value, slope, contribution and gradient has an area of cells
        with its name; products of matrices are MMULT. It computes with 64 bits.

        Parameters   path: where to write, ending in .xlsx; a file that is there is replaced
                     optimizer: whose update is a third sheet; its learning rate is a cell
                     blank: leave the cells of the backward pass empty; what is filled in becomes
                     green where it is right
                     names: names for Tensors and arrays without one, such as ``locals()``
        Raises       MissingPackageError without the extra: pip install 'autograd-nn[xlsx]'
                     ArgumentError where a sheet cannot hold it: too many cells, NaN, or a call
                     that has no formula, by its name
        """
        from autograd_nn.viz.sheet.sheet_file import (
            save_sheet,
        )  # a convenience that reaches upwards

        return save_sheet(self, path, optimizer, blank, names)

    @checked_keywords
    def program(self: Any, wrt: Any, optimizer: Any = None, inputs: Any = None) -> Any:
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
        self._told()
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
        self._told()
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

    def __len__(self: Any) -> int:
        if self._data.ndim == 0:
            raise ArgumentTypeError("len() of a 0-d Tensor: a number has no length.")
        if lengths.were_decided:
            look_at_length(self, sys._getframe(1))
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
        self._leave(
            "np.asarray(t)",
            "NumPy's functions on t (np.dot(a, t) for a.dot(t)), np.stack for a list of Tensors",
        )
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
        if noted(what):
            return  # what is fed while observing are Tensors, which would be arrays otherwise
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
        if self.operation is None:
            self._taken(what)
        else:
            _, steps = outside(sys._getframe(1))
            warnings.warn(
                f"{what} of {who} is a plain value: no gradient flows through what is computed "
                "from it. Write t.item() or t.data where that is meant; to stay in the graph use "
                f"operators and {instead}.",
                LeavingGraphWarning,
                stacklevel=2 + steps,
            )

    def _taken(self: Any, how: str) -> None:
        """A look at the values, which may decide what is recorded next."""
        if not noted(how) and current_scope.get() is not None:
            take(self, how)

    def _told(self) -> None:
        """A text of the values, unless it is part of what this library says, such as an error."""
        if not is_own(sys._getframe(2)):
            self._taken(TEXT)

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

    def __copy__(self) -> Self:
        return self.__deepcopy__({})

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        if self._requires_grad and value_needed.get():
            return self.copy()  # type: ignore[attr-defined]  # of an argument of a transform: a leaf of its own would lose it
        self._refuse_duplication("copied")
        twin = type(self)(self._data, self._requires_grad, self.name)
        twin._grad = _copied(self._grad)
        memo[id(self)] = twin
        return twin

    def __reduce__(self) -> Any:
        self._refuse_duplication("pickled")
        return _again, (type(self), self._data, self._requires_grad, self.name, self._grad)

    def _refuse_duplication(self, what: str) -> None:
        if not self._requires_grad:
            self._taken(f"being {what}")
            return
        noted(f"being {what}")
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


def _again(kind: Any, data: Any, requires_grad: bool, name: str | None, grad: Any) -> Any:
    """A leaf like the one that was pickled."""
    leaf = kind(data, requires_grad, name)
    leaf._grad = grad
    return leaf


def _copied(data: Any) -> Any:
    return data.copy() if type(data) is np.ndarray else data


def described(tensor: Any) -> str:
    """A Tensor in an error: its name where it has one, else how it was made, and its shape."""
    if tensor.name is not None:
        who = f"Tensor {tensor.name!r}"
    elif tensor.operation is not None:
        who = f"the Tensor made by {tensor.operation.name}"
    else:
        who = "a leaf Tensor"
    return f"{who} of shape {tensor.shape}"
