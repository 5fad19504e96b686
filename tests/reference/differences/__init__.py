"""Where this library means to differ from Keras, each with its reason.

`test_differences.py` holds that both do what is said, Keras live among the tests marked `peers`.
"""

from tests.reference.differences.layers import LAYERS
from tests.reference.differences.losses_and_metrics import LOSSES_AND_METRICS
from tests.reference.differences.training import TRAINING

DIFFERENCES = [*LOSSES_AND_METRICS, *LAYERS, *TRAINING]
