"""Optimizer: what every rule for updating parameters has in common."""

from __future__ import annotations

import abc
import inspect
import math
from collections.abc import Iterable, Mapping
from operator import setitem
from typing import Any, Self

import numpy as np

from autograd_nn.engine.argument_checks import number_within
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.engine.mutation import assign_all
from autograd_nn.engine.tensor import Tensor, described
from autograd_nn.optimizers.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from autograd_nn.optimizers.pairs import (
    check_updatable,
    listed,
    listed_twice,
    nothing_to_do,
    usable,
)
from autograd_nn.optimizers.schedules import LearningRateSchedule, deserialize, serialize
from autograd_nn.optimizers.schedules.schedule import rate_at


class Optimizer(abc.ABC):
    """A rule that moves parameters against their gradients. Subclass it and write ``update``.

    Every step does, for all parameters before any of them changes:

        gradient = clipped(gradient)                                  # at most one of the three
        parameter = parameter - parameter * weight_decay * learning_rate
        parameter, state = update(parameter, gradient, state, step)

    Parameters   learning_rate: at least 0; 0 is a dry run. Or a schedule, which gives one for every
                 step. It can be set later; a number not in the place of a schedule
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
        learning_rate: float | LearningRateSchedule,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
    ) -> None:
        self._iterations = 0
        self._schedule: LearningRateSchedule | None = None
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
        """The size of the next step, at least 0; it can be set, to a schedule too, at any time.

        Raises       ArgumentTypeError where a number is to take the place of a schedule
        """
        if self._schedule is not None:
            return rate_at(self._schedule, self._iterations)
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: float | LearningRateSchedule) -> None:
        if isinstance(value, LearningRateSchedule):
            self._learning_rate = rate_at(value, self._iterations)
            self._schedule = value
        else:
            rate = _rate(value)
            if self._schedule is not None:
                raise ArgumentTypeError(
                    f"`learning_rate` is {self._schedule!r}, which says the rate of every step: "
                    f"it cannot be set to {value!r}. Set another schedule, or make the optimizer "
                    f"with a number, {type(self).__name__}(learning_rate=…), which can be set."
                )
            self._learning_rate = rate
        self._factors = _Factors(self._learning_rate)

    def _at_rate(self, rate: Any, iterations: Any = None) -> Self:
        """A copy with this rate and no schedule, to look at: it shares the state.

        Parameters   iterations: what the copy says it has made, None for as many as this one
        """
        import copy  # looks for a module of Jython first, which takes as long as ten of ours

        made = copy.copy(self)
        made._schedule, made._learning_rate, made._factors = None, rate, _Factors(rate)
        if iterations is not None:
            made._iterations = iterations
        return made

    @property
    def lr(self) -> float:
        """Not a name here: setting it would change nothing, without a word."""
        raise AttributeError(f"{type(self).__name__} has no `lr`: use `learning_rate`.")

    @lr.setter
    def lr(self, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} has no `lr`: set `learning_rate`.")

    @property
    def iterations(self) -> int:
        """How many steps were made."""
        return self._iterations

    def step(self, parameters: Iterable[Tensor]) -> None:
        """Update ``parameters`` from the gradients that ``backward`` left in their ``.grad``.

        Raises       StateError where no parameter has a gradient. Where only some have none,
                     these stay as they are and a warning names them
        """
        pairs = [(p._grad, p) for p in listed(parameters, "step")]
        # What is in `.grad` was fitted to its parameter when it was put there.
        for gradient, _ in pairs:
            if gradient is None:
                pairs = usable(pairs)
                break
        self._apply(pairs)

    def zero_grad(self, parameters: Iterable[Tensor]) -> None:
        """Forget the gradients of ``parameters``: ``.grad`` is None, "not computed"."""
        for parameter in listed(parameters, "zero_grad"):
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
        self._apply(usable(pairs))

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal optimizer, as plain Python values."""
        return {
            "name": self.name,
            "learning_rate": (
                self._learning_rate if self._schedule is None else serialize(self._schedule)
            ),
            "weight_decay": self.weight_decay,
            "clipnorm": self.clipnorm,
            "clipvalue": self.clipvalue,
            "global_clipnorm": self.global_clipnorm,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, type[Any]] | None = None
    ) -> Self:
        """A new optimizer, without state, from what ``get_config`` gave.

        Parameters   custom_objects: schedules of your own, class by name
        """
        rate = config.get("learning_rate")
        if isinstance(rate, Mapping):
            config = {**config, "learning_rate": deserialize(rate, custom_objects)}
        return cls(**config)

    def __repr__(self) -> str:
        arguments = inspect.signature(type(self)).parameters
        # A schedule of one's own may have no config.
        config = self._at_rate(self._learning_rate).get_config()
        if self._schedule is not None:
            config["learning_rate"] = self._schedule
        shown = [
            f"{name}={value!r}"
            for name, value in config.items()
            if name == "learning_rate"
            or (name != "name" and name in arguments and value != arguments[name].default)
        ]
        return f"{type(self).__name__}({', '.join(shown)})"

    def _apply(
        self, pairs: list[tuple[Any, Tensor]], others: Iterable[tuple[Any, ...]] = ()
    ) -> None:
        """One step, with which the calls ``others`` are made, as a whole or not at all."""
        if self._schedule is not None:
            self._apply_at_rate_of(self._schedule, pairs, others)
            return
        if not pairs:
            raise nothing_to_do([])
        if self.clipnorm is not None or self.clipvalue is not None or self.global_clipnorm:
            gradients = self.clipped([gradient for gradient, _ in pairs])
            pairs = [(g, parameter) for g, (_, parameter) in zip(gradients, pairs, strict=True)]
        step = self._iterations + 1
        decay = self._learning_rate * (self.weight_decay or 0.0)
        update, states = self.update, self._state
        values: dict[Tensor, Any] = {}
        calls: list[tuple[Any, ...]] = [(setattr, self, "_iterations", step), *others]
        for gradient, parameter in pairs:
            data = parameter._data
            if decay:
                data = data - data * decay
            known = states.get(parameter)
            if known is None:
                check_updatable(parameter)
            value, state = update(data, gradient, {} if known is None else known, step)
            if type(value) is not type(data) or value.shape != data.shape:
                self._check_rule(parameter, value)
            values[parameter] = value
            if state is not known:
                calls.append((setitem, states, parameter, state))
        if len(values) < len(pairs):
            raise listed_twice([parameter for _, parameter in pairs])
        assign_all(values.items(), calls)

    def _apply_at_rate_of(
        self,
        schedule: LearningRateSchedule,
        pairs: list[tuple[Any, Tensor]],
        others: Iterable[tuple[Any, ...]],
    ) -> None:
        """One step for which the rate is a number, asked for once and not for every parameter."""
        self._learning_rate = rate_at(schedule, self._iterations)
        self._factors = _Factors(self._learning_rate)
        try:
            self._schedule = None
            self._apply(pairs, others)
        finally:
            self._schedule = schedule

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


