"""sweep: every combination once, kept, gone on with, and told apart from other sweeps."""

import functools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Model, Sequential, set_random_seed, settings, sweep
from autograd_nn.callbacks import EarlyStopping
from autograd_nn.layers import Dense
from autograd_nn.optimizers import SGD, Adam
from autograd_nn.sweeping import RunTable, run_table
from tests.sweeping.swept import FIT, GRID, SEEDS, WriteDown, X, Y
from tests.sweeping.swept import build as swept

x = np.array([[1.0], [2.0], [3.0]], np.float32)
y = 2 * x[:, 0]


def build(rate: float = 0.1, units: int = 1) -> Model:
    model = Sequential([Dense(units), Dense(1)])
    model.compile(SGD(rate), "mse")
    return model


def quiet(build: Any, grid: Any, folder: Any = None, **others: Any) -> RunTable:
    return sweep(build, grid, x, y, folder=folder, **({"verbose": 0} | others))


def same(one: RunTable, other: RunTable) -> bool:
    """Whether all numbers of two tables are equal."""
    for a, b in zip(one, other, strict=True):
        with np.load(a["checkpoint"]) as first, np.load(b["checkpoint"]) as second:
            weights = {n: v for n, v in first.items() if v.dtype.kind == "f"}
            assert weights
            if not all(np.array_equal(v, second[n]) for n, v in weights.items()):
                return False
        if a["history"] != b["history"] or a["seed"] != b["seed"]:
            return False
    return True


# ---------------------------------------------------------------------- the runs


def test_every_combination_is_run_with_every_seed_as_it_would_be_alone() -> None:
    table = quiet(build, {"rate": [0.1, 0.01], "units": [1, 2]}, seeds=[3, 4], epochs=2)
    settings_of = [(row["rate"], row["units"], row["seed"]) for row in table]
    assert settings_of == [(r, u, s) for r in (0.1, 0.01) for u in (1, 2) for s in (3, 4)]
    for row in table:
        set_random_seed(row["seed"])
        model = build(row["rate"], row["units"])
        history = model.fit(x, y, epochs=2, verbose=0).history
        assert row["history"] == history and row["loss"] == history["loss"][-1]
        assert np.array_equal(table.model(row).predict(x), model.predict(x))


def test_what_build_does_not_take_goes_to_fit() -> None:
    table = quiet(build, [{"batch_size": [1, 3]}, {"rate": [0.05], "epochs": [4]}], seeds=[0])
    assert [len(row["history"]["loss"]) for row in table] == [1, 1, 4]
    assert "rate" not in table.rows[0] and table.rows[2]["rate"] == 0.05


def test_a_sweep_leaves_the_random_numbers_of_the_process_alone() -> None:
    set_random_seed(7)
    first = Dense(2)(x).data
    set_random_seed(7)
    quiet(build, {"rate": [0.1]})
    assert np.array_equal(Dense(2)(x).data, first)


def test_runs_compute_in_the_dtype_that_is_set() -> None:
    settings.set_floatx("float64")
    table = quiet(build, {"rate": [0.1]})
    settings.set_floatx("float32")
    assert {w.dtype.name for w in table.model().weights} == {"float64"}


def test_each_run_has_callbacks_of_its_own() -> None:
    stop = EarlyStopping("loss", patience=0, min_delta=1e9)
    table = quiet(build, {"rate": [0.1, 0.01]}, epochs=9, callbacks=[stop])
    assert [len(row["history"]["loss"]) for row in table] == [2, 2]
    assert not hasattr(stop, "best") or stop.best == np.inf


