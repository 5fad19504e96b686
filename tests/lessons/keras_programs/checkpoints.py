"""Weights kept after each epoch, the best ones, a whole model: put back into new models."""

import json
import os

import keras
import numpy as np
from keras import layers
from keras.callbacks import EarlyStopping, ModelCheckpoint
from keras.models import Sequential, load_model, model_from_json

random = np.random.default_rng(21)
images = random.random((90, 6, 6)).astype("float32")
labels = (images[:, :3].sum((1, 2)) > images[:, 3:].sum((1, 2))).astype(int) + 0
train_images, test_images = images[:60].reshape(-1, 36), images[60:].reshape(-1, 36)
train_labels, test_labels = labels[:60], labels[60:]
results = {}


def create_model():
    model = keras.models.Sequential(
        [
            layers.Dense(16, activation="relu", input_shape=(36,)),
            layers.Dropout(0.0),
            layers.Dense(3),
        ]
    )
    model.compile(
        optimizer="adam",
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy()],
    )
    return model


model = create_model()
model.summary()
model.set_weights([random.normal(size=w.shape) * 0.3 for w in model.get_weights()])
initial = model.get_weights()

checkpoint_path = "training_1/cp.weights.h5"
checkpoint_dir = os.path.dirname(checkpoint_path)
cp_callback = ModelCheckpoint(filepath=checkpoint_path, save_weights_only=True, verbose=1)
model.fit(
    train_images,
    train_labels,
    epochs=4,
    shuffle=False,
    validation_data=(test_images, test_labels),
    callbacks=[cp_callback],
)
results["files"] = sorted(os.listdir(checkpoint_dir))
untrained = create_model()
loss, acc = untrained.evaluate(test_images, test_labels, verbose=2)
untrained.load_weights(checkpoint_path)
loss, acc = untrained.evaluate(test_images, test_labels, verbose=2)
results["restored"] = [loss, acc]

checkpoint_path = "training_2/cp-{epoch:04d}.weights.h5"
batch_size = 20
n_batches = len(train_images) / batch_size
cp_callback = ModelCheckpoint(
    checkpoint_path, verbose=1, save_weights_only=True, save_freq=int(2 * n_batches)
)
model = create_model()
model.set_weights(initial)
os.makedirs("training_2", exist_ok=True)
model.save_weights(checkpoint_path.format(epoch=0))
model.fit(
    train_images,
    train_labels,
    epochs=6,
    batch_size=batch_size,
    shuffle=False,
    callbacks=[cp_callback],
    verbose=0,
)
results["every other"] = sorted(os.listdir("training_2"))
latest = sorted(os.listdir("training_2"))[-1]
model = create_model()
model.load_weights(os.path.join("training_2", latest))
results["latest"] = model.evaluate(test_images, test_labels, verbose=0)

os.makedirs("saved_model", exist_ok=True)
model.save("saved_model/my_model.keras")
new_model = load_model("saved_model/my_model.keras")
new_model.summary()
results["whole"] = new_model.evaluate(test_images, test_labels, verbose=0)
results["shape"] = new_model.predict(test_images, verbose=0).shape

# Checkpoints of what is better than all before, by accuracy and by loss.
X = random.random((60, 8))
Y = (X[:, 1] + X[:, 5] > 1).astype(float)


def diabetes():
    model = Sequential()
    model.add(layers.Dense(12, input_shape=(8,), activation="relu"))
    model.add(layers.Dense(8, activation="relu"))
    model.add(layers.Dense(1, activation="sigmoid"))
    return model


start = [random.normal(size=w.shape) * 0.5 for w in diabetes().get_weights()]
model = diabetes()
model.set_weights(start)
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
filepath = "weights-improvement-{epoch:02d}-{val_accuracy:.2f}.keras"
checkpoint = ModelCheckpoint(
    filepath, monitor="val_accuracy", verbose=1, save_best_only=True, mode="max"
)
es = EarlyStopping(monitor="val_accuracy", patience=5)
history = model.fit(
    X,
    Y,
    validation_split=0.33,
    epochs=12,
    batch_size=10,
    shuffle=False,
    callbacks=[checkpoint, es],
    verbose=0,
)
results["improvements"] = sorted(f for f in os.listdir(".") if f.startswith("weights-imp"))
results["history"] = history.history["val_accuracy"]

model = diabetes()
model.set_weights(start)
model.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["accuracy"])
checkpoint = ModelCheckpoint(
    "weights.best.weights.h5", monitor="val_loss", save_best_only=True, save_weights_only=True
)
model.fit(
    X,
    Y,
    validation_split=0.33,
    epochs=6,
    batch_size=10,
    shuffle=False,
    callbacks=[checkpoint],
    verbose=0,
)
best = diabetes()
best.load_weights("weights.best.weights.h5")
best.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
results["best"] = best.evaluate(X, Y, verbose=0)

# The architecture as text, the weights beside it.
model_json = model.to_json()
with open("model.json", "w") as json_file:
    json_file.write(model_json)
model.save_weights("model.weights.h5")
json_file = open("model.json")
loaded_model_json = json_file.read()
json_file.close()
loaded_model = model_from_json(loaded_model_json)
loaded_model.load_weights("model.weights.h5")
loaded_model.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["accuracy"])
score = loaded_model.evaluate(X, Y, verbose=0)
results["from text"] = score
results["class"] = json.loads(model_json)["class_name"]
