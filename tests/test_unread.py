"""What is not in memory: chunks and memory maps, read batch by batch, as arrays are."""

from __future__ import annotations

import tracemalloc
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_nn import Input, Model, Sequential, set_random_seed, unread
from autograd_nn.data import Data, Form, as_data
from autograd_nn.layers import Concatenate, Dense
from autograd_nn.training import slices
from autograd_nn.training.slices import Slices
from autograd_nn.unread import Unread, from_elsewhere

random = np.random.default_rng(0)
X = random.normal(size=(230, 4))
LABELS = (X[:, 0] > 0).astype(int)
Y = (X[:, :1] * 2 - X[:, 1:2]).astype(np.float32)


class Chunks:
    """An array in chunks as Dask's: rows come from slices, and it notes which are read."""

    def __init__(self, array: Any, *lengths: int) -> None:
        self.array = np.asarray(array)
        self.shape, self.dtype, self.ndim = self.array.shape, self.array.dtype, self.array.ndim
        self.chunks = (lengths, *((n,) for n in self.shape[1:]))
        self.read: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self.array)

    def __getitem__(self, rows: slice) -> Any:
        assert isinstance(rows, slice) and rows.step is None
        self.read.append((rows.start, rows.stop))
        return self.array[rows]

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise AssertionError("read as a whole")


def chunks(array: Any) -> Chunks:
    return Chunks(array, 50, 50, 100, 30)


@pytest.fixture
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """So little that what is here is too much for it, and two of the chunks fit in."""
    monkeypatch.setattr(unread, "IN_MEMORY", 100 * 4 * 4)
    monkeypatch.setattr(slices, "IN_MEMORY", 100 * 4 * 4)


@pytest.fixture
def mapped(tmp_path: Path) -> Any:
    def made(array: Any) -> np.memmap:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.npy"
        np.save(path, array)
        return np.load(path, mmap_mode="r")

    return made


def model(loss: Any = "mse", **how: Any) -> Sequential:
    made = Sequential([Input((4,)), Dense(3, "tanh"), Dense(1)])
    start = np.random.default_rng(1)
    made.set_weights([start.normal(size=w.shape) for w in made.get_weights()])
    made.compile("sgd", loss, metrics=["mae"], **how)
    return made


def trained(x: Any, y: Any, **options: Any) -> tuple[list[Any], Any]:
    set_random_seed(3)
    made = model(run_eagerly=True)
    history = made.fit(x, y, epochs=2, verbose=0, **options).history
    return made.get_weights(), history


