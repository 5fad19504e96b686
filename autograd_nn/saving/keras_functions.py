"""Functions in functional models: what Keras has a class for, and NumPy a function.

``ops.mean(x, axis=1)`` on a placeholder is a layer ``Mean(axis=1)`` in Keras's files, and
``np.mean`` with axis=1 here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from autograd_nn import activations
from autograd_nn.engine.errors import ArgumentError, suggestion
from autograd_nn.engine.operation import Operation
from autograd_nn.layers.placeholder import item


class KerasFunction(NamedTuple):
    """A function of Keras.

    Parameters   module: of the class, "numpy" or "nn"
                 function: what computes it here
                 inputs: how many arguments stay arguments of the call, None for one list of them
                 options: the others, Keras's names of them by those of the function here
    """

    module: str
    function: Callable[..., Any]
    inputs: int | None
    options: dict[str, str]


def _table() -> dict[str, KerasFunction]:
    found: dict[str, KerasFunction] = {}

    def have(inputs: int | None, options: str, **functions: Any) -> None:
        names = dict(
            (name if ":" in name else f"{name}:{name}").split(":") for name in options.split()
        )
        for name, function in functions.items():
            found[name] = KerasFunction("numpy", function, inputs, names)

    have(2, "", Add=np.add, Subtract=np.subtract, Multiply=np.multiply, Divide=np.divide,
         TrueDivide=np.true_divide, FloorDivide=np.floor_divide, Mod=np.mod, Power=np.power,
         Maximum=np.maximum, Minimum=np.minimum, Matmul=np.matmul, Dot=np.dot, Outer=np.outer,
         Arctan2=np.arctan2, Hypot=np.hypot, Logaddexp=np.logaddexp, Equal=np.equal,
         NotEqual=np.not_equal, Greater=np.greater, GreaterEqual=np.greater_equal, Less=np.less,
         LessEqual=np.less_equal, LogicalAnd=np.logical_and, LogicalOr=np.logical_or,
         LogicalXor=np.logical_xor)  # fmt: skip
    have(1, "", Absolute=np.absolute, Negative=np.negative, Square=np.square, Sqrt=np.sqrt,
         Exp=np.exp, Exp2=np.exp2, Expm1=np.expm1, Log=np.log, Log2=np.log2, Log10=np.log10,
         Log1p=np.log1p, Sin=np.sin, Cos=np.cos, Tan=np.tan, Arcsin=np.arcsin, Arccos=np.arccos,
         Arctan=np.arctan, Sinh=np.sinh, Cosh=np.cosh, Tanh=np.tanh, Arcsinh=np.arcsinh,
         Arccosh=np.arccosh, Arctanh=np.arctanh, Reciprocal=np.reciprocal, Sign=np.sign,
         Floor=np.floor, Ceil=np.ceil, Isnan=np.isnan, Isinf=np.isinf, Isfinite=np.isfinite,
         LogicalNot=np.logical_not, Ravel=np.ravel, OnesLike=np.ones_like,
         ZerosLike=np.zeros_like)  # fmt: skip
    have(1, "axis keepdims", Mean=np.mean, Sum=np.sum, Max=np.max, Min=np.min, Prod=np.prod,
         Var=np.var, Std=np.std, Any=np.any, All=np.all, Median=np.median)  # fmt: skip
    have(1, "axis", ExpandDims=np.expand_dims, Squeeze=np.squeeze, Cumsum=np.cumsum,
         Cumprod=np.cumprod, Flip=np.flip, Argmax=np.argmax, Argmin=np.argmin,
         Sort=np.sort)  # fmt: skip
    have(None, "axis", Concatenate=np.concatenate, Stack=np.stack)
    have(1, "shape:newshape", Reshape=np.reshape)
    have(1, "axes", Transpose=np.transpose)
    have(1, "axis1 axis2", Swapaxes=np.swapaxes)
    have(1, "source destination", Moveaxis=np.moveaxis)
    have(1, "indices_or_sections axis", Split=np.split)
    have(1, "shift axis", Roll=np.roll)
    have(1, "repeats axis", Repeat=np.repeat)
    have(1, "reps:repeats", Tile=np.tile)
    have(1, "k", Tril=np.tril, Triu=np.triu)
    have(1, "shape", BroadcastTo=np.broadcast_to)
    have(2, "axes", Tensordot=np.tensordot)
    have(3, "", Clip=np.clip, Where=np.where)
    have(2, "", GetItem=item)
    for name, options in _ACTIVATIONS.items():
        function = activations.get(name)
        found["".join(part.capitalize() for part in name.split("_"))] = KerasFunction(
            "nn", function, 1, {option: option for option in options.split()}
        )
    return found


_ACTIVATIONS = {
    "relu": "", "sigmoid": "", "softplus": "", "softsign": "", "silu": "", "selu": "",
    "elu": "alpha", "leaky_relu": "negative_slope", "hard_sigmoid": "", "gelu": "approximate",
    "softmax": "axis", "log_softmax": "axis", "relu6": "", "log_sigmoid": "",
}  # fmt: skip


FUNCTIONS = _table()


def keras_function(
    function: Any, arguments: list[Any], keywords: Mapping[str, Any]
) -> tuple[str, str, dict[str, Any], list[Any]]:
    """Module, class and options in Keras, and what it is called on.

    Raises       ArgumentError for what Keras has no class for
    """
    if function is item:
        arguments = [arguments[0], _without_ellipsis(arguments[1], arguments[0].ndim)]
    for name, found in FUNCTIONS.items():
        if _same(function, found.function):
            return (f"keras.src.ops.{found.module}", name, *_sorted(found, arguments, keywords))
    shown = getattr(function, "name", None) or getattr(function, "__name__", repr(function))
    raise ArgumentError(
        f"The model calls the function {shown!r} on a placeholder, and Keras has no class of this "
        "name for its files. Put it into a layer of your own."
    )


def _without_ellipsis(index: Any, axes: int) -> Any:
    """The index with a slice for each axis that ``...`` stands for, which Keras does not know."""
    parts = list(index) if isinstance(index, tuple) else [index]
    if not any(part is Ellipsis for part in parts):
        return index
    place = next(n for n, part in enumerate(parts) if part is Ellipsis)
    taken = sum(part is not None for part in parts) - 1
    parts[place : place + 1] = [slice(None)] * (axes - taken)
    return tuple(parts)


def _same(function: Any, known: Any) -> bool:
    """Whether they compute the same: an operation is one of NumPy's functions, or several."""
    if function is known:
        return True
    if isinstance(function, Operation):
        return known in function.numpy
    return isinstance(known, Operation) and function in known.numpy


