"""Trainings on one process or several: ``mpiexec -n 2 python trainings.py RESULTS.npz [NAME …]``.

The first rank writes what comes out: weights, history, gradients, values.
"""

import sys
import tempfile
from typing import Any

import numpy as np

import autograd_nn
from autograd_nn import optimizers, regularizers, settings, unread
from autograd_nn.callbacks import Callback, EarlyStopping, LearningRateScheduler
from autograd_nn.distribution import DataParallel
from autograd_nn.layers import Dense, LeakyReLU

RANDOM = np.random.default_rng(1)
X = RANDOM.normal(size=(50, 5))
Y = (X[:, :1] * X[:, 1:2] > 0).astype(float)
WEIGHTS = RANDOM.random(50)

OPTIMIZERS = {
    "sgd": lambda: optimizers.SGD(0.1),
    "momentum": lambda: optimizers.SGD(0.1, momentum=0.9),
    "adam": lambda: optimizers.Adam(0.01),
    "clipnorm": lambda: optimizers.Adam(0.01, clipnorm=0.01),
    "global_clipnorm": lambda: optimizers.SGD(0.1, global_clipnorm=0.05),
    "clipvalue": lambda: optimizers.SGD(0.1, clipvalue=0.01),
    "weight_decay": lambda: optimizers.AdamW(0.01, weight_decay=0.1),
    "accumulated": lambda: optimizers.SGD(0.1, gradient_accumulation_steps=2, use_ema=True),
}


class Trains(Callback):
    """Between epochs a step is taken by hand."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.train_on_batch(X[:8], Y[:8])


class Batches:
    """What has batches by number, the last one smaller."""

    def __len__(self) -> int:
        return 7

    def __getitem__(self, number: int) -> Any:
        rows = slice(8 * number, 8 * number + 8)
        return X[rows], Y[rows], WEIGHTS[rows]


class OwnBatches:
    """Of each batch of 9 the rows of this rank, which are not as many in each."""

    def __len__(self) -> int:
        return 5

    def __getitem__(self, number: int) -> Any:
        rows = np.arange(9 * number, 9 * number + 9)[DataParallel().own(9)]
        return X[rows], Y[rows]


class Halved(Callback):
    """After the fifth batch of an epoch all weights are halved and the rate is set."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        assert logs["accuracy"] >= 0
        if batch == 4:
            self.model.set_weights([weight / 2 for weight in self.model.get_weights()])
            self.model.optimizer.learning_rate = self.model.optimizer.learning_rate / 2
            self.model.predict(X[:3], verbose=0)  # by this rank alone
            self.model.evaluate(X[:3], Y[:3], verbose=0)


