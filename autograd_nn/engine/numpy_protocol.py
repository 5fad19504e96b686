"""NumPy's functions on Tensors: which operation each is, which give plain results, and the rest
refused where a gradient would be lost."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

import autograd_nn.engine.operations  # noqa: F401  its entries fill the table
from autograd_nn.engine.errors import ArgumentTypeError, AutogradError, suggestion
from autograd_nn.engine.operation import OF_NUMPY
from autograd_nn.engine.taking import lengths, look_at_length
from autograd_nn.engine.tensor import Tensor
from autograd_nn.engine.ufunc_methods import METHODS, called_with_keywords, refused_out

# What tells about shapes and dtypes and not about values.
_OF_THE_SHAPE = {
    np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.empty_like, np.result_type,
    np.shares_memory, np.may_share_memory, np.iscomplexobj, np.isrealobj,
}  # fmt: skip

# What looks at values: the result is plain.
_LOOKS = {
    np.nonzero, np.isclose, np.allclose, np.array_equal, np.array2string, np.array_repr,
    np.array_str,
}  # fmt: skip


def _array_ufunc(self: Tensor, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
    """``np.exp(t)``, ``array * t``: recorded as the operation that the ufunc is."""
    if method != "__call__" or keywords:
        return _array_ufunc_otherwise(ufunc, method, inputs, keywords)
    x = inputs[0]
    if type(x) is np.ndarray and x.dtype.kind in "fiub" and ufunc in _REFLECTED:
        return _REFLECTED[ufunc](inputs[1], x)  # data @ W, y * t: the short way
    for x in inputs:
        if type(x) is np.ndarray and x.dtype.kind == "O":
            return ufunc(*(_boxed(x) for x in inputs))
    if (call := call_of(ufunc)) is not None:
        return call(*inputs)
    if _wanting(inputs) is None:
        return _looked_at(ufunc, _called(ufunc), inputs, {})
    raise _unsupported(_called(ufunc))


# What an array on the left of a Tensor does.
_REFLECTED: dict[Any, Any] = {
    np.add: Tensor.__radd__,
    np.subtract: Tensor.__rsub__,
    np.multiply: Tensor.__rmul__,
    np.divide: Tensor.__rtruediv__,
    np.matmul: Tensor.__rmatmul__,
}


def call_of(function: Any) -> Any:
    """What a function of NumPy does with Tensors, None where nothing is said of it.

    The less usual functions are loaded when the first of them is called.
    """
    call = OF_NUMPY.get(function)
    if call is None:
        from autograd_nn.engine import functions  # noqa: F401  its entries fill the table

        if isinstance(function, np.ufunc) and "scipy.special" in sys.modules:
            importlib.import_module("autograd_nn.special")  # SciPy's own functions on Tensors
        call = OF_NUMPY.get(function)
    return call


def _array_ufunc_otherwise(
    ufunc: Any, method: str, inputs: tuple[Any, ...], keywords: dict[str, Any]
) -> Any:
    """A method of a ufunc, or a call with ``dtype=`` and the like."""
    call = OF_NUMPY.get(ufunc.reduce) if method == "reduce" else None
    if call is not None and keywords.keys() <= {"axis", "keepdims"}:
        return call(*inputs, **keywords)
    name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    out = keywords.get("out", ())
    if not any(type(x) is Tensor for x in out) and _wanting((inputs, keywords)) is None:
        function = ufunc if method == "__call__" else getattr(ufunc, method)
        return _looked_at(function, f"np.{name}", inputs, keywords)
    if "out" in keywords:
        raise refused_out(name)
    if method == "__call__" and keywords.keys() == {"axis"} and (call := call_of(ufunc)):
        return call(*inputs, **keywords)  # vecdot, a ufunc of vectors
    if method == "__call__":
        return called_with_keywords(ufunc, inputs, keywords)
    if (run := METHODS.get(method)) is None or call_of(ufunc) is None:
        raise ArgumentTypeError(
            f"np.{name} of a Tensor is not recorded. Use .sum(), .max(), or operators on t."
        )
    try:
        return run(ufunc, *inputs, **keywords)
    except _FROM_INSIDE as error:
        raise _told(getattr(ufunc, method), f"np.{name}", inputs, keywords, error) from None


def _array_function(self: Tensor, function: Any, types: Any, args: Any, keywords: Any) -> Any:
    """``np.sum(t)``, ``np.concatenate([t, u])``: recorded as the operation that it is."""
    if function in _OF_THE_SHAPE:
        _look_at_lengths(args, keywords)
        return function(*_plain(args), **_plain(keywords))
    own = None if function in _LOOKS else call_of(function)
    if own is None:
        name = _name_of(function)
        if function in _LOOKS or _wanting((args, keywords)) is None:
            return _looked_at(function, f"np.{name}", args, keywords)
        raise _unsupported(f"np.{name}")
    if keywords and keywords.get("out") is not None:
        raise refused_out(_name_of(function))
    try:
        found = own(*args, **keywords)
        if type(found) is np.ndarray:  # such as np.full_like: of the shape
            _look_at_lengths(args, keywords)
        return found
    except _FROM_INSIDE as error:
        name = f"np.{_name_of(function)}"
        if _is_of_arguments(error) and (named := _by_name(function, args, keywords)) is not None:
            return _array_function(self, function, types, *named)
        if _is_of_arguments(error) and _wanting((args, keywords)) is None:
            return _looked_at(function, name, args, keywords)
        raise _told(function, name, args, keywords, error) from None


def _look_at_lengths(args: Any, keywords: Any) -> None:
    """Whoever called NumPy's function asks for shapes by it."""
    if lengths.were_decided:
        for x in _tensors((args, keywords)):
            look_at_length(x, sys._getframe(2))


