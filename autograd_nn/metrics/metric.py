"""Metric: a number that is updated batch by batch."""

from __future__ import annotations

import abc
from typing import Any

import numpy as np

from autograd_nn import initializers
from autograd_nn.engine.conversion import checked_dtype
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.names import arguments_of, initialized, made_with, snake_case
from autograd_nn.settings import floatx


class Metric(abc.ABC):
    """A number that is updated batch by batch: ``update_state``, ``result``, ``reset_state``.

    Parameters   dtype: of the state that ``add_variable`` makes; None takes ``floatx()``
                 name: the class name in snake_case where None is given
    Example      A metric of one's own, as Keras's guides write them

    >>> class Positives(Metric):
    ...     def __init__(self, name="positives", **keywords):
    ...         super().__init__(name=name, **keywords)
    ...         self.count = self.add_variable((), "zeros", name="count")
    ...     def update_state(self, y_true, y_pred, sample_weight=None):
    ...         self.count.assign_add((y_pred > 0.5).sum())
    ...     def result(self):
    ...         return self.count
    >>> float(Positives()(np.ones(3), np.array([0.2, 0.7, 0.9])))
    2.0
    """

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        if name is not None and not isinstance(name, str):
            raise ArgumentTypeError(f"`name` must be a string, got {name!r}.")
        self.name = name or snake_case(type(self).__name__)
        if isinstance(dtype, str) and name is None and not hasattr(np, dtype):
            raise ArgumentTypeError(
                f"The first argument of Metric is `dtype`, as in Keras, and {dtype!r} is none. "
                f"Write super().__init__(name={dtype!r})."
            )
        self.dtype = floatx() if dtype is None else checked_dtype(dtype).name
        self._variables: list[Tensor] = []

    @abc.abstractmethod
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch, given as arrays or Tensors."""

    @abc.abstractmethod
    def result(self) -> Any:
        """The value over everything taken in since the last reset."""

    def reset_state(self) -> None:
        """Forget everything taken in: what ``add_variable`` made is 0 again."""
        for variable in self.variables:
            variable.assign(np.zeros(variable.shape, variable.dtype))

    def add_variable(
        self,
        shape: Any = (),
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> Tensor:
        """State that ``reset_state`` sets to 0; change it by ``assign`` and ``assign_add``.

        Parameters   aggregation: taken as in Keras, and without a meaning on one machine
        """
        initialized(self)
        shape = tuple(shape) if isinstance(shape, (list, tuple)) else (shape,)
        value = initializers.get(initializer or "zeros")(shape, dtype or self.dtype)
        variable = Tensor(value, requires_grad=False, name=name)
        self._variables.append(variable)
        return variable

    def add_weight(
        self,
        shape: Any = (),
        initializer: Any = "zeros",
        dtype: Any = None,
        name: str | None = None,
    ) -> Tensor:
        """``add_variable`` by its other name."""
        return self.add_variable(shape, initializer, dtype, name=name)

    @property
    def variables(self) -> list[Tensor]:
        """What ``add_variable`` made, also in metrics that this one holds."""
        held = [value for value in vars(self).values() if isinstance(value, Metric)]
        return [*self._variables, *(variable for inner in held for variable in inner.variables)]

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Take in one batch, given as for ``update_state``; the value over all so far."""
        self.update_state(*arguments, **keywords)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric, as plain Python values."""
        return arguments_of(self)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """A metric with the arguments of ``get_config``."""
        return made_with(cls, config)

    def __repr__(self) -> str:
        result = self.result()
        result = result if isinstance(result, dict) else as_plain(result)
        shown = f"{result:.4g}" if isinstance(result, float) else str(result)
        return f"{type(self).__name__}(name={self.name!r}, result={shown})"


def take_in(metric: Metric, y_true: Any, y_pred: Any, weight: Any) -> None:
    """Update with a batch; one's own metric needs no ``sample_weight`` where there is none."""
    if weight is None:
        metric.update_state(y_true, y_pred)
    else:
        metric.update_state(y_true, y_pred, weight)


def as_plain(result: Any) -> Any:
    """What a metric says as a float, or as an array where it says several numbers."""
    if isinstance(result, float):
        return result
    array = np.asarray(result._data if isinstance(result, Tensor) else result)
    return float(array) if array.ndim == 0 else array
