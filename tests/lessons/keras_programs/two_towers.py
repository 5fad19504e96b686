"""A recommender: one network for users, one for films, their outputs' dot product."""

import keras
import numpy as np

random = np.random.default_rng(10)
users, films = random.normal(size=(100, 7)), random.normal(size=(100, 5))
ratings = (users[:, 0] * films[:, 0])[:, None]


def tower(size):
    return keras.models.Sequential(
        [keras.layers.Dense(8, activation="relu"), keras.layers.Dense(size, activation="linear")]
    )


user_NN, item_NN = tower(4), tower(4)
input_user = keras.layers.Input(shape=(7,))
vu = user_NN(input_user)
vu = keras.layers.UnitNormalization(axis=1)(vu)
input_item = keras.layers.Input(shape=(5,))
vm = item_NN(input_item)
vm = keras.layers.UnitNormalization(axis=1)(vm)
output = keras.layers.Dot(axes=1)([vu, vm])
model = keras.Model([input_user, input_item], output)
model.summary()
model.set_weights([random.normal(size=w.shape) * 0.4 for w in model.get_weights()])
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=0.01), loss=keras.losses.MeanSquaredError()
)
history = model.fit([users, films], ratings, epochs=3, shuffle=False, verbose=0)
only_films = keras.Model(input_item, vm)
vectors = only_films.predict(films[:4], verbose=0)
results = {
    "loss": history.history["loss"],
    "evaluated": model.evaluate([users, films], ratings, verbose=0),
    "vectors": vectors,
}
