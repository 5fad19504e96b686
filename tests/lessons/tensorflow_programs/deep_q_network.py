"""One update of a deep Q network: a target network that follows slowly."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Dense, Input
from tensorflow.keras.losses import MSE
from tensorflow.keras.optimizers import Adam

random = np.random.default_rng(14)
state_size, actions_count = 8, 4


def network():
    return Sequential(
        [
            Input((state_size,)),
            Dense(units=16, activation="relu"),
            Dense(units=16, activation="relu"),
            Dense(units=actions_count, activation="linear"),
        ]
    )


q_network, target_q_network = network(), network()
q_network.set_weights([random.normal(size=w.shape) * 0.3 for w in q_network.get_weights()])
target_q_network.set_weights(q_network.get_weights())
optimizer = Adam(learning_rate=1e-3)


def compute_loss(experiences, gamma, q_network, target_q_network):
    states, actions, rewards, next_states, done_vals = experiences
    max_qsa = tf.reduce_max(target_q_network(next_states), axis=-1)
    y_targets = rewards + (1 - done_vals) * gamma * max_qsa
    q_values = q_network(states)
    q_values = tf.gather_nd(
        q_values,
        tf.stack([tf.range(q_values.shape[0]), tf.cast(actions, tf.int32)], axis=1),
    )
    return MSE(y_targets, q_values)


@tf.function
def agent_learn(experiences, gamma):
    with tf.GradientTape() as tape:
        loss = compute_loss(experiences, gamma, q_network, target_q_network)
    gradients = tape.gradient(loss, q_network.trainable_variables)
    optimizer.apply_gradients(zip(gradients, q_network.trainable_variables))
    for target_weights, q_net_weights in zip(target_q_network.weights, q_network.weights):
        target_weights.assign(1e-3 * q_net_weights + (1.0 - 1e-3) * target_weights)
    return loss


losses = []
for _ in range(4):
    experiences = (
        tf.convert_to_tensor(random.normal(size=(10, state_size)), dtype=tf.float32),
        tf.convert_to_tensor(random.integers(0, actions_count, 10), dtype=tf.float32),
        tf.convert_to_tensor(random.normal(size=10), dtype=tf.float32),
        tf.convert_to_tensor(random.normal(size=(10, state_size)), dtype=tf.float32),
        tf.convert_to_tensor(random.integers(0, 2, 10).astype(np.uint8), dtype=tf.float32),
    )
    losses.append(float(agent_learn(experiences, 0.995)))
q_network.save("lunar_lander_model.h5")
state = np.expand_dims(random.normal(size=state_size), axis=0)
results = {
    "losses": losses,
    "target": [np.mean(w) for w in target_q_network.get_weights()],
    "values": q_network(state).numpy(),
    "best": np.argmax(q_network(state).numpy()[0]),
}
