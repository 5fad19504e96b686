"""Settings that stand inside of what an attribute holds: sets, queues, objects of one's own."""

import array
import collections
import functools
import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, replayable, set_random_seed
from autograd_nn.layers import Dense, Layer
from autograd_nn.losses import BinaryCrossentropy, Loss

X = np.random.default_rng(0).normal(size=(16, 3)).astype(np.float32)
Y = X.sum(axis=1, keepdims=True)


class Settings:
    def __init__(self) -> None:
        self.rate = 1.0


class Slotted:
    __slots__ = ("later", "rate")

    def __init__(self) -> None:
        self.rate = 1.0


@dataclass
class Noted:
    rate: float = 1.0


class OfTheClass:
    rate = 1.0


class Listed(list[float]):
    def copy(self) -> Any:
        raise NotImplementedError


Pair = collections.namedtuple("Pair", "first second")


def numbers_in(value: Any) -> float:
    if hasattr(value, "rate"):
        return float(value.rate)
    if isinstance(value, (dict, collections.UserDict)):
        value = value.values()
    return sum(x if isinstance(x, (int, float)) else numbers_in(x) for x in value)


def of_rate(thing: Any) -> None:
    thing.rate = 3.0


def first(items: Any) -> None:
    items[0] = 3


def changed_class(thing: Any) -> None:
    type(thing).rate = 3.0


# What an attribute holds, and how it is changed in place.
KNOWN: dict[str, tuple[Callable[[], Any], Callable[[Any], None]]] = {
    "a set": (lambda: {1.0}, lambda s: s.add(2.0)),
    "a set, emptied": (lambda: {1.0, 2.0}, lambda s: s.discard(2.0)),
    "a queue": (lambda: collections.deque([1.0]), first),
    "a list of a class": (lambda: Listed([1.0]), first),
    "a counter": (lambda: collections.Counter(a=1), lambda c: c.update(a=3)),
    "a dict with defaults": (
        lambda: collections.defaultdict(float, a=1.0),
        lambda d: d.update(b=2.0),
    ),
    "a set in a tuple": (lambda: ({1.0},), lambda t: t[0].add(2.0)),
    "a set in a dict in a list": (lambda: [{"a": {1.0}}], lambda t: t[0]["a"].add(2.0)),
    "a list in a named tuple": (lambda: Pair([1.0], 2.0), lambda p: p.first.append(1.0)),
    "an object": (Settings, of_rate),
    "an object with slots": (Slotted, of_rate),
    "a dataclass": (Noted, of_rate),
    "a namespace": (lambda: types.SimpleNamespace(rate=1.0), of_rate),
    "an object in a list": (lambda: [Settings()], lambda t: of_rate(t[0])),
    "a class": (OfTheClass, changed_class),
}
UNKNOWN: dict[str, tuple[Callable[[], Any], Callable[[Any], None]]] = {
    "an array of Python": (lambda: array.array("d", [1.0]), first),
    "bytes": (lambda: bytearray([1]), first),
    "a dict in a wrapper": (lambda: collections.UserDict(a=1.0), lambda d: d.update(a=3.0)),
}


class Undeclared(Layer):
    def __init__(self, held: Any) -> None:
        super().__init__()
        self.held = held

    def call(self, inputs: Any) -> Any:
        return inputs * numbers_in(self.held)


class Declared(Undeclared):
    replayable = True


def trained(model: Sequential, loss: Any, change: Callable[[], None]) -> Any:
    model.compile("sgd", loss)
    model.fit(X, Y, batch_size=4, epochs=3, verbose=0)
    change()
    model.fit(X, Y, batch_size=4, epochs=2, verbose=0)
    return model.get_weights()


def with_layer(kind: type[Undeclared], make: Any, change: Any) -> Any:
    held = make()
    set_random_seed(1)
    model = Sequential([Input((3,)), Dense(2), kind(held), Dense(1)])
    try:
        return trained(model, "mse", lambda: change(held)), model
    finally:
        OfTheClass.rate = 1.0


@pytest.mark.filterwarnings("ignore:.*code of your own")
@pytest.mark.parametrize("what", KNOWN)
def test_what_is_changed_in_place_counts_from_the_next_step_on(what: str) -> None:
    found, model = with_layer(Declared, *KNOWN[what])
    expected, _ = with_layer(Undeclared, *KNOWN[what])
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4)
    assert model._training is not None
    assert model._training.stepper.programs


