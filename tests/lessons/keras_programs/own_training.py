"""A model that says itself how a step is taken, an own layer and an own metric."""

import keras
import numpy as np
from keras import layers, ops

random = np.random.default_rng(7)
x = random.normal(size=(60, 8)).astype("float32")
y = (x[:, :1] * 2 - x[:, 1:2]).astype("float32")


class Linear(layers.Layer):
    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(
            shape=(input_shape[-1], self.units), initializer="ones", trainable=True
        )
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True)

    def call(self, inputs):
        return ops.matmul(inputs, self.w) + self.b

    def get_config(self):
        return {**super().get_config(), "units": self.units}


class Penalised(layers.Layer):
    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def call(self, inputs):
        self.add_loss(self.rate * ops.mean(ops.square(inputs)))
        return inputs


class Block(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = Linear(6)
        self.second = Penalised(1e-2)
        self.third = layers.Dense(1)

    def call(self, inputs):
        return self.third(self.second(ops.tanh(self.first(inputs))))


model = Block()
model(x[:1])
assert [tuple(w.shape) for w in model.weights] == [(8, 6), (6,), (6, 1), (1,)]
assert len(model.trainable_weights) == 4 and len(model.non_trainable_weights) == 0
model.set_weights([random.normal(size=w.shape) * 0.4 for w in model.get_weights()])
model.compile(optimizer="sgd", loss="mse", metrics=[keras.metrics.MeanAbsoluteError(name="mae")])
history = model.fit(x, y, epochs=3, batch_size=20, shuffle=False, verbose=0)
model(x[:10])
copy = Linear.from_config(Linear(3).get_config())
results = {
    "loss": history.history["loss"],
    "mae": history.history["mae"],
    "units": copy.units,
    "losses": [float(np.asarray(loss)) for loss in model.losses],
}
