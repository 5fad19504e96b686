"""Networks as scikit-learn's estimators, for its pipelines, searches and ensembles.

They need scikit-learn: ``pip install 'autograd-nn[sklearn]'``.
"""

from typing import TYPE_CHECKING

from autograd_nn.later import imported_later

if TYPE_CHECKING:
    from autograd_nn.wrappers.estimators import NNClassifier, NNRegressor

__all__ = ["NNClassifier", "NNRegressor"]

if not TYPE_CHECKING:
    __getattr__, __dir__ = imported_later(__name__, {"estimators": "NNClassifier NNRegressor"})
