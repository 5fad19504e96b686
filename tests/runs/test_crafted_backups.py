"""Backups in which somebody has written something else: refused in words, before they do harm."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, set_random_seed
from autograd_nn.callbacks import (
    BackupAndRestore,
    Callback,
    CSVLogger,
    EarlyStopping,
    ModelCheckpoint,
    StepRecorder,
)
from autograd_nn.engine.errors import FileFormatError
from autograd_nn.layers import Dense, Dropout
from autograd_nn.runs.comparing import compare_runs
from autograd_nn.saving.nested_values import read_values, write_values
from autograd_nn.settings import take_state
from autograd_nn.sweeping.grids import runs_of
from autograd_nn.sweeping.kept_runs import KeptRuns
from autograd_nn.sweeping.one_run import Trained

X, Y = np.ones((12, 3), np.float32), np.ones((12, 1), np.float32)


class Killed(Exception):
    """Ends a run."""


class Kill(Callback):
    """End the run in the second step."""

    is_on = True

    def get_state(self) -> int:
        return 0

    def set_state(self, state: int) -> None:
        self.is_on = False

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.is_on and batch:
            raise Killed


def train(folder: Path) -> Any:
    set_random_seed(2)
    model = Sequential([Input((3,)), Dense(4), Dropout(0.5, seed=1), Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    callbacks = [
        BackupAndRestore(folder / "b", 1),
        EarlyStopping("loss", restore_best_weights=True),
        CSVLogger(folder / "log.csv"),
        ModelCheckpoint(folder / "m.npz"),
        StepRecorder(),
        Kill(),
    ]
    model.fit(X, Y, 4, epochs=2, verbose=0, callbacks=callbacks)
    return model


def of_first_rank(name: str, value: Any) -> Callable[[Any], None]:
    def change(state: Any) -> None:
        place = state["of_ranks"][0]
        *path, last = name.split("/")
        for key in path:
            place = place[key]
        place[last] = value

    return change


def of_callback(number: int, **values: Any) -> Callable[[Any], None]:
    return lambda state: state["of_callbacks"][number].update(values)


def top(**values: Any) -> Callable[[Any], None]:
    return lambda state: state.update(values)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        # NumPy takes these places as they are, and ends the process at the next draw.
        (
            of_first_rank("now/numpy/state/pos", 10**9),
            "pos must be a whole number from 0 to 624",
        ),
        (of_first_rank("begun/numpy/state/pos", -1), "pos must be a whole number"),
        (of_first_rank("now/numpy/state/key", np.arange(3)), "key must be 624 numbers"),
        (of_first_rank("now/streams", {"shuffle": {}}), "state must have bit_generator"),
        (of_first_rank("now/streams", {str(n): {} for n in range(999)}), "at most 100"),
        (of_first_rank("now/python", (3, np.arange(3), None)), "`random` of Python"),
        (of_first_rank("epoch", {}), "must have seed"),
        (of_first_rank("of_layers", {"dense": {"call": 1}}), "`call` of Dense is method|function"),
        (of_first_rank("of_layers", {"dense": {"__class__": 1}}), "`__class__` of Dense"),
        (
            of_first_rank("of_layers", {"": {"_training": 1}}),
            "`_training` of Sequential is Training",
        ),
        (of_first_rank("of_layers", {"other": {}}), "KeyError: 'other'"),
        (of_callback(2, filepath="elsewhere.npz"), "`filepath` of ModelCheckpoint is '/"),
        (of_callback(3, names=[[1]]), "its steps are no signs of tensors"),
        (of_callback(3, names={}), "its steps are no lists"),
        (of_callback(1, keys=3), "no columns"),
        (of_callback(1, written=None), "no columns"),
        (of_callback(0, best="x"), "`best` of EarlyStopping is .*, and would be 'x'"),
        (top(of_callbacks=[]), "`of_callbacks` has 0 entries, and 5 are wanted"),
        (top(of_ranks=[]), "`of_ranks` has 0 entries"),
        (top(weights={"dense/kernel": 1}), "'dense/kernel', which is no array"),
        (
            top(of_optimizer={"_learning_rate": "x"}),
            "`_learning_rate` of Adam is 0.001, and would be 'x'",
        ),
        (
            top(of_optimizer={"ema_overwrite_frequency": [1]}),
            "`ema_overwrite_frequency` of Adam is None, and would be list",
        ),
        (top(batch=-1), "has -1 as `batch`"),
        (top(epoch=7), "another number of epochs"),
        (top(epoch=True), "has True as `epoch`"),
        (top(values=None), "nothing that was counted"),
        (lambda state: state["values"]["plain"].update(samples=-4), "has counted -4 samples"),
        (lambda state: state["values"]["plain"].pop("samples"), "has counted None samples"),
        (top(values={"plain": {"samples": 4}, "metrics": [], "norms": None}), "cannot be .*zip"),
        (top(history=({"loss": 3}, [])), "`history` must be lists"),
        (top(steps={"x": 10**9}), "`steps` are not numbers"),
        (top(run=3), "of which run"),
        (lambda state: state.pop("since_kept"), "it must have"),
        (lambda state: state["wanting"].append({}), "TypeError: unhashable"),
    ],
)
def test_a_crafted_backup_is_refused(
    change: Callable[[Any], None], said: str, tmp_path: Path
) -> None:
    with pytest.raises(Killed):
        train(tmp_path)
    path, log = tmp_path / "b" / "run.npz", (tmp_path / "log.csv").read_text()
    before = np.random.get_state(legacy=False)["state"]["pos"]
    state = read_values(path)
    change(state)
    write_values(path, state)
    with pytest.raises(FileFormatError, match=f"(?s)The backup in .*({said}).*Delete it to train"):
        train(tmp_path)
    assert np.random.get_state(legacy=False)["state"]["pos"] == before
    assert (tmp_path / "log.csv").read_text() == log
    assert not (tmp_path / "elsewhere.npz").exists()


def test_the_same_as_it_is_goes_on(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        train(tmp_path)
    path = tmp_path / "b" / "run.npz"
    write_values(path, read_values(path))
    assert train(tmp_path).history.epoch == [0, 1]


@pytest.mark.parametrize("kind", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_states_of_generators(kind: str) -> None:
    one, other = (np.random.Generator(getattr(np.random, kind)(seed)) for seed in (1, 2))
    other.integers(9, size=3, dtype=np.uint32)
    told = json.loads(json.dumps(other.bit_generator.state, default=lambda x: x.tolist()))
    take_state(one.bit_generator, told)  # as a file of a model has it
    np.testing.assert_array_equal(one.random(700), other.random(700))
    following = one.bit_generator.state
    for name, value in [("pos", 625), ("buffer_pos", -1), ("buffer_pos", 5), ("has_uint32", 2)]:
        state = one.bit_generator.state
        for place in (state, state["state"]):
            if name in place:
                place[name] = value
                with pytest.raises(FileFormatError, match=f"{name} must be a whole number"):
                    take_state(one.bit_generator, state)
    for wrong in (None, {}, {**following, "bit_generator": "Other"}, {**following, "state": [1]}):
        with pytest.raises(FileFormatError, match="no random generator can go on"):
            take_state(one.bit_generator, wrong)
    assert repr(one.bit_generator.state) == repr(following)


@pytest.mark.parametrize(
    "text", ["[]", "3", "{}", '{"history": {}, "seconds": 1.0}', "[" * 100_000, "\xff", "",
             '{"history": {"loss": []}, "seconds": 1.0}', '{"history": {"loss": 1}, "seconds": 1}']
)  # fmt: skip
def test_a_damaged_run_of_a_sweep_is_not_done(text: str, tmp_path: Path) -> None:
    (run,) = runs_of({"units": [3]}, [0], lambda name: "build")
    kept = KeptRuns(tmp_path, {})
    kept.keep(run, Trained({"loss": [0.5]}, 1.0, b"weights"))
    assert kept.has(run) and kept.row(run)["loss"] == 0.5
    (tmp_path / f"{run.name}.json").write_text(text, "latin-1")
    assert not kept.has(run)
    kept.keep(run, Trained({"loss": [0.5]}, 1.0, b"weights"))
    (tmp_path / f"{run.name}.npz").unlink()
    assert not kept.has(run)


def test_a_damaged_recording_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "steps.json"
    model = Sequential([Input((3,)), Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0, callbacks=[StepRecorder(path)])
    content = json.loads(path.read_text())
    assert compare_runs(path, path).is_same
    steps = content["steps"]
    for changed in (
        *({}, [], 3, {**content, "ledger": [1]}, {**content, "history": 3}),
        {**content, "history": {"loss": 3}},
        {**content, "steps": {**steps, "names": [1] * len(steps["names"])}},
        {**content, "steps": {**steps, "places": [3] * len(steps["places"])}},
        {**content, "steps": {**steps, "signs": steps["signs"][1:]}},
        {**content, "steps": None},
    ):
        path.write_text(json.dumps(changed))
        with pytest.raises(FileFormatError, match="is no file of StepRecorder"):
            compare_runs(path, path)
    path.write_text("[" * 100_000)
    with pytest.raises(FileFormatError, match="is no file of StepRecorder"):
        compare_runs(path, path)
