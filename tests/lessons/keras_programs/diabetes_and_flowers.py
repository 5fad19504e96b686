"""Tables with a yes or three kinds: old arguments, folds, a grid of settings searched by loops."""

import itertools

import keras
import numpy as np
from keras.layers import Dense, Dropout
from keras.models import Sequential
from keras.optimizers import SGD

random = np.random.default_rng(15)
dataset = random.random((60, 9))
dataset[:, 8] = dataset[:, 1] + dataset[:, 5] > 1
X, Y = dataset[:, 0:8], dataset[:, 8]
start = {}


def with_start(model):
    shapes = tuple(w.shape for w in model.get_weights())
    if shapes not in start:
        start[shapes] = [random.normal(size=shape) * 0.4 for shape in shapes]
    model.set_weights(start[shapes])
    return model


model = Sequential()
model.add(Dense(12, input_dim=8, kernel_initializer="uniform", activation="relu"))
model.add(Dense(8, kernel_initializer="uniform", activation="relu"))
model.add(Dense(1, kernel_initializer="uniform", activation="sigmoid"))
with_start(model)
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit(X, Y, validation_split=0.33, epochs=3, batch_size=10, shuffle=False, verbose=0)
_, accuracy = model.evaluate(X, Y, verbose=0)
rounded = [float(np.round(p[0])) for p in model.predict(X[:8], verbose=0)]
classes = (model.predict(X, verbose=0) > 0.5).astype(int)

flowers = np.array(["setosa", "versicolor", "virginica"])[np.arange(60) % 3]
F = random.normal(size=(60, 4)) + (np.arange(60) % 3)[:, None]
names, encoded_Y = np.unique(flowers, return_inverse=True)
dummy_y = keras.utils.to_categorical(encoded_Y)


def baseline_model():
    model = Sequential()
    model.add(Dense(8, input_shape=(4,), activation="relu"))
    model.add(Dense(3, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return with_start(model)


folds, scores = np.array_split(np.arange(60), 3), []
for i, test in enumerate(folds[:2]):
    train = np.concatenate(folds[:i] + folds[i + 1 :])
    estimator = baseline_model()
    estimator.fit(F[train], dummy_y[train], epochs=2, batch_size=5, shuffle=False, verbose=0)
    scores.append(estimator.evaluate(F[test], dummy_y[test], verbose=0))

best, grid = None, []
for neurons, rate, momentum, activation in itertools.product(
    (4, 6), (0.1,), (0.9,), ("softsign", "hard_sigmoid")
):
    model = Sequential([keras.Input((8,))])
    model.add(Dense(neurons, activation=activation, kernel_constraint=keras.constraints.MaxNorm(3)))
    model.add(Dropout(0.0))
    model.add(Dense(1, activation="sigmoid"))
    with_start(model)
    model.compile(loss="binary_crossentropy", optimizer=SGD(rate, momentum), metrics=["accuracy"])
    model.fit(X, Y, epochs=1, batch_size=20, shuffle=False, verbose=0)
    grid.append(model.evaluate(X, Y, verbose=0)[0])
    if best is None or grid[-1] < best[0]:
        best = (grid[-1], neurons, rate, momentum, activation)
results = {
    **history.history,
    "evaluated": accuracy,
    "rounded": rounded,
    "wrong": int(np.sum(classes[:, 0] != Y)),
    "folds": scores,
    "names": list(names),
    "grid": grid,
    "best": list(best),
}
