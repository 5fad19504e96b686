"""Traced: a kind of value that writes down what is done to it, so that a rule becomes steps.

Gradient rules, value functions and the updates of optimizers are ordinary NumPy. Run on Traced
values they leave a list of steps behind, one for each call. The numbers are computed along the
way: shapes and dtypes are those that NumPy gives, and a rule that looks at them takes its way.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.operation import Operation
from autograd_nn.engine.operations.indexing import getitem
from autograd_nn.program import calls
from autograd_nn.program.calls import DOT, METHODS, Function, T
from autograd_nn.program.refusals import NotTraceable
from autograd_nn.program.sizes import is_sized_by_values
from autograd_nn.program.source.spelling import literal
from autograd_nn.program.values import FORWARD, UPDATE, Instruction, Value, plain_number

Forms = Mapping[Operation, Callable[..., Any]]
"""By operation a function that is opened in its place."""


class Trace:
    """The steps so far, and the Values that they read.

    Parameters   forms: None leaves an operation as one step. A mapping opens operations into the
                 NumPy calls that they are made of; where it names another function for one, that
                 function is opened instead
    """

    def __init__(self, forms: Forms | None = None) -> None:
        self.steps: list[Instruction] = []
        self.forms = forms
        self.phase = FORWARD
        self.scope = ""
        self.runs_own = False  # whether a rule of the user's own computes with the values
        self._constants: dict[int, Traced] = {}
        # What the leaves hold that live elsewhere.
        self.arrays: dict[Value, Any] = {}

    def leaf(self, name: str, data: Any, role: str) -> Traced:
        """A value that no step makes."""
        value = _described(name, data, role)
        if role not in ("constant", "setting"):
            self.arrays[value] = data
        return Traced(self, value, data)

    def constant(self, data: Any, name: str = "constant", role: str = "constant") -> Traced:
        """An array that never changes, or one of the user's; the same array is the same Value."""
        known = self._constants.get(id(data))
        if known is None:
            known = self._constants[id(data)] = self.leaf(name, data, role)
            known.value.data = data
        return known

    def call(
        self,
        function: Function,
        inputs: tuple[Any, ...],
        attributes: dict[str, Any] | None = None,
        known: Any = None,
    ) -> Any:
        """One more step; its numbers are computed, where they are not ``known`` already."""
        attributes = attributes or {}
        if self.runs_own and is_sized_by_values(function, inputs, attributes, Traced):
            raise NotTraceable("How many elements this gives depends on the numbers of a value.")
        if known is None:
            plain = {key: now(item) for key, item in attributes.items()}
            known = calls.run(function, now(inputs), plain)
        if isinstance(known, list):
            known = tuple(known)
        output = _described(_called(function, inputs), known, "temporary")
        self.steps.append(
            Instruction(
                function,
                self._operand(inputs, function),
                {key: self._operand(item, function) for key, item in attributes.items()},
                output,
                self.phase,
                self.scope,
            )
        )
        made = Traced(self, output, known)
        if output.kind == "tuple":
            return tuple(self.call(operator.getitem, (made, place)) for place in range(len(known)))
        return made

    def apply(
        self,
        operation: Operation,
        inputs: tuple[Any, ...],
        attributes: dict[str, Any],
        known: Any = None,
    ) -> Any:
        """The operation as steps: opened, or as a call of its own."""
        if known is None:
            plain = {key: now(x) for key, x in attributes.items()}
            known = operation.value(*now(inputs), **plain)
        value = operation.value
        if calls.is_known(value) and (self.forms is None or operation not in self.forms):
            return self.call(value, inputs, attributes, known=known)
        before = len(self.steps)
        opened = self._opened(operation, inputs, attributes, known)
        if opened is not None and (
            self.forms is not None or len(self.steps) == before + 1 or not _has_source(operation)
        ):
            return opened
        del self.steps[before:]
        made = self.call(operation, inputs, attributes, known)
        return self._as_recorded(made, inputs) if operation is getitem else made

    def _opened(
        self, operation: Operation, inputs: tuple[Any, ...], attributes: dict[str, Any], known: Any
    ) -> Any:
        """What the value function does, call by call; None where that cannot be written down."""
        if not all(_is_plain(item) for item in (*inputs, *attributes.values())):
            return None
        form = (self.forms or {}).get(operation)
        before, around = len(self.steps), self.runs_own
        self.runs_own = operation.is_own or around
        try:
            result = (form or operation.value)(*inputs, **attributes)
            if self.forms is not None:  # the inputs may differ from those recorded by rounding
                plain = {key: now(x) for key, x in attributes.items()}
                known = operation.value(*now(inputs), **plain)
            # A function that draws numbers, or goes another way for arrays, gives other ones.
            same = _agrees(now(result), known, exactly=form is None)
        except Exception:  # anything may go wrong in a function that was written for arrays
            same = False
        self.runs_own = around
        if not same or not _is_traced(result):
            del self.steps[before:]
            return None
        return result

    def _as_recorded(self, made: Traced, keys: tuple[Any, ...]) -> Traced:
        """What was chosen by masks has the shape that it had, or the call of a program ends."""
        if any(type(k) is Traced and k.dtype.kind == "b" for k in keys):
            return self.call(as_recorded, (made, made.shape))
        return made

    def valued(self, item: Any) -> Value:
        """The Value of a result, also of one that is a plain array or number."""
        if type(item) is not Traced:
            item = self.constant(item if isinstance(item, np.generic) else np.asarray(item))
        return item.value

    def _operand(self, item: Any, function: Function) -> Any:
        """An operand as it stands in a step: what has no text of its own is given to the program,
        so that no text that an object of the user has for itself becomes part of it."""
        if type(item) is Traced:
            return item.value
        if type(item) in (tuple, list):
            return type(item)(self._operand(part, function) for part in item)
        if isinstance(item, slice) and any(
            type(part) is Traced for part in (item.start, item.stop, item.step)
        ):
            raise NotTraceable("A slice whose ends are computed cannot be written down.")
        if isinstance(item, slice):  # an end may be an array without axes
            ends = (item.start, item.stop, item.step)
            item = slice(*(end if end is None else operator.index(end) for end in ends))
        if type(function) is not Operation:
            item = plain_number(item)
        if literal(item) is not None:
            return item
        # An array of the optimizer's own is the user's, and read where it lives.
        is_own = self.phase == UPDATE and type(item) is np.ndarray
        return self.constant(item, role="array" if is_own else "constant").value


