"""Small models trained both ways: as they are written, and by programs."""

from collections import Counter

import numpy as np

from autograd_nn import Sequential, layers, optimizers, set_random_seed

RANDOM = np.random.default_rng(3)
X = RANDOM.normal(size=(64, 5)).astype(np.float32)
Y = X[:, :1] - 2 * X[:, 1:2]
STEPS = 5 * 8


def model_of(*parts, loss="mse", optimizer=None, **options):
    model = Sequential([*parts, layers.Dense(1)])
    model.compile(optimizers.get("sgd") if optimizer is None else optimizer, loss, **options)
    return model


def trained(make, **options):
    set_random_seed(5)
    model = make(**options)
    model.fit(X, Y, epochs=5, batch_size=8, verbose=0)
    return model


def agree(make, owner, method, monkeypatch, rtol=1e-4, **options):
    """The same by programs as it is written; programs run ``method`` for their recordings only."""
    calls = Counter()
    of_class = getattr(owner, method)

    def counted(*arguments, **keywords):
        calls[method] += 1
        return of_class(*arguments, **keywords)

    monkeypatch.setattr(owner, method, counted)
    eager = trained(make, run_eagerly=True)
    assert calls.pop(method) >= STEPS
    replayed = trained(make, **options)
    assert calls[method] < STEPS / 2, "no program took the steps"
    for ours, theirs in zip(replayed.get_weights(), eager.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol / 10)
    np.testing.assert_allclose(
        replayed.predict(X, verbose=0), eager.predict(X, verbose=0), rtol=1e-3, atol=1e-5
    )
    return replayed


def drawn(model):
    picture = model.draw(X[:8], Y[:8])
    assert picture.dot.startswith("digraph")
    return picture.text()
