"""Text that a user chose is data in a program: it names things, and decides and runs nothing."""

from __future__ import annotations

import ast
import os
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograd_nn import Operation, Program, Sequential, Tensor, compiled
from autograd_nn.engine.errors import ArgumentError, AutogradError
from autograd_nn.layers import Dense
from autograd_nn.optimizers import SGD, Optimizer
from autograd_nn.optimizers.schedules import ExponentialDecay, LearningRateSchedule

RUN = 'open("P", "w")'
HOSTILE = [
    f'x"]; {RUN}; names = ["',
    f'"""\n{RUN}\n"""',
    f"'''\n{RUN}\n'''",
    f'"""; {RUN}; """',
    f"\n{RUN}\n",
    f"a\r{RUN}",
    f"a\x0c{RUN}\x85{RUN}\u2028{RUN}",
    f"{{{RUN}}}",
    f"#\n{RUN} #",
    "\\",
    'end"',
    "\\N{BULLET}",
    "a\0b",
    "\ud800",
    "import numpy as np",
    "%s %(x)s {0} {x}",
]
PLAIN = [
    *("loss", "step", "make", "np", "numpy", "sgd", "kept", "file", "found", "name", "names"),
    *("gradient", "gradients", "parameters", "learning_rate", "iteration", "print", "range", "zip"),
    *(
        "lambda",
        "None",
        "class",
        "σ′",
        "权重",
        "1",
        "_",
        "__name__",
        "ones_3",
        "buffer_1",
        "multiply",
    ),
    *("parameter", "velocity", "total", "grad_x", "open", "len", "exec", "return", "w", "W"),
]
TEXTS = HOSTILE + PLAIN


