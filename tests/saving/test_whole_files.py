"""A file is there whole, or as it was before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autograd_nn import Input, Sequential
from autograd_nn.engine.errors import ArgumentError, AutogradError, FileWriteError
from autograd_nn.layers import Dense
from autograd_nn.models import load_model
from autograd_nn.saving.whole_files import _machine, whole_file

ROOT = Path(__file__).parents[2]


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """As on a full disk: writing more than so many bytes fails."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("room", [0, 1, 100, 1000, 3000])
@pytest.mark.parametrize("name", ["m.npz", "w.safetensors"])
def test_a_full_disk_keeps_the_old_file(name: str, room: int, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("what was there")
    model = Sequential([Input((20,)), Dense(50)])
    save = model.save if name == "m.npz" else model.save_weights
    told = pytest.raises(FileWriteError, match="cannot be written.*What stood there")
    with told as raised, files_of_at_most(room):
        save(path)
    assert isinstance(raised.value, AutogradError) and isinstance(raised.value, OSError)
    assert raised.value.filename == str(path)
    assert path.read_text() == "what was there"
    assert list(tmp_path.iterdir()) == [path]
    save(path)
    assert path.stat().st_size > 3000


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, MemoryError])
def test_an_interrupt_keeps_the_old_file(error: type[BaseException], tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("old")
    with pytest.raises(error), whole_file(path) as unfinished:
        unfinished.write_text("ne")
        raise error
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_left_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    for process in (dead.pid, os.getppid()):
        (tmp_path / f".a.npz.{_machine()}-{process}-0.unfinished").write_text("x")
    (tmp_path / ".a.npz.elsewhere-1-0.unfinished").write_text("x")
    (tmp_path / f".b.npz.{_machine()}-{dead.pid}-0.unfinished").write_text("x")
    with whole_file(path) as unfinished:
        unfinished.write_text("new")
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(
        [
            "a.npz",
            f".a.npz.{_machine()}-{os.getppid()}-0.unfinished",
            ".a.npz.elsewhere-1-0.unfinished",
            f".b.npz.{_machine()}-{dead.pid}-0.unfinished",
        ]
    )


def test_links_and_permissions_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    with whole_file(link) as unfinished:
        unfinished.write_text("new")
    assert link.is_symlink() and real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs os.mkfifo")
def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe.npz", tmp_path / "link.npz"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    model = Sequential([Input((2,)), Dense(1)])
    for path in (pipe, link):
        for call in (model.save, model.save_weights, model.load_weights, load_model):
            with pytest.raises(ArgumentError, match="is a device or a pipe"):
                call(path)
        told = pytest.raises(FileWriteError, match="a device or a pipe, and no file")
        with told, whole_file(path) as unfinished:
            unfinished.write_text("x")
    assert pipe.is_fifo() and sorted(tmp_path.iterdir()) == [link, pipe]
    with pytest.raises(ArgumentError, match="NUL"):
        model.save(f"{tmp_path}/a\0b.npz")


def test_a_name_as_long_as_names_can_be(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 251 + ".npz")
    Sequential([Input((2,)), Dense(1)]).save(path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.parametrize("times", [10, pytest.param(200, marks=pytest.mark.slow)])
def test_a_save_that_is_killed(times: int) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "tests.saving.kills", str(times)]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    told = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=one_thread)
    assert told.returncode == 0, told.stdout + told.stderr
