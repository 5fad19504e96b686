"""What all optimizers share: arguments, gradients that are missing or do not fit, whole steps."""

import copy
import gc
import math
from typing import Any

import numpy as np
import pytest

from autograd_nn import optimizers
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, StateError
from autograd_nn.engine.tensor import Tensor
from autograd_nn.optimizers import SGD, Adam, Optimizer, RMSprop
from autograd_nn.optimizers.schedules import ExponentialDecay
from tests.interrupts import Interrupts

ALL = [SGD, RMSprop, Adam]


def two() -> list[Tensor]:
    """Two parameters, 1 and 2, with gradients 10 and 20."""
    parameters = [Tensor([1.0], name="first"), Tensor([2.0], name="second")]
    for parameter, gradient in zip(parameters, (10.0, 20.0), strict=True):
        parameter.grad = np.array([gradient])
    return parameters


def test_a_step_from_backward() -> None:
    w = Tensor(3.0, name="w")
    loss = w * w
    loss.backward()
    sgd = SGD(learning_rate=0.1)
    sgd.step([w])
    assert w.item() == pytest.approx(3 - 0.1 * 6)
    assert w.grad == 6.0
    sgd.zero_grad([w])
    assert w.grad is None
    assert sgd.iterations == 1


def test_a_step_changes_the_array_in_place() -> None:
    parameter = two()[0]
    array = parameter._data
    SGD(0.1).step(parameter for parameter in [parameter])
    assert parameter._data is array
    assert array[0] == 0.0


def test_a_step_is_seen_by_a_graph_recorded_before() -> None:
    w = Tensor([2.0], name="w")
    loss = (w * w).sum()
    loss.backward()
    SGD(0.1).step([w])
    with pytest.raises(StateError, match="w"):
        loss.backward()


def test_gradients_of_every_kind() -> None:
    parameter = Tensor(np.array([1.0, 2.0], np.float32))
    for gradient in ([1, 1], (1.0, 1.0), np.ones(2), Tensor([1.0, 1.0]), np.ones(2, int)):
        before = parameter.numpy()
        SGD(0.5).apply_gradients([(gradient, parameter)])
        assert (parameter.numpy() == before - 0.5).all()
    assert parameter.dtype == np.float32
    scalar = Tensor(1.0)
    for gradient in (1, 1.0, np.float32(1), np.array(1.0), Tensor(1.0)):
        SGD(0.5).apply_gradients([(gradient, scalar)])
    assert scalar.item() == -1.5


def test_gradients_are_not_changed() -> None:
    gradient = np.array([3.0, -4.0])
    for kind in ALL:
        for arguments in ({}, {"clipnorm": 1.0}, {"clipvalue": 1.0}, {"global_clipnorm": 1.0}):
            kind(**arguments).apply_gradients([(gradient, Tensor([1.0, 1.0]))])
    assert gradient.tolist() == [3.0, -4.0]


def test_a_learning_rate_of_zero_is_a_dry_run() -> None:
    for kind in ALL:
        parameters = two()
        kind(learning_rate=0.0).step(parameters)
        assert [parameter.item() for parameter in parameters] == [1.0, 2.0]


def test_the_learning_rate_can_be_set() -> None:
    for kind in ALL:
        made = kind(0.5)
        made.learning_rate = 0.0
        parameters = two()
        made.step(parameters)
        assert parameters[0].item() == 1.0
        made.learning_rate = np.float32(0.25)
        assert made.learning_rate == 0.25
        for wrong in (-0.1, math.inf, math.nan):
            with pytest.raises(ArgumentError, match="learning_rate"):
                made.learning_rate = wrong
        assert made.learning_rate == 0.25


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"learning_rate": -0.1}, ArgumentError, ["learning_rate", "-0.1"]),
        ({"learning_rate": math.inf}, ArgumentError, ["learning_rate", "inf"]),
        ({"learning_rate": math.nan}, ArgumentError, ["learning_rate", "nan"]),
        ({"learning_rate": "0.1"}, ArgumentTypeError, ["learning_rate", "'0.1'"]),
        ({"learning_rate": True}, ArgumentTypeError, ["learning_rate", "True"]),
        ({"learning_rate": None}, ArgumentTypeError, ["learning_rate", "None"]),
        ({"lr": 0.1}, ArgumentTypeError, ["`lr`", "learning_rate"]),
        ({"weight_decay": -1.0}, ArgumentError, ["weight_decay", "-1.0"]),
        ({"clipnorm": 0}, ArgumentError, ["clipnorm", "0"]),
        ({"clipvalue": -1.0}, ArgumentError, ["clipvalue", "-1.0"]),
        ({"global_clipnorm": math.nan}, ArgumentError, ["global_clipnorm", "nan"]),
        ({"clipnorm": 1.0, "clipvalue": 2.0}, ArgumentError, ["clipnorm=1.0", "clipvalue=2.0"]),
        ({"name": 5}, ArgumentTypeError, ["name", "5"]),
    ],
)
def test_wrong_arguments(
    kind: Any, arguments: dict[str, Any], error: type[Exception], words: list[str]
) -> None:
    with pytest.raises(error) as caught:
        kind(**arguments)
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize(
    ("kind", "arguments", "error", "words"),
    [
        (SGD, {"momentum": 1.5}, ArgumentError, ["momentum", "1.5"]),
        (SGD, {"nesterov": True}, ArgumentError, ["nesterov", "momentum"]),
        (SGD, {"momentum": 0.9, "nesterov": 1}, ArgumentTypeError, ["nesterov", "True or False"]),
        (RMSprop, {"rho": 1.0}, ArgumentError, ["rho", "1.0"]),
        (RMSprop, {"epsilon": -1e-7}, ArgumentError, ["epsilon"]),
        (RMSprop, {"centered": "yes"}, ArgumentTypeError, ["centered", "'yes'"]),
        (Adam, {"beta_1": 1.0}, ArgumentError, ["beta_1", "1.0"]),
        (Adam, {"beta_2": -0.1}, ArgumentError, ["beta_2", "-0.1"]),
        (Adam, {"beta1": 0.5}, ArgumentTypeError, ["beta1", "beta_1"]),
        (Adam, {"amsgrad": None}, ArgumentTypeError, ["amsgrad", "None"]),
    ],
)
def test_wrong_arguments_of_one(
    kind: Any, arguments: dict[str, Any], error: type[Exception], words: list[str]
) -> None:
    with pytest.raises(error) as caught:
        kind(**arguments)
    assert all(word in str(caught.value) for word in words)


