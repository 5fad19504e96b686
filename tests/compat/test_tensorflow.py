"""Tapes and Datasets as TensorFlow has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd_nn.compat.tensorflow as tf
from autograd_nn import keras
from autograd_nn.engine.errors import ArgumentTypeError, StateError


def test_a_jacobian_has_the_shape_of_target_and_source() -> None:
    a, v = np.arange(6.0).reshape(2, 3), tf.Variable([1.0, 2.0, 3.0])
    other = tf.Variable(1.0)
    with tf.GradientTape() as tape:
        y = tf.constant(a, tf.float32) @ v**2
    found = tape.jacobian(y, [v, other])
    np.testing.assert_allclose(found[0].numpy(), a * 2 * np.array([1, 2, 3]))
    assert found[1] is None
    with pytest.raises(StateError, match="persistent"):
        tape.jacobian(y, v)


def test_a_jacobian_inside_of_a_tape_is_a_hessian() -> None:
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = v[0] ** 3 * v[1]
        slope = inner.gradient(y, v)
    np.testing.assert_allclose(outer.jacobian(slope, v).numpy(), [[12, 3], [3, 0]])


def test_a_jacobian_for_each_sample() -> None:
    x = tf.constant(np.arange(6.0).reshape(3, 2) + 1, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(x**3, axis=1, keepdims=True) * x
    found = tape.batch_jacobian(y, x).numpy()
    for sample, given in zip(found, x.numpy(), strict=True):  # y_i = s·x_i, s = Σ x³
        right = np.outer(given, 3 * given**2) + np.eye(2) * (given**3).sum()
        np.testing.assert_allclose(sample, right, rtol=1e-5)


def test_what_is_not_connected_is_zero_where_asked_for() -> None:
    v, q = tf.Variable([1.0, 2.0]), tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = q * 3
    zero = tf.UnconnectedGradients.ZERO
    assert tape.gradient(y, v, unconnected_gradients=zero).numpy().tolist() == [0, 0]


def test_a_tape_that_watches_nothing_by_itself() -> None:
    v, q = tf.Variable(2.0), tf.Variable(3.0)
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        tape.watch(q)
        half = q / 2
        y = half * v * q
    assert tape.gradient(y, [v, q])[0] is None
    assert tape.gradient(y, q).item() == 3.0 * 2.0
    assert tape.gradient(y, half).item() == 2.0 * 3.0
    assert tape.gradient(y, v, unconnected_gradients="zero").item() == 0
    assert tape.jacobian(y, v) is None


def test_what_is_not_recorded_is_a_constant() -> None:
    q = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = q * q
        with tape.stop_recording():
            aside = y * q
        z = aside * q + y
    assert tape.gradient(z, q).item() == 8 + 4


def test_samples_are_chosen_put_together_and_taken_apart() -> None:
    numbers = tf.data.Dataset.range(6)
    even = numbers.filter(lambda v: v % 2 == 0)
    listed: Any = [v.item() for v in even.concatenate(numbers.take(1))]
    assert listed == [0, 2, 4, 0]
    assert [v.item() for v in numbers.batch(4).unbatch()] == [0, 1, 2, 3, 4, 5]
    pairs = tf.data.Dataset.from_tensor_slices(([1.0, 2.0], [0, 1]))
    kept = pairs.filter(lambda x, y: y > 0).batch(2)
    assert [(x.tolist(), y.tolist()) for x, y in kept] == [([2.0], [1])]
    assert len(numbers.concatenate(numbers)) == 12


def test_a_dataset_is_trained_on_and_not_taken_for_an_array() -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    batches = tf.data.Dataset.from_tensor_slices((np.ones((6, 4)), np.ones((6, 1)))).batch(4)
    assert len(model.fit(batches, epochs=2, verbose=0).history["loss"]) == 2
    with pytest.raises(ArgumentTypeError, match=r"in batches: model\.train_on_batch"):
        model.train_on_batch(batches)


def test_a_module_finds_what_it_holds_each_once() -> None:
    class Line(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.w, self.b = tf.Variable(2.0), tf.Variable(1.0, trainable=False)

        def __call__(self, x: Any) -> Any:
            return self.w * x + self.b

    class Two(tf.Module):
        def __init__(self) -> None:
            super().__init__(name="two")
            self.lines = [Line(), Line()]
            self.again = self.lines[0].w
            self.dense = keras.layers.Dense(1)
            self.dense.build((None, 1))

    two = Two()
    assert two.name == "two" and len(two.variables) == 6
    assert len(two.trainable_variables) == 4
    first = two.lines[0]
    with tf.GradientTape() as tape:
        y = first(3.0) ** 2
    assert float(tape.gradient(y, first.trainable_variables)[0]) == 2 * 7 * 3


def test_a_gradient_of_ones_own_is_taken_and_differentiated_again() -> None:
    @tf.custom_gradient
    def cube(x: Any) -> Any:
        return x**3, lambda upstream: upstream * 10 * x**2  # not the derivative

    v = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = cube(v)
        slope = inner.gradient(y, v)
    assert (y.numpy(), slope.numpy()) == (8, 40)
    assert outer.gradient(slope, v).numpy() == 10 * 2 * 2

    @tf.custom_gradient
    def product(x: Any, y: Any) -> Any:
        return tf.multiply(x, y), lambda upstream: (upstream * y, upstream * 100.0)

    w = tf.Variable([1.0, 3.0])
    with tf.GradientTape() as tape:
        z = tf.reduce_sum(product(v, w))
    assert [g.numpy().tolist() for g in tape.gradient(z, [v, w])] == [4, [100, 100]]


def test_gradients_of_limited_length() -> None:
    parts, norm = tf.clip_by_global_norm([tf.constant([3.0, 4.0]), tf.constant([12.0])], 6.5)
    assert float(norm) == 13
    assert [part.numpy().tolist() for part in parts] == [[1.5, 2], [6]]
    assert tf.clip_by_norm(tf.constant([3.0, 4.0]), 1.0).numpy().tolist() == pytest.approx(
        [0.6, 0.8]
    )
    assert tf.clip_by_norm([0.3, 0.4], 1.0).numpy().tolist() == pytest.approx([0.3, 0.4])
    assert tf.clip_by_norm([0.0, 0.0], 1.0).numpy().tolist() == [0, 0]


def test_slices_orders_and_places() -> None:
    a = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    assert (int(tf.rank(a)), int(tf.size(a))) == (2, 4)
    assert tf.slice(a, [0, 1], [2, 1]).numpy().tolist() == [[2], [4]]
    assert tf.slice(a, [1, 0], [-1, 2]).numpy().tolist() == [[3, 4]]
    assert tf.sort([3.0, 1.0, 2.0], direction="DESCENDING").numpy().tolist() == [3, 2, 1]
    assert tf.argsort([3, 1, 2], direction="DESCENDING").numpy().tolist() == [0, 2, 1]
    assert tf.pad(a, [[1, 0], [0, 0]]).numpy().tolist() == [[0, 0], [1, 2], [3, 4]]
    assert tf.pad(a, [[1, 0], [0, 0]], "REFLECT").numpy().tolist() == [[3, 4], [1, 2], [3, 4]]
    values, places = tf.math.top_k([[1.0, 3.0, 2.0]], k=2)
    assert (values.numpy().tolist(), places.numpy().tolist()) == ([[3, 2]], [[1, 2]])
    assert tf.where([True, False, True]).numpy().tolist() == [[0], [2]]
    assert [int(part.numpy()) for part in tf.unstack([1, 2])] == [1, 2]
    x, y = tf.meshgrid([1, 2], [3, 4])
    assert (x.numpy().tolist(), y.numpy().tolist()) == ([[1, 2], [1, 2]], [[3, 3], [4, 4]])
    assert abs(tf.random.truncated_normal([200], stddev=0.5, seed=1).numpy()).max() <= 1
    assert tf.is_tensor(a) and not tf.is_tensor([1.0])


def test_a_rule_of_several_values_takes_a_gradient_of_each():
    @tf.custom_gradient
    def both(x):
        return [2 * x, x**2], lambda first, second: 2 * first + 2 * x * second

    @tf.custom_gradient
    def together(x):
        return (2 * x, x**2), lambda g: 2 * g[0] + 2 * x * g[1]

    x = tf.Variable([1.0, 2.0, 3.0])
    for f in (both, together):
        with tf.GradientTape() as tape:
            double, square = f(x)
            loss = tf.reduce_sum(double * square)
        assert tape.gradient(loss, x).numpy().tolist() == [6.0, 24.0, 54.0]  # 6x²
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(f(x)[1])
        assert tape.gradient(loss, x).numpy().tolist() == [2.0, 4.0, 6.0]
