"""Runs that end with an exception, and are gone on with by a new model: the same in the end."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Model, Sequential, Tensor, random, set_random_seed
from autograd_nn.callbacks import (
    BackupAndRestore,
    Callback,
    CallbackList,
    CSVLogger,
    EarlyStopping,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
)
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, FileFormatError, StateError
from autograd_nn.layers import LSTM, BatchNormalization, Dense, Dropout, Layer
from autograd_nn.metrics import Mean
from autograd_nn.optimizers import SGD, Adam, Optimizer
from autograd_nn.saving.nested_values import read_values, write_values
from autograd_nn.utils import PyDataset

_draw = np.random.default_rng(3)
X = _draw.normal(size=(70, 4)).astype(np.float32)
Y = (X[:, :1] > 0).astype(np.float32)


SLOW = pytest.mark.slow


class Killed(Exception):
    """Ends a run."""


class Kill(Callback):
    """End the run after so many batches of this process; or then at the end of an epoch."""

    def __init__(self, after: float, between: bool) -> None:
        self._after, self._between = [after], between
        self._seen = [0]  # lists and tuples are kept: what is counted here must not be

    def get_state(self) -> dict[str, Any]:
        return {}

    def set_state(self, state: dict[str, Any]) -> None:
        pass

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self._seen[0] += 1
        if not self._between and self._seen[0] >= self._after[0]:
            raise Killed

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if self._between and self._seen[0] >= self._after[0]:
            raise Killed


def ends_alike(
    build: Callable[[], Any],
    callbacks: Callable[[], list[Callback]],
    folder: Path,
    data: Callable[[], tuple[Any, ...]] = lambda: (X, Y),
    at: tuple[float, ...] = (4, 7),
    save_freq: Any = 2,
    between: bool = False,
    **fit: Any,
) -> Any:
    """Train as it is, and again with interruptions; both have the same end."""
    fit = {"epochs": 4, "batch_size": 16, "verbose": 0, **fit}
    if len(data()) == 1:
        del fit["batch_size"]

    def begun() -> Any:
        set_random_seed(5)
        np.random.seed(6)
        return build()

    whole = begun()
    whole.fit(*data(), callbacks=callbacks(), **fit)
    for after in (*at, float("inf")):
        model = begun()
        others = [BackupAndRestore(folder / "b", save_freq), *callbacks(), Kill(after, between)]
        try:
            model.fit(*data(), callbacks=others, **fit)
        except Killed:
            assert after < float("inf")
            assert (folder / "b" / "run.npz").exists()
        else:
            assert after != at[0]
            break
    assert not (folder / "b").exists()
    for a, b in zip(whole.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert repr(whole.history.history) == repr(model.history.history)
    assert whole.history.epoch == model.history.epoch
    return model


def slow_or_not(cases: Iterable[Any], usual: list[Any]) -> list[Any]:
    """The parameters of a test, of which only some are for every run of the suite."""
    return [case if case in usual else pytest.param(*case, marks=SLOW) for case in cases]


def usual(**how: Any) -> Any:
    layers = [Dense(6, activation="relu"), BatchNormalization(), Dropout(0.4), Dropout(0.2, seed=1)]
    model = Sequential([Input((4,)), *layers, Dense(1, activation="sigmoid")])
    model.compile(
        how.pop("optimizer", "adam"), "binary_crossentropy", metrics=["accuracy", "auc"], **how
    )
    return model


@pytest.mark.parametrize(
    ("how", "save_freq", "between"),
    slow_or_not(
        itertools.product([{}, {"run_eagerly": True}], [1, 3, "epoch"], [False, True]),
        [({}, 3, False), ({}, "epoch", True), ({"run_eagerly": True}, 3, True)],
    ),
)
def test_the_usual_callbacks(how: Any, save_freq: Any, between: bool, tmp_path: Path) -> None:
    ends_alike(
        lambda: usual(**how),
        lambda: [
            EarlyStopping("val_loss", patience=1, restore_best_weights=True),
            ReduceLROnPlateau("loss", patience=0, min_delta=0.1),
            ModelCheckpoint(tmp_path / "{epoch}.npz", save_best_only=True),
        ],
        tmp_path,
        at=(6, 8),
        save_freq=save_freq,
        between=between,
        validation_split=0.2,
        record_gradients=True,
    )


class Around(Callback):
    """Has others, and tells them of epochs."""

    def __init__(self, *others: Callback) -> None:
        self.others = others

    def on_train_begin(self, logs: Any = None) -> None:
        for other in self.others:
            other.set_model(self.model)
            other.on_train_begin(logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        for other in self.others:
            other.on_epoch_end(epoch, logs)


@pytest.mark.parametrize("kind", [lambda *callbacks: CallbackList(callbacks), Around])
def test_callbacks_that_another_has(kind: Any, tmp_path: Path) -> None:
    model = ends_alike(
        usual,
        lambda: [kind(ReduceLROnPlateau("loss", patience=4, min_delta=9.0), Callback())],
        tmp_path,
        at=(7, 11),
        epochs=7,
    )
    assert float(model.optimizer.learning_rate) == pytest.approx(0.0001)


def test_inside_of_a_list_a_run_is_kept_too(tmp_path: Path) -> None:
    callbacks = CallbackList([BackupAndRestore(tmp_path / "b", 2), Kill(3, False)])
    with pytest.raises(Killed):
        usual().fit(X, Y, verbose=0, callbacks=callbacks)
    assert (tmp_path / "b" / "run.npz").exists()


def test_a_loop_of_ones_own_is_refused(tmp_path: Path) -> None:
    callbacks = CallbackList([BackupAndRestore(tmp_path / "b", 2)], model=usual())
    callbacks.on_train_begin()
    with pytest.raises(StateError, match=r"a loop of your own: model\.save"):
        callbacks.on_epoch_begin(0)


@pytest.mark.parametrize("save_freq", [2, "epoch"])
def test_a_rate_that_depends_on_the_one_before(save_freq: Any, tmp_path: Path) -> None:
    model = ends_alike(
        usual,
        lambda: [LearningRateScheduler(lambda epoch, rate: rate / 2)],
        tmp_path,
        at=(6, 9),
        save_freq=save_freq,
    )
    assert float(model.optimizer.learning_rate) == pytest.approx(0.001 / 16)


def test_the_same_model_and_callbacks_go_on(tmp_path: Path) -> None:
    def halved() -> list[Callback]:
        rates = LearningRateScheduler(lambda epoch, rate: rate if epoch < 2 else rate / 2)
        return [rates, EarlyStopping("loss", patience=9), ReduceLROnPlateau("loss")]

    whole, model = usual(), usual()
    for one in (whole, model):
        one.set_weights([np.full(w.shape, 0.1) for w in one.weights])
    fit = {"batch_size": 16, "epochs": 4, "verbose": 0}
    set_random_seed(5), whole.fit(X, Y, callbacks=halved(), **fit)
    callbacks = [BackupAndRestore(tmp_path / "b", 4), *halved(), Kill(12, False)]
    set_random_seed(5)
    with pytest.raises(Killed):  # in the third epoch, after the rate was halved
        model.fit(X, Y, callbacks=callbacks, **fit)
    callbacks[-1] = Kill(np.inf, False)
    model.fit(X, Y, callbacks=callbacks, **fit)
    for a, b in zip(whole.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert model.history.history == whole.history.history


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: SGD(0.1, momentum=0.9, nesterov=True),
        lambda: Adam(0.01, use_ema=True, amsgrad=True, gradient_accumulation_steps=3),
    ],
)
def test_what_optimizers_keep(optimizer: Any, tmp_path: Path) -> None:
    ends_alike(lambda: usual(optimizer=optimizer()), list, tmp_path, at=(3, 6))


class Swings(Optimizer):
    """An optimizer of one's own, with a number that it changes itself."""

    def __init__(self) -> None:
        super().__init__(0.01)
        self.calls = 0

    def update(self, parameter: Any, gradient: Any, state: Any, step: int) -> Any:
        self.calls += 1
        return parameter - self.learning_rate * gradient * (self.calls % 3), {}