@pytest.mark.filterwarnings("ignore")
def test_the_best_is_the_best_of_the_last_epoch() -> None:
    table = quiet(build, {"rate": [1e-6, 0.05, 1e30]}, epochs=5)
    assert table.best["rate"] == 0.05
    assert np.isnan(table.rows[2]["loss"]) and table.monitor == "loss"
    table = sweep(
        swept, {"units": [2, 8], "rate": [0.01]}, X, Y, monitor="val_accuracy", verbose=0, **FIT
    )
    assert table.best["val_accuracy"] == max(row["val_accuracy"] for row in table)
    assert (
        sweep(swept, {"units": [2], "rate": [0.01]}, X, Y, verbose=0, **FIT).monitor == "val_loss"
    )


def test_a_table_is_printed_with_the_best_first_and_is_a_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run_table, "_MOST_LINES", 3)

    def built(loss: str, optimizer: Any) -> Model:
        model = Sequential([Dense(1)])
        model.compile(optimizer(0.01), loss)
        return model

    table = quiet(built, {"loss": ["mse", "mae"], "optimizer": [SGD, Adam]})
    lines = str(table).splitlines()
    assert lines[0] == "4 runs, the best in loss first:" and lines[-1] == "… 1 more"
    assert lines[1].split() == ["param_loss", "optimizer", "seed", "loss", "seconds"]
    assert lines[2].split()[3] == f"{table.best['loss']:.4g}"
    frame = table.frame()
    assert frame.shape == (4, 6)
    assert frame["loss"].tolist() == [row["loss"] for row in table]


def test_a_line_tells_of_every_run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    quiet(build, {"rate": [0.1, 0.2]}, tmp_path, verbose=1)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("1 of 2: rate=0.1, seed=0 (") and "): loss " in second
    quiet(build, {"rate": [0.1, 0.2]}, tmp_path, verbose=1)
    assert capsys.readouterr().out == f"2 of 2 runs are kept in {tmp_path}.\n"


# ---------------------------------------------------------------------- kept and gone on with


def lines(log: Path, what: str) -> int:
    return log.read_text().count(what) if log.exists() else 0


def test_what_is_kept_is_not_run_again_and_a_larger_grid_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "log"
    given = {"callbacks": [WriteDown(str(log))]}
    first = quiet(build, {"rate": [0.1, 0.2]}, tmp_path / "runs", **given)
    again = quiet(build, {"rate": [0.1, 0.2]}, tmp_path / "runs", **given)
    assert lines(log, "ended") == 2
    assert again.rows == first.rows
    more = quiet(build, {"rate": [0.1, 0.2, 0.3]}, tmp_path / "runs", seeds=[0, 1], **given)
    assert lines(log, "ended") == 6
    assert [row for row in more if row["seed"] == 0][:2] == first.rows


def test_a_run_that_fails_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="learning_rate") as raised:
        quiet(build, {"rate": [0.1, -1.0]}, tmp_path)
    assert raised.value.__notes__ == ["This was in the run rate=-1.0, seed=0."]
    assert len(list(tmp_path.glob("*.npz"))) == 1


def test_a_file_that_was_cut_is_a_run_to_do(tmp_path: Path) -> None:
    first = quiet(build, {"rate": [0.1]}, tmp_path)
    (entry,) = tmp_path.glob("rate*.json")
    entry.write_text(entry.read_text()[:20])
    assert same(first, quiet(build, {"rate": [0.1]}, tmp_path))


def other_build(rate: float = 0.1, units: int = 1) -> Model:
    model = Sequential([Dense(units), Dense(1)])
    model.compile(SGD(rate), "mae")
    return model


@pytest.mark.parametrize(
    "change, differs",
    [
        ({"y": y + 1}, "`y` differs"),
        ({"x": x.astype(np.float64), "y": list(y)}, "`x`, `y` differs"),
        ({"epochs": 3}, "`fit` differs"),
        ({"callbacks": [EarlyStopping("loss")]}, "`fit` differs"),
        ({"sample_weight": np.array([1.0, 2.0, 3.0])}, "`fit` differs"),
        ({"build": other_build}, "`build` differs"),
        ({"build": functools.partial(build, units=2)}, "`build` differs"),
    ],
)
def test_a_folder_of_another_sweep_is_refused(
    tmp_path: Path, change: dict[str, Any], differs: str
) -> None:
    base: dict[str, Any] = {"build": build, "x": x, "y": y, "epochs": 2}
    settings_of = {"grid": {"rate": [0.1]}, "folder": tmp_path, "verbose": 0}
    sweep(**base, **settings_of)
    with pytest.raises(RuntimeError, match=differs):
        sweep(**base | change, **settings_of)
    sweep(**base, **settings_of)


