"""Metrics: running averages over samples, told while a model trains and when it is evaluated."""

from __future__ import annotations

import abc
import inspect
import math
from collections.abc import Callable
from typing import Any, final

import numpy as np

from autograd_nn.arrays import as_array, refuse_negative
from autograd_nn.engine.argument_checks import checked_keywords, number_within
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, suggestion
from autograd_nn.names import snake_case
from autograd_nn.targets import aligned

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "Mean",
    "MeanAbsoluteError",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "Metric",
    "SparseCategoricalAccuracy",
    "get",
    "resolve",
]


class Metric(abc.ABC):
    """A number that is updated batch by batch: ``update_state``, ``result``, ``reset_state``."""

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise ArgumentTypeError(f"`name` must be a string, got {name!r}.")
        self.name = name

    @abc.abstractmethod
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch, given as arrays or Tensors."""

    @abc.abstractmethod
    def result(self) -> float:
        """The value over everything taken in since the last reset."""

    @abc.abstractmethod
    def reset_state(self) -> None:
        """Forget everything taken in."""

    def __call__(self, *arguments: Any, **keywords: Any) -> float:
        """Take in one batch, given as for ``update_state``; the value over all so far."""
        self.update_state(*arguments, **keywords)
        return self.result()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, result={self.result():.4g})"


class _RunningMean:
    """A weighted sum over samples and the sum of their weights."""

    def __init__(self) -> None:
        self.total = 0.0
        self.weight = 0.0

    def add(self, values: np.ndarray[Any, Any], sample_weight: Any) -> None:
        """Take in values (N, …): the mean of each sample, times its weight."""
        if sample_weight is not None:
            weight = as_array(sample_weight, "sample_weight")
            refuse_negative(weight, "sample_weight")
            self._add_weighted(values, weight)
        elif values.size:
            samples = len(values) if values.ndim else 1
            self.total += float(values.sum(dtype=np.float64)) * (samples / values.size)
            self.weight += samples

    def _add_weighted(self, values: np.ndarray[Any, Any], weight: np.ndarray[Any, Any]) -> None:
        if weight.shape != values.shape[: weight.ndim] and weight.shape[-1:] == (1,):
            weight = weight[..., 0]
        if weight.shape != values.shape[: weight.ndim]:
            raise ShapeError(
                f"`sample_weight` of shape {weight.shape} does not fit values of shape "
                f"{values.shape}: give one weight for each sample."
            )
        values = values.astype(np.float64)
        while values.ndim > weight.ndim:
            values = values.mean(axis=-1)
        samples = len(weight) if weight.ndim else 1
        if weight.size:
            share = samples / weight.size
            self.total += float((values * weight).sum()) * share
            self.weight += float(weight.sum(dtype=np.float64)) * share

    def mean(self) -> float:
        return self.total / self.weight if self.weight else 0.0


@final
class Mean(Metric):
    """The mean of values, each counted once or with its weight; 0 before the first.

    Example      (1·1 + 3·3) / (1 + 3) = 2.5

    >>> mean = Mean()
    >>> mean.update_state([1.0, 3.0], sample_weight=[1, 3])
    >>> mean.result()
    2.5
    """

    def __init__(self, name: str = "mean") -> None:
        super().__init__(name)
        self.reset_state()

    # Values instead of two y: the one metric that compares nothing.
    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in values (N, …) or one number."""
        self._mean.add(as_array(values, "values"), sample_weight)

    def result(self) -> float:
        """The mean over everything taken in since the last reset."""
        return self._mean.mean()

    def reset_state(self) -> None:
        """Forget everything taken in."""
        self._mean = _RunningMean()


class _MeanOverSamples(Metric):
    """The mean of what ``values`` says of every sample."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.reset_state()

    @abc.abstractmethod
    def values(self, y_true: np.ndarray[Any, Any], y_pred: np.ndarray[Any, Any]) -> Any:
        """One value, or an array of them, for each sample."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch, given as arrays or Tensors."""
        values = self.values(as_array(y_true, "y_true"), as_array(y_pred, "y_pred"))
        self._mean.add(values, sample_weight)

    def result(self) -> float:
        """The mean over all samples taken in since the last reset."""
        return self._mean.mean()

    def reset_state(self) -> None:
        """Forget everything taken in."""
        self._mean = _RunningMean()