def _sorted(
    found: KerasFunction, arguments: list[Any], keywords: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Any]]:
    """Options and inputs apart, of a call of the function here."""
    count = 1 if found.inputs is None else found.inputs
    inputs, rest = list(arguments[:count]), arguments[count:]
    names = list(found.options)
    given = {**dict(zip(names, rest, strict=False)), **keywords}
    unknown = set(given) - set(names)
    if len(rest) > len(names) or unknown:
        raise ArgumentError(
            f"The model calls {found.function.__name__} with {', '.join(sorted(unknown)) or rest}, "
            "which Keras's function of this name does not take."
        )
    options = {found.options[name]: value for name, value in given.items()}
    return options, inputs


def called_as(
    name: str, config: Mapping[str, Any], given: Callable[[Any], Any]
) -> tuple[Any, dict[str, Any]]:
    """The function for a class of Keras, and the options that its configuration holds.

    Parameters   given: what makes values of those of the file
    """
    found = FUNCTIONS.get(name)
    if found is None:
        raise ArgumentError(
            f"Keras's function {name!r} is not known here.{suggestion(name, FUNCTIONS)}"
        )
    here = {there: name for name, there in found.options.items()}
    options = {}
    for key, value in config.items():
        if key in here:
            if value is not None:  # which is what they take where nothing is said
                options[here[key]] = tuple(value) if isinstance(value, list) else given(value)
        elif key != "name" and value is not None:
            raise ArgumentError(f"Keras's function {name!r} has {key}={value!r}, not known here.")
    return found.function, options