def _has_source(operation: Operation) -> bool:
    from autograd_nn.program.source.functions import has_source  # which only reading needs

    return has_source(operation)


def _as_recorded(chosen: Any, shape: Any) -> Any:
    if chosen.shape != shape:
        raise ValueError(
            f"A mask chose elements of shape {chosen.shape}, and {shape} when the program was "
            "recorded, which it is made for. Record anew, or multiply by the mask."
        )
    return chosen


# How many elements a mask chooses depends on values, and the shapes of a program do not.
as_recorded = Operation("as_recorded", value=_as_recorded, gradients=(None, None))


class Traced:
    """A value in a Trace. NumPy's functions, operators and methods on it become steps."""

    __slots__ = ("now", "trace", "value")

    def __init__(self, trace: Trace, value: Value, now: Any) -> None:
        self.trace = trace
        self.value = value
        self.now = now

    # ------------------------------------------------------------------ what it looks like

    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.now)

    @property
    def ndim(self) -> int:
        return np.ndim(self.now)

    @property
    def size(self) -> int:
        return int(np.size(self.now))

    @property
    def dtype(self) -> Any:
        return self.now.dtype

    @property
    def T(self) -> Any:
        return self.trace.call(T, (self,))

    def __len__(self) -> int:
        return len(self.now)

    # ------------------------------------------------------------------ what is done to it

    def apply_operation(
        self, operation: Operation, inputs: tuple[Any, ...], attributes: dict[str, Any]
    ) -> Any:
        """An operation on values of this kind, which are known to the engine by this method."""
        return self.trace.apply(operation, inputs, attributes)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        run = ufunc if method == "__call__" else getattr(ufunc, method)
        if run is np.power and not isinstance(inputs[0], Traced) and not keywords:
            # An operator of NumPy's, x ** traced, which for two numbers may round in another way.
            return self.trace.call(operator.pow, inputs)
        if not calls.is_known(run) or "out" in keywords or method == "at":
            raise NotTraceable(f"{ufunc!r} ({method}) cannot be written down as it was called.")
        return self.trace.call(run, inputs, keywords)

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        if function in _OF_THE_SHAPE:
            return function(*now(args), **{key: now(item) for key, item in keywords.items()})
        if not calls.is_known(function) or function in _IN_PLACE or "out" in keywords:
            raise NotTraceable(f"{function.__name__} cannot be written down as it was called.")
        return self.trace.call(function, args, keywords)

    def __getitem__(self, key: Any) -> Any:
        made = self.trace.call(operator.getitem, (self, key))
        return self.trace._as_recorded(made, key if type(key) is tuple else (key,))

    def __iter__(self) -> Any:
        return (self[place] for place in range(len(self)))

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise NotTraceable(
            "This looks at the numbers of a value, so the steps would depend on them."
        )

    __bool__ = __float__ = __int__ = __index__ = __array__ = __setitem__ = _refuse
    item = tolist = _refuse

    def __repr__(self) -> str:
        return self._refuse() if self.trace.runs_own else object.__repr__(self)

    def __hash__(self) -> int:
        return self._refuse() if self.trace.runs_own else object.__hash__(self)


