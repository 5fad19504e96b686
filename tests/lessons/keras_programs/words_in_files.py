"""Reviews as text: words counted and numbered by hand, three little networks that read them."""

import re

import keras
import numpy as np
from keras import layers

random = np.random.default_rng(12)
good, bad = "lovely warm great funny moving".split(), "dull cold awful slow boring".split()
plain = "the film a story of an actor and his dog was it".split()
texts, labels = [], []
for i in range(40):
    words = list(random.choice(plain, 6)) + list(random.choice([bad, good][i % 2], 2))
    texts.append(" ".join(random.permutation(words)) + ".<br />")
    labels.append(i % 2)


def tokens_of(text):
    return re.sub(r"<br />|[^a-z ]", " ", text.lower()).split()


counts = {}
for text in texts:
    for word in tokens_of(text):
        counts[word] = counts.get(word, 0) + 1
vocabulary = ["", "[UNK]", *sorted(counts, key=lambda word: (-counts[word], word))[:18]]
index = {word: i for i, word in enumerate(vocabulary)}
sequences = [[index.get(word, 1) for word in tokens_of(text)] for text in texts]
x = keras.utils.pad_sequences(sequences, maxlen=10, padding="post", truncating="post")
y = np.asarray(labels).astype("float32")
x_train, x_val, y_train, y_val = x[:30], x[30:], y[:30], y[30:]
results = {}


def trained(name, model, *, data=x_train, held=x_val, **how):
    model.set_weights([random.normal(size=w.shape) * 0.5 for w in model.get_weights()])
    model.compile(loss="binary_crossentropy", metrics=["accuracy"], **how)
    history = model.fit(
        data,
        y_train,
        validation_data=(held, y_val),
        epochs=2,
        batch_size=10,
        shuffle=False,
        verbose=0,
    )
    results[name] = history.history["loss"] + history.history["val_loss"]
    results[f"{name} said"] = model.predict(held[:3], verbose=0)


inputs = keras.Input(shape=(None,), dtype="int64")
h = layers.Embedding(len(vocabulary), 5)(inputs)
h = layers.Dropout(0.0)(h)
h = layers.Conv1D(6, 3, padding="valid", activation="relu", strides=2)(h)
h = layers.GlobalMaxPooling1D()(h)
h = layers.Dense(4, activation="relu")(h)
predictions = layers.Dense(1, activation="sigmoid", name="predictions")(h)
trained("convolution", keras.Model(inputs, predictions), optimizer="adam")

masked = keras.Sequential(
    [
        layers.Input((10,)),
        layers.Embedding(len(vocabulary), 4, mask_zero=True),
        layers.GRU(3, return_sequences=True),
        layers.GlobalAveragePooling1D(),
        layers.Dense(1, activation="sigmoid"),
    ]
)
trained("masked", masked, optimizer=keras.optimizers.RMSprop(learning_rate=0.01))


def multi_hot(sequences):
    found = np.zeros((len(sequences), len(vocabulary)))
    for i, sequence in enumerate(sequences):
        for word in sequence:
            found[i, word] = 1.0
    return found


bag = keras.Sequential()
bag.add(keras.Input(shape=(len(vocabulary),)))
bag.add(layers.Dense(6, kernel_regularizer=keras.regularizers.l2(0.001), activation="relu"))
bag.add(layers.Dense(1, activation="sigmoid"))
trained(
    "bag", bag, data=multi_hot(sequences[:30]), held=multi_hot(sequences[30:]), optimizer="nadam"
)
results["numbers"] = x[:3]
