"""Losses and metrics. What is refused here gives a number in Keras."""

from __future__ import annotations

from tests.reference.differences.difference import REFUSED, Difference

NAN = float("nan")
LOSSES_AND_METRICS = [
    Difference(
        "A prediction that is surely wrong keeps its gradient beyond the clip at 1e-7: with none, "
        "nothing is learnt from the sample that matters most.",
        "loss_gradient(losses.BinaryCrossentropy(), [[1.0]], [[0.0]])",
        [[0.0]],
        [[-1e7]],
    ),
    Difference(
        "The same of several classes.",
        "loss_gradient(losses.CategoricalCrossentropy(), [[1.0, 0.0]], [[0.0, 1.0]])",
        [[0.0, 0.0]],
        [[-1e7, 0.0]],
    ),
    Difference(
        "The same of divergences, and of roots of a probability.",
        "loss_gradient(losses.KLDivergence(), [[1.0, 0.0]], [[0.0, 1.0]])[0][:1]",
        [0.0],
        [-1e7],
    ),
    Difference(
        "At 0 the derivative of |x| is 0, here as everywhere in this library.",
        "loss_gradient(losses.MeanAbsoluteError(), [[1.0]], [[1.0]])",
        [[-1.0]],
        [[0.0]],
    ),
    Difference(
        "From logits nothing is clipped: a focal loss has a gradient for every sample.",
        "losses.BinaryFocalCrossentropy(from_logits=True)([[1.0]], [[-100.0]])",
        16.118095,
        100.0,
    ),
    Difference(
        "Labels are smoothed by the number of classes, along whatever axis these are.",
        "losses.CategoricalCrossentropy(axis=1, label_smoothing=0.5)"
        "([[[1.0], [0.0]]], [[[0.5], [0.5]]])",
        1.0397208,
        0.6931472,
    ),
    Difference(
        "Labels that name no class are a mistake in the data.",
        "losses.SparseCategoricalCrossentropy()([3], [[0.5, 0.5]])",
        0.0,
        REFUSED,
    ),
    Difference(
        "What is no probability is a mistake: from_logits=True is missing, or an activation.",
        "losses.BinaryCrossentropy()([[1.0]], [[1.5]])",
        1.1920929e-07,
        REFUSED,
    ),
    Difference(
        "Nothing is broadcast: y of another shape than the predictions is a mistake.",
        "losses.MeanSquaredError()([[1.0, 2.0]], [[1.0]])",
        0.5,
        REFUSED,
    ),
    Difference(
        "Margins are of labels −1 and 1 (or 0 and 1).",
        "losses.Hinge()([[3.0]], [[0.1]])",
        0.7,
        REFUSED,
    ),
    Difference(
        "Areas are of masks from 0 to 1: one of 0 and 255 makes a loss below 0.",
        "losses.Dice()([[255.0]], [[1.0]])",
        -0.9921875,
        REFUSED,
    ),
    Difference(
        "One number for all of the batch has no weights of samples.",
        "losses.Dice()([[1.0], [1.0]], [[1.0], [0.0]], sample_weight=[1.0, 0.0])",
        0.16666666,
        REFUSED,
    ),
    Difference(
        "A weight for each sample is for all steps of that sample, (4 + 1) / 4. Keras takes one "
        "for each step where there are as many: 4 / 4.",
        "losses.MeanSquaredError()"
        "(np.zeros((2, 2, 1)), np.float32([[[2.0], [1.0]], [[0.0], [0.0]]]), [1.0, 0.0])",
        1.0,
        1.25,
    ),
    Difference(
        "A negative weight would make the loss of its sample large instead of small.",
        "losses.MeanSquaredError()([[1.0]], [[3.0]], sample_weight=[-1.0])",
        -4.0,
        REFUSED,
    ),
    Difference(
        "A label 0 before others is a class, which in CTC is none: classes count from 1.",
        "losses.CTC()([[0, 1]], [[[0.0, 0.0], [0.0, 0.0]]])",
        0.28768209,
        REFUSED,
    ),
    Difference(
        "A metric leaves out the class that its loss leaves out; Keras's counts it as 0.",
        "metrics.SparseCategoricalCrossentropy(ignore_class=0)([0, 1], [[0.5, 0.5], [0.5, 0.5]])",
        0.34657359,
        0.69314718,
    ),
    Difference(
        "Positives are counted of labels 0 and 1; Keras takes every other number for 1.",
        "metrics.Precision()([2, 0], [0.9, 0.2])",
        1.0,
        REFUSED,
    ),
    Difference(
        "Labels out of range are a mistake in the data, unless ignore_class names them.",
        "metrics.MeanIoU(2)([0, 5], [0, 1])",
        1.0,
        REFUSED,
    ),
    Difference(
        "Weights of pixels are not rounded to integers.",
        "metrics.MeanIoU(2)([0, 1, 1], [0, 1, 0], sample_weight=np.float32([0.5, 2.0, 2.0]))",
        0.25,
        0.35,
    ),
    Difference(
        "A correlation of one value with itself is none: axis=0 is meant.",
        "metrics.PearsonCorrelation()([[1.0], [2.0]], [[1.0], [3.0]])",
        NAN,
        REFUSED,
    ),
    Difference(
        "Sums are carried in double precision.",
        "metrics.R2Score()([[1e4], [1e4 + 1]], [[1e4], [1e4 + 0.5]])",
        0.0,
        0.5,
    ),
    Difference(
        "A loss by its name is the one that compile takes, and so the mean. In Keras a name in "
        "small letters stands for the function, which gives one number for each sample.",
        "keras.losses.get('mse')(np.float32([[0, 1], [1, 1]]), np.float32([[1, 1], [0, 0]]))",
        [0.5, 1.0],
        0.75,
    ),
    Difference(
        "Probabilities are no labels: Keras takes 0.6 for class 0.",
        "metrics.MeanIoU(2)(np.float32([0, 1]), np.float32([0.4, 0.6]))",
        0.25,
        REFUSED,
    ),
    Difference(
        "True values of shape (N,) belong to predictions of shape (N, 1) one by one, in every "
        "metric. In Keras metrics by name of hinge losses compare each with each.",
        """
layers = [keras.Input((1,)), keras.layers.Dense(1, kernel_initializer="ones")]
model = keras.Sequential(layers)
model.compile("sgd", "mse", metrics=["hinge"])
model.evaluate(np.float32([[1], [-1]]), np.float32([1, -1]), verbose=0)[1]
""",
        1.0,
        0.0,
    ),
]
