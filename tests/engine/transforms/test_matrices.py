"""jacobian and hessian: closed forms, both sides, blocks, structures, and to any order."""

from __future__ import annotations

import numpy as np
import pytest

from autograd_nn import Operation, Tensor, grad, gradients, hessian, jacobian, no_grad
from autograd_nn.engine.transforms import matrices
from tests.engine.samples import BY_NAME, SAMPLES

rng = np.random.default_rng(0)


def close(found, expected, tolerance=1e-11):
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


def differences(f, x, h=1e-6):
    """∂f/∂x, the axes of x first, by central differences."""
    columns = []
    for index in np.ndindex(*x.shape):
        step = np.zeros(x.shape)
        step[index] = h
        columns.append((f(x + step) - f(x - step)) / (2 * h))
    return np.array(columns).reshape(*x.shape, *np.shape(columns[0]))


@pytest.mark.parametrize(("m", "n"), [(3, 5), (100, 2), (2, 100), (70, 70), (130, 40), (200, 1)])
def test_a_product_with_a_matrix_has_it_as_jacobian(m, n):
    """tanh(A·x): J = diag(1 − tanh²)·A; by rows and by columns, of one and of several blocks."""
    a, x = rng.normal(size=(m, n)), rng.normal(size=n)
    found = jacobian(lambda x: np.tanh(a @ x))(x)
    close(found, (1 - np.tanh(a @ x) ** 2)[:, None] * a)
    found = jacobian(lambda x: np.tanh(a @ x))(Tensor(x))
    assert type(found) is Tensor
    close(found.data, (1 - np.tanh(a @ x) ** 2)[:, None] * a)


def test_both_sides_agree(monkeypatch):
    def f(x, y):
        z = np.sort(x.reshape(-1))[::2] * y[0] + y[1] / (1 + x[0, 0] ** 2)
        return np.stack([z, np.exp(z) * y.sum()]), x[1] * y[2]

    x, y = rng.normal(size=(4, 3)), rng.normal(size=(3, 1))
    both = []
    for columns in (True, False):
        monkeypatch.setattr(matrices, "_columns_are_cheaper", lambda call, side=columns: side)
        both.append(jacobian(f, (0, 1))(x, y))
    for one, other in zip(*both, strict=True):
        for a, b in zip(one, other, strict=True):
            assert a.shape == b.shape
            close(a, b)
    z = both[0][1][1]  # d(x[1]·y[2])/dy
    close(z[:, 2, 0], x[1])
    close(z[:, :2, 0], 0)


def test_shapes_are_those_of_the_result_then_those_of_the_argument():
    x = rng.normal(size=(2, 3))
    found = jacobian(lambda x: x.T @ x)(x)
    assert found.shape == (3, 3, 2, 3)
    for i, j, k, length in np.ndindex(3, 3, 2, 3):
        by_hand = (i == length) * x[k, j] + (j == length) * x[k, i]
        assert found[i, j, k, length] == pytest.approx(by_hand)
    assert jacobian(lambda x: x.sum())(x).shape == (2, 3)
    assert jacobian(lambda x: x * np.ones(3))(2.0).tolist() == [1.0, 1.0, 1.0]
    assert isinstance(jacobian(lambda x: x * x)(3.0), np.float64)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
def test_empty_arrays(shape):
    assert jacobian(lambda x: x * 2)(np.zeros(shape)).shape == (*shape, *shape)
    assert hessian(lambda x: (x * x).sum())(np.zeros(shape)).shape == (*shape, *shape)
    assert jacobian(lambda x: x[:0])(np.ones(3)).shape == (0, 3)
    found = jacobian(lambda x: x.sum() + np.ones(2))(np.zeros(shape))
    assert found.shape == (2, *shape)


