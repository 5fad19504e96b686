"""Files of a model while it is trained: when, under which name, and what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_nn import Input, Sequential
from autograd_nn.callbacks import Callback, ModelCheckpoint
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.layers import Dense
from autograd_nn.models import load_model

X = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
Y = X[:, :1]


def fitted(callbacks: Any, **how: Any) -> Any:
    model = Sequential([Input((3,)), Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, Y, **{"batch_size": 5, "epochs": 3, "verbose": 0, "callbacks": callbacks, **how})
    return model


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_epoch_and_every_so_many_batches(tmp_path: Path) -> None:
    model = fitted(
        [
            ModelCheckpoint(tmp_path / "a" / "{epoch:02d}.npz"),
            ModelCheckpoint(tmp_path / "b" / "{epoch}-{batch}.npz", save_freq=3),
            ModelCheckpoint(tmp_path / "c.npz", save_weights_only=True),
        ]
    )
    assert names_in(tmp_path / "a") == ["01.npz", "02.npz", "03.npz"]
    # Counted through all epochs: after 3, 6, 9 and 12 batches of 4 in each.
    assert names_in(tmp_path / "b") == ["1-3.npz", "2-2.npz", "3-1.npz", "3-4.npz"]
    last = load_model(tmp_path / "a" / "03.npz")
    assert last.optimizer.iterations == 12
    for other in (last, load_model(tmp_path / "b" / "3-4.npz")):
        assert all(map(np.array_equal, other.get_weights(), model.get_weights()))
    again = Sequential([Input((3,)), Dense(1)])
    again.load_weights(tmp_path / "c.npz")
    assert all(map(np.array_equal, again.get_weights(), model.get_weights()))


class Says(Callback):
    """Have a value in the logs of each epoch."""

    def __init__(self, *values: Any) -> None:
        self.values = values

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["value"] = self.values[epoch]


@pytest.mark.parametrize(
    ("values", "how", "saved"),
    [
        ((3.0, 4.0, 2.0), {"mode": "min"}, ["1_3.0", "3_2.0"]),
        ((3.0, 4.0, 2.0), {"mode": "max"}, ["1_3.0", "2_4.0"]),
        ((3.0, 3.0, 3.0), {"mode": "max"}, ["1_3.0"]),
        ((3.0, 2.0, 1.0), {"mode": "min", "initial_value_threshold": 1.5}, ["3_1.0"]),
        ((np.nan, 2.0, np.nan), {"mode": "min"}, ["2_2.0"]),
    ],
)
def test_save_best_only(values: Any, how: Any, saved: list[str], tmp_path: Path) -> None:
    path = tmp_path / "{epoch}_{value}.npz"
    fitted([Says(*values), ModelCheckpoint(path, "value", save_best_only=True, **how)])
    assert names_in(tmp_path) == [f"{name}.npz" for name in saved]


def test_a_later_fit_is_compared_with_all_before(tmp_path: Path) -> None:
    keep = ModelCheckpoint(tmp_path / "{epoch}_{value}.npz", "value", 0, True, mode="min")
    fitted([Says(3.0, 2.0, 2.5), keep])
    fitted([Says(2.2, 2.1, 1.0), keep])
    assert names_in(tmp_path) == ["1_3.0.npz", "2_2.0.npz", "3_1.0.npz"]


@pytest.mark.parametrize(
    ("value", "said"), [(None, "which is not among loss"), (np.ones(2), "no single number")]
)
def test_where_there_is_no_value_it_saves_every_time(value: Any, said: str, tmp_path: Path) -> None:
    callbacks: list[Any] = [ModelCheckpoint(tmp_path / "{epoch}.npz", "value", 0, True, mode="min")]
    if value is not None:
        callbacks.insert(0, Says(value, value, value))
    with pytest.warns(UserWarning, match=said) as told:
        fitted(callbacks)
    assert len(told) == 1 and len(names_in(tmp_path)) == 3


def test_what_it_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "{epoch}.npz"
    fitted([Says(3.0, 2.0, 4.0), ModelCheckpoint(path, "value", 1, True, mode="min")])
    assert capsys.readouterr().out.splitlines() == [
        f"Epoch 1: value from inf to 3, saved as {tmp_path / '1.npz'}.",
        f"Epoch 2: value from 3 to 2, saved as {tmp_path / '2.npz'}.",
    ]


@pytest.mark.parametrize(
    ("how", "kind", "said"),
    [
        ({"filepath": 3}, ArgumentTypeError, "`filepath` must be the path"),
        ({"filepath": "model"}, ArgumentError, "must end in .npz or .keras"),
        ({"filepath": "m.weights.h5"}, ArgumentError, "must end in .npz or .keras"),
        ({"filepath": "m.keras", "save_weights_only": True}, ArgumentError, "safetensors"),
        ({"filepath": "m.npz", "save_freq": 0}, ArgumentError, "`save_freq`"),
        ({"filepath": "m.npz", "monitor": "x", "save_best_only": True}, ArgumentError, "`mode`"),
        ({"filepath": "m.npz", "mode": "up"}, ArgumentError, "`mode`"),
        ({"filepath": "m.npz", "initial_value_threshold": "a"}, ArgumentTypeError, "threshold"),
        ({"filepath": "m.npz", "save_best": True}, ArgumentTypeError, "save_best_only"),
    ],
)
def test_wrong_arguments(how: Any, kind: Any, said: str) -> None:
    with pytest.raises(kind, match=said):
        ModelCheckpoint(**how)


def test_a_name_that_is_not_in_the_logs(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match=r"cannot be filled in.*val_loss.*there are epoch"):
        fitted([ModelCheckpoint(tmp_path / "{val_loss}.npz")])


@pytest.mark.filterwarnings("ignore")
def test_keras_files(tmp_path: Path) -> None:
    fitted(
        [
            ModelCheckpoint(tmp_path / "m.keras"),
            ModelCheckpoint(tmp_path / "{epoch}.weights.h5", save_weights_only=True),
        ]
    )
    assert names_in(tmp_path) == ["1.weights.h5", "2.weights.h5", "3.weights.h5", "m.keras"]
