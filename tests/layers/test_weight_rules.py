"""Regularizers and constraints: Keras's numbers, names, what is added to the loss, own ones."""

from __future__ import annotations

import pickle
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

import autograd_nn
import autograd_nn.constraints
import autograd_nn.regularizers
from autograd_nn import Input, Sequential, Tensor, constraints, gradients, regularizers
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError
from autograd_nn.layers import ActivityRegularization, Dense, Layer
from autograd_nn.optimizers import SGD, Adam
from tests.reference import recorded
from tests.reference.weight_rules import CONSTRAINTS, MODELS, REGULARIZERS, WEIGHT, X, Y, trained

KERAS = recorded.weight_rules()


@pytest.mark.parametrize("name", REGULARIZERS)
def test_regularizers_are_those_of_keras(name: str) -> None:
    rule, expected = REGULARIZERS[name](autograd_nn), KERAS["regularizers"][name]
    weight = Tensor(WEIGHT)
    value = rule(weight)
    np.testing.assert_allclose(value.item(), expected["value"], rtol=1e-6)
    np.testing.assert_allclose(gradients(value, weight), expected["gradient"], rtol=1e-6)
    np.testing.assert_allclose(rule(WEIGHT), expected["value"], rtol=1e-6)


@pytest.mark.parametrize("name", CONSTRAINTS)
def test_constraints_are_those_of_keras(name: str) -> None:
    found = CONSTRAINTS[name](autograd_nn)(WEIGHT)
    np.testing.assert_allclose(found, KERAS["constraints"][name], rtol=1e-6)


@pytest.mark.parametrize("how", ["replayed", "as written"])
@pytest.mark.parametrize("name", MODELS)
def test_training_with_them_is_that_of_keras(name: str, how: str) -> None:
    expected = KERAS["models"][name]
    found = trained(autograd_nn, name, run_eagerly=how == "as written")
    for part in ("evaluated", "history"):
        assert found[part].keys() == expected[part].keys()
        for key, value in expected[part].items():
            if part == "history" and name.startswith("masked") and key != "loss":
                continue  # Keras on JAX loses masks on the way to metrics, in fit alone
            np.testing.assert_allclose(found[part][key], value, rtol=1e-5, err_msg=key)
    for mine, theirs in zip(found["weights"], expected["weights"], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "rule", [*map(str, regularizers._BY_NAME), *map(str, constraints._BY_NAME)]
)
def test_a_config_makes_an_equal_rule(rule: str) -> None:
    module: Any = regularizers if rule in regularizers._BY_NAME else constraints
    made = module.get(rule)
    twin = module.get(module.serialize(made))
    assert type(twin) is type(made) and twin.get_config() == made.get_config()
    assert module.get(type(made)).get_config() == made.get_config()
    assert repr(made) == f"{type(made).__name__}()"


def test_what_is_no_rule() -> None:
    for module, near in ((regularizers, "L2"), (constraints, "MaxNorm")):
        with pytest.raises(ArgumentTypeError, match=rf"write {near}\(3\)"):
            module.get(3)  # type: ignore[attr-defined]
        with pytest.raises(ArgumentTypeError, match="a name or an object"):
            module.get([1.0])  # type: ignore[attr-defined]
        with pytest.raises(ArgumentError, match="no name that `get` knows"):
            module.serialize(np.sum)  # type: ignore[attr-defined]
    with pytest.raises(ArgumentError, match="Did you mean 'orthogonal_regularizer'"):
        regularizers.get("orthogonal")
    with pytest.raises(ArgumentError, match="Did you mean 'maxnorm'"):
        constraints.get("maxnorms")
    with pytest.raises(ArgumentError, match="`l2` must be a number"):
        regularizers.L2(-1.0)
    with pytest.raises(ArgumentError, match="larger than"):
        constraints.MinMaxNorm(2.0, 1.0)
    with pytest.raises(ShapeError, match="one only"):
        regularizers.OrthogonalRegularizer()(np.ones((1, 3)))
    with pytest.raises(ShapeError, match="matrix"):
        regularizers.OrthogonalRegularizer()(np.ones(3))


def test_a_row_of_zeros_has_no_direction_and_no_nan() -> None:
    w = Tensor(np.array([[0.0, 0.0], [3.0, 4.0], [4.0, 3.0]]))
    value = regularizers.OrthogonalRegularizer(1.0)(w)
    assert value.item() == pytest.approx(24 / 25 / 3)
    found = gradients(value, w)
    assert np.isfinite(found).all() and not found[0].any()
    for name in constraints._BY_NAME:
        assert np.isfinite(constraints.get(name)(np.zeros((2, 2)))).all()  # type: ignore[misc]


# ---------------------------------------------------------------------- losses of layers


