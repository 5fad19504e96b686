"""Training of models with several inputs and outputs."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, gradients, viz
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.layers import Dense
from autograd_nn.optimizers import SGD
from tests.reference import recorded
from tests.reference.functional import AMOUNT, CLASS, PROBLEMS, TRUTH, A, B, trained, two_heads

OURS = SimpleNamespace(
    Input=Input,
    Model=Model,
    Dense=Dense,
    SGD=SGD,
    concatenate=lambda parts: np.concatenate(parts, axis=1),
)


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("options", [{}, {"run_eagerly": True}], ids=["programs", "eagerly"])
def test_as_keras(problem: str, options: dict[str, Any]) -> None:
    ours, theirs = trained(problem, OURS, **options), recorded.functional()[problem]
    assert ours["layers"] == theirs["layers"]
    for part in ("history", "evaluated"):
        assert ours[part].keys() == theirs[part].keys()
        for key, values in theirs[part].items():
            np.testing.assert_allclose(ours[part][key], values, rtol=1e-5, atol=1e-6, err_msg=key)
    for one, other in zip(ours["weights"], theirs["weights"], strict=True):
        np.testing.assert_allclose(one, other, rtol=2e-5, atol=2e-6)


@pytest.mark.slow
@pytest.mark.parametrize("problem", PROBLEMS)
def test_as_keras_compiled(problem: str) -> None:
    ours, theirs = trained(problem, OURS, jit_compile=True), recorded.functional()[problem]
    for key, values in theirs["history"].items():
        np.testing.assert_allclose(ours["history"][key], values, rtol=1e-5, atol=1e-6)


def heads(**options: Any) -> Model:
    model: Model = two_heads(OURS)[0]
    model.compile("sgd", loss="mse", **options)
    return model


def test_all_but_the_first_steps_are_replayed() -> None:
    model = heads(metrics={"q": ["mae"]})
    model.fit([A, B], [TRUTH, CLASS], epochs=4, batch_size=8, verbose=0)
    replays = model._training.stepper._recorder.replays
    assert replays == 4 * 3 - 4  # two of each of the two batch sizes are recorded
    model.train_on_batch([A[:8], B[:8]], {"p": TRUTH[:8], "q": CLASS[:8]})
    assert model._training.stepper._recorder.replays == replays + 1


def test_a_step_is_that_of_the_gradients_of_the_sum() -> None:
    model = heads(loss_weights={"q": 3.0})
    p, q = model([A, B])
    loss = ((p - TRUTH) ** 2).mean() + 3 * ((q - CLASS) ** 2).mean()
    found = gradients(loss, model.trainable_weights)
    before = model.get_weights()
    told = model.train_on_batch([A, B], [TRUTH, CLASS], return_dict=True)
    assert told["loss"] == pytest.approx(loss.item(), rel=1e-6)
    assert told["loss"] == pytest.approx(told["p_loss"] + 3 * told["q_loss"], rel=1e-6)
    for weight, start, gradient in zip(model.weights, before, found, strict=True):
        np.testing.assert_allclose(weight.data, start - 0.01 * gradient, rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(weight.grad, gradient, rtol=1e-5, atol=1e-7)


def test_a_program_takes_inputs_by_name() -> None:
    model = heads()
    program = model.program([A, B], [TRUTH, CLASS])
    other = heads()
    other.set_weights(model.get_weights())
    once = program(x_a=A, x_b=B, y_p=TRUTH, y_q=CLASS)
    assert once == pytest.approx(other.train_on_batch([A, B], [TRUTH, CLASS])[0], rel=1e-5)
    assert "x_a" in program.source and "y_q" in program.source


def test_the_names_of_outputs() -> None:
    assert heads().output_names == ["p", "q"]


def test_a_list_of_results_has_the_order_of_keras() -> None:
    model = heads(metrics={"q": ["acc"], "p": ["mse", "mae"]})
    told = model.evaluate([A, B], [TRUTH, CLASS], return_dict=True, verbose=0)
    names = ["loss", "p_loss", "q_loss", "p_mae", "p_mse", "q_acc"]  # the metrics by name
    right = [told[name] for name in names]
    assert model.evaluate([A, B], [TRUTH, CLASS], verbose=0) == pytest.approx(right)
    assert model.test_on_batch([A, B], [TRUTH, CLASS]) == pytest.approx(right)
    assert model.train_on_batch([A, B], [TRUTH, CLASS]) == pytest.approx(right)


def test_results_in_every_form() -> None:
    model = heads(metrics={"p": "mae"})
    told = model.evaluate({"a": A, "b": B}, {"p": TRUTH, "q": CLASS}, return_dict=True, verbose=0)
    assert list(told) == ["loss", "p_loss", "q_loss", "p_mae"]
    assert model.test_on_batch([A, B], [TRUTH, CLASS]) == pytest.approx(list(told.values()))
    p, q = model.predict((A, B), batch_size=7)
    assert p.shape == (20, 1) and q.shape == (20, 3)
    for one, other in zip(model.predict_on_batch([A, B]), (p, q), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    for drawn in (model.draw([A, B], [TRUTH, CLASS]), model.draw()):
        assert "digraph" in drawn.dot
    with pytest.raises(ArgumentError, match=r"gives 2 outputs.*model.draw\(x, y\)"):
        model.draw([A, B])


def test_an_output_without_a_loss_is_not_trained() -> None:
    model = two_heads(OURS)[0]
    model.compile("sgd", loss={"p": "mse", "q": None}, metrics={"q": "mae"})
    before = model.get_layer("q").get_weights()
    with pytest.warns(UserWarning, match="No gradient for .*q/kernel"):
        history = model.fit([A, B], [TRUTH, CLASS], epochs=4, verbose=0).history
    assert list(history) == ["loss", "q_mae"]
    for one, other in zip(before, model.get_layer("q").get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_training_is_watched_and_shown(problem: str, tmp_path: Path) -> None:
    model, compiled, data = PROBLEMS[problem](OURS)
    model.compile("sgd", **compiled)
    monitor = viz.GradientMonitor()
    model.fit(**data, epochs=2, verbose=0, callbacks=[monitor], record_gradients=True)
    assert monitor.records[-1].parameters.keys() == {w.name for w in model.trainable_weights}
    assert monitor.start is not None and monitor.start.input_scale > 1
    viz.report(model, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert ("loss of q, × 0.5" in text) == (problem == "two_heads")
    model.explore(data["x"], data["y"], tmp_path / "explore.html")
    assert (tmp_path / "explore.html").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("compiled", "message"),
    [
        ({"loss": {"p": "mse", "qq": "mse"}}, "`loss` has 'qq'.*Did you mean 'q'"),
        ({"loss": {"p": "mse"}}, "`loss` has no 'q'"),
        ({"loss": ["mse"]}, "`loss` must be a list of 2"),
        ({"loss": [None, None]}, "nothing to make small"),
        ({"loss": "mse", "loss_weights": {"P": 2.0}}, "`loss_weights` has 'P'"),
        ({"loss": "mse", "metrics": ["mae"]}, r"`metrics` is a dict such as \{'p': \['mae'\]\}"),
        ({"loss": "mse", "metrics": {"q": ["acuracy"]}}, "Did you mean 'accuracy'"),
        ({"loss": "mse", "weighted_metrics": {"z": "mae"}}, "`weighted_metrics` has 'z'"),
    ],
)
def test_what_compile_refuses(compiled: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        two_heads(OURS)[0].compile("sgd", **compiled)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([A], [TRUTH, CLASS], "2 inputs, 'a', 'b': `x` must be a list of 2"),
        (A, [TRUTH, CLASS], "2 inputs, 'a', 'b'"),
        ([A, B], TRUTH, "2 outputs, 'p', 'q': `y` must be a list of 2"),
        ({"a": A}, [TRUTH, CLASS], "`x` has no 'b'"),
        ([A, B], {"p": TRUTH, "Q": CLASS}, "`y` has 'Q'.*Did you mean 'q'"),
        ([A, B[:5]], [TRUTH, CLASS], r"`x\['b'\]` has 5"),
        ([A, B], [TRUTH, CLASS[:3]], r"`y\['q'\]` has 3 samples"),
        ([A, B * np.nan], [TRUTH, CLASS], r"`x\['b'\]` has 40 values that are non-finite"),
        ([A, B], [TRUTH, CLASS + np.inf], r"`y\['q'\]` has \d+ values that are non-finite"),
        ([A, B], [CLASS, TRUTH], r"`y\['p'\]` of shape \(20, 3\) does not fit the output 'p'"),
        ([B, A], [TRUTH, CLASS], r"'a' has shape \(None, 3\), got shape \(20, 2\)"),
        ([A, B], None, "`y` is missing"),
    ],
)
def test_what_fit_refuses(x: Any, y: Any, message: str) -> None:
    model = heads()
    before = model.get_weights()
    for call in (model.fit, model.evaluate, model.train_on_batch):
        with pytest.raises((ArgumentError, ShapeError, TypeError), match=message):
            call(x, y)
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_weights_of_samples_and_of_classes() -> None:
    model = heads()
    with pytest.raises(ArgumentError, match="`class_weight` is for models of one output"):
        model.fit([A, B], [TRUTH, CLASS], class_weight={0: 1.0}, verbose=0)
    with pytest.raises(ShapeError, match=r"`sample_weight\['q'\]` of shape \(3,\)"):
        model.fit([A, B], [TRUTH, CLASS], sample_weight={"q": np.ones(3)}, verbose=0)
    zero = np.zeros(20)
    for weight in (zero, [zero, zero], {"p": zero, "q": zero}):
        told = model.train_on_batch([A, B], [TRUTH, CLASS], sample_weight=weight)
        assert told == [0, 0, 0]
    told = model.train_on_batch([A, B], [TRUTH, CLASS], sample_weight={"p": zero})
    assert told[1] == 0 and told[2] > 0


class Own(Model):
    """Two inputs by name, two outputs by name."""

    replayable = True

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = Dense(2), Dense(1)

    def call(self, inputs: Any) -> Any:
        hidden = self.first(inputs["a"]) + self.first(inputs["b"])
        return {"amount": hidden, "truth": self.second(hidden)}


class Listed(Own):
    """The same as lists."""

    def call(self, inputs: Any) -> Any:
        a, b = inputs
        return list(super().call({"a": a, "b": b}).values())


@pytest.mark.parametrize("loss", ["mse", {"amount": "mse", "truth": "mae"}])
def test_a_call_of_ones_own_with_dicts(loss: Any) -> None:
    model = Own()
    model.compile("sgd", loss=loss, metrics={"truth": ["mae"]})
    data = {"a": A, "b": A}, {"truth": TRUTH, "amount": AMOUNT}
    history = model.fit(*data, epochs=4, verbose=0).history
    assert set(history) == {"loss", "truth_loss", "amount_loss", "truth_mae"}
    assert model._training.stepper._recorder.replays == 2
    assert model.predict(data[0])["truth"].shape == (20, 1)


def test_a_call_of_ones_own_with_lists() -> None:
    model = Listed()
    model.compile("sgd", loss=["mse", "mse"], metrics=[None, ["mae"]])
    history = model.fit([A, A], [AMOUNT, TRUTH], epochs=4, verbose=0).history
    assert list(history) == ["loss", "output_1_loss", "output_2_loss", "output_2_mae"]
    assert model._training.stepper._recorder.replays == 2
    with pytest.raises(ArgumentError, match=r"`y` is one array, .*losses for \['output_1'"):
        model.fit([A, A], TRUTH, verbose=0)
    other = Listed()
    other.compile("sgd", loss="mse")
    with pytest.raises(ShapeError, match="Give `y` in this structure"):
        other.fit([A, A], TRUTH, verbose=0)


def test_one_output_by_name() -> None:
    x = Input((3,), name="x")
    model = Model(x, Dense(1, name="out")(x))
    for loss, metrics in (({"out": "mse"}, {"out": ["mae"]}), (["mse"], [["mae"]])):
        model.compile("sgd", loss=loss, metrics=metrics)
        for y in ({"out": TRUTH}, [TRUTH], TRUTH):
            assert list(model.fit({"x": A}, y, verbose=0).history) == ["loss", "mae"]


@pytest.mark.parametrize("weights", [2.0, [2.0], {"out": 2.0}])
def test_the_weight_of_the_one_loss_multiplies_it_and_its_gradients(weights: Any) -> None:
    x = Input((3,), name="x")
    dense = Dense(1, name="out", kernel_initializer="zeros")
    # Of y = 1 and an output of 0 the loss is 1, and its gradient by the bias −2.
    for model in (Model(x, dense(x)), Sequential([Dense(1, kernel_initializer="zeros")])):
        model.compile(SGD(0.25), loss="mse", loss_weights=weights)
        assert model.evaluate(A * 0, np.ones((len(A), 1)), verbose=0) == 2.0
        loss = model.fit(A * 0, np.ones((len(A), 1)), batch_size=len(A), epochs=3, verbose=0)
        assert loss.history["loss"] == [2.0, 0.0, 0.0]
        np.testing.assert_array_equal(model.get_weights()[1], [1.0])


def test_weights_of_outputs_that_are_not_there() -> None:
    x = Input((3,), name="x")
    model = Model(x, Dense(1, name="out")(x))
    for wrong, match in (([1.0, 2.0], "list of 1"), ({"other": 1.0}, "'other'"), ("2", "number")):
        with pytest.raises((ArgumentError, ArgumentTypeError), match=match):
            model.compile("sgd", loss="mse", loss_weights=wrong)


def test_lists_of_one() -> None:
    x = Input((3,))
    model = Model([x], [Dense(1, name="out")(x)])
    model.compile("sgd", loss="mse", metrics=["mae"])
    for y in (TRUTH, [TRUTH], {"out": TRUTH}):
        assert list(model.fit([A], y, epochs=3, verbose=0).history) == ["loss", "mae"]
    assert model._training.stepper._recorder.replays == 7
    assert model.train_on_batch(A, TRUTH) == pytest.approx(model.evaluate(A, TRUTH, verbose=0), 0.1)
    (found,) = model.predict(A)
    assert found.shape == (20, 1)
    assert "digraph" in model.draw(A, TRUTH).dot