# What goes wrong inside of a composition where its arguments are not as it takes them to be.
_FROM_INSIDE = (TypeError, IndexError, KeyError, AttributeError, ZeroDivisionError)


def _is_of_arguments(error: Exception) -> bool:
    text = str(error)
    return isinstance(error, TypeError) and ("unexpected keyword" in text or "positional" in text)


# Written in C, of which not every NumPy tells the signature.
_SPOKEN: dict[Any, Any] = {
    np.concatenate: lambda arrays, axis=0, out=None, *, dtype=None, casting="same_kind": None,
    np.dot: lambda a, b, out=None: None,
}


def _by_name(function: Any, args: Any, keywords: dict[str, Any]) -> Any:
    """The arguments by NumPy's names, without those that say nothing; None where they are so."""
    import inspect  # which only takes time where something is unusual

    positional, named = [], {}
    try:
        signature = inspect.signature(_SPOKEN.get(function, function))
        given = signature.bind(*args, **keywords).arguments
    except (TypeError, ValueError):
        return None
    for name, value in given.items():
        parameter = signature.parameters[name]
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            return None
        if parameter.default is parameter.empty:
            positional.append(value)
        elif value is not parameter.default and name != "overwrite_input":
            named[name] = value
    return None if len(positional) == len(args) and named == keywords else (positional, named)


def _told(function: Any, name: str, args: Any, keywords: Any, error: Exception) -> Exception:
    """An error from inside in words of the function: NumPy's own, where it refuses too."""
    if isinstance(error, (AutogradError, np.exceptions.AxisError)):
        return error
    try:
        function(*_plain(args), **_plain(keywords))
    except Exception as its_own:  # whatever NumPy says
        return its_own
    if any(map(callable, args)) or not (
        _is_of_arguments(error) or not isinstance(error, TypeError)
    ):
        return error
    why = f": {str(error).split('() ')[-1]}" if _is_of_arguments(error) else ""
    return ArgumentTypeError(
        f"{name} of a Tensor does not take these arguments{why}. "
        "The arguments that make sense for a recorded result are supported."
    )


def _name_of(function: Any) -> str:
    return f"{function.__module__}.{function.__name__}".removeprefix("numpy.")


def _tensors(value: Any) -> Iterator[Tensor]:
    """The Tensors among arguments, also inside lists."""
    if type(value) is Tensor:
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _tensors(item)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))


def _wanting(arguments: Any) -> Tensor | None:
    """The first Tensor among the arguments whose gradient would be lost."""
    return next((x for x in _tensors(arguments) if x._requires_grad), None)


def _looked_at(function: Any, name: str, args: Any, keywords: dict[str, Any]) -> Any:
    """A plain result: NumPy's own, of the values."""
    for x in _tensors((args, keywords)):
        x._taken(name)
    return function(*_plain(args), **_plain(keywords))


def _called(ufunc: Any) -> str:
    """A ufunc as it is called: NumPy's, SciPy's, or one of somebody else."""
    name = ufunc.__name__
    scipy = sys.modules.get("scipy.special")
    if getattr(scipy, name, None) is ufunc:
        return f"scipy.special.{name}"
    return f"np.{name}" if getattr(np, name, None) is ufunc else name


# What gives no numbers to go on with, and what to write.
_WRITING = "t.at[i].set(v) and t.at[i].add(v), which are recorded, or np.where(mask, v, t)"
_KEEPING = "t.data, the plain numbers"
_WAYS = {
    "np.copyto": (
        "fills an array with the Tensor, as np.full_like and np.nan_to_num do with a value",
        f"{_WRITING}; np.ones(shape) * t fills",
    ),
    **dict.fromkeys(
        (*("np.fill_diagonal", "np.place", "np.put", "np.put_along_axis", "np.putmask"),),
        ("writes into an array", _WRITING),
    ),
    **dict.fromkeys(
        ("np.save", "np.savetxt", "np.savez", "np.savez_compressed"),
        ("keeps numbers and no graph", _KEEPING),
    ),
}


def _unsupported(name: str) -> ArgumentTypeError:
    if name in _WAYS:
        what, way = _WAYS[name]
        return ArgumentTypeError(f"{name} {what}: no gradient would follow. Use {way}.")
    known = {function.__name__ for function in OF_NUMPY} - {"reduce"}
    near = suggestion(name.rpartition(".")[2], known).split(" Known:")[0]
    return ArgumentTypeError(
        f"{name} has no gradient rule here, and its result would leave the graph.{near} "
        f"Supported: {', '.join(sorted(known))}. Use t.data for a plain result, or add your own "
        "rule with autograd_nn.Operation."
    )


def _plain(value: Any) -> Any:
    """The arrays in place of the Tensors, also inside lists."""
    if type(value) is Tensor:
        return value._data
    if type(value) in (list, tuple):
        return type(value)(_plain(item) for item in value)
    if type(value) is dict:
        return {key: _plain(item) for key, item in value.items()}
    return value


def _boxed(value: Any) -> Any:
    """Beside an array of objects a Tensor stands for the array of its elements."""
    if type(value) is not Tensor:
        return value
    box = np.empty(value.shape, dtype=object)
    for index in np.ndindex(value.shape):
        box[index] = value[index] if index else value
    return box


Tensor.__array_ufunc__ = _array_ufunc
Tensor.__array_function__ = _array_function
Tensor.nonzero = lambda self: np.nonzero(self)  # type: ignore[arg-type]
