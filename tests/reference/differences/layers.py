"""Activations and layers."""

from __future__ import annotations

from tests.reference.differences.difference import REFUSED, Difference

LAYERS = [
    Difference(
        "Probabilities add up to 1: (0.6, 0.4, 0.1, 0) loses 0.1 / 3 of each that stays. Keras's "
        "have the sum 0.03.",
        "keras.activations.sparsemax(np.float32([[0.6, 0.4, 0.1, 0.0]]))",
        [[0.03333336, 0.0, 0.0, 0.0]],
        [[0.5666667, 0.3666667, 0.0666667, 0.0]],
    ),
    Difference(
        "Where two pieces meet the slope is that of the flat one; Keras gives half here.",
        "gradient(lambda x: keras.activations.relu(x, max_value=1.0), [1.0])",
        [0.5],
        [0.0],
    ),
    Difference(
        "The same of hard_tanh, at both ends.",
        "gradient(keras.activations.hard_tanh, [-1.0, 1.0])",
        [1.0, 1.0],
        [0.0, 0.0],
    ),
    Difference(
        "The same of sparse_sigmoid.",
        "gradient(keras.activations.sparse_sigmoid, [-1.0, 1.0])",
        [0.25, 0.25],
        [0.0, 0.0],
    ),
    Difference(
        "Where no piece is flat it is that of the left one.",
        "gradient(keras.activations.leaky_relu, [0.0])",
        [1.0],
        [0.2],
    ),
    Difference(
        "The same of hard_silu, which is flat at −3 and not at 3.",
        "gradient(keras.activations.hard_silu, [-3.0, 3.0])",
        [0.0, 1.0],
        [0.0, 1.5],
    ),
    Difference(
        "A layer that drops all that it gets is a mistake: nothing behind it learns.",
        "keras.layers.SpatialDropout1D(1.0).rate",
        1.0,
        REFUSED,
    ),
    Difference(
        "The deviation √(rate / (1 − rate)) is none at rate 1. Keras says so at the first call.",
        "keras.layers.GaussianDropout(1.0).rate",
        1.0,
        REFUSED,
    ),
    Difference(
        "Nor can mean and variance be kept where all is dropped.",
        "keras.layers.AlphaDropout(1.0).rate",
        1.0,
        REFUSED,
    ),
    Difference(
        "Samples of one batch behind another's are no batch that y belongs to.",
        "keras.layers.Concatenate(axis=0)([np.float32([[1.0]]), np.float32([[0.0]])])",
        [[1.0], [0.0]],
        REFUSED,
    ),
    Difference(
        "What is said of a layer's activity holds in each of its calls: 0.01 · (1 + 4). Keras "
        "counts the last call alone.",
        """
layer = keras.layers.Dense(
    1, kernel_initializer="ones", activity_regularizer="l2", use_bias=False
)
a, b = keras.Input((1,)), keras.Input((1,))
model = keras.Model([a, b], keras.layers.Subtract()([layer(a), layer(b)]))
model.compile("sgd", "mse")
one = np.ones((1, 1), "float32")
model.evaluate([one, 2 * one], -one, verbose=0)
""",
        0.04,
        0.05,
    ),
    Difference(
        "One mask drops a state for all gates: a unit is there or is not, which makes 2 results. "
        "Keras draws a mask for each gate: of 3 that count here, 8 results.",
        """
one = np.ones((200, 1), "float32")
layer = keras.layers.LSTM(1, recurrent_dropout=0.5, seed=3)
y = layer(one[:, None], initial_state=[one, 0.0 * one], training=True)
len(np.unique(values(y).round(5)))
""",
        8,
        2,
    ),
    Difference(
        "All steps are the samples of one call, so means over the batch are over all steps.",
        """
layer = keras.layers.TimeDistributed(keras.layers.BatchNormalization(epsilon=1.0))
layer(np.float32([[[0.0], [10.0]], [[2.0], [12.0]]]), training=True)
""",
        [[[-(0.5**0.5)], [-(0.5**0.5)]], [[0.5**0.5], [0.5**0.5]]],
        # The mean of all four is 6 and their variance 26.
        [[[-6 / 27**0.5], [4 / 27**0.5]], [[-4 / 27**0.5], [6 / 27**0.5]]],
    ),
    Difference(
        "The batches of a stateful layer are as large as its first one. Keras must be told before.",
        """
layers = [keras.Input((1, 1)), keras.layers.SimpleRNN(1, stateful=True)]
keras.Sequential(layers).predict(np.ones((2, 1, 1)), verbose=0).shape
""",
        REFUSED,
        [2, 1],
    ),
    Difference(
        "A stateful layer goes on from call to call of predict; Keras on JAX drops the state.",
        """
rnn = keras.layers.SimpleRNN(1, stateful=True, kernel_initializer="ones",
                             recurrent_initializer="ones", activation="linear")
model = keras.Sequential([keras.Input(batch_shape=(1, 1, 1)), rnn])
one = np.ones((1, 1, 1), "float32")
[float(model.predict(one, verbose=0)[0, 0]) for _ in range(2)]
""",
        [1.0, 1.0],
        [1.0, 2.0],
    ),
    Difference(
        "A mask that is given is used: the second query is padding and looks at all alike. Keras "
        "3.15 drops a query_mask that does not come with its inputs.",
        """
layer = keras.layers.MultiHeadAttention(1, 1, kernel_initializer="ones")
x = np.float32([[[1.0], [2.0]]])
layer(x, x, query_mask=np.array([[True, False]]))
""",
        [[[1.7310586], [1.8807970]]],
        [[[1.7310586], [1.5]]],
    ),
    Difference(
        "A softmax in attention of doubles is one of doubles; Keras on JAX rounds it to 1e-8.",
        """
layer = keras.layers.MultiHeadAttention(1, 1, kernel_initializer="ones", dtype="float64")
x = np.array([0.1, 0.7])
weights = np.exp(np.outer(x, x))
expected = (weights / weights.sum(1, keepdims=True)) @ x
bool(np.allclose(values(layer(x[None, :, None], x[None, :, None])).ravel(), expected, 1e-12, 0))
""",
        False,
        True,
    ),
    Difference(
        "Data without an axis of features is a mistake: Keras takes each sample for a feature.",
        """
layer = keras.layers.Normalization(axis=-1)
layer.adapt(np.float32([1.0, 2.0, 3.0]))
values(layer.mean)
""",
        [1.0, 2.0, 3.0],
        REFUSED,
    ),
    Difference(
        "All weights of a layer have its dtype, the count of adapt too.",
        """
layer = keras.layers.Normalization()
layer.adapt(np.float32([[1.0], [2.0]]))
str(values(layer.count).dtype)
""",
        "int32",
        "float32",
    ),
    Difference(
        "Lessons write input_shape= and input_dim=, which say what Input says; Keras 3 warns.",
        "[warns(lambda shape=shape: keras.layers.Dense(1, **shape))"
        " for shape in ({'input_shape': (2,)}, {'input_dim': 2})]",
        [True, True],
        [False, False],
    ),
    Difference(
        "Weights that are known can be given where a layer is made; Keras 3 took that away.",
        "keras.layers.Dense(1, weights=[np.ones((2, 1)), np.zeros(1)]).units",
        REFUSED,
        1,
    ),
    Difference(
        "A loss that depends on no input can be added outside a call.",
        """
layer = keras.layers.Dense(1)
layer.add_loss(2.0)
[float(loss) for loss in layer.losses]
""",
        REFUSED,
        [2.0],
    ),
]
