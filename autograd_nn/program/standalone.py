"""A program in a file of its own, which needs NumPy only: its text, and what it is called with."""

from __future__ import annotations

import ast
import contextlib
import os
import pprint
import re
import sys
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograd_nn.engine.errors import ArgumentError
from autograd_nn.files import checked_path
from autograd_nn.names import snake_case
from autograd_nn.program.source.expressions import (
    INLINE,
    WIDTH,
    Heads,
    operand,
    signature,
)
from autograd_nn.program.source.functions import Head
from autograd_nn.program.source.literals import array_literal, literal, quoted, told
from autograd_nn.program.source.spelling import identifier
from autograd_nn.program.updating import ITERATION, LEARNING_RATE
from autograd_nn.program.values import Value

_LOADING = [
    'with np.load(__file__.rpartition(".")[0] + ".npz") as file:',
    "    kept = dict(file)",
]


@dataclass
class Content:
    """What a file is made of.

    ``text`` is the program, in which `step` takes the inputs and settings among ``names``; the rest
    is an argument of `make` where there is one, and of `step` otherwise.
    """

    text: str
    names: Mapping[Value, str]
    heads: Heads
    arrays: Mapping[Value, Any]  # the content of arguments, and of inputs a sample
    recorded: Any  # what the program was made of
    gradients: Sequence[str]  # of what, in the order in which they stand behind the loss
    planned: bool

    def __post_init__(self) -> None:
        self.optimizer = self.recorded.optimizer
        self.function = self.recorded.function
        self.inputs = [v for v in self.names if v.role == "input"]
        self.settings = [v for v in self.names if v.role == "setting"]
        self.arguments = [v for v in self.names if v.role not in ("input", "setting")]


def save(path: Any, content: Content) -> None:
    """Write the program, and large arrays into an archive of NumPy beside it.

    Raises       ArgumentError, ArgumentTypeError where the file cannot be written, or the archive
                 would take the place of one that is something else; NoSource where the program
                 calls a function of which there is no text
    """
    path = checked_path(path, "py")
    if path.stem in sys.modules and path.stem in {"numpy", *sys.stdlib_module_names}:
        raise ArgumentError(
            f"`path` is {str(path)!r}: NumPy would find this file where it looks for the module "
            f"{path.stem}. Take another name, such as 'step.py'."
        )
    for operation in content.heads.given.values():
        Head().copy(operation.value, "function")  # which says why there is no text of it
    for value, item in content.arrays.items():
        is_array = value.kind not in ("generator", "object")
        if value.kind == "object" or (is_array and np.asarray(item).dtype.kind not in "biufcSU"):
            raise ArgumentError(
                f"The program uses an object of type {type(item).__name__}, which no file of "
                "Python can hold as text. Give numbers, texts or arrays in its place."
            )
    archive = path.with_suffix(".npz")
    arrays = {
        name: np.asarray(content.arrays[value])
        for value, name in content.names.items()
        if value in content.arrays and value.kind != "generator"
    }
    kept = arrays if any(array.size > INLINE for array in arrays.values()) else {}
    if kept and archive.exists() and not _is_ours(path):
        raise ArgumentError(
            f"`path` is {str(path)!r}, and {archive.name!r}, in which its arrays would be kept, "
            "is there already and belongs to something else. Take another name."
        )
    text = "\n".join(_lines(content, path, bool(kept))) + "\n"
    files: dict[Path, Callable[[Any], Any]] = {path: lambda file: file.write(text.encode())}
    if kept:
        files[archive] = lambda file: np.savez(file, **kept)  # type: ignore[arg-type]
    _put(files)


def _is_ours(path: Path) -> bool:
    """Whether a saved program stands there."""
    try:
        return _LOADING[0] in path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return False


def _put(files: Mapping[Path, Callable[[Any], Any]]) -> None:
    """All of the files or none: what stood there stays until the new ones are complete."""
    parts = {path: path.with_name(f".{path.name}.part") for path in files}
    path = next(iter(files))
    try:
        for path, write in files.items():
            with parts[path].open("wb") as file:
                write(file)
        for path, part in parts.items():
            os.replace(part, path)
    except OSError as error:
        raise ArgumentError(f"{str(path)!r} cannot be written: {error.strerror}.") from error
    finally:
        for part in parts.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


# ---------------------------------------------------------------------- the text


