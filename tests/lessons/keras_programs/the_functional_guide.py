"""The little models of the guide to the functional API: chains, nests, ensembles, shared layers."""

import keras
import numpy as np
from keras import layers, ops

random = np.random.default_rng(13)
results = {}


def fill(model):
    model.set_weights([random.normal(size=w.shape) * 0.4 for w in model.get_weights()])
    return model


inputs = keras.Input(shape=(16,))
assert tuple(inputs.shape) == (None, 16)
dense = layers.Dense(8, activation="relu")
x = dense(inputs)
x = layers.Dense(8, activation="relu")(x)
outputs = layers.Dense(4)(x)
model = fill(keras.Model(inputs=inputs, outputs=outputs, name="digits_model"))
model.summary()
x_train = random.random((48, 16)).astype("float32")
y_train = random.integers(4, size=48)
model.compile(
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    optimizer=keras.optimizers.RMSprop(),
    metrics=["accuracy"],
)
history = model.fit(
    x_train, y_train, batch_size=16, epochs=2, validation_split=0.25, shuffle=False, verbose=0
)
results["digits"] = {**history.history}["loss"] + history.history["val_loss"]
results["scores"] = model.evaluate(x_train, y_train, verbose=0)

encoder_input = keras.Input(shape=(14, 14, 1), name="img")
x = layers.Conv2D(4, 3, activation="relu")(encoder_input)
x = layers.Conv2D(6, 3, activation="relu")(x)
x = layers.MaxPooling2D(2)(x)
x = layers.Conv2D(4, 3, activation="relu")(x)
encoder_output = layers.GlobalMaxPooling2D()(x)
encoder = keras.Model(encoder_input, encoder_output, name="encoder")
decoder_input = keras.Input(shape=(4,), name="encoded_img")
x = layers.Reshape((2, 2, 1))(decoder_input)
x = layers.Conv2DTranspose(4, 3, activation="relu")(x)
x = layers.UpSampling2D(3)(x)
x = layers.Conv2DTranspose(3, 3, activation="relu")(x)
decoder_output = layers.Conv2DTranspose(1, 1, activation="sigmoid")(x)
decoder = keras.Model(decoder_input, decoder_output, name="decoder")
auto_input = keras.Input(shape=(14, 14, 1), name="picture")
autoencoder = fill(keras.Model(auto_input, decoder(encoder(auto_input)), name="autoencoder"))
autoencoder.summary()
pictures = random.random((3, 14, 14, 1)).astype("float32")
results["rebuilt"] = [
    list(autoencoder.output_shape)[1:],
    autoencoder.predict(pictures, verbose=0).mean(),
]


def get_model():
    inputs = keras.Input(shape=(6,))
    outputs = layers.Dense(1)(inputs)
    return fill(keras.Model(inputs, outputs))


models = [get_model() for _ in range(3)]
inputs = keras.Input(shape=(6,))
ensemble = keras.Model(inputs=inputs, outputs=layers.average([m(inputs) for m in models]))
results["ensemble"] = ensemble.predict(x_train[:4, :6], verbose=0)

shared_embedding = layers.Embedding(20, 5)
text_input_a = keras.Input(shape=(None,), dtype="int32")
text_input_b = keras.Input(shape=(None,), dtype="int32")
encoded_a, encoded_b = shared_embedding(text_input_a), shared_embedding(text_input_b)
both = layers.Concatenate()([layers.GlobalAveragePooling1D()(e) for e in (encoded_a, encoded_b)])
shared = fill(keras.Model([text_input_a, text_input_b], both))
assert len(shared.weights) == 1
a, b = random.integers(20, size=(4, 6)), random.integers(20, size=(4, 3))
results["shared"] = shared.predict([a, b], verbose=0)


class CustomDense(layers.Layer):
    def __init__(self, units=32):
        super().__init__()
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(
            shape=(input_shape[-1], self.units), initializer="random_normal", trainable=True
        )
        self.b = self.add_weight(shape=(self.units,), initializer="random_normal", trainable=True)

    def call(self, inputs):
        return ops.matmul(inputs, self.w) + self.b

    def get_config(self):
        return {"units": self.units}


inputs = keras.Input((4,))
outputs = CustomDense(10)(inputs)
model = fill(keras.Model(inputs, outputs))
config = model.get_config()
new_model = keras.Model.from_config(config, custom_objects={"CustomDense": CustomDense})
new_model.set_weights(model.get_weights())
results["custom"] = new_model.predict(x_train[:2, :4], verbose=0)

units, timesteps, input_dim = 5, 4, 3
inputs = keras.Input((None, units))
x = layers.GlobalAveragePooling1D()(inputs)
outputs = layers.Dense(1)(x)
inner = keras.Model(inputs, outputs)


class CustomRNN(layers.Layer):
    def __init__(self):
        super().__init__()
        self.units = units
        self.projection_1 = layers.Dense(units=units, activation="tanh")
        self.projection_2 = layers.Dense(units=units, activation="tanh")
        self.classifier = inner

    def call(self, inputs):
        outputs = []
        state = ops.zeros(shape=(inputs.shape[0], self.units))
        for t in range(inputs.shape[1]):
            x = inputs[:, t, :]
            h = self.projection_1(x)
            y = h + self.projection_2(state)
            state = y
            outputs.append(y)
        features = ops.stack(outputs, axis=1)
        return self.classifier(features)


rnn_model = CustomRNN()
series = random.normal(size=(2, timesteps, input_dim)).astype("float32")
rnn_model(series)
rnn_model.set_weights([random.normal(size=w.shape) * 0.4 for w in rnn_model.get_weights()])
results["recurrent"] = np.asarray(ops.convert_to_numpy(rnn_model(series)))
