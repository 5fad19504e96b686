"""Models as dictionaries and as text and back: own layers, own functions, clones."""

import json

import keras
import numpy as np
from keras import layers

random = np.random.default_rng(14)


class CustomLayer(keras.layers.Layer):
    def __init__(self, factor, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor
        self.activation = keras.activations.get(activation)

    def call(self, x):
        return self.activation(x * self.factor)

    def get_config(self):
        base = super().get_config()
        return {
            **base,
            "factor": self.factor,
            "activation": keras.activations.serialize(self.activation),
        }


def custom_fn(x):
    return x**2


inputs = keras.Input(shape=(4,))
x = layers.Dense(3, activation="tanh", kernel_regularizer=keras.regularizers.L2(0.01))(inputs)
x = CustomLayer(0.5, activation="relu")(x)
outputs = layers.Dense(2, activation=custom_fn)(x)
model = keras.Model(inputs, outputs, name="small")
model.set_weights([random.normal(size=w.shape) for w in model.get_weights()])
data = random.normal(size=(5, 4)).astype("float32")
named = {"CustomLayer": CustomLayer, "custom_fn": custom_fn}

layer = keras.layers.Dense(3, activation="relu", name="a")
layer_config = layer.get_config()
new_layer = keras.layers.Dense.from_config(layer_config)
sequential = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, name="b")])
new_sequential = keras.Sequential.from_config(sequential.get_config())
with keras.utils.custom_object_scope(named):
    new_model = keras.Model.from_config(model.get_config())
new_model.set_weights(model.get_weights())
as_text = model.to_json()
again = keras.models.model_from_json(as_text, custom_objects=named)
again.set_weights(model.get_weights())
with keras.utils.custom_object_scope(named):
    clone = keras.models.clone_model(model)
clone.set_weights(model.get_weights())


def doubled(layer):
    if isinstance(layer, keras.layers.Dense):
        config = layer.get_config()
        config["activation"] = "linear"
        return keras.layers.Dense.from_config(config)
    return layer.__class__.from_config(layer.get_config())


linear = keras.models.clone_model(model, clone_function=doubled)
linear.set_weights(model.get_weights())
schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
optimizer = keras.optimizers.Adam.from_config(
    keras.optimizers.Adam(learning_rate=0.3, beta_1=0.8).get_config()
)
loss = keras.losses.get({"class_name": "Huber", "config": {"delta": 0.5}})
initializer = keras.initializers.deserialize(
    keras.initializers.serialize(keras.initializers.Constant(0.3))
)
results = {
    "layer": [new_layer.units, new_layer.name, layer_config["activation"]],
    "sequential": [layer.name for layer in new_sequential.layers],
    "model": new_model.predict(data, verbose=0),
    "text": again.predict(data, verbose=0),
    "name": json.loads(as_text)["config"]["name"],
    "clone": clone.predict(data, verbose=0),
    "linear": linear.predict(data, verbose=0),
    "schedule": [float(type(schedule).from_config(schedule.get_config())(s)) for s in (0, 5, 10)],
    "optimizer": [float(optimizer.learning_rate), optimizer.beta_1],
    "loss": float(loss(np.zeros((2, 1)), np.array([[0.2], [3.0]]))),
    "initial": np.asarray(initializer((2,))),
}