def check(found: tuple[list[Any], Any], right: tuple[list[Any], Any]) -> None:
    for one, other in zip(found[0], right[0], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)
    assert found[1].keys() == right[1].keys()
    for name, values in right[1].items():
        np.testing.assert_allclose(found[1][name], values, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize(
    "options",
    [
        {"shuffle": False},
        {"shuffle": False, "batch_size": 7, "validation_split": 0.3},
        {"shuffle": False, "validation_data": True, "validation_steps": 2},
        {"shuffle": False, "sample_weight": np.linspace(0, 1, 230)},
        {"shuffle": False, "steps_per_epoch": 3},
    ],
)
def test_chunks_train_as_the_array_does(little_memory: None, options: dict[str, Any]) -> None:
    def run(kind: Any) -> Any:
        has_data = "validation_data" in options
        own = options | ({"validation_data": (kind(X), kind(Y))} if has_data else {})
        return trained(kind(X), kind(Y), **own)

    check(run(chunks), run(np.asarray))


def test_the_last_of_every_class_are_those_of_the_array(little_memory: None) -> None:
    options = {"shuffle": False, "validation_split": 0.2, "stratify": True}
    check(trained(chunks(X), LABELS, **options), trained(X, LABELS, **options))


@pytest.mark.parametrize("dtype", ["f8", "f4", "i2", "?"])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("options", [{}, {"validation_split": 0.2, "stratify": True}])
def test_a_memory_map_trains_as_the_array_does(
    little_memory: None, mapped: Any, dtype: str, turned: bool, options: dict[str, Any]
) -> None:
    x = (10 * X).astype(dtype)
    x = np.asfortranarray(x) if turned else x
    check(trained(mapped(x), LABELS, **options), trained(x, LABELS, **options))
    check(trained(mapped(x)[::2], LABELS[::2]), trained(x[::2], LABELS[::2]))
    check(trained(np.asarray(mapped(x)), mapped(Y)), trained(x, Y))


def test_evaluate_and_predict_take_them_too(little_memory: None, mapped: Any) -> None:
    right = model().evaluate(X, Y, verbose=0)
    for kind in (chunks, mapped):
        assert model().evaluate(kind(X), kind(Y), verbose=0) == pytest.approx(right, rel=1e-6)
        assert model().evaluate(kind(X), Y, verbose=0, steps=3) == pytest.approx(
            model().evaluate(X[:96], Y[:96], verbose=0), rel=1e-6
        )
        np.testing.assert_array_equal(model().predict(kind(X)), model().predict(X))
        assert model().train_on_batch(kind(X), kind(Y)) == model().train_on_batch(X, Y)


def test_they_are_inputs_by_name(little_memory: None) -> None:
    def two() -> Model:
        a, b = Input((4,), name="a"), Input((1,), name="b")
        made = Model([a, b], Dense(1, kernel_initializer="ones")(Concatenate()([a, b])))
        made.compile("sgd", "mse")
        return made

    def fitted(kind: Any) -> Any:
        made = two()
        inputs = {"a": kind(X), "b": kind(X[:, 0])}
        made.fit(inputs, Y, shuffle=False, verbose=0, validation_split=0.2)
        return np.concatenate([*made.get_weights()[0].ravel(), *made.predict(inputs)], axis=None)

    np.testing.assert_allclose(fitted(chunks), fitted(np.asarray), rtol=1e-5)


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=8),
    st.integers(1, 12),
    st.booleans(),
    st.integers(1, 400),
)
def test_every_sample_comes_once_and_little_is_read_at_once(
    lengths: list[int], size: int, shuffle: bool, memory: int
) -> None:
    count = sum(lengths)
    if count == 0:
        return
    source = Chunks(np.arange(count * 2.0).reshape(count, 2), *lengths)
    edges = np.cumsum([0, *lengths])
    data = Data(Unread(source, np.float32, range(count), edges), np.arange(count), None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "IN_MEMORY", memory)
        batches = list(Slices(data, size, shuffle))
    assert [len(x) for x, _, _ in batches] == [
        min(size, count - start) for start in range(0, count, size)
    ]
    seen = np.concatenate([y for _, y, _ in batches])
    np.testing.assert_array_equal(np.concatenate([x for x, _, _ in batches])[:, 0], 2 * seen)
    assert sorted(seen) == list(range(count))
    if not shuffle:
        assert seen.tolist() == list(range(count))
    pieces = {(int(a), int(b)) for a, b in zip(edges, edges[1:], strict=False) if a != b}
    assert sorted(source.read) == sorted(pieces)  # each once, and never two as one


@pytest.mark.parametrize("shuffle", [False, True])
def test_one_chunk_is_held_at_a_time(monkeypatch: pytest.MonkeyPatch, shuffle: bool) -> None:
    """Where each is more than what fits in, also while another part is for validation."""
    monkeypatch.setattr(unread, "IN_MEMORY", 100)
    monkeypatch.setattr(slices, "IN_MEMORY", 100)
    held: list[int] = []
    most = 0

    class Told(Chunks):
        def __getitem__(self, rows: slice) -> Any:
            nonlocal most
            read = super().__getitem__(rows).copy()
            held.append(rows.start)
            weakref.finalize(read, held.remove, rows.start)
            most = max(most, len(held))
            return read

    x = Told(X, 50, 50, 60, 70)
    made = model()
    made.fit(x, Y, epochs=2, verbose=0, validation_split=0.3, shuffle=shuffle)
    made.fit(x, Y, verbose=0, validation_data=(x, Y), validation_steps=2)
    made.evaluate(x, Y, verbose=0)
    made.predict(x)
    assert most == 1 and not held


def test_chunks_come_in_a_new_order_and_are_mixed(little_memory: None) -> None:
    source = Chunks(np.arange(200.0)[:, None] * np.ones(4), *[20] * 10)
    data = as_data(source, np.arange(200), form=Form(reads_later=True))
    epochs = []
    for _ in range(2):
        source.read.clear()
        epochs.append(np.concatenate([y for _, y, _ in Slices(data, 10, True)]))
        assert sorted(source.read) != source.read
    assert not np.array_equal(*epochs)
    of_first = {int(place) // 20 for place in epochs[0][:30]}
    assert len(of_first) > 1  # of more than one chunk


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.where(np.arange(920).reshape(230, 4) == 613, np.nan, X), Y, r"`x\[100:200\]` has 1 "),
        (np.where(np.arange(920).reshape(230, 4) == 613, 1e300, X), Y, r"1e\+300 at index \(53, 1"),
        (
            X,
            np.where(np.arange(230)[:, None] == 210, np.inf, Y),
            r"`y` has 1 value.*index \(210, 0\)",
        ),
        (X[:, :3], Y, "4 features"),
        (X, Y[:229], "230 samples and `y` has 229"),
        (X, np.ones((230, 2), "f4"), r"does not fit"),
    ],
)
@pytest.mark.parametrize("kind", [chunks, None])
def test_what_is_bad_is_named_before_anything_changes(
    little_memory: None, mapped: Any, kind: Any, x: Any, y: Any, message: str
) -> None:
    made = model()
    if kind is None:  # any rows are as near, and so many are looked at together
        kind, message = mapped, message.replace("[100:200\\]", "[0:230\\]").replace("53", "153")
    with pytest.raises(ValueError, match=message):
        made.fit(kind(x), kind(y) if len(y) == 230 else y, verbose=0)
    assert made.optimizer.iterations == 0


