"""Metrics: what is told while a model trains and when it is evaluated, over all batches together.

Each is an object with Keras's arguments: ``update_state(y_true, y_pred)``, ``result()``,
``reset_state()``, and called it does the first two. Functions in snake_case give one value per
sample.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.later import imported_later
from autograd_nn.metrics.metric import Metric
from autograd_nn.names import initialized, snake_case, written

if TYPE_CHECKING:
    from autograd_nn.metrics.accuracies import (
        Accuracy,
        BinaryAccuracy,
        CategoricalAccuracy,
        SparseCategoricalAccuracy,
        SparseTopKCategoricalAccuracy,
        TopKCategoricalAccuracy,
        binary_accuracy,
        categorical_accuracy,
        sparse_categorical_accuracy,
        sparse_top_k_categorical_accuracy,
        top_k_categorical_accuracy,
    )
    from autograd_nn.metrics.area import (
        AUC,
    )
    from autograd_nn.metrics.averages import (
        Mean,
        MeanMetricWrapper,
        Sum,
    )
    from autograd_nn.metrics.correlations import (
        ConcordanceCorrelation,
        PearsonCorrelation,
        R2Score,
        concordance_correlation,
        pearson_correlation,
    )
    from autograd_nn.metrics.counts import (
        FalseNegatives,
        FalsePositives,
        Precision,
        Recall,
        TrueNegatives,
        TruePositives,
    )
    from autograd_nn.metrics.f_scores import (
        F1Score,
        FBetaScore,
    )
    from autograd_nn.metrics.intersections import (
        BinaryIoU,
        IoU,
        MeanIoU,
        OneHotIoU,
        OneHotMeanIoU,
    )
    from autograd_nn.metrics.of_losses import (
        BinaryCrossentropy,
        CategoricalCrossentropy,
        CategoricalHinge,
        CosineSimilarity,
        Hinge,
        KLDivergence,
        LogCoshError,
        MeanAbsoluteError,
        MeanAbsolutePercentageError,
        MeanSquaredError,
        MeanSquaredLogarithmicError,
        MeanSquareError,
        Poisson,
        RootMeanSquaredError,
        SparseCategoricalCrossentropy,
        SquaredHinge,
        binary_crossentropy,
        binary_focal_crossentropy,
        categorical_crossentropy,
        categorical_focal_crossentropy,
        categorical_hinge,
        hinge,
        huber,
        kl_divergence,
        log_cosh,
        mean_absolute_error,
        mean_absolute_percentage_error,
        mean_squared_error,
        mean_squared_logarithmic_error,
        poisson,
        sparse_categorical_crossentropy,
        squared_hinge,
    )
    from autograd_nn.metrics.thresholds import (
        PrecisionAtRecall,
        RecallAtPrecision,
        SensitivityAtSpecificity,
        SpecificityAtSensitivity,
    )

__all__ = [
    "AUC",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "BinaryIoU",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CategoricalHinge",
    "ConcordanceCorrelation",
    "CosineSimilarity",
    "F1Score",
    "FBetaScore",
    "FalseNegatives",
    "FalsePositives",
    "Hinge",
    "IoU",
    "KLDivergence",
    "LogCoshError",
    "Mean",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanIoU",
    "MeanMetricWrapper",
    "MeanSquareError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "OneHotIoU",
    "OneHotMeanIoU",
    "PearsonCorrelation",
    "Poisson",
    "Precision",
    "PrecisionAtRecall",
    "R2Score",
    "Recall",
    "RecallAtPrecision",
    "RootMeanSquaredError",
    "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity",
    "SquaredHinge",
    "Sum",
    "TopKCategoricalAccuracy",
    "TrueNegatives",
    "TruePositives",
    "binary_accuracy",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_hinge",
    "concordance_correlation",
    "deserialize",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "pearson_correlation",
    "poisson",
    "resolve",
    "serialize",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "squared_hinge",
    "top_k_categorical_accuracy",
]

if not TYPE_CHECKING:
    # All but the base: a model without metrics needs none.
    __getattr__, __dir__ = imported_later(
        __name__,
        {
            "accuracies": "Accuracy BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy "
            "SparseTopKCategoricalAccuracy TopKCategoricalAccuracy binary_accuracy "
            "categorical_accuracy sparse_categorical_accuracy "
            "sparse_top_k_categorical_accuracy top_k_categorical_accuracy",
            "area": "AUC",
            "averages": "Mean MeanMetricWrapper Sum",
            "correlations": "ConcordanceCorrelation PearsonCorrelation R2Score "
            "concordance_correlation pearson_correlation",
            "counts": "FalseNegatives FalsePositives Precision Recall TrueNegatives TruePositives",
            "f_scores": "F1Score FBetaScore",
            "intersections": "BinaryIoU IoU MeanIoU OneHotIoU OneHotMeanIoU",
            "of_losses": "BinaryCrossentropy CategoricalCrossentropy CategoricalHinge "
            "CosineSimilarity Hinge KLDivergence LogCoshError MeanAbsoluteError "
            "MeanAbsolutePercentageError MeanSquareError MeanSquaredError "
            "MeanSquaredLogarithmicError "
            "Poisson RootMeanSquaredError SparseCategoricalCrossentropy SquaredHinge "
            "binary_crossentropy binary_focal_crossentropy categorical_crossentropy "
            "categorical_focal_crossentropy categorical_hinge hinge huber "
            "kl_divergence log_cosh mean_absolute_error "
            "mean_absolute_percentage_error mean_squared_error "
            "mean_squared_logarithmic_error poisson sparse_categorical_crossentropy "
            "squared_hinge",
            "thresholds": "PrecisionAtRecall RecallAtPrecision SensitivityAtSpecificity "
            "SpecificityAtSensitivity",
        },
    )

_CLASSES = [name for name in __all__ if name[0].isupper() and name != "Metric"]
# Every name that `get` knows, with that of the class.
_BY_NAME = {
    **{name: name for name in _CLASSES},
    **{snake_case(name): name for name in _CLASSES},
    "acc": "Accuracy",
    **dict.fromkeys(["bce", "BCE"], "BinaryCrossentropy"),
    **dict.fromkeys(["mse", "MSE"], "MeanSquaredError"),
    **dict.fromkeys(["mae", "MAE"], "MeanAbsoluteError"),
    **dict.fromkeys(["mape", "MAPE"], "MeanAbsolutePercentageError"),
    **dict.fromkeys(["msle", "MSLE"], "MeanSquaredLogarithmicError"),
    **dict.fromkeys(["rmse", "RMSE"], "RootMeanSquaredError"),
    **dict.fromkeys(["kld", "KLD"], "KLDivergence"),
    "logcosh": "LogCoshError",
    "fbeta_score": "FBetaScore",
}
# Names of kinds, of which the shapes choose one: for one output, for integer labels, for rows.
_CHOSEN_BY_SHAPE = {
    **dict.fromkeys(
        ["accuracy", "acc"], ("BinaryAccuracy", "SparseCategoricalAccuracy", "CategoricalAccuracy")
    ),
    **dict.fromkeys(
        ["crossentropy", "ce"],
        ("BinaryCrossentropy", "SparseCategoricalCrossentropy", "CategoricalCrossentropy"),
    ),
}


def get(identifier: Any) -> Metric:
    """The metric that ``identifier`` stands for.

    Parameters   identifier: a name ("mae", "binary_accuracy", "BinaryAccuracy"; the metric then
                 bears this name), a metric, its class, what ``serialize`` gives, or a function of
                 (y_true, y_pred). "accuracy" means exact equality here; ``resolve`` chooses by the
                 shapes
    Raises       ArgumentError for an unknown name, with the nearest one; ArgumentTypeError
    """
    if isinstance(identifier, Metric):
        initialized(identifier)
        return identifier
    if isinstance(identifier, str):
        name = _BY_NAME.get(identifier)
        if name is None and identifier.lower() in _CHOSEN_BY_SHAPE:
            of_rows = _CHOSEN_BY_SHAPE[identifier.lower()][-1]
            name = "Accuracy" if identifier.lower() in ("accuracy", "acc") else of_rows
        if name is None:
            raise ArgumentError(
                f"There is no metric {identifier!r}.{suggestion(identifier, _BY_NAME)}"
            )
        return _class(name)(name=identifier)
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if inspect.isclass(identifier):
        if issubclass(identifier, Metric) and not inspect.isabstract(identifier):
            return identifier()
    elif callable(identifier):
        return _class("MeanMetricWrapper")(identifier)
    raise ArgumentTypeError(
        "A metric must be a name such as 'accuracy', a metric such as BinaryAccuracy(), or a "
        f"function of (y_true, y_pred), got {identifier!r} of type {type(identifier).__name__}."
    )


def resolve(
    identifier: Any, y_true_shape: tuple[int, ...], y_pred_shape: tuple[int, ...]
) -> Metric:
    """Like ``get``, with "accuracy" ("acc") and "crossentropy" ("ce") meaning what fits the shapes.

    Predictions of one column: the binary one. Labels with an axis less than the predictions, or
    of one column: the sparse categorical one. Otherwise the categorical one.
    """
    if not (isinstance(identifier, str) and identifier.lower() in _CHOSEN_BY_SHAPE):
        return get(identifier)
    binary, sparse, of_rows = _CHOSEN_BY_SHAPE[identifier.lower()]
    name = of_rows
    if y_pred_shape[-1:] == (1,):
        name = binary
    elif len(y_true_shape) < len(y_pred_shape) or y_true_shape[-1:] == (1,):
        name = sparse
    return _class(name)(name=identifier)


def serialize(metric: Metric) -> dict[str, Any]:
    """The name of the class and the arguments of a metric, as plain values for a file."""
    return written(metric)


def deserialize(config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Metric:
    """The metric that ``serialize`` told of.

    Parameters   custom_objects: classes of your own by name
    """
    if not isinstance(config, dict):
        raise ArgumentTypeError(
            "`config` must be what `serialize` gave, {'class_name': 'AUC', 'config': {…}}, got "
            f"{config!r:.80}. A name is for `get`."
        )
    name = config.get("class_name", "")
    from autograd_nn.own_classes import get_registered_object  # seldom needed

    own = get_registered_object(name, custom_objects)
    if own is not None:
        found: Any = own.from_config(config.get("config", {}))
        return found
    if name not in _CLASSES:
        raise ArgumentError(f"There is no metric {name!r:.80}.{suggestion(str(name), _CLASSES)}")
    return _class(name).from_config(config.get("config", {}))


def _class(name: str) -> Any:
    return getattr(sys.modules[__name__], name)