def test_no_gradient_at_all() -> None:
    parameters = [Tensor([1.0], name="kernel"), Tensor([2.0])]
    with pytest.raises(StateError, match=r"'kernel'.*loss\.backward\(\) was not called"):
        SGD().step(parameters)
    with pytest.raises(StateError, match="kernel"):
        SGD().apply_gradients([(None, parameters[0])])


def test_some_gradients_missing() -> None:
    parameters = two()
    parameters[1].grad = None
    sgd = SGD(0.1)
    with pytest.warns(UserWarning, match="'second'") as caught:
        sgd.step(parameters)
    assert caught[0].filename == __file__
    assert [parameter.item() for parameter in parameters] == [0.0, 2.0]
    # As an error it comes before anything changes.
    with pytest.raises(UserWarning, match="second"):
        sgd.step(parameters)
    assert parameters[0].item() == 0.0
    assert sgd.iterations == 1


def test_nothing_to_update() -> None:
    for call in (SGD().step, SGD().apply_gradients):
        with pytest.raises(ArgumentError, match="no parameters"):
            call([])


def test_shapes_must_agree() -> None:
    parameters = two()
    before = [parameter.numpy() for parameter in parameters]
    gradients = [np.ones(1), np.ones((1, 1))]
    with pytest.raises(ShapeError, match=r"'second' of shape \(1,\).*\(1, 1\)"):
        SGD().apply_gradients(zip(gradients, parameters, strict=True))
    assert all((p.numpy() == b).all() for p, b in zip(parameters, before, strict=True))


@pytest.mark.parametrize("gradient", ["text", np.array([1j]), object(), [True]])
def test_gradients_are_numbers(gradient: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="gradient"):
        SGD().apply_gradients([(gradient, Tensor([1.0]))])


def test_wrong_parameters() -> None:
    w = Tensor([1.0], name="w")
    w.grad = np.ones(1)
    sgd = SGD()
    with pytest.raises(ArgumentTypeError, match=r"step\(\[w\]\)"):
        sgd.step(w)
    with pytest.raises(ArgumentTypeError, match="ndarray"):
        sgd.step([w.numpy()])
    with pytest.raises(ArgumentTypeError, match="5"):
        sgd.zero_grad(5)
    with pytest.raises(ArgumentTypeError, match=r"zip\(gradients, parameters\)"):
        sgd.apply_gradients([(w, np.ones(1))])
    with pytest.raises(ArgumentTypeError, match=r"zip\(gradients, parameters\)"):
        sgd.apply_gradients([w])
    with pytest.raises(ArgumentError, match="multiply"):
        sgd.apply_gradients([(np.ones(1), w * 2)])
    with pytest.raises(ArgumentTypeError, match="int"):
        sgd.apply_gradients([(np.ones(1), Tensor(np.array([1])))])
    with pytest.raises(ArgumentError, match="'w'.*twice"):
        sgd.step([w, w])

    class Network:
        trainable_weights = [w]

    with pytest.raises(ArgumentTypeError, match=r"model\.trainable_weights"):
        sgd.step(Network())
    assert w.item() == 1.0
    assert sgd.iterations == 0


@pytest.mark.parametrize("kind", ALL)
def test_an_exception_in_between_changes_nothing(kind: Any) -> None:
    made = kind(0.1, clipnorm=1.0)
    parameters = two()
    made.step(parameters)
    before = [parameter.item() for parameter in parameters]
    state = {id(key): dict(value) for key, value in made._state.items()}

    class Broken(np.ndarray):
        def __array_ufunc__(self, *_: Any, **__: Any) -> Any:
            raise KeyboardInterrupt

    parameters[1]._data = parameters[1]._data.view(Broken)
    with pytest.raises(KeyboardInterrupt):
        made.step(parameters)
    assert parameters[0].item() == before[0]
    assert {id(key): value for key, value in made._state.items()} == state
    assert made.iterations == 1


