"""Arguments of random draws: what is taken, and what is refused in words of ours."""

from typing import Any

import numpy as np
import pytest

from autograd_nn import AutogradError, Tensor, random


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        ((), ()),
        (3, (3,)),
        (np.int64(3), (3,)),
        ([2, 3], (2, 3)),
        ((2, 0), (2, 0)),
        (np.array([2, 3]), (2, 3)),
    ],
)
@pytest.mark.parametrize("draw", [random.normal, random.uniform, random.bernoulli])
def test_shapes(draw: Any, shape: Any, found: Any) -> None:
    assert draw(shape).shape == found
    assert draw(shape, dtype="float16").dtype == np.float16
    assert draw(shape, dtype=">f4").dtype == np.dtype("f4")  # in the byte order of the machine


@pytest.mark.parametrize("draw", [random.normal, random.uniform, random.bernoulli])
@pytest.mark.parametrize(
    "shape",
    [
        *(2.5, None, True, "a", "23", b"23", {2, 3}, {2: 3}, (2.5, 3), (2, None), (2, (3,))),
        *((True, 2), Tensor(3), np.ones((2, 2), int), np.ones(2), -1, (2, -1), (10**30,)),
        *((2,) * 70, range(3)),
    ],
    ids=repr,
)
def test_what_is_no_shape(draw: Any, shape: Any) -> None:
    with pytest.raises(AutogradError, match="`shape`"):
        draw(shape)


@pytest.mark.parametrize(
    ("draw", "given", "name"),
    [
        (random.normal, {"mean": "a"}, "mean"),
        (random.normal, {"mean": np.ones(2)}, "mean"),
        (random.normal, {"mean": float("nan")}, "mean"),
        (random.normal, {"mean": None}, "mean"),
        (random.normal, {"stddev": -1}, "stddev"),
        (random.normal, {"stddev": float("inf")}, "stddev"),
        (random.uniform, {"minval": "a"}, "minval"),
        (random.uniform, {"minval": None}, "minval"),
        (random.uniform, {"minval": np.zeros(2)}, "minval"),
        (random.uniform, {"maxval": float("inf")}, "maxval"),
        (random.uniform, {"minval": 2.0}, "minval"),
        (random.uniform, {"minval": -1e308, "maxval": 1e308}, "maxval - minval"),
        (random.bernoulli, {"p": 1.5}, "p"),
        (random.bernoulli, {"p": None}, "p"),
        (random.bernoulli, {"p": Tensor(0.5)}, "p"),
        (random.normal, {"dtype": "foo"}, "dtype"),
        (random.normal, {"dtype": complex}, "dtype"),
        (random.bernoulli, {"dtype": object}, "dtype"),
        (random.normal, {"seed": -1}, "seed"),
        (random.normal, {"seed": 1.5}, "seed"),
        (random.normal, {"seed": True}, "seed"),
        (random.generator, {"seed": None}, "seed"),
        (random.generator, {"seed": "a"}, "seed"),
        (random.normal, {"sead": 1}, "sead"),
    ],
)
def test_what_is_no_such_argument(draw: Any, given: dict[str, Any], name: str) -> None:
    with pytest.raises(AutogradError, match=f"`{name}`"):
        draw(**given)
