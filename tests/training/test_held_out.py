"""Which samples are for validation: the last ones, or the last of every class."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from autograd_nn import Sequential
from autograd_nn.data import Data
from autograd_nn.layers import Dense
from autograd_nn.losses import to_categorical
from autograd_nn.training.held_out import split_off


def split(y: Any, fraction: float, stratify: bool = True) -> tuple[Data, Data]:
    y = np.asarray(y)
    return split_off(Data(np.arange(len(y)), y, None), fraction, stratify)


def test_the_last_of_every_class_by_hand() -> None:
    #   place      0  1  2  3  4  5  6  7  8  9
    train, held = split([0, 0, 0, 0, 0, 0, 1, 1, 2, 2], 0.5)
    # Five of ten: 3 of the six, 1 of each two, as their shares are.
    assert held.x.tolist() == [3, 4, 5, 7, 9]
    assert train.x.tolist() == [0, 1, 2, 6, 8]
    assert train.y.tolist() == [0, 0, 0, 1, 2]
    one_hot = to_categorical([0, 0, 0, 0, 0, 0, 1, 1, 2, 2])
    assert split(one_hot, 0.5)[1].x.tolist() == held.x.tolist()
    assert split(np.float32([[1], [0], [1], [0]]), 0.5)[1].x.tolist() == [2, 3]
    assert split([True, False, False, True], 0.5)[1].x.tolist() == [2, 3]


@given(st.lists(st.integers(2, 12), min_size=1, max_size=5), st.data())
def test_both_parts_have_every_class_and_as_many_samples_as_without(
    counts: list[int], data: st.DataObject
) -> None:
    y = np.array(data.draw(st.permutations(np.repeat(range(len(counts)), counts).tolist())))
    held = data.draw(st.integers(max(2, len(counts)), max(2, len(y) - len(counts))))
    assume(held < len(y))
    fraction = (held - 0.5) / len(y)
    train, validation = split(y, fraction)
    assert sorted([*train.x, *validation.x]) == list(range(len(y)))
    assert len(validation.x) == held
    assert (np.diff(train.x) > 0).all() and (np.diff(validation.x) > 0).all()
    for label, count in enumerate(counts):
        taken = int((validation.y == label).sum())
        assert 1 <= taken < count
        # The last ones, and as many as the share, but for what whole numbers and the 1 take.
        assert (
            np.flatnonzero(y == label)[-taken:].tolist()
            == validation.x[validation.y == label].tolist()
        )
        assert abs(taken - count * held / len(y)) <= max(1, len(counts) - 1)


@pytest.mark.parametrize(
    ("y", "fraction", "message"),
    [
        ([0, 0, 1], 0.5, "the label 1 once"),
        ([0, 0, 1, 1, 2, 2], 0.2, "all 3 classes in both parts.* gives 2 of 6"),
        (np.linspace(0, 1, 10), 0.5, r"one label for each sample.*float64 of shape \(10,\)"),
        (np.ones((10, 2)), 0.5, r"whole numbers or one-hot rows, got float64 of shape \(10, 2\)"),
        ([0, 1] * 5, 1.5, "validation_split"),
    ],
)
def test_what_cannot_be_split_so_is_told(y: Any, fraction: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        split(y, fraction)


def test_fit_takes_it_beside_a_split_only() -> None:
    x = np.random.default_rng(0).normal(size=(20, 2))
    y = np.repeat([0, 1], 10)
    model = Sequential([Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    model.fit(x, y, validation_split=0.2, stratify=True, verbose=0)
    held = [8, 9, 18, 19]
    found = model.history.history["val_loss"][0]  # type: ignore[union-attr]
    assert found == pytest.approx(model.evaluate(x[held], y[held], verbose=0)[0], rel=1e-6)
    for options in ({}, {"validation_split": 0.2, "validation_data": (x, y)}):
        with pytest.raises(ValueError, match="`stratify`=True.*`validation_split`"):
            model.fit(x, y, stratify=True, verbose=0, **options)
    with pytest.raises(ValueError, match="stratify"):
        model.fit(iter([(x, y)]), stratify=True, verbose=0)
    with pytest.raises(TypeError, match="stratify"):
        model.fit(x, y, validation_split=0.2, stratify="yes", verbose=0)


@pytest.mark.parametrize(
    ("y", "told"),
    [
        ([0] * 50 + [1] * 50, "last 20 of 100 samples, and all of them have the label 1"),
        ([True] * 4 + [False] * 4, "label 0"),
        (to_categorical([0] * 50 + [1] * 50), "label 1"),
        (
            np.repeat(np.arange(10.0), 10),
            "y is sorted: their labels are 8 to 9, and 9 among them is",
        ),
        ([0, 1] * 30 + [1] * 30, "label 1"),
        ([0, 1] * 50, None),
        ([0] * 99 + [1], "labels are 0 to 1, and 1 among them is never trained on"),
        ([0, 0, 0, 0, 1, 0, 0, 0, 0, 0], None),  # rare: so it may be by chance
        (np.arange(100), None),  # measured values
        (np.linspace(0, 1, 100), None),
        ([1] * 100, None),
    ],
)
def test_a_tail_of_other_classes_is_told(y: Any, told: str | None) -> None:
    if told is None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            split(y, 0.2, stratify=False)
        return
    with pytest.warns(UserWarning, match=told):
        train, held = split(y, 0.2 if len(y) > 8 else 0.25, stratify=False)
    assert train.x.tolist() + held.x.tolist() == list(range(len(y)))  # only told


def test_the_warning_points_to_the_line_of_fit() -> None:
    model = Sequential([Dense(1)])
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="stratify=True") as seen:
        model.fit(np.ones((40, 2)), np.repeat([0, 1], 20), validation_split=0.2, verbose=0)
    assert seen[0].filename == __file__
