"""A user's own operations in a program: by name, by sign, with their source, or refused by name."""

from __future__ import annotations

import functools
import operator
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import special

from autograd_nn import (
    Operation,
    Program,
    Sequential,
    Tensor,
    compiled,
    gradients,
    replayable,
    set_random_seed,
)
from autograd_nn.layers import Dense
from autograd_nn.program.refusals import NoSource
from tests.program.agreement import assert_agrees, assert_close

SCALE = 3.0


def _bent(x: Any, slope: float) -> Any:
    return np.where(x > 0, x, slope * x)


def _leaky(x: Any, slope: float = 0.1) -> Any:
    """Uses a helper and a number of this module."""
    return SCALE * _bent(x, slope)


def _rolled(x: Any) -> Any:
    out = np.array(x)
    for place in range(len(x)):
        out[place] = x[place - 1] * (1 if place % 2 else 2)
    return out


def _rolled_back(g: Any, out: Any, x: Any) -> Any:
    factors = np.array([2.0, 1.0, 2.0])[: len(x)]
    return np.roll(g * factors.reshape(-1, *[1] * (g.ndim - 1)), -1, axis=0)


def _both_ends(*arrays: Any) -> Any:
    return sum(arrays), arrays[0] - arrays[-1]


def _both_ends_back(g: Any, out: Any, *arrays: Any) -> Any:
    total, difference = (0.0 if d is None else d for d in g)
    found = [total + 0.0 * x for x in arrays]
    found[0] = found[0] + difference
    found[-1] = found[-1] - difference
    return found


OWN = {
    "a NumPy function": Operation(
        "arcsinh", value=np.arcsinh, gradients=(lambda g, out, x: g / np.sqrt(x * x + 1),)
    ),
    "a lambda": Operation(
        "cubed", value=lambda x: x * x * x, gradients=(lambda g, out, x: g * 3 * x * x,)
    ),
    "a def with helpers": Operation(
        "leaky",
        value=_leaky,
        gradients=(lambda g, out, x, slope=0.1: g * SCALE * np.where(x > 0, 1.0, slope),),
    ),
    "a loop over elements": Operation("rolled", value=_rolled, gradients=(_rolled_back,)),
}


