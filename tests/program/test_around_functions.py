"""What a compiled function takes from around it, and what it is given besides numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, compiled, losses, ops
from autograd_nn.engine.errors import StateError

weight = Tensor([1.0, 2.0])
ONES = np.ones(2)


class Owner:
    def __init__(self) -> None:
        self.w = Tensor([1.0, 2.0])
        self.k = np.ones(2)

    @compiled
    def product(self, x: Any) -> Any:
        return (x * self.w * self.k).sum()


def test_a_name_of_the_closure_that_means_another_array() -> None:
    for k, other in (
        (np.array([1.0, 2.0]), np.array([10.0, 20.0])),
        (Tensor([1.0, 2.0]), Tensor([10.0, 20.0])),
    ):
        held = k
        made = compiled(lambda x: (x * held).sum())  # noqa: B023
        for _ in range(6):
            assert made(ONES) == 3.0
        held = other
        for _ in range(4):
            assert made(ONES) == 30.0
        assert made.program is not None


def test_a_global_and_an_attribute_that_mean_another_tensor() -> None:
    global weight
    made = compiled(lambda x: (x * weight).sum())
    owner = Owner()
    for _ in range(4):
        assert made(ONES) == owner.product(ONES) == 3.0
    weight, owner.w = Tensor([10.0, 20.0]), Tensor([10.0, 20.0])
    for _ in range(4):
        assert made(ONES) == owner.product(ONES) == 30.0
    owner.k = np.full(2, 2.0)
    assert owner.product(ONES) == 60.0


def test_a_name_that_means_another_array_at_every_call() -> None:
    k = np.array([1.0, 2.0])
    made = compiled(lambda x: (x * k).sum())
    with pytest.warns(UserWarning, match="another thing from call to call"):
        for factor in range(1, 20):
            k = factor * np.array([1.0, 2.0])
            assert made(ONES) == 3.0 * factor


def test_integers_that_are_counted_in_place() -> None:
    @compiled
    def counted(x: Any, n: Any) -> Any:
        n += 1
        return x * 2

    n = np.zeros(2, int)
    with pytest.warns(UserWarning, match="changes an array that was given in place"):
        for _ in range(6):
            assert counted(ONES, n).tolist() == [2.0, 2.0]
    assert n.tolist() == [6, 6]


def test_a_decision_by_text_is_a_look() -> None:
    for text in (lambda t: f"{t:.0f}", str, repr, lambda t: np.array2string(t)):
        made = compiled(lambda x: x * 2 if "1" in text(x.max()) else x * 3)  # noqa: B023
        with pytest.raises(StateError, match="The values are looked at"):
            made(np.array([1.0, 1.0]))


def test_labels_are_checked_in_every_program() -> None:
    z = np.random.default_rng(0).normal(size=(3, 4))
    given = compiled(lambda z, y: losses.SparseCategoricalCrossentropy(from_logits=True)(y, z))
    computed = compiled(
        lambda z, s: ops.sparse_softmax_cross_entropy(z, (s * 2.0).astype(int)).sum()
    )
    y = np.array([0, 1, 2])
    for labels in (y, y, y, y[::-1].copy()):
        expected = losses.SparseCategoricalCrossentropy(from_logits=True)(labels, z)
        assert np.isclose(given(z, labels), float(expected))
        assert np.isclose(computed(z, labels / 2) / 3, given(z, labels))
    for wrong in (np.array([0, 1, 9]), np.array([-1, 0, 1])):
        with pytest.raises(ValueError, match="labels (are|go from) 0 to 3"):
            given(z, wrong)
        with pytest.raises(ValueError, match="labels (are|go from) 0 to 3"):
            computed(z, wrong / 2)
    w, labels = Tensor(z), np.array([0, 1, 2])
    program = ops.sparse_softmax_cross_entropy(w, labels).sum().program(w)
    plain = program.plain
    labels[0] = 7  # an array that is read where it lives
    for run in (program, plain):
        with pytest.raises(ValueError, match="labels (are|go from) 0 to 3"):
            run()


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: (x * y, y * 2.0),
        lambda x, y: (y.sum(), y > 0, x),
        lambda x, y: (y[:1], x.shape, "text"),
        lambda x, y: y.copy(),
    ],
)
def test_with_a_tensor_given_every_array_is_returned_as_a_tensor(f: Any) -> None:
    """Also one that was computed from arrays alone, and in every call alike."""
    made = compiled(f)
    for start in range(5):
        x, y = Tensor([1.0, 2.0]), np.array([start, -1.0])
        found, expected = made(x, y), f(x.data, y)
        for a, b in zip(*(r if type(r) is tuple else (r,) for r in (found, expected)), strict=True):
            if isinstance(b, (np.ndarray, np.generic)):
                assert type(a) is Tensor
                assert a.tolist() == b.tolist()
            else:
                assert a == b
