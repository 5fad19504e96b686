"""Networks as scikit-learn's estimators, for its pipelines, searches and ensembles.

They need scikit-learn: ``pip install 'autograd-nn[sklearn]'``.
"""

from typing import TYPE_CHECKING, Any

from autograd_nn.engine.errors import MissingPackageError
from autograd_nn.later import imported_later

if TYPE_CHECKING:
    from autograd_nn.wrappers.estimators import NNClassifier, NNRegressor

__all__ = ["NNClassifier", "NNRegressor"]

if not TYPE_CHECKING:
    _load, __dir__ = imported_later(__name__, {"estimators": "NNClassifier NNRegressor"})

    def __getattr__(name: str) -> Any:
        try:
            return _load(name)
        except ModuleNotFoundError as error:
            if not str(error.name).startswith("sklearn"):
                raise
            raise MissingPackageError(
                f"{name} needs scikit-learn: pip install 'autograd-nn[sklearn]'."
            ) from None
