"""Sequences of words: an embedding and two LSTMs in both directions; bags of words beside it."""

import keras
import numpy as np
from keras import layers
from keras.preprocessing.sequence import pad_sequences

random = np.random.default_rng(5)
sequences = [list(random.integers(1, 30, random.integers(3, 12))) for _ in range(48)]
labels = np.array([float(np.mean(s) > 15) for s in sequences])
x = pad_sequences(sequences, maxlen=10)

inputs = keras.Input(shape=(None,), dtype="int32")
h = layers.Embedding(30, 6)(inputs)
h = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(h)
h = layers.Bidirectional(layers.LSTM(4))(h)
outputs = layers.Dense(1, activation="sigmoid")(h)
model = keras.Model(inputs, outputs)
model.summary()
model.set_weights([random.normal(size=w.shape) * 0.4 for w in model.get_weights()])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
history = model.fit(x, labels, batch_size=16, epochs=2, shuffle=False, verbose=0)


def multi_hot(sequences, dimension):
    found = np.zeros((len(sequences), dimension))
    for i, sequence in enumerate(sequences):
        found[i, sequence] = 1.0
    return found


bag = keras.Sequential([layers.Dense(8, activation="relu"), layers.Dense(1, activation="sigmoid")])
bag.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
bag.build((None, 30))
bag.set_weights([random.normal(size=w.shape) * 0.4 for w in bag.get_weights()])
words = multi_hot(sequences, 30)
of_bag = bag.fit(
    words[:32],
    labels[:32],
    epochs=3,
    batch_size=16,
    validation_data=(words[32:], labels[32:]),
    shuffle=False,
    verbose=0,
)
results = {
    "padded": x[:4],
    "loss": history.history["loss"],
    "accuracy": history.history["accuracy"],
    "bag": of_bag.history["val_loss"],
    "predictions": model.predict(x[:3], verbose=0),
}
