"""check_gradients must fail on a rule that is wrong, and say where and by how much."""

from __future__ import annotations

import re

import numpy as np
import pytest

from autograd_nn import GradientCheckError, Operation, Tensor, check_gradients, no_grad, ops

x = np.random.default_rng(1).uniform(-2, 2, (2, 3))
y = np.random.default_rng(2).uniform(0.5, 2, (2, 3))


def unary(rule, value=np.tanh):
    return Operation("mine", value=value, gradients=(rule,))


def slope(x):
    return 1 - np.tanh(x) ** 2


def test_a_right_rule_passes():
    report = check_gradients(unary(lambda g, out, x: g * (1 - out * out)), x, order=2)
    assert report.compared == 2 * x.size
    assert report.order == 2
    assert report.largest_error < 1e-6
    assert "12 derivatives" in str(report)


@pytest.mark.parametrize(
    "factor", [1.001, 0.999, 1.00001, -1.0, 2.0, 0.5, 0.0, 1e6], ids=lambda f: f"times {f}"
)
def test_a_rule_wrong_by_a_factor_fails(factor):
    with pytest.raises(GradientCheckError):
        check_gradients(unary(lambda g, out, x: g * slope(x) * factor), x)


@pytest.mark.parametrize(
    "rule",
    [
        lambda g, out, x: g * slope(x) + 1e-4,
        lambda g, out, x: slope(x),
        lambda g, out, x: g * slope(x)[::-1],
        lambda g, out, x: (g * slope(x)).sum(axis=0),
        lambda g, out, x: g * slope(x) * np.nan,
        lambda g, out, x: g * slope(x) * np.inf,
        lambda g, out, x: g * np.where(x == x.max(), 0, slope(x)),
        lambda g, out, x: g * out,
    ],
)
def test_a_rule_wrong_elsewhere_fails(rule):
    with pytest.raises(GradientCheckError):
        check_gradients(unary(rule), x)


def test_a_sum_along_the_wrong_axis_fails():
    wrong = Operation(
        "rows",
        value=lambda x: x.sum(axis=0),
        gradients=(lambda g, out, x: np.ones_like(x) * g.sum(),),
    )
    with pytest.raises(GradientCheckError, match="rows"):
        check_gradients(wrong, x)
    square = Operation(
        "columns", value=lambda x: x.sum(axis=1), gradients=(lambda g, out, x: g[None, :] + 0 * x,)
    )
    with pytest.raises(GradientCheckError, match="columns"):
        check_gradients(square, x[:2, :2])


def broadcast_product(rule_of_the_row):
    return Operation(
        "product",
        value=lambda x, row: x * row,
        gradients=(lambda g, out, x, row: g * row, rule_of_the_row),
    )


def test_broadcasting_undone_without_its_sum_fails():
    row = y[0]
    right = broadcast_product(lambda g, out, x, row: g * x)
    check_gradients(right, x, row, order=2)
    for wrong in (
        lambda g, out, x, row: (g * x)[0],
        lambda g, out, x, row: (g * x).mean(axis=0),
        lambda g, out, x, row: (g * x).sum(axis=1)[:1],
        lambda g, out, x, row: (g * x).max(axis=0),
        lambda g, out, x, row: (g * x).sum(),
    ):
        with pytest.raises(GradientCheckError, match="input 1"):
            check_gradients(broadcast_product(wrong), x, row)


def test_one_factor_that_is_missing_or_swapped_fails():
    for rules in (
        (lambda g, out, x, y: g * x, lambda g, out, x, y: g * y),
        (lambda g, out, x, y: g * y, lambda g, out, x, y: g),
        (lambda g, out, x, y: g * y, None),
    ):
        with pytest.raises(GradientCheckError):
            check_gradients(Operation("times", value=np.multiply, gradients=rules), x, y)


def test_a_wrong_second_derivative_fails_at_order_two_only():
    """The rule gives the right number and cannot be differentiated: its slope is a constant."""
    frozen = unary(lambda g, out, x: g * slope(x.data if isinstance(x, Tensor) else x))
    check_gradients(frozen, x)
    with pytest.raises(GradientCheckError, match="the gradient of mine"):
        check_gradients(frozen, x, order=2)

    slightly = Operation(
        "slope", value=slope, gradients=(lambda g, o, x: -2.002 * g * np.tanh(x) * o,)
    )
    built = unary(lambda g, out, x: g * slightly(x))
    check_gradients(built, x)
    with pytest.raises(GradientCheckError):
        check_gradients(built, x, order=2)


def test_rules_that_are_not_linear_in_the_seed_fail():
    with pytest.raises(GradientCheckError):
        check_gradients(unary(lambda g, out, x: g * g * slope(x)), x)
    with pytest.raises(GradientCheckError):
        check_gradients(unary(lambda g, out, x: np.sign(g) * slope(x)), x)