def test_labels_are_looked_at_before_the_first_step(little_memory: None) -> None:
    made = Sequential([Input((4,)), Dense(3, "softmax")])
    made.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="label 7 at index .229,"):
        made.fit(chunks(X), np.where(np.arange(230) == 229, 7, LABELS), verbose=0)
    assert made.optimizer.iterations == 0


def test_what_cannot_be_read_is_told() -> None:
    unknown = chunks(X)
    unknown.shape = (np.nan, 4)
    with pytest.raises(ValueError, match=r"unknown length.*x.compute_chunk_sizes\(\)"):
        model().fit(unknown, Y, verbose=0)
    with pytest.raises(AssertionError, match="as a whole"):  # text is no business of ours
        model().fit(Chunks(X.astype(str), 230), Y, verbose=0)


@pytest.mark.parametrize("memory", [2**25, 800])
def test_a_chunk_that_is_not_what_was_announced_is_refused(
    monkeypatch: pytest.MonkeyPatch, memory: int
) -> None:
    monkeypatch.setattr(unread, "IN_MEMORY", memory)

    class Other(Chunks):
        def __init__(self, become: Any) -> None:
            super().__init__(X, 50, 50, 100, 30)
            self.become = become

        def __getitem__(self, rows: slice) -> Any:
            return self.become(super().__getitem__(rows))

    for become, message in (
        (lambda rows: rows[:20], r"Rows 0 to 50 of a Other came with shape \(20, 4\), and it says"),
        (lambda rows: np.ma.masked_greater(rows, 1), "would lose its mask"),
    ):
        for x, y in ((Other(become), Y), (X, Other(become))):
            made = model()
            with pytest.raises((ValueError, TypeError), match=message):
                made.fit(x, y, verbose=0)
            assert made.optimizer.iterations == 0


def test_weights_of_classes_whose_labels_are_read_later(little_memory: None, mapped: Any) -> None:
    def run(kind: Any) -> Any:
        labels = kind(np.repeat(LABELS, 10).astype(float))
        x = kind(np.repeat(X, 10, axis=0))
        return trained(x, labels, class_weight={0: 1.0, 1: 3.0}, shuffle=False)

    check(run(mapped), run(np.asarray))
    check(run(lambda array: Chunks(array, 500, 1000, 800)), run(np.asarray))


def test_what_is_small_is_read_once() -> None:
    source = chunks(X)
    check(trained(source, Y), trained(X, Y))
    assert source.read == [(0, 50), (50, 100), (100, 200), (200, 230)]
    assert from_elsewhere(X, "x", True) is X


def test_rows_that_do_not_lie_together_are_brought_together_once() -> None:
    wide = np.concatenate([X, Y], axis=1).astype(np.float32)
    right = trained(np.ascontiguousarray(wide[:, :4]), np.ascontiguousarray(wide[:, 4]))
    check(trained(wide[:, :4], wide[:, 4]), right)
    check(trained(np.asfortranarray(wide[:, :4]), wide[:, 4:]), right)
    for part in as_data(wide[:, :4], wide[:, 4])[:2]:
        assert part.flags.c_contiguous
    same = np.ascontiguousarray(wide[:, :4])
    assert as_data(same, wide[:, 4]).x is same


def test_of_a_memory_map_little_is_in_memory(tmp_path: Path) -> None:
    """Python's own count of what NumPy allocates; `benchmarks.bigger_data` measures processes."""
    rows = 66_000
    path = tmp_path / "x.npy"
    x = np.lib.format.open_memmap(path, "w+", np.float64, (rows, 64))
    x[:] = np.arange(64) / 64
    del x
    made = Sequential([Input((64,)), Dense(2), Dense(1)])
    made.compile("sgd", "mse")
    y = np.ones(rows, np.float32)
    x = np.load(path, mmap_mode="r")
    assert x.nbytes > unread.IN_MEMORY
    tracemalloc.start()
    made.fit(x, y, batch_size=4096, validation_split=0.1, verbose=0)
    made.predict(x, batch_size=4096)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12_000_000
