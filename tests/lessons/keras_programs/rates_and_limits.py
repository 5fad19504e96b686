"""Falling rates by optimizer, schedule and callback; dropout beside norms with a limit."""

import math

import keras
import numpy as np
from keras import layers
from keras.callbacks import Callback, EarlyStopping, LearningRateScheduler, ReduceLROnPlateau
from keras.constraints import MaxNorm, NonNeg, UnitNorm

random = np.random.default_rng(16)
X = random.normal(size=(48, 10))
Y = (X[:, 0] * X[:, 1] > 0).astype(float)
start = [random.normal(size=s) * 0.5 for s in ((10, 8), (8,), (8, 4), (4,), (4, 1), (1,))]
results = {}


def create(limit=None, penalty=None):
    model = keras.Sequential(
        [
            layers.Input(shape=(10,)),
            layers.Dropout(0.0),
            layers.Dense(8, activation="relu", kernel_constraint=limit, kernel_regularizer=penalty),
            layers.Dense(4, activation="relu", kernel_constraint=limit, bias_constraint=NonNeg()),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.set_weights(start)
    return model


def step_decay(epoch):
    initial_lrate, drop, epochs_drop = 0.1, 0.5, 2.0
    return initial_lrate * math.pow(drop, math.floor((1 + epoch) / epochs_drop))


def trained(name, optimizer, callbacks=(), epochs=4, **how):
    model = create(**how)
    model.compile(loss="binary_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    history = model.fit(
        X,
        Y,
        validation_split=0.25,
        epochs=epochs,
        batch_size=12,
        shuffle=False,
        verbose=0,
        callbacks=list(callbacks),
    )
    results[name] = history.history["loss"] + history.history["val_loss"]
    return model, history


class LossHistory(Callback):
    def on_train_begin(self, logs={}):
        self.losses, self.lr = [], []

    def on_epoch_end(self, epoch, logs={}):
        self.losses.append(logs.get("loss"))
        self.lr.append(step_decay(len(self.losses)))
        if self.model.stop_training:
            print("stops")


sgd = keras.optimizers.SGD
schedules = keras.optimizers.schedules
loss_history = LossHistory()
_, history = trained(
    "steps", sgd(learning_rate=0.0, momentum=0.9), [loss_history, LearningRateScheduler(step_decay)]
)
results["rates"] = history.history["learning_rate"]
results["seen"] = loss_history.losses
trained("exponential", sgd(schedules.ExponentialDecay(0.2, 3, 0.7, staircase=True)))
trained(
    "inverse", keras.optimizers.Adam(schedules.InverseTimeDecay(0.02, decay_steps=4, decay_rate=1))
)
trained(
    "cosine",
    keras.optimizers.AdamW(schedules.CosineDecay(0.01, 10, warmup_target=0.05, warmup_steps=3)),
)
plateau = ReduceLROnPlateau(monitor="val_loss", factor=0.2, patience=1, min_lr=0.001, min_delta=0.5)
model, history = trained("plateau", sgd(0.2), [plateau, EarlyStopping(patience=3)], epochs=6)
results["lowered"] = [float(model.optimizer.learning_rate), *history.history["learning_rate"]]
model, _ = trained("limits", sgd(0.5, momentum=0.9), limit=MaxNorm(1.5))
results["norms"] = np.linalg.norm(model.layers[1].get_weights()[0], axis=0)
results["biases"] = model.layers[2].get_weights()[1]
trained("units", "adamax", limit=UnitNorm(), penalty="l1")
model, _ = trained("orthogonal", "adadelta", penalty=keras.regularizers.OrthogonalRegularizer(0.05))
model.optimizer.learning_rate = 0.5
before = model.evaluate(X, Y, verbose=0)
model.fit(X, Y, batch_size=48, epochs=1, verbose=0)
results["on"] = [before, model.evaluate(X, Y, verbose=0)]
