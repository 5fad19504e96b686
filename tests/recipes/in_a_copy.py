"""What was added by the recipes works: run by `test_recipes.py`, in the copy that holds it."""

import numpy as np
import pytest

from autograd_nn import (
    Operation,
    Sequential,
    Tensor,
    activations,
    callbacks,
    check_gradients,
    constraints,
    initializers,
    layers,
    losses,
    metrics,
    ops,
    optimizers,
    regularizers,
    replayable,
    viz,
)
from tests.recipes.training import X, Y, agree, drawn, model_of

cube = Operation("cube root", value=np.cbrt, gradients=(lambda g, out, x: g / (3 * out * out),))


def cube_root(x):
    return cube(x * x + 1.0)


def test_operation():
    x = Tensor([0.0, 1.0], name="x")
    for bounded in (ops.bounded, lambda t: t.bounded()):
        assert np.allclose(bounded(x).data, [0, 1 / 2])
    assert check_gradients(ops.bounded, np.array([1.0, 5.0]), order=2)
    loss = ops.bounded(x).sum()
    loss.backward()
    assert np.allclose(x.grad, [1, 1 / 4])
    program = loss.program([x], inputs={"x": x})
    for form in (program, program.plain):
        value, (gradient,) = form(x=np.array([-1.0, 2.0]))
        assert np.isclose(value, -1 / 2 + 2 / 3)
        assert np.allclose(gradient, [1 / 4, 1 / 9])
    assert "np.abs(x)" in program.plain.source
    y = Tensor(1.0, name="y")
    assert "0.25 × 1 = 0.25" in viz.draw(ops.bounded(y), edges="receipt").text()
    assert "bounded" in viz.draw(ops.bounded(y)).dot
    assert "1/(1 + |y|)²" in viz.explain(ops.bounded(y), y).text


def test_numpy_function():
    t = np.append(Tensor([1.0]), [2.0, 3.0])
    assert t.operation is ops.concatenate and t.tolist() == [1, 2, 3]


def test_numpy_function_written_with_operations():
    x = Tensor([0.0, 1.0, 2.0, 0.0])
    t = np.trim_zeros(x)
    t.sum().backward()
    assert t.tolist() == [1, 2] and x.grad.tolist() == [0, 1, 1, 0]
    assert t.scope == "trim_zeros()"


def test_cheaper_form_of_an_operation_in_programs():
    x = Tensor([0.0, 1.0], name="x")
    program = ops.bounded(x).sum().program([x], inputs={"x": x})
    assert "maximum(" in program.source and "maximum(" not in program.plain.source
    assert np.isclose(program(x=np.array([-1.0, 2.0]))[0], -1 / 2 + 2 / 3)


def test_call_that_numba_compiles(monkeypatch):
    model = agree(
        lambda **o: model_of(layers.Activation(replayable(cube_root)), **o),
        layers.Activation,
        "call",
        monkeypatch,
        jit_compile=True,
    )
    assert "np.cbrt" in model.program(X[:8], Y[:8]).plain.source


def test_activation(monkeypatch):
    assert activations.get("bounded") is ops.bounded
    assert activations.serialize(ops.bounded) == "bounded"
    dense = layers.Dense
    agree(lambda **o: model_of(dense(3, "bounded"), **o), dense, "call", monkeypatch)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: layers.Scale(), id="layer"),
        pytest.param(lambda: layers.Jitter(0.1, seed=1), id="layer that draws"),
        pytest.param(lambda: layers.Jitter(0.1), id="layer that draws, no seed"),
        pytest.param(lambda: layers.Centring(), id="layer with running statistics"),
    ],
)
def test_layer(make, monkeypatch):
    kind = type(make())

    def behind_another(**options):
        return model_of(layers.Dense(3), make(), **options)

    model = agree(behind_another, kind, "call", monkeypatch)
    assert model.layers[1].name in drawn(model)
    assert kind.__name__ in model.draw().text()
    if kind is layers.Centring:
        assert np.any(model.layers[1].mean.data != 0)


def test_loss(monkeypatch):
    loss = losses.get("fourth")
    assert type(loss) is type(losses.get(losses.fourth_power)) is losses.FourthPower
    assert loss([[1.0], [2.0]], [[3.0], [2.0]]) == 8.0
    assert losses.fourth_power([[1.0], [2.0]], [[3.0], [2.0]]).tolist() == [16.0, 0.0]
    kind = losses.FourthPower
    model = agree(lambda **o: model_of(loss="fourth_power", **o), kind, "formula", monkeypatch)
    assert "loss" in drawn(model)


def test_optimizer_and_schedule(monkeypatch):
    def make(**options):
        schedule = optimizers.schedules.SquareRootDecay(0.1)
        return model_of(optimizer=optimizers.RootOfSum(schedule), **options)

    agree(make, optimizers.RootOfSum, "update", monkeypatch)
    assert type(optimizers.get("rootofsum")) is optimizers.RootOfSum
    schedule = optimizers.schedules.SquareRootDecay(1.0)
    again = optimizers.schedules.deserialize(optimizers.schedules.serialize(schedule))
    assert again(3) == schedule(3) == 0.5


def test_initializer():
    layer = layers.Dense(2, kernel_initializer="halves")
    layer(X)
    assert np.all(layer.kernel.data == 0.5)
    assert type(initializers.get("Halves")) is initializers.Halves


def test_regularizer_and_constraint(monkeypatch):
    def make(**options):
        rules = {"kernel_regularizer": "square_of_sum", "kernel_constraint": "centred"}
        return model_of(layers.Dense(3, **rules), **options)

    agree(make, regularizers.SquareOfSum, "__call__", monkeypatch)
    model = agree(make, constraints.Centred, "__call__", monkeypatch)
    assert abs(model.layers[0].kernel.data.mean()) < 1e-6
    assert "kernel_regularizer" in drawn(model)


def test_metric():
    model = model_of(metrics=["within_tenth", metrics.WithinTenth(name="own")])
    history = model.fit(X, Y, epochs=2, verbose=0).history
    assert history["within_tenth"] == history["own"]
    assert metrics.WithinTenth()([[1.0], [2.0]], [[1.05], [3.0]]) == 0.5


def test_callback():
    model = model_of(optimizer=optimizers.SGD(0.01))
    model.fit(X, Y, verbose=0, epochs=2, callbacks=[callbacks.StopAt(0.0)])
    assert not model.stop_training
    fitted = model.fit(X, Y, verbose=0, epochs=9, callbacks=[callbacks.StopAt(1e9)])
    assert fitted.epoch == [0]


def test_edge_mode():
    x = Tensor(3.0, name="x")
    graph = viz.draw(x * x, edges="slots")
    assert "which input" in graph.text() and "input 1" in graph.text()
    assert "input 1" in graph.dot and "which input of the operation" in graph.dot


def test_file_format_of_weights(tmp_path):
    model, other = (Sequential([layers.Input((3,)), layers.Dense(2)]) for _ in range(2))
    model.save_weights(tmp_path / "w.json")
    other.load_weights(tmp_path / "w.json")
    assert other.get_weights()[0].tolist() == model.get_weights()[0].tolist()
    (tmp_path / "w.json").write_text("{")
    with pytest.raises(ValueError, match="w.json"):
        other.load_weights(tmp_path / "w.json")


def test_file_format(tmp_path):
    x = Tensor(3.0, name="x")
    written = viz.draw(x * x).save(tmp_path / "graph.mmd").read_text()
    assert written.startswith("flowchart LR\n") and written.count("v0 --> v1") == 2
