"""What was taken out of a graph before a loss was recorded: a number such as a count, the text of
numbers, a length that values decided.

What it decided stays as it was in a program, and in what is made of one: a page that computes, a
workbook, a formula. So that is said. Not where it was only shown: a share that was printed decided
nothing. And not of a length where the program itself chooses the same elements: it ends when a mask
chooses another number of them.
"""

from __future__ import annotations

import ast
import functools
import linecache
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from types import CodeType
from typing import Any

from autograd_nn.engine.errors import LeavingGraphWarning
from autograd_nn.engine.mutation import made_by
from autograd_nn.engine.taking import (
    FAILURE,
    LENGTH,
    Place,
    Taken,
    is_installed,
    outside,
    taken_from,
)
from autograd_nn.engine.tensor import Tensor, described
from autograd_nn.program.inputs import with_constants


def say_what_was_taken(nodes: Sequence[Tensor], inputs: Mapping[str, Any]) -> list[str]:
    """Warn of what was taken from what a loss was computed from, or from what a call gives.

    Parameters   nodes: of the graph, the loss last
    Returns      where all of them were taken, those of which a warning told before too
    """
    places: list[str] = []
    found: dict[str, str] = {}
    given = {id(item) for item in inputs.values()}
    sources = with_constants([node for node in nodes if node._leaf is not None])
    held = _held([*nodes, *sources])
    for node in sources:
        if node._leaf is not None and (node._requires_grad or id(node) in given):
            for taken in taken_from(node, nodes[-1]):
                if taken in held or _decides_nothing(taken):
                    continue
                places.append(taken.place())
                if not taken.said:
                    taken.said = True
                    of = "" if taken.of == id(node) else "what was computed from "
                    how = taken.how.replace("its ", "the ")
                    found[taken.place()] = f"{how} of {of}{described(node)}"
    if found:
        lines = "; ".join(f"{place}: {what}" for place, what in found.items())
        _, steps = outside(sys._getframe(1))
        warnings.warn(
            "A value was taken out of the graph, and what it decided stays as it was recorded, in "
            f"programs and formulas ({lines}). Stay in the graph, e.g. with np.where and masks of "
            "arrays, and a position inside the brackets, z[np.argmax(z)]; or write .item() where a "
            "constant is meant.",
            LeavingGraphWarning,
            stacklevel=2 + steps,
        )
    return sorted(set(places))


def _held(nodes: Sequence[Tensor]) -> set[Taken]:
    """The lengths of what a mask chose that chooses in the program, too."""
    found = set()
    for node in nodes:
        for x in (made_by(node) or (None, node.inputs))[1]:
            if type(x) is Tensor and x._leaf is not None and x._leaf.taken:
                # What is kept on a mask of the program, and of itself.
                found |= {t for t in x._leaf.taken.values() if t.how == LENGTH and t.of == id(x)}
    return {taken for taken in found if not taken.repeated}


def _decides_nothing(taken: Taken) -> bool:
    """Whether it was only shown; that something fails decides where its error is caught."""
    if not taken.how.startswith(FAILURE):
        return _is_only_shown(taken.places)
    return not any(_is_caught(*place) for place in taken.places)


def _is_caught(code: CodeType, instruction: int) -> bool:
    """Whether an error that is raised there is caught around it, by the user's own code."""
    if is_installed(code.co_filename):
        return False
    uses = _uses_of(code)
    if uses is None:
        return code.co_name != "<module>"  # what was typed alone
    start = uses.expression(_position(code, instruction))
    return start is None or uses.is_tried(start)


def _is_only_shown(places: Sequence[Place]) -> bool:
    """Whether the text of the code says that it only went where people read it.

    Parameters   places: where it was taken, and where the callers are
    """
    if not places:
        return False
    (code, instruction), *callers = places
    uses = _uses_of(code)
    if uses is None:
        return _is_answered(code, instruction)
    start = uses.expression(_position(code, instruction))
    return start is not None and uses.are_shown(start, callers)


def _is_answered(code: CodeType, instruction: int) -> bool:
    """Whether Python itself shows what was typed: of that there may be no text."""
    import dis

    here = next(x for x in dis.get_instructions(code) if x.offset == instruction)
    return here.opname == "PRINT_EXPR" or here.argrepr == "INTRINSIC_PRINT"


def _position(code: CodeType, instruction: int) -> Any:
    return next(p for i, p in enumerate(code.co_positions()) if 2 * i == instruction)


def _uses_of(code: CodeType) -> _Uses | None:
    return _uses(code.co_filename, "".join(linecache.getlines(code.co_filename, None)))