class Sets(Callback):
    """Sets a seed, and a number that a layer has."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        autograd_nn.set_random_seed(epoch)
        self.model.layers[1].negative_slope = 0.1 * epoch


class Scaled(Dense):
    """With a weight that is a number."""

    replayable = True

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.scale = self.add_weight((), "ones", name="scale")

    def call(self, inputs: Any) -> Any:
        return super().call(inputs) * self.scale


def of_two_outputs() -> dict[str, Any]:
    """Losses and metrics of each output, of which one has weights of samples."""
    autograd_nn.set_random_seed(3)
    inputs = autograd_nn.Input((5,))
    hidden = Scaled(4, activation="tanh")(inputs)
    outputs = [Dense(1, name="one")(hidden), Dense(2, activation="softmax", name="two")(hidden)]
    model = autograd_nn.Model(inputs, outputs)
    model.compile(
        optimizers.SGD(0.1),
        {"one": "mse", "two": "sparse_categorical_crossentropy"},
        metrics={"two": ["accuracy"]},
        loss_weights={"one": 0.5, "two": 1.0},
        distribution=DataParallel(),
    )
    y = {"one": X[:, :1], "two": Y[:, 0].astype(int)}
    history = model.fit(X, y, batch_size=9, epochs=3, verbose=0, sample_weight={"one": WEIGHTS})
    found = {f"weight {n}": w for n, w in enumerate(model.get_weights())}
    return found | {f"history {name}": np.array(v) for name, v in history.history.items()}


def trained(
    optimizer: Any,
    x: Any = X,
    y: Any = Y,
    *,
    floatx: str = "float64",
    epochs: int = 3,
    layer: Any = None,
    between: Any = (),
    compiled: Any = None,
    same_data: bool = True,
    **fit: Any,
) -> dict[str, Any]:
    """What comes out of one training."""
    settings.set_floatx(floatx)
    try:
        autograd_nn.set_random_seed(3)
        model = autograd_nn.Sequential(
            [autograd_nn.Input((5,)), Dense(7, activation="tanh", **(layer or {}))]
            + [*between, Dense(1, activation="sigmoid")]
        )
        chosen = {"metrics": ["accuracy"], "weighted_metrics": ["AUC"]} | (compiled or {})
        distribution = DataParallel(auto_shard_dataset=same_data)
        model.compile(optimizer, "binary_crossentropy", distribution=distribution, **chosen)
        history = model.fit(x, y, epochs=epochs, verbose=0, **{"batch_size": 8} | fit)
        found = {f"weight {n}": w for n, w in enumerate(model.get_weights())}
        found |= {f"history {name}": np.array(values) for name, values in history.history.items()}
        found |= {f"grad {n}": w.grad for n, w in enumerate(model.trainable_weights)}
        found["evaluated"] = np.array(model.evaluate(X, Y, batch_size=16, verbose=0))
        found["predicted"] = model.predict(X, batch_size=16, verbose=0)
        found["one batch"] = np.array(model.train_on_batch(X[:9], Y[:9]))
        return found
    finally:
        settings.set_floatx("float32")


def endlessly() -> Any:
    """Batches of 8, in order, again and again."""
    while True:
        for start in range(0, len(X), 8):
            yield X[start : start + 8], Y[start : start + 8]


def on_a_map(optimizer: Any) -> dict[str, Any]:
    """A training on a file that is read as it goes, which one of other size is not."""
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/x.npy", X)
        x = np.load(f"{folder}/x.npy", mmap_mode="r")
        before, unread.IN_MEMORY = unread.IN_MEMORY, 1000
        try:
            return trained(optimizer, x, Y, batch_size=9, validation_data=(x[:10], Y[:10]))
        finally:
            unread.IN_MEMORY = before


def on_own_rows(optimizer: Any, **fit: Any) -> dict[str, Any]:
    """A training in which each rank is given its own rows of batches of 8, and no other."""
    ranks = DataParallel()
    batches = [np.arange(start, start + 8) for start in range(0, 48, 8)]
    own = np.concatenate([batch[ranks.own(8)] for batch in batches])
    return trained(optimizer, X[own], Y[own], same_data=False, shuffle=False, **fit)


def cases() -> dict[str, Any]:
    """Every training by its name, as a function without arguments."""
    found = {
        f"{name} {floatx}": lambda make=make, floatx=floatx: trained(
            make(), floatx=floatx, epochs=50, compiled={"metrics": [], "weighted_metrics": []}
        )
        for name, make in OPTIMIZERS.items()
        for floatx in ("float64", "float32")
    }
    adam = OPTIMIZERS["adam"]
    rules = {
        "kernel_regularizer": regularizers.L2(0.1),
        "activity_regularizer": regularizers.L1(0.1),
    }
    stopping = EarlyStopping("loss", min_delta=10.0, patience=1, restore_best_weights=True)
    rates = LearningRateScheduler(lambda epoch, rate: rate * 0.5)
    return found | {
        "rank without rows": lambda: trained(adam(), X[:9], Y[:9]),
        "as written": lambda: trained(adam(), X[:9], Y[:9], compiled={"run_eagerly": True}),
        "weights of samples": lambda: trained(adam(), sample_weight=WEIGHTS),
        "weights of classes": lambda: trained(adam(), class_weight={0: 1.0, 1: 3.0}),
        "regularizers": lambda: trained(adam(), layer=rules),
        "validation": lambda: trained(adam(), validation_split=0.3, record_gradients=True),
        "in order": lambda: trained(adam(), shuffle=False),
        "batches by number": lambda: trained(adam(), Batches(), None),
        "own rows": lambda: on_own_rows(adam()),
        "own batches": lambda: trained(adam(), OwnBatches(), None, same_data=False, shuffle=False),
        "own rows in steps": lambda: on_own_rows(adam(), steps_per_epoch=3),
        "memory map": lambda: on_a_map(adam()),
        "generator": lambda: trained(adam(), endlessly(), None, steps_per_epoch=5),
        "steps of an epoch": lambda: trained(adam(), steps_per_epoch=2),
        "unequal shares": lambda: trained(adam(), steps_per_epoch=2, batch_size=9),
        "callbacks": lambda: trained(adam(), callbacks=[Halved(), rates]),
        "steps between": lambda: trained(adam(), callbacks=Trains()),
        "settings": lambda: trained(adam(), between=[LeakyReLU()], callbacks=Sets()),
        "stopped": lambda: trained(adam(), callbacks=stopping),
        "two outputs, float32": of_two_outputs,
        "compiled": lambda: trained(adam(), compiled={"jit_compile": True}),
    }


if __name__ == "__main__":
    names = sys.argv[2:] or list(cases())
    outcome = {name: cases()[name]() for name in names}
    if DataParallel().rank == 0:
        flat = {f"{n}: {k}": v for n, parts in outcome.items() for k, v in parts.items()}
        np.savez(sys.argv[1], **flat)