def test_values_that_python_takes_as_equal_are_two_runs() -> None:
    def built(flag: Any) -> Model:
        return build(0.1)

    table = quiet(built, {"flag": [1, True, 1.0, "1", None, (1,), np.int64(1)]})
    assert [row["flag"] for row in table] == [1, True, 1.0, "1", None, (1,)]


# ---------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "arguments, error, words",
    [
        ({"build": build(), "grid": {"rate": [1]}}, TypeError, "`build` must be a function"),
        ({"build": lambda: 3, "grid": [{}]}, TypeError, "Does it end with `return model`"),
        ({"build": lambda: Sequential([Dense(1)]), "grid": [{}]}, ValueError, "must compile"),
        ({"grid": {"rate": 0.1}}, TypeError, r"write \[0.1\]"),
        ({"grid": {"rate": "sgd"}}, TypeError, r"write \['sgd'\]"),
        ({"grid": {"rat": [0.1]}}, ValueError, "'rat', which neither build.*rate"),
        ({"grid": {"rate": [Adam(0.1)]}}, TypeError, "all runs would share"),
        ({"grid": {"rate": [lambda: 1]}}, TypeError, "all runs would share"),
        ({"grid": {"rate": []}}, ValueError, "nothing to run"),
        ({"grid": 5}, TypeError, "`grid` must be a dict"),
        ({"seeds": 3}, TypeError, r"range\(3\)"),
        ({"seeds": [-1]}, ValueError, "seeds"),
        ({"epoch": 3}, TypeError, "no argument `epoch`.*epochs"),
        ({"grid": {"epochs": [1]}, "epochs": 2}, ValueError, "given for all runs: 2"),
        ({"grid": {"epochs": [0]}}, ValueError, "No epoch"),
        ({"x": iter([1])}, TypeError, "use up"),
        ({"workers": 2, "client": 3}, ValueError, "two places"),
        ({"workers": 0}, ValueError, "workers"),
        ({"workers": 2, "build": lambda rate: build(rate)}, TypeError, "no lambda"),
        ({"monitor": "val_loss"}, ValueError, "not in the history"),
    ],
)
def test_what_cannot_be(arguments: dict[str, Any], error: type, words: str) -> None:
    given = {"build": build, "grid": {"rate": [0.1]}, "x": x, "y": y, "verbose": 0} | arguments
    with pytest.raises(error, match=words):
        sweep(**given)


def test_a_row_of_another_table_is_none_of_this() -> None:
    table = quiet(build, {"rate": [0.1]})
    with pytest.raises(ValueError, match="none of this table"):
        table.model(quiet(build, {"rate": [0.2]}).rows[0])


def test_a_run_never_goes_on_from_what_another_has_trained() -> None:
    """The same model, the same compiled anew, a layer or an optimizer in several models."""
    model, layer, optimizer = build(), Dense(1), Adam(0.1)

    def compiled(model: Model, optimizer: Any) -> Model:
        model.compile(optimizer, "mse")
        return model

    builds = {
        "Sequential": lambda rate: model,
        "Dense": lambda rate: compiled(Sequential([layer]), SGD(rate)),
        "Adam": lambda rate: compiled(Sequential([Dense(1)]), optimizer),
    }
    for kind, made in builds.items():
        with pytest.raises(ValueError, match=f"`build` gave {kind} .* another run") as raised:
            quiet(made, {"rate": [0.1, 0.2]})
        assert raised.value.__notes__ == ["This was in the run rate=0.2, seed=0."]
        with pytest.raises(ValueError, match="another run has trained"):  # nor a later call
            quiet(made, {"rate": [0.3]})
    with pytest.raises(ValueError, match="`build` gave Sequential"):
        quiet(lambda rate: compiled(model, SGD(rate)), {"rate": [0.1]})