@final
class MeanMetricWrapper(_MeanOverSamples):
    """The mean of ``fn(y_true, y_pred)``, a function of one's own, over all samples.

    It gets arrays, and returns a value for each sample, or one for the batch, which then counts
    once for each of its samples.
    """

    @checked_keywords
    def __init__(self, fn: Callable[[Any, Any], Any], name: str | None = None) -> None:
        if not callable(fn):
            raise ArgumentTypeError(f"`fn` must be a function of (y_true, y_pred), got {fn!r}.")
        super().__init__(name or str(getattr(fn, "__name__", type(fn).__name__)))
        self.fn = fn

    def values(self, y_true: np.ndarray[Any, Any], y_pred: np.ndarray[Any, Any]) -> Any:
        values = as_array(self.fn(y_true, y_pred), self.name)
        if values.ndim == 0:
            return np.full(y_pred.shape[:1], values)
        if values.shape[:1] != y_pred.shape[:1]:
            raise ShapeError(
                f"The metric `{self.name}` must return one value for each of the {len(y_pred)} "
                f"samples, or one number; got shape {values.shape}."
            )
        return values


@final
class MeanSquaredError(_MeanOverSamples):
    """The mean of (y_true − y_pred)²."""

    @checked_keywords
    def __init__(self, name: str = "mean_squared_error") -> None:
        super().__init__(name)

    def values(self, y_true: np.ndarray[Any, Any], y_pred: np.ndarray[Any, Any]) -> Any:
        difference = _difference(y_true, y_pred)
        return difference * difference


@final
class MeanAbsoluteError(_MeanOverSamples):
    """The mean of |y_true − y_pred|."""

    @checked_keywords
    def __init__(self, name: str = "mean_absolute_error") -> None:
        super().__init__(name)

    def values(self, y_true: np.ndarray[Any, Any], y_pred: np.ndarray[Any, Any]) -> Any:
        return np.abs(_difference(y_true, y_pred))


@final
class Accuracy(_MeanOverSamples):
    """How often a prediction equals its label exactly."""

    @checked_keywords
    def __init__(self, name: str = "accuracy") -> None:
        super().__init__(name)

    def values(self, y_true: np.ndarray[Any, Any], y_pred: np.ndarray[Any, Any]) -> Any:
        y_true, y_pred = aligned(y_true, y_pred)
        return y_true == y_pred


@final
class BinaryAccuracy(_MeanOverSamples):
    """How often a label 0 or 1 is on the side of the threshold where its prediction is.

    Formula      y_true == (y_pred > threshold); a prediction equal to the threshold means 0
    Parameters   threshold: default 0.5 for probabilities; 0 for logits
    Example      right, right, wrong (0.5 is not above 0.5), right: 3/4

    >>> accuracy = BinaryAccuracy()
    >>> accuracy.update_state([1, 0, 1, 0], [0.9, 0.2, 0.5, 0.5])
    >>> accuracy.result()
    0.75
    """

    @checked_keywords
    def __init__(self, name: str = "binary_accuracy", threshold: float = 0.5) -> None:
        super().__init__(name)
        self.threshold = number_within(
            "threshold", threshold, -math.inf, math.inf, low_open=True, high_open=True
        )

    def values(self, y_true: np.ndarray[Any, Any], y_pred: np.ndarray[Any, Any]) -> Any:
        y_true, y_pred = aligned(y_true, y_pred)
        return y_true == (y_pred > self.threshold)


@final
class CategoricalAccuracy(_MeanOverSamples):
    """How often the largest prediction stands where the one of a one-hot label is.

    Shapes       y_true (N, C) · y_pred (N, C), probabilities or logits
    """

    @checked_keywords
    def __init__(self, name: str = "categorical_accuracy") -> None:
        super().__init__(name)

    def values(self, y_true: np.ndarray[Any, Any], y_pred: np.ndarray[Any, Any]) -> Any:
        if y_true.shape != y_pred.shape or y_pred.ndim == 0:
            raise _misfit(y_true, y_pred, "one-hot labels have the shape of the predictions")
        return y_true.argmax(axis=-1) == y_pred.argmax(axis=-1)