def test_the_message_names_function_input_index_and_both_numbers():
    wrong = Operation(
        "scaled",
        value=lambda a, b: a * b,
        gradients=(lambda g, out, a, b: g * b, lambda g, out, a, b: g * a * np.array([1, 1, 2.0])),
    )
    with pytest.raises(GradientCheckError) as caught:
        check_gradients(wrong, 3.0, np.array([1.0, 2.0, 5.0]))
    message = str(caught.value)
    assert "scaled" in message
    assert "input 1" in message
    assert "(2,)" in message
    by_rule, by_difference = map(
        float, re.search(r"gives ([-\d.e]+), the central difference ([-\d.e]+)\.", message).groups()
    )
    assert abs(by_rule / by_difference - 2) < 1e-6
    assert isinstance(caught.value, AssertionError)

    def by_its_name(a):
        return wrong(3.0, a)

    with pytest.raises(GradientCheckError, match="by_its_name.*input 0"):
        check_gradients(by_its_name, np.array([1.0, 2.0, 5.0]))


def test_a_kink_is_pointed_out():
    with pytest.raises(
        GradientCheckError, match=r"kink.*from the right.*from the left 0"
    ) as caught:
        check_gradients(lambda t: Tensor.relu(t).sum() * 2.0, np.array([1.0, 0.0]))
    assert "(1,)" in str(caught.value)
    with pytest.raises(GradientCheckError) as caught:
        check_gradients(unary(lambda g, out, x: 1.01 * g * slope(x)), x)
    assert "kink" not in str(caught.value)


def test_float32_has_a_tolerance_of_its_own():
    narrow = x.astype(np.float32)
    check_gradients(lambda t: np.tanh(t) * t, narrow, order=2)
    check_gradients(unary(lambda g, out, x: 1.0001 * g * slope(x)), narrow)
    with pytest.raises(GradientCheckError):
        check_gradients(unary(lambda g, out, x: 1.01 * g * slope(x)), narrow)
    check_gradients(np.tanh, x.astype(np.float16))


def test_tolerances_can_be_given():
    slightly = unary(lambda g, out, x: 1.001 * g * slope(x))
    check_gradients(slightly, x, rtol=1e-2)
    with pytest.raises(GradientCheckError):
        check_gradients(unary(lambda g, out, x: g * slope(x) * (1 + 1e-8)), x, rtol=1e-12, atol=0.0)


def test_large_and_small_arguments():
    for scale in (1e-6, 1e-3, 1e3, 1e8):
        check_gradients(lambda t: t * t, x * scale, order=2)
    check_gradients(lambda t: np.log(t), np.array([0.1, 1.0, 1e6]))


def test_structures_tensors_and_constants():
    def f(p, n):
        return p["a"] * p["b"][0] ** n

    report = check_gradients(f, {"a": [1.0, 2.0][0], "b": (y,)}, 3)
    assert report.compared == 1 + y.size
    check_gradients(lambda t: t * t, Tensor(x))
    check_gradients(lambda t: t * t, 3.0)
    check_gradients(lambda t, labels: ops.getitem(t, key=labels), x, np.array([0, 1, 1]))
    check_gradients(lambda a, b: (a * b, np.split(a + b, 3, axis=1)[1]), x, y)
    with pytest.raises(GradientCheckError, match="input 1"):
        check_gradients(lambda a, b: a * b.detach(), x, y)


def test_a_result_that_does_not_depend_has_the_gradient_zero():
    assert check_gradients(lambda t: Tensor([1.0, 2.0]), x).compared == x.size
    assert check_gradients(lambda t: t * 0.0, x).compared == x.size
    with pytest.raises(GradientCheckError):
        check_gradients(lambda t: Tensor(t.data * 2.0), x)


def test_under_no_grad():
    with no_grad():
        assert check_gradients(lambda t: t * t, x).compared == x.size


def test_arguments_are_checked():
    with pytest.raises(TypeError, match="function"):
        check_gradients(3.0, x)
    with pytest.raises(TypeError, match="floating-point"):
        check_gradients(lambda t: t, np.array([1, 2]))
    for order in (0, -1):
        with pytest.raises(ValueError, match="order"):
            check_gradients(np.tanh, x, order=order)
    with pytest.raises(TypeError, match="order"):
        check_gradients(np.tanh, x, order=1.5)


def test_nothing_is_changed():
    array, t = x.copy(), Tensor(x)
    check_gradients(lambda a, b: a * b, array, t, order=2)
    assert np.array_equal(array, x)
    assert np.array_equal(t.numpy(), x)
    assert t.grad is None


def test_step_and_tolerance_follow_the_scale_of_x_and_of_f():
    check_gradients(np.log, np.array([1e-3, 1e-6, 1e-9, 1.0, 1e6]), order=2)
    check_gradients(np.sqrt, np.array([1e-12, 1e-3]))
    check_gradients(lambda t: 1.0 / t, np.array([1e-8, -1e-150, 1e8]))
    check_gradients(lambda t: 1e12 + t, np.array([1.0, 2.0]))
    for scale in (1e-9, 1e-30, 1e30):
        wrong = Operation(
            "minus",
            value=lambda x, scale=scale: scale * x * x,
            gradients=(lambda g, out, x, scale=scale: -g * scale * 2 * x,),
        )
        with pytest.raises(GradientCheckError):
            check_gradients(wrong, np.array([1.0, -2.0]))
        with pytest.raises(GradientCheckError):
            check_gradients(lambda t, f=wrong, s=scale: f(t) + np.sin(t) * 1e3 * s, x)