def data(dtype: Any = np.float64) -> Any:
    return np.random.default_rng(2).normal(size=(3, 2)).astype(dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("what", list(OWN))
def test_own_operation(what: str, dtype: Any) -> None:
    x = Tensor(data(dtype), name="x")
    program = assert_agrees((OWN[what](np.tanh(x)) * data(dtype)).sum(), [x])
    assert "autograd_nn" not in program.source + program.plain.source


def test_operation_that_is_a_sign_is_written_as_the_sign() -> None:
    times = Operation(
        "times",
        value=operator.mul,
        gradients=(lambda g, out, x, y: g * y, lambda g, out, x, y: g * x),
    )
    x, y = Tensor(data(), name="x"), Tensor(data() + 1, name="y")
    program = assert_agrees(times(x, y).sum(), [x, y])
    assert "x * y" in program.plain.source


def test_operation_with_attributes() -> None:
    x = Tensor(data(), name="x")
    assert_agrees((OWN["a def with helpers"](x, slope=-0.5) * data()).sum(), [x])


@pytest.mark.parametrize("count", [2, 3, 5])
def test_operation_of_any_number_of_inputs_with_two_results(count: int) -> None:
    ends = Operation("ends", value=_both_ends, gradients=_both_ends_back)
    leaves = [Tensor(data() + number, name=f"x{number}") for number in range(count)]
    total, difference = ends(*leaves)
    assert_agrees((np.tanh(total) * difference).sum(), leaves)
    assert_agrees((difference * difference).sum(), leaves)  # nothing comes back to the first


def test_result_that_is_a_view_of_an_input_is_not_written_over() -> None:
    """The input dies at the operation, and what it returned still shows its memory."""
    turned = Operation(
        "turned", value=lambda x: np.flip(x, 0), gradients=(lambda g, out, x: np.flip(g, 0),)
    )
    x = Tensor(data(), name="x")
    shown = turned(np.tanh(x))
    other = np.tanh(np.sin(x) * 0.5) * 2.0
    assert_agrees((shown * np.exp(other) * shown).sum(), [x])


def test_own_function_that_returns_a_view_of_a_parameter() -> None:
    first = Operation(
        "first",
        value=lambda x: x.ravel()[:2] if x.size > 1 else x,
        gradients=(
            lambda g, out, x: np.concatenate([g, np.zeros(x.size - 2, g.dtype)]).reshape(x.shape),
        ),
    )
    x = Tensor(data(), name="x")
    assert_agrees((first(x) * first(x * 2.0)).sum(), [x])


def test_rule_that_asks_for_the_kind_of_an_index() -> None:
    """Arrays among the attributes are arrays for a rule, in a program too."""

    def rule(g: Any, out: Any, x: Any, key: Any) -> Any:
        full = np.zeros(x.shape, g.dtype) if isinstance(key, np.ndarray) else None
        assert full is not None
        return g.sum() + full

    picked = Operation("picked", value=lambda x, key: x[key], gradients=(rule,))
    x = Tensor(data(), name="x")
    assert_agrees((picked(x, key=np.array([0, 2])) * 2.0).sum(), [x])


def _defined_nowhere(text: str) -> Any:
    """A function without source, as in a REPL."""
    namespace: dict[str, Any] = {"np": np, "floats": float}
    exec(text, namespace)
    return namespace["f"]


class _Table:
    def look_up(self, x: Any) -> Any:
        out = np.array(x)
        out[0] = 0.0
        return out


def _without_first(g: Any, out: Any, x: Any) -> Any:
    return g * (np.arange(len(x)) > 0)[:, None]


def _cubes(x: Any) -> Any:
    return np.array([float(v) ** 3 for v in np.ravel(x)]).reshape(np.shape(x))


WITHOUT_SOURCE = {
    "another library": (special.softmax, lambda g, out, x: out * (g - (g * out).sum())),
    "a method": (_Table().look_up, _without_first),
    "a REPL": (
        _defined_nowhere("def f(x): return np.reshape([floats(v) ** 3 for v in x.flat], x.shape)"),
        _defined_nowhere("f = lambda g, out, x: g * 3 * x * x"),
    ),
    "a partial": (functools.partial(_cubes), functools.partial(lambda g, out, x: g * 3 * x * x)),
    "a vectorised function": (
        np.vectorize(lambda v: v**3), lambda g, out, x: g * 3 * x * x,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", WITHOUT_SOURCE)
def test_a_function_without_source_runs_and_only_saving_needs_it(kind: str, tmp_path: Path) -> None:
    value, rule = WITHOUT_SOURCE[kind]
    own = Operation('own"""\nimport os', value=value, gradients=(rule,))
    x = Tensor(data(), name="x")

    def loss() -> Tensor:
        return (own(x * 2.0) * x).sum()

    program = loss().program([x])
    x.data = data() + 0.5
    recorded = loss()
    expected = recorded.data, gradients(recorded, [x])
    assert_close(program(), expected)
    found = program.plain()
    assert found[0] == expected[0]
    assert np.array_equal(found[1][0], expected[1][0])
    for form in (program, program.plain):
        assert "own_import_os is given to this program" in form.source
        with pytest.raises(NoSource, match="cannot be copied into a program"):
            form.save(tmp_path / "saved.py")
    assert list(tmp_path.iterdir()) == []


def test_a_cube_of_a_repl_runs_in_compiled_functions_and_fit() -> None:
    value = _defined_nowhere("def f(x): return x * x * x")
    cube = Operation(
        "cube", value=value, gradients=(_defined_nowhere("f = lambda g, out, x: g * 3 * x * x"),)
    )
    third = compiled(lambda x: cube(x).sum())
    for factor in (1.0, 2.0, 3.0):
        np.testing.assert_allclose(third(data() * factor), ((data() * factor) ** 3).sum())
    assert isinstance(third.program, Program)
    model = Sequential([Dense(3, activation=replayable(cube)), Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    x = data()
    model.fit(x, x[:, :1], epochs=3, batch_size=len(x), verbose=0)
    assert np.isfinite(model.history.history["loss"]).all()


def test_what_a_repl_defines_is_code_of_the_user() -> None:
    cube = Operation(
        "cube",
        value=_defined_nowhere("def f(x): return x * x * x"),
        gradients=(_defined_nowhere("f = lambda g, out, x: g * 3 * x * x"),),
    )
    model = Sequential([Dense(2, activation=cube)])
    model.compile(optimizer="sgd", loss="mse")
    with pytest.warns(UserWarning, match="code of your own is run as it is written"):
        model.fit(data(), data(), epochs=1, verbose=0)


def test_function_that_draws_numbers_draws_at_every_call() -> None:
    noisy = Operation(
        "noisy",
        value=lambda x: x + np.random.default_rng().normal(size=x.shape),
        gradients=(lambda g, out, x: g,),
    )
    x = Tensor(data(), name="x")
    program = noisy(x).sum().program([x])
    assert len({float(form()[0]) for form in (program, program.plain) for _ in range(3)}) == 6


@pytest.mark.parametrize(
    "rule",
    [
        lambda g, out, x: g if isinstance(x, np.ndarray) else 0 * g,
        lambda g, out, x: g * (2.0 if x.sum() > 0 else 3.0),
        lambda g, out, x: g * float(np.max(x)),
        lambda g, out, x: np.array([float(v) for v in np.ravel(g)]).reshape(x.shape),
        lambda g, out, x: float(np.sum(g)),
    ],
)
def test_a_rule_that_looks_at_numbers_is_called(rule: Any) -> None:
    """On other numbers than those recorded it goes the way that it goes on numbers."""
    own = Operation("own", value=lambda x: x * 1.5, gradients=(rule,))
    x = Tensor(data(), name="x")
    program = (own(x) * x).sum().program([x])
    for change in (1.0, -2.0):
        x.data = data() * change
        loss = (own(x) * x).sum()
        expected = loss.data, gradients(loss, [x])
        assert_close(program(), expected)
        assert np.array_equal(program.plain()[1][0], expected[1][0])


def test_one_rule_for_all_inputs_that_looks_at_numbers_is_called() -> None:
    def rule(g: Any, out: Any, x: Any, y: Any) -> Any:
        return (g * y, None if float(np.max(y)) == np.inf else g * x)

    product = Operation("product", value=lambda x, y: x * y, gradients=rule)
    x, y = Tensor(data(), name="x"), Tensor(data() + 1.0, name="y")
    program = (product(x, y) * y).sum().program([x, y])
    x.data, y.data = data() - 1.0, data() * 3.0
    loss = (product(x, y) * y).sum()
    assert_close(program(), (loss.data, gradients(loss, [x, y])))


def test_program_goes_on_where_the_graph_is_gone() -> None:
    """The program holds what it needs."""
    x = Tensor(data(), name="x")
    loss = OWN["a def with helpers"](x).sum()
    expected = loss._data, gradients(loss, [x])
    program = loss.program([x])
    del loss
    assert_close(program(), expected)


@pytest.mark.parametrize(
    "name",
    [
        *("np.exp", "np.add", "np.add.reduce", "np.random", "negative", "abs", "+", "[]"),
        *(".copy", ".T", ".dot", "join", "with_ones", "with_ones_column", "step", "make", "np"),
    ],
)
def test_a_name_does_not_decide_what_is_computed(name: str, tmp_path: Path) -> None:
    """The cube, by a function that no program opens, under names that programs themselves use."""

    def cubes(x: Any) -> Any:
        return np.array([float(v) ** 3 for v in np.ravel(x)]).reshape(np.shape(x))

    cube = Operation(name, value=cubes, gradients=(lambda g, out, x: g * 3 * x * x,))
    w = Tensor(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), name="w")
    program = (cube(w) * w).sum().program(w)
    changed = np.array([[2.0, 2.0, 3.0], [4.0, -5.0, 7.0]])
    w.data = changed
    for form in (program, program.plain):
        loss, gradient = form()
        np.testing.assert_allclose(loss, (changed**4).sum())
        np.testing.assert_allclose(gradient, 4 * changed**3)
        form.save(tmp_path / "saved.py")
        found = runpy.run_path(str(tmp_path / "saved.py"), run_name="saved")["step"]()
        np.testing.assert_allclose(found[0], (changed**4).sum())
    fourth = compiled(lambda x: (cube(x) * x).sum())
    for factor in (1, 2, 3, 4):
        np.testing.assert_allclose(fourth(changed * factor), ((changed * factor) ** 4).sum())
    assert isinstance(fourth.program, Program)


@pytest.mark.parametrize("name", ["np.exp", "negative", ".copy", "np.add", "join", "@"])
def test_a_name_does_not_decide_what_is_trained(name: str) -> None:
    """Planned steps go down as those do that are taken as they are written."""
    square = Operation(name, value=_squares, gradients=(lambda g, out, x: 2 * g * x,))
    x = np.linspace(-1, 1, 24).reshape(8, 3).astype(np.float32)
    losses = []
    for run_eagerly in (True, False):
        set_random_seed(0)
        model = Sequential([Dense(4, activation=replayable(square)), Dense(1)])
        model.compile(optimizer="sgd", loss="mse", run_eagerly=run_eagerly)
        model.fit(x, x[:, :1], epochs=5, batch_size=4, shuffle=False, verbose=0)
        losses.append(model.history.history["loss"])
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-5)


def _squares(x: Any) -> Any:
    return np.array([float(v) ** 2 for v in np.ravel(x)], x.dtype).reshape(np.shape(x))
