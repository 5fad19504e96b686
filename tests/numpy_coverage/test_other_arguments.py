"""Shapes without axes, without elements and with more, and arguments that are wrong.

Where NumPy has a result, a Tensor has the same or a refusal in words of ours; where NumPy refuses,
so does a Tensor, with NumPy's error or ours, and never with one from inside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, compiled
from autograd_nn.engine.errors import AutogradError

Call = Callable[[Any], Any]
POINTS = {
    shape: np.random.default_rng(1).uniform(0.3, 2.0, shape)
    for shape in [(), (0,), (1,), (3,), (5,), (2, 3), (3, 3), (0, 3), (3, 0), (2, 3, 4), (2, 0, 3)]
}
AXES: list[Any] = [None, 0, 1, -1, -2, (0, 1), (-1,), (), 5, -4, (0, 0), 1.5, "a"]

REDUCTIONS = [
    *("sum", "prod", "mean", "max", "min", "var", "std", "ptp", "median", "argmax", "any", "all"),
    *("nansum", "nanprod", "nanmean", "nanmax", "nanmin", "nanvar", "nanstd", "nanmedian"),
]
ALONG = [
    *("cumsum", "cumprod", "nancumsum", "nancumprod", "sort", "argsort", "flip", "squeeze"),
    *("diff", "trapezoid", "unwrap", "average", "gradient"),
]


def calls() -> Iterator[tuple[str, Call]]:
    for name in REDUCTIONS + ALONG:
        function = getattr(np, name)
        for axis in AXES:
            yield f"{name} {axis}", lambda x, f=function, a=axis: f(x, axis=a)
            if name in REDUCTIONS:
                yield (
                    f"{name} {axis} kept",
                    lambda x, f=function, a=axis: f(x, axis=a, keepdims=True),
                )
        yield f"{name} misspelt", lambda x, f=function: f(x, axs=0)
    for name in ("sum", "prod", "mean", "max", "min"):
        function = getattr(np, name)
        more = {"initial": 0.5} if name in ("max", "min") else {}
        for where in ([True, False, True], np.array(False), np.array([1, 0, 2])):
            yield (
                f"{name} where {where}",
                lambda x, f=function, w=where, m=more: f(x, axis=-1, where=w, **m),
            )
        if name != "mean":
            yield f"{name} initial", lambda x, f=function: f(x, axis=-1, initial=2.0)
    for q in (0.3, [0.1, 0.9], 1.5):
        for axis in AXES:
            yield f"quantile {q} {axis}", lambda x, q=q, a=axis: np.quantile(x, q, axis=a)
    for order in (None, 0, 1, 2, -1, -2, 3, np.inf, -np.inf, "fro", "nuc", "x"):
        for axis in (None, 0, -1, (0, 1), (-1, 0), (0, 0), 5, (0, 1, 2)):
            yield f"norm {order} {axis}", lambda x, o=order, a=axis: np.linalg.norm(x, o, a)
        yield f"cond {order}", lambda x, o=order: np.linalg.cond(x, o)
    for places in (0, -1, [0, 1], [1], 9, np.array([True, False, True]), [], slice(0, 1)):
        for axis in (None, 0, -1, 9):
            yield f"take {places} {axis}", lambda x, p=places, a=axis: np.take(x, p, a)
            yield f"delete {places} {axis}", lambda x, p=places, a=axis: np.delete(x, p, a)
            yield f"insert {places} {axis}", lambda x, p=places, a=axis: np.insert(x, p, 9.0, a)
            yield (
                f"insert rows {places} {axis}",
                lambda x, p=places, a=axis: np.insert(x, p, x[0], a),
            )
        for mode in ("wrap", "clip", "bad"):
            yield f"take {places} {mode}", lambda x, p=places, m=mode: np.take(x, p, 0, mode=m)
    for parts in (1, 2, 3, [1], [1, 2], [0, 5, 9], 0, [-1], [2, 1]):
        for axis in (0, 1, -1, 9):
            yield f"split {parts} {axis}", lambda x, p=parts, a=axis: np.split(x, p, a)
            yield f"array_split {parts} {axis}", lambda x, p=parts, a=axis: np.array_split(x, p, a)
    for times in (0, 2, [1, 0, 2], [2], -1):
        for axis in (None, 0, -1, 9):
            yield f"repeat {times} {axis}", lambda x, t=times, a=axis: np.repeat(x, t, a)
    for n in (0, 1, 2, -1):
        for axis in (0, -1, 7):
            yield f"diff {n} {axis}", lambda x, n=n, a=axis: np.diff(x, n, a, prepend=1.0, append=x)
    for width in (0, 2, (1, 2), {}, -1):
        for mode in ("constant", "edge", "mean", "linear_ramp", "reflect", "wrap", "bad"):
            yield f"pad {width} {mode}", lambda x, w=width, m=mode: np.pad(x, w, m)
    for k in (0, 1, 3, -1):
        yield f"rot90 {k}", lambda x, k=k: np.rot90(x, k)
        yield f"diag {k}", lambda x, k=k: np.diag(x, k)
        yield f"tril {k}", lambda x, k=k: np.tril(x, k)
        yield f"matrix_power {k}", lambda x, k=k: np.linalg.matrix_power(x, k)
    for other in (np.ones(3), np.ones((3, 2)), np.ones((2, 3)), np.float64(2.0)):
        for name in ("dot", "inner", "outer", "vdot", "kron", "cross", "tensordot"):
            yield f"{name} {other.shape}", lambda x, f=name, o=other: getattr(np, f)(x, o)
        yield f"solve {other.shape}", lambda x, o=other: np.linalg.solve(x, o)
        yield f"lstsq {other.shape}", lambda x, o=other: np.linalg.lstsq(x, o)[0]
    for ufunc in (np.add, np.multiply, np.maximum, np.minimum, np.logaddexp, np.subtract):
        for axis in (0, -1, None, (0, 1), 5):
            yield f"{ufunc.__name__}.reduce {axis}", lambda x, u=ufunc, a=axis: u.reduce(x, a)
        for axis in (0, -1, 5):
            yield (
                f"{ufunc.__name__}.accumulate {axis}",
                lambda x, u=ufunc, a=axis: u.accumulate(x, a),
            )
            yield (
                f"{ufunc.__name__}.reduceat {axis}",
                lambda x, u=ufunc, a=axis: u.reduceat(x, [0, 2, 1], a),
            )
    for mode in ("full", "same", "valid", "bad"):
        for v in (np.ones(1), np.array([1.0, 2.0]), np.ones(4), np.float64(1.0)):
            yield f"convolve {v} {mode}", lambda x, v=v, m=mode: np.convolve(x, v, m)
            yield f"correlate {v} {mode}", lambda x, v=v, m=mode: np.correlate(v, x, m)
    for key in (0, -1, 9, slice(None, None, -1), (0, 1), None, [0, 1], 1.0, "a", (0, 0, 0, 0)):
        yield f"getitem {key}", lambda x, k=key: x[k]
    yield "where of one", lambda x: np.where(x > 1)
    yield "linspace of -1", lambda x: np.linspace(x, 3.0, -1)
    yield "geomspace below 0", lambda x: np.geomspace(-x, -4.0, 4)
    yield "interp", lambda x: np.interp(x, [0.5, 0.5, 2.0], [1.0, 2.0, 4.0])
    yield "bincount", lambda x: np.bincount([0, 1, 1], weights=x)
    yield "histogram", lambda x: np.histogram([0.1, 0.9, 0.5], bins=3, weights=x)
    yield "svd of a symmetric matrix", lambda x: np.linalg.svd(x + x.T, hermitian=True)
    yield "select by integers", lambda x: np.select([np.ones(3, int)], [x])


# Where a Tensor is more generous than NumPy, which does no harm: the one axis of a number, a mean
# of no elements along an axis of none, and the integer that True is.
GENEROUS = ("mean", "average", "var", "std", "norm", "gradient", "median", "quantile", "add.acc",
            "multiply.acc", "nan")  # fmt: skip


def parts(result: Any) -> Iterator[Any]:
    if isinstance(result, (tuple, list)):
        for part in result:
            yield from parts(part)
    else:
        yield result.data if type(result) is Tensor else np.asarray(result)


def wrong_in(name: str, call: Call, point: Any) -> str | None:
    """What a Tensor does that neither NumPy nor we say, with one call at one point."""
    try:
        expected = list(parts(call(point)))
    except Exception as error:
        refusal: Exception | None = error
    else:
        refusal = None
    try:
        found = list(parts(call(Tensor(point))))
    except Exception as error:
        ours = isinstance(error, (AutogradError, np.exceptions.AxisError))
        return None if ours or type(error) is type(refusal) else f"{error!r}, NumPy {refusal!r}"
    if refusal is not None:
        generous = name.startswith(GENEROUS) and not (point.shape and point.size)
        return None if generous else f"a result, NumPy {refusal!r}"
    kinds, numpys = ([(part.shape, part.dtype) for part in parts] for parts in (found, expected))
    if kinds != numpys:
        return f"{kinds}, NumPy {numpys}"
    pairs = zip(found, expected, strict=True)
    if not all(np.allclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True) for a, b in pairs):
        return f"{found}, NumPy {expected}"
    return None


CALLS: dict[str, list[tuple[str, Call]]] = {}
for name, call in calls():
    CALLS.setdefault(name.split()[0], []).append((name, call))
assert sum(map(len, CALLS.values())) > 1300


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("function", CALLS)
def test_the_result_or_the_refusal_is_numpys_or_ours(function: str) -> None:
    found = {
        (name, shape): wrong_in(name, call, point)
        for name, call in CALLS[function]
        for shape, point in POINTS.items()
    }
    assert {place: wrong for place, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize(
    ("otherwise", "wrong"),
    [
        (lambda x: x.sum() + 1e-6, "NumPy"),
        (lambda x: x.sum(keepdims=True), "NumPy"),
        (lambda x: x.sum().astype("float32"), "NumPy"),
        (lambda x: (x.sum(), x.sum()), "NumPy"),
        (lambda x: {}["no"], "KeyError"),
    ],
)
def test_what_is_neither_is_seen(otherwise: Call, wrong: str) -> None:
    def call(x: Any) -> Any:
        return otherwise(x) if type(x) is Tensor else x.sum()

    assert wrong in str(wrong_in("sum", call, POINTS[2, 3]))
    assert wrong_in("sum", np.sum, POINTS[2, 3]) is None


def test_a_result_where_numpy_refuses_is_seen() -> None:
    def call(x: Any) -> Any:
        return x.sum() if type(x) is Tensor else {}["no"]

    assert "a result, NumPy KeyError" in str(wrong_in("sum", call, POINTS[2, 3]))


# -------------------------------------------------------------- piecewise


def test_pieces_are_chosen_anew_by_a_program() -> None:
    w = Tensor(2.0)

    @compiled
    def f(x: Any) -> Any:
        return np.piecewise(x, [x > 1], [lambda v: w * v**2, lambda v: -v]).sum()

    for x in ([0.5, 2.0, 3.0], [1.5, 2.0, -3.0], [0.5, 0.2, 0.1], [4.0, 0.2, 0.1]):
        point = np.array(x)
        assert f(point) == np.where(point > 1, 2 * point**2, -point).sum()


def test_a_piece_that_depends_on_the_other_numbers_is_refused() -> None:
    x = Tensor([0.5, 2.0, 3.0])
    with pytest.raises(AutogradError, match=r"functions of each number by itself.*np\.where"):
        np.piecewise(x, [x > 1], [lambda v: v - v.mean(), 0.0])


def test_pieces_that_overlap_send_both_gradients_back() -> None:
    x = Tensor([1.0, 2.0, 3.0])
    first, nothing, last = np.split(x, [2, 1])
    assert nothing.shape == (0,)
    (first.sum() + 10 * last.sum()).backward()
    assert x.grad.tolist() == [1.0, 11.0, 10.0]


def test_beyond_the_points_of_interp_nothing_flows_whatever_lies_between_them() -> None:
    x = Tensor([0.0, 1.25, 3.0])
    np.interp(x, [0.5, 0.5, 2.0], [1.0, 2.0, 5.0]).sum().backward()
    assert x.grad.tolist() == [0.0, 2.0, 0.0]


def test_the_largest_of_nothing_and_of_a_number() -> None:
    start = Tensor(2.0)
    found = np.max(Tensor(np.zeros((2, 0))), axis=1, initial=start)
    assert found.tolist() == [2.0, 2.0]
    found.sum().backward()
    assert start.grad == 2.0


def test_the_median_between_infinities_is_numpys() -> None:
    x = np.array([[-np.inf, 0.0, 1.0, -np.inf], [1.0, -np.inf, -np.inf, 1.0], [0.0, 2, 1, 4]])
    np.testing.assert_array_equal(np.median(Tensor(x), axis=1).data, np.median(x, axis=1))
    np.testing.assert_array_equal(np.nanmedian(Tensor(x), axis=1).data, np.nanmedian(x, axis=1))


SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 1e308, 5e-324]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "name",
    [
        *(
            "absolute",
            "sqrt",
            "exp",
            "log",
            "log1p",
            "expm1",
            "exp2",
            "log2",
            "log10",
            "sin",
            "cos",
        ),
        *("tan", "tanh", "sinh", "cosh", "arcsin", "arccos", "arctan", "arcsinh", "arccosh"),
        *("arctanh", "square", "cbrt", "reciprocal", "sinc", "i0", "nan_to_num", "modf", "frexp"),
    ],
)
def test_values_at_the_ends_of_the_numbers_are_numpys(name: str) -> None:
    function, x = getattr(np, name), np.array(SPECIAL)
    for a, b in zip(parts(function(Tensor(x))), parts(function(x)), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "name",
    [
        *("add", "subtract", "multiply", "divide", "power", "maximum", "minimum", "fmax", "fmin"),
        *("remainder", "fmod", "floor_divide", "arctan2", "hypot", "copysign", "heaviside"),
        *("logaddexp", "logaddexp2", "divmod", "float_power"),
    ],
)
def test_values_of_two_at_the_ends_of_the_numbers_are_numpys(name: str) -> None:
    function, (x, y) = getattr(np, name), np.meshgrid(SPECIAL, SPECIAL)
    expected = list(parts(function(x, y)))
    for found in (function(Tensor(x), y), function(x, Tensor(y))):
        for a, b in zip(parts(found), expected, strict=True):
            np.testing.assert_array_equal(a, b)


CURVE = (np.array([0.0, 1.0, 2.0, 5.0]), np.array([1.0, 3.0, 2.0, 7.0]))


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.interp(x, *CURVE),
        lambda x: np.interp(x, *CURVE, period=4.0),
        lambda x: np.take_along_axis(CURVE[1], np.argsort(x), 0) * x,
        lambda x: np.piecewise(CURVE[1], [x > 1.0], [lambda v: v**2, 0.0]) * x,
        lambda x: np.polyfit(CURVE[0], x, 1),
    ],
    ids=["interp", "interp of a period", "take_along_axis", "piecewise", "polyfit"],
)
def test_plain_numbers_at_recorded_positions_are_taken_anew(call: Call) -> None:
    points = [np.array(p) for p in ([0.5, 1.5, 3.0, 0.2], [3.0, 0.1, 1.2, 4.0], [2, 1.5, 0.3, 9])]
    x = Tensor(points[0], name="x")
    program = call(x).sum().program([x])
    replayed = compiled(lambda x: call(x).sum())
    for point in points:
        anew = Tensor(point)
        loss = call(anew).sum()
        x.data = point
        value, (gradient,) = program()
        np.testing.assert_allclose(value, loss.data)
        np.testing.assert_allclose(replayed(point), loss.data)
        loss.backward()
        np.testing.assert_allclose(gradient, anew.grad, atol=1e-12)
