"""What was added by the recipes works: run by `test_recipes.py`, in the copy that holds it."""

import math
from collections import Counter

import numpy as np
import pytest

from autograd_nn import (
    Sequential,
    Tensor,
    activations,
    callbacks,
    check_gradients,
    initializers,
    layers,
    losses,
    metrics,
    ops,
    optimizers,
    set_random_seed,
    viz,
)

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
    np.testing.assert_allclose(replayed.predict(X, verbose=0), eager.predict(X, verbose=0), rtol=1e-3, atol=1e-5)
    return replayed


def drawn(model):
    picture = model.draw(X[:8], Y[:8])
    assert picture.dot.startswith("digraph")
    return picture.text()


def test_operation_and_numpy_function_in_eager_steps_programs_and_pictures():
    x = Tensor([8.0, 27.0], name="x")
    for cube_root in (ops.cbrt, np.cbrt, lambda t: t.cbrt()):
        assert np.allclose(cube_root(x).data, [2, 3])
    assert check_gradients(np.cbrt, np.array([1.0, 5.0]), order=2)
    loss = np.cbrt(x).sum()
    loss.backward()
    assert np.allclose(x.grad, [1 / 12, 1 / 27])
    program = loss.program([x], inputs={"x": x})
    for form in (program, program.plain):
        value, (gradient,) = form(x=np.array([1.0, 64.0]))
        assert np.isclose(value, 5) and np.allclose(gradient, [1 / 3, 1 / 48])
    assert "np.cbrt(x)" in program.plain.source
    y = Tensor(8.0, name="y")
    assert "0.08333 × 1 = 0.08333" in viz.draw(np.cbrt(y), edges="receipt").text()
    assert "cbrt" in viz.draw(np.cbrt(y)).dot
    assert "cbrt" in viz.explain(np.cbrt(y), y).text
    assert np.fabs(Tensor([-2.0])).operation is ops.absolute


def test_cheaper_form_of_an_operation_in_programs():
    x = Tensor([8.0, -27.0], name="x")
    program = np.cbrt(x).sum().program([x], inputs={"x": x})
    assert "np.sign" in program.source and "np.cbrt" not in program.source
    value, (gradient,) = program(x=np.array([1.0, -64.0]))
    assert np.isclose(value, -3) and np.allclose(gradient, [1 / 3, 1 / 48])


def test_call_that_numba_compiles():
    from autograd_nn.jit import elements

    text = elements._TEXTS[np.cbrt].format("x")
    assert np.isclose(eval(text, {"math": math, "x": -27.0}), -3)


def test_activation(monkeypatch):
    assert activations.get("cbrt") is ops.cbrt and activations.serialize(ops.cbrt) == "cbrt"
    dense = layers.Dense
    agree(lambda **o: model_of(dense(3, "cbrt"), **o), dense, "call", monkeypatch, rtol=1e-3)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: layers.Scale(), id="layer"),
        pytest.param(lambda: layers.GaussianNoise(0.1, seed=1), id="layer that draws"),
        pytest.param(lambda: layers.GaussianNoise(0.1), id="layer that draws, no seed"),
        pytest.param(lambda: layers.Centring(), id="layer with running statistics"),
    ],
)
def test_layer(make, monkeypatch):
    kind = type(make())
    model = agree(lambda **o: model_of(make(), **o), kind, "call", monkeypatch)
    assert model.layers[0].name in drawn(model)
    assert kind.__name__ in model.draw().text()
    if kind is layers.Centring:
        assert np.any(model.layers[0].mean.data != 0)


def test_loss(monkeypatch):
    loss = losses.get("fourth")
    assert type(loss) is type(losses.get(losses.fourth_power)) is losses.FourthPower
    assert loss([[1.0], [2.0]], [[3.0], [2.0]]) == 8.0
    assert losses.fourth_power([[1.0], [2.0]], [[3.0], [2.0]]).tolist() == [16.0, 0.0]
    kind = losses.FourthPower
    model = agree(lambda **o: model_of(loss="fourth_power", **o), kind, "elements", monkeypatch)
    assert "loss" in drawn(model)


def test_optimizer_and_schedule(monkeypatch):
    def make(**options):
        schedule = optimizers.schedules.SquareRootDecay(0.1)
        return model_of(optimizer=optimizers.Adagrad(schedule), **options)

    agree(make, optimizers.Adagrad, "update", monkeypatch)
    assert type(optimizers.get("adagrad")) is optimizers.Adagrad
    schedule = optimizers.schedules.SquareRootDecay(1.0)
    again = optimizers.schedules.deserialize(optimizers.schedules.serialize(schedule))
    assert again(3) == schedule(3) == 0.5


def test_initializer():
    layer = layers.Dense(2, kernel_initializer="halves")
    layer(X)
    assert np.all(layer.kernel.data == 0.5)
    assert type(initializers.get("Halves")) is initializers.Halves


def test_metric():
    model = model_of(metrics=["within_tenth", metrics.WithinTenth(name="own")])
    history = model.fit(X, Y, epochs=2, verbose=0).history
    assert history["within_tenth"] == history["own"]
    assert metrics.WithinTenth()([[1.0], [2.0]], [[1.05], [3.0]]) == 0.5


def test_callback():
    model = model_of(optimizer=optimizers.SGD(0.01))
    model.fit(X, Y, verbose=0, epochs=2, callbacks=[callbacks.TerminateOnNaN()])
    assert not model.stop_training
    callback = callbacks.TerminateOnNaN()
    callback.set_model(model)
    callback.on_epoch_end(0, {"loss": math.nan})
    assert model.stop_training


def test_edge_mode():
    x = Tensor(3.0, name="x")
    graph = viz.draw(x * x, edges="slots")
    assert "which input" in graph.text() and "input 1" in graph.text()
    assert "input 1" in graph.dot and "which input of the operation" in graph.dot


def test_file_format(tmp_path):
    x = Tensor(3.0, name="x")
    written = viz.draw(x * x).save(tmp_path / "graph.mmd").read_text()
    assert written.startswith("flowchart LR\n") and written.count("v0 --> v1") == 2