def test_structures():
    def f(p):
        return {"product": p["w"] * p["more"][0], "sum": p["w"].sum() + p["more"][1]}

    p = {"w": np.array([1.0, 2.0]), "more": (3.0, 4.0)}
    found = jacobian(f)(p)
    assert found["product"]["w"].tolist() == [[3.0, 0.0], [0.0, 3.0]]
    assert found["product"]["more"][0].tolist() == [1.0, 2.0]
    assert found["product"]["more"][1].tolist() == [0.0, 0.0]
    assert found["sum"]["w"].tolist() == [1.0, 1.0]
    assert found["sum"]["more"] == (0.0, 1.0)
    second = hessian(lambda p: (p["w"] ** 2).sum() * p["more"][0] + p["more"][1])(p)
    assert second["w"]["w"].tolist() == [[6.0, 0.0], [0.0, 6.0]]
    assert second["w"]["more"][0].tolist() == [2.0, 4.0]
    assert second["more"][0]["w"].tolist() == [2.0, 4.0]
    assert second["more"][0]["more"] == second["more"][1]["more"] == (0.0, 0.0)
    (xx, xy), (yx, yy) = hessian(lambda x, y: x**2 * y**3, (0, 1))(2.0, 3.0)
    assert (xx, xy, yx, yy) == (54.0, 108.0, 108.0, 72.0)


def test_what_is_constant_is_zero_and_only_the_whole_warns():
    assert hessian(lambda x: (3 * x).sum())(np.ones(2)).tolist() == [[0.0, 0.0], [0.0, 0.0]]
    first, second = jacobian(lambda x, y: [x * 2, y * 3], (0, 1))(1.0, 2.0)
    assert (first, second) == ((2.0, 0.0), (0.0, 3.0))
    with pytest.warns(UserWarning, match="does not depend"):
        assert jacobian(lambda x: np.ones(2))(1.0).tolist() == [0.0, 0.0]
    with pytest.warns(UserWarning, match="does not depend"):
        jacobian(lambda x, y: x * 2, (0, 1))(1.0, 2.0)


def test_auxiliary_outputs():
    found, aux = jacobian(lambda x: (x * x, x.sum()), has_aux=True)(np.array([1.0, 2.0]))
    assert (found.tolist(), aux) == ([[2.0, 0.0], [0.0, 4.0]], 3.0)
    found, aux = hessian(lambda x: ((x**3).sum(), {"x": x}), has_aux=True)(np.array([1.0, 2.0]))
    assert (found.tolist(), aux["x"].tolist()) == ([[6.0, 0.0], [0.0, 12.0]], [1.0, 2.0])
    assert type(aux["x"]) is np.ndarray


def test_hessian_of_a_logistic_regression():
    """Xᵀ·diag(p(1 − p))·X / N."""
    x, w = rng.normal(size=(30, 70)), rng.normal(size=70)
    y = (rng.random(30) > 0.5) * 1.0

    def loss(w):
        z = x @ w
        return np.mean(np.log1p(np.exp(z)) - y * z)

    p = 1 / (1 + np.exp(-x @ w))
    close(hessian(loss)(w), (x.T * (p * (1 - p))) @ x / 30)


def test_hessian_of_a_network():
    """Six parameters of several shapes, by central differences of the gradient."""
    sizes = [4, 3, 2, 1]
    p = [
        (rng.normal(size=(a, b)), rng.normal(size=b))
        for a, b in zip(sizes, sizes[1:], strict=False)
    ]
    x = rng.normal(size=(5, 4))

    def loss(p):
        h = x
        for w, b in p:
            h = np.tanh(h @ w + b)
        return np.square(h).mean()

    found = hessian(loss)(p)
    for i, (w, _) in enumerate(p):
        for j, (_, b) in enumerate(p):

            def by_w(w, i=i, j=j):
                moved = list(p)
                moved[i] = (w, p[i][1])
                return grad(loss)(moved)[j][1]

            expected = np.moveaxis(differences(by_w, w), -1, 0)
            np.testing.assert_allclose(found[j][1][i][0], expected, atol=1e-8)
            assert found[i][0][j][1].shape == (*w.shape, *b.shape)