def _lines(content: Content, path: Path, with_archive: bool) -> list[str]:
    title, body = _parts(content.text)
    names = content.names
    rate = _rate(content)
    lines = [f'"""{title}', "", *_manual(content, rate, path, with_archive), '"""', "", body[0], ""]
    lines += _LOADING if with_archive else []
    values = {v: _origin(v, content, with_archive) for v in content.arguments}
    if not content.planned:
        lines += [f"{names[v]} = {text}" for v, text in values.items() if v.kind != "generator"]
    lines += _generators(content)
    lines += [f"{rate.iteration} = {content.optimizer.iterations}"] if rate.iteration else []
    program = [*rate.head, *_with_defaults("\n".join(body[1:]).strip(), content, rate)]
    lines += ["", ""] if program[0].startswith("def ") and lines[-1] else [""]
    lines += program
    if content.planned:
        call = signature("step = make", [f"{names[v]}={text}" for v, text in values.items()])
        lines += ["", "", *call]
    return [*lines, *_running(content, rate, with_archive, lines)]


def _parts(text: str) -> tuple[str, list[str]]:
    """The first sentence of a program's docstring, and the lines from its import on."""
    lines = text.rstrip("\n").split("\n")
    start = lines.index("import numpy as np")
    return lines[0].removeprefix('"""').removesuffix('"""'), lines[start:]


@dataclass
class _Rate:
    """How `step` comes by the learning rate, and by the number of its call."""

    told: str = ""
    argument: str | None = None  # as it stands in the head of `step`
    iteration: str | None = None  # the name of what counts the calls, where that is needed
    head: Sequence[str] = ()  # what stands before the program
    lines: Sequence[str] = ()  # what `step` begins with
    # Where the argument must be given: what the steps of a file that is run are given.
    first: Sequence[float] = ()


def _rate(content: Content) -> _Rate:
    """A default, a formula that the file holds, or an argument that must be given."""
    names = {value.name: content.names[value] for value in content.settings}
    iteration = names.get(ITERATION)
    counting = [f"global {iteration}", f"{iteration} += 1"] if iteration else []
    optimizer = content.optimizer
    if LEARNING_RATE not in names:
        return _Rate("A step moves the parameters in place.", None, iteration, lines=counting)
    name, schedule = names[LEARNING_RATE], optimizer._schedule
    told = "A step moves the parameters in place, by the learning rate that"
    if schedule is None:
        given = f"{name}={literal(float(optimizer.learning_rate))}"
        return _Rate(f"{told} it is given.", given, iteration, lines=counting)
    own = type(schedule).__name__
    known = {} if schedule._formula is None else schedule._arguments()
    if schedule._formula is None or not all(map(_is_written, known.values())):
        told = f"{told} it is given: {own}, which made it, is not in this file."
        steps = range(optimizer.iterations, optimizer.iterations + 10)
        first = [float(schedule(step)) for step in steps]
        return _Rate(told, name, iteration, lines=counting, first=first)
    taken = set(re.findall(r"\w+", content.text))
    iteration = iteration or identifier(ITERATION, taken)
    head = Head({*taken, iteration})
    called = head.copy(type(schedule)._formula, snake_case(own))
    arguments = [f"{key}={operand(value, {})}" for key, value in known.items()]
    return _Rate(
        f"{told} {called} gives for it.",
        None,
        iteration,
        [line for text in head.texts for line in [*text.splitlines(), "", ""]],
        [
            f"global {iteration}",
            *signature(f"{name} = {called}", [iteration, *arguments]),
            f"{iteration} += 1",
        ],
    )


def _is_written(item: Any) -> bool:
    return literal(item) is not None or (isinstance(item, list) and all(map(_is_written, item)))


def _given(content: Content, rate: _Rate) -> str:
    """What `step` must be called with."""
    given = [content.names[value] for value in content.inputs]
    return ", ".join([*given, str(rate.argument)] if rate.first else given)


def _manual(content: Content, rate: _Rate, path: Path, with_archive: bool) -> list[str]:
    text = f"`python {path.name}` runs it, "
    if path.stem.isidentifier():
        text += f"`from {path.stem} import step` takes it into a program: "
    text += f"step({_given(content, rate)}) gives {_gives(content)}"
    text += f". Its arrays are in {path.stem}.npz." if with_archive else "."
    if content.optimizer is not None:
        text += f" {rate.told}"
    elif content.planned:
        text += " The next call writes into the same memory."
    return textwrap.wrap(told(text), WIDTH - 4, break_long_words=False, break_on_hyphens=False)


