"""Larger and smaller models on the same rows: overfitting, penalties, an early end, metrics."""

import keras
import numpy as np
from keras import layers, regularizers

random = np.random.default_rng(17)
FEATURES, N_TRAIN, N_VALIDATION, BATCH_SIZE = 8, 60, 20, 20
STEPS_PER_EPOCH = N_TRAIN // BATCH_SIZE
x = random.normal(size=(80, FEATURES)).astype("float32")
y = (x[:, 0] + x[:, 1] ** 2 > 0.8).astype("float32")[:, None]
lr_schedule = keras.optimizers.schedules.InverseTimeDecay(
    0.01, decay_steps=STEPS_PER_EPOCH * 10, decay_rate=1, staircase=False
)
size_histories, sums = {}, {}


def compile_and_fit(model, name, max_epochs=4, optimizer=None):
    model.build((None, FEATURES))
    model.set_weights([random.normal(size=w.shape) * 0.4 for w in model.get_weights()])
    model.compile(
        optimizer=optimizer or keras.optimizers.Adam(lr_schedule),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[
            keras.metrics.BinaryCrossentropy(from_logits=True, name="binary_crossentropy"),
            keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy"),
        ],
    )
    model.summary()
    size_histories[name] = model.fit(
        x[:N_TRAIN],
        y[:N_TRAIN],
        epochs=max_epochs,
        batch_size=BATCH_SIZE,
        validation_data=(x[N_TRAIN:], y[N_TRAIN:]),
        callbacks=[
            keras.callbacks.EarlyStopping(
                monitor="val_binary_crossentropy", patience=1, restore_best_weights=True
            )
        ],
        shuffle=False,
        verbose=0,
    )
    sums[name] = [model.count_params(), *model.evaluate(x, y, verbose=0)]


tiny_model = keras.Sequential(
    [layers.Dense(4, activation="elu", input_shape=(FEATURES,)), layers.Dense(1)]
)
compile_and_fit(tiny_model, "tiny")
large_model = keras.Sequential([layers.Dense(16, activation="elu") for _ in range(3)])
large_model.add(layers.Dense(1))
compile_and_fit(large_model, "large")
regularized = keras.Sequential(
    [
        layers.Dense(16, activation="elu", kernel_regularizer=regularizers.l2(0.001)),
        layers.Dropout(0.0),
        layers.Dense(
            16,
            activation="selu",
            kernel_initializer="lecun_normal",
            kernel_regularizer=regularizers.L1(0.002),
            activity_regularizer=regularizers.L2(0.01),
        ),
        layers.GaussianNoise(0.0),
        layers.Dense(1),
    ]
)
compile_and_fit(regularized, "regularized", optimizer=keras.optimizers.SGD(0.5))
results = {
    **{f"{name} {key}": h.history[key] for name, h in size_histories.items() for key in h.history},
    "sums": list(sums.values()),
    "losses": [float(np.asarray(loss)) for loss in regularized.losses][:2],
}
