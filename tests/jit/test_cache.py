"""Compiled programs on disk: kept for later processes, checked, and never needed."""

import errno
import hashlib
import os
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from autograd_nn import Tensor
from autograd_nn.jit import cache
from tests.program.test_compiling import compiled


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path / "cache"))


PROGRAM = """
import sys
sys.path.insert(0, {root!r})
import numpy as np
from autograd_nn import Tensor
from tests.program.test_compiling import compiled
t = Tensor(np.arange(3.0))
program, _ = compiled((t * t).sum(), [t])
print(program.from_cache, program.step()[0])
"""


def run_elsewhere(tmp_path, root):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM.format(root=str(root)))],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "AUTOGRAD_NN_CACHE": str(tmp_path)},
    )


def test_a_second_process_compiles_nothing(tmp_path, request):
    first = run_elsewhere(tmp_path, request.config.rootpath)
    second = run_elsewhere(tmp_path, request.config.rootpath)
    assert first.stdout.split() == ["False", "5.0"]
    assert second.stdout.split() == ["True", "5.0"]
    # Progress is told while compiling, and nothing where nothing is compiled.
    assert first.stderr.startswith("Compiling a test")
    assert len(first.stderr.splitlines()) == 2
    assert second.stderr == ""


def test_the_cache_keeps_the_newest_programs(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "KEPT", 2)
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path))
    kept_too = tmp_path / "notes.txt"  # is not ours
    kept_too.touch()
    for age, name in ((30, "a"), (20, "b")):
        path = tmp_path / f"autograd_nn_step_{name}"
        path.touch()
        os.utime(path, (time.time() - age, time.time() - age))
    t = Tensor(np.arange(7.0))  # a program that no other test has
    compiled((t * t * t).sum(), [t])
    left = {path.name for path in tmp_path.iterdir()}
    (mine,) = left - {"autograd_nn_step_b", "notes.txt"}
    assert mine.startswith("autograd_nn_step_")


@pytest.mark.slow
def test_what_is_damaged_is_compiled_anew(tmp_path, request):
    """At its beginning, in its middle and at its end; and then it is kept again."""
    root = request.config.rootpath
    assert run_elsewhere(tmp_path, root).stdout.split() == ["False", "5.0"]
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    half = len(content) // 2
    for damaged in (
        b"",
        content[:10],
        content[:half],
        content[:-1],
        bytes(8) + content[8:],
        content[:half] + bytes(8) + content[half + 8 :],
    ):
        file.write_bytes(damaged)
        assert run_elsewhere(tmp_path, root).stdout.split() == ["False", "5.0"]
        assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert run_elsewhere(tmp_path, root).stdout.split() == ["True", "5.0"]


def test_what_another_user_wrote_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "a_program"
    cache.put(path, hashlib.sha256(b"code").digest() + b"code")
    assert cache._sound(path) == b"code"
    monkeypatch.setattr(os, "getuid", lambda: os.stat(path).st_uid + 1)
    assert cache._sound(path) is None


def no_home():
    raise RuntimeError("Could not determine home directory.")


def no_room(*_):
    raise OSError(errno.ENOSPC, "No space left on device", "a file")


@pytest.mark.parametrize("exponent", range(3))  # a program that was not compiled before
def test_without_a_cache_it_is_compiled_in_memory(tmp_path, monkeypatch, exponent):
    t = Tensor(np.arange(3.0))
    loss = (t * t * float(exponent + 20)).sum()
    if exponent == 0:
        monkeypatch.delenv("AUTOGRAD_NN_CACHE")
        monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
        monkeypatch.setattr(sys, "platform", "linux")
        monkeypatch.setattr(cache.Path, "home", no_home)
        why = "home directory"
    elif exponent == 1:
        (tmp_path / "cache").write_text("This is no folder.")
        why = str(tmp_path / "cache")
    else:
        monkeypatch.setattr(os, "getuid", lambda: -1)
        why = "belongs to another user"
    with pytest.warns(UserWarning, match=why):
        program, _ = compiled(loss, [t])
    assert program.step()[0] == 5.0 * (exponent + 20)


def test_a_full_disk_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "replace", no_room)
    t = Tensor(np.arange(3.0))
    with pytest.warns(UserWarning, match="not kept for later processes.*No space left"):
        program, _ = compiled((t * t * 34.0).sum(), [t])
    assert program.step()[0] == 5.0 * 34
    assert not list(tmp_path.rglob("*.tmp*"))


def test_abandoned_temporary_files_are_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path))
    for age, name in ((10_000, "old"), (10, "new")):
        path = tmp_path / f"{name}.tmp"
        path.touch()
        os.utime(path, (time.time() - age, time.time() - age))
    t = Tensor(np.arange(3.0))
    compiled((t * t * 40.0).sum(), [t])
    left = {path.name for path in tmp_path.rglob("*.tmp*")}
    assert left == {"new.tmp"}


def test_threads_that_compile_the_same_program():
    def one(_):
        t = Tensor(np.arange(3.0))
        return compiled((t * t * 50.0).sum(), [t])[0].step()[0]

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(8))) == [250.0] * 8


MANY_SHAPES = """
import sys, warnings
sys.path.insert(0, {root!r})
import numpy as np
from autograd_nn import Input, Sequential
from autograd_nn.jit import compiling
from autograd_nn.layers import Dense
compiling.MOST_MEGABYTES = 20
warnings.simplefilter("always")
model = Sequential([Input((3,)), Dense(2, activation="tanh"), Dense(1)])
model.compile(loss="mse", optimizer="adam", jit_compile=True)
x = np.random.default_rng(0).random((300, 3), dtype=np.float32)
def megabytes():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6
for count in range(1, {shapes}):
    for _ in range(3):
        model.train_on_batch(x[:count], x[:count, :1])
    if count == 5:
        before = megabytes()
print(len(compiling._compiled), megabytes() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_of_compiled_programs_is_bounded(tmp_path, request):
    """Numba gives none of it back: 120 batch sizes would take 1.1 GB."""
    text = MANY_SHAPES.format(root=str(request.config.rootpath), shapes=120)
    env = {**os.environ, "AUTOGRAD_NN_CACHE": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, env=env)
    count, grown = run.stdout.split()
    assert int(count) == 2
    assert float(grown) < 30
    assert "2 programs were compiled in this process" in run.stderr
