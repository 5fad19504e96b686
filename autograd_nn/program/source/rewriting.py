"""The text of one function under another name, with other names in it, and without annotations."""

from __future__ import annotations

import ast
import copy
import dis
import itertools
import re
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType
from typing import Any

from autograd_nn.program.refusals import NoSource
from autograd_nn.program.source.syntax_trees import found, label

_NOTES_FOR_TOOLS = re.compile(r"[ \t]*# *(type: ignore|noqa|pragma:|fmt:)[^\n]*")


_read: dict[tuple[str, CodeType], Source] = {}


def source_of(function: FunctionType) -> Source:
    """What a function says. It is read once: reading and comparing takes some milliseconds."""
    key = (function.__code__.co_filename, function.__code__)
    if key not in _read:
        _read[key] = Source(function)
    return _read[key]


_UP_TO_COLON = re.compile(r"(?:[^#:]|#[^\n]*)*:")


class Source:
    """A function's tree without annotations and decorators, and what may be replaced in it.

    The decorators have done their work: the object at hand is what they made of the function.

    ``inside`` are the names that it binds; ``names`` are the places where a name from outside is
    read, with the attributes asked of it.
    """

    def __init__(self, function: FunctionType) -> None:
        tree, self._lines = found(function)
        self._written_as = tree
        self._edits: list[tuple[int, int, str]] = []
        self._starts = [0, *itertools.accumulate(len(line) for line in self._lines)]
        self.node = self._without_annotations(tree)
        _check(function, self.node)
        try:
            code = _code_of(self.node)
        except SyntaxError as error:  # a nonlocal is possible inside of another function only
            raise changes_outside(function) from error
        outside: set[str] = set()
        self.inside: set[str] = set()
        for part in _with_nested(code):
            self.inside.update(part.co_varnames, part.co_cellvars)
            for instruction in dis.get_instructions(part):
                if instruction.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
                    raise changes_outside(function)
                if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                    outside.add(instruction.argval)
        self.names = _places(self.node, outside)
        self._texts: dict[Any, str] = {}

    def written(
        self,
        name: str,
        replaced: list[tuple[ast.expr, str]],
        defaults: list[str],
        keyword_defaults: dict[str, str],
    ) -> str:
        """The definition, with texts in the place of nodes and with these default values.

        The text that stands in the file is kept, with its comments, wherever that can be shown to
        say the same; otherwise Python writes it out.
        """
        edits = [*self._edits, *((*self._span(place), text) for place, text in replaced)]
        key = (name, *edits, *defaults, *keyword_defaults.items())
        if key not in self._texts:
            node = self._changed(name, replaced, defaults, keyword_defaults)
            kept = self._kept(node, edits)
            try:
                same = [ast.dump(part) for part in ast.parse(kept).body] == [ast.dump(node)]
            except SyntaxError:
                same = False
            self._texts[key] = kept if same else ast.unparse(node)
        return self._texts[key]

    def _changed(
        self,
        name: str,
        replaced: list[tuple[ast.expr, str]],
        defaults: list[str],
        keyword_defaults: dict[str, str],
    ) -> ast.FunctionDef:
        """A copy of the tree that says what the program shall say."""
        texts = {id(place): text for place, text in replaced}
        node: ast.FunctionDef = _rebuilt(self.node, texts)
        node.name = name
        node.args.defaults = _expressions(defaults)
        node.args.kw_defaults = _expressions(
            keyword_defaults.get(arg.arg) for arg in node.args.kwonlyargs
        )
        return node

    def _kept(self, node: ast.FunctionDef, edits: list[tuple[int, int, str]]) -> str:
        """A new head, and the body as it stands in the file."""
        empty = _function(node.args, [ast.Pass()])
        empty.name = node.name
        head = ast.unparse(empty).removesuffix("\n    pass")
        tree = self._written_as
        if isinstance(tree, ast.Lambda):
            body = self._edited(*self._span(tree.body), edits)
            return f"{head}\n    return {body}"
        end = self._starts[tree.end_lineno or tree.lineno]
        body = _NOTES_FOR_TOOLS.sub("", self._edited(self._colon(tree), end, edits))
        indent = " " * tree.col_offset
        lines = (line.removeprefix(indent) for line in body.splitlines(keepends=True))
        return (head + "".join(lines)).rstrip()

    def _edited(self, start: int, end: int, edits: list[tuple[int, int, str]]) -> str:
        text = "".join(self._lines)
        for first, last, new in sorted(edits, reverse=True):
            if start <= first and last <= end:
                text = text[:first] + new + text[last:]
                end += len(new) - (last - first)
        return text[start:end]

    def _colon(self, tree: ast.FunctionDef) -> int:
        """The place behind the colon that ends the head: the first one behind its last part."""
        args = tree.args
        parts: list[ast.arg | ast.expr | None] = [*args.posonlyargs, *args.args, *args.kwonlyargs]
        parts += [args.vararg, args.kwarg, *args.defaults, *args.kw_defaults, tree.returns]
        ends = [self._span(part)[1] for part in parts if part is not None]
        start = max([self._place(tree.lineno, tree.col_offset), *ends])
        rest = _UP_TO_COLON.match("".join(self._lines), start)
        return rest.end() if rest else start

    def _place(self, line: int, column: int) -> int:
        """Where in the text: a tree counts columns in bytes."""
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())

    def _span(self, node: ast.expr | ast.stmt | ast.arg) -> tuple[int, int]:
        assert node.end_lineno is not None and node.end_col_offset is not None
        return (
            self._place(node.lineno, node.col_offset),
            self._place(node.end_lineno, node.end_col_offset),
        )

    def _without_annotations(self, tree: ast.FunctionDef | ast.Lambda) -> ast.FunctionDef:
        for node in ast.walk(tree):
            if isinstance(node, ast.AnnAssign) and node.value is not None:
                self._edits.append((self._span(node.target)[1], self._span(node.annotation)[1], ""))
            elif isinstance(node, ast.AnnAssign):
                self._edits.append((*self._span(node), "pass"))
        if isinstance(tree, ast.Lambda):
            whole = ast.copy_location(ast.Return(tree.body), tree.body)
            function = _function(tree.args, [whole])
        else:
            function = _function(tree.args, tree.body)
        bare: ast.FunctionDef = _rebuilt(function, {})
        return bare


