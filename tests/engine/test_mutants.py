"""Mistakes planted in every rule of every operation: the checks at the samples find each.

``python -m tests.engine.test_mutants`` changes the text of the rules, too (a sum left out, a sign,
a factor), and prints what nothing finds.
"""

from __future__ import annotations

import ast
import gc
import inspect
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograd_nn import Operation, check_gradients
from autograd_nn.engine.errors import GradientCheckError
from tests.engine.samples import BY_NAME, SAMPLES
from tests.engine.test_operations import fixed, is_float, without_probabilities

# -------------------------------------------------------------- mistakes in what a rule returns


def negated(d: Any, like: Any) -> Any:
    return -d


def doubled(d: Any, like: Any) -> Any:
    return d * 2


def slightly_off(d: Any, like: Any) -> Any:
    return d * 1.001


def without_the_sum(d: Any, like: Any) -> Any:
    """Where the engine would undo broadcasting, the first of what it would add up."""
    have, want = np.shape(d), np.shape(like)
    d = d[(0,) * (len(have) - len(want))]
    first = tuple(
        slice(0, 1) if n != 1 and m == 1 else slice(None)
        for n, m in zip(d.shape, want, strict=True)
    )
    return d[first]


MISTAKES = [negated, doubled, slightly_off]


def mistaken(gradients: Any, slot: int, mistake: Callable[[Any, Any], Any]) -> Any:
    """The rules with this mistake in one of them."""
    if isinstance(gradients, tuple):
        rule = gradients[slot]

        def wrong(g: Any, out: Any, *inputs: Any, **attributes: Any) -> Any:
            return mistake(rule(g, out, *inputs, **attributes), inputs[slot])

        return (*gradients[:slot], wrong, *gradients[slot + 1 :])

    def all_but_one(g: Any, out: Any, *inputs: Any, **attributes: Any) -> Any:
        found = list(gradients(g, out, *inputs, **attributes))
        found[slot] = mistake(found[slot], inputs[slot])
        return tuple(found)

    return all_but_one


def find(operation: Operation, cases: list[Any] | None = None) -> bool:
    """Whether the check at the samples finds something wrong."""
    for case in SAMPLES[operation.name] if cases is None else cases:
        call, varying = fixed(operation, without_probabilities(operation, case))
        try:
            with np.errstate(all="ignore"):
                check_gradients(call, *varying, order=2, rtol=1e-6, atol=1e-7)
        except Exception:  # also where a mistake breaks off
            return True
    return False


def has_a_rule(operation: Operation, slot: int) -> bool:
    rules = operation.gradients
    return not isinstance(rules, tuple) or rules[slot] is not None


SLOTS = [
    (name, slot)
    for name, cases in SAMPLES.items()
    for slot in range(min(2, max(len(case.inputs) for case in cases)))
    if has_a_rule(BY_NAME[name], slot)
    and any(len(case.inputs) > slot and is_float(case.inputs[slot]) for case in cases)
]
MUTANTS = [(name, slot, mistake) for name, slot in SLOTS for mistake in MISTAKES]
assert len(SLOTS) > 110


def always_or_slow(mutants: list[Any]) -> list[Any]:
    """Every ninth is planted always, the others with the slow tests."""
    return [
        pytest.param(
            *mutant,
            id="-".join(getattr(part, "__name__", str(part)) for part in mutant),
            marks=[] if place % 9 == 0 else pytest.mark.slow,
        )
        for place, mutant in enumerate(mutants)
    ]