def test_losses_are_those_of_the_last_call() -> None:
    layer = Dense(2, kernel_initializer="ones", kernel_regularizer="l2", activity_regularizer="l1")
    assert layer.losses == []
    layer.build((None, 3))
    assert [x.item() for x in layer.losses] == [pytest.approx(0.06)]
    for _ in range(2):
        layer(np.ones((5, 3)))
        # 0.01 · Σ|3| over 5 samples and 2 units, divided by 5
        assert [x.item() for x in layer.losses] == pytest.approx([0.06, 0.06])
    model = Sequential([layer])
    model(np.ones((5, 3)))
    assert len(model.losses) == 2 and all(x.requires_grad for x in model.losses)
    layer.trainable = False
    assert [x.item() for x in model.losses] == pytest.approx([0.06])  # that of its activity


class Adds(Layer):
    replayable = True

    def call(self, inputs: Any) -> Any:
        self.add_loss(0.1 * (inputs * inputs).sum())
        return inputs


def test_a_layer_that_is_called_twice_adds_twice() -> None:
    class Twice(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.inner = Adds()

        def call(self, inputs: Any) -> Any:
            return self.inner(self.inner(inputs))

    layer = Twice()
    for _ in range(2):
        layer(np.ones((2, 2)))
        assert [x.item() for x in layer.losses] == pytest.approx([0.4, 0.4])


def test_what_is_no_loss() -> None:
    class Wrong(Layer):
        def __init__(self, loss: Any) -> None:
            super().__init__()
            self.loss = loss

        def call(self, inputs: Any) -> Any:
            self.add_loss(self.loss)
            return inputs

    with pytest.raises(ShapeError, match="one number, got shape"):
        Wrong(np.ones(3))(X)
    with pytest.raises(ArgumentTypeError, match="got a function"):
        Wrong(lambda: 3.0)(X)
    layer = Dense(2, kernel_regularizer=np.square)
    layer.build((None, 3))
    with pytest.raises(ShapeError, match=r"regularizer of 'dense/kernel' must give one number"):
        layer.losses  # noqa: B018


def test_a_loop_by_hand_and_fit_are_the_same() -> None:
    def make() -> Sequential:
        model = Sequential([Input((3,)), Dense(2, kernel_regularizer="l2"), Adds()])
        model.set_weights([np.ones((3, 2)), np.zeros(2)])
        model.compile(SGD(0.1), "mse")
        return model

    fitted, by_hand = make(), make()
    fitted.fit(X, Y, epochs=4, batch_size=7, shuffle=False, verbose=0)
    assert fitted._training.stepper.programs  # type: ignore[union-attr]
    optimizer = SGD(0.1)
    for _ in range(4):
        loss = ((by_hand(X) - Y.astype(np.float32)) ** 2).mean() + sum(by_hand.losses)
        weights = by_hand.trainable_weights
        optimizer.apply_gradients(zip(gradients(loss, weights), weights, strict=True))
    for one, two in zip(fitted.get_weights(), by_hand.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)


def test_a_changed_factor_is_noticed_by_programs() -> None:
    layer = Dense(2, kernel_regularizer=regularizers.L2(0.1), kernel_constraint="max_norm")
    model = Sequential([Input((3,)), layer])
    model.compile(SGD(0.0), "mse")
    for _ in range(3):
        model.train_on_batch(X, Y)
    assert model._training.stepper.programs  # type: ignore[union-attr]
    layer.kernel_regularizer.l2 = 5.0  # type: ignore[union-attr]
    after = model.train_on_batch(X, Y)
    assert after == pytest.approx(model.evaluate(X, Y, verbose=0), rel=1e-6)
    for _ in range(3):
        model.train_on_batch(X, Y)
    layer.kernel_constraint.max_value = 0.25  # type: ignore[union-attr]
    model.train_on_batch(X, Y)
    assert np.linalg.norm(layer.kernel.numpy(), axis=0).max() <= 0.25


# ---------------------------------------------------------------------- constraints


def test_constraints_hold_in_every_way_to_step() -> None:
    layer = Dense(2, kernel_constraint=constraints.UnitNorm(), bias_constraint="non_neg")
    model = Sequential([Input((3,)), layer])
    model.compile(Adam(0.3), "mse")
    start = model.get_weights()

    def obeys() -> bool:
        norms = np.linalg.norm(layer.kernel.numpy(), axis=0)
        obeyed = np.allclose(norms, 1, atol=1e-5) and (layer.bias.numpy() >= 0).all()  # type: ignore[union-attr]
        model.set_weights(start)
        return bool(obeyed)

    weights = model.trainable_weights
    loss = ((model(X) - Y) ** 2).mean()
    Adam(0.3).apply_gradients(zip(gradients(loss, weights), weights, strict=True))
    assert obeys()
    ((model(X) - Y) ** 2).mean().backward()
    Adam(0.3).step(weights)
    assert obeys()
    program = model.program(X, Y)
    program(x=X, y=Y)
    assert obeys()
    program.plain(x=X, y=Y)
    assert obeys()
    for _ in range(3):
        model.train_on_batch(X, Y)
    assert model._training.stepper.programs and obeys()  # type: ignore[union-attr]


def test_a_saved_step_constrains(tmp_path: Any) -> None:
    model = Sequential([Input((3,)), Dense(2, kernel_constraint="unit_norm")])
    model.compile(SGD(0.3), "mse")
    program = model.program(X, Y)
    program.save(tmp_path / "step.py")
    scope: dict[str, Any] = {"__name__": "step", "__file__": str(tmp_path / "step.py")}
    exec((tmp_path / "step.py").read_text("utf-8"), scope)
    scope["step"](X.astype(np.float32), Y.astype(np.float32))
    kernel = scope["kept"]["parameters"][:6].reshape(3, 2)
    np.testing.assert_allclose(np.linalg.norm(kernel, axis=0), 1, rtol=1e-5)


def centred(w: Any) -> Any:
    return w - w.mean()


def of_squares(w: Any) -> Any:
    return 0.5 * (w * w).sum()


@pytest.mark.parametrize("promise", [False, True])
def test_functions_of_the_user(promise: bool) -> None:
    def make(**options: Any) -> Sequential:
        rules = {"kernel_regularizer": of_squares, "kernel_constraint": centred}
        model = Sequential([Input((3,)), Dense(2, kernel_initializer="ones", **rules)])
        model.compile(SGD(0.1), "mse", **options)
        return model

    def train(model: Sequential) -> None:
        model.fit(X, Y, epochs=4, shuffle=False, verbose=0)

    written = make(run_eagerly=True)
    train(written)
    model = make()
    try:
        if promise:
            of_squares.replayable = centred.replayable = True  # type: ignore[attr-defined]
            train(model)
            assert not model._training.stepper.as_written  # type: ignore[union-attr]
        else:
            with pytest.warns(UserWarning, match="regularizer of 'dense/kernel'"):
                train(model)
    finally:
        vars(of_squares).clear(), vars(centred).clear()
    assert abs(model.get_weights()[0].mean()) < 1e-6
    for one, two in zip(model.get_weights(), written.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-6)


def test_a_constraint_of_the_user_alone_runs_beside_the_program() -> None:
    model = Sequential([Input((3,)), Dense(2, kernel_constraint=lambda w: w * 0.5)])
    model.compile(SGD(0.0), "mse")
    before = model.get_weights()[0]
    model.fit(X, Y, epochs=4, verbose=0)
    assert model._training.stepper.programs  # type: ignore[union-attr]
    np.testing.assert_allclose(model.get_weights()[0], before / 16, rtol=1e-6)


def test_a_constraint_that_gives_another_shape() -> None:
    layer = Dense(2, kernel_constraint=lambda w: w[0])
    layer.build((None, 3))
    before = layer.get_weights()
    with pytest.raises(ShapeError, match="constraint of Tensor 'dense/kernel'"):
        SGD(0.1).apply_gradients([(np.ones((3, 2)), layer.kernel)])
    assert (layer.get_weights()[0] == before[0]).all()


@pytest.mark.parametrize("copied", [deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_has_them_too(copied: Any) -> None:
    model = Sequential(
        [Input((3,)), Dense(2, kernel_regularizer="l2", kernel_constraint="unit_norm")]
    )
    twin = copied(model)
    assert [x.item() for x in twin.losses] == [x.item() for x in model.losses]
    twin.compile(SGD(0.1), "mse")
    twin.train_on_batch(X, Y)
    assert np.linalg.norm(twin.get_weights()[0], axis=0) == pytest.approx([1, 1], rel=1e-5)


def test_a_weight_of_ones_own_has_them() -> None:
    class Scale(Layer):
        def build(self, input_shape: Any) -> None:
            self.factor = self.add_weight((3,), "ones", regularizer="l1", constraint="non_neg")

        def call(self, inputs: Any) -> Any:
            return inputs * self.factor

    layer = Scale()
    layer(X)
    assert [x.item() for x in layer.losses] == [pytest.approx(0.03)]
    SGD(1.0).apply_gradients([(np.array([2.0, -1.0, 0.0]), layer.factor)])
    assert layer.factor.tolist() == [0.0, 2.0, 1.0]
    layer.factor = Tensor(np.ones(3, np.float32) * 2)
    assert [x.item() for x in layer.losses] == [pytest.approx(0.06)]


def test_the_config_of_a_layer_has_them() -> None:
    layer = Dense(
        2,
        kernel_regularizer=regularizers.L1L2(0.1, 0.2),
        bias_constraint="non_neg",
        activity_regularizer="l2",
    )
    twin = Dense.from_config(layer.get_config())
    assert twin.get_config() == layer.get_config()
    assert twin.kernel_regularizer.l2 == 0.2  # type: ignore[union-attr]
    assert ActivityRegularization(0.1).get_config()["l1"] == 0.1
