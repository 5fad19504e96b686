"""Loss: one value per sample, and how the values become one number."""

from __future__ import annotations

import abc
import inspect
from collections.abc import Callable
from typing import Any, ClassVar, Self, final

import numpy as np

from autograd_nn.arrays import as_array, refuse_negative
from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.composing import grouped
from autograd_nn.engine.conversion import checked_dtype
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.engine.recording import value_needed
from autograd_nn.engine.tensor import Tensor
from autograd_nn.layers.masks import mask_of
from autograd_nn.names import arguments_of, initialized, made_with, snake_case
from autograd_nn.ops import divide, equal, maximum, mean, multiply
from autograd_nn.ops import sum as total
from autograd_nn.targets import aligned, as_prediction, as_target, weights_for

_REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none")
BY_HAND = ("y_true", "y_pred")


class Loss(abc.ABC):
    """A loss. Subclass it and write ``call``, one value per sample.

    Parameters   name: the class name in snake_case where None is given
                 reduction: "sum_over_batch_size" (the mean over the samples; "mean" is the same),
                 "sum", "mean_with_sample_weight" (divided by the sum of the weights), "none"
                 dtype: in which it is computed; None takes that of the predictions
    Raises       ArgumentError, ArgumentTypeError naming the argument; called, ShapeError where
                 y_true and y_pred do not fit, which never broadcast
    Example      The mean of (1 − 3)⁴ and (2 − 2)⁴ is 8

    >>> class FourthPower(Loss):
    ...     def call(self, y_true, y_pred):
    ...         return ((y_pred - y_true) ** 4).mean(axis=-1)
    >>> float(FourthPower()([[1.0], [2.0]], [[3.0], [2.0]]))
    8.0
    """

    # The axis over which a sample's value is the mean of what `elements` gives; None: it is that.
    _mean_axis: int | None = None
    # By which the loss of an output is multiplied: what `compile` was given as `loss_weights`.
    _factor: float = 1.0
    # Whether its `call` says it all, as one that a user wrote does: a loss of the library has a
    # formula, of which `call` gives the mean of each sample.
    _calls: ClassVar[bool] = True
    # What shapes a loss of one's own compares is its own affair.
    _compares_equal_shapes: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        if cls.__module__.startswith("autograd_nn."):
            return
        if "__call__" in vars(cls):
            raise ArgumentTypeError(
                f"{cls.__name__} has a __call__ of its own, which fit does not call: write "
                "call(self, y_true, y_pred), one value for each sample."
            )
        if "call" in vars(cls):
            cls._calls = True

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: Any = None,
    ) -> None:
        reduction = "none" if reduction is None else reduction
        if reduction not in _REDUCTIONS:
            raise ArgumentError(
                f"`reduction` {reduction!r} is not known.{suggestion(str(reduction), _REDUCTIONS)}"
            )
        if name is not None and not isinstance(name, str):
            raise ArgumentTypeError(f"`name` must be a string, got {name!r}.")
        self.reduction = reduction
        self.name = name or snake_case(type(self).__name__)
        self.dtype = None if dtype is None else _floating(dtype)

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        if "name" not in vars(self):
            initialized(self)
        y, p = self.prepared(y_true, y_pred)
        if sample_weight is not None and type(sample_weight) is not Tensor:
            sample_weight = as_array(sample_weight, "sample_weight")
            refuse_negative(sample_weight, "sample_weight")
        values = self.elements(y, p)
        return self.reduced(values, sample_weight, self.counted(y, values, y_pred))

    def of_output(self, y: Any, p: Any, sample_weight: Any = None) -> Any:
        """The loss of the output of a model: y and the weights are in the form that it takes."""
        values = self.elements_of_output(y, p)
        found = self.reduced(values, sample_weight, self.counted(y, values, p))
        return found if self._factor == 1 else multiply(found, self._factor)

    def times(self, factor: float) -> Self:
        """The same loss, which as that of an output is multiplied by a number."""
        if factor == self._factor:
            return self
        import copy  # takes long to import, and few models need it

        found = copy.copy(self)
        found._factor = factor
        return found

    @abc.abstractmethod
    def call(self, y_true: Any, y_pred: Any) -> Any:
        """One value per sample; the two have fitting shapes here."""

    def samples(self, y_true: Any, y_pred: Any) -> Any:
        """One value per sample, of arguments in any form that a call takes."""
        return self._per_sample(self.elements(*self.prepared(y_true, y_pred)))

    def prepared(
        self, y_true: Any, y_pred: Any, names: tuple[str, str] = BY_HAND
    ) -> tuple[Any, Any]:
        """Both as Tensors or arrays of fitting shape and dtype, checked."""
        y, p = self.fitted(y_true, y_pred, names)
        self.check_predictions(p, names[1])
        return y, p

    def fitted(self, y_true: Any, y_pred: Any, names: tuple[str, str] = BY_HAND) -> tuple[Any, Any]:
        """The same without a look at the values of the predictions."""
        p = as_prediction(y_pred, names[1])
        if self.dtype is not None:
            p = self.typed(p)
        y = as_target(y_true, p, names[0])
        y, p = aligned(y, p, names, self._compares_equal_shapes)
        self.check_true(y, names[0])
        return y, p

    def check_true(self, y: Any, name: str) -> None:  # noqa: B027
        """Refuse values that true ones cannot have; y is in the form that `fitted` gives."""

    def accepts_all(self, y: Any) -> bool:
        """Whether true values are surely finite and such as `check_true` lets through."""
        return False

    def check_predictions(self, p: Any, name: str) -> None:  # noqa: B027
        """Refuse values that predictions cannot have."""

    def elements(self, y: Any, p: Any) -> Any:
        """The loss before any mean; y and p are prepared."""
        if not self._calls:
            return self.of_formula(y, p)
        token = value_needed.set(True)  # as `switched` does, in half of its time
        try:
            values = self.call(y, p)
        finally:
            value_needed.reset(token)
        if not hasattr(values, "ndim"):
            way_out = " Its `return` is missing." if values is None else ""
            raise ArgumentTypeError(
                f"The loss {self.name!r} must return a Tensor, one value for each sample or one "
                f"number, got {values!r} of type {type(values).__name__}.{way_out}"
            )
        return values

    def of_formula(self, y: Any, p: Any) -> Any:
        """The same, of a loss of the library, whatever `call` became in a subclass."""
        raise NotImplementedError

    def elements_of_output(self, y: Any, p: Any) -> Any:
        """The same for the output of a model: from the logits, where it is a fitting activation."""
        return self.elements(y, self.typed(p))

    def typed(self, p: Any) -> Any:
        """Predictions in the dtype in which the loss is computed."""
        return p if self.dtype is None or p.dtype == self.dtype else p.astype(self.dtype)

    def counted(self, y: Any, values: Any, p: Any = None) -> Any:
        """Which of the values count, as booleans of their shape, None where all do: not those of
        steps that the mask of the predictions leaves out."""
        return mask_of(p)

    def reduced(self, values: Any, sample_weight: Any = None, counted: Any = None) -> Any:
        """What ``elements`` gave as one number, or as ``reduction`` says.

        Parameters   counted: which samples count, as booleans; the mean is over these alone
        """
        if sample_weight is None and counted is None:
            if self.reduction in ("none", "sum"):
                samples = self._per_sample(values)
                return samples if self.reduction == "none" else total(samples)
            # One mean over everything is the mean over the samples of their means.
            return mean(values) if values.ndim else values
        samples = values if values.ndim == 1 else self._per_sample(values)
        weights = 1.0 if sample_weight is None else weights_for(samples, sample_weight)
        if counted is not None:
            present = weights_for(samples, counted)
            weights = multiply(weights, present)
        weighted = multiply(samples, weights)
        if self.reduction == "none":
            return weighted
        if self.reduction == "sum":
            return total(weighted)
        if self.reduction == "mean_with_sample_weight":
            sum_of_weights = total(weights)
            # Where all are 0, so is the loss.
            return divide(total(weighted), sum_of_weights + equal(sum_of_weights, 0))
        if counted is None:
            return mean(weighted)
        # Where none counts, the loss is 0.
        return divide(total(weighted), maximum(total(present), 1))

    def _per_sample(self, values: Any) -> Any:
        return values if self._calls else self._averaged(values)

    def _averaged(self, values: Any) -> Any:
        """What a formula gives for each sample, of its elements."""
        axis = self._mean_axis
        return values if axis is None or not values.ndim else mean(values, axis=axis)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Loss:
        """A loss with the arguments of ``get_config``."""
        return made_with(cls, config)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal loss, as plain Python values."""
        return arguments_of(self)

    def __repr__(self) -> str:
        parameters = inspect.signature(type(self)).parameters
        shown = [
            f"{name}={value!r}"
            for name, value in self.get_config().items()
            if name != "name" and value != parameters[name].default
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


class FormulaLoss(Loss):
    """What the losses of this library share: nothing is broadcast, ``formula`` says it all.

    In pictures its operations are a group with the name of the class.
    """

    _calls = False
    _compares_equal_shapes = True

    @checked_keywords
    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The formula of the class, one value per sample."""
        return self._averaged(self.of_formula(y_true, y_pred))

    def of_formula(self, y: Any, p: Any) -> Any:
        """The loss before any mean; y and p are prepared."""
        with grouped(snake_case(type(self).__name__)):
            return self.formula(y, p)

    @abc.abstractmethod
    def formula(self, y: Any, p: Any) -> Any:
        """What the class computes of arrays or Tensors, before any mean."""


@final
class FunctionLoss(Loss):
    """A plain function of (y_true, y_pred) as a loss."""

    def __init__(self, function: Callable[[Any, Any], Any]) -> None:
        super().__init__(name=getattr(function, "__name__", "loss"))
        self.function = function

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.function(y_true, y_pred)


def unmasked(counted: Any, mask: Any) -> Any:
    """Which of some values count, without those that a mask leaves out."""
    return counted if mask is None else np.logical_and(counted, mask)


def _floating(dtype: Any) -> str:
    found = checked_dtype(dtype)
    if found.kind != "f":
        raise ArgumentTypeError(f"`dtype` of a loss must be a floating type, got {found}.")
    return found.name
