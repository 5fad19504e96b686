"""autograd_nn: a training step of LeNet, as `train_on_batch` takes it."""

from autograd_nn import Input, Sequential
from autograd_nn.layers import Conv2D, Dense, Flatten, MaxPooling2D
from autograd_nn.optimizers import SGD
from benchmarks.measure import Ready
from benchmarks.problems import LEARNING_RATE, lenet


def step(how: str) -> Ready:
    x, y, weights = lenet()
    model = Sequential(
        [
            Input(x.shape[1:]),
            Conv2D(6, 5, activation="relu"),
            MaxPooling2D(),
            Conv2D(16, 5, activation="relu"),
            MaxPooling2D(),
            Flatten(),
            Dense(120, activation="relu"),
            Dense(84, activation="relu"),
            Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=SGD(LEARNING_RATE),
        loss="sparse_categorical_crossentropy",
        jit_compile=how == "jit_compile",
    )
    model.set_weights(weights)
    return Ready(lambda: model.train_on_batch(x, y))
