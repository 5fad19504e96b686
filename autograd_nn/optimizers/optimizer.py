"""Optimizer: what every rule for updating parameters has in common."""

from __future__ import annotations

import abc
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import setitem
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from autograd_nn.engine.argument_checks import number_within, true_or_false
from autograd_nn.engine.errors import (
    ArgumentError,
    ArgumentTypeError,
    ShapeError,
    StateError,
)
from autograd_nn.engine.mutation import assign_all
from autograd_nn.engine.tensor import Tensor, described
from autograd_nn.layers.weights import bound, constraint_of
from autograd_nn.names import made_with, parameters_of
from autograd_nn.optimizers.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from autograd_nn.optimizers.learning_rate import Factors, HasLearningRate
from autograd_nn.optimizers.options import (
    AVERAGE,
    GRADIENTS,
    optional_integer,
    optional_number,
    refuse_two_limits,
    refuse_unknown,
)
from autograd_nn.optimizers.pairs import (
    as_pairs,
    check_updatable,
    constrained,
    listed,
    listed_twice,
    nothing_to_do,
    usable,
)
from autograd_nn.optimizers.schedules import LearningRateSchedule, deserialize, serialize
from autograd_nn.optimizers.schedules.schedule import rate_at
from autograd_nn.optimizers.weight_decay import HasWeightDecay

if TYPE_CHECKING:
    from autograd_nn.optimizers.around import InAnyStep


