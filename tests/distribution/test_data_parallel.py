"""Training shared by several processes: what one process gives, or an error that ends the run."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential, layers, losses, metrics
from autograd_nn.data import Data
from autograd_nn.distribution import DataParallel
from autograd_nn.distribution.at_the_start import refuse_unshareable
from autograd_nn.distribution.ranks import ranks_of_this_run
from autograd_nn.layers import Dense
from autograd_nn.training.batches import Arrays
from autograd_nn.training.evaluating import evaluated
from tests.distribution.trainings import cases
from tests.thorough import slow_or_thorough

ROOT = Path(__file__).parents[2]


def started(ranks: int, *program: Any, timeout: float = 1800) -> subprocess.CompletedProcess[str]:
    """A program of Python in so many processes; more of them than there may be cores."""
    mpiexec = Path(sys.executable).with_name("mpiexec")
    return subprocess.run(
        [mpiexec, "--allow-run-as-root", "--oversubscribe", "-n", str(ranks), sys.executable]
        + [str(part) for part in program],
        env={**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=timeout,
    )


# ---------------------------------------------------------------------- one process


def test_one_process_is_alone() -> None:
    distribution = DataParallel()
    assert (distribution.rank, distribution.size) == (0, 1)
    assert repr(distribution) == "<DataParallel rank 0 of 1>"
    assert ranks_of_this_run() is None
    assert pickle.loads(pickle.dumps(distribution)).auto_shard_dataset is True
    assert copy.deepcopy(DataParallel(auto_shard_dataset=False)).auto_shard_dataset is False


def small(*more: Any) -> Any:
    model = Sequential([Input((2,)), Dense(2), *more])
    model.compile("sgd", "mse", distribution=DataParallel())
    return model


def test_one_process_trains_as_without() -> None:
    x, y = np.ones((6, 2)), np.ones((6, 2))
    model = small()
    plain = Sequential([Input((2,)), Dense(2)])
    plain.compile("sgd", "mse")
    plain.set_weights(model.get_weights())
    for one in (model, plain):
        one.fit(x, y, batch_size=4, epochs=3, verbose=0, shuffle=False)
    for ours, expected in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, expected)
    assert model.evaluate(x, y, verbose=0) == plain.evaluate(x, y, verbose=0)


def test_what_is_no_distribution_is_refused() -> None:
    with pytest.raises(TypeError, match=r"distribution\.DataParallel\(\) or None, got 'mpi'"):
        Sequential([Input((2,)), Dense(2)]).compile("sgd", "mse", distribution="mpi")


X, Y = np.ones((4, 2), np.float32), np.ones((4, 2), np.float32)


class OwnStep(Sequential):
    def train_step(self, data: Any) -> Any:
        return {"loss": 0.0}


class Counting(layers.Layer):
    def __init__(self) -> None:
        super().__init__()
        self.mean = metrics.Mean(name="seen")

    def call(self, inputs: Any) -> Any:
        return inputs


class Keeping(layers.Layer):
    def build(self, input_shape: Any) -> None:
        self.calls = self.add_weight((), "zeros", trainable=False)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            self.calls.assign_add(1.0)
        return inputs


@pytest.mark.parametrize(
    ("more", "loss", "said"),
    [
        ([], losses.MeanSquaredError(reduction="sum"), "reduction 'sum' is not the mean"),
        ([], losses.MeanSquaredError("mean_with_sample_weight"), "is not the mean over the rows"),
        ([], losses.SparseCategoricalCrossentropy(ignore_class=1), "with ignore_class is a mean"),
        ([], losses.Dice(), r"one number for all of the batch.*axis=\(1, 2, 3\)"),
        ([layers.BatchNormalization()], "mse", "LayerNormalization and GroupNormalization"),
        ([Keeping()], "mse", r"\(Keeping\) keeps something"),
        ([Counting()], "mse", r"the metric 'seen'.*compile\(metrics=\[…\]\)"),
        ([layers.Reshape((2, 1)), layers.Masking()], "mse", "the output has a mask"),
    ],
)
def test_what_is_no_mean_over_rows_is_refused(more: list[Any], loss: Any, said: str) -> None:
    model = Sequential([Input((2,)), Dense(2), *more])
    model.compile("sgd", loss)
    before = model.get_weights()
    with pytest.raises(ValueError, match=said):
        refuse_unshareable(model, model._training, Data(X, Y, None))
    for now, then in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_own_steps_are_refused() -> None:
    model = OwnStep([Input((2,)), Dense(2)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="has a train_step of its own"):
        refuse_unshareable(model, model._training, Data(X, Y, None))


def test_what_is_a_mean_over_rows_is_let_in() -> None:
    norm = layers.BatchNormalization(trainable=False)
    model = small(layers.Dropout(0.5), layers.LayerNormalization(), norm)
    refuse_unshareable(model, model._training, Data(X, Y, None))
    assert evaluated(model, model._training, Arrays(Data(X, Y, None), 2))["loss"] >= 0


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 9, 1000])
@pytest.mark.parametrize("size", [2, 3, 4])
def test_shares_are_all_rows_once(rows: int, size: int) -> None:
    shares: list[int] = []
    lengths = []
    for rank in range(size):
        distribution = DataParallel()
        distribution._ranks = SimpleNamespace(rank=rank, size=size)  # type: ignore[assignment]
        found = list(range(100, 100 + rows))[distribution.own(rows)]
        moved = distribution.rows(7, 7 + rows)
        assert [row - 93 for row in found] == list(range(moved.start, moved.stop))
        shares += found
        lengths.append(len(found))
    assert shares == list(range(100, 100 + rows))
    assert max(lengths) - min(lengths) <= 1


def test_the_first_process_writes_files(tmp_path: Path) -> None:
    model = small()
    model._training.distribution = SimpleNamespace(rank=1, size=2)
    model.save(tmp_path / "m.npz")
    model.save_weights(tmp_path / "w.npz")
    assert list(tmp_path.iterdir()) == []
    model._training.distribution = SimpleNamespace(rank=0, size=2)
    model.save(tmp_path / "m.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["m.npz"]


def test_a_pickle_is_shared_where_it_is_loaded() -> None:
    model = small()
    model._training.distribution._ranks = SimpleNamespace(rank=0, size=2)
    assert model._training.shared is model._training.distribution
    alone = pickle.loads(pickle.dumps(model))
    assert alone._training.shared is None
    alone.fit(X, Y, verbose=0)


# ---------------------------------------------------------------------- several

SAMPLE = [
    *("rank without rows", "regularizers", "batches by number", "callbacks", "stopped"),
    "settings",
    *("memory map", "own rows", "own batches", "unequal shares", "two outputs, float32"),
]


@pytest.mark.peers
@pytest.mark.parametrize(
    ("ranks", "names"),
    slow_or_thorough(
        [(2, SAMPLE), (4, SAMPLE[:1]), (2, list(cases())), (3, SAMPLE[:5]), (4, list(cases()))],
        lambda place, _: place < 2,
    ),
)
def test_several_give_what_one_gives(ranks: int, names: list[str], tmp_path: Path) -> None:
    made = started(ranks, ROOT / "tests/distribution/trainings.py", tmp_path / "r.npz", *names)
    assert made.returncode == 0, made.stderr
    found = np.load(tmp_path / "r.npz")
    expected = {f"{n}: {key}": v for n in names for key, v in cases()[n]().items()}
    assert {*found} == {*expected}
    for name, value in expected.items():
        limit = 1e-5 if "float32" in name else 1e-12
        np.testing.assert_allclose(found[name], value, rtol=0, atol=limit, err_msg=name)


RANDOMNESS = """
import numpy as np
from autograd_nn import Input, Sequential, random, replayable, settings
from autograd_nn.callbacks import Callback
from autograd_nn.distribution import DataParallel
from autograd_nn.layers import Dense, Dropout, Lambda