@pytest.fixture(autouse=True)
def nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Every text above that ran would leave a file."""
    monkeypatch.chdir(tmp_path)
    yield
    assert not os.path.exists("P")


def run_as_file(path: Path, capsys: Any) -> tuple[dict[str, Any], str]:
    """What a file defines and prints that is run."""
    capsys.readouterr()
    return runpy.run_path(str(path), run_name="__main__"), capsys.readouterr().out


X = np.array([[1.0, 2.0, -1.0], [0.5, -0.5, 3.0]])
W = np.array([[0.5], [-1.0], [2.0]])
B = np.array([0.25])


def squares(w: Any, b: Any, x: Any = X) -> Any:
    """By hand: Σ (x @ w + b)², 2 xᵀ d and 2 Σ d."""
    d = x @ w + b
    return (d * d).sum(), 2 * x.T @ d, 2 * d.sum(0)


@pytest.mark.parametrize("first", TEXTS)
def test_names_of_tensors_and_operations(first: str, tmp_path: Path, capsys: Any) -> None:
    second = TEXTS[(TEXTS.index(first) + 1) % len(TEXTS)]
    w, b = Tensor(W, name=first), Tensor(B, name=second)
    own = Operation(second, value=lambda x: x * x, gradients=(lambda g, out, x: 2 * g * x,))
    loss = own(X @ w + b).sum()
    loss.name = first
    program = loss.program([w, b])
    w.data = W * 3.0
    value, by_w, by_b = squares(W * 3.0, B)
    for form, name in ((program, "planned.py"), (program.plain, "plain.py")):
        ast.parse(form.source)
        found, (first_gradient, second_gradient) = form()
        np.testing.assert_allclose(found, value)
        np.testing.assert_allclose(first_gradient, by_w)
        np.testing.assert_allclose(second_gradient, by_b)
        form.save(tmp_path / name)
        module, printed = run_as_file(tmp_path / name, capsys)
        assert f"loss {value:.6f}" in printed
        np.testing.assert_allclose(module["step"]()[0], value)
    assert f"norm {np.linalg.norm(by_w):.6f}" in printed


@pytest.mark.parametrize("name", TEXTS)
def test_names_of_training_steps(name: str, tmp_path: Path, capsys: Any) -> None:
    """Ten steps by a saved file go down as ten calls do, whatever the parameters are called."""
    w, b = Tensor(W, name=name), Tensor(B, name="b")
    loss = ((X @ w + b) ** 2).sum()
    loss.name = name
    kind = type(name.replace("\0", " ").replace("\ud800", " "), (Momentum,), {"key": name})
    program = loss.program([w, b], kind(0.01))
    program.save(tmp_path / "planned.py")
    program.plain.save(tmp_path / "plain.py")
    losses = [float(program()) for _ in range(5)] + [float(program.plain()) for _ in range(5)]
    assert losses[-1] < losses[0]
    for file in ("planned.py", "plain.py"):
        printed = run_as_file(tmp_path / file, capsys)[1].split()[1::2]
        np.testing.assert_allclose([float(text) for text in printed], losses, atol=1e-6)


class Momentum(Optimizer):
    """An optimizer of a user, whose state has a name that is no word."""

    key = "velocity"

    def update(self, value: Any, gradient: Any, state: Any, iteration: Any) -> Any:
        kept = 0.5 * state.get(self.key, 0.0) + gradient
        return value - self.learning_rate * kept, {self.key: kept}


@pytest.mark.parametrize(
    "name", ["loss", "np", "step", "make", "found", "sigma", "σ", "names", "kept", "gradient"]
)
def test_names_of_inputs(name: str, tmp_path: Path, capsys: Any) -> None:
    w, b, x = Tensor(W, name="w"), Tensor(B, name="loss"), Tensor(X, False)
    program = ((x @ w + b) ** 2).sum().program([w, b], inputs={name: x})
    for form in (program, program.plain):
        np.testing.assert_allclose(form(**{name: X + 1.0})[0], squares(W, B, X + 1.0)[0])
        form.save(tmp_path / "saved.py")
        module, printed = run_as_file(tmp_path / "saved.py", capsys)
        assert f"loss {squares(W, B)[0]:.6f}" in printed
        np.testing.assert_allclose(module["step"](X + 1.0)[0], squares(W, B, X + 1.0)[0])


@pytest.mark.parametrize("name", TEXTS)
def test_names_of_compiled_functions(name: str, tmp_path: Path, capsys: Any) -> None:
    def squared(x: Any) -> Any:
        return (x * x).sum()

    squared.__name__ = name
    made = compiled(squared)
    for _ in range(3):
        assert made(X) == (X * X).sum()
    program = made.program
    for form in (program, program.plain):
        ast.parse(form.source)
        assert form(x=X) == (X * X).sum()
        form.save(tmp_path / "saved.py")
        run_as_file(tmp_path / "saved.py", capsys)
    repr(program)


@pytest.mark.parametrize("name", [*HOSTILE[:13], "two words", "1", "a-b", "σ"])
def test_names_of_files_and_schedules(name: str, tmp_path: Path, capsys: Any) -> None:
    name = name.replace("/", "").replace("\0", "")
    kind = type(name, (LearningRateSchedule,), {"__call__": lambda self, step: 0.01})
    for schedule in (kind(), ExponentialDecay(0.01, 5, 0.9, name=name)):
        w = Tensor(W, name="w")
        program = ((X @ w) ** 2).sum().program(w, SGD(schedule))
        for form in (program, program.plain):
            path = tmp_path / f"{name}.py"
            form.save(path)
            assert "loss" in run_as_file(path, capsys)[1]


@pytest.mark.parametrize("text", [*TEXTS, "buffer_1_2x3", "a, b", "f(x, y), z" * 12])
def test_text_among_attributes_is_given_as_it_is(text: str) -> None:
    seen: list[str] = []

    def marked(x: Any, mark: str, kept: Any) -> Any:
        seen.append(mark)
        return np.array([float(v) for v in np.ravel(x)]).reshape(np.shape(x))

    own = Operation("own", value=marked, gradients=(lambda g, out, x, mark, kept: g,))
    w = Tensor(X, name="w")
    loss = (own(np.exp(w * 2.0), mark=text, kept=(text, [1.5, text])) * np.exp(w * 2.0)).sum()
    program = loss.program(w)
    for form in (program, program.plain):
        seen.clear()
        form()
        assert set(seen) == {text}


class Axis(int):
    def __repr__(self) -> str:
        return RUN

    __str__ = __repr__


class Mode:
    def __repr__(self) -> str:
        return RUN


def test_objects_with_a_text_of_their_own() -> None:
    mode = Mode()

    def chosen(x: Any, mode: Any) -> Any:
        return x * (2.0 if mode is kept_mode else 3.0)

    kept_mode = mode
    own = Operation("own", value=chosen, gradients=(lambda g, out, x, mode: g * 2.0,))
    w = Tensor(X, name="w")
    loss = (own(w, mode=mode).sum(axis=Axis(0)) ** 2).sum()
    for form in (loss.program(w), loss.program(w).plain):
        assert RUN not in form.source
        np.testing.assert_allclose(form()[0], ((2 * X).sum(0) ** 2).sum())
    other = (own(w, mode=mode) + own(w, mode=Mode())).sum()
    for form in (other.program(w), other.program(w).plain):
        np.testing.assert_allclose(form()[0], 5.0 * X.sum())
        with pytest.raises(AutogradError, match="object of type Mode"):
            form.save("saved.py")


def test_arrays_of_objects_have_no_text(tmp_path: Path) -> None:
    def marked(x: Any, marks: Any) -> Any:
        return np.array([float(v) * marks[1] for v in np.ravel(x)]).reshape(np.shape(x))

    own = Operation("own", value=marked, gradients=(lambda g, out, x, marks: g * 2.0,))
    w = Tensor(X, name="w")
    loss = own(w, marks=np.array([Mode(), 2.0], object)).sum()
    for form in (loss.program(w), loss.program(w).plain):
        assert RUN not in form.source
        np.testing.assert_allclose(form()[0], 2.0 * X.sum())
        with pytest.raises(ArgumentError, match="object of type ndarray"):
            form.save("saved.py")


def test_names_of_layers_in_fit_and_model_programs(tmp_path: Path, capsys: Any) -> None:
    for name in (HOSTILE[0], HOSTILE[1].replace("/", ""), "loss", "np"):
        model = Sequential([Dense(3, activation="tanh", name=name), Dense(1, name=f"{name} 2")])
        model.compile(optimizer="sgd", loss="mse")
        model.fit(X, X[:, :1], epochs=3, batch_size=2, verbose=0)
        program = model.program(X, X[:, :1])
        assert isinstance(program, Program)
        for form in (program, program.plain):
            form.save(tmp_path / "saved.py")
            run_as_file(tmp_path / "saved.py", capsys)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.text(max_size=30), st.sampled_from(TEXTS)), min_size=4, max_size=4))
def test_any_names(names: list[str]) -> None:
    first, second, third, fourth = names
    w, b = Tensor(W, name=first), Tensor(B, name=second)
    own = Operation(third or "f", value=lambda x: x * x, gradients=(lambda g, out, x: 2 * g * x,))
    loss = own(X @ w + b).sum()
    loss.name = fourth
    program = loss.program([w, b])
    for form in (program, program.plain):
        np.testing.assert_allclose(form()[0], squares(W, B)[0])
        form.save("saved.py")
        module = runpy.run_path("saved.py", run_name="saved")
        np.testing.assert_allclose(module["step"]()[0], squares(W, B)[0])


def test_an_own_operation_is_no_copy_for_its_name() -> None:
    doubled = Operation(
        "copy",
        value=lambda x: np.vectorize(lambda number: 2 * number)(x),
        gradients=(lambda g, out, x: 2 * g,),
    )
    x = Tensor([1.0, 2.0], name="x")
    program = doubled(x).sum().program([x])
    assert program()[0] == 6.0
    with pytest.raises(ArgumentError, match="calls copy, an operation of your own"):
        _ = program.javascript.source
    assert "copy(x)" in x.copy().sum().program([x]).javascript.source
