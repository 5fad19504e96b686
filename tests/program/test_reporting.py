"""What a program reports: numbers that are counted by hand."""

import operator

import numpy as np
import pytest

from autograd_nn import Operation, Tensor, optimizers
from autograd_nn.program.calls import DOT, METHODS, RESHAPE, T
from autograd_nn.program.planning.costs import multiplications, peak_bytes, work
from autograd_nn.program.planning.simplifying import simplified
from autograd_nn.program.values import Instruction, Instructions, Value

FLOAT = np.dtype(float)


def array(name, *shape, role="temporary"):
    return Value(name, shape, FLOAT, "array", role)


# ---------------------------------------------------------------------- floating-point work

X, W, V = array("x", 2, 3), array("w", 3, 5), array("v", 3)


@pytest.mark.parametrize(
    ("function", "inputs", "output", "expected"),
    [
        (DOT, (X, W), (2, 5), 2 * 2 * 3 * 5),
        (operator.matmul, (X, V), (2,), 2 * 2 * 3),
        (np.matmul, (array("b", 7, 2, 3), W), (7, 2, 5), 7 * 2 * 2 * 3 * 5),
        (operator.add, (X, 1.0), (2, 3), 6),
        (np.multiply, (X, X), (2, 3), 6),
        (np.greater, (X, 0), (2, 3), 6),
        (operator.truediv, (X, X), (2, 3), 4 * 6),
        (np.sqrt, (X,), (2, 3), 4 * 6),
        (np.exp, (X,), (2, 3), 8 * 6),
        (operator.pow, (X, 3), (2, 3), 8 * 6),
        (np.clip, (X, 0, 1), (2, 3), 2 * 6),
        (np.add.reduce, (X,), (2,), 6),
        (METHODS["sum"], (X,), (), 6),
        (T, (X,), (3, 2), 0),
        (RESHAPE, (X, (6,)), (6,), 0),
        (operator.getitem, (X, 0), (3,), 0),
        (np.full, ((2, 3), 1.0), (2, 3), 0),
    ],
)
def test_the_work_of_a_step(function, inputs, output, expected) -> None:
    step = Instruction(function, inputs, {}, array("out", *output))
    assert work(step) == expected
    assert multiplications(step) == (
        expected if function in (DOT, operator.matmul, np.matmul) else 0
    )


def test_the_work_of_a_program() -> None:
    x = np.arange(6.0).reshape(2, 3) / 7
    w = Tensor(np.ones((3, 4)), name="w")
    report = (np.exp(x @ w)).sum().program(w).report()
    # x @ w: 2·2·3·4 = 48; exp: 8·8 = 64; the sum: 8; its gradient is exp again; xᵀ @ it: 48
    assert report.work == 168
    assert report.products == 96
    assert report.uncounted == []
    assert "168, 57 % of them in matrix products" in str(report)


def test_functions_of_which_nothing_is_known_are_named() -> None:
    def tripled(x):
        return np.array([3 * element for element in x.tolist()])

    operation = Operation("tripled", value=tripled, gradients=(lambda g, out, x: g * 3,))
    w = Tensor([1.0, 2.0], name="w")
    report = operation(w).sum().program(w).report()
    assert report.uncounted == ["tripled"]
    assert "not counted: tripled" in str(report)


# ---------------------------------------------------------------------- memory


def test_the_bytes_that_live_at_one_time() -> None:
    x = array("x", 10, role="input")
    a, b, c, view = array("a", 10), array("b", 10), array("c", 10), array("view", 2, 5)
    total = Value("total", (), FLOAT, "scalar")
    steps = [
        Instruction(operator.add, (x, 1.0), {}, a),
        Instruction(operator.mul, (a, 2.0), {}, b),
        Instruction(operator.sub, (b, 3.0), {}, c),  # a is not needed any more
        Instruction(RESHAPE, (c, (2, 5)), {}, view),  # the same memory
        Instruction(METHODS["sum"], (view,), {}, total),
    ]
    assert peak_bytes(Instructions(steps, total, [])) == 2 * 80
    # Where a is a result, three live at a time.
    assert peak_bytes(Instructions(steps, total, [a])) == 3 * 80
    assert peak_bytes(Instructions([], x, [])) == 0


def test_parameters_and_state() -> None:
    w = Tensor(np.ones(5), name="w")
    loss = (w * w).sum()
    assert loss.program(w).report().parameter_bytes == 40
    assert loss.program(w).report().state_bytes == 0
    adam = loss.program(w, optimizers.Adam()).report()
    assert (adam.parameter_bytes, adam.state_bytes) == (40, 80)
    assert "parameters: 40 bytes, state of the optimizer: 80 bytes" in str(adam)


# ---------------------------------------------------------------------- the passes


def test_why_steps_are_left_out_is_counted() -> None:
    x = array("x", 4, role="input")
    two = Value("two", (4,), FLOAT, "array", "constant", np.full(4, 2.0))
    a, b, c, d, e, f = (array(name, 4) for name in "abcdef")
    total = Value("total", (), FLOAT, "scalar")
    steps = [
        Instruction(operator.add, (x, 1.0), {}, a),
        Instruction(operator.add, (x, 1.0), {}, b),  # computed already
        Instruction(operator.mul, (b, 1.0), {}, c),  # equal to an operand
        Instruction(operator.mul, (two, 3.0), {}, d),  # folded
        Instruction(operator.sub, (x, 5.0), {}, e),  # not needed
        Instruction(operator.mul, (c, d), {}, f),
        Instruction(METHODS["sum"], (f,), {}, total),
    ]
    counts: dict[str, int] = {}
    kept = simplified(Instructions(steps, total, []), counts)
    assert counts == {
        "folded": 1,
        "equal to an operand": 1,
        "computed already": 1,
        "not needed": 1,
    }
    assert len(kept.steps) == 3


def test_the_report_has_a_line_for_every_pass() -> None:
    w = Tensor(np.ones(5), name="w")
    report = (np.exp(w) * np.exp(w)).sum().program(w).report()
    assert [found.name for found in report.passes] == ["read", "simplified", "written"]
    lines = str(report).splitlines()
    assert lines[0].split() == ["pass", "what", "it", "did", "steps", "bytes", "at", "a", "time"]
    for line, found in zip(lines[1:], report.passes, strict=False):
        assert line.startswith(found.name)
        assert line.split()[-1] == f"{found.nbytes:,}"
    assert "computed already" in lines[2]
    assert report.passes[1].steps < report.passes[0].steps
    assert repr(report) == str(report)


def test_the_picture_of_a_program_has_the_names_of_its_inputs() -> None:
    w = Tensor([1.0, 2.0], name="w")
    data = Tensor([3.0, 4.0], requires_grad=False)
    program = (w * data).sum().program(w, inputs={"samples": data})
    assert "samples" in program.draw().text()
    assert "samples" not in (w * data).sum().draw().text()
