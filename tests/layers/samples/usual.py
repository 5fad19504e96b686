"""Dense, EinsumDense, Flatten."""

from tests.layers.samples.sample import sample

SAMPLES = {
    "Dense": [
        sample(lambda layers: layers.Dense(2), (4, 3)),
        sample(lambda layers: layers.Dense(3, activation="tanh", use_bias=False), (2, 2, 4)),
    ],
    "EinsumDense": [
        sample(lambda layers: layers.EinsumDense("ab,bc->ac", 2, bias_axes="c"), (4, 3)),
        sample(
            lambda layers: layers.EinsumDense(
                "abc,cde->aebd", (2, None, 3), activation="tanh", bias_axes="ed"
            ),
            (2, 4, 3),
        ),
        sample(lambda layers: layers.EinsumDense("...x,xy->...y", 2, bias_axes="y"), (2, 2, 3)),
        sample(lambda layers: layers.EinsumDense("ab...,bc->ac...", 2, bias_axes="c"), (2, 3, 2)),
    ],
    "Flatten": [
        sample(lambda layers: layers.Flatten(), (2, 2, 3)),
        sample(lambda layers: layers.Flatten(data_format="channels_first"), (2, 2, 3)),
    ],
}
