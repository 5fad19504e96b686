"""Good and bad roasts by temperature and time: features brought to one scale, two small layers."""

import keras
import numpy as np
from keras.layers import Dense, Normalization
from keras.models import Sequential

random = np.random.default_rng(2)
X = np.column_stack([random.uniform(150, 285, 200), random.uniform(11.5, 15.5, 200)])
line = -3 / (260 - 175) * X[:, 0] + 21
Y = ((175 < X[:, 0]) & (X[:, 0] < 260) & (12 < X[:, 1]) & (X[:, 1] < line))[:, None].astype(float)

scale = Normalization(axis=-1)
scale.adapt(X)
Xn = np.asarray(scale(X))
Xt, Yt = np.tile(Xn, (3, 1)), np.tile(Y, (3, 1))

keras.utils.set_random_seed(1234)
model = Sequential(
    [
        keras.Input(shape=(2,)),
        Dense(3, activation="sigmoid", name="layer1"),
        Dense(1, activation="sigmoid", name="layer2"),
    ]
)
model.summary()
assert model.count_params() == 13
W1, b1 = model.get_layer("layer1").get_weights()
assert W1.shape == (2, 3) and b1.shape == (3,)
model.get_layer("layer1").set_weights([random.normal(size=W1.shape), random.normal(size=b1.shape)])
model.get_layer("layer2").set_weights([random.normal(size=(3, 1)), np.zeros(1)])
model.compile(
    loss=keras.losses.BinaryCrossentropy(), optimizer=keras.optimizers.Adam(learning_rate=0.01)
)
history = model.fit(Xt, Yt, epochs=5, shuffle=False, verbose=0)
new = np.array([[200, 13.9], [200, 17]])
results = {
    "scaled": Xn[:3],
    "loss": history.history["loss"],
    "predictions": model.predict(np.asarray(scale(new)), verbose=0),
}