def _function(args: ast.arguments, body: list[ast.stmt]) -> ast.FunctionDef:
    """A function without a name; parsing fills in the fields that only some versions know."""
    function = ast.parse("def name(): pass").body[0]
    assert isinstance(function, ast.FunctionDef)
    function.args, function.body = args, body
    return function


def _rebuilt(part: Any, texts: dict[int, str]) -> Any:
    """A copy of a tree without annotations, and with expressions given as text for some nodes."""
    if isinstance(part, list):
        return [_rebuilt(inner, texts) for inner in part]
    if not isinstance(part, ast.AST) or not part._fields:
        return part
    if id(part) in texts:
        return ast.parse(texts[id(part)], mode="eval").body
    fields = {
        name: _rebuilt(inner, texts)
        for name, inner in vars(part).items()
        if name not in ("annotation", "returns")
    }
    if not isinstance(part, ast.AnnAssign):
        return type(part)(**fields)
    if part.value is None:
        return ast.copy_location(ast.Pass(), part)
    return ast.copy_location(ast.Assign([fields["target"]], fields["value"]), part)


def _places(
    function: ast.FunctionDef, names: set[str]
) -> list[tuple[ast.Name, list[ast.Attribute]]]:
    above: dict[int, ast.AST] = {}
    found_at: list[ast.Name] = []
    waiting: list[ast.AST] = [*function.body]
    for node in waiting:
        if isinstance(node, ast.Name) and node.id in names:
            found_at.append(node)
        children = list(ast.iter_child_nodes(node))
        above |= {id(child): node for child in children}
        waiting += children
    places = []
    for name in found_at:
        attributes: list[ast.Attribute] = []
        parent = above[id(name)]
        while isinstance(parent, ast.Attribute):
            attributes.append(parent)
            parent = above[id(parent)]
        places.append((name, attributes))
    return sorted(places, key=lambda place: (place[0].lineno, place[0].col_offset))


def _expressions(texts: Iterable[str | None]) -> list[Any]:
    return [None if text is None else ast.parse(text, mode="eval").body for text in texts]


def _code_of(node: ast.FunctionDef) -> CodeType:
    """The code of the function alone: what it closes over is read as a global."""
    args = copy.copy(node.args)
    args.defaults, args.kw_defaults = [], [None] * len(args.kwonlyargs)
    bare = ast.parse("")
    bare.body = [_function(args, node.body)]
    module = compile(bare, "<function>", "exec", dont_inherit=True)
    (code,) = (c for c in module.co_consts if isinstance(c, CodeType))
    return code


def _with_nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _with_nested(inner)


def _check(function: FunctionType, node: ast.FunctionDef) -> None:
    """Refuse what would not mean the same in a program that imports NumPy only."""
    for part in ast.walk(node):
        if isinstance(part, (ast.Import, ast.ImportFrom)):
            raise NoSource(
                f"The function {label(function)} cannot be copied into a program: it imports "
                f"(`{ast.unparse(part)}`). Import at the head of its module: what it uses of NumPy "
                "or of own functions is then found there."
            )
        if isinstance(part, ast.ClassDef):
            raise NoSource(
                f"The function {label(function)} cannot be copied into a program: it defines the "
                f"class {part.name!r}. Write it with functions only."
            )


def changes_outside(function: FunctionType) -> NoSource:
    return NoSource(
        f"The function {label(function)} cannot be copied into a program: it changes a variable "
        "outside of itself (`global` or `nonlocal`). Return the new value instead."
    )