class _Factors(dict[Any, Any]):
    """−learning_rate by dtype, as an array of one number: NumPy takes it faster than a float."""

    def __init__(self, rate: Any) -> None:
        super().__init__()
        self._rate = rate

    def __missing__(self, dtype: Any) -> Any:
        factor = -self._rate
        if type(factor) is float:  # else a program is made, in which it can change
            factor = self[dtype] = np.array(factor, dtype)
        return factor


def _rate(value: object) -> float:
    """A learning rate that is a number, or what is wrong with it."""
    if isinstance(value, type) and issubclass(value, LearningRateSchedule):
        raise ArgumentTypeError(
            f"`learning_rate` must be a number or a schedule, got the class {value.__name__}. "
            f"Write {value.__name__}(…)."
        )
    if callable(value):
        raise ArgumentTypeError(
            "`learning_rate` must be a number of [0, inf) or a schedule, got "
            f"{value!r} of type {type(value).__name__}. For a function of the step make a subclass "
            "of optimizers.schedules.LearningRateSchedule with a method __call__(self, step)."
        )
    return number_within("learning_rate", value, 0, math.inf, high_open=True)


def _optional_number(name: str, value: object, low_open: bool = True) -> float | None:
    if value is None:
        return None
    return number_within(name, value, 0, math.inf, low_open=low_open, high_open=True)
