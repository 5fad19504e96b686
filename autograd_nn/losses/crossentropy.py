"""Losses for predicted probabilities, from the probabilities or from the logits before them."""

from __future__ import annotations

import sys
import warnings
from typing import Any, ClassVar, final

from autograd_nn.engine.argument_checks import checked_keywords, number_within
from autograd_nn.engine.errors import ArgumentTypeError
from autograd_nn.engine.operation import Operation
from autograd_nn.engine.taking import outside
from autograd_nn.engine.tensor import Tensor
from autograd_nn.losses.loss import BY_HAND, Loss
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
    """What the three cross-entropies share: logits or probabilities, and the fused form."""

    _head: ClassVar[Operation]
    _fused: ClassVar[Operation]
    from_logits: bool

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """The formula of the class, one value per sample."""
        return self._per_sample(self.elements(y_true, y_pred))

    def elements(self, y: Any, p: Any) -> Any:
        """The loss before any mean; y and p are prepared."""
        if self.from_logits:
            return self._fused(p, self._smoothed(y, p))
        return self._from_probabilities(p, self._smoothed(y, p))

    def elements_of_output(self, y: Any, p: Any) -> Any:
        """From the logits behind a sigmoid or softmax: nothing is clipped, no gradient is lost."""
        if not self.from_logits and self.is_head(p):
            return self._fused(p.inputs[0], self._smoothed(y, p), p)
        return self.elements(y, p)

    def is_head(self, p: Any) -> bool:
        """Whether p was made by the activation that belongs to this loss."""
        if type(p) is not Tensor or p.operation is not self._head:
            return False
        return p.attributes is None or p.attributes.get("axis", -1) in (-1, p.ndim - 1)

    def check_predictions(self, p: Any, name: str) -> None:
        """Refuse what cannot be a probability, where probabilities are expected."""
        if not self.from_logits:
            check_fractions(
                p._data if type(p) is Tensor else p,
                name,
                f"These are no probabilities: use {type(self).__name__}(from_logits=True), or "
                f"activation='{self._head.name}' in the last layer.",
            )

    def _from_probabilities(self, p: Any, y: Any) -> Any:
        raise NotImplementedError

    def _smoothed(self, y: Any, p: Any) -> Any:
        return y


def _flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        if hasattr(value, "shape"):
            raise ArgumentTypeError(
                f"`{name}` must be True or False, got an array of shape {value.shape}. A loss is "
                "made first and then called: BinaryCrossentropy()(y_true, y_pred)."
            )
        raise ArgumentTypeError(f"`{name}` must be True or False, got {value!r}.")
    return value


@final
class BinaryCrossentropy(Crossentropy):
    """The cross-entropy of two classes, one probability (of class 1) for each output.

    Formula      −(y log p + (1 − y) log(1 − p)), p clipped to [1e-7, 1 − 1e-7]; from logits z
                 max(z, 0) − z·y + log(1 + e^−|z|), where nothing is clipped
    Gradient     dL/dp = ((1 − y)/(1 − p) − y/p) / N · dL/dz = (σ(z) − y) / N
    Parameters   from_logits: y_pred are the numbers before the sigmoid, default False
                 label_smoothing s, 0 to 1: y becomes y·(1 − s) + s/2, default 0
                 reduction, name: see Loss
    Raises       ArgumentError for labels or probabilities outside of 0 … 1
    Example      −log 0.5 = 0.693147…

    >>> print(f"{BinaryCrossentropy()([[1.0]], [[0.5]]):.6f}")
    0.693147
    """

    _averages_last_axis = True
    _head = sigmoid
    _fused = sigmoid_cross_entropy

    @checked_keywords
    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
    ) -> None:
        super().__init__(reduction, name)
        self.from_logits = _flag("from_logits", from_logits)
        self.label_smoothing = number_within("label_smoothing", label_smoothing, 0, 1)

    def check_true(self, y: Any, name: str) -> None:
        """From 0 to 1."""
        check_fractions(
            y._data if type(y) is Tensor else y,
            name,
            "BinaryCrossentropy takes the labels 0 and 1; of −1 and 1 take (y+1)/2.",
        )

    def accepts_all(self, y: Any) -> bool:
        """From 0 to 1."""
        return are_fractions(y)

    def _from_probabilities(self, p: Any, y: Any) -> Any:
        return binary_cross_entropy(p, y)

    def _smoothed(self, y: Any, p: Any) -> Any:
        s = self.label_smoothing
        return y * (1 - s) + 0.5 * s if s else y