@final
class SparseCategoricalAccuracy(_MeanOverSamples):
    """How often the largest prediction stands at the place that an integer label names.

    Shapes       y_true (N,) or (N, 1) · y_pred (N, C), probabilities or logits
    """

    @checked_keywords
    def __init__(self, name: str = "sparse_categorical_accuracy") -> None:
        super().__init__(name)

    def values(self, y_true: np.ndarray[Any, Any], y_pred: np.ndarray[Any, Any]) -> Any:
        labels = y_true
        if labels.ndim == y_pred.ndim and labels.ndim and labels.shape[-1] == 1:
            labels = labels[..., 0]
        if y_pred.ndim == 0 or labels.shape != y_pred.shape[:-1]:
            raise _misfit(y_true, y_pred, "there is one integer label for each row of predictions")
        return labels == y_pred.argmax(axis=-1)


_CLASSES: tuple[type[Any], ...] = (
    Mean,
    MeanSquaredError,
    MeanAbsoluteError,
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
)
_BY_NAME: dict[str, type[Any]] = {
    **{found.__name__: found for found in _CLASSES},
    **{snake_case(found.__name__): found for found in _CLASSES},
    "MeanSquareError": MeanSquaredError,
    "acc": Accuracy,
    "mse": MeanSquaredError,
    "MSE": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "MAE": MeanAbsoluteError,
}
_CHOSEN_BY_SHAPE = ("accuracy", "acc")


def get(identifier: Any) -> Metric:
    """The metric that ``identifier`` stands for.

    Parameters   identifier: a name ("mae", "binary_accuracy", "BinaryAccuracy"; the metric then
                 bears this name), a metric, its class, or a function of (y_true, y_pred).
                 "accuracy" means exact equality here; ``resolve`` chooses by the shapes
    Raises       ArgumentError for an unknown name, with the nearest one; ArgumentTypeError
    """
    if isinstance(identifier, Metric):
        return identifier
    if isinstance(identifier, str):
        found = _BY_NAME.get(identifier)
        if found is None and identifier.lower() in _CHOSEN_BY_SHAPE:
            found = Accuracy
        if found is None:
            raise ArgumentError(
                f"There is no metric {identifier!r}.{suggestion(identifier, _BY_NAME)}"
            )
        return found(name=identifier)
    if inspect.isclass(identifier):
        if issubclass(identifier, Metric) and not inspect.isabstract(identifier):
            return identifier()  # type: ignore[call-arg]
    elif callable(identifier):
        return MeanMetricWrapper(identifier)
    raise ArgumentTypeError(
        "A metric must be a name such as 'accuracy', a metric such as BinaryAccuracy(), or a "
        f"function of (y_true, y_pred), got {identifier!r} of type {type(identifier).__name__}."
    )


def resolve(
    identifier: Any, y_true_shape: tuple[int, ...], y_pred_shape: tuple[int, ...]
) -> Metric:
    """Like ``get``, with "accuracy" (or "acc") meaning the accuracy that fits the shapes.

    Predictions of one column: BinaryAccuracy. Labels with an axis less than the predictions, or
    of one column: SparseCategoricalAccuracy. Otherwise CategoricalAccuracy.
    """
    if not (isinstance(identifier, str) and identifier.lower() in _CHOSEN_BY_SHAPE):
        return get(identifier)
    if y_pred_shape[-1:] == (1,):
        return BinaryAccuracy(name=identifier)
    if len(y_true_shape) < len(y_pred_shape) or y_true_shape[-1:] == (1,):
        return SparseCategoricalAccuracy(name=identifier)
    return CategoricalAccuracy(name=identifier)


def _difference(y_true: np.ndarray[Any, Any], y_pred: np.ndarray[Any, Any]) -> Any:
    y_true, y_pred = aligned(y_true, y_pred)
    # Integer labels next to float32 would make float64; unsigned ones would wrap around.
    dtype = y_pred.dtype if y_pred.dtype.kind == "f" else np.float64
    return y_pred - y_true.astype(dtype, copy=False)


def _misfit(
    y_true: np.ndarray[Any, Any], y_pred: np.ndarray[Any, Any], expected: str
) -> ShapeError:
    return ShapeError(
        f"`y_true` of shape {y_true.shape} and `y_pred` of shape {y_pred.shape} "
        f"do not fit: {expected}."
    )
