"""Fraud is rare: weights of classes, counts instead of accuracy, a file after each epoch."""

import keras
import numpy as np

random = np.random.default_rng(1)
features = random.normal(size=(600, 6)).astype("float32")
targets = (features[:, :1] + 0.5 * features[:, 1:2] > 1.6).astype("uint8")
val_features, train_features = features[-150:], features[:-150]
val_targets, train_targets = targets[-150:], targets[:-150]
counts = np.bincount(train_targets[:, 0])
weight_for_0, weight_for_1 = 1.0 / counts[0], 1.0 / counts[1]
mean, std = np.mean(train_features, axis=0), np.std(train_features, axis=0)
train_features, val_features = (train_features - mean) / std, (val_features - mean) / std

model = keras.Sequential(
    [
        keras.Input(shape=train_features.shape[1:]),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.set_weights([random.normal(size=w.shape) * 0.4 for w in model.get_weights()])
metrics = [
    keras.metrics.FalseNegatives(name="fn"),
    keras.metrics.FalsePositives(name="fp"),
    keras.metrics.TrueNegatives(name="tn"),
    keras.metrics.TruePositives(name="tp"),
    keras.metrics.Precision(name="precision"),
    keras.metrics.Recall(name="recall"),
    keras.metrics.AUC(name="auc"),
]
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss="binary_crossentropy", metrics=metrics)
callbacks = [keras.callbacks.ModelCheckpoint("fraud_model_at_epoch_{epoch}.keras")]
history = model.fit(
    train_features,
    train_targets,
    batch_size=128,
    epochs=4,
    verbose=0,
    shuffle=False,
    callbacks=callbacks,
    validation_data=(val_features, val_targets),
    class_weight={0: weight_for_0, 1: weight_for_1},
)
second = keras.models.load_model("fraud_model_at_epoch_2.keras")
last = keras.models.load_model("fraud_model_at_epoch_4.keras")
results = {
    **history.history,
    "second": second.evaluate(val_features, val_targets, verbose=0),
    "same": float(np.abs(last.predict(features) - model.predict(features)).max()),
}
