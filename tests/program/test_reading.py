"""What a program computes anew, what it keeps, and what it refuses to be made from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, gradients, ops
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError, ShapeError, StateError
from autograd_nn.optimizers import SGD
from tests.program.agreement import assert_agrees, assert_close, assert_equal, without_passes


def leaf(*shape: int, name: str = "x", dtype: Any = np.float64) -> Tensor:
    return Tensor(np.random.default_rng([7, *shape]).normal(size=shape).astype(dtype), name=name)


# ---------------------------------------------------------------------- the structure of wrt


def test_structures_of_wrt() -> None:
    x, y = leaf(2, 3), leaf(3, name="y")
    inner = np.tanh(x) * y
    unused = leaf(2, name="unused")
    fixed = Tensor(np.ones(2), requires_grad=False)
    loss = (inner * inner).sum() + fixed.sum()
    for wrt in [
        x,
        [x],
        (y, x, y),
        {"a": [x, (inner, unused)], "b": {"c": y}},
        [x, fixed],
        [],
        [unused],
        loss,
        [loss, x],
        [inner],
    ]:
        assert_agrees(loss, wrt)


def test_leaf_that_stops_to_want_a_gradient() -> None:
    x, y = leaf(3), leaf(3, name="y")
    loss = (x * y).sum()
    y.requires_grad = False
    found = loss.program([x])()[1]
    np.testing.assert_array_equal(found[0], y._data)


# ---------------------------------------------------------------------- what is given


def test_array_and_tensor_as_inputs() -> None:
    w, array, tensor = leaf(3, 2, name="w"), np.ones((4, 3)), leaf(4, 2, name="t")
    loss = ((array @ w - tensor) ** 2).mean()
    program = loss.program([w, tensor], inputs={"x": array, "t": tensor})
    other, target = np.arange(12.0).reshape(4, 3), np.full((4, 2), 0.5)
    t = Tensor(target)
    expected = ((other @ w - t) ** 2).mean()
    wanted = expected._data, gradients(expected, [w, t])
    for given in ({"x": other, "t": target}, {"x": other.tolist(), "t": t}):
        assert_close(program(**given), wanted)
        assert_equal(without_passes(program, **given), wanted)
    assert_close(program(), (loss._data, gradients(loss, [w, tensor])))


def test_integer_labels_as_an_input() -> None:
    z, labels = leaf(4, 3, name="z"), np.array([0, 2, 1, 1])
    loss = ops.sparse_softmax_cross_entropy(z, labels).mean()
    program = loss.program([z], inputs={"labels": labels})
    other = np.array([2, 2, 0, 1])
    expected = ops.sparse_softmax_cross_entropy(z, other).mean()
    assert_close(program(labels=other), (expected._data, gradients(expected, [z])))
    assert_equal(without_passes(program, labels=other), (expected._data, gradients(expected, [z])))


def test_mask_as_an_input() -> None:
    x, mask = leaf(4), np.array([True, False, True, True])
    loss = (np.where(mask, x * x, 0.5 * x)).sum()
    program = loss.program([x], inputs={"mask": mask})
    expected = (np.where(~mask, x * x, 0.5 * x)).sum()
    assert_close(program(mask=~mask), (expected._data, gradients(expected, [x])))


def test_input_called_like_a_setting() -> None:
    x = leaf(3)
    rate = np.array([2.0, 3.0, 4.0])
    program = (x * rate).sum().program([x], SGD(0.5), inputs={"learning_rate": rate})
    before = np.array(x._data)
    assert_close(without_passes(program), np.float64((before * rate).sum()))
    np.testing.assert_allclose(x._data, before - 0.5 * rate, rtol=1e-15)
    program(learning_rate=np.zeros(3))
    np.testing.assert_allclose(x._data, before - 0.5 * rate, rtol=1e-15)


def test_number_as_an_input_is_not_kept() -> None:
    x, scale = leaf(3), Tensor(2.0, name="scale", requires_grad=False)
    program = (x * scale + scale).sum().program([x], inputs=[scale])
    loss, (by_x,) = program(scale=-1.0)
    np.testing.assert_allclose(loss, (-x._data - 1).sum(), rtol=1e-14)
    assert by_x.tolist() == [-1.0, -1.0, -1.0]


def test_constant_index_and_equal_constants() -> None:
    x = leaf(4, 3)
    key = np.array([0, 0, 2])
    again = x.at[key].add(np.ones((3, 3)))[key] * np.ones((3, 3))
    assert_agrees((again * x[:3]).sum(), [x])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_dtypes(dtype: Any) -> None:
    x = leaf(3, 2, dtype=dtype)
    assert_agrees((ops.sigmoid(x) * 2.0 - x.max()).sum(), [x])
    assert_agrees((x * np.float64(2.0)).sum(), [x])
    assert_agrees((x.astype(np.float64) * x).mean(), [x])


def test_integers_beside_numbers() -> None:
    x, whole = leaf(3), Tensor(np.array([1, 2, 3]))
    assert_agrees((x**whole + whole / 2 * x).sum(), [x, whole])
    assert_agrees((x * np.array([True, False, True]) + np.arange(3)).sum(), [x])


def test_powers() -> None:
    x = Tensor(np.array([0.0, -0.0, 2.0, -3.0]), name="x")
    for exponent in (0, 1, 2, 3, 0.0, 1.0, 2.0):
        assert_agrees((x**exponent).sum(), [x])
    y = Tensor(np.array([0.5, 2.0, 3.0]), name="y")
    for other in (-1, -2.5, 0.5, -0.5, np.array([-1.0, 0.0, 2.0]), np.float64(-3)):
        assert_agrees((y**other).sum(), [y])
    assert_agrees(((-2.0) ** Tensor(np.array([2.0, 3.0]))).sum() + y.sum(), [y])


# ---------------------------------------------------------------------- changed since


def test_program_made_after_its_leaves_were_changed() -> None:
    """It computes from the present data, in every form."""
    x, y = leaf(3), Tensor(2.0, name="y")
    loss = (np.tanh(x) * y).sum() + ops.mean(y)
    x.data = np.array([0.1, 0.2, 0.3])
    y.data = -1.0
    anew = (np.tanh(x) * y).sum() + ops.mean(y)
    program = loss.program([x, y])
    expected = anew._data, gradients(anew, [x, y])
    assert_close(program(), expected)
    assert_equal(without_passes(program), expected)


def test_making_a_program_draws_nothing() -> None:
    generator = np.random.default_rng(3)
    from autograd_nn.layers import Dropout

    layer, x = Dropout(0.5), leaf(4, 5)
    loss = layer(x, training=True).sum()
    states = [
        g.bit_generator.state for g in vars(layer).values() if isinstance(g, np.random.Generator)
    ]
    program = loss.program([x])
    assert program.plain.source
    after = [
        g.bit_generator.state for g in vars(layer).values() if isinstance(g, np.random.Generator)
    ]
    assert after == states
    assert generator.random() == np.random.default_rng(3).random()


# ---------------------------------------------------------------------- what is refused


def test_wrong_calls() -> None:
    x = leaf(3)
    inner = np.tanh(x)
    loss = (inner * inner).sum()
    array = np.ones(3)
    with pytest.raises(StateError, match="3 elements"):
        (x * 2.0).program([x])
    with pytest.raises(ArgumentTypeError, match="`wrt` must hold Tensors"):
        loss.program([array])
    with pytest.raises(ArgumentError, match="computed itself"):
        loss.program([x], inputs={"inner": inner})
    with pytest.raises(ArgumentError, match="not computed from it"):
        loss.program([x], inputs={"a": array})
    with pytest.raises(ArgumentError, match="An optimizer cannot move"):
        loss.program([x], SGD(0.1), inputs={"x": x})
    with pytest.raises(ArgumentError, match="An optimizer cannot move"):
        loss.program([inner], SGD(0.1))
    program = loss.program([x], inputs={"x": x})
    with pytest.raises(ShapeError, match="recorded with shape"):
        program(x=np.ones(4))
    with pytest.raises(ArgumentTypeError, match="no input 'y'"):
        program(y=np.ones(3))
    with pytest.raises(ArgumentTypeError, match="inputs by name: program\\(x=…\\); got 1 without"):
        program(np.ones(3))
    with pytest.raises(ArgumentTypeError, match="by name"):
        program.plain(np.ones(3))
    with pytest.raises(ArgumentTypeError, match="numbers of float64, got 'abc'"):
        program(x="abc")
    with pytest.raises(ShapeError, match="rows of different lengths"):
        program(x=[[1.0, 2.0], [3.0]])
    with pytest.raises(ArgumentTypeError, match=r"Give x.astype\(np.float64\)"):
        program(x=np.ones(3, complex))
    with pytest.raises(ArgumentTypeError, match="Did you mean 'optimizer'"):
        loss.program([x], optimiser=SGD(0.1))
    with pytest.raises(ArgumentError, match="name 'class'"):
        loss.program([x], inputs={"class": x})


@pytest.mark.parametrize(
    ("optimizer", "got"),
    [(SGD, r"got the class: write SGD\(\)"), ("sgd", "got 'sgd'"), (0.1, "got 0.1 of type float")],
)
def test_what_is_no_optimizer(optimizer: Any, got: str) -> None:
    x = leaf(3)
    with pytest.raises(ArgumentTypeError, match=got):
        (x * x).sum().program([x], optimizer)


def test_an_input_may_have_any_name_that_can_be_given() -> None:
    x = Tensor(3.0)
    program = (x * x).program([], inputs={"self": x})
    assert program(self=4.0)[0] == 16.0
    assert program.plain(self=4.0)[0] == 16.0


@pytest.mark.parametrize("z_of", [lambda z: z, ops.softmax], ids=["logits", "probabilities"])
def test_a_label_that_is_no_class_is_refused(z_of: Any) -> None:
    z, labels = Tensor(np.arange(6.0).reshape(2, 3)), np.array([0, 2])
    cross_entropy = (
        ops.sparse_softmax_cross_entropy if z_of(z) is z else ops.sparse_categorical_cross_entropy
    )
    program = cross_entropy(z_of(z), labels).sum().program([z], inputs={"labels": labels})
    for wrong in (3, -1):
        for run in (program, program.plain):
            with pytest.raises(ArgumentError, match=rf"label {wrong} at index \(1,\).*0 to 2"):
                run(labels=[1, wrong])
    assert program(labels=[1, 1])[0] == pytest.approx(program.plain(labels=[1, 1])[0])
