"""Autoencoders by functions: encoder and decoder as models of their own, sparse codes."""

import keras
import numpy as np
from keras import layers, regularizers

random = np.random.default_rng(3)
x_train = random.random((80, 20)).astype("float32")
x_test = random.random((20, 20)).astype("float32")

input_img = keras.Input(shape=(20,))
encoded = layers.Dense(6, activation="relu", activity_regularizer=regularizers.l1(1e-4))(input_img)
decoded = layers.Dense(20, activation="sigmoid")(encoded)
autoencoder = keras.Model(input_img, decoded)
encoder = keras.Model(input_img, encoded)
encoded_input = keras.Input(shape=(6,))
decoder_layer = autoencoder.layers[-1]
decoder = keras.Model(encoded_input, decoder_layer(encoded_input))

autoencoder.set_weights([random.normal(size=w.shape) * 0.4 for w in autoencoder.get_weights()])
autoencoder.compile(optimizer="adam", loss="binary_crossentropy")
history = autoencoder.fit(
    x_train,
    x_train,
    epochs=3,
    batch_size=16,
    shuffle=False,
    validation_data=(x_test, x_test),
    verbose=0,
)
codes = encoder.predict(x_test, verbose=0)
results = {
    **history.history,
    "codes": codes[:3],
    "same": np.abs(
        decoder.predict(codes, verbose=0) - autoencoder.predict(x_test, verbose=0)
    ).max(),
}
