"""A forward and a backward pass written by hand, graded cell by cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import viz
from autograd_nn.engine.errors import ArgumentError
from tests.viz.graphs import lesson, network
from tests.viz.test_exercises import layer


def exercise() -> viz.Exercise:
    loss, names = layer()
    return viz.exercise(loss, "gradients", names=names)


def passes(X: Any, W: Any, c: Any, Y: Any, **wrong: Any) -> dict[str, Any]:
    """Both passes; an entry of ``wrong`` stands for what its place computes, from here on."""
    z = wrong["z"](X, W, c) if "z" in wrong else X @ W + c
    h = 1 / (1 + np.exp(-z))
    loss = wrong["loss"](h, Y) if "loss" in wrong else ((h - Y) ** 2).mean()
    dh = wrong["dh"](h, Y) if "dh" in wrong else 2 * (h - Y) / h.size
    dz = wrong["dz"](dh, h, z) if "dz" in wrong else dh * h * (1 - h)
    dW = wrong["dW"](X, dz) if "dW" in wrong else X.T @ dz
    dc = wrong["dc"](dz) if "dc" in wrong else dz.sum(axis=0)
    return {"loss": loss, "z": z, "h": h, "dh": dh, "dz": dz, "dW": dW, "dc": dc}


def right(X: Any, W: Any, c: Any, Y: Any) -> Any:
    found = passes(X, W, c, Y)
    return found["loss"], {"W": found["dW"], "c": found["dc"]}


def test_a_right_function_is_right_in_every_form() -> None:
    graded = exercise()
    for function in (right, passes, lambda **numbers: right(**numbers)):
        verdict = graded.check(function)
        assert verdict.right and verdict.mistake is None
    assert set(graded.check(right).answers) == {"L", "∂L/∂W", "∂L/∂c"}
    assert str(graded.check(passes)) == "All 7 arrays are right, in every cell."


@pytest.mark.parametrize(
    ("place", "change", "mistake", "where"),
    [
        ("dh", lambda h, Y: 2 * (h - Y), "n_missing", "from L to v3"),
        ("dh", lambda h, Y: (h - Y) / h.size, "number_missing", "from v3, its base, to v2"),
        ("dh", lambda h, Y: 2 * (Y - h) / h.size, "sign", "from v2, its first term, to h"),
        ("dz", lambda dh, h, z: dh, "slope_forgotten", "from h to z"),
        ("dz", lambda dh, h, z: h * (1 - h), "upstream_forgotten", "from h to z"),
        ("dz", lambda dh, h, z: dh * z * (1 - z), "at_output", "from h to z"),
        ("dz", lambda dh, h, z: dh * h, "value_for_slope", "from h to z"),
        ("dW", lambda X, dz: dz.T @ X, "transposed", "from v1, its second factor, to W"),
        ("dW", lambda X, dz: X.T @ dz / len(X), "averaged", "from v1, its second factor, to W"),
        ("dc", lambda dz: dz.mean(axis=0), "averaged", "from z, its second term, to c"),
        ("dc", lambda dz: dz, "sum_missing", "from z, its second term, to c"),
        ("dc", lambda dz: dz[0], "sum_missing", "from z, its second term, to c"),
        ("dW", lambda X, dz: 1.001 * (X.T @ dz), "unknown", None),
        ("z", lambda X, W, c: X @ W, "input_forgotten", "in z = v1 + c"),
        ("loss", lambda h, Y: ((h - Y) ** 2).sum(), "sum_for_mean", "in L = mean(v3)"),
        ("dW", lambda X, dz: X @ dz, "stopped", None),
        ("dW", lambda X, dz: None, "shape", "W"),
        ("dW", lambda X, dz: np.full((3, 2), np.nan), "unknown", None),
    ],
)
def test_a_mistake_is_named_where_it_first_happens(
    place: str, change: Any, mistake: str, where: str | None
) -> None:
    def wrong(X: Any, W: Any, c: Any, Y: Any) -> Any:
        return passes(X, W, c, Y, **{place: change})

    verdict = exercise().check(wrong)
    assert not verdict.right
    assert verdict.mistake == mistake
    assert where is None or verdict.where == where


def test_what_is_computed_in_float32_is_right_to_its_digits() -> None:
    def single(X: Any, W: Any, c: Any, Y: Any) -> Any:
        return passes(*(x.astype(np.float32) for x in (X, W, c, Y)))

    assert exercise().check(single).right

    def wrong(X: Any, W: Any, c: Any, Y: Any) -> Any:
        found = single(X, W, c, Y)
        return {**found, "dW": found["dW"] * np.float32(1.0001)}

    assert exercise().check(wrong).answers["∂L/∂W"] is False


def test_where_gradients_are_asked_for_those_of_all_leaves_must_be_there() -> None:
    def without_c(**numbers: Any) -> Any:
        loss, gradients = right(**numbers)
        return loss, {"W": gradients["W"]}

    verdict = exercise().check(without_c)
    assert not verdict.right and verdict.mistake is None
    assert str(verdict) == "2 of 3 right. Not answered: ∂L/∂c."
    assert verdict.answers == {"L": True, "∂L/∂W": True, "∂L/∂c": None}
    assert exercise().check(lambda **numbers: (right(**numbers)[0], {})).right is False
    loss, names = layer()
    assert (
        viz.exercise(loss, "values", names=names).check(lambda **n: {"loss": right(**n)[0]}).right
    )


def test_one_wrong_cell_is_told() -> None:
    def wrong(X: Any, W: Any, c: Any, Y: Any) -> Any:
        loss, gradients = right(X, W, c, Y)
        gradients["W"][2, 1] += 1
        return loss, gradients

    verdict = exercise().check(wrong)
    assert "1 of its 6 cells are not right, the first of them [2, 1]" in str(verdict)
    assert verdict.answers == {"L": True, "∂L/∂W": False, "∂L/∂c": True}


def test_an_error_is_told_with_its_line() -> None:
    def stops(X: Any) -> Any:
        return X @ X

    line = stops.__code__.co_firstlineno + 1
    assert f"stopped in its line {line}: ValueError" in str(exercise().check(stops))


def test_the_numbers_of_the_graph_are_not_changed_by_it() -> None:
    loss, names = layer()
    before = names["W"]._data.copy()

    def careless(W: Any, X: Any) -> Any:
        W *= 0
        X += 1
        return loss.item(), {}

    viz.exercise(loss, "gradients", names=names).check(careless)
    np.testing.assert_array_equal(names["W"]._data, before)


def test_single_numbers_and_layers_go_by_their_names() -> None:
    found = lesson()

    def by_hand(w: Any, x: Any, b: Any) -> Any:
        a = np.tanh(w * x + b)
        by_z = 2 * (a - 0.8) * (1 - a**2)
        return (a - 0.8) ** 2 + 0.1 * w * w, {"w": by_z * x + 0.2 * w, "b": by_z}

    assert viz.exercise(found.loss).check(by_hand).right
    loss, names = network()
    gradients = viz.exercise(loss, "gradients", names=names)

    def one_layer(dense_kernel: Any) -> Any:
        assert dense_kernel.shape == (64, 25)
        return loss.item(), {"dense/kernel": np.zeros((64, 25))}

    verdict = gradients.check(one_layer)
    assert verdict.answers[next(q for q in verdict.answers if "dense/kernel" in q)] is False


def test_what_cannot_be_graded_is_refused() -> None:
    graded = exercise()
    with pytest.raises(ArgumentError, match="takes `V`, which the graph does not have. It has"):
        graded.check(lambda V: 0)
    with pytest.raises(ArgumentError, match=r"must return \(loss, gradients\)"):
        graded.check(lambda W: 3.0)
    with pytest.raises(ArgumentError, match="returned 'dV'"):
        graded.check(lambda W: {"dV": 0})
    with pytest.raises(ArgumentError, match="no gradient of X"):
        graded.check(lambda W: (0, {"X": 0}))
