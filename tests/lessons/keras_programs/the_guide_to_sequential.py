"""What the guide to Sequential shows: layers added and taken off, features, frozen layers."""

import keras
import numpy as np
from keras import layers

random = np.random.default_rng(11)
model = keras.Sequential(name="my_sequential")
model.add(keras.Input(shape=(4,)))
model.add(layers.Dense(2, activation="relu", name="layer1"))
model.add(layers.Dense(3, activation="relu", name="layer2"))
model.add(layers.Dense(4, name="layer3"))
assert len(model.layers) == 3
model.pop()
assert len(model.layers) == 2
model.set_weights([random.normal(size=w.shape) for w in model.get_weights()])
features = keras.Model(inputs=model.inputs, outputs=[layer.output for layer in model.layers])
x = random.normal(size=(6, 4)).astype("float32")
both = features(x)
middle = keras.Model(inputs=model.inputs, outputs=model.get_layer(name="layer1").output)

model.layers[0].trainable = False
model.add(layers.Dense(1))
model.layers[-1].set_weights([random.normal(size=(3, 1)), np.zeros(1)])
before = model.layers[0].get_weights()[0]
model.compile("sgd", "mse")
history = model.fit(x, x[:, :1], epochs=3, shuffle=False, verbose=0)
assert (model.layers[0].get_weights()[0] == before).all()
twin = keras.models.clone_model(model)
twin.set_weights(model.get_weights())
again = keras.Sequential.from_config(model.get_config())
results = {
    "features": [np.asarray(part) for part in both],
    "middle": np.asarray(middle(x)),
    "loss": history.history["loss"],
    "twin": twin.predict(x, verbose=0),
    "layers": [layer.name for layer in again.layers][:2],
    "trainable": [len(model.trainable_weights), len(model.non_trainable_weights)],
}
