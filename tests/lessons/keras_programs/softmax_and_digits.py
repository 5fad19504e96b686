"""Four classes: a softmax in the loss, probabilities by hand afterwards, accuracy by argmax."""

import keras
import numpy as np
from keras.layers import Dense
from keras.losses import SparseCategoricalCrossentropy
from keras.models import Sequential
from keras.optimizers import Adam

random = np.random.default_rng(4)
centers = np.array([[-5, 2], [-2, -2], [1, 2], [5, -2]])
y = random.integers(0, 4, 300)
x = centers[y] + random.normal(size=(300, 2))

model = Sequential(
    [
        Dense(25, activation="relu", kernel_regularizer=keras.regularizers.l2(0.01), name="L1"),
        Dense(15, activation="relu", name="L2"),
        Dense(4, activation="linear", name="L3"),
    ]
)
model.build((None, 2))
model.set_weights([random.normal(size=w.shape) * 0.4 for w in model.get_weights()])
model.compile(
    loss=SparseCategoricalCrossentropy(from_logits=True),
    optimizer=Adam(0.001),
    metrics=["accuracy"],
)
history = model.fit(x, y, epochs=4, batch_size=64, shuffle=False, verbose=0)
logits = model.predict(x[:5], verbose=0)
probabilities = np.asarray(keras.ops.softmax(logits))
[layer1, layer2, layer3] = model.layers
results = {
    "loss": history.history["loss"],
    "accuracy": history.history["accuracy"],
    "probabilities": probabilities,
    "classes": np.argmax(logits, axis=1),
    "evaluated": model.evaluate(x, y, verbose=0),
    "norms": [float(np.linalg.norm(layer.get_weights()[0])) for layer in model.layers],
}
