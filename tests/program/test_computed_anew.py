"""What depends on values is computed anew by every program, on data other than those recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import (
    LeavingGraphWarning,
    Operation,
    Tensor,
    compiled,
    grad,
    gradients,
    jacobian,
    random,
    value_and_grad,
)
from autograd_nn.engine.mutation import made_by
from autograd_nn.optimizers import SGD
from tests.program.masked_graphs import mismatch

rng = np.random.default_rng(0)
X = rng.normal(size=(20, 4))
STARTS = [rng.normal(size=4) for _ in range(4)]


def ranked(w: Any) -> Any:
    z = X @ w
    return (z[np.argsort(z)] * np.arange(20)).sum()


def spread(w: Any) -> Any:
    z = X @ w
    return (z[np.argmax(z)] - z[z.argmin()]) ** 2


def chosen_rows(w: Any) -> Any:
    z = X * w
    return (z[np.arange(20), z.argmax(1)] ** 2).sum()


def assigned(w: Any) -> Any:
    z = X @ w
    return (z.at[z > 0].set(0.5) ** 2 * z.at[z < 0].add(1.0)).sum()


def limited(w: Any) -> Any:
    z = X @ w
    return (z**2 * ((z > -1) & (z < 1) | ~(z > 2))).sum()


LOSSES: dict[str, Callable[[Any], Any]] = {
    "where": lambda w: (np.where(X @ w > 0, X @ w, 0.1 * (X @ w)) ** 2).sum(),
    "a mask as factor": lambda w: ((X @ w) * ((X @ w) > 0)).sum(),
    "a sign": lambda w: (np.sign(X @ w) * (X @ w) ** 3).sum(),
    "a floor": lambda w: (((X @ w) - np.floor(X @ w)) ** 2).sum(),
    "a floor of one number": lambda w: (w.sum() - np.trunc(w.sum())) ** 2,
    "positions of one": spread,
    "positions of each row": chosen_rows,
    "an order": ranked,
    "assigned": assigned,
    "a mask as number": lambda w: ((X @ w) * (X @ w > 0).astype(float)).sum(),
    "a count of each column": lambda w: ((X * w) * (X * w > 0).sum(0)).sum(),
    "limits": limited,
    "chosen constants": lambda w: np.where(X @ w > 0, 1.0, 2.0).sum() * w.sum(),
    "the sign of a product": lambda w: (X @ w * np.isfinite(np.sign(X @ w))).sum(),
}


@pytest.mark.parametrize("what", LOSSES)
def test_masks_and_positions_are_computed_anew(what: str) -> None:
    f = LOSSES[what]
    w = Tensor(STARTS[0], name="w")
    program = f(w).program([w])
    for data in STARTS:
        w.data = data
        fresh = Tensor(data)
        loss = f(fresh)
        expected = gradients(loss, fresh)
        for run in (program, program.plain):
            value, (gradient,) = run()
            np.testing.assert_allclose(value, loss.item(), rtol=1e-12)
            np.testing.assert_allclose(gradient, expected, rtol=1e-12, atol=1e-12)


CHOOSING: dict[str, Callable[[Any], Any]] = {
    "rows": lambda w: (w[w > 0] ** 2).sum(),
    "beside an array": lambda w: (w[w > 0] * np.arange(2.0)).sum(),
    "two masks": lambda w: (w[w > 0] * w[~(w > 0)]).sum(),
    "columns": lambda w: (np.stack([w, w * 2])[:, w > 0] ** 2).sum(),
    "joined": lambda w: np.concatenate([w[w > 0], w * 2]).sum(),
    "largest": lambda w: w[w > 0].max() + w[w > 0].mean(),
    "product": lambda w: w[w > 0] @ w[w < 0],
    "set": lambda w: (w.at[w > 0].set(np.arange(2.0)) * w).sum(),
    "added": lambda w: (w.at[w > 0].add(w[:2]) * w).sum(),
}


@pytest.mark.parametrize("what", CHOOSING)
@pytest.mark.parametrize("data", [[1, 1, 1, 1], [-1, -1, -1, -1], [1, 1, 1, -1], [1, -1, -1, -1]])
def test_another_number_of_chosen_elements_is_told_in_words_of_ours(
    what: str, data: list[int]
) -> None:
    ours = "mask ch|values of shape .* for elements of shape"
    w = Tensor([1.0, 2.0, -1.0, -2.0])
    loss = CHOOSING[what](w)
    program = loss.program(w)
    runs = [program, program.plain]
    w.data = np.asarray(data, float)
    for run in [*runs, lambda: loss.program(w), lambda: loss.program(w).plain]:
        with pytest.raises(ValueError, match=ours):
            run()


def test_numbers_set_where_a_mask_says_are_set_in_any_number() -> None:
    w = Tensor([1.0, 2.0, -1.0, -2.0])
    program = (w.at[w > 0].set(np.array([5.0])) + w.at[w < 0].add(1.0)).sum().program(w)
    for data in ([1.0, 1.0, 1.0, 1.0], [-1.0, -1.0, -1.0, -1.0], [1.0, 1.0, 1.0, -1.0]):
        w.data = data
        now = np.array(data)
        expected = np.where(now > 0, 5.0, now).sum() + (now + (now < 0)).sum()
        assert program()[0] == program.plain()[0] == expected


def test_training_by_a_program_goes_where_recording_anew_goes() -> None:
    f, optimizer = LOSSES["where"], SGD(0.001)
    w, v = Tensor(STARTS[0]), Tensor(STARTS[0])
    program = f(w).program([w], SGD(0.001))
    for _ in range(100):
        loss = f(v)
        assert np.isclose(program(), loss.item(), rtol=1e-9)
        optimizer.apply_gradients([(gradients(loss, v), v)])
    np.testing.assert_allclose(w.data, v.data, rtol=1e-9)


def test_a_mask_that_chooses_another_number_of_elements_ends_the_call() -> None:
    z = Tensor([1.0, 2.0, -1.0, -2.0])
    program = (z[z > 0] ** 2).mean().program(z)
    z.data = [-3.0, 1.0, 5.0, -1.0]
    for run in (program, program.plain):
        loss, gradient = run()
        assert loss == 13.0
        assert gradient.tolist() == [0.0, 1.0, 5.0, 0.0]
    z.data = [1.0, 1.0, 1.0, 1.0]
    for run in (program, program.plain):
        with pytest.raises(ValueError, match="mask chose elements"):
            run()


def test_a_number_that_was_taken_is_said_with_its_line() -> None:
    w = Tensor([1.0, 2.0])
    z = w * 2
    factor = 2.0 if (z > 0).any() else 3.0  # the line that is named
    line = test_a_number_that_was_taken_is_said_with_its_line.__code__.co_firstlineno + 3
    with pytest.warns(LeavingGraphWarning, match=rf"test_computed_anew\.py, line {line}: any of"):
        program = (z * factor).sum().program(w)
    assert program()[0] == 12.0
    fresh = w * 2
    decided = (fresh * (2.0 if (fresh.data > 0).any() else 3.0)).sum()
    assert decided.program(w)()[0] == 12.0  # a constant by the user's word


def test_a_position_with_a_name_may_decide_something_else_too() -> None:
    def loss(w: Tensor) -> Any:
        z = w * 2
        i = np.argmax(z)
        return z[i] * w[i]  # the second is w[2], also where another one is the largest

    def straight(w: Tensor) -> Any:
        z = w * 2
        return z[np.argmax(z)] - z.at[z.argmin()].set(z[0]).sum()

    w = Tensor([1.0, 2.0, 3.0])
    with pytest.warns(LeavingGraphWarning, match="argmax of .* position inside the brackets"):
        loss(w).program(w)
    program = straight(w).program(w)
    w.data[...] = [9.0, 2.0, 3.0]
    assert program()[0] == 18.0 - (18.0 + 18.0 + 6.0)


def test_a_number_is_taken_after_many_positions() -> None:
    def loss(w: Tensor) -> Any:
        z = w * 2
        return sum(z[np.argmax(z)] * k for k in range(12))

    w = Tensor([1.0, 2.0, 3.0])
    program = loss(w).program(w)
    w.data[...] = [9.0, 2.0, 3.0]
    assert program()[0] == 18.0 * 66
    z = w * 2
    positions = sum(z[np.argmax(z)] for _ in range(8))
    with pytest.warns(LeavingGraphWarning, match="sum of"):
        (positions * float((z > 4).sum())).program(w)


def test_arrays_are_read_where_they_live() -> None:
    for n in (3, 10_000):
        factor, shift, places = np.ones(n), np.zeros(n), np.arange(n)
        limit = np.full(n, 5.0)
        w = Tensor(np.full(n, 2.0))
        loss = ((w * factor + shift)[places] * factor).clip(None, limit).sum()
        program = loss.program(w)
        for run in (program, program.plain):
            factor[...], shift[...], places[...], limit[...] = 1, 0, np.arange(n), 5
            assert run()[0] == 2.0 * n
            factor[...] = 3.0
            shift[...] = 1.0
            limit[...] = 1e9
            assert run()[0] == 21.0 * n  # (2·3 + 1)·3
            places[...] = 0
            shift[0] = 2.0
            value, gradient = run()
            assert value == 24.0 * n
            assert gradient[0] == 9.0 * n
            assert gradient[-1] == 0.0


def test_draws_are_made_anew_from_the_same_generator_in_their_order() -> None:
    w = Tensor(np.ones(5))
    source, twin = random.generator(3), random.generator(3)

    def loss(source: Any, w: Tensor) -> Tensor:
        first = random.normal(5, seed=source, dtype=float)
        second = random.uniform(5, seed=source, dtype=float)
        return (w * second + first * random.bernoulli(5, 0.5, seed=source)).sum()

    program = loss(source, w).program(w)
    loss(twin, w)
    for run in (program, program.plain, program):
        expected = loss(twin, w)
        value, gradient = run()
        np.testing.assert_allclose(value, expected.item(), rtol=1e-12)
        np.testing.assert_allclose(gradient, gradients(expected, w), rtol=1e-12)


@pytest.mark.parametrize("block", range(3))
def test_random_graphs_with_masks_on_other_data(block: int) -> None:
    found = [mismatch(seed) for seed in range(20 * block, 20 * block + 20)]
    assert [text for text in found if text is not None] == []


def test_what_is_computed_from_inputs_alone_is_computed_anew() -> None:
    w = Tensor([1.0, 2.0, 3.0])
    x = Tensor([1.0, -1.0, 2.0], requires_grad=False, name="x")
    shifted = (x * 2.0 + 1.0) * (x > 0)  # before a parameter comes in
    loss = (w * shifted + w * x).sum()
    program = loss.program([w], inputs={"x": x})
    twice = (w * (x * x)).sum().program([w], inputs=[x])  # the input by itself is not read
    for values in ([1.0, -1.0, 2.0], [-3.0, 0.5, 4.0], [0.0, 0.0, 1.0]):
        data = np.array(values)
        expected = (2 * data + 1) * (data > 0) + data
        for run in (program, program.plain):
            value, (gradient,) = run(x=data)
            np.testing.assert_allclose(gradient, expected)
            np.testing.assert_allclose(value, expected @ [1.0, 2.0, 3.0])
        assert twice(x=data)[1][0].tolist() == (data * data).tolist()
    x.data[...] = 5.0  # a constant that is no input of a call is read where it lives, too
    assert (w * shifted).sum().program([w])()[1][0].tolist() == [11.0] * 3


def test_each_of_several_results_of_constants_is_computed_anew() -> None:
    """What was split has no gradient to remember where its parts come from."""

    def halves_and_total(x: Any) -> Any:
        return x[:2] * 2.0, x[2:] * 3.0, x.sum()

    own = Operation("halves_and_total", value=halves_and_total, gradients=(None,))
    w = Tensor([1.0, 2.0])
    x = Tensor([1.0, -1.0, 2.0, 3.0], requires_grad=False)

    def loss_of(x: Any) -> Any:
        first, second = np.split(x * 2.0, 2)
        twice, thrice, _ = own(x)
        return (w * first * second + w * np.split(second, 2)[0] + w * twice * thrice).sum()

    program = loss_of(x).program([w], inputs={"x": x})
    for data in (np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, -1.0, 2.0, 0.0])):
        first, second = data[:2], data[2:]
        expected = 4 * first * second + 2 * second[0] + 6 * first * second
        for run in (program, program.plain):
            value, (gradient,) = run(x=data)
            np.testing.assert_allclose(gradient, expected)
            np.testing.assert_allclose(value, expected @ [1.0, 2.0])
    # Its results are computed together, not one by one.
    assert program.plain.source.count("= split(") == 2
    x.data[...] = 5.0
    assert loss_of(x).program([w])()[1][0].tolist() == [260.0] * 2
    total = own(x)[2]
    assert isinstance(total, Tensor)
    assert (w * total).sum().program([w], inputs={"x": x})(x=np.ones(4))[1][0].tolist() == [4.0] * 2


def by_gradient_of(c: Any, x: Any) -> Any:
    return grad(lambda t: (t**3).sum())(c)


def by_value_of(c: Any, x: Any) -> Any:
    return value_and_grad(lambda t: (t * t).sum())(c)[0]


def by_jacobian(c: Any, x: Any) -> Any:
    return jacobian(lambda t: t * t * x)(c)


def by_seed(c: Any, x: Any) -> Any:
    return gradients(x * 2.0, [x], c, create_graph=True)[0]


def by_seed_of_another_dtype(c: Any, x: Any) -> Any:
    return gradients((x * 2.0).astype(np.float32), [x], c, create_graph=True)[0]


def by_gradient_inside(c: Any, x: Any) -> Any:
    return gradients((c * x * x).sum(), [x], create_graph=True)[0]


@pytest.mark.parametrize(
    "what",
    [
        by_gradient_of,
        by_value_of,
        by_jacobian,
        by_seed,
        by_seed_of_another_dtype,
        by_gradient_inside,
    ],
)
def test_what_is_differentiated_with_constants_is_computed_anew(what: Any) -> None:
    right = {
        by_gradient_of: lambda c: 3 * c * c,
        by_value_of: lambda c: (c * c).sum(),
        by_jacobian: lambda c: np.diag(2 * c * x.data),
        by_gradient_inside: lambda c: 2 * c * x.data,
    }.get(what, lambda c: 2 * c)
    w, x = Tensor([1.0, 2.0, 3.0]), Tensor([0.5, -1.0, 2.0])
    c = Tensor([1.0, -1.0, 2.0], requires_grad=False)
    program = (w * what(c, x) + w * c).sum().program([w], inputs={"c": c})
    replayed = compiled(lambda z: what(np.sign(z) * 2.0, x) * z)  # of a mask too
    for data in (np.array([3.0, -2.0, 0.5]), np.array([0.0, 4.0, -1.0]), np.array([1.0, 2.0, 3.0])):
        expected = np.broadcast_to(right(data) + data, (3, 3) if what is by_jacobian else (3,))
        for run in (program, program.plain):
            value, (gradient,) = run(c=data)
            np.testing.assert_allclose(value, (w.data * expected).sum())
            np.testing.assert_allclose(gradient, expected.sum(0) if expected.ndim > 1 else expected)
        np.testing.assert_allclose(replayed(data), right(np.sign(data) * 2.0) * data)


def test_a_gradient_of_constants_is_no_part_of_them() -> None:
    c = Tensor([1.0, -1.0], requires_grad=False)
    (found,) = gradients(x := Tensor([1.0, 2.0]), [x], c, create_graph=True)
    found.data[...] = 5.0
    assert c.tolist() == [1.0, -1.0]
    grad(lambda t: (t * t).sum())(c)
    assert c.grad is None


def test_arrays_beside_constants_are_inputs() -> None:
    w, c = Tensor([1.0, 2.0]), Tensor([1.0, -1.0], requires_grad=False)
    factor, places, seed = np.array([2.0, 3.0]), np.array([1, 0]), np.array([1.0, 1.0])
    (slope,) = gradients(w * w, [w], seed, create_graph=True)
    loss = (w * (c * factor)).sum() + w[places].sum() + slope.sum()
    program = loss.program([w], inputs={"factor": factor, "places": places, "seed": seed})
    value, (gradient,) = program(
        factor=np.array([5.0, 7.0]), places=np.array([1, 1]), seed=np.array([0.0, 3.0])
    )
    assert value == (5.0 - 14.0) + 4.0 + 12.0
    assert gradient.tolist() == [5.0, -7.0 + 2.0 + 6.0]


def test_a_running_mean_of_constants_does_not_keep_its_past() -> None:
    mean = Tensor(np.zeros(10), requires_grad=False)
    for _ in range(100):
        mean = mean * 0.9 + 0.1
    depth, made = 0, made_by(mean)
    while made is not None:
        depth += 1
        made = made_by(made[1][0])
    assert depth <= 16


@pytest.mark.parametrize("order", ["C", "F"])
def test_sums_of_turned_inputs_are_those_of_recording_anew_bit_by_bit(order: Any) -> None:
    """A sum goes through memory in its order, so a result must lie there as the recorded one."""
    turned: list[Callable[[Any], Any]] = [
        lambda x: x.T,
        lambda x: np.maximum(x, 0).T * 2.0,
        lambda x: np.exp(x[[2, 0, 1]].T),
        lambda x: x.reshape(3, 2, 20).transpose((2, 0, 1))[:, [1, 2]],
        lambda x: x[::-1, ::2],
    ]
    r = np.random.default_rng(0)
    s = Tensor(2.0, name="s")
    for turn in turned:
        x = Tensor(r.normal(size=(3, 40)), requires_grad=False)
        plain = (turn(x).sum() + s).program([s], inputs={"x": x}).plain
        for _ in range(30):
            data = np.asarray(r.normal(size=(3, 40)), order=order)
            assert plain(x=data)[0] == (turn(Tensor(data, requires_grad=False)).sum() + s).data


def test_parts_of_what_is_computed_from_constants_too() -> None:
    """They are copies where they are recorded, and lie there in an order of their own."""
    parts: list[Callable[[Any], Any]] = [
        lambda x: np.cbrt(np.cbrt(x - 0.3)[::-1]),
        lambda x: (x * 1.5)[:, ::-2],
        lambda x: (x * 1.5)[:, :7].T,
        lambda x: np.split(x * 1.5, [3], axis=1)[1],
    ]
    r = np.random.default_rng(0)
    s = Tensor(2.0, name="s")
    for part in parts:
        x = Tensor(r.normal(size=(9, 13)), requires_grad=False)
        program = (part(x).sum() * s).program([s], inputs={"x": x})
        for _ in range(30):
            data = r.normal(size=(9, 13))
            expected = (part(Tensor(data, requires_grad=False)).sum() * s).data
            assert program.plain(x=data)[0] == expected
            np.testing.assert_allclose(program(x=data)[0], expected, rtol=1e-12)


def test_a_number_far_behind_constants_is_said() -> None:
    """Where what it was computed by is no longer kept, and other constants are nearer."""
    table = np.arange(6.0)
    x, w = Tensor(np.ones(6) * 0.7, requires_grad=False), Tensor(1.5, name="w")
    y = x - 0.3
    for _ in range(12):
        y = np.where(table > 2.5, np.maximum(y * table, 0.1), y) * 0.9
    loss = w * x.sum() + y.sum()
    with pytest.warns(LeavingGraphWarning, match="of what was computed from a leaf Tensor"):
        loss.program([w], inputs={"x": x})
