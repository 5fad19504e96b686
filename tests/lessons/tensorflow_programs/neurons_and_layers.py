"""One neuron, linear and logistic: weights set by hand, layers called on arrays."""

import logging

import numpy as np
import tensorflow as tf
from tensorflow.keras.activations import linear, relu, sigmoid
from tensorflow.keras.layers import Dense
from tensorflow.keras.models import Sequential

logging.getLogger("tensorflow").setLevel(logging.ERROR)
X_train = np.array([[1.0], [2.0]], dtype=np.float32)
linear_layer = Dense(units=1, activation="linear")
assert linear_layer.get_weights() == []
a1 = linear_layer(X_train[0].reshape(1, 1))
w, b = linear_layer.get_weights()
assert w.shape == (1, 1) and b.shape == (1,)
linear_layer.set_weights([np.array([[200]]), np.array([100])])
a1 = linear_layer(X_train[0].reshape(1, 1))
alin = np.dot([[200]], X_train[0].reshape(1, 1)) + 100

model = Sequential([Dense(1, input_dim=1, activation="sigmoid", name="L1")])
model.summary()
logistic_layer = model.get_layer("L1")
logistic_layer.set_weights([np.array([[2]]), np.array([-4.5])])
prediction = model.predict(X_train, verbose=0)
xs = tf.constant([[-3.0, -1.0, 0.0, 2.0]])
results = {
    "a1": a1.numpy(),
    "by hand": alin,
    "prediction": prediction,
    "logistic": logistic_layer(X_train).numpy(),
    "activations": [f(xs).numpy() for f in (linear, relu, sigmoid)],
    "softmax": tf.nn.softmax(xs).numpy(),
    "rank": len(xs.shape),
}