@final
class CategoricalCrossentropy(Crossentropy):
    """The cross-entropy of several classes, y in one-hot rows.

    Formula      −Σ_C y log p, the rows of p scaled to the sum 1, then clipped to [1e-7, 1 − 1e-7];
                 from logits z: Σ_C y (log Σ e^z − z), where nothing is clipped
    Shapes       y (N, C) · p (N, C)
    Gradient     dL/dz = (softmax(z) − y) / N
    Parameters   from_logits: y_pred are the numbers before the softmax, default False
                 label_smoothing s, 0 to 1: y becomes y·(1 − s) + s/C, default 0
                 reduction, name: see Loss
    Raises       ShapeError for integer labels, with the two ways out
    Example      −log 0.25 = 1.386294…

    >>> print(f"{CategoricalCrossentropy()([[0.0, 1.0]], [[0.75, 0.25]]):.6f}")
    1.386294
    """

    _head = softmax
    _fused = softmax_cross_entropy

    @checked_keywords
    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
    ) -> None:
        super().__init__(reduction, name)
        self.from_logits = _flag("from_logits", from_logits)
        self.label_smoothing = number_within("label_smoothing", label_smoothing, 0, 1)

    def fitted(self, y_true: Any, y_pred: Any, names: tuple[str, str] = BY_HAND) -> tuple[Any, Any]:
        """Both in one shape, and y in one-hot rows."""
        p = as_prediction(y_pred, names[1])
        y = as_target(y_true, p, names[0])
        _warn_of_one_class(self, p)
        check_one_hot(y, p, names)
        y, p = aligned(y, p, names)
        self.check_true(y, names[0])
        return y, p

    def check_true(self, y: Any, name: str) -> None:
        """From 0 to 1."""
        values = y._data if type(y) is Tensor else y
        check_fractions(values, name, "CategoricalCrossentropy takes one-hot rows.")

    def accepts_all(self, y: Any) -> bool:
        """From 0 to 1."""
        return are_fractions(y)

    def _from_probabilities(self, p: Any, y: Any) -> Any:
        return categorical_cross_entropy(_rescaled(p), y)

    def _smoothed(self, y: Any, p: Any) -> Any:
        s = self.label_smoothing
        return y * (1 - s) + s / p.shape[-1] if s else y


@final
class SparseCategoricalCrossentropy(Crossentropy):
    """The cross-entropy of several classes, y as integer labels.

    Formula      −log p[y], the rows of p scaled to the sum 1, then clipped to [1e-7, 1 − 1e-7];
                 from logits z: log Σ e^z − z[y], where nothing is clipped
    Shapes       y (N,) or (N, 1), integers 0 … C−1 · p (N, C)
    Gradient     dL/dz = (softmax(z) − onehot(y)) / N
    Parameters   from_logits: y_pred are the numbers before the softmax, default False
                 reduction, name: see Loss
    Raises       ArgumentError for a label out of range, naming it and the number of classes
    Example      −log 0.25 = 1.386294…

    >>> print(f"{SparseCategoricalCrossentropy()([1], [[0.75, 0.25]]):.6f}")
    1.386294
    """

    _head = softmax
    _fused = sparse_softmax_cross_entropy

    @checked_keywords
    def __init__(
        self,
        from_logits: bool = False,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
    ) -> None:
        super().__init__(reduction, name)
        self.from_logits = _flag("from_logits", from_logits)

    def fitted(self, y_true: Any, y_pred: Any, names: tuple[str, str] = BY_HAND) -> tuple[Any, Any]:
        """y as integers in range."""
        p = as_prediction(y_pred, names[1])
        _warn_of_one_class(self, p)
        return sparse_labels(as_target(y_true, p, names[0]), p, names), p

    def _from_probabilities(self, p: Any, y: Any) -> Any:
        return sparse_categorical_cross_entropy(_rescaled(p), y)


def _warn_of_one_class(loss: Loss, p: Any) -> None:
    if p.shape[-1:] == (1,):
        warnings.warn(
            f"{type(loss).__name__} of predictions of shape {p.shape} knows one class only, whose "
            "probability is always 1: nothing is learnt. For two classes take "
            "BinaryCrossentropy, or one output for each class.",
            stacklevel=outside(sys._getframe())[1] + 1,
        )


def _rescaled(p: Any) -> Any:
    return divide(p, total(p, axis=-1, keepdims=True))
