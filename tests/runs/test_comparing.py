"""The ledger of a run, and where two runs part."""

from __future__ import annotations

import copy
import hashlib
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, compare_runs, set_random_seed
from autograd_nn.callbacks import Callback, History, LearningRateScheduler, StepRecorder
from autograd_nn.engine.errors import ArgumentTypeError, FileFormatError
from autograd_nn.layers import Dense, Dropout
from autograd_nn.optimizers import Adam

X = np.random.default_rng(0).normal(size=(40, 3))
Y = (X[:, :1] > 0).astype(float)


def run(
    *callbacks: Any, seed: int = 1, optimizer: Any = "adam", x: Any = X, rate: float = 0.2,
    steps: bool = True, **how: Any,
) -> Any:  # fmt: skip
    set_random_seed(seed)
    model = Sequential(
        [
            Input((3,)),
            Dense(4, activation="tanh", name="hidden"),
            Dropout(rate),
            Dense(1, activation="sigmoid", name="last"),
        ]
    )
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy"])
    recorder = [StepRecorder()] if steps else []
    how = {"batch_size": 10, "epochs": 2, "verbose": 0, **how}
    return model.fit(x, Y, callbacks=[*callbacks, *recorder], **how)


# ---------------------------------------------------------------------- the ledger


def test_what_the_ledger_says() -> None:
    ledger = run(optimizer=Adam(0.01), validation_split=0.25).ledger
    x = X[:30].astype(np.float32)
    assert ledger["seed"] == 1 and ledger["floatx"] == "float32"
    assert ledger["data"]["x"]["sha256"] == hashlib.sha256(x.tobytes()).hexdigest()
    assert ledger["data"]["hashed"] == "all samples"
    assert ledger["optimizer"]["class_name"] == "Adam"
    assert ledger["optimizer"]["learning_rate"] == 0.01
    assert ledger["loss"] == "binary_crossentropy" and ledger["metrics"] == ["accuracy"]
    assert ledger["versions"]["numpy"] == np.__version__
    assert ledger["started"] <= ledger["ended"]
    assert ledger["fit"] == {
        "batch_size": 10,
        "epochs": 2,
        "initial_epoch": 0,
        "steps": 3,
        "shuffle": True,
        "validation_samples": 10,
        "callbacks": ["StepRecorder"],
    }