def _gives(content: Content) -> str:
    """What `step` returns, in words."""
    if content.function is not None:
        return f"what {content.function} gives"
    if content.optimizer is not None or not content.gradients:
        return "the loss"
    of = ", ".join(content.gradients)
    if content.planned:
        return f"the loss, then the gradient of {of}"
    return f"the loss and the gradients of {of}"


def _with_defaults(text: str, content: Content, rate: _Rate) -> list[str]:
    """The program's lines, `step` with its own settings and without what the file loads."""
    names = content.names
    inputs, settings = ([names[v] for v in part] for part in (content.inputs, content.settings))
    own = [] if content.planned else [names[v] for v in content.arguments]
    space = "    " if content.planned else ""
    before = [f"{space}{line}" for line in signature("def step", [*inputs, *settings, *own])]
    kept = [rate.argument] if rate.argument else []
    after = [f"{space}{line}" for line in signature("def step", [*inputs, *kept])]
    after[-1] += ":"
    after += [f"{space}    {line}" for line in rate.lines]
    # The last one: a function that is copied may have one of its own inside.
    head, _, body = text.rpartition("\n".join(before) + ":")
    return (head + "\n".join(after) + body).split("\n")


def _origin(value: Value, content: Content, with_archive: bool) -> str:
    """Where the file has the content of a value from."""
    name = content.names[value]
    if value.kind == "generator":
        return name
    if value not in content.arrays:  # memory
        size = value.size if len(value.shape) == 1 else value.shape
        return f"np.empty({size}, np.{value.dtype.name})"
    text = f'kept["{name}"]' if with_archive else array_literal(np.asarray(content.arrays[value]))
    return f"{text}[()]" if value.kind in ("scalar", "number") else text


def _generators(content: Content) -> list[str]:
    lines: list[str] = []
    for value in content.arguments:
        if value.kind != "generator":
            continue
        source = content.arrays[value].bit_generator
        kind, name = type(source).__name__, content.names[value]
        is_numpys = getattr(np.random, kind, None) is type(source)
        if not is_numpys or any(isinstance(x, np.ndarray) for x in source.state["state"].values()):
            raise ArgumentError(
                f"A program that draws numbers from {kind} cannot be saved. Use "
                "np.random.default_rng(seed), whose state is two numbers."
            )
        state = pprint.pformat(source.state, width=96, sort_dicts=False)
        lines += [f"{name} = np.random.Generator(np.random.{kind}())"]
        lines += f"{name}.bit_generator.state = {state}".split("\n")
    return lines


def _running(
    content: Content, rate: _Rate, with_archive: bool, program: Sequence[str]
) -> list[str]:
    """What a file does that is run, after the lines of its program."""
    names, given = content.names, _given(content, rate)
    taken = _bound("\n".join(program)) | {names[v] for v in content.inputs}
    loss, found, name, gradient, of = (
        identifier(word, taken) for word in ("loss", "found", "name", "gradient", "names")
    )
    lines = ["", "", 'if __name__ == "__main__":']
    lines += [f"    {names[v]} = {_origin(v, content, with_archive)}" for v in content.inputs]
    if content.optimizer is not None:
        turns = ["    for _ in range(10)"]
        if rate.first:
            turns = signature(f"    for {rate.argument} in ", [*map(repr, rate.first)], 92, "[]")
        turns[-1] += ":"
        lines += [*turns, f"        {loss} = step({given})"]
        return [*lines, f'        print(f"loss {{{loss}:.6f}}")']
    if not content.gradients:
        return [*lines, f"    print(step({given}))"]
    rest = f"*{found}" if content.planned else found
    lines += [f"    {loss}, {rest} = step({given})", f'    print(f"loss {{{loss}:.6f}}")']
    # Half of a character, which no file and no terminal takes, is shown by its number.
    names_of = [text.encode("utf-8", "backslashreplace").decode() for text in content.gradients]
    shown = [quoted(text) for text in names_of]
    lines += signature(f"    {of} = ", shown, brackets="[]")
    norm = f"{{np.linalg.norm({gradient}):.6f}}"
    return [
        *lines,
        f"    for {name}, {gradient} in zip({of}, {found}):",
        f"        if {gradient} is not None:",
        f'            print(f"gradient of {{{name}}}: norm {norm}")',
    ]


def _bound(text: str) -> set[str]:
    """The names that a text binds for all of its functions."""
    found: set[str] = set()
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {
                part.id
                for target in node.targets
                for part in ast.walk(target)
                if isinstance(part, ast.Name)
            }
    return found
