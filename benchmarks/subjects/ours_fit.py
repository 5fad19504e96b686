"""autograd_nn's `fit` as a user calls it, and `train_on_batch`."""

from typing import Any

from autograd_nn import Input, Sequential
from autograd_nn.layers import Dense
from autograd_nn.losses import BinaryCrossentropy, SparseCategoricalCrossentropy
from autograd_nn.optimizers import SGD, Optimizer
from benchmarks.measure import Fits, Ready
from benchmarks.problems import BATCHES, LEARNING_RATE, Network, data_set, read, starting_point


def fit(size: str) -> Fits:
    return _fits(size, BATCHES)


def fit_digits(size: str) -> Fits:
    return _fits(size, 360 / 32)


def fit_eagerly(size: str) -> Fits:
    return _fits(size, BATCHES, run_eagerly=True)


def fit_compiled(size: str) -> Fits:
    return _fits(size, BATCHES, jit_compile=True)


def train_on_batch(size: str) -> Ready:
    network = read(size)
    x, y, _ = starting_point(network)
    model = compiled_model(network, SGD(LEARNING_RATE))
    return Ready(lambda: model.train_on_batch(x, y))


def _fits(size: str, batches: float, **options: Any) -> Fits:
    network = read(size)
    x, y = data_set(network, batches)
    model = compiled_model(network, SGD(LEARNING_RATE), **options)
    first = model.fit(x, y, batch_size=network.batch, epochs=3, verbose=0, shuffle=False)

    def fit(epochs: int) -> object:
        return model.fit(x, y, batch_size=network.batch, epochs=epochs, verbose=0)

    last = len(x) % network.batch
    note = f"{len(x)} samples{f', the last of 12 steps has {last}' if last else ''}"
    return Fits(fit, BATCHES, first.history["loss"], note)


def compiled_model(network: Network, optimizer: Optimizer, **options: Any) -> Sequential:
    """Return the network as a model, with the weights that every subject starts from."""
    sigmoid = network.head == "sigmoid"
    inputs, *hidden, outputs = network.dims
    layers = [Dense(units, activation="sigmoid" if sigmoid else "relu") for units in hidden]
    model = Sequential([Input((inputs,)), *layers, Dense(outputs, activation=network.head)])
    loss = BinaryCrossentropy() if sigmoid else SparseCategoricalCrossentropy()
    model.compile(optimizer=optimizer, loss=loss, **options)
    model.set_weights(starting_point(network)[2])
    return model
