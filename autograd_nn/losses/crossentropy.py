"""Losses for predicted probabilities, from the probabilities or from the logits before them."""

from __future__ import annotations

import abc
from typing import Any, ClassVar, final

import numpy as np

from autograd_nn.engine.argument_checks import (
    checked_keywords,
    integer,
    number_within,
    true_or_false,
)
from autograd_nn.engine.errors import ArgumentTypeError, ShapeError
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.taking import warn_outside
from autograd_nn.engine.tensor import Tensor
from autograd_nn.losses.loss import BY_HAND, Loss, unmasked
from autograd_nn.ops import (
    binary_cross_entropy,
    categorical_cross_entropy,
    divide,
    sigmoid,
    sigmoid_cross_entropy,
    softmax,
    softmax_cross_entropy,
    sparse_categorical_cross_entropy,
    sparse_softmax_cross_entropy,
)
from autograd_nn.ops import sum as total
from autograd_nn.targets import (
    aligned,
    are_fractions,
    as_prediction,
    as_target,
    check_fractions,
    check_one_hot,
    sparse_labels,
)


class Crossentropy(Loss):
    """What the cross-entropies share: logits or probabilities, and the fused form."""

    _calls = False
    _compares_equal_shapes = True
    _head: ClassVar[Operation]
    from_logits: bool
    axis: int = -1

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The formula of the class, one value per sample."""
        return self._averaged(self.of_formula(y_true, y_pred))

    def of_formula(self, y: Any, p: Any) -> Any:
        """The loss before any mean; y and p are prepared."""
        if self.from_logits:
            return self._from_logits(p, self._smoothed(y, p))
        return self._from_probabilities(p, self._smoothed(y, p))

    def elements_of_output(self, y: Any, p: Any) -> Any:
        """From the logits behind a sigmoid or softmax: nothing is clipped, no gradient is lost."""
        if not (self.from_logits or self._calls) and self.is_head(p):
            z, p = self.typed(p.inputs[0]), self.typed(p)
            return self._from_logits(z, self._smoothed(y, p), p)
        return self.elements(y, self.typed(p))

    def is_head(self, p: Any) -> bool:
        """Whether p was made by the activation that belongs to this loss."""
        if type(p) is not Tensor or p.operation is not self._head:
            return False
        axis = -1 if p.attributes is None else p.attributes.get("axis", -1)
        return self._head is sigmoid or axis % p.ndim == self.axis % p.ndim

    def check_predictions(self, p: Any, name: str) -> None:
        """Refuse what cannot be a probability, where probabilities are expected."""
        if not self.from_logits:
            check_fractions(
                p._data if type(p) is Tensor else p,
                name,
                f"These are no probabilities: use {type(self).__name__}(from_logits=True), or "
                f"activation='{self._head.name}' in the last layer.",
            )

    @abc.abstractmethod
    def _from_probabilities(self, p: Any, y: Any) -> Any:
        """The formula, before any mean."""

    @abc.abstractmethod
    def _from_logits(self, z: Any, y: Any, *bypassed: Any) -> Any:
        """The same from the numbers before the activation, and what that gave where it is known."""

    def _smoothed(self, y: Any, p: Any) -> Any:
        return y


class TwoClasses(Crossentropy):
    """One probability, of class 1, for each output; the mean over ``axis``."""

    _head = sigmoid
    label_smoothing: float

    def check_true(self, y: Any, name: str) -> None:
        """From 0 to 1."""
        values = y._data if type(y) is Tensor else y
        if not are_fractions(values):  # nothing is put into words in every step
            advice = f"{type(self).__name__} takes the labels 0 and 1; of −1 and 1 take (y+1)/2."
            check_fractions(values, name, advice)

    def accepts_all(self, y: Any) -> bool:
        """From 0 to 1."""
        return are_fractions(y)

    @property
    def _mean_axis(self) -> int:  # type: ignore[override]
        return self.axis

    def _smoothed(self, y: Any, p: Any) -> Any:
        s = self.label_smoothing
        return y * (1 - s) + 0.5 * s if s else y


class SeveralClasses(Crossentropy):
    """Probabilities of the classes along ``axis``, y in one-hot rows."""

    _head = softmax
    label_smoothing: float

    def fitted(self, y_true: Any, y_pred: Any, names: tuple[str, str] = BY_HAND) -> tuple[Any, Any]:
        """Both in one shape, and y in one-hot rows."""
        p = self.typed(as_prediction(y_pred, names[1]))
        y = as_target(y_true, p, names[0])
        check_classes(self, p, names[1])
        check_one_hot(y, p, names)
        y, p = aligned(y, p, names)
        self.check_true(y, names[0])
        return y, p

    def check_true(self, y: Any, name: str) -> None:
        """From 0 to 1."""
        values = y._data if type(y) is Tensor else y
        check_fractions(values, name, f"{type(self).__name__} takes one-hot rows.")

    def accepts_all(self, y: Any) -> bool:
        """From 0 to 1."""
        return are_fractions(y)

    def _smoothed(self, y: Any, p: Any) -> Any:
        s = self.label_smoothing
        return y * (1 - s) + s / p.shape[self.axis] if s else y


@final
class BinaryCrossentropy(TwoClasses):
    """The cross-entropy of two classes, one probability (of class 1) for each output.

    Formula      −(y log p + (1 − y) log(1 − p)), p clipped to [1e-7, 1 − 1e-7]; from logits z
                 max(z, 0) − z·y + log(1 + e^−|z|), where nothing is clipped
    Gradient     dL/dp = ((1 − y)/(1 − p) − y/p) / N · dL/dz = (σ(z) − y) / N
    Parameters   from_logits: y_pred are the numbers before the sigmoid, default False
                 label_smoothing s, 0 to 1: y becomes y·(1 − s) + s/2, default 0
                 axis: over which the mean of a sample is taken, default the last
                 reduction, name, dtype: see Loss
    Raises       ArgumentError for labels or probabilities outside of 0 … 1
    Example      −log 0.5 = 0.693147…

    >>> print(f"{BinaryCrossentropy()([[1.0]], [[0.5]]):.6f}")
    0.693147
    """

    @checked_keywords
    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits = flag("from_logits", from_logits)
        self.label_smoothing = number_within("label_smoothing", label_smoothing, 0, 1)
        self.axis = integer("axis", axis)

    def _from_probabilities(self, p: Any, y: Any) -> Any:
        return binary_cross_entropy(p, y)

    def _from_logits(self, z: Any, y: Any, *bypassed: Any) -> Any:
        return sigmoid_cross_entropy(z, y, *bypassed)


@final
class CategoricalCrossentropy(SeveralClasses):
    """The cross-entropy of several classes, y in one-hot rows.

    Formula      −Σ_C y log p, the rows of p scaled to the sum 1, then clipped to [1e-7, 1 − 1e-7];
                 from logits z: Σ_C y (log Σ e^z − z), where nothing is clipped
    Shapes       y (N, C) · p (N, C)
    Gradient     dL/dz = (softmax(z) − y) / N
    Parameters   from_logits: y_pred are the numbers before the softmax, default False
                 label_smoothing s, 0 to 1: y becomes y·(1 − s) + s/C, default 0
                 axis: that of the classes, default the last
                 reduction, name, dtype: see Loss
    Raises       ShapeError for integer labels, with the two ways out
    Example      −log 0.25 = 1.386294…

    >>> print(f"{CategoricalCrossentropy()([[0.0, 1.0]], [[0.75, 0.25]]):.6f}")
    1.386294
    """

    @checked_keywords
    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits = flag("from_logits", from_logits)
        self.label_smoothing = number_within("label_smoothing", label_smoothing, 0, 1)
        self.axis = integer("axis", axis)

    def _from_probabilities(self, p: Any, y: Any) -> Any:
        p, y = classes_last(p, self.axis), classes_last(y, self.axis)
        return categorical_cross_entropy(rescaled(p), y)

    def _from_logits(self, z: Any, y: Any, *bypassed: Any) -> Any:
        z, y = classes_last(z, self.axis), classes_last(y, self.axis)
        return softmax_cross_entropy(z, y, *bypassed)


@final
class SparseCategoricalCrossentropy(Crossentropy):
    """The cross-entropy of several classes, y as integer labels.

    Formula      −log p[y], the rows of p scaled to the sum 1, then clipped to [1e-7, 1 − 1e-7];
                 from logits z: log Σ e^z − z[y], where nothing is clipped
    Shapes       y (N,) or (N, 1), integers 0 … C−1 · p (N, C)
    Gradient     dL/dz = (softmax(z) − onehot(y)) / N
    Parameters   from_logits: y_pred are the numbers before the softmax, default False
                 ignore_class: a label, also one out of range such as −1, whose samples do not
                 count: the mean is over the others
                 axis: that of the classes, default the last
                 reduction, name, dtype: see Loss
    Raises       ArgumentError for a label out of range, naming it and the number of classes
    Example      −log 0.25 = 1.386294…

    >>> print(f"{SparseCategoricalCrossentropy()([1], [[0.75, 0.25]]):.6f}")
    1.386294
    """

    _head = softmax

    @checked_keywords
    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name, reduction, dtype)
        self.from_logits = flag("from_logits", from_logits)
        self.ignore_class = None if ignore_class is None else integer("ignore_class", ignore_class)
        self.axis = integer("axis", axis)

    def fitted(self, y_true: Any, y_pred: Any, names: tuple[str, str] = BY_HAND) -> tuple[Any, Any]:
        """y as integers in range."""
        p = self.typed(as_prediction(y_pred, names[1]))
        check_classes(self, p, names[1])
        y = as_target(y_true, p, names[0])
        return sparse_labels(y, p.shape, names, self.axis, self.ignore_class), p

    def counted(self, y: Any, values: Any, p: Any = None) -> Any:
        """Those of another class than the one to be ignored."""
        mask = super().counted(y, values, p)
        return mask if self.ignore_class is None else unmasked(y != self.ignore_class, mask)

    def _from_probabilities(self, p: Any, y: Any) -> Any:
        p = rescaled(classes_last(p, self.axis))
        if self.ignore_class is None:
            return sparse_categorical_cross_entropy(p, y)
        return categorical_cross_entropy(p, self._rows(y, p))

    def _from_logits(self, z: Any, y: Any, *bypassed: Any) -> Any:
        z = classes_last(z, self.axis)
        if self.ignore_class is None:
            return sparse_softmax_cross_entropy(z, y, *bypassed)
        return softmax_cross_entropy(z, self._rows(y, z), *bypassed)

    def _rows(self, y: Any, p: Any) -> Any:
        """One-hot rows; those of the class to be ignored are empty, and so is their loss."""
        classes = np.arange(p.shape[-1])
        return np.where(classes == self.ignore_class, 0, y[..., None] == classes).astype(p.dtype)


@checked_keywords
def binary_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """BinaryCrossentropy without its mean over the batch: one value per sample."""
    return BinaryCrossentropy(from_logits, label_smoothing, axis).samples(y_true, y_pred)


@checked_keywords
def categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Any:
    """CategoricalCrossentropy without its mean over the batch: one value per sample."""
    return CategoricalCrossentropy(from_logits, label_smoothing, axis).samples(y_true, y_pred)


@checked_keywords
def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Any:
    """SparseCategoricalCrossentropy without its mean over the batch: one value per sample."""
    loss = SparseCategoricalCrossentropy(from_logits, ignore_class, axis=axis)
    return loss.samples(y_true, y_pred)


def flag(name: str, value: Any) -> bool:
    """True or False, or what was meant by something else."""
    if getattr(value, "shape", ()) != ():
        raise ArgumentTypeError(
            f"`{name}` must be True or False, got an array of shape {value.shape}. A loss is "
            "made first and then called: BinaryCrossentropy()(y_true, y_pred)."
        )
    return true_or_false(name, value)


def check_classes(loss: Crossentropy, p: Any, name: str) -> None:
    """Refuse predictions without an axis of classes; of one class there is nothing to learn."""
    if not -p.ndim <= loss.axis < p.ndim:
        raise ShapeError(f"`{name}` of shape {p.shape} has no axis {loss.axis} of classes.")
    if p.shape[loss.axis] == 1:
        warn_outside(
            f"{type(loss).__name__} of predictions of shape {p.shape} knows one class only, whose "
            "probability is always 1: nothing is learnt. For two classes take "
            "BinaryCrossentropy, or one output for each class.",
        )


def classes_last(values: Any, axis: int) -> Any:
    """The same with the axis of the classes as the last one."""
    return values if axis in (-1, values.ndim - 1) else np.moveaxis(values, axis, -1)


def rescaled(p: Any) -> Any:
    """Rows with the sum 1."""
    return divide(p, total(p, axis=-1, keepdims=True))
