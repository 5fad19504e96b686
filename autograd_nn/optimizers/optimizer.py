"""Optimizer: what every rule for updating parameters has in common."""

from __future__ import annotations

import abc
import inspect
import math
import warnings
from collections.abc import Iterable
from typing import Any, Self

import numpy as np

from autograd_nn.engine.errors import (
    ArgumentError,
    ArgumentTypeError,
    ShapeError,
    StateError,
    number_within,
)
from autograd_nn.engine.tensor import Tensor, assign, described
from autograd_nn.optimizers.clipping import clip_by_global_norm, clip_by_norm, clip_by_value


class Optimizer(abc.ABC):
    """A rule that moves parameters against their gradients. Subclass it and write ``update``.

    Every step does, for all parameters before any of them changes:

        gradient = clipped(gradient)                                  # at most one of the three
        parameter = parameter - parameter * weight_decay * learning_rate
        parameter, state = update(parameter, gradient, state, step)

    Parameters   learning_rate: at least 0; 0 is a dry run. It can be set later
                 weight_decay: pulls every parameter towards 0; None means none
                 clipnorm: the largest norm that the gradient of each parameter may have
                 clipvalue: the largest size that each element of a gradient may have
                 global_clipnorm: the largest norm of all gradients together
                 name: the class name in lower case where None is given
    Raises       ArgumentError, ArgumentTypeError naming the argument
    Example      A rule that looks at signs only: w = 1 − 0.25·sign(5) = 0.75

    >>> import numpy as np
    >>> from autograd_nn import Tensor
    >>> class SignDescent(Optimizer):
    ...     def update(self, parameter, gradient, state, step):
    ...         return parameter - self.learning_rate * np.sign(gradient), {}
    >>> w = Tensor(1.0)
    >>> SignDescent(learning_rate=0.25).apply_gradients([(5.0, w)])
    >>> print(w.item())
    0.75
    """

    def __init__(
        self,
        learning_rate: float,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
    ) -> None:
        self.learning_rate = learning_rate
        self.weight_decay = _optional_number("weight_decay", weight_decay, low_open=False)
        self.clipnorm = _optional_number("clipnorm", clipnorm)
        self.clipvalue = _optional_number("clipvalue", clipvalue)
        self.global_clipnorm = _optional_number("global_clipnorm", global_clipnorm)
        given = {
            argument: value
            for argument in ("clipnorm", "clipvalue", "global_clipnorm")
            if (value := getattr(self, argument)) is not None
        }
        if len(given) > 1:
            shown = ", ".join(f"{argument}={value!r}" for argument, value in given.items())
            raise ArgumentError(
                f"At most one of `clipnorm`, `clipvalue` and `global_clipnorm`, got {shown}."
            )
        if name is not None and not isinstance(name, str):
            raise ArgumentTypeError(f"`name` must be a string, got {name!r}.")
        self.name = name or type(self).__name__.lower()
        self._iterations = 0
        # The keys are the Tensors (hashed by identity) and not their ids: a parameter that is
        # dropped elsewhere cannot hand its state on to a new one at the same address.
        self._state: dict[Tensor, dict[str, Any]] = {}

    @abc.abstractmethod
    def update(
        self, parameter: Any, gradient: Any, state: dict[str, Any], step: int
    ) -> tuple[Any, dict[str, Any]]:
        """The new value of one parameter and its new state; nothing is changed in place.

        Parameters   parameter, gradient: arrays (or NumPy scalars) of equal shape and dtype
                     state: what the last step returned for this parameter, {} at first
                     step: 1 for the first step
        """

    @property
    def learning_rate(self) -> float:
        """The size of a step, at least 0; it can be set at any time."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._learning_rate = number_within("learning_rate", value, 0, math.inf, high_open=True)
        self._factors: dict[Any, Any] = {}

    def _factor(self, dtype: Any) -> Any:
        """−learning_rate as an array of one number: NumPy takes it faster than a float."""
        factor = self._factors.get(dtype)
        if factor is None:
            factor = -self._learning_rate
            if type(factor) is float:  # else a program is made, in which it can change
                factor = self._factors[dtype] = np.array(factor, dtype)
        return factor

    @property
    def iterations(self) -> int:
        """How many steps were made."""
        return self._iterations

    def step(self, parameters: Iterable[Tensor]) -> None:
        """Update ``parameters`` from the gradients that ``backward`` left in their ``.grad``.

        Raises       StateError where no parameter has a gradient. Where only some have none,
                     these stay as they are and a warning names them
        """
        pairs = [(p._grad, p) for p in _listed(parameters, "step")]
        # What is in `.grad` was fitted to its parameter when it was put there.
        for gradient, _ in pairs:
            if gradient is None:
                pairs = _usable(pairs)
                break
        self._apply(pairs)

    def zero_grad(self, parameters: Iterable[Tensor]) -> None:
        """Forget the gradients of ``parameters``: ``.grad`` is None, "not computed"."""
        for parameter in _listed(parameters, "zero_grad"):
            parameter._grad = None

    def apply_gradients(self, gradients_and_parameters: Iterable[tuple[Any, Tensor]]) -> None:
        """Update parameters from ``zip(gradients, parameters)``.

        The gradients are arrays, numbers or Tensors. What is said of ``step`` holds here too.
        """
        pairs = list(gradients_and_parameters)
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
        self._apply(_usable(pairs))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer, as plain Python values."""
        return {
            "name": self.name,
            "learning_rate": self.learning_rate,
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "clipvalue": self.clipvalue,
            "global_clipnorm": self.global_clipnorm,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """A new optimizer, without state, from what ``get_config`` gave."""
        return cls(**config)

    def __repr__(self) -> str:
        arguments = inspect.signature(type(self)).parameters
        shown = [
            f"{name}={value!r}"
            for name, value in self.get_config().items()
            if name == "learning_rate"
            or (name != "name" and name in arguments and value != arguments[name].default)
        ]
        return f"{type(self).__name__}({', '.join(shown)})"

    def _apply(self, pairs: list[tuple[Any, Tensor]]) -> None:
        if not pairs:
            raise _nothing_to_do([])
        if self.clipnorm is not None or self.clipvalue is not None or self.global_clipnorm:
            gradients = self.clipped([gradient for gradient, _ in pairs])
            pairs = [(g, parameter) for g, (_, parameter) in zip(gradients, pairs, strict=True)]
        step = self._iterations + 1
        decay = self._learning_rate * (self.weight_decay or 0.0)
        update, states = self.update, self._state
        changes: dict[Tensor, tuple[Any, dict[str, Any]]] = {}
        for gradient, parameter in pairs:
            data = parameter._data
            if decay:
                data = data - data * decay
            state = states.get(parameter)
            if state is None:
                _check_updatable(parameter)
                value, state = update(data, gradient, {}, step)
                self._check_rule(parameter, value)
            else:
                value, state = update(data, gradient, state, step)
            changes[parameter] = value, state
        if len(changes) < len(pairs):
            raise _listed_twice([parameter for _, parameter in pairs])
        try:
            self._commit(changes, step)
        except BaseException:
            # Ctrl-C between two parameters. Assigning the same values again is harmless, and a
            # step is made as a whole or not at all.
            self._commit(changes, step)
            raise

    def _check_rule(self, parameter: Tensor, value: Any) -> None:
        if np.shape(value) != parameter.shape:
            raise ShapeError(
                f"{type(self).__name__}.update must keep the shape of {described(parameter)}, "
                f"got {np.shape(value)}."
            )

    def clipped(self, gradients: list[Any]) -> list[Any]:
        """The gradients of all parameters, made smaller as `clipnorm` and its kin say."""
        if self.clipnorm is not None:
            return clip_by_norm(gradients, self.clipnorm)
        if self.clipvalue is not None:
            return clip_by_value(gradients, self.clipvalue)
        if self.global_clipnorm is not None:
            return clip_by_global_norm(gradients, self.global_clipnorm)
        return gradients

    def _commit(self, changes: dict[Tensor, tuple[Any, dict[str, Any]]], step: int) -> None:
        for parameter, (value, state) in changes.items():
            assign(parameter, value)
            self._state[parameter] = state
        self._iterations = step


def _usable(pairs: list[tuple[Any, Tensor]]) -> list[tuple[Any, Tensor]]:
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


def _listed_twice(listed: list[Tensor]) -> ArgumentError:
    twice = next(p for i, p in enumerate(listed) if any(p is q for q in listed[:i]))
    return ArgumentError(
        f"{described(twice)} is listed twice, and one of its gradients would be lost. "
        "List every parameter once, with the sum of its gradients."
    )


def _tell_missing(missing: list[Tensor], pairs: list[tuple[Any, Tensor]]) -> None:
    if not pairs:
        raise _nothing_to_do(missing)
    if missing:
        # The frames above: _usable, step or apply_gradients, the caller.
        warnings.warn(
            f"No gradient for {', '.join(described(parameter) for parameter in missing)}: left "
            "as it is. The loss does not depend on it, or it wants no gradient.",
            stacklevel=4,
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


def _nothing_to_do(missing: list[Tensor]) -> Exception:
    if not missing:
        return ArgumentError(
            "There are no parameters to update. A layer or model has them once it is built; "
            "a zip or generator gives them once only."
        )
    names = ", ".join(described(parameter) for parameter in missing[:3])
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    return StateError(
        f"No gradient for any parameter ({names}{more}): call loss.backward() first, "
        "and see that the loss depends on them."
    )


def _check_updatable(parameter: Tensor) -> None:
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


def _listed(parameters: Any, method: str) -> list[Tensor]:
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


def _optional_number(name: str, value: object, low_open: bool = True) -> float | None:
    if value is None:
        return None
    return number_within(name, value, 0, math.inf, low_open=low_open, high_open=True)


def true_or_false(name: str, value: object) -> bool:
    """Return ``value`` as a bool, or say what was expected."""
    if not isinstance(value, (bool, np.bool_)):
        raise ArgumentTypeError(
            f"`{name}` must be True or False, got {value!r} of type {type(value).__name__}."
        )
    return bool(value)
