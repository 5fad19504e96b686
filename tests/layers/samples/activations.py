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
    "LeakyReLU": [
        sample(lambda layers: layers.LeakyReLU(), PIECES),
        sample(lambda layers: layers.LeakyReLU(negative_slope=0.1), (2, 2, 3)),
    ],
    "PReLU": [
        sample(lambda layers: layers.PReLU(alpha_initializer="ones"), PIECES),
        sample(lambda layers: layers.PReLU(shared_axes=[1], alpha_constraint="non_neg"), (2, 3, 2)),
    ],
    "ELU": [sample(lambda layers: layers.ELU(0.5), PIECES)],
    "ReLU": [
        sample(lambda layers: layers.ReLU(), PIECES),
        sample(lambda layers: layers.ReLU(max_value=1.5), PIECES),
        sample(lambda layers: layers.ReLU(negative_slope=0.2, threshold=0.5), PIECES),
        sample(lambda layers: layers.ReLU(1.0, negative_slope=0.2, threshold=0.5), PIECES),
    ],
    "Softmax": [
        sample(lambda layers: layers.Softmax(), (2, 3)),
        sample(lambda layers: layers.Softmax(axis=1), (2, 2, 3)),
        sample(lambda layers: layers.Softmax(axis=(1, 2)), (2, 2, 3)),
    ],
}