shared = DataParallel()
of_all = shared.ranks.of_all

class Draws(Callback):
    def on_epoch_end(self, epoch, logs=None):
        print("told", shared.rank)
        logs["more"] = 1.0

# No seed is set: weights, order and draws are those of the first rank all the same.
model = Sequential([Input((50,)), Dropout(0.5), Dropout(0.5, seed=1), Dense(1, use_bias=False)])
model.compile("sgd", lambda y, p: p, distribution=shared, run_eagerly=True)
before = of_all(model.get_weights()[0])
history = model.fit(np.ones((4, 50)), np.ones((4, 1)), callbacks=Draws(), verbose=0).history
model.train_on_batch(np.ones((4, 50)), np.ones((4, 1)))
weights = of_all(model.get_weights()[0])
assert (before[0] != before[1]).any() and (weights[0] == weights[1]).all()
# The gradient of each weight is four times the part of the inputs that was kept: all draws are 0,
# 1/4, … 1, and were both ranks' rows the same, there were 0, 1/2 and 1 alone.
kept = {float(value) for value in model.trainable_weights[0].grad[:, 0]}
assert kept & {1.0, 3.0}, kept
assert of_all(history)[0] == of_all(history)[1] and history["more"] == [1.0]
for stream in ("shuffle", "weights", "data"):
    values = of_all(settings.generator(stream).random())
    assert values[0] == values[1], stream