class Counts(Layer):
    """A layer of one's own with a number, a generator and a Tensor that it changes."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.source = np.random.default_rng(4)
        self.total = Tensor(0.0, requires_grad=False)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            self.calls += 1
            self.total.assign_add(1.0)
            inputs = inputs + np.float32(self.source.normal() + self.calls % 2) * 0.1
        return inputs + np.float32(self.total.item()) * np.float32(0.01)


@pytest.mark.filterwarnings("ignore")
def test_what_own_classes_change(tmp_path: Path) -> None:
    def build() -> Any:
        model = Sequential([Input((4,)), Counts(), Dense(3), Dense(1)])
        model.compile(Swings(), lambda true, found: np.mean((true - found) ** 2))
        return model

    ends_alike(build, list, tmp_path)


class Noisy(Layer):
    """Draws of ``autograd_nn.random``, and of a source of its own."""

    replayable = True

    def __init__(self) -> None:
        super().__init__()
        self.source = random.generator(9)

    def call(self, inputs: Any) -> Any:
        drawn = random.normal(inputs.shape) + random.uniform(inputs.shape, seed=self.source)
        return inputs + drawn * 0.1


def test_random_draws(tmp_path: Path) -> None:
    def build() -> Any:
        model = Sequential([Input((4,)), Noisy(), Dense(1)])
        model.compile("rmsprop", "mse")
        return model

    ends_alike(build, list, tmp_path)


def test_a_stateful_layer(tmp_path: Path) -> None:
    x = _draw.normal(size=(24, 3, 4)).astype(np.float32)

    def build() -> Any:
        model = Sequential([Input(batch_shape=(4, 3, 4)), LSTM(3, stateful=True), Dense(1)])
        model.compile("adam", "mse")
        return model

    data = lambda: (x, x[:, 0, :1])  # noqa: E731
    ends_alike(build, list, tmp_path, data, batch_size=4, shuffle=False)


class OwnStep(Model):
    """A train_step of one's own with a metric."""

    def __init__(self) -> None:
        super().__init__()
        self.dense, self.seen = Dense(1), Mean(name="seen")

    def call(self, inputs: Any) -> Any:
        return self.dense(inputs)

    def train_step(self, data: Any) -> Any:
        told = super().train_step(data)
        self.seen.update_state(np.abs(data[0]).mean())
        return {**told, "seen": self.seen.result()}


