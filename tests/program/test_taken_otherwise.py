"""Texts, lengths that values decided, and failures before a loss is recorded: said as well."""

import code
import contextlib
import dataclasses
import io
import json
import pdb
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd_nn import LeavingGraphWarning, Tensor, compiled
from autograd_nn.engine.errors import StateError

X = np.random.default_rng(0).normal(size=(20, 3))


@dataclasses.dataclass
class Held:
    tensor: Tensor


def error(z: Tensor) -> str:
    return str(z.sum())


TEXTS: dict[str, Callable[[Any], float]] = {
    "f-string": lambda z: float(f"{z.sum():.1f}"),
    "str": lambda z: float(len(str(z))),
    "repr": lambda z: 1.0 if "-" in repr(z) else 2.0,
    "format": lambda z: float(format(z.sum(), ".1f")),
    "a format": lambda z: float("{:.1f}".format(z.sum())),  # noqa: UP032
    "in a list": lambda z: float(str([z.sum()])[8:12]),
    "array2string": lambda z: float(len(np.array2string(z))),
    "a key": lambda z: {"+": 1.0, "-": 2.0}[f"{z.sum():+}"[0]],
    "by the standard library": lambda z: float(len(json.dumps(z, default=str))),
    "of a number that was taken": lambda z: float(f"{(z > 0).sum():.1f}"),
    "by a function with a name as of what shows": lambda z: float(len(error(z))),
    "a method with such a name": lambda z: float(len(str(z.sum()).title())),
    "of an object that holds it": lambda z: float(len(repr(Held(z)))),
}


@pytest.mark.parametrize("how", TEXTS)
def test_a_text_of_values_is_said(how: str) -> None:
    w = Tensor(np.ones(3), name="w")
    factor = TEXTS[how](X @ w)
    with pytest.warns(LeavingGraphWarning, match=r"test_taken_otherwise\.py, line \d+: .*'w'"):
        ((w**2).sum() * factor).program(w)


LENGTHS: dict[str, Callable[[Any], Any]] = {
    "len": lambda z: len(z[z > 0]),
    "shape": lambda z: z[z > 0].shape[0],
    "size": lambda z: z[z > 0].size,
    "np.shape": lambda z: np.shape(z[z > 0])[0],
    "np.size": lambda z: np.size(z[z > 0]),
    "np.ones_like": lambda z: np.ones_like(z[z > 0]).sum(),
    "np.full_like": lambda z: np.full_like(z[z > 0], 1.0).sum(),
    "a loop": lambda z: sum(1 for _ in z[z > 0]),
    "of what is computed from it": lambda z: len(np.exp(z[z > 0] * 2).reshape(-1, 1) + z[0]),
    "of one of several": lambda z: len(np.split(z[z > 0] * 2, [1])[1]),
    "of columns": lambda z: np.stack([z, z])[:, z > 0].shape[1],
    "of a mask": lambda z: len((z > 0)[z > 0]),
    "np.unique": lambda z: len(np.unique(np.maximum(z, 0))),
    "counts of np.unique": lambda z: len(np.unique(np.sign(z), return_counts=True)[1]),
}


@pytest.mark.parametrize("is_given", [False, True])
@pytest.mark.parametrize("how", LENGTHS)
def test_a_length_that_values_decided_is_said(how: str, is_given: bool) -> None:
    w = Tensor(np.ones(3), name="w")
    x = Tensor(X[:, 0], requires_grad=False, name="x")
    factor = LENGTHS[how](x * 1.0 if is_given else X @ w)
    loss = (w**2).sum() * factor + x.sum()
    with pytest.warns(
        LeavingGraphWarning, match=rf"_otherwise\.py, line \d+: .*'{'wx'[is_given]}'"
    ):
        loss.program(w, inputs=[x])


