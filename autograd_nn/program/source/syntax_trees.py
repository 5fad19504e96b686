"""The syntax tree of a function that is at hand only as an object."""

from __future__ import annotations

import ast
import functools
import linecache
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from autograd_nn.program.refusals import NoSource

Definition = ast.FunctionDef | ast.Lambda


_PARTS = (
    *("co_code", "co_names", "co_varnames", "co_cellvars", "co_freevars"),
    *("co_argcount", "co_kwonlyargcount", "co_posonlyargcount"),
)


def label(function: Any) -> str:
    """A function by module and name, and a lambda by its line, as errors speak of it."""
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", None)
    module = getattr(function, "__module__", None)
    if not module or not name:
        return str(name or repr(function))
    nameless = isinstance(function, FunctionType) and function.__name__ == "<lambda>"
    line = f" (line {function.__code__.co_firstlineno})" if nameless else ""
    return f"{module}.{name}{line}"


def found(function: FunctionType) -> tuple[Definition, list[str]]:
    """The function's tree, and the lines of the file that its positions belong to.

    What stands in a file is compiled again and must be what the function runs: this notices a file
    that was changed since, and tells apart the lambdas of one line, by their columns.

    Raises       NoSource when there is no text, another one, or several that could be meant
    """
    code = function.__code__
    linecache.checkcache(code.co_filename)
    lines = linecache.getlines(code.co_filename, function.__globals__)
    if not lines:
        raise NoSource(
            f"The function {label(function)} cannot be copied into a program: its source is not "
            f"kept ({code.co_filename}). Define it in a file or in a cell of a notebook."
        )
    tree = _read("".join(lines))
    imported = _imported(tree)
    same = [
        (node, compiled)
        for node in _beginning_at(code.co_firstlineno, tree)
        for compiled in _compiled(node, code, imported)
    ]
    where = list(code.co_positions())
    exact = [node for node, compiled in same if list(compiled.co_positions()) == where]
    nodes = exact or [node for node, _ in same]
    if not nodes:
        raise NoSource(
            f"The function {label(function)} cannot be copied into a program: in "
            f"{code.co_filename}, line {code.co_firstlineno}, stands something else than what it "
            "runs. Import the file anew if it was changed, or define the function in a file."
        )
    if len(nodes) > 1 and len({ast.dump(node) for node in nodes}) > 1:
        raise NoSource(
            f"The function {label(function)} cannot be copied into a program: line "
            f"{code.co_firstlineno} of {code.co_filename} holds several that could be meant. "
            "Write each on a line of its own."
        )
    return nodes[0], lines


@functools.lru_cache(maxsize=8)
def _read(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError:
        return ast.Module([], [])


def _beginning_at(line: int, tree: ast.AST) -> Iterator[Definition]:
    """The functions in a tree whose code begins in that line, for Python at the first decorator."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.stmt, ast.expr)):
            decorators = getattr(node, "decorator_list", [])
            first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
            if not first <= line <= (node.end_lineno or first):
                continue
            if isinstance(node, (ast.FunctionDef, ast.Lambda)) and first == line:
                yield node
        yield from _beginning_at(line, node)


def _imported(tree: ast.AST) -> set[str]:
    """The names that a module itself imports, its functions and classes left out."""
    names = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)):
            names |= _imported(node)
    return names - {"*"}


def _compiled(node: Definition, code: CodeType, imported: set[str]) -> Iterator[CodeType]:
    """What ``node`` compiles to that is the same as ``code``.

    It stands inside of a function that has the names it closes over, in a module that imports what
    its own does: Python compiles a call of a member of what the module imports in another way. The
    cells of a notebook are compiled statement by statement, without.
    """
    body: list[ast.stmt] = []
    if isinstance(node, ast.Lambda):
        body.append(ast.copy_location(ast.Expr(node), node))
    else:
        if node.name not in code.co_freevars:  # it sees itself in its module
            body.append(ast.copy_location(ast.Global([node.name]), node))
        body.append(node)
    flags = code.co_flags & annotations.compiler_flag
    for names in (imported & set(code.co_names), set[str]()):
        imports = f"import {', '.join(sorted(names))}" if names else ""
        around = ast.parse(f"{imports}\ndef around({', '.join(code.co_freevars)}): pass")
        around.body[-1].body = body  # type: ignore[attr-defined]
        try:
            module = compile(around, code.co_filename, "exec", flags, dont_inherit=True)
        except SyntaxError:  # a nonlocal of a name that is not among those of ``code``
            return
        (function,) = (c for c in module.co_consts if isinstance(c, CodeType))
        inner = [c for c in function.co_consts if isinstance(c, CodeType)]
        same = [c for c in inner if c.co_name == code.co_name and _same(c, code)]
        if same:
            yield from same
            return


def _same(one: CodeType, other: CodeType) -> bool:
    """Whether two codes do the same."""
    if len(one.co_consts) != len(other.co_consts):
        return False
    for a, b in zip(one.co_consts, other.co_consts, strict=True):
        if isinstance(a, CodeType) and isinstance(b, CodeType):
            if not _same(a, b):
                return False
        # A class inside knows by name the functions around it.
        elif repr(a).rpartition(".<locals>.")[2] != repr(b).rpartition(".<locals>.")[2]:
            return False
    return all(getattr(one, part) == getattr(other, part) for part in _PARTS)
