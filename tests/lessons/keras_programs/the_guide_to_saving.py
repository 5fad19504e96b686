"""Whole models in files: own classes found in three ways, layers that hold layers, weights."""

import keras
import numpy as np
from keras import layers, ops

random = np.random.default_rng(22)
X, Y = random.random((64, 6)), random.random((64, 1))
results = {}


def with_numbers(model):
    model.set_weights([random.normal(size=w.shape) * 0.5 for w in model.get_weights()])
    return model


def kept(model, name, **how):
    """What a file of the model gives, which is what the model gives."""
    model.save(f"{name}.keras")
    again = keras.models.load_model(f"{name}.keras", **how)
    found = again.predict(X[:3], verbose=0)
    np.testing.assert_allclose(found, model.predict(X[:3], verbose=0), rtol=1e-6)
    results[name] = found
    return again


# Compiled, trained, kept, and trained on.
inputs = keras.Input(shape=(6,))
model = with_numbers(keras.Model(inputs, layers.Dense(1)(inputs)))
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mean_squared_error")
model.fit(X, Y, shuffle=False, verbose=0)
again = kept(model, "linear")
results["resumed"] = again.fit(X, Y, shuffle=False, verbose=0, epochs=3).history["loss"]


# Own classes and functions: registered, given, or in a scope.
@keras.saving.register_keras_serializable(package="Mine")
class Scaled(layers.Layer):
    def __init__(self, factor):  # no other arguments
        super().__init__()
        self.factor = factor

    def call(self, x):
        return x * self.factor

    def get_config(self):
        return {"factor": self.factor}


@keras.saving.register_keras_serializable(package="Mine", name="squared")
def square_of(x):
    return x**2


class Shifted(layers.Layer):
    def __init__(self, by, **kwargs):
        super().__init__(**kwargs)
        self.by = by

    def call(self, x):
        return x + self.by

    def get_config(self):
        return {**super().get_config(), "by": self.by}


def tangent(x):
    return ops.tanh(x)


def network(layer, activation):
    inputs = keras.Input(shape=(6,))
    outputs = layers.Dense(1, activation=activation)(layer(inputs))
    model = with_numbers(keras.Model(inputs, outputs))
    model.compile(optimizer="rmsprop", loss="mean_squared_error")
    model.fit(X, Y, shuffle=False, verbose=0)
    return model


registered = network(Scaled(0.5), square_of)
kept(registered, "registered")
results["names"] = [
    keras.saving.get_registered_name(Scaled),
    keras.saving.get_registered_name(square_of),
]
named = {"Shifted": Shifted, "tangent": tangent}
given = kept(network(Shifted(0.5), tangent), "given", custom_objects=named)
with keras.saving.custom_object_scope(named):
    kept(given, "in a scope")


# Layers that hold layers, by each of the ways to write them down.
@keras.saving.register_keras_serializable()
class Projection(layers.Layer):
    def __init__(self, units, *, kernel_regularizer=None, kernel_initializer=None, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], self.units),
            regularizer=self.kernel_regularizer,
            initializer=self.kernel_initializer,
        )

    def call(self, inputs):
        return ops.matmul(inputs, self.kernel)

    def get_config(self):
        config = super().get_config()
        config["units"] = self.units
        config["kernel_regularizer"] = keras.saving.serialize_keras_object(self.kernel_regularizer)
        config["kernel_initializer"] = keras.initializers.serialize(self.kernel_initializer)
        return config


@keras.saving.register_keras_serializable(package="Mine")
class Stages(layers.Layer):
    def __init__(self, first, second=None, activation=None, **kwargs):
        super().__init__(**kwargs)
        self.first, self.activation = first, activation
        self.second = layers.Dense(2) if second is None else second

    def call(self, inputs):
        return self.activation(self.second(self.first(inputs)))

    def get_config(self):
        return {
            **super().get_config(),
            "first": keras.saving.serialize_keras_object(self.first),
            "second": self.second,
            "activation": keras.saving.serialize_keras_object(self.activation),
        }

    @classmethod
    def from_config(cls, config):
        first = keras.saving.deserialize_keras_object(config.pop("first"))
        second = keras.layers.deserialize(config.pop("second"))
        activation = keras.utils.deserialize_keras_object(config.pop("activation"))
        return cls(first, second, activation, **config)


projection = Projection(3, kernel_regularizer="l1", kernel_initializer="ones")
entry = keras.saving.serialize_keras_object(projection)
again = keras.saving.deserialize_keras_object(entry)
results["entry"] = [entry["class_name"], again.units, float(again.kernel_regularizer.l1)]
inputs = keras.Input((6,))
inner = keras.Sequential([projection, layers.Dense(3, "relu")])
stages = with_numbers(
    keras.Model(inputs, Stages(inner, activation=keras.activations.softplus)(inputs))
)
kept(stages, "stages")
again = keras.Model.from_config(stages.get_config())
again.set_weights(stages.get_weights())
results["of a configuration"] = again.predict(X[:3], verbose=0)


# Weights from one model into another: in memory, by a file, with a layer more that has none.
class Digits(keras.Model):
    def __init__(self, classes, **kwargs):
        super().__init__(**kwargs)
        self.classes = classes
        self.first = layers.Dense(5, activation="relu", name="first")
        self.second = layers.Dense(4, activation="relu", name="second")
        self.last = layers.Dense(classes, name="last")

    def call(self, inputs):
        return self.last(self.second(self.first(inputs)))

    def get_config(self):
        return {**super().get_config(), "classes": self.classes}


def functional(rate):
    inputs = keras.Input(shape=(6,), name="digits")
    x = layers.Dense(5, activation="relu", name="first")(inputs)
    x = layers.Dense(4, activation="relu", name="second")(x)
    if rate:
        x = layers.Dropout(rate)(x)
    return keras.Model(inputs, layers.Dense(3, name="last")(x), name="three_layers")


model = with_numbers(functional(0))
subclassed = Digits(3)
subclassed(np.ones((1, 6)))
subclassed.set_weights(model.get_weights())
for mine, other in zip(model.weights, subclassed.weights):
    np.testing.assert_allclose(mine.numpy(), other.numpy())
dropped = functional(0.5)
dropped.set_weights(model.get_weights())
results["with dropout"] = dropped.predict(X[:3], verbose=0)
model.save_weights("pretrained.weights.h5")
fresh = functional(0)
fresh.load_weights("pretrained.weights.h5")
features = keras.Model(fresh.inputs, fresh.layers[-1].input, name="features")
results["features"] = features.predict(X[:3], verbose=0)
other = keras.Sequential([*fresh.layers[:-1], layers.Dense(5, name="new")])
results["shapes"] = [w.shape for w in other.get_weights()]
kept(subclassed, "subclassed", custom_objects={"Digits": Digits})
subclassed.save_weights("digits.weights.h5")
second = Digits(3)
second(np.ones((1, 6)))
second.load_weights("digits.weights.h5")
results["second"] = second.predict(X[:3], verbose=0)