@pytest.mark.parametrize("kind", ALL)
def test_a_step_that_a_signal_interrupts_is_made_whole_or_not_at_all(kind: Any) -> None:
    rate = ExponentialDecay(0.1, 10, 0.9)
    made, twin = (kind(rate) if kind is Adam else kind(rate, momentum=0.9) for _ in range(2))
    ours, expected = two(), two()

    def steps(optimizer: Optimizer, parameters: list[Tensor], until: int) -> None:
        while optimizer.iterations < until:
            gradient = np.array([1.0 / (1 + optimizer.iterations)])
            optimizer.apply_gradients([(gradient, w) for w in parameters])

    interrupts = Interrupts(seed=1)
    while interrupts.count < 60:
        interrupts(lambda: steps(made, ours, made.iterations + 100))
        steps(twin, expected, made.iterations)
        for a, b in zip(ours, expected, strict=True):
            assert a.item() == b.item()
            assert made._state.get(a, {}) == twin._state.get(b, {})
        assert made._schedule is rate


def test_state_belongs_to_the_parameter_and_not_to_its_address() -> None:
    sgd = SGD(1.0, momentum=0.9)
    for _ in range(200):
        parameter = Tensor([0.0])
        sgd.apply_gradients([(np.ones(1), parameter)])
        # A velocity left by a dead parameter would make this -1.9.
        assert parameter.item() == -1.0
        del parameter
        gc.collect(0)


def test_a_copy_is_independent() -> None:
    parameters = two()
    adam = Adam(0.1)
    adam.step(parameters)
    twin_optimizer, twins = copy.deepcopy((adam, parameters))
    adam.step(parameters)
    twin_optimizer.step(twins)
    assert [t.item() for t in twins] == [p.item() for p in parameters]
    assert twin_optimizer.iterations == 2


def test_momentum_may_be_switched_on_later() -> None:
    sgd = SGD(1.0)
    parameter = Tensor([0.0])
    sgd.apply_gradients([(np.ones(1), parameter)])
    sgd.momentum = 0.5
    sgd.apply_gradients([(np.ones(1), parameter)])
    sgd.apply_gradients([(np.ones(1), parameter)])
    assert parameter.item() == -1 - 1 - 1.5


@pytest.mark.parametrize(
    "made",
    [
        SGD(0.5, momentum=0.9, nesterov=True, clipnorm=1.0, name="mine"),
        RMSprop(0.5, rho=0.8, momentum=0.1, epsilon=1e-3, centered=True, clipvalue=2.0),
        Adam(0.5, 0.8, 0.99, 1e-8, True, weight_decay=0.1, global_clipnorm=3.0),
    ],
)
def test_config_makes_an_equal_optimizer(made: Optimizer) -> None:
    twin = type(made).from_config(made.get_config())
    assert twin.get_config() == made.get_config()
    assert type(twin) is type(made)
    assert twin is not made


def test_repr_shows_what_differs_from_the_defaults() -> None:
    assert repr(SGD()) == "SGD(learning_rate=0.01)"
    assert repr(SGD(0.1, momentum=0.9)) == "SGD(learning_rate=0.1, momentum=0.9)"
    assert SGD().name == "sgd"


@pytest.mark.parametrize(
    ("name", "kind"), [("sgd", SGD), ("SGD", SGD), ("RMSprop", RMSprop), ("Adam", Adam)]
)
def test_get_by_name(name: str, kind: type[Optimizer]) -> None:
    assert type(optimizers.get(name)) is kind


def test_get_what_is_not_a_name() -> None:
    made = Adam()
    assert optimizers.get(made) is made
    with pytest.raises(ArgumentError, match="'adm'.*'adam'"):
        optimizers.get("adm")
    with pytest.raises(ArgumentTypeError, match=r"optimizer.*0\.1.*SGD\(learning_rate=0\.1\)"):
        optimizers.get(0.1)
    with pytest.raises(ArgumentTypeError, match=r"class: write RMSprop\(\)"):
        optimizers.get(RMSprop)
    for wrong in (None, int, Optimizer, True, [SGD()]):
        with pytest.raises(ArgumentTypeError, match="optimizer"):
            optimizers.get(wrong)


def test_an_own_rule() -> None:
    class SignDescent(Optimizer):
        def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
            return parameter - self.learning_rate * np.sign(gradient), {}

    class Wrong(Optimizer):
        def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
            return np.ones(3), {}

    parameters = two()
    SignDescent(0.25).step(parameters)
    assert [parameter.item() for parameter in parameters] == [0.75, 1.75]
    with pytest.raises(ShapeError, match=r"Wrong\.update.*'first'.*\(3,\)"):
        Wrong(0.25).step(parameters)


def test_what_decay_was_is_a_schedule_now() -> None:
    with pytest.raises(ArgumentTypeError, match=r"no argument `decay` any more.*InverseTimeDecay"):
        SGD(0.1, decay=1e-6)
