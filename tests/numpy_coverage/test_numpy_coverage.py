"""What of NumPy is covered only grows; nothing is silent, nothing wrong, nothing forgotten."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Tensor
from autograd_nn.engine.errors import ArgumentTypeError
from tests.numpy_coverage import judging, left_out
from tests.numpy_coverage.counting import (
    NOT_IN_EVERY_NUMPY,
    RIGHT_AT_LEAST,
    TABLES,
    verdicts,
)
from tests.numpy_coverage.judging import Library, Verdict, judge
from tests.numpy_coverage.peers import CANNOT_BE_HERE, COVERED_BY_PEERS

CALLS = [(name, call, point) for calls, point in TABLES.values() for name, call in calls.items()]


@pytest.fixture(scope="module")
def judged() -> dict[str, dict[str, Verdict]]:
    return verdicts()


def of_kind(kind: str, judged: dict[str, dict[str, Verdict]]) -> set[str]:
    return {
        name for found in judged.values() for name, verdict in found.items() if verdict.kind == kind
    }


def test_none_is_wrong(judged: Any) -> None:
    assert of_kind(judging.WRONG, judged) == set()


def test_none_is_silent(judged: Any) -> None:
    assert of_kind(judging.SILENT, judged) == set()


def test_what_is_refused_is_refused_by_an_error_of_ours(judged: Any) -> None:
    assert of_kind(judging.OTHER_ERROR, judged) == set()


@pytest.mark.parametrize("title", TABLES)
def test_as_many_are_right_as_were(title: str, judged: Any) -> None:
    kinds = [verdict.kind for verdict in judged[title].values()]
    missing = kinds.count(judging.NOT_IN_NUMPY)
    assert kinds.count(judging.RIGHT) + missing >= RIGHT_AT_LEAST[title]


def test_what_peers_cover_is_covered(judged: Any) -> None:
    fine = of_kind(judging.RIGHT, judged) | of_kind(judging.NOT_IN_NUMPY, judged)
    missing = COVERED_BY_PEERS - fine - CANNOT_BE_HERE.keys()
    assert missing == set()
    assert not fine & CANNOT_BE_HERE.keys()


def test_what_numpy_lacks_is_known(judged: Any) -> None:
    assert of_kind(judging.NOT_IN_NUMPY, judged) <= NOT_IN_EVERY_NUMPY.keys()


# ----------------------------------------------------------------------------- what is left out


def test_every_public_name_is_in_one_class() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that NumPy is about to take away
        classes = {
            name: left_out.classes_of(name, value)
            for name, value in left_out.public_names().items()
        }
    assert {name: found for name, found in classes.items() if len(found) != 1} == {}


def test_what_is_left_out_is_in_numpy() -> None:
    named = [name for names in left_out.LEFT_OUT.values() for name in names.split()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert set(named) - left_out.public_names().keys() <= NOT_IN_EVERY_NUMPY.keys()


# ----------------------------------------------------------------------------- the judge


@pytest.mark.parametrize(("name", "call", "point"), CALLS, ids=[name for name, _, _ in CALLS])
def test_the_point_is_away_from_kinks(name: str, call: Any, point: Any) -> None:
    """Differences over a short and a long step agree: no kink and no jump lies between."""
    if judge(name, call, point).kind == judging.NOT_IN_NUMPY or name in judging.REFUSED:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = list(judging.leaves(call(np, point.copy())))
        short = judging.by_differences(call, point, results)
        long = judging.by_differences(call, point, results, times=4.0)
    scale = np.abs(short).max()
    assert scale > 0  # there is a derivative to be right about
    np.testing.assert_allclose(short, long, rtol=0, atol=0.02 * scale)


def slope(factor: float) -> Operation:
    return Operation("slope", value=lambda x: 2 * x, gradients=(lambda g, out, x: factor * g,))


def on_tensors(act: Any, otherwise: Any = lambda x: 2 * x) -> Any:
    """A call that does one thing with Tensors and another with arrays."""
    return lambda np, x: act(x) if type(x) is Tensor else otherwise(x)


def raising(error: Exception) -> Any:
    def act(x: Any) -> Any:
        raise error

    return on_tensors(act)


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda np, x: 2 * x, judging.RIGHT),
        (lambda np, x: [x, (np.floor(5 * x), 3)], judging.RIGHT),
        (on_tensors(slope(2.0)), judging.RIGHT),
        (on_tensors(slope(2.002)), judging.WRONG),
        (on_tensors(slope(-2.0)), judging.WRONG),
        (on_tensors(lambda x: 2 * x + 1e-9), judging.WRONG),
        (on_tensors(lambda x: (2 * x)[None]), judging.WRONG),
        (on_tensors(lambda x: (2 * x).astype("float32")), judging.WRONG),
        (on_tensors(lambda x: [2 * x, 2 * x]), judging.WRONG),
        (on_tensors(lambda x: None), judging.WRONG),
        (on_tensors(lambda x: 2 * x.data), judging.SILENT),
        (on_tensors(lambda x: 2 * x.detach()), judging.SILENT),
        (on_tensors(lambda x: [x, 2 * x.data], lambda x: [x, 2 * x]), judging.SILENT),
        (raising(ArgumentTypeError("no")), judging.OWN_ERROR),
        (raising(TypeError("no")), judging.OTHER_ERROR),
        (raising(AttributeError("no")), judging.ABSENT),
        (lambda np, x: np.no_such_function(x), judging.NOT_IN_NUMPY),
    ],
)
def test_the_judge_finds_out(call: Any, kind: str) -> None:
    assert judge("", call, np.array([[0.3, 0.7], [0.65, 0.9]])).kind == kind


@pytest.mark.parametrize(
    ("name", "message", "kind"),
    [
        ("exp(out=)", "np.exp of a Tensor takes no `out`. Use y = np.exp(t).", judging.RIGHT),
        ("exp(out=)", "np.exp of a Tensor takes no `out`.", judging.OWN_ERROR),
        ("exp(where=)", "no `where`. Use np.where(mask, np.exp(t), 0).", judging.RIGHT),
        ("exp(where=)", "no `where`. Use something else.", judging.OWN_ERROR),
        ("exp(dtype=)", "np.exp of a Tensor takes no `out`. Use y = np.exp(t).", judging.OWN_ERROR),
    ],
)
def test_an_error_is_right_where_it_tells_the_way(name: str, message: str, kind: str) -> None:
    assert judge(name, raising(ArgumentTypeError(message)), np.ones(2)).kind == kind


def test_a_result_is_wrong_where_an_error_is_right() -> None:
    assert judge("exp(out=)", lambda np, x: np.exp(x), np.ones(2)).kind == judging.WRONG


# ----------------------------------------------------------------------------- the peers


def libraries() -> Iterator[Library]:
    import autograd
    import autograd.numpy
    import mygrad

    def of_mygrad(total: Any, x: Any) -> Any:
        variable = mygrad.tensor(x)
        total(variable).backward()
        return variable.grad

    box = autograd.numpy.numpy_boxes.ArrayBox
    yield Library(autograd.numpy, box, lambda b: b._value, lambda total, x: autograd.grad(total)(x))
    yield Library(mygrad, mygrad.Tensor, lambda t: t.data, of_mygrad)


@pytest.mark.peers
def test_what_peers_get_right_is_recorded() -> None:
    for library in libraries():
        right = of_kind(judging.RIGHT, verdicts(library))
        assert right - COVERED_BY_PEERS == set()
        assert len(right) > 160  # most of what is recorded, of each