def test_a_step_of_ones_own(tmp_path: Path) -> None:
    def build() -> Any:
        model = OwnStep()
        model.compile("sgd", "mse", metrics=["mae"])
        return model

    ends_alike(build, list, tmp_path)


class Freezes(Callback):
    """Freeze a layer, and let it go."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.model.layers[0].trainable = epoch % 2 == 0


def test_what_is_frozen(tmp_path: Path) -> None:
    ends_alike(usual, lambda: [Freezes()], tmp_path, at=(6, 9, 3))


class FreezesOnce(Callback):
    """Freeze a layer in the second epoch, for good."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            self.model.layers[0].trainable = False


@pytest.mark.parametrize("save_freq", [1, "epoch"])
def test_what_was_frozen_stays_so(save_freq: Any, tmp_path: Path) -> None:
    model = ends_alike(usual, lambda: [FreezesOnce()], tmp_path, at=(12, 2), save_freq=save_freq)
    assert not model.layers[0].kernel.requires_grad


class StopsItself(Callback):
    """Stop in the middle of an epoch."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.model.optimizer.iterations == 8:
            self.model.stop_training = True


class KillAfterAll(Callback):
    """End the run where another has stopped it."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.model.stop_training:
            raise Killed


@pytest.mark.parametrize("save_freq", [1, 2])
def test_a_run_that_was_stopped_does_not_go_on(save_freq: int, tmp_path: Path) -> None:
    whole = usual()
    set_random_seed(1), whole.set_weights([np.ones(w.shape) for w in whole.weights])
    whole.fit(X, Y, 16, epochs=4, verbose=0, callbacks=[StopsItself()])
    for callback in (KillAfterAll(), Callback()):
        model = usual()
        set_random_seed(1), model.set_weights([np.ones(w.shape) for w in model.weights])
        callbacks = [BackupAndRestore(tmp_path / "b", save_freq), StopsItself()]
        kind = type("KillAfterAll", (type(callback),), {})
        try:
            model.fit(X, Y, 16, epochs=4, verbose=0, callbacks=[*callbacks, kind()])
        except Killed:
            continue
    assert model.optimizer.iterations == whole.optimizer.iterations == 8
    for a, b in zip(whole.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


# ---------------------------------------------------------------------- data


class Numbers(PyDataset):
    """Batches by number, in an order of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.places, self.asked = np.arange(70), 0

    def __len__(self) -> int:
        return 5

    def __getitem__(self, number: int) -> Any:
        places = self.places[number * 14 : number * 14 + 14]
        return X[places], Y[places]

    def on_epoch_end(self) -> None:
        np.random.shuffle(self.places)


def generated() -> Iterator[Any]:
    source = np.random.default_rng(1)
    while True:
        places = source.integers(70, size=12)
        yield X[places], Y[places]


class Again:
    """Batches that can be gone through again, each time in another way."""

    def __init__(self) -> None:
        self.source = np.random.default_rng(1)

    def __iter__(self) -> Iterator[Any]:
        for _ in range(5):
            places = self.source.integers(70, size=12)
            yield X[places], Y[places]


class Asked:
    """An iterator that tells its place, and so need not be gone through."""

    def __init__(self) -> None:
        self.place, self.given = 0, 0

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        self.place += 3
        self.given += 1
        places = (np.arange(10) * self.place) % 70
        return X[places], Y[places]

    def get_state(self) -> int:
        return self.place

    def set_state(self, state: int) -> None:
        self.place = state


SOURCES = [
    (Numbers, {}),
    (Numbers, {"shuffle": False}),
    (Numbers, {"steps_per_epoch": 3}),
    (generated, {"steps_per_epoch": 5}),
    (Again, {}),
    (Again, {"steps_per_epoch": 4}),
    (Asked, {"steps_per_epoch": 5}),
]


@pytest.mark.filterwarnings("ignore:The batches ended")
@pytest.mark.parametrize(
    ("source", "how", "save_freq"),
    slow_or_not(
        [(*source, freq) for source in SOURCES for freq in (1, 3, "epoch")],
        [(*source, 3) for source in SOURCES],
    ),
)
def test_batches(source: Any, how: Any, save_freq: Any, tmp_path: Path) -> None:
    ends_alike(usual, list, tmp_path, lambda: (source(),), (7, 6), save_freq, **how)


def test_what_tells_its_place_is_not_gone_through(tmp_path: Path) -> None:
    made: list[Asked] = []

    def data() -> tuple[Any, ...]:
        made.append(Asked())
        return (made[-1],)

    ends_alike(usual, list, tmp_path, data, at=(15,), save_freq=1, steps_per_epoch=5)
    assert [source.given for source in made if source.given] == [20, 15, 7]


@pytest.mark.filterwarnings("ignore:The batches ended")
@pytest.mark.parametrize("shuffle", [True, False])
def test_a_memory_map(shuffle: bool, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", X)
    data = lambda: (np.load(tmp_path / "x.npy", mmap_mode="r"), Y)  # noqa: E731
    ends_alike(usual, list, tmp_path, data, shuffle=shuffle, steps_per_epoch=3)


def test_validation_after_every_second_epoch(tmp_path: Path) -> None:
    ends_alike(usual, list, tmp_path, validation_data=(X[:20], Y[:20]), validation_freq=2)


def test_validation_batches_go_on(tmp_path: Path) -> None:
    seen: list[Any] = []
    for after in (6, float("inf")):
        set_random_seed(5)
        model = usual()
        callbacks = [BackupAndRestore(tmp_path / "b"), Kill(after, True)]
        try:
            model.fit(
                *(X, Y, 16),
                epochs=4, verbose=0, callbacks=callbacks,
                validation_data=generated(), validation_steps=2,
            )  # fmt: skip
        except Killed:
            seen.append(model.history.history["val_loss"])
    assert len(seen[0]) == 2 and model.history.history["val_loss"][:2] == seen[0]
    set_random_seed(5)
    whole = usual()
    whole.fit(X, Y, 16, epochs=4, verbose=0, validation_data=generated(), validation_steps=2)
    assert whole.history.history == model.history.history


# ---------------------------------------------------------------------- around


def test_a_table_goes_on(tmp_path: Path) -> None:
    paths = [tmp_path / "of_the_whole", tmp_path / "of_the_parts"]
    fits = itertools.count()

    def callbacks() -> list[Callback]:
        return [CSVLogger(paths[next(fits) > 0])]

    (tmp_path / "run").mkdir()
    ends_alike(usual, callbacks, tmp_path / "run", at=(6, 8), save_freq=1)
    assert paths[0].read_text() == paths[1].read_text()
    assert len(paths[0].read_text().splitlines()) == 5


def test_delete_checkpoint_false_goes_on_with_more_epochs(tmp_path: Path) -> None:
    def trained(epochs: int) -> Any:
        set_random_seed(2)
        model = usual()
        backup = BackupAndRestore(tmp_path / "b", delete_checkpoint=False)
        model.fit(X, Y, epochs=epochs, verbose=0, callbacks=[backup])
        return model

    first, same, more = trained(2), trained(2), trained(3)
    assert same.history.history == first.history.history
    assert same.optimizer.iterations == first.optimizer.iterations == 6
    assert more.optimizer.iterations == 9 and more.history.epoch == [0, 1, 2]
    assert more.history.ledger["went_on"] and not more.history.ledger["fit"]["callbacks"]


def interrupted(folder: Path, **how: Any) -> None:
    with pytest.raises(Killed):
        callbacks = [BackupAndRestore(folder / "b", 1), Kill(3, False)]
        usual().fit(X, Y, **{"epochs": 2, "verbose": 0, "callbacks": callbacks, **how})


def goes_on(folder: Path, model: Any = None, **how: Any) -> Any:
    callbacks = [BackupAndRestore(folder / "b", 1), Kill(np.inf, False)]
    model = model or usual()
    return model.fit(X, Y, **{"epochs": 2, "verbose": 0, "callbacks": callbacks, **how})


def test_another_run_is_refused(tmp_path: Path) -> None:
    interrupted(tmp_path)
    with pytest.raises(StateError, match="batch_size was 32, and is 8.*was 3, and is 9"):
        goes_on(tmp_path, batch_size=8)
    with pytest.raises(StateError, match=r"callbacks was \['Kill'\], and is \[\]"):
        goes_on(tmp_path, callbacks=[BackupAndRestore(tmp_path / "b")])
    other = Sequential([Input((4,)), Dense(1, name="other")])
    other.compile("sgd", "mse")
    before = other.get_weights()
    with pytest.raises(StateError, match="(?s)missing: other/kernel.*extra: dense.*Delete it"):
        goes_on(tmp_path, other)
    assert all(map(np.array_equal, before, other.get_weights()))
    goes_on(tmp_path)


def test_a_damaged_file(tmp_path: Path) -> None:
    interrupted(tmp_path)
    path = tmp_path / "b" / "run.npz"
    content = path.read_bytes()
    for damaged in (b"", content[:100], content[:-30], content.replace(b'"epoch"', b'"epoxh"')):
        path.write_bytes(damaged)
        with pytest.raises((FileFormatError, StateError)) as raised:
            goes_on(tmp_path)
        assert "Delete" in "".join([str(raised.value), *getattr(raised.value, "__notes__", [])])
    path.write_bytes(content)
    goes_on(tmp_path)


def test_the_backup_before_is_taken_where_the_last_is_damaged(tmp_path: Path) -> None:
    whole = usual_trained(tmp_path, False)
    again = usual_trained(tmp_path, True)
    for a, b in zip(whole.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def usual_trained(folder: Path, is_killed: bool) -> Any:
    for after in (6, np.inf) if is_killed else (np.inf,):
        set_random_seed(8)
        model = usual()
        backup = BackupAndRestore(folder / "b", 2, double_checkpoint=True)
        try:
            callbacks = [backup, Kill(after, False)]
            model.fit(X, Y, 16, epochs=4, verbose=0, callbacks=callbacks)
        except Killed:
            (folder / "b" / "run.npz").write_bytes(b"damaged")
    return model


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        ((3,), ArgumentTypeError, "`backup_dir` must be the path of a folder"),
        (("",), ArgumentTypeError, "`backup_dir` must be the path of a folder"),
        (("a", 0), ArgumentError, "`save_freq`"),
        (("a", "batch"), ArgumentTypeError, "`save_freq`"),
        (("a", "epoch", 3), ArgumentTypeError, "`double_checkpoint`"),
    ],
)
def test_wrong_arguments(given: Any, kind: Any, said: str) -> None:
    with pytest.raises(kind, match=said):
        BackupAndRestore(*given)


def test_two_of_them_are_refused(tmp_path: Path) -> None:
    backups = [BackupAndRestore(tmp_path / "a"), BackupAndRestore(tmp_path / "b")]
    with pytest.raises(ArgumentError, match="one BackupAndRestore"):
        usual().fit(X, Y, verbose=0, callbacks=backups)


def test_nested_values(tmp_path: Path) -> None:
    value = {
        "a": [1, 2.5, None, True, "ü", float("inf"), -0.0, 2**100],
        ("b", 3): (np.arange(6).reshape(2, 3), np.float32(0.1), [], {}, ()),
        4: {"tuple": {"array": 1}},
    }
    write_values(tmp_path / "v.npz", value)
    found = read_values(tmp_path / "v.npz")
    assert repr(found) == repr(value)
    assert type(found["b", 3][1]) is np.float32
    with pytest.raises(ArgumentTypeError, match="cannot be written"):
        write_values(tmp_path / "v.npz", {"a": object()})
