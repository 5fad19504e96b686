"""What comes to the `call` of a layer or a model that users write: whole numbers, `training`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, keras
from autograd_nn.keras import ops

PLACES = np.random.default_rng(0).integers(0, 50, (20, 4))
Y = np.random.default_rng(1).uniform(size=(20, 1))


class Table(keras.layers.Layer):
    replayable = True

    def __init__(self) -> None:
        super().__init__()
        self.rows = self.add_weight(shape=(50, 3), name="rows")

    def call(self, inputs: Any) -> Any:
        assert inputs.dtype.kind == "i"
        return ops.take(self.rows, inputs, axis=0)


class Means(keras.Model):
    replayable = True

    def __init__(self) -> None:
        super().__init__()
        self.table, self.dense = Table(), keras.layers.Dense(1)

    def call(self, inputs: Any) -> Any:
        assert inputs.dtype.kind == "i"
        return self.dense(ops.mean(self.table(inputs), axis=1))


def test_whole_numbers_are_places_in_what_users_write() -> None:
    losses = []
    for run_eagerly in (True, False):
        keras.utils.set_random_seed(0)
        model = Means()
        model.compile("sgd", "mse", run_eagerly=run_eagerly)
        losses += [model.fit(PLACES, Y, 8, 3, 0, shuffle=False).history["loss"]]
        rows = model.table.rows.numpy()
        expected = rows[PLACES].mean(1) @ model.dense.kernel.numpy() + model.dense.bias.numpy()
        np.testing.assert_allclose(model.predict(PLACES, verbose=0), expected, rtol=1e-5)
        np.testing.assert_allclose(model(PLACES.tolist()).data, expected, rtol=1e-5)
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-6)


def test_whole_numbers_among_several_inputs_stay_so() -> None:
    class Seen(keras.layers.Layer):
        def call(self, inputs: Any) -> Any:
            values, edges = inputs
            return ops.take(values, edges[0], axis=0)

    x = np.arange(6, dtype=np.float32).reshape(3, 2)
    edges = np.array([[2, 0], [1, 1]])
    for given in (x, Tensor(x)):
        assert Seen()((given, edges)).tolist() == [[4, 5], [0, 1]]
    # Layers of the library compute with them, in floatx.
    assert keras.layers.Dense(2)(PLACES).dtype == np.float32


@pytest.mark.parametrize("default", [True, False, None])
def test_training_is_what_call_says_where_nobody_does(default: bool | None) -> None:
    class Own(keras.layers.Layer):
        def call(self, inputs: Any, training: Any = default) -> Any:
            return inputs * (2.0 if training else 1.0)

    class Outer(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.own = Own()

        def call(self, inputs: Any, training: Any = default) -> Any:
            return self.own(inputs)

    x = np.ones((2, 1), np.float32)
    for callee in (Own(), Outer()):
        assert callee(x).data[0, 0] == (2 if default else 1)
        assert callee(x, training=True).data[0, 0] == 2
        assert callee(x, training=False).data[0, 0] == 1
    assert Outer().predict(x, verbose=0)[0, 0] == 1
