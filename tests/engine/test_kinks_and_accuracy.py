"""The choices at kinks that the README publishes, and the accuracy of the formulas."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from autograd_nn import Tensor, gradients, ops, special

mpmath.mp.dps = 60


def gradient(f, x):
    variable = Tensor(x)
    return gradients(f(variable).sum(), variable)


@pytest.mark.parametrize("f", [np.max, lambda t: -np.min(-t)])
def test_equal_largest_share_the_gradient(f):
    np.testing.assert_array_equal(gradient(f, [1.0, 1.0, 0.0]), [0.5, 0.5, 0.0])
    rows = gradient(lambda t: t.max(axis=1), [[2.0, 2.0], [1.0, 3.0]])
    np.testing.assert_array_equal(rows, [[0.5, 0.5], [0.0, 1.0]])


@pytest.mark.parametrize("f", [np.maximum, np.minimum])
def test_two_equal_share_the_gradient(f):
    a, b = Tensor(1.0), Tensor(1.0)
    assert gradients(f(a, b), [a, b]) == [0.5, 0.5]


def test_abs_relu_and_clip():
    assert gradient(np.abs, 0.0) == 0
    assert gradient(ops.relu, 0.0) == 0
    found = gradient(lambda t: np.clip(t, 0, 1), [-0.1, 0.0, 0.5, 1.0, 1.1])
    np.testing.assert_array_equal(found, [0, 1, 1, 1, 0])


def test_sqrt_and_log_at_0_are_infinite_and_numpy_warns():
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert gradient(np.sqrt, 0.0) == np.inf
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert gradient(np.log, 0.0) == np.inf


def test_powers_of_0():
    assert gradient(lambda t: t**2, 0.0) == 0
    assert gradient(lambda t: t**0, 0.0) == 0
    np.testing.assert_array_equal(gradient(lambda t: t ** np.array([0.0, 2.0]), [0.0, 0.0]), 0)
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert gradient(lambda t: t**0.5, 0.0) == np.inf


def test_a_negative_base_has_no_derivative_by_its_exponent():
    assert gradient(lambda t: t**2, -2.0) == -4
    base, exponent = Tensor(-2.0, requires_grad=False), Tensor(2.0)
    with pytest.warns(RuntimeWarning, match="invalid"):
        assert np.isnan(gradients(base**exponent, exponent))
    assert gradient(lambda y: 0.0**y, 2.0) == 0


def test_the_branch_not_taken_gets_exactly_0():
    x, y = Tensor([1.0, 2.0]), Tensor([3.0, 4.0])
    a, b = gradients(np.where(np.array([True, False]), x, y).sum(), [x, y])
    np.testing.assert_array_equal(a, [1, 0])
    np.testing.assert_array_equal(b, [0, 1])


def test_logsumexp_of_nothing_but_minus_infinity():
    x = Tensor([-np.inf, -np.inf])
    total = x.logsumexp()
    assert total.item() == -np.inf
    np.testing.assert_array_equal(gradients(total, x), [0, 0])
    assert Tensor([1e4, 1e4]).logsumexp().item() == 1e4 + np.log(2)


def ulps(found, exact):
    """The distance in units of the last place, of a result and 60 digits of the truth."""
    spacing = float(np.spacing(found.dtype.type(abs(float(exact)))))
    return float(abs(mpmath.mpf(float(found)) - exact)) / spacing


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


CURVES = {
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * sigmoid(-x)),
    "softplus": (lambda x: mpmath.log1p(mpmath.exp(x)), sigmoid),
    "sigmoid_slope": (lambda x: sigmoid(x) * sigmoid(-x), None),
    "tanh": (mpmath.tanh, None),
    "log_sigmoid": (lambda x: -mpmath.log1p(mpmath.exp(-x)), lambda x: sigmoid(-x)),
    "softsign": (lambda x: x / (1 + abs(x)), lambda x: 1 / (1 + abs(x)) ** 2),
    "elu": (lambda x: mpmath.expm1(x) if x < 0 else x, lambda x: mpmath.exp(min(x, 0))),
    "silu": (lambda x: x * sigmoid(x), None),
    "squareplus": (
        lambda x: (x + mpmath.hypot(x, 2)) / 2,
        lambda x: (1 + x / mpmath.hypot(x, 2)) / 2,
    ),
    "mish": (lambda x: x * mpmath.tanh(mpmath.log1p(mpmath.exp(x))), None),
    "tanh_shrink": (lambda x: x - mpmath.tanh(x), lambda x: mpmath.tanh(x) ** 2),
    "normal_cdf": (lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2, None),
    "gelu": (lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2, None),
}


@pytest.mark.parametrize("name", CURVES)
@pytest.mark.parametrize(("dtype", "end"), [(np.float64, 700), (np.float32, 80)])
def test_curves_are_right_to_4_units_of_the_last_place(name, dtype, end):
    near = np.linspace(-8, 8, 41)
    points = np.concatenate([near, np.linspace(-end, end, 40)]).astype(dtype)
    value, slope = CURVES[name]
    variable = Tensor(points)
    result = getattr(ops, name)(variable)
    found = gradients(result.sum(), variable)
    for x, y, g in zip(points, result.data, found, strict=True):
        assert ulps(y, value(mpmath.mpf(float(x)))) <= 4, x
        if slope is not None:
            assert ulps(g, slope(mpmath.mpf(float(x)))) <= 5, x


@pytest.mark.parametrize(
    ("x", "value"),
    [
        (-745.0, "2.8223507304719370764e-324"),
        (-100.0, "3.720075976020835963e-44"),
        (-37.0, "8.5330476257440650661e-17"),
        (-1.0, "0.26894142136999512075"),
        (1.0, "0.73105857863000487925"),
        (710.0, "1.0"),
    ],
)
def test_sigmoid_has_its_published_values(x, value):
    np.testing.assert_allclose(ops.sigmoid(np.array([x]))[0], float(value), rtol=4e-16)


@pytest.mark.parametrize(("z", "y"), [(16, 0), (40, 0), (40, 1), (80, 1), (-40, 1), (-16, 0)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_fused_loss_keeps_its_digits(z, y, dtype):
    variable = Tensor(np.array([z], dtype))
    loss = ops.sigmoid_cross_entropy(variable, np.array([y], dtype))
    exact = mpmath.log1p(mpmath.exp(z)) - z * y
    assert float(abs(loss.item() - exact) / exact) < 1e-6
    found = gradients(loss.sum(), variable, create_graph=True)
    exact = -sigmoid(-z) if y else sigmoid(z)
    assert float(abs((found.item() - exact) / exact)) < 1e-6
    second = gradients(found.sum(), variable)
    exact = sigmoid(z) * sigmoid(-z)
    assert float(abs((float(second[0]) - exact) / exact)) < 1e-5


def test_a_confident_right_answer_keeps_the_digits_of_its_loss():
    z = np.array([[30.0, 1.0, -2.0], [-40.0, 3.0, 2.0]])
    labels = z.argmax(axis=1)
    for loss in (
        ops.sparse_softmax_cross_entropy(z, labels),
        ops.softmax_cross_entropy(z, np.eye(3)[labels]),
    ):
        for row, found, label in zip(z, loss, labels, strict=True):
            rest = sum(mpmath.exp(float(v - row[label])) for i, v in enumerate(row) if i != label)
            assert ulps(np.float64(found), mpmath.log1p(rest)) <= 50


def test_nothing_warns_at_extreme_inputs():
    before = np.geterr()
    x = np.array([-1e4, -1e3, 0.0, 1e3, 1e4])
    for name in ("sigmoid", "sigmoid_slope", "softplus", "tanh", "relu", "softmax", "log_softmax"):
        assert np.isfinite(gradient(getattr(ops, name), x)).all()
    assert np.isfinite(gradient(lambda z: ops.sigmoid_cross_entropy(z, x > 0), x)).all()
    assert np.geterr() == before


def test_beyond_the_clip_of_probabilities_the_gradient_stays():
    p = Tensor(np.array([0.0, 1.0]))
    loss = ops.binary_cross_entropy(p, np.array([1.0, 0.0]))
    np.testing.assert_allclose(loss.data, 16.11809565095832, rtol=1e-9)  # −log 1e-7
    np.testing.assert_allclose(gradients(loss.sum(), p), [-1e7, 1e7], rtol=1e-6)


@pytest.mark.parametrize("zero", [0.0, -0.0])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_the_residual_of_a_sigmoid_does_not_see_the_sign_of_zero(zero: float, label: float) -> None:
    z = Tensor(np.array([zero]))
    found = gradients(ops.sigmoid_cross_entropy(z, np.array([label])).sum(), z)
    np.testing.assert_array_equal(found, [0.5 - label])


# ------------------------------------------------------------------ half precision, large numbers


def half(values):
    return Tensor(np.asarray(values, np.float16))


def test_half_precision_adds_up_in_single():
    t = half(np.full(70_000, 1.5))
    mean = t.mean()
    assert mean.dtype == np.float16
    assert mean.item() == 1.5
    np.testing.assert_allclose(gradients(mean, t).astype(float).sum(), 1, rtol=2e-3)
    # In half precision 2048 + 1 is 2048.
    columns = half(np.ones((5000, 2)))
    np.testing.assert_array_equal(columns.sum(axis=0).data, [5000, 5000])
    np.testing.assert_array_equal(columns.mean(axis=0).data, [1, 1])
    np.testing.assert_array_equal(ops.softmax(half(np.zeros((4096, 2))), axis=0).data, 1 / 4096)


@pytest.mark.parametrize("create_graph", [False, True])
def test_the_gradient_of_a_bias_in_half_precision(create_graph):
    x, b = half(np.ones((5000, 2))), half([0, 0])
    found = gradients((x + b).sum(), b, create_graph=create_graph)
    np.testing.assert_array_equal(found.data if create_graph else found, [5000, 5000])
    stretched = half(np.zeros((1, 2)))
    found = gradients((x * stretched).sum(), stretched, create_graph=create_graph)
    np.testing.assert_array_equal(found.data if create_graph else found, [[5000, 5000]])


def test_cross_entropies_in_half_precision():
    # −log(1 − 1e-7) = 1e-7, −log 0.25 = 1.386, −log 0.5 = 0.693
    p, y = half([1.0, 0.25, 0.5]), np.array([1, 1, 0], np.float16)
    loss = ops.binary_cross_entropy(p, y)
    assert loss.dtype == np.float16
    np.testing.assert_allclose(loss.data, [0, 1.386, 0.693], atol=1e-3)
    np.testing.assert_allclose(gradients(loss.sum(), p), [-1, -4, 2], rtol=1e-3)
    rows = half([[1.0, 0.0, 0.0], [0.25, 0.25, 0.5]])
    for loss in (
        ops.categorical_cross_entropy(rows, np.eye(3, dtype=np.float16)[[0, 2]]),
        ops.sparse_categorical_cross_entropy(rows, np.array([0, 2])),
    ):
        np.testing.assert_allclose(loss.data, [0, 0.693], atol=1e-3)
        np.testing.assert_allclose(gradients(loss.sum(), rows), [[-1, 0, 0], [0, 0, -2]], rtol=1e-3)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-6), (np.float64, 1e-15)])
@pytest.mark.parametrize("large", [0.0, 1e4, -1e4, 1e6])
def test_the_gradient_of_logsumexp_of_large_numbers(dtype, tolerance, large):
    x = np.array([[0.0, 0.5, -1.0], [2.0, 2.0, 1.0]], dtype) + dtype(large)
    exact = np.exp(x.astype(float) - large)
    exact /= exact.sum(axis=1, keepdims=True)
    t = Tensor(x)
    total = t.logsumexp(axis=1).sum()
    np.testing.assert_allclose(gradients(total, t), exact, rtol=tolerance)
    recorded = gradients(total, t, create_graph=True)
    np.testing.assert_allclose(recorded.data, exact, rtol=tolerance)


def test_logsumexp_of_infinities():
    for x, shares in (([np.inf, 0.0], [1, 0]), ([np.inf, np.inf], [0.5, 0.5])):
        t = Tensor(x)
        np.testing.assert_array_equal(gradients(t.logsumexp(), t), shares)
        np.testing.assert_array_equal(gradients(t.logsumexp(), t, create_graph=True).data, shares)


def test_a_limit_that_is_nan_gives_nan():
    x, limit = np.array([0.0, 1.0, 0.2, np.nan]), np.array([np.nan, 0.3, 0.3, 0.3])
    expected = [np.nan, 1.0, 0.3, np.nan]
    np.testing.assert_array_equal(np.clip(x, Tensor(limit), 1.0).data, expected)
    expected = [np.nan, 0.3, 0.2, np.nan]
    np.testing.assert_array_equal(np.clip(Tensor(x), -1.0, Tensor(limit)).data, expected)


def test_a_nan_changes_no_cross_entropy_beside_it():
    z, y = np.array([np.nan, np.inf, -np.inf, 0.0]), np.array([1.0, 1.0, 0.0, 0.5])
    found = ops.sigmoid_cross_entropy(Tensor(z), y).data
    np.testing.assert_array_equal(found, [np.nan, 0, 0, np.log(2)])


@pytest.mark.parametrize("create_graph", [False, True])
def test_the_limits_of_slopes_at_infinity(create_graph):
    ends = Tensor([-np.inf, np.inf])
    for f, limit in (
        (np.tanh, [0, 0]),
        (ops.sigmoid, [0, 0]),
        (ops.softplus, [0, 1]),
        (lambda t: ops.sigmoid_cross_entropy(t, np.array([0.0, 1.0])), [0, 0]),
        (lambda t: ops.sigmoid_cross_entropy(t, np.array([1.0, 0.0])), [-1, 1]),
    ):
        with np.errstate(invalid="ignore"):
            found = gradients(f(ends).sum(), ends, create_graph=create_graph)
        np.testing.assert_array_equal(found.data if create_graph else found, limit)


@pytest.mark.parametrize(
    ("loss", "p", "y", "expected"),
    [
        (ops.binary_cross_entropy, [1.0], [0.0], [65504.0]),
        (ops.binary_cross_entropy, [0.0], [1.0], [-65504.0]),
        (ops.binary_cross_entropy, [1.0], [1.0], [-1.0]),
        (ops.categorical_cross_entropy, [[0.0, 1.0]], [[1.0, 0.0]], [[-65504.0, 0.0]]),
        (ops.sparse_categorical_cross_entropy, [[0.0, 1.0]], [0], [[-65504.0, 0.0]]),
    ],
)
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_slope_that_half_precision_has_no_place_for_is_its_largest_number(
    loss, p, y, expected, create_graph
):
    p = half(p)
    labels = np.array(y) if loss is ops.sparse_categorical_cross_entropy else half(y).data
    root = loss(p, labels).sum()
    slope = gradients(root, p, create_graph=create_graph)
    np.testing.assert_allclose(slope.data if create_graph else slope, expected, rtol=1e-3)
    program = root.program(p)
    for run in (program, program.plain):
        np.testing.assert_allclose(run()[1], expected, rtol=1e-3)
    small = gradients(root * np.float16(1e-3), p)  # 1e-3 · 1e7 has a place
    assert np.isfinite(small).all()


# ------------------------------------------------------------------ the rest of the published table

EYE, SINGULAR = np.eye(2), np.array([[1.0, 2.0], [2.0, 4.0]])


@pytest.mark.parametrize(
    ("f", "inputs", "expected"),
    [
        (np.fmax, [1.0, 1.0], [0.5, 0.5]),
        (np.fmin, [1.0, 1.0], [0.5, 0.5]),
        (np.fmax, [np.nan, 1.0], [0.0, 1.0]),
        (np.fmin, [2.0, np.nan], [1.0, 0.0]),
        (np.maximum, [np.nan, 1.0], [0.0, 0.0]),
        (np.ptp, [[1.0, 1.0, 3.0]], [[-0.5, -0.5, 1.0]]),
        (np.nanmax, [[2.0, 2.0, np.nan]], [[0.5, 0.5, 0.0]]),
        (np.median, [[1.0, 1.0, 2.0]], [[0.0, 1.0, 0.0]]),
        (np.median, [[2.0, 1.0, 2.0, 3.0]], [[0.5, 0.0, 0.5, 0.0]]),
        (lambda x: np.quantile(x, 0.5), [[1.0, 1.0, 1.0]], [[0.0, 1.0, 0.0]]),
        (lambda x: np.sort(x) * [1.0, 2.0, 3.0], [[1.0, 1.0, 0.0]], [[2.0, 3.0, 1.0]]),
        (lambda x: np.partition(x, 1) * [1.0, 2.0, 3.0], [[1.0, 1.0, 0.0]], [[2.0, 3.0, 1.0]]),
        (np.hypot, [0.0, 0.0], [0.0, 0.0]),
        (np.linalg.norm, [[0.0, 0.0]], [[0.0, 0.0]]),
        (np.linalg.norm, [np.zeros((2, 2))], [np.zeros((2, 2))]),
        (np.std, [[3.0, 3.0]], [[0.0, 0.0]]),
        (np.var, [[3.0, 3.0]], [[0.0, 0.0]]),
        (np.nanstd, [[3.0, np.nan, 3.0]], [[0.0, 0.0, 0.0]]),
        (np.sinc, [0.0], [0.0]),
        (np.prod, [[0.0, 2.0]], [[2.0, 0.0]]),
        (np.prod, [[0.0, 0.0, 2.0]], [[0.0, 0.0, 0.0]]),
        # 2 + 2·0 + 2·0·3 by its factors
        (np.cumprod, [[2.0, 0.0, 3.0]], [[1.0, 8.0, 0.0]]),
        (np.nanprod, [[0.0, np.nan, 2.0]], [[2.0, 0.0, 0.0]]),
        (lambda x: np.copysign(x, -1.0), [[2.0, 0.0, -2.0]], [[-1.0, 0.0, 1.0]]),
        (np.remainder, [4.0, 2.0], [1.0, -2.0]),
        (np.fmod, [-4.0, 2.0], [1.0, 2.0]),
        (lambda x, y: np.divmod(x, y)[1], [4.0, 2.0], [1.0, -2.0]),
        (lambda x: np.round(x) + 3 * x, [0.5], [3.0]),
        (lambda x: np.floor(x) + np.sign(x) + 3 * x, [0.0], [3.0]),
        (lambda y: np.heaviside(np.array([-1.0, 0.0, 1.0]), y), [0.5], [1.0]),
        # Slopes 1 and 2: at 1 the one to the right, at the ends the one inside, beyond them 0.
        (
            lambda x: np.interp(x, [0.0, 1.0, 2.0], [0.0, 1.0, 3.0]),
            [[1.0, 0.0, 2.0, -1.0, 3.0]],
            [[2.0, 1.0, 2.0, 0.0, 0.0]],
        ),
        (np.nan_to_num, [[np.nan, np.inf, 1.0]], [[0.0, 0.0, 1.0]]),
        (np.nansum, [[1.0, np.nan]], [[1.0, 0.0]]),
        (lambda x: np.select([x > 0], [x * 2], 0.0), [[-1.0, 2.0]], [[0.0, 2.0]]),
        (lambda y: special.xlogy(0.0, y), [[0.0, 1.0]], [[0.0, 0.0]]),
        (np.linalg.det, [SINGULAR], [[[4.0, -2.0], [-2.0, 1.0]]]),
        (np.linalg.det, [np.zeros((2, 2))], [np.zeros((2, 2))]),
        # The inverse of 1/x in the direction in which there is something, and no other.
        (lambda x: np.linalg.pinv(x)[0, 0], [np.diag([2.0, 0.0])], [np.diag([-0.25, 0.0])]),
        (lambda x: np.linalg.eigh(x)[1] * [[1.0, 2.0], [3.0, 4.0]], [EYE], [np.zeros((2, 2))]),
        (lambda x: np.linalg.svd(x)[0] * [[1.0, 2.0], [3.0, 4.0]], [EYE], [np.zeros((2, 2))]),
        (np.linalg.eigvalsh, [EYE], [EYE]),  # their sum is the trace
        (lambda x: np.linalg.svd(x, compute_uv=False), [EYE], [EYE]),
        # x = L·Lᵀ with the elements below the diagonal alone: dL₁₀/dx₁₀ = 1 and dL₁₁/dx₁₁ = 1/2
        (np.linalg.cholesky, [EYE], [[[0.5, 0.0], [1.0, 0.5]]]),
    ],
)
def test_a_choice_that_is_published(f, inputs, expected):
    variables = [Tensor(np.array(x, float)) for x in inputs]
    found = gradients(f(*variables).sum(), variables)
    for g, right in zip(found, expected, strict=True):
        np.testing.assert_allclose(g, right, atol=1e-14)


@pytest.mark.parametrize(
    ("f", "x", "limit"),
    [
        (np.cbrt, 0.0, np.inf),
        (np.arcsin, 1.0, np.inf),
        (np.arcsin, -1.0, np.inf),
        (np.arccos, 1.0, -np.inf),
        (np.arctanh, 1.0, np.inf),
        (np.arccosh, 1.0, np.inf),
    ],
)
def test_an_infinite_slope_is_told_and_numpy_warns(f, x, limit):
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        assert gradient(f, x) == limit


def test_where_there_is_no_derivative_it_is_nan():
    y, x = Tensor(0.0), Tensor(0.0)
    with pytest.warns(RuntimeWarning, match="invalid"):
        assert np.isnan(gradients(np.arctan2(y, x), [y, x])).all()
    with pytest.warns(RuntimeWarning):
        found = gradient(lambda t: np.where(t > 0, np.sqrt(t), 0), [-1.0, 0.0, 4.0])
    np.testing.assert_array_equal(found, [np.nan, np.nan, 0.25])
    safe = gradient(lambda t: np.where(t > 0, np.sqrt(np.where(t > 0, t, 1)), 0), [-1.0, 0.0, 4.0])
    np.testing.assert_array_equal(safe, [0, 0, 0.25])


@pytest.mark.parametrize("f", [lambda x: np.exp(np.log(x)), lambda x: np.sqrt(x) ** 2])
def test_why_no_rule_takes_0_times_infinity_as_0(f):
    """The derivative is 1, and the rule gets 0 as behind a branch that is not taken."""
    with np.errstate(all="ignore"):
        assert np.isnan(gradient(f, 0.0))
    assert gradient(f, 1e-9) == pytest.approx(1)


def test_choices_that_numpy_warns_of():
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        np.testing.assert_array_equal(gradient(np.max, [np.nan, 1.0]), [0, 0])
    x, y = Tensor(-np.inf), Tensor(-np.inf)
    with pytest.warns(RuntimeWarning, match="invalid"):
        assert gradients(np.logaddexp(x, y), [x, y]) == [0.5, 0.5]


def test_the_sign_of_copysign_has_no_gradient():
    x, y = Tensor(2.0), Tensor(-1.0)
    assert gradients(np.copysign(x, y), [x, y]) == [-1.0, None]


@pytest.mark.parametrize(
    "f",
    [
        np.linalg.inv,
        lambda x: np.linalg.solve(x, np.ones(2)),
        lambda x: np.linalg.slogdet(x)[1],
    ],
)
def test_a_singular_matrix_is_an_error(f):
    with pytest.raises((np.linalg.LinAlgError, ValueError), match="[Ss]ingular"):
        gradient(f, SINGULAR)


def test_of_equal_elements_in_a_window_the_first_has_the_gradient():
    how = {"size": (2, 2), "strides": (2, 2), "padding": ((0, 0), (0, 0))}
    for window, first in [
        ([[1.0, 1.0], [1.0, 1.0]], (0, 0)),
        ([[0.0, 2.0], [2.0, 2.0]], (0, 1)),
        ([[0.0, 1.0], [2.0, 2.0]], (1, 0)),
        ([[0.0, np.nan], [np.nan, 3.0]], (0, 1)),
    ]:
        found = gradient(lambda t: ops.max_pooling(t, **how), np.reshape(window, (1, 2, 2, 1)))
        expected = np.zeros((2, 2))
        expected[first] = 1
        np.testing.assert_array_equal(found[0, ..., 0], expected)