@pytest.mark.filterwarnings("ignore:.*code of your own")
@pytest.mark.parametrize("what", UNKNOWN)
def test_what_cannot_be_compared_is_said_and_runs_as_it_is_written(what: str) -> None:
    with pytest.warns(UserWarning, match=r"Changes of `held` of layer .* could not be noticed"):
        found, _ = with_layer(Declared, *UNKNOWN[what])
    expected, _ = with_layer(Undeclared, *UNKNOWN[what])
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


@replayable
class Called:
    def __init__(self) -> None:
        self.rate = 1.0

    def __call__(self, y: Any, p: Any) -> Any:
        return self.of(y, p)

    @replayable
    def of(self, y: Any, p: Any) -> Any:
        return ((y - p) ** 2).mean(axis=-1) * self.rate


class Around(Loss):
    replayable = True

    def __init__(self) -> None:
        super().__init__()
        self.inner = BinaryCrossentropy(from_logits=True, label_smoothing=0.1)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return self.inner(y_true > 0, y_pred)


def of_the_loss(loss: Any) -> None:
    loss.inner.label_smoothing = 0.5


def itself(thing: Any) -> Any:
    return thing


def its_method(thing: Any) -> Any:
    return thing.of


def partly(thing: Any) -> Any:
    return replayable(functools.partial(Called.of, thing))


@pytest.mark.parametrize("form", [itself, its_method, partly], ids=lambda f: str(f.__name__))
def test_attributes_of_a_callable_that_is_a_loss(form: Any) -> None:
    check_loss(Called, form, of_rate)


def test_settings_of_a_loss_inside_of_a_loss() -> None:
    check_loss(Around, itself, of_the_loss)


def check_loss(make: Any, form: Any, change: Any) -> None:
    found = []
    for eagerly in (False, True):
        loss = make()
        set_random_seed(1)
        model = Sequential([Input((3,)), Dense(2), Dense(1)])
        model.compile("sgd", form(loss), run_eagerly=eagerly)
        model.fit(X, Y, batch_size=4, epochs=3, verbose=0)
        change(loss)
        model.fit(X, Y, batch_size=4, epochs=2, verbose=0)
        found.append(model.get_weights())
        assert model._training is not None
        assert bool(model._training.stepper.programs) is not eagerly
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4)


def test_an_object_that_leads_back_to_itself_and_one_deep_down() -> None:
    settings: Any = Settings()
    settings.itself = [settings]
    inner = settings
    for _ in range(3000):
        inner.next = Settings()
        inner = inner.next
    found = []
    for kind in (Declared, Undeclared):
        settings.rate = 1.0
        set_random_seed(1)
        with_settings = Sequential([Input((3,)), Dense(2), kind(settings), Dense(1)])
        with_settings.compile("sgd", "mse", run_eagerly=kind is Undeclared)
        with_settings.fit(X, Y, batch_size=4, epochs=3, verbose=0)
        settings.rate = 3.0
        with_settings.fit(X, Y, batch_size=4, epochs=2, verbose=0)
        found.append(with_settings.get_weights())
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4)


def _of_method(kind: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(kind, "scaled", lambda self, inputs: inputs * 3.0)


def _of_call(kind: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(kind, "call", lambda self, inputs: inputs * 3.0, raising=False)


def _of_variable(kind: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(f"{__name__}.rate_around", 3.0)


def _of_dict(kind: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(rates_around, "now", 3.0)


def _of_another_class(kind: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(Held, "rate", 3.0)


rate_around, rates_around = 1.0, {"now": 1.0}


class Held:
    rate = 1.0


class ScaledAround(Layer):
    replayable = True

    def __init__(self) -> None:
        super().__init__()
        self.held = Held

    def scaled(self, inputs: Any) -> Any:
        return inputs * (rate_around * rates_around["now"] * self.held.rate)

    def call(self, inputs: Any) -> Any:
        return self.scaled(inputs)


class ScaledBelow(ScaledAround):
    pass


@pytest.mark.parametrize("kind", [ScaledAround, ScaledBelow])
@pytest.mark.parametrize(
    "change", [_of_method, _of_call, _of_variable, _of_dict, _of_another_class]
)
def test_methods_and_what_names_around_own_code_mean(kind: Any, change: Any) -> None:
    def trained(run_eagerly: bool) -> Any:
        set_random_seed(0)
        model = Sequential([Dense(2), kind(), Dense(1)])
        model.compile("sgd", "mse", run_eagerly=run_eagerly)
        model.fit(X, Y, epochs=2, batch_size=8, verbose=0)
        with pytest.MonkeyPatch.context() as monkeypatch:
            change(kind, monkeypatch)
            model.fit(X, Y, epochs=2, batch_size=8, verbose=0)
        model.fit(X, Y, batch_size=8, verbose=0)
        return model.get_weights()

    for a, b in zip(trained(False), trained(True), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)
