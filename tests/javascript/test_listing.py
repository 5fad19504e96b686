"""A program as text in JavaScript."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from autograd_nn import Operation, Sequential, Tensor
from autograd_nn.engine.errors import ArgumentError
from autograd_nn.javascript import Unwritable
from autograd_nn.layers import Dense
from autograd_nn.losses import BinaryCrossentropy
from autograd_nn.optimizers import SGD
from autograd_nn.optimizers.schedules import ExponentialDecay

X = np.linspace(-1, 1, 32 * 64).reshape(32, 64)
STRANGE = [
    "line\u2028end", "`${end}`", "constructor", "__proto__", "await", "add", "x; process.exit()",
    "σ", "", "places", "values",
]  # fmt: skip
Y = (X[:, :1] > 0).astype(float)


def tutorial_step() -> str:
    model = Sequential([Dense(units, activation="sigmoid") for units in (25, 15, 1)])
    loss = BinaryCrossentropy()(Y, model(X))
    return loss.program(model.trainable_weights, SGD(0.1)).javascript.source


def test_the_tutorial_network_is_less_than_100_lines() -> None:
    lines = tutorial_step().splitlines()
    assert len(lines) < 100
    assert lines[0].startswith("function step(learning_rate = 0.1)")
    assert sum(line.startswith("  assign(") for line in lines) == 6
    assert max(map(len, lines)) < 140


def test_a_listing_has_a_line_for_every_named_value() -> None:
    w, x = Tensor([2.0, 3.0], name="w"), Tensor([1.0, 4.0], name="x")
    loss = (w * x).sum()
    assert str(loss.program([w, x]).javascript).splitlines() == [
        "function step() {",
        "  // forward",
        "  const multiply_out = multiply(w, x);         // (2,)",
        "  const loss = sum(multiply_out, [0], false);  // a number",
        "",
        "  // backward",
        "  const grad_multiply = broadcastTo(1, [2]);  // (2,)",
        "  const grad_w = multiply(grad_multiply, x);  // (2,)",
        "  const grad_x = multiply(grad_multiply, w);  // (2,)",
        "  return [loss, [grad_w, grad_x]];",
        "}",
    ]


def test_names_of_users_are_only_names(tmp_path: Path) -> None:
    tensors = [Tensor(float(place), name=name) for place, name in enumerate(STRANGE)]
    made = sum(t * t for t in tensors).program(tensors).javascript
    defined = re.findall(r"^  const (\w+) =", made.source, re.M)
    assert len(defined) == len(set(defined))
    made.save(tmp_path / "step.js")
    text = (tmp_path / "step.js").read_text()
    code = "\n".join(line for line in text.split("\n") if not line.startswith("//"))
    assert "process.exit" not in code.replace('"x; process.exit()"', "")


def test_what_has_no_form_is_named() -> None:
    halved = Operation(
        "halved",
        value=lambda x: np.array([float(v) / 2 for v in x]),
        gradients=(lambda g, out, x: g / 2,),
    )
    w = Tensor([2.0, 3.0])
    with pytest.raises(Unwritable, match="calls halved, an operation of your own"):
        _ = halved(w).sum().program(w).javascript
    with pytest.raises(Unwritable, match=r"calls np\.linalg\.det, which has no form"):
        _ = np.linalg.det(Tensor(np.eye(2), name="a") * w).program(w).javascript


def test_a_product_along_other_axes_is_no_plain_product() -> None:
    doubled = Operation(
        "doubled",
        value=lambda x: np.matmul(x, 2 * np.eye(2), axes=[(0, 1), (0, 1), (0, 1)]),
        gradients=(lambda g, out, x: 2 * g,),
    )
    w = Tensor(np.arange(8.0).reshape(2, 2, 2), name="w")
    with pytest.raises(Unwritable, match="axes="):
        _ = doubled(w).sum().program(w).javascript


def test_an_own_operation_of_numpys_functions_is_written_down() -> None:
    cube = Operation("cube", value=lambda x: x**3, gradients=(lambda g, out, x: g * 3 * x**2,))
    w = Tensor([2.0, 3.0], name="w")
    assert "power(w, 3)" in cube(w).sum().program(w).javascript.source


def test_a_file_ends_in_js(tmp_path: Path) -> None:
    w = Tensor(2.0)
    made = (w * w).program(w).javascript
    with pytest.raises(ArgumentError, match=r"must end in \.js"):
        made.save(tmp_path / "step.py")
    with pytest.raises(ArgumentError, match="no folder"):
        made.save(tmp_path / "nowhere" / "step.js")


def test_a_schedule_gives_the_rate_from_outside() -> None:
    w = Tensor(2.0, name="w")
    program = (w * w).program(w, SGD(ExponentialDecay(0.5, 10, 0.9)))
    assert "function step(learning_rate = 0.5)" in program.javascript.source
