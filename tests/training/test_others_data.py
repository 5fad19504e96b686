"""Dask, HDF5 and PyTorch's DataLoader beside arrays of the same numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograd_nn import Input, Model, Sequential, unread
from autograd_nn.layers import Concatenate, Dense
from autograd_nn.training import slices

pytestmark = pytest.mark.peers

X = np.random.default_rng(0).normal(size=(230, 2)).astype(np.float32)
Y = X[:, :1] - X[:, 1:]


@pytest.fixture(autouse=True, params=[2**25, 800])
def memory(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Enough for all, and so little that chunks are read one or two at once."""
    monkeypatch.setattr(unread, "IN_MEMORY", request.param)
    monkeypatch.setattr(slices, "IN_MEMORY", request.param)


def model() -> Sequential:
    made = Sequential([Input((2,)), Dense(1, kernel_initializer="ones")])
    made.compile("sgd", "mse")
    return made


def two() -> Model:
    a, b = Input((1,), name="a"), Input((1,), name="b")
    made = Model([a, b], Dense(1, kernel_initializer="ones")(Concatenate()([a, b])))
    made.compile("sgd", "mse")
    return made


def losses(x: Any, y: Any = Y, make: Any = model, **options: Any) -> list[float]:
    made = make()
    made.fit(x, y, epochs=2, shuffle=False, verbose=0, validation_split=0.2, **options)
    return [value for values in made.history.history.values() for value in values]


def test_dask_arrays_and_frames() -> None:
    array = pytest.importorskip("dask.array")
    frame = pytest.importorskip("dask.dataframe")
    right = pytest.approx(losses(X), rel=1e-5)
    for x in (
        array.from_array(X, chunks=(50, 2)),
        array.from_array(X, chunks=(70, 1)),
        array.from_array(X, chunks=-1),
        array.from_array(X / 2, chunks=(33, 2)) * 2,
        array.from_array(X[::-1].copy(), chunks=(33, 2))[::-1],
    ):
        assert losses(x) == right
        assert losses(x, array.from_array(Y, chunks=(64, 1))) == right
        np.testing.assert_array_equal(model().predict(x), model().predict(X))
    of_pandas = pd.DataFrame(X, columns=["a", "b"]).assign(y=Y[:, 0], text="q")
    columns = frame.from_pandas(of_pandas, npartitions=4)
    assert losses(columns[["a", "b"]], columns["y"]) == right
    assert losses(columns[["a", "b"]], make=two) == right
    assert losses({"b": columns["b"], "a": columns["a"]}, make=two) == right
    with pytest.raises(TypeError, match=r"its columns 'text' \(string\)"):
        losses(columns[["a", "text"]])
    with pytest.raises(ValueError, match=r"x.compute_chunk_sizes\(\)"):
        losses(columns[["a", "b"]].values)
    fewer = x.map_blocks(lambda rows: rows[:20], dtype=x.dtype)
    with pytest.raises(ValueError, match=r"call its compute_chunk_sizes\(\) first"):
        losses(fewer)
    fewer.compute_chunk_sizes()
    kept, labels = fewer.compute(), np.ones(len(fewer))
    assert len(kept) == 140 and losses(fewer, labels) == pytest.approx(losses(kept, labels))
    with pytest.raises(TypeError, match="lose its mask"):
        losses(array.ma.masked_greater(array.from_array(X, chunks=(50, 2)), 1))
    with pytest.raises(TypeError, match=r"a Delayed of Dask.*x.compute\(\)"):
        losses(pytest.importorskip("dask").delayed(X))
    with pytest.raises(ValueError, match="non-finite"):
        losses(array.from_array(np.where(X > 2, np.nan, X), chunks=(50, 2)))


def test_datasets_of_hdf5(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    right = pytest.approx(losses(X), rel=1e-5)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["x"], file["y"] = X, Y
        zipped = file.create_dataset("zipped", data=X, chunks=(64, 2), compression="gzip")
        assert losses(file["x"], file["y"]) == right
        assert losses(zipped) == right
        np.testing.assert_array_equal(model().predict(zipped), model().predict(X))


def test_a_data_loader_of_pytorch() -> None:
    data = pytest.importorskip("torch.utils.data")
    torch = pytest.importorskip("torch")
    pairs = data.TensorDataset(torch.tensor(X), torch.tensor(Y))
    right = model().fit(X, Y, epochs=3, shuffle=False, verbose=0).history["loss"]
    loader = data.DataLoader(pairs, batch_size=32)
    assert model().fit(loader, epochs=3, verbose=0).history["loss"] == pytest.approx(right)
    assert model().evaluate(loader, verbose=0) == pytest.approx(model().evaluate(X, Y, verbose=0))
    mixed = data.DataLoader(pairs, batch_size=32, shuffle=True)
    assert len(model().fit(mixed, epochs=3, verbose=0).history["loss"]) == 3
    with pytest.raises(ValueError, match="is one sample"):
        model().fit(pairs, verbose=0)