FUNCTIONS = [
    (np.sin, np.cos),
    (np.exp, np.exp),
    (np.log, lambda x: 1 / x),
    (np.square, lambda x: 2 * x),
    (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
    (np.log1p, lambda x: 1 / (1 + x)),
]


def test_at_any_scale_right_rules_pass_and_wrong_ones_fail():
    random = np.random.default_rng(0)
    for _ in range(150):
        f, slope = FUNCTIONS[random.integers(len(FUNCTIONS))]
        scale = 10.0 ** random.integers(-12, 13)
        at = np.minimum(random.uniform(0.5, 2, 3) * 10.0 ** random.integers(-8, 3), 300.0)
        for factor in (1.0, -1.0, 1 + random.choice([-1, 1]) * 10 ** random.uniform(-4, 0)):
            rule = Operation(
                "rule",
                value=lambda x, f=f, scale=scale: f(x) * scale,
                gradients=(lambda g, out, x, slope=slope, s=scale * factor: g * slope(x) * s,),
            )
            if factor == 1.0:
                check_gradients(rule, at)
            else:
                with pytest.raises(GradientCheckError):
                    check_gradients(rule, at)


def test_a_complex_step_sees_what_differences_cannot_know():
    """1e10 + 1e-7·x²: rounding of the sum hides the slope from every difference."""

    def small(x, rule):
        return custom_square(rule)(x) * 1e-7 + 1e10

    def custom_square(rule):
        return Operation("squared", value=lambda x: x * x, gradients=(rule,))

    x = np.array([0.7])
    check_gradients(lambda t: small(t, lambda g, out, x: g * 2 * x), x)
    with pytest.raises(GradientCheckError, match="its rule gives -1.59"):
        check_gradients(lambda t: small(t, lambda g, out, x: -g * 2 * x), x)


def test_a_complex_step_is_not_trusted_where_a_part_is_not_analytic():
    """|x| of a complex number is real: its slope is missing from the imaginary part."""
    wrong = Operation("absolutely", value=np.abs, gradients=(lambda g, out, x: 0 * g,))
    with pytest.raises(GradientCheckError):
        check_gradients(lambda x: x * x + wrong(x), np.array([1.5]))


def test_rounding_is_no_kink():
    wrong = Operation("constant", value=lambda x: x * 0 + 1e3, gradients=(lambda g, out, x: g,))
    with pytest.raises(GradientCheckError) as error:
        check_gradients(lambda x: wrong(x) + 1e-13 * np.sin(1e4 * x), np.array([0.3]), atol=1e-3)
    assert "kink" not in str(error.value)


def test_a_rule_that_writes_into_its_inputs_is_found_out():
    def doubled(g, out, x):
        g *= 2
        return g

    own = Operation("doubled", value=lambda x: 2 * x, gradients=(doubled,))
    with pytest.raises(ValueError, match="doubled"):
        check_gradients(own, np.array([1.0, 2.0]))


def test_far_from_zero_the_step_is_what_the_numbers_can_tell():
    for at in (1e6, 1e9, 1e12):
        check_gradients(np.sin, at)
        with pytest.raises(GradientCheckError):
            check_gradients(unary(lambda g, out, x: g * np.cos(x) * 1.001, np.sin), at)
    check_gradients(lambda x: x**2, 1e-200)  # whose values are all 0


def test_what_cannot_be_compared_is_told():
    with np.errstate(all="ignore"):
        for f, at in ((np.sin, np.nan), (np.log, -1.0), (np.sin, np.inf)):
            with pytest.raises(GradientCheckError, match=r"gives nan at the arguments"):
                check_gradients(f, at)
    with pytest.raises(GradientCheckError, match="other numbers when it is called again"):
        check_gradients(lambda x: x * np.random.rand(), 1.0)
    for wrong in (-1.0, np.nan, np.inf, "1"):
        for name in ("rtol", "atol"):
            with pytest.raises((TypeError, ValueError), match=f"`{name}` must be a number"):
                check_gradients(np.sin, 1.0, **{name: wrong})


def test_a_curve_is_no_kink():
    wrong = unary(lambda g, out, x: -2 * g * x, lambda x: x**2)
    for at in (1e-4, 1e-5, 1.0):
        with pytest.raises(GradientCheckError) as raised:
            check_gradients(wrong, at)
        assert "kink" not in str(raised.value)
    with pytest.raises(GradientCheckError, match="kink here: from the right 1.13.*, from the left"):
        check_gradients(ops.relu, np.array([0.0]))
