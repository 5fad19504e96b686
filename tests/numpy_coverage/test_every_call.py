"""What holds for every function, method and form of NumPy, whatever it is made of."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, check_gradients, gradients
from autograd_nn.jit import NotCompilable, compiling
from autograd_nn.program.memory import Memory
from autograd_nn.program.planning.planner import plan
from tests.jit.as_python import run_by_python
from tests.numpy_coverage.counting import TABLES
from tests.numpy_coverage.functions import Call

# Of a Tensor by itself, not under `grad`, these make a leaf of its own.
COPIES = {".__copy__", ".__deepcopy__"}
# Conversions to single precision, whose rounding is larger than a step of differences.
SINGLE = {
    "astype", ".astype", "sum(dtype)", "mean(dtype)", "prod(dtype)", "var(dtype)", "std(dtype)",
    "concatenate(dtype=)", "stack(dtype=)", "exp(dtype=)", "add(dtype=)",
}  # fmt: skip
# np.dot makes an array of a number, and np.poly of halves, which doubles the precision.
WIDENED = {"dot scalar", "poly"}


def results(made: Any) -> Iterator[Any]:
    """All results, also those in tuples and lists."""
    if isinstance(made, (tuple, list)):
        for part in made:
            yield from results(part)
    else:
        yield made


def loss_of(call: Call, x: Any) -> Any:
    """Σ (weights · result) over all floating-point results that depend on x."""
    parts = [r for r in results(call(np, x)) if type(r) is Tensor and r.dtype.kind == "f"]
    return sum(((r * (1 + np.arange(r.size).reshape(r.shape))).sum() for r in parts), start=0.0)


def is_recorded(call: Call, point: Any) -> bool:
    """Whether a gradient flows: what is refused or absent is counted elsewhere."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            loss = loss_of(call, Tensor(point))
        except (TypeError, ValueError, AttributeError, RuntimeError):
            return False
    return type(loss) is Tensor and loss.requires_grad


CALLS = [
    pytest.param(name, call, np.asarray(point, float), id=f"{title}-{name}")
    for title, (calls, point) in TABLES.items()
    for name, call in calls.items()
    if name not in COPIES and is_recorded(call, np.asarray(point, float))
]
assert len(CALLS) > 370
pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # NumPy's own, of names that it takes away
    pytest.mark.parametrize(("name", "call", "point"), CALLS),
]


def test_derivatives_agree_with_differences(name: str, call: Call, point: Any) -> None:
    order, near = (1, 0.02) if name in SINGLE else (2, 1e-5)
    check_gradients(lambda x: loss_of(call, x), point, order=order, rtol=near, atol=near / 10)


def test_a_program_gives_what_recording_anew_gives(name: str, call: Call, point: Any) -> None:
    other = point * (1 + 0.01 * np.random.default_rng(5).random(point.shape))
    anew = Tensor(other)
    expected = loss_of(call, anew)
    slope = gradients(expected, anew)
    for plain in (False, True):
        x = Tensor(point, name="x")
        program = loss_of(call, x).program([x])
        program = program.plain if plain else program
        x.data = other
        loss, (gradient,) = program()
        near = 1e-5 if name in SINGLE else 1e-9
        np.testing.assert_allclose(loss, expected.data, rtol=near, atol=near)
        np.testing.assert_allclose(gradient, slope, rtol=near, atol=near)
        if plain:
            assert loss == expected.data
            np.testing.assert_array_equal(gradient, slope)


@pytest.mark.parametrize("dtype", [np.float32, pytest.param(np.float16, marks=pytest.mark.slow)])
def test_the_dtype_is_numpys(name: str, call: Call, point: Any, dtype: Any) -> None:
    try:
        expected = list(results(call(np, point.astype(dtype))))
    except TypeError:
        pytest.skip(f"NumPy has no {name} of {np.dtype(dtype)}")
    x = Tensor(point.astype(dtype))
    found = list(results(call(np, x)))
    for ours, numpys in zip(found, expected, strict=True):
        wanted = np.asarray(numpys)
        if wanted.dtype.kind == "f" and name not in WIDENED:
            assert ours.dtype == wanted.dtype
            near = {2: 2e-2, 4: 1e-4, 8: 1e-3}[wanted.dtype.itemsize]
            numbers = ours.data if type(ours) is Tensor else ours
            np.testing.assert_allclose(numbers, wanted, rtol=near, atol=near)
    parts = [r.astype(float).sum() for r in found if type(r) is Tensor and r.requires_grad]
    assert gradients(sum(parts), x).dtype == dtype


@pytest.mark.parametrize(
    "layout",
    [
        "strided",
        *(pytest.param(x, marks=pytest.mark.slow) for x in ("Fortran", "read-only", "big-endian")),
    ],
)
def test_the_layout_does_not_matter(name: str, call: Call, point: Any, layout: str) -> None:
    given = {
        "Fortran": np.asfortranarray(point),
        "strided": np.repeat(point, 2, axis=-1)[..., ::2],
        "read-only": np.broadcast_to(point, point.shape),
        "big-endian": point.astype(">f8"),
    }[layout]
    before = np.array(given)
    found = []
    for data in (point, given):
        x = Tensor(data)
        loss = loss_of(call, x)
        found.append((loss.data, gradients(loss, x)))
        assert np.array_equal(x.data, before)
    near = 1e-6 if name in SINGLE else 1e-10
    np.testing.assert_allclose(found[1][0], found[0][0], rtol=near)
    np.testing.assert_allclose(found[1][1], found[0][1], rtol=near, atol=near)


def test_two_runs_are_equal_bit_for_bit(name: str, call: Call, point: Any) -> None:
    runs = []
    for _ in range(2):
        x = Tensor(point)
        runs.append(gradients(loss_of(call, x), x))
    np.testing.assert_array_equal(*runs)


# Calls whose program stays NumPy's, and why.
NOT_COMPILED = {"x[True]": "its gradient is added where a single truth says"}


def test_the_text_for_a_compiler_gives_the_same(
    name: str, call: Call, point: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_by_python(monkeypatch)
    x = Tensor(point, name="x")
    if name in NOT_COMPILED:
        with pytest.raises(NotCompilable):
            plan(loss_of(call, x), [x], {}, Memory([]), compile_steps=compiling.compiled_step)
        return
    made = plan(loss_of(call, x), [x], {}, Memory([]), compile_steps=compiling.compiled_step)
    x.data = point * (1 + 0.01 * np.random.default_rng(5).random(point.shape))
    expected = loss_of(call, x)
    slope = gradients(expected, x)
    made.memory.take_in()
    value, *results = made.step()
    near = 1e-6 if name in SINGLE else 1e-9
    np.testing.assert_allclose(value, expected.data, rtol=near)
    np.testing.assert_allclose(
        made.gradients(results)[x], slope, rtol=near, atol=near * np.abs(slope).max()
    )
