"""Every activation by its name, in the layer Activation, and those that are layers."""

import numpy as np

from tests.layers.samples.sample import Sample, sample

NAMES = [
    *("celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu"),
    *("hard_swish", "hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish"),
    *("relu", "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus"),
    *("softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "swish", "tanh"),
    "tanh_shrink",
]

# In every piece of the activations that have pieces, and at no end of one.
PIECES = np.array(
    [[-7.2, -3.4, -1.7, -0.8], [-0.3, 0.2, 0.7, 1.6], [3.3, 6.4, -0.9, 0.6], [2.1, 0.4, -2.2, 1.2]]
)


def by_name(name: str) -> Sample:
    inputs = (3, 4) if name == "exponential" else PIECES  # of what is large no model learns
    differs = ""
    if name == "sparsemax":
        differs = "what Keras gives does not add up to 1"
    return sample(lambda layers: layers.Activation(name), inputs, differs=differs)


SAMPLES = {
    "Activation": [
        *map(by_name, NAMES),
        sample(lambda layers: layers.Activation("softmax"), (2, 2, 3)),
    ],
}