@functools.lru_cache(maxsize=16)
def _uses(file: str, text: str) -> _Uses | None:
    try:
        return _Uses(file, ast.parse(text)) if text else None
    except (SyntaxError, ValueError):  # it was changed since
        return None


class _Uses:
    """What the expressions of a file are used for."""

    def __init__(self, file: str, tree: ast.Module) -> None:
        # Of another module, or of one that is typed line by line, any name may be used elsewhere.
        self._is_main = getattr(sys.modules.get("__main__"), "__file__", None) == file
        self._around: dict[ast.AST, ast.AST] = {}
        self._expressions: dict[Any, ast.AST] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.expr):
                place = (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)
                self._expressions.setdefault(place, node)
            for part in ast.iter_child_nodes(node):
                self._around[part] = node

    def expression(self, position: Any) -> ast.AST | None:
        """The one that begins and ends there."""
        return self._expressions.get(tuple(position))

    def is_tried(self, node: ast.AST) -> bool:
        """Whether a ``try``, or a ``with`` such as `contextlib.suppress`, may catch its error."""
        while not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module)):
            inner, node = node, self._around[node]
            if isinstance(node, (ast.Try, ast.TryStar)) and node.handlers and inner in node.body:
                return True
            if isinstance(node, ast.With) and any(
                _called(item.context_expr) in ("suppress", "raises") for item in node.items
            ):
                return True
        return False

    def are_shown(
        self, node: ast.AST, callers: Sequence[Place], seen: frozenset[Any] = frozenset()
    ) -> bool:
        """Whether an expression, and all that is computed from it, is only shown, or dropped."""
        around = self._around[node]
        if isinstance(around, (ast.Expr, ast.Assert)) or _called(node) == "print":
            return True
        if isinstance(around, ast.Call):
            if isinstance(self._around[around], ast.Raise):
                return True
            return _called(around) in _PASSING_ON and self.are_shown(around, callers, seen)
        if isinstance(around, ast.Subscript):  # of a shape, of a text
            return node is around.value and self.are_shown(around, callers, seen)
        if isinstance(around, (ast.If, ast.While)):
            body = [*around.body, *around.orelse]
            return node is around.test and all(isinstance(part, ast.Raise) for part in body)
        if isinstance(around, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            targets = around.targets if isinstance(around, ast.Assign) else [around.target]
            return all(
                isinstance(target, ast.Name)
                and (target in seen or self._name_is_shown(target, callers, seen | {target}))
                for target in targets
            )
        if isinstance(around, (ast.Return, ast.Lambda)):
            return _is_only_shown(callers)
        return isinstance(around, _COMPUTING) and self.are_shown(around, callers, seen)

    def _name_is_shown(
        self, name: ast.Name, callers: Sequence[Place], seen: frozenset[Any]
    ) -> bool:
        scope: ast.AST = name
        while not isinstance(scope, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Module)):
            scope = self._around[scope]
        inside = list(ast.walk(scope))
        if isinstance(scope, ast.Module):
            if not self._is_main:
                return False
        elif any(
            isinstance(x, (ast.Global, ast.Nonlocal)) and name.id in x.names for x in inside
        ) or any(isinstance(x, ast.ClassDef) for x in self._up_to(name, scope)):
            return False
        return all(
            self.are_shown(x, callers, seen)
            for x in inside
            if isinstance(x, ast.Name) and x.id == name.id and isinstance(x.ctx, ast.Load)
        )

    def _up_to(self, node: ast.AST, scope: ast.AST) -> Iterator[ast.AST]:
        while node is not scope:
            yield node
            node = self._around[node]


def _called(node: ast.AST) -> str:
    """The name of what is called, "" where nothing is."""
    called = node.func if isinstance(node, ast.Call) else None
    return called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")


# What makes numbers and texts of such, and what shows them: where a function of the user's has such
# a name, what it gives is used.
_PASSING_ON = frozenset(
    ["print", "pprint", "display", "write", "writelines", "title", "set_title", "set_description"]
    + ["set_postfix", "debug", "info", "warning", "error", "critical", "exception", "warn", "exit"]
    + ["float", "int", "round", "abs", "min", "max", "sum", "mean", "item", "len", "list", "tuple"]
    + ["str", "repr", "format", "ascii", "array2string", "array_repr", "array_str", "pformat"]
    + ["join", "strip", "ljust", "rjust", "center", "replace", "zfill"]
)
_COMPUTING = (
    *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Attribute),
    *(ast.keyword, ast.Tuple, ast.List, ast.Dict, ast.JoinedStr, ast.FormattedValue),
    *(ast.ListComp, ast.GeneratorExp),
)
