"""What Keras keeps in ``keras.utils``."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from autograd_nn import Sequential
from autograd_nn.keras.utils import timeseries_dataset_from_array
from autograd_nn.layers import Dense, Input

SERIES = np.sin(np.arange(40) / 5).astype("float32")
X = sliding_window_view(SERIES[:-3], 5)  # 33 windows
Y = SERIES[3 : 3 + len(X)]


def model() -> Sequential:
    made = Sequential([Input((5,)), Dense(1)])
    made.set_weights([np.full((5, 1), 0.1), np.zeros(1)])
    made.compile("sgd", "mse")
    return made


def test_windows_of_a_series_are_trained_on() -> None:
    """As the arrays made by hand, in every epoch in the order of time."""
    windows = timeseries_dataset_from_array(SERIES[:-3], SERIES[3:], 5, batch_size=8)
    assert len(windows) == 5
    trained, right = model(), model()
    found = trained.fit(windows, epochs=3, validation_data=windows.take(2), verbose=0).history
    expected = right.fit(
        X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0, validation_data=(X[:16], Y[:16])
    ).history
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=2e-5)
    np.testing.assert_allclose(trained.predict(windows), right.predict(X), rtol=1e-5)
    assert trained.evaluate(windows, verbose=0) == right.evaluate(X, Y, 8, verbose=0)
    for inputs, targets in windows.take(1):
        np.testing.assert_array_equal(inputs.numpy(), X[:8])
        np.testing.assert_array_equal(targets.numpy(), Y[:8])


def test_windows_come_in_a_new_order_each_time_one_by_one_where_no_batch_is_wanted() -> None:
    windows = timeseries_dataset_from_array(
        SERIES, None, 3, sequence_stride=2, sampling_rate=4, batch_size=None, shuffle=True, seed=1
    )
    expected = sliding_window_view(SERIES, 9)[::2, ::4]
    first, second = (np.stack([window.numpy() for window in windows]) for _ in range(2))
    assert first.shape == expected.shape and not np.array_equal(first, second)
    for one in (first, second):
        np.testing.assert_array_equal(np.unique(one, axis=0), np.unique(expected, axis=0))
