"""Every operation has a compiled form: its text run by Python here, and compiled in groups."""

from __future__ import annotations

import functools
import operator
from typing import Any

import numpy as np
import pytest

from autograd_nn import Tensor, gradients, ops
from autograd_nn.jit import NotCompilable, compiling
from autograd_nn.program.memory import Memory
from autograd_nn.program.planning.planner import Plan, plan
from tests.engine.samples import BY_NAME, SAMPLES, WITHOUT_DERIVATIVE, Case
from tests.jit.as_python import run_by_python
from tests.program.agreement import assert_close
from tests.program.test_every_operation import applied
from tests.thorough import slow_or_thorough

slow = pytest.mark.slow

# The cases without a compiled form: what is said of them, and why there is none.
NOT_COMPILED = {
    "copysign-0": ("float16", "the rule makes float16 of int8, which Numba has no numbers of"),
}


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGRAD_NN_CACHE", str(tmp_path / "cache"))


def recorded(name: str, case: Case, dtype: Any) -> tuple[Tensor, list[Tensor]]:
    """A loss of an operation, and its leaves."""
    if name in SAMPLES:
        return applied(BY_NAME[name], case, dtype, lambda slot: True)
    leaves = [Tensor(np.asarray(x, dtype), name=f"x{i}") for i, x in enumerate(case.inputs)]
    kinds = [np.asarray(x).dtype.kind for x in case.inputs]
    inputs = [leaf > 0.5 if k == "b" else leaf for leaf, k in zip(leaves, kinds, strict=True)]
    results = BY_NAME[name](*inputs, **case.attributes)
    results = results if type(results) is tuple else (results,)
    numbers = [ops.astype(x, dtype=np.dtype(dtype)) for x in results if type(x) is Tensor]
    weighted = [(x * (0.5 + np.arange(x.size).reshape(x.shape))).sum() for x in numbers]
    return functools.reduce(operator.add, [*weighted, *(x.sum() for x in leaves)]), leaves


def planned(loss: Tensor, wrt: list[Tensor], outputs: Any = ()) -> Plan:
    return plan(loss, wrt, {}, Memory([]), outputs, compile_steps=compiling.compiled_step)


CASES = [
    pytest.param(name, case, id=f"{name}-{place}")
    for name, cases in (SAMPLES | WITHOUT_DERIVATIVE).items()
    for place, case in enumerate(cases)
]
WITH_A_FORM = [case for case in CASES if case.id not in NOT_COMPILED]


def some_slow(cases: list[Any]) -> list[Any]:
    """All but the first of each operation are slow."""
    return [
        case if case.id.endswith("-0") else pytest.param(*case.values, id=case.id, marks=slow)
        for case in cases
    ]


def assert_equal_to_the_engine(made: Plan, loss: Tensor, wrt: list[Tensor]) -> None:
    expected = gradients(loss, wrt)
    for _ in range(2):  # what the first call leaves in memory must not matter
        made.memory.take_in()
        value, *results = made.step()
        found = made.gradients(results)
        reached = [x for x, g in zip(wrt, expected, strict=True) if g is not None]
        assert_close(
            (np.asarray(value)[()], [found[x] for x in reached]),
            (loss._data, [g for g in expected if g is not None]),
        )


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("name", "case"), some_slow(WITH_A_FORM))
def test_the_text_of_every_operation(
    name: str, case: Case, dtype: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_by_python(monkeypatch)
    loss, wrt = recorded(name, case, dtype)
    assert_equal_to_the_engine(planned(loss, wrt), loss, wrt)


@pytest.mark.parametrize(("name", "case"), [case for case in CASES if case.id in NOT_COMPILED])
def test_what_has_no_compiled_form_is_refused_still(
    name: str, case: Case, request: pytest.FixtureRequest
) -> None:
    said, _ = NOT_COMPILED[request.node.callspec.id]
    with pytest.raises(NotCompilable, match=said):
        planned(*recorded(name, case, np.float64))


SAMPLE = (
    *("getitem-8", "scatter-11", "set_at-6", "solve-2", "eigh-1", "cumprod-2", "einsum-7"),
    *("argsort-0", "any-1", "erf-0", "polygamma-0", "remainder-0"),
)
GROUP = 24


def groups() -> list[Any]:
    """Cases that are compiled together: a sample of the forms, and in turn all."""
    by_id = {case.id: case for case in WITH_A_FORM}
    sample = [by_id[name] for name in SAMPLE]
    rest = [WITH_A_FORM[start : start + GROUP] for start in range(0, len(WITH_A_FORM), GROUP)]
    return [pytest.param([c.values for c in cases], id=cases[0].id) for cases in [sample, *rest]]


@pytest.mark.parametrize(
    "dtype", [np.float64, pytest.param(np.float32, marks=pytest.mark.thorough)]
)
@pytest.mark.parametrize("cases", slow_or_thorough(groups(), lambda place, _: place == 0))
def test_machine_code_of_every_operation(cases: list[Any], dtype: Any) -> None:
    found = [recorded(name, case, dtype) for name, case in cases]
    wrt = [leaf for _, leaves in found for leaf in leaves]
    loss = functools.reduce(operator.add, [loss for loss, _ in found]).astype(dtype)
    made = planned(loss, wrt, [value for value, _ in found])
    assert_equal_to_the_engine(made, loss, wrt)
