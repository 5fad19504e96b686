"""Gradients and parameters as a step is given them: made fit for each other, or refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, StateError
from autograd_nn.engine.taking import warn_outside
from autograd_nn.engine.tensor import Tensor, described


def as_pairs(given: Iterable[tuple[Any, Tensor]]) -> list[tuple[Any, Tensor]]:
    """The pairs of a gradient and a parameter as a list, or what is wrong with them."""
    pairs = list(given)
    for pair in pairs:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise ArgumentTypeError(
                "`apply_gradients` takes pairs, zip(gradients, parameters), "
                f"got an element of type {type(pair).__name__}."
            )
        if type(pair[1]) is not Tensor:
            raise ArgumentTypeError(
                "`apply_gradients` takes pairs of a gradient and a parameter, "
                "zip(gradients, parameters) in this order, got a pair whose second part is "
                f"of type {type(pair[1]).__name__}."
            )
    return pairs


def usable(pairs: list[tuple[Any, Tensor]]) -> list[tuple[Any, Tensor]]:
    """The pairs whose gradient is there, the gradients fit for arithmetic with the parameters."""
    for gradient, parameter in pairs:
        data = parameter._data
        if (
            type(gradient) is not type(data)
            or gradient.shape != data.shape
            or gradient.dtype is not data.dtype
        ):
            missing = [parameter for gradient, parameter in pairs if gradient is None]
            pairs = [(_fitting(g, p), p) for g, p in pairs if g is not None]
            _tell_missing(missing, pairs)
            break
    return pairs


def listed_twice(parameters: list[Tensor]) -> ArgumentError:
    """What to answer where a parameter stands among them twice."""
    twice = next(p for i, p in enumerate(parameters) if any(p is q for q in parameters[:i]))
    return ArgumentError(
        f"{described(twice)} is listed twice, and one of its gradients would be lost. "
        "List every parameter once, with the sum of its gradients."
    )


def _tell_missing(missing: list[Tensor], pairs: list[tuple[Any, Tensor]]) -> None:
    if not pairs:
        raise nothing_to_do(missing)
    if missing:
        warn_outside(
            f"No gradient for {', '.join(described(parameter) for parameter in missing)}: left "
            "as it is. The loss does not depend on it, or it wants no gradient.",
        )


def _fitting(gradient: Any, parameter: Tensor) -> Any:
    """The gradient in the shape and dtype of its parameter, or what is wrong with it."""
    if isinstance(gradient, Tensor):
        gradient = gradient._data
    array = np.asarray(gradient)
    data = parameter._data
    if array.dtype.kind not in "fiu":
        raise ArgumentTypeError(
            f"The gradient of {described(parameter)} must be numbers, got {array.dtype} "
            f"of type {type(gradient).__name__}."
        )
    if array.shape != data.shape:
        raise ShapeError(f"The gradient of {described(parameter)} has shape {array.shape}.")
    array = array.astype(data.dtype, copy=False)
    return array if type(data) is np.ndarray else array[()]


def nothing_to_do(missing: list[Tensor]) -> Exception:
    """What to answer where no parameter has a gradient, or there is none at all."""
    if not missing:
        return ArgumentError(
            "There are no parameters to update. A layer or model has them once it is built; "
            "a zip or generator gives them once only."
        )
    names = ", ".join(described(parameter) for parameter in missing[:3])
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    return StateError(
        f"No gradient for any parameter ({names}{more}): loss.backward() was not called, or the "
        "loss does not depend on them (what is taken out by .data or np.asarray does not)."
    )


def check_updatable(parameter: Tensor) -> None:
    """Refuse what is no leaf of floating-point numbers."""
    if not parameter.is_leaf:
        raise ArgumentError(
            f"Only leaf Tensors can be updated; {described(parameter)} was computed. "
            "Update the Tensors that it was computed from."
        )
    if parameter.dtype.kind != "f":
        raise ArgumentTypeError(
            f"Only floating-point parameters can be updated; {described(parameter)} "
            f"is {parameter.dtype}. Make it with Tensor(data, dtype=float)."
        )


def constrained(constraint: Callable[[Any], Any] | None, parameter: Tensor, value: Any) -> Any:
    """The new value of a parameter as its constraint allows it."""
    if constraint is None:
        return value
    found = constraint(value)
    found = np.asarray(found._data if type(found) is Tensor else found)
    if found.shape != parameter.shape or found.dtype.kind != "f":
        raise ShapeError(
            f"The constraint of {described(parameter)} must give numbers of its shape "
            f"{parameter.shape}, got {found.dtype} of shape {found.shape}."
        )
    return found.astype(parameter.dtype, copy=False)[()]


def listed(parameters: Any, method: str) -> list[Tensor]:
    """The parameters as a list, or what is wrong with it."""
    if type(parameters) is not list:
        parameters = _as_list(parameters, method)
    for parameter in parameters:
        if type(parameter) is not Tensor:
            raise ArgumentTypeError(
                "`parameters` must be a list of Tensors, got an element of type "
                f"{type(parameter).__name__}."
            )
    return parameters


def _as_list(parameters: Any, method: str) -> list[Any]:
    if isinstance(parameters, Tensor):
        raise ArgumentTypeError(f"`parameters` must be a list of Tensors: {method}([w]).")
    if hasattr(parameters, "trainable_weights"):
        raise ArgumentTypeError(
            f"`parameters` must be a list of Tensors: {method}(model.trainable_weights), "
            f"got a {type(parameters).__name__}."
        )
    if isinstance(parameters, (str, bytes, dict)) or not isinstance(parameters, Iterable):
        raise ArgumentTypeError(
            f"`parameters` must be a list of Tensors, got {parameters!r} "
            f"of type {type(parameters).__name__}."
        )
    return list(parameters)
