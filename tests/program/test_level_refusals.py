"""Own operations in a replay level by level, and the graphs and calls that are refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from autograd_nn import AutogradError, Operation, Tensor, gradients, ops
from autograd_nn.engine.errors import (
    ArgumentError,
    ArgumentTypeError,
    ShapeError,
)
from autograd_nn.program.scalars.leveling import NotByLevels
from autograd_nn.program.scalars.levels import level_program

# ------------------------------------------------------------------ own operations

cube = Operation("cube", value=lambda x: x * x * x, gradients=(lambda g, out, x: g * 3 * x * x,))
both = Operation("both", value=lambda x, y: x * y, gradients=lambda g, out, x, y: (g * y, g * x))


def many(operation: Operation, number: int = 5) -> tuple[Tensor, list[Tensor]]:
    leaves = [Tensor(0.5 + 0.25 * i) for i in range(number)]
    return sum(operation(x) for x in leaves), leaves  # type: ignore[return-value]


def test_an_own_operation():
    loss, leaves = many(cube)
    assert level_program(loss, leaves)()[1] == [3 * x.item() ** 2 for x in leaves]


def test_an_own_operation_with_one_function_for_all_gradients():
    x, y = Tensor(2.0), Tensor(3.0)
    loss = both(x, y) + both(y, 4.0) + both(x, x)
    assert level_program(loss, [x, y])() == (22.0, [7.0, 6.0])


def planned_program_agrees(loss: Tensor, leaves: list[Tensor]) -> None:
    value, found = loss.program(leaves)()
    np.testing.assert_allclose(value, loss.data, rtol=1e-12)
    np.testing.assert_allclose(found, gradients(loss, leaves), rtol=1e-12)


WRONG = {
    "math function": Operation(
        "own_exp", value=lambda x: np.float64(math.exp(x)), gradients=(lambda g, out, x: g * out,)
    ),
    "branch": Operation(
        "leaky",
        value=lambda x: x if x > 0 else 0.1 * x,
        gradients=(lambda g, out, x: g * np.where(x > 0, 1, 0.1),),
    ),
    "value looks at all": Operation(
        "centred", value=lambda x: x - np.mean(x), gradients=(lambda g, out, x: g * 0,)
    ),
    "value gives one": Operation(
        "largest", value=lambda x: np.max(x), gradients=(lambda g, out, x: g,)
    ),
    "branch in the rule": Operation(
        "kinked", value=lambda x: abs(x), gradients=(lambda g, out, x: g if x > 0 else -g,)
    ),
    "rule looks at all": Operation(
        "shared", value=lambda x: x * 1.0, gradients=(lambda g, out, x: np.sum(g),)
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_an_operation_that_is_not_elementwise_is_refused(case):
    operation = WRONG[case]
    loss, leaves = many(operation)
    assert gradients(loss, leaves)  # the eager engine takes it
    with pytest.raises(NotByLevels):
        level_program(loss, leaves)
    planned_program_agrees(loss, leaves)


def test_a_reduction_of_scalars_is_refused():
    loss, leaves = many(ops.mean)
    with pytest.raises(NotByLevels):
        level_program(loss, leaves)


def test_a_single_node_may_take_scalars_only():
    x = [Tensor(float(i)) for i in range(4)]
    loss = WRONG["math function"](sum(leaf * leaf for leaf in x) * 0.1)
    value, found = level_program(loss, x)()
    assert value == pytest.approx(math.exp(1.4), rel=1e-12)  # (0 + 1 + 4 + 9)/10
    assert found == pytest.approx([0.2 * k * math.exp(1.4) for k in range(4)], rel=1e-12)


# ------------------------------------------------------------------ what is refused


def test_mixed_dtypes_are_refused():
    x, y = Tensor(2.0), Tensor(3.0, dtype=np.float32)
    with pytest.raises(NotByLevels):
        level_program(x * y, [x, y])
    with pytest.raises(NotByLevels):
        level_program(x * Tensor(np.int64(3)), [x])


def test_arrays_are_refused():
    x, w = Tensor(2.0), Tensor([1.0, 2.0], name="w")
    with pytest.raises(NotByLevels):
        level_program((x * w).sum(), [x])


def test_a_graph_whose_data_changed_since_is_planned():
    """The groups are checked by what was recorded, which the present data no longer give."""
    x = Tensor(2.0)
    loss = sum(x * k for k in range(400))
    x.data = 3.0
    with pytest.raises(NotByLevels):
        level_program(loss, [x])
    assert loss.program([x])() == (3.0 * 79_800, [79_800.0])  # 0 + 1 + … + 399


def test_a_long_and_narrow_graph_is_refused():
    y = x = Tensor(1.0)
    for _ in range(100_000):
        y = y * x
    with pytest.raises(NotByLevels):
        level_program(y, [x])


def test_a_gradient_of_what_was_computed_is_that_of_a_planned_program():
    x = Tensor(2.0)
    y = x * x
    loss = sum(y * k for k in range(400))
    with pytest.raises(NotByLevels):
        level_program(loss, [y])
    assert loss.program([y])() == (4.0 * 79_800, [79_800.0])  # 0 + 1 + … + 399


@pytest.mark.parametrize(
    ("inputs", "given", "error", "message"),
    [
        (lambda x, y: {"y": y}, {}, ArgumentError, "which a call cannot replace.*computed itself"),
        (lambda x, y: {"x": [2.0]}, {}, ArgumentTypeError, r"inputs\['x'\].*must be the Tensor"),
        (lambda x, y: {"x": [[x], [x, x]]}, {}, ArgumentTypeError, r"inputs\['x'\].*must be the"),
        (lambda x, y: {"x": x}, {"x": [1, 2]}, ShapeError, r"\(\).*\(2,\)"),
        (lambda x, y: {"x": x}, {"x": "a"}, ArgumentTypeError, "numbers"),
        (lambda x, y: {"width": x}, {"widht": 1}, ArgumentTypeError, "'width'"),
    ],
)
def test_wrong_inputs(inputs, given, error, message):
    x = Tensor(2.0)
    y = x * x
    loss = sum(y * k for k in range(400))
    with pytest.raises(error, match=message) as caught:
        loss.program([x], inputs=inputs(x, y))(**given)
    assert isinstance(caught.value, AutogradError)
