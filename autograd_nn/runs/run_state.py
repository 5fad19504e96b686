"""Where a run of ``fit`` is: all that is needed to go on from there, as nested plain values."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError, FileFormatError, StateError
from autograd_nn.engine.mutation import undone
from autograd_nn.engine.recording import recorded
from autograd_nn.runs.attributes import Changing, attributes_of, put_back
from autograd_nn.runs.checked_state import check_state
from autograd_nn.runs.ledger import Ledger
from autograd_nn.saving import named_weights
from autograd_nn.saving.named_weights import kept_of, layers_of, optimizer_of, tensors_of
from autograd_nn.saving.plain_values import library
from autograd_nn.settings import floatx, generator, randomness, take_randomness, take_state
from autograd_nn.several import as_called
from autograd_nn.training.batches import Batches
from autograd_nn.training.validation import build_on

FORMAT_VERSION = 1

_OF_OPTIMIZER = ("_state", "_iterations", "_undecayed")
_OF_MODEL = ("history", "stop_training")
_OF_CALLBACK = ("model", "params")


def all_randomness() -> dict[str, Any]:
    """How far every source of random numbers is: ours, ``np.random`` and Python's ``random``."""
    seed, streams = randomness()
    version, numbers, rest = random.getstate()
    return {
        "seed": seed,
        "streams": streams,
        "numpy": np.random.get_state(legacy=False),
        "python": (version, np.array(numbers, np.uint32), rest),
    }


def take_all_randomness(told: Mapping[str, Any]) -> None:
    """Have every source where `all_randomness` found it."""
    take_randomness((told["seed"], told["streams"]))
    np.random.set_state(told["numpy"])
    version, numbers, rest = told["python"]
    random.setstate((version, tuple(numbers.tolist()), rest))