def test_nothing_is_said_of_a_length_that_the_program_holds() -> None:
    w, x = Tensor(np.ones(3)), Tensor(X[:, 0], requires_grad=False, name="x")
    mask, chosen = X @ w > 0, x[x > 0]
    loss = (X @ w)[mask].sum() / len((X @ w)[mask]) + chosen.sum() / chosen.size * w.sum()
    program = loss.program(w, inputs=[x])
    with pytest.raises(ValueError, match="mask chose elements"):
        program(x=-X[:, 0])
    w.data = -w.data
    with pytest.raises(ValueError, match="mask chose elements"):
        program()


def test_nothing_is_said_of_a_length_that_no_value_decides() -> None:
    w, rows = Tensor(np.ones(3)), X[:, 0] > 0
    z = X @ w
    assert z[z > 0].size  # from here on it is looked at lengths
    scale = z[z > 0].mean()
    sizes = [len(z[rows]), (z[rows] * 2).shape[0], len(z * scale), z[np.argsort(z)].size]
    ((w**2).sum() * sum(sizes)).program(w)


def test_a_line_that_takes_lengths_of_several_says_it_though_one_is_held() -> None:
    w = Tensor(np.ones(3))
    chosen = [(X @ w)[(X @ w) > limit] for limit in (0.0, 0.5)]
    counts = [len(z) for z in chosen]
    with pytest.warns(LeavingGraphWarning, match="the length of"):
        (chosen[1].sum() / counts[1] * counts[0]).program(w)


def root_of(a: Any) -> Any:
    try:
        return np.linalg.cholesky(a)
    except np.linalg.LinAlgError:
        return a * 0.5


def suppressed(a: Any) -> Any:
    with contextlib.suppress(np.linalg.LinAlgError):
        a = np.linalg.cholesky(a)
    return a


def one_of_several(a: Any) -> Any:
    try:
        return np.linalg.cholesky(a)
    except* np.linalg.LinAlgError:
        a = a * 0.5
    return a


@pytest.mark.parametrize("root", [root_of, suppressed, one_of_several])
def test_that_something_fails_is_said_where_its_error_is_caught(root: Callable[[Any], Any]) -> None:
    w = Tensor(-np.eye(2), name="w")
    with pytest.warns(LeavingGraphWarning, match="that it fails: cholesky of Tensor 'w'"):
        root(w).sum().program(w)
    (root(Tensor(np.eye(2))) * w).sum().program(w)
    with pytest.raises(StateError, match=r"that cholesky fails.*test_taken_otherwise.py, line"):
        compiled(lambda a: root(a).sum())(-np.eye(2))


def test_nothing_is_said_of_an_error_that_nobody_caught() -> None:
    w = Tensor(-np.eye(2))
    prompt = code.InteractiveInterpreter({"np": np, "w": w})
    with contextlib.redirect_stderr(io.StringIO()) as told:
        prompt.runsource("np.linalg.cholesky(w)")
    assert "positive definite" in told.getvalue()
    (w**2).sum().program(w)


def test_a_prompt_shows_what_was_typed() -> None:
    space: dict[str, Any] = {"w": Tensor(np.ones(3))}
    with contextlib.redirect_stdout(io.StringIO()) as told:
        exec(compile("w * 2", "<typed>", "single"), space)
    assert told.getvalue().startswith("Tensor([2., 2., 2.]")
    (space["w"] ** 2).sum().program(space["w"])
    exec(compile("k = len(str(w))", "<typed>", "single"), space)
    with pytest.warns(LeavingGraphWarning, match="<typed>, line 1: the text of"):
        (space["w"].sum() * space["k"]).program(space["w"])


def test_nothing_is_said_of_the_text_in_an_error_or_a_debugger() -> None:
    w = Tensor(np.ones(3))
    with pytest.raises(TypeError, match="Tensor"):
        w.sum().program("w", optimizer=w)
    debugger = pdb.Pdb(stdin=io.StringIO("p w\nw\nc\n"), stdout=io.StringIO())
    debugger.prompt = ""
    debugger.runcall(lambda: w.sum())
    (w**2).sum().program(w)
