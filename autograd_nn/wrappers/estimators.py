"""NNClassifier and NNRegressor: networks with scikit-learn's fit, predict and score."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from autograd_nn.engine.argument_checks import checked_keywords
from autograd_nn.engine.errors import ArgumentError, MissingPackageError

try:
    from sklearn.base import ClassifierMixin, RegressorMixin
    from sklearn.utils import column_or_1d, compute_sample_weight
    from sklearn.utils.multiclass import check_classification_targets
except ModuleNotFoundError:
    raise MissingPackageError(
        "NNClassifier and NNRegressor need scikit-learn: pip install 'autograd-nn[sklearn]'."
    ) from None

from autograd_nn.losses import Loss, to_categorical
from autograd_nn.wrappers.classes import ends_for, most_likely, places, probabilities, targets_of
from autograd_nn.wrappers.trained_network import TrainedNetwork

Array = np.ndarray


class NNClassifier(ClassifierMixin, TrainedNetwork):
    """A network that tells classes apart, as an estimator of scikit-learn.

    Labels are of any kind, or rows with a single 1 in the column of the class, as of
    `to_categorical`: ``predict`` gives such rows then, and ``classes_`` are the numbers of the
    columns. Two classes have one output with a sigmoid, more have one each with a softmax. A
    network of sizes computes in the dtype of X, float32 or float64. After ``fit`` it has
    ``model_``, the trained `Model`, ``classes_``, ``history_``, ``n_features_in_`` and, of frames,
    ``feature_names_in_``.

    Parameters   model: in place of `hidden`, `activation`, `loss`, `optimizer`, `learning_rate` and
                 `metrics` a function that gives a compiled model, or a compiled model, of which
                 each fit trains one like it with new weights. The function is given `model_kwargs`,
                 and X and y if it names them: y with a column of 0 and 1 for each class. A single
                 output learns 0 and 1, the sparse cross-entropy numbers of classes, other losses
                 the columns
                 hidden, activation: sizes of the hidden layers, and what follows each
                 loss: None takes the cross-entropy
                 optimizer: a name or an optimizer, of which each fit has one anew
                 learning_rate: None takes that of the optimizer
                 metrics: as for `Model.compile`
                 epochs, batch_size, verbose: as for `Model.fit`
                 validation_split: this part of the samples is drawn, alike in every class, and
                 only evaluated: ``history_["val_loss"]``
                 warm_start: whether the next fit goes on with the network that is there, which
                 keeps what it was made with
                 random_state: a number makes every fit the same; None goes on with what
                 `set_random_seed` began
                 model_kwargs: keywords for the function `model`. A search may name them one by
                 one: {"model__units": [8, 16]}
                 fit_kwargs: more keywords for `Model.fit`, such as callbacks
                 class_weight: {label: weight}, or "balanced" for the same of each class
    Raises       ArgumentError, ArgumentTypeError, ShapeError in ``fit``, naming the argument
    Example

    >>> from autograd_nn.datasets import make_moons
    >>> x, y = make_moons(200, noise=0.1, seed=0)
    >>> names = ["lower" if label else "upper" for label in y]
    >>> classifier = NNClassifier(learning_rate=0.01, epochs=60, random_state=0)
    >>> bool(classifier.fit(x, names).score(x, names) > 0.95)
    True
    >>> classifier.predict(x[:1]).tolist() == names[:1]
    True
    """

    @checked_keywords
    def __init__(
        self,
        model: Any = None,
        hidden: Any = (25, 15),
        activation: Any = "relu",
        loss: Any = None,
        optimizer: Any = "adam",
        learning_rate: Any = None,
        metrics: Any = None,
        epochs: int = 100,
        batch_size: int = 32,
        validation_split: float = 0.0,
        warm_start: bool = False,
        random_state: Any = None,
        verbose: Any = 0,
        model_kwargs: dict[str, Any] | None = None,
        fit_kwargs: dict[str, Any] | None = None,
        class_weight: Any = None,
    ) -> None:
        super().__init__(
            model,
            hidden,
            activation,
            loss,
            optimizer,
            learning_rate,
            metrics,
            epochs,
            batch_size,
            validation_split,
            warm_start,
            random_state,
            verbose,
            model_kwargs,
            fit_kwargs,
        )
        self.class_weight = class_weight

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Go through these samples once, with the network that is there or a new one.

        Parameters   classes: all that will come, where the first samples do not have them all
        """
        is_new = not hasattr(self, "model_")
        return self._train(X, y, sample_weight, is_new, 1, classes)

    def predict(self, X: Any) -> Array:
        """The label of each sample, as y gave them."""
        outputs = self._outputs(X)
        codes = most_likely(outputs, self.model_.loss)
        found: Array = self.classes_[codes] if self._columns is None else self._columns[codes]
        return found

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, in the order of ``classes_``: (N, classes)."""
        outputs = self._outputs(X)
        return probabilities(outputs, self.model_.loss)

    def _checked(self, y: Array, is_new: bool, classes: Any = None) -> Array:
        if is_new:
            has_columns = np.ndim(y) == 2 and y.shape[1] > 1 and y.dtype.kind in "biuf"
            self._columns: Array | None = np.eye(y.shape[1], dtype=y.dtype) if has_columns else None
        y = column_or_1d(y, warn=True) if self._columns is None else places(y, self._columns)
        check_classification_targets(y)
        if is_new:
            if self._columns is not None:
                classes = np.arange(len(self._columns))
            self.classes_ = np.unique(y if classes is None else classes)
            if len(self.classes_) < 2:
                only = self.classes_.tolist()[0]
                raise ArgumentError(
                    f"A classifier needs two classes, and `y` has one class, {only!r}."
                )
        codes = np.searchsorted(self.classes_, y).clip(max=len(self.classes_) - 1)
        unknown = np.unique(y[self.classes_[codes] != y])
        if len(unknown):
            raise ArgumentError(
                f"`y` has labels {unknown.tolist()} which are not among the classes "
                f"{self.classes_.tolist()} of the first samples: partial_fit(X, y, classes=…) "
                "takes all that will come."
            )
        return codes

    def _class_weights(self, y: Array) -> Array | None:
        if self.class_weight is None:
            return None
        weights: Array = compute_sample_weight(self.class_weight, self.classes_[y])
        return weights

    def _usual_loss(self) -> str:
        if len(self.classes_) == 2:
            return "binary_crossentropy"
        return "sparse_categorical_crossentropy"

    def _ends(self, y: Array, loss: Loss) -> tuple[int, str | None]:
        return ends_for(len(self.classes_), loss)

    def _shown(self, y: Array) -> Array:
        columns: Array = to_categorical(y, len(self.classes_))
        return columns

    def _targets(self, y: Array) -> Array:
        return targets_of(y, len(self.classes_), self.model_.loss, self._output_shape)

    def _strata(self, y: Array) -> Array | None:
        return y


class NNRegressor(RegressorMixin, TrainedNetwork):
    """A network that gives numbers, as an estimator of scikit-learn.

    y is (N,) or (N, outputs). Scale it and X, by a pipeline and TransformedTargetRegressor say:
    a network learns numbers around 1 best.

    Parameters   model: see `NNClassifier`; a function is given y as it is
                 loss: None takes "mse"
                 the others: see `NNClassifier`
    Raises       ArgumentError, ArgumentTypeError, ShapeError in ``fit``, naming the argument
    Example

    >>> x = np.linspace(-1, 1, 100)[:, None]
    >>> regressor = NNRegressor(activation="tanh", learning_rate=0.01, random_state=0)
    >>> bool(regressor.fit(x, x[:, 0] ** 2).score(x, x[:, 0] ** 2) > 0.95)
    True
    """

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Go through these samples once, with the network that is there or a new one."""
        return self._train(X, y, sample_weight, not hasattr(self, "model_"), 1)

    def predict(self, X: Any) -> Array:
        """The outputs, in the shape of the y that it was trained with."""
        outputs = self._outputs(X)
        return outputs.reshape(-1) if self._is_flat else outputs

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _checked(self, y: Array, is_new: bool, classes: Any = None) -> Array:
        y = np.asarray(y, np.float64 if y.dtype.kind in "biuO" else y.dtype)
        if is_new:
            self._is_flat = y.ndim == 1
        elif self._is_flat != (y.ndim == 1):
            raise ArgumentError(
                f"`y` has shape {y.shape}, and this regressor was begun with "
                f"{'one number' if self._is_flat else 'a row'} for each sample."
            )
        return y

    def _usual_loss(self) -> str:
        return "mean_squared_error"

    def _ends(self, y: Array, loss: Loss) -> tuple[int, str | None]:
        return 1 if y.ndim == 1 else y.shape[1], None