class Optimizer(HasWeightDecay, HasLearningRate, abc.ABC):
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
                 use_ema: keep a running average of every parameter, as it is before a constraint.
                 At the end of ``fit`` parameters become their averages, and where
                 ``finalize_variable_values`` is called
                 ema_momentum: 0 to 1, the part of the average that is kept, default 0.99
                 ema_overwrite_frequency: parameters become their averages every so many steps, too
                 loss_scale_factor: gradients are divided by it, those of ``scale_loss(loss)`` in a
                 loop of your own. ``fit`` and programs scale no loss, and so divide nothing
                 gradient_accumulation_steps: at least 2. So many gradients are added up, and the
                 rule is run once on their mean; between, parameters stay as they are
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

    # Whether its rule was written outside of the library.
    _is_own: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        cls._is_own = not cls.__module__.startswith("autograd_nn.")
        if cls._is_own and "update_step" in vars(cls) and "update" not in vars(cls):
            raise ArgumentTypeError(
                f"{cls.__name__} has an update_step, Keras's name for a rule that assigns to its "
                "variable, which is not called here: write update(self, parameter, gradient, "
                "state, step), which returns the new value and the new state, and assigns nothing."
            )

    def __init__(
        self,
        learning_rate: float | LearningRateSchedule,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **unknown: Any,
    ) -> None:
        refuse_unknown(type(self), unknown)
        self._iterations = 0
        self._schedule = None
        self.learning_rate = learning_rate
        self.weight_decay = optional_number("weight_decay", weight_decay, low_open=False)
        self.clipnorm = optional_number("clipnorm", clipnorm)
        self.clipvalue = optional_number("clipvalue", clipvalue)
        self.global_clipnorm = optional_number("global_clipnorm", global_clipnorm)
        refuse_two_limits(self)
        self.use_ema = true_or_false("use_ema", use_ema)
        self.ema_momentum = number_within("ema_momentum", ema_momentum, 0, 1)
        self.ema_overwrite_frequency = optional_integer(
            "ema_overwrite_frequency", ema_overwrite_frequency, 1
        )
        self.loss_scale_factor = optional_number("loss_scale_factor", loss_scale_factor)
        self.gradient_accumulation_steps = optional_integer(
            "gradient_accumulation_steps", gradient_accumulation_steps, 2
        )
        if name is not None and not isinstance(name, str):
            raise ArgumentTypeError(f"`name` must be a string, got {name!r}.")
        self.name = name or type(self).__name__.lower()
        # The keys are the Tensors (hashed by identity) and not their ids: a parameter that is
        # dropped elsewhere cannot hand its state on to a new one at the same address.
        self._state: dict[Tensor, dict[str, Any]] = {}
        self._built_on: list[Tensor] | None = None
        self._undecayed = None

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
    def iterations(self) -> int:
        """How many steps were made; those between which gradients are added up count as one."""
        accumulated = self.gradient_accumulation_steps
        return self._iterations if accumulated is None else self._iterations // accumulated

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
        self._apply(pairs if self.loss_scale_factor is None else self._unscaled(pairs))

    def zero_grad(self, parameters: Iterable[Tensor]) -> None:
        """Forget the gradients of ``parameters``: ``.grad`` is None, "not computed"."""
        for parameter in listed(parameters, "zero_grad"):
            parameter._grad = None

    def apply_gradients(self, gradients_and_parameters: Iterable[tuple[Any, Tensor]]) -> None:
        """Update parameters from ``zip(gradients, parameters)``.

        The gradients are arrays, numbers or Tensors. What is said of ``step`` holds here too.
        """
        self._apply(self._unscaled(usable(as_pairs(gradients_and_parameters))))

    def apply_unscaled(self, gradients_and_parameters: Iterable[tuple[Any, Tensor]]) -> None:
        """The same for gradients of the loss itself, where that is not scaled."""
        self._apply(usable(as_pairs(gradients_and_parameters)))

    def apply(
        self, grads: Sequence[Any], trainable_variables: Iterable[Tensor] | None = None
    ) -> None:
        """The same from two lists, as in Keras.

        Parameters   trainable_variables: None for those that ``build`` or the first call was given
        """
        if trainable_variables is not None:
            parameters = listed(trainable_variables, "apply")
            self._built_on = self._built_on or parameters
        elif self._built_on is None:
            raise StateError(
                "`apply` was given gradients alone, and does not know of what: write "
                "optimizer.apply(grads, model.trainable_variables), or optimizer.build(…) first."
            )
        else:
            parameters = self._built_on
        gradients = list(grads)
        if len(gradients) != len(parameters):
            raise ArgumentError(
                f"`grads` must have one gradient for each of {len(parameters)} parameters, got "
                f"{len(gradients)}."
            )
        self.apply_gradients(zip(gradients, parameters, strict=True))

    def build(self, variables: Iterable[Tensor]) -> None:
        """Say once of which parameters ``apply`` is given gradients."""
        parameters = listed(variables, "build")
        for parameter in parameters:
            check_updatable(parameter)
        self._built_on = list(parameters)

    @property
    def built(self) -> bool:
        """Whether parameters are known."""
        return self._built_on is not None or bool(self._state)

    @property
    def variables(self) -> list[Any]:
        """What the optimizer keeps, to look at: the count of steps, the learning rate, and for each
        parameter that was moved the arrays of its state."""
        found = [np.asarray(self._iterations), np.asarray(self.learning_rate)]
        found += [np.array(item) for state in self._state.values() for item in state.values()]
        for array in found:
            array.flags.writeable = False
        return found

    def scale_loss(self, loss: Any) -> Any:
        """The loss times ``loss_scale_factor``: that of which gradients are to be given."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def constraint_of(self, parameter: Tensor) -> Callable[[Any], Any] | None:
        """What is made of the parameter after every step, where it is the weight of a layer that
        has a constraint."""
        return constraint_of(parameter)

    def finalize_variable_values(self, var_list: Iterable[Tensor]) -> None:
        """With ``use_ema``, have parameters be their running averages."""
        if self.use_ema:
            parameters = listed(var_list, "finalize_variable_values")
            known = [p for p in parameters if AVERAGE in self._state.get(p, {})]
            assign_all([(p, np.array(self._state[p][AVERAGE])[()]) for p in known], [])

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
            "use_ema": self.use_ema,
            "ema_momentum": self.ema_momentum,
            "ema_overwrite_frequency": self.ema_overwrite_frequency,
            "loss_scale_factor": self.loss_scale_factor,
            "gradient_accumulation_steps": self.gradient_accumulation_steps,
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
        return made_with(cls, config)

    def __repr__(self) -> str:
        arguments = parameters_of(type(self))
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
        update, states, step, is_due = self.update, self._state, self._iterations + 1, True
        if self.use_ema or self.gradient_accumulation_steps is not None:
            from autograd_nn.optimizers.around import InThisStep  # which few optimizers need

            around = InThisStep(self)
            update, is_due, pairs = around.update, around.is_due, around.given(pairs)
        decay = 0.0
        if is_due:
            decay = self._learning_rate * (self.weight_decay or 0.0)
            if self.clipnorm is not None or self.clipvalue is not None or self.global_clipnorm:
                gradients = self.clipped([gradient for gradient, _ in pairs])
                pairs = [(g, parameter) for g, (_, parameter) in zip(gradients, pairs, strict=True)]
        values: dict[Tensor, Any] = {}
        calls: list[tuple[Any, ...]] = [(setattr, self, "_iterations", step), *others]
        for gradient, parameter in pairs:
            data = parameter._data
            if decay and (self._undecayed is None or self.decays(parameter)):
                data = data - data * decay
            known = states.get(parameter)
            if known is None:
                check_updatable(parameter)
            value, state = update(data, gradient, {} if known is None else known, step)
            if known is None or self._is_own:  # what is the library's keeps shapes
                self._check_rule(parameter, value)
            values[parameter] = value
            if state is not known:
                calls.append((setitem, states, parameter, state))
        if len(values) < len(pairs):
            raise listed_twice([parameter for _, parameter in pairs])
        if bound:
            values = {p: constrained(self.constraint_of(p), p, x) for p, x in values.items()}
        assign_all(values.items(), calls)

    def _apply_at_rate_of(
        self,
        schedule: LearningRateSchedule,
        pairs: list[tuple[Any, Tensor]],
        others: Iterable[tuple[Any, ...]],
    ) -> None:
        """One step for which the rate is a number, asked for once and not for every parameter."""
        self._learning_rate = rate_at(schedule, self._iterations)
        self._factors = Factors(self._learning_rate)
        try:
            self._schedule = None
            self._apply(pairs, others)
        finally:
            self._schedule = schedule

    def _unscaled(self, pairs: list[tuple[Any, Tensor]]) -> list[tuple[Any, Tensor]]:
        """Pairs with the gradients of the loss, of those of ``scale_loss(loss)``."""
        factor = self.loss_scale_factor
        return pairs if factor is None else [(gradient / factor, p) for gradient, p in pairs]

    def _check_rule(self, parameter: Tensor, value: Any) -> None:
        if np.shape(value) != parameter._data.shape:
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

    def refuse_own_steps(self) -> None:
        """Refuse what would not be called where ``fit`` takes the steps."""
        for name in ("apply", "apply_gradients", "apply_unscaled", "step"):
            if getattr(type(self), name) is not getattr(Optimizer, name):
                raise ArgumentTypeError(
                    f"{type(self).__name__} has a method {name} of its own, which fit does not "
                    "call: its steps call update(parameter, gradient, state, step) for every "
                    "weight. Write that, or a train_step of the model that calls "
                    f"self.optimizer.{name}(…)."
                )

    @property
    def kept_around(self) -> list[str]:
        """The names of what is kept in a state beside that of the rule."""
        accumulates = self.gradient_accumulation_steps is not None
        return [AVERAGE] * self.use_ema + [GRADIENTS] * accumulates

    def in_any_step(self, step: Any) -> InAnyStep:
        """What is done around the rule, in a program."""
        from autograd_nn.optimizers.around import InAnyStep

        return InAnyStep(self, step)
