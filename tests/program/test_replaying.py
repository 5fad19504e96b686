"""compiled: the numbers of the function, gradients through it, and what cannot be replayed."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
import tracemalloc
import warnings
from typing import Any, NamedTuple

import numpy as np
import pytest

import autograd_nn
from autograd_nn import (
    Operation,
    Program,
    Tensor,
    compiled,
    grad,
    gradients,
    jacobian,
    no_grad,
    ops,
    value_and_grad,
)
from autograd_nn.engine.errors import ArgumentTypeError, MutationError, ShapeError, StateError
from autograd_nn.engine.structures import flatten
from tests.engine.samples import BY_NAME, SAMPLES, Case

rng = np.random.default_rng(0)
W, X, B = rng.normal(size=(3, 2)), rng.normal(size=(5, 3)), rng.normal(size=2)


def hidden(w: Any, x: Any, b: Any) -> Any:
    return np.tanh(x @ w + b)


def energy(w: Any, x: Any, b: Any) -> Any:
    return (hidden(w, x, b) ** 2).sum()


def numeric(f: Any, x: Any, step: float = 1e-6) -> Any:
    """Central differences of a scalar function of one array."""
    found = np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        moved = np.zeros_like(x)
        moved[index] = step
        found[index] = (f(x + moved) - f(x - moved)) / (2 * step)
    return found


def replaying(f: Any, *args: Any, **keywords: Any) -> Any:
    """The function compiled, after the calls that it takes until there is a program."""
    made = compiled(f)
    made(*args, **keywords)
    made(*args, **keywords)
    assert isinstance(made.program, Program)
    return made


# ---------------------------------------------------------------------- numbers


def test_numbers_of_every_call_are_those_of_numpy() -> None:
    made = compiled(hidden)
    for _ in range(5):
        w, x, b = rng.normal(size=(3, 2)), rng.normal(size=(5, 3)), rng.normal(size=2)
        result = made(w, x, b)
        assert type(result) is np.ndarray
        np.testing.assert_allclose(result, np.tanh(x @ w + b), rtol=1e-12)


def test_the_program_is_there_after_two_calls_and_the_function_runs_no_more() -> None:
    runs = []

    @compiled
    def square(x: Any) -> Any:
        runs.append(1)
        return x * x

    with pytest.raises(StateError, match="not called yet"):
        _ = square.program
    square(np.ones(3))
    with pytest.raises(StateError, match="called once"):
        _ = square.program
    square(np.full(3, 2.0))
    before = len(runs)
    assert square(np.full(3, 3.0)).tolist() == [9.0, 9.0, 9.0]
    assert len(runs) == before
    assert square.program(x=np.full(3, 4.0)).tolist() == [16.0, 16.0, 16.0]


def test_the_program_is_text_of_numpy_with_the_names_of_the_arguments() -> None:
    made = replaying(hidden, W, X, B)
    assert "tanh" in made.program.source
    assert "def step(" in made.program.plain.source
    given = {"w": W, "x": X, "b": B}
    np.testing.assert_array_equal(made.program.plain(**given), np.tanh(X @ W + B))
    with pytest.raises(ArgumentTypeError, match="w, b"):
        made.program(x=X)
    with pytest.raises(ShapeError, match=r"\(5, 3\)"):
        made.program(w=W, x=X[:2], b=B)


def test_a_scalar_result_is_a_numpy_scalar_of_the_dtype() -> None:
    for dtype in (np.float32, np.float64):
        made = compiled(energy)
        for _ in range(4):
            result = made(W.astype(dtype), X.astype(dtype), B.astype(dtype))
            assert type(result) is dtype
            assert result == pytest.approx(np.square(np.tanh(X @ W + B)).sum(), rel=1e-5)


def test_another_shape_or_dtype_has_a_program_of_its_own() -> None:
    made = replaying(hidden, W, X, B)
    first = made.program
    for x in (X[:2], X.astype(np.float32), X, X[:2]):
        for _ in range(3):
            np.testing.assert_allclose(made(W, x, B), np.tanh(x @ W + B), rtol=1e-6)
    assert made(W, X, B).shape == (5, 2)
    assert made.program is first


def test_a_result_is_not_written_into_by_the_next_call() -> None:
    made = replaying(lambda x: (x * 2, x + 1), np.ones(4))
    a, b = made(np.ones(4))
    made(np.zeros(4))
    assert a.tolist() == [2.0] * 4
    assert b.tolist() == [2.0] * 4
    a[:] = 7.0
    assert made(np.ones(4))[0].tolist() == [2.0] * 4


def test_what_is_given_is_not_handed_back_itself() -> None:
    made = compiled(lambda x: x)
    x = np.ones(3)
    for _ in range(4):
        assert not np.shares_memory(made(x), x)


def test_strided_and_transposed_arrays() -> None:
    made = replaying(lambda x: (np.exp(x) @ x.T).sum(axis=0), np.ones((4, 3)))
    whole = rng.normal(size=(8, 6))
    for x in (whole[::2, ::2], np.asfortranarray(whole[:4, :3]), whole[:3, :4].T):
        np.testing.assert_allclose(made(x), (np.exp(x) @ x.T).sum(axis=0), rtol=1e-12)


def test_zero_dimensional_arrays_and_numbers() -> None:
    made = compiled(lambda x, y: x * y + 1)
    for x in (2.0, np.float64(3.0), np.array(4.0)):
        for _ in range(3):
            result = made(x, 0.5)
            assert type(result) is np.float64
            assert result == float(x) * 0.5 + 1


def test_a_python_float_has_the_dtype_of_the_arrays() -> None:
    made = compiled(lambda w, rate: w - rate * w)
    w = np.ones(3, np.float32)
    for rate in (0.5, 0.25, 0.125, 0.75):
        result = made(w, rate)
        assert result.dtype == np.float32
        assert result.tolist() == [1 - rate] * 3


def test_a_python_float_among_several_dtypes_stays_as_written() -> None:
    made = compiled(lambda w, v, rate: (rate * w, rate * v))
    w, v = np.ones(3, np.float32), np.ones(3)
    with pytest.warns(UserWarning, match="Python float"):
        made(w, v, 0.5)
    assert [x.dtype for x in made(w, v, 0.5)] == [np.float32, np.float64]


def test_integers_and_text_belong_to_the_signature() -> None:
    @compiled
    def power(x: Any, n: int, how: str = "sum") -> Any:
        y = x**n
        return y.sum() if how == "sum" else y.max()

    x = np.array([1.0, 2.0, 3.0])
    for _ in range(3):
        assert power(x, 2) == 14
        assert power(x, 3) == 36
        assert power(x, 2, how="max") == 9
        assert power(x, True) == 6
        assert power(x, 1) == 6


def test_arrays_of_integers_are_inputs() -> None:
    made = compiled(lambda x, labels: (x * (labels == 1)).sum())
    x = np.array([1.0, 2.0, 4.0])
    for labels, expected in (([1, 0, 1], 5), ([0, 1, 0], 2), ([0, 0, 1], 4), ([1, 1, 1], 7)):
        assert made(x, np.array(labels)) == expected
    assert made(x, Tensor(np.array([0, 1, 1]))).item() == 6


def test_the_same_array_given_twice_is_two_inputs() -> None:
    made = compiled(lambda x, y: x * 2 + y)
    x = np.array([1, 2])
    for _ in range(3):
        made(np.ones(2), np.ones(2))
    assert made(np.ones(2), np.zeros(2)).tolist() == [2.0, 2.0]
    chosen = compiled(lambda v, a, b: v * (a == 1) + v * 10 * (b == 1))
    for _ in range(3):
        chosen(np.ones(2), x, x)
    assert chosen(np.ones(2), x, np.array([0, 1])).tolist() == [1.0, 10.0]


class Layer(NamedTuple):
    kernel: Any
    bias: Any


def test_nested_arguments_and_results() -> None:
    @compiled
    def pieces(layers: list[Layer], data: dict[str, Any]) -> dict[str, Any]:
        h = data["x"]
        for layer in layers:
            h = np.tanh(h @ layer.kernel + layer.bias)
        return {"out": h, "parts": (h.sum(), [h.max(axis=0), None, "name", 3])}

    for _ in range(4):
        layers = [
            Layer(rng.normal(size=(3, 4)), rng.normal(size=4)),
            Layer(rng.normal(size=(4, 2)), rng.normal(size=2)),
        ]
        x = rng.normal(size=(5, 3))
        h = np.tanh(x @ layers[0].kernel + layers[0].bias)
        h = np.tanh(h @ layers[1].kernel + layers[1].bias)
        found = pieces(layers, {"x": x})
        assert list(found) == ["out", "parts"]
        np.testing.assert_allclose(found["out"], h, rtol=1e-12)
        total, (largest, *rest) = found["parts"]
        assert total == pytest.approx(h.sum())
        np.testing.assert_allclose(largest, h.max(axis=0), rtol=1e-12)
        assert rest == [None, "name", 3]
    assert pieces.program is not None


def test_a_derived_array_may_be_a_result() -> None:
    made = replaying(lambda w, x: x @ w > 0, W, X)
    x = rng.normal(size=(5, 3))
    result = made(W, x)
    assert result.dtype == bool
    assert result.tolist() == (x @ W > 0).tolist()


def test_methods_have_the_program_of_the_instance_that_was_called_last() -> None:
    class Scaled:
        def __init__(self, factor: float) -> None:
            self.factor = factor

        @compiled
        def apply(self, x: Any) -> Any:
            """Times the factor."""
            return x * self.factor

    two, three = Scaled(2.0), Scaled(3.0)
    for _ in range(4):
        assert two.apply(np.ones(2)).tolist() == [2.0, 2.0]
        assert three.apply(np.ones(2)).tolist() == [3.0, 3.0]
    assert "3.0" in three.apply.program.source
    assert Scaled.apply.__doc__ == "Times the factor."


def test_a_function_that_calls_itself() -> None:
    @compiled
    def power(x: Any, n: int) -> Any:
        return x if n == 1 else x * power(x, n - 1)

    for k in range(1, 5):
        assert power(np.full(2, float(k)), 3).tolist() == [k**3] * 2
    assert power.program is not None


def test_names_of_inputs_are_kept_apart() -> None:
    made = replaying(lambda x, x_0, **more: x[0] - x_0 + more["a b"], [1.0], 2.0, **{"a b": 4.0})
    assert made([5.0], 3.0, **{"a b": 10.0}) == 12
    assert made.program(x_0=1.0, x_0_2=2.0, a_b=3.0) == 2


# ---------------------------------------------------------------------- transforms inside


def test_a_gradient_inside_is_part_of_the_program() -> None:
    made = compiled(lambda w, x, b: value_and_grad(energy, (0, 2))(w, x, b))
    for _ in range(4):
        w, x, b = rng.normal(size=(3, 2)), rng.normal(size=(5, 3)), rng.normal(size=2)
        value, (dw, db) = made(w, x, b)
        assert value == pytest.approx(np.square(np.tanh(x @ w + b)).sum())
        np.testing.assert_allclose(dw, numeric(lambda w: energy(w, x, b), w), atol=1e-7)  # noqa: B023
        np.testing.assert_allclose(db, numeric(lambda b: energy(w, x, b), b), atol=1e-7)  # noqa: B023
    assert made.program is not None


def test_the_mask_of_relu_follows_the_data() -> None:
    # The rule compares x with 0: were that kept, all later gradients would have the first mask.
    made = compiled(grad(lambda x: (ops.relu(x) * 3.0).sum()))
    for x in ([1.0, -1.0], [2.0, -2.0], [-1.0, 1.0], [3.0, 4.0]):
        assert made(np.array(x)).tolist() == [3.0 * (v > 0) for v in x]
    assert made.program is not None


def test_second_derivatives_inside() -> None:
    made = compiled(grad(grad(lambda x: x**4)))
    for x in (1.0, 2.0, 3.0, 0.5):
        assert made(x) == pytest.approx(12 * x**2)
    assert made.program is not None


def test_a_jacobian_inside() -> None:
    made = compiled(jacobian(lambda x: np.sin(x) * x[0]))
    for _ in range(4):
        x = rng.normal(size=3)
        expected = np.diag(np.cos(x) * x[0])
        expected[:, 0] += np.sin(x)
        np.testing.assert_allclose(made(x), expected, rtol=1e-12)
    assert made.program is not None


def _cases() -> list[Any]:
    return [
        pytest.param(name, case, id=f"{name}-{place}")
        for name, cases in SAMPLES.items()
        for place, case in enumerate(cases)
        if any(isinstance(x, np.ndarray) and x.dtype.kind == "f" for x in case.inputs)
    ]


@pytest.mark.parametrize(("name", "case"), _cases())
def test_value_and_gradient_of_every_operation(name: str, case: Case) -> None:
    inputs = tuple(case.inputs)
    places = tuple(
        i for i, x in enumerate(inputs) if isinstance(x, np.ndarray) and x.dtype.kind == "f"
    )

    def of(*floats: Any) -> Any:
        given = list(inputs)
        for place, x in zip(places, floats, strict=True):
            given[place] = x
        return BY_NAME[name](*given, **case.attributes)

    def total(*floats: Any) -> Any:
        found = of(*floats)
        return sum((part * part).sum() for part in (found if type(found) is tuple else (found,)))

    def both(*floats: Any) -> Any:
        return of(*floats), value_and_grad(total, tuple(range(len(places))))(*floats)

    floats = [inputs[place] for place in places]
    made = replaying(both, *floats)
    for found, expected in zip(flatten(made(*floats))[0], flatten(both(*floats))[0], strict=True):
        assert np.shape(found) == np.shape(expected)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


# ---------------------------------------------------------------------- gradients through it


def test_tensors_give_recorded_tensors() -> None:
    made = compiled(hidden)
    seed = rng.normal(size=(5, 2))
    h = np.tanh(X @ W + B)
    for call in range(4):
        w, b = Tensor(W), Tensor(B)
        result = made(w, X, b)
        assert type(result) is Tensor
        result.backward(seed)
        slope = seed * (1 - h * h)
        np.testing.assert_allclose(w.grad, X.T @ slope, rtol=1e-12)
        np.testing.assert_allclose(b.grad, slope.sum(axis=0), rtol=1e-12)
        assert (call < 2) == (result.operation.name == "tanh")


def test_gradients_by_central_differences_and_in_the_middle_of_a_graph() -> None:
    made = replaying(hidden, W, X, B)

    def around(w: Any) -> Any:
        return (np.exp(made(w * 2, X, B)) * w.sum()).sum()

    found = grad(around)(W)
    plain = numeric(lambda w: (np.exp(np.tanh(X @ (w * 2) + B)) * w.sum()).sum(), W)
    np.testing.assert_allclose(found, plain, rtol=1e-6)


def test_several_results_of_which_some_are_used() -> None:
    made = replaying(lambda x, y: (x * y, {"sum": x + y, "three": 3}, x > y), X, X + 1)
    x, y = Tensor([2.0, 3.0]), Tensor([5.0, 7.0])
    for _ in range(4):
        product, rest, above = made(x, y)
        assert rest["three"] == 3
        assert above.tolist() == [False, False]
        assert not above.requires_grad
        found = gradients(product.sum(), [x, y])
        assert [g.tolist() for g in found] == [[5.0, 7.0], [2.0, 3.0]]
        found = gradients((product * rest["sum"]).sum(), [x, y])
        # d(x·y·(x + y))/dx = 2xy + y²
        assert [g.tolist() for g in found] == [[45.0, 91.0], [24.0, 51.0]]


def test_a_tensor_given_twice_and_closed_over_counts_three_times() -> None:
    w = Tensor(2.0)
    made = compiled(lambda a, b: a * b * w)
    for _ in range(4):
        w.zero_grad()
        made(w, w).backward()
        assert w.grad == 3 * 2.0**2  # d(w³)/dw


def test_parameters_from_outside_are_read_at_every_call_and_get_gradients() -> None:
    w, b = Tensor(W), Tensor(0.5)
    made = compiled(lambda x: (x @ w * b).sum())
    for k in range(5):
        assert made(X) == pytest.approx((X @ w.data).sum() * b.item())
        w.zero_grad()
        b.zero_grad()
        made(Tensor(X, requires_grad=False)).backward()
        np.testing.assert_allclose(w.grad, b.item() * X.sum(axis=0)[:, None] * np.ones(2))
        assert b.grad == pytest.approx((X @ w.data).sum())
        w.data = w.data - 0.1 * w.grad
        b.data = b.data + k


def test_what_wants_no_gradient_is_read_at_every_call_too() -> None:
    frozen = Tensor(W, requires_grad=False)
    made = replaying(lambda x: x @ (frozen * 2), X)
    for k in range(5):
        np.testing.assert_allclose(made(X), X @ (W + k) * 2, rtol=1e-12)
        frozen.data += 1


def test_a_program_of_a_loss_reads_other_parameters_at_every_call() -> None:
    w, scale, shift = Tensor(3.0), Tensor(2.0), Tensor([1.0, 1.0])
    program = (w * scale * shift).sum().program(w)
    for k in range(3):
        scale.data = 2.0 + k
        shift._data = np.array([1.0, 2.0 + k])  # as a program does that lays parameters out anew
        loss, gradient = program()
        assert loss == 3 * (2 + k) * (3 + k)
        assert gradient == (2 + k) * (3 + k)


def test_data_that_another_program_has_moved_elsewhere() -> None:
    w = Tensor(W)
    made = replaying(lambda x: x @ w, X)
    optimizer = autograd_nn.optimizers.SGD(0.1)
    other = Tensor(np.ones(3))
    loss = (w * w).sum() + other.sum()
    step = loss.program([w, other], optimizer)
    for _ in range(3):
        step()
        np.testing.assert_allclose(made(X), X @ w.data, rtol=1e-12)
    w._data = np.asfortranarray(W)
    np.testing.assert_allclose(made(X), X @ W, rtol=1e-12)


def test_higher_derivatives_through_it_are_right() -> None:
    made = replaying(lambda x: x**4, np.float64(1.0))
    for x in (1.5, 2.0):
        assert grad(made)(x) == pytest.approx(4 * x**3)
        assert grad(grad(made))(x) == pytest.approx(12 * x**2)
        assert grad(grad(grad(made)))(x) == pytest.approx(24 * x)


def test_higher_derivatives_by_what_it_closes_over_and_is_given() -> None:
    w = Tensor(2.0)
    made = compiled(lambda h: h * h * w * w)
    for _ in range(4):
        w.zero_grad()
        result = made(w * 3)  # 9 w⁴
        (first,) = gradients(result, [w], create_graph=True)
        assert first.item() == pytest.approx(36 * 2.0**3)
        (second,) = gradients(first, [w], create_graph=True)
        assert second.item() == pytest.approx(108 * 2.0**2)
        (third,) = gradients(second, [w])
        assert third == pytest.approx(216 * 2.0)


def test_inside_no_grad_there_are_values() -> None:
    made = compiled(hidden)
    for _ in range(4):
        with no_grad():
            result = made(Tensor(W), X, B)
        assert type(result) is Tensor
        assert not result.requires_grad
        np.testing.assert_allclose(result.data, np.tanh(X @ W + B), rtol=1e-12)


def test_tensors_that_want_nothing_give_tensors_that_want_nothing() -> None:
    made = compiled(hidden)
    for _ in range(4):
        result = made(Tensor(W, requires_grad=False), X, B)
        assert type(result) is Tensor
        assert not result.requires_grad


def test_a_parameter_that_was_changed_before_backward_is_noticed() -> None:
    w = Tensor(2.0)
    made = replaying(lambda x: x * w, np.float64(1.0))
    result = made(Tensor(3.0))
    w.data = 5.0
    with pytest.raises(MutationError):
        result.backward()


def test_a_parameter_that_is_frozen_later_gets_no_gradient() -> None:
    w = Tensor(2.0)
    made = replaying(lambda x: x * x * w, np.float64(1.0))
    w.requires_grad = False
    x = Tensor(3.0)
    made(x).backward()
    assert x.grad == 12.0
    assert w.grad is None
    w.requires_grad = True
    made(x).backward()
    assert w.grad == 9.0


def test_a_compiled_function_inside_another() -> None:
    inner = replaying(lambda x: x * x, np.float64(2.0))
    outer = compiled(lambda x: inner(x) + value_and_grad(inner)(x)[1])
    for x in (1.0, 2.0, 3.0, 4.0):
        assert outer(x) == x * x + 2 * x
    assert outer.program is not None


def test_what_was_made_by_a_program_is_called_by_another() -> None:
    made = replaying(lambda x: x * x, np.float64(2.0))
    x = Tensor(3.0)
    program = (made(x) * 2).program(x)
    x.data = 5.0
    assert program() == program.plain() == (50.0, 20.0)


# ---------------------------------------------------------------------- what cannot be replayed


def branch(x: Any) -> Any:
    return x * 2 if x.sum() > 0 else x * 3


def noise(x: Any) -> Any:
    return x + rng.normal(size=x.shape)


def outside(x: Any) -> Any:
    return x * np.asarray(x).max()


def counted(x: Any) -> Any:
    seen.append(1)
    return x * len(seen)


def anew(x: Any) -> Any:
    double = Operation("double", value=lambda x: 2 * x, gradients=(lambda g, out, x: 2 * g,))
    return double(x)


def unrecorded(x: Any) -> Any:
    with no_grad():
        return x * 2


def longer(x: Any) -> Any:
    seen.append(1)
    return tuple(x for _ in seen)


def constant(x: Any) -> Any:
    return 3.0


def trained(x: Any) -> Any:
    loss = (PARAMETER * x).sum()
    found = gradients(loss, [PARAMETER])
    OPTIMIZER.apply_gradients(zip(found, [PARAMETER], strict=True))
    return loss


def swept(x: Any) -> Any:
    loss = (PARAMETER * x).sum()
    loss.backward()
    return loss


def moved(x: Any) -> Any:
    OPTIMIZER.apply_gradients([(np.ones(2), PARAMETER)])
    return x * PARAMETER


PARAMETER = Tensor([1.0, 1.0])
OPTIMIZER = autograd_nn.optimizers.SGD(0.125)


def kinds(x: Any) -> Any:
    return x * 2 if isinstance(x, np.ndarray) else x * 3


def in_place(x: Any) -> Any:
    x += 1
    return x * 2


def elsewhere(x: Any) -> Any:
    return np.fft.fftshift(x) * x


def by_key(x: Any) -> Any:
    return x * {0: 0.5, 1: 2.0}.get(x.argmax(), 9.0)


def in_a_set(x: Any) -> Any:
    return x * (2.0 if (x > 0).sum() in {1, 2} else 0.5)


seen: list[int] = []


@pytest.mark.parametrize(
    ("f", "why"),
    [
        (branch, r"bool\(\)"),
        (noise, "random"),
        (outside, "np.asarray"),
        (counted, "another|differs|varies"),
        (anew, "anew"),
        (unrecorded, "no_grad"),
        (longer, "structure"),
        (kinds, "from arrays"),
        (swept, r"backward\(\)"),
        (trained, "create_graph"),
        (moved, "change of data"),
        (by_key, "not found in a dict or a set"),
        (in_a_set, "not found in a dict or a set"),
    ],
)
def test_a_promise_that_is_seen_broken_is_an_error_and_stays_one(f: Any, why: str) -> None:
    seen.clear()
    made = compiled(f)
    for _ in range(2):
        with pytest.raises(StateError, match=f"@compiled is said of {f.__name__}.*{why}"):
            for _ in range(3):
                made(np.array([1.0, 2.0]))
        with pytest.raises(StateError, match="no program"):
            _ = made.program


@pytest.mark.parametrize("f", [by_key, in_a_set])
@pytest.mark.parametrize("given", [np.array, Tensor])
def test_what_is_looked_up_in_a_dict_is_an_error_at_the_first_call(f: Any, given: Any) -> None:
    with pytest.raises(StateError, match="not found in a dict or a set"):
        compiled(f)(given([1.0, 2.0]))


@pytest.mark.parametrize(
    ("f", "why"),
    [(constant, "no Tensor"), (elsewhere, "norm"), (in_place, "change its data in place")],
)
def test_what_cannot_be_replayed_runs_as_written_and_says_so_once(f: Any, why: str) -> None:
    seen.clear()
    made = compiled(f)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            made(np.array([1.0, 2.0]))
    assert len(caught) == 1
    assert f"{f.__name__} runs as it is written" in str(caught[0].message)
    assert caught[0].filename == __file__
    with pytest.raises(StateError, match=why):
        _ = made.program


def test_a_constant_that_depends_on_equal_data_is_found() -> None:
    # Both calls are given the same data, so that only a third run shows it.
    def hidden_path(x: Any) -> Any:
        return x * getattr(x, "_data", x).max()

    made = compiled(hidden_path)
    with pytest.raises(StateError, match="differs"):
        for _ in range(3):
            made(np.array([1.0, 2.0]))


def test_dropout_runs_as_written_and_its_gradient_fits() -> None:
    drop = autograd_nn.layers.Dropout(0.5)
    made = compiled(lambda x: drop(x, training=True))
    x = Tensor(np.ones(50))
    with pytest.warns(UserWarning, match="runs as it is written"):
        for _ in range(3):
            result = made(x)
    for _ in range(2):
        x.zero_grad()
        result = made(x)
        result.sum().backward()
        np.testing.assert_array_equal(x.grad, result.data)
    assert 0 < np.count_nonzero(result.data) < 50


def test_an_error_of_the_function_is_its_own_and_leaves_nothing_behind() -> None:
    def refusing(x: Any, n: int) -> Any:
        if n > 2:
            raise ValueError("n is too large")
        return x * n

    made = compiled(refusing)
    for _ in range(3):
        with pytest.raises(ValueError, match="too large"):
            made(np.ones(2), 3)
        assert made(np.ones(2), 2).tolist() == [2.0, 2.0]
    with pytest.raises(ValueError, match="matmul"):
        compiled(lambda x: x @ x)(np.ones((2, 3)))


def test_numbers_of_a_generator_outside_of_the_library_break_the_promise() -> None:
    made = compiled(lambda x, generator: x * generator.normal(size=2))
    source = np.random.default_rng(3)
    with pytest.raises(StateError, match="differs from batch to batch"):
        for _ in range(2):
            made(np.ones(2), source)


# ---------------------------------------------------------------------- wrong calls


def test_what_can_be_compiled() -> None:
    with pytest.raises(ArgumentTypeError, match=r"not compiled\(f\(x\)\)"):
        compiled(np.ones(3))  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="above @compiled"):
        compiled(staticmethod(branch))
    with pytest.raises(ArgumentTypeError, match="the class Tensor"):
        compiled(Tensor)

    def steps(x: Any) -> Any:
        yield x

    with pytest.raises(ArgumentTypeError, match="generator"):
        compiled(steps)
    made = compiled(branch)
    assert compiled(made) is made


def test_an_argument_that_selects_nothing() -> None:
    made = compiled(lambda x, s: x)
    with pytest.raises(ArgumentTypeError, match="got set"):
        made(np.ones(2), {1, 2})
    with pytest.raises(ArgumentTypeError, match="mask"):
        made(np.ma.array([1.0, 2.0], mask=[True, False]), 1)


def module_level(x: Any) -> Any:
    return x * 2


module_level_compiled = compiled(module_level)


def test_it_is_copied_as_a_function_is() -> None:
    assert copy.deepcopy({"f": module_level_compiled})["f"] is module_level_compiled
    assert module_level_compiled.__wrapped__ is module_level
    assert module_level_compiled.__name__ == "module_level"
    assert pickle.dumps(module_level)  # a module-level function can be, so the test says something


# ---------------------------------------------------------------------- many calls


def test_many_signatures() -> None:
    made = compiled(lambda x, n: x * n)
    made(np.ones(2), 0)
    made(np.ones(2), 0)
    first = made.program
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for n in range(1, 40):
            for _ in range(2):
                assert made(np.ones(2), n).tolist() == [n, n]
            assert made(np.ones(2), 0).tolist() == [0.0, 0.0]
            assert made.program is first
    assert len(made._by_kind) == 32  # of those beyond each would have to be called often
    assert ["more than 32" in str(w.message) for w in caught] == [True]
    assert caught[0].filename == __file__


def grown(call: Any, times: int = 10_000) -> int:
    """What every half of that many calls keeps: other threads of the process may allocate once."""
    for _ in range(50):
        call()
    gc.collect()
    rounds = []
    tracemalloc.start()
    try:
        call()
        for _ in range(2):
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(times // 2):
                call()
            gc.collect()
            rounds.append(tracemalloc.get_traced_memory()[0] - before)
        return min(rounds)
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_memory_does_not_grow_over_ten_thousand_calls() -> None:
    w, x = Tensor(np.ones(4)), np.ones(4)
    program = ((w * x) ** 2).sum().program(w, inputs={"x": x})
    assert grown(lambda: program(x=x)) < 2_000
    made = replaying(lambda x: (np.tanh(x * w), x.sum()), x)
    assert grown(lambda: made(x)) < 2_000
    assert grown(lambda: made(w), 2_000) < 2_000
    assert grown(lambda: made(w)[0].sum().backward(), 1_000) < 2_000


def test_threads_do_not_mix_their_numbers() -> None:
    made = replaying(lambda x: ((x @ x.T).sum(axis=0), np.exp(x - x)), np.ones((40, 40)))
    program = made.program
    wrong: list[float] = []

    def calls(value: float) -> None:
        x = np.full((40, 40), value)
        for _ in range(150):
            for total, _one in (made(x), program(x=x)):
                if not (total == value * value * 1600).all():
                    wrong.append(value)

    threads = [threading.Thread(target=calls, args=(float(k),)) for k in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_threads_may_make_the_program_at_once() -> None:
    made = compiled(lambda x: value_and_grad(lambda x: (x**3).sum())(x))
    wrong: list[Any] = []

    def calls(value: float) -> None:
        for _ in range(20):
            total, slope = made(np.full(3, value))
            if total != 3 * value**3 or not (slope == 3 * value**2).all():
                wrong.append(value)

    threads = [threading.Thread(target=calls, args=(float(k),)) for k in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert made.program is not None


def test_a_program_called_inside_of_its_own_call_is_refused() -> None:
    made = replaying(lambda x: x * 2, np.ones(2))
    program = made.program
    plan = program._form.plan
    step = plan.step

    def interrupted(*arguments: Any) -> Any:
        program(x=np.zeros(2))  # as the handler of a signal might
        return step(*arguments)

    plan.step = interrupted
    with pytest.raises(StateError, match="inside of a call"):
        program(x=np.ones(2))
    plan.step = step
    assert program(x=np.ones(2)).tolist() == [2.0, 2.0]
