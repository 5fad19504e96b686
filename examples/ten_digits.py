"""All ten digits with a softmax: 64 inputs, 128 relu units, ten probabilities."""

import time

from autograd_nn import Sequential, datasets, set_random_seed
from autograd_nn.callbacks import EarlyStopping
from autograd_nn.layers import Dense, Dropout
from autograd_nn.optimizers import Adam

set_random_seed(0)
(x, y), (x_test, y_test) = datasets.load_digits()

model = Sequential(
    [
        Dense(128, activation="relu", kernel_initializer="he_normal"),
        Dropout(0.2),
        Dense(10, activation="softmax"),
    ]
)
model.compile(
    optimizer=Adam(learning_rate=0.003),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
start = time.perf_counter()
history = model.fit(
    x,
    y,
    epochs=60,
    validation_split=0.1,
    verbose=0,
    callbacks=[EarlyStopping(patience=15, restore_best_weights=True)],
)
seconds = time.perf_counter() - start
model.summary()

loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(
    f"{len(history.epoch)} epochs in {seconds:.1f} s: accuracy {accuracy:.1%} "
    f"on {len(x_test)} digits never seen"
)
first = model.predict(x_test[:1], verbose=0)[0]
print(
    f"the first of them is a {y_test[0]}; the network says {first.argmax()} with {first.max():.1%}"
)
assert accuracy >= 0.97, accuracy