class RunState:
    """The state of a run, taken at any moment and put back in another process.

    Made when training begins, before the first step: of objects that the user may have made, such
    as callbacks, is kept what they change from then on.

    Parameters   loop: the `FitLoop`
                 callbacks: all but the one that keeps this
                 first: the number of the first epoch
    """

    def __init__(self, loop: Any, callbacks: list[Any], first: int) -> None:
        self._loop, self._first = loop, first
        self._shared = loop.training.shared
        if self._shared is not None:  # in all but the first rank there are none
            (first_rank,) = callbacks
            callbacks = first_rank.callbacks
        self._callbacks = callbacks
        model = loop.model
        self._layers = {
            path: Changing(layer, _OF_MODEL, with_tensors=False)
            for path, layer in layers_of(model).items()
        }
        self._changing = [
            None if _tells(callback) else Changing(callback, _OF_CALLBACK) for callback in callbacks
        ]
        self._sources = [
            Changing(data.source) if isinstance(data, Batches) and data.has_numbers else None
            for data in self._data()
        ]
        self._epoch_begun = self._begun = all_randomness()
        self._ledger = loop.model.history.ledger

    def begin_epoch(self) -> None:
        """Before anything random of an epoch."""
        self._epoch_begun = all_randomness()

    # ------------------------------------------------------------------ taken

    def taken(self, epoch: int, batch: int) -> dict[str, Any]:
        """The state after so many batches of an epoch, 0 of them between two."""
        model = self._loop.model
        tensors = tensors_of(model) | kept_of(model)
        history = model.history
        return {
            "format_version": FORMAT_VERSION,
            "library": library(),
            "run": self._what(),
            "epoch": epoch,
            "batch": batch,
            "weights": {name: np.asarray(tensor._data) for name, tensor in tensors.items()},
            "wanting": [name for name, tensor in tensors.items() if tensor.requires_grad],
            "optimizer": optimizer_of(model),
            "of_optimizer": attributes_of(model.optimizer, _OF_OPTIMIZER),
            "of_callbacks": [
                callback.get_state() if one is None else one.changed()
                for callback, one in zip(self._callbacks, self._changing, strict=True)
            ],
            "steps": model._training.taken,
            "stops": model.stop_training,
            "history": (history.history, history.epoch),
            "ledger": dict(self._ledger),
            "values": self._values() if batch else None,
            "data": [
                place_of(data, one) if isinstance(data, Batches) else None
                for data, one in zip(self._data(), self._sources, strict=True)
            ],
            "of_ranks": self._of_ranks(),
        }

    def _of_ranks(self) -> list[dict[str, Any]]:
        """What is another in each of several processes: they draw for rows of their own."""
        own = {
            "of_layers": {
                path: changed
                for path, layer in layers_of(self._loop.model).items()
                if (changed := self._changed_by(path, layer))
            },
            "begun": self._begun,
            "epoch": self._epoch_begun,
            "now": all_randomness(),
        }
        found: list[Any] = [own] if self._shared is None else self._shared.ranks.of_all(own)
        return found

    def _of_this_rank(self, state: Mapping[str, Any]) -> Any:
        return state["of_ranks"][0 if self._shared is None else self._shared.ranks.rank]

    def _changed_by(self, path: str, layer: Any) -> dict[str, Any]:
        """What a layer has changed, all of it where a first call made it."""
        if path in self._layers:
            return self._layers[path].changed()
        return attributes_of(layer, with_tensors=False)

    def _what(self) -> dict[str, Any]:
        """What has to be the same in the run that goes on."""
        loop = self._loop
        data = loop.data
        return {
            "initial_epoch": self._first,
            "batch_size": None if isinstance(data, Batches) else data.size,
            "samples": None if isinstance(data, Batches) else len(data.data.x),
            "steps": data.steps if isinstance(data, Batches) else loop.params["steps"],
            "shuffle": data.shuffle,
            "floatx": floatx(),
            "processes": 1 if self._shared is None else self._shared.size,
            "callbacks": [type(callback).__name__ for callback in self._callbacks],
        }

    def _values(self) -> dict[str, Any]:
        loop = self._loop
        norms = loop.norms
        return {
            "plain": attributes_of(loop.values, ("metrics", "told")),
            "metrics": [attributes_of(metric) for metric in self._metrics()],
            "norms": None if norms is None else norms.totals,
        }

    def _metrics(self) -> list[Any]:
        loop = self._loop
        if loop.model.has_own("train_step"):
            found: list[Any] = loop.model.metrics
            return [*found, *(one for _, one, _ in loop.training.metrics or ())]
        return [metric for _, metric in loop.values.told]

    # ------------------------------------------------------------------ put back

    def refuse_other(self, state: Mapping[str, Any], where: str) -> None:
        """Refuse the state of another run, naming what differs."""
        version = state.get("format_version") if isinstance(state, dict) else None
        if version != FORMAT_VERSION:
            raise StateError(
                f"{where} has the format version {version!r:.40}, and this library, {library()}, "
                f"reads {FORMAT_VERSION}. Delete it to train from the start."
            )
        own, kept = self._what(), state.get("run")
        if not isinstance(kept, dict):
            raise FileFormatError("it does not say of which run it is.")
        if self._shared is not None and self._shared.rank:
            own["callbacks"] = kept["callbacks"]
        differing = [
            f"{name} was {kept.get(name)!r:.100}, and is {own[name]!r:.100}"
            for name in own
            if own[name] != kept.get(name)
        ]
        if differing:
            raise StateError(
                f"{where} is of another run: {'; '.join(differing)}. Call fit as it was called, or "
                "delete it to train from the start."
            )
        check_state(state, len(kept["callbacks"]), own["processes"])
        self._refuse_too_many_batches(state)

    def _refuse_too_many_batches(self, state: Mapping[str, Any]) -> None:
        """Refuse to draw and drop more batches than so many epochs can have had."""
        # One more epoch for the one that is begun, one for what was looked at before the first.
        epochs = len(state["history"][1]) + 2
        for data, place in zip(self._data(), state["data"], strict=True):
            steps = data.steps if isinstance(data, Batches) else None
            if steps is not None and place is not None and place["given"] > epochs * steps:
                raise FileFormatError(
                    f"it says that {place['given']:,} batches were given in {epochs - 2} epochs of "
                    f"{steps}."
                )

    def _data(self) -> tuple[Any, Any]:
        return self._loop.data, self._loop.validation

    def put_back(self, state: Mapping[str, Any], where: str) -> None:
        """Have everything as it was, but for what belongs to the inside of an epoch."""
        loop, model = self._loop, self._loop.model
        loop.stepper.leave()
        try:
            self._put_back_weights(state, where)
            named_weights.put_back_optimizer(model, state["optimizer"], where)
        except ArgumentError as error:
            raise StateError(f"{error}\nDelete it to train from the start.") from error
        put_back(model.optimizer, state["of_optimizer"])
        layers = layers_of(model)
        of_this = self._of_this_rank(state)
        for path, changed in of_this["of_layers"].items():
            put_back(layers[path], changed)
        wanting = set(state["wanting"])
        for name, tensor in (tensors_of(model) | kept_of(model)).items():
            if tensor.requires_grad != (name in wanting):
                tensor.requires_grad = name in wanting
        for callback, kept in zip(self._callbacks, state["of_callbacks"], strict=False):
            if _tells(callback):
                callback.set_state(kept)
            else:
                put_back(callback, kept)
        loop.stepper.go_on_as(state["steps"])
        model.stop_training = state["stops"]
        history = model.history
        history.history, history.epoch = state["history"]
        self._ledger = history._ledger = Ledger(state["ledger"])
        # Those of this process were never trained with.
        history.beginning = history.beginning._replace(weights=None)
        self._begun, self._epoch_begun = of_this["begun"], of_this["epoch"]
        for data, one, place in zip(self._data(), self._sources, state["data"], strict=True):
            if isinstance(data, Batches):
                take_all_randomness(self._begun)
                go_on_from(data, one, place)
        take_all_randomness(of_this["now"])

    def _put_back_weights(self, state: Mapping[str, Any], where: str) -> None:
        model, arrays = self._loop.model, dict(state["weights"])
        if not model.built and set(arrays) - set(tensors_of(model)):  # as steps of one's own are
            build_on(model, self._loop.data.first(), self._loop.training)
        own = tensors_of(model) | kept_of(model)
        for name in set(own) - set(arrays):
            if name in kept_of(model):
                del own[name]  # made since, by a call that the other one had not made yet
        named_weights.refuse_misfits(model, own, arrays, where)
        named_weights.assign_all([(tensor, arrays[name]) for name, tensor in own.items()], [])

    def put_back_epoch(self, state: Mapping[str, Any], order: Any) -> Any:
        """Inside of an epoch: what its batches counted; the order of its samples.

        Parameters   order: a function that draws the order
        """
        kept, loop = state["values"], self._loop
        if loop.model.has_own("train_step") and loop.training.metrics is None:
            first = loop.data.first()  # by which the first step settled what "accuracy" means
            with recorded(), undone():
                loop.training.resolve_metrics(first.y, loop.model(as_called(first.x)))
        samples = kept["plain"].get("samples")
        if hasattr(loop.values, "samples") and not (isinstance(samples, int) and samples > 0):
            raise FileFormatError(f"it has counted {samples!r:.60} samples.")
        put_back(loop.values, kept["plain"])
        for metric, one in zip(self._metrics(), kept["metrics"], strict=True):
            put_back(metric, one)
        if loop.norms is not None:
            loop.norms.totals = kept["norms"]
        of_this = self._of_this_rank(state)
        take_all_randomness(of_this["epoch"])
        drawn = order()
        take_all_randomness(of_this["now"])
        return drawn


def _tells(callback: Any) -> bool:
    """Whether a callback of one's own says itself what is kept of it."""
    return hasattr(callback, "get_state")


def place_of(data: Batches, changing: Any) -> dict[str, Any]:
    """How far batches are."""
    source = data.source
    return {
        "given": data.given,
        "since_started": data.since_started,
        "started": data.started,
        "is_running": data.is_running,
        "source": source.get_state() if hasattr(source, "get_state") else None,
        "changed": {} if changing is None else changing.changed(),
    }


def go_on_from(data: Batches, changing: Any, place: Mapping[str, Any]) -> None:
    """Have batches go on from there.

    Those that can be asked by number, and those that tell their place by ``get_state``, go on at
    once. Of others those that were there already are drawn and dropped.
    """
    source = data.source
    if hasattr(source, "set_state"):
        source.set_state(place["source"])
        data.go_on(0, False)
    elif data.is_started_by_number:
        if changing is not None:
            put_back(source, place["changed"])
        if place["is_running"]:
            take_state(generator("shuffle").bit_generator, place["started"])
            data.go_on(place["since_started"], True)
        else:
            data.go_on(0, False)
    else:
        data.drop(place["given"])
    data.given = place["given"]