def test_to_any_order():
    """f = Σ x⁴: the third derivatives are 24x on the diagonal, the fourth 24."""
    x = np.array([1.0, 2.0, -3.0])
    third = jacobian(hessian(lambda x: (x**4).sum()))(x)
    expected = np.zeros((3, 3, 3))
    expected[range(3), range(3), range(3)] = 24 * x
    close(third, expected)
    fourth = hessian(lambda x: jacobian(hessian(lambda y: (y**4).sum()))(x).sum())(x)
    close(fourth, 0)  # Σ 24x is linear
    fourth = jacobian(jacobian(hessian(lambda x: (x**4).sum())))(x)
    assert fourth.sum() == pytest.approx(3 * 24)


def test_matmul_of_three_kinds_to_the_third_order():
    a = rng.normal(size=(3, 3))

    def f(x):  # xᵀ·A·x·(x·x)
        return (x @ a @ x) * (x @ x)

    x = rng.normal(size=3)
    s = a + a.T
    close(
        hessian(f)(x),
        s * (x @ x) + 2 * np.outer(s @ x, x) + 2 * np.outer(x, s @ x) + 2 * np.eye(3) * (x @ a @ x),
    )
    close(
        np.moveaxis(differences(lambda x: hessian(f)(x), x), 0, -1), jacobian(hessian(f))(x), 1e-7
    )


def test_of_what_a_transform_around_differentiates():
    determinant = grad(
        lambda q: np.linalg.det(
            jacobian(lambda q: np.stack([q[0] * np.cos(q[1]), q[0] * np.sin(q[1])]))(q)
        )
    )
    close(determinant(np.array([2.0, 0.3])), [1.0, 0.0])
    assert grad(lambda x: jacobian(lambda y: x * y * y)(3.0))(2.0) == 6.0
    assert grad(lambda x: jacobian(lambda y: x * y * np.ones(200))(3.0).sum())(2.0) == 200.0
    x = Tensor([1.0, 2.0])
    hessian(lambda x: (x**4).sum())(x).sum().backward()
    assert x.grad.tolist() == [24.0, 48.0]
    with no_grad():
        assert hessian(lambda x: x**3)(2.0) == 12.0
        assert jacobian(lambda x: x * np.ones(100))(2.0).sum() == 100.0


def test_dtypes_are_those_of_the_arguments():
    single = np.array([1.0, 2.0], np.float32)
    for f in (lambda x: x * x, lambda x: x.sum() * np.ones(200), lambda x: x[:0]):
        assert jacobian(f)(single).dtype == np.float32
    assert hessian(lambda x: (x**3).sum())(single).dtype == np.float32
    assert jacobian(lambda x: x * x)(np.float16(2)).dtype == np.float16


# ---------------------------------------------------------------- operations of one's own


def turned(declared):
    return Operation(
        "turned",
        value=lambda x: np.transpose(x),
        gradients=(lambda g, out, x: g.T,),  # wrong where g has an axis in front
        batched=declared,
    )


def test_own_operations_go_row_by_row():
    """A rule that turns all axes is right for one gradient, and silently wrong for four of 4×4."""
    x = rng.normal(size=(4, 4))
    expected = np.einsum("il,jk->ijkl", np.eye(4), np.eye(4))
    close(jacobian(turned(None))(x), expected)
    close(jacobian(turned(False))(x), expected)
    close(jacobian(lambda x: turned(None)(x)[0])(x), expected[0])
    assert not np.allclose(jacobian(lambda x: turned(True)(x)[0])(x), expected[0])
    close(hessian(lambda x: (turned(None)(x) ** 3).sum())(x).sum(), 6 * x.sum())


def test_own_operations_that_say_so_go_in_batches():
    calls = []

    def rule(g, out, x):
        calls.append(g.ndim)
        return g * 3 * x * x

    for batched, expected in ((True, [2]), (None, [1] * 5)):
        calls.clear()
        cube = Operation("cube", value=lambda x: x**3, gradients=(rule,), batched=batched)
        x = np.arange(5.0)
        close(jacobian(cube)(x), np.diag(3 * x * x))
        assert calls == expected


