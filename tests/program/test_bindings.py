"""Whatever a compiled function reaches from around it: another array in its place is used.

Right is what the function gives as it is written, ``f.__wrapped__``.
"""

from __future__ import annotations

import collections
import functools
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, activations, compiled
from autograd_nn.layers import Dense, Layer
from autograd_nn.losses import Huber, MeanAbsoluteError, MeanSquaredError
from autograd_nn.models import Sequential
from autograd_nn.regularizers import L2

ONES, TWOS = np.ones(3), np.full(3, 2.0)
scale = ONES


def scaled(x: Any) -> Any:
    return x * scale


def scaled_twice(x: Any) -> Any:
    return scaled(scaled(x))


class Part:
    shared = ONES

    def __init__(self) -> None:
        self.v: Any = ONES

    def __call__(self, x: Any) -> Any:
        return x * self.v


class Slotted:
    __slots__ = ("v",)

    def __init__(self) -> None:
        self.v = Tensor(ONES)


class Whole:
    def __init__(self) -> None:
        self.w = Tensor(ONES)
        self.parts = [Part(), Part()]

    def forward(self, x: Any) -> Any:
        for part in self.parts:
            x = part(x)
        return x * self.weight

    @property
    def weight(self) -> Any:
        return self.w

    @compiled
    def step(self, x: Any) -> Any:
        return self.forward(x).sum()


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    global scale
    scale = Part.shared = ONES


def number(result: Any) -> float:
    return float(result.item())


def check(f: Callable[[Any], Any], change: Callable[[], None]) -> None:
    made, x = compiled(f), np.array([1.0, 2.0, 3.0])
    before = number(f(x))
    assert [number(made(x)) for _ in range(4)] == [before] * 4
    assert made.program is not None  # it was replayed
    change()
    after = number(f(x))
    assert after != before
    assert [number(made(x)) for _ in range(4)] == [after] * 4
    assert made.program is not None


def test_places_of_lists_and_dicts() -> None:
    arrays = [ONES, ONES]
    check(lambda x: (x * arrays[1]).sum(), lambda: arrays.__setitem__(1, TWOS))
    check(lambda x: sum((x * k).sum() for k in arrays), lambda: arrays.append(TWOS))
    named = {"w": Tensor(ONES)}
    check(lambda x: (x * named["w"]).sum(), lambda: named.update(w=Tensor(TWOS)))
    nested = {"layers": [{"w": ONES}, {"w": ONES}]}
    check(
        lambda x: functools.reduce(lambda x, layer: x * layer["w"], nested["layers"], x).sum(),
        lambda: nested["layers"][1].update(w=TWOS),
    )
    queue = collections.deque([ONES])
    check(lambda x: (x * queue[0]).sum(), lambda: queue.appendleft(TWOS))


def test_a_dict_that_is_another_one() -> None:
    parameters = {"w": ONES}

    def change() -> None:
        nonlocal parameters
        parameters = {"w": TWOS}

    check(lambda x: (x * parameters["w"]).sum(), change)


@pytest.mark.parametrize("helper", [scaled, scaled_twice, compiled(scaled)])
def test_a_global_of_a_function_that_is_called(helper: Any) -> None:
    def change() -> None:
        global scale
        scale = TWOS

    check(lambda x: helper(x).sum(), change)


def test_another_function() -> None:
    helper: Any = lambda x: x * ONES  # noqa: E731

    def change() -> None:
        nonlocal helper
        helper = lambda x: x * TWOS  # noqa: E731

    check(lambda x: helper(x).sum(), change)


def test_attributes_that_methods_read() -> None:
    whole, part = Whole(), Part()
    check(lambda x: whole.step(x), lambda: setattr(whole, "w", Tensor(TWOS)))
    check(lambda x: whole.step(x), lambda: setattr(whole.parts[1], "v", TWOS))
    check(lambda x: part(x).sum(), lambda: setattr(part, "v", TWOS))
    bound = Part()
    check(lambda x: (x * bound.v).sum(), lambda: setattr(bound, "v", TWOS))
    for _ in range(4):
        assert whole.step(ONES) == 12.0
    whole.w = Tensor(np.zeros(3))
    assert whole.step(ONES) == 0.0


def test_attributes_of_classes_modules_and_namespaces() -> None:
    part, slotted, other = Part(), Slotted(), Part()
    check(lambda x: (x * Part.shared).sum(), lambda: setattr(Part, "shared", TWOS))
    check(lambda x: (x * part.shared).sum(), lambda: setattr(Part, "shared", ONES))
    check(lambda x: (x * other.shared).sum(), lambda: setattr(other, "shared", TWOS))
    check(lambda x: (x * slotted.v).sum(), lambda: setattr(slotted, "v", Tensor(TWOS)))
    module, space = types.ModuleType("constants"), types.SimpleNamespace(k=ONES)
    module.k = ONES  # type: ignore[attr-defined]
    check(lambda x: (x * module.k).sum(), lambda: setattr(module, "k", TWOS))
    check(lambda x: (x * space.k).sum(), lambda: setattr(space, "k", TWOS))


def test_a_function_with_arguments_filled_in() -> None:
    held = [ONES]
    check(functools.partial(lambda k, x: (x * k[0]).sum(), held), lambda: held.__setitem__(0, TWOS))


