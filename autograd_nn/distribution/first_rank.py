"""What the first rank alone does, and what it decides for all."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple, final

import numpy as np

from autograd_nn.callbacks import Callback
from autograd_nn.callbacks.callback import Hooks, ToldTogether
from autograd_nn.distribution.ranks import Ranks
from autograd_nn.engine.errors import StateError
from autograd_nn.engine.mutation import assign
from autograd_nn.layers.weights import inside
from autograd_nn.settings import generator, randomness, take_randomness
from autograd_nn.training.own_code import parts_of

_OF_RUNS = ("on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end")
_OF_TESTS = ("on_test_begin", "on_test_end")
_OF_BATCHES = {"train": ("train_batch", "batch"), "test": ("test_batch",)}

_OF_ROWS = ("dropout", "random")
"""The streams of random numbers from which every rank draws for its own rows."""

_NOTHING = object()


@final
class OnFirstRank(ToldTogether):
    """The callbacks of the user, which the first rank runs; all do what they decided.

    In the other ranks it has none.
    """

    def __init__(self, shared: Any, model: Any, training: Any, callbacks: list[Callback]) -> None:
        self._shared, self._training, self.callbacks = shared, training, callbacks
        self._ranks: Ranks = shared.ranks
        self._schedule = training.optimizer._schedule
        # No other hook is called between batches.
        hooks = Hooks(callbacks, model, {})
        told = {kind for kind, names in _OF_BATCHES.items() if hooks.of_batches(*names)}
        self._has_any, told = self._ranks.told_by_first((bool(callbacks), told))
        of_batches = [f"on_{kind}_batch_{end}" for kind in sorted(told) for end in ("begin", "end")]
        for hook in (*_OF_RUNS, *_OF_TESTS, *of_batches):
            setattr(self, hook, partial(self._call, hook))

    def _call(self, hook: str, *arguments: Any) -> None:
        ranks, model, training = self._ranks, self.model, self._training
        decided = self._decided(hook, arguments) if self.callbacks else None
        if hook == "on_train_begin" and self._has_any:  # they may have put back a run of before
            start_alike(ranks, model, training.optimizer)
            spread_rows(ranks, model)
        if self._has_any:
            self._take(ranks.told_by_first(decided), arguments[-1])
        if self._has_any or hook == "on_epoch_end":  # rounding may differ between machines
            weights_of_first(ranks, model)
        if hook == "on_train_end":
            take_randomness(ranks.told_by_first(randomness()))

    def _settable(self) -> list[Any]:
        training = self._training
        return [
            training.optimizer,
            *parts_of(training.loss),
            *(layer for layer, _ in inside(self.model)),
        ]

    def _own_state(self) -> OwnState:
        plain = [
            {key: value for key, value in vars(thing).items() if _is_plain(key, value)}
            for thing in self._settable()
        ]
        return OwnState(self._training.optimizer._iterations, randomness(), plain)

    def _decided(self, hook: str, arguments: tuple[Any, ...]) -> Decided:
        """Call the callbacks: what they decided."""
        model, training, optimizer = self.model, self._training, self._training.optimizer
        before = self._own_state()
        with self._shared.alone(training):
            for callback in self.callbacks:
                getattr(callback, hook)(*arguments)
        if model._training is not training:
            raise StateError(
                "A callback compiled the model while it trains. With DataParallel() the other "
                "ranks do not see that: compile it in all of them, between two calls of fit."
            )
        now = self._own_state()
        is_new = optimizer._schedule is not self._schedule
        return Decided(
            model.stop_training,
            [layer.trainable for layer, _ in inside(model)],
            [
                {key: value for key, value in new.items() if old.get(key, _NOTHING) != value}
                for old, new in zip(before.plain, now.plain, strict=True)
            ],
            optimizer._learning_rate,
            (is_new, optimizer._schedule if is_new else None),
            dict(arguments[-1]),
            now.iterations != before.iterations,
            now.randomness != before.randomness,
        )

    def _take(self, told: Decided, logs: dict[str, Any]) -> None:
        """Have in this rank what was decided in the first one."""
        model, optimizer = self.model, self._training.optimizer
        if told.has_moved or told.has_drawn:
            if told.has_moved:
                start_alike(self._ranks, model, optimizer)
            else:
                take_randomness(self._ranks.told_by_first(randomness()))
            spread_rows(self._ranks, model)
        if self._ranks.rank == 0:
            self._schedule = optimizer._schedule
            return
        model.stop_training = told.stops
        logs.update(told.logs)
        for (layer, _), is_trained in zip(inside(model), told.trainable, strict=True):
            if layer.trainable != is_trained:
                layer.trainable = is_trained
        for thing, settings in zip(self._settable(), told.settings, strict=True):
            for key, value in settings.items():
                setattr(thing, key, value)
        is_new, schedule = told.schedule
        if is_new:
            optimizer._schedule = None
            optimizer.learning_rate = told.rate if schedule is None else schedule
            self._schedule = optimizer._schedule
        elif optimizer._schedule is None and optimizer._learning_rate != told.rate:
            optimizer.learning_rate = told.rate


class OwnState(NamedTuple):
    """What callbacks may change, beside the weights and whether layers are trained."""

    iterations: int
    randomness: Any
    plain: list[dict[str, Any]]


class Decided(NamedTuple):
    """What callbacks may have changed, beside the weights."""

    stops: bool
    trainable: list[bool]
    settings: list[dict[str, Any]]
    rate: float
    schedule: tuple[bool, Any]
    logs: dict[str, Any]
    has_moved: bool  # they took steps of the optimizer, or put others in place
    has_drawn: bool  # they drew random numbers, or set a seed


def _is_plain(key: str, value: Any) -> bool:
    return not key.startswith("_") and (value is None or isinstance(value, (bool, int, float, str)))


# ---------------------------------------------------------------------- the same in all ranks


def start_alike(ranks: Ranks, model: Any, optimizer: Any) -> None:
    """Have in all ranks the weights, the state of the optimizer and the randomness of the first."""
    weights_of_first(ranks, model)
    states = [optimizer._state.get(weight) for weight in model.weights]
    optimizer._iterations, states = ranks.told_by_first((optimizer._iterations, states))
    take_randomness(ranks.told_by_first(randomness()))
    if ranks.rank != 0:
        for weight, state in zip(model.weights, states, strict=True):
            if state is not None:
                optimizer._state[weight] = state
            else:
                optimizer._state.pop(weight, None)


def weights_of_first(ranks: Ranks, model: Any) -> None:
    """Have in all ranks the weights of the first."""
    weights = model.weights
    for dtype in dict.fromkeys(weight.dtype for weight in weights):
        group = [weight for weight in weights if weight.dtype == dtype]
        block = np.concatenate([np.ravel(weight._data) for weight in group])
        ranks.from_first(block)
        end = 0
        for weight in group:
            told = block[end : (end := end + weight.size)].reshape(weight.shape)
            if not np.array_equal(told, weight._data, equal_nan=dtype.kind == "f"):
                assign(weight, told)


def spread_rows(ranks: Ranks, model: Any) -> None:
    """Have every rank draw numbers of its own for its rows, where all would draw the same."""
    own = [value for layer, _ in inside(model) for value in vars(layer).values()]
    sources = [value for value in own if isinstance(value, np.random.Generator)]
    for source in [generator(name) for name in _OF_ROWS] + sources:
        bits: Any = source.bit_generator
        bits.state = ranks.told_by_first(bits.state)
        if ranks.rank:
            bits.state = bits.jumped(ranks.rank).state  # further than any run draws