model.fit(np.ones((4, 50)), np.ones((4, 1)), verbose=0)
values = of_all(random.uniform(()).item())
assert values[0] == values[1], values
"""


@pytest.mark.peers
@pytest.mark.slow
def test_each_rank_draws_for_its_rows_and_all_else_is_equal(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(RANDOMNESS)
    made = started(2, path)
    assert made.returncode == 0, made.stderr
    assert made.stdout.split() == ["told", "0"]


FAILURES: dict[str, tuple[str, str]] = {
    "killed": (
        "class Kill(Callback):\n"
        "    def on_epoch_end(self, epoch, logs=None):\n"
        "        os.kill(os.getpid(), 9)\n"
        "model.fit(x, y, epochs=9, callbacks=Kill())",
        "signal 9",
    ),
    "unequal shards": (
        "model.compile('sgd', 'mse', distribution=DataParallel(auto_shard_dataset=False))\n"
        "model.fit(x[4 * rank:], y[4 * rank:], batch_size=4)",
        "makes 4, 2 batches in ranks 0, 1, …: their shares are not equal",
    ),
    "an early end": (
        "model.fit(((x, y) for _ in range(3 - rank)))",
        "The batches of rank 1 ended after 2, and other ranks have more",
    ),
    "a call of one alone": (
        "if rank == 0: model.predict(x)",
        "Rank 1 has come to its end, and rank 0 waits for it in predict",
    ),
    "an exception in the first": (
        "class Fail(Callback):\n"
        "    def on_epoch_end(self, epoch, logs=None):\n"
        "        raise ValueError('of my own')\n"
        "model.fit(x, y, epochs=9, callbacks=Fail())",
        "ValueError: of my own",
    ),
    "an exception in the other": (
        "def batches():\n"
        "    while True:\n"
        "        yield x, y\n"
        "        assert rank == 0, 'of my own'\n"
        "model.fit(batches(), steps_per_epoch=9)",
        "AssertionError: of my own",
    ),
    "an exception that was caught": (
        "class Fail(Callback):\n"
        "    def on_epoch_end(self, epoch, logs=None):\n"
        "        raise ValueError('of my own')\n"
        "try:\n"
        "    model.fit(x, y, epochs=9, callbacks=Fail())\n"
        "except ValueError:\n"
        "    time.sleep(60)",
        "Rank 0 failed in fit: ValueError: of my own, and rank 1 waits for it in fit",
    ),
    "other calls": (
        "model.evaluate(x, y) if rank else model.predict(x)",
        "Rank 0 calls predict, rank 1 calls evaluate",
    ),
    "other rows": ("model.fit(x[rank:], y[rank:])", "has 8, 7 samples or batches in ranks 0, 1"),
    "a batch of own rows that does not divide": (
        "model.compile('sgd', 'mse', distribution=DataParallel(auto_shard_dataset=False))\n"
        "model.fit(x, y, batch_size=3)",
        "each of 2 ranks takes as many rows of its own: give a multiple of 2",
    ),
    "other numbers": ("model.fit(x + rank, y)", "has other numbers in some ranks"),
    "other settings": ("model.fit(x, y, epochs=1 + rank)", "differ in batch_size, epochs"),
    "a model compiled by a callback": (
        "class Compile(Callback):\n"
        "    def on_epoch_end(self, epoch, logs=None):\n"
        "        self.model.compile('adam', 'mse')\n"
        "model.fit(x, y, epochs=9, callbacks=Compile())",
        "A callback compiled the model while it trains",
    ),
    "batches in another order": (
        "class Batches:\n"
        "    places = np.arange(8)\n"
        "    def __len__(self): return 2\n"
        "    def __getitem__(self, n):\n"
        "        places = self.places[4 * n : 4 * n + 4]\n"
        "        return x[places], y[places]\n"
        "    def on_epoch_end(self): np.random.default_rng(rank).shuffle(self.places)\n"
        "model.fit(Batches(), epochs=2, shuffle=False)",
        "Batch 1 has other numbers in some ranks",
    ),
    "other batches": (
        "model.fit(((x[n * rank:], y[n * rank:]) for n in range(3)))",
        "Batch 2 has 8, 7 rows in ranks 0, 1",
    ),
}


@pytest.mark.peers
@pytest.mark.parametrize(
    ("program", "said"),
    slow_or_thorough(
        [pytest.param(*values, id=name) for name, values in FAILURES.items()],
        lambda place, _: place < 4,
    ),
)
def test_a_rank_that_fails_ends_the_run(program: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(
        "import os, time\n"
        "import numpy as np\n"
        "from autograd_nn import Input, Sequential, set_random_seed\n"
        "from autograd_nn.callbacks import Callback\n"
        "from autograd_nn.distribution import DataParallel\n"
        "from autograd_nn.layers import Dense\n"
        "set_random_seed(0)\n"
        "x, y = np.arange(16.0).reshape(8, 2), np.ones((8, 1))\n"
        "model = Sequential([Input((2,)), Dense(1)])\n"
        "model.compile('sgd', 'mse', distribution=DataParallel())\n"
        "rank = DataParallel().rank\n"
        f"{program}\n"
    )
    made = started(2, path, timeout=60)  # it ends, and nobody waits for ever
    assert made.returncode != 0 and said in made.stderr, made.stderr


@pytest.mark.peers
@pytest.mark.slow
@pytest.mark.parametrize(("source", "rank"), [("arrays", 0), ("numbers", 1), ("generator", 1)])
def test_a_run_is_gone_on_with(source: str, rank: int, tmp_path: Path) -> None:
    program = Path(__file__).with_name("going_on.py")
    whole, failed = tmp_path / "whole", tmp_path / "failed"
    whole.mkdir(), failed.mkdir()
    assert started(2, program, whole, 0, source).returncode == 0
    for after in (8, 6):  # in the second epoch, and in the third
        told = started(2, program, failed, after, source, rank)
        seconds = time.time() - float((failed / "killed").read_text())
        assert told.returncode and "signal 9" in told.stderr, told.stderr
        assert seconds < 10
        assert (failed / "backup" / "run.npz").exists()
    alone = subprocess.run(
        [sys.executable, program, failed, "0", source],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert "processes was 2, and is 1" in alone.stderr
    assert started(2, program, failed, 0, source).returncode == 0
    assert not (failed / "backup").exists()
    assert (failed / "history").read_text() == (whole / "history").read_text()
    with np.load(whole / "end.npz") as expected, np.load(failed / "end.npz") as found:
        assert all(np.array_equal(expected[name], found[name]) for name in expected)