@pytest.mark.parametrize(("name", "slot", "mistake"), always_or_slow(MUTANTS))
def test_a_mistake_in_a_rule_is_found(
    name: str, slot: int, mistake: Callable[[Any, Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    operation = BY_NAME[name]
    monkeypatch.setattr(operation, "gradients", mistaken(operation.gradients, slot, mistake))
    assert find(operation)


BROADCAST = [
    (name, slot)
    for name, slot in SLOTS
    if SAMPLES[name][0].elementwise
    and len(SAMPLES[name][0].inputs) == 2
    and all(map(is_float, SAMPLES[name][0].inputs))
]


@pytest.mark.parametrize(("name", "slot"), always_or_slow(BROADCAST))
def test_a_sum_left_out_where_broadcasting_is_undone_is_found(
    name: str, slot: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    operation, case = BY_NAME[name], SAMPLES[name][0]
    shapes = [(2, 1), (3, 2, 4)] if slot == 0 else [(3, 2, 4), (2, 1)]
    arrays = [np.resize(x[::-1, ::-1], s) for x, s in zip(case.inputs, shapes, strict=True)]
    check_gradients(operation, *arrays, rtol=1e-6, atol=1e-7)
    monkeypatch.setattr(
        operation, "gradients", mistaken(operation.gradients, slot, without_the_sum)
    )
    with pytest.raises(GradientCheckError):
        check_gradients(operation, *arrays, rtol=1e-6, atol=1e-7)


# -------------------------------------------------------------- mistakes in the text of a rule


class Mutation(ast.NodeTransformer):
    """One change of the text: ``number`` counts the places where one is possible."""

    def __init__(self, number: int) -> None:
        self.number, self.seen, self.what = number, 0, ""

    def _here(self, node: Any, what: str) -> bool:
        self.seen += 1
        if self.seen - 1 == self.number:
            self.what = f"line {node.lineno}: {what}"
            return True
        return False

    def visit_Call(self, node: ast.Call) -> Any:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("sum", "reduce"):
            summed = node.args[0] if node.func.attr == "reduce" else node.func.value
            if self._here(node, f"no {ast.unparse(node)}"):
                return summed
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        self.generic_visit(node)
        number = isinstance(node.operand, ast.Constant)
        if (
            isinstance(node.op, ast.USub)
            and not number
            and self._here(node, f"no sign in {ast.unparse(node)}")
        ):
            return node.operand
        return node

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        self.generic_visit(node)
        others = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
        other = others.get(type(node.op))  # type: ignore[call-overload]
        if other is not None and self._here(node, f"{other.__name__} in {ast.unparse(node)}"):
            node.op = other()
        return node


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


def text_mutants(module: types.ModuleType) -> Iterator[tuple[str, list[Any]]]:
    """What is changed, and the functions of the module with what their code becomes."""
    source = inspect.getsource(module)
    path = module.__file__ or ""
    before = list(codes(compile(source, path, "exec")))
    living = [f for f in gc.get_objects() if isinstance(f, types.FunctionType)]
    number = 0
    while True:
        mutation = Mutation(number)
        tree = ast.fix_missing_locations(mutation.visit(ast.parse(source)))
        if not mutation.what:
            return
        after = list(codes(compile(tree, path, "exec")))
        number += 1
        if len(after) != len(before):
            continue
        changed = []
        for old, new in zip(before, after, strict=True):
            if old.co_code != new.co_code and old.co_name != "<module>":
                changed += [(f, new) for f in living if f.__code__ == old]
        yield mutation.what, changed


def reached(function: Any, found: set[Any]) -> set[Any]:
    """The functions of the library that a rule calls, by name."""
    if not isinstance(function, types.FunctionType) or function in found:
        return found
    found.add(function)
    named = {name for code in codes(function.__code__) for name in code.co_names}
    for name in named:
        value = function.__globals__.get(name)
        if isinstance(value, types.FunctionType):
            reached(value, found)
    return found


def main() -> int:
    """Plant every change of the text of a rule, and print those that nothing finds."""
    warnings.simplefilter("ignore")
    users: dict[Any, list[Operation]] = {}
    for name in SAMPLES:
        rules = BY_NAME[name].gradients
        for rule in rules if isinstance(rules, tuple) else (rules,):
            for function in reached(rule, set()):
                users.setdefault(function, []).append(BY_NAME[name])
    modules = {
        f.__module__ for f in users if ".operations." in f.__module__ or "special" in f.__module__
    }
    planted = survived = 0
    for module in sorted(modules):
        for what, changed in text_mutants(sys.modules[module]):
            mine = [(f, code) for f, code in changed if f in users]
            operations = {o.name: o for f, _ in mine for o in users[f]}
            if not operations:
                continue
            planted += 1
            originals = [(f, f.__code__) for f, _ in mine]
            for f, code in mine:
                f.__code__ = code
            try:
                is_found = any(map(find, operations.values()))
            finally:
                for f, code in originals:
                    f.__code__ = code
            if not is_found:
                survived += 1
                print(f"{module.rpartition('.')[2]}, {what} ({', '.join(operations)})", flush=True)
    print(f"{planted} planted, {survived} not found")
    return survived


if __name__ == "__main__":
    sys.exit(main())
