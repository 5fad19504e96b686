"""The syntax tree of a function that is at hand only as an object."""

from __future__ import annotations
import __future__

import ast
import copy
import functools
import linecache
import warnings
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from autograd_nn.program.refusals import NoSource


def label(function: Any) -> str:
    """A function by module and name, and a lambda by its line, as errors speak of it."""
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", None)
    module = getattr(function, "__module__", None)
    if not module or not name:
        return str(name or repr(function))
    nameless = isinstance(function, FunctionType) and function.__name__ == "<lambda>"
    line = f" (line {function.__code__.co_firstlineno})" if nameless else ""
    return f"{module}.{name}{line}"


def not_copied(function: Any, reason: str) -> NoSource:
    """The error that says why a function cannot be written into a program."""
    return NoSource(f"The function {label(function)} cannot be copied into a program: {reason}")


def syntax_tree(function: FunctionType) -> ast.FunctionDef:
    """A definition of the function, which the caller may change; its decorators are done.

    Raises       NoSource when there is no text, another one, or several that could be meant
    """
    tree = copy.deepcopy(_found(function))
    definition = ast.parse("def name(): pass").body[0]  # with all fields of this version of Python
    assert isinstance(definition, ast.FunctionDef)
    definition.args = tree.args
    definition.body = [ast.Return(tree.body)] if isinstance(tree, ast.Lambda) else tree.body
    return definition


@functools.lru_cache(maxsize=256)
def _found(function: FunctionType) -> ast.FunctionDef | ast.Lambda:
    """What stands in the file. The file is compiled again, and must be what the function runs."""
    code = function.__code__
    linecache.checkcache(code.co_filename)
    text = "".join(linecache.getlines(code.co_filename, function.__globals__))
    if not text:
        raise not_copied(
            function,
            f"its source is not kept ({code.co_filename}). Define it in a file or in a cell of a "
            "notebook.",
        )
    flags = code.co_flags & __future__.annotations.compiler_flag
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of Python came when the file was read first
        # The statements of a cell of a notebook are compiled one by one.
        is_same = any(code in _codes(text, flags, by_one) for by_one in (False, True))
        nodes = _beginning_at(code.co_firstlineno, ast.parse(text)) if is_same else []
    start = _start(code)
    nodes = [node for node in nodes if _begins_with(node, start)] or nodes
    if not nodes:
        raise not_copied(
            function,
            f"in {code.co_filename}, line {code.co_firstlineno}, stands something else than what "
            "it runs. Import the file anew if it was changed, or define the function in a file.",
        )
    if len({ast.dump(node) for node in nodes}) > 1:
        raise not_copied(
            function,
            f"line {code.co_firstlineno} of {code.co_filename} holds several that could be meant. "
            "Write each on a line of its own.",
        )
    return nodes[0]


@functools.lru_cache(maxsize=16)
def _codes(text: str, flags: int, one_by_one: bool) -> list[CodeType]:
    """All functions that a text compiles to."""
    try:
        tree = ast.parse(text)
        parts = [ast.Module([part], []) for part in tree.body] if one_by_one else [tree]
        whole = [compile(part, "<text>", "exec", flags, dont_inherit=True) for part in parts]
    except SyntaxError:
        return []
    return [code for part in whole for code in with_nested(part)]


def with_nested(code: CodeType) -> Iterator[CodeType]:
    """The code of a function, and of those inside it."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from with_nested(inner)


def _beginning_at(line: int, tree: ast.AST) -> list[ast.FunctionDef | ast.Lambda]:
    """The functions whose code begins in that line, for Python at the first decorator."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.Lambda)):
            decorators = getattr(node, "decorator_list", [])
            if line == min([node.lineno, *(decorator.lineno for decorator in decorators)]):
                found.append(node)
    return found


def _start(code: CodeType) -> tuple[int, int]:
    """Line and column where what a function runs begins; what has none stands for all of it."""
    places = [(line or 0, column or 0) for line, _, column, end in code.co_positions() if end]
    return min(places, default=(0, 0))


def _begins_with(node: ast.FunctionDef | ast.Lambda, start: tuple[int, int]) -> bool:
    """Whether this is the lambda, of those in one line, whose body begins there."""
    return isinstance(node, ast.Lambda) and (node.body.lineno, node.body.col_offset) == start
