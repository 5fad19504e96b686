"""NumPy's functions on Tensors: recorded, plain, or refused; never silently wrong."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Tensor, gradients, no_grad, ops
from autograd_nn.engine import operation as entries
from autograd_nn.engine.errors import ArgumentError, ArgumentTypeError
from autograd_nn.engine.graph import topological

a = np.array([[0.5, 1.5, 0.25], [1.0, 2.0, 0.75]])
b = np.array([[1.0, 0.5, 2.0], [0.1, 0.2, 0.3]])

RECORDED = [
    *(np.negative, np.square, np.sqrt, np.absolute, np.fabs, np.exp, np.expm1, np.log),
    *(np.log1p, np.sin, np.cos, np.tanh, np.sum, np.mean, np.max, np.min, np.transpose),
    *(np.ravel, np.squeeze, np.copy),
    lambda t: np.add(t, b),
    lambda t: np.subtract(b, t),
    lambda t: np.multiply(t, 2),
    lambda t: np.divide(b, t),
    lambda t: np.power(t, 3),
    lambda t: np.float_power(t, 2.0),
    lambda t: np.maximum(t, b),
    lambda t: np.minimum(1.0, t),
    lambda t: np.matmul(t, b.T),
    lambda t: np.dot(b.T, t),
    lambda t: np.dot(t, 2.0),
    lambda t: np.sum(t, axis=0, keepdims=True),
    lambda t: np.mean(t, -1),
    lambda t: np.clip(t, 0.4, 1.2),
    lambda t: np.clip(t, a_min=0.4, a_max=None),
    lambda t: np.where(b > 0.4, t, 0.0),
    lambda t: np.reshape(t, (3, 2)),
    lambda t: np.transpose(t, (1, 0)),
    lambda t: np.swapaxes(t, 0, 1),
    lambda t: np.squeeze(np.expand_dims(t, 0), axis=0),
    lambda t: np.expand_dims(t, 1),
    lambda t: np.broadcast_to(t, (4, 2, 3)),
    lambda t: np.concatenate([t, b], axis=1),
    lambda t: np.concatenate([b, t, t]),
    lambda t: np.concatenate([b, t], axis=None),
    lambda t: np.stack([b, t], axis=-1),
    lambda t: np.split(t, 3, axis=1)[1],
    lambda t: t + b,
    lambda t: b - t,
    lambda t: b * t,
    lambda t: t / b,
    lambda t: 2**t,
    lambda t: t**2,
    lambda t: b.T @ t,
    lambda t: t @ b.T,
    lambda t: np.float64(2) * t,
    lambda t: [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]] * t,
    lambda t: t + [1.0, 2.0, 3.0],
]


@pytest.mark.parametrize("f", RECORDED)
def test_the_value_is_numpys_and_it_is_recorded(f):
    result = f(Tensor(a))
    assert type(result) is Tensor
    assert result.operation is not None
    plain = f(a)
    assert result.shape == np.shape(plain)
    np.testing.assert_allclose(result.data, plain, rtol=1e-14)


PLAIN = [
    *(np.zeros_like, np.ones_like, np.shape, np.ndim, np.size, np.argmax, np.argmin),
    *(np.any, np.all, np.count_nonzero),
    lambda t: np.isclose(t, b),
    lambda t: np.allclose(t, t),
    lambda t: np.full_like(t, 7.0),
    lambda t: np.array_equal(t, a),
]

WITHOUT_GRADIENT = [
    *(np.isnan, np.isfinite, np.isinf, np.sign, np.floor, np.ceil, np.rint, np.trunc),
    *(np.signbit, np.logical_not, np.argsort),
    lambda t: np.argmax(t, axis=0),
    lambda t: np.any(t > 1, axis=1),
    lambda t: np.all(t > 1, axis=1, keepdims=True),
    lambda t: np.count_nonzero(t > 1, axis=0),
    lambda t: t > b,
    lambda t: b <= t,
    lambda t: t == b,
    lambda t: b != t,
    lambda t: np.equal(t, b),
    lambda t: (t > b) & (t < 1.5) | ~(t > 0.6),
    lambda t: (b > 0.25) ^ (t > b),
    lambda t: np.logical_and(t > b, t),
    lambda t: np.logical_or.reduce(t > 1, axis=1),
]


@pytest.mark.parametrize("f", WITHOUT_GRADIENT)
def test_what_is_constant_almost_everywhere_is_recorded_without_a_gradient(f):
    t = Tensor(a)
    result = f(t)
    assert type(result) is Tensor
    assert not result.requires_grad
    assert t in set(topological(result))
    expected = f(a)
    np.testing.assert_array_equal(result.numpy(), expected)
    assert result.dtype == expected.dtype


@pytest.mark.parametrize("f", PLAIN)
def test_what_tells_about_shapes_and_single_numbers_is_plain(f):
    result = f(Tensor(a))
    assert type(result) is not Tensor
    np.testing.assert_array_equal(result, f(a))


REFUSED = [
    *(np.fft.fft, np.angle, np.linalg.eig, np.roots, np.spacing, np.sort_complex),
    lambda t: np.sin(t, out=np.zeros_like(a)),
    lambda t: np.exp(t, where=a > 1),
    lambda t: np.add.at(t, [0], 1.0),
    lambda t: np.add(b, b, out=t),
    lambda t: np.sum(t, out=np.zeros(())),
    lambda t: np.ma.array([1.0, 2.0, 3.0], mask=[True, False, False]) * t,
    lambda t: np.ma.log(t),
    lambda t: np.ma.masked_array(t),
    lambda t: t * "2",
    lambda t: t + 1j,
    lambda t: t + np.array([1j, 1j, 1j]),
]


@pytest.mark.parametrize("f", REFUSED)
def test_what_would_leave_the_graph_is_refused(f):
    with pytest.raises(TypeError):
        f(Tensor(a))


def test_a_refusal_names_the_nearest_and_the_way_out():
    with pytest.raises(TypeError, match=r"np\.roots has no gradient rule.*rot90.*Operation"):
        np.roots(Tensor(b))


def test_a_plus_is_a_node_of_its_own():
    x = Tensor(a)
    for plus in (lambda t: +t, np.positive):
        z = plus(x)
        assert z.operation is ops.copy
        with no_grad():
            z = plus(x)
            z += 10
            assert z.tolist() == (a + 10).tolist()
        assert x.tolist() == a.tolist()


def test_full_like_of_a_tensor_keeps_its_graph():
    t = Tensor(3.0)
    full = np.full_like(Tensor(a), t)
    full.sum().backward()
    assert full.tolist() == np.full((2, 3), 3.0).tolist()
    assert t.grad == 6.0
    assert np.full_like(Tensor(a), t, dtype=int).dtype == int
    with pytest.raises(TypeError, match="copyto"):  # NumPy does not ask us here
        np.full_like(a, t)
    assert type(np.full_like(Tensor(a), 7.0)) is np.ndarray


def test_an_array_of_objects_beside_a_vector_goes_element_by_element():
    pair = np.empty(2, dtype=object)
    pair[:] = [Tensor(2.0), Tensor(3.0)]
    product = pair * Tensor([5.0, 7.0])
    assert product.shape == (2,)
    assert [p.item() for p in product] == [10.0, 21.0]


def test_an_array_is_not_changed_in_place_by_a_tensor():
    plain = a.copy()
    with pytest.raises(TypeError, match="out"):
        plain += Tensor(a)
    np.testing.assert_array_equal(plain, a)


def test_inside_no_grad_and_on_constants_values_may_leave():
    t = Tensor(a)
    with no_grad():
        np.testing.assert_array_equal(np.asarray(t), a)
        assert float(t[0, 0]) == 0.5
    constant = Tensor(a, requires_grad=False)
    np.testing.assert_array_equal(np.asarray(constant), a)
    assert math.sin(Tensor(0.5, requires_grad=False)) == math.sin(0.5)


def test_float32_stays_next_to_python_numbers():
    t = Tensor(a.astype(np.float32))
    for result in (2.0 * t, t + 1, t**2, 1 / t, np.maximum(t, 0), np.mean(t), np.float32(2) * t):
        assert result.dtype == np.float32


def test_an_array_of_scalar_tensors_is_computed_element_by_element():
    elements = np.empty(2, dtype=object)
    elements[0], elements[1] = Tensor(2.0), Tensor(3.0)
    for result in (elements * elements, np.multiply(elements, Tensor(2.0)), Tensor(2.0) * elements):
        assert result.dtype == object
        assert all(type(element) is Tensor for element in result)
    assert [float(e.item()) for e in Tensor(2.0) * elements] == [4.0, 6.0]
    assert [float(e.item()) for e in np.exp(elements)] == [np.exp(2.0), np.exp(3.0)]


# ---------------------------------------------------------------------- the table of functions


@pytest.fixture
def table() -> Iterator[None]:
    """What a test enters into the table is taken out again."""
    calls, owners = dict(entries.OF_NUMPY), dict(entries._owners)
    yield
    entries.OF_NUMPY.clear()
    entries.OF_NUMPY.update(calls)
    entries._owners.clear()
    entries._owners.update(owners)


def fftshift(**options: Any) -> Operation:
    return Operation(
        options.pop("name", "fftshift"),
        value=np.fft.fftshift,
        gradients=(lambda g, out, x: np.fft.ifftshift(g),),
        **options,
    )


@pytest.mark.usefixtures("table")
def test_a_function_that_numpy_has_and_we_have_not() -> None:
    x = Tensor([0.5, -2.0, 1.0])
    with pytest.raises(ArgumentTypeError, match="np.fft.fftshift has no gradient rule here"):
        np.fft.fftshift(x)
    own = fftshift(numpy=np.fft.fftshift)
    y = np.fft.fftshift(x)
    assert y.operation is own and own.numpy == (np.fft.fftshift,)
    assert gradients((y * [1.0, 2.0, 4.0]).sum(), x).tolist() == [2.0, 4.0, 1.0]
    with pytest.raises(ArgumentTypeError, match="Supported: .*fftshift"):
        np.fft.ifftshift(x)


@pytest.mark.usefixtures("table")
def test_a_function_with_arguments_of_its_own() -> None:
    def back(g: Any, out: Any, x: Any, n: int) -> Any:
        return np.concatenate([0 * x[:n], g]) - np.concatenate([g, 0 * x[:n]])

    lagged = Operation(
        "lagged",
        numpy={np.diff: lambda a, n=1, *, axis=-1: lagged(a, n=n)},
        value=lambda x, n: x[n:] - x[:-n],
        gradients=(back,),
    )
    x = Tensor([1.0, 4.0, 9.0, 16.0])
    np.testing.assert_array_equal(np.diff(x).data, [3, 5, 7])
    np.testing.assert_array_equal(gradients((np.diff(x) * [1.0, 2, 4]).sum(), x), [-1, -1, -2, 4])


@pytest.mark.usefixtures("table")
def test_a_function_is_one_operation() -> None:
    with pytest.raises(ArgumentError, match="np.exp is the operation 'exp' already"):
        Operation("exp", value=np.exp, gradients=(None,), numpy=np.exp)
    with pytest.raises(ArgumentError, match="np.sum is the operation 'sum' already"):
        Operation("total", value=np.sum, gradients=(None,), numpy=(np.spacing, np.sum))
    assert np.spacing not in entries.OF_NUMPY  # all or nothing
    fftshift(numpy=np.fft.fftshift)
    with pytest.raises(ArgumentError, match="is the operation 'fftshift' already"):
        fftshift(name="shift", numpy=np.fft.fftshift)
    again = fftshift(numpy=np.fft.fftshift)  # a cell of a notebook, run twice
    assert np.fft.fftshift(Tensor([1.0])).operation is again


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    "function", [np.asarray, math.atan, "arctan", np.random.normal, np.float64]
)
def test_what_does_not_ask_its_arguments_cannot_be_given(function: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="must be functions of NumPy that work on Tensors"):
        fftshift(numpy=function)


@pytest.mark.parametrize("name", ops.__all__)
def test_an_operation_computes_what_its_functions_compute(name: str) -> None:
    operation = getattr(ops, name)
    for function in operation.numpy:
        if not isinstance(function, np.ufunc) or name == "matmul":
            continue
        x = a > 1 if function.__name__.startswith(("bitwise", "invert")) else a
        inputs = (x, b > 0.4 if x is not a else b)[: len(operation.gradients)]
        if name in ("arccos", "arcsin", "arctanh", "arccosh"):  # where they have a value
            inputs = (np.cosh(a) if name == "arccosh" else np.tanh(a),)
        if name == "ldexp":
            inputs = (a, np.arange(a.shape[-1]))
        np.testing.assert_array_equal(operation.value(*inputs), function(*inputs))