def _method(function: Function) -> Any:
    return lambda self, *inputs, **attributes: self.trace.call(
        function, (self, *inputs), attributes
    )


def _reflected(function: Function) -> Any:
    return lambda self, other: self.trace.call(function, (other, self))


for _name in (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor",
):  # fmt: skip
    setattr(Traced, f"__r{_name}__", _reflected(getattr(operator, f"__{_name}__")))
    setattr(Traced, f"__{_name}__", _method(getattr(operator, f"__{_name}__")))
for _name in ("lt", "le", "gt", "ge", "eq", "ne", "neg", "abs", "invert"):
    setattr(Traced, f"__{_name}__", _method(getattr(operator, _name)))
for _name, _function in METHODS.items():
    setattr(Traced, _name, _method(_function))

# What does not depend on the numbers.
_OF_THE_SHAPE = {np.shape, np.ndim, np.size, np.result_type, np.iscomplexobj, np.isrealobj}
# What changes its argument instead of returning something.
_IN_PLACE = {np.copyto, np.put, np.put_along_axis, np.putmask, np.place, np.fill_diagonal}

_NAMES: dict[Function, str] = {
    operator.add: "total", operator.sub: "difference", operator.mul: "product",
    operator.truediv: "quotient", operator.pow: "power", operator.matmul: "product",
    operator.getitem: "part", DOT: "product", np.add.reduce: "total", METHODS["sum"]: "total",
    METHODS["astype"]: "converted", np.full: "filled", operator.gt: "above", operator.lt: "below",
    operator.eq: "equal", operator.ge: "above", operator.le: "below", operator.ne: "unequal",
}  # fmt: skip


def _called(function: Function, inputs: tuple[Any, ...]) -> str:
    """What the result of a call is named where nobody names it."""
    of = inputs[0].value.name if inputs and type(inputs[0]) is Traced else None
    if of is not None and function is T:
        return f"{of}_T"
    if of is not None and function is operator.neg:
        return f"minus_{of}"
    return _NAMES.get(function) or calls.label(function).rpartition(".")[2]


def _described(name: str, data: Any, role: str) -> Value:
    if isinstance(data, (tuple, list)):
        return Value(name, (len(data),), np.dtype(object), "tuple", role)
    if isinstance(data, np.ndarray):
        return Value(name, data.shape, data.dtype, "array", role)
    if isinstance(data, np.generic):
        return Value(name, (), data.dtype, "scalar", role)
    if isinstance(data, (bool, int, float)):
        return Value(name, (), np.dtype(type(data)), "number", role)
    if isinstance(data, np.random.Generator):
        return Value(name, (), np.dtype(object), "generator", role)
    if role == "constant":
        return Value(name, (), np.dtype(object), "object", role)
    raise NotTraceable(f"A program computes with numbers and arrays, not {type(data).__name__}.")


def now(item: Any) -> Any:
    """The numbers that an operand has at the time of tracing."""
    if type(item) is Traced:
        return item.now
    if type(item) in (tuple, list):
        return type(item)(now(part) for part in item)
    return item


def in_own_memory(made: Any) -> Any:
    """A result of constants, which is recorded as a copy where it is a view: in its own order."""
    data = now(made)
    is_view = type(made) is Traced and type(data) is np.ndarray and data.base is not None
    if not is_view or data.flags.forc:
        return made
    return made.copy("K")


def _is_traced(result: Any) -> bool:
    if isinstance(result, tuple):
        return all(type(part) is Traced for part in result)
    return type(result) is Traced


def _is_plain(item: Any) -> bool:
    if isinstance(item, (tuple, list)):
        return all(_is_plain(part) for part in item)
    kinds = (int, float, bool, str, slice, type(None), type(...), np.generic, np.ndarray, np.dtype)
    return isinstance(item, (*kinds, Traced, type))


def _agrees(ours: Any, known: Any, exactly: bool) -> bool:
    if isinstance(known, tuple):
        return (
            isinstance(ours, tuple)
            and len(ours) == len(known)
            and all(_agrees(a, b, exactly) for a, b in zip(ours, known, strict=True))
        )
    ours, known = np.asarray(ours), np.asarray(known)
    if ours.shape != known.shape or ours.dtype != known.dtype:
        return False
    if exactly:
        return np.array_equal(ours, known, equal_nan=known.dtype.kind == "f")
    tolerance = 64 * np.finfo(known.dtype).eps
    return np.allclose(ours, known, rtol=tolerance, atol=tolerance, equal_nan=True)


def is_near(found: Any, expected: Any) -> bool:
    """Whether two gradients differ by rounding at most, of which forms of operations have more."""
    found, expected = np.asarray(found), np.asarray(expected)
    if found.shape != expected.shape:
        return False
    largest = np.max(np.abs(expected), initial=0, where=np.isfinite(expected))
    return np.allclose(found, expected, rtol=1e-3, atol=1e-3 * largest, equal_nan=True)
