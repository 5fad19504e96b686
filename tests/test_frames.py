"""Frames of pandas, Polars and Arrow as data: numbers, columns by name, what is missing."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from autograd_nn import Input, Model, Sequential
from autograd_nn.layers import Concatenate, Dense

X = np.array([[1.0, 1], [2, 0], [3, 1], [4, 0]])
Y = np.array([1.0, 2, 3, 5])
FRAME = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [1, 0, 1, 0]}, index=[9, 7, 8, 6])


def model() -> Sequential:
    made = Sequential([Input((2,)), Dense(1, kernel_initializer="ones")])
    made.compile("sgd", "mse")
    return made


def of_two_inputs() -> Model:
    a, b = Input((1,), name="a"), Input((1,), name="b")
    made = Model([a, b], Dense(1, kernel_initializer="ones")(Concatenate()([a, b])))
    made.compile("sgd", "mse")
    return made


def weights(made: Model, x: Any, y: Any = Y) -> np.ndarray:
    made.fit(x, y, epochs=2, shuffle=False, verbose=0)
    return np.concatenate([w.ravel() for w in made.get_weights()])


@pytest.mark.parametrize(
    "frame",
    [
        FRAME,
        FRAME.assign(b=FRAME.b > 0),
        FRAME.astype({"b": "Int64"}),
        FRAME.astype({"b": "boolean"}),
        FRAME.astype({"b": "category"}),
        FRAME.astype({"b": object}),
        FRAME.astype("float32"),
        FRAME.astype(pd.SparseDtype(float)),
        FRAME.set_axis(["a", "a"], axis=1),
        FRAME[["b", "a"]][["a", "b"]],
        pd.concat([FRAME.iloc[:2], FRAME.iloc[2:]]),
    ],
)
def test_numbers_are_taken_row_by_row_whatever_the_index(frame: Any) -> None:
    right = weights(model(), X)
    np.testing.assert_array_equal(weights(model(), frame), right)
    y = pd.Series(Y, index=[3, 1, 2, 0])  # other rows by their index, the same in their order
    np.testing.assert_array_equal(weights(model(), frame, y), right)
    np.testing.assert_array_equal(weights(model(), frame, y.to_frame()), right)
    np.testing.assert_array_equal(model().predict(frame), model().predict(X))
    assert model().evaluate(frame, y, verbose=0) == model().evaluate(X, Y, verbose=0)
    assert model().train_on_batch(frame, y) == model().train_on_batch(X, Y)


@pytest.mark.parametrize(
    ("column", "message"),
    [
        (list("wxyz"), r"'b' \((str|object)\) hold text"),
        (pd.Categorical(list("wxyz")), r"'b' \(category\)"),
        (pd.date_range("2020", "2021", 4), r"'b' \(datetime64"),
        (pd.to_timedelta([1, 2, 3, 4], unit="s"), r"'b' \(timedelta64"),
        ([1, 2, "3", 4], r"'b' \((str|object)\)"),
        ([1j, 2, 3, 4], r"'b' \(complex128\)"),
        ([1, np.nan, np.inf, 3], r"2 values.*first is nan at index \(1, 1\), column 'b'"),
        (pd.array([1, None, 1, 0], dtype="Int64"), r"index \(1, 1\), column 'b'"),
        (pd.array([True, None, True, False], dtype="boolean"), r"index \(1, 1\), column 'b'"),
        (pd.Series([1, None, 2, 3], dtype=object, index=FRAME.index), r"column 'b'"),
    ],
)
def test_a_column_that_holds_no_numbers_is_named(column: Any, message: str) -> None:
    made = model()
    with pytest.raises((TypeError, ValueError), match=message):
        made.fit(FRAME.assign(b=column), Y, verbose=0)
    assert made.optimizer.iterations == 0


def test_columns_are_the_inputs_and_outputs_of_their_names() -> None:
    right = weights(of_two_inputs(), {"a": X[:, :1], "b": X[:, 1:]})
    np.testing.assert_array_equal(weights(of_two_inputs(), FRAME), right)
    np.testing.assert_array_equal(weights(of_two_inputs(), FRAME[["b", "a"]]), right)
    np.testing.assert_array_equal(weights(of_two_inputs(), dict(FRAME)), right)
    np.testing.assert_array_equal(
        weights(of_two_inputs(), {"a": [1, 2, 3, 4], "b": FRAME.b}), right
    )
    assert of_two_inputs().predict(FRAME).shape == (4, 1)
    with pytest.raises(ValueError, match="`x` has 'c', and the inputs of the model are 'a', 'b'"):
        of_two_inputs().fit(FRAME.assign(c=1), Y, verbose=0)
    with pytest.raises(ValueError, match="`x` has no 'b'"):
        of_two_inputs().predict(FRAME[["a"]])
    with pytest.raises(TypeError, match=r"`x\['b'\]` must hold numbers, got text"):
        of_two_inputs().fit({"a": Y, "b": list("wxyz")}, Y, verbose=0)
    x = Input((2,))
    both = Model(x, [Dense(1, name="a")(x), Dense(1, name="b")(x)])
    both.compile("sgd", "mse")
    names = ["b", "a"]
    assert both.evaluate(X, FRAME[names], verbose=0) == both.evaluate(
        X, {"a": X[:, 0], "b": X[:, 1]}, verbose=0
    )


def test_what_is_no_frame_of_numbers_is_told_the_way() -> None:
    class LazyFrame:
        def collect(self) -> Any:
            return FRAME

    for given, way in (
        (dict(FRAME), r"np.column_stack\(list\(x.values\(\)\)\)"),
        (LazyFrame(), r"Use x.collect\(\)"),
        (FRAME.to_records(index=False), r"np.column_stack\(\[x\[name\] for name in \('a', 'b'\)\]"),
        (
            MappingProxyType({"q": X}),
            r"Give one of what it holds, such as x\['q'\]",
        ),
        (
            pd.Series(list(X)),
            r"of type ndarray.* np.stack\(np.asarray\(x\)\) is an",
        ),
    ):
        with pytest.raises(TypeError, match=way):
            model().fit(given, Y, verbose=0)
    with pytest.raises(ValueError, match="is empty: 0 samples"):
        model().fit(FRAME.iloc[:0], Y[:0], verbose=0)
    with pytest.raises(ValueError, match="at least one feature"):
        model().fit(FRAME[[]], Y, verbose=0)


def test_missing_values_are_nan_in_predictions() -> None:
    found = model().predict(FRAME.assign(b=pd.array([1, None, 1, 0], dtype="Int64")))
    assert np.isnan(found[:, 0]).tolist() == [False, True, False, False]


@pytest.mark.peers
def test_frames_of_polars_and_tables_of_arrow_are_taken_as_those_of_pandas() -> None:
    polars, arrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    right = weights(model(), X)
    frame = polars.from_pandas(FRAME)
    for given in (
        frame,
        frame.with_columns(polars.col("b") > 0),
        frame.with_columns(polars.col("b").cast(polars.UInt8)),
        arrow.Table.from_pandas(FRAME, preserve_index=False),
        arrow.RecordBatch.from_pandas(FRAME, preserve_index=False),
    ):
        np.testing.assert_array_equal(weights(model(), given, polars.Series(Y)), right)
        np.testing.assert_array_equal(weights(model(), given, arrow.array(Y)), right)
        two = weights(of_two_inputs(), given)
        np.testing.assert_array_equal(two, weights(of_two_inputs(), FRAME))
    lists = arrow.FixedSizeListArray.from_arrays(arrow.array(X.ravel()), 2)
    for given in (lists, arrow.chunked_array([lists]), polars.Series(X.tolist())):
        with pytest.raises(TypeError, match=r"np.stack\(np.asarray\(x\)\) is an array"):
            model().fit(given, Y, verbose=0)
        np.testing.assert_array_equal(np.stack(np.asarray(given)), X)
    for column, message in (
        (polars.Series("b", list("wxyz")), r"'b' \(String\)"),
        (polars.Series("b", list("wxyz"), dtype=polars.Categorical), r"'b' \(Categorical"),
        (polars.Series("b", [[1, 2]] * 4), r"'b' \(List"),
        (polars.Series("b", [1, None, 2, 3]), r"index \(1, 1\), column 'b'"),
        (polars.Series("b", [True, None, False, True]), r"index \(1, 1\), column 'b'"),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            model().fit(frame.with_columns(column), Y, verbose=0)
    with pytest.raises(TypeError, match=r"collect\(\)"):
        model().fit(frame.lazy(), Y, verbose=0)
