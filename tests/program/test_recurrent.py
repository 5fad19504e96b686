"""Whole sequences in programs: the same numbers, in memory that is kept from call to call."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, gradients, ops
from tests.engine import sequences
from tests.engine.samples import numbers


def recorded(name: str, masked: bool) -> tuple[Any, list[Tensor]]:
    """A loss of all that comes out, and what it depends on."""
    gates, bias = (4, (8,)) if name == "lstm" else (3, (2, 6))
    x = Tensor(numbers(3, 4, 2), name="x")
    weights = [numbers(2, 2 * gates), numbers(2, 2 * gates, seed=1), numbers(*bias)]
    states = [numbers(3, 2, seed=3 + k) for k in range(2 if name == "lstm" else 1)]
    leaves = [x, *(Tensor(value) for value in [*weights, *states])]
    mask = [np.arange(12).reshape(3, 4) % 3 > 0] if masked else []
    first, *rest = getattr(ops, name)(*leaves, *mask)
    return (first * first).sum() + sum((1.5 * last).sum() for last in rest), leaves


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_a_program_gives_what_is_recorded_also_for_other_numbers(name: str, masked: bool) -> None:
    loss, leaves = recorded(name, masked)
    program = loss.program(leaves, inputs={"x": leaves[0]})
    assert program.source.count(f"= {name}_run(x") == 1  # once for value and gradient
    for seed in (0, 1, 0):
        x = numbers(3, 4, 2, seed=seed)
        with_x = same_with(name, masked, x)
        for run in (program, program.plain):
            found, slopes = run(x=x)
            np.testing.assert_allclose(found, with_x[0], rtol=1e-12)
            for slope, right in zip(slopes, with_x[1], strict=True):
                np.testing.assert_allclose(slope, right, rtol=1e-10, atol=1e-13)


def same_with(name: str, masked: bool, x: Any) -> tuple[Any, Any]:
    """By loops, and the gradients as they are recorded."""
    inputs = [x, *(leaf.data for leaf in recorded(name, masked)[1][1:])]
    mask = [np.arange(12).reshape(3, 4) % 3 > 0] if masked else []
    first, *rest = getattr(sequences, name)(*inputs, *mask)
    right = (first * first).sum() + sum((1.5 * last).sum() for last in rest)
    leaves = [Tensor(value) for value in inputs]
    first, *rest = getattr(ops, name)(*leaves, *mask)
    loss = (first * first).sum() + sum((1.5 * last).sum() for last in rest)
    return right, gradients(loss, leaves)


def test_rows_of_a_table_in_a_program_and_an_index_that_is_no_row() -> None:
    table, indices = Tensor(numbers(4, 2)), np.array([[0, 3], [3, 1]])
    index = Tensor(indices.astype(float), requires_grad=False, name="index")
    loss = (ops.embed(table, index) ** 2).sum()
    program = loss.program([table], inputs={"index": index})
    for others in (indices, indices[::-1], np.zeros((2, 2), int)):
        for run in (program, program.plain):
            found, (slope,) = run(index=others.astype(float))
            np.testing.assert_allclose(found, (table.data[others] ** 2).sum())
            right = sequences.added_rows(2 * table.data[others], others, 4)
            np.testing.assert_allclose(slope, right)
    for wrong in (-1, 4, 0.5):
        with pytest.raises(
            ValueError, match=rf"index {wrong:g} at \(1, 0\) is no row of a table of 4"
        ):
            program(index=np.array([[0.0, 1.0], [wrong, 0.0]]))
        with pytest.raises(ValueError, match="whole numbers from 0 to 3"):
            ops.embed(table, np.array([wrong]))
