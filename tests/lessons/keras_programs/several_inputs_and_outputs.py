"""Tickets with a title, a text and tags: three inputs, two outputs, weights of losses, a ResNet."""

import keras
import numpy as np
from keras import layers

random = np.random.default_rng(6)
words, tags, departments = 20, 5, 3
title = keras.Input(shape=(None,), name="title")
body = keras.Input(shape=(None,), name="body")
tag = keras.Input(shape=(tags,), name="tags")
title_features = layers.LSTM(6)(layers.Embedding(words, 4)(title))
body_features = layers.LSTM(4)(layers.Embedding(words, 4)(body))
x = layers.concatenate([title_features, body_features, tag])
priority_pred = layers.Dense(1, name="priority")(x)
department_pred = layers.Dense(departments, name="department")(x)
model = keras.Model(
    inputs=[title, body, tag],
    outputs={"priority": priority_pred, "department": department_pred},
)
model.summary()
model.set_weights([random.normal(size=w.shape) * 0.4 for w in model.get_weights()])
model.compile(
    optimizer=keras.optimizers.RMSprop(1e-3),
    loss={
        "priority": keras.losses.BinaryCrossentropy(from_logits=True),
        "department": keras.losses.CategoricalCrossentropy(from_logits=True),
    },
    loss_weights={"priority": 1.0, "department": 0.2},
)
data = {
    "title": random.integers(words, size=(40, 6)),
    "body": random.integers(words, size=(40, 9)),
    "tags": random.integers(2, size=(40, tags)).astype("float32"),
}
goals = {
    "priority": random.random((40, 1)),
    "department": keras.utils.to_categorical(random.integers(departments, size=40), departments),
}
history = model.fit(data, goals, epochs=2, batch_size=16, shuffle=False, verbose=0)

inputs = keras.Input(shape=(10, 10, 3), name="img")
x = layers.Conv2D(4, 3, activation="relu")(inputs)
block_1 = layers.MaxPooling2D(2)(x)
x = layers.Conv2D(4, 3, activation="relu", padding="same")(block_1)
x = layers.Conv2D(4, 3, activation="relu", padding="same")(x)
block_2 = layers.add([x, block_1])
x = layers.GlobalAveragePooling2D()(block_2)
outputs = layers.Dense(2)(x)
resnet = keras.Model(inputs, outputs, name="toy_resnet")
resnet.set_weights([random.normal(size=w.shape) * 0.3 for w in resnet.get_weights()])
pictures = random.normal(size=(20, 10, 10, 3)).astype("float32")
resnet.compile(
    optimizer=keras.optimizers.SGD(0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["acc"],
)
of_resnet = resnet.fit(
    pictures, random.integers(2, size=20), batch_size=8, epochs=2, shuffle=False, verbose=0
)
features = keras.Model(inputs=resnet.input, outputs=[layer.output for layer in resnet.layers])
results = {
    "loss": history.history["loss"],
    "priority": history.history["priority_loss"],
    "department": history.history["department_loss"],
    "predictions": model.predict(data, verbose=0)["department"][:2],
    "resnet": of_resnet.history["loss"],
    "features": [np.mean(part) for part in features.predict(pictures, verbose=0)],
}
