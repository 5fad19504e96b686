"""Losses: how far predictions are from the truth, as one number to be made small.

Each is a class with Keras's arguments, called ``loss(y_true, y_pred)``, and a function in
snake_case that gives one value per sample. Arrays in, arrays out; a Tensor in, a recorded Tensor
out.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, suggestion
from autograd_nn.later import imported_later
from autograd_nn.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from autograd_nn.losses.loss import FunctionLoss, Loss
from autograd_nn.names import initialized, snake_case, written
from autograd_nn.targets import to_categorical

if TYPE_CHECKING:
    from autograd_nn.losses.alignment import CTC, ctc
    from autograd_nn.losses.circles import Circle, circle
    from autograd_nn.losses.focal import (
        BinaryFocalCrossentropy,
        CategoricalFocalCrossentropy,
        binary_focal_crossentropy,
        categorical_focal_crossentropy,
    )
    from autograd_nn.losses.likelihoods import (
        CategoricalGeneralizedCrossEntropy,
        KLDivergence,
        Poisson,
        categorical_generalized_cross_entropy,
        kl_divergence,
        poisson,
    )
    from autograd_nn.losses.margins import (
        CategoricalHinge,
        Hinge,
        SquaredHinge,
        categorical_hinge,
        hinge,
        squared_hinge,
    )
    from autograd_nn.losses.older_names import (  # noqa: F401 (found, and not in `__all__`)
        KLD,
        MAE,
        MAPE,
        MSE,
        MSLE,
        kld,
        kullback_leibler_divergence,
        logcosh,
        mae,
        mape,
        mse,
        msle,
    )
    from autograd_nn.losses.overlap import Dice, Tversky, dice, tversky
    from autograd_nn.losses.regression import (
        CosineSimilarity,
        Huber,
        LogCosh,
        MeanAbsoluteError,
        MeanAbsolutePercentageError,
        MeanSquaredError,
        MeanSquaredLogarithmicError,
        MeanSquareError,
        cosine_similarity,
        huber,
        log_cosh,
        mean_absolute_error,
        mean_absolute_percentage_error,
        mean_squared_error,
        mean_squared_logarithmic_error,
    )

__all__ = [
    "CTC",
    "BinaryCrossentropy",
    "BinaryFocalCrossentropy",
    "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy",
    "CategoricalGeneralizedCrossEntropy",
    "CategoricalHinge",
    "Circle",
    "CosineSimilarity",
    "Dice",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquareError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "SquaredHinge",
    "Tversky",
    "binary_crossentropy",
    "binary_focal_crossentropy",
    "categorical_crossentropy",
    "categorical_focal_crossentropy",
    "categorical_generalized_cross_entropy",
    "categorical_hinge",
    "circle",
    "cosine_similarity",
    "ctc",
    "deserialize",
    "dice",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "serialize",
    "sparse_categorical_crossentropy",
    "squared_hinge",
    "to_categorical",
    "tversky",
]

if not TYPE_CHECKING:
    # What a first network does not need.
    __getattr__, __dir__ = imported_later(
        __name__,
        {
            "alignment": "CTC ctc",
            "circles": "Circle circle",
            "focal": "BinaryFocalCrossentropy binary_focal_crossentropy "
            "CategoricalFocalCrossentropy categorical_focal_crossentropy",
            "margins": "CategoricalHinge categorical_hinge Hinge hinge SquaredHinge squared_hinge",
            "likelihoods": "CategoricalGeneralizedCrossEntropy "
            "categorical_generalized_cross_entropy KLDivergence kl_divergence Poisson poisson",
            "overlap": "Dice dice Tversky tversky",
            "regression": "CosineSimilarity cosine_similarity Huber huber LogCosh log_cosh "
            "MeanAbsoluteError mean_absolute_error "
            "MeanAbsolutePercentageError mean_absolute_percentage_error "
            "MeanSquaredError mean_squared_error MeanSquareError "
            "MeanSquaredLogarithmicError mean_squared_logarithmic_error",
            "older_names": "MSE mse MAE mae MAPE mape MSLE msle KLD kld "
            "kullback_leibler_divergence logcosh",
        },
    )

_CLASSES = [name for name in __all__ if name[0].isupper() and name != "Loss"]
# Every name that `get` knows, with that of the class.
_BY_NAME = {
    **{name: name for name in _CLASSES},
    **{snake_case(name): name for name in _CLASSES},
    **dict.fromkeys(["bce", "BCE"], "BinaryCrossentropy"),
    **dict.fromkeys(["mse", "MSE"], "MeanSquaredError"),
    **dict.fromkeys(["mae", "MAE"], "MeanAbsoluteError"),
    **dict.fromkeys(["mape", "MAPE"], "MeanAbsolutePercentageError"),
    **dict.fromkeys(["msle", "MSLE"], "MeanSquaredLogarithmicError"),
    **dict.fromkeys(["kld", "KLD"], "KLDivergence"),
}


def get(identifier: Any) -> Loss:
    """The loss that ``identifier`` stands for.

    Parameters   identifier: a name ("mse", "binary_crossentropy", "BinaryCrossentropy"), a loss,
                 its class, what ``serialize`` gives, or a function of (y_true, y_pred)
    Raises       ArgumentError for an unknown name, with the nearest one; ArgumentTypeError
    Example

    >>> get("mse")
    MeanSquaredError()
    """
    if isinstance(identifier, Loss):
        initialized(identifier)
        return identifier
    if isinstance(identifier, str):
        if identifier not in _BY_NAME:
            raise ArgumentError(
                f"There is no loss {identifier!r}.{suggestion(identifier, _BY_NAME)}"
            )
        return _class(identifier)()
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if inspect.isclass(identifier) and issubclass(identifier, Loss):
        return identifier()
    if hasattr(identifier, "update_state"):
        raise ArgumentTypeError(
            f"`loss` is a metric, {identifier!r}, which counts over batches and has no gradient: "
            "give a loss of autograd_nn.losses, or its name."
        )
    if callable(identifier) and not inspect.isclass(identifier):
        # By the class rather than by the function, so that a model's loss is fused with its head.
        name = getattr(identifier, "__name__", "")
        is_ours = name in _BY_NAME and getattr(sys.modules[__name__], name, None) is identifier
        return _class(name)() if is_ours else FunctionLoss(identifier)
    raise ArgumentTypeError(
        "`loss` must be a name such as 'mse', a loss such as BinaryCrossentropy(), or a function "
        f"of (y_true, y_pred), got {identifier!r} of type {type(identifier).__name__}."
    )


def serialize(loss: Loss) -> dict[str, Any]:
    """The name of the class and the arguments of a loss, as plain values for a file."""
    return written(loss)


def deserialize(config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Loss:
    """The loss that ``serialize`` told of.

    Parameters   custom_objects: classes of your own by name
    """
    if not isinstance(config, dict):
        raise ArgumentTypeError(
            "`config` must be what `serialize` gave, {'class_name': 'Huber', 'config': {…}}, got "
            f"{config!r:.80}. A name is for `get`."
        )
    name = config.get("class_name", "")
    from autograd_nn.own_classes import get_registered_object  # seldom needed

    own = get_registered_object(name, custom_objects)
    if own is not None:
        found: Any = own.from_config(config.get("config", {}))
        return found
    if name not in _CLASSES:
        raise ArgumentError(f"There is no loss {name!r:.80}.{suggestion(str(name), _CLASSES)}")
    return _class(name).from_config(config.get("config", {}))


def _class(name: str) -> Any:
    return getattr(sys.modules[__name__], _BY_NAME[name])
