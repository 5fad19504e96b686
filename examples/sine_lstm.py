"""An LSTM learns what comes next in a noisy sine, and goes on by itself.

    python examples/sine_lstm.py

It sees 25 steps and is asked for the next one. Fed with its own answers it then goes on for two
periods. At last the same network is told step by step: each step along time is a group.
"""

import numpy as np

from autograd_nn import Sequential, set_random_seed
from autograd_nn.layers import LSTM, Dense

PERIOD, SEEN = 20, 25


def windows(wave):
    """All runs of SEEN steps (n, SEEN, 1), and the step after each (n, 1)."""
    n = len(wave) - SEEN
    x = np.stack([wave[i : i + SEEN] for i in range(n)])
    return x[..., None], wave[SEEN:, None]


def go_on(model, start, steps):
    """The model's own continuation of the last SEEN steps."""
    seen = list(start)
    for _ in range(steps):
        seen.append(float(model.predict(np.array(seen[-SEEN:])[None, :, None], verbose=0)[0, 0]))
    return np.array(seen[len(start) :])


def main():
    set_random_seed(3)
    time = np.arange(600)
    clean = np.sin(2 * np.pi * time / PERIOD)
    wave = clean + np.random.default_rng(0).normal(0, 0.1, time.shape)
    x, y = windows(wave)
    model = Sequential([LSTM(16), Dense(1)])
    model.compile("adam", "mse")
    history = model.fit(x[:500], y[:500], epochs=40, batch_size=25, verbose=0).history["loss"]
    test = model.evaluate(x[500:], y[500:], verbose=0)
    print(f"mean squared error: {history[0]:.3f} at first, {history[-1]:.3f} after 40 epochs")
    print(f"on what it has not seen: {test:.3f} (the noise alone is 0.010)")

    future = go_on(model, clean[:SEEN], 2 * PERIOD)
    right = clean[SEEN : SEEN + 2 * PERIOD]
    for value, wanted in list(zip(future, right, strict=True))[::4]:
        place = int(round(24 + 20 * value))
        print(" " * place + "●" + f"   {value:+.2f}, the sine {wanted:+.2f}")

    # `unroll=True` records every step by itself: the same numbers, one group for each in pictures.
    unrolled = Sequential([LSTM(16, unroll=True), Dense(1)])
    unrolled.compile("adam", "mse")
    unrolled.build((None, SEEN, 1))
    unrolled.set_weights(model.get_weights())
    same = unrolled.predict(x[:5], verbose=0)
    groups = unrolled.draw(x[:5], y[:5], depth=2).text()
    print(f"\nunrolled, {sum(f'step_{t}' in groups for t in range(SEEN))} groups, one a step")

    assert all(f"step_{t}" in groups for t in range(SEEN))
    assert test < 0.03, test
    assert np.abs(future - right).max() < 0.25, np.abs(future - right).max()
    np.testing.assert_allclose(same, model.predict(x[:5], verbose=0), rtol=1e-4, atol=1e-5)


if __name__ == "__main__":
    main()