def test_own_operations_with_several_results_and_inputs():
    def rules(g, out, *inputs):
        found = []
        for x, part in zip(inputs, g, strict=True):
            found.append(None if part is None else part.T * 2 if x.ndim else part * 2)
        return tuple(0.0 if d is None else d for d in found)

    own = Operation("own", value=lambda *xs: tuple(2 * x.T for x in xs), gradients=rules)
    x, y = rng.normal(size=(2, 2)), np.array([[1.0, 2.0], [3.0, 4.0]])
    first, second = jacobian(lambda x, y: list(own(x, y)), (0, 1))(x, y)
    close(first[0], 2 * np.einsum("il,jk->ijkl", np.eye(2), np.eye(2)))
    close(first[1], 0)
    close(second[1], first[0])


def test_a_rule_that_does_not_run_on_tensors_is_differentiated_by_rows():
    import math

    own = Operation(
        "own",
        value=lambda x: np.array([math.sin(v) for v in x]),
        gradients=(lambda g, out, x: g * np.array([math.cos(v) for v in x]),),
    )
    x = np.array([0.5])
    close(jacobian(lambda x: own(x) * np.ones(300))(x), np.full((300, 1), np.cos(0.5)))
    assert gradients(own(Tensor(x)).sum(), Tensor(x)) is None


EVERY = [
    (BY_NAME[name], case, f"{name}-{number}")
    for name, cases in SAMPLES.items()
    for number, case in enumerate(cases)
]


@pytest.mark.parametrize(
    ("operation", "case"),
    [
        pytest.param(operation, case, id=name, marks=pytest.mark.slow if place % 20 else ())
        for place, (operation, case, name) in enumerate(EVERY)
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_a_hessian_is_the_jacobian_of_the_gradient(operation, case):
    """Also where what flows back is plain as long as no rule reads an input."""
    places = [p for p, x in enumerate(case.inputs) if type(x) is np.ndarray and x.dtype == float]

    def f(*given):
        inputs = list(case.inputs)
        for place, x in zip(places, given, strict=True):
            inputs[place] = x
        results = operation(*inputs, **case.attributes)
        results = results if isinstance(results, tuple) else (results,)
        results = [r for r in results if type(r) is Tensor and r.requires_grad]
        return sum((np.sin(1 + np.arange(r.size)) * r.reshape(-1)).sum() for r in results)

    args = [case.inputs[place] for place in places]
    argnums = tuple(range(len(args)))
    with np.errstate(all="ignore"):
        try:
            expected = jacobian(grad(f, argnums), argnums)(*args)
        except (TypeError, ValueError):  # nothing that has a gradient
            return
        for row, expected_row in zip(hessian(f, argnums)(*args), expected, strict=True):
            for x, y in zip(row, expected_row, strict=True):
                assert (np.shape(x), np.result_type(x)) == (np.shape(y), np.result_type(y))
                close(x, y, 1e-9)


def test_a_gradient_that_ends_with_a_constant_matrix():
    """Σ (a·x)³/6 has the Hessian aᵀ·diag(a·x)·a, in one block and in several."""
    for n in (5, 90):
        a, x = rng.normal(size=(7, n)), rng.normal(size=n)
        expected = a.T @ ((a @ x)[:, None] * a)
        for matrix in (a, np.asfortranarray(a)):
            found = hessian(lambda x, m=matrix: ((m @ x) ** 3).sum() / 6)(x)
            close(found, expected, 1e-10)
            assert found.flags.owndata or found.base.flags.owndata
            assert not np.shares_memory(found, matrix)
    found = jacobian(lambda x: x @ a.T)(x)
    close(found, a)
    assert not np.shares_memory(found, a)
    x32 = x.astype(np.float32)
    assert hessian(lambda x: ((a @ x) ** 3).sum())(x32).dtype == np.float32


def test_a_rule_that_takes_a_number_out_of_a_tensor_is_refused():
    own = Operation("own", value=np.square, gradients=(lambda g, out, x: g * np.array(2 * x),))
    with pytest.raises(TypeError, match="leave the graph"):
        hessian(lambda x: own(x).sum())(np.ones(2))
