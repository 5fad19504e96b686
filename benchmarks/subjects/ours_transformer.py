"""autograd_nn: a training step of a small transformer, as `train_on_batch` takes it."""

from autograd_nn import Input, Model
from autograd_nn.layers import Dense, LayerNormalization, MultiHeadAttention
from autograd_nn.optimizers import SGD
from benchmarks.baselines.transformer_step import EPSILON
from benchmarks.measure import Ready
from benchmarks.problems import LEARNING_RATE, transformer


def step(how: str) -> Ready:
    x, y, blocks = transformer()
    value = inputs = Input(x.shape[1:])
    parts = []
    for weights in blocks:
        width, heads, key_dim = weights[0].shape
        layers = [
            MultiHeadAttention(heads, key_dim),
            LayerNormalization(epsilon=EPSILON),
            Dense(weights[10].shape[1], activation="relu"),
            Dense(width),
            LayerNormalization(epsilon=EPSILON),
        ]
        attention, first, inner, outer, second = layers
        value = first(value + attention(value, value))
        value = second(value + outer(inner(value)))
        parts += zip(layers, (slice(8), slice(8, 10), *_PAIRS), [weights] * 5, strict=True)
    model = Model(inputs, value)
    model.compile(optimizer=SGD(LEARNING_RATE), loss="mse", jit_compile=how == "jit_compile")
    for layer, place, weights in parts:
        layer.set_weights(weights[place])
    return Ready(lambda: model.train_on_batch(x, y))


_PAIRS = slice(10, 12), slice(12, 14), slice(14, 16)
