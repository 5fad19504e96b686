"""Metrics that are a mean or a sum over samples."""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import Any, final

import numpy as np

from autograd_nn.arrays import as_array, refuse_negative
from autograd_nn.engine.errors import ArgumentTypeError, ShapeError
from autograd_nn.layers.masks import mask_of
from autograd_nn.metrics.metric import Metric

Array = np.ndarray[Any, Any]


class RunningMean:
    """A weighted sum over samples and the sum of their weights."""

    def __init__(self) -> None:
        self.total = 0.0
        self.weight = 0.0

    def add(self, values: Array, sample_weight: Any) -> None:
        """Take in values (N, …): the mean of each sample, times its weight."""
        if sample_weight is not None:
            weight = as_array(sample_weight, "sample_weight")
            refuse_negative(weight, "sample_weight")
            self._add_weighted(values, fitting(weight, values))
        elif values.size:
            samples = len(values) if values.ndim else 1
            self.total += float(values.sum(dtype=np.float64)) * (samples / values.size)
            self.weight += samples

    def _add_weighted(self, values: Array, weight: Array) -> None:
        values = values.astype(np.float64)
        while values.ndim > weight.ndim:
            values = values.mean(axis=-1)
        samples = len(weight) if weight.ndim else 1
        if weight.size:
            share = samples / weight.size
            self.total += float((values * weight).sum()) * share
            self.weight += float(weight.sum(dtype=np.float64)) * share

    def mean(self) -> float:
        """0 before the first."""
        return self.total / self.weight if self.weight else 0.0


def fitting(weight: Array, values: Array) -> Array:
    """Weights with the first axes of the values, one for each sample or for each of its parts."""
    if weight.shape != values.shape[: weight.ndim] and weight.shape[-1:] == (1,):
        weight = weight[..., 0]
    if weight.shape != values.shape[: weight.ndim]:
        raise ShapeError(
            f"`sample_weight` of shape {weight.shape} does not fit values of shape "
            f"{values.shape}: give one weight for each sample."
        )
    return weight


@final
class Mean(Metric):
    """The mean of values, each counted once or with its weight; 0 before the first.

    Example      (1·1 + 3·3) / (1 + 3) = 2.5

    >>> mean = Mean()
    >>> mean.update_state([1.0, 3.0], sample_weight=[1, 3])
    >>> mean.result()
    2.5
    """

    def __init__(self, name: str = "mean", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.reset_state()

    # Values instead of two y: it compares nothing.
    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in values (N, …) or one number."""
        self._mean.add(as_array(values, "values"), sample_weight)

    def result(self) -> float:
        """The mean over everything taken in since the last reset."""
        return self._mean.mean()

    def reset_state(self) -> None:
        """Forget everything taken in."""
        self._mean = RunningMean()


@final
class Sum(Metric):
    """The sum of values, each counted once or times its weight.

    Example      1·1 + 3·3 = 10

    >>> Sum()([1.0, 3.0], sample_weight=[1, 3])
    10.0
    """

    def __init__(self, name: str = "sum", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.reset_state()

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
        """Take in values (N, …) or one number."""
        array = as_array(values, "values").astype(np.float64)
        if sample_weight is not None:
            weight = fitting(as_array(sample_weight, "sample_weight"), array)
            array = array * weight.reshape(weight.shape + (1,) * (array.ndim - weight.ndim))
        self.total += float(array.sum())

    def result(self) -> float:
        """The sum over everything taken in since the last reset."""
        return self.total

    def reset_state(self) -> None:
        """Forget everything taken in."""
        self.total = 0.0


class MeanOverSamples(Metric):
    """The mean of what ``values`` says of every sample."""

    def __init__(self, dtype: Any, name: str | None) -> None:
        super().__init__(dtype, name)
        self.reset_state()

    @abc.abstractmethod
    def values(self, y_true: Array, y_pred: Array) -> Any:
        """One value, or an array of them, for each sample."""

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take in one batch, given as arrays or Tensors; steps that a mask leaves out do not count.

        Of Keras's metrics these alone look at masks, and so it is here.
        """
        values = self.values(as_array(y_true, "y_true"), as_array(y_pred, "y_pred"))
        if (mask := mask_of(y_pred)) is not None:
            sample_weight = _with_mask(as_array(mask, "mask"), sample_weight)
        if sample_weight is not None and values.ndim == 0:
            values = np.full(np.shape(sample_weight)[:1], values)
        self._mean.add(values, sample_weight)

    def result(self) -> float:
        """The mean over all samples taken in since the last reset."""
        return self._mean.mean()

    def reset_state(self) -> None:
        """Forget everything taken in."""
        self._mean = RunningMean()


def _with_mask(mask: Array, sample_weight: Any) -> Array:
    """Weights that are 0 where the mask says that nothing is there."""
    if sample_weight is None:
        return mask.astype(np.float64)
    weight = as_array(sample_weight, "sample_weight")
    if weight.ndim > mask.ndim and weight.shape[-1] == 1:
        weight = weight[..., 0]
    return mask * weight.reshape(weight.shape + (1,) * (mask.ndim - weight.ndim))


class MeanMetricWrapper(MeanOverSamples):
    """The mean of ``fn(y_true, y_pred)``, a function of one's own, over all samples.

    It gets arrays, and returns a value for each sample, or one for the batch. That counts once,
    as in Keras, also of a smaller last batch, and with weights of samples once for each of them.

    Parameters   fn: the function; name: its own where None is given; dtype: see Metric
                 further keywords: given to the function with every call
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        name: str | None = None,
        dtype: Any = None,
        **keywords: Any,
    ) -> None:
        if not callable(fn):
            raise ArgumentTypeError(f"`fn` must be a function of (y_true, y_pred), got {fn!r}.")
        super().__init__(dtype, name or str(getattr(fn, "__name__", type(fn).__name__)))
        self.fn = fn
        self._keywords = keywords

    def values(self, y_true: Array, y_pred: Array) -> Any:
        """What the function says."""
        values = as_array(self.fn(y_true, y_pred, **self._keywords), self.name)
        if values.ndim and values.shape[:1] != y_pred.shape[:1]:
            raise ShapeError(
                f"The metric `{self.name}` must return one value for each of the {len(y_pred)} "
                f"samples, or one number; got shape {values.shape}."
            )
        return values

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal metric; the function among them as it is."""
        return {**super().get_config(), **self._keywords}