def test_it_is_of_the_beginning() -> None:
    class Changes(Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.model.optimizer.learning_rate = 7.0
            set_random_seed(9)

    history = run(Changes(), steps=False)
    assert history.ledger["optimizer"]["learning_rate"] == 0.001
    assert history.ledger["seed"] == 1


def test_it_is_json_and_is_printed_and_saved(tmp_path: Path) -> None:
    ledger = run().ledger
    assert json.loads(ledger.json()) == ledger
    ledger.save(tmp_path / "ledger.json")
    assert json.loads((tmp_path / "ledger.json").read_text()) == ledger
    lines = dict(line.split(None, 1) for line in str(ledger).splitlines())
    assert lines["seed"] == "1" and lines["fit.batch_size"] == "10"
    assert lines["optimizer.class_name"] == "Adam"


@pytest.mark.parametrize("again", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_has_it(again: Any) -> None:
    history = run(steps=False)
    ledger = history.ledger
    assert again(history).ledger == ledger
    assert History().ledger is None


def test_of_large_data_some_samples_are_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd_nn.callbacks.history.SAMPLES", 5 * 12)
    data = run(steps=False).ledger["data"]
    assert data["samples"] == 40 and data["hashed"] == "5 samples, evenly chosen"
    assert data["x"]["shape"] == [5, 3]


def test_of_batches_the_first_is_hashed() -> None:
    set_random_seed(0)
    model = Sequential([Input((3,)), Dense(1)])
    model.compile("sgd", lambda true, found: np.mean((true - found) ** 2), run_eagerly=True)
    batches = [(X[:8], Y[:8]), (X[8:20], Y[8:20])]
    ledger = model.fit(iter(batches), verbose=0).ledger
    assert ledger["data"]["samples"] is None
    assert ledger["data"]["hashed"] == "the first batch, 8 samples"
    assert ledger["fit"]["batch_size"] is None and "lambda" in ledger["loss"]


def test_a_seed_that_nobody_set_is_told() -> None:
    first = run(steps=False)
    second = run(steps=False, seed=first.ledger["seed"])
    assert second.history == first.history


# ---------------------------------------------------------------------- runs


def test_equal_runs() -> None:
    found = compare_runs(run(), run())
    assert found.is_same and found.step is None and not found.ledger
    assert str(found) == "All steps are the same, bit for bit.\nThe ledgers say the same."


def parts_at(found: Any) -> Any:
    return found.step, found.epoch, found.batch, found.tensor


@pytest.mark.parametrize(
    ("how", "where", "ledger"),
    [
        ({"seed": 2}, (0, 0, -1, "random/shuffle"), {"seed", "weights"}),
        ({"optimizer": Adam(0.002)}, (1, 0, 0, "last/kernel"), {"optimizer.learning_rate"}),
        ({"rate": 0.3}, (1, 0, 0, "loss"), {"model.dropout.rate"}),
        ({"x": X + (np.arange(40) == 3)[:, None]}, None, {"data.x.sha256"}),
        ({"epochs": 3}, (9, 2, 0, None), {"fit.epochs"}),
        ({"shuffle": False}, (1, 0, 0, "random/shuffle"), {"fit.shuffle"}),
    ],
)
def test_where_two_runs_part(how: Any, where: Any, ledger: set[str]) -> None:
    found = compare_runs(run(), run(**how))
    assert not found.is_same and ledger <= set(found.ledger)
    if where is not None:
        step, epoch, batch, tensor = where
        assert parts_at(found)[:3] == (step, epoch, batch)
        if how.keys() == {"optimizer"}:
            assert not found.tensor.startswith(("gradient", "random", "loss"))
        else:
            assert found.tensor == tensor
    else:
        # The changed sample is in a batch of the first epoch: before it nothing differs.
        assert found.step >= 1 and found.epoch == 0 and found.tensor == "loss"


class Nudges(Callback):
    """Change one number by its last bit, after a step."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.model.optimizer.iterations == 6:
            bias = self.model.get_layer("hidden").bias
            changed = bias.numpy()
            changed[2] = np.nextafter(changed[2], np.float32(9))
            bias.assign(changed)


def test_the_last_bit_of_one_number_is_found() -> None:
    found = compare_runs(run(), run(Nudges()))
    assert parts_at(found) == (6, 1, 1, "hidden/bias")
    assert found.tensors == ["hidden/bias"]
    assert str(found).startswith(
        "In step 6 (epoch 1, batch 1, from 0) the runs part: hidden/bias differs."
    )


def test_files_of_other_machines(tmp_path: Path) -> None:
    paths = [tmp_path / "a.json", tmp_path / "b.json"]
    for path, more in zip(paths, ([], [Nudges()]), strict=True):
        run(*more, StepRecorder(path), steps=False)
    assert parts_at(compare_runs(*paths)) == (6, 1, 1, "hidden/bias")
    assert compare_runs(paths[0], run()).is_same
    for text in ("", "[]", '{"steps": {"names": [], "places": [], "signs": ["a"]}}'):
        paths[1].write_text(text)
        with pytest.raises(FileFormatError, match="no file of StepRecorder"):
            compare_runs(*paths)


class Keeps(Callback):
    """Say the learning rate, as a scheduler does."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["learning_rate"] = float(self.model.optimizer.learning_rate)


def test_without_steps_the_first_epoch_is_found() -> None:
    runs = [run(steps=False) for _ in range(2)]
    assert compare_runs(*runs).is_same
    assert "StepRecorder()" in str(compare_runs(*runs))
    halves = LearningRateScheduler(lambda epoch, rate: rate / (1 + epoch))
    found = compare_runs(run(Keeps(), steps=False), run(halves, steps=False))
    assert found.step is None and found.value == (1, "loss") and not found.is_same
    assert str(found).startswith("In epoch 1, from 0, the runs have parted: loss differs.")
    with pytest.raises(ArgumentTypeError, match="`b` must be what fit returned"):
        compare_runs(runs[0], 3)
