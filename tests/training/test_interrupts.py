"""Interrupted at any moment, training stands after a whole number of steps, and goes on."""

import gc
import random
import sys
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

import numpy as np
import pytest

from autograd_nn import Sequential, set_random_seed, settings
from autograd_nn.layers import Dense, Dropout, Layer
from autograd_nn.optimizers import Adam
from tests.interrupts import Interrupts

RANDOM = np.random.default_rng(7)
BATCH, BATCHES = 8, 6
X = RANDOM.normal(size=(BATCH * BATCHES, 6)).astype(np.float32)
Y = (X[:, :1] > 0.2).astype(np.float32)
WAYS = {"eager": {"run_eagerly": True}, "planned": {}, "compiled": {"jit_compile": True}}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path))


class Scaled(Layer):
    """Times one number, a weight of no axes."""

    replayable = True

    def build(self, input_shape: Any) -> None:
        self.factor = self.add_weight((), "ones", "factor")

    def call(self, inputs: Any) -> Any:
        return inputs * self.factor


def trained(way: str, draws: bool) -> Sequential:
    """A model that has seen each of its batches."""
    set_random_seed(3)
    layers = [Dense(5, "tanh"), *([Dropout(0.3)] if draws else []), Scaled(), Dense(1, "sigmoid")]
    model = Sequential(layers)
    model.compile(Adam(0.01, clipnorm=0.1), "binary_crossentropy", **WAYS[way])
    model.fit(X, Y, epochs=1, batch_size=BATCH, verbose=0, shuffle=False)
    return model


def step(model: Any, number: int) -> None:
    rows = slice(number % BATCHES * BATCH, (number % BATCHES + 1) * BATCH)
    model.train_on_batch(X[rows], Y[rows])


def state(model: Any) -> list[Any]:
    """Everything that a step changes."""
    optimizer = model.optimizer
    moments = [x for w in model.weights for x in optimizer._state[w].values()]
    stream = settings.generator("dropout").bit_generator.state["state"]["state"]
    found = [*model.get_weights(), *(np.array(x) for x in moments), optimizer.iterations]
    return [x.tobytes() if isinstance(x, np.ndarray) else x for x in found] + [stream]


def check_steps(way: str, draws: bool, count: int) -> None:
    model, found = trained(way, draws), []
    interrupts = Interrupts(seed=2, seconds=0.003)
    while interrupts.count < count:
        interrupts(lambda: [step(model, model.optimizer.iterations) for _ in range(40)])
        found.append(state(model))
    twin = trained(way, draws)
    for after in found:
        while twin.optimizer.iterations < after[-2]:
            step(twin, twin.optimizer.iterations)
        assert state(twin) == after


def check_epochs(way: str, count: int) -> None:
    model, found = trained(way, False), []
    interrupts = Interrupts(seed=4, seconds=0.01)
    fit = {"epochs": 20, "batch_size": BATCH, "verbose": 0, "shuffle": False}
    while interrupts.count < count:
        interrupts(lambda: model.fit(X, Y, **fit))
        found.append(state(model))
    twin = trained(way, False)
    for after in found:
        for number in range(after[-2] - twin.optimizer.iterations):
            step(twin, number)
        assert state(twin) == after


# A signal that comes inside of a finalizer is told to nobody, and no step hears of it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("way", WAYS)
def test_steps(way: str) -> None:
    check_steps(way, draws=way != "compiled", count=25)


@pytest.mark.parametrize("way", WAYS)
def test_epochs(way: str) -> None:
    check_epochs(way, 15)


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_many(way: str) -> None:
    check_steps(way, way != "compiled", 300)
    check_epochs(way, 300)


class Inside:
    """Calls a function, which is interrupted at one instruction of what switches something on or
    off for a while.

    Parameters   at: how many such instructions are done before
    """

    def __init__(self, at: int) -> None:
        self.left = at
        self.is_interrupted = False

    def __call__(self, run: Callable[[], Any]) -> None:
        before = sys.gettrace()
        gc.disable()  # what a callback of the collector enters is not the model's
        sys.settrace(self._entered)
        try:
            run()
            assert sys.gettrace() == self._entered, "Something else has taken the place of this."
        except KeyboardInterrupt:
            self.is_interrupted = True
        finally:
            sys.settrace(before)
            gc.enable()

    def _entered(self, frame: Any, event: str, _: Any) -> Any:
        if frame.f_code.co_name not in ("__enter__", "__exit__"):
            return None
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        return self._instruction

    def _instruction(self, frame: Any, event: str, _: Any) -> Any:
        if event == "opcode":
            self.left -= 1
            if self.left == -1:
                raise KeyboardInterrupt
        return self._instruction


def switches() -> Any:
    found = {variable.name: value for variable, value in copy_context().items()}
    return {name: x for name, x in found.items() if "autograd_nn" in name}, np.geterr()


@pytest.mark.parametrize("way", ["eager", "planned", "recorded"])
def test_what_is_switched_for_a_while_is_off_again(way: str) -> None:
    """Where `np.errstate`, the recording switch and the like are interrupted themselves."""

    def made() -> Sequential:
        if way != "recorded":
            return trained(way, True)
        set_random_seed(3)
        model = Sequential([Dense(5, "tanh"), Dropout(0.3), Scaled(), Dense(1, "sigmoid")])
        model.compile(Adam(0.01, clipnorm=0.1), "binary_crossentropy")
        model.build(X.shape)
        return model

    def run(model: Sequential) -> None:
        for _ in range(3):
            step(model, model.optimizer.iterations)
        model.evaluate(X[:8], Y[:8], verbose=0)
        model.predict(X[:8])

    Inside(10**9)(lambda: run(made()))  # Python 3.12 traces the instructions of a code seen before
    counted = Inside(10**9)
    counted(lambda: run(made()))
    assert not counted.is_interrupted
    inside = 10**9 - counted.left
    assert inside > 20
    for at in sorted(random.Random(1).sample(range(inside), min(inside, 30))):
        model = made()
        before, interrupted = switches(), Inside(at)
        interrupted(lambda: run(model))  # noqa: B023
        assert switches() == before
        after = model.optimizer.iterations
        if after and interrupted.is_interrupted:
            found, twin = state(model), made()
            for _ in range(after - twin.optimizer.iterations):
                step(twin, twin.optimizer.iterations)
            assert found == state(twin), at
