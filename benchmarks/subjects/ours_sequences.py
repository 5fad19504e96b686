"""autograd_nn: a training step on sequences, as `train_on_batch` takes it."""

from autograd_nn import Sequential
from autograd_nn.layers import GRU, LSTM, Dense, Embedding, GlobalAveragePooling1D
from autograd_nn.optimizers import SGD
from benchmarks.measure import Ready
from benchmarks.problems import LEARNING_RATE, sequences


def step(kind: str) -> Ready:
    return _step(kind, False)


def compiled_step(kind: str) -> Ready:
    return _step(kind, True)


def _step(kind: str, compiled: bool) -> Ready:
    x, y, weights = sequences(kind)
    layers = {
        "lstm": lambda: [LSTM(32)],
        "gru": lambda: [GRU(32)],
        "bag": lambda: [Embedding(20_000, 16), GlobalAveragePooling1D()],
    }[kind]()
    model = Sequential([*layers, Dense(1)])
    model.compile(optimizer=SGD(LEARNING_RATE), loss="mse", jit_compile=compiled)
    model.predict(x, verbose=0)
    model.set_weights(weights)
    return Ready(lambda: model.train_on_batch(x, y))