def test_two_rows_are_never_one_model_with_the_weights_of_the_last() -> None:
    model = build()
    table = quiet(lambda: model, [{}])
    with pytest.raises(ValueError, match="another run has trained"):
        table.model()


def test_a_frozen_layer_may_be_in_the_models_of_all_runs() -> None:
    frozen = Dense(2, trainable=False)
    before = frozen(x).data

    def built(rate: float) -> Model:
        model = Sequential([frozen, Dense(1)])
        model.compile(SGD(rate), "mse")
        return model

    table = quiet(built, {"rate": [0.1, 0.01]}, epochs=2)
    assert table.rows[0]["history"]["loss"][0] == table.rows[1]["history"]["loss"][0]
    assert table.model().layers[0] is frozen and np.array_equal(frozen(x).data, before)


# ---------------------------------------------------------------------- processes

PROGRAM = """
import sys
from autograd_nn import sweep
from tests.sweeping.swept import FIT, GRID, SEEDS, WriteDown, X, Y, build

if __name__ == "__main__":
    folder, log, pause, workers = sys.argv[1:]
    FIT |= {"workers": eval(workers), "callbacks": [WriteDown(log, float(pause))]}
    sweep(build, GRID, X, Y, seeds=SEEDS, folder=folder, **FIT)
"""


ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


def killed_after(kept: int, folder: Path, log: Path, workers: int | None) -> None:
    """Start the sweep of 24 runs, and kill it when so many are kept."""
    command = [sys.executable, "-c", PROGRAM, str(folder), str(log), "0.05", str(workers)]
    process = subprocess.Popen(command, env=ENVIRONMENT)
    while len(list(folder.glob("units*.json"))) < kept:
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [None, 2])
def test_after_a_kill_no_run_that_is_kept_is_done_again(
    tmp_path: Path, workers: int | None
) -> None:
    folder, log = tmp_path / "runs", tmp_path / "log"
    killed_after(7, folder, log, workers)
    time.sleep(0.5)  # a process without a parent ends
    begun = lines(log, "begun")
    kept = {path: path.stat().st_mtime_ns for path in folder.glob("units*.json")}
    told = [WriteDown(str(log), 0.05)]
    rest = {"seeds": SEEDS, "folder": folder, "workers": workers, "callbacks": told, "verbose": 0}
    table = sweep(swept, GRID, X, Y, **rest, **FIT)
    assert lines(log, "begun") == begun + 24 - len(kept)
    assert begun - len(kept) <= (workers or 1)  # what was in the midst
    assert kept == {path: path.stat().st_mtime_ns for path in kept}
    assert same(sweep(swept, GRID, X, Y, seeds=SEEDS, verbose=0, **FIT), table)


@pytest.mark.slow
def test_a_process_that_ends_is_told_and_the_call_goes_on(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(PROGRAM.replace('if __name__ == "__main__":', "if True:"))
    command = [sys.executable, str(script), str(tmp_path / "runs"), str(tmp_path / "log"), "0", "2"]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)
    assert "without `if __name__ == '__main__':` above the call" in done.stderr


def test_what_is_written_can_be_read_by_others(tmp_path: Path) -> None:
    quiet(build, {"rate": [0.1]}, tmp_path, epochs=2)
    about = json.loads((tmp_path / "sweep.json").read_text())
    assert about["format_version"] == 1 and about["contents"]["fit"] == {"epochs": 2}
    (path,) = tmp_path.glob("rate=0.1-seed=0-*.json")
    entry = json.loads(path.read_text())
    assert entry["told"] == "rate=0.1, seed=0" and len(entry["history"]["loss"]) == 2
