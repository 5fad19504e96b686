"""Runs on a cluster of Dask: equal to one process; workers and clients are killed meanwhile."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.model_selection import GridSearchCV

from autograd_nn import sweep
from autograd_nn.sweeping import RunTable
from autograd_nn.wrappers import NNClassifier
from tests.sweeping.swept import FIT, GRID, SEEDS, WriteDown, X, Y, build
from tests.sweeping.test_sweep import lines, same

pytestmark = [pytest.mark.peers, pytest.mark.filterwarnings("ignore::ResourceWarning")]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as made:
        yield made


@pytest.fixture(scope="module")
def alone() -> RunTable:
    """The 24 runs in this process."""
    return sweep(build, GRID, X, Y, seeds=SEEDS, verbose=0, **FIT)


def on(client: Any, folder: Path, log: Path, pause: float = 0.0) -> RunTable:
    told = [WriteDown(str(log), pause)]
    return sweep(
        build, GRID, X, Y, client, seeds=SEEDS, folder=folder, verbose=0, callbacks=told, **FIT
    )


def kill_a_worker(log: Path, after: int) -> None:
    """Kill a process that is in the midst of a fit."""
    while True:
        said = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
        last = {pid: what for what, pid in said}
        in_the_midst = [int(pid) for pid, what in last.items() if what == "begun"]
        if sum(what == "begun" for what, _ in said) >= after and in_the_midst:
            os.kill(in_the_midst[-1], signal.SIGKILL)
            return
        time.sleep(0.005)


def test_a_sweep_is_that_of_one_process_and_survives_a_worker(
    cluster: Any, alone: RunTable, tmp_path: Path
) -> None:
    from distributed import Client

    log = tmp_path / "log"
    killer = threading.Thread(target=kill_a_worker, args=(log, 8))
    killer.start()
    with Client(cluster) as client:
        table = on(client, tmp_path / "runs", log, pause=0.2)
        assert client.list_datasets() == ()
    killer.join()
    assert same(alone, table)
    # The fit that was in the midst has been begun twice, and none has ended twice.
    assert lines(log, "ended") == 24
    assert lines(log, "begun") == 25


PROGRAM = """
import sys
from distributed import Client, LocalCluster
from pathlib import Path
from tests.sweeping.test_on_dask import on

if __name__ == "__main__":
    folder, log, address = sys.argv[1:]
    own = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    client = Client(address or LocalCluster(**own))
    on(client, Path(folder), Path(log), pause=0.1)
"""


def client_killed(folder: Path, log: Path, address: str, kept: int) -> None:
    """Run the sweep from another process, and kill that one when so many runs are kept."""
    command = [sys.executable, "-c", PROGRAM, str(folder), str(log), address]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    while len(list(folder.glob("units*.json"))) < kept:
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_what_a_killed_client_began_goes_on_and_no_fit_is_done_twice(
    cluster: Any, alone: RunTable, tmp_path: Path
) -> None:
    from distributed import Client

    folder, log = tmp_path / "runs", tmp_path / "log"
    client_killed(folder, log, cluster.scheduler_address, kept=6)
    time.sleep(0.3)
    with Client(cluster) as client:
        table = on(client, folder, log, pause=0.1)
        assert client.list_datasets() == ()
    assert same(alone, table)
    assert lines(log, "begun") == lines(log, "ended") == 24


def test_where_the_cluster_dies_too_what_is_kept_is_not_done_again(
    cluster: Any, alone: RunTable, tmp_path: Path
) -> None:
    from distributed import Client

    folder, log = tmp_path / "runs", tmp_path / "log"
    client_killed(folder, log, "", kept=6)
    kept = {path: path.stat().st_mtime_ns for path in folder.glob("units*.json")}
    with Client(cluster) as client:
        table = on(client, folder, log, pause=0.1)
    assert same(alone, table)
    assert kept == {path: path.stat().st_mtime_ns for path in kept}
    # What was in the midst on two workers, or waited there.
    assert lines(log, "begun") <= 24 + 4


def test_threads_of_one_worker_do_not_draw_from_each_others_streams(alone: RunTable) -> None:
    from distributed import Client

    own = {"n_workers": 1, "threads_per_worker": 4, "dashboard_address": ":0"}
    with Client(processes=False, **own) as client:
        assert same(alone, sweep(build, GRID, X, Y, client, seeds=SEEDS, verbose=0, **FIT))


def test_what_is_no_client_is_refused() -> None:
    with pytest.raises(TypeError, match="`client` must be a client of Dask"):
        sweep(build, GRID, X, Y, client=3)


def test_an_error_of_a_run_is_told_and_nothing_is_left_on_the_cluster(
    cluster: Any, tmp_path: Path
) -> None:
    from distributed import Client

    with Client(cluster) as client:
        with pytest.raises(ValueError, match="learning_rate") as raised:
            sweep(build, {"units": [2], "rate": [0.01, -1.0]}, X, Y, client, verbose=0)
        assert "rate=-1.0" in raised.value.__notes__[0]
        assert client.list_datasets() == ()


def test_a_search_is_that_of_one_process_and_survives_a_worker(
    cluster: Any, tmp_path: Path
) -> None:
    from distributed import Client

    def search(log: Path, pause: float) -> GridSearchCV:
        told = {"callbacks": [WriteDown(str(log), pause)]}
        network = NNClassifier(build, epochs=2, random_state=0, fit_kwargs=told)
        grid = {"model__units": [2, 3, 4, 5], "model__rate": [0.01, 0.02]}
        return GridSearchCV(network, grid, cv=3, refit=False)  # 24 fits

    one = search(tmp_path / "one", 0).fit(X, Y).cv_results_
    log = tmp_path / "log"
    killer = threading.Thread(target=kill_a_worker, args=(log, 6))
    killer.start()
    with Client(cluster), joblib.parallel_config(backend="dask"):
        other = search(log, 0.1).fit(X, Y).cv_results_
    killer.join()
    assert lines(log, "begun") > 24
    scores = [name for name in one if name.endswith("test_score")]
    assert len(scores) == 6
    for name in scores:
        np.testing.assert_array_equal(one[name], other[name])