def test_a_weight_of_a_model() -> None:
    model = Sequential([Dense(1, use_bias=False, kernel_initializer="ones")])
    model(np.ones((1, 3), np.float32))
    made = compiled(lambda x: model(x).sum())
    x = np.ones((1, 3), np.float32)
    for _ in range(4):
        assert made(x) == 3.0
    model.layers[0].kernel = np.full((3, 1), 2.0)
    assert made(x) == 6.0
    assert made.program is not None


def test_what_is_not_read_does_not_matter() -> None:
    whole = Whole()
    seen = []
    for round_ in range(20):
        seen.append(whole.step(ONES))
        whole.history = [np.array(seen)]  # type: ignore[attr-defined]
        whole.parts[0].shape = (round_,)  # type: ignore[attr-defined]
    assert seen == [3.0] * 20
    assert whole.step.program is not None  # type: ignore[attr-defined]


def test_other_functions_and_classes_of_libraries() -> None:
    function: Any = np.exp
    operation: Any = activations.tanh
    loss: Any = MeanSquaredError
    by_name = {"f": np.exp}

    def change_function() -> None:
        nonlocal function
        function = np.sin

    def change_operation() -> None:
        nonlocal operation
        operation = activations.relu

    def change_loss() -> None:
        nonlocal loss
        loss = MeanAbsoluteError

    check(lambda x: function(x).sum(), change_function)
    check(lambda x: operation(x).sum(), change_operation)
    check(lambda x: loss()(x * 0, x).sum(), change_loss)
    check(lambda x: by_name["f"](x).sum(), lambda: by_name.update(f=np.sin))


def test_other_numbers_and_texts() -> None:
    rate, mode, axes = 2.0, "sum", (1, 0)
    settings, place = {"rates": [1.0, 2.0]}, types.SimpleNamespace(k=1, sign=0.0)
    part = Part()

    def change_rate() -> None:
        nonlocal rate
        rate = 3.0

    def change_mode() -> None:
        nonlocal mode
        mode = "mean"

    def change_axes() -> None:
        nonlocal axes
        axes = (0, 1)

    check(lambda x: (x * rate).sum(), change_rate)
    check(lambda x: x.sum() if mode == "sum" else x.mean(), change_mode)
    check(lambda x: np.stack([x, x * 2]).transpose(axes)[1].sum(), change_axes)
    check(
        lambda x: (x * settings["rates"][1]).sum(),
        lambda: settings["rates"].__setitem__(1, 3.0),
    )
    check(lambda x: (x * place.k).sum(), lambda: setattr(place, "k", 2))
    check(lambda x: np.copysign(x, place.sign).sum(), lambda: setattr(place, "sign", -0.0))
    part.v = 2.0
    check(lambda x: (x * part.v).sum(), lambda: setattr(part, "v", 3.0))


def test_other_methods() -> None:
    class Above:
        def f(self, x: Any) -> Any:
            return x * 2.0

    class Below(Above):
        pass

    below = Below()
    check(lambda x: below.f(x).sum(), lambda: setattr(Above, "f", lambda self, x: x * 3.0))
    check(lambda x: below.f(x).sum(), lambda: setattr(Below, "f", lambda self, x: x * 4.0))


class Scaled(Layer):
    def __init__(self) -> None:
        super().__init__()
        self.rate = 2.0

    def call(self, inputs: Any) -> Any:
        return inputs * self.rate


def test_settings_of_layers_losses_and_regularizers() -> None:
    dense, scaled, huber, l2 = Dense(3, kernel_initializer="ones"), Scaled(), Huber(1.0), L2(0.1)
    inner = Sequential([Dense(2, kernel_initializer="ones")])
    model = Sequential([inner])
    for layer in (dense, model):
        layer(np.ones((1, 3)))
    for owner, key, other in (
        (dense, "activation", activations.tanh),
        (inner.layers[0], "activation", activations.tanh),
        (scaled, "rate", 3.0),
        (huber, "delta", 0.1),
        (l2, "l2", 0.2),
    ):
        check(
            lambda x: (
                dense(x.reshape(1, 3)).sum()
                + model(x.reshape(1, 3)).sum()
                + scaled(x).sum()
                + huber(x * 0, x)
                + l2(x)
            ),
            functools.partial(setattr, owner, key, other),
        )


def test_what_a_call_counts_is_no_setting() -> None:
    count, seen = 0, []

    class Calls:
        count, factor = 0, 2.0

    def f(x: Any) -> Any:
        nonlocal count
        count += 1
        Calls.count += 1
        seen.append(count)
        return (x * Calls.factor).sum()

    made = compiled(f)
    assert [number(made(ONES)) for _ in range(20)] == [6.0] * 20
    assert made.program is not None
    assert count == Calls.count == len(seen) < 20
    Calls.factor = 3.0
    assert [number(made(ONES)) for _ in range(5)] == [9.0] * 5


def test_a_number_that_is_another_one_at_every_call() -> None:
    rate = 0.0
    made = compiled(lambda x: (x * rate).sum())
    with pytest.warns(UserWarning, match="another thing from call to call: `rate`"):
        for step in range(9):
            rate = float(step)
            assert number(made(ONES)) == 3.0 * step


def test_a_model_that_is_trained_between_calls_is_replayed() -> None:
    model = Sequential([Dense(1)])
    model.compile("sgd", "mse")
    made, x = compiled(lambda x: model(x)), np.ones((4, 3), np.float32)
    for _ in range(8):
        model.fit(x, x[:, :1], verbose=0)
        np.testing.assert_allclose(made(x), model.predict(x, verbose=0), rtol=1e-6)
    assert made.program is not None
