"""Every operation as a program: without passes bit for bit, with passes to rounding."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, Tensor
from tests.engine.samples import BY_NAME, SAMPLES, Case
from tests.program.agreement import assert_agrees, assert_forms_agree

CASES = [
    pytest.param(BY_NAME[name], case, id=f"{name}-{number}")
    for name, cases in SAMPLES.items()
    for number, case in enumerate(cases)
]
# One sample of each: what is computed with them below are other numbers.
ELEMENTWISE = [param for param in CASES if param.values[1].elementwise and param.id.endswith("-0")]


def is_float(x: Any) -> bool:
    return np.asarray(x).dtype.kind == "f" and type(x) is not float


def weighted(results: Any) -> Any:
    """A sum whose gradient differs from element to element."""
    results = results if isinstance(results, tuple) else (results,)
    return sum(
        ((r * (0.5 + np.arange(r.size, dtype=r.dtype).reshape(r.shape))).sum() for r in results),
        start=0.0,
    )


def applied(operation: Operation, case: Case, dtype: Any, varying: Any) -> tuple[Any, list[Tensor]]:
    """The loss and its leaves, where ``varying(slot)`` says which inputs are Tensors."""
    inputs = []
    for slot, x in enumerate(case.inputs):
        if not is_float(x):
            inputs.append(x)
            continue
        data = np.asarray(x, dtype)
        inputs.append(Tensor(data, name=f"x{slot}") if varying(slot) else data[()])
    attributes = dict(case.attributes)
    if "dtype" in attributes:
        attributes["dtype"] = np.dtype(np.float32 if dtype == np.float64 else np.float64)
    loss = weighted(operation(*inputs, **attributes))
    return loss, [x for x in inputs if type(x) is Tensor]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("operation", "case"), CASES)
def test_program_of_every_operation(operation: Operation, case: Case, dtype: Any) -> None:
    loss, wrt = applied(operation, case, dtype, lambda slot: True)
    assert_agrees(loss, wrt)


@pytest.mark.parametrize("dtype", [np.float64, pytest.param(np.float32, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("operation", "case"), [c for c in CASES if len(c.values[1].inputs) > 1])
def test_program_with_constants_among_the_inputs(
    operation: Operation, case: Case, dtype: Any
) -> None:
    for only in range(len(case.inputs)):
        if not is_float(case.inputs[only]):
            continue
        loss, wrt = applied(operation, case, dtype, lambda slot, only=only: slot == only)
        if type(loss) is Tensor and loss.requires_grad:
            assert_agrees(loss, wrt)


@pytest.mark.parametrize("dtype", [np.float64, pytest.param(np.float32, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("operation", "case"), ELEMENTWISE)
def test_program_of_scalars_and_of_odd_shapes(operation: Operation, case: Case, dtype: Any) -> None:
    """() and (1,) and () beside arrays, no elements, views that are not contiguous."""
    for shapes in [[()], [(1,)], [(), (2, 3)], [(1,), ()], [(0, 3), (3,)], [(3, 1), (2, 1, 4)]]:
        inputs = [
            Tensor(np.asarray(np.resize(x, shapes[i % len(shapes)]), dtype), name=f"x{i}")
            if is_float(x)
            else x
            for i, x in enumerate(case.inputs)
        ]
        loss = weighted(operation(*inputs, **case.attributes))
        assert_agrees(loss, [x for x in inputs if type(x) is Tensor])
    inputs = [
        Tensor(np.asarray(x, dtype), name=f"x{i}") if is_float(x) else x
        for i, x in enumerate(case.inputs)
    ]
    strided = [x.T[::-1] if type(x) is Tensor else x for x in inputs]
    assert_agrees(
        weighted(operation(*strided, **case.attributes)), [x for x in inputs if type(x) is Tensor]
    )


@pytest.mark.parametrize(("operation", "case"), ELEMENTWISE)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_program_with_values_that_are_not_finite(operation: Operation, case: Case) -> None:
    ends = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, -1.0, 1e300, -800.0, 3.0])
    pairs = np.meshgrid(ends, ends) if len(case.inputs) > 1 else [ends]
    chosen = Tensor(np.zeros(pairs[0].size), name="chosen", requires_grad=False)
    inputs = [
        Tensor(pairs[i].ravel(), name=f"x{i}") if is_float(x) else x
        for i, x in enumerate(case.inputs)
    ]

    def chosen_result() -> Any:
        """One result and not a sum, which a single NaN would hide."""
        return np.where(chosen > 0, operation(*inputs, **case.attributes) * 1.5, 0.0).sum()

    wrt = [x for x in inputs if type(x) is Tensor]
    not_finite = [x.data for x in wrt]
    with np.errstate(all="ignore"):
        for i, x in enumerate(wrt):  # what was recorded with infinities has not every form
            x.data = np.linspace(0.2 + 0.1 * i, 0.8, x.size)
        program = chosen_result().program(wrt)
        for x, data in zip(wrt, not_finite, strict=True):
            x.data = data
        for place in range(chosen.size):
            chosen.data = np.eye(1, chosen.size, place)[0]
            assert_forms_agree(program, chosen_result(), wrt)
